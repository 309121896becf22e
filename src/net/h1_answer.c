#include "base/check.h"
#include "http/response.h"
#include "net/h1_parts.h"
#include "net/lab.h"

/* The content: a page, the beginning of a small file, or a file to come. */
static void
h1_put_content(
    struct conns *cs, struct conn *c, struct buf *out, struct span page)
{
	struct work *w = c->work;
	const struct plan *p = &w->plan;
	ssize_t n;

	if (p->head)
		return;
	if (p->source == BODY_SOURCE_PAGE || p->source == BODY_SOURCE_GIVEN)
		buf_put(out, page);
	if (p->source != BODY_SOURCE_FILE || p->ranges > 1)
		return; /* h1_next_part goes on with the parts */
	w->file_at = p->offset;
	w->file_left = p->length;
	if (p->length == 0 || p->length > out->cap - out->n)
		return;
	/* One system call sends head and content together.  Less than was
	 * announced: sendfile then finds the end of the file. */
	n = cs->io.ops->pread(
	    &cs->io, w->content_fd, out->p + out->n, (size_t)p->length, p->offset);
	if (n > 0) {
		out->n += (size_t)n;
		w->file_at += (uint64_t)n;
		w->file_left -= (uint64_t)n;
	}
}

/* The operator's page for an error, in the place of the file, if there is
 * one. */
static void
h1_find_error_page(struct conns *cs, struct work *w)
{
	const char *page = cs->site->o.rules == NULL
	    ? NULL
	    : rules_error_page(cs->site->o.rules, w->plan.status);

	if (page == NULL)
		return;
	site_file_close(&w->file);
	if (!site_resolve_page(cs->site, page, REASON_ERROR_PAGE, &w->file) ||
	    w->file.facts.coding != NULL) {
		site_file_close(&w->file);
		trail_add(&w->plan.trail, REASON_ERROR_PAGE_MISSING, 0, 0);
		return;
	}
	plan_error_page(&w->plan, w->file.facts.size);
	w->content_fd = w->file.fd;
}

/* The operator's fields: a file's own, or what goes for the path. */
static void
h1_find_edits(struct conns *cs, const struct work *w, const struct h1_answer *a,
    struct response_facts *f, const struct field_edits *mem[LIMIT_EDITS])
{
	if (w->plan.file_fields) {
		f->edits = w->file.facts.edits;
		f->edits_n = w->file.facts.edits_n;
	} else if (a->path != NULL && a->path->n != 0 &&
	    cs->site->o.rules != NULL) {
		f->edits = mem;
		f->edits_n = rules_fields(cs->site->o.rules,
		    span_of(a->path->s, a->path->n), mem, LIMIT_EDITS);
	}
}

void
h1_respond(struct conns *cs, struct conn *c, const struct h1_answer *a)
{
	struct work *w = c->work;
	const struct http_request *r = w->head_done ? &w->request : NULL;
	struct buf out = buf_over(w->out, sizeof(w->out));
	struct buf page = buf_over(cs->scratch, LIMIT_PAGE);
	const struct field_edits *edits[LIMIT_EDITS];
	struct span given = a->given;
	struct plan_turn turn = {
		.number = c->requests,
		.limit = cs->settings.requests_per_connection,
		.draining = cs->draining,
	};
	struct response_facts f = {
		.plan = &w->plan,
		.rules = &cs->site->rules,
		.request = r,
		.path = a->path,
		.location = a->location,
		.file = a->listing ? &w->facts : &w->file.facts,
		.given_type = "application/json",
		.now = cs->now.wall / NS_PER_S,
		.keep_alive_timeout =
		    (unsigned)(cs->settings.timeout[conns_keepalive(cs)] /
			NS_PER_S),
	};

	if (w->plan.source == BODY_SOURCE_PAGE)
		h1_find_error_page(cs, w);
	plan_finish(&w->plan, r, &turn);
	h1_find_edits(cs, w, a, &f, edits);
	if (w->plan.source == BODY_SOURCE_PAGE) {
		response_put_page(&page, &f);
		given = buf_span(&page);
	}
	if (w->plan.source != BODY_SOURCE_FILE)
		w->plan.length = given.n;
	else if (w->plan.ranges > 1)
		w->plan.length = response_multipart_length(&f);
	response_put_head(&out, &f);
	w->out_head = (uint32_t)out.n;
	h1_put_content(cs, c, &out, given);
	CHECK(!out.full);
	w->out_n = (uint32_t)out.n;
	w->decided_ns = cs->io.ops->now(&cs->io).mono - w->began.mono;
	conn_enter(cs, c, CONN_SENDING);
}

/* A request that is refused with what was read of it. */
void
h1_refuse(struct conns *cs, struct conn *c, uint16_t status, enum reason_id why,
    uint64_t a, uint32_t b)
{
	struct plan *p = &c->work->plan;

	plan_refusal(p, status, why, a, b, false);
	if (!c->work->head_done)
		c->work->head_ns = cs->now.mono - c->work->began.mono;
	/* The method may have been understood before the fault. */
	p->head = c->work->head.method_id == METHOD_HEAD;
	h1_respond(cs, c, &(struct h1_answer){ .path = NULL });
}

void
h1_answer_given(struct conns *cs, struct conn *c, uint16_t status,
    enum reason_id why, struct span body)
{
	struct plan *p = &c->work->plan;

	trail_why(&p->trail, why, LAB_PLACES, 0);
	p->status = status;
	p->source = BODY_SOURCE_GIVEN;
	p->content_length = true;
	p->keep = c->work->request.framing_sure;
	h1_respond(cs, c, &(struct h1_answer){ .given = body });
}
