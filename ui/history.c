#include "ui/history.h"

#include <stdio.h>
#include <string.h>

#include "base/span.h"

static void
take(struct history *h, unsigned i)
{
	h->n--;
	memmove(&h->line[i], &h->line[i + 1], (h->n - i) * sizeof *h->line);
}

void
history_add(struct history *h, const struct prompt *p)
{
	if (p->n == 0 || p->n >= HISTORY_LINE)
		return;
	for (unsigned i = h->n; i-- > 0;)
		if (h->line[i].kind == p->kind &&
		    strcmp(h->line[i].text, p->text) == 0)
			take(h, i);
	if (h->n == HISTORY_LINES)
		take(h, 0);
	h->line[h->n].kind = p->kind;
	(void)snprintf(h->line[h->n].text, HISTORY_LINE, "%.255s", p->text);
	h->n++;
	h->at = h->n;
}

void
history_begin(struct history *h)
{
	h->at = h->n;
}

static void
put(struct prompt *p, const char *text)
{
	enum prompt_kind kind = p->kind;

	prompt_open(p, kind, text);
}

void
history_step(struct history *h, struct prompt *p, int by)
{
	unsigned at = h->at;

	if (at == h->n)
		(void)snprintf(h->typed, sizeof h->typed, "%.255s", p->text);
	do {
		if ((by < 0 && at == 0) || (by > 0 && at == h->n))
			return;
		at = by < 0 ? at - 1 : at + 1;
	} while (at < h->n &&
	    (h->line[at].kind != p->kind ||
		!span_starts(span_str(h->line[at].text), span_str(h->typed))));
	h->at = at;
	put(p, at == h->n ? h->typed : h->line[at].text);
}
