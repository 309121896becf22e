/* The inside of a filter, for its own files only: ui/filter_parse.c makes it,
 * ui/filter_term.c its terms, ui/filter.c follows it. */
#ifndef UI_FILTER_PARTS_H
#define UI_FILTER_PARTS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "ui/filter.h"
#include "watch/conn_state.h"

#define FILTER_REGEXES 8

/* Where a term goes on to when it is not another term. */
#define FILTER_YES 254
#define FILTER_NO  255

_Static_assert(FILTER_TERMS < FILTER_YES, "a place is one byte");

enum term_kind {
	TERM_RANGE,  /* a number from low to high */
	TERM_TEXT,   /* contains */
	TERM_EQUALS, /* the whole text */
	TERM_BEGINS,
	TERM_REGEX,
	TERM_EXT,
	TERM_ADDRESS, /* the first bits of the client's address */
	TERM_WHY,     /* the reason that explains the status is in a set */
	TERM_TRAIL,   /* any reason is */
	TERM_CLOSED,  /* why the connection was closed is in a set */
	TERM_FIELD,   /* a head has a field, whose value contains a text */
	TERM_FIELD_REGEX,
	TERM_MARK,
};

/* Texts and numbers that terms look at. */
enum term_of {
	OF_STATUS,
	OF_SIZE,
	OF_TIME,
	OF_FIRST,
	OF_CONN,
	OF_NUMBER,
	OF_VERSION,
	OF_METHOD,
	OF_TARGET,
	OF_PATH,
	OF_QUERY,
	OF_HOST,
	OF_REFERER,
	OF_AGENT,
	OF_CLIENT,
	OF_WHY,
	OF_CLOSED,
	OF_TYPE, /* Content-Type of the answer */
	OF_REQUEST,
	OF_RESPONSE,
	OF_MARK,
	OF_EXT,
	OF_TRAIL,
};

#define SET_WORDS ((REASON_N + 63) / 64)
_Static_assert((int)CLOSE_N <= (int)REASON_N, "the larger of the two sets");

struct filter_term {
	uint8_t kind; /* enum term_kind */
	uint8_t of;   /* enum term_of */
	bool nocase;  /* text is in lower case */
	uint8_t yes;  /* next term, or FILTER_YES, FILTER_NO */
	uint8_t no;
	uint8_t regex;
	uint8_t bits; /* of addr */
	uint8_t family;
	uint32_t needs;	  /* enum filter_fact, one */
	uint32_t instead; /* a text that will do; 0: none */
	struct span text; /* in the filter's own bytes */
	struct span name; /* of a field, likewise */
	union {
		struct {
			uint64_t low;
			uint64_t high;
		};
		uint64_t set[SET_WORDS];
		uint8_t addr[16];
	};
};

/* What is known of the texts that meet an expression: see
 * ui/filter_literal.c. */
struct filter_literal {
	bool whole;  /* all: they are `text`, with anything for each NUL */
	bool begins; /* with it */
	bool ends;
	bool nocase;
	size_t n; /* else: they contain `text`, when it is not empty */
	char text[FILTER_REGEX];
};

enum filter_verdict { FILTER_MISSES, FILTER_MEETS, FILTER_UNSURE };

struct filter {
	uint32_t magic;
	uint32_t needs;
	uint8_t start; /* first term, FILTER_YES or FILTER_NO */
	uint8_t n;
	uint8_t regexes;
	pcre2_code *regex[FILTER_REGEXES];
	pcre2_match_data *match; /* NULL without expressions */
	pcre2_match_context *bounds;
	uint64_t given_up; /* texts that an expression gave up */
	struct filter_literal literal[FILTER_REGEXES];
	struct buf store; /* over text */
	struct filter_term term[FILTER_TERMS];
	char text[2 * FILTER_TEXT + 64];
};

#define FILTER_MAGIC 0x464c5452u

/* What is said of a key. */
struct filter_key {
	const char *name;
	const char *help;
	uint8_t of;
	uint8_t form; /* enum key_form */
	uint32_t needs;
};

enum key_form {
	FORM_STATUS,
	FORM_SIZE,
	FORM_TIME,
	FORM_COUNT,
	FORM_VERSION,
	FORM_TEXT,
	FORM_METHOD,
	FORM_EXT,
	FORM_CLIENT,
	FORM_REASON,
	FORM_FIELD,
	FORM_MARK,
};

enum filter_op {
	OP_IS,	   /* : */
	OP_EQUAL,  /* = */
	OP_LIKE,   /* ~ */
	OP_LESS,   /* < */
	OP_MOST,   /* <= */
	OP_MORE,   /* > */
	OP_LEAST,  /* >= */
	OP_DIFFER, /* != */
	OP_UNLIKE, /* !~ */
};

bool filter_is_blank(char c);

/* The operator that s begins with; its length, 0 when there is none. */
size_t filter_operator(struct span s, enum filter_op *op);

/* The letters that s begins with. */
size_t filter_name_length(struct span s);

/* Append the word or quoted text at *at, which moves on behind it; false when
 * a quote does not end. */
bool filter_take_text(struct span s, size_t *at, struct buf *out);

/* The number that `s` stands for, low and high the same, or a class of them. */
bool filter_take_value(
    const struct filter_key *key, struct span s, uint64_t *low, uint64_t *high);

/* "10.0.0." (whole octets), "192.0.2.0/24", "::1" into the term. */
bool filter_take_address(struct filter_term *t, struct span s);

/* The key of that name, NULL when there is none. */
const struct filter_key *filter_key_find(struct span name);

/* The key that was meant, NULL when none is near. */
const char *filter_key_near(struct span name);

/* Make a term of one value ("!=" and "!~" come as their opposites).  False:
 * `why` says what would be right. */
bool filter_term_make(struct filter *f, struct filter_term *t,
    const struct filter_key *key, enum filter_op op, struct span value,
    struct buf *why);

/* The term of a bare word. */
bool filter_term_word(
    struct filter *f, struct filter_term *t, struct span word, struct buf *why);

/* Where `part` is in `s` first, anything above s.n when it is not; in lower
 * case already for `nocase`.  Whether two are the same. */
size_t filter_search(struct span s, struct span part, bool nocase);
bool filter_same(struct span s, struct span part, bool nocase);

/* Of an expression that pcre2_compile(3) took, at most FILTER_REGEX bytes. */
void filter_literal_make(
    struct filter_literal *l, struct span pattern, bool nocase);
enum filter_verdict filter_literal_look(
    const struct filter_literal *l, struct span text);

/* Compile an expression and remember its place in t->regex; false: `why` says
 * what would be right.  A text that takes too many steps is not matched, and
 * counted. */
bool filter_regex_make(struct filter *f, struct filter_term *t,
    struct span pattern, struct buf *why);
void filter_regex_free(struct filter *f);
bool filter_regex_match(
    struct filter *f, const struct filter_term *t, struct span text);

#endif
