#include "watch/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/error.h"
#include "base/printable.h"
#include "watch/recording_parts.h"

#define RECORDING_MAGIC 0x5245434fu
#define HOPELESS	100 /* unreadable lines at the start: it is no log */

struct recording {
	uint32_t magic;
	enum recording_form form;
	bool over;
	enum recording_result how; /* END or FAILED, once it is over */
	char text[RECORDING_TEXT]; /* said with that */
	uint64_t good;
	uint64_t bad;
	bool entries; /* of a HAR: they were found */
	size_t cap;
	char *mem; /* of a line, or an entry */
	struct source source;
	struct made made;
};

static void
say(char out[RECORDING_TEXT], const char *what, const char *path, int error)
{
	char shown[120];

	printable_str(shown, sizeof(shown), span_str(path), PRINTABLE_UTF8);
	snprintf(
	    out, RECORDING_TEXT, "%s %s: %s", what, shown, error_text(error));
}

struct recording *
recording_open(const char *path, char text[RECORDING_TEXT])
{
	struct recording *r = calloc(1, sizeof(*r));
	int error = ENOMEM;

	if (r) {
		r->magic = RECORDING_MAGIC;
		r->source.fd = -1;
		r->cap = RECORDING_ENTRY;
		/* paid for as far as it is used */
		r->mem = malloc(r->cap);
		if (r->mem)
			error = source_open(&r->source, path);
	}
	if (r && error == 0)
		return r;
	say(text, "cannot read", path, error);
	recording_close(r);
	return NULL;
}

void
recording_close(struct recording *r)
{
	if (r == NULL)
		return;
	CHECK_MAGIC(r, RECORDING_MAGIC);
	source_close(&r->source);
	free(r->mem);
	r->magic = 0;
	free(r);
}

enum recording_form
recording_form(const struct recording *r)
{
	return r->form;
}

struct event
recording_event(const struct recorded *r)
{
	struct event e = r->x.e;

	e.kind = EVENT_EXCHANGE;
	e.unknown = (uint16_t)(FACTS_ALL & ~r->x.known);
	if (!(r->x.known & FACT_TIME))
		e.done_ns = -1; /* shown as not known, not as no time */
	/* a HAR may have the response's size and not the request's */
	if (!(r->x.known & FACT_BYTES) && e.bytes_out < e.body_sent)
		e.bytes_out = e.body_sent;
	return e;
}

void
recording_progress(const struct recording *r, uint64_t *read, uint64_t *size)
{
	*read = r->source.read;
	*size = r->source.size;
}

static enum recording_result
end(struct recording *r, enum recording_result how, const char *text)
{
	r->over = true;
	r->how = how;
	snprintf(r->text, sizeof(r->text), "%s", text);
	return how;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether an object begins with the member "log". */
static bool
begins_with_log(struct span s)
{
	size_t i = 1;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	return span_starts(span_skip(s, i), SPAN("\"log\""));
}

/* What kind of file it is, by how it begins. */
static void
find_form(struct recording *r)
{
	struct span s = source_ahead(&r->source);

	if (span_starts(s, SPAN("\xef\xbb\xbf")))
		for (int i = 0; i < 3; i++)
			source_take(&r->source);
	while (is_blank(source_peek(&r->source)))
		source_take(&r->source);
	s = source_ahead(&r->source);
	if (s.n == 0)
		return;
	if (span_starts(s, SPAN("\x1f\x8b")) ||
	    span_starts(s, SPAN("\x28\xb5\x2f\xfd")) ||
	    span_starts(s, SPAN("\xfd\x37zXZ")) || span_starts(s, SPAN("BZh")))
		end(r, RECORDING_FAILED,
		    "this is compressed: give it by a pipe, as in zcat FILE | "
		    "httpconsole view -");
	else if (s.p[0] != '{')
		r->form = RECORDING_COMMON;
	else
		r->form = begins_with_log(s) ? RECORDING_HAR : RECORDING_JSON;
}

static enum recording_result
at_end(struct recording *r, const char *text)
{
	if (r->source.error) {
		char why[RECORDING_TEXT];

		say(why, "cannot read", "on", r->source.error);
		return end(r, RECORDING_FAILED, why);
	}
	return end(r, RECORDING_END, text);
}

static enum recording_result
next_line(struct recording *r, struct recorded *out)
{
	struct buf b;
	uint64_t line;

	do {
		b = buf_over(r->mem, RECORDING_LINE);
		line = r->source.line;
		if (!source_line(&r->source, &b))
			return at_end(r, "");
	} while (span_trim(buf_span(&b)).n == 0 && !b.full);
	made_begin(&r->made, out, line);
	if (b.full)
		return made_fault(
		    &r->made, "longer than %d bytes", RECORDING_LINE);
	return r->form == RECORDING_JSON
	    ? recording_line_json(&r->made, buf_span(&b))
	    : recording_line_common(&r->made, buf_span(&b));
}

static enum recording_result
next_entry(struct recording *r, struct recorded *out)
{
	struct buf b = buf_over(r->mem, r->cap);
	enum recording_result got;
	enum har_value value;
	char text[RECORDING_TEXT];
	uint64_t line;
	json_t *entry;

	if (!r->entries && !recording_har_find(&r->source, text))
		return r->source.error ? at_end(r, "")
				       : end(r, RECORDING_FAILED, text);
	r->entries = true;
	value = recording_har_take(&r->source, &b, &line);
	made_begin(&r->made, out, line);
	switch (value) {
	case HAR_LAST:
		return at_end(r, "");
	case HAR_CUT:
		return at_end(r, "the file ends before its list of entries");
	case HAR_TOO_LARGE:
		return made_fault(&r->made,
		    "an entry of more than %d bytes, or nested deeper than %d",
		    RECORDING_ENTRY, RECORDING_DEPTH);
	case HAR_VALUE:
		break;
	}
	entry = recording_parse(&r->made, buf_span(&b));
	got =
	    entry ? recording_entry_har(&r->made, entry) : RECORDING_UNREADABLE;
	json_decref(entry);
	return got;
}

enum recording_result
recording_next(struct recording *r, struct recorded *out)
{
	enum recording_result got = RECORDING_END;

	CHECK_MAGIC(r, RECORDING_MAGIC);
	if (r->form == RECORDING_UNKNOWN && !r->over)
		find_form(r);
	if (r->form == RECORDING_UNKNOWN && !r->over)
		at_end(r, "");
	if (!r->over)
		got = r->form == RECORDING_HAR ? next_entry(r, out)
					       : next_line(r, out);
	r->good += got == RECORDING_GOT;
	r->bad += got == RECORDING_UNREADABLE;
	if (r->good == 0 && r->bad > HOPELESS)
		end(r, RECORDING_FAILED,
		    "neither a HAR nor an access log: of the first 100 lines "
		    "none could be read");
	if (!r->over)
		return got;
	*out = (struct recorded){ .line = r->source.line };
	memcpy(out->text, r->text, sizeof(out->text));
	return r->how;
}
