/* Which exchanges are wanted: the language of the filter line.
 *
 *   status>=400 status:3xx method:POST path~^/docs/ ext:css client:10.0.0.
 *   ua~Firefox size>1M time>100ms conn:41 header:Range why:etag mark
 *   header:Range:bytes header:User-Agent~^curl
 *   !x    x y (both)    x | y    (x y) | z    word    "quoted text"
 *
 * A bare word, or a quoted text, means: the target contains it.  Of texts, ':'
 * means contains, '=' equals, '~' matches a regular expression (as Perl's:
 * pcre2pattern(3)); "!=" and "!~" the opposite.  Upper and lower case are told
 * apart only when what is looked for has an upper case letter.  A value ends at
 * a blank, at '|' or ')' unless that stands within parentheses of its own; in
 * quotes, \" is a quote and any other backslash stays.
 *
 * A column's name is a key too where one means the same.  What other languages
 * say (and, or, not, &&) is refused with what this one says, unless it stands
 * in quotes.
 *
 * What is not known of an exchange meets no term, so `!size>1M` is true of an
 * exchange of unknown size.
 *
 * A filter is compiled once.  Matching neither locks nor allocates (regular
 * expressions apart); it is done by one thread at a time. */
#ifndef UI_FILTER_H
#define UI_FILTER_H

#include "http/reason.h"
#include "watch/facts.h"

#define FILTER_TEXT  512  /* bytes of a filter */
#define FILTER_TERMS 64	  /* terms in it */
#define FILTER_DEPTH 32	  /* parentheses and negations within each other */
#define FILTER_REGEX 128  /* bytes of a regular expression */
#define FILTER_INPUT 1024 /* bytes of a text that one looks at */

/* What terms ask for. */
enum filter_fact {
	FILTER_STATUS = 1 << 0,
	FILTER_SIZE = 1 << 1,
	FILTER_TIME = 1 << 2,
	FILTER_FIRST = 1 << 3,
	FILTER_CONN = 1 << 4,
	FILTER_NUMBER = 1 << 5,
	FILTER_VERSION = 1 << 6,
	FILTER_MARK = 1 << 7,
	FILTER_PEER = 1 << 8,
	FILTER_TRAIL = 1 << 9,
	FILTER_CLOSE = 1 << 10,
	FILTER_METHOD = 1 << 11,
	FILTER_TARGET = 1 << 12,
	/* costly: to be formatted, or copied from the journal */
	FILTER_CLIENT_TEXT = 1 << 13,
	FILTER_WHY_TEXT = 1 << 14,
	FILTER_CLOSE_TEXT = 1 << 15,
	FILTER_HOST = 1 << 16,
	FILTER_REFERER = 1 << 17,
	FILTER_AGENT = 1 << 18,
	FILTER_REQUEST = 1 << 19,
	FILTER_RESPONSE = 1 << 20,
};
#define FILTER_COSTLY                                                          \
	(FILTER_CLIENT_TEXT | FILTER_WHY_TEXT | FILTER_CLOSE_TEXT |            \
	    FILTER_HOST | FILTER_REFERER | FILTER_AGENT | FILTER_REQUEST |     \
	    FILTER_RESPONSE)

/* An exchange, live or from a recording, as a filter looks at it.  `filled` are
 * the facts that were looked up, `known` those of them that there are; members
 * of others are not read.  When a term comes to a fact that is not filled,
 * `fill` is called with it (NULL: it is not known); it sets members, `filled`
 * and `known`, and may do so for more facts than asked.  Bytes belong to the
 * caller, and may be raw. */
struct filter_subject {
	uint32_t filled;
	uint32_t known;
	void (*fill)(struct filter_subject *s, uint32_t facts);
	void *owner; /* for fill */
	const struct journal_entry
	    *entry; /* see filter_subject_entry, or NULL */

	uint16_t status; /* 0: there was no answer */
	uint16_t close;	 /* enum close_reason */
	uint8_t major;
	uint8_t minor;
	bool marked;
	uint32_t number;  /* of the exchange on its connection */
	uint64_t conn;	  /* its connection */
	uint64_t size;	  /* content bytes sent */
	int64_t time_ns;  /* first byte of the request to the last sent */
	int64_t first_ns; /* to the first sent; 0 counts as not known */
	const struct peer *peer;
	const struct trail *trail;
	struct span method;
	struct span target; /* path and query */
	struct span client; /* the address without port, or a host's name */
	struct span why;    /* the sentence or the short text */
	struct span closed; /* label or text */
	struct span host;
	struct span referer;
	struct span agent;
	struct span request; /* head, as it travelled */
	struct span response;
};

/* Where and why a text is no filter. */
struct filter_error {
	size_t at;	/* byte offset in the text, up to its length */
	size_t n;	/* bytes that are meant, 0 at the end */
	char text[160]; /* what would be right; printable */
};

struct filter;

/* NULL when the text is no filter, or memory is short: *err then says so.  An
 * empty text is a filter that everything meets.  The text is copied. */
struct filter *filter_compile(struct span text, struct filter_error *err);
void filter_free(struct filter *f); /* NULL is allowed */

/* Facts that matching may ask for (enum filter_fact). */
uint32_t filter_needs(const struct filter *f);

bool filter_match(struct filter *f, struct filter_subject *s);

/* Texts that a regular expression gave up as they took too many steps; they
 * counted as not matched. */
uint64_t filter_given_up(const struct filter *f);

/* Fill all that is not costly from an entry of the journal, which stays where
 * it is while the subject is matched; `fill` and `owner` are kept.  The target
 * is the one that lists show, cut at JOURNAL_TARGET. */
void filter_subject_entry(
    struct filter_subject *s, const struct journal_entry *e, bool marked);

/* Fill everything from a copy with its heads, as recordings give; it stays
 * where it is while the subject is matched. */
void filter_subject_copy(
    struct filter_subject *s, const struct exchange_copy *x, bool marked);

/* The keys, for completion and help: "status", and what it takes.  NULL after
 * the last; *help may be asked for or not. */
const char *filter_key(unsigned i, const char **help);

/* The same of the signs between key and value: ">=", "at least". */
const char *filter_sign(unsigned i, const char **help);

#endif
