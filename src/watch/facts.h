/* What is known of an exchange.  Of a live one, everything; a recording has
 * what its format has, and what it has not is not known rather than 0. */
#ifndef WATCH_FACTS_H
#define WATCH_FACTS_H

#include "base/span.h"
#include "watch/journal.h"

/* bit, name in files */
#define FACT_TABLE(X)                                                          \
	X(STATUS, "status")   /* e.status; 0 is then: no answer */             \
	X(SIZE, "size")	      /* e.body_sent */                                \
	X(TIME, "time")	      /* e.done_ns */                                  \
	X(PHASES, "phases")   /* e.head_ns, e.first_ns; e.decided_ns if not    \
			       * negative */                                   \
	X(CONN, "conn")	      /* e.conn */                                     \
	X(NUMBER, "number")   /* e.number */                                   \
	X(PEER, "client")     /* e.peer, with its port if that is not 0 */     \
	X(TRAIL, "trail")     /* e.trail; else perhaps a text, and of the      \
			       * only reason in it the short text */           \
	X(CLOSE, "close")     /* e.close; else perhaps a text */               \
	X(BYTES, "bytes")     /* e.bytes_in, e.bytes_out */                    \
	X(REQUEST, "request") /* the request head is the one that came; else   \
			       * it is made of what is known */                \
	X(RESPONSE, "response")                                                \
	X(MILLIS, "milliseconds") /* of e.wall; else whole seconds */

enum fact_bit {
#define X(id, name) FACT_BIT_##id,
	FACT_TABLE(X)
#undef X
	    FACT_BITS
};

enum fact {
#define X(id, name) FACT_##id = 1 << FACT_BIT_##id,
	FACT_TABLE(X)
#undef X
	    FACTS_ALL = (1 << FACT_BITS) - 1
};

/* An exchange with its heads, to be written somewhere.  Bytes belong to
 * whoever made it. */
struct exchange_copy {
	struct event e;	      /* its parts lie in `request` */
	uint32_t known;	      /* enum fact */
	struct span request;  /* empty: not kept */
	struct span response; /* empty: not kept, or none */
	struct span method;   /* printable, for when the head is not kept */
	struct span target;
	struct span client; /* text, when the peer is not an address */
	struct span why;    /* text, when the trail is not known */
	struct span closed; /* text, when the reason is not known */
};

_Static_assert(FACT_BITS <= 16, "event.unknown holds them");

static inline bool
event_knows(const struct event *e, enum fact fact)
{
	return (e->unknown & (unsigned)fact) == 0;
}

/* An exchange as the history has it: of a live one everything is known. */
struct exchange_copy exchange_of_entry(const struct journal_entry *entry,
    struct span request, struct span response);

#endif
