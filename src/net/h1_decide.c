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
	conn_enter(cs, c, CONN_WAITING);
	conn_watch(cs, c, false, false);
}

/* Post it, with this connection waiting for the result; false when there is no
 * room. */
static bool
h1_post(struct conns *cs, struct conn *c, struct job *job, enum conn_wait what)
{
	job->to = cs->jobs_to;
	job->slot = c->slot;
	job->generation = c->generation;
	job->site = site_ref(cs->site);
	if (cs->jobs_out < JOBS_QUEUE && jobs_post(cs->jobs, job)) {
		cs->jobs_out++;
		h1_wait(cs, c, what);
		return true;
	}
	site_unref(job->site);
	return false;
}

/* A folder without index: have its listing made.  False when it is not to be,
 * or cannot. */
static bool
h1_start_listing(
    struct conns *cs, struct conn *c, const struct target_path *path)
{
	struct http_request *r = &c->work->request;
	struct job job = { .kind = JOB_LISTING, .path = *path };

	if (c->work->entry->file.facts.reason != REASON_FOLDER_NO_INDEX ||
	    !cs->site->o.listing || cs->jobs == NULL)
		return false;
	if (plan_folder(&c->work->plan, r)) {
		h1_respond(cs, c, &(struct h1_answer){ .path = path });
		return true;
	}
	listing_query(&job.request, r->query);
	job.request.format = plan_wants_json(r) ? LISTING_JSON : LISTING_HTML;
	if (h1_post(cs, c, &job, WAIT_LISTING))
		return true;
	plan_refusal(&c->work->plan, 503, REASON_OVERLOADED, 0, 0, true);
	h1_respond(cs, c, &(struct h1_answer){ .path = path });
	return true;
}

/* Have the file coded: for requests to come, or for this one, which then waits.
 * False when it cannot be. */
static bool
h1_start_coding(struct conns *cs, struct conn *c, bool wait)
{
	struct site_file *file = &c->work->entry->file;
	struct gzip_store *gzip = cs->site->o.gzip;
	struct job job = { .kind = JOB_CODING, .key = file->key };
	bool posted = false;

	if (cs->jobs == NULL ||
	    (!wait && !site_file_is_settled(file, cs->now.wall)))
		return false;
	job.begun = gzip_begin(gzip, &file->key);
	file->begun = true;
	if (!job.begun && !wait)
		return false; /* another request was first */
	job.fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (job.fd >= 0 && wait) {
		posted = h1_post(cs, c, &job, WAIT_CODING);
	} else if (job.fd >= 0) {
		job.site = site_ref(cs->site);
		posted = jobs_post(cs->jobs, &job);
		if (!posted)
			site_unref(job.site);
	}
	if (posted)
		return true;
	if (job.fd >= 0)
		close(job.fd);
	if (job.begun)
		gzip_give_up(gzip, &file->key);
	return false;
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

/* What is found is `w->file`: answer. */
static void
h1_answer_file(struct conns *cs, struct conn *c, const struct target_path *path)
{
	struct work *w = c->work;
	struct plan *p = &w->plan;

	plan_file(p, &w->request, &w->entry->file.facts, &cs->site->rules,
	    cs->now.wall / NS_PER_S);
	if (p->wait) {
		if (h1_start_coding(cs, c, true))
			return;
		plan_refusal(p, 503, REASON_OVERLOADED, 0, 0, true);
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

static void
h1_answer_listing(
    struct conns *cs, struct conn *c, const struct listing *listing)
{
	struct work *w = c->work;
	bool json = plan_wants_json(&w->request);
	struct target_path path;

	w->facts = (struct file_facts){
		.kind = FILE_KIND_NONE,
		.reason = listing->reason,
		.reason_a = listing->reason_a,
		.size = listing->size,
		.type = json ? "application/json" : "text/html",
		.charset = !json,
	};
	h1_decode_again(w, &path);
	if (listing->fd < 0) {
		plan_file(&w->plan, &w->request, &w->facts, &cs->site->rules,
		    cs->now.wall / NS_PER_S);
	} else {
		w->plan.keep = w->request.framing_sure;
		w->plan.head = w->request.method == METHOD_HEAD;
		plan_listing(&w->plan, listing->size, listing->entries);
		w->content_fd = w->listing_fd = listing->fd;
		w->listing = listing->size;
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
	if (*state == VARIANT_PENDING)
		*state = VARIANT_NONE; /* nothing is waited for twice */
	else if (*state == VARIANT_MADE)
		trail_add(&w->plan.trail, REASON_CODING_WAITED,
		    reason_coding(CODING_GZIP, 0, CODING_N, 0), 0);
	h1_answer_file(cs, c, &path);
}

void
h1_answer_job(struct conns *cs, struct conn *c, const struct job_result *result)
{
	if (result->kind == JOB_LISTING)
		h1_answer_listing(cs, c, &result->listing);
	else
		h1_answer_coded(cs, c);
}
