/* A response as a client reads it: the same however it was split. */
#include "fuzz.h"
#include "http/reply.h"

static enum reply_progress
read_in_pieces(struct http_reply *r, struct span s, uint32_t seed, size_t *at)
{
	enum reply_progress got = REPLY_MORE;
	size_t used;

	for (*at = 0; got == REPLY_MORE && *at < s.n; *at += used) {
		size_t n = split_next(&seed, s.n - *at, s.n);
		char *copy = copy_of(span_of(s.p + *at, n));

		got = reply_read(r, copy, n, &used);
		free(copy);
		MUST(used <= n && (got != REPLY_MORE || used == n));
	}
	return got;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_reply whole, pieces;
	struct feed f = { data, size };
	uint32_t seed = 1 + (uint32_t)feed_number(&f, 2);
	bool to_head = feed_byte(&f) & 1;
	struct span s = feed_rest(&f);
	enum reply_progress got = REPLY_MORE;
	size_t used = 0, at, n;

	reply_init(&whole, to_head);
	reply_init(&pieces, to_head);
	if (s.n > 0)
		got = reply_read(&whole, s.p, s.n, &used);
	MUST(read_in_pieces(&pieces, s, seed, &at) == got);
	MUST(at == used && (got != REPLY_MORE || used == s.n));
	if (got == REPLY_MORE)
		MUST((got = reply_eof(&whole)) == reply_eof(&pieces));
	MUST(whole.status == pieces.status && whole.body_n == pieces.body_n);
	MUST(whole.kept == pieces.kept);
	/* what is no response is kept as it came, so as far as was read */
	MUST(got == REPLY_WRONG || whole.head_n == pieces.head_n);
	MUST(whole.framing == pieces.framing && whole.length == pieces.length);
	MUST(same_text(whole.wrong, pieces.wrong));
	MUST(same_text(whole.closes, pieces.closes));
	n = whole.head_n < pieces.head_n ? whole.head_n : pieces.head_n;
	MUST(memcmp(whole.head, pieces.head, n) == 0);
	MUST(memcmp(whole.body, pieces.body, whole.kept) == 0);
	MUST((got == REPLY_WRONG) == (whole.wrong != NULL));
	return 0;
}
