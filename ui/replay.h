/* Sending a request once more to this server.  Its answer is looked for in the
 * history, where all is told of it, by the port that it was sent from. */
#ifndef UI_REPLAY_H
#define UI_REPLAY_H

#include <sys/socket.h>

#include "watch/journal.h"

struct replay;

enum replay_state { REPLAY_WAITS, REPLAY_ANSWERED, REPLAY_FAILED };

/* Begin to send the bytes; NULL with a text when that is not possible. */
struct replay *replay_begin(const struct sockaddr_storage *to, socklen_t to_n,
    struct span request, uint64_t after, int64_t mono, char text[128]);

/* Go on; never waits.  ANSWERED: *seq is the exchange; FAILED: text says
 * why. */
enum replay_state replay_step(struct replay *r, struct journal *j, int64_t mono,
    uint64_t *seq, char text[128]);

void replay_end(struct replay *r); /* NULL is allowed */

#endif
