/* Lists of entity tags, and preconditions made of them. */
#include "http/etag.h"
#include "http/precond.h"
#include "request_of.h"

static void
check_list(struct span list, struct span tag)
{
	unsigned n = 0;
	enum etag_match strong = etag_list_match(list, tag, true, &n);
	enum etag_match weak = etag_list_match(list, tag, false, &n);

	MUST(n <= 2 * (list.n + 1));
	MUST(strong != ETAG_MATCH || weak == ETAG_MATCH);
	MUST((strong == ETAG_BAD_LIST) == (weak == ETAG_BAD_LIST));
	MUST((strong == ETAG_STAR) == (weak == ETAG_STAR));
	MUST((strong == ETAG_BAD_LIST) ==
	    (etag_list_match(list, SPAN("\"?\""), true, &n) == ETAG_BAD_LIST));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum field_id fields[] = { FIELD_IF_MATCH,
		FIELD_IF_NONE_MATCH, FIELD_IF_MODIFIED_SINCE,
		FIELD_IF_UNMODIFIED_SINCE, FIELD_IF_RANGE, FIELD_RANGE };
	static struct request_of q;
	struct representation rep = { .coding = CODING_IDENTITY,
		.size = 1000,
		.tag_size = 1000,
		.mtime_ns = 1700000000000000000 };
	char mem[ETAG_MAX];
	struct buf tag = buf_over(mem, sizeof(mem));
	struct feed f = { data, size };
	uint16_t status;
	struct trail t = { 0 };

	representation_put_etag(&tag, &rep);
	check_list(feed_rest(&f), buf_span(&tag));
	request_begin(&q, "GET");
	for (int i = 0; f.n > 0 && i < 20; i++) {
		enum field_id id = fields[feed_below(&f, 6)];

		request_field(&q, id, feed_line(&f));
	}
	if (!request_end(&q))
		return 0;
	status = precond_status(&t, &q.r, &rep, 1790000000);
	MUST(status == 0 || status == 412 || status == 304);
	MUST(status == 0 || t.n > 0);
	status = precond_bare_status(&t, &q.r);
	MUST(status == 0 || status == 412 || status == 304);
	if (precond_if_range(&t, &q.r, &rep, 1790000000))
		MUST(q.h.count[FIELD_IF_RANGE] <= 1);
	return 0;
}
