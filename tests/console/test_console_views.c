/* The panes: to the front, zoomed, sorted, and what each shows of a server
 * that really runs. */
#include <stdio.h>

#include "tests/console/stage.h"

static void
keys_1_to_4_bring_each_pane_to_the_front(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	assert_int_equal(client_ask(fd, "/missing", ""), 404);
	vt_wait_row(t, "━━ 3 Requests ");
	vt_type(t, "1");
	vt_wait_row(t, "━━ 1 Traffic ");
	vt_wait_row(t, "^ 2xx +1 .* 50%  200×1$");
	vt_wait_row(t, "^ 4xx +1 .* 50%  404×1$");
	vt_wait_row(t, "^ queue .* 0 of [1-9][0-9,]*  wait to be accepted");
	vt_wait_row(t, "^ fds .* [1-9][0-9]* of [0-9,]+  descriptors");
	vt_wait_row(t, "^ conns .* 1 of 10,000  1 idle");
	vt_type(t, "2");
	vt_wait_row(t, "━━ 2 Connections ");
	vt_wait_row(t, "^> +1 127\\.0\\.0\\.1:");
	vt_type(t, "4");
	vt_wait_row(t, "━━ 4 Top .*paths.*clients.*of 2 ━━");
	vt_wait_row(t, "^ +1 +[0-9.]+[KM]? +[0-9.]+[mun]?s +0 /hello\\.txt$");
	vt_wait_row(t, "^ +1 .* 1 /missing$");
	vt_type(t, VT_RIGHT);
	vt_wait_row(t, "^ +2 .* 1 127\\.0\\.0\\.1$");
	vt_type(t, VT_LEFT VT_LEFT);
	vt_wait_row(t, " 0 text/plain$");
	vt_type(t, "3");
	vt_wait_row(t, "━━ 3 Requests ");
	vt_wait_gone(t, "4 Top");
}

static void
z_gives_a_pane_the_screen_and_takes_it_again(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 120, .h = 40 };
	struct vt *t = stage_open(s, &o);

	vt_wait_row(t, "── 4 Top");
	vt_wait_row(t, "── 2 Connections");
	vt_type(t, "4z");
	vt_wait_gone(t, "2 Connections");
	vt_wait_gone(t, "3 Requests");
	vt_wait_text(t, "STATUS");
	vt_type(t, "z");
	vt_wait_row(t, "━━ 4 Top");
	vt_wait_row(t, "── 2 Connections");
	vt_type(t, VT_TAB);
	vt_wait_row(t, "━━ 2 Connections");
	vt_type(t, VT_TAB VT_TAB);
	vt_wait_row(t, "━━ 4 Top");
	vt_type(t, "\033[Z");
	vt_wait_row(t, "━━ 3 Requests");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(keys_1_to_4_bring_each_pane_to_the_front),
		SCENARIO(z_gives_a_pane_the_screen_and_takes_it_again),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
