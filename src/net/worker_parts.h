/* What a worker's files share: the loop and accepting (worker.c), orders from
 * others (worker_orders.c). */
#ifndef NET_WORKER_PARTS_H
#define NET_WORKER_PARTS_H

#include "net/worker.h"

/* Take the listeners into the epoll set, or out of it. */
void worker_accepting(struct worker *w, bool on);

/* Accept at most `max` of those who wait, as long as there is a slot.  Orders
 * may be carried out amid that: the server may drain or be paused then. */
void worker_accept(struct worker *w, int listener, uint32_t max);

/* Take over what others have asked for. */
void worker_take_orders(struct worker *w);

/* The same, if there is something that was not taken over: between receiving
 * requests and answering them, which may be younger (conns.heed).  `worker` is
 * a struct worker. */
void worker_heed_orders(void *worker);

#endif
