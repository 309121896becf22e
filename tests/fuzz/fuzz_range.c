/* Range: no byte outside the file, no more bytes than it has. */
#include "fuzz.h"
#include "http/range.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct byte_range out[LIMIT_RANGES];
	struct feed f = { data, size };
	uint8_t width = feed_byte(&f) % 9;
	uint64_t bytes = feed_number(&f, width), sum = 0;
	unsigned max = (unsigned)feed_below(&f, LIMIT_RANGES + 1), n = 99;
	enum range_result r = range_parse(feed_rest(&f), bytes, max, out, &n);

	MUST(r != RANGE_OK || n > 0);
	MUST(r != RANGE_UNSATISFIABLE || n == 0);
	if (r != RANGE_OK)
		return 0;
	MUST(n <= max);
	for (unsigned i = 0; i < n; i++) {
		MUST(out[i].first <= out[i].last && out[i].last < bytes);
		sum += out[i].last - out[i].first + 1;
		MUST(sum <= bytes);
	}
	return 0;
}
