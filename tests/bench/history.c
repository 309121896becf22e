/* How long the list of requests takes over a million exchanges. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ui/filtering.h"
#include "ui/pane.h"

#define EXCHANGES 1000000u
#define LINES	  40

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n"
			     "Content-Length: 4123\r\n\r\n";

/* As browsers ask: heads of some 120 bytes. */
static struct journal *
make_history(void)
{
	struct journal *j = journal_new(EXCHANGES, (size_t)512 << 20);

	if (j == NULL)
		exit(1);
	for (unsigned i = 0; i < EXCHANGES; i++) {
		char head[256];
		int target_n, n;
		struct event e = { .kind = EVENT_EXCHANGE,
			.status = i % 10 ? 200 : 404,
			.conn = i / 10,
			.number = i % 10 + 1,
			.body_sent = i * 37u % 4000000,
			.done_ns = i * 113u % 300000000,
			.peer = { .family = 2, .addr = { 10, 0, 0, 0 } } };

		target_n = snprintf(head, sizeof head,
			       "GET /docs/section-%u/page-%u/style.css", i % 17,
			       i % 1009) -
		    4;
		n = snprintf(head + target_n + 4,
		    sizeof head - (size_t)target_n - 4,
		    " HTTP/1.1\r\nHost: localhost:8000\r\n"
		    "User-Agent: Mozilla/5.0 Firefox/128.0\r\n\r\n");
		e.method = (struct head_part){ 0, 3 };
		e.target = (struct head_part){ 4, (uint16_t)target_n };
		e.user_agent =
		    (struct head_part){ (uint16_t)(target_n + n - 33), 29 };
		trail_why(&e.trail, REASON_FILE_FOUND, i, 0);
		journal_add(j, &e, span_of(head, (size_t)(target_n + 4 + n)),
		    span_of(answer, sizeof answer - 1));
	}
	return j;
}

static double
ms(int64_t ns)
{
	return (double)ns / (double)NS_PER_MS;
}

/* As the console does it: a frame's stretch, then the next. */
static void
measure(struct model *m, struct journal *j, const char *what)
{
	int64_t from = clock_mono(), longest = 0, screen = -1, all;
	uint64_t first, last;
	bool more = true;

	while (more) {
		int64_t began = clock_mono();
		model_fill_window(m, j, LINES);
		more = m->picking;
		if (clock_mono() - began > longest)
			longest = clock_mono() - began;
		if (screen < 0 && m->window_n == LINES)
			screen = clock_mono() - from;
	}
	all = clock_mono() - from;
	pick_range(m->pick, &first, &last);
	printf("%-38s %9.1f %9.1f %9.1f %9llu %7.1fM\n", what,
	    screen < 0 ? ms(all) : ms(screen), ms(all), ms(longest),
	    (unsigned long long)(last ? last - first + 1 : 0),
	    (double)pick_memory(m->pick) / (1 << 20));
}

int
main(void)
{
	static const char *const filters[] = { "status>=400", "style",
		"path~page-100[0-9]/", "ua~firefox status:404", "time>290ms",
		"size>3990000", "header:Range", "nothing-has-this" };
	struct journal *j = make_history();
	struct model *m = model_new(1);
	struct filter_error err;
	struct journal_use use;

	if (m == NULL)
		return 1;
	m->at.mono = 1;
	journal_range(j, &m->first, &m->last);
	journal_used(j, &use);
	printf("%llu exchanges, %.0f MB\n\n", (unsigned long long)use.entries,
	    (double)use.bytes / 1e6);
	printf("%-38s %9s %9s %9s %9s %8s\n", "", "screen ms", "all ms",
	    "frame ms", "found", "memory");
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		if (!filtering_set(m, filters[i], &err))
			return 1;
		measure(m, j, filters[i]);
	}
	(void)filtering_set(m, "", &err);
	for (int i = 0; i < 3; i++) {
		static const int column[] = { REQUEST_COL_TOOK,
			REQUEST_COL_TARGET, REQUEST_COL_STATUS };
		m->look.list[PANE_REQUESTS].sort = column[i];
		model_pick(m);
		m->at.mono += NS_PER_S * 100;
		measure(m, j, request_columns[column[i]].name);
	}
	model_free(m);
	journal_free(j);
	return 0;
}
