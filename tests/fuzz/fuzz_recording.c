/* Recordings, HAR and logs: every file comes to an end, and all that is shown
 * of it is printable. */
#include "base/printable.h"
#include "file_of.h"
#include "watch/recording.h"

static void
check_text(struct span s)
{
	uint32_t cp;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(span_skip(s, i), &cp);
		MUST(n > 0 && cp >= 0x20 && cp != 0x7f);
	}
}

static void
check_part(struct head_part part, struct span whole)
{
	MUST((size_t)part.at + part.n <= whole.n);
}

static void
check_exchange(const struct exchange_copy *x)
{
	check_part(x->e.method, x->request);
	check_part(x->e.target, x->request);
	check_part(x->e.host, x->request);
	check_part(x->e.referer, x->request);
	check_part(x->e.user_agent, x->request);
	check_text(x->method);
	check_text(x->target);
	check_text(x->client);
	check_text(x->why);
	check_text(x->closed);
	MUST((x->known & ~(uint32_t)FACTS_ALL) == 0);
	MUST(x->e.status <= 999 && x->e.trail.n <= LIMIT_TRAIL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct recorded got;
	char text[RECORDING_TEXT];
	struct recording *r =
	    recording_open(file_of(span_of((const char *)data, size)), text);
	enum recording_result how;
	size_t n = 0;
	uint64_t read, all;

	MUST(r != NULL);
	do {
		how = recording_next(r, &got);
		check_text(span_str(got.text));
		if (how == RECORDING_GOT)
			check_exchange(&got.x);
		else if (how != RECORDING_END)
			MUST(got.text[0] != '\0');
		MUST(n++ <= size + 1);
	} while (how == RECORDING_GOT || how == RECORDING_UNREADABLE);
	recording_progress(r, &read, &all);
	MUST(read <= size && all == size);
	MUST(recording_next(r, &got) == how);
	recording_close(r);
	return 0;
}
