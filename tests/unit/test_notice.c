#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/notice.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/unread.h"

/* What `say` writes to stderr. */
static size_t
catch_stderr(char *out, size_t cap, void (*say)(void))
{
	int ends[2];
	int saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	say();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(ends[0], out, cap - 1);
	close(ends[0]);
	assert_true(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

static uint64_t
newest(void)
{
	struct notice n[NOTICE_KEPT];
	unsigned count = notice_read(0, n, NOTICE_KEPT);

	return count ? n[count - 1].seq : 0;
}

static void
say_one_of_each(void)
{
	notice(NOTICE_DEBUG, "d");
	notice(NOTICE_INFO, "i %d", 7);
	notice(NOTICE_WARN, "w");
	notice(NOTICE_ERROR, "e");
}

static void
each_level_has_its_line_on_stderr(void **state)
{
	char out[512];

	(void)state;
	catch_stderr(out, sizeof(out), say_one_of_each);
	assert_string_equal(out,
	    "httpconsole: i 7\nhttpconsole: warning: w\n"
	    "httpconsole: error: e\n");
}

static void
the_least_level_decides_what_is_written(void **state)
{
	char out[512];

	(void)state;
	notice_min_level(NOTICE_ERROR);
	catch_stderr(out, sizeof(out), say_one_of_each);
	assert_string_equal(out, "httpconsole: error: e\n");
	notice_min_level(NOTICE_DEBUG);
	catch_stderr(out, sizeof(out), say_one_of_each);
	assert_non_null(strstr(out, "httpconsole: debug: d\n"));
	notice_min_level(NOTICE_INFO);
}

static void
with_stderr_off_it_is_kept_only(void **state)
{
	char out[512];
	uint64_t before = newest();

	(void)state;
	notice_to_stderr(false);
	assert_int_equal(catch_stderr(out, sizeof(out), say_one_of_each), 0);
	notice_to_stderr(true);
	assert_true(newest() == before + 3);
}

static void
bytes_that_a_terminal_would_act_on_are_escaped(void **state)
{
	struct notice n;

	(void)state;
	notice_to_stderr(false);
	notice(NOTICE_WARN, "no file %s", "\x1b[2J\n\xe2\x80\xae.");
	assert_int_equal(notice_read(0, &n, 1), 1);
	assert_string_equal(n.text, "no file \\x1b[2J\\x0a\\xe2\\x80\\xae.");
	assert_int_equal(n.level, NOTICE_WARN);
	assert_true(n.wall > 0);
	notice_to_stderr(true);
}

static void
a_long_text_is_cut_and_says_so(void **state)
{
	char text[NOTICE_TEXT * 3];
	struct notice n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	notice_to_stderr(false);
	notice(NOTICE_WARN, "%s", text);
	notice_to_stderr(true);
	assert_int_equal(notice_read(0, &n, 1), 1);
	assert_int_equal(strlen(n.text), NOTICE_TEXT - 1);
	assert_string_equal(n.text + NOTICE_TEXT - 4, "...");
}

static void
the_newest_are_kept_and_read_oldest_first(void **state)
{
	struct notice n[NOTICE_KEPT];
	char last[32];

	(void)state;
	notice_to_stderr(false);
	for (int i = 0; i < 3 * NOTICE_KEPT; i++)
		notice(NOTICE_INFO, "number %d", i);
	notice_to_stderr(true);
	assert_int_equal(notice_read(0, n, NOTICE_KEPT), NOTICE_KEPT);
	for (unsigned i = 1; i < NOTICE_KEPT; i++)
		assert_true(n[i].seq == n[0].seq + i);
	snprintf(last, sizeof(last), "number %d", 3 * NOTICE_KEPT - 1);
	assert_string_equal(n[NOTICE_KEPT - 1].text, last);
	assert_int_equal(notice_read(newest() - 2, n, NOTICE_KEPT), 2);
	assert_string_equal(n[1].text, last);
	assert_int_equal(notice_read(newest(), n, NOTICE_KEPT), 0);
	assert_int_equal(notice_read(newest() + 9, n, NOTICE_KEPT), 0);
	assert_int_equal(notice_read(0, n, 3), 3);
	assert_string_equal(n[2].text, last);
}

static void
a_gate_says_the_first_counts_the_rest_and_tells_later(void **state)
{
	static struct notice_gate gate;
	struct notice n[2];
	uint64_t before = newest();

	(void)state;
	notice_to_stderr(false);
	for (int i = 0; i < 5; i++)
		notice_gated(&gate, NOTICE_WARN, "trouble %d", i);
	assert_true(newest() == before + 1);
	atomic_store(&gate.next, 0); /* ten seconds later */
	notice_gated(&gate, NOTICE_WARN, "trouble 5");
	notice_to_stderr(true);
	assert_int_equal(notice_read(before, n, 2), 2);
	assert_string_equal(n[0].text, "trouble 0");
	assert_string_equal(n[1].text, "trouble 5 (4 like it were not said)");
}

static size_t
drain(int fd, char *out, size_t cap)
{
	size_t n = 0;
	ssize_t r;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while (n < cap - 1 && (r = read(fd, out + n, cap - 1 - n)) > 0)
		n += (size_t)r;
	out[n] = '\0';
	return n;
}

/* No line is glued to one that was cut; returns how many. */
static unsigned
check_lines(const char *text)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, "httpconsole: ")); n++) {
		assert_true(at == text || at[-1] == '\n');
		at++;
	}
	return n;
}

/* Hangs, until the alarm ends it, where a notice waits for a reader. */
static void
a_stderr_that_nobody_reads_holds_nobody(void **state)
{
	static char out[4 << 20];
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
		int saved = dup(STDERR_FILENO);
		uint64_t before = newest();
		size_t n;
		int ends[2];
		int flags;

		open_unread(cases[i].kind, ends);
		flags = fcntl(ends[1], F_GETFL);
		dup2(ends[1], STDERR_FILENO);
		alarm(20);
		if (!cases[i].descriptors)
			allow_descriptors(3);
		for (int k = 0; k < 5000; k++)
			notice(
			    NOTICE_WARN, "a notice of some length: %060d", k);
		assert_true(newest() == before + 5000);
		n = drain(ends[0], out, sizeof(out));
		/* it is read again */
		notice(NOTICE_WARN, "the next");
		drain(ends[0], out + n, sizeof(out) - n);
		assert_true(check_lines(out) < 5000);
		if (!cases[i].descriptors)
			allow_descriptors(1000);
		alarm(0);
		dup2(saved, STDERR_FILENO);
		close(saved);
		assert_non_null(
		    strstr(out, "httpconsole: warning: the next\n"));
		/* whoever shares it finds it as it was */
		assert_int_equal(fcntl(ends[1], F_GETFL), flags);
		close(ends[0]);
		close(ends[1]);
	}
}

static void
a_regular_file_is_appended_to_where_others_left_off(void **state)
{
	char name[] = "/tmp/notice.XXXXXX";
	int saved = dup(STDERR_FILENO);
	int fd = mkstemp(name);
	char out[256];
	ssize_t n;

	(void)state;
	dup2(fd, STDERR_FILENO);
	assert_int_equal(write(fd, "before\n", 7), 7);
	notice(NOTICE_INFO, "a");
	assert_int_equal(write(fd, "after\n", 6), 6);
	notice(NOTICE_INFO, "b");
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, out, sizeof(out) - 1, 0);
	close(fd);
	unlink(name);
	assert_true(n > 0);
	out[n] = '\0';
	assert_string_equal(
	    out, "before\nhttpconsole: a\nafter\nhttpconsole: b\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_level_has_its_line_on_stderr),
		cmocka_unit_test(the_least_level_decides_what_is_written),
		cmocka_unit_test(with_stderr_off_it_is_kept_only),
		cmocka_unit_test(
		    bytes_that_a_terminal_would_act_on_are_escaped),
		cmocka_unit_test(a_long_text_is_cut_and_says_so),
		cmocka_unit_test(the_newest_are_kept_and_read_oldest_first),
		cmocka_unit_test(
		    a_gate_says_the_first_counts_the_rest_and_tells_later),
		cmocka_unit_test(a_stderr_that_nobody_reads_holds_nobody),
		cmocka_unit_test(
		    a_regular_file_is_appended_to_where_others_left_off),
	};

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
