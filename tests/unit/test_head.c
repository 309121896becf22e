#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "http/head.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* SPAN is an expression, and no constant one. */
#define S(literal)                                                             \
	{                                                                      \
		(literal), sizeof(literal) - 1                                 \
	}

static const struct head_limits wide = { LIMIT_REQUEST_LINE_MAX,
	LIMIT_HEADER_SIZE_MAX, LIMIT_FIELDS_MAX };

/* What a caller may rely on is the same; where parsing stood is not asked. */
static bool
same(const struct http_head *a, const struct http_head *b)
{
	if (memcmp(a, b, offsetof(struct http_head, phase)) != 0)
		return false;
	for (unsigned i = 0; i < a->fields; i++) {
		const struct head_field *x = &a->field[i], *y = &b->field[i];

		if (x->id != y->id || x->name.at != y->name.at ||
		    x->name.n != y->name.n || x->value.at != y->value.at ||
		    x->value.n != y->value.n)
			return false;
	}
	return true;
}

/* With the lines of heads before known, nothing is another. */
static void
assert_kept_lines_do_not_matter(
    struct head_kept *kept, const struct head_limits *l, struct span s)
{
	struct http_head plain, h;
	enum head_result want;

	head_init(&plain);
	want = head_parse(&plain, l, NULL, s.p, s.n);
	head_init(&h);
	assert_int_equal(head_parse(&h, l, kept, s.p, s.n), want);
	assert_true(same(&h, &plain));
}

/* All of it at once, from memory that ends where the bytes end, so that a
 * sanitizer sees a read past them. */
static enum head_result
parse(struct http_head *h, const struct head_limits *l, struct span s)
{
	static struct head_kept others;
	struct head_kept own = { .line = { { .n = 0 } } };
	char *copy = malloc(s.n ? s.n : 1);
	enum head_result r;

	assert_non_null(copy);
	if (s.n)
		memcpy(copy, s.p, s.n);
	head_init(h);
	r = head_parse(h, l, NULL, copy, s.n);
	/* lines of the tests before, then those of its own */
	assert_kept_lines_do_not_matter(&others, l, span_of(copy, s.n));
	for (int i = 0; i < 3; i++)
		assert_kept_lines_do_not_matter(&own, l, span_of(copy, s.n));
	free(copy);
	return r;
}

/* As parse, but the bytes arrive in parts that end at the cuts. */
static enum head_result
parse_cut(struct http_head *h, const struct head_limits *l, struct span s,
    const size_t *cut, size_t cuts)
{
	enum head_result r = HEAD_MORE;

	head_init(h);
	for (size_t i = 0; i <= cuts && r == HEAD_MORE; i++) {
		size_t n = i < cuts ? cut[i] : s.n;
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		if (n)
			memcpy(copy, s.p, n);
		r = head_parse(h, l, NULL, copy, n);
		free(copy);
	}
	return r;
}

static void
assert_splits_do_not_matter(const struct head_limits *l, struct span s)
{
	struct http_head whole, h;
	enum head_result want = parse(&whole, l, s);
	size_t cut[2], every[256] = { 0 };

	for (cut[0] = 0; cut[0] <= s.n; cut[0]++) {
		assert_int_equal(parse_cut(&h, l, s, cut, 1), want);
		assert_true(same(&h, &whole));
	}
	for (size_t i = 0; i < N(every) && i < s.n; i++)
		every[i] = i;
	assert_int_equal(
	    parse_cut(&h, l, s, every, s.n < N(every) ? s.n : N(every)), want);
	assert_true(same(&h, &whole));
	if (s.n > 64)
		return;
	for (cut[0] = 0; cut[0] <= s.n; cut[0]++)
		for (cut[1] = cut[0]; cut[1] <= s.n; cut[1]++) {
			assert_int_equal(parse_cut(&h, l, s, cut, 2), want);
			assert_true(same(&h, &whole));
		}
}

#define LINE "GET / HTTP/1.1\r\n" /* 16 bytes */

static const struct bad_head {
	struct span bytes;
	uint16_t status;
	enum reason_id why;
	uint32_t at;
} bad_heads[] = {
	/* not HTTP at all: said at the first byte */
	{ S("\x16\x03\x01\x02"), 400, REASON_TLS_HELLO, 0 },
	{ S("\x16"), 400, REASON_TLS_HELLO, 0 },
	{ S("\r\n\x16\x03"), 400, REASON_TLS_HELLO, 2 },
	{ S(" GET / HTTP/1.1\r\n"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S(" / HTTP/1.1\r\n\r\n"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\tGET"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\0"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\x80\x2e\x01"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\xef\xbb\xbfGET"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\x05\x01"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\"GET"), 400, REASON_BAD_FIRST_BYTE, 0 },
	{ S("\r\n GET"), 400, REASON_BAD_FIRST_BYTE, 2 },
	/* method */
	{ S("G\0ET / HTTP/1.1\r\n"), 400, REASON_BAD_METHOD, 1 },
	{ S("GET\t/ HTTP/1.1\r\n"), 400, REASON_BAD_METHOD, 3 },
	{ S("GE(T / HTTP/1.1\r\n"), 400, REASON_BAD_METHOD, 2 },
	{ S("GE\xc3\x89 / HTTP/1.1\r\n"), 400, REASON_BAD_METHOD, 2 },
	{ S("GET/ HTTP/1.1\r\n"), 400, REASON_BAD_METHOD, 3 },
	{ S("\r\n\r\n" LINE), 400, REASON_BAD_METHOD, 2 },
	{ S("\r\n\r\n"), 400, REASON_BAD_METHOD, 2 },
	{ S("X: y\r\n" LINE), 400, REASON_BAD_METHOD, 1 },
	/* target */
	{ S("GET  / HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 4 },
	{ S("GET  HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 4 },
	{ S("GET \r\n"), 400, REASON_BAD_TARGET, 4 },
	{ S("GET \t/ HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 4 },
	{ S("GET /\tHTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 5 },
	{ S("GET /a#b HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 6 },
	{ S("GET /\0 HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 5 },
	{ S("GET /\x7f HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 5 },
	{ S("GET /\xc3\xa9 HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 5 },
	{ S("GET /\x1b[2J HTTP/1.1\r\n"), 400, REASON_BAD_TARGET, 5 },
	/* version */
	{ S("GET\r\n"), 400, REASON_NO_VERSION, 3 },
	{ S("GET /\r\n"), 400, REASON_NO_VERSION, 5 },
	{ S("GET /index.html\r\n\r\n"), 400, REASON_NO_VERSION, 15 },
	{ S("GET / \r\n"), 400, REASON_BAD_VERSION, 6 },
	{ S("GET /  HTTP/1.1\r\n"), 400, REASON_BAD_VERSION, 6 },
	{ S("GET / x HTTP/1.1\r\n"), 400, REASON_BAD_VERSION, 6 },
	{ S("GET / http/1.1\r\n"), 400, REASON_BAD_VERSION, 6 },
	{ S("GET / HTTPS/1.1\r\n"), 400, REASON_BAD_VERSION, 10 },
	{ S("GET / HTTP /1.1\r\n"), 400, REASON_BAD_VERSION, 10 },
	{ S("GET / HTTP/\r\n"), 400, REASON_BAD_VERSION, 11 },
	{ S("GET / HTTP/-1.1\r\n"), 400, REASON_BAD_VERSION, 11 },
	{ S("GET / HTTP/x.1\r\n"), 400, REASON_BAD_VERSION, 11 },
	{ S("GET / HTTP/1\r\n"), 400, REASON_BAD_VERSION, 12 },
	{ S("GET / HTTP/11\r\n"), 400, REASON_BAD_VERSION, 12 },
	{ S("GET / HTTP/01.1\r\n"), 400, REASON_BAD_VERSION, 12 },
	{ S("GET / HTTP/1,1\r\n"), 400, REASON_BAD_VERSION, 12 },
	{ S("GET / HTTP/1.\r\n"), 400, REASON_BAD_VERSION, 13 },
	{ S("GET / HTTP/1.x\r\n"), 400, REASON_BAD_VERSION, 13 },
	{ S("GET / HTTP/1.10\r\n"), 400, REASON_BAD_VERSION, 14 },
	{ S("GET / HTTP/1.1 \r\n"), 400, REASON_BAD_VERSION, 14 },
	{ S("GET / HTTP/1.1\t\r\n"), 400, REASON_BAD_VERSION, 14 },
	{ S("GET / HTTP/1.1\0\r\n"), 400, REASON_BAD_VERSION, 14 },
	{ S("GET / HTTP/0.9\r\n"), 505, REASON_VERSION_UNSUPPORTED, 6 },
	{ S("GET / HTTP/2.7\r\n"), 505, REASON_VERSION_UNSUPPORTED, 6 },
	{ S("GET / HTTP/3.0\r\n"), 505, REASON_VERSION_UNSUPPORTED, 6 },
	{ S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, REASON_H2_PREFACE, 6 },
	/* line ends */
	{ S("\n" LINE), 400, REASON_BARE_LF, 0 },
	{ S("\r\n\n"), 400, REASON_BARE_LF, 2 },
	{ S("GET / HTTP/1.1\n\n"), 400, REASON_BARE_LF, 14 },
	{ S(LINE "Host: a\n\r\n"), 400, REASON_BARE_LF, 23 },
	{ S(LINE "Host: a\r\n\n"), 400, REASON_BARE_LF, 25 },
	{ S(LINE "\n"), 400, REASON_BARE_LF, 16 },
	{ S(LINE "x\n\r\n"), 400, REASON_BARE_LF, 17 },
	{ S("\r" LINE), 400, REASON_BARE_CR, 0 },
	{ S("GET\r/ HTTP/1.1\r\n"), 400, REASON_BARE_CR, 3 },
	{ S("GET /\r HTTP/1.1\r\n"), 400, REASON_BARE_CR, 5 },
	{ S("GET / \rHTTP/1.1\r\n"), 400, REASON_BARE_CR, 6 },
	{ S("GET / HTTP/1.1\r\r\n"), 400, REASON_BARE_CR, 14 },
	{ S(LINE "A: b\rc\r\n"), 400, REASON_BARE_CR, 20 },
	{ S(LINE "A: b\r\r\n"), 400, REASON_BARE_CR, 20 },
	{ S(LINE "A\r: b\r\n"), 400, REASON_BARE_CR, 17 },
	{ S(LINE "\rA: b\r\n"), 400, REASON_BARE_CR, 16 },
	{ S(LINE "\r\r\n"), 400, REASON_BARE_CR, 16 },
	{ S(LINE "A: b\r\n\r\r\n"), 400, REASON_BARE_CR, 22 },
	/* fields */
	{ S(LINE " A: b\r\n"), 400, REASON_OBS_FOLD, 16 },
	{ S(LINE "A: b\r\n c\r\n"), 400, REASON_OBS_FOLD, 22 },
	{ S(LINE "A: b\r\n\tc\r\n"), 400, REASON_OBS_FOLD, 22 },
	{ S(LINE "A: b\r\n \r\n"), 400, REASON_OBS_FOLD, 22 },
	{ S(LINE "Host : a\r\n"), 400, REASON_SPACE_BEFORE_COLON, 20 },
	{ S(LINE "Host\t: a\r\n"), 400, REASON_SPACE_BEFORE_COLON, 20 },
	{ S(LINE ": a\r\n"), 400, REASON_BAD_FIELD_NAME, 16 },
	{ S(LINE "Host\r\n"), 400, REASON_BAD_FIELD_NAME, 20 },
	{ S(LINE "Ho(st: a\r\n"), 400, REASON_BAD_FIELD_NAME, 18 },
	{ S(LINE "H\0: a\r\n"), 400, REASON_BAD_FIELD_NAME, 17 },
	{ S(LINE "H\xc3\xb6: a\r\n"), 400, REASON_BAD_FIELD_NAME, 17 },
	{ S(LINE "\"a\": b\r\n"), 400, REASON_BAD_FIELD_NAME, 16 },
	{ S(LINE "A: \0\r\n"), 400, REASON_BAD_FIELD_VALUE, 19 },
	{ S(LINE "Host: [::1\0]\r\n"), 400, REASON_BAD_FIELD_VALUE, 26 },
	{ S(LINE "A:b\x01\r\n"), 400, REASON_BAD_FIELD_VALUE, 19 },
	{ S(LINE "A:\x01\r\n"), 400, REASON_BAD_FIELD_VALUE, 18 },
	{ S(LINE "A: \x7f\r\n"), 400, REASON_BAD_FIELD_VALUE, 19 },
	{ S(LINE "A: \x1b]0;x\x07\r\n"), 400, REASON_BAD_FIELD_VALUE, 19 },
	/* the first fault decides */
	{ S(LINE "A : b\r\n\n\0"), 400, REASON_SPACE_BEFORE_COLON, 17 },
	{ S("GET / HTTP/2.0\r\n \0"), 505, REASON_VERSION_UNSUPPORTED, 6 },
	/* counted from the start of the message, empty line included */
	{ S("\r\n" LINE "A : b\r\n"), 400, REASON_SPACE_BEFORE_COLON, 19 },
};

static void
a_bad_head_is_refused_with_status_reason_and_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad_heads); i++) {
		const struct bad_head *b = &bad_heads[i];
		struct http_head h;
		enum head_result r = parse(&h, &wide, b->bytes);

		if (r != HEAD_BAD || h.status != b->status ||
		    h.error != b->why || h.error_at != b->at)
			print_error("bad head %zu: result %d, status %d, "
				    "reason %d at %u\n",
			    i, (int)r, h.status, h.error, h.error_at);
		assert_int_equal(r, HEAD_BAD);
		assert_int_equal(h.status, b->status);
		assert_int_equal(h.error, b->why);
		assert_int_equal(h.error_at, b->at);
	}
}

static const struct good_head {
	struct span bytes;
	const char *method, *target;
	unsigned minor, fields;
} good_heads[] = {
	{ S(LINE "\r\n"), "GET", "/", 1, 0 },
	{ S("\r\n" LINE "\r\n"), "GET", "/", 1, 0 },
	{ S("GET / HTTP/1.0\r\n\r\n"), "GET", "/", 0, 0 },
	{ S("GET / HTTP/1.9\r\n\r\n"), "GET", "/", 9, 0 },
	{ S("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS", "*", 1, 1 },
	{ S("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n"), "GET",
	    "http://a/b?c", 1, 1 },
	{ S("BREW /pot HTTP/1.1\r\n\r\n"), "BREW", "/pot", 1, 0 },
	{ S("get /%zz\"<>[]{}|\\^` HTTP/1.1\r\n\r\n"), "get",
	    "/%zz\"<>[]{}|\\^`", 1, 0 },
	{ S("!#$%&'*+-.^_`|~ / HTTP/1.1\r\n\r\n"), "!#$%&'*+-.^_`|~", "/", 1,
	    0 },
	{ S(LINE "A:\r\nB: \r\nC:\t \t\r\n\r\n"), "GET", "/", 1, 3 },
	{ S(LINE "A: \xff\x80 obs\r\n\r\n"), "GET", "/", 1, 1 },
	{ S(LINE "A: b:c, \"d\"\te\r\n!#$%&'*+-.^_`|~:f\r\n\r\n"), "GET", "/",
	    1, 2 },
};

static void
a_good_head_is_read_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good_heads); i++) {
		const struct good_head *g = &good_heads[i];
		struct http_head h;

		assert_int_equal(parse(&h, &wide, g->bytes), HEAD_DONE);
		assert_int_equal(h.status, 0);
		assert_int_equal(h.error, REASON_NONE);
		assert_int_equal(h.length, g->bytes.n);
		assert_int_equal(h.major, 1);
		assert_int_equal(h.minor, g->minor);
		assert_int_equal(h.fields, g->fields);
		assert_true(span_eq(
		    head_span(g->bytes.p, h.method), span_str(g->method)));
		assert_true(span_eq(
		    head_span(g->bytes.p, h.target), span_str(g->target)));
		assert_int_equal(h.method_id, method_find(span_str(g->method)));
	}
}

static void
every_beginning_of_a_good_head_wants_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(good_heads); i++)
		for (size_t n = 0; n < good_heads[i].bytes.n; n++) {
			struct http_head h;

			assert_int_equal(
			    parse(&h, &wide, span_of(good_heads[i].bytes.p, n)),
			    HEAD_MORE);
		}
}

static void
what_follows_a_head_does_not_belong_to_it(void **state)
{
	static const struct span after[] = { S("GET"), S("\r\n"), S("\0"),
		S("\x16"), S("\n\n\n") };

	(void)state;
	for (size_t i = 0; i < N(good_heads); i++)
		for (size_t k = 0; k < N(after); k++) {
			struct http_head alone, h;
			char mem[256];
			struct buf b = buf_over(mem, sizeof(mem));

			buf_put(&b, good_heads[i].bytes);
			parse(&alone, &wide, buf_span(&b));
			buf_put(&b, after[k]);
			assert_int_equal(
			    parse(&h, &wide, buf_span(&b)), HEAD_DONE);
			assert_true(same(&h, &alone));
		}
}

static void
how_the_bytes_were_split_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(bad_heads); i++)
		assert_splits_do_not_matter(&wide, bad_heads[i].bytes);
	for (size_t i = 0; i < N(good_heads); i++)
		assert_splits_do_not_matter(&wide, good_heads[i].bytes);
}

static void
nor_does_it_when_a_bound_is_passed(void **state)
{
	static const struct span heads[] = {
		S("GET /abcdef HTTP/1.1\r\nHost: a\r\n\r\n"),
		S("\r\nGET /abcdef HTTP/1.1\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"),
		S("GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n"),
		S("GET / HTTP/1.1\r\nA: b\r\nlonger\n\r\r\n\r\n"),
		S("GET / HTTP/1.1\r\n\rA: b\r\n"),
		S("GET / HTTP/1.1\r\r\r\r\r\n"),
		S("GET / HTTP/1.1\r\nA: b\n"),
	};

	(void)state;
	for (size_t i = 0; i < N(heads); i++)
		for (uint32_t line = 1; line < 24; line++)
			for (uint32_t size = 0; size < 20; size++) {
				struct head_limits l = { line, size, size % 4 };
				struct http_head whole, h;
				enum head_result want =
				    parse(&whole, &l, heads[i]);

				for (size_t c = 0; c <= heads[i].n; c++) {
					assert_int_equal(
					    parse_cut(&h, &l, heads[i], &c, 1),
					    want);
					assert_true(same(&h, &whole));
				}
			}
}

/* ---- bounds ---- */

/* A head with a request line of `line` bytes (16 or more), then `fields` field
 * lines of which the first makes the header section `size` bytes. */
static struct span
head_of_size(char *mem, size_t line, size_t size, unsigned fields)
{
	struct buf b = buf_over(mem, 70000);
	size_t rest = fields ? (fields - 1) * sizeof("A:\r") : 0;

	buf_puts(&b, "GET /");
	while (b.n < line - 9)
		buf_putc(&b, 'p');
	buf_puts(&b, " HTTP/1.1\r\n");
	if (fields)
		buf_puts(&b, "X:");
	for (size_t i = rest + 4; fields && i < size; i++)
		buf_putc(&b, 'v');
	buf_puts(&b, fields ? "\r\n" : "");
	for (unsigned i = 1; i < fields; i++)
		buf_puts(&b, "A:\r\n");
	buf_puts(&b, "\r\n");
	assert_false(b.full);
	assert_int_equal(b.n, line + 2 + (fields ? size : 0) + 2);
	return buf_span(&b);
}

static void
the_request_line_may_have_just_its_bound(void **state)
{
	static const uint32_t bounds[] = { 16, 100, 8192,
		LIMIT_REQUEST_LINE_MAX };
	static char mem[70000];

	(void)state;
	for (size_t i = 0; i < N(bounds); i++) {
		const struct head_limits l = { bounds[i], 100, 10 };
		struct http_head h;

		if (bounds[i] > 16)
			assert_int_equal(
			    parse(
				&h, &l, head_of_size(mem, bounds[i] - 1, 0, 0)),
			    HEAD_DONE);
		assert_int_equal(
		    parse(&h, &l, head_of_size(mem, bounds[i], 0, 0)),
		    HEAD_DONE);
		assert_int_equal(h.target.n, bounds[i] - 13);
		assert_int_equal(
		    parse(&h, &l, head_of_size(mem, bounds[i] + 1, 0, 0)),
		    HEAD_BAD);
		assert_int_equal(h.status, 414);
		assert_int_equal(h.error, REASON_LINE_TOO_LONG);
		assert_int_equal(h.error_at, bounds[i]);
	}
}

static void
an_endless_request_line_is_refused_before_it_ends(void **state)
{
	const struct head_limits l = { 100, 100, 10 };
	struct http_head h;
	char a[102];

	(void)state;
	memset(a, 'A', sizeof(a));
	assert_int_equal(parse(&h, &l, span_of(a, 100)), HEAD_MORE);
	assert_int_equal(parse(&h, &l, span_of(a, 101)), HEAD_BAD);
	assert_int_equal(h.status, 414);
	a[100] = '\r'; /* may yet end the line */
	assert_int_equal(parse(&h, &l, span_of(a, 101)), HEAD_MORE);
	/* the empty line before it does not count */
	memcpy(a, "\r\n", 2);
	a[100] = 'A';
	assert_int_equal(parse(&h, &l, span_of(a, 102)), HEAD_MORE);
}

static void
the_header_section_may_have_just_its_bound(void **state)
{
	static const uint32_t bounds[] = { 20, 1000, 32768,
		LIMIT_HEADER_SIZE_MAX };
	static char mem[70000];

	(void)state;
	for (size_t i = 0; i < N(bounds); i++)
		for (unsigned fields = 1; fields < 4; fields++) {
			const struct head_limits l = { 16384, bounds[i], 10 };
			struct http_head h;

			assert_int_equal(
			    parse(&h, &l,
				head_of_size(mem, 16, bounds[i] - 1, fields)),
			    HEAD_DONE);
			assert_int_equal(
			    parse(&h, &l,
				head_of_size(mem, 16, bounds[i], fields)),
			    HEAD_DONE);
			assert_int_equal(
			    parse(&h, &l,
				head_of_size(mem, 16, bounds[i] + 1, fields)),
			    HEAD_BAD);
			assert_int_equal(h.status, 431);
			assert_int_equal(h.error, REASON_HEADER_TOO_LARGE);
			assert_int_equal(h.error_at, 18 + bounds[i]);
		}
}

/* Not a byte later: the line's end, whose bytes are certain to follow, counts
 * too. */
static void
a_bound_is_passed_with_the_byte_that_makes_it_certain(void **state)
{
	const struct head_limits l = { 100, 8, 10 };
	struct http_head h;

	(void)state;
	assert_int_equal(parse(&h, &l, SPAN(LINE "A: bbbb")), HEAD_MORE);
	assert_int_equal(parse(&h, &l, SPAN(LINE "A: bbbbb")), HEAD_BAD);
	assert_int_equal(h.error, REASON_HEADER_TOO_LARGE);
	assert_int_equal(parse(&h, &l, SPAN(LINE "A: bbb\r")), HEAD_MORE);
	assert_int_equal(parse(&h, &l, SPAN(LINE "A: bbbb\r")), HEAD_BAD);
	assert_int_equal(h.error, REASON_HEADER_TOO_LARGE);
}

static void
lines_of_one_name_are_found_in_turn(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse(&h, &wide,
			     SPAN(LINE "Host: a\r\nX: b\r\nHost: c\r\n"
				       "Y: d\r\nRange: e\r\n\r\n")),
	    HEAD_DONE);
	assert_int_equal(h.first[FIELD_HOST], 1);
	assert_int_equal(head_next(&h, 0), 2);
	assert_int_equal(head_next(&h, 2), -1);
	assert_int_equal(head_next(&h, 1), 3);
	assert_int_equal(head_next(&h, 3), -1);
	assert_int_equal(head_next(&h, 4), -1);
	/* what is left of a larger head does not count */
	assert_int_equal(
	    parse(&h, &wide, SPAN(LINE "X: b\r\n\r\n")), HEAD_DONE);
	h.field[1].id = FIELD_OTHER;
	assert_int_equal(head_next(&h, 0), -1);
}

static void
there_may_be_just_as_many_fields_as_allowed(void **state)
{
	static const uint32_t bounds[] = { 1, 2, 100, LIMIT_FIELDS_MAX };
	static char mem[70000];

	(void)state;
	for (size_t i = 0; i < N(bounds); i++) {
		const struct head_limits l = { 100, 8192, bounds[i] };
		size_t size = 4 * bounds[i];
		struct http_head h;

		assert_int_equal(
		    parse(&h, &l, head_of_size(mem, 16, size, bounds[i])),
		    HEAD_DONE);
		assert_int_equal(h.fields, bounds[i]);
		assert_int_equal(
		    parse(
			&h, &l, head_of_size(mem, 16, size + 4, bounds[i] + 1)),
		    HEAD_BAD);
		assert_int_equal(h.status, 431);
		assert_int_equal(h.error, REASON_TOO_MANY_FIELDS);
		assert_int_equal(h.error_at, 18 + size);
	}
}

static void
places_in_the_largest_head_are_right(void **state)
{
	static char mem[70000];
	struct buf b = buf_over(mem, sizeof(mem));
	struct http_head h;
	struct span s;

	(void)state;
	buf_puts(&b, "\r\n");
	s = head_of_size(
	    mem + 2, LIMIT_REQUEST_LINE_MAX, LIMIT_HEADER_SIZE_MAX - 9, 1);
	b.n += s.n - 2;
	buf_puts(&b, "Host: z\r\n\r\n");
	assert_int_equal(parse(&h, &wide, buf_span(&b)), HEAD_DONE);
	assert_int_equal(h.length, b.n);
	assert_true(span_eq(head_value(&h, mem, FIELD_HOST), SPAN("z")));
	assert_int_equal(h.target.n, LIMIT_REQUEST_LINE_MAX - 13);
}

/* ---- fields ---- */

static void
values_come_without_the_blanks_around_them(void **state)
{
	static const struct span head =
	    S(LINE "hOsT:a\r\nX: \t one two \t\r\nHOST:\tb\r\nAccept:\r\n"
		   "Y: 1\r\nhost: c \r\n\r\n");
	struct http_head h;
	int i;

	(void)state;
	assert_int_equal(parse(&h, &wide, head), HEAD_DONE);
	assert_int_equal(h.fields, 6);
	assert_true(
	    span_eq(head_span(head.p, h.field[1].value), SPAN("one two")));
	assert_true(span_eq(head_span(head.p, h.field[0].name), SPAN("hOsT")));
	assert_int_equal(h.count[FIELD_HOST], 3);
	assert_int_equal(h.count[FIELD_OTHER], 2);
	assert_int_equal(h.first[FIELD_RANGE], 0);
	assert_true(span_eq(head_value(&h, head.p, FIELD_HOST), SPAN("a")));
	assert_null(head_value(&h, head.p, FIELD_RANGE).p);
	assert_non_null(head_value(&h, head.p, FIELD_ACCEPT).p);
	assert_int_equal(head_value(&h, head.p, FIELD_ACCEPT).n, 0);
	i = head_next(&h, h.first[FIELD_HOST] - 1);
	assert_int_equal(i, 2);
	i = head_next(&h, i);
	assert_true(span_eq(head_span(head.p, h.field[i].value), SPAN("c")));
	assert_int_equal(head_next(&h, i), -1);
	assert_int_equal(head_next(&h, 4), -1);
}

/* ---- every byte at every place ---- */

static bool
is_tchar(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void
each_byte_is_taken_where_the_grammar_has_it(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char method[] = "GxT / HTTP/1.1\r\n\r\n";
		char target[] = "GET /xy HTTP/1.1\r\n\r\n";
		char name[] = LINE "Axy: b\r\n\r\n";
		char value[] = LINE "A: bxy\r\n\r\n";
		struct http_head h;

		method[1] = target[5] = name[17] = value[20] = (char)c;
		if (c == '\n')
			continue;
		if (c != ' ') /* ends the method */
			assert_int_equal(
			    parse(&h, &wide, span_str(method)) == HEAD_DONE,
			    is_tchar(c));
		if (c != ' ')
			assert_int_equal(
			    parse(&h, &wide,
				span_of(target, sizeof(target) - 1)) ==
				HEAD_DONE,
			    c > 0x20 && c < 0x7f && c != '#');
		assert_int_equal(
		    parse(&h, &wide, span_of(name, sizeof(name) - 1)) ==
			HEAD_DONE,
		    is_tchar(c) || c == ':');
		assert_int_equal(
		    parse(&h, &wide, span_of(value, sizeof(value) - 1)) ==
			HEAD_DONE,
		    c == '\t' || (c >= 0x20 && c != 0x7f));
	}
}

/* ---- work ---- */

/* Bytes of a line that has not ended are out of reach after they were seen
 * once: looking at them again would be quadratic, and here it is fatal. */
static void
a_byte_is_not_searched_twice_while_its_line_goes_on(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 10 * page;
	const struct head_limits l = { 16384, 40000, 10 };
	size_t end = 36000, n;
	struct http_head h;
	char *p;

	(void)state;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	memset(p, 'v', size);
	memcpy(p, LINE "A:", sizeof(LINE "A:") - 1);
	memcpy(p + end, "\r\n\r\n", 4);
	head_init(&h);
	for (n = 0; n < end + 1; n++) {
		assert_int_equal(head_parse(&h, &l, NULL, p, n), HEAD_MORE);
		assert_int_equal(h.scanned, n);
		/* the last byte may be asked for again: was it CR? */
		if (n > page && (n - 1) % page == 0)
			assert_int_equal(
			    mprotect(p + n - 1 - page, page, PROT_NONE), 0);
	}
	assert_int_equal(mprotect(p, size, PROT_READ), 0);
	assert_int_equal(head_parse(&h, &l, NULL, p, end + 4), HEAD_DONE);
	assert_int_equal(h.field[0].value.n, end - 18);
	munmap(p, size);
}

static void
a_head_can_begin_anew_after_any_end(void **state)
{
	struct http_head h, fresh;

	(void)state;
	parse(&fresh, &wide, good_heads[4].bytes);
	for (size_t i = 0; i < N(bad_heads); i++) {
		parse(&h, &wide, bad_heads[i].bytes);
		head_init(&h);
		assert_int_equal(
		    head_parse(&h, &wide, NULL, good_heads[4].bytes.p,
			good_heads[4].bytes.n),
		    HEAD_DONE);
		assert_true(same(&h, &fresh));
	}
}

/* ---- lines that were there before ---- */

#define AGAIN(name, path)                                                      \
	S("GET " path " HTTP/1.1\r\nHost: a.example\r\n"                       \
	  "Accept: " name "\r\nRange:bytes=0-1\r\nX-Last:  y \r\n\r\n")

static void
a_line_is_kept_as_it_was_last_and_stays_for_a_while(void **state)
{
	static const struct span first = AGAIN("image/avif,*/*;q=0.8", "/a"),
				 other = AGAIN("text/css", "/another/path");
	struct head_kept kept = { .line = { { .n = 0 } } };
	struct http_head h;

	(void)state;
	assert_kept_lines_do_not_matter(&kept, &wide, first);
	assert_memory_equal(
	    kept.line[1].bytes, "Accept: image/avif,*/*;q=0.8\r\n", 30);
	assert_int_equal(kept.line[4].n, 0);
	for (int i = 0; i < 7; i++) {
		assert_kept_lines_do_not_matter(&kept, &wide, other);
		assert_int_equal(kept.line[1].n, 30);
	}
	assert_kept_lines_do_not_matter(&kept, &wide, other);
	assert_int_equal(kept.line[1].n, 18);
	assert_int_equal(kept.line[0].misses, 0);
	/* and it is what is taken */
	kept.line[1].field.id = FIELD_ORIGIN;
	head_init(&h);
	head_parse(&h, &wide, &kept, other.p, other.n);
	assert_int_equal(h.count[FIELD_ORIGIN], 1);
}

static void
a_line_that_differs_in_a_byte_is_another(void **state)
{
	static const struct span head = AGAIN("text/css", "/");
	char bytes[256];

	(void)state;
	for (size_t at = 16; at < head.n; at++)
		for (int bit = 0; bit < 8; bit++) {
			struct head_kept kept = { .line = { { .n = 0 } } };

			assert_kept_lines_do_not_matter(&kept, &wide, head);
			memcpy(bytes, head.p, head.n);
			bytes[at] ^= (char)(1 << bit);
			assert_kept_lines_do_not_matter(
			    &kept, &wide, span_of(bytes, head.n));
		}
}

/* A bound is kept to by lines that are known as by others. */
static void
known_lines_are_counted_and_measured(void **state)
{
	static const struct span head = AGAIN("text/css", "/");
	struct head_kept kept = { .line = { { .n = 0 } } };
	struct head_limits l = wide;
	struct http_head h;

	(void)state;
	assert_kept_lines_do_not_matter(&kept, &wide, head);
	for (l.header_size = 1; l.header_size < head.n; l.header_size++)
		assert_kept_lines_do_not_matter(&kept, &l, head);
	l = wide;
	for (l.header_count = 1; l.header_count < 6; l.header_count++)
		assert_kept_lines_do_not_matter(&kept, &l, head);
	l.header_count = 3;
	head_init(&h);
	assert_int_equal(head_parse(&h, &l, &kept, head.p, head.n), HEAD_BAD);
	assert_int_equal(h.error, REASON_TOO_MANY_FIELDS);
}

static void
no_line_is_kept_that_has_no_room(void **state)
{
	struct head_kept kept = { .line = { { .n = 0 } } };
	char bytes[512];

	(void)state;
	for (size_t n = HEAD_LINE_KEPT - 1; n <= HEAD_LINE_KEPT + 1; n++) {
		struct buf b = buf_over(bytes, sizeof(bytes));

		kept = (struct head_kept){ .line = { { .n = 0 } } };
		buf_puts(&b, LINE "A:");
		for (size_t i = 4; i < n; i++)
			buf_putc(&b, 'v');
		buf_puts(&b, "\r\n\r\n");
		for (int i = 0; i < 2; i++)
			assert_kept_lines_do_not_matter(
			    &kept, &wide, buf_span(&b));
		assert_int_equal(kept.line[0].n, n <= HEAD_LINE_KEPT ? n : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_bad_head_is_refused_with_status_reason_and_place),
		cmocka_unit_test(a_good_head_is_read_whole),
		cmocka_unit_test(every_beginning_of_a_good_head_wants_more),
		cmocka_unit_test(what_follows_a_head_does_not_belong_to_it),
		cmocka_unit_test(how_the_bytes_were_split_does_not_matter),
		cmocka_unit_test(nor_does_it_when_a_bound_is_passed),
		cmocka_unit_test(the_request_line_may_have_just_its_bound),
		cmocka_unit_test(
		    an_endless_request_line_is_refused_before_it_ends),
		cmocka_unit_test(the_header_section_may_have_just_its_bound),
		cmocka_unit_test(
		    a_bound_is_passed_with_the_byte_that_makes_it_certain),
		cmocka_unit_test(lines_of_one_name_are_found_in_turn),
		cmocka_unit_test(there_may_be_just_as_many_fields_as_allowed),
		cmocka_unit_test(places_in_the_largest_head_are_right),
		cmocka_unit_test(values_come_without_the_blanks_around_them),
		cmocka_unit_test(each_byte_is_taken_where_the_grammar_has_it),
		cmocka_unit_test(
		    a_byte_is_not_searched_twice_while_its_line_goes_on),
		cmocka_unit_test(a_head_can_begin_anew_after_any_end),
		cmocka_unit_test(
		    a_line_is_kept_as_it_was_last_and_stays_for_a_while),
		cmocka_unit_test(a_line_that_differs_in_a_byte_is_another),
		cmocka_unit_test(known_lines_are_counted_and_measured),
		cmocka_unit_test(no_line_is_kept_that_has_no_room),
	};
	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
