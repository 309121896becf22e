/* Which exchanges the list of requests shows, and in which order: all as they
 * came, those that meet a filter, or sorted by a column.
 *
 * Places in the list are numbers that stay with their exchange while others
 * come and go, unless it is sorted.  Looking through a long history is done in
 * stretches of some milliseconds, from the newest backwards, so that the
 * screen has its answer before all is looked through; and what is sorted comes
 * to be in order where it is looked at (ui/order.h). */
#ifndef UI_PICK_H
#define UI_PICK_H

#include "base/clock.h"
#include "watch/journal.h"

/* How long one call looks: a key never waits for more. */
#define PICK_STRETCH (20 * NS_PER_MS)

/* What one is sorted by: a number, or the beginning of a text. */
struct pick_key {
	uint64_t k[3];
};

struct pick_rule {
	/* NULL: all are wanted */
	bool (*wanted)(void *ctx, const struct journal_view *v);
	/* NULL: as they came */
	void (*key)(
	    void *ctx, const struct journal_view *v, struct pick_key *out);
	void *ctx;
	bool falling; /* the greatest first */
};

struct pick;

/* NULL when memory is short. */
struct pick *pick_new(void);
void pick_free(struct pick *p);

/* Begin anew by another rule. */
void pick_by(struct pick *p, const struct pick_rule *rule);

/* Bring it up to date for the exchanges `first` to `last` (0: none).  Returns
 * whether there is more to look through. */
bool pick_update(struct pick *p, struct journal *j, uint64_t first,
    uint64_t last, int64_t mono);

/* The places there are; both 0 when it is empty. */
void pick_range(const struct pick *p, uint64_t *first, uint64_t *last);

/* The exchange at a place (which is put in order there), 0 when there is none.
 */
uint64_t pick_seq(struct pick *p, uint64_t place);

/* The place of an exchange, or of the next one that there is; 0 when empty. */
uint64_t pick_place(struct pick *p, uint64_t seq);

bool pick_sorted(const struct pick *p);

/* Whether not all are shown, or not as they came. */
bool pick_plain(const struct pick *p);

/* Permille of what there is that has been looked through; bytes held. */
unsigned pick_done(const struct pick *p);
size_t pick_memory(const struct pick *p);

/* A text's key: texts that begin alike for 24 bytes are equal. */
void pick_key_text(struct pick_key *key, const char *text);

#endif
