/* The whole life of connections over a network in memory: the input says what
 * clients send and what becomes of it. */
#define fail_msg(...) abort()
#include "../unit/fake_server.h"
#include "../unit/one_inotify.h"
#include "fuzz.h"

#define MORE 20000 /* bytes: too many for one send */

static char sent[SLOTS][2048];
static struct site *site, *other;

static void
make_once(void)
{
	static const char *const index[] = { "index.html", NULL };
	struct site_options o = { .root = root,
		.index = index,
		.default_type = "text/plain",
		.ranges = 4,
		.listing = true,
		.clean_urls = true };
	char err[256];

	if (site != NULL)
		return;
	MUST(mkdtemp(root) != NULL);
	(void)snprintf(err, sizeof(err), "%s/sub", root);
	MUST(mkdir(err, 0755) == 0 && write_pattern("a.txt", SMALL) == 0);
	MUST(write_pattern("big.bin", MORE) == 0);
	MUST(write_pattern("sub/index.html", 50) == 0);
	MUST((site = open_site()) != NULL);
	MUST((other = site_open(&o, err)) != NULL);
}

__attribute__((destructor)) static void
remove_all(void)
{
	if (site != NULL)
		(void)remove_root(NULL);
}

/* Requests that have an answer, to be mixed with what the input spells. */
static const char *const whole[] = { GET("/a.txt"), GET("/big.bin"),
	GET("/sub/"), GET("/none"), GET("/a"),
	"HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
	"GET /big.bin HTTP/1.1\r\nHost: h\r\nRange: bytes=0-9,50-,-5\r\n\r\n",
	"GET /a.txt HTTP/1.0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", "hello",
	"5\r\nhello\r\n", "0\r\n\r\n", "\r\n",
	"GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n",
	("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
	 "Content-Length: 5\r\n\r\n") };
#define WHOLES (sizeof(whole) / sizeof(whole[0]))

static void
connect_one(struct feed *f)
{
	char *mem = sent[net.sockets];
	struct buf b = buf_over(mem, sizeof(sent[0]));
	unsigned n = 1 + (unsigned)feed_below(f, 6);

	while (n-- > 0) {
		uint8_t what = feed_byte(f);

		if (what < 0xc0) {
			buf_puts(&b, whole[what % WHOLES]);
			continue;
		}
		buf_put(&b, span_of((const char *)f->p, f->n < 64 ? f->n : 64));
		(void)feed_number(f, 64);
	}
	(void)fake_connect(&net, mem, b.n);
}

static void
operate(struct feed *f, struct fake_socket *s)
{
	struct net_settings settings = settings_of_test();
	struct conn *c = fake_conn(&net, s);

	net.cs.now = fake_now(&net.cs.io);
	switch (feed_below(f, 8)) {
	case 0:
		if (!net.cs.draining)
			conns_pause(&net.cs, !net.cs.paused);
		break;
	case 1:
		if (!net.cs.paused)
			conns_drain(&net.cs);
		break;
	case 2:
		conns_cut(&net.cs, CLOSE_DRAIN_DEADLINE);
		break;
	case 3:
		if (c != NULL)
			conn_abort(&net.cs, c, CLOSE_OPERATOR);
		break;
	case 4:
		settings.timeout[DEADLINE_WRITE] = NS_PER_S;
		settings.requests_per_connection = feed_byte(f);
		conns_configure(&net.cs, &settings);
		break;
	case 5: /* as worker_take_orders does */
		site_unref(net.cs.site);
		net.cs.site = site_ref(feed_byte(f) & 1 ? other : site);
		break;
	case 6:
		net.files_empty = !net.files_empty;
		net.file_fault = feed_byte(f) / 4;
		break;
	default:
		net.now.mono += 100 * NS_PER_S;
		net.cs.now = fake_now(&net.cs.io);
		conns_slept(&net.cs, 100 * NS_PER_S);
	}
}

static void
act(struct feed *f)
{
	uint8_t what = feed_byte(f);
	struct fake_socket *s = &net.socket[feed_below(f, net.sockets)];
	size_t left = s->in_n - s->arrived;

	switch (what % 16) {
	case 0:
		if (net.sockets < SLOTS)
			connect_one(f);
		break;
	case 1:
		fake_pass(&net, (int64_t)feed_number(f, 2) * NS_PER_MS);
		break;
	case 2:
		operate(f, s);
		break;
	case 3:
		s->gone = what & 16;
		break;
	case 4:
		s->in_n = s->arrived;
		s->fin = true;
		break;
	case 5:
		net.grain = feed_byte(f);
		net.spurious = feed_byte(f) / 4;
		break;
	case 6:
	case 7:
	case 8:
		s->window += feed_number(f, 1 + what % 3);
		break;
	case 9:
	case 10:
	case 11:
		if (!s->closed && left > 0)
			s->arrived += 1 + feed_below(f, left);
		break;
	default:
		(void)fake_wake(&net, (unsigned)(s - net.socket));
	}
	check_turn();
}

/* Who is still there does nothing until it is closed. */
static void
end_all(void)
{
	net.cs.now = fake_now(&net.cs.io);
	conns_pause(&net.cs, false);
	net.spurious = 0;
	net.grain = 0; /* what is left, in few calls */
	for (int i = 0; i < 100 && net.cs.open > 0; i++) {
		int64_t next = conns_next_deadline(&net.cs);

		MUST(fake_settle(&net, 400000));
		if (next != INT64_MAX)
			fake_pass(&net,
			    next > net.now.mono ? next - net.now.mono : 0);
	}
	watch_publish(net.cs.watch);
	while (ring_peek(&net.cs.watch->ring).p != NULL)
		ring_pop(&net.cs.watch->ring);
	check_end();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	struct net_settings s = settings_of_test();

	make_once();
	MUST(fake_begin(&net, site_ref(site), SLOTS, &s));
	connect_one(&f);
	while (f.n > 0 && net.sockets > 0 && net.wrong == NULL)
		act(&f);
	end_all();
	if (net.wrong != NULL) {
		fprintf(stderr, "%s\n", net.wrong);
		abort();
	}
	fake_end(&net);
	return 0;
}
