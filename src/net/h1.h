/* HTTP/1 on a connection: reads a request, has it decided, sends the answer,
 * and tells what happened. */
#ifndef NET_H1_H
#define NET_H1_H

#include "net/conn.h"

/* NEW or IDLE: the call that reads what has come, and what it has come to, for
 * h1_step to go on with. */
void h1_ask(struct conns *cs, struct conn *c, struct io_call *call);
void h1_receive(struct conns *cs, struct conn *c, ssize_t result);

/* SENDING: the call that sends all there is, to be made together with others';
 * false when there is nothing, or more is to follow.  And what it has come to,
 * at that time (ns, monotonic): h1_step goes on behind it, unless it failed and
 * the connection is closed. */
bool h1_offers(const struct conn *c, struct io_call *call);
void h1_handed(struct conns *cs, struct conn *c, ssize_t result, int64_t at);

/* Go on in NEW, PROXY, IDLE, HEAD, BODY or SENDING. */
void h1_step(struct conns *cs, struct conn *c, bool readable, bool writable);

/* The deadline of PROXY, HEAD, BODY, WAITING or SENDING has come. */
void h1_timeout(struct conns *cs, struct conn *c);

/* End the exchange under way and the connection, for that reason. */
void h1_abort(struct conns *cs, struct conn *c, enum close_reason why);

/* The laboratory's answer is there: send `body`, JSON, with that status. */
void h1_answer_given(struct conns *cs, struct conn *c, uint16_t status,
    enum reason_id why, struct span body);

/* What the connection waits for is there; a listing's reference passes. */
void h1_answer_job(
    struct conns *cs, struct conn *c, const struct job_result *result);

#endif
