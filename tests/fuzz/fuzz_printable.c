/* Made printable: nothing that a terminal acts on, and nothing lost. */
#include "base/num.h"
#include "base/printable.h"
#include "fuzz.h"

static void
check_shown(struct span out, enum printable_mode mode)
{
	uint32_t cp;
	size_t n;

	for (size_t i = 0; i < out.n; i += n) {
		n = utf8_decode(span_skip(out, i), &cp);
		MUST(n > 0 && cp >= 0x20 && cp != 0x7f);
		MUST(mode == PRINTABLE_UTF8 || n == 1);
		MUST(cp < 0x80 || cp > 0x9f);
		MUST(cp < 0x200b || cp > 0x200f);
		MUST(cp < 0x2028 || cp > 0x202e);
		MUST(cp < 0x2060 || cp > 0x206f);
		MUST(cp != 0xfeff && cp < 0xe0000);
	}
}

/* Undo the escapes, and find the bytes that went in. */
static void
check_undone(struct span out, struct span in)
{
	size_t k = 0;

	for (size_t i = 0; i < out.n; k++) {
		int c = (unsigned char)out.p[i++];

		if (c == '\\') {
			MUST(i < out.n);
			c = out.p[i++];
			MUST(c == '\\' || (c == 'x' && i + 2 <= out.n));
			if (c == 'x') {
				c = num_hexdigit(out.p[i]) * 16 +
				    num_hexdigit(out.p[i + 1]);
				i += 2;
			}
		}
		MUST(k < in.n && c == (unsigned char)in.p[k]);
	}
	MUST(k == in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	enum printable_mode mode =
	    feed_byte(&f) & 1 ? PRINTABLE_UTF8 : PRINTABLE_ASCII;
	size_t cap = 8 + feed_byte(&f);
	struct span in = feed_rest(&f);
	char *mem = malloc(in.n * 4 + 1), *cut = malloc(cap);
	struct buf b = buf_over(mem, in.n * 4 + 1);
	size_t n;

	MUST(mem != NULL && cut != NULL);
	printable_put(&b, in, mode);
	MUST(!b.full);
	check_shown(buf_span(&b), mode);
	check_undone(buf_span(&b), in);
	n = printable_str(cut, cap, in, mode);
	MUST(n < cap && strlen(cut) == n);
	check_shown(span_of(cut, n), mode);
	MUST(b.n >= cap || (n == b.n && memcmp(cut, mem, n) == 0));
	free(mem);
	free(cut);
	return 0;
}
