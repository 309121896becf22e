/* Accept and Accept-Encoding: two lines mean what one list of both means. */
#include "http/accept.h"
#include "http/select.h"
#include "request_of.h"

static bool
read_wishes(struct request_of *q, enum field_id id, struct span a,
    struct span b, bool one)
{
	static char mem[8192];
	struct buf list = buf_over(mem, sizeof(mem));

	buf_put(&list, a);
	buf_puts(&list, ", ");
	buf_put(&list, b);
	request_begin(q, "GET");
	request_field(q, id, one ? buf_span(&list) : a);
	if (!one)
		request_field(q, id, b);
	return !list.full && request_end(q);
}

static void
check_choice(const struct http_request *r, uint8_t states)
{
	static const uint8_t order[] = { CODING_BR, CODING_ZSTD, CODING_GZIP };
	struct variant v[CODING_N] = { 0 };
	struct selection from = { .size = 5000,
		.mtime_ns = 1,
		.variant = v,
		.order = order,
		.order_n = 3 };
	struct selected got;
	struct coding_wishes w;

	v[CODING_BR].state = states & 1 ? VARIANT_SIBLING : VARIANT_NONE;
	v[CODING_ZSTD].state = states & 2 ? VARIANT_SIBLING : VARIANT_NONE;
	v[CODING_GZIP].state = states >> 2 & 3;
	coding_read(&w, r);
	select_representation(&got, &from, r);
	MUST(got.rep.coding < CODING_N);
	for (int i = 0; i < CODING_N; i++)
		MUST(w.q[i] <= ACCEPT_QUALITY_MAX);
	if (got.result == SELECT_OK)
		MUST(w.q[got.rep.coding] > 0);
	if (got.result == SELECT_OK && got.rep.coding != CODING_IDENTITY)
		MUST(v[got.rep.coding].state == VARIANT_SIBLING ||
		    v[got.rep.coding].state == VARIANT_MADE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request_of q;
	struct feed f = { data, size };
	uint8_t states = feed_byte(&f);
	struct span a = feed_line(&f), b = feed_line(&f);
	unsigned html = accept_quality(a, SPAN("text/html"));
	struct coding_wishes one, two;

	MUST(html <= ACCEPT_QUALITY_MAX);
	if (read_wishes(&q, FIELD_ACCEPT_ENCODING, a, b, true)) {
		coding_read(&one, &q.r);
		check_choice(&q.r, states);
		MUST(read_wishes(&q, FIELD_ACCEPT_ENCODING, a, b, false));
		coding_read(&two, &q.r);
		check_choice(&q.r, states);
		MUST(memcmp(one.q, two.q, sizeof(one.q)) == 0);
		MUST(one.given == two.given);
	}
	/* a quote that is not closed ends with its line */
	if ((a.n == 0 || memchr(a.p, '"', a.n) == NULL) &&
	    read_wishes(&q, FIELD_ACCEPT, a, b, true)) {
		html = accept_request_quality(&q.r, SPAN("text/html"));
		MUST(html <= ACCEPT_QUALITY_MAX);
		MUST(read_wishes(&q, FIELD_ACCEPT, a, b, false));
		MUST(accept_request_quality(&q.r, SPAN("text/html")) == html);
	}
	return 0;
}
