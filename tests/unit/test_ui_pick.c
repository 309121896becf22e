/* Which exchanges a list shows, against what looking at each would say. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ui/agent.h"
#include "ui/notify.h"
#include "ui/requests.h"

#define KEPT 20000

static struct journal *journal;
static struct pick *pick;
static uint64_t added;

static int
begin(void **state)
{
	(void)state;
	added = 0;
	journal = journal_new(KEPT, 1u << 20);
	pick = pick_new();
	assert_non_null(journal);
	assert_non_null(pick);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	pick_free(pick);
	journal_free(journal);
	return 0;
}

/* What is told from a number: every seventh has status 404. */
static unsigned
status_of(uint64_t seq)
{
	return seq % 7 == 0 ? 404 : 200;
}

static int64_t
took_of(uint64_t seq)
{
	return (int64_t)(seq * 2654435761u % 1000);
}

static void
add(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct event e = { .kind = EVENT_EXCHANGE };

		added++;
		e.status = (uint16_t)status_of(added);
		e.done_ns = took_of(added);
		journal_add(journal, &e, SPAN(""), SPAN(""));
	}
}

static bool
is_404(void *ctx, const struct journal_view *v)
{
	(void)ctx;
	return v->entry->e.status == 404;
}

/* As a regular expression may, on texts that somebody made for it. */
static bool
takes_long(void *calls, const struct journal_view *v)
{
	int64_t from = clock_mono();

	(void)v;
	++*(unsigned *)calls;
	while (clock_mono() - from < 2 * NS_PER_MS)
		;
	return false;
}

static void
by_time(void *ctx, const struct journal_view *v, struct pick_key *key)
{
	(void)ctx;
	*key = (struct pick_key){ { (uint64_t)v->entry->e.done_ns } };
}

static void
update(void)
{
	uint64_t first, last;

	journal_range(journal, &first, &last);
	while (pick_update(pick, journal, first, last, INT64_MAX / 2))
		continue;
}

/* The list is exactly the wanted of those kept, in order, and each is found at
 * its own place. */
static void
check_404(void)
{
	uint64_t first, last, want = added > KEPT ? added - KEPT + 1 : 1;

	update();
	pick_range(pick, &first, &last);
	for (uint64_t at = first; last && at <= last; at++, want++) {
		while (want <= added && status_of(want) != 404)
			want++;
		assert_int_equal(pick_seq(pick, at), want);
		assert_int_equal(pick_place(pick, want), at);
	}
	while (want <= added && status_of(want) != 404)
		want++;
	assert_int_equal(want, added + 1);
	assert_int_equal(pick_done(pick), 1000);
}

static void
without_a_rule_all_are_there_as_they_came(void **state)
{
	uint64_t first, last;

	(void)state;
	update();
	pick_range(pick, &first, &last);
	assert_true(first == 0 && last == 0);
	assert_int_equal(pick_seq(pick, 1), 0);
	add(KEPT + 10);
	update();
	pick_range(pick, &first, &last);
	assert_true(first == 11 && last == KEPT + 10);
	assert_int_equal(pick_seq(pick, 11), 11);
	assert_int_equal(pick_place(pick, 3), 11);
	assert_true(pick_plain(pick));
	assert_int_equal(pick_memory(pick), 0);
}

static void
what_is_wanted_is_there_while_others_come_and_go(void **state)
{
	struct pick_rule rule = { .wanted = is_404 };
	unsigned steps[] = { 0, 1, 6, 7, 5000, 3, 9000, 15000, 1, 0, 50000,
		19999 };

	(void)state;
	add(3000);
	pick_by(pick, &rule);
	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		add(steps[i]);
		check_404();
	}
}

static void
a_place_stays_with_its_exchange(void **state)
{
	struct pick_rule rule = { .wanted = is_404 };
	uint64_t place;

	(void)state;
	add(10000);
	pick_by(pick, &rule);
	update();
	place = pick_place(pick, 7000);
	assert_int_equal(pick_seq(pick, place), 7000);
	add(15000);
	update();
	assert_int_equal(pick_seq(pick, place), 7000);
	assert_int_equal(pick_place(pick, 6999), place);
	add(5000); /* it is gone now: the oldest stands for it */
	update();
	assert_int_equal(pick_seq(pick, place), 0);
	assert_true(pick_seq(pick, pick_place(pick, 7000)) > 10000);
}

static void
a_sorted_list_has_all_in_order(void **state)
{
	struct pick_rule rule = { .key = by_time, .falling = true };
	uint64_t first, last;

	(void)state;
	add(KEPT + 500);
	pick_by(pick, &rule);
	update();
	pick_range(pick, &first, &last);
	assert_true(first == 1 && last == KEPT);
	for (uint64_t at = 2; at <= last; at++) {
		int64_t a = took_of(pick_seq(pick, at - 1));
		int64_t b = took_of(pick_seq(pick, at));
		assert_true(a > b ||
		    (a == b && pick_seq(pick, at - 1) < pick_seq(pick, at)));
	}
	assert_int_equal(pick_place(pick, pick_seq(pick, 777)), 777);
	rule.falling = false;
	rule.wanted = is_404;
	pick_by(pick, &rule);
	update();
	pick_range(pick, &first, &last);
	assert_int_equal(took_of(pick_seq(pick, 1)), 0);
	assert_true(last >= KEPT / 7 && last <= KEPT / 7 + 1);
}

/* More come than there was memory for, and are in order later only. */
static void
a_sorted_list_stays_while_others_come(void **state)
{
	struct pick_rule rule = { .key = by_time };
	uint64_t first, last, want;

	(void)state;
	add(3000);
	pick_by(pick, &rule);
	while (pick_update(pick, journal, 1, 3000, 0))
		continue;
	want = pick_seq(pick, 1);
	add(KEPT - 3000);
	journal_range(journal, &first, &last);
	while (pick_update(pick, journal, first, last, 0))
		continue;
	pick_range(pick, &first, &last);
	assert_int_equal(last, 3000);
	assert_int_equal(pick_seq(pick, 1), want);
	for (uint64_t at = 2; at <= last; at++)
		assert_true(took_of(pick_seq(pick, at - 1)) <=
		    took_of(pick_seq(pick, at)));
	update(); /* much later */
	pick_range(pick, &first, &last);
	assert_int_equal(last, KEPT);
	for (uint64_t at = last; at > 1; at--)
		assert_true(took_of(pick_seq(pick, at - 1)) <=
		    took_of(pick_seq(pick, at)));
}

static void
texts_are_ordered_by_their_beginning(void **state)
{
	static const char *const rising[] = { "", "/", "/a", "/a b", "/b",
		"/caf\303\251", "~" };
	struct pick_key a, b;

	(void)state;
	for (unsigned i = 1; i < sizeof rising / sizeof *rising; i++) {
		a = b = (struct pick_key){ 0 };
		pick_key_text(&a, rising[i - 1]);
		pick_key_text(&b, rising[i]);
		assert_true(a.k[0] < b.k[0]);
	}
}

/* Names that are kept are those of the same field. */
static void
agents_are_ordered_by_their_names(void **state)
{
	char field[400], name[AGENT_TEXT];
	struct journal_entry entry = { 0 };
	struct journal_view v = { .entry = &entry };

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		struct pick_key got, want = { 0 };
		unsigned version = i * 7919 % 300;
		int n = i % 5
		    ? snprintf(field, sizeof field, "tool%u/%u (x)",
			  version % 7, version)
		    : snprintf(field, sizeof field, "curl/%u.%u%*s",
			  version % 7, version, (int)(i % 3 * 150), "");

		if (i % 97 == 0)
			n = 0;
		v.request = span_of(field, (size_t)n);
		entry.e.user_agent = (struct head_part){ 0, (uint16_t)n };
		request_key(REQUEST_COL_AGENT, &v, &got);
		(void)agent_name(name, v.request);
		pick_key_text(&want, name);
		assert_memory_equal(&got, &want, sizeof got);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void
what_takes_long_is_looked_at_in_short_stretches(void **state)
{
	unsigned calls = 0;
	struct pick_rule rule = { .wanted = takes_long, .ctx = &calls };

	(void)state;
	add(1000);
	pick_by(pick, &rule);
	assert_true(pick_update(pick, journal, 1, added, 0));
	assert_in_range(calls, 1, 64);
	calls = 0;
	for (int i = 0; i < 5; i++)
		assert_true(pick_update(pick, journal, 1, added, 0));
	/* 10 fill a stretch, and what was begun before its end is looked at */
	assert_in_range(calls, 5, 32 + 16 + 3 * 20);
}

/* A bell's expression may take as long. */
static void
a_bell_takes_no_longer_than_a_stretch(void **state)
{
	static char head[1200] = "GET / HTTP/1.1\r\nUser-Agent: ";
	const size_t at = strlen(head), agent = 1000;
	struct event e = { .kind = EVENT_EXCHANGE,
		.user_agent = { (uint16_t)at, (uint16_t)agent },
		.request_n = (uint32_t)(at + agent + 4) };
	struct filter_error err;
	struct journal_entry last;
	struct notify *n =
	    notify_new("!ua~\"^([a-z]*)([a-z]*)[0-9]\"", 0, &err);
	unsigned met;

	(void)state;
	assert_non_null(n);
	memset(head + at, 'a', agent);
	memcpy(head + at + agent, "\r\n\r\n", 4);
	for (int i = 0; i < 400; i++)
		journal_add(journal, &e, span_of(head, e.request_n), SPAN(""));
	/* each gives up behind 100,000 steps, and so meets it */
	met = notify_take(n, journal, &last);
	assert_in_range(met, 1, 399);
	for (int i = 0; i < 400 && met < 400; i++)
		met += notify_take(n, journal, &last);
	assert_int_equal(met, 400);
	notify_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_rule_all_are_there_as_they_came),
		TEST(what_is_wanted_is_there_while_others_come_and_go),
		TEST(what_takes_long_is_looked_at_in_short_stretches),
		TEST(a_bell_takes_no_longer_than_a_stretch),
		TEST(a_place_stays_with_its_exchange),
		TEST(a_sorted_list_has_all_in_order),
		TEST(a_sorted_list_stays_while_others_come),
		TEST(agents_are_ordered_by_their_names),
		TEST(texts_are_ordered_by_their_beginning),
	};

	return cmocka_run_group_tests_name("ui_pick", tests, NULL, NULL);
}
