#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/watch.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/notice.h"

static void
make_watch(struct watch *w, unsigned workers, const char *log)
{
	assert_true(watch_init(w, workers, 100, journal_new(1000, 1 << 20),
	    accesslog_new(log, LOG_COMMON)));
}

static const struct span response = { "HTTP/1.1 200 OK\r\n\r\n",
	sizeof("HTTP/1.1 200 OK\r\n\r\n") - 1 };

static void
produce(struct watch_worker *w, unsigned n)
{
	const struct span request = SPAN("GET /a HTTP/1.1\r\n\r\n");
	struct event e = { .kind = EVENT_EXCHANGE, .status = 200 };

	e.method = (struct head_part){ 0, 3 };
	e.target = (struct head_part){ 4, 2 };
	for (unsigned i = 0; i < n; i++) {
		e.number = i + 1;
		watch_event(w, &e, request, response);
	}
}

static uint64_t
counted(const struct watch *w, enum counter_id id)
{
	static struct counters sum;

	watch_counters(w, &sum);
	return counter_get(&sum.v[id]);
}

static void
assert_nothing_unaccounted(const struct watch *w, uint64_t produced)
{
	uint64_t events = counted(w, COUNTER_EVENTS);
	uint64_t dropped = counted(w, COUNTER_EVENTS_DROPPED);
	struct accesslog_status s;

	assert_true(events == produced);
	assert_true(events == atomic_load(&w->recorded) + dropped);
	accesslog_status(w->log, &s);
	assert_true(
	    s.written + s.lost + s.suppressed == atomic_load(&w->recorded));
}

static void
an_exchange_reaches_journal_and_log_with_its_heads(void **state)
{
	struct journal_entry entry;
	struct watch w;
	char mem[256];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t at;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	assert_true(watch_start(&w));
	produce(&w.worker[0], 1);
	watch_stop(&w);
	assert_true(journal_get(w.journal, 1, &entry));
	assert_string_equal(entry.method, "GET");
	assert_string_equal(entry.target, "/a");
	assert_true(journal_heads(w.journal, 1, &b, &at));
	assert_true(span_eq(span_skip(buf_span(&b), at), response));
	assert_nothing_unaccounted(&w, 1);
	watch_fini(&w);
}

static void
wait_until_recorded(const struct watch *w, uint64_t n)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	while (atomic_load(&w->recorded) < n)
		nanosleep(&ms, NULL);
}

static void
wait_until_asleep(const struct watch *w)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	while (!atomic_load(&w->recorder_asleep))
		nanosleep(&ms, NULL);
}

/* Would hang, and not only fail, if a bell were lost. */
static void
a_sleeping_recorder_is_woken_by_every_event(void **state)
{
	struct watch w;

	(void)state;
	make_watch(&w, 2, "/dev/null");
	assert_true(watch_start(&w));
	for (unsigned i = 0; i < 30; i++) {
		if (i % 2)
			wait_until_asleep(&w);
		produce(&w.worker[i / 2 % 2], 1);
		wait_until_recorded(&w, i + 1);
	}
	watch_stop(&w);
	assert_nothing_unaccounted(&w, 30);
	watch_fini(&w);
}

static void
a_full_ring_drops_and_counts(void **state)
{
	const unsigned n = 3 * LIMIT_RING / sizeof(struct event);
	struct watch w;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	produce(&w.worker[0], n); /* nobody records yet */
	assert_true(counted(&w, COUNTER_EVENTS_DROPPED) > 0);
	assert_true(counted(&w, COUNTER_EVENTS_DROPPED) < n);
	assert_true(watch_start(&w));
	watch_stop(&w);
	assert_nothing_unaccounted(&w, n);
	watch_fini(&w);
}

static void
what_is_in_the_rings_is_recorded_even_without_a_thread(void **state)
{
	struct watch w;

	(void)state;
	make_watch(&w, 2, "/dev/null");
	produce(&w.worker[0], 3);
	produce(&w.worker[1], 4);
	watch_stop(&w);
	assert_true(atomic_load(&w.recorded) == 7);
	assert_nothing_unaccounted(&w, 7);
	watch_fini(&w);
}

#define FLOOD 40000u

static void *
flood(void *worker)
{
	produce(worker, FLOOD);
	return NULL;
}

static void
under_a_flood_of_two_workers_every_event_is_accounted_for(void **state)
{
	pthread_t thread[2];
	struct watch w;

	(void)state;
	make_watch(&w, 2, "/dev/null");
	assert_true(watch_start(&w));
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, flood, &w.worker[i]), 0);
	/* readers meanwhile, as the console is one */
	while (atomic_load(&w.recorded) < FLOOD / 8) {
		struct accesslog_status s;
		struct journal_entry entry;
		uint64_t first;
		uint64_t last;

		accesslog_status(w.log, &s);
		journal_range(w.journal, &first, &last);
		if (journal_get(w.journal, last, &entry))
			assert_true(entry.seq == last);
		sched_yield();
	}
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	watch_stop(&w);
	assert_nothing_unaccounted(&w, 2 * FLOOD);
	watch_fini(&w);
}

static void
heads_larger_than_any_limit_are_cut_not_lost(void **state)
{
	static char big[LIMIT_HEAD_MAX + 1000];
	struct event e = { .kind = EVENT_EXCHANGE };
	struct journal_entry entry;
	struct watch w;

	(void)state;
	make_watch(&w, 1, NULL);
	watch_event(&w.worker[0], &e, span_of(big, sizeof(big)),
	    span_of(big, sizeof(big)));
	watch_stop(&w);
	assert_true(journal_get(w.journal, 1, &entry));
	assert_int_equal(entry.e.request_n, LIMIT_HEAD_MAX);
	assert_int_equal(entry.e.response_n, LIMIT_RESPONSE_BUFFER);
	watch_fini(&w);
}

static void
an_idle_recorder_obeys_a_change_of_the_log(void **state)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	char name[] = "/tmp/recorder.XXXXXX";
	struct watch w;

	(void)state;
	close(mkstemp(name));
	make_watch(&w, 1, name);
	assert_true(watch_start(&w));
	wait_until_asleep(&w);
	unlink(name);
	accesslog_reopen(w.log);
	while (access(name, F_OK) < 0)
		nanosleep(&ms, NULL);
	watch_stop(&w);
	watch_fini(&w);
	unlink(name);
}

static void
live_rows_are_copied_in_slot_order_and_bounded(void **state)
{
	struct conn_row out[4];
	struct watch w;

	(void)state;
	make_watch(&w, 2, NULL);
	for (unsigned worker = 0; worker < 2; worker++) {
		for (uint32_t slot = 0; slot < 3; slot++) {
			struct conn_row row = {
				.conn = slot == 1 ? 0 : 10 * worker + slot + 1,
				.slot = slot,
			};

			row_write(&w.worker[worker].rows[slot], &row);
		}
		atomic_store(&w.worker[worker].rows_top, 3);
	}
	assert_int_equal(watch_rows(&w, out, 4), 4);
	assert_true(out[0].conn == 1 && out[1].conn == 3);
	assert_true(out[2].conn == 11 && out[3].conn == 13);
	assert_int_equal(watch_rows(&w, out, 3), 3);
	assert_int_equal(watch_rows(&w, out, 0), 0);
	atomic_store(&w.worker[0].rows_top, 0);
	assert_int_equal(watch_rows(&w, out, 4), 2);
	watch_stop(&w);
	watch_fini(&w);
}

static void
counters_of_all_workers_are_summed(void **state)
{
	static struct counters sum;
	struct watch w;

	(void)state;
	make_watch(&w, 3, NULL);
	for (unsigned i = 0; i < 3; i++) {
		struct counters *c = &w.worker[i].counters;

		counter_add(&c->v[COUNTER_REQUESTS], i + 1);
		counter_add(&c->status[STATUS_SLOT_404], 1);
		counter_add(&c->open[CONN_IDLE], 2);
		counter_add(&c->closed[CLOSE_RESET], 5);
		hist_add(&c->duration, 10 * (i + 1));
	}
	watch_counters(&w, &sum);
	watch_counters(&w, &sum); /* starts from zero each time */
	assert_true(counter_get(&sum.v[COUNTER_REQUESTS]) == 6);
	assert_true(counter_get(&sum.status[STATUS_SLOT_404]) == 3);
	assert_true(counter_get(&sum.open[CONN_IDLE]) == 6);
	assert_true(counter_get(&sum.closed[CLOSE_RESET]) == 15);
	assert_true(hist_count(&sum.duration) == 3);
	assert_true(hist_quantile(&sum.duration, 1000) == 30);
	watch_stop(&w);
	watch_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_exchange_reaches_journal_and_log_with_its_heads),
		cmocka_unit_test(a_sleeping_recorder_is_woken_by_every_event),
		cmocka_unit_test(a_full_ring_drops_and_counts),
		cmocka_unit_test(
		    what_is_in_the_rings_is_recorded_even_without_a_thread),
		cmocka_unit_test(
		    under_a_flood_of_two_workers_every_event_is_accounted_for),
		cmocka_unit_test(heads_larger_than_any_limit_are_cut_not_lost),
		cmocka_unit_test(an_idle_recorder_obeys_a_change_of_the_log),
		cmocka_unit_test(
		    live_rows_are_copied_in_slot_order_and_bounded),
		cmocka_unit_test(counters_of_all_workers_are_summed),
	};

	notice_to_stderr(false);
	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
