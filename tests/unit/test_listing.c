#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/printable.h"
#include "site/listing.h"
#include "site/listing_entry.h"
#include "descriptors.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define MANY 20000

/* top/root is served; top/outside.txt and top/outside/ are not. */
static char top[] = "/tmp/httpconsole-listing-XXXXXX";
static int top_fd;

static char name_255[256]; /* of 'n' */

/* What a name is in an address, on the page and in JSON. */
static const struct {
	const char *name, *href, *shown, *json;
} hostile[] = {
	{ "<script>alert(1)<", "%3Cscript%3Ealert%281%29%3C",
	    "&lt;script&gt;alert(1)&lt;", "<script>alert(1)<" },
	{ "\"onclick='x'", "%22onclick%3D%27x%27", "&quot;onclick=&#39;x&#39;",
	    "\\\"onclick='x'" },
	{ "a&lt;b", "a%26lt%3Bb", "a&amp;lt;b", "a&lt;b" },
	{ "bad\xff\xc3", "bad%FF%C3", "bad\\xff\\xc3",
	    "bad\xef\xbf\xbd\xef\xbf\xbd" },
	{ "c1\xc2\x9b", "c1%C2%9B", "c1\\xc2\\x9b", NULL },
	{ "rtl\xe2\x80\xaegpj", "rtl%E2%80%AEgpj", "rtl\\xe2\\x80\\xaegpj",
	    "rtl\xe2\x80\xaegpj" },
	{ "javascript:alert(1)", "javascript%3Aalert%281%29",
	    "javascript:alert(1)", "javascript:alert(1)" },
	{ "-rf", "-rf", "-rf", "-rf" },
	{ "what?sort=x#y%41", "what%3Fsort%3Dx%23y%2541", "what?sort=x#y%41",
	    "what?sort=x#y%41" },
	{ "back\\slash", "back%5Cslash", "back\\\\slash", "back\\\\slash" },
	{ "\xe2\x9d\xa4\xef\xb8\x8f \xe5\xb1\xb1\xe3\x80\x80\xe5\xb7\x9d",
	    "%E2%9D%A4%EF%B8%8F%20%E5%B1%B1%E3%80%80%E5%B7%9D",
	    "\xe2\x9d\xa4\xef\xb8\x8f \xe5\xb1\xb1\xe3\x80\x80\xe5\xb7\x9d",
	    "\xe2\x9d\xa4\xef\xb8\x8f \xe5\xb1\xb1\xe3\x80\x80\xe5\xb7\x9d" },
	{ "...", "...", "...", "..." },
	{ name_255, name_255, name_255, name_255 },
};

/* No request can ask for these. */
static const char *const unaskable[] = { "new\nline", "esc\x1b[31m",
	"del\x7f" };

/* ---- the tree ---- */

/* A file of n bytes, changed n minutes after the hour; the folders likewise
 * with n 0 bytes. */
static int
write_file(const char *name, size_t n, unsigned minute)
{
	struct timespec t = { 1795413600 + 60 * (time_t)minute, 0 };
	struct timespec times[2] = { t, t };
	int fd = openat(top_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	int bad =
	    fd < 0 || ftruncate(fd, (off_t)n) != 0 || futimens(fd, times) != 0;

	if (fd >= 0)
		close(fd);
	return bad;
}

static int
make_sorted(void)
{
	static const struct timespec old[2] = { { 86400, 0 }, { 86400, 0 } };
	static const struct timespec new[2] = { { 2 * 86400, 0 },
		{ 2 * 86400, 0 } };

	return mkdirat(top_fd, "root/sorted", 0755) ||
	    mkdirat(top_fd, "root/sorted/Zoo", 0755) ||
	    mkdirat(top_fd, "root/sorted/ant", 0755) ||
	    write_file("root/sorted/b", 30, 10) ||
	    write_file("root/sorted/B", 20, 40) ||
	    write_file("root/sorted/a", 20, 30) ||
	    write_file("root/sorted/C", 5000, 20) ||
	    write_file("root/sorted/\xc3\xa9", 10, 12) ||
	    utimensat(top_fd, "root/sorted/Zoo", old, 0) ||
	    utimensat(top_fd, "root/sorted/ant", new, 0);
}

static int
make_hostile(void)
{
	char name[300];

	memset(name_255, 'n', 255);
	if (mkdirat(top_fd, "root/hostile", 0755))
		return -1;
	for (size_t i = 0; i < N(hostile); i++) {
		snprintf(
		    name, sizeof(name), "root/hostile/%s", hostile[i].name);
		if (write_file(name, 1, 0))
			return -1;
	}
	for (size_t i = 0; i < N(unaskable); i++) {
		snprintf(name, sizeof(name), "root/hostile/%s", unaskable[i]);
		if (write_file(name, 1, 0))
			return -1;
	}
	return 0;
}

/* What may be listed has "yes" in its name, the rest "no". */
static int
make_mixed(void)
{
	static const char *const files[] = { "root/.no", "root/mixed/yes",
		"root/mixed/.no", "root/mixed/no~", "root/mixed/no.key",
		"root/mixed/no-log", "outside.txt" };
	static const char *const folders[] = { "root/mixed", "outside",
		"root/mixed/yes-folder", "root/mixed/.no-folder",
		"root/mixed/no-folder.key", "root/mixed/.well-known",
		"root/empty", "root/a&b", "root/a&b/c d",
		"root/a&b/c d/e\xff" };
	static const struct {
		const char *to, *name;
	} links[] = {
		{ "yes", "root/mixed/yes-link" },
		{ "../sorted", "root/mixed/yes-link-folder" },
		{ "yes", "root/mixed/.no-link" },
		{ "no-log", "root/mixed/no-link-log" },
		{ "../../outside.txt", "root/mixed/no-out" },
		{ "../../outside", "root/mixed/no-out-folder" },
		{ "/etc/passwd", "root/mixed/no-absolute" },
		{ "no-loop", "root/mixed/no-loop" },
		{ "nothing", "root/mixed/no-dangling" },
		{ "no-fifo", "root/mixed/no-link-fifo" },
		{ "../outside", "root/out" },
	};

	for (size_t i = 0; i < N(folders); i++)
		if (mkdirat(top_fd, folders[i], 0755))
			return -1;
	for (size_t i = 0; i < N(files); i++)
		if (write_file(files[i], 3, 0))
			return -1;
	for (size_t i = 0; i < N(links); i++)
		if (symlinkat(links[i].to, top_fd, links[i].name))
			return -1;
	return mkfifoat(top_fd, "root/mixed/no-fifo", 0644);
}

static int
make_many(void)
{
	char name[64];

	if (mkdirat(top_fd, "root/many", 0755))
		return -1;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "root/many/%05u", i);
		if (mknodat(top_fd, name, S_IFREG | 0644, 0))
			return -1;
	}
	return 0;
}

static int
make_tree(void **state)
{
	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return top_fd < 0 || mkdirat(top_fd, "root", 0755) || make_sorted() ||
	    make_hostile() || make_mixed() || make_many();
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static int
remove_tree(void **state)
{
	(void)state;
	close(top_fd);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- asking ---- */

static struct stat log_stat;

static bool
is_the_log(const void *arg, uint64_t device, uint64_t inode)
{
	const struct stat *st = arg;

	return st->st_dev == device && st->st_ino == inode;
}

static struct site *
open_site(bool hidden, bool symlinks)
{
	static const char *const index[] = { "index.html", NULL };
	static const char *const deny[] = { "*~", "*.key", NULL };
	char root[64], err[256] = "";
	struct site_options o = { .root = root,
		.index = index,
		.deny = deny,
		.default_type = "application/octet-stream",
		.hidden_allowed = hidden,
		.symlinks_allowed = symlinks,
		.excluded = is_the_log,
		.excluded_arg = &log_stat };
	struct site *s;

	assert_int_equal(fstatat(top_fd, "root/mixed/no-log", &log_stat, 0), 0);
	snprintf(root, sizeof(root), "%s/root", top);
	s = site_open(&o, err);
	assert_non_null(s);
	return s;
}

static struct target_path
path_of(const char *path)
{
	struct target_path p = { .n = (uint16_t)strlen(path), .folder = true };

	memcpy(p.s, path, p.n);
	return p;
}

static struct listing *
make(const struct site *s, const char *path, enum listing_format format,
    const char *query)
{
	struct target_path p = path_of(path);
	struct listing_request r = { .path = &p, .format = format };
	struct listing *out = listing_new();

	assert_non_null(out);
	listing_query(&r, span_str(query));
	assert_true(listing_make(s, &r, NULL, out));
	assert_int_equal(
	    out->state, out->fd >= 0 ? LISTING_WHOLE : LISTING_FAILED);
	assert_int_equal(out->ready, out->size);
	return out;
}

/* The content, NUL-terminated; the caller frees. */
static char *
read_all(int fd, uint64_t size)
{
	char *text = malloc(size + 2);
	ssize_t n;

	assert_non_null(text);
	n = pread(fd, text, size + 1, 0);
	assert_int_equal(n, size);
	text[size] = '\0';
	assert_int_equal(strlen(text), size);
	return text;
}

static char *
content(const struct site *s, const char *path, enum listing_format format,
    const char *query)
{
	struct listing *l = make(s, path, format, query);
	char *text;

	assert_true(l->fd >= 0);
	assert_int_equal(l->reason, REASON_FOLDER_LISTED);
	assert_int_equal(fcntl(l->fd, F_GETFD), FD_CLOEXEC);
	text = read_all(l->fd, l->size);
	assert_true(listing_unref(l));
	return text;
}

static bool
has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void
assert_has(const char *text, const char *part)
{
	if (!has(text, part))
		print_error("missing: %s\nin: %s\n", part, text);
	assert_true(has(text, part));
}

/* The names as linked, in order, each followed by a blank.  Every entry has a
 * line of its own. */
static void
linked_names(char *out, size_t cap, const char *text, const char *before)
{
	struct buf b = buf_over(out, cap);
	size_t before_n = strlen(before);

	while (*text) {
		size_t line_n = strcspn(text, "\n");
		const char *at = memmem(text, line_n, before, before_n);

		if (at != NULL) {
			at += before_n;
			buf_put(&b, span_of(at, strcspn(at, "\"")));
			buf_putc(&b, ' ');
		}
		text += line_n + (text[line_n] != '\0');
	}
	assert_false(b.full);
	buf_cstr(&b);
}

/* ---- a JSON reader: the end of the value, or NULL ---- */

static const char *
json_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (*p != '"') {
		uint32_t cp = 0;
		size_t n = utf8_decode(span_of(p, strnlen(p, 4)), &cp);

		if (n == 0 || cp < 0x20)
			return NULL;
		if (cp == '\\' && p[1] == 'u')
			n = strspn(p + 2, "0123456789abcdef") >= 4 ? 6 : 0;
		else if (cp == '\\')
			n = p[1] && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
		if (n == 0)
			return NULL;
		p += n;
	}
	return p + 1;
}

static const char *
json_blank(const char *p)
{
	return p ? p + strspn(p, " \n") : NULL;
}

static const char *json_value(const char *p);

static const char *
json_members(const char *p, bool named, char end)
{
	p = json_blank(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		if (named) {
			p = json_blank(json_string(p));
			if (p == NULL || *p++ != ':')
				return NULL;
		}
		p = json_blank(json_value(json_blank(p)));
		if (p == NULL || (*p != ',' && *p != end))
			return NULL;
		if (*p++ == end)
			return p;
		p = json_blank(p);
	}
}

static const char *
json_value(const char *p)
{
	size_t digits = strspn(p, "0123456789");

	if (*p == '{' || *p == '[')
		return json_members(p, *p == '{', *p == '{' ? '}' : ']');
	if (*p == '"')
		return json_string(p);
	return digits ? p + digits : NULL;
}

static void
assert_json(const char *text)
{
	const char *end = json_blank(json_value(text));

	if (end == NULL || *end != '\0')
		print_error("not JSON: %s\n", text);
	assert_non_null(end);
	assert_int_equal(*end, '\0');
}

/* ---- tests ---- */

static void
the_query_says_how_to_sort(void **state)
{
	static const struct {
		const char *query;
		enum listing_sort sort;
		bool descending;
	} rows[] = {
		{ NULL, LISTING_BY_NAME, false },
		{ "", LISTING_BY_NAME, false },
		{ "sort=size", LISTING_BY_SIZE, false },
		{ "sort=time&order=desc", LISTING_BY_TIME, true },
		{ "order=desc&sort=name", LISTING_BY_NAME, true },
		{ "order=desc", LISTING_BY_NAME, true },
		{ "sort=time&order=desc&order=asc", LISTING_BY_TIME, false },
		{ "x=1&&sort=size&y&", LISTING_BY_SIZE, false },
		{ "sort=sizes", LISTING_BY_NAME, false },
		{ "sort=siz", LISTING_BY_NAME, false },
		{ "sort=SIZE", LISTING_BY_NAME, false },
		{ "sort", LISTING_BY_NAME, false },
		{ "sort=size&sort=", LISTING_BY_SIZE, false },
		{ "resort=size&reorder=desc", LISTING_BY_NAME, false },
		{ "&&&", LISTING_BY_NAME, false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct listing_request r = { .sort = LISTING_BY_SIZE,
			.descending = true };

		listing_query(&r, span_str(rows[i].query));
		if (r.sort != rows[i].sort ||
		    r.descending != rows[i].descending)
			print_error("%s\n", rows[i].query);
		assert_int_equal(r.sort, rows[i].sort);
		assert_int_equal(r.descending, rows[i].descending);
	}
}

static void
hostile_names_are_text_and_links_to_their_bytes(void **state)
{
	struct site *s = open_site(true, true);
	char *page = content(s, "/hostile/", LISTING_HTML, NULL);

	(void)state;
	for (size_t i = 0; i < N(hostile); i++) {
		char row[1024];

		snprintf(row, sizeof(row), "<td><a href=\"./%s\">%s</a><td",
		    hostile[i].href, hostile[i].shown);
		assert_has(page, row);
	}
	assert_false(has(page, "<script"));
	assert_null(strpbrk(page, "\x1b\x9b\xff\r"));
	assert_has(page, "<footer>0 folders, 13 files, ");
	assert_false(
	    has(page, "\\x0a") || has(page, "\\x1b") || has(page, "\\x7f"));
	free(page);
	site_unref(s);
}

static void
hostile_names_are_valid_json(void **state)
{
	struct site *s = open_site(true, true);
	char *json = content(s, "/hostile/", LISTING_JSON, NULL);

	(void)state;
	assert_json(json);
	for (size_t i = 0; i < N(hostile); i++) {
		char part[1024];

		if (hostile[i].json) {
			snprintf(part, sizeof(part),
			    "{\"name\":\"%s\",\"type\":\"file\",\"size\":1,",
			    hostile[i].json);
			assert_has(json, part);
		}
		snprintf(
		    part, sizeof(part), "\"href\":\"./%s\"}", hostile[i].href);
		assert_has(json, part);
	}
	free(json);
	site_unref(s);
}

static void
only_what_would_be_served_is_listed(void **state)
{
	static const struct {
		bool hidden, symlinks;
		const char *names;
	} rows[] = {
		{ false, true,
		    ".well-known/ yes-folder/ yes-link-folder/ yes yes-link " },
		{ false, false, ".well-known/ yes-folder/ yes " },
		{ true, false,
		    ".no-folder/ .well-known/ yes-folder/ .no yes " },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct site *s = open_site(rows[i].hidden, rows[i].symlinks);
		char *page = content(s, "/mixed/", LISTING_HTML, NULL);
		char *json = content(s, "/mixed/", LISTING_JSON, NULL);
		char names[1024];

		linked_names(names, sizeof(names), page, "<a href=\"./");
		assert_string_equal(names, rows[i].names);
		linked_names(names, sizeof(names), json, "\"href\":\"./");
		assert_string_equal(names, rows[i].names);
		free(page);
		free(json);
		site_unref(s);
	}
}

static void
a_link_has_the_size_and_time_of_what_it_leads_to(void **state)
{
	struct site *s = open_site(false, true);
	char *json = content(s, "/mixed/", LISTING_JSON, NULL);

	(void)state;
	assert_has(json,
	    "{\"name\":\"yes-link\",\"type\":\"file\",\"size\":3,"
	    "\"modified\":\"2026-11-23T06:00:00Z\",\"href\":\"./yes-link\"}");
	assert_has(json, "{\"name\":\"yes-link-folder\",\"type\":\"folder\",");
	free(json);
	site_unref(s);
}

static void
entries_are_sorted_by_each_key_both_ways(void **state)
{
	static const struct {
		const char *query, *names, *head;
	} rows[] = {
		{ NULL, "ant/ Zoo/ a B b C %C3%A9 ",
		    "<th scope=col aria-sort=ascending>"
		    "<a href=\"?sort=name&amp;order=desc\">Name<" },
		{ "order=desc", "Zoo/ ant/ %C3%A9 C b B a ",
		    "<th scope=col aria-sort=descending>"
		    "<a href=\"?sort=name&amp;order=asc\">Name<" },
		{ "sort=size", "ant/ Zoo/ %C3%A9 a B b C ",
		    "<th scope=col aria-sort=ascending>"
		    "<a href=\"?sort=size&amp;order=desc\">Size<" },
		{ "sort=size&order=desc", "ant/ Zoo/ C b a B %C3%A9 ",
		    "<th scope=col aria-sort=descending>"
		    "<a href=\"?sort=size&amp;order=asc\">Size<" },
		{ "sort=time", "Zoo/ ant/ b %C3%A9 C a B ",
		    "<th scope=col class=t aria-sort=ascending>"
		    "<a href=\"?sort=time&amp;order=desc\">Modified (UTC)<" },
		{ "sort=time&order=desc", "ant/ Zoo/ B a C %C3%A9 b ",
		    "<th scope=col>"
		    "<a href=\"?sort=name&amp;order=asc\">Name<" },
	};
	struct site *s = open_site(false, true);
	char names[1024];

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char *page =
		    content(s, "/sorted/", LISTING_HTML, rows[i].query);
		char *json =
		    content(s, "/sorted/", LISTING_JSON, rows[i].query);

		linked_names(names, sizeof(names), page, "<a href=\"./");
		assert_string_equal(names, rows[i].names);
		linked_names(names, sizeof(names), json, "\"href\":\"./");
		assert_string_equal(names, rows[i].names);
		assert_has(page, rows[i].head);
		free(page);
		free(json);
	}
	site_unref(s);
}

static void
the_page_says_sizes_and_times_for_people_and_exactly(void **state)
{
	struct site *s = open_site(false, true);
	char *page = content(s, "/sorted/", LISTING_HTML, NULL);

	(void)state;
	assert_has(page, "<title>Folder /sorted/</title>");
	assert_has(page,
	    "<tr><td><a href=\"./C\">C</a><td title=\"5000 bytes\">4.8K"
	    "<td class=t><time datetime=\"2026-11-23T06:20:00Z\">"
	    "2026-11-23 <i>06:20</i></time>\n");
	assert_has(page,
	    "<tr class=d><td><a href=\"./Zoo/\">Zoo/</a><td>&ndash;"
	    "<td class=t><time datetime=\"1970-01-02T00:00:00Z\">");
	assert_has(page,
	    "<footer>2 folders, 5 files, "
	    "<span title=\"5080 bytes\">4.9K</span></footer>");
	free(page);
	site_unref(s);
}

static void
nothing_on_the_page_comes_from_elsewhere(void **state)
{
	static const char *const parts[] = { "<script", "src=", "url(",
		"@import", "<link", "<base", "http:", "https:", "<img" };
	struct site *s = open_site(false, true);
	char *page = content(s, "/mixed/", LISTING_HTML, NULL);

	(void)state;
	for (size_t i = 0; i < N(parts); i++)
		assert_false(has(page, parts[i]));
	assert_has(page, "<meta charset=utf-8>");
	free(page);
	site_unref(s);
}

static void
folders_above_are_linked_and_the_root_has_none(void **state)
{
	struct site *s = open_site(false, true);
	char *root = content(s, "/", LISTING_HTML, NULL);
	char *deep = content(s, "/a&b/c d/e\xff/", LISTING_HTML, NULL);

	(void)state;
	assert_false(has(root, "../"));
	assert_has(root, "<title>Folder /</title>");
	assert_has(root, "<h1><b>/</b></h1>");
	assert_has(root, "<a href=\"./a%26b/\">a&amp;b/</a>");
	assert_has(deep, "<title>Folder /a&amp;b/c d/e\\xff/</title>");
	assert_has(deep,
	    "<h1><a href=\"../../../\">/</a>"
	    "<a href=\"../../\">a&amp;b</a><i>/</i><wbr>"
	    "<a href=\"../\">c d</a><i>/</i><wbr>"
	    "<b>e\\xff</b><i>/</i><wbr></h1>");
	assert_has(deep, "<a href=\"../\" title=\"Parent folder\">..</a>");
	free(root);
	free(deep);
	site_unref(s);
}

static void
an_empty_folder_says_so(void **state)
{
	struct site *s = open_site(false, true);
	struct listing *l = make(s, "/empty/", LISTING_JSON, NULL);
	char *page = content(s, "/empty/", LISTING_HTML, NULL);
	char *json = read_all(l->fd, l->size);

	(void)state;
	assert_int_equal(l->entries, 0);
	assert_true(listing_unref(l));
	assert_has(page, "Nothing to list here");
	assert_has(page,
	    "<footer>0 folders, 0 files, "
	    "<span title=\"0 bytes\">0 bytes</span></footer>");
	assert_string_equal(
	    json, "{\"path\":\"/empty/\",\"entries\":[\n],\"omitted\":0}\n");
	free(page);
	free(json);
	site_unref(s);
}

static void
json_is_as_documented(void **state)
{
	struct site *s = open_site(false, true);
	char *json = content(s, "/sorted/", LISTING_JSON, "sort=time");

	(void)state;
	assert_string_equal(json,
	    "{\"path\":\"/sorted/\",\"entries\":[\n"
	    "{\"name\":\"Zoo\",\"type\":\"folder\","
	    "\"modified\":\"1970-01-02T00:00:00Z\",\"href\":\"./Zoo/\"},\n"
	    "{\"name\":\"ant\",\"type\":\"folder\","
	    "\"modified\":\"1970-01-03T00:00:00Z\",\"href\":\"./ant/\"},\n"
	    "{\"name\":\"b\",\"type\":\"file\",\"size\":30,"
	    "\"modified\":\"2026-11-23T06:10:00Z\",\"href\":\"./b\"},\n"
	    "{\"name\":\"\xc3\xa9\",\"type\":\"file\",\"size\":10,"
	    "\"modified\":\"2026-11-23T06:12:00Z\",\"href\":\"./%C3%A9\"},\n"
	    "{\"name\":\"C\",\"type\":\"file\",\"size\":5000,"
	    "\"modified\":\"2026-11-23T06:20:00Z\",\"href\":\"./C\"},\n"
	    "{\"name\":\"a\",\"type\":\"file\",\"size\":20,"
	    "\"modified\":\"2026-11-23T06:30:00Z\",\"href\":\"./a\"},\n"
	    "{\"name\":\"B\",\"type\":\"file\",\"size\":20,"
	    "\"modified\":\"2026-11-23T06:40:00Z\",\"href\":\"./B\"}\n"
	    "],\"omitted\":0}\n");
	assert_json(json);
	free(json);
	site_unref(s);
}

static void
a_large_folder_is_listed_whole(void **state)
{
	static char names[MANY * 8], expected[MANY * 8];
	struct site *s = open_site(false, true);
	struct listing *l = make(s, "/many/", LISTING_HTML, "order=desc");
	struct buf b = buf_over(expected, sizeof(expected));
	char *page = read_all(l->fd, l->size);
	char *json = content(s, "/many/", LISTING_JSON, NULL);

	(void)state;
	assert_int_equal(l->entries, MANY);
	assert_int_equal(l->reason_a, MANY);
	assert_true(listing_unref(l));
	for (unsigned i = MANY; i-- > 0;)
		buf_printf(&b, "%05u ", i);
	linked_names(names, sizeof(names), page, "<a href=\"./");
	assert_string_equal(names, buf_cstr(&b));
	assert_has(page, "<footer>0 folders, 20000 files, ");
	assert_false(has(page, "not shown"));
	assert_json(json);
	free(page);
	free(json);
	site_unref(s);
}

/* ---- listings that grow while they are read ---- */

/* How often rows were told of, and a file that goes at the first time. */
struct growth {
	unsigned told;
	uint64_t size; /* as it was told first */
	const char *goes;
	int error; /* to end with, at the second time */
};

static int
grows(void *arg, struct listing *l)
{
	struct growth *g = arg;

	if (l->size == 0)
		return 0;
	assert_int_equal(l->state, LISTING_GROWS);
	assert_true(l->fd >= 0);
	assert_true(l->ready <= l->size);
	if (g->told++ == 0) {
		g->size = l->size;
		if (g->goes != NULL)
			assert_int_equal(unlinkat(top_fd, g->goes, 0), 0);
		return 0;
	}
	assert_int_equal(l->size, g->size);
	return g->error;
}

static struct listing *
make_growing(const struct site *s, const char *path, enum listing_format format,
    struct growth *g)
{
	struct target_path p = path_of(path);
	struct listing_request r = { .path = &p, .format = format };
	struct listing_pace pace = { .small = 0, .step = grows, .arg = g };
	struct listing *l = listing_new();

	assert_non_null(l);
	assert_true(listing_make(s, &r, &pace, l));
	return l;
}

/* Without the blanks at the end of lines and before commas there, and without
 * empty lines. */
static void
squeeze(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		size_t n = strspn(p, " ");

		if (n > 0 &&
		    (p[n] == '\n' || (p[n] == ',' && p[n + 1] == '\n')))
			p += n;
		if (*p != '\n' || (to > text && to[-1] != '\n'))
			*to++ = *p;
	}
	*to = '\0';
}

static void
a_listing_that_grows_says_the_same(void **state)
{
	static const char *const paths[] = { "/hostile/", "/mixed/", "/sorted/",
		"/many/", "/a&b/c d/e\xff/" };
	static const enum listing_format formats[] = { LISTING_HTML,
		LISTING_JSON };
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(paths) * N(formats); i++) {
		const char *path = paths[i / 2];
		struct growth g = { .told = 0 };
		struct listing *l = make_growing(s, path, formats[i % 2], &g);
		char *text = read_all(l->fd, l->size);
		char *whole = content(s, path, formats[i % 2], NULL);

		assert_int_equal(l->state, LISTING_WHOLE);
		assert_int_equal(l->ready, l->size);
		if (formats[i % 2] == LISTING_JSON)
			assert_json(text);
		squeeze(text);
		squeeze(whole);
		assert_string_equal(text, whole);
		listing_unref(l);
		free(text);
		free(whole);
	}
	site_unref(s);
}

static void
it_has_its_size_before_its_files_are_looked_at(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct growth g = { .goes = "root/many/19999" };
		struct listing *l = make_growing(
		    s, "/many/", i ? LISTING_JSON : LISTING_HTML, &g);
		char *text = read_all(l->fd, l->size);

		assert_true(g.told > 10);
		assert_int_equal(g.size, l->size);
		assert_int_equal(l->state, LISTING_WHOLE);
		/* what went meanwhile is not there, the size stays */
		assert_has(text, "./19998\"");
		assert_false(has(text, "./19999"));
		assert_has(text, i ? "],\"omitted\":0}\n" : " 19999 files, ");
		if (i)
			assert_json(text);
		assert_int_equal(
		    mknodat(top_fd, "root/many/19999", S_IFREG | 0644, 0), 0);
		listing_unref(l);
		free(text);
	}
	site_unref(s);
}

static void
one_that_ends_early_is_failed_with_what_there_is(void **state)
{
	struct growth g = { .error = ECANCELED };
	struct site *s = open_site(false, true);
	struct listing *l = make_growing(s, "/many/", LISTING_HTML, &g);

	(void)state;
	assert_int_equal(g.told, 2);
	assert_int_equal(l->state, LISTING_FAILED);
	assert_true(l->fd >= 0); /* some may be sending from it */
	assert_int_equal(l->size, g.size);
	assert_true(l->ready > 0 && l->ready < l->size);
	listing_unref(l);
	site_unref(s);
}

static void
only_small_ones_are_made_when_told_so(void **state)
{
	struct site *s = open_site(false, true);
	struct target_path many = path_of("/many/"), few = path_of("/sorted/");
	struct listing_request r = { .path = &many };
	struct listing_pace pace = { .small = 7, .only_small = true };
	struct listing *l = listing_new();

	(void)state;
	assert_false(listing_make(s, &r, &pace, l));
	assert_int_equal(l->fd, -1);
	r.path = &few;
	assert_true(listing_make(s, &r, &pace, l));
	assert_int_equal(l->entries, 7);
	listing_unref(l);
	site_unref(s);
}

/* What listing_make does, with a lower limit. */
static char *
limited(const struct site *s, const char *path, enum listing_format format,
    size_t limit)
{
	struct target_path p = path_of(path);
	struct listing_request r = { .path = &p, .format = format };
	struct listing_out *o = calloc(1, sizeof(*o));
	struct listing_entries e;
	char *text;

	assert_non_null(o);
	o->fd = -1;
	o->b = buf_over(o->bytes, sizeof(o->bytes));
	o->wrote = NULL;
	e.all = false;
	e.step = NULL;
	assert_int_equal(listing_entries_names(&e, s, &p, limit), 0);
	assert_true(e.n <= limit);
	assert_int_equal(listing_entries_look_all(&e), 0);
	if (format == LISTING_JSON)
		listing_put_json(o, &r, &e);
	else
		listing_put_html(o, &r, &e);
	text = strndup(o->b.p, o->b.n);
	listing_entries_free(&e);
	free(o);
	return text;
}

static void
what_is_over_the_limit_is_counted(void **state)
{
	struct site *s = open_site(false, true);
	char *page = limited(s, "/sorted/", LISTING_HTML, 4);
	char *json = limited(s, "/sorted/", LISTING_JSON, 4);
	char *exact = limited(s, "/sorted/", LISTING_HTML, 7);

	(void)state;
	assert_has(page, "; <b>3 more are not shown</b></footer>");
	assert_has(json, "],\"omitted\":3}\n");
	assert_json(json);
	assert_false(has(exact, "not shown"));
	free(page);
	free(json);
	free(exact);
	site_unref(s);
}

static void
a_path_of_the_greatest_length_stays_bounded(void **state)
{
	char deep[LIMIT_PATH], wide[LIMIT_PATH];
	struct target_path p;
	struct listing_request r = { .path = &p };
	struct listing_entries e = { .p = NULL };
	struct listing_out *o = calloc(1, sizeof(*o));
	const char *const paths[] = { deep, wide };

	(void)state;
	assert_non_null(o);
	memset(deep, '/', sizeof(deep));
	for (size_t i = 1; i < sizeof(deep) - 1; i += 2)
		deep[i] = '"';
	memset(wide, '"', sizeof(wide));
	wide[0] = wide[sizeof(wide) - 2] = '/';
	deep[sizeof(deep) - 1] = wide[sizeof(wide) - 1] = '\0';
	for (size_t i = 0; i < N(paths); i++) {
		o->fd = memfd_create("test", MFD_CLOEXEC);
		o->error = 0;
		o->size = 0;
		o->b = buf_over(o->bytes, sizeof(o->bytes));
		p = path_of(paths[i]);
		listing_put_html(o, &r, &e);
		assert_int_equal(o->error, 0);
		assert_false(o->b.full);
		assert_true(o->size + o->b.n < 150000);
		close(o->fd);
	}
	free(o);
}

static void
what_cannot_be_listed_has_its_reason(void **state)
{
	static const struct {
		const char *path;
		enum reason_id reason;
		int error;
	} rows[] = {
		{ "/gone/", REASON_FILE_MISSING, ENOENT },
		{ "/sorted/a/", REASON_FILE_UNDER_FILE, ENOTDIR },
		{ "/out/", REASON_FILE_OUTSIDE, EXDEV },
		{ "/mixed/no-fifo/", REASON_FILE_UNDER_FILE, ENOTDIR },
		{ "/mixed/no-loop/", REASON_FILE_SYMLINK, ELOOP },
	};
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct listing *l = make(s, rows[i].path, LISTING_HTML, NULL);

		assert_int_equal(l->fd, -1);
		assert_int_equal(l->reason, rows[i].reason);
		assert_int_equal(l->reason_a, rows[i].error);
		assert_int_equal(l->entries, 0);
		assert_int_equal(l->size, 0);
		listing_unref(l);
	}
	site_unref(s);
}

/* A listing while the resource has this limit. */
static struct listing *
make_within(const struct site *s, const char *path, __rlimit_resource_t what,
    rlim_t limit)
{
	struct rlimit old, low;
	struct listing *l;

	assert_int_equal(getrlimit(what, &old), 0);
	low = old;
	low.rlim_cur = limit;
	assert_int_equal(setrlimit(what, &low), 0);
	l = make(s, path, LISTING_HTML, NULL);
	assert_int_equal(setrlimit(what, &old), 0);
	return l;
}

static void
without_free_descriptors_nothing_is_left_out_silently(void **state)
{
	struct site *s = open_site(false, true);
	int next = dup(top_fd);
	struct listing *l;

	(void)state;
	close(next);
	l = make_within(s, "/sorted/", RLIMIT_NOFILE, (rlim_t)next);
	assert_int_equal(l->fd, -1);
	assert_int_equal(l->reason, REASON_FILE_EXHAUSTED);
	assert_int_equal(l->reason_a, EMFILE);
	listing_unref(l);

	/* the folder opens, its links cannot be looked at */
	l = make_within(s, "/mixed/", RLIMIT_NOFILE, (rlim_t)next + 1);
	assert_int_equal(l->fd, -1);
	assert_int_equal(l->reason, REASON_FILE_EXHAUSTED);
	listing_unref(l);

	l = make_within(s, "/sorted/", RLIMIT_NOFILE, (rlim_t)next + 1);
	assert_int_equal(l->fd, next);
	assert_true(listing_unref(l));
	site_unref(s);
}

static void
a_page_that_cannot_be_written_whole_is_none(void **state)
{
	struct site *s = open_site(false, true);
	struct listing *l;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	l = make_within(s, "/many/", RLIMIT_FSIZE, 100000);
	assert_int_equal(l->fd, -1);
	assert_int_equal(l->size, 0);
	assert_int_equal(l->reason, REASON_FILE_ERROR);
	assert_int_equal(l->reason_a, EFBIG);
	listing_unref(l);
	site_unref(s);
}

static void
no_descriptor_is_left_behind(void **state)
{
	struct site *s = open_site(false, true);
	unsigned before = open_descriptors();
	const char *const paths[] = { "/", "/mixed/", "/gone/", "/out/" };

	(void)state;
	for (size_t i = 0; i < N(paths); i++) {
		struct listing *l = make(s, paths[i], LISTING_HTML, NULL);

		assert_true(listing_unref(l));
	}
	assert_int_equal(open_descriptors(), before);
	site_unref(s);
}

/* Of 20,000 names, backwards: others have their turns while they are sorted. */
struct turns {
	unsigned n;
	unsigned fail_at; /* 0: never */
};

static int
take_a_turn(void *arg)
{
	struct turns *t = arg;

	return ++t->n == t->fail_at ? ECANCELED : 0;
}

static void
sorting_gives_others_their_turns(void **state)
{
	enum { NAMES = 20000, WIDTH = 5 };
	static struct listing_entry p[NAMES];
	static char names[NAMES * WIDTH + 1];
	struct turns turns = { 0 };
	struct listing_entries e = { .p = p,
		.n = NAMES,
		.names = names,
		.step = take_a_turn,
		.arg = &turns };

	(void)state;
	for (unsigned i = 0; i < NAMES; i++) {
		(void)snprintf(names + i * WIDTH, WIDTH + 1, "%05u", NAMES - i);
		p[i].name = i * WIDTH;
		p[i].name_n = WIDTH;
	}
	assert_int_equal(listing_entries_sort(&e, LISTING_BY_NAME, false), 0);
	assert_in_range(turns.n, 5, NAMES / 100);
	for (unsigned i = 0; i < NAMES; i++)
		assert_int_equal(p[i].name, (NAMES - 1 - i) * WIDTH);
	turns = (struct turns){ .fail_at = 2 };
	assert_int_equal(
	    listing_entries_sort(&e, LISTING_BY_NAME, true), ECANCELED);
	assert_int_equal(turns.n, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_query_says_how_to_sort),
		cmocka_unit_test(
		    hostile_names_are_text_and_links_to_their_bytes),
		cmocka_unit_test(hostile_names_are_valid_json),
		cmocka_unit_test(only_what_would_be_served_is_listed),
		cmocka_unit_test(
		    a_link_has_the_size_and_time_of_what_it_leads_to),
		cmocka_unit_test(entries_are_sorted_by_each_key_both_ways),
		cmocka_unit_test(sorting_gives_others_their_turns),
		cmocka_unit_test(
		    the_page_says_sizes_and_times_for_people_and_exactly),
		cmocka_unit_test(nothing_on_the_page_comes_from_elsewhere),
		cmocka_unit_test(
		    folders_above_are_linked_and_the_root_has_none),
		cmocka_unit_test(an_empty_folder_says_so),
		cmocka_unit_test(json_is_as_documented),
		cmocka_unit_test(a_large_folder_is_listed_whole),
		cmocka_unit_test(a_listing_that_grows_says_the_same),
		cmocka_unit_test(
		    it_has_its_size_before_its_files_are_looked_at),
		cmocka_unit_test(
		    one_that_ends_early_is_failed_with_what_there_is),
		cmocka_unit_test(only_small_ones_are_made_when_told_so),
		cmocka_unit_test(what_is_over_the_limit_is_counted),
		cmocka_unit_test(a_path_of_the_greatest_length_stays_bounded),
		cmocka_unit_test(what_cannot_be_listed_has_its_reason),
		cmocka_unit_test(
		    without_free_descriptors_nothing_is_left_out_silently),
		cmocka_unit_test(a_page_that_cannot_be_written_whole_is_none),
		cmocka_unit_test(no_descriptor_is_left_behind),
	};

	return cmocka_run_group_tests_name(
	    "listing", tests, make_tree, remove_tree);
}
