#include "http/plan.h"

#include "base/clock.h"
#include "http/accept.h"
#include "http/date.h"

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
plan_host_known(struct span host, const struct plan_rules *rules)
{
	size_t n = host.n;

	while (n > 0 && ascii_is_digit(host.p[n - 1]))
		n--;
	if (n > 0 && host.p[n - 1] == ':')
		host.n = n - 1;
	if (host.n == 0 || host_is_local_literal(host))
		return true;
	for (size_t i = 0; rules->hosts && rules->hosts[i]; i++)
		if (span_eq_nocase(host, span_str(rules->hosts[i])))
			return true;
	return false;
}

bool
plan_request(struct plan *p, const struct http_request *r,
    const struct plan_rules *rules)
{
	p->keep = r->framing_sure;
	p->head = r->method == METHOD_HEAD;
	if (r->status != 0) {
		plan_refusal(p, r->status, (enum reason_id)r->error,
		    r->error_at, 0, r->framing_sure);
	} else if (rules->loopback_only && !plan_host_known(r->host, rules)) {
		plan_refusal(p, 421, REASON_HOST_FOREIGN, 0, 0, true);
	} else if (r->method == METHOD_UNKNOWN) {
		plan_refusal(p, 501, REASON_METHOD_UNKNOWN, 0, 0, true);
	} else if (!method_is_served(r->method)) {
		plan_refusal(p, 405, REASON_METHOD_NOT_ALLOWED, 0, 0, true);
		p->allow = true;
	} else if (r->method == METHOD_OPTIONS) {
		trail_why(&p->trail, REASON_OPTIONS, 0, 0);
		p->status = 204;
		p->allow = true;
	} else {
		return false;
	}
	return true;
}

/* If-None-Match against the file's tag, all lines as one list.  True: 304. */
static bool
plan_if_none_match(
    struct plan *plan, const struct http_request *r, struct span etag)
{
	bool bad = false, star = false, matched = false;
	unsigned tags = 0, lines = 0;
	struct span list;
	int i = 0;

	while (!bad && request_each(r, FIELD_IF_NONE_MATCH, &i, &list)) {
		unsigned counted = matched ? 0 : tags;
		enum etag_match m =
		    etag_list_match(list, etag, false, &counted);

		star = star || m == ETAG_STAR;
		bad = m == ETAG_BAD_LIST || (star && lines > 0);
		lines++;
		tags = matched ? tags : counted;
		matched = matched || m == ETAG_MATCH;
	}
	trail_why(&plan->trail,
	    bad		  ? REASON_INM_BAD
		: star	  ? REASON_INM_STAR
		: matched ? REASON_INM_MATCHED
			  : REASON_INM_NONE,
	    bad || star ? 0 : tags, 0);
	return !bad && (star || matched);
}

/* If-Match; false: 412. */
static bool
plan_if_match(struct plan *plan, const struct http_request *r, struct span etag)
{
	struct span list;
	unsigned tags = 0;
	int i = 0;

	while (request_each(r, FIELD_IF_MATCH, &i, &list)) {
		enum etag_match m = etag_list_match(list, etag, true, &tags);

		if (m == ETAG_MATCH || m == ETAG_STAR) {
			trail_add(&plan->trail, REASON_IM_PASSED, 0, 0);
			return true;
		}
	}
	trail_why(&plan->trail, REASON_IM_FAILED, tags, 0);
	return false;
}

/* A date field that is there once and is a date; others are ignored. */
static bool
plan_date(
    const struct http_request *r, enum field_id id, int64_t now, int64_t *date)
{
	return request_count(r, id) == 1 &&
	    date_parse(request_value(r, id), now, date);
}

/* If-Modified-Since; true: 304. */
static bool
plan_if_modified_since(struct plan *plan, const struct http_request *r,
    int64_t modified, int64_t now)
{
	int64_t since;

	if (!plan_date(r, FIELD_IF_MODIFIED_SINCE, now, &since)) {
		trail_why(&plan->trail, REASON_IMS_BAD, 0, 0);
		return false;
	}
	if (modified <= since) {
		trail_why(&plan->trail, REASON_IMS_NOT_NEWER, 0, 0);
		return true;
	}
	trail_why(&plan->trail, REASON_IMS_NEWER,
	    (uint64_t)modified - (uint64_t)since, 0);
	return false;
}

/* Preconditions in the order of RFC 9110 13.2.2: the status, 0 to go on. */
static uint16_t
plan_preconditions(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, int64_t now)
{
	char mem[ETAG_MAX];
	struct buf etag = buf_over(mem, sizeof(mem));
	int64_t modified = f->mtime_ns / NS_PER_S, since;

	etag_put(&etag, f->size, f->mtime_ns);
	if (modified > now)
		modified = now; /* as Last-Modified says */
	if (request_count(r, FIELD_IF_MATCH)) {
		if (!plan_if_match(plan, r, buf_span(&etag)))
			return 412;
	} else if (plan_date(r, FIELD_IF_UNMODIFIED_SINCE, now, &since)) {
		if (modified > since) {
			trail_why(&plan->trail, REASON_IUS_FAILED, 0, 0);
			return 412;
		}
		trail_add(&plan->trail, REASON_IUS_PASSED, 0, 0);
	}
	if (request_count(r, FIELD_IF_NONE_MATCH)) {
		bool matched = plan_if_none_match(plan, r, buf_span(&etag));

		if (request_count(r, FIELD_IF_MODIFIED_SINCE))
			trail_add(&plan->trail, REASON_IMS_SKIPPED, 0, 0);
		return matched ? 304 : 0;
	}
	if (request_count(r, FIELD_IF_MODIFIED_SINCE))
		return plan_if_modified_since(plan, r, modified, now) ? 304 : 0;
	trail_add(&plan->trail, REASON_NO_CONDITION, 0, 0);
	return 0;
}

/* Whether If-Range lets the Range field count (RFC 9110 13.1.5): the tag by
 * the strong comparison, or the exact date when that is a strong validator,
 * which is to say a second old (8.8.2.2). */
static bool
plan_if_range(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, int64_t now)
{
	struct span value = request_value(r, FIELD_IF_RANGE);
	int64_t modified = f->mtime_ns / NS_PER_S, date;
	char mem[ETAG_MAX];
	struct buf etag = buf_over(mem, sizeof(mem));
	bool same;

	if (request_count(r, FIELD_IF_RANGE) == 0)
		return true;
	etag_put(&etag, f->size, f->mtime_ns);
	if (date_parse(value, now, &date))
		same = date == modified && modified < now;
	else
		same = span_eq(value, buf_span(&etag));
	same = same && request_count(r, FIELD_IF_RANGE) == 1;
	trail_add(&plan->trail,
	    same ? REASON_IF_RANGE_PASSED : REASON_IF_RANGE_FAILED, 0, 0);
	return same;
}

/* The Range field, if it is to be heeded at all: 206, 416, or 200 as without
 * it. */
static void
plan_ranges(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, const struct plan_rules *rules)
{
	unsigned n;

	switch (range_parse(request_value(r, FIELD_RANGE), f->size,
	    rules->ranges, plan->range, &n)) {
	case RANGE_IGNORED:
		trail_add(&plan->trail, REASON_RANGE_IGNORED, 0, 0);
		return;
	case RANGE_TOO_MUCH:
		trail_add(
		    &plan->trail, REASON_RANGE_TOO_MUCH, rules->ranges, 0);
		return;
	case RANGE_UNSATISFIABLE:
		trail_why(&plan->trail, REASON_RANGE_UNSATISFIABLE, f->size, 0);
		plan_page(plan, 416);
		plan->complete_length = f->size;
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

/* No less than the bytes of the path and query when they are encoded anew, each
 * byte as itself or as %XX; what is escaped already counts as it is. */
static size_t
plan_address_bound(const struct http_request *r)
{
	const struct span parts[] = { r->path, r->query };
	size_t n = 2; /* the slash that is added, and '?' */

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < parts[k].n; i++) {
			char c = parts[k].p[i];

			n += c == '%' || c == '/' || buf_pct_plain(c) ? 1 : 3;
		}
	return n;
}

void
plan_file(struct plan *plan, const struct http_request *r,
    const struct file_facts *f, const struct plan_rules *rules, int64_t now)
{
	uint16_t status;

	plan->keep = r->framing_sure;
	plan->head = r->method == METHOD_HEAD;
	trail_why(&plan->trail, f->reason, f->reason_a, 0);
	switch (f->kind) {
	case FILE_KIND_NONE:
		plan_page(plan, plan_status_of(f->reason));
		return;
	case FILE_KIND_FOLDER:
		if (plan_address_bound(r) > LIMIT_REDIRECT) {
			trail_why(&plan->trail, REASON_REDIRECT_LONG,
			    LIMIT_REDIRECT, 0);
			plan_page(plan, 414);
			return;
		}
		plan_page(plan, 301);
		plan->location = true;
		return;
	case FILE_KIND_FILE:
		break;
	}
	status = plan_preconditions(plan, r, f, now);
	if (status == 412) {
		plan_page(plan, 412);
		return;
	}
	plan->file_fields = true;
	if (status == 304) {
		plan->status = 304;
		return;
	}
	plan->status = 200;
	plan->content_length = true;
	plan->source = BODY_SOURCE_FILE;
	plan->length = f->size;
	plan->accept_ranges = rules->ranges != 0;
	/* Range is defined for GET alone (RFC 9110 14.2). */
	if (request_count(r, FIELD_RANGE) == 1 && plan->accept_ranges &&
	    r->method == METHOD_GET && plan_if_range(plan, r, f, now))
		plan_ranges(plan, r, f, rules);
}

bool
plan_wants_json(const struct http_request *r)
{
	struct span accept = request_value(r, FIELD_ACCEPT);

	return accept_quality(accept, SPAN("application/json")) >
	    accept_quality(accept, SPAN("text/html"));
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

/* Why the connection stays open or not: the first row that applies. */
static void
plan_persistence(struct plan *plan, const struct http_request *r,
    const struct plan_turn *turn)
{
	bool limited = turn->limit != 0 && turn->number >= turn->limit;

	if (!plan->keep || r == NULL)
		trail_add(&plan->trail, REASON_CLOSE_ERROR, 0, 0);
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
		struct span accept = r != NULL ? request_value(r, FIELD_ACCEPT)
					       : span_of(NULL, 0);

		/* HTML unless the client would rather have text. */
		unsigned html = accept_quality(accept, SPAN("text/html"));

		plan->page_html = html != 0 &&
		    html >= accept_quality(accept, SPAN("text/plain"));
	}
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
