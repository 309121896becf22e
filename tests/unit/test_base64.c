#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* SPAN is an expression, and no constant one. */
#define S(literal)                                                             \
	{                                                                      \
		(literal), sizeof(literal) - 1                                 \
	}

/* RFC 4648 10, and what tells the alphabets apart. */
static const struct {
	struct span plain;
	const char *padded;
	const char *url;
} vectors[] = {
	{ S(""), "", "" },
	{ S("f"), "Zg==", "Zg" },
	{ S("fo"), "Zm8=", "Zm8" },
	{ S("foo"), "Zm9v", "Zm9v" },
	{ S("foob"), "Zm9vYg==", "Zm9vYg" },
	{ S("fooba"), "Zm9vYmE=", "Zm9vYmE" },
	{ S("foobar"), "Zm9vYmFy", "Zm9vYmFy" },
	{ S("\xfb\xef\xbe"), "++++", "----" },
	{ S("\xff\xff\xff"), "////", "____" },
	{ S("\0\0\0"), "AAAA", "AAAA" },
	{ S("\xff"), "/w==", "_w" },
	{ S("GET / HTTP/1.1\r\n\r\n"), "R0VUIC8gSFRUUC8xLjENCg0K",
	    "R0VUIC8gSFRUUC8xLjENCg0K" },
};

static void
the_vectors_of_the_rfc_are_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		char mem[64];
		struct buf b = buf_over(mem, sizeof(mem));

		base64_put(&b, vectors[i].plain);
		assert_string_equal(buf_cstr(&b), vectors[i].padded);
	}
}

static void
the_url_safe_form_is_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		char mem[64];
		struct buf b = buf_over(mem, sizeof(mem));

		assert_true(base64url_decode(&b, span_str(vectors[i].url)));
		assert_true(span_eq(buf_span(&b), vectors[i].plain));
	}
}

static void
what_is_not_the_url_safe_form_is_refused(void **state)
{
	static const struct span bad[] = {
		S("Z"),	     /* six bits are no byte */
		S("Zm9vY"),  /* likewise at the end */
		S("Zg=="),   /* padding */
		S("Zg="),    /* half of it */
		S("Zm8="),   /* padding to full length */
		S("++++"),   /* the other alphabet */
		S("////"),   /* likewise */
		S("Zm9v\n"), /* line ends */
		S("Zm 9v"),  /* blanks */
		S("Zm9\0"),  /* NUL */
		S("Zm9\x80"),
		S("Zh"),  /* bits behind the last byte are not zero */
		S("Zm9"), /* likewise: "Zm8" is the one form */
		S("%3D%"),
	};

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		char mem[64];
		struct buf b = buf_over(mem, sizeof(mem));

		assert_false(base64url_decode(&b, bad[i]));
	}
}

static void
only_the_64_characters_are_digits(void **state)
{
	unsigned digits = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		char s[4] = { 'A', (char)c, 'A', 'A' }, mem[8];
		struct buf b = buf_over(mem, sizeof(mem));

		digits += base64url_decode(&b, span_of(s, 4));
	}
	assert_int_equal(digits, 64);
}

static void
a_result_that_does_not_fit_is_refused(void **state)
{
	char mem[8];
	struct buf b = buf_over(mem, 5);

	(void)state;
	assert_false(base64url_decode(&b, SPAN("Zm9vYmFy")));
	b = buf_over(mem, 6);
	assert_true(base64url_decode(&b, SPAN("Zm9vYmFy")));
	b = buf_over(mem, 7);
	base64_put(&b, SPAN("foobar"));
	assert_true(b.full);
	b = buf_over(mem, 8);
	base64_put(&b, SPAN("foobar"));
	assert_false(b.full);
}

/* The standard form with its alphabet changed and its padding dropped. */
static size_t
to_url(char *s, size_t n)
{
	while (n > 0 && s[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		s[i] = s[i] == '+' ? '-' : s[i] == '/' ? '_' : s[i];
	return n;
}

static void
all_bytes_of_all_lengths_come_back(void **state)
{
	char bytes[256], there[400], back[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 167 + 13);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct buf b = buf_over(there, sizeof(there));
		struct buf d = buf_over(back, sizeof(back));

		base64_put(&b, span_of(bytes, n));
		assert_false(b.full);
		assert_int_equal(b.n, (n + 2) / 3 * 4);
		assert_true(
		    base64url_decode(&d, span_of(there, to_url(there, b.n))));
		assert_true(span_eq(buf_span(&d), span_of(bytes, n)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_are_encoded),
		cmocka_unit_test(the_url_safe_form_is_decoded),
		cmocka_unit_test(what_is_not_the_url_safe_form_is_refused),
		cmocka_unit_test(only_the_64_characters_are_digits),
		cmocka_unit_test(a_result_that_does_not_fit_is_refused),
		cmocka_unit_test(all_bytes_of_all_lengths_come_back),
	};
	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
