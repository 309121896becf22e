/* The bytes of a response: head from a plan, and the small pages. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "http/plan.h"
#include "http/target.h"

struct response_facts {
	const struct plan *plan;
	const struct plan_rules *rules;
	const struct http_request *request; /* NULL: none was understood */
	const struct target_path *path;	    /* NULL: none was understood */
	const struct file_facts *file;	    /* NULL: no file */
	struct span
	    location; /* of a rule, encoded; n 0: the path and a slash */
	/* what the operator's rules say of an answer without a file */
	const struct field_edits *const *edits;
	unsigned edits_n;
	const char *given_type;	     /* media type of BODY_SOURCE_GIVEN */
	int64_t now;		     /* seconds since 1970 */
	unsigned keep_alive_timeout; /* s, for the Keep-Alive field; 0: none */
};

/* Append status line, fields and the empty line.  b->full when it does not
 * fit; nothing of a client's bytes goes in but percent-encoded in Location. */
void response_put_head(struct buf *b, const struct response_facts *f);

/* multipart/byteranges (RFC 9110 14.6): append what stands before the content
 * of part `i`, or after the last part for i == plan->ranges.  At most
 * RESPONSE_PART bytes. */
void response_put_part(
    struct buf *b, const struct response_facts *f, unsigned i);
#define RESPONSE_PART 512

/* Bytes of a multipart content, with what stands between its parts. */
uint64_t response_multipart_length(const struct response_facts *f);

/* Append where a redirect leads: a rule's address, or a folder's, which is the
 * path as it was understood, encoded again, with one leading slash (never
 * //host) and one at the end; then the query as it came, unless the address has
 * one. */
void response_put_address(struct buf *b, const struct response_facts *f);

/* Append the page for an error or a redirect, HTML or plain text as the plan
 * says.  What comes from the client is escaped. */
void response_put_page(struct buf *b, const struct response_facts *f);

#endif
