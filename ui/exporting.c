#include "ui/exporting.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define STRETCH (20 * NS_PER_MS)
#define LOOK	32 /* exchanges between two looks at the clock */

struct exporting {
	struct export *to;
	uint64_t *seq;
	size_t n;
	size_t at;
	char server[128];
	char what[64];
};

struct exporting *
exporting_begin(const char *path, const struct export_options *options,
    uint64_t *seq, size_t n, char text[EXPORT_TEXT])
{
	struct exporting *e = calloc(1, sizeof *e);
	struct export_options o = *options;

	(void)snprintf(text, EXPORT_TEXT, "out of memory");
	if (e != NULL) {
		(void)snprintf(e->server, sizeof e->server, "%s", o.server);
		(void)snprintf(
		    e->what, sizeof e->what, "%s", o.what ? o.what : "");
		o.server = e->server;
		o.what = e->what;
		e->to = export_open(path, &o, text);
	}
	if (e == NULL || e->to == NULL) {
		free(e);
		free(seq);
		return NULL;
	}
	e->seq = seq;
	e->n = n;
	return e;
}

bool
exporting_step(struct exporting *e, struct journal *j)
{
	int64_t until = clock_mono() + STRETCH;

	while (e->at < e->n) {
		uint64_t seq = e->seq[e->at++];

		(void)export_add_journal(e->to, j, seq, seq, NULL, NULL);
		if (e->at % LOOK == 0 && clock_mono() > until)
			break;
	}
	return e->at == e->n;
}

unsigned
exporting_done(const struct exporting *e)
{
	return e->n ? (unsigned)(e->at * 1000 / e->n) : 1000;
}

bool
exporting_end(struct exporting *e, char text[EXPORT_TEXT])
{
	bool ok = export_finish(e->to, text);

	free(e->seq);
	free(e);
	return ok;
}

void
exporting_cancel(struct exporting *e)
{
	if (e == NULL)
		return;
	export_cancel(e->to);
	free(e->seq);
	free(e);
}
