/* The laboratory: lets a page of this server see raw HTTP.  A browser's script
 * cannot send Host, Connection or a malformed request; this opens one
 * connection to the server's own listener, sends the bytes that the page
 * gives, and answers with the transcript.
 *
 *   GET /.httpconsole/exchange?send=BASE64URL&send=BASE64URL...
 *
 * On only when every listener is loopback; answered only for same-origin
 * pages.  It connects to nothing but this server. */
#ifndef NET_LAB_H
#define NET_LAB_H

#include "net/conn.h"

#define LAB_PLACES   4	  /* exchanges at a time, per worker */
#define LAB_READS    16	  /* of one turn of the loop */
#define LAB_STEPS    8	  /* `send`s of one */
#define LAB_SEND_MAX 3000 /* bytes of all `send`s */
#define LAB_KEEP     4096 /* bytes of each answer that the transcript has */
#define LAB_KEEP_ALL 6500 /* bytes of all answers together */
_Static_assert((LAB_SEND_MAX + LAB_KEEP_ALL) / 3 * 4 + LAB_STEPS * 128 + 512 <
	LIMIT_RESPONSE_BUFFER - 1024,
    "a transcript fits a response");

/* Tags of epoll events that belong to it: slot LAB_SLOT + place. */
#define LAB_SLOT 0xfffff000u

struct lab;

/* `server`: where the listener is, as getsockname(2) says.  NULL when memory
 * is short. */
struct lab *lab_new(const struct sockaddr *server, socklen_t n);
void lab_free(struct conns *cs, struct lab *lab);

/* Whether the undecoded path is the laboratory's. */
bool lab_takes(struct span path);

/* Begin; the connection is answered at once, or waits in CONN_WAITING. */
void lab_start(struct conns *cs, struct conn *c);

/* The place's socket is ready, or its time is over. */
void lab_ready(struct conns *cs, unsigned place);
void lab_timeout(struct conns *cs, struct conn *c);

/* The waiting connection goes away. */
void lab_forget(struct conns *cs, struct conn *c);

#endif
