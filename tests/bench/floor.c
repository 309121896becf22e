/*
 * The yardstick of the benchmarks: the least that an HTTP server can do on
 * this system.  Each read is taken for one whole request and answered with one
 * write of the same 200; nothing is parsed and there are no files.
 *
 *   floor PORT [close]      "close": one answer per connection
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY = 1024, EVENTS = 256 };

int
main(int argc, char **argv)
{
	static char answer[BODY + 256], request[16384];
	struct epoll_event ready[EVENTS], e = { .events = EPOLLIN };
	struct sockaddr_in at = { .sin_family = AF_INET };
	int closing = argc > 2, on = 1, c;
	int ep = epoll_create1(0), s = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = (size_t)sprintf(answer,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	    "Content-Length: %d\r\n%s\r\n%0*d",
	    BODY, closing ? "Connection: close\r\n" : "", BODY, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((unsigned short)atoi(argc > 1 ? argv[1] : "8009"));
	signal(SIGPIPE, SIG_IGN);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) || listen(s, 4096))
		return perror("floor"), 1;
	e.data.fd = s;
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &e);
	for (;;) {
		int count = epoll_wait(ep, ready, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if ((c = ready[i].data.fd) == s) {
				e.data.fd =
				    accept4(s, NULL, NULL, SOCK_NONBLOCK);
				epoll_ctl(ep, EPOLL_CTL_ADD, e.data.fd, &e);
			} else if (read(c, request, sizeof(request)) <= 0 ||
			    write(c, answer, n) < 0 || closing) {
				close(c);
			}
		}
	}
}
