/* An invented network for connections: sockets in memory, a clock that is told
 * the time, and faults at will.  Included by the one test that uses it.
 *
 * Files are real (the site opens them), sockets are numbers from FAKE_FD on.
 * A promise of net/io.h or net/conn.h that is broken is noted in `wrong`; the
 * first one stands. */
#ifndef TESTS_UNIT_FAKE_NET_H
#define TESTS_UNIT_FAKE_NET_H

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/conn.h"

#define FAKE_FD	     100000
#define FAKE_SOCKETS 32
#define FAKE_OUT     (4u << 20)
#define FAKE_FDS     64 /* more descriptors than a test has open */

struct fake_socket {
	/* client to server */
	const char *in; /* what the client sends, sooner or later */
	size_t in_n;
	size_t arrived; /* of these within reach of recv */
	size_t taken;	/* of these received */
	size_t mark;	/* 0: none; a read that begins before it ends there */
	bool fin;	/* behind all that, the client's end */
	bool gone;	/* the client has reset the connection */
	bool deaf;	/* the same, but not known before it is sent to */
	/* server to client */
	char *out;
	size_t out_n;
	size_t window; /* bytes that the kernel would still take */
	size_t acked;  /* of out_n: fake_ack */
	int64_t took;  /* when something of that was acknowledged last, ns */
	int64_t moved; /* when it answered last, ns */
	bool corked;   /* the last bytes wait for more */
	bool plugged;  /* TCP_CORK */
	bool shut;
	bool closed;
	/* epoll */
	uint64_t tag;
	unsigned watched; /* enum io_events; 0 also when it is closed */
	size_t told;	  /* of `arrived`, when last told of */
	bool told_fin;	  /* and whether `fin` and `gone` */
	bool told_gone;
};

struct fake_net {
	struct conns cs; /* its `io` leads back here */
	struct watch watch;
	_Atomic uint64_t next_id;
	struct fake_socket socket[FAKE_SOCKETS];
	unsigned sockets;
	struct moment now;
	uint64_t random;
	/* how the network is */
	size_t grain;	      /* most bytes that one call moves */
	unsigned spurious;    /* of 256 calls so many find nothing ready */
	unsigned file_fault;  /* of 256 reads so many fail with EIO */
	unsigned descriptors; /* that the process had when it began */
	bool early;	  /* what a client sends is there when it is accepted */
	bool gather;	  /* those who are ready have their turn together */
	bool files_empty; /* every file was truncated after it was opened */
	/* what came of it */
	uint64_t calls;
	unsigned asked;	    /* of these for what is acknowledged */
	unsigned transfers; /* io_ops.transfer, of any number */
	const char *wrong;
};

static inline void
fake_wrong(struct fake_net *net, const char *what)
{
	if (net->wrong == NULL)
		net->wrong = what;
}

static inline uint64_t
fake_random(struct fake_net *net)
{
	net->random ^= net->random << 13;
	net->random ^= net->random >> 7;
	net->random ^= net->random << 17;
	return net->random;
}

/* 0 to n - 1. */
static inline size_t
fake_below(struct fake_net *net, size_t n)
{
	return (size_t)((fake_random(net) >> 16) % n);
}

static inline bool
fake_chance(struct fake_net *net, unsigned of_256)
{
	return fake_below(net, 256) < of_256;
}

static inline struct fake_net *
fake_of(struct io *io)
{
	return (struct fake_net *)(void *)((char *)io -
	    offsetof(struct fake_net, cs.io));
}

static inline struct fake_socket *
fake_socket(struct io *io, int fd)
{
	struct fake_net *net = fake_of(io);
	struct fake_socket *s;

	net->calls++;
	if (fd < FAKE_FD || fd >= FAKE_FD + (int)net->sockets)
		abort();
	s = &net->socket[fd - FAKE_FD];
	if (s->closed)
		fake_wrong(net, "a closed socket was used");
	return s;
}

/* How many of n bytes this call moves; 0 with errno when none. */
static inline size_t
fake_share(struct fake_net *net, size_t n, size_t ready)
{
	size_t most = n < ready ? n : ready;

	if (most == 0 || fake_chance(net, net->spurious)) {
		errno = EAGAIN;
		return 0;
	}
	if (net->grain == 0)
		return most;
	if (most > net->grain)
		most = net->grain;
	return 1 + fake_below(net, most);
}

/* As the system calls: -1 with errno. */
static inline ssize_t
fake_recv(struct io *io, int fd, void *p, size_t n)
{
	struct fake_net *net = fake_of(io);
	struct fake_socket *s = fake_socket(io, fd);
	size_t got;

	if (n == 0)
		fake_wrong(net, "recv into no room");
	if (s->gone) {
		errno = ECONNRESET;
		return -1;
	}
	if (s->fin && s->taken == s->in_n)
		return 0;
	if (s->mark > s->taken && n > s->mark - s->taken)
		n = s->mark - s->taken; /* as if no more was asked for */
	else if (s->mark <= s->taken && s->arrived > s->taken)
		s->mark = 0;
	got = fake_share(net, n, s->arrived - s->taken);
	if (got < n && s->told > s->taken + got)
		s->told = s->taken + got; /* the rest comes only now */
	if (got == 0)
		return -1;
	memcpy(p, s->in + s->taken, got);
	s->taken += got;
	return (ssize_t)got;
}

/* Room for n more bytes to the client, or 0 with errno. */
static inline size_t
fake_room(struct fake_net *net, struct fake_socket *s, size_t n)
{
	if (n == 0)
		fake_wrong(net, "nothing was sent");
	if (s->shut)
		fake_wrong(net, "sent after the half close");
	if (s->gone || s->deaf) {
		errno = EPIPE;
		return 0;
	}
	if (s->out_n == FAKE_OUT)
		abort();
	if (n > FAKE_OUT - s->out_n)
		n = FAKE_OUT - s->out_n;
	return fake_share(net, n, s->window);
}

static inline ssize_t
fake_send(struct io *io, int fd, const void *p, size_t n, bool more)
{
	struct fake_net *net = fake_of(io);
	struct fake_socket *s = fake_socket(io, fd);

	n = fake_room(net, s, n);
	if (n == 0)
		return -1;
	s->corked = more;
	memcpy(s->out + s->out_n, p, n);
	s->out_n += n;
	s->window -= n;
	return (ssize_t)n;
}

static inline unsigned
fake_transfer(struct io *io, struct io_call *calls, unsigned n)
{
	fake_of(io)->transfers++;
	for (struct io_call *c = calls; c < calls + n; c++) {
		c->result = c->send
		    ? fake_send(io, c->fd, c->from, c->n, c->more)
		    : fake_recv(io, c->fd, c->to, c->n);
		if (c->result < 0)
			c->result = -errno;
	}
	return n > 1 ? n : 0;
}

static inline ssize_t
fake_sendfile(struct io *io, int fd, int file, uint64_t offset, size_t n)
{
	struct fake_net *net = fake_of(io);
	struct fake_socket *s = fake_socket(io, fd);
	ssize_t got;

	n = fake_room(net, s, n);
	if (n == 0)
		return -1;
	if (fake_chance(net, net->file_fault)) {
		errno = EIO;
		return -1;
	}
	if (net->files_empty)
		return 0;
	got = pread(file, s->out + s->out_n, n, (off_t)offset);
	if (got < 0)
		fake_wrong(net, "a file that is not open was sent");
	if (got > 0) {
		s->corked = false;
		s->out_n += (size_t)got;
		s->window -= (size_t)got;
	}
	return got;
}

static inline ssize_t
fake_pread(struct io *io, int file, void *p, size_t n, uint64_t offset)
{
	struct fake_net *net = fake_of(io);
	ssize_t got;

	net->calls++;
	if (fake_chance(net, net->file_fault)) {
		errno = EIO;
		return -1;
	}
	if (net->files_empty)
		return 0;
	if (net->grain != 0)
		n = 1 + fake_below(net, n);
	got = pread(file, p, n, (off_t)offset);
	if (got < 0)
		fake_wrong(net, "a file that is not open was read");
	return got;
}

static inline void
fake_push(struct io *io, int fd)
{
	fake_socket(io, fd)->corked = false;
}

static inline void
fake_cork(struct io *io, int fd, bool on)
{
	struct fake_socket *s = fake_socket(io, fd);

	if (s->plugged == on)
		fake_wrong(fake_of(io), "corked twice, or never");
	s->plugged = on;
}

static inline void
fake_shutdown(struct io *io, int fd)
{
	struct fake_socket *s = fake_socket(io, fd);

	if (s->shut)
		fake_wrong(fake_of(io), "half closed twice");
	s->shut = true;
}

static inline void
fake_close(struct io *io, int fd)
{
	struct fake_socket *s = fake_socket(io, fd);

	s->closed = true;
	s->watched = 0;
}

static inline bool
fake_watch(struct io *io, int fd, uint64_t tag, bool first, unsigned events)
{
	struct fake_socket *s = fake_socket(io, fd);

	(void)first;
	s->tag = tag;
	s->watched = events;
	s->told = s->taken;
	s->told_fin = s->told_gone = false;
	return true;
}

static inline bool
fake_acked(struct io *io, int fd, struct io_acked *out)
{
	struct fake_net *net = fake_of(io);
	const struct fake_socket *s = fake_socket(io, fd);

	net->asked++;
	out->bytes = s->acked;
	out->idle = net->now.mono - s->moved;
	return true;
}

/* Time passes with every look at the clock, as it does. */
static inline struct moment
fake_now(struct io *io)
{
	struct fake_net *net = fake_of(io);

	net->now.mono += 100;
	net->now.wall += 100;
	return net->now;
}

static inline int64_t
fake_mono(struct io *io)
{
	return fake_now(io).mono;
}

static const struct io_ops fake_ops = {
	.transfer = fake_transfer,
	.sendfile = fake_sendfile,
	.pread = fake_pread,
	.push = fake_push,
	.cork = fake_cork,
	.shutdown = fake_shutdown,
	.close = fake_close,
	.watch = fake_watch,
	.acked = fake_acked,
	.mono = fake_mono,
};

/* ---- the loop, as a worker has it ---- */

static inline bool
fake_is_readable(const struct fake_socket *s)
{
	return s->arrived > s->taken || (s->fin && s->taken == s->in_n);
}

/* Whether something came that epoll has not told of. */
static inline bool
fake_has_news(const struct fake_socket *s)
{
	return s->arrived > s->told || (s->fin && !s->told_fin) ||
	    (s->gone && !s->told_gone);
}

/* What epoll would report of the socket: enum io_events. */
static inline unsigned
fake_events(const struct fake_socket *s)
{
	unsigned events = 0;

	if (s->closed || ((s->watched & IO_EDGE) && !fake_has_news(s)))
		return 0;
	if ((s->watched & IO_READABLE) && fake_is_readable(s))
		events |= IO_READABLE;
	if ((s->watched & IO_READABLE) && s->fin)
		events |= IO_ENDED;
	if ((s->watched & IO_EDGE) && s->mark != 0 && s->arrived >= s->mark)
		events |= IO_MARKED;
	if ((s->watched & IO_WRITABLE) && s->window > 0)
		events |= IO_WRITABLE;
	if (s->gone)
		events |= IO_GONE;
	return events;
}

/* The same, reported. */
static inline unsigned
fake_tell(struct fake_socket *s)
{
	unsigned events = fake_events(s);

	if (events != 0) {
		s->told = s->arrived;
		s->told_fin = s->fin;
		s->told_gone = s->gone;
	}
	return events;
}

static inline struct conn *
fake_tagged(struct fake_net *net, const struct fake_socket *s)
{
	return conn_find(&net->cs, (uint32_t)s->tag, (uint32_t)(s->tag >> 32));
}

/* What worker_dispatch does with a connection. */
static inline void
fake_dispatch(struct fake_net *net, unsigned i, unsigned events)
{
	struct conn *c = fake_tagged(net, &net->socket[i]);

	net->cs.now = fake_now(&net->cs.io);
	net->cs.woke = net->cs.now.mono;
	if (c == NULL)
		fake_wrong(net, "an open socket has no connection");
	else
		conn_ready(&net->cs, c, events);
}

/* A turn for that one, if it is ready. */
static inline bool
fake_wake(struct fake_net *net, unsigned i)
{
	unsigned events = fake_tell(&net->socket[i]);

	if (events != 0)
		fake_dispatch(net, i, events);
	return events != 0;
}

/* What worker_turn does with those that are ready, from one on; how many. */
static inline unsigned
fake_turn(struct fake_net *net, unsigned from)
{
	unsigned told[FAKE_SOCKETS];
	struct conn *c, *received[CONNS_TOGETHER] = { NULL };
	unsigned n = 0, m = 0, to = from + CONNS_TOGETHER;

	if (to > net->sockets)
		to = net->sockets;
	net->cs.now = fake_now(&net->cs.io);
	net->cs.woke = net->cs.now.mono;
	for (unsigned i = from; i < to; i++) {
		struct fake_socket *s = &net->socket[i];

		told[i] = fake_tell(s);
		n += told[i] != 0;
		c = told[i] == IO_READABLE ? fake_tagged(net, s) : NULL;
		if (c == NULL || !conn_receives(&net->cs, c))
			continue;
		received[m++] = c;
		told[i] = 0;
	}
	conns_receive(&net->cs, received, m);
	conns_answer(&net->cs, received, m);
	for (unsigned i = from; i < to; i++)
		if (told[i] != 0 && fake_tagged(net, &net->socket[i]) != NULL)
			fake_dispatch(net, i, told[i]);
	return n;
}

/* Turns until nothing is ready; false when that takes more than `most`. */
static inline bool
fake_settle(struct fake_net *net, unsigned most)
{
	bool any = true;

	while (any) {
		any = false;
		for (unsigned i = 0; net->gather && i < net->sockets;
		     i += CONNS_TOGETHER) {
			unsigned n = fake_turn(net, i);

			if (n > most)
				return false;
			most -= n;
			any = any || n > 0;
		}
		for (unsigned i = 0; !net->gather && i < net->sockets; i++) {
			if (!fake_wake(net, i))
				continue;
			if (most-- == 0)
				return false;
			any = true;
		}
	}
	return true;
}

static inline void
fake_pass(struct fake_net *net, int64_t ns)
{
	net->now.mono += ns;
	net->now.wall += ns;
	net->cs.now = fake_now(&net->cs.io);
	net->cs.woke = net->cs.now.mono;
	conns_expire(&net->cs);
}

/* A client connects; the bytes stay its own.  NULL when there is no slot. */
static inline struct fake_socket *
fake_connect(struct fake_net *net, const char *bytes, size_t n)
{
	static const struct peer peer = { .family = 2, .port = 4711 };
	struct fake_socket *s = &net->socket[net->sockets];
	struct conn *c;
	char *out = s->out;

	if (net->sockets == FAKE_SOCKETS)
		abort();
	*s = (struct fake_socket){
		.in = bytes, .in_n = n, .out = out, .moved = net->now.mono
	};
	if (s->out == NULL)
		s->out = malloc(FAKE_OUT);
	if (s->out == NULL)
		abort();
	if (net->early) {
		s->arrived = n;
		s->window = FAKE_OUT;
	}
	net->cs.now = fake_now(&net->cs.io);
	net->cs.woke = net->cs.now.mono;
	c = conn_open(&net->cs, FAKE_FD + (int)(s - net->socket), &peer, 0);
	if (c == NULL)
		return NULL;
	net->sockets++;
	conns_begin(&net->cs, &c, 1);
	return s;
}

/* The client has n bytes more, or (0) answers a question of the kernel's.  The
 * kernel's buffer keeps its room: it opens when a third of it is free. */
static inline void
fake_ack(struct fake_net *net, struct fake_socket *s, size_t n)
{
	if (n > s->out_n - s->acked)
		n = s->out_n - s->acked;
	s->acked += n;
	s->moved = net->now.mono;
	if (n > 0)
		s->took = s->moved;
}

static inline struct conn *
fake_conn(struct fake_net *net, const struct fake_socket *s)
{
	return s->closed
	    ? NULL
	    : conn_find(&net->cs, (uint32_t)s->tag, (uint32_t)(s->tag >> 32));
}

/* The same of a socket that must be open. */
static inline struct conn *
fake_open_conn(struct fake_net *net, const struct fake_socket *s)
{
	struct conn *c = fake_conn(net, s);

	if (c == NULL)
		abort();
	return c;
}

/* How many descriptors the process has open, of those that it would be given
 * first; by one call, as it is asked twice for each server. */
static inline unsigned
fake_descriptors(void)
{
	struct pollfd fd[FAKE_FDS];
	unsigned n = 0;

	for (int i = 0; i < FAKE_FDS; i++)
		fd[i] = (struct pollfd){ .fd = i };
	if (poll(fd, FAKE_FDS, 0) < 0)
		abort();
	for (int i = 0; i < FAKE_FDS; i++)
		n += !(fd[i].revents & POLLNVAL);
	return n;
}

/* The watch is made once and then as it was when it was made: to map its ring
 * anew for each of thousands of servers would take longer than they do. */
static inline bool
fake_begin_watch(struct fake_net *net, uint32_t max)
{
	static struct watch made;
	static struct watch_worker fresh;

	if (fresh.watch != &net->watch || fresh.rows_n != max) {
		watch_fini(&made);
		if (!watch_init(&made, 1, max, NULL, NULL))
			return false;
		memcpy(&fresh, made.worker, sizeof(fresh));
		fresh.watch = &net->watch;
	}
	memcpy(&net->watch, &made, sizeof(made));
	memcpy(made.worker, &fresh, sizeof(fresh));
	memset(fresh.rows, 0, max * sizeof(fresh.rows[0]));
	return true;
}

/* All of it begins; `site`'s reference passes to the net. */
static inline bool
fake_begin(struct fake_net *net, struct site *site, uint32_t max,
    const struct net_settings *settings)
{
	char *out[FAKE_SOCKETS];

	for (unsigned i = 0; i < FAKE_SOCKETS; i++)
		out[i] = net->socket[i].out;
	memset(net, 0, sizeof(*net));
	for (unsigned i = 0; i < FAKE_SOCKETS; i++)
		net->socket[i].out = out[i];
	net->random = 88172645463325252u;
	net->now = (struct moment){ 5000 * NS_PER_S, 1701000000 * NS_PER_S };
	if (!fake_begin_watch(net, max))
		return false;
	net->watch.keeps = true; /* the tests read what it would */
	net->cs.io.ops = &fake_ops;
	net->cs.site = site;
	net->cs.watch = net->watch.worker;
	net->cs.next_id = &net->next_id;
	net->cs.now = net->now;
	net->cs.files_kept = 4;
	if (!conns_init(&net->cs, max, settings))
		return false;
	net->descriptors = fake_descriptors();
	return true;
}

static inline void
fake_end(struct fake_net *net)
{
	conns_fini(&net->cs);
	site_unref(net->cs.site);
}

static inline void
fake_free(struct fake_net *net)
{
	for (unsigned i = 0; i < FAKE_SOCKETS; i++) {
		free(net->socket[i].out);
		net->socket[i].out = NULL;
	}
}

#endif
