#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/listener.h"

/* The algorithm that the socket's connections are to have. */
static void
congestion_of(int fd, char name[16])
{
	socklen_t n = 16;

	memset(name, 0, 16);
	assert_int_equal(
	    getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &n), 0);
}

static void
within_one_computer_nothing_is_paced(void **state)
{
	struct listener l;
	char err[256], name[16];

	(void)state;
	assert_int_equal(
	    listener_open(&l, "127.0.0.1", 0, 16, err), LISTENER_OK);
	assert_true(l.loopback);
	congestion_of(l.fd, name);
	assert_string_equal(name, "reno");
	listener_close(&l);
}

static void
to_others_what_the_system_says_goes(void **state)
{
	struct listener l;
	char err[256], name[16], system[16];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	congestion_of(fd, system);
	close(fd);
	assert_int_equal(listener_open(&l, "", 0, 16, err), LISTENER_OK);
	assert_false(l.loopback);
	congestion_of(l.fd, name);
	assert_string_equal(name, system);
	listener_close(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_one_computer_nothing_is_paced),
		cmocka_unit_test(to_others_what_the_system_says_goes),
	};
	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
