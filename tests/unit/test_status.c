#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "http/status.h"

static void
each_code_finds_its_own_row(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_N; i++)
		assert_int_equal(status_slot(status_rows[i].code), i);
	assert_string_equal(status_rows[status_slot(200)].phrase, "OK");
	assert_string_equal(status_rows[status_slot(431)].phrase,
	    "Request Header Fields Too Large");
}

static void
rows_are_in_order_so_that_lists_are(void **state)
{
	(void)state;
	for (int i = 1; i < STATUS_N; i++)
		assert_true(status_rows[i - 1].code < status_rows[i].code);
}

static void
phrases_can_stand_in_a_status_line(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_N; i++) {
		const char *s = status_rows[i].phrase;
		assert_true(s[0] != '\0');
		for (; *s; s++)
			assert_true(*s >= 0x20 && *s < 0x7f);
	}
}

static void
errors_and_redirects_have_a_sentence_for_their_page(void **state)
{
	(void)state;
	for (int i = 0; i < STATUS_N; i++) {
		const struct status_row *r = &status_rows[i];
		bool page = r->code >= 300 && r->code != 304;
		size_t n = strlen(r->text);
		assert_int_equal(n > 0, page);
		assert_true(n == 0 || r->text[n - 1] == '.');
	}
}

/* Whether asking for the code ends a process. */
static bool
ends_the_process(int code)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* abort(3) is meant to happen: no core, no message */
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		signal(SIGABRT, SIG_DFL);
		_exit((int)status_slot(code) < 0);
	}
	int how = 0;
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT;
}

static void
a_code_without_a_row_cannot_be_produced(void **state)
{
	(void)state;
	static const int codes[] = { -1, 0, 99, 100, 199, 201, 418, 499, 506,
		599, 600, 65535 };
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_true(ends_the_process(codes[i]));
	assert_false(ends_the_process(404));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_finds_its_own_row),
		cmocka_unit_test(rows_are_in_order_so_that_lists_are),
		cmocka_unit_test(phrases_can_stand_in_a_status_line),
		cmocka_unit_test(
		    errors_and_redirects_have_a_sentence_for_their_page),
		cmocka_unit_test(a_code_without_a_row_cannot_be_produced),
	};
	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
