/* The configuration: server.yaml, the environment and the command line, one
 * table of keys for all three (config_keys.c). */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdio.h>

#include "base/notice.h"
#include "http/head.h"
#include "watch/accesslog.h"

/* An owned list of owned strings; v[n] is NULL. */
struct config_list {
	char **v;
	size_t n;
};

/* What a list of groups holds: one list for each part of the group, in the
 * order of the table (config_keys.c).  A text is a list of one, null an empty
 * one; names with values stand in turns. */
#define CONFIG_PARTS_MAX 3
struct config_entry {
	struct config_list part[CONFIG_PARTS_MAX];
};
struct config_entries {
	struct config_entry *v;
	size_t n;
};

enum config_auto { CONFIG_AUTO, CONFIG_ON, CONFIG_OFF };
enum { ROOTS_MAX = 16 }; /* of sandbox.allowed_roots */
enum config_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum config_symlinks { SYMLINKS_INSIDE, SYMLINKS_DENY };

/* Durations are milliseconds, 0 is off; sizes are bytes. */
struct config {
	char *file; /* absolute; NULL: none was found, defaults */

	struct config_list listen; /* host:port, [v6]:port, :port */
	bool listen_given; /* a port was asked for, not the default one */
	bool port_fallback;
	unsigned backlog;
	char *root; /* absolute, or relative to the working directory */
	struct config_list console_keys;    /* key, command, ... */
	struct config_list console_columns; /* of the list of requests */
	struct config_list console_redact;  /* names of fields */
	char *console_export_dir;
	unsigned workers; /* 0: auto */

	enum config_auto console_mode;
	unsigned console_refresh;
	unsigned console_history;
	uint64_t console_history_memory;
	enum config_color console_color;

	unsigned connections;
	unsigned connections_per_ip;	  /* 0: no limit */
	bool when_full_refuse;		  /* 503; else they wait */
	unsigned requests_per_connection; /* 0: no limit */
	struct head_limits head;
	uint64_t discard_body;
	unsigned ranges; /* 0: none are given */

	unsigned timeout_header;
	unsigned timeout_body;
	unsigned timeout_keepalive;
	unsigned timeout_write;
	unsigned timeout_linger;
	unsigned timeout_shutdown;

	struct config_list index;
	bool listing;
	bool hidden_allowed;
	enum config_symlinks symlinks;
	struct config_list deny; /* fnmatch(3) patterns of one segment */
	char *charset;		 /* NULL: say none */
	char *default_type;
	bool clean_urls;
	char *spa_asked; /* "false", "true" or a path */
	char *spa;	 /* path of the page for what is not there; NULL: off */
	struct config_list error_pages;	  /* status, path, ... */
	struct config_list precompressed; /* "br", "zstd", "gzip", in order */
	struct config_list types;	  /* extension, media type, ... */

	struct config_list compress_codecs; /* "gzip"; empty: off */
	uint64_t compress_min_size;
	uint64_t compress_max_size;
	unsigned compress_level;  /* 1 to 12 */
	uint64_t compress_memory; /* of compressed copies, all together */

	struct config_entries cache;	 /* match, value */
	struct config_entries headers;	 /* match, set, unset */
	struct config_entries redirects; /* from, to, status */
	struct config_list cors_origins; /* "*", "https://example.org" */
	/* Made of these, files.types and files.error_pages; one reference is
	 * the configuration's. */
	struct rules *rules;

	bool security_headers;
	bool server_header;
	bool proxy_required;
	struct config_list hosts;
	struct config_list trusted_proxies; /* networks */
	enum config_auto lab;

	enum config_auto io_uring;
	enum config_auto sandbox_mode;
	struct config_list allowed_roots; /* folders; empty: see sandbox.h */
	char *user; /* to become, "name" or "name:group"; NULL: stay */

	char *log_access; /* "auto", "off", "stdout" or a path */
	enum log_format log_format;
	enum notice_level log_level;

	/* Per row of the table of keys: where it was set ("server.yaml:14:9",
	 * "HTTPCONSOLE_ROOT", "-w"); NULL: the default stands. */
	char **places;
};

/* What is wrong, one a line, "server.yaml:14:9: error: ...". */
struct config_errors {
	char *text;	/* owned; NULL when there is none */
	unsigned count; /* all of them, also those beyond the bound of text */
};
void config_errors_free(struct config_errors *e);

/* The defaults.  NULL when memory is short. */
struct config *config_new(void);
void config_free(struct config *c);

/* Read the YAML file over what *c holds.  All errors are collected; false when
 * there is any, *c is then good only to be freed.  Paths in the file are made
 * relative to the file's folder. */
bool config_read_file(
    struct config *c, const char *path, struct config_errors *e);

/* Read HTTPCONSOLE_* variables over what *c holds: HTTPCONSOLE_ and the key in
 * capitals with _ for dots (HTTPCONSOLE_TIMEOUTS_HEADER=5s).  Lists are written
 * with commas, names and values as NAME=VALUE with commas, of a list of groups
 * one in short: for cache the value, for headers "Name: value", for redirects
 * "FROM TO".  What Kubernetes sets for a service of this program's name
 * (HTTPCONSOLE_SERVICE_*, HTTPCONSOLE_PORT=tcp://...) is passed over; any other
 * unknown variable is an error. */
bool config_read_env(struct config *c, char **env, struct config_errors *e);

/* Set one key from a text, for the command line: "limits.connections", "5".
 * `where` ("-p") begins the error. */
bool config_set(struct config *c, const char *key, const char *value,
    const char *where, struct config_errors *e);

/* Add an entry to a list of groups, from the text that config_set takes. */
bool config_add(struct config *c, const char *key, const char *value,
    const char *where, struct config_errors *e);

/* What no single key can tell: relations between keys, paths that do not
 * exist.  Adds to *e; false when it did. */
bool config_validate(const struct config *c, struct config_errors *e);

/* Write the whole as YAML with comments, in a form config_read_file takes. */
void config_print(const struct config *c, FILE *out);

/* One entry of listen, taken apart. */
struct config_listen {
	char host[256]; /* no brackets; "": every address, both families */
	uint16_t port;	/* 0: the kernel picks */
	bool v6;	/* host is an IPv6 address, perhaps with %zone */
};

/* host:port, [v6]:port or :port.  A host is an address or a name, which is not
 * looked up.  False when it is none of these; *out is then unchanged. */
bool config_listen_parse(const char *entry, struct config_listen *out);

/* The file to load: `given` (-c) or the first of ./server.yaml,
 * $XDG_CONFIG_HOME/httpconsole/server.yaml, /etc/httpconsole/server.yaml.
 * *file is the caller's; NULL when there is none.  False when memory is short.
 */
bool config_find(const char *given, char **file);

#endif
