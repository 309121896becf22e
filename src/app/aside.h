/* Work that a disk may hold up for ever, on threads that nobody waits for: the
 * look at the document root each second, and reloads.  As long as one of them
 * may touch the control, it is counted in control.asides, and server_free
 * leaves the control alone. */
#ifndef APP_ASIDE_H
#define APP_ASIDE_H

#include "app/server.h"

/* Start the thread that looks at the root; false with errno. */
bool aside_start(struct control *c);

/* Read command line, environment and file again and take over what can be
 * changed while running.  Returns at once; how it went is said by notice().
 * Asked for again meanwhile, it is done once more.  argv must stay. */
void aside_reload(struct control *c, int argc, char **argv);

/* A thread of somebody else's begins and ends such work.  False, and nothing
 * has begun, when the server is shutting down. */
bool aside_enter(struct control *c);
void aside_leave(struct control *c);

/* The server has ended: wait for them, but not long. */
void aside_join(struct control *c);

#endif
