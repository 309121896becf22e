#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/printable.h"

#include <stdlib.h>

struct sample {
	const char *in;
	size_t n;
	const char *screen; /* PRINTABLE_UTF8 */
	const char *file;   /* PRINTABLE_ASCII; NULL: the same */
};

#define ROW(in, screen, file)                                                  \
	{                                                                      \
		in, sizeof(in) - 1, screen, file                               \
	}

static const struct sample samples[] = {
	ROW("", "", NULL),
	ROW("/a b~!\"<", "/a b~!\"<", NULL),
	ROW("a\\x1b", "a\\\\x1b", NULL),
	ROW("\\", "\\\\", NULL),
	/* what a terminal or a log's reader would act on */
	ROW("\x1b[2J", "\\x1b[2J", NULL),
	ROW("\x1b]0;t\x07", "\\x1b]0;t\\x07", NULL),
	ROW("\r\nGET", "\\x0d\\x0aGET", NULL),
	ROW("\t", "\\x09", NULL),
	ROW("\x7f", "\\x7f", NULL),
	ROW("a\0b", "a\\x00b", NULL),
	ROW("\xc2\x9b"
	    "31m",
	    "\\xc2\\x9b31m", NULL),	     /* CSI as U+009B */
	ROW("\x9b", "\\x9b", NULL),	     /* CSI as one byte */
	ROW("\xc2\x85", "\\xc2\\x85", NULL), /* NEL */
	/* what is not seen, or turns round what is */
	ROW("\xe2\x80\xae", "\\xe2\\x80\\xae", NULL), /* U+202E RLO */
	ROW("\xe2\x81\xa6", "\\xe2\\x81\\xa6", NULL), /* U+2066 LRI */
	ROW("\xe2\x80\x8f", "\\xe2\\x80\\x8f", NULL), /* U+200F RLM */
	ROW("\xd8\x9c", "\\xd8\\x9c", NULL),	      /* U+061C ALM */
	ROW("\xe2\x80\x8b", "\\xe2\\x80\\x8b", NULL), /* U+200B ZWSP */
	ROW("\xe2\x80\x8d", "\\xe2\\x80\\x8d", NULL), /* U+200D ZWJ */
	ROW("\xe2\x81\xa0", "\\xe2\\x81\\xa0", NULL), /* U+2060 WJ */
	ROW("\xef\xbb\xbf", "\\xef\\xbb\\xbf", NULL), /* U+FEFF BOM */
	ROW("\xc2\xad", "\\xc2\\xad", NULL),	      /* soft hyphen */
	ROW("\xc2\xa0", "\\xc2\\xa0", NULL),	      /* no-break space */
	ROW("\xe2\x80\xa8", "\\xe2\\x80\\xa8", NULL), /* U+2028 */
	ROW("\xe3\x80\x80", "\\xe3\\x80\\x80", NULL), /* U+3000 */
	ROW("\xe3\x85\xa4", "\\xe3\\x85\\xa4", NULL), /* U+3164 filler */
	ROW("\xef\xb8\x8f", "\\xef\\xb8\\x8f", NULL), /* U+FE0F */
	ROW("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81", NULL), /* U+E0041 */
	ROW("\xf3\xa0\x84\x80", "\\xf3\\xa0\\x84\\x80", NULL), /* U+E0100 */
	ROW("\xee\x80\x80", "\\xee\\x80\\x80", NULL), /* U+E000 private */
	ROW("\xf4\x8f\xbf\xbd", "\\xf4\\x8f\\xbf\\xbd", NULL), /* U+10FFFD */
	ROW("\xef\xbf\xbf", "\\xef\\xbf\\xbf", NULL),	       /* U+FFFF */
	ROW("\xef\xb7\x90", "\\xef\\xb7\\x90", NULL),	       /* U+FDD0 */
	ROW("\xf0\x9f\xbf\xbe", "\\xf0\\x9f\\xbf\\xbe", NULL), /* U+1FFFE */
	/* not UTF-8 */
	ROW("\xc0\xaf", "\\xc0\\xaf", NULL), /* overlong / */
	ROW("\xe0\x80\xaf", "\\xe0\\x80\\xaf", NULL),
	ROW("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf", NULL),
	ROW("\xed\xa0\x80", "\\xed\\xa0\\x80", NULL), /* surrogate */
	ROW("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", NULL),
	ROW("\xe2\x82", "\\xe2\\x82", NULL), /* cut */
	ROW("\xe2\x82zz", "\\xe2\\x82zz", NULL),
	ROW("\xbf", "\\xbf", NULL),
	ROW("\xff\xfe", "\\xff\\xfe", NULL),
	/* what people write */
	ROW("\xc3\xa4", "\xc3\xa4", "\\xc3\\xa4"),
	ROW("\xd7\x90", "\xd7\x90", "\\xd7\\x90"),
	ROW("\xe2\x82\xac", "\xe2\x82\xac", "\\xe2\\x82\\xac"),
	ROW("\xe6\x97\xa5", "\xe6\x97\xa5", "\\xe6\\x97\\xa5"),
	ROW("\xcc\x81", "\xcc\x81", "\\xcc\\x81"), /* combining acute */
	ROW("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80"),
	ROW("\xef\xbf\xbd", "\xef\xbf\xbd", "\\xef\\xbf\\xbd"),
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void
assert_made(struct span in, enum printable_mode mode, const char *want)
{
	char mem[128];
	struct buf b = buf_over(mem, sizeof(mem));

	printable_put(&b, in, mode);
	assert_false(b.full);
	assert_string_equal(buf_cstr(&b), want);
}

static void
attacks_are_escaped_and_letters_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		struct span in = span_of(s->in, s->n);

		assert_made(in, PRINTABLE_UTF8, s->screen);
		assert_made(in, PRINTABLE_ASCII, s->file ? s->file : s->screen);
	}
}

static void
every_byte_alone_comes_out_as_visible_ascii(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char in = (char)c;
		char mem[8];
		struct buf b = buf_over(mem, sizeof(mem));

		printable_put(&b, span_of(&in, 1), PRINTABLE_UTF8);
		assert_in_range(b.n, 1, 4);
		for (size_t i = 0; i < b.n; i++)
			assert_in_range(b.p[i], 0x20, 0x7e);
	}
}

static void
what_does_not_fit_is_cut_between_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		size_t whole = strlen(s->screen);

		for (size_t cap = 0; cap < whole; cap++) {
			char *mem = malloc(cap + 1);
			struct buf b = buf_over(mem, cap);

			printable_put(&b, span_of(s->in, s->n), PRINTABLE_UTF8);
			assert_true(b.full);
			assert_memory_equal(mem, s->screen, b.n);
			/* never half an escape, nor half a character */
			assert_true(b.n == 0 || mem[b.n - 1] != '\\' ||
			    (b.n > 1 && mem[b.n - 2] == '\\'));
			assert_true((s->screen[b.n] & 0xc0) != 0x80);
			free(mem);
		}
	}
}

static void
a_string_that_was_cut_ends_in_dots(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
		{ "", "" },
		{ "123456789", "123456789" },
		{ "1234567890", "123456..." },
		{ "\x1b\x1b\x1b", "\\x1b..." },
		{ "12345\xc3\xa4.....", "12345..." },
		{ "1234\xc3\xa4.....", "1234\xc3\xa4..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[10];
		size_t n = printable_str(
		    out, sizeof(out), span_str(cases[i].in), PRINTABLE_UTF8);

		assert_string_equal(out, cases[i].out);
		assert_int_equal(n, strlen(cases[i].out));
	}
}

static size_t
encode(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

static void
every_code_point_but_surrogates_decodes_to_itself(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		char s[4];
		size_t n = encode(s, cp);
		uint32_t got = 0;
		bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

		if (utf8_decode(span_of(s, n), &got) != (surrogate ? 0 : n))
			fail_msg("length of U+%04X", cp);
		if (!surrogate && got != cp)
			fail_msg("value of U+%04X", cp);
		if (utf8_decode(span_of(s, n - 1), &got) != 0)
			fail_msg("cut U+%04X", cp);
	}
}

/* A small generator of its own: the same bytes everywhere. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Bytes as attackers mix them: whole characters, cut ones, controls. */
static size_t
make_bytes(uint64_t *random, char out[64])
{
	size_t n = next_random(random) % 61;

	for (size_t i = 0; i < n; i++) {
		uint64_t r = next_random(random);
		const struct sample *sample = &samples[(r >> 8) % SAMPLES];

		out[i] = (char)(r >> 32);
		if (r % 4 != 0 || sample->n > n - i)
			continue;
		memcpy(out + i, sample->in, sample->n);
		i += sample->n ? sample->n - 1 : 0;
	}
	return n;
}

/* What the escapes stand for. */
static size_t
undo(struct span s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char hex[3] = { 0 };

		if (s.p[i] != '\\') {
			out[n++] = s.p[i];
		} else if (s.p[i + 1] == '\\') {
			out[n++] = '\\';
			i++;
		} else {
			assert_int_equal(s.p[i + 1], 'x');
			memcpy(hex, s.p + i + 2, 2);
			out[n++] = (char)strtol(hex, NULL, 16);
			i += 3;
		}
	}
	return n;
}

/* Whatever the bytes: nothing that a terminal acts on comes out, what comes out
 * is UTF-8 (or ASCII), and the bytes can be told from it again. */
static void
any_bytes_come_out_harmless_and_nothing_is_lost(void **state)
{
	uint64_t random = 88172645463325252u;
	char in[64], out[512], back[512];

	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t n = make_bytes(&random, in);
		enum printable_mode mode =
		    round % 2 ? PRINTABLE_UTF8 : PRINTABLE_ASCII;
		struct buf b = buf_over(out, sizeof(out));

		printable_put(&b, span_of(in, n), mode);
		assert_false(b.full);
		for (size_t i = 0; i < b.n;) {
			uint32_t cp;
			size_t step =
			    utf8_decode(span_skip(buf_span(&b), i), &cp);

			assert_true(step > 0);
			assert_true(cp >= 0x20 && cp != 0x7f &&
			    !(cp >= 0x80 && cp < 0xa0));
			assert_true(cp < 0x7f || mode == PRINTABLE_UTF8);
			assert_true((cp < 0x200b || cp > 0x200f) &&
			    (cp < 0x2028 || cp > 0x202e) &&
			    (cp < 0x2060 || cp > 0x206f) && cp < 0xe0000);
			i += step;
		}
		assert_int_equal(undo(buf_span(&b), back), n);
		assert_memory_equal(back, in, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    any_bytes_come_out_harmless_and_nothing_is_lost),
		cmocka_unit_test(attacks_are_escaped_and_letters_pass),
		cmocka_unit_test(every_byte_alone_comes_out_as_visible_ascii),
		cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(a_string_that_was_cut_ends_in_dots),
		cmocka_unit_test(
		    every_code_point_but_surrogates_decodes_to_itself),
	};

	return cmocka_run_group_tests_name("printable", tests, NULL, NULL);
}
