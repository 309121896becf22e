/* A request head: what comes of it must not depend on how it was split. */
#include "fuzz.h"
#include "http/head.h"

static enum head_result
parse_in_pieces(struct http_head *h, const struct head_limits *l, struct span s,
    uint32_t seed)
{
	enum head_result r = HEAD_MORE;

	head_init(h);
	for (size_t n = 0; r == HEAD_MORE && n < s.n;) {
		char *copy;

		n += split_next(&seed, s.n - n, s.n);
		copy = copy_of(span_of(s.p, n));
		r = head_parse(h, l, copy, n);
		free(copy);
	}
	return r;
}

static void
check_done(const struct http_head *h, struct span s)
{
	struct span head = span_of(s.p, h->length);

	MUST(h->length <= s.n && span_ends(head, SPAN("\r\n\r\n")));
	MUST(h->major == 1 && h->fields <= LIMIT_FIELDS_MAX);
	MUST(h->method.n > 0 && h->target.n > 0);
	MUST(span_within(head_span(s.p, h->method), head));
	MUST(span_within(head_span(s.p, h->target), head));
	for (unsigned i = 0; i < h->fields; i++) {
		struct span name = head_span(s.p, h->field[i].name);
		struct span value = head_span(s.p, h->field[i].value);

		MUST(name.n > 0 && span_within(name, head));
		MUST(span_within(value, head));
		MUST(value.n == 0 || !memchr(value.p, '\r', value.n));
		MUST(h->field[i].id == field_find(name));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head whole, pieces;
	struct feed f = { data, size };
	uint32_t seed = 1 + (uint32_t)feed_number(&f, 2);
	bool small = feed_byte(&f) & 1;
	struct head_limits l = { small ? 40 : 8192, small ? 90 : 32768,
		small ? 5 : 100 };
	struct span s = feed_rest(&f);
	enum head_result r;

	if (s.n > LIMIT_HEAD_MAX)
		return 0;
	head_init(&whole);
	r = head_parse(&whole, &l, s.p, s.n);
	MUST(parse_in_pieces(&pieces, &l, s, seed) == r);
	if (r == HEAD_MORE)
		return 0;
	whole.line = pieces.line = whole.scanned = pieces.scanned = 0;
	MUST(memcmp(&whole, &pieces, offsetof(struct http_head, field)) == 0);
	MUST(memcmp(whole.field, pieces.field,
		 whole.fields * sizeof(whole.field[0])) == 0);
	if (r == HEAD_DONE)
		check_done(&whole, s);
	else
		MUST(whole.status >= 400 && whole.error != REASON_NONE &&
		    whole.error_at <= s.n);
	return 0;
}
