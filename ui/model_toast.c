/* What the program has to say, for a few seconds or until it is dismissed. */
#include <stdio.h>
#include <string.h>

#include "ui/model.h"

static void
take_toast(struct model *m, unsigned i)
{
	m->toasts--;
	memmove(
	    &m->toast[i], &m->toast[i + 1], (m->toasts - i) * sizeof *m->toast);
}

static bool
is_error(const struct toast *t)
{
	return t->level == NOTICE_ERROR;
}

static unsigned
count_errors(const struct model *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->toasts; i++)
		n += is_error(&m->toast[i]);
	return n;
}

/* Room for an error: those that come together (a refused configuration has
 * many) stay together, the first ones count most; those of an earlier time
 * have been read or are out of date.  False when there is no place. */
static bool
make_room_for_error(struct model *m)
{
	if (m->clock.mono - m->error_at > NS_PER_S)
		(void)model_dismiss(m);
	m->error_at = m->clock.mono;
	if (count_errors(m) < MODEL_ERRORS)
		return true;
	m->errors_more++;
	return false;
}

/* Room for anything else: the oldest of its kind goes. */
static void
make_room_for_news(struct model *m)
{
	unsigned i = 0;

	if (m->toasts - count_errors(m) < MODEL_NEWS)
		return;
	while (is_error(&m->toast[i]))
		i++;
	take_toast(m, i);
}

void
model_say(struct model *m, enum notice_level level, const char *text)
{
	bool error = level == NOTICE_ERROR;
	int64_t until =
	    error ? INT64_MAX : m->clock.mono + MODEL_TOAST_S * NS_PER_S;
	struct toast *t;

	/* the errors of a reload before it are mended */
	if (strncmp(text, CONTROL_RELOADED, strlen(CONTROL_RELOADED)) == 0)
		(void)model_dismiss(m);
	/* said again it is the newest */
	for (unsigned i = 0; !error && i < m->toasts; i++)
		if (!is_error(&m->toast[i]) &&
		    strcmp(m->toast[i].text, text) == 0)
			take_toast(m, i);
	if (error && !make_room_for_error(m))
		return;
	if (!error)
		make_room_for_news(m);
	t = &m->toast[m->toasts++];
	t->level = level;
	t->until = until;
	(void)snprintf(t->text, sizeof t->text, "%s", text);
}

bool
model_dismiss(struct model *m)
{
	unsigned n = 0;
	bool any;

	for (unsigned i = 0; i < m->toasts; i++)
		if (m->toast[i].level != NOTICE_ERROR)
			m->toast[n++] = m->toast[i];
	any = n != m->toasts;
	m->toasts = n;
	m->errors_more = 0;
	return any;
}

void
model_sample_notices(struct model *m)
{
	struct notice n[NOTICE_KEPT];
	unsigned got = notice_read(m->notice_seen, n, NOTICE_KEPT);

	for (unsigned i = 0; i < got; i++) {
		m->notice_seen = n[i].seq;
		if (n[i].level != NOTICE_DEBUG)
			model_say(m, n[i].level, n[i].text);
	}
	for (unsigned i = m->toasts; i-- > 0;)
		if (m->toast[i].until <= m->clock.mono)
			take_toast(m, i);
}
