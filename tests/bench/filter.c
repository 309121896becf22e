/* How long a filter takes for each exchange, in entries as the journal has
 * them: 256 that stay in the cache, and a million that do not. */
#include "ui/filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define ENTRIES 1000000u
#ifndef ROUNDS
#define ROUNDS 5
#endif

static const char *const agents[] = {
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
	"Firefox/140.0",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like "
	"Gecko) "
	"Chrome/140.0.0.0 Safari/537.36",
	"curl/8.14.1",
};

static void
fill(struct filter_subject *s, uint32_t facts)
{
	(void)facts;
	s->agent = span_str(agents[s->conn % 3]);
	s->filled |= FILTER_AGENT;
	s->known |= FILTER_AGENT;
}

static struct journal_entry *
make_entries(void)
{
	static const uint16_t status[] = { 200, 200, 304, 206, 404, 200, 400 };
	struct journal_entry *list = calloc(ENTRIES, sizeof(*list));

	if (list == NULL)
		exit(1);
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct journal_entry *e = &list[i];

		e->seq = i + 1;
		e->e.status = status[i % 7];
		e->e.conn = i / 10;
		e->e.body_sent = i * 37 % 4000000;
		e->e.done_ns = i * 113 % 300000000;
		e->e.peer.family = 2;
		e->e.peer.addr[0] = 10;
		e->e.peer.addr[3] = (uint8_t)i;
		trail_add(&e->e.trail, REASON_HEAD_READ, 400, 12);
		trail_why(&e->e.trail,
		    i % 7 == 2 ? REASON_INM_MATCHED : REASON_FILE_FOUND, i, 0);
		snprintf(e->method, sizeof(e->method), "GET");
		snprintf(e->target, sizeof(e->target),
		    "/docs/section-%u/page-%u/style.%s?v=%u", i % 17, i % 1009,
		    i % 3 ? "css" : "js", i % 5);
	}
	return list;
}

/* The best time for a million, walking through `n` entries again and again. */
static int64_t
walk(struct filter *f, const struct journal_entry *list, unsigned n,
    unsigned *met)
{
	struct filter_subject s = { .fill = fill };
	int64_t best = INT64_MAX;

	for (unsigned round = 0; round < ROUNDS; round++) {
		int64_t from = clock_mono();

		*met = 0;
		for (unsigned i = 0; i < ENTRIES; i++) {
			filter_subject_entry(&s, &list[i % n], false);
			*met += filter_match(f, &s);
		}
		from = clock_mono() - from;
		best = from < best ? from : best;
	}
	return best;
}

static void
measure(const char *text, const struct journal_entry *list)
{
	struct filter_error err;
	struct filter *f = filter_compile(span_str(text), &err);
	unsigned met;
	int64_t hot;
	int64_t all;

	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", text, err.text);
		exit(1);
	}
	hot = walk(f, list, 256, &met);
	all = walk(f, list, ENTRIES, &met);
	printf("%-48s %6.1f ns %6.1f ns %7.1f ms %8u\n", text,
	    (double)hot / ENTRIES, (double)all / ENTRIES,
	    (double)all / NS_PER_MS, met);
	filter_free(f);
}

int
main(void)
{
	static const char *const filters[] = { "", "status>=400", "conn:41",
		"size>1M", "time>100ms", "client:10.0.0.", "why:etag",
		"method:GET", "ext:css", "page-77", "PAGE", "path~^/docs/",
		"ua:firefox", "ua~Firefox",
		"status:3xx | size>2M !client:10.0.0.7",
		"status:3xx path~^/docs/.*css$ (ext:css | ext:js)" };
	struct journal_entry *list = make_entries();

	printf("%-48s %9s %9s %10s %8s   (entries of %zu bytes)\n",
	    "for each of a million exchanges", "in cache", "of all", "together",
	    "met", sizeof(*list));
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		measure(filters[i], list);
	free(list);
	return 0;
}
