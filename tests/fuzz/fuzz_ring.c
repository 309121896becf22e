/* The ring, against a queue that is plain: whole records, in order. */
#include "base/ring.h"
#include "fuzz.h"

#define CAP 4096

/* The bytes of a record: of 31 times its number, and one more each. */
static struct span
bytes_of(unsigned record, size_t n)
{
	static char counted[256 + CAP / 4];

	for (size_t i = counted[1] ? 0 : sizeof(counted); i-- > 0;)
		counted[i] = (char)i;
	return span_of(counted + record * 31 % 256, n);
}

/* Reserve more than the record needs. */
static bool
push(struct ring *r, unsigned record, size_t n, size_t more)
{
	char *p = ring_reserve(r, n + more);

	if (p == NULL)
		return false;
	memcpy(p, bytes_of(record, n).p, n);
	ring_push(r, n);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ring empty; /* its memory is every input's */
	static size_t length[1 << 16];
	struct feed f = { data, size };
	unsigned in = 0, seen = 0, out = 0;
	struct ring r;
	struct span s;

	if (empty.mem == NULL)
		MUST(ring_init(&empty, CAP));
	memcpy(&r, &empty, sizeof(r));
	while (f.n > 0 && in < 1 << 16) {
		unsigned what = feed_byte(&f);

		if (what & 2) {
			ring_publish(&r);
			seen = in;
		}
		if (what & 1) {
			size_t n = feed_below(&f, CAP / 4 + 1);

			if (push(&r, in, n, feed_below(&f, CAP / 4 + 1 - n)))
				length[in++] = n;
			else
				MUST(in > out); /* an empty one has room */
			continue;
		}
		s = ring_peek(&r);
		MUST((s.p == NULL) == (seen == out));
		if (s.p == NULL)
			continue;
		MUST((uintptr_t)s.p % 8 == 0);
		MUST(span_eq(s, bytes_of(out, length[out])));
		ring_pop(&r);
		out++;
	}
	return 0;
}
