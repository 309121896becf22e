#include "http/etag.h"

struct tag {
	bool weak;
	struct span opaque; /* with its quotes */
};

/* In place, as buf_putu. */
static void
put_hex(struct buf *b, uint64_t v)
{
	size_t n = (67 - (unsigned)__builtin_clzll(v | 1)) / 4;

	if (n > b->cap - b->n) {
		b->full = true;
		return;
	}
	for (size_t i = n; i-- > 0; v >>= 4)
		b->p[b->n + i] = "0123456789abcdef"[v & 15];
	b->n += n;
}

void
etag_put(struct buf *b, uint64_t size, int64_t mtime_ns, const char *coding)
{
	buf_putc(b, '"');
	put_hex(b, size);
	buf_putc(b, '-');
	put_hex(b, (uint64_t)mtime_ns);
	if (coding != NULL) {
		buf_putc(b, '-');
		buf_puts(b, coding);
	}
	buf_putc(b, '"');
}

/* etagc = %x21 / %x23-7E / obs-text */
static bool
is_etagc(char c)
{
	unsigned char u = (unsigned char)c;
	return u >= 0x21 && u != '"' && u != 0x7f;
}

/* Take the tag that *s begins with.  False when there is none. */
static bool
tag_take(struct span *s, struct tag *tag)
{
	tag->weak = span_starts(*s, SPAN("W/"));
	if (tag->weak)
		*s = span_skip(*s, 2);
	if (s->n == 0 || s->p[0] != '"')
		return false;
	size_t n = 1;
	while (n < s->n && is_etagc(s->p[n]))
		n++;
	if (n == s->n || s->p[n] != '"')
		return false;
	tag->opaque = span_of(s->p, n + 1);
	*s = span_skip(*s, n + 1);
	return true;
}

/* Drop blanks and, with them, empty members (RFC 9110 5.6.1.2). */
static void
skip_to_member(struct span *s)
{
	while (s->n && (s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == ','))
		*s = span_skip(*s, 1);
}

static bool
tags_match(const struct tag *a, const struct tag *b, bool strong)
{
	return !(strong && (a->weak || b->weak)) &&
	    span_eq(a->opaque, b->opaque);
}

enum etag_match
etag_list_match(
    struct span list, struct span etag, bool strong, unsigned *counted)
{
	struct tag current;
	struct tag listed;
	enum etag_match found = ETAG_NO_MATCH;
	bool have;

	list = span_trim(list);
	/* What nearly all clients send: the tag that they were given.  Of weak
	 * ones only the comparison knows whether they match. */
	if (etag.n != 0 && etag.p[0] == '"' && span_eq(list, etag)) {
		++*counted;
		return ETAG_MATCH;
	}
	if (span_eq(list, SPAN("*")))
		return ETAG_STAR;
	have = tag_take(&etag, &current);
	for (skip_to_member(&list); list.n; skip_to_member(&list)) {
		if (!tag_take(&list, &listed))
			return ETAG_BAD_LIST;
		list = span_trim(list);
		if (list.n && list.p[0] != ',')
			return ETAG_BAD_LIST;
		if (found == ETAG_MATCH)
			continue;
		++*counted;
		if (have && tags_match(&current, &listed, strong))
			found = ETAG_MATCH;
	}
	return found;
}
