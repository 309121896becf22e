/* The filter language: any text is a filter or is refused with a place in it;
 * negated, it is true where it was false. */
#include "../unit/exchange_example.h"
#include "base/printable.h"
#include "fuzz.h"
#include "ui/filter.h"

static bool
matches(struct filter *f)
{
	struct exchange_copy x = example_exchange(
	    SPAN("GET /docs/a.css?v=3 HTTP/1.1\r\nHost: example.test\r\n"
		 "User-Agent: Firefox/140\r\nRange: bytes=0-9\r\n\r\n"),
	    SPAN("HTTP/1.1 200 OK\r\nETag: \"abc\"\r\n\r\n"), 200);
	struct filter_subject s = { 0 };

	filter_subject_copy(&s, &x, true);
	return filter_match(f, &s);
}

static void
check_error(const struct filter_error *err, struct span text)
{
	uint32_t cp;
	struct span said = span_str(err->text);

	MUST(err->at <= text.n && err->n <= text.n - err->at);
	MUST(said.n > 0 && said.n < sizeof(err->text));
	for (size_t i = 0, n; i < said.n; i += n) {
		n = utf8_decode(span_skip(said, i), &cp);
		MUST(n > 0 && cp >= 0x20 && cp != 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct filter_error err = { 0 };
	struct filter *f = filter_compile(text, &err), *not ;
	char mem[FILTER_TEXT + 4];
	struct buf b = buf_over(mem, sizeof(mem));
	bool met;

	if (f == NULL) {
		check_error(&err, text);
		return 0;
	}
	met = matches(f);
	MUST(matches(f) == met);
	buf_puts(&b, "!(");
	buf_put(&b, text);
	buf_puts(&b, ")");
	not = filter_compile(buf_span(&b), &err);
	if (not != NULL)
		MUST(matches(not ) == !met);
	filter_free(not );
	filter_free(f);
	return 0;
}
