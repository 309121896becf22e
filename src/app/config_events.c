/* The YAML of a configuration as events, with bounds and places. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/config_events.h"
#include "base/error.h"
#include "base/printable.h"

struct place
events_place(yaml_mark_t mark)
{
	return (struct place){ mark.line + 1, mark.column + 1 };
}

const char *
events_place_text(
    const struct events *in, struct place at, char out[CONFIG_PLACE_MAX])
{
	snprintf(
	    out, CONFIG_PLACE_MAX, "%s:%zu:%zu", in->shown, at.line, at.column);
	return out;
}

void
events_fail(
    struct events *in, struct place at, const char *key, const char *fmt, ...)
{
	char where[CONFIG_PLACE_MAX], what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	config_error(
	    in->errors, events_place_text(in, at, where), key, "%s", what);
}

/* Of a character of UTF-8, all bytes but the first. */
static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* The place of a byte; columns count characters, as libyaml's do. */
static struct place
place_of_byte(struct span bytes, size_t offset)
{
	struct place at = { 1, 1 };

	for (size_t i = 0; i < offset && i < bytes.n; i++) {
		if (bytes.p[i] == '\n')
			at = (struct place){ at.line + 1, 1 };
		else
			at.column += !is_continuation(bytes.p[i]);
	}
	return at;
}

/* Whether a tab stands there, which YAML does not take for an indent. */
static bool
is_tab(struct span bytes, struct place at)
{
	struct place here = { 1, 1 };

	for (size_t i = 0; i < bytes.n && here.line <= at.line; i++) {
		bool more = is_continuation(bytes.p[i]);

		if (!more && here.line == at.line && here.column == at.column)
			return bytes.p[i] == '\t';
		if (bytes.p[i] == '\n')
			here = (struct place){ here.line + 1, 1 };
		else
			here.column += !more;
	}
	return false;
}

static void
syntax_error(struct events *in)
{
	const yaml_parser_t *p = &in->parser;
	struct place at = events_place(p->problem_mark);
	const char *problem = p->problem ? p->problem : "not YAML";

	if (p->error == YAML_MEMORY_ERROR)
		config_error(in->errors, in->shown, NULL, "out of memory");
	else if (p->error == YAML_READER_ERROR)
		events_fail(in, place_of_byte(in->bytes, p->problem_offset),
		    NULL, "%s (byte %zu; the file must be UTF-8 text)", problem,
		    p->problem_offset);
	else if (is_tab(in->bytes, at))
		events_fail(
		    in, at, NULL, "a tab: YAML is indented with blanks");
	else if (p->context && p->context_mark.line != p->problem_mark.line)
		events_fail(in, at, NULL, "%s (%s that begins at %zu:%zu)",
		    problem, p->context, p->context_mark.line + 1,
		    p->context_mark.column + 1);
	else
		events_fail(in, at, NULL, "%s%s%s", problem,
		    p->context ? " " : "", p->context ? p->context : "");
}

/* As it was written: libyaml gives the long form of "!!int". */
static const char *
tag_shown(const char *tag, char shown[CONFIG_SHOWN_MAX])
{
	static const char common[] = "tag:yaml.org,2002:";
	struct span s = span_str(tag);

	if (!span_starts(s, SPAN(common)))
		return config_shown(s, shown);
	shown[0] = shown[1] = '!';
	printable_str(shown + 2, CONFIG_SHOWN_MAX - 2,
	    span_skip(s, sizeof(common) - 1), PRINTABLE_UTF8);
	return shown;
}

/* What YAML can do and a configuration does not need. */
static void
refuse_extras(struct events *in, const yaml_event_t *ev)
{
	struct place at = events_place(ev->start_mark);
	const yaml_char_t *anchor = NULL, *tag = NULL;
	char shown[CONFIG_SHOWN_MAX];

	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
		break;
	case YAML_ALIAS_EVENT:
		config_shown(
		    span_str((const char *)ev->data.alias.anchor), shown);
		events_fail(in, at, NULL,
		    "'*%s' is an alias: write the value out (or quote it)",
		    shown);
		break;
	default:
		break;
	}
	if (anchor)
		events_fail(in, at, NULL, "'&%s' is an anchor: leave it out",
		    config_shown(span_str((const char *)anchor), shown));
	if (tag)
		events_fail(in, at, NULL, "'%s' is a tag: leave it out",
		    tag_shown((const char *)tag, shown));
}

bool
events_is_start(const yaml_event_t *ev)
{
	return ev->type == YAML_MAPPING_START_EVENT ||
	    ev->type == YAML_SEQUENCE_START_EVENT;
}

static bool
is_end(const yaml_event_t *ev)
{
	return ev->type == YAML_MAPPING_END_EVENT ||
	    ev->type == YAML_SEQUENCE_END_EVENT;
}

/* The next event, to be deleted by the caller; false at an error that ends
 * reading, which is then said and *ev empty. */
bool
events_next(struct events *in, yaml_event_t *ev)
{
	memset(ev, 0, sizeof(*ev));
	if (in->stopped)
		return false;
	if (!yaml_parser_parse(&in->parser, ev)) {
		syntax_error(in);
		in->stopped = true;
		memset(ev, 0, sizeof(*ev));
		return false;
	}
	refuse_extras(in, ev);
	if (is_end(ev))
		in->depth--;
	if (events_is_start(ev) && ++in->depth > CONFIG_DEPTH_MAX) {
		events_fail(in, events_place(ev->start_mark), NULL,
		    "more than %d lists and groups inside each other",
		    CONFIG_DEPTH_MAX);
		in->stopped = true;
		yaml_event_delete(ev);
		memset(ev, 0, sizeof(*ev));
		return false;
	}
	return true;
}

/* Read past the rest of the value that *ev begins. */
void
events_skip(struct events *in, const yaml_event_t *ev)
{
	unsigned depth = in->depth;
	yaml_event_t inner;

	if (!events_is_start(ev))
		return;
	while (events_next(in, &inner)) {
		bool ended = is_end(&inner) && in->depth < depth;

		yaml_event_delete(&inner);
		if (ended)
			return;
	}
}

void
events_skip_next(struct events *in)
{
	yaml_event_t ev;

	if (events_next(in, &ev))
		events_skip(in, &ev);
	yaml_event_delete(&ev);
}

bool
events_is_null(const yaml_event_t *ev)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };

	if (ev->type != YAML_SCALAR_EVENT ||
	    ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp((const char *)ev->data.scalar.value, names[i]) == 0)
			return true;
	return false;
}

struct span
events_text(const yaml_event_t *ev)
{
	return span_of(
	    (const char *)ev->data.scalar.value, ev->data.scalar.length);
}

bool
events_has_nul(struct events *in, const yaml_event_t *ev, const char *key)
{
	struct span s = events_text(ev);

	if (memchr(s.p, '\0', s.n) == NULL)
		return false;
	events_fail(
	    in, events_place(ev->start_mark), key, "a NUL byte in the text");
	return true;
}

bool
events_is_first(
    struct events *in, struct place *seen, struct place at, const char *name)
{
	char where[CONFIG_PLACE_MAX];

	if (seen->line == 0) {
		*seen = at;
		return true;
	}
	events_fail(in, at, name, "set twice (the first is at %s)",
	    events_place_text(in, *seen, where));
	return false;
}

void
events_skip_key(struct events *in, const yaml_event_t *ev)
{
	if (ev->type != YAML_ALIAS_EVENT)
		events_fail(in, events_place(ev->start_mark), NULL,
		    "a key must be a single text");
	events_skip(in, ev);
	events_skip_next(in);
}

/* A line at a time: what stands before a byte that is no text is then read
 * before libyaml comes to that byte. */
static int
feed_line(void *data, unsigned char *out, size_t size, size_t *n)
{
	struct events *in = data;
	struct span rest = span_skip(in->bytes, in->fed);
	const char *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;

	*n = end ? (size_t)(end - rest.p) + 1 : rest.n;
	if (*n > size)
		*n = size;
	if (*n)
		memcpy(out, rest.p, *n);
	in->fed += *n;
	return 1;
}

/* Read at most `cap` bytes.  -1 with errno on failure. */
static ssize_t
read_whole(const char *path, char *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t n = 0;
	ssize_t got = -1;
	int error;

	if (fd < 0)
		return -1;
	while (n < cap && (got = read(fd, out + n, cap - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
	}
	error = errno;
	close(fd);
	errno = error;
	return got < 0 ? -1 : (ssize_t)n;
}

/* Read the file into in->memory.  False when it cannot be, said. */
static bool
read_file(struct events *in, const char *path)
{
	ssize_t n = -1;

	in->memory = malloc(CONFIG_FILE_MAX + 1);
	if (in->memory)
		n = read_whole(path, in->memory, CONFIG_FILE_MAX + 1);
	if (n < 0) {
		config_error(in->errors, in->shown, NULL, "cannot be read: %s",
		    error_text(errno));
		return false;
	}
	in->bytes = span_of(in->memory, (size_t)n);
	/* Told that it is UTF-8, libyaml does not look for a byte order mark.
	 */
	if (span_starts(in->bytes, SPAN("\xEF\xBB\xBF")))
		in->bytes = span_skip(in->bytes, 3);
	if (n <= CONFIG_FILE_MAX)
		return true;
	events_fail(in, place_of_byte(in->bytes, CONFIG_FILE_MAX), NULL,
	    "the file is too large: here end %d bytes", CONFIG_FILE_MAX);
	return false;
}

bool
events_open(struct events *in, const char *path, struct config_errors *e)
{
	*in = (struct events){ .errors = e };
	printable_str(
	    in->shown, sizeof(in->shown), span_str(path), PRINTABLE_UTF8);
	if (read_file(in, path)) {
		in->open = yaml_parser_initialize(&in->parser) == 1;
		if (!in->open)
			config_error(e, in->shown, NULL, "out of memory");
	}
	if (!in->open) {
		free(in->memory);
		in->memory = NULL;
		return false;
	}
	yaml_parser_set_encoding(&in->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&in->parser, feed_line, in);
	return true;
}

void
events_close(struct events *in)
{
	if (in->open)
		yaml_parser_delete(&in->parser);
	free(in->memory);
	*in = (struct events){ .open = false };
}
