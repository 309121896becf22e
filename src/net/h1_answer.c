#include "base/check.h"
#include "http/response.h"
#include "net/h1_image.h"
#include "net/lab.h"

/* The content of a file is still to come, all that was planned. */
static void
h1_begin_content(struct work *w)
{
	const struct plan *p = &w->plan;

	if (p->head || p->source != BODY_SOURCE_FILE || p->ranges > 1)
		return; /* h1_put_parts goes on with the parts */
	w->file_at = p->offset;
	w->file_left = p->length;
}

/* Of a file that has become shorter what is there; sendfile finds its end. */
void
h1_put_content(struct conns *cs, struct work *w, struct buf *out)
{
	ssize_t n;

	if (w->file_left == 0 || w->file_left > out->cap - out->n)
		return;
	n = cs->io.ops->pread(&cs->io, w->content_fd, out->p + out->n,
	    (size_t)w->file_left, w->file_at);
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
	const struct rules *rules = cs->site->o.rules;
	const char *name =
	    rules == NULL ? NULL : rules_error_page(rules, w->plan.status);
	struct files_entry *page;

	if (name == NULL)
		return;
	page = files_take(cs->files);
	if (!site_resolve_page(
		cs->site, name, REASON_ERROR_PAGE, &page->file) ||
	    page->file.facts.coding != NULL) {
		files_release(cs->files, page);
		trail_add(&w->plan.trail, REASON_ERROR_PAGE_MISSING, 0, 0);
		return;
	}
	conn_work_entry(cs, w, page);
	plan_error_page(&w->plan, page->file.facts.size);
	w->content_fd = page->file.fd;
}

/* The operator's fields: a file's own, or what goes for the path. */
static void
h1_find_edits(struct conns *cs, const struct work *w, struct response_facts *f,
    const struct field_edits *mem[LIMIT_EDITS])
{
	if (w->plan.file_fields && w->entry != NULL) {
		f->edits = w->entry->file.facts.edits;
		f->edits_n = w->entry->file.facts.edits_n;
	} else if (f->path != NULL && f->path->n != 0 &&
	    cs->site->o.rules != NULL) {
		f->edits = mem;
		f->edits_n = rules_fields(cs->site->o.rules,
		    span_of(f->path->s, f->path->n), mem, LIMIT_EDITS);
	}
}

/* Head, and page or given content, into w->mem. */
static void
h1_write(struct conns *cs, struct conn *c, const struct h1_answer *a)
{
	struct work *w = c->work;
	struct buf out = buf_over(w->mem,
	    w->plan.ranges > 1 ? LIMIT_PARTS_BUFFER : LIMIT_RESPONSE_BUFFER);
	struct buf page = buf_over(cs->scratch, LIMIT_PAGE);
	const struct field_edits *edits[LIMIT_EDITS];
	struct span given = a->given;
	struct target_path path;
	struct response_facts f = {
		.plan = &w->plan,
		.rules = &cs->site->rules,
		.request = w->head_done ? &w->request : NULL,
		.path = a->path,
		.location = a->location,
		.file = a->listing     ? &w->facts
		    : w->entry != NULL ? &w->entry->file.facts
				       : NULL,
		.given_type = "application/json",
		.now = cs->now.wall / NS_PER_S,
		.keep_alive_timeout =
		    (unsigned)(cs->settings.timeout[conns_keepalive(cs)] /
			NS_PER_S),
	};

	/* The operator's fields go by path, also those of an OPTIONS or 405. */
	if (f.path == NULL && f.request != NULL && !w->plan.file_fields &&
	    w->plan.source != BODY_SOURCE_GIVEN &&
	    (w->entry != NULL || cs->site->o.rules != NULL)) {
		h1_decode_again(w, &path);
		f.path = &path;
	}
	h1_find_edits(cs, w, &f, edits);
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
	if (!w->plan.head)
		buf_put(&out, given);
	h1_begin_content(w);
	if (w->plan.ranges > 1 && !w->plan.head)
		h1_put_parts(cs, w, &out);
	else
		h1_put_content(cs, w, &out);
	CHECK(!out.full);
	w->out = w->mem;
	w->out_n = (uint32_t)out.n;
}

void
h1_respond(struct conns *cs, struct conn *c, const struct h1_answer *a)
{
	struct work *w = c->work;
	struct plan_turn turn = {
		.number = c->requests,
		.limit = cs->settings.requests_per_connection,
		.draining = cs->draining,
	};
	uint32_t key;

	if (w->plan.source == BODY_SOURCE_PAGE)
		h1_find_error_page(cs, w);
	plan_finish(&w->plan, w->head_done ? &w->request : NULL, &turn);
	key = h1_image_key(cs, w);
	if (key != 0 && h1_image_use(cs, w, key)) {
		if (w->out_n == w->out_head)
			h1_begin_content(w);
	} else {
		h1_write(cs, c, a);
		if (key != 0)
			h1_image_make(cs, w, key);
	}
	w->decided_ns = cs->io.ops->mono(&cs->io) - w->began.mono;
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
		c->work->head_ns = c->work->asked_ns =
		    cs->now.mono - c->work->began.mono;
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
