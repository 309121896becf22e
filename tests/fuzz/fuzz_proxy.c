/* PROXY lines and headers: bounded, split-invariant, refused at a byte that is
 * there. */
#include "fuzz.h"
#include "http/proxy.h"
#include "http/reason.h"

static enum proxy_result
parse_copy(struct span s, struct proxy_head *h)
{
	char *p = copy_of(s);
	enum proxy_result r = proxy_parse(span_of(p, s.n), h);

	free(p);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	struct span all = feed_rest(&f);
	struct proxy_head whole, part = { .version = 0 };
	enum proxy_result r = parse_copy(all, &whole), early = PROXY_MORE;

	MUST(r != PROXY_MORE || size < PROXY_HEADER_MAX);
	MUST(r != PROXY_DONE ||
	    (whole.length <= size && whole.length <= PROXY_HEADER_MAX &&
		whole.length >= 15 && whole.error == REASON_NONE));
	MUST(r != PROXY_BAD ||
	    (whole.error != REASON_NONE && whole.error_at < size));
	for (size_t n = 0; n <= size && early == PROXY_MORE; n++) {
		early = parse_copy(span_of(all.p, n), &part);
		MUST(early != PROXY_DONE || n == part.length);
	}
	MUST(early == r && part.error == whole.error &&
	    part.error_at == whole.error_at && part.length == whole.length &&
	    address_same(&part.source, &whole.source) &&
	    part.source.port == whole.source.port);
	return 0;
}
