#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/journal.h"

#include <stdio.h>

/* An exchange whose head is "METHOD target ...". */
static void
add(struct journal *j, struct span method, struct span target,
    struct span response)
{
	char head[2048];
	struct buf b = buf_over(head, sizeof(head));
	struct event e = { .kind = EVENT_EXCHANGE, .status = 200 };

	e.method = (struct head_part){ 0, (uint16_t)method.n };
	e.target =
	    (struct head_part){ (uint16_t)(method.n + 1), (uint16_t)target.n };
	buf_put(&b, method);
	buf_putc(&b, ' ');
	buf_put(&b, target);
	buf_puts(&b, " HTTP/1.1\r\n\r\n");
	e.request_n = (uint32_t)b.n;
	e.response_n = (uint32_t)response.n;
	journal_add(j, &e, buf_span(&b), response);
}

/* Exchange number i, its target telling which it is. */
static void
add_number(struct journal *j, unsigned i)
{
	char target[32];

	snprintf(target, sizeof(target), "/%06u", i);
	add(j, SPAN("GET"), span_str(target), SPAN("HTTP/1.1 200 OK\r\n\r\n"));
}

static void
an_empty_journal_has_nothing(void **state)
{
	struct journal *j = journal_new(100, 4096);
	struct journal_entry entry;
	uint64_t first = 1;
	uint64_t last = 1;
	int64_t wall;

	(void)state;
	journal_range(j, &first, &last);
	assert_true(first == 0 && last == 0);
	assert_false(journal_get(j, 0, &entry));
	assert_false(journal_get(j, 1, &entry));
	assert_int_equal(journal_conn_end(j, 0, &wall), CLOSE_NONE);
	journal_free(j);
	journal_free(NULL);
}

static void
the_oldest_entries_go_and_the_newest_stay(void **state)
{
	struct journal *j = journal_new(100, 1 << 20);
	struct journal_entry entry;
	uint64_t first;
	uint64_t last;

	(void)state;
	for (unsigned i = 1; i <= 250; i++)
		add_number(j, i);
	journal_range(j, &first, &last);
	assert_true(first == 151 && last == 250);
	assert_false(journal_get(j, 150, &entry));
	assert_false(journal_get(j, 251, &entry));
	for (uint64_t seq = first; seq <= last; seq++) {
		char want[32];

		snprintf(want, sizeof(want), "/%06u", (unsigned)seq);
		assert_true(journal_get(j, seq, &entry));
		assert_true(entry.seq == seq);
		assert_string_equal(entry.target, want);
		assert_true(entry.heads_kept);
	}
	journal_free(j);
}

static void
untrusted_text_is_printable_and_what_is_cut_says_so(void **state)
{
	struct journal *j = journal_new(100, 4096);
	struct journal_entry entry;
	char target[500];

	(void)state;
	memset(target, 'x', sizeof(target));
	add(j, SPAN("G\x1b[2J"), SPAN("/\xc3\xa4\xe2\x80\xae\r"), SPAN(""));
	add(j, SPAN("GET"), span_of(target, sizeof(target)), SPAN(""));
	add(j, SPAN(""), SPAN(""), SPAN(""));
	assert_true(journal_get(j, 1, &entry));
	assert_string_equal(entry.method, "G\\x1b[2J");
	assert_string_equal(entry.target, "/\xc3\xa4\\xe2\\x80\\xae\\x0d");
	assert_true(journal_get(j, 2, &entry));
	assert_int_equal(strlen(entry.target), JOURNAL_TARGET - 1);
	assert_string_equal(entry.target + JOURNAL_TARGET - 4, "...");
	assert_true(journal_get(j, 3, &entry));
	assert_string_equal(entry.method, "-");
	assert_string_equal(entry.target, "-");
	journal_free(j);
}

static void
a_part_outside_the_head_is_not_read(void **state)
{
	struct journal *j = journal_new(100, 4096);
	struct event e = { .kind = EVENT_EXCHANGE };
	struct journal_entry entry;

	(void)state;
	e.method = (struct head_part){ 0, 5 };
	e.target = (struct head_part){ UINT16_MAX, UINT16_MAX };
	journal_add(j, &e, SPAN("GET"), SPAN(""));
	assert_true(journal_get(j, 1, &entry));
	assert_string_equal(entry.method, "-");
	assert_string_equal(entry.target, "-");
	journal_free(j);
}

static void
heads_come_back_byte_for_byte_until_overwritten(void **state)
{
	/* an odd size, so that heads are cut by the end of the memory */
	struct journal *j = journal_new(1000, 1021);
	const struct span response = SPAN("HTTP/1.1 200 OK\r\n\r\n");
	char mem[256];
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 1; i <= 500; i++)
		add_number(j, i);
	for (unsigned i = 1; i <= 500; i++) {
		struct buf b = buf_over(mem, sizeof(mem));
		struct journal_entry entry;
		char want[64];
		size_t at;

		assert_true(journal_get(j, i, &entry));
		if (!journal_heads(j, i, &b, &at)) {
			assert_false(entry.heads_kept);
			assert_int_equal(kept, 0);
			continue;
		}
		kept++;
		assert_true(entry.heads_kept);
		snprintf(want, sizeof(want), "GET /%06u HTTP/1.1\r\n\r\n", i);
		assert_true(span_eq(span_of(mem, at), span_str(want)));
		assert_true(span_eq(span_skip(buf_span(&b), at), response));
	}
	assert_int_equal(kept, 1021 / (24 + response.n));
	journal_free(j);
}

static void
heads_that_do_not_fit_are_not_given_in_part(void **state)
{
	struct journal *j = journal_new(100, 100);
	struct journal_entry entry;
	char mem[20];
	struct buf b = buf_over(mem, sizeof(mem));
	char big[200] = "/";
	size_t at;

	(void)state;
	add_number(j, 1);
	assert_false(journal_heads(j, 1, &b, &at));
	assert_int_equal(b.n, 0);
	/* larger than the whole memory: the entry is kept, older heads too */
	memset(big + 1, 'y', sizeof(big) - 1);
	add(j, SPAN("GET"), span_of(big, sizeof(big)), SPAN(""));
	assert_true(journal_get(j, 2, &entry));
	assert_false(entry.heads_kept);
	assert_true(journal_get(j, 1, &entry));
	assert_true(entry.heads_kept);
	journal_free(j);
}

static void
without_memory_for_heads_the_entries_are_kept(void **state)
{
	struct journal *j = journal_new(100, 0);
	struct journal_entry entry;

	(void)state;
	add_number(j, 1);
	assert_true(journal_get(j, 1, &entry));
	assert_false(entry.heads_kept);
	journal_free(j);
}

static void
the_last_ends_of_connections_are_remembered(void **state)
{
	struct journal *j = journal_new(100, 4096);
	uint64_t first;
	uint64_t last;
	int64_t wall = 0;

	(void)state;
	for (uint64_t conn = 1; conn <= 10000; conn++) {
		struct event e = {
			.kind = EVENT_CONN_CLOSED,
			.conn = conn << 20, /* low bits may all be alike */
			.wall = (int64_t)conn * 3,
			.close = (uint16_t)(1 + conn % (CLOSE_N - 1)),
		};

		journal_add(j, &e, SPAN(""), SPAN(""));
	}
	for (uint64_t conn = 1; conn <= 10001; conn++) {
		enum close_reason why = journal_conn_end(j, conn << 20, &wall);

		if (conn <= 10000 - 4096 || conn > 10000) {
			assert_int_equal(why, CLOSE_NONE);
			continue;
		}
		assert_int_equal(why, 1 + conn % (CLOSE_N - 1));
		assert_true(wall == (int64_t)conn * 3);
	}
	journal_range(j, &first, &last);
	assert_true(first == 0 && last == 0);
	journal_free(j);
}

struct seen {
	uint64_t first, last;
	unsigned n, stop, heads;
};

/* Every entry has its own number in its target, and in its head if kept. */
static bool
look(void *ctx, const struct journal_view *v)
{
	struct seen *s = ctx;
	char want[32];

	snprintf(want, sizeof(want), "/%06u", (unsigned)v->entry->seq);
	assert_string_equal(v->entry->target, want);
	if (v->request.n) {
		assert_true(span_eq(event_part(v->request, v->entry->e.target),
		    span_str(want)));
		assert_true(
		    span_eq(v->response, SPAN("HTTP/1.1 200 OK\r\n\r\n")));
		s->heads++;
	}
	if (s->n++ == 0)
		s->first = v->entry->seq;
	else
		assert_int_equal(v->entry->seq, s->last + 1);
	s->last = v->entry->seq;
	return s->n != s->stop;
}

static void
a_scan_shows_what_is_kept_in_order(void **state)
{
	struct journal *j = journal_new(1000, 4096);
	struct seen s = { 0 };

	(void)state;
	assert_int_equal(journal_scan(j, 1, 10, look, &s), 1);
	for (unsigned i = 1; i <= 2500; i++)
		add_number(j, i);
	assert_int_equal(journal_scan(j, 1, UINT32_MAX, look, &s), 2501);
	assert_true(s.first == 1501 && s.last == 2500 && s.n == 1000);
	/* 43 bytes each, all in one piece although the memory wraps */
	assert_true(s.heads >= 90 && s.heads <= 4096 / 43);
	s = (struct seen){ 0 };
	assert_int_equal(journal_scan(j, 1600, 130, look, &s), 1730);
	assert_true(s.first == 1600 && s.last == 1729);
	s = (struct seen){ .stop = 70 };
	assert_int_equal(journal_scan(j, 2000, 130, look, &s), 2070);
	assert_int_equal(s.n, 70);
	assert_int_equal(journal_scan(j, 2501, 10, look, &s), 2501);
	assert_int_equal(s.n, 70);
	journal_free(j);
}

static void
a_budget_of_memory_bounds_entries_and_heads(void **state)
{
	struct journal_use use;
	size_t heads;
	unsigned kept = journal_share(5000, 64u << 20, &heads);
	struct journal *j;

	(void)state;
	assert_int_equal(kept, 5000);
	kept = journal_share(1000000, 1u << 20, &heads);
	assert_true(kept > 500 && kept < 5000);
	assert_true(heads >= 1u << 18);
	j = journal_new(kept, heads);
	journal_used(j, &use);
	assert_true(use.entries == 0 && use.bytes == 0);
	assert_true(use.bytes_most <= 1u << 20);
	for (unsigned i = 1; i <= 20000; i++)
		add_number(j, i);
	journal_used(j, &use);
	assert_int_equal(use.entries, kept);
	assert_int_equal(use.entries_most, kept);
	assert_true(use.bytes == use.bytes_most);
	journal_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_journal_has_nothing),
		cmocka_unit_test(the_oldest_entries_go_and_the_newest_stay),
		cmocka_unit_test(
		    untrusted_text_is_printable_and_what_is_cut_says_so),
		cmocka_unit_test(a_part_outside_the_head_is_not_read),
		cmocka_unit_test(
		    heads_come_back_byte_for_byte_until_overwritten),
		cmocka_unit_test(heads_that_do_not_fit_are_not_given_in_part),
		cmocka_unit_test(without_memory_for_heads_the_entries_are_kept),
		cmocka_unit_test(a_budget_of_memory_bounds_entries_and_heads),
		cmocka_unit_test(a_scan_shows_what_is_kept_in_order),
		cmocka_unit_test(the_last_ends_of_connections_are_remembered),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
