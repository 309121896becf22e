/* What somebody waits for who filters or sorts a history of a million: until
 * the screen is right, and until all is looked through, as the console does it,
 * a stretch for each picture. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ui/filtering.h"
#include "ui/requests.h"

#define ENTRIES 1000000u
#define SCREEN	40 /* lines of the list */
#ifndef ROUNDS
#define ROUNDS 5
#endif
/* From the beginning of a picture to that of the next (ui/console.c). */
#define PICTURE (25 * NS_PER_MS)

static struct model model; /* a filter and a sort, no more of it is used */
static struct journal *journal;

static const char *const agents[] = {
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 "
	"Firefox/140.0",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like "
	"Gecko) "
	"Chrome/140.0.0.0 Safari/537.36",
	"curl/8.14.1",
};

static void
add(unsigned i)
{
	static const uint16_t status[] = { 200, 200, 304, 206, 404, 200, 400 };
	struct event e = { .kind = EVENT_EXCHANGE, .status = status[i % 7] };
	char head[512];
	struct buf b = buf_over(head, sizeof head);

	e.conn = i / 10;
	e.wall = 1700000000 * NS_PER_S + (int64_t)i * NS_PER_MS;
	e.body_sent = i * 2654435761u % 4000000;
	e.done_ns = i * 2246822519u % 300000000;
	e.peer.family = 2;
	e.peer.addr[0] = 10;
	e.peer.addr[3] = (uint8_t)i;
	trail_add(&e.trail, REASON_HEAD_READ, 400, 12);
	trail_why(&e.trail, i % 7 == 2 ? REASON_INM_MATCHED : REASON_FILE_FOUND,
	    i, 0);
	buf_puts(&b, "GET ");
	e.method = (struct head_part){ 0, 3 };
	buf_printf(&b, "/docs/section-%u/page-%u/style.%s?v=%u", i % 17,
	    i % 1009, i % 3 ? "css" : "js", i % 5);
	e.target = (struct head_part){ 4, (uint16_t)(b.n - 4) };
	buf_puts(&b, " HTTP/1.1\r\nUser-Agent: ");
	e.user_agent = (struct head_part){ (uint16_t)b.n,
		(uint16_t)strlen(agents[i % 3]) };
	buf_puts(&b, agents[i % 3]);
	buf_puts(&b, "\r\n\r\n");
	e.request_n = (uint32_t)b.n;
	journal_add(journal, &e, buf_span(&b), SPAN(""));
}

static void
sort_key(void *ctx, const struct journal_view *v, struct pick_key *key)
{
	(void)ctx;
	request_key(
	    (enum request_column)model.look.list[PANE_REQUESTS].sort, v, key);
}

struct waited {
	int64_t screen, last, longest;
	unsigned pictures;
};

/* Whether the lines in sight are those of the end. */
static bool
right(struct pick *p, const uint64_t *want)
{
	uint64_t first, last;

	pick_range(p, &first, &last);
	for (uint64_t i = 0; i < SCREEN && want[i]; i++)
		if (pick_seq(p, pick_sorted(p) ? first + i : last - i) !=
		    want[i])
			return false;
	return last != 0 || want[0] == 0;
}

static void
note_screen(struct pick *p, uint64_t want[SCREEN])
{
	uint64_t first, last;

	pick_range(p, &first, &last);
	for (uint64_t i = 0; i < SCREEN; i++)
		want[i] = last - first < i || last == 0
		    ? 0
		    : pick_seq(p, pick_sorted(p) ? first + i : last - i);
}

/* One round; `want` is not asked for but told when `w` is NULL. */
static void
round_of(const struct pick_rule *rule, uint64_t want[SCREEN], struct waited *w)
{
	struct pick *p = pick_new();
	bool more = true, shown = false;
	struct waited now = { 0 };
	int64_t waited = 0;

	if (p == NULL)
		exit(1);
	pick_by(p, rule);
	while (more) {
		int64_t from = clock_mono(), took;

		/* a picture more a second later does no harm */
		more = pick_update(p, journal, 1, ENTRIES, from);
		took = clock_mono() - from;
		now.pictures++;
		now.longest = took > now.longest ? took : now.longest;
		if (w && !shown && right(p, want)) {
			now.screen = waited + took;
			shown = true;
		}
		now.last = waited + took;
		waited += took > PICTURE ? took : PICTURE;
	}
	if (w == NULL)
		note_screen(p, want);
	else if (w->last == 0 || now.last < w->last)
		*w = now;
	pick_free(p);
}

static void
measure(const char *label, const struct pick_rule *rule)
{
	uint64_t want[SCREEN];
	struct waited w = { 0 };

	round_of(rule, want, NULL);
	for (int i = 0; i < ROUNDS; i++)
		round_of(rule, want, &w);
	printf("%-48s %6.1f ms %6.1f ms %8u %6.1f ms\n", label,
	    (double)w.screen / NS_PER_MS, (double)w.last / NS_PER_MS,
	    w.pictures, (double)w.longest / NS_PER_MS);
}

static void
measure_filter(const char *text)
{
	struct pick_rule rule = { .wanted = filtering_wants, .ctx = &model };
	struct filter_error err;

	model.filter = filter_compile(span_str(text), &err);
	if (model.filter == NULL) {
		fprintf(stderr, "%s: %s\n", text, err.text);
		exit(1);
	}
	measure(text, &rule);
	filter_free(model.filter);
	model.filter = NULL;
}

static void
measure_sort(const char *label, enum request_column column)
{
	struct pick_rule rule = { .key = sort_key, .falling = true };

	model.look.list[PANE_REQUESTS].sort = (int)column;
	measure(label, &rule);
}

int
main(void)
{
	static const char *const filters[] = { "status>=400", "conn:41",
		"why:etag", "page-77", "path~^/docs/", "path~css$",
		"ua~Firefox", "path~^/docs/.*css$", "path~page-[0-9]+7/",
		"path~(css|js)$", "path~[5]{4}" };

	journal = journal_new(ENTRIES, (size_t)512 << 20);
	if (journal == NULL)
		exit(1);
	for (unsigned i = 0; i < ENTRIES; i++)
		add(i);
	printf("%-48s %9s %9s %8s %9s\n", "of a million exchanges", "in sight",
	    "all", "pictures", "longest");
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		measure_filter(filters[i]);
	measure_sort("by size", REQUEST_COL_SIZE);
	measure_sort("by time taken", REQUEST_COL_TOOK);
	measure_sort("by status", REQUEST_COL_STATUS);
	measure_sort("by time", REQUEST_COL_TIME);
	measure_sort("by client", REQUEST_COL_CLIENT);
	measure_sort("by target", REQUEST_COL_TARGET);
	measure_sort("by why", REQUEST_COL_WHY);
	measure_sort("by agent", REQUEST_COL_AGENT);
	journal_free(journal);
	return 0;
}
