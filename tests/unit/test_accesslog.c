#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/accesslog.h"
#include "watch/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/notice.h"
#include "tests/unit/unread.h"

static char folder[] = "/tmp/accesslog.XXXXXX";
static char path[64];
static char other[64];
static int64_t now; /* what the log is told; starts anew with each test */

static int
make_folder(void **state)
{
	(void)state;
	notice_to_stderr(false);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/access.log", folder);
	snprintf(other, sizeof(other), "%s/other.log", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
empty_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	now = NS_PER_S;
	return 0;
}

static size_t
read_file(const char *name, char *out, size_t cap)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, out, cap - 1);

	if (fd >= 0)
		close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

/* Where each part lies is found by searching for it. */
static struct head_part
part(const char *head, const char *text)
{
	const char *at = text ? strstr(head, text) : NULL;

	if (at == NULL)
		return (struct head_part){ 0, 0 };
	return (
	    struct head_part){ (uint16_t)(at - head), (uint16_t)strlen(text) };
}

static struct event
example(const char *head, const char *target, const char *agent)
{
	struct event e = {
		.kind = EVENT_EXCHANGE,
		.major = 1,
		.minor = 1,
		.status = 200,
		.conn = 41,
		.number = 3,
		.wall = 1795442531123000000, /* 2026-11-23 14:02:11.123 UTC */
		.done_ns = 312900,
		.body_sent = 123,
		.peer = { .family = AF_INET,
		    .port = 4711,
		    .addr = { 192, 0, 2, 7 } },
	};

	e.method = part(head, target ? "GET" : NULL);
	e.target = part(head, target);
	e.referer = part(head, "http://r/");
	e.user_agent = part(head, agent);
	return e;
}

#define HEAD                                                                   \
	"GET /x?y HTTP/1.1\r\nReferer: http://r/\r\nUser-Agent: "              \
	"Agent/1\r\n\r\n"

static void
assert_line(enum log_format format, const struct event *e, const char *head,
    const char *want)
{
	static char mem[ACCESSLOG_LINE];
	struct buf b = buf_over(mem, sizeof(mem));

	accesslog_put_line(&b, format, e, span_str(head));
	assert_string_equal(buf_cstr(&b), want);
}

static void
zone(const char *tz)
{
	struct event early = { .kind = EVENT_EXCHANGE, .wall = 1 };
	char line[256];
	struct buf b = buf_over(line, sizeof(line));

	setenv("TZ", tz, 1);
	tzset();
	/* A second's text is made once; no zone changes within one but here. */
	accesslog_put_line(&b, LOG_COMMON, &early, span_of(NULL, 0));
}

static void
combined_lines_are_what_log_readers_expect(void **state)
{
	struct event e = example(HEAD, "/x?y", "Agent/1");

	(void)state;
	zone("UTC0");
	assert_line(LOG_COMBINED, &e, HEAD,
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /x?y HTTP/1.1\""
	    " 200 123 \"http://r/\" \"Agent/1\" conn=41 us=312\n");
	assert_line(LOG_COMMON, &e, HEAD,
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /x?y HTTP/1.1\""
	    " 200 123\n");
}

static void
the_time_is_local_with_its_offset(void **state)
{
	struct event e = example(HEAD, "/x?y", NULL);

	(void)state;
	zone("IST-5:30");
	assert_line(LOG_COMMON, &e, HEAD,
	    "192.0.2.7 - - [23/Nov/2026:19:32:11 +0530] \"GET /x?y HTTP/1.1\""
	    " 200 123\n");
	zone("NST3:30");
	assert_line(LOG_COMMON, &e, HEAD,
	    "192.0.2.7 - - [23/Nov/2026:10:32:11 -0330] \"GET /x?y HTTP/1.1\""
	    " 200 123\n");
	zone("UTC0");
}

static void
what_is_not_there_is_a_dash(void **state)
{
	struct event e = example("\x16\x03", NULL, NULL);

	(void)state;
	e.status = 400;
	e.body_sent = 0;
	e.minor = 0;
	assert_line(LOG_COMBINED, &e, "\x16\x03",
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"-\" 400 - \"-\""
	    " \"-\" conn=41 us=312\n");
	e.status = 0;
	assert_line(LOG_COMMON, &e, "\x16\x03",
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"-\" - -\n");
}

/* Written of a recording, which has not everything. */
static void
what_is_not_known_is_no_0(void **state)
{
	struct event e = example(HEAD, "/x?y", "Agent/1");
	static char mem[ACCESSLOG_LINE];
	struct buf b;

	(void)state;
	e.unknown = FACT_CONN | FACT_NUMBER | FACT_TIME | FACT_SIZE;
	e.conn = e.number = 0;
	e.peer.port = 0;
	e.done_ns = 0;
	e.body_sent = 0;
	assert_line(LOG_COMBINED, &e, HEAD,
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /x?y HTTP/1.1\""
	    " 200 - \"http://r/\" \"Agent/1\" conn=- us=-\n");
	assert_line(LOG_JSON, &e, HEAD,
	    "{\"time\":\"2026-11-23T14:02:11.123Z\",\"conn\":null,"
	    "\"exchange\":null,\"client\":\"192.0.2.7\",\"port\":null,"
	    "\"method\":\"GET\",\"target\":\"/x?y\",\"version\":\"HTTP/1.1\","
	    "\"host\":null,\"referer\":\"http://r/\",\"agent\":\"Agent/1\","
	    "\"status\":200,\"bytes\":null,\"duration_us\":null,"
	    "\"why\":null,\"close\":null}\n");
	e.unknown = FACT_CLOSE; /* null: it was kept */
	b = buf_over(mem, sizeof(mem));
	accesslog_put_line(&b, LOG_JSON, &e, SPAN(HEAD));
	assert_non_null(strstr(buf_cstr(&b), ",\"why\":null}\n"));
}

#define EVIL "a\" \"b\\\x1b[2J\r\n\xc2\x9b\xc3\xa4"

static void
a_client_cannot_forge_a_field_or_a_line(void **state)
{
	const char *head = "GET /x HTTP/1.0\r\nUser-Agent: " EVIL "\r\n\r\n";
	struct event e = example(head, "/x", EVIL);

	(void)state;
	e.minor = 0;
	assert_line(LOG_COMBINED, &e, head,
	    "192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /x HTTP/1.0\""
	    " 200 123 \"-\" \"a\\x22 \\x22b\\\\\\x1b[2J\\x0d\\x0a\\xc2\\x9b"
	    "\\xc3\\xa4\" conn=41 us=312\n");
	e.close = CLOSE_HTTP10;
	trail_why(&e.trail, REASON_FILE_FOUND, 123, 0);
	assert_line(LOG_JSON, &e, head,
	    "{\"time\":\"2026-11-23T14:02:11.123Z\",\"conn\":41,"
	    "\"exchange\":3,\"client\":\"192.0.2.7\",\"port\":4711,"
	    "\"method\":\"GET\",\"target\":\"/x\",\"version\":\"HTTP/1.0\","
	    "\"host\":null,\"referer\":null,\"agent\":\"a\\\" \\\"b\\\\\\\\"
	    "\\\\x1b[2J\\\\x0d\\\\x0a\\\\xc2\\\\x9b\\\\xc3\\\\xa4\","
	    "\"status\":200,\"bytes\":123,\"duration_us\":312,"
	    "\"why\":\"file\",\"close\":\"HTTP/1.0\"}\n");
}

static void
a_line_of_the_longest_fields_fits_and_is_cut_visibly(void **state)
{
	static const char bytes[] = { 'x', '"', '\\', '\x1b' };
	static char head[LIMIT_HEAD_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		for (int f = LOG_COMMON; f <= LOG_JSON; f++) {
			static char mem[ACCESSLOG_LINE];
			struct buf b = buf_over(mem, sizeof(mem));
			struct event e = { .kind = EVENT_EXCHANGE };
			struct head_part all = { 0, sizeof(head) };

			e.method = e.target = e.host = e.referer =
			    e.user_agent = all;
			memset(head, bytes[i], sizeof(head));
			accesslog_put_line(&b, (enum log_format)f, &e,
			    span_of(head, sizeof(head)));
			assert_false(b.full);
			assert_ptr_equal(memchr(mem, '\n', b.n), mem + b.n - 1);
			assert_non_null(strstr(buf_cstr(&b), "..."));
		}
	}
}

/* Hand over `n` exchanges whose targets are numbered from `from`. */
static void
write_lines(struct accesslog *log, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		char head[64];
		char target[16];

		snprintf(target, sizeof(target), "/%07u", i);
		snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n\r\n", target);

		struct event e = example(head, target, NULL);

		accesslog_write(log, &e, span_str(head));
	}
}

#define LINE_N                                                                 \
	(sizeof("192.0.2.7 - - [23/Nov/2026:14:02:11 +0000] "                  \
		"\"GET /0000001 HTTP/1.1\" 200 123\n") -                       \
	    1)

/* The file is lines of LINE_N bytes, numbered from `from` without a gap;
 * returns how many. */
static unsigned
check_file(const char *name, unsigned from)
{
	static char mem[4 << 20];
	size_t n = read_file(name, mem, sizeof(mem));

	assert_int_equal(n % LINE_N, 0);
	for (size_t i = 0; i < n / LINE_N; i++) {
		const char *line = mem + i * LINE_N;
		char want[16];

		snprintf(want, sizeof(want), "/%07u", from + (unsigned)i);
		assert_memory_equal(strstr(line, "GET ") + 4, want, 8);
		assert_int_equal(line[LINE_N - 1], '\n');
	}
	return (unsigned)(n / LINE_N);
}

static struct accesslog_status
status_of(struct accesslog *log)
{
	struct accesslog_status s;

	accesslog_status(log, &s);
	return s;
}

static void
lines_are_written_when_flushed_or_when_many(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct accesslog_status s;
	struct stat st;

	(void)state;
	write_lines(log, 0, 3);
	assert_true(status_of(log).written == 0);
	accesslog_flush(log, now);
	assert_int_equal(check_file(path, 0), 3);
	write_lines(log, 3, 5000);
	assert_true(check_file(path, 0) > 4000);
	accesslog_finish(log);
	assert_int_equal(check_file(path, 0), 5003);
	s = status_of(log);
	assert_true(s.written == 5003 && s.lost == 0 && s.suppressed == 0);
	assert_true(s.on && !s.failing);
	assert_string_equal(s.path, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0037, 0); /* nothing for others */
	assert_true(accesslog_is_file(log, st.st_dev, st.st_ino));
	assert_false(accesslog_is_file(log, st.st_dev, st.st_ino + 1));
	assert_false(accesslog_is_file(log, 0, 0));
	assert_false(accesslog_pending(log));
	accesslog_free(log);
}

static void
an_existing_log_is_continued(void **state)
{
	struct accesslog *log;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		log = accesslog_new(path, LOG_COMMON);
		write_lines(log, i, 1);
		accesslog_free(log);
	}
	assert_int_equal(check_file(path, 0), 3);
}

static void
switched_off_it_counts_what_it_leaves_out(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct accesslog_status s;

	(void)state;
	write_lines(log, 0, 2);
	accesslog_switch(log, false);
	write_lines(log, 2, 5);
	assert_false(status_of(log).on);
	accesslog_switch(log, true);
	write_lines(log, 2, 1);
	accesslog_finish(log);
	assert_int_equal(check_file(path, 0), 3);
	s = status_of(log);
	assert_true(s.written == 3 && s.lost == 0 && s.suppressed == 5);
	accesslog_free(log);
}

static void
without_a_path_nothing_is_written_nor_lost(void **state)
{
	struct accesslog *log = accesslog_new(NULL, LOG_COMMON);
	struct accesslog_status s;

	(void)state;
	write_lines(log, 0, 2);
	accesslog_flush(log, now);
	s = status_of(log);
	assert_false(s.on);
	assert_string_equal(s.path, "");
	assert_true(s.suppressed == 2 && s.written == 0 && s.lost == 0);
	accesslog_free(log);
}

static void
after_a_rename_it_goes_on_in_a_new_file_without_loss(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct stat st;

	(void)state;
	write_lines(log, 0, 2);
	assert_int_equal(rename(path, other), 0);
	accesslog_reopen(log);
	accesslog_flush(log, now);
	write_lines(log, 2, 3);
	accesslog_flush(log, now);
	assert_int_equal(check_file(other, 0), 2);
	assert_int_equal(check_file(path, 2), 3);
	/* both are the log: neither is ever served */
	assert_int_equal(stat(other, &st), 0);
	assert_true(accesslog_is_file(log, st.st_dev, st.st_ino));
	assert_int_equal(stat(path, &st), 0);
	assert_true(accesslog_is_file(log, st.st_dev, st.st_ino));
	accesslog_free(log);
}

static void
when_it_cannot_be_reopened_the_old_file_goes_on(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct accesslog_status s;

	(void)state;
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	accesslog_reopen(log);
	write_lines(log, 0, 2);
	accesslog_flush(log, now);
	write_lines(log, 2, 1);
	accesslog_flush(log, now);
	assert_int_equal(check_file(other, 0), 3);
	s = status_of(log);
	assert_true(s.failing && s.error == EISDIR && s.lost == 0);
	assert_true(accesslog_pending(log));
	assert_int_equal(rmdir(path), 0);
	accesslog_flush(log, now += NS_PER_S);
	write_lines(log, 3, 1);
	accesslog_flush(log, now);
	assert_int_equal(check_file(path, 3), 1);
	assert_false(status_of(log).failing);
	accesslog_free(log);
}

static void
another_path_takes_over_what_the_old_one_refused(void **state)
{
	struct accesslog *log = accesslog_new("/dev/full", LOG_COMMON);
	struct accesslog_status s;

	(void)state;
	write_lines(log, 0, 2);
	accesslog_flush(log, now);
	s = status_of(log);
	assert_true(s.on && s.failing && s.error == ENOSPC && s.written == 0);
	accesslog_set_path(log, path, LOG_COMMON);
	accesslog_flush(log, now);
	assert_int_equal(check_file(path, 0), 2);
	s = status_of(log);
	assert_true(!s.failing && s.written == 2 && s.lost == 0);
	assert_string_equal(s.path, path);
	accesslog_set_path(log, NULL, LOG_COMMON);
	accesslog_flush(log, now);
	write_lines(log, 2, 1);
	assert_true(status_of(log).suppressed == 1);
	accesslog_free(log);
}

static void
only_files_pipes_and_devices_are_opened_and_no_link(void **state)
{
	static const struct {
		const char *name;
		int error;
	} cases[] = {
		{ "/tmp", EISDIR },
		{ "/proc/nonexistent/access.log", ENOENT },
		{ "/dev/null", 0 },
	};
	struct accesslog *log;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		log = accesslog_new(cases[i].name, LOG_COMMON);
		assert_int_equal(status_of(log).error, cases[i].error);
		accesslog_free(log);
	}
	assert_int_equal(symlink("other.log", path), 0);
	log = accesslog_new(path, LOG_COMMON);
	assert_int_equal(status_of(log).error, ELOOP);
	assert_int_equal(access(other, F_OK), -1);
	accesslog_free(log);
}

static void
a_full_disk_loses_counted_lines_and_is_tried_each_second(void **state)
{
	struct accesslog *log = accesslog_new("/dev/full", LOG_COMMON);
	struct accesslog_status s;

	(void)state;
	write_lines(log, 0, 10000);
	for (int i = 0; i < 5; i++)
		accesslog_flush(log, now += NS_PER_S / 2);
	s = status_of(log);
	assert_true(s.on && s.failing && s.error == ENOSPC);
	assert_true(s.written == 0 && s.lost > 0 && s.lost < 10000);
	accesslog_finish(log);
	s = status_of(log);
	assert_true(s.lost == 10000);
	accesslog_free(log);
}

static void
limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Fills the file up to the middle of the second line. */
static struct accesslog *
cut_in_second_line(void)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct accesslog_status s;

	limit_file_size(LINE_N + 10);
	write_lines(log, 0, 3);
	accesslog_flush(log, now);
	limit_file_size(RLIM_INFINITY);
	s = status_of(log);
	assert_true(s.failing && s.written == 1 && s.lost == 0);
	return log;
}

static void
a_line_cut_by_a_full_disk_is_completed(void **state)
{
	struct accesslog *log = cut_in_second_line();
	struct accesslog_status s;

	(void)state;
	accesslog_flush(log, now); /* too early */
	assert_true(status_of(log).failing);
	accesslog_flush(log, now += NS_PER_S);
	assert_int_equal(check_file(path, 0), 3);
	s = status_of(log);
	assert_true(!s.failing && s.written == 3 && s.lost == 0);
	accesslog_free(log);
}

static void
a_cut_line_begins_anew_where_others_wrote_meanwhile(void **state)
{
	struct accesslog *log = cut_in_second_line();
	int fd = open(path, O_WRONLY | O_APPEND);
	char mem[1024];
	char *end;

	(void)state;
	assert_int_equal(write(fd, "<", 1), 1);
	close(fd);
	write_lines(log, 3, 1);
	accesslog_flush(log, now += NS_PER_S);
	read_file(path, mem, sizeof(mem));
	end = strstr(mem, "<\n");
	assert_non_null(end);
	/* behind it: lines 1, 2 and 3, whole */
	assert_int_equal(strlen(end + 2), 3 * LINE_N);
	assert_non_null(strstr(end, "/0000001 "));
	assert_true(status_of(log).written == 4);
	accesslog_free(log);
}

static void
a_cut_line_begins_anew_in_a_new_file(void **state)
{
	struct accesslog *log = cut_in_second_line();

	(void)state;
	assert_int_equal(rename(path, other), 0);
	accesslog_flush(log, now += NS_PER_S);
	assert_int_equal(check_file(path, 1), 2);
	accesslog_free(log);
}

static void
a_pipe_without_reader_is_waited_for_without_blocking(void **state)
{
	struct accesslog *log;
	char mem[1024];
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	log = accesslog_new(path, LOG_COMMON);
	assert_int_equal(status_of(log).error, ENXIO);
	write_lines(log, 0, 2);
	accesslog_flush(log, now);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	accesslog_flush(log, now += NS_PER_S);
	assert_int_equal(read(fd, mem, sizeof(mem)), 2 * LINE_N);
	assert_true(status_of(log).written == 2);
	close(fd);
	accesslog_free(log);
}

static void
a_reader_that_stands_still_loses_lines_that_are_counted(void **state)
{
	struct accesslog *log;
	struct accesslog_status s;
	static char mem[1 << 20];
	uint64_t got = 0;
	ssize_t n;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	log = accesslog_new(path, LOG_COMMON);
	write_lines(log, 0, 20000);
	accesslog_flush(log, now);
	s = status_of(log);
	assert_true(s.on && s.written > 0 && s.lost > 0);
	assert_true(accesslog_pending(log));
	/* it reads on: what waited comes, and what is new */
	while (accesslog_pending(log)) {
		while ((n = read(fd, mem, sizeof(mem))) > 0)
			got += (uint64_t)n;
		accesslog_flush(log, now += NS_PER_S);
	}
	write_lines(log, 20000, 1);
	accesslog_finish(log);
	while ((n = read(fd, mem, sizeof(mem))) > 0)
		got += (uint64_t)n;
	s = status_of(log);
	assert_true(s.written + s.lost == 20001);
	assert_true(got == s.written * LINE_N);
	close(fd);
	accesslog_free(log);
}

static void
stdout_without_reader_turns_the_log_off_with_a_word(void **state)
{
	int saved = dup(STDOUT_FILENO);
	struct accesslog_status s;
	struct accesslog *log;
	struct notice said;
	char mem[1024];
	int ends[2];

	(void)state;
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	log = accesslog_new("-", LOG_COMMON);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(ends[1]);
	assert_string_equal(status_of(log).path, "stdout");
	write_lines(log, 0, 2);
	accesslog_flush(log, now);
	assert_int_equal(read(ends[0], mem, sizeof(mem)), 2 * LINE_N);
	close(ends[0]);
	write_lines(log, 2, 3);
	accesslog_flush(log, now);
	write_lines(log, 5, 4);
	s = status_of(log);
	assert_false(s.on);
	assert_true(s.written == 2 && s.lost == 3 && s.suppressed == 4);
	assert_int_equal(notice_read(0, &said, 1), 1);
	assert_non_null(strstr(said.text, "stdout"));
	accesslog_free(log);
}

static void
trouble_is_said_once_with_the_path_and_the_cause(void **state)
{
	struct notice said[NOTICE_KEPT];
	unsigned n = notice_read(0, said, NOTICE_KEPT);
	uint64_t before = n ? said[n - 1].seq : 0;
	struct accesslog *log = accesslog_new("/dev/full", LOG_COMMON);

	(void)state;
	write_lines(log, 0, 2);
	for (int i = 0; i < 5; i++)
		accesslog_flush(log, now += NS_PER_S);
	assert_int_equal(notice_read(before, said, NOTICE_KEPT), 1);
	assert_non_null(strstr(said[0].text, "/dev/full"));
	assert_non_null(strstr(said[0].text, "No space left on device"));
	accesslog_free(log);
}

/* As stdout is while `new_fd` is there; returns what to put back. */
static int
replace_stdout(int new_fd)
{
	int saved = dup(STDOUT_FILENO);

	fflush(stdout);
	dup2(new_fd, STDOUT_FILENO);
	return saved;
}

static void
restore_stdout(int saved)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

/* Hangs, until the alarm ends it, where the log waits for a reader. */
static void
a_stdout_that_nobody_reads_loses_lines_and_holds_nobody(void **state)
{
	static const struct {
		enum unread kind;
		bool descriptors; /* are there, to open it anew */
	} cases[] = {
		{ UNREAD_PIPE, true },
		{ UNREAD_SOCKET, true },
		{ UNREAD_TERMINAL, true },
		{ UNREAD_PIPE, false },
		{ UNREAD_SOCKET, false },
		{ UNREAD_TERMINAL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct accesslog_status s;
		struct accesslog *log;
		int ends[2];
		int flags;
		int saved;

		open_unread(cases[i].kind, ends);
		flags = fcntl(ends[1], F_GETFL);
		saved = replace_stdout(ends[1]);
		alarm(20);
		if (!cases[i].descriptors)
			allow_descriptors(3);
		log = accesslog_new("-", LOG_COMMON);
		if (!cases[i].descriptors)
			allow_descriptors(1000);
		/* its time is over: with each way once is enough */
		if (!cases[i].descriptors)
			accesslog_end_by(log, 1);
		write_lines(log, 0, 20000);
		accesslog_flush(log, now);
		accesslog_finish(log);
		alarm(0);
		restore_stdout(saved);
		s = status_of(log);
		assert_true(s.written > 0 && s.lost > 0);
		assert_true(s.written + s.lost == 20000);
		/* whoever shares it finds it as it was */
		assert_int_equal(fcntl(ends[1], F_GETFL), flags);
		accesslog_free(log);
		close(ends[0]);
		close(ends[1]);
	}
}

static void
a_stdout_sent_to_a_file_is_shared_with_who_else_writes_it(void **state)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int saved = replace_stdout(fd);
	struct accesslog *log = accesslog_new("-", LOG_COMMON);
	char mem[1024];

	(void)state;
	assert_int_equal(write(STDOUT_FILENO, "before\n", 7), 7);
	write_lines(log, 0, 1);
	accesslog_flush(log, now);
	assert_int_equal(write(STDOUT_FILENO, "after\n", 6), 6);
	write_lines(log, 1, 1);
	accesslog_free(log);
	restore_stdout(saved);
	close(fd);
	assert_int_equal(read_file(path, mem, sizeof(mem)), 13 + 2 * LINE_N);
	assert_memory_equal(mem, "before\n", 7);
	assert_memory_equal(mem + 7 + LINE_N, "after\n", 6);
}

static uint64_t
newest_notice(void)
{
	struct notice said[NOTICE_KEPT];
	unsigned n = notice_read(0, said, NOTICE_KEPT);

	return n ? said[n - 1].seq : 0;
}

static void
switched_off_in_trouble_it_gives_up_and_is_silent(void **state)
{
	struct accesslog *log = accesslog_new("/dev/full", LOG_COMMON);
	struct accesslog_status s;
	uint64_t said;

	(void)state;
	write_lines(log, 0, 3);
	accesslog_flush(log, now);
	assert_true(status_of(log).failing);
	accesslog_switch(log, false);
	said = newest_notice();
	for (int i = 0; i < 20; i++)
		accesslog_flush(log, now += NS_PER_S);
	assert_true(newest_notice() == said);
	assert_false(accesslog_pending(log));
	write_lines(log, 3, 2);
	s = status_of(log);
	assert_true(!s.on && !s.failing);
	assert_true(s.written == 0 && s.lost == 3 && s.suppressed == 2);
	/* on again, it is tried again */
	accesslog_switch(log, true);
	write_lines(log, 5, 1);
	accesslog_flush(log, now);
	assert_true(status_of(log).failing);
	accesslog_finish(log);
	s = status_of(log);
	assert_true(s.written == 0 && s.lost == 4 && s.suppressed == 2);
	accesslog_free(log);
}

static void
switched_off_and_on_it_completes_a_line_that_was_cut(void **state)
{
	struct accesslog *log = cut_in_second_line();
	struct accesslog_status s;

	(void)state;
	accesslog_switch(log, false);
	accesslog_flush(log, now += NS_PER_S);
	write_lines(log, 3, 4);
	accesslog_switch(log, true);
	write_lines(log, 2, 1);
	accesslog_flush(log, now);
	assert_int_equal(check_file(path, 0), 3);
	s = status_of(log);
	assert_true(s.written == 3 && s.lost == 1 && s.suppressed == 4);
	accesslog_free(log);
}

static bool
is_log(const struct accesslog *log, const struct stat *st)
{
	return accesslog_is_file(log, st->st_dev, st->st_ino);
}

static void
a_deleted_log_leaves_its_number_to_other_files(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	struct stat old;
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &old), 0);
	unlink(path);
	assert_true(is_log(log, &old)); /* it is still written */
	accesslog_reopen(log);
	accesslog_flush(log, now);
	assert_int_equal(stat(path, &st), 0);
	assert_true(is_log(log, &st));
	assert_true(st.st_ino == old.st_ino || !is_log(log, &old));
	accesslog_free(log);
}

/* The one before is the one that was written last, even if it had been the log
 * once before. */
static void
a_log_that_was_put_back_is_the_newest_again(void **state)
{
	struct accesslog *log = accesslog_new(path, LOG_COMMON);
	char third[64];
	struct stat st;

	(void)state;
	snprintf(third, sizeof(third), "%s/third.log", folder);
	assert_int_equal(rename(path, other), 0);
	accesslog_reopen(log);
	accesslog_flush(log, now);
	assert_int_equal(rename(path, third), 0);
	assert_int_equal(rename(other, path), 0);
	accesslog_reopen(log);
	accesslog_flush(log, now);
	assert_int_equal(rename(path, other), 0);
	accesslog_reopen(log);
	accesslog_flush(log, now);
	assert_int_equal(stat(other, &st), 0);
	assert_true(is_log(log, &st));
	assert_int_equal(stat(path, &st), 0);
	assert_true(is_log(log, &st));
	unlink(third);
	accesslog_free(log);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, empty_folder, empty_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(combined_lines_are_what_log_readers_expect),
		TEST(the_time_is_local_with_its_offset),
		TEST(what_is_not_there_is_a_dash),
		TEST(what_is_not_known_is_no_0),
		TEST(a_client_cannot_forge_a_field_or_a_line),
		TEST(a_line_of_the_longest_fields_fits_and_is_cut_visibly),
		TEST(lines_are_written_when_flushed_or_when_many),
		TEST(an_existing_log_is_continued),
		TEST(switched_off_it_counts_what_it_leaves_out),
		TEST(without_a_path_nothing_is_written_nor_lost),
		TEST(after_a_rename_it_goes_on_in_a_new_file_without_loss),
		TEST(when_it_cannot_be_reopened_the_old_file_goes_on),
		TEST(another_path_takes_over_what_the_old_one_refused),
		TEST(only_files_pipes_and_devices_are_opened_and_no_link),
		TEST(a_full_disk_loses_counted_lines_and_is_tried_each_second),
		TEST(a_line_cut_by_a_full_disk_is_completed),
		TEST(a_cut_line_begins_anew_where_others_wrote_meanwhile),
		TEST(a_cut_line_begins_anew_in_a_new_file),
		TEST(a_pipe_without_reader_is_waited_for_without_blocking),
		TEST(a_reader_that_stands_still_loses_lines_that_are_counted),
		TEST(stdout_without_reader_turns_the_log_off_with_a_word),
		TEST(trouble_is_said_once_with_the_path_and_the_cause),
		TEST(a_stdout_that_nobody_reads_loses_lines_and_holds_nobody),
		TEST(a_stdout_sent_to_a_file_is_shared_with_who_else_writes_it),
		TEST(switched_off_in_trouble_it_gives_up_and_is_silent),
		TEST(switched_off_and_on_it_completes_a_line_that_was_cut),
		TEST(a_deleted_log_leaves_its_number_to_other_files),
		TEST(a_log_that_was_put_back_is_the_newest_again),
	};

	return cmocka_run_group_tests_name(
	    "accesslog", tests, make_folder, remove_folder);
}
