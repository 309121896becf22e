#include "http/reason.h"

#include "base/check.h"
#include "base/num.h"

struct reason_row {
	const char *why;
	const char *text;
};

static const struct reason_row rows[REASON_N] = {
#define X(id, why, text) [REASON_##id] = { why, text },
	REASON_TABLE(X)
#undef X
};

void
trail_add(struct trail *t, enum reason_id id, uint64_t a, uint32_t b)
{
	CHECK((unsigned)id < REASON_N && t->n <= LIMIT_TRAIL);
	if (t->n == LIMIT_TRAIL) {
		/* What explains the status outlives what came before it. */
		if (t->why == LIMIT_TRAIL - 1) {
			t->r[LIMIT_TRAIL - 2] = t->r[LIMIT_TRAIL - 1];
			t->why = LIMIT_TRAIL - 2;
		}
		t->n--;
	}
	t->r[t->n++] = (struct reason){ .id = (uint16_t)id, .a = a, .b = b };
}

void
trail_why(struct trail *t, enum reason_id id, uint64_t a, uint32_t b)
{
	t->why = 0; /* the old one no longer needs its place */
	trail_add(t, id, a, b);
	t->why = (uint8_t)(t->n - 1);
}

/* Append `text` with the numbers in the place of {a}, {b} and {a!}. */
static void
put_filled(struct buf *b, const char *text, const struct reason *r)
{
	struct span s = span_str(text);

	while (s.n) {
		const char *brace = memchr(s.p, '{', s.n);
		size_t plain = brace ? (size_t)(brace - s.p) : s.n;
		buf_put(b, span_of(s.p, plain));
		s = span_skip(s, plain);
		if (span_starts(s, SPAN("{a}"))) {
			buf_putu(b, r->a);
			s = span_skip(s, 3);
		} else if (span_starts(s, SPAN("{b}"))) {
			buf_putu(b, r->b);
			s = span_skip(s, 3);
		} else if (span_starts(s, SPAN("{a!}"))) {
			char size[8];
			num_human(size, r->a);
			buf_puts(b, size);
			s = span_skip(s, 4);
		} else {
			CHECK(s.n == 0); /* a brace that stands for nothing */
		}
	}
}

void
reason_put_why(struct buf *b, const struct reason *r)
{
	CHECK(r->id < REASON_N);
	put_filled(b, rows[r->id].why, r);
}

void
reason_put_text(struct buf *b, const struct reason *r)
{
	CHECK(r->id < REASON_N);
	put_filled(b, rows[r->id].text, r);
}
