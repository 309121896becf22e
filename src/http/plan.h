/* The heart: from (request, facts about the file, rules) to what is answered
 * and why.  Pure: no descriptor, no clock, no allocation. */
#ifndef HTTP_PLAN_H
#define HTTP_PLAN_H

#include <stdint.h>

#include "http/media.h"
#include "http/range.h"
#include "http/request.h"
#include "http/select.h"
#include "http/status.h"
#include "http/target.h"

/* What the site found at the path. */
enum file_kind {
	FILE_KIND_NONE,	  /* nothing to send: `reason` says why */
	FILE_KIND_FILE,	  /* a regular file, opened */
	FILE_KIND_FOLDER, /* a folder named without its slash */
};

/* Fields that a rule of the operator sets, {name, value, ..., NULL}, and that
 * it leaves out, {name, ..., NULL}. */
struct field_edits {
	const char *const *set;
	const char *const *unset;
};

struct file_facts {
	enum file_kind kind;
	enum reason_id reason; /* FILE_FOUND, INDEX_FOUND, FILE_MISSING, ... */
	uint64_t reason_a;
	uint64_t size;	    /* bytes */
	int64_t mtime_ns;   /* ns since 1970 */
	const char *type;   /* media type, static or the site's */
	bool charset;	    /* type takes "; charset=" */
	const char *coding; /* Content-Encoding by its name, or NULL */
	bool negotiated;    /* it can be had in other codings, now or soon */
	struct variant variant[CODING_N];
	const char *cache_control; /* or NULL */
	unsigned cache_rule;	   /* the number of its rule, from 1, or 0 */
	const struct field_edits *edits[LIMIT_EDITS];
	unsigned edits_n;
};

/* What the configuration and the server's state say. */
struct plan_rules {
	const char *charset; /* "utf-8", or NULL */
	bool server_header;
	bool security_headers;
	unsigned ranges;	  /* most in one answer, 0: none are given */
	bool loopback_only;	  /* then foreign host names get 421 */
	const char *const *hosts; /* names answered besides, NULL-terminated */
	/* scheme://host that may read across origins, or "*"; NULL-terminated,
	 * NULL or empty: none */
	const char *const *origins;
	uint8_t coding_order[CODING_N]; /* the server's choice first */
	unsigned coding_order_n;
};

/* Where the request stands in its connection. */
struct plan_turn {
	uint32_t number; /* of the request on the connection, from 1 */
	uint32_t limit;	 /* requests_per_connection, 0: none */
	bool draining;
};

enum body_source {
	BODY_SOURCE_NONE,
	BODY_SOURCE_FILE,  /* the opened file from `offset`, `length` bytes */
	BODY_SOURCE_PAGE,  /* an error page, made by response_put_page */
	BODY_SOURCE_GIVEN, /* bytes that the caller has */
};

/* Which pages of other origins may read the answer.  No pointer into the rules:
 * they may be others by the time the answer is written. */
enum plan_cors {
	CORS_NONE,
	CORS_ANY,    /* all: said in every answer, one that is cached without
		      * Origin may be asked for with it */
	CORS_ORIGIN, /* those of the request's Origin */
};

struct plan {
	uint16_t status;
	bool keep;	     /* the connection stays open */
	bool head;	     /* HEAD: fields as for GET, no content */
	bool allow;	     /* Allow field */
	bool location;	     /* Location field */
	bool file_fields;    /* Last-Modified, ETag, Cache-Control, ... */
	bool content_length; /* whether the field is sent (not on 304) */
	bool listing;	     /* content made from a folder */
	bool page_html;	     /* error page as HTML, else as text */
	enum body_source source;
	struct representation rep; /* of 200, 206, 304, 412, 416 */
	bool vary_accept;	   /* HTML or not would be another answer */
	bool vary_coding;	   /* so would other codings */
	bool make_coding; /* the server should code the file (PENDING) */
	bool wait;	  /* nothing is decided until it has: then again */
	bool preflight;	  /* CORS: fields for OPTIONS */
	enum plan_cors cors;
	uint64_t offset;
	bool accept_ranges;	  /* Accept-Ranges field */
	uint64_t complete_length; /* 416: of the file */
	uint64_t length;   /* of the content, also when HEAD holds it back */
	uint64_t boundary; /* of multipart/byteranges; by the caller */
	struct trail trail;
	unsigned ranges; /* 0: the whole; 1: Content-Range; more: multipart */
	struct byte_range range[LIMIT_RANGES];
};

/* A request that was refused while it was read: status and reason are given,
 * the connection is closed unless `framing_sure`. */
void plan_refusal(struct plan *p, uint16_t status, enum reason_id why,
    uint64_t a, uint32_t b, bool framing_sure);

/* Before the file system is asked: method, host, form of target.  True when
 * the answer is already decided (then plan_finish), false to go on with
 * plan_file. */
bool plan_request(struct plan *p, const struct http_request *r,
    const struct plan_rules *rules);

/* A redirect of the operator's, by that rule (its number from 1), to an address
 * of so many bytes. */
void plan_redirect(struct plan *plan, const struct http_request *r,
    uint16_t status, unsigned rule, size_t address);

/* With the facts: coding, preconditions, ranges, redirect, file or error.
 * `now` is in seconds since 1970.  Decides nothing and sets plan->wait when the
 * only coding that the client takes is still to be made; asked again with the
 * facts of then (not PENDING). */
void plan_file(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, const struct plan_rules *rules, int64_t now);

/* A folder is there to be listed: its preconditions.  True when they decide the
 * answer, false to have it listed. */
bool plan_folder(struct plan *plan, const struct http_request *r);

/* A folder's listing of `size` bytes and so many entries was made. */
void plan_listing(struct plan *plan, uint64_t size, uint64_t entries);

/* The plan's page is one of the operator's, a file of `size` bytes. */
void plan_error_page(struct plan *plan, uint64_t size);

/* Whether files.spa may answer: nothing was found, the client takes HTML, and
 * the last segment has no dot, so that a missing script stays missing. */
bool plan_takes_spa(const struct http_request *r, const struct file_facts *f,
    const struct target_path *path);

/* Whether a listing is rather wanted as JSON
 * than as HTML (Accept). */
bool plan_wants_json(const struct http_request *r);

/* Keep or close, and how an error page is written.  Call last; `r` NULL when
 * the head was not understood. */
void plan_finish(struct plan *plan, const struct http_request *r,
    const struct plan_turn *turn);

/* The connection was to be kept, and could not be: take that back. */
void plan_not_kept(struct plan *plan);

/* The status that a reason of the site means: 404, 403, 500 ... */
uint16_t plan_status_of(enum reason_id why);

#endif
