/* The one table of keys, and finding one in it. */
#include "app/config_key.h"

#define AT(member)                                                             \
	.offset = offsetof(struct config, member),                             \
	.width = sizeof(((struct config *)NULL)->member)

#define DAY 86400000u /* ms: more is a slip of the hand */
#define GB  (1ull << 30)

static const struct config_word auto_zero[] = { { "auto", 0 }, { NULL, 0 } };

static const struct config_word auto_on_off[] = {
	{ "auto", CONFIG_AUTO },
	{ "on", CONFIG_ON },
	{ "off", CONFIG_OFF },
	{ NULL, 0 },
};

static const struct config_word auto_true_false[] = {
	{ "auto", CONFIG_AUTO },
	{ "true", CONFIG_ON },
	{ "false", CONFIG_OFF },
	{ NULL, 0 },
};

static const struct config_word colors[] = {
	{ "auto", COLOR_AUTO },
	{ "always", COLOR_ALWAYS },
	{ "never", COLOR_NEVER },
	{ NULL, 0 },
};

static const struct config_word deny_allow[] = {
	{ "deny", false },
	{ "allow", true },
	{ NULL, 0 },
};

static const struct config_word symlinks[] = {
	{ "inside", SYMLINKS_INSIDE },
	{ "deny", SYMLINKS_DENY },
	{ NULL, 0 },
};

static const struct config_word log_places[] = {
	{ "auto", 0 },
	{ "off", 0 },
	{ "stdout", 0 },
	{ NULL, 0 },
};

static const struct config_word log_formats[] = {
	{ "common", LOG_COMMON },
	{ "combined", LOG_COMBINED },
	{ "json", LOG_JSON },
	{ NULL, 0 },
};

static const struct config_word log_levels[] = {
	{ "debug", NOTICE_DEBUG },
	{ "info", NOTICE_INFO },
	{ "warn", NOTICE_WARN },
	{ "error", NOTICE_ERROR },
	{ NULL, 0 },
};

const struct config_key config_keys[] = {
	{ .name = "version",
	    .type = CONFIG_VERSION,
	    .deflt = "1",
	    .doc = "of this file's format" },
	{ .name = "listen",
	    .type = CONFIG_LIST,
	    AT(listen),
	    .min = 1,
	    .max = LIMIT_LISTENERS,
	    .wrong = config_wrong_listen,
	    .deflt = "127.0.0.1:8000",
	    .doc = "host:port, '[v6]:port', :port (every one)" },
	{ .name = "port_fallback",
	    .type = CONFIG_BOOL,
	    AT(port_fallback),
	    .deflt = "false",
	    .doc = "try the next 20 ports when taken" },
	{ .name = "backlog",
	    .type = CONFIG_COUNT,
	    AT(backlog),
	    .min = 1,
	    .max = 65535,
	    .deflt = "4096",
	    .doc = "connections the kernel holds unaccepted" },
	{ .name = "root",
	    .type = CONFIG_PATH,
	    AT(root),
	    .deflt = ".",
	    .doc = "the folder that is served" },
	{ .name = "workers",
	    .type = CONFIG_COUNT,
	    AT(workers),
	    .min = 1,
	    .max = LIMIT_WORKERS,
	    .words = auto_zero,
	    .deflt = "auto",
	    .doc = "threads: auto (CPUs, 2 to 64), or 1 to 256" },

	{ .name = "console.mode",
	    .type = CONFIG_WORD,
	    AT(console_mode),
	    .words = auto_on_off,
	    .deflt = "auto",
	    .doc = "auto (on a terminal), on, off" },
	{ .name = "console.refresh",
	    .type = CONFIG_DURATION,
	    AT(console_refresh),
	    .min = 50,
	    .max = 5000,
	    .deflt = "100ms",
	    .doc = "least time between two pictures, 50ms to 5s" },
	{ .name = "console.history",
	    .type = CONFIG_COUNT,
	    AT(console_history),
	    .min = 100,
	    .max = 1000000,
	    .deflt = "5000",
	    .doc = "exchanges kept, 100 to 1000000" },
	{ .name = "console.history_memory",
	    .type = CONFIG_SIZE,
	    AT(console_history_memory),
	    .min = 1u << 20,
	    .max = 64 * GB,
	    .deflt = "64M",
	    .doc = "and the memory for their heads" },
	{ .name = "console.color",
	    .type = CONFIG_WORD,
	    AT(console_color),
	    .words = colors,
	    .deflt = "auto",
	    .doc = "auto (NO_COLOR honoured), always, never" },

	{ .name = "limits.connections",
	    .type = CONFIG_COUNT,
	    AT(connections),
	    .min = 1,
	    .max = LIMIT_CONNECTIONS,
	    .deflt = "10000",
	    .doc = "open at once" },
	{ .name = "limits.requests_per_connection",
	    .type = CONFIG_COUNT,
	    AT(requests_per_connection),
	    .max = 1000000000,
	    .deflt = "1000",
	    .doc = "0: no limit" },
	{ .name = "limits.request_line",
	    .type = CONFIG_SIZE,
	    AT(head.request_line),
	    .min = 16,
	    .max = LIMIT_REQUEST_LINE_MAX,
	    .deflt = "8K",
	    .doc = "414 above; 16 to 16K" },
	{ .name = "limits.header_size",
	    .type = CONFIG_SIZE,
	    AT(head.header_size),
	    .min = 16,
	    .max = LIMIT_HEADER_SIZE_MAX,
	    .deflt = "32K",
	    .doc = "431 above; 16 to 44K" },
	{ .name = "limits.header_count",
	    .type = CONFIG_COUNT,
	    AT(head.header_count),
	    .min = 1,
	    .max = LIMIT_FIELDS_MAX,
	    .deflt = "100",
	    .doc = "431 above; 1 to 200" },
	{ .name = "limits.discard_body",
	    .type = CONFIG_SIZE,
	    AT(discard_body),
	    .max = GB,
	    .deflt = "64K",
	    .doc = "body read and thrown away; more closes" },
	{ .name = "limits.ranges",
	    .type = CONFIG_COUNT,
	    AT(ranges),
	    .max = LIMIT_RANGES,
	    .deflt = "8",
	    .doc = "parts of one answer; 0: Range is ignored" },

	{ .name = "timeouts.header",
	    .type = CONFIG_DURATION,
	    AT(timeout_header),
	    .max = DAY,
	    .deflt = "10s",
	    .doc = "first byte to the end of the head: 408" },
	{ .name = "timeouts.body",
	    .type = CONFIG_DURATION,
	    AT(timeout_body),
	    .max = DAY,
	    .deflt = "30s",
	    .doc = "for a request's body" },
	{ .name = "timeouts.keepalive",
	    .type = CONFIG_DURATION,
	    AT(timeout_keepalive),
	    .max = DAY,
	    .deflt = "15s",
	    .doc = "between two requests of a connection" },
	{ .name = "timeouts.write",
	    .type = CONFIG_DURATION,
	    AT(timeout_write),
	    .max = DAY,
	    .deflt = "30s",
	    .doc = "no byte taken by the client" },
	{ .name = "timeouts.linger",
	    .type = CONFIG_DURATION,
	    AT(timeout_linger),
	    .max = DAY,
	    .deflt = "2s",
	    .doc = "for the client to close after the end" },
	{ .name = "timeouts.shutdown",
	    .type = CONFIG_DURATION,
	    AT(timeout_shutdown),
	    .max = DAY,
	    .deflt = "10s",
	    .doc = "for answers in flight when it stops" },

	{ .name = "files.index",
	    .type = CONFIG_LIST,
	    AT(index),
	    .max = 16,
	    .wrong = config_wrong_file_name,
	    .deflt = "index.html,index.htm",
	    .doc = "of a folder, the first that exists" },
	{ .name = "files.listing",
	    .type = CONFIG_BOOL,
	    AT(listing),
	    .deflt = "true",
	    .doc = "folders without an index file are listed" },
	{ .name = "files.hidden",
	    .type = CONFIG_WORD,
	    AT(hidden_allowed),
	    .words = deny_allow,
	    .deflt = "deny",
	    .doc = "names that begin with a dot: deny, allow" },
	{ .name = "files.symlinks",
	    .type = CONFIG_WORD,
	    AT(symlinks),
	    .words = symlinks,
	    .deflt = "inside",
	    .doc = "inside (relative, beneath the root), deny" },
	{ .name = "files.deny",
	    .type = CONFIG_LIST,
	    AT(deny),
	    .max = 64,
	    .wrong = config_wrong_pattern,
	    .deflt = "*~,*.bak,*.swp,*.key,*.pem,server.yaml",
	    .doc = "names that are never served" },
	{ .name = "files.charset",
	    .type = CONFIG_TEXT,
	    AT(charset),
	    .wrong = config_wrong_charset,
	    .nullable = true,
	    .deflt = "utf-8",
	    .doc = "said of text; null: none" },
	{ .name = "files.default_type",
	    .type = CONFIG_TEXT,
	    AT(default_type),
	    .wrong = config_wrong_media,
	    .deflt = "application/octet-stream",
	    .doc = "of files whose name tells none" },

	{ .name = "cache",
	    .type = CONFIG_TEXT,
	    AT(cache_control),
	    .wrong = config_wrong_field,
	    .nullable = true,
	    .deflt = "no-cache",
	    .doc = "Cache-Control; null: none" },
	{ .name = "hosts",
	    .type = CONFIG_LIST,
	    AT(hosts),
	    .max = 64,
	    .wrong = config_wrong_host,
	    .deflt = "",
	    .doc = "names answered besides localhost" },
	{ .name = "security_headers",
	    .type = CONFIG_BOOL,
	    AT(security_headers),
	    .deflt = "true",
	    .doc = "nosniff, Referrer-Policy" },
	{ .name = "server_header",
	    .type = CONFIG_BOOL,
	    AT(server_header),
	    .deflt = "true",
	    .doc = "Server: httpconsole" },
	{ .name = "lab",
	    .type = CONFIG_WORD,
	    AT(lab),
	    .words = auto_true_false,
	    .deflt = "auto",
	    .doc = "auto (on loopback only), true, false" },

	{ .name = "log.access",
	    .type = CONFIG_PATH,
	    AT(log_access),
	    .words = log_places,
	    .deflt = "auto",
	    .doc = "auto, off, stdout, or a file" },
	{ .name = "log.format",
	    .type = CONFIG_WORD,
	    AT(log_format),
	    .words = log_formats,
	    .deflt = "combined",
	    .doc = "common, combined, json" },
	{ .name = "log.level",
	    .type = CONFIG_WORD,
	    AT(log_level),
	    .words = log_levels,
	    .deflt = "info",
	    .doc = "of diagnostics: debug, info, warn, error" },
};

const size_t config_keys_n = sizeof(config_keys) / sizeof(config_keys[0]);

_Static_assert(sizeof(config_keys) / sizeof(config_keys[0]) <= CONFIG_KEYS_MAX,
    "readers keep one mark per key");
_Static_assert(sizeof(enum config_auto) == 4 && sizeof(unsigned) == 4,
    "a word's member is 4 bytes, or a bool");

const struct config_key *
config_key_find(struct span name)
{
	for (size_t i = 0; i < config_keys_n; i++)
		if (span_eq(name, span_str(config_keys[i].name)))
			return &config_keys[i];
	return NULL;
}

struct span
config_key_group_name(const struct config_key *k)
{
	const char *dot = strchr(k->name, '.');

	return span_of(k->name, dot ? (size_t)(dot - k->name) : 0);
}

const struct config_key *
config_key_group(struct span group)
{
	for (size_t i = 0; i < config_keys_n && group.n > 0; i++)
		if (span_eq(group, config_key_group_name(&config_keys[i])))
			return &config_keys[i];
	return NULL;
}

void
config_key_variable(const struct config_key *k, char out[80])
{
	struct buf b = buf_over(out, 80);

	buf_puts(&b, "HTTPCONSOLE_");
	for (const char *p = k->name; *p; p++) {
		if (*p >= 'a' && *p <= 'z')
			buf_putc(&b, (char)(*p - 'a' + 'A'));
		else
			buf_putc(&b, '_');
	}
	buf_cstr(&b);
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Optimal string alignment, three rows at a time. */
unsigned
config_distance(struct span a, struct span b)
{
	unsigned row[3][CONFIG_NAME_MAX + 1];
	unsigned *before = row[0], *above = row[1], *now = row[2];

	if (a.n >= CONFIG_NAME_MAX || b.n >= CONFIG_NAME_MAX)
		return CONFIG_NAME_MAX;
	for (unsigned j = 0; j <= b.n; j++)
		now[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *spare = before;

		before = above, above = now, now = spare;
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char x = ascii_lower(a.p[i - 1]);
			char y = ascii_lower(b.p[j - 1]);

			now[j] = min3(above[j] + 1, now[j - 1] + 1,
			    above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b.p[j - 2]) &&
			    y == ascii_lower(a.p[i - 2]))
				now[j] =
				    min3(now[j], now[j], before[j - 2] + 1);
		}
	}
	return now[b.n];
}

bool
config_is_near(unsigned distance, size_t n)
{
	return distance <= (n < 4 ? 1u : n < 8 ? 2u : 3u);
}

/* The last part of a dotted name. */
static struct span
last_part(struct span name)
{
	const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;

	return dot ? span_skip(name, (size_t)(dot - name.p) + 1) : name;
}

/* How far a key's name is from what was typed: the whole name, or the same
 * key of another group. */
static unsigned
name_distance(struct span typed, struct span name)
{
	unsigned d = config_distance(typed, name);

	if (d > 1 && span_eq_nocase(last_part(typed), last_part(name)))
		d = 1;
	return d;
}

const char *
config_key_nearest(struct span typed, char out[CONFIG_NAME_MAX])
{
	unsigned best = CONFIG_NAME_MAX;
	struct span name = { NULL, 0 };

	for (size_t i = 0; i < config_keys_n; i++) {
		struct span full = span_str(config_keys[i].name);
		struct span group = config_key_group_name(&config_keys[i]);
		unsigned d = name_distance(typed, full);
		unsigned g = group.n ? config_distance(typed, group) : d;

		if (d < best)
			best = d, name = full;
		if (g < best)
			best = g, name = group;
	}
	if (name.p == NULL || !config_is_near(best, typed.n))
		return NULL;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return out;
}
