#include "site/rules.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/strings.h"
#include "site/glob.h"

#define RULES_MAGIC 0x52754c73u

enum { PAGE_LOW = 400, PAGE_HIGH = 599 };

struct cache_rule {
	struct glob match;
	char *value; /* NULL: no field */
};

struct field_rule {
	struct glob match;
	struct field_edits edits;
};

struct redirect_rule {
	struct glob from;
	char *to;
	uint16_t status;
};

/* Everything in it is owned.  The lists grow by one: only while the
 * configuration is read. */
struct rules {
	unsigned magic;
	atomic_uint refs;
	struct cache_rule *cache;
	struct field_rule *fields;
	struct redirect_rule *redirects;
	struct media_type *types;
	unsigned cache_n;
	unsigned fields_n;
	unsigned redirects_n;
	unsigned types_n;
	char *page[PAGE_HIGH - PAGE_LOW + 1];
};

/* --- life --- */

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r != NULL) {
		r->magic = RULES_MAGIC;
		atomic_init(&r->refs, 1);
	}
	return r;
}

struct rules *
rules_ref(struct rules *r)
{
	CHECK(r->magic == RULES_MAGIC);
	atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

static void
type_free(struct media_type *t)
{
	free((void *)t->ext);
	free((void *)t->type);
}

static void
rules_free(struct rules *r)
{
	for (unsigned i = 0; i < r->cache_n; i++)
		free(r->cache[i].value);
	for (unsigned i = 0; i < r->fields_n; i++) {
		strings_free(r->fields[i].edits.set);
		strings_free(r->fields[i].edits.unset);
	}
	for (unsigned i = 0; i < r->redirects_n; i++)
		free(r->redirects[i].to);
	for (unsigned i = 0; i < r->types_n; i++)
		type_free(&r->types[i]);
	for (size_t i = 0; i < sizeof(r->page) / sizeof(r->page[0]); i++)
		free(r->page[i]);
	free(r->cache);
	free(r->fields);
	free(r->redirects);
	free(r->types);
	r->magic = 0;
	free(r);
}

void
rules_unref(struct rules *r)
{
	if (r == NULL)
		return;
	CHECK(r->magic == RULES_MAGIC);
	if (atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
		rules_free(r);
}

/* --- building --- */

/* The list with room for one entry more; NULL, and the list stands, when
 * memory is short. */
static void *
rules_grow(void *list, unsigned n, size_t size)
{
	return realloc(list, (n + 1) * size);
}

bool
rules_add_cache(struct rules *r, const char *match, const char *value)
{
	struct cache_rule *list =
	    rules_grow(r->cache, r->cache_n, sizeof(*list));
	struct cache_rule *at;

	if (list == NULL)
		return false;
	r->cache = list;
	at = &list[r->cache_n];
	if (!glob_compile(&at->match, span_str(match), false))
		return false;
	at->value = value ? strdup(value) : NULL;
	if (value && at->value == NULL)
		return false;
	r->cache_n++;
	return true;
}

bool
rules_add_fields(struct rules *r, const char *match, const char *const *set,
    const char *const *unset)
{
	struct field_rule *list =
	    rules_grow(r->fields, r->fields_n, sizeof(*list));
	struct field_rule *at;

	if (list == NULL)
		return false;
	r->fields = list;
	at = &list[r->fields_n];
	if (!glob_compile(&at->match, span_str(match), false))
		return false;
	at->edits.set = strings_copy(set);
	at->edits.unset = strings_copy(unset);
	r->fields_n++;
	return at->edits.set != NULL && at->edits.unset != NULL;
}

/* What of an address no capture may be in: scheme and authority; nothing of a
 * path.  0 as well for what is neither, which has no place in a rule. */
static size_t
fixed_length(const char *to)
{
	size_t scheme = span_starts(span_str(to), SPAN("http://")) ? 7
	    : span_starts(span_str(to), SPAN("https://"))	   ? 8
								   : 0;

	return scheme ? scheme + strcspn(to + scheme, "/?#") : 0;
}

bool
rules_add_redirect(
    struct rules *r, const char *from, const char *to, uint16_t status)
{
	struct redirect_rule *list =
	    rules_grow(r->redirects, r->redirects_n, sizeof(*list));
	struct redirect_rule *at;

	if (list == NULL)
		return false;
	r->redirects = list;
	at = &list[r->redirects_n];
	/* Anything else could become an address of another host. */
	if ((to[0] != '/' && fixed_length(to) == 0) ||
	    !glob_compile(&at->from, span_str(from), true))
		return false;
	at->to = strdup(to);
	at->status = status;
	if (at->to == NULL)
		return false;
	r->redirects_n++;
	return true;
}

static bool
is_text(struct span type)
{
	return type.n > 5 && span_eq_nocase(span_of(type.p, 5), SPAN("text/"));
}

/* What is known of the type, whatever its extension; of one that is not known,
 * what its name tells (RFC 6838 4.2.8). */
static void
describe_type(struct media_type *t)
{
	struct span all = span_str(t->type);
	struct span type = span_trim(span_of(all.p, strcspn(all.p, ";")));
	const struct media_type *known = media_find_type(type);
	const struct media_type *usual;
	char name[64];
	struct buf b = buf_over(name, sizeof(name));

	t->charset = (known ? known->charset : is_text(type)) &&
	    strcasestr(t->type, "charset=") == NULL;
	t->compressible = known ? known->compressible
				: is_text(type) ||
		span_ends(type, SPAN("+json")) || span_ends(type, SPAN("+xml"));
	/* An SVG that is compressed stays one under the same type. */
	buf_puts(&b, "x.");
	buf_puts(&b, t->ext);
	usual = media_find(buf_span(&b));
	if (usual != NULL && span_eq_nocase(type, span_str(usual->type)) &&
	    usual->coding != NULL) {
		t->coding = usual->coding;
		t->compressible = false;
	}
}

bool
rules_add_type(struct rules *r, const char *ext, const char *type)
{
	struct media_type *list =
	    rules_grow(r->types, r->types_n, sizeof(*list));
	struct media_type t = { .ext = strdup(ext), .type = strdup(type) };

	if (list != NULL)
		r->types = list;
	if (list == NULL || t.ext == NULL || t.type == NULL) {
		type_free(&t);
		return false;
	}
	describe_type(&t);
	list[r->types_n++] = t;
	return true;
	/* -Wanalyzer-malloc-leak: the list owns what is in it */
}

bool
rules_add_error_page(struct rules *r, uint16_t status, const char *path)
{
	char *copy = strdup(path);

	CHECK(status >= PAGE_LOW && status <= PAGE_HIGH);
	if (copy == NULL)
		return false;
	free(r->page[status - PAGE_LOW]);
	r->page[status - PAGE_LOW] = copy;
	return true;
}

/* --- asking --- */

unsigned
rules_cache(const struct rules *r, struct span path, const char **value)
{
	for (unsigned i = 0; i < r->cache_n; i++) {
		if (glob_match(&r->cache[i].match, path, NULL)) {
			*value = r->cache[i].value;
			return i + 1;
		}
	}
	return 0;
}

unsigned
rules_fields(const struct rules *r, struct span path,
    const struct field_edits *out[], unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->fields_n && n < max; i++)
		if (glob_match(&r->fields[i].match, path, NULL))
			out[n++] = &r->fields[i].edits;
	return n;
}

/* "//host" and "/\host" lead to another host (WHATWG URL, relative slash
 * state); the backslash never stands here unencoded. */
static void
collapse_slashes(struct buf *b, size_t start)
{
	size_t n = 0;

	while (start + n < b->n && b->p[start + n] == '/')
		n++;
	if (n < 2)
		return;
	memmove(b->p + start + 1, b->p + start + n, b->n - start - n);
	b->n -= n - 1;
}

static void
put_target(struct buf *b, const char *to, const struct glob_captures *c)
{
	size_t start = b->n, n = fixed_length(to);

	buf_put_uri(b, span_of(to, n));
	for (const char *p = to + n; *p != '\0'; p += n) {
		bool is_star = p[0] == ':' && p[1] >= '1' && p[1] <= '9';
		unsigned star = is_star ? (unsigned)(p[1] - '1') : 0;

		n = is_star ? 2 : 1;
		if (!is_star)
			buf_put_uri(b, span_of(p, 1));
		else if (star < c->n)
			buf_put_pct(b, c->star[star]);
	}
	if (to[0] == '/')
		collapse_slashes(b, start);
}

unsigned
rules_redirect(
    const struct rules *r, struct span path, struct buf *to, uint16_t *status)
{
	struct glob_captures c;

	for (unsigned i = 0; i < r->redirects_n; i++) {
		const struct redirect_rule *rule = &r->redirects[i];

		if (!glob_match(&rule->from, path, &c))
			continue;
		put_target(to, rule->to, &c);
		*status = rule->status;
		return i + 1;
	}
	return 0;
}

const struct media_type *
rules_type(const struct rules *r, struct span name)
{
	struct span ext = media_extension(name);

	for (unsigned i = 0; i < r->types_n && ext.n > 0; i++)
		if (span_eq_nocase(ext, span_str(r->types[i].ext)))
			return &r->types[i];
	return NULL;
}

const char *
rules_error_page(const struct rules *r, uint16_t status)
{
	return status >= PAGE_LOW && status <= PAGE_HIGH
	    ? r->page[status - PAGE_LOW]
	    : NULL;
}
