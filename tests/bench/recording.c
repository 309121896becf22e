/* How long writing and reading of recordings takes: 200,000 exchanges through
 * each form, in the folder given. */
#include "watch/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/exchange_example.h"
#include "watch/export.h"

#ifndef EXCHANGES
#define EXCHANGES 200000u
#endif

static const char request[] =
    "GET /docs/section-17/page-1009/style.css?v=3 HTTP/1.1\r\n"
    "Host: 127.0.0.1:8000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; "
    "rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: text/css,*/*;q=0.1\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Referer: http://127.0.0.1:8000/docs/\r\nConnection: keep-alive\r\n\r\n";
static const char response[] =
    "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 14:02:11 GMT\r\n"
    "Content-Type: text/css\r\nContent-Length: 1234\r\n"
    "Last-Modified: Mon, 23 Nov 2026 14:02:11 GMT\r\nETag: \"4d2-1\"\r\n\r\n";

static void
measure(const char *path, enum export_format format)
{
	const struct export_options o = {
		.format = format, .server = "127.0.0.1:8000", .replace = true
	};
	struct exchange_copy e =
	    example_exchange(span_str(request), span_str(response), 200);
	char text[EXPORT_TEXT];
	int64_t from = clock_mono();
	struct export *x = export_open(path, &o, text);
	struct recording *r;
	static struct recorded got;
	struct rusage use;
	unsigned n = 0;
	int64_t wrote;
	int64_t read_ns;

	if (x == NULL) {
		fprintf(stderr, "%s\n", text);
		exit(1);
	}
	for (unsigned i = 0; i < EXCHANGES; i++)
		export_add(x, &e);
	export_finish(x, text);
	wrote = clock_mono() - from;
	from = clock_mono();
	r = recording_open(path, text);
	while (r && recording_next(r, &got) == RECORDING_GOT)
		n++;
	read_ns = clock_mono() - from;
	recording_close(r);
	getrusage(RUSAGE_SELF, &use);
	printf("%-14s written %6.2f us each, read %6.2f us each, %u of %u; at "
	       "most %ld MiB resident\n",
	    export_rows[format].label, (double)wrote / 1e3 / EXCHANGES,
	    (double)read_ns / 1e3 / EXCHANGES, n, EXCHANGES,
	    use.ru_maxrss / 1024);
}

int
main(int argc, char **argv)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/recording.bench",
	    argc > 1 ? argv[1] : "/tmp");
	measure(path, EXPORT_COMBINED);
	measure(path, EXPORT_JSON);
	measure(path, EXPORT_HAR);
	unlink(path);
	return 0;
}
