#include "ui/notify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ui/filtering.h"

/* Exchanges looked at in one go, and the time for it. */
#define NOTIFY_MOST    20000
#define NOTIFY_STRETCH (20 * NS_PER_MS)

struct notify {
	struct filter *filter;
	uint64_t seen;
	unsigned met;
	int64_t until;
	struct journal_entry last;
	char text[FILTER_TEXT + 1];
};

struct notify *
notify_new(const char *text, uint64_t seen, struct filter_error *err)
{
	struct notify *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->filter = filter_compile(span_str(text), err);
	if (n->filter == NULL) {
		free(n);
		return NULL;
	}
	n->seen = seen;
	(void)snprintf(n->text, sizeof n->text, "%s", text);
	return n;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	filter_free(n->filter);
	free(n);
}

static bool
look(void *ctx, const struct journal_view *v)
{
	struct notify *n = ctx;

	n->seen = v->entry->seq;
	if (filtering_match(n->filter, v, false)) {
		n->met++;
		n->last = *v->entry;
	}
	return clock_mono() < n->until;
}

unsigned
notify_take(struct notify *n, struct journal *j, struct journal_entry *out)
{
	n->met = 0;
	n->until = clock_mono() + NOTIFY_STRETCH;
	(void)journal_scan(j, n->seen + 1, NOTIFY_MOST, look, n);
	*out = n->last;
	return n->met;
}

const char *
notify_text(const struct notify *n)
{
	return n->text;
}
