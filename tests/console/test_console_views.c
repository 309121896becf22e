/* The panes: to the front, zoomed, sorted, and what each shows of a server
 * that really runs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void
s_sorts_and_S_turns_round(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	assert_int_equal(client_ask(fd, "/missing-a", ""), 404);
	assert_int_equal(client_ask(fd, "/", ""), 200);
	vt_wait_row(t, " GET +404 .*/missing-a");
	vt_type(t, "s");
	vt_wait_text(t, "Sort by: requests");
	vt_type(t, "8"); /* took: any order; and then by target */
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  by took ━");
	vt_type(t, ":sort target" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  by target ━");
	vt_wait_row(t, " TARGET↑ ");
	vt_settle(t);
	vt_check(t,
	    vt_find(t, 0, " GET .* / ") < vt_find(t, 0, " GET .*/hello\\.txt"));
	vt_check(t,
	    vt_find(t, 0, " GET .*/hello\\.txt") <
		vt_find(t, 0, " GET .*/missing-a"));
	vt_type(t, "S");
	vt_wait_row(t, " TARGET↓ ");
	vt_settle(t);
	vt_check(t,
	    vt_find(t, 0, " GET .*/missing-a") < vt_find(t, 0, " GET .* / "));
	vt_type(t, "s0");
	vt_wait_text(t, "FOLLOWING");
}

static void
c_chooses_columns(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "^ TIME +CONN +METH +CODE +SIZE +TOOK +T TARGET +WHY$");
	vt_type(t, "c");
	vt_wait_text(t, "[x] size");
	vt_type(t, VT_DOWN VT_DOWN " ");
	vt_wait_text(t, "[x] client");
	vt_type(t, "6");
	vt_wait_text(t, "[ ] size");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "[x] client");
	vt_wait_row(t, " CLIENT +METH +CODE .*TARGET");
	vt_wait_row(t, " 127\\.0\\.0\\.1 +GET +200 ");
}

static void
a_find_moves_as_it_is_typed_and_shows_where(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0), y;
	VTermScreenCell found, other;

	assert_int_equal(client_ask(fd, "/alpha-one", ""), 404);
	assert_int_equal(client_ask(fd, "/beta", ""), 404);
	assert_int_equal(client_ask(fd, "/alpha-two", ""), 404);
	assert_int_equal(client_ask(fd, "/gamma", ""), 404);
	vt_wait_row(t, " /gamma");
	vt_type(t, "/alpha");
	vt_wait_row(t, "^>.* /alpha-two");
	vt_type(t, "-o");
	vt_wait_row(t, "^>.* /alpha-one");
	vt_type(t, "x");
	vt_wait_text(t, "not found");
	vt_type(t, "\177\177\177" VT_ENTER);
	vt_wait_gone(t, "Find ━");
	vt_wait_row(t, "^>.* /alpha-two");
	vt_type(t, "n");
	vt_wait_row(t, "^>.* /alpha-one");
	vt_type(t, "N");
	vt_wait_row(t, "^>.* /alpha-two");
	y = vt_find(t, 0, " /alpha-one");
	found = vt_cell(t, y, vt_column(t, y, "alpha-one"));
	other = vt_cell(t, y + 1, vt_column(t, y + 1, "beta"));
	vt_check(t, memcmp(&found.bg, &other.bg, sizeof found.bg) != 0);
	vt_type(t, VT_ESC);
	vt_wait_row(t, "^>.* /alpha-two");
}

static void
m_marks_and_marks_are_counted(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	for (int i = 0; i < 3; i++)
		assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  FOLLOWING");
	vt_type(t, "gmm");
	vt_wait_row(t, "━ 3 Requests .*2 marked +3  F follows");
	vt_wait_row(t, "^ \\*.*GET +200 ");
	/* the chosen one shows its mark too */
	vt_type(t, "g");
	vt_wait_row(t, "^>\\*.*GET +200 ");
	vt_type(t, "m");
	vt_wait_row(t, "━ 3 Requests .*1 marked +3  F follows");
	vt_type(t, "U");
	vt_wait_row(t, "━ 3 Requests .*━ 3  F follows");
	vt_wait_row(t, "^>[0-9].*GET +200 ");
}

static void
a_connection_shows_what_it_is_at_and_what_holds_it_up(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 120, .h = 40 };
	struct vt *t = stage_open(s, &o);
	struct reply r;
	int fd = stage_client(s, 65536);

	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	client_send(fd, "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
	client_read_some(fd, &r, STAGE_BIG / 4);
	/* its round trips, from where it is owned */
	vt_wait_row(t, "^ +1 127.* SENDING .* [0-9.]+[mu]s +[0-9]+ ");
	vt_type(t, "2" VT_ENTER);
	vt_wait_row(t, "━ Connection 1  127.* open 0:00:.* worker [12] ━");
	vt_wait_row(t, "NEW ─▶ READING .*\\[SENDING\\]");
	vt_wait_row(t, "^ SENDING  a response is being sent, for ");
	vt_wait_row(t, "^ rtt .*[0-9]+us .*cwnd [1-9].*mss [1-9].*lost ");
	vt_wait_row(t, "^ rate .*acknowledged +[1-9][0-9.]*M ");
	vt_wait_row(t, "^ limited .*its window");
	vt_wait_row(t, "^ +1 GET +200 +12 .*/hello\\.txt$");
	/* with unread bytes: the server is reset */
	(void)close(fd);
	s->client[0] = -1;
	vt_wait_row(t, "\\[CLOSED\\]");
	vt_wait_row(t, "^ closed: the client ");
	vt_type(t, VT_ESC);
	vt_wait_row(t, "━ 2 Connections");
}

static void
behind_a_proxy_the_way_is_to_the_proxy(void **state)
{
	static const char *const args[] = { "-p", "0", "-c", "c.yaml", "www",
		NULL };
	struct vt_options o = { .args = args, .w = 120, .h = 40 };
	struct stage *s = *state;
	struct vt *t;
	int fd;

	stage_write(s, "c.yaml",
	    "version: 1\ntrusted_proxies: [127.0.0.1]\n"
	    "proxy_protocol: require\n");
	t = stage_open(s, &o);
	fd = stage_client(s, 0);
	client_send(fd, "PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\n");
	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, "^ +1 192\\.0\\.2\\.7:4711 +IDLE ");
	vt_type(t, "2j" VT_ENTER);
	vt_wait_row(t, "━ Connection 1  192\\.0\\.2\\.7:4711");
	vt_wait_row(t, "─ The way to its proxy 127\\.0\\.0\\.1:[0-9]+ ─");
}

static void
f_shows_only_what_meets_a_filter(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	assert_int_equal(client_ask(fd, "/missing", ""), 404);
	assert_int_equal(
	    client_ask(fd, "/", "User-Agent: Netscape/4.0\r\n"), 200);
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  FOLLOWING");
	vt_type(t, "fstatus>=4x");
	vt_wait_row(t, "^ {11}▼ ");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "━ Show only ━");
	vt_type(t, "\17700" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* status>=400  1 of 3  FOLLOWING");
	vt_wait_no_row(t, " GET +200 ");
	assert_int_equal(client_ask(fd, "/missing-too", ""), 404);
	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, "━ 3 Requests .* status>=400  2 of 5  FOLLOWING");
	vt_wait_row(t, " GET +404 .*/missing-too");
	vt_type(t, ":filter ua:netscape" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* ua:netscape  1 of 5 ");
	vt_type(t, VT_ESC);
	vt_wait_row(t, "━ 3 Requests .*[^f] 5  FOLLOWING");
	vt_wait_row(t, " GET +200 .*/hello\\.txt");
}

static void
x_shows_the_bytes_and_a_detail_what_came_before(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 80, .h = 50 };
	struct vt *t = stage_open(s, &o);
	int fd = stage_client(s, 0);

	for (int i = 0; i < 3; i++)
		assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  FOLLOWING");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "^── The same target before ");
	vt_wait_row(t, "^ +2 .* 200 +12 .* 127\\.0\\.0\\.1$");
	vt_wait_row(t, "^ +1 .* 200 +12 .* 127\\.0\\.0\\.1$");
	vt_type(t, "x");
	vt_wait_row(
	    t, "^ 00000 47 45 54 20 2f 68 65 6c  6c 6f .* GET /hello\\.txt H$");
	vt_type(t, "x");
	vt_wait_row(t, "^ GET /hello\\.txt HTTP/1\\.1␍␊$");
}

static bool
wrote(struct vt *t, const char *bytes)
{
	size_t n;
	const char *out = vt_output(t, &n);

	return memmem(out, n, bytes, strlen(bytes)) != NULL;
}

static void
the_mouse_works_until_M_leaves_it_to_the_terminal(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0), y;
	char click[64];

	vt_check(t, wrote(t, "\033[?1000h\033[?1006h"));
	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	assert_int_equal(client_ask(fd, "/other", ""), 404);
	vt_wait_row(t, " GET +404 .*/other");
	y = vt_find(t, 0, " GET +200 .*/hello\\.txt");
	(void)snprintf(
	    click, sizeof click, "\033[<0;20;%dM\033[<0;20;%dm", y + 1, y + 1);
	vt_type(t, click);
	vt_wait_row(t, "^>.* GET +200 .*/hello\\.txt");
	vt_type(t, click);
	vt_wait_row(t, "Request 1  GET /hello\\.txt ");
	vt_type(t, "\033[<65;20;10M");
	vt_wait_gone(t, "Why 200");
	vt_type(t, "M");
	vt_wait_text(t, "mouse off");
	vt_check(t, wrote(t, "\033[?1006l\033[?1000l"));
	vt_type(t, "qn");
	(void)vt_end(t);
}

static void
the_address_is_a_link_and_a_code(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	char link[64];

	(void)snprintf(
	    link, sizeof link, "\033]8;;http://127.0.0.1:%u/\033\\", s->port);
	vt_wait_row(t, "up [0-9]+s");
	vt_settle(t);
	vt_check(t, wrote(t, link));
	vt_check(t, wrote(t, "\033]8;;\033\\"));
	vt_type(t, "u");
	vt_wait_row(t, "─ Address ─");
	vt_wait_row(t, "█.*▀");
	vt_wait_text(t, "only this computer can open it");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "Address ─");
}

static void
a_bell_rings_for_what_was_asked(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	vt_type(t, ":notify status:404" VT_ENTER);
	vt_wait_text(t, "rings for status:404");
	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, " GET +200 ");
	vt_check(t, vt_bells(t) == 0);
	assert_int_equal(client_ask(fd, "/nothing", ""), 404);
	vt_wait_text(t, "404 status:404: GET /nothing");
	vt_settle(t);
	vt_check(t, vt_bells(t) == 1);
	vt_type(t,
	    ":"
	    "\033OA");
	vt_wait_row(t, "^ : notify status:404");
}

static void
a_request_is_sent_again_and_both_answers_compared(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 100, .h = 40 };
	struct vt *t = stage_open(s, &o);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/later.txt", ""), 404);
	vt_wait_row(t, " GET +404 .*/later\\.txt");
	stage_write(s, "www/later.txt", "now it is there\n");
	vt_type(t, "kR");
	vt_wait_row(t, "━ Sent again  GET /later\\.txt ━.*≠ differs");
	vt_wait_row(t, "^ +request 1 +request 2$");
	vt_wait_row(t, "^ status +404 +≠ 200$");
	vt_wait_row(t, "^ content +[0-9]+ bytes +≠ 16 bytes$");
	vt_wait_row(t, "^ +HTTP/1\\.1 404 Not Found +≠ HTTP/1\\.1 200 OK$");
	vt_wait_row(t, "^ +- +≠ ETag: ");
	vt_type(t, "R");
	vt_wait_row(t, "^ +request 1 +request 3$");
	vt_type(t, VT_ESC);
	vt_wait_row(t, " GET +200 .*/later\\.txt");
}

static void
an_export_is_written_and_a_copy_offered(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	for (int i = 0; i < 3; i++)
		assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, "━ 3 Requests .*[^f] 3  FOLLOWING");
	vt_type(t, "e");
	vt_wait_text(t, "Write 3, all");
	vt_type(t, "l");
	vt_wait_row(t, "^ > httpconsole-[0-9]+-[0-9]+\\.log$");
	vt_type(t, VT_CTRL_U "out.log" VT_ENTER);
	vt_wait_text(t, "3 exchanges, all (");
	vt_check(t, stage_lines(s, "out.log") == 3);
	vt_type(t, "yu");
	vt_wait_text(t, "/state/httpconsole/copied");
	vt_settle(t);
	/* base64 of "http://127.0.0.1:" */
	vt_check(t, wrote(t, "\033]52;c;aHR0cDovLzEyNy4wLjAuMT"));
	vt_check(t, stage_lines(s, "state/httpconsole/copied") == 0);
}

static void
columns_order_and_filter_are_kept_between_runs(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, " GET +200 ");
	vt_type(t, ":sort size" VT_ENTER ":filter status:200" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* status:200  1 of 1  by size ");
	vt_type(t, "qn");
	(void)vt_end(t);
	t = stage_open_plain(s);
	vt_wait_row(t, "━ 3 Requests .* status:200  0 of 0  by size ");
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "━ 3 Requests .* status:200  1 of 1  by size ");
}

static void
keys_and_columns_come_from_the_configuration(void **state)
{
	static const char *const args[] = { "-p", "0", "-c", "c.yaml", "www",
		NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	struct vt *t;

	stage_write(s, "c.yaml",
	    "version: 1\nconsole:\n  keys: {F2: pause}\n"
	    "  columns: [status, first, target]\n");
	t = stage_open(s, &o);
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "^ CODE FIRST TARGET *$");
	vt_wait_row(t, "^ 200 +[0-9.]+[um]s /hello\\.txt$");
	vt_type(t, "\033OQ");
	vt_wait_text(t, "PAUSED");
	vt_type(t, "?/pause: new" VT_ENTER); /* help can be searched */
	vt_wait_row(t, "^ p F2 +:pause +pause: new requests wait");
}

static void
screens_that_lie_over_each_other_are_left_one_by_one(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_type(t, ":stats" VT_ENTER);
	vt_wait_text(t, "━ Stats ━");
	vt_type(t, "?");
	vt_wait_text(t, "━ Help ━");
	vt_type(t, ":stats" VT_ENTER); /* lies beneath already */
	vt_wait_text(t, "━ Stats ━");
	vt_type(t, "?");
	vt_wait_text(t, "━ Help ━");
	vt_type(t, VT_ESC);
	vt_wait_text(t, "━ Stats ━");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "━ Stats ━");
	vt_wait_text(t, "3 Requests ━");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(keys_1_to_4_bring_each_pane_to_the_front),
		SCENARIO(s_sorts_and_S_turns_round),
		SCENARIO(c_chooses_columns),
		SCENARIO(a_find_moves_as_it_is_typed_and_shows_where),
		SCENARIO(m_marks_and_marks_are_counted),
		SCENARIO(a_connection_shows_what_it_is_at_and_what_holds_it_up),
		SCENARIO(behind_a_proxy_the_way_is_to_the_proxy),
		SCENARIO(f_shows_only_what_meets_a_filter),
		SCENARIO(x_shows_the_bytes_and_a_detail_what_came_before),
		SCENARIO(the_mouse_works_until_M_leaves_it_to_the_terminal),
		SCENARIO(screens_that_lie_over_each_other_are_left_one_by_one),
		SCENARIO(the_address_is_a_link_and_a_code),
		SCENARIO(a_bell_rings_for_what_was_asked),
		SCENARIO(a_request_is_sent_again_and_both_answers_compared),
		SCENARIO(an_export_is_written_and_a_copy_offered),
		SCENARIO(columns_order_and_filter_are_kept_between_runs),
		SCENARIO(keys_and_columns_come_from_the_configuration),
		SCENARIO(z_gives_a_pane_the_screen_and_takes_it_again),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
