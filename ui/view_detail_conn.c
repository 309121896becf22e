/* An exchange's detail: when it was, and its connection. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "ui/detail_parts.h"
#include "watch/facts.h"

/* A recording may be of any day, and of whole seconds. */
static void
time_text(char out[32], int64_t wall, bool date, bool millis)
{
	time_t s = (time_t)(wall / NS_PER_S);
	struct tm tm;
	size_t n = 0;

	out[0] = '\0';
	if (localtime_r(&s, &tm))
		n = strftime(out, 24, date ? "%Y-%m-%d %T" : "%T", &tm);
	if (millis)
		(void)snprintf(
		    out + n, 32 - n, ".%03d", (int)(wall / NS_PER_MS % 1000));
}

void
detail_time(char out[32], const struct model *m, const struct event *e)
{
	time_text(
	    out, e->wall, detail_is_recorded(m), event_knows(e, FACT_MILLIS));
}

void
detail_put_peer(struct buf *b, const struct event *e)
{
	char peer[PEER_TEXT];

	if (e->peer.port)
		peer_text(peer, &e->peer);
	else
		peer_host_text(peer, &e->peer);
	buf_printf(b, "from %s", peer);
}

static void
put_bytes(struct pager *p, const struct event *e)
{
	char text[128], in[FIGURE_MANY], out[FIGURE_MANY];

	figure_many(in, e->bytes_in, "byte");
	figure_many(out, e->bytes_out, "byte");
	(void)snprintf(text, sizeof text, "%s received, %s sent", in, out);
	detail_sentence(p, 1, "", STYLE_PLAIN, text);
}

static void
put_close(struct pager *p, const struct event *e)
{
	char text[256];

	if (e->close == CLOSE_NONE || e->close >= CLOSE_N)
		(void)snprintf(text, sizeof text, "kept for another request");
	else
		(void)snprintf(text, sizeof text, "closed after this: %s",
		    close_reason_rows[e->close].text);
	detail_sentence(p, 1, "", STYLE_PLAIN, text);
}

/* Where it came from: "HTTP/1.1, from 192.0.2.7, request 3 on connection #41",
 * and no more of it than is there. */
static void
put_recorded_origin(struct buf *b, const struct event *e)
{
	if (e->major != 0)
		buf_printf(b, "HTTP/%u.%u, ", e->major, e->minor);
	if (event_knows(e, FACT_PEER)) {
		detail_put_peer(b, e);
		buf_puts(b, ", ");
	}
	if (event_knows(e, FACT_NUMBER))
		buf_printf(b, "request %" PRIu32 " on ", e->number);
	if (event_knows(e, FACT_CONN))
		buf_printf(b, "connection #%" PRIu64 ", ", e->conn);
	else if (event_knows(e, FACT_NUMBER))
		buf_puts(b, "its connection, ");
	b->n -= b->n ? 2 : 0;
}

static void
put_recorded_connection(struct pager *p, const struct event *e)
{
	char text[256];
	struct buf b = buf_over(text, sizeof text - 1);
	bool bytes = event_knows(e, FACT_BYTES);
	bool close = event_knows(e, FACT_CLOSE);
	bool more = !bytes || !close || !event_knows(e, FACT_CONN) ||
	    !event_knows(e, FACT_NUMBER);

	put_recorded_origin(&b, e);
	if (more && !bytes && !close) {
		buf_puts(&b,
		    b.n ? "; more is not in the recording"
			: "not in the recording");
		more = false;
	}
	if (b.n)
		detail_sentence(p, 1, "", STYLE_PLAIN, buf_cstr(&b));
	if (bytes)
		put_bytes(p, e);
	if (close)
		put_close(p, e);
	if (more)
		detail_not_recorded(p, "more is not in the recording");
}

static void
put_live_connection(struct pager *p, const struct detail *d)
{
	const struct event *e = &d->entry.e;
	char peer[PEER_TEXT], text[256], when[32];
	char version[24] = "";

	if (e->major != 0) /* else none was read */
		(void)snprintf(version, sizeof version, "HTTP/%u.%u, ",
		    e->major, e->minor);
	peer_text(peer, &e->peer);
	(void)snprintf(text, sizeof text,
	    "#%" PRIu64 " from %s: this is request %" PRIu32
	    " on it, %sworker %u",
	    e->conn, peer, e->number, version, e->worker + 1u);
	detail_sentence(p, 1, "", STYLE_PLAIN, text);
	put_bytes(p, e);
	put_close(p, e);
	if (d->end == CLOSE_NONE || d->end >= CLOSE_N)
		return;
	time_text(when, d->end_wall, false, true);
	(void)snprintf(text, sizeof text, "it ended at %s: %s (%s)", when,
	    close_reason_rows[d->end].label, close_reason_rows[d->end].text);
	detail_sentence(p, 1, "", STYLE_PLAIN, text);
}

void
detail_put_connection(struct pager *p, const struct model *m)
{
	page_heading(p, "Connection", "");
	if (detail_is_recorded(m))
		put_recorded_connection(p, &m->detail.entry.e);
	else
		put_live_connection(p, &m->detail);
}
