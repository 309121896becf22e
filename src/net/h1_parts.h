/* How the parts of HTTP/1 on a connection meet: h1.c reads and steps,
 * h1_proxy.c reads what proxies say of clients,
 * h1_decide.c has requests decided, h1_answer.c writes answers or takes
 * finished ones (h1_image.h), h1_send.c sends them. */
#ifndef NET_H1_PARTS_H
#define NET_H1_PARTS_H

#include "net/h1.h"

/* Whether the same turn goes on with the connection. */
enum step { STEP_AGAIN, STEP_WAIT };

/* The bytes of the message under way. */
static inline const char *
h1_message(const struct work *w)
{
	return w->in + w->in_at;
}

/* A message begins with the bytes that are in the buffer: HEAD, or PROXY before
 * the first. */
void h1_begin(struct conns *cs, struct conn *c, enum conn_state state);

/* Read more of what is under way, if that is *readable.  A client that is gone
 * leaves `cut` behind as the reason, with how many bytes there were, and `end`
 * unless it reset the connection. */
struct h1_more {
	enum reason_id cut;
	enum close_reason end;
	uint64_t bytes;
};
enum step h1_read_more(struct conns *cs, struct conn *c, bool *readable,
    const struct h1_more *more);

/* PROXY: more of the line or header, and whose the connection then is. */
enum step h1_read_proxy(struct conns *cs, struct conn *c, bool *readable);

/* The head is read: note whom the request is from, when a proxy says so.  Only
 * of connections that are `proxied` or `trusted`. */
void h1_note_client(const struct conns *cs, struct conn *c);

/* One empty line after a message, as old clients send it behind content, is no
 * request begun (RFC 9112 2.2); nor is its CR, while the LF is not there. */
void h1_skip_empty_line(struct conn *c);

/* The target's path; n 0 when it cannot be decoded. */
void h1_decode_again(const struct work *w, struct target_path *path);

/* The exchange ends without, or within, its answer. */
void h1_cut(struct conns *cs, struct conn *c, enum reason_id why, uint64_t a,
    uint32_t b, enum close_reason close);

/* The whole request is here: decide, and answer or have it answered. */
void h1_decide(struct conns *cs, struct conn *c);

/* What an answer has besides its plan and the entry of its work. */
struct h1_answer {
	const struct target_path *path; /* NULL, or n 0: not decoded */
	struct span given;		/* content of BODY_SOURCE_GIVEN */
	struct span location;		/* of a redirect rule */
	bool listing;			/* work->facts are of a listing */
};

/* Write the answer that was planned and begin to send it. */
void h1_respond(struct conns *cs, struct conn *c, const struct h1_answer *a);

/* Answer a request that is refused, with what was read of it. */
void h1_refuse(struct conns *cs, struct conn *c, uint16_t status,
    enum reason_id why, uint64_t a, uint32_t b);

/* Put a file's content behind what is in the buffer, if there is room for all
 * that is left of it: one system call then sends both. */
void h1_put_content(struct conns *cs, struct work *w, struct buf *out);

/* Put parts of a multipart answer, as many as fit, up to one whose content is
 * to be sent from the file. */
void h1_put_parts(struct conns *cs, struct work *w, struct buf *out);

/* Go on sending. */
enum step h1_send(struct conns *cs, struct conn *c);

#endif
