#include "http/select.h"

#include "http/accept.h"
#include "http/etag.h"

void
representation_put_etag(struct buf *b, const struct representation *rep)
{
	char mem[16];
	struct buf coding = buf_over(mem, sizeof(mem));

	buf_puts(&coding, coding_name(rep->coding));
	/* A strong tag is that of the same bytes only (RFC 9110 8.8.1). */
	if (rep->level != 0)
		buf_putu(&coding, rep->level);
	etag_put(b, rep->tag_size, rep->mtime_ns,
	    rep->coding == CODING_IDENTITY ? NULL : buf_cstr(&coding));
}

static struct representation
representation_of(const struct selection *from, enum coding c)
{
	struct representation rep = {
		.coding = c,
		.size = from->size,
		.tag_size = from->size,
		.mtime_ns = from->mtime_ns,
	};
	const struct variant *v = &from->variant[c];

	if (c == CODING_IDENTITY)
		return rep;
	rep.size = v->size;
	if (v->state == VARIANT_SIBLING) {
		rep.tag_size = v->size;
		rep.mtime_ns = v->mtime_ns;
	} else {
		rep.level = v->level;
	}
	return rep;
}

/* Whether the client names the representation's tag as one that it has. */
static bool
client_holds(const struct http_request *r, const struct representation *rep)
{
	static const enum field_id fields[] = { FIELD_IF_MATCH,
		FIELD_IF_NONE_MATCH, FIELD_IF_RANGE };
	char mem[ETAG_MAX];
	struct buf etag = buf_over(mem, sizeof(mem));
	struct span value;
	unsigned counted = 0;

	representation_put_etag(&etag, rep);
	for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
		for (int i = 0; request_each(r, fields[k], &i, &value);)
			if (etag_list_match(value, buf_span(&etag), false,
				&counted) == ETAG_MATCH)
				return true;
	return false;
}

/* The best coding of those on offer, CODING_IDENTITY for none, and the next
 * best.  Nothing is waited for: what is still to be made is not on offer. */
static enum coding
best_coding(struct selected *out, const struct selection *from,
    const struct coding_wishes *w, bool pending_too)
{
	enum coding best = CODING_IDENTITY;

	out->rival = CODING_N;
	for (unsigned i = 0; i < from->order_n; i++) {
		enum coding c = (enum coding)from->order[i];
		unsigned state = from->variant[c].state;

		if (state <= VARIANT_USELESS ||
		    (state == VARIANT_PENDING && !pending_too))
			continue;
		if (w->q[c] != 0 &&
		    (best == CODING_IDENTITY || w->q[c] > w->q[best])) {
			out->rival =
			    best == CODING_IDENTITY ? out->rival : best;
			best = c;
		} else if (out->rival == CODING_N ||
		    w->q[c] > w->q[out->rival]) {
			out->rival = c;
		}
	}
	if (best != CODING_IDENTITY && w->identity_named &&
	    w->q[CODING_IDENTITY] > w->q[best]) {
		out->rival = best;
		best = CODING_IDENTITY;
	}
	out->q = w->q[best];
	out->rival_q = out->rival == CODING_N ? 0 : w->q[out->rival];
	return best;
}

/* A coding that the client takes and that is no good as it is. */
static enum coding
unfit_coding(const struct selection *from, const struct coding_wishes *w)
{
	for (unsigned i = 0; i < from->order_n; i++) {
		enum coding c = (enum coding)from->order[i];
		unsigned state = from->variant[c].state;

		if ((state == VARIANT_OLDER || state == VARIANT_USELESS) &&
		    w->q[c] != 0)
			return c;
	}
	return CODING_N;
}

/* The server sends this file coded at one time and as it is at another: the
 * client's copy of either form is as good. */
static void
prefer_held(struct selected *out, const struct selection *from,
    const struct http_request *r, enum coding other)
{
	struct representation rep = representation_of(from, other);

	if (!client_holds(r, &out->rep) && client_holds(r, &rep)) {
		out->rep = rep;
		out->held = true;
	}
}

void
select_representation(struct selected *out, const struct selection *from,
    const struct http_request *r)
{
	struct coding_wishes w;
	enum coding ideal, now;

	*out = (struct selected){ .result = SELECT_OK };
	/* No choice, and none is told of: scripts and monitors send none. */
	if (request_count(r, FIELD_ACCEPT_ENCODING) == 0) {
		out->rep = representation_of(from, CODING_IDENTITY);
		out->q = ACCEPT_QUALITY_MAX;
		out->rival = out->unfit = CODING_N;
		return;
	}
	coding_read(&w, r);
	out->unfit = unfit_coding(from, &w);
	ideal = best_coding(out, from, &w, true);
	out->wanted = ideal != CODING_IDENTITY &&
	    from->variant[ideal].state == VARIANT_PENDING;
	now = out->wanted ? best_coding(out, from, &w, false) : ideal;
	out->rep = representation_of(from, now);
	if (now == CODING_IDENTITY && w.q[CODING_IDENTITY] == 0) {
		out->result = out->wanted ? SELECT_WAIT : SELECT_NONE;
		return;
	}
	/* Of a form that is not there yet only a 304 can be sent. */
	if (out->wanted && request_count(r, FIELD_IF_RANGE) == 0 &&
	    request_count(r, FIELD_IF_MATCH) == 0)
		prefer_held(out, from, r, ideal);
	else if (from->variant[now].state == VARIANT_MADE &&
	    w.q[CODING_IDENTITY] != 0)
		prefer_held(out, from, r, CODING_IDENTITY);
}
