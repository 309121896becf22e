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

void
listing_put_json(struct listing_out *o, const struct listing_request *r,
    const struct listing_entries *e)
{
	struct span path = span_of(r->path->s, r->path->n);
	struct buf *b = listing_out_room(o, JSON_ROW(path.n));

	buf_put(b, SPAN("{\"path\":\""));
	buf_put_json(b, path);
	buf_put(b, SPAN("\",\"entries\":["));
	for (size_t i = 0; i < e->n && o->error == 0; i++) {
		struct span name = listing_entry_name(e, i);

		b = listing_out_room(o, JSON_ROW(name.n));
		buf_puts(b, i ? ",\n" : "\n");
		put_entry(b, &e->p[i], name);
	}
	b = listing_out_room(o, JSON_ROW(0));
	buf_put(b, SPAN("\n],\"omitted\":"));
	buf_putu(b, e->omitted);
	buf_put(b, SPAN("}\n"));
}
