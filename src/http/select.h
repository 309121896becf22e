/* Which representation of a file is sent: proactive negotiation of the content
 * coding (RFC 9110 12.1, 12.5.3). */
#ifndef HTTP_SELECT_H
#define HTTP_SELECT_H

#include "base/buf.h"
#include "http/coding.h"

/* How the file can be had in a coding. */
enum variant_state {
	VARIANT_NONE,
	VARIANT_OLDER,	 /* a file beside it, of an older state of the file */
	VARIANT_USELESS, /* coded by the server it would not be smaller */
	VARIANT_SIBLING, /* a file beside it, coded beforehand */
	VARIANT_MADE,	 /* coded by the server, from the file as it is now */
	VARIANT_PENDING, /* the server would code it; it has not yet */
};

struct variant {
	uint8_t state;
	uint64_t size;	  /* bytes; not of PENDING */
	int64_t mtime_ns; /* of a sibling, ns since 1970 */
	uint8_t level;	  /* MADE and PENDING: other levels, other bytes */
};

/* One of them, with what its validators are made of. */
struct representation {
	enum coding coding;
	uint64_t size;	   /* bytes of its content */
	uint64_t tag_size; /* bytes of the file that the tag tells of */
	int64_t mtime_ns;  /* ns since 1970 */
	uint8_t level;	   /* of what the server codes, else 0 */
};

/* What can be chosen from. */
struct selection {
	uint64_t size; /* of the file itself */
	int64_t mtime_ns;
	const struct variant *variant; /* [CODING_N]; [IDENTITY] is unused */
	const uint8_t *order;	       /* codings, the server's choice first */
	unsigned order_n;
};

enum select_result {
	SELECT_OK,
	SELECT_WAIT, /* the one coding that the client takes is to be made */
	SELECT_NONE, /* it takes none of them: 406 */
};

struct selected {
	struct representation rep;
	enum select_result result;
	bool wanted;	     /* the server should code the file now (PENDING) */
	bool held;	     /* chosen because the client names its tag */
	uint16_t q, rival_q; /* thousandths, of the chosen and the next best */
	enum coding rival;   /* CODING_N: no other coding was on offer */
	enum coding unfit;   /* one that the client takes, OLDER or USELESS;
				CODING_N: none */
};

/* Choose.  The highest quality counts, then the server's order; the file as
 * it is comes last.  While the server still makes a coding, or has made it, the
 * client may hold either form of the same file: the one whose tag it names
 * (If-None-Match, If-Range, If-Match) is then chosen, so that a download goes
 * on and a copy stays good. */
void select_representation(struct selected *out, const struct selection *from,
    const struct http_request *r);

/* Append the entity tag of a representation. */
void representation_put_etag(struct buf *b, const struct representation *rep);

#endif
