#include "http/plan.h"

#include "http/accept.h"
#include "http/precond.h"

/* What a reason that the site gives means as a status; reasons that are not
 * here (FILE_FOUND, ...) are no errors. */
static const struct {
	enum reason_id reason;
	uint16_t status;
} file_statuses[] = {
	{ REASON_FILE_MISSING, 404 },
	{ REASON_FILE_UNDER_FILE, 404 },
	{ REASON_FILE_SLASH, 404 },
	{ REASON_FILE_HIDDEN, 404 },
	{ REASON_FILE_DENIED_RULE, 404 },
	{ REASON_FILE_OUTSIDE, 404 },
	{ REASON_FILE_SYMLINK, 404 },
	{ REASON_FILE_OWN_LOG, 404 },
	{ REASON_FILE_NAME_LONG, 404 },
	{ REASON_FILE_SPECIAL, 403 },
	{ REASON_FILE_FORBIDDEN, 403 },
	{ REASON_FOLDER_NO_INDEX, 403 },
	{ REASON_FILE_EXHAUSTED, 503 },
	{ REASON_OVERLOADED, 503 },
	{ REASON_JOBS_MEMORY, 503 },
	{ REASON_FILE_ERROR, 500 },
};

uint16_t
plan_status_of(enum reason_id why)
{
	size_t n = sizeof(file_statuses) / sizeof(file_statuses[0]);

	for (size_t i = 0; i < n; i++)
		if (file_statuses[i].reason == why)
			return file_statuses[i].status;
	return 500;
}

/* An answer without a file: its content is a small page. */
static void
plan_page(struct plan *p, uint16_t status)
{
	p->status = status;
	p->source = BODY_SOURCE_PAGE;
	p->content_length = true;
	p->file_fields = false;
}

void
plan_refusal(struct plan *p, uint16_t status, enum reason_id why, uint64_t a,
    uint32_t b, bool framing_sure)
{
	trail_why(&p->trail, why, a, b);
	plan_page(p, status);
	p->keep = framing_sure;
}

/* Whether a server on loopback answers for that host: a page elsewhere whose
 * name was made to resolve to 127.0.0.1 must not read from here. */
static bool
plan_host_known(const struct http_request *r, const struct plan_rules *rules)
{
	struct span host = r->host;
	size_t n = host.n;

	if (n == 0 || r->host_local)
		return true;

	while (n > 0 && ascii_is_digit(host.p[n - 1]))
		n--;
	if (n > 0 && host.p[n - 1] == ':')
		host.n = n - 1;
	for (size_t i = 0; rules->hosts && rules->hosts[i]; i++)
		if (span_eq_nocase(host, span_str(rules->hosts[i])))
			return true;
	return false;
}

/* Whether pages of the request's Origin may read the answer (the Fetch
 * standard's CORS protocol). */
static void
plan_cors(struct plan *p, const struct http_request *r,
    const struct plan_rules *rules)
{
	struct span origin = request_value(r, FIELD_ORIGIN);
	unsigned lines = request_count(r, FIELD_ORIGIN);

	p->cors = CORS_NONE;
	if (rules->origins == NULL || rules->origins[0] == NULL)
		return;
	for (size_t i = 0; rules->origins[i] != NULL; i++) {
		struct span o = span_str(rules->origins[i]);

		if (span_eq(o, SPAN("*")))
			p->cors = CORS_ANY;
		else if (p->cors == CORS_NONE && lines == 1 &&
		    span_eq(o, origin))
			p->cors = CORS_ORIGIN;
	}
	if (lines == 1)
		trail_add(&p->trail,
		    p->cors == CORS_NONE ? REASON_CORS_REFUSED
					 : REASON_CORS_ALLOWED,
		    0, 0);
}

/* What may be done, to whoever asks (RFC 9110 9.3.7). */
static void
plan_options(struct plan *p, const struct http_request *r)
{
	trail_why(&p->trail, REASON_OPTIONS, 0, 0);
	p->status = 204;
	p->allow = true;
	if (p->cors != CORS_NONE && request_count(r, FIELD_ORIGIN) == 1 &&
	    request_count(r, FIELD_ACCESS_CONTROL_REQUEST_METHOD) == 1) {
		trail_why(&p->trail, REASON_PREFLIGHT, 0, 0);
		p->preflight = true;
	}
}

bool
plan_request(struct plan *p, const struct http_request *r,
    const struct plan_rules *rules)
{
	p->keep = r->framing_sure;
	p->head = r->method == METHOD_HEAD;
	plan_cors(p, r, rules);
	if (r->status != 0) {
		plan_refusal(p, r->status, (enum reason_id)r->error,
		    r->error_at, 0, r->framing_sure);
	} else if (rules->loopback_only && !plan_host_known(r, rules)) {
		plan_refusal(p, 421, REASON_HOST_FOREIGN, 0, 0, true);
	} else if (r->method == METHOD_UNKNOWN) {
		plan_refusal(p, 501, REASON_METHOD_UNKNOWN, 0, 0, true);
	} else if (!method_is_served(r->method)) {
		plan_refusal(p, 405, REASON_METHOD_NOT_ALLOWED, 0, 0, true);
		p->allow = true;
	} else if (r->method == METHOD_OPTIONS) {
		plan_options(p, r);
	} else {
		return false;
	}
	return true;
}

/* Whether the Range field is to be heeded; if not, the trail says why. */
static bool
plan_heeds_range(struct plan *plan, const struct http_request *r, int64_t now)
{
	unsigned n = request_count(r, FIELD_RANGE);
	enum reason_id why = REASON_NONE;

	if (n == 0 && request_count(r, FIELD_IF_RANGE) == 0)
		return false;
	if (n == 0)
		why = REASON_IF_RANGE_ALONE;
	else if (!plan->accept_ranges)
		why = REASON_RANGE_OFF;
	else if (r->method != METHOD_GET)
		why = REASON_RANGE_NOT_GET;
	else if (n > 1)
		why = REASON_RANGE_TWICE;
	else
		return precond_if_range(&plan->trail, r, &plan->rep, now);
	trail_add(&plan->trail, why, 0, 0);
	return false;
}

/* The Range field that is heeded: 206, 416, or 200 as without it. */
static void
plan_ranges(struct plan *plan, const struct http_request *r,
    const struct plan_rules *rules)
{
	uint64_t size = plan->rep.size;
	unsigned n;

	switch (range_parse(request_value(r, FIELD_RANGE), size, rules->ranges,
	    plan->range, &n)) {
	case RANGE_IGNORED:
		trail_add(&plan->trail, REASON_RANGE_IGNORED, 0, 0);
		return;
	case RANGE_TOO_MUCH:
		trail_add(
		    &plan->trail, REASON_RANGE_TOO_MUCH, rules->ranges, 0);
		return;
	case RANGE_UNSATISFIABLE:
		trail_why(&plan->trail, REASON_RANGE_UNSATISFIABLE, size, 0);
		plan_page(plan, 416);
		plan->complete_length = size;
		return;
	case RANGE_OK:
		break;
	}
	plan->status = 206;
	plan->ranges = n;
	if (n > 1) {
		trail_why(&plan->trail, REASON_RANGE_SEVERAL, n, 0);
		return; /* response.c knows how long the parts are */
	}
	trail_why(&plan->trail, REASON_RANGE_ONE, plan->range[0].first, 0);
	plan->offset = plan->range[0].first;
	plan->length = plan->range[0].last - plan->range[0].first + 1;
}

/* No less than the bytes of a part of the target when it is encoded anew, each
 * byte as itself or as %XX; what is escaped already counts as it is. */
static size_t
plan_encoded_bound(struct span part)
{
	size_t n = 0;

	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		n += c == '%' || c == '/' || buf_pct_plain(c) ? 1 : 3;
	}
	return n;
}

/* Send the client to an address of so many bytes, its query not counted. */
static void
plan_move(struct plan *p, const struct http_request *r, uint16_t status,
    size_t address)
{
	if (address + 1 + plan_encoded_bound(r->query) > LIMIT_REDIRECT) {
		trail_why(&p->trail, REASON_REDIRECT_LONG, LIMIT_REDIRECT, 0);
		plan_page(p, 414);
		return;
	}
	plan_page(p, status);
	p->location = true;
}

void
plan_redirect(struct plan *p, const struct http_request *r, uint16_t status,
    unsigned rule, size_t address)
{
	trail_why(&p->trail, REASON_REDIRECT_RULE, rule, 0);
	plan_move(p, r, status, address);
}

/* Why this coding, in the trail. */
static void
plan_tell_coding(
    struct plan *p, const struct http_request *r, const struct selected *s)
{
	enum coding c = s->rep.coding;
	uint64_t choice = reason_coding(c, s->q, s->rival, s->rival_q);
	enum reason_id why = REASON_CODING_CHOSEN;

	if (s->held)
		why = REASON_CODING_HELD;
	else if (s->wanted && c == CODING_IDENTITY) {
		why = REASON_CODING_PENDING;
		choice = reason_coding(CODING_GZIP, 0, CODING_N, 0);
	} else if (c == CODING_IDENTITY && s->rival_q == 0)
		why = request_count(r, FIELD_ACCEPT_ENCODING)
		    ? REASON_CODING_NOT_TAKEN
		    : REASON_CODING_NOT_ASKED;
	trail_add(&p->trail, why, choice, 0);
}

/* Choose the representation; false when the answer is then decided, or nothing
 * can be. */
static bool
plan_select(struct plan *p, const struct http_request *r,
    const struct file_facts *f, const struct plan_rules *rules)
{
	struct selection from = { .size = f->size,
		.mtime_ns = f->mtime_ns,
		.variant = f->variant,
		.order = rules->coding_order,
		.order_n = rules->coding_order_n };
	struct selected s;

	if (!f->negotiated)
		from.order_n = 0;
	select_representation(&s, &from, r);
	p->rep = s.rep;
	p->vary_coding = f->negotiated;
	p->make_coding = s.wanted;
	p->wait = s.result == SELECT_WAIT;
	if (p->wait) {
		p->trail.n--; /* the file is looked at again */
		return false;
	}
	if (s.result == SELECT_NONE && f->coding == NULL) {
		trail_why(&p->trail, REASON_CODING_REFUSED, 0, 0);
		p->vary_coding = true;
		plan_page(p, 406);
		return false;
	}
	if (f->negotiated)
		plan_tell_coding(p, r, &s);
	if (s.unfit != CODING_N)
		trail_add(&p->trail,
		    f->variant[s.unfit].state == VARIANT_OLDER
			? REASON_CODING_OLDER
			: REASON_CODING_USELESS,
		    reason_coding(s.unfit, 0, CODING_N, 0), 0);
	return true;
}

/* The preconditions; false when they decide the answer. */
static bool
plan_preconditions(struct plan *p, const struct http_request *r,
    const struct file_facts *f, int64_t now)
{
	uint16_t status = precond_status(&p->trail, r, &p->rep, now);

	if (status == 412) {
		plan_page(p, 412);
		return false;
	}
	p->file_fields = true;
	if (f->cache_rule != 0)
		trail_add(&p->trail, REASON_CACHE_RULE, f->cache_rule, 0);
	if (f->edits_n != 0)
		trail_add(&p->trail, REASON_FIELD_RULES, f->edits_n, 0);
	if (status == 304) {
		p->status = 304;
		return false;
	}
	/* A copy that the client names, and that is not to be had any more. */
	if (f->variant[p->rep.coding].state == VARIANT_PENDING)
		p->rep = (struct representation){ .size = f->size,
			.tag_size = f->size,
			.mtime_ns = f->mtime_ns };
	return true;
}

void
plan_file(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, const struct plan_rules *rules, int64_t now)
{
	/* they may have been, for another file */
	plan->wait = plan->make_coding = plan->vary_coding = false;
	plan->keep = r->framing_sure;
	plan->head = r->method == METHOD_HEAD;
	trail_why(&plan->trail, f->reason, f->reason_a, 0);
	if (f->kind == FILE_KIND_NONE) {
		plan_page(plan, plan_status_of(f->reason));
		return;
	}
	if (f->kind == FILE_KIND_FOLDER) {
		plan_move(plan, r, 301, 1 + plan_encoded_bound(r->path));
		return;
	}
	if (!plan_select(plan, r, f, rules) ||
	    !plan_preconditions(plan, r, f, now))
		return;
	plan->status = 200;
	plan->content_length = true;
	plan->source = BODY_SOURCE_FILE;
	plan->length = plan->rep.size;
	plan->accept_ranges = rules->ranges != 0;
	if (plan_heeds_range(plan, r, now))
		plan_ranges(plan, r, rules);
}

bool
plan_takes_spa(const struct http_request *r, const struct file_facts *f,
    const struct target_path *path)
{
	size_t at = path->n;

	if (f->reason != REASON_FILE_MISSING &&
	    f->reason != REASON_FILE_UNDER_FILE &&
	    f->reason != REASON_FOLDER_NO_INDEX)
		return false;
	while (at > 0 && path->s[at - 1] != '/')
		if (path->s[--at] == '.')
			return false;
	return accept_request_quality(r, SPAN("text/html")) != 0;
}

bool
plan_wants_json(const struct http_request *r)
{
	return accept_request_quality(r, SPAN("application/json")) >
	    accept_request_quality(r, SPAN("text/html"));
}

void
plan_error_page(struct plan *p, uint64_t size)
{
	trail_add(&p->trail, REASON_ERROR_PAGE, size, 0);
	p->source = BODY_SOURCE_FILE;
	p->offset = 0;
	p->length = size;
}

bool
plan_folder(struct plan *p, const struct http_request *r)
{
	uint16_t status;

	p->keep = r->framing_sure;
	p->head = r->method == METHOD_HEAD;
	status = precond_bare_status(&p->trail, r);
	p->vary_accept = status == 304;
	if (status == 412)
		plan_page(p, 412);
	else
		p->status = status;
	return status != 0;
}

void
plan_listing(struct plan *plan, uint64_t size, uint64_t entries)
{
	trail_why(&plan->trail, REASON_FOLDER_LISTED, entries, 0);
	plan->status = 200;
	plan->listing = true;
	plan->content_length = true;
	plan->source = BODY_SOURCE_FILE;
	plan->length = size;
}

/* Whether there is content that was not waited for, or is too much. */
static bool
plan_leaves_content(const struct plan *plan)
{
	const struct trail *t = &plan->trail;

	for (unsigned i = 0; i < t->n; i++)
		if (t->r[i].id == REASON_EXPECT_ANSWERED ||
		    t->r[i].id == REASON_BODY_TOO_LARGE)
			return true;
	return false;
}

/* Why the connection stays open or not: the first row that applies. */
static void
plan_persistence(struct plan *plan, const struct http_request *r,
    const struct plan_turn *turn)
{
	bool limited = turn->limit != 0 && turn->number >= turn->limit;

	if (!plan->keep || r == NULL)
		trail_add(&plan->trail,
		    plan_leaves_content(plan) ? REASON_CLOSE_CONTENT
					      : REASON_CLOSE_ERROR,
		    0, 0);
	else if (turn->draining)
		trail_add(&plan->trail, REASON_CLOSE_DRAIN, 0, 0);
	else if (r->wants_close)
		trail_add(&plan->trail, REASON_CLOSE_ASKED, 0, 0);
	else if (r->minor == 0 && !r->wants_keep_alive)
		trail_add(&plan->trail, REASON_CLOSE_10, 0, 0);
	else if (limited)
		trail_add(&plan->trail, REASON_CLOSE_LIMIT, turn->number,
		    turn->limit);
	else {
		enum reason_id why = r->minor == 0 ? REASON_KEEP_10
		    : turn->limit		   ? REASON_KEEP_11
						   : REASON_KEEP_11_UNLIMITED;

		trail_add(&plan->trail, why, turn->number, turn->limit);
		return;
	}
	plan->keep = false;
}

void
plan_finish(struct plan *plan, const struct http_request *r,
    const struct plan_turn *turn)
{
	if (plan->source == BODY_SOURCE_PAGE) {
		/* HTML unless the client would rather have text. */
		unsigned html = r == NULL
		    ? 1
		    : accept_request_quality(r, SPAN("text/html"));

		plan->page_html = html != 0 &&
		    (r == NULL ||
			html >= accept_request_quality(r, SPAN("text/plain")));
	}
	if (r != NULL && r->minor == 0 && request_count(r, FIELD_EXPECT) != 0)
		trail_add(&plan->trail, REASON_EXPECT_10, 0, 0);
	if (r != NULL && r->expects_continue && r->framing != BODY_NONE) {
		/* The content was not waited for, and nobody can tell whether
		 * it comes (RFC 9110 10.1.1): the connection ends here. */
		trail_add(&plan->trail, REASON_EXPECT_ANSWERED, 0, 0);
		plan->keep = false;
	}
	plan_persistence(plan, r, turn);
}

void
plan_not_kept(struct plan *plan)
{
	struct trail *t = &plan->trail;
	unsigned last = t->n ? t->r[t->n - 1].id : REASON_NONE;

	if (last == REASON_KEEP_11 || last == REASON_KEEP_11_UNLIMITED ||
	    last == REASON_KEEP_10)
		t->n--;
	plan->keep = false;
}
