#include "ui/filter.h"

#include <stdlib.h>

#include "base/check.h"
#include "http/lines.h"
#include "ui/filter_parts.h"

/* Whether none of the eight bytes at p is `c`, once `bit` is set in them: most
 * of a text is passed over so. */
static bool
none_of_eight(const char *p, char c, char bit)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	w = (w | ones * (unsigned char)bit) ^ ones * (unsigned char)c;
	return ((w - ones) & ~w & ones << 7) == 0;
}

/* Where `text`, in lower case and not empty, is in `s` in whatever case. */
static size_t
search_nocase(struct span s, struct span text)
{
	char first = text.p[0];
	char bit = first >= 'a' && first <= 'z' ? 0x20 : 0;

	for (size_t i = 0; i + text.n <= s.n; i++) {
		size_t k = 1;

		if (i + 8 <= s.n && none_of_eight(s.p + i, first, bit)) {
			i += 7;
			continue;
		}
		if ((s.p[i] | bit) != first)
			continue;
		while (k < text.n && ascii_lower(s.p[i + k]) == text.p[k])
			k++;
		if (k == text.n)
			return i;
	}
	return SIZE_MAX;
}

size_t
filter_search(struct span s, struct span part, bool nocase)
{
	const char *at;

	if (part.n == 0)
		return 0;
	if (part.n > s.n)
		return SIZE_MAX;
	if (nocase)
		return search_nocase(s, part);
	at = memmem(s.p, s.n, part.p, part.n);
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool
filter_same(struct span s, struct span part, bool nocase)
{
	return nocase ? span_eq_nocase(s, part) : span_eq(s, part);
}

static bool
contains(struct span s, const struct filter_term *t)
{
	return filter_search(s, t->text, t->nocase) <= s.n;
}

static bool
equals(struct span s, const struct filter_term *t)
{
	return filter_same(s, t->text, t->nocase);
}

static bool
begins(struct span s, const struct filter_term *t)
{
	return s.n >= t->text.n && equals(span_of(s.p, t->text.n), t);
}

/* A target without scheme and authority (RFC 9112 3.2.2). */
static struct span
origin_form(struct span target)
{
	const char *at;

	if (target.n == 0 || target.p[0] == '/')
		return target;
	at = memmem(target.p, target.n, "://", 3);
	if (at == NULL)
		return target;
	target = span_skip(target, (size_t)(at - target.p) + 3);
	at = target.n ? memchr(target.p, '/', target.n) : NULL;
	return at ? span_skip(target, (size_t)(at - target.p)) : SPAN("/");
}

/* The target's path, or what comes behind '?'. */
static struct span
target_part(struct span target, bool query)
{
	const char *mark;
	size_t n;

	target = origin_form(target);
	mark = target.n ? memchr(target.p, '?', target.n) : NULL;
	n = mark ? (size_t)(mark - target.p) : target.n;
	if (!query)
		return span_of(target.p, n);
	return mark ? span_skip(target, n + 1) : span_of("", 0);
}

static struct span
subject_text(const struct filter_subject *s, const struct filter_term *t)
{
	switch ((enum term_of)t->of) {
	case OF_METHOD:
		return s->method;
	case OF_TARGET:
		return s->target;
	case OF_PATH:
		return target_part(s->target, false);
	case OF_QUERY:
		return target_part(s->target, true);
	case OF_HOST:
		return s->host;
	case OF_REFERER:
		return s->referer;
	case OF_AGENT:
		return s->agent;
	case OF_CLIENT:
		return s->client;
	case OF_WHY:
		return s->why;
	case OF_CLOSED:
		return s->closed;
	case OF_TYPE:
		return lines_value(s->response, SPAN("Content-Type"));
	default:
		return span_of("", 0);
	}
}

static bool
in_range(const struct filter_subject *s, const struct filter_term *t)
{
	uint64_t v;

	switch ((enum term_of)t->of) {
	case OF_STATUS:
		v = s->status;
		/* no answer is no number, but it can be asked for */
		return v ? v >= t->low && v <= t->high
			 : (t->low | t->high) == 0;
	case OF_SIZE:
		v = s->size;
		break;
	case OF_TIME:
		v = s->time_ns > 0 ? (uint64_t)s->time_ns : 0;
		break;
	case OF_FIRST:
		if (s->first_ns <= 0)
			return false;
		v = (uint64_t)s->first_ns;
		break;
	case OF_CONN:
		v = s->conn;
		break;
	case OF_NUMBER:
		v = s->number;
		break;
	default:
		v = s->major * 10u + s->minor;
	}
	return v >= t->low && v <= t->high;
}

static bool
has_extension(struct span path, const struct filter_term *t)
{
	size_t n = t->text.n;

	return path.n > n && path.p[path.n - n - 1] == '.' &&
	    span_eq_nocase(span_skip(path, path.n - n), t->text);
}

static bool
has_field(struct filter *f, const struct filter_term *t, struct span head)
{
	struct head_line line;
	struct span rest;

	lines_first(head, &rest);
	while (lines_next(&rest, &line))
		if (line.name.n && span_eq_nocase(line.name, t->name) &&
		    (t->kind == TERM_FIELD_REGEX
			    ? filter_regex_match(f, t, line.value)
			    : contains(line.value, t)))
			return true;
	return false;
}

static bool
is_mapped(const struct peer *p)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return p->family == AF_INET6 && memcmp(p->addr, prefix, 12) == 0;
}

static bool
same_network(const struct peer *p, const struct filter_term *t)
{
	bool mapped = is_mapped(p) && t->family == AF_INET;
	const uint8_t *addr = mapped ? p->addr + 12 : p->addr;
	unsigned bytes = t->bits / 8;
	unsigned rest = t->bits % 8;

	if (!mapped && p->family != t->family)
		return false;
	if (memcmp(addr, t->addr, bytes) != 0)
		return false;
	return rest == 0 || (addr[bytes] ^ t->addr[bytes]) >> (8 - rest) == 0;
}

static bool
in_set(const struct filter_term *t, unsigned id)
{
	return id < 64 * SET_WORDS && (t->set[id / 64] >> (id % 64) & 1);
}

static bool
any_in_set(const struct filter_term *t, const struct trail *trail)
{
	for (unsigned i = 0; i < trail->n && i < LIMIT_TRAIL; i++)
		if (in_set(t, trail->r[i].id))
			return true;
	return false;
}

static bool
holds(struct filter *f, const struct filter_term *t,
    const struct filter_subject *s)
{
	switch ((enum term_kind)t->kind) {
	case TERM_RANGE:
		return in_range(s, t);
	case TERM_TEXT:
		return contains(subject_text(s, t), t);
	case TERM_EQUALS:
		return equals(subject_text(s, t), t);
	case TERM_BEGINS:
		return begins(subject_text(s, t), t);
	case TERM_REGEX:
		return filter_regex_match(f, t, subject_text(s, t));
	case TERM_EXT:
		return has_extension(target_part(s->target, false), t);
	case TERM_ADDRESS:
		return same_network(s->peer, t);
	case TERM_WHY:
		return s->trail->why < s->trail->n &&
		    in_set(t, s->trail->r[s->trail->why].id);
	case TERM_TRAIL:
		return any_in_set(t, s->trail);
	case TERM_CLOSED:
		return in_set(t, s->close);
	case TERM_FIELD:
	case TERM_FIELD_REGEX:
		return has_field(
		    f, t, t->of == OF_REQUEST ? s->request : s->response);
	case TERM_MARK:
		return s->marked;
	}
	return false;
}

/* A text of the entry, where "-" stands for none. */
static void
fill_text(struct filter_subject *s, uint32_t fact, const char *text, size_t cap)
{
	struct span out = span_of(text, strnlen(text, cap));

	s->filled |= fact;
	s->known &= ~fact;
	if (span_eq(out, SPAN("-")))
		return;
	s->known |= fact;
	if (fact == FILTER_METHOD)
		s->method = out;
	else
		s->target = out;
}

static void
look_up(struct filter_subject *s, uint32_t fact)
{
	const struct journal_entry *e = s->entry;

	if (e && fact == FILTER_METHOD)
		fill_text(s, fact, e->method, sizeof(e->method));
	else if (e && fact == FILTER_TARGET)
		fill_text(s, fact, e->target, sizeof(e->target));
	else if (s->fill)
		s->fill(s, fact);
	if (!(s->filled & fact))
		s->known &= ~fact;
	s->filled |= fact;
}

static inline bool
is_known(struct filter_subject *s, uint32_t fact)
{
	if (!(s->filled & fact))
		look_up(s, fact);
	return (s->known & fact) != 0;
}

/* What is not known meets no term; where only the sentence of a reason is
 * known, the text decides. */
static bool
is_met(struct filter *f, const struct filter_term *t, struct filter_subject *s)
{
	if (is_known(s, t->needs))
		return holds(f, t, s);
	return t->instead && is_known(s, t->instead) &&
	    contains(subject_text(s, t), t);
}

bool
filter_match(struct filter *f, struct filter_subject *s)
{
	uint8_t at = f->start;

	/* every term is come to at most once: ui/filter_parse.c */
	while (at < FILTER_TERMS)
		at = is_met(f, &f->term[at], s) ? f->term[at].yes
						: f->term[at].no;
	return at == FILTER_YES;
}

uint32_t
filter_needs(const struct filter *f)
{
	CHECK_MAGIC(f, FILTER_MAGIC);
	return f->needs;
}

uint64_t
filter_given_up(const struct filter *f)
{
	CHECK_MAGIC(f, FILTER_MAGIC);
	return f->given_up;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	CHECK_MAGIC(f, FILTER_MAGIC);
	filter_regex_free(f);
	f->magic = 0;
	free(f);
}
