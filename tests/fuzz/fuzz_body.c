/* Content: where it ends must not depend on how it was split. */
#include "fuzz.h"
#include "http/body.h"

static enum body_result
read_in_pieces(struct body_reader *b, struct span s, uint32_t seed)
{
	enum body_result r = BODY_MORE;
	size_t at = 0, used;

	do {
		size_t n = split_next(&seed, s.n - at, s.n);
		char *copy = copy_of(span_of(s.p + at, n));

		r = body_read(b, copy, n, &used);
		free(copy);
		MUST(used <= n && (r != BODY_MORE || used == n));
		at += used;
	} while (r == BODY_MORE && at < s.n);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	uint32_t seed = 1 + (uint32_t)feed_number(&f, 2);
	uint8_t how = feed_byte(&f);
	uint64_t budget = feed_number(&f, how & 1 ? 8 : 2);
	uint64_t length = feed_number(&f, how & 2 ? 8 : 1);
	enum body_framing framing = how & 4 ? BODY_LENGTH : BODY_CHUNKED;
	struct span s = feed_rest(&f);
	struct body_reader whole, pieces;
	enum body_result r, again;
	size_t used;

	body_init(&whole, framing, length, budget);
	body_init(&pieces, framing, length, budget);
	r = body_read(&whole, s.p, s.n, &used);
	again = read_in_pieces(&pieces, s, seed);
	MUST(again == r && pieces.seen == whole.seen);
	MUST(whole.seen == used && used <= s.n && used <= budget);
	if (r == BODY_MORE)
		MUST(used == s.n);
	if (r == BODY_COMPLETE && framing == BODY_LENGTH)
		MUST(used == length);
	if (r != BODY_MORE) /* it stays so */
		MUST(body_read(&whole, s.p, s.n, &used) == r && used == 0);
	return 0;
}
