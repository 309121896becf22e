/* The most frequent of each kind, and programs' names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ui/agent.h"
#include "ui/top.h"
#include "watch/facts.h"

static struct journal *journal;
static struct top *top;

static int
begin(void **state)
{
	(void)state;
	journal = journal_new(20000, 8u << 20);
	top = top_new();
	assert_non_null(journal);
	assert_non_null(top);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	top_free(top);
	journal_free(journal);
	return 0;
}

/* What an exchange of a recording may not have (enum fact). */
static uint16_t unknown;

static void
ask(const char *target, unsigned status, int64_t took, uint64_t out)
{
	char head[512];
	int n = snprintf(head, sizeof head,
	    "GET %s HTTP/1.1\r\nUser-Agent: curl/8.5.0\r\n\r\n", target);
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: text/css; charset=utf-8\r\n\r\n";
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = (uint16_t)status,
		.done_ns = took,
		.bytes_out = out,
		.unknown = unknown,
		.target = { 4, (uint16_t)strlen(target) },
		.user_agent = { (uint16_t)(n - 14), 10 },
		.peer = { .family = AF_INET, .addr = { 10, 0, 0, 7 } } };

	journal_add(journal, &e, span_of(head, (size_t)n),
	    span_of(answer, sizeof answer - 1));
}

static void
each_kind_counts_hits_bytes_errors_and_times(void **state)
{
	struct top_line l[3];

	(void)state;
	for (int i = 0; i < 99; i++)
		ask("/a?query", 200, NS_PER_MS, 1000);
	ask("/a", 500, 900 * NS_PER_MS, 1000);
	ask("/b", 404, NS_PER_MS, 7);
	ask("/b", 0, NS_PER_MS, 0);
	top_take(top, journal, UINT64_MAX / 2);
	assert_int_equal(top_lines(top, TOP_PATHS, TOP_HITS, false, l, 3), 2);
	assert_string_equal(l[0].name, "/a");
	assert_int_equal(l[0].hits, 100);
	assert_int_equal(l[0].bytes, 100000);
	assert_int_equal(l[0].errors, 1);
	assert_int_equal(l[0].over, 0);
	/* 99 of 100 took a millisecond; within a quarter */
	assert_in_range(l[0].p99, NS_PER_MS, NS_PER_MS * 5 / 4);
	assert_string_equal(l[1].name, "/b");
	assert_int_equal(l[1].errors, 2);
	ask("/a", 200, 900 * NS_PER_MS, 0);
	top_take(top, journal, UINT64_MAX / 2);
	assert_int_equal(top_lines(top, TOP_PATHS, TOP_P99, false, l, 3), 2);
	/* no more than the longest, though their bucket goes further */
	assert_int_equal(l[0].p99, 900 * NS_PER_MS);
	assert_int_equal(top_lines(top, TOP_CLIENTS, TOP_HITS, false, l, 3), 1);
	assert_string_equal(l[0].name, "10.0.0.7");
	assert_int_equal(top_lines(top, TOP_AGENTS, TOP_HITS, false, l, 3), 1);
	assert_string_equal(l[0].name, "curl 8.5.0");
	assert_int_equal(top_lines(top, TOP_TYPES, TOP_HITS, false, l, 3), 1);
	assert_string_equal(l[0].name, "text/css");
	assert_int_equal(
	    top_lines(top, TOP_STATUSES, TOP_ERRORS, false, l, 3), 3);
	assert_string_equal(l[0].name, "---");
	assert_int_equal(
	    top_lines(top, TOP_STATUSES, TOP_NAMES, false, l, 3), 3);
	assert_string_equal(l[1].name, "200");
}

static void
what_has_no_time_has_no_p99(void **state)
{
	struct top_line l[2];

	(void)state;
	unknown = FACT_TIME;
	ask("/a", 200, -1, 0);
	ask("/b", 200, -1, 0);
	unknown = 0;
	ask("/b", 200, NS_PER_MS, 0);
	top_take(top, journal, UINT64_MAX / 2);
	assert_int_equal(top_lines(top, TOP_PATHS, TOP_P99, false, l, 2), 2);
	assert_string_equal(l[0].name, "/b"); /* of the one that has */
	assert_in_range(l[0].p99, NS_PER_MS, NS_PER_MS * 5 / 4);
	assert_string_equal(l[1].name, "/a");
	assert_int_equal(l[1].p99, -1);
}

static void
the_frequent_stay_among_any_number_of_others(void **state)
{
	struct top_line l[TOP_KEPT];
	char target[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(target, sizeof target, "/once/%d", i);
		ask(target, 200, 1, 1);
		if (i % 5 == 0)
			ask("/often", 200, 1, 1);
	}
	top_take(top, journal, UINT64_MAX / 2);
	assert_int_equal(top_count(top, TOP_PATHS), TOP_KEPT);
	assert_int_equal(
	    top_lines(top, TOP_PATHS, TOP_HITS, false, l, TOP_KEPT), TOP_KEPT);
	assert_string_equal(l[0].name, "/often");
	/* what a line may have too many is never more than it says */
	for (int i = 0; i < TOP_KEPT; i++)
		assert_true(l[i].hits - l[i].over >= 1 &&
		    l[i].hits - l[i].over <= 1000);
	assert_true(l[0].hits >= 1000 && l[0].hits - l[0].over <= 1000);
}

static void
what_was_overwritten_uncounted_is_counted_as_missed(void **state)
{
	uint64_t missed;

	(void)state;
	for (int i = 0; i < 30000; i++)
		ask("/a", 200, 1, 1);
	top_take(top, journal, 100);
	assert_int_equal(top_counted(top, &missed), 100);
	assert_int_equal(missed, 10000);
}

static void
programs_have_short_names(void **state)
{
	static const char *const table[][2] = {
		{ "", "-" },
		{ "curl/8.5.0", "curl 8.5.0" },
		{ "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
		  "Firefox/128.0",
		    "Firefox 128" },
		{ "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
		  "like Gecko) Chrome/130.0.0.0 Safari/537.36",
		    "Chrome 130" },
		{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
		  " (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
		  "Edg/130.0.0.0",
		    "Edge 130" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) "
		  "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
		  "Mobile/15E148 Safari/604.1",
		    "Safari iOS 17" },
		{ "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www."
		  "google.com/bot.html)",
		    "Googlebot 2.1" },
		{ "evil\033[31m/1", "evil\\x1b[31m 1" },
	};
	char name[AGENT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(agent_name(name, span_str(table[i][0])),
		    strlen(table[i][1]));
		assert_string_equal(name, table[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_kind_counts_hits_bytes_errors_and_times, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_has_no_time_has_no_p99, begin, end),
		cmocka_unit_test_setup_teardown(
		    the_frequent_stay_among_any_number_of_others, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_was_overwritten_uncounted_is_counted_as_missed, begin,
		    end),
		cmocka_unit_test(programs_have_short_names),
	};

	return cmocka_run_group_tests_name("ui_top", tests, NULL, NULL);
}
