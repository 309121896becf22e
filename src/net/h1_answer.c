#include "base/check.h"
#include "http/response.h"
#include "net/h1_parts.h"
#include "net/lab.h"
#include "site/resolve.h"

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
	    &cs->io, w->file, out->p + out->n, (size_t)p->length, p->offset);
	if (n > 0) {
		out->n += (size_t)n;
		w->file_at += (uint64_t)n;
		w->file_left -= (uint64_t)n;
	}
}

/* Write the answer that was planned and begin to send it.  `given`: content
 * of BODY_SOURCE_GIVEN. */
static void
h1_respond(struct conns *cs, struct conn *c, const struct target_path *path,
    const struct file_facts *file, struct span given)
{
	struct work *w = c->work;
	const struct http_request *r = w->head_done ? &w->request : NULL;
	struct buf out = buf_over(w->out, sizeof(w->out));
	struct buf page = buf_over(cs->scratch, sizeof(cs->scratch) / 2);
	struct plan_turn turn = {
		.number = c->requests,
		.limit = cs->settings.requests_per_connection,
		.draining = cs->draining,
	};
	struct response_facts f = {
		.plan = &w->plan,
		.rules = &cs->site->rules,
		.request = r,
		.path = path,
		.file = file,
		.given_type = "application/json",
		.now = cs->now.wall / NS_PER_S,
		.keep_alive_timeout =
		    (unsigned)(cs->settings.timeout[conns_keepalive(cs)] /
			NS_PER_S),
	};

	plan_finish(&w->plan, r, &turn);
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
	h1_respond(cs, c, NULL, NULL, span_of(NULL, 0));
}

/* The target, decoded, or a refusal with the place in the head. */
static bool
h1_decode_target(struct work *w, struct target_path *path)
{
	struct http_request *r = &w->request;
	size_t at;
	enum reason_id why = target_decode(r->path, path, &at);

	if (why == REASON_NONE)
		return true;
	r->status = why == REASON_PATH_LONG ? 414 : 400;
	r->error = (uint16_t)why;
	if (why == REASON_PATH_LONG) {
		r->error_at = w->head.target.at;
	} else {
		at += (size_t)(r->path.p - h1_message(w));
		r->error_at = (uint32_t)at;
	}
	plan_refusal(&w->plan, r->status, why, at, 0, true);
	path->n = 0;
	return false;
}

/* A folder without index: have its listing made.  False when it is not to be,
 * or cannot. */
static bool
h1_start_listing(struct conns *cs, struct conn *c,
    const struct target_path *path, const struct file_facts *facts)
{
	struct http_request *r = &c->work->request;
	struct job job = { .to = cs->jobs_to,
		.slot = c->slot,
		.generation = c->generation,
		.path = *path };

	if (facts->reason != REASON_FOLDER_NO_INDEX || !cs->site->o.listing ||
	    cs->jobs == NULL)
		return false;
	listing_query(&job.request, r->query);
	job.request.format = plan_wants_json(r) ? LISTING_JSON : LISTING_HTML;
	job.site = site_ref(cs->site);
	if (cs->jobs_out == JOBS_QUEUE || !jobs_post(cs->jobs, &job)) {
		site_unref(job.site);
		plan_refusal(
		    &c->work->plan, 503, REASON_OVERLOADED, 0, 0, true);
		h1_respond(cs, c, path, NULL, span_of(NULL, 0));
		return true;
	}
	cs->jobs_out++;
	c->listing = true;
	conn_enter(cs, c, CONN_WAITING);
	conn_watch(cs, c, false, false);
	return true;
}

/* The whole request is here: decide and answer. */
void
h1_decide(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct http_request *r = &w->request;
	struct target_path path = { .n = 0 };
	struct site_file file = { .fd = -1 };

	if (!plan_request(&w->plan, r, &cs->site->rules)) {
		if (cs->settings.lab && lab_takes(r->path)) {
			lab_start(cs, c);
			return;
		}
		if (h1_decode_target(w, &path)) {
			site_resolve(cs->site, &path, &file);
			if (h1_start_listing(cs, c, &path, &file.facts))
				return;
			plan_file(&w->plan, r, &file.facts, &cs->site->rules,
			    cs->now.wall / NS_PER_S);
		}
	}
	if (w->plan.source == BODY_SOURCE_FILE && !w->plan.head)
		w->file = file.fd;
	else if (file.fd >= 0)
		cs->io.ops->close_file(&cs->io, file.fd);
	w->facts = file.facts;
	/* Between the parts the site may change; these keep theirs. */
	if (w->plan.ranges > 1)
		w->site = site_ref(cs->site);
	w->plan.boundary = ((uint64_t)cs->now.wall ^ c->id << 40) + c->requests;
	h1_respond(cs, c, &path, &w->facts, span_of(NULL, 0));
}

void
h1_answer_listing(
    struct conns *cs, struct conn *c, const struct listing *listing)
{
	struct work *w = c->work;
	bool json = plan_wants_json(&w->request);

	c->listing = false;
	w->facts = (struct file_facts){
		.kind = FILE_KIND_NONE,
		.reason = listing->reason,
		.reason_a = listing->reason_a,
		.size = listing->size,
		.type = json ? "application/json" : "text/html",
		.charset = !json,
	};
	if (listing->fd < 0) {
		plan_file(&w->plan, &w->request, &w->facts, &cs->site->rules,
		    cs->now.wall / NS_PER_S);
	} else {
		w->plan.keep = w->request.framing_sure;
		w->plan.head = w->request.method == METHOD_HEAD;
		plan_listing(&w->plan, listing->size, listing->entries);
		w->file = listing->fd;
		w->listing = listing->size;
	}
	h1_respond(cs, c, NULL, &w->facts, span_of(NULL, 0));
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
	h1_respond(cs, c, NULL, NULL, body);
}
