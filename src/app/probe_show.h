/* What the probe prints: both directions byte for byte, made safe. */
#ifndef APP_PROBE_SHOW_H
#define APP_PROBE_SHOW_H

#include "app/probe_conn.h"

struct probe_show {
	bool quiet; /* nothing but what went wrong */
	bool color;
	bool utf8; /* the terminal shows it */
};

/* As the terminal and the environment can: call once, sets the locale. */
void probe_show_init(struct probe_show *s);

void probe_show_connected(
    const struct probe_show *s, const struct probe_conn *c);

/* The bytes, a line each, every line end visible. */
void probe_show_sent(const struct probe_show *s, struct span bytes);
void probe_show_unasked(const struct probe_show *s, struct span bytes);

/* The response, its timing, and what follows for the connection; `keep`: what
 * the request asked for. */
void probe_show_exchange(const struct probe_show *s, const struct probe_conn *c,
    const struct http_reply *r, const struct probe_exchange *x, bool keep);

/* A sentence of ours; `good` or bad news.  Bad news is said to stderr when
 * quiet. */
void probe_say(const struct probe_show *s, bool good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "recv() returned 0: the server has closed": into out[160], returns it. */
const char *probe_describe_end(
    char out[160], enum probe_end end, int error, const char *wrong);

#endif
