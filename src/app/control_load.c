/* What only looks: control.h. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/control.h"
#include "app/sandbox.h"
#include "app/server_plan.h"
#include "base/check.h"

/* Since Linux 6.2 the folder's size tells; before, its names are counted. */
static unsigned
load_descriptors(void)
{
	struct stat st;
	unsigned n = 0;
	DIR *dir;

	if (stat("/proc/self/fd", &st) != 0)
		return 0;
	if (st.st_size > 0)
		return (unsigned)st.st_size;
	dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return 0;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a folder of its own */
	for (const struct dirent *d; (d = readdir(dir)) != NULL;)
		n += d->d_name[0] != '.';
	(void)closedir(dir);
	return n > 0 ? n - 1 : 0; /* the one it was read through */
}

/* For a listening socket the kernel reports who waits to be accepted as
 * tcpi_unacked, and the most that may as tcpi_sacked. */
static void
load_queue(int fd, struct control_load *out)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return;
	out->queue += info.tcpi_unacked;
	out->queue_max += info.tcpi_sacked;
}

void
control_load(struct control *c, struct control_load *out)
{
	struct rlimit limit;

	CHECK_MAGIC(c, CONTROL_MAGIC);
	*out = (struct control_load){ .fds = load_descriptors() };
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		out->fds_max = limit.rlim_cur > UINT32_MAX
		    ? UINT32_MAX
		    : (unsigned)limit.rlim_cur;
	/* The listeners' descriptors live as long as the control does. */
	for (unsigned i = 0; i < c->shared.n; i++)
		load_queue(c->listeners[i].fd, out);
}

void
control_account(struct control *c, struct watch_account *out)
{
	CHECK_MAGIC(c, CONTROL_MAGIC);
	watch_account(&c->watch, out);
}

_Static_assert(CONTROL_LAYERS == SANDBOX_N, "each layer is shown");

void
control_sandbox(struct control *c, struct control_sandbox *out)
{
	struct sandbox_status s;

	CHECK_MAGIC(c, CONTROL_MAGIC);
	sandbox_status(&s);
	*out = (struct control_sandbox){ .violations = s.violations };
	for (int i = 0; i < SANDBOX_N; i++) {
		struct control_layer *l = &out->layer[i];
		enum sandbox_state state = s.layer[i].state;

		l->what = sandbox_layer_text[i];
		l->state = sandbox_state_text(state);
		l->good = state == SANDBOX_ON || state == SANDBOX_OFF;
		memcpy(l->text, s.layer[i].text, sizeof(l->text));
		out->on += state == SANDBOX_ON;
	}
}

void
control_look(struct control *c, const struct conn_row *rows, unsigned n)
{
	CHECK_MAGIC(c, CONTROL_MAGIC);
	for (unsigned w = 0; w < c->workers; w++) {
		struct worker_name name[WATCH_PATHS];
		unsigned names = 0;

		for (unsigned i = 0; i < n && names < WATCH_PATHS; i++)
			if (rows[i].worker == w)
				name[names++] =
				    (struct worker_name){ rows[i].slot,
					    rows[i].generation };
		if (names > 0)
			worker_look(&c->worker[w], name, names);
	}
}

/* Of every address, the loopback one. */
bool
control_address(struct control *c, struct sockaddr_storage *out, socklen_t *n)
{
	struct sockaddr_in *v4 = (void *)out;
	struct sockaddr_in6 *v6 = (void *)out;

	CHECK_MAGIC(c, CONTROL_MAGIC);
	*out = c->listeners[0].addr;
	*n = c->listeners[0].addr_n;
	if (out->ss_family == AF_INET &&
	    v4->sin_addr.s_addr == htonl(INADDR_ANY))
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (out->ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		v6->sin6_addr = in6addr_loopback;
	return c->shared.n > 0;
}
