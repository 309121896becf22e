#include "http/reason.h"

#include "base/check.h"
#include "base/num.h"
#include "http/coding.h"

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

uint64_t
reason_coding(unsigned chosen, unsigned q, unsigned rival, unsigned rival_q)
{
	return chosen | (uint64_t)q << 8 | (uint64_t)rival << 24 |
	    (uint64_t)rival_q << 32;
}

/* A quality as a client would write it: 1.0, 0.5, 0.125. */
static void
put_quality(struct buf *b, unsigned q)
{
	buf_putu(b, q / 1000);
	buf_putc(b, '.');
	for (unsigned rest = q % 1000, place = 100;;
	     rest %= place, place /= 10) {
		buf_putc(b, (char)('0' + rest / place));
		if (rest % place == 0)
			break;
	}
}

static void
put_a(struct buf *b, const struct reason *r)
{
	buf_putu(b, r->a);
}

static void
put_b(struct buf *b, const struct reason *r)
{
	buf_putu(b, r->b);
}

static void
put_size(struct buf *b, const struct reason *r)
{
	char size[8];

	num_human(size, r->a);
	buf_puts(b, size);
}

static void
put_coding(struct buf *b, const struct reason *r)
{
	unsigned c = r->a & 0xff;

	buf_puts(b, c < CODING_N ? coding_name((enum coding)c) : "?");
}

static void
put_chosen_q(struct buf *b, const struct reason *r)
{
	put_quality(b, r->a >> 8 & 0xffff);
}

static void
put_over(struct buf *b, const struct reason *r)
{
	unsigned rival = r->a >> 24 & 0xff;

	if (rival >= CODING_N)
		return;
	buf_puts(b, " over ");
	buf_puts(b, coding_name((enum coding)rival));
	buf_puts(b, " q=");
	put_quality(b, r->a >> 32 & 0xffff);
}

/* The end of a noun behind the number. */
static void
put_a_plural(struct buf *b, const struct reason *r)
{
	buf_puts(b, r->a == 1 ? "" : "s");
}

static void
put_b_plural(struct buf *b, const struct reason *r)
{
	buf_puts(b, r->b == 1 ? "" : "s");
}

static const struct {
	const char *name;
	void (*put)(struct buf *b, const struct reason *r);
} fillers[] = {
	{ "{a}", put_a },
	{ "{b}", put_b },
	{ "{as}", put_a_plural },
	{ "{bs}", put_b_plural },
	{ "{a!}", put_size },
	{ "{coding}", put_coding },
	{ "{q}", put_chosen_q },
	{ "{over}", put_over },
};

/* Put what the brace that *s begins with stands for, and skip it. */
static void
put_filler(struct buf *b, struct span *s, const struct reason *r)
{
	size_t n = sizeof(fillers) / sizeof(fillers[0]);

	for (size_t i = 0; i < n; i++) {
		struct span name = span_str(fillers[i].name);

		if (!span_starts(*s, name))
			continue;
		fillers[i].put(b, r);
		*s = span_skip(*s, name.n);
		return;
	}
	check_failed(__FILE__, __LINE__, "a brace that stands for nothing");
}

/* Append `text` with what its braces stand for. */
static void
put_filled(struct buf *b, const char *text, const struct reason *r)
{
	struct span s = span_str(text);

	while (s.n) {
		const char *brace = memchr(s.p, '{', s.n);
		size_t plain = brace ? (size_t)(brace - s.p) : s.n;

		buf_put(b, span_of(s.p, plain));
		s = span_skip(s, plain);
		if (s.n)
			put_filler(b, &s, r);
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
