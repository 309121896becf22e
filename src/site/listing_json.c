#include "base/check.h"
#include "http/date.h"
#include "site/listing_entry.h"

/* At most six bytes ("\u001b") for one of a name, three for one of its
 * address. */
#define JSON_ROW(name_n) ((name_n)*9 + 256)

static void
put_entry(struct buf *b, const struct listing_entry *entry, struct span name)
{
	char date[DATE_ISO_LEN];

	buf_put(b, SPAN("{\"name\":\""));
	if (listing_name_is_plain(name))
		buf_put(b, name);
	else
		buf_put_json(b, name);
	buf_puts(b,
	    entry->folder ? "\",\"type\":\"folder\""
			  : "\",\"type\":\"file\",\"size\":");
	if (!entry->folder)
		buf_putu(b, entry->size);
	buf_put(b, SPAN(",\"modified\":\""));
	date_format_iso(date, entry->mtime);
	buf_put(b, span_of(date, sizeof(date)));
	/* the name once more, whatever its bytes */
	buf_put(b, SPAN("\",\"href\":\""));
	listing_put_href(b, entry, name);
	buf_put(b, SPAN("\"}"));
}

/* What an entry has at most beside its name, with a comma before it. */
static size_t
entry_rest(void)
{
	static const struct listing_entry file = { .size = UINT64_MAX },
					  folder = { .folder = true };
	char mem[JSON_ROW(0)];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t n;

	put_entry(&b, &file, SPAN(""));
	n = b.n;
	b.n = 0;
	put_entry(&b, &folder, SPAN(""));
	CHECK(!b.full);
	return 2 + (n > b.n ? n : b.n);
}

/* Bytes that the name takes, as text and as address. */
static size_t
entry_names(struct span name)
{
	static const struct listing_entry file = { .folder = false };
	char mem[JSON_ROW(LISTING_NAME)];
	struct buf b = buf_over(mem, sizeof(mem));

	if (listing_name_is_plain(name))
		return 2 * name.n;
	buf_put_json(&b, name);
	listing_put_href(&b, &file, name);
	CHECK(!b.full);
	return b.n - 2; /* "./" is of the rest */
}

static void
put_entries(struct listing_out *o, struct listing_entries *e)
{
	size_t rest = entry_rest();
	bool some = false;

	for (size_t i = 0; i < e->n && o->error == 0; i++) {
		struct span name = listing_entry_name(e, i);
		struct buf *b = listing_out_room(o, JSON_ROW(name.n));
		size_t from = b->n;

		if (e->late)
			o->error = listing_entries_look(e, i);
		if (e->p[i].look == LISTING_SEEN) {
			buf_puts(b, some ? ",\n" : "\n");
			put_entry(b, &e->p[i], name);
			some = true;
		}
		if (e->late)
			listing_put_blanks(b, from, rest + entry_names(name));
	}
}

/* Bytes of the whole text, when its entries are still to be written. */
static uint64_t
late_total(
    const struct listing_out *o, const struct listing_entries *e, size_t below)
{
	size_t rest = entry_rest();
	uint64_t n = listing_out_at(o) + below;

	for (size_t i = 0; i < e->n; i++)
		n += rest + entry_names(listing_entry_name(e, i));
	return n;
}

static void
put_below(struct buf *b, const struct listing_entries *e)
{
	buf_put(b, SPAN("\n],\"omitted\":"));
	buf_putu(b, e->omitted);
	buf_put(b, SPAN("}\n"));
}

void
listing_put_json(struct listing_out *o, const struct listing_request *r,
    struct listing_entries *e)
{
	struct span path = span_of(r->path->s, r->path->n);
	struct buf *b = listing_out_room(o, JSON_ROW(path.n));
	char mem[64];
	struct buf below = buf_over(mem, sizeof(mem));

	put_below(&below, e);
	buf_put(b, SPAN("{\"path\":\""));
	buf_put_json(b, path);
	buf_put(b, SPAN("\",\"entries\":["));
	if (e->late)
		o->total = late_total(o, e, below.n);
	put_entries(o, e);
	buf_put(listing_out_room(o, JSON_ROW(0)), buf_span(&below));
}
