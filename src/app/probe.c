#include "app/probe.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "app/probe_menu.h"
#include "base/clock.h"
#include "base/num.h"

enum { PROBE_FIELDS = 32, PROBE_REQUEST_MAX = 16384, PROBE_TURNS_MAX = 100000 };

enum probe_exit { EXIT_AS_ASKED, EXIT_NOT_AS_ASKED, EXIT_USAGE, EXIT_NO_CONN };

/* Whether a connection without further requests is still there is asked for
 * that long. */
enum { STILL_OPEN_MS = 100 };

struct probe {
	struct probe_url url;
	struct probe_show show;
	struct probe_conn conn;
	struct http_reply reply;
	struct probe_exchange last;
	/* options */
	unsigned keep_alive; /* requests; 0: none */
	bool close;
	bool scripted;
	bool head;
	bool http10;
	int timeout_ms;
	const char *field[PROBE_FIELDS];
	unsigned fields;
};

static const char usage[] =
    "Usage: httpconsole probe [OPTIONS] [URL]\n"
    "A raw client: shows what is sent and received, and what becomes of the\n"
    "connection.  URL: default " PROBE_URL_DEFAULT "\n"
    "Without -k and -c it asks after each answer what to do next.\n"
    "\n"
    "  -k, --keep-alive N  send N requests with Connection: keep-alive, and\n"
    "                      verify that one connection answers them all\n"
    "  -c, --close         then send one with Connection: close, and verify\n"
    "                      that the server closes after its answer\n"
    "      --head          HEAD instead of GET\n"
    "      --http1.0       HTTP/1.0 instead of HTTP/1.1\n"
    "  -H, --header 'N: V' add a field, or say Host or Connection otherwise\n"
    "      --timeout S     seconds for a connect or an answer, default 10\n"
    "  -q, --quiet         print only what is not as asked\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 the server did as asked, 1 it did not, 2 usage, 3 cannot\n"
    "connect.\n";

/* Whether an option -H says this field. */
static bool
given(const struct probe *p, struct span name)
{
	for (unsigned i = 0; i < p->fields; i++) {
		const char *f = p->field[i];

		if (span_eq_nocase(span_of(f, strcspn(f, ":")), name))
			return true;
	}
	return false;
}

static void
put_request(const struct probe *p, struct buf *b, bool keep)
{
	buf_puts(b, p->head ? "HEAD " : "GET ");
	buf_puts(b, p->url.target);
	buf_puts(b, p->http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
	if (!given(p, SPAN("Host"))) {
		buf_puts(b, "Host: ");
		buf_puts(b, p->url.authority);
		buf_puts(b, "\r\n");
	}
	if (!given(p, SPAN("User-Agent")))
		buf_puts(b, "User-Agent: httpconsole-probe\r\n");
	if (!given(p, SPAN("Connection")))
		buf_puts(b,
		    keep ? "Connection: keep-alive\r\n"
			 : "Connection: close\r\n");
	for (unsigned i = 0; i < p->fields; i++) {
		buf_puts(b, p->field[i]);
		buf_puts(b, "\r\n");
	}
	buf_puts(b, "\r\n");
}

/* One request and what came of it, shown. */
static void
exchange(struct probe *p, bool keep)
{
	char bytes[PROBE_REQUEST_MAX];
	struct buf b = buf_over(bytes, sizeof(bytes));

	put_request(p, &b, keep);
	probe_show_sent(&p->show, buf_span(&b));
	reply_init(&p->reply, p->head);
	probe_conn_exchange(
	    &p->conn, buf_span(&b), &p->reply, &p->last, p->timeout_ms);
	probe_show_exchange(&p->show, &p->conn, &p->reply, &p->last, keep);
}

static bool
connect_anew(struct probe *p)
{
	char err[160];

	if (!probe_conn_open(&p->conn, &p->url, p->timeout_ms, err)) {
		fprintf(stderr, "cannot connect to %s: %s\n", p->url.authority,
		    err);
		return false;
	}
	probe_show_connected(&p->show, &p->conn);
	return true;
}

/* After an answer with which the server promised to close, or was asked to. */
static bool
see_close(struct probe *p)
{
	char bytes[512], text[160];
	struct buf b = buf_over(bytes, sizeof(bytes));
	int64_t began = clock_mono();
	int error;
	enum probe_end end =
	    probe_conn_await_end(&p->conn, &b, &error, p->timeout_ms);

	if (end == PROBE_ENDED) {
		probe_say(&p->show, true,
		    "recv() returned 0 after %.3f ms: "
		    "the server has closed",
		    (double)(clock_mono() - began) / (double)NS_PER_MS);
		return true;
	}
	probe_show_unasked(&p->show, buf_span(&b));
	probe_say(&p->show, false, "not closed as it should be: %s",
	    probe_describe_end(text, end, error, NULL));
	return false;
}

/* Request `i` of the script: answered, whole, nothing beyond it, and the
 * connection promised. */
static bool
keep_alive_holds(struct probe *p, unsigned i)
{
	char text[160];

	exchange(p, true);
	if (p->last.end != PROBE_ANSWERED) {
		probe_say(&p->show, false,
		    "FAILED: request %u of %u was not answered on the same "
		    "connection: %s",
		    i, p->keep_alive,
		    probe_describe_end(
			text, p->last.end, p->last.error, p->reply.wrong));
		return false;
	}
	if (p->last.extra) {
		probe_say(&p->show, false,
		    "FAILED: %zu bytes came after the response to request %u",
		    p->last.extra, i);
		return false;
	}
	if (p->reply.closes != NULL) {
		probe_say(&p->show, false,
		    "FAILED: request %u of %u asked for keep-alive, but the "
		    "server closes: %s",
		    i, p->keep_alive, p->reply.closes);
		return false;
	}
	return true;
}

static bool
still_open(struct probe *p)
{
	char bytes[512], text[160];
	struct buf b = buf_over(bytes, sizeof(bytes));
	int error;
	enum probe_end end =
	    probe_conn_await_end(&p->conn, &b, &error, STILL_OPEN_MS);

	if (end == PROBE_LATE)
		return true;
	probe_say(&p->show, false,
	    "FAILED: the connection was to be kept, but %s",
	    probe_describe_end(text, end, error, NULL));
	return false;
}

static bool
close_holds(struct probe *p)
{
	char text[160];

	exchange(p, false);
	if (p->last.end != PROBE_ANSWERED) {
		probe_say(&p->show, false,
		    "FAILED: the request with Connection: close was not "
		    "answered: %s",
		    probe_describe_end(
			text, p->last.end, p->last.error, p->reply.wrong));
		return false;
	}
	if (p->last.extra || !see_close(p)) {
		probe_say(&p->show, false,
		    "FAILED: asked with Connection: close, the server did not "
		    "close after its response");
		return false;
	}
	probe_say(&p->show, true,
	    "ok: answered, then closed, as Connection: close asked");
	return true;
}

static enum probe_exit
run_script(struct probe *p)
{
	for (unsigned i = 1; i <= p->keep_alive; i++)
		if (!keep_alive_holds(p, i))
			return EXIT_NOT_AS_ASKED;
	if (p->keep_alive) {
		if (!still_open(p))
			return EXIT_NOT_AS_ASKED;
		probe_say(&p->show, true,
		    "ok: one connection, from port %u, answered %u of %u "
		    "requests and is still open",
		    p->conn.port, p->conn.exchanges, p->keep_alive);
	}
	if (p->close && !close_holds(p))
		return EXIT_NOT_AS_ASKED;
	return EXIT_AS_ASKED;
}

static enum probe_exit
run_menu(struct probe *p)
{
	struct probe_menu menu = { .n = 0 };
	enum probe_choice choice = PROBE_SEND_KEEP;

	while (choice != PROBE_QUIT) {
		if (choice == PROBE_CONNECT) {
			if (!connect_anew(p))
				return EXIT_NO_CONN;
		} else {
			exchange(p, choice == PROBE_SEND_KEEP);
			if (p->last.end == PROBE_ANSWERED &&
			    (choice == PROBE_SEND_CLOSE ||
				p->reply.closes != NULL))
				see_close(p);
		}
		choice = probe_menu_ask(&menu, &p->show, &p->conn);
	}
	return EXIT_AS_ASKED;
}

static bool
wrong_usage(const char *what, const char *value)
{
	fprintf(stderr,
	    "httpconsole probe: %s: %s\nTry: httpconsole probe "
	    "--help\n",
	    value, what);
	return false;
}

static bool
read_number(const char *value, uint64_t max, uint64_t *out)
{
	return num_dec(span_str(value), out) && *out >= 1 && *out <= max;
}

static bool
read_header(struct probe *p, const char *value)
{
	if (strchr(value, ':') == NULL || strpbrk(value, "\r\n") != NULL)
		return wrong_usage("a field is one line, 'Name: value'", value);
	if (p->fields == PROBE_FIELDS)
		return wrong_usage("too many fields", value);
	p->field[p->fields++] = value;
	return true;
}

enum { OPT_HEAD = 256, OPT_HTTP10, OPT_TIMEOUT };

static bool
read_option(struct probe *p, int option, const char *value)
{
	uint64_t n;

	switch (option) {
	case 'k':
		if (!read_number(value, PROBE_TURNS_MAX, &n))
			return wrong_usage("a number from 1 to 100000", value);
		p->keep_alive = (unsigned)n;
		return true;
	case 'c':
		return p->close = true;
	case OPT_HEAD:
		return p->head = true;
	case OPT_HTTP10:
		return p->http10 = true;
	case 'H':
		return read_header(p, value);
	case OPT_TIMEOUT:
		if (!read_number(value, 3600, &n))
			return wrong_usage("seconds, from 1 to 3600", value);
		p->timeout_ms = (int)n * 1000;
		return true;
	case 'q':
		return p->show.quiet = true;
	default: /* getopt has said what is wrong */
		return false;
	}
}

/* False when the command line is wrong, which has been said. */
static bool
read_arguments(struct probe *p, int argc, char **argv, bool *help)
{
	static const struct option options[] = {
		{ "keep-alive", required_argument, NULL, 'k' },
		{ "close", no_argument, NULL, 'c' },
		{ "head", no_argument, NULL, OPT_HEAD },
		{ "http1.0", no_argument, NULL, OPT_HTTP10 },
		{ "header", required_argument, NULL, 'H' },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *url = PROBE_URL_DEFAULT;
	char bytes[PROBE_REQUEST_MAX];
	struct buf b = buf_over(bytes, sizeof(bytes));
	int option;

	optind = 0; /* glibc: begin anew, the server's options were read */
	while ((option = getopt_long(/* NOLINT(concurrency-mt-unsafe) */
		    argc, argv, "k:cH:qh", options, NULL)) != -1) {
		if (option == 'h')
			return *help = true;
		if (!read_option(p, option, optarg))
			return false;
	}
	if (optind < argc)
		url = argv[optind++];
	if (optind < argc)
		return wrong_usage("one URL is enough", argv[optind]);
	const char *wrong = probe_url_parse(&p->url, url);
	if (wrong != NULL)
		return wrong_usage(wrong, url);
	put_request(p, &b, true);
	if (b.full)
		return wrong_usage("the request is too large", url);
	p->scripted = p->keep_alive || p->close;
	if (p->show.quiet && !p->scripted)
		return wrong_usage("only with -k or -c", "--quiet");
	return true;
}

int
probe_main(int argc, char **argv)
{
	static struct probe p = { .conn.fd = -1, .timeout_ms = 10000 };
	bool help = false;
	enum probe_exit result;

	if (!read_arguments(&p, argc, argv, &help))
		return EXIT_USAGE;
	if (help) {
		fputs(usage, stdout);
		return EXIT_AS_ASKED;
	}
	probe_show_init(&p.show);
	if (!connect_anew(&p))
		return EXIT_NO_CONN;
	result = p.scripted ? run_script(&p) : run_menu(&p);
	probe_conn_close(&p.conn);
	return (int)result;
}
