#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/recorder.h"
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/notice.h"
#include "tests/unit/tell.h"
#include "tests/unit/unread.h"

/* A disk that holds whoever writes to it. */
static struct {
	_Atomic bool dead;
	_Atomic bool held;
	_Atomic bool freed;
} disk;

/* Instead of the C library's. */
ssize_t
write(int fd, const void *p, size_t n)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	/* an eventfd is written 8 bytes */
	if (atomic_load(&disk.dead) && n > 8 && fd > STDERR_FILENO) {
		atomic_store(&disk.held, true);
		while (atomic_load(&disk.dead))
			nanosleep(&ms, NULL);
		atomic_store(&disk.freed, true);
	}
	return syscall(SYS_write, fd, p, n);
}

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
		tell(w, &e, request, response);
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

/* Tell of an exchange that began and ended then. */
static void
exchange_ends(struct watch_worker *w, uint32_t number, int64_t wall, int64_t ns)
{
	struct event e = { .kind = EVENT_EXCHANGE,
		.number = number,
		.wall = wall,
		.done_ns = ns };

	tell(w, &e, span_of(NULL, 0), response);
}

/* What the history has, in its order. */
static void
assert_numbers_from_1_to(const struct watch *w, uint32_t n)
{
	struct journal_entry entry;

	for (uint32_t i = 1; i <= n; i++) {
		assert_true(journal_get(w->journal, i, &entry));
		assert_int_equal(entry.e.number, i);
	}
	assert_false(journal_get(w->journal, n + 1, &entry));
}

/* Many more than are taken at a time, by turns and in bursts. */
static void
exchanges_of_all_workers_are_in_the_order_of_their_ends(void **state)
{
	enum { N = 900 };
	struct watch w;

	(void)state;
	make_watch(&w, 3, NULL);
	for (uint32_t i = 1; i <= N; i++)
		exchange_ends(
		    &w.worker[i < N / 2 ? i % 3 : i / 100 % 3], i, i * 10, 5);
	watch_stop(&w);
	assert_numbers_from_1_to(&w, N);
	watch_fini(&w);
}

static void
a_slow_exchange_is_behind_those_that_ended_before(void **state)
{
	struct watch w;

	(void)state;
	make_watch(&w, 2, NULL);
	exchange_ends(&w.worker[0], 2, 1000, 500);
	exchange_ends(&w.worker[1], 1, 1100, 300);
	exchange_ends(&w.worker[1], 3, 1500, 100);
	watch_stop(&w);
	assert_numbers_from_1_to(&w, 3);
	watch_fini(&w);
}

/* Somebody sets the clock back: one worker's own order stays. */
static void
a_clock_that_is_set_back_delays_nothing(void **state)
{
	struct watch w;

	(void)state;
	make_watch(&w, 2, NULL);
	exchange_ends(&w.worker[0], 1, 7000, 1);
	exchange_ends(&w.worker[0], 2, 500, 1);
	exchange_ends(&w.worker[1], 3, 8000, 1);
	exchange_ends(&w.worker[1], 4, 600, 1);
	watch_stop(&w);
	assert_numbers_from_1_to(&w, 4);
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

/* Of a flood the history takes a part, errors apart; the log takes all. */
static void
of_a_flood_the_history_takes_a_part_and_the_log_all(void **state)
{
	const unsigned n = 3 * WATCH_KEPT_BURST;
	const struct span request =
	    SPAN("GET /nowhere HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\n\r\n");
	struct event e = { .kind = EVENT_EXCHANGE, .status = 404 };
	struct accesslog_status log;
	struct journal_entry entry;
	uint64_t first, last, sampled;
	struct watch w;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	for (unsigned i = 0; i < n; i += 500) {
		produce(&w.worker[0], 500); /* nobody gives room meanwhile */
		recorder_finish(&w);
	}
	sampled = counted(&w, COUNTER_EVENTS_SAMPLED);
	journal_range(w.journal, &first, &last);
	assert_int_equal(last, WATCH_KEPT_BURST);
	assert_int_equal(counted(&w, COUNTER_EVENTS), last + sampled);
	/* what went wrong has room of its own */
	e.method = (struct head_part){ 0, 3 };
	e.target = (struct head_part){ 4, 8 };
	e.user_agent = (struct head_part){ 44, 2 };
	tell(&w.worker[0], &e, request, response);
	recorder_finish(&w);
	assert_int_equal(counted(&w, COUNTER_EVENTS_SAMPLED), sampled);
	assert_true(journal_get(w.journal, last + 1, &entry));
	assert_string_equal(entry.target, "/nowhere");
	accesslog_status(w.log, &log);
	assert_int_equal(log.written + log.lost + log.suppressed,
	    counted(&w, COUNTER_EVENTS));
	assert_nothing_unaccounted(&w, counted(&w, COUNTER_EVENTS));
	watch_stop(&w);
	watch_fini(&w);
}

/* Thousands of connections may end in one turn: the recorder begins to empty
 * the ring before it is full. */
static void
what_one_turn_tells_is_published_long_before_the_ring_is_full(void **state)
{
	struct ring *ring;
	struct watch w;
	uint64_t n = 0;

	(void)state;
	make_watch(&w, 1, NULL);
	ring = &w.worker[0].ring;
	while (ring_peek(ring).p == NULL) {
		struct event *e = watch_begin(
		    &w.worker[0], EVENT_EXCHANGE, response, response);

		assert_non_null(e);
		watch_end(&w.worker[0], e, &e->trail, response, response);
		n++;
	}
	assert_true(ring->pushed < LIMIT_RING / 8);
	assert_false(w.worker[0].told);
	watch_stop(&w);
	assert_true(atomic_load(&w.recorded) == n);
	watch_fini(&w);
}

static void
the_end_of_a_connection_is_told_where_a_history_has_room(void **state)
{
	struct event e = { .kind = EVENT_CONN_CLOSED, .conn = 7 };
	struct watch w;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	tell(&w.worker[0], &e, span_of(NULL, 0), span_of(NULL, 0));
	assert_int_equal(counted(&w, COUNTER_EVENTS), 1);
	atomic_store(&w.worker[0].room[0], 0);
	tell(&w.worker[0], &e, span_of(NULL, 0), span_of(NULL, 0));
	assert_int_equal(counted(&w, COUNTER_EVENTS), 1);
	atomic_store(&w.worker[0].room[0], 1);
	w.keeps = false; /* headless */
	tell(&w.worker[0], &e, span_of(NULL, 0), span_of(NULL, 0));
	assert_int_equal(counted(&w, COUNTER_EVENTS), 1);
	watch_stop(&w);
	assert_int_equal(atomic_load(&w.recorded), 1);
	watch_fini(&w);
}

/* A sampled event comes with what a line of the log is made of. */
static void
a_sampled_event_still_has_its_line(void **state)
{
	const struct span request = SPAN("GET /a HTTP/1.1\r\nX: y\r\n"
					 "Host: h\r\nUser-Agent: me\r\n\r\n");
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = 200,
		.major = 1,
		.minor = 1,
		.method = { 0, 3 },
		.target = { 4, 2 },
		.host = { 29, 1 },
		.user_agent = { 44, 2 } };
	struct watch w;
	char line[512];
	const size_t whole = sizeof(e);
	struct buf b = buf_over(line, sizeof(line));
	struct span s;
	const struct event *got;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	atomic_store(&w.worker[0].room[0], 0);
	trail_add(&e.trail, REASON_HEAD_READ, 52, 3);
	trail_why(&e.trail, REASON_FILE_MISSING, 0, 0);
	trail_add(&e.trail, REASON_KEEP_10, 0, 0);
	tell(&w.worker[0], &e, request, response);
	s = ring_peek(&w.worker[0].ring);
	got = (const void *)s.p;
	assert_true(got->sampled);
	assert_int_equal(got->response_n, 0);
	assert_true(got->request_n < request.n);
	assert_true(s.n < whole);
	accesslog_put_line(
	    &b, LOG_JSON, got, span_of(s.p + event_size(got), got->request_n));
	assert_non_null(strstr(buf_cstr(&b),
	    "\"method\":\"GET\",\"target\":\"/a\",\"version\":\"HTTP/1.1\","
	    "\"host\":\"h\",\"referer\":null,\"agent\":\"me\""));
	assert_non_null(strstr(buf_cstr(&b), "\"why\":\"no such file\""));
	recorder_finish(&w);
	watch_stop(&w);
	watch_fini(&w);
}

/* Of one whose line could not be read, that line; of a long one its beginning.
 */
static void
a_sampled_event_still_has_the_line_that_could_not_be_read(void **state)
{
	const struct span request =
	    SPAN("\r\nGET /a b HTTP/1.1\r\nHost: h\r\n\r\n");
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = 400,
		.method = { 2, 3 },
		.target = { 6, 2 } };
	char mem[2000];
	struct watch w;
	char line[2048];
	struct buf b = buf_over(line, sizeof(line));
	struct span s;
	const struct event *got;

	(void)state;
	make_watch(&w, 1, "/dev/null");
	atomic_store(&w.worker[0].room[1], 0);
	tell(&w.worker[0], &e, request, response);
	s = ring_peek(&w.worker[0].ring);
	got = (const void *)s.p;
	assert_true(got->sampled);
	accesslog_put_line(&b, LOG_COMMON, got,
	    span_of(s.p + event_size(got), got->request_n));
	assert_non_null(strstr(buf_cstr(&b), " \"GET /a b HTTP/1.1\" 400 "));
	ring_pop(&w.worker[0].ring);
	memset(mem, 'x', sizeof(mem));
	tell(&w.worker[0], &e, span_of(mem, sizeof(mem)), response);
	s = ring_peek(&w.worker[0].ring);
	got = (const void *)s.p;
	assert_int_equal(got->request_n, ACCESSLOG_UNREAD);
	ring_pop(&w.worker[0].ring);
	watch_stop(&w);
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
	tell(&w.worker[0], &e, span_of(big, sizeof(big)),
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

struct rows_taken {
	struct conn_row row[4];
	unsigned n, most;
};

static bool
take_row(void *ctx, const struct conn_row *row)
{
	struct rows_taken *t = ctx;

	t->row[t->n++] = *row;
	return t->n < t->most;
}

static void
live_rows_are_shown_in_slot_order_until_enough(void **state)
{
	struct rows_taken t = { .most = 4 };
	struct conn_row one;
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
	watch_rows(&w, take_row, &t);
	assert_int_equal(t.n, 4);
	assert_true(t.row[0].conn == 1 && t.row[1].conn == 3);
	assert_true(t.row[2].conn == 11 && t.row[3].conn == 13);
	t = (struct rows_taken){ .most = 3 };
	watch_rows(&w, take_row, &t);
	assert_int_equal(t.n, 3);
	atomic_store(&w.worker[0].rows_top, 0);
	t = (struct rows_taken){ .most = 4 };
	watch_rows(&w, take_row, &t);
	assert_int_equal(t.n, 2);
	assert_true(watch_row(&w, 1, 2, 13, &one));
	assert_int_equal(one.conn, 13);
	assert_false(watch_row(&w, 1, 1, 12, &one)); /* free */
	assert_false(watch_row(&w, 1, 2, 12, &one)); /* another's by now */
	assert_false(watch_row(&w, 2, 0, 1, &one));
	assert_false(watch_row(&w, 1, UINT32_MAX, 1, &one));
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
		hist_add(&c->latency, 10 * (i + 1));
	}
	watch_counters(&w, &sum);
	watch_counters(&w, &sum); /* starts from zero each time */
	assert_true(counter_get(&sum.v[COUNTER_REQUESTS]) == 6);
	assert_true(counter_get(&sum.status[STATUS_SLOT_404]) == 3);
	assert_true(counter_get(&sum.open[CONN_IDLE]) == 6);
	assert_true(counter_get(&sum.closed[CLOSE_RESET]) == 15);
	assert_true(hist_count(&sum.latency) == 3);
	assert_true(hist_quantile(&sum.latency, 1000) == 30);
	watch_stop(&w);
	watch_fini(&w);
}

struct dripper {
	int fd;
	long pause; /* ns between 4 KiB */
	_Atomic bool enough;
};

/* Reads a little now and then: never idle for long, never done. */
static void *
drip(void *arg)
{
	struct dripper *d = arg;
	const struct timespec pause = { .tv_nsec = d->pause };
	char mem[4096];

	while (!atomic_load(&d->enough)) {
		assert_true(read(d->fd, mem, sizeof(mem)) != 0);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

#define LONG_LINES 400u

/* Record 2 MB of long lines for a reader that takes 4 KiB at a time; hangs,
 * until the alarm ends it, where each of them is waited for. */
static void
record_for_slow_reader(long pause, bool before_the_end)
{
	static char head[5000] = "GET /";
	struct event e = { .kind = EVENT_EXCHANGE, .status = 200 };
	char name[] = "/tmp/recorder.XXXXXX";
	struct dripper d = { .pause = pause };
	pthread_t thread;
	struct watch w;

	close(mkstemp(name));
	unlink(name);
	assert_int_equal(mkfifo(name, 0600), 0);
	d.fd = open(name, O_RDWR | O_NONBLOCK);
	memset(head + 5, 'x', sizeof(head) - 5);
	e.method = (struct head_part){ 0, 3 };
	e.target = (struct head_part){ 4, sizeof(head) - 4 };
	make_watch(&w, 1, name);
	for (unsigned i = 0; i < LONG_LINES; i++)
		tell(&w.worker[0], &e, span_of(head, sizeof(head)), response);
	assert_true(counted(&w, COUNTER_EVENTS_DROPPED) == 0);
	alarm(15);
	assert_int_equal(pthread_create(&thread, NULL, drip, &d), 0);
	assert_true(watch_start(&w));
	if (before_the_end)
		wait_until_recorded(&w, LONG_LINES);
	watch_stop(&w);
	alarm(0);
	assert_nothing_unaccounted(&w, LONG_LINES);
	watch_fini(&w);
	atomic_store(&d.enough, true);
	pthread_join(thread, NULL);
	close(d.fd);
	unlink(name);
}

static void
a_slow_reader_of_the_log_does_not_hold_the_journal(void **state)
{
	(void)state;
	record_for_slow_reader(100000000, true);
}

static void
a_slow_reader_of_the_log_does_not_hold_the_end(void **state)
{
	(void)state;
	record_for_slow_reader(40000000, false);
}

/* The alarm ends it if the end waits; a sanitizer, if the recorder uses what
 * is no longer there. */
static void
a_recorder_held_by_a_dead_disk_is_left_there(void **state)
{
	static struct watch *lost; /* for a leak checker: known to be */
	const struct timespec ms = { .tv_nsec = 1000000 };
	char name[] = "/tmp/recorder.XXXXXX";
	struct watch *w = calloc(1, sizeof(*w));

	(void)state;
	close(mkstemp(name));
	lost = calloc(1, sizeof(*lost));
	assert_true(w && lost);
	make_watch(w, 1, name);
	*lost = *w;
	atomic_store(&disk.dead, true);
	assert_true(watch_start(w));
	produce(&w->worker[0], 1);
	while (!atomic_load(&disk.held))
		nanosleep(&ms, NULL);
	alarm(15);
	watch_stop(w);
	alarm(0);
	watch_fini(w);
	free(w);
	atomic_store(&disk.dead, false);
	while (!atomic_load(&disk.freed))
		nanosleep(&ms, NULL);
	for (int i = 0; i < 20; i++)
		nanosleep(&ms, NULL);
	unlink(name);
}

static void
with_too_few_descriptors_it_is_refused_and_nothing_is_taken(void **state)
{
	struct journal *journal = journal_new(1000, 1 << 20);
	struct accesslog *log = accesslog_new("/dev/null", LOG_COMMON);
	int next = dup(STDOUT_FILENO);
	unsigned refused = 0;
	struct watch w;
	bool ok = false;

	(void)state;
	close(next);
	for (unsigned i = 0; !ok; i++) {
		allow_descriptors((rlim_t)next + i);
		memset(&w, 0xff, sizeof(w));
		ok = watch_init(&w, 2, 100, journal, log);
		allow_descriptors(1000);
		refused += !ok;
		if (!ok) {
			watch_stop(&w);
			watch_fini(&w);
			assert_null(w.worker);
		}
	}
	assert_true(refused >= 2);
	/* what was released were no descriptors of others */
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0 || errno != EBADF);
	watch_stop(&w);
	watch_fini(&w);
	watch_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_exchange_reaches_journal_and_log_with_its_heads),
		cmocka_unit_test(
		    exchanges_of_all_workers_are_in_the_order_of_their_ends),
		cmocka_unit_test(
		    a_slow_exchange_is_behind_those_that_ended_before),
		cmocka_unit_test(a_clock_that_is_set_back_delays_nothing),
		cmocka_unit_test(a_sleeping_recorder_is_woken_by_every_event),
		cmocka_unit_test(a_full_ring_drops_and_counts),
		cmocka_unit_test(
		    of_a_flood_the_history_takes_a_part_and_the_log_all),
		cmocka_unit_test(a_sampled_event_still_has_its_line),
		cmocka_unit_test(
		    a_sampled_event_still_has_the_line_that_could_not_be_read),
		cmocka_unit_test(
		    what_one_turn_tells_is_published_long_before_the_ring_is_full),
		cmocka_unit_test(
		    the_end_of_a_connection_is_told_where_a_history_has_room),
		cmocka_unit_test(
		    what_is_in_the_rings_is_recorded_even_without_a_thread),
		cmocka_unit_test(
		    under_a_flood_of_two_workers_every_event_is_accounted_for),
		cmocka_unit_test(heads_larger_than_any_limit_are_cut_not_lost),
		cmocka_unit_test(an_idle_recorder_obeys_a_change_of_the_log),
		cmocka_unit_test(
		    live_rows_are_shown_in_slot_order_until_enough),
		cmocka_unit_test(counters_of_all_workers_are_summed),
		cmocka_unit_test(
		    a_slow_reader_of_the_log_does_not_hold_the_journal),
		cmocka_unit_test(
		    a_slow_reader_of_the_log_does_not_hold_the_end),
		cmocka_unit_test(a_recorder_held_by_a_dead_disk_is_left_there),
		cmocka_unit_test(
		    with_too_few_descriptors_it_is_refused_and_nothing_is_taken),
	};

	notice_to_stderr(false);
	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
