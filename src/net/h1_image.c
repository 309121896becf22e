#include "net/h1_image.h"

#include "base/check.h"
#include "http/date.h"

/* Larger answers keep their head only, and send the content from the file. */
#define IMAGE_MAX 12288
_Static_assert(IMAGE_MAX + 2048 < FILES_STORE, "more than one has room");

/* Where the date stands in a head: response_put_head writes it first. */
static uint32_t
image_date_at(const char *p, uint32_t n)
{
	const char *lf = memchr(p, '\n', n);
	const size_t name = sizeof("Date: ") - 1;

	CHECK(lf != NULL && memcmp(lf + 1, "Date: ", name) == 0);
	return (uint32_t)(lf + 1 - p + (ptrdiff_t)name);
}

/* A key's bits, from the lowest: status, page as HTML, coding, seconds of
 * keep-alive, kept; and one that is always set. */
enum { KEY_HTML = 10, KEY_CODING, KEY_TIMEOUT = 13, KEY_KEEP = 30, KEY_SET };
#define KEY_TIMEOUT_MAX ((1 << (KEY_KEEP - KEY_TIMEOUT)) - 1)
_Static_assert(
    CODING_N <= 1 << (KEY_TIMEOUT - KEY_CODING) && 999 < 1 << KEY_HTML,
    "each has room");

uint32_t
h1_image_key(const struct conns *cs, const struct work *w)
{
	const struct plan *p = &w->plan;
	int64_t timeout = cs->settings.timeout[conns_keepalive(cs)] / NS_PER_S;
	bool known =
	    (p->file_fields && (p->status == 200 || p->status == 304)) ||
	    (p->source == BODY_SOURCE_PAGE && p->status == 404);

	if (w->entry == NULL || !w->entry->kept || !known ||
	    p->cors == CORS_ORIGIN || timeout > KEY_TIMEOUT_MAX)
		return 0;
	/* Last-Modified is the time of now instead. */
	if (p->file_fields && p->rep.mtime_ns >= cs->now.wall - NS_PER_S)
		return 0;
	return 1u << KEY_SET | (uint32_t)p->keep << KEY_KEEP |
	    (uint32_t)timeout << KEY_TIMEOUT |
	    (uint32_t)p->rep.coding << KEY_CODING |
	    (uint32_t)p->page_html << KEY_HTML | p->status;
}

static struct files_image *
image_find(struct files_entry *e, uint32_t key)
{
	for (int i = 0; i < FILES_IMAGES; i++)
		if (e->image[i].key == key)
			return &e->image[i];
	return NULL;
}

bool
h1_image_use(struct conns *cs, struct work *w, uint32_t key)
{
	struct files_image *image = image_find(w->entry, key);
	int64_t now = cs->now.wall / NS_PER_S;
	char *p;

	if (image == NULL)
		return false;
	p = files_stored(cs->files, w->entry, image->at);
	if (image->date != now) {
		date_format(p + image_date_at(p, image->head_n), now);
		image->date = now;
	}
	w->out = p;
	w->out_head = image->head_n;
	w->out_n = w->plan.head ? image->head_n : image->n;
	if (w->plan.source == BODY_SOURCE_PAGE)
		w->plan.length = image->n - image->head_n;
	return true;
}

void
h1_image_make(struct conns *cs, struct work *w, uint32_t key)
{
	struct files_image *image = image_find(w->entry, 0);
	uint32_t n = w->out_n > IMAGE_MAX ? w->out_head : w->out_n, at;
	char *p;

	if (image == NULL || w->plan.head)
		return;
	/* All of the content, or none of it. */
	if (n > w->out_head && n - w->out_head != w->plan.length)
		return;
	p = files_store(cs->files, w->entry, n, &at);
	if (p == NULL)
		return;
	memcpy(p, w->mem, n);
	*image = (struct files_image){ .key = key,
		.at = at,
		.head_n = w->out_head,
		.n = n,
		.date = cs->now.wall / NS_PER_S };
}
