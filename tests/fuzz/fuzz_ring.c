/* The ring, against a queue that is plain: whole records, in order. */
#include "base/ring.h"
#include "fuzz.h"

#define CAP 4096

static unsigned char
byte_of(unsigned record, size_t i)
{
	return (unsigned char)(record * 31 + i);
}

static bool
push(struct ring *r, unsigned record, size_t n, size_t cut)
{
	static char mem[CAP];
	struct span parts[2] = { span_of(mem, cut),
		span_of(mem + cut, n - cut) };

	for (size_t i = 0; i < n; i++)
		mem[i] = (char)byte_of(record, i);
	return ring_push(r, parts, 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static size_t length[1 << 16];
	struct feed f = { data, size };
	unsigned in = 0, out = 0;
	struct ring r;
	struct span s;

	MUST(ring_init(&r, CAP));
	while (f.n > 0 && in < 1 << 16) {
		if (feed_byte(&f) & 1) {
			size_t n = feed_below(&f, CAP / 4 + 1);

			if (push(&r, in, n, feed_below(&f, n + 1)))
				length[in++] = n;
			else
				MUST(in > out); /* an empty one has room */
			continue;
		}
		s = ring_peek(&r);
		MUST((s.p == NULL) == (in == out));
		if (s.p == NULL)
			continue;
		MUST(s.n == length[out] && (uintptr_t)s.p % 8 == 0);
		for (size_t i = 0; i < s.n; i++)
			MUST((unsigned char)s.p[i] == byte_of(out, i));
		ring_pop(&r);
		out++;
	}
	ring_fini(&r);
	return 0;
}
