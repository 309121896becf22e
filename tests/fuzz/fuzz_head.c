/* A request head: what comes of it must not depend on how it was split. */
#include "fuzz.h"
#include "http/head.h"

static enum head_result
parse_in_pieces(struct http_head *h, const struct head_limits *l,
    struct head_kept *before, struct span s, uint32_t seed)
{
	enum head_result r = HEAD_MORE;

	head_init(h);
	for (size_t n = 0; r == HEAD_MORE && n < s.n;) {
		char *copy;

		n += split_next(&seed, s.n - n, s.n);
		copy = copy_of(span_of(s.p, n));
		r = head_parse(h, l, before, copy, n);
		free(copy);
	}
	return r;
}

static void
check_same(const struct http_head *a, const struct http_head *b)
{
	MUST(memcmp(a, b, offsetof(struct http_head, phase)) == 0);
	for (unsigned i = 0; i < a->fields; i++) {
		const struct head_field *x = &a->field[i], *y = &b->field[i];

		MUST(x->id == y->id && x->name.at == y->name.at &&
		    x->name.n == y->name.n && x->value.at == y->value.at &&
		    x->value.n == y->value.n);
	}
}

/* Keep the lines of a head that differs from this one in one byte. */
static void
teach(struct head_kept *before, const struct head_limits *l, struct span s,
    uint32_t seed)
{
	static struct http_head h;
	char *copy = copy_of(s);

	if (s.n > 0)
		copy[seed % s.n] ^= (char)(1 << seed % 7);
	head_init(&h);
	(void)head_parse(&h, l, before, copy, s.n);
	free(copy);
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
	static struct http_head whole, other;
	struct head_kept before = { 0 };
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
	r = head_parse(&whole, &l, NULL, s.p, s.n);
	teach(&before, &l, s, seed);
	for (int i = 0; i < 3; i++) {
		struct head_kept *kept = i == 0 ? NULL : &before;

		MUST(parse_in_pieces(&other, &l, kept, s, seed) == r);
		if (r != HEAD_MORE)
			check_same(&whole, &other);
	}
	if (r == HEAD_MORE)
		return 0;
	head_init(&other);
	MUST(head_parse(&other, &l, &before, s.p, s.n) == r);
	check_same(&whole, &other);
	if (r == HEAD_DONE)
		check_done(&whole, s);
	else
		MUST(whole.status >= 400 && whole.error != REASON_NONE &&
		    whole.error_at <= s.n);
	return 0;
}
