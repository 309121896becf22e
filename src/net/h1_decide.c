/* A whole request is here: what is to be answered, and what must be waited for
 * before. */
#include <fcntl.h>
#include <unistd.h>

#include "net/h1_parts.h"
#include "net/lab.h"

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

void
h1_decode_again(const struct work *w, struct target_path *path)
{
	size_t at;

	if (target_decode(w->request.path, path, &at) != REASON_NONE)
		path->n = 0;
}

/* Wait for a job that this connection has posted. */
static void
h1_wait(struct conns *cs, struct conn *c, enum conn_wait what)
{
	c->waits = (uint8_t)what;
	if (c->state != CONN_WAITING) /* or for something else than so far */
		conn_enter(cs, c, CONN_WAITING);
	conn_watch(cs, c, false, false);
}

/* No room for a job: refused, with the reason. */
static void
h1_refuse_job(struct conn *c, enum jobs_room room)
{
	static const struct {
		enum reason_id reason;
		uint64_t bound;
	} rows[] = {
		[JOBS_FULL] = { REASON_JOBS_FULL, JOBS_QUEUE },
		[JOBS_CLIENT_FULL] = { REASON_JOBS_CLIENT, JOBS_CLIENT },
		[JOBS_NONE] = { REASON_OVERLOADED, 0 },
	};

	plan_refusal(
	    &c->work->plan, 503, rows[room].reason, rows[room].bound, 0, true);
}

/* Post it, with this connection waiting for the result. */
static enum jobs_room
h1_post(struct conns *cs, struct conn *c, struct job *job, enum conn_wait what)
{
	enum jobs_room room = JOBS_FULL;

	job->to = cs->owner;
	job->slot = c->slot;
	job->generation = c->generation;
	job->turn = c->requests;
	job->peer = *conn_client(c);
	job->site = site_ref(cs->site);
	if (cs->jobs_out < JOBS_QUEUE)
		room = jobs_post(cs->jobs, job);
	if (room == JOBS_POSTED) {
		cs->jobs_out++;
		h1_wait(cs, c, what);
	} else {
		site_unref(job->site);
	}
	return room;
}

/* A folder without index: have its listing made.  False when it is not to be,
 * or cannot. */
static bool
h1_start_listing(
    struct conns *cs, struct conn *c, const struct target_path *path)
{
	struct http_request *r = &c->work->request;
	struct job job = { .kind = JOB_LISTING, .path = *path };
	enum jobs_room room;

	if (c->work->entry->file.facts.reason != REASON_FOLDER_NO_INDEX ||
	    !cs->site->o.listing || cs->jobs == NULL)
		return false;
	if (plan_folder(&c->work->plan, r)) {
		h1_respond(cs, c, &(struct h1_answer){ .path = path });
		return true;
	}
	listing_query(&job.request, r->query);
	job.request.format = plan_wants_json(r) ? LISTING_JSON : LISTING_HTML;
	room = h1_post(cs, c, &job, WAIT_LISTING);
	if (room != JOBS_POSTED) {
		h1_refuse_job(c, room);
		h1_respond(cs, c, &(struct h1_answer){ .path = path });
	}
	return true;
}

/* Have the file coded: for requests to come, or for this one, which then
 * waits. */
static enum jobs_room
h1_start_coding(struct conns *cs, struct conn *c, bool wait)
{
	struct site_file *file = &c->work->entry->file;
	struct gzip_store *gzip = cs->site->o.gzip;
	struct job job = { .kind = JOB_CODING, .key = file->key };
	enum jobs_room room = JOBS_NONE;

	if (cs->jobs == NULL ||
	    (!wait && !site_file_is_settled(file, cs->now.wall)))
		return JOBS_NONE;
	job.begun = gzip_begin(gzip, &file->key);
	file->begun = true;
	if (!job.begun && !wait)
		return JOBS_NONE; /* another request was first */
	job.fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (job.fd >= 0 && wait) {
		room = h1_post(cs, c, &job, WAIT_CODING);
	} else if (job.fd >= 0) {
		job.site = site_ref(cs->site);
		room = jobs_post(cs->jobs, &job);
		if (room != JOBS_POSTED)
			site_unref(job.site);
	}
	if (room == JOBS_POSTED)
		return room;
	if (job.fd >= 0)
		close(job.fd);
	if (job.begun)
		gzip_give_up(gzip, &file->key);
	return room;
}

/* files.spa in the place of what was not found, where it may. */
static void
h1_find_spa(struct conns *cs, struct work *w, const struct target_path *path)
{
	const struct file_facts *facts = &w->entry->file.facts;
	const char *spa = cs->site->o.spa;
	struct files_entry *page;

	if (spa == NULL || facts->kind == FILE_KIND_FILE)
		return;
	w->plan.vary_accept = true;
	if (!plan_takes_spa(&w->request, facts, path) ||
	    (facts->reason == REASON_FOLDER_NO_INDEX && cs->site->o.listing))
		return;
	page = files_take(cs->files);
	if (site_resolve_page(cs->site, spa, REASON_SPA, &page->file))
		conn_work_entry(cs, w, page);
	else
		files_release(cs->files, page);
}

/* What the target names, where it is known already. */
static bool
h1_find_kept(struct conns *cs, struct work *w)
{
	struct files_entry *e;

	if (cs->files_stale)
		files_refresh(cs->files);
	cs->files_stale = false;
	e = files_find(cs->files, cs->site, w->request.path, cs->now.mono);
	conn_work_entry(cs, w, e);
	return e != NULL;
}

/* The same where it is not. */
static void
h1_find(struct conns *cs, struct work *w, const struct target_path *path)
{
	conn_work_entry(cs, w,
	    files_load(
		cs->files, cs->site, w->request.path, path, cs->now.mono));
}

/* Answer from the entry that was found. */
static void
h1_answer_file(struct conns *cs, struct conn *c, const struct target_path *path)
{
	struct work *w = c->work;
	struct plan *p = &w->plan;

	plan_file(p, &w->request, &w->entry->file.facts, &cs->site->rules,
	    cs->now.wall / NS_PER_S);
	if (p->wait) {
		enum jobs_room room = h1_start_coding(cs, c, true);

		if (room == JOBS_POSTED)
			return;
		h1_refuse_job(c, room);
	} else if (p->make_coding) {
		(void)h1_start_coding(cs, c, false);
	}
	if (p->source == BODY_SOURCE_FILE)
		w->content_fd = site_file_fd(&w->entry->file, p->rep.coding);
	/* Between the parts the site may change; these keep theirs. */
	if (p->ranges > 1)
		w->site = site_ref(cs->site);
	p->boundary = ((uint64_t)cs->now.wall ^ c->id << 40) + c->requests;
	h1_respond(cs, c, &(struct h1_answer){ .path = path });
}

/* A redirect of the operator's; true when one answers. */
static bool
h1_redirect(struct conns *cs, struct conn *c, const struct target_path *path)
{
	struct work *w = c->work;
	char mem[LIMIT_REDIRECT];
	struct buf to = buf_over(mem, sizeof(mem));
	struct h1_answer a = { .path = path };
	uint16_t status;
	unsigned rule;

	if (cs->site->o.rules == NULL)
		return false;
	rule = rules_redirect(
	    cs->site->o.rules, span_of(path->s, path->n), &to, &status);
	if (rule == 0)
		return false;
	a.location = buf_span(&to);
	plan_redirect(&w->plan, &w->request, status, rule,
	    to.full ? LIMIT_REDIRECT + 1 : to.n);
	h1_respond(cs, c, &a);
	return true;
}

/* Look for the file of a target that is not known, or known to be missing where
 * files.spa may answer. */
static void
h1_decide_path(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct target_path path;

	path.n = 0;
	if (!h1_decode_target(w, &path)) {
		h1_respond(cs, c, &(struct h1_answer){ .path = &path });
		return;
	}
	if (w->entry == NULL) {
		if (h1_redirect(cs, c, &path))
			return;
		h1_find(cs, w, &path);
	}
	h1_find_spa(cs, w, &path);
	if (!h1_start_listing(cs, c, &path))
		h1_answer_file(cs, c, &path);
}

void
h1_decide(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct http_request *r = &w->request;

	if (plan_request(&w->plan, r, &cs->site->rules))
		h1_respond(cs, c, &(struct h1_answer){ .path = NULL });
	else if (cs->settings.lab && lab_takes(r->path))
		lab_start(cs, c);
	else if (h1_find_kept(cs, w) &&
	    (cs->site->o.spa == NULL ||
		w->entry->file.facts.kind == FILE_KIND_FILE))
		h1_answer_file(cs, c, NULL);
	else
		h1_decide_path(cs, c);
}

/* The listing, a reference, passes; NULL: it would be more than may be held. */
static void
h1_answer_listing(struct conns *cs, struct conn *c, struct listing *l)
{
	struct work *w = c->work;
	bool json = plan_wants_json(&w->request);
	bool made = l != NULL && l->fd >= 0;
	struct target_path path;

	w->facts = (struct file_facts){
		.kind = FILE_KIND_NONE,
		.reason = l != NULL ? l->reason : REASON_JOBS_MEMORY,
		.reason_a = l != NULL ? l->reason_a : JOBS_BYTES,
		.size = l != NULL ? l->size : 0,
		.type = json ? "application/json" : "text/html",
		.charset = !json,
	};
	h1_decode_again(w, &path);
	if (!made) {
		plan_file(&w->plan, &w->request, &w->facts, &cs->site->rules,
		    cs->now.wall / NS_PER_S);
		jobs_release(cs->jobs, l);
	} else {
		w->plan.keep = w->request.framing_sure;
		w->plan.head = w->request.method == METHOD_HEAD;
		plan_listing(&w->plan, l->size, l->entries);
		w->content_fd = l->fd;
		w->listing = l;
	}
	h1_respond(
	    cs, c, &(struct h1_answer){ .path = &path, .listing = true });
}

/* The file was coded, or could not be: the site may have changed meanwhile, so
 * it is looked for again. */
static void
h1_answer_coded(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct target_path path;
	uint8_t *state;

	h1_decode_again(w, &path);
	if (h1_redirect(cs, c, &path))
		return;
	h1_find(cs, w, &path);
	h1_find_spa(cs, w, &path);
	state = &w->entry->file.facts.variant[CODING_GZIP].state;
	if (*state == VARIANT_PENDING) {
		/* Nothing is waited for twice, by this one. */
		files_forget(cs->files, w->entry);
		*state = VARIANT_NONE;
	} else if (*state == VARIANT_MADE)
		trail_add(&w->plan.trail, REASON_CODING_WAITED,
		    reason_coding(CODING_GZIP, 0, CODING_N, 0), 0);
	if (!h1_start_listing(cs, c, &path))
		h1_answer_file(cs, c, &path);
}

void
h1_answer_job(struct conns *cs, struct conn *c, const struct job_result *result)
{
	if (result->kind == JOB_LISTING)
		h1_answer_listing(cs, c, result->listing);
	else
		h1_answer_coded(cs, c);
}
