/* The keys of a filter, and what their values mean. */
#include "base/near.h"
#include "http/token.h"
#include "ui/filter_parts.h"

#define SIZE_HELP  "size needs a number like 10, 4K, 1M"
#define COUNT_HELP "needs a number like 41"

static const struct filter_key keys[] = {
	{ "status", "status needs a number like 404, a class like 4xx, or none",
	    OF_STATUS, FORM_STATUS, FILTER_STATUS },
	{ "method", "method needs a name like GET", OF_METHOD, FORM_METHOD,
	    FILTER_METHOD },
	{ "path", "path needs a text like /docs/, or path~^/docs/", OF_PATH,
	    FORM_TEXT, FILTER_TARGET },
	{ "query", "query needs a text that comes behind '?'", OF_QUERY,
	    FORM_TEXT, FILTER_TARGET },
	{ "url", "url needs a text of path and query", OF_TARGET, FORM_TEXT,
	    FILTER_TARGET },
	{ "ext", "ext needs the end of a name like css", OF_EXT, FORM_EXT,
	    FILTER_TARGET },
	{ "client", "client needs an address like 10.0.0.7, 10.0.0. or ::1/64",
	    OF_CLIENT, FORM_CLIENT, FILTER_CLIENT_TEXT },
	{ "ua", "ua needs a part of the User-Agent field like Firefox",
	    OF_AGENT, FORM_TEXT, FILTER_AGENT },
	{ "host", "host needs a part of the Host field", OF_HOST, FORM_TEXT,
	    FILTER_HOST },
	{ "referer", "referer needs a part of the Referer field", OF_REFERER,
	    FORM_TEXT, FILTER_REFERER },
	{ "size", SIZE_HELP, OF_SIZE, FORM_SIZE, FILTER_SIZE },
	{ "time", "time needs a comparison like time>100ms or time<=1.5s",
	    OF_TIME, FORM_TIME, FILTER_TIME },
	{ "first", "first needs a comparison like first>100ms (first byte)",
	    OF_FIRST, FORM_TIME, FILTER_FIRST },
	{ "conn", "conn " COUNT_HELP, OF_CONN, FORM_COUNT, FILTER_CONN },
	{ "number", "number " COUNT_HELP " (of the request on its connection)",
	    OF_NUMBER, FORM_COUNT, FILTER_NUMBER },
	{ "version", "version needs 1.0 or 1.1", OF_VERSION, FORM_VERSION,
	    FILTER_VERSION },
	{ "header",
	    "header needs a field's name, like header:Range, "
	    "header:Range:bytes or header:User-Agent~^curl",
	    OF_REQUEST, FORM_FIELD, FILTER_REQUEST },
	{ "answer",
	    "answer needs a field's name, like answer:ETag, "
	    "answer:Content-Type:html or answer:Vary~^accept",
	    OF_RESPONSE, FORM_FIELD, FILTER_RESPONSE },
	{ "type", "type needs a part of the answer's Content-Type like html",
	    OF_TYPE, FORM_TEXT, FILTER_RESPONSE },
	{ "why", "why needs a part of the reason like etag", OF_WHY,
	    FORM_REASON, FILTER_WHY_TEXT },
	{ "trail", "trail needs a part of any of the reasons like etag",
	    OF_TRAIL, FORM_REASON, FILTER_WHY_TEXT },
	{ "close",
	    "close needs a part of why the connection ended like "
	    "timeout",
	    OF_CLOSED, FORM_REASON, FILTER_CLOSE_TEXT },
	{ "mark", "mark stands alone: marked exchanges", OF_MARK, FORM_MARK,
	    FILTER_MARK },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

const char *
filter_key(unsigned i, const char **help)
{
	if (i >= KEYS)
		return NULL;
	if (help)
		*help = keys[i].help;
	return keys[i].name;
}

struct synonym {
	const char *word;
	const char *key;
};

/* The key that is meant by a word, an empty span for none. */
static struct span
synonym_of(const struct synonym *s, struct span word)
{
	for (; s->word; s++)
		if (span_eq_nocase(word, span_str(s->word)))
			return span_str(s->key);
	return span_of(NULL, 0);
}

/* What the list calls them. */
static const struct synonym columns[] = {
	{ "agent", "ua" },
	{ "code", "status" },
	{ "meth", "method" },
	{ "target", "url" },
	{ "took", "time" },
	{ NULL, NULL },
};

/* What others call them: not taken, but understood. */
static const struct synonym meant[] = {
	{ "addr", "client" },
	{ "address", "client" },
	{ "bytes", "size" },
	{ "connection", "conn" },
	{ "duration", "time" },
	{ "elapsed", "time" },
	{ "field", "header" },
	{ "ip", "client" },
	{ "latency", "time" },
	{ "length", "size" },
	{ "mime", "type" },
	{ "reason", "why" },
	{ "response", "answer" },
	{ "ttfb", "first" },
	{ "uri", "url" },
	{ "user", "ua" },
	{ "verb", "method" },
	{ NULL, NULL },
};

const struct filter_key *
filter_key_find(struct span name)
{
	struct span key = synonym_of(columns, name);

	if (key.n)
		name = key;
	for (size_t i = 0; i < KEYS; i++)
		if (span_eq_nocase(name, span_str(keys[i].name)))
			return &keys[i];
	return NULL;
}

const char *
filter_key_near(struct span name)
{
	const char *near = synonym_of(meant, name).p;
	unsigned best = NEAR_MAX;

	if (near)
		return near;

	for (size_t i = 0; i < KEYS; i++) {
		unsigned d = near_distance(name, span_str(keys[i].name));

		if (d < best)
			best = d, near = keys[i].name;
	}
	return near_enough(best, name.n) ? near : NULL;
}

static struct span
store(struct filter *f, struct span s)
{
	size_t at = f->store.n;

	buf_put(&f->store, s);
	return span_of(f->store.p + at, f->store.full ? 0 : s.n);
}

static bool
has_upper(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

/* Keep the text that is looked for; case counts when it has upper case. */
static void
set_text(struct filter *f, struct filter_term *t, struct span text)
{
	t->nocase = !has_upper(text);
	t->text = store(f, text);
}

/* The numbers for which the comparison is true, as one range; of a class, its
 * nearer end is compared with. */
static bool
make_range(struct filter_term *t, const struct filter_key *key,
    enum filter_op op, struct span value)
{
	uint64_t low = 0;
	uint64_t high = 0;
	bool never;

	t->kind = TERM_RANGE;
	if (op == OP_LIKE || !filter_take_value(key, value, &low, &high))
		return false;
	if (key->form == FORM_TIME && (op == OP_IS || op == OP_EQUAL))
		return false;
	never = (op == OP_LESS && low == 0) ||
	    (op == OP_MORE && high == UINT64_MAX);
	t->low = op == OP_LESS || op == OP_MOST ? 0 : low;
	t->high = op == OP_MORE || op == OP_LEAST ? UINT64_MAX : high;
	if (op == OP_LESS)
		t->high = low - 1;
	if (op == OP_MORE)
		t->low = high + 1;
	if (never)
		t->low = 1, t->high = 0;
	return true;
}

static bool
make_text(struct filter *f, struct filter_term *t, enum filter_op op,
    struct span value, struct buf *why)
{
	if (op == OP_LIKE) {
		t->kind = TERM_REGEX;
		t->nocase = !has_upper(value);
		return filter_regex_make(f, t, value, why);
	}
	t->kind = op == OP_EQUAL ? TERM_EQUALS : TERM_TEXT;
	set_text(f, t, value);
	return op == OP_IS || op == OP_EQUAL;
}

static bool
make_client(struct filter *f, struct filter_term *t, enum filter_op op,
    struct span value, struct buf *why)
{
	bool text = op == OP_LIKE;

	if (!text && filter_take_address(t, value)) {
		t->kind = TERM_ADDRESS;
		t->needs = FILTER_PEER;
		return true;
	}
	if (!text && memchr(value.p, '/', value.n))
		return false;
	if (!make_text(f, t, op, value, why))
		return false;
	if (op == OP_IS)
		t->kind = TERM_BEGINS;
	return true;
}

static bool
has_nocase(const char *text, struct span part)
{
	struct span s = span_str(text);

	for (size_t i = 0; i + part.n <= s.n; i++)
		if (span_eq_nocase(span_of(s.p + i, part.n), part))
			return true;
	return false;
}

/* A text with its numbers is made for each exchange; which reasons have the
 * text that is looked for can be said once. */
static void
make_set(struct filter_term *t, struct span part)
{
	static const char *const said[][2] = {
#define X(id, why, text) { why, text },
		REASON_TABLE(X)
#undef X
	};
	bool closed = t->of == OF_CLOSED;

	for (unsigned i = 1; i < (closed ? CLOSE_N : REASON_N); i++) {
		const char *label =
		    closed ? close_reason_rows[i].label : said[i][0];
		const char *text =
		    closed ? close_reason_rows[i].text : said[i][1];

		if (has_nocase(label, part) || has_nocase(text, part))
			t->set[i / 64] |= (uint64_t)1 << (i % 64);
	}
}

static bool
make_reason(struct filter *f, struct filter_term *t, enum filter_op op,
    struct span value, struct buf *why)
{
	t->instead = t->needs;
	if (op != OP_IS) {
		if (t->of == OF_TRAIL)
			return false;
		t->instead = 0;
		return make_text(f, t, op, value, why);
	}
	switch (t->of) {
	case OF_CLOSED:
		t->kind = TERM_CLOSED;
		t->needs = FILTER_CLOSE;
		break;
	case OF_TRAIL:
		t->kind = TERM_TRAIL;
		t->of = OF_WHY;
		t->needs = FILTER_TRAIL;
		break;
	default:
		t->kind = TERM_WHY;
		t->needs = FILTER_TRAIL;
	}
	make_set(t, value);
	t->text = store(f, value);
	for (size_t i = 0; i < t->text.n; i++)
		f->store.p[f->store.n - t->text.n + i] =
		    ascii_lower(t->text.p[i]);
	t->nocase = true;
	return true;
}

/* "Name", "Name:text" or "Name~expression": by its grammar a name may have '~'
 * in it, but none has. */
static bool
make_field(struct filter *f, struct filter_term *t, enum filter_op op,
    struct span s, struct buf *why)
{
	size_t n = token_length(s);
	const char *like = memchr(s.p, '~', n);
	struct span value;

	t->kind = TERM_FIELD;
	if (like)
		n = (size_t)(like - s.p);
	if (op != OP_IS || n == 0 || (n < s.n && s.p[n] != ':' && !like))
		return false;
	t->name = store(f, span_of(s.p, n));
	if (n == s.n)
		return true;
	value = span_trim(span_skip(s, n + 1));
	if (!like) {
		set_text(f, t, value);
		return true;
	}
	t->kind = TERM_FIELD_REGEX;
	t->nocase = !has_upper(value);
	return value.n && filter_regex_make(f, t, value, why);
}

static bool
make_ext(
    struct filter *f, struct filter_term *t, enum filter_op op, struct span s)
{
	t->kind = TERM_EXT;
	if (s.n > 1 && s.p[0] == '.')
		s = span_skip(s, 1);
	t->text = store(f, s);
	return op == OP_IS || op == OP_EQUAL;
}

static bool
make_method(struct filter *f, struct filter_term *t, enum filter_op op,
    struct span value, struct buf *why)
{
	if (op == OP_LIKE)
		return make_text(f, t, op, value, why);
	t->kind = TERM_EQUALS;
	t->nocase = true;
	t->text = store(f, value);
	return token_length(value) == value.n &&
	    (op == OP_IS || op == OP_EQUAL);
}

static bool
make_form(struct filter *f, struct filter_term *t, const struct filter_key *key,
    enum filter_op op, struct span value, struct buf *why)
{
	switch ((enum key_form)key->form) {
	case FORM_TEXT:
		return make_text(f, t, op, value, why);
	case FORM_METHOD:
		return make_method(f, t, op, value, why);
	case FORM_EXT:
		return make_ext(f, t, op, value);
	case FORM_CLIENT:
		return make_client(f, t, op, value, why);
	case FORM_REASON:
		return make_reason(f, t, op, value, why);
	case FORM_FIELD:
		return make_field(f, t, op, value, why);
	case FORM_MARK:
		return false;
	default:
		return make_range(t, key, op, value);
	}
}

bool
filter_term_make(struct filter *f, struct filter_term *t,
    const struct filter_key *key, enum filter_op op, struct span value,
    struct buf *why)
{
	*t = (struct filter_term){ .of = key->of, .needs = key->needs };
	if (value.n && make_form(f, t, key, op, value, why) && !f->store.full)
		return true;
	if (why->n == 0)
		buf_puts(why, key->help);
	return false;
}

bool
filter_term_word(
    struct filter *f, struct filter_term *t, struct span word, struct buf *why)
{
	*t = (struct filter_term){
		.kind = TERM_TEXT,
		.of = OF_TARGET,
		.needs = FILTER_TARGET,
	};
	set_text(f, t, word);
	if (!f->store.full)
		return true;
	buf_puts(why, "a shorter filter");
	return false;
}
