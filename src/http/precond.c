#include "http/precond.h"

#include "base/clock.h"
#include "http/date.h"
#include "http/etag.h"

/* If-None-Match against the file's tag, all lines as one list.  True: 304. */
static bool
precond_if_none_match(
    struct trail *t, const struct http_request *r, struct span etag)
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
	trail_why(t,
	    bad		  ? REASON_INM_BAD
		: star	  ? REASON_INM_STAR
		: matched ? REASON_INM_MATCHED
			  : REASON_INM_NONE,
	    bad || star ? 0 : tags, 0);
	return !bad && (star || matched);
}

/* If-Match; false: 412. */
static bool
precond_if_match(
    struct trail *t, const struct http_request *r, struct span etag)
{
	struct span list;
	unsigned tags = 0;
	bool bad = false;
	int i = 0;

	while (request_each(r, FIELD_IF_MATCH, &i, &list)) {
		enum etag_match m = etag_list_match(list, etag, true, &tags);

		if (m == ETAG_MATCH || m == ETAG_STAR) {
			trail_add(t,
			    m == ETAG_STAR ? REASON_IM_STAR : REASON_IM_PASSED,
			    0, 0);
			return true;
		}
		bad = bad || m == ETAG_BAD_LIST;
	}
	trail_why(t, bad ? REASON_IM_BAD : REASON_IM_FAILED, bad ? 0 : tags, 0);
	return false;
}

/* A date field that is there once and is a date; others are ignored. */
static bool
precond_date(
    const struct http_request *r, enum field_id id, int64_t now, int64_t *date)
{
	return request_count(r, id) == 1 &&
	    date_parse(request_value(r, id), now, date);
}

/* If-Modified-Since; true: 304. */
static bool
precond_if_modified_since(struct trail *t, const struct http_request *r,
    int64_t modified, int64_t now)
{
	int64_t since;

	if (!precond_date(r, FIELD_IF_MODIFIED_SINCE, now, &since)) {
		trail_why(t, REASON_IMS_BAD, 0, 0);
		return false;
	}
	if (modified <= since) {
		trail_why(t, REASON_IMS_NOT_NEWER, 0, 0);
		return true;
	}
	trail_why(t, REASON_IMS_NEWER, (uint64_t)modified - (uint64_t)since, 0);
	return false;
}

/* If-Unmodified-Since; false: 412. */
static bool
precond_if_unmodified_since(struct trail *t, const struct http_request *r,
    int64_t modified, int64_t now)
{
	int64_t since;

	if (!precond_date(r, FIELD_IF_UNMODIFIED_SINCE, now, &since)) {
		trail_add(t, REASON_IUS_BAD, 0, 0);
		return true;
	}
	if (modified > since) {
		trail_why(t, REASON_IUS_FAILED, 0, 0);
		return false;
	}
	trail_add(t, REASON_IUS_PASSED, 0, 0);
	return true;
}

uint16_t
precond_status(struct trail *t, const struct http_request *r,
    const struct representation *rep, int64_t now)
{
	char mem[ETAG_MAX];
	struct buf etag = buf_over(mem, sizeof(mem));
	int64_t modified = rep->mtime_ns / NS_PER_S;

	if (modified > now)
		modified = now; /* as Last-Modified says */
	if (request_count(r, FIELD_IF_MATCH) ||
	    request_count(r, FIELD_IF_NONE_MATCH))
		representation_put_etag(&etag, rep);
	if (request_count(r, FIELD_IF_MATCH)) {
		if (!precond_if_match(t, r, buf_span(&etag)))
			return 412;
		if (request_count(r, FIELD_IF_UNMODIFIED_SINCE))
			trail_add(t, REASON_IUS_SKIPPED, 0, 0);
	} else if (request_count(r, FIELD_IF_UNMODIFIED_SINCE) &&
	    !precond_if_unmodified_since(t, r, modified, now)) {
		return 412;
	}
	if (request_count(r, FIELD_IF_NONE_MATCH)) {
		bool matched = precond_if_none_match(t, r, buf_span(&etag));

		if (request_count(r, FIELD_IF_MODIFIED_SINCE))
			trail_add(t, REASON_IMS_SKIPPED, 0, 0);
		return matched ? 304 : 0;
	}
	if (request_count(r, FIELD_IF_MODIFIED_SINCE))
		return precond_if_modified_since(t, r, modified, now) ? 304 : 0;
	trail_add(t, REASON_NO_CONDITION, 0, 0);
	return 0;
}

uint16_t
precond_bare_status(struct trail *t, const struct http_request *r)
{
	const struct span none = { NULL, 0 };

	if (request_count(r, FIELD_IF_MATCH) && !precond_if_match(t, r, none))
		return 412;
	if (request_count(r, FIELD_IF_NONE_MATCH) &&
	    precond_if_none_match(t, r, none))
		return 304;
	return 0;
}

/* The tag by the strong comparison, or the exact date when that is a strong
 * validator, which is to say a second old (RFC 9110 8.8.2.2). */
bool
precond_if_range(struct trail *t, const struct http_request *r,
    const struct representation *rep, int64_t now)
{
	struct span value = request_value(r, FIELD_IF_RANGE);
	int64_t modified = rep->mtime_ns / NS_PER_S, date;
	char mem[ETAG_MAX];
	struct buf etag = buf_over(mem, sizeof(mem));
	bool same;

	if (request_count(r, FIELD_IF_RANGE) == 0)
		return true;
	representation_put_etag(&etag, rep);
	if (date_parse(value, now, &date))
		same = date == modified && modified < now;
	else
		same = span_eq(value, buf_span(&etag));
	same = same && request_count(r, FIELD_IF_RANGE) == 1;
	trail_add(
	    t, same ? REASON_IF_RANGE_PASSED : REASON_IF_RANGE_FAILED, 0, 0);
	return same;
}
