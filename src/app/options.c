/* The command line over the environment over the file. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config_key.h"
#include "app/options_cli.h"
#include "app/rings.h"
#include "app/sandbox.h"
#include "app/server_plan.h"
#include "base/error.h"
#include "base/num.h"

/* ADDR of -b as an entry of listen: with a port, IPv6 in brackets. */
static bool
put_bind(struct buf *b, const char *address, unsigned port)
{
	const char *colon = strchr(address, ':');
	bool bracketed = address[0] == '[';
	bool bare_v6 = !bracketed && colon && strchr(colon + 1, ':');
	bool has_port =
	    bracketed ? strstr(address, "]:") != NULL : colon && !bare_v6;

	if (bare_v6)
		buf_putc(b, '[');
	buf_puts(b, address);
	if (bare_v6)
		buf_putc(b, ']');
	if (!has_port) {
		buf_putc(b, ':');
		buf_putu(b, port);
	}
	return has_port;
}

/* The addresses of the command line, or those that stand, with its port. */
static void
put_addresses(const struct cli *cli, const struct config *c, unsigned port,
    struct config_list *list)
{
	const char *const *hosts =
	    cli->binds ? cli->bind : (const char *const *)c->listen.v;
	size_t n = cli->lan ? 1 : cli->binds ? cli->binds : c->listen.n;

	for (size_t i = 0; i < n; i++) {
		char entry[320];
		struct buf b = buf_over(entry, sizeof(entry) - 1);
		struct config_listen l;
		bool known = false;

		if (cli->lan)
			put_bind(&b, "", port);
		else if (cli->binds)
			put_bind(&b, hosts[i], port);
		else if (config_listen_parse(hosts[i], &l))
			put_bind(&b, l.host, port);
		/* Two ports of one address have become one. */
		for (size_t j = 0; j < list->n; j++)
			known |= strcmp(list->v[j], buf_cstr(&b)) == 0;
		if (!known)
			config_list_add(list, buf_span(&b));
	}
}

/* How many of -b name a port: the default one is not meant then. */
static unsigned
named_ports(const struct cli *cli)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cli->binds; i++) {
		char entry[320];
		struct buf b = buf_over(entry, sizeof(entry));

		n += put_bind(&b, cli->bind[i], 0);
	}
	return n;
}

/* -p, -b and --lan. */
static void
apply_listen(const struct cli *cli, struct config *c, struct config_errors *e)
{
	const char *where = cli->lan ? "--lan" : cli->binds ? "-b" : "-p";
	const struct config_from from = { .where = where, .errors = e };
	const struct config_key *k = config_key_find(SPAN("listen"));
	struct config_list list = { NULL, 0 };
	struct config_listen first = { .port = 8000 };
	unsigned named = named_ports(cli);
	bool given = cli->port || named > 0 || c->listen_given;
	bool good = true;
	uint64_t port;

	if (!cli->port && !cli->lan && !cli->binds)
		return;
	config_listen_parse(c->listen.v[0], &first);
	port = first.port;
	if (cli->port &&
	    (!num_dec(span_str(cli->port), &port) || port > UINT16_MAX)) {
		char shown[CONFIG_SHOWN_MAX];

		config_error(e, "-p", NULL, "'%s' is not a port (0 to 65535)",
		    config_shown(span_str(cli->port), shown));
		return;
	}
	if (cli->port && named > 0 && named == cli->binds) {
		config_error(e, "-p", NULL,
		    "every -b has a port already: leave one of them out");
		return;
	}
	put_addresses(cli, c, (unsigned)port, &list);
	for (size_t i = 0; i < list.n; i++)
		good &= config_key_check_item(k, span_str(list.v[i]), &from);
	if (good)
		config_key_assign_list(c, k, &list, &from);
	c->listen_given = given;
	config_list_free(&list);
}

/* "-" is stdout; a file with the name of a word is still a file. */
static void
apply_log_file(const char *file, struct config *c, struct config_errors *e)
{
	const struct config_key *k = config_key_find(SPAN("log.access"));
	char path[16];

	if (strcmp(file, "-") == 0) {
		file = "stdout";
	} else if (config_value_word(k->words, span_str(file))) {
		snprintf(path, sizeof(path), "./%s", file);
		file = path;
	}
	config_set(c, k->name, file, "--log-file", e);
}

/* FILE stands in the root with a slash before it or without. */
static void
apply_spa(const char *file, const char *where, struct config *c,
    struct config_errors *e)
{
	char path[LIMIT_PATH];
	bool word;

	if (file[0] != '/' && file[0] != '=' && file[0] != '\0' &&
	    !config_value_bool(span_str(file), &word) &&
	    snprintf(path, sizeof(path), "/%s", file) < (int)sizeof(path))
		file = path;
	config_set(c, "files.spa", file, where, e);
}

static void
apply_cli(const struct cli *cli, struct config *c, struct config_errors *e)
{
	for (unsigned i = 0; i < cli->sets; i++) {
		const struct cli_row *row = cli->set[i];
		char name[32];

		cli_row_text(row, name);
		if (strcmp(row->key, "log.access") == 0 && row->arg)
			apply_log_file(cli->set_to[i], c, e);
		else if (strcmp(row->key, "files.spa") == 0)
			apply_spa(cli->set_to[i], name, c, e);
		else
			config_set(c, row->key, cli->set_to[i], name, e);
	}
	for (unsigned i = 0; i < cli->headers; i++)
		config_add(c, "headers", cli->header[i], "-H", e);
	if (cli->dir)
		config_set(c, "root", cli->dir, "DIR", e);
	apply_listen(cli, c, e);
}

/* Put it all together.  *action says how bad it is when something is wrong,
 * which is then in *e; *file, the caller's, is what was read, or NULL. */
static struct config *
build(const struct cli *cli, char **env, struct config_errors *e,
    enum options_action *action, char **file)
{
	struct config *c = config_new();
	unsigned count;

	*action = OPTIONS_CANNOT_RUN;
	*file = NULL;
	/* A file that is there is read, or nothing is served. */
	if (c == NULL || (!cli->no_config && !config_find(cli->config, file))) {
		config_free(c);
		config_error(e, NULL, NULL, "out of memory");
		return NULL;
	}
	if (*file)
		config_read_file(c, *file, e);
	config_read_env(c, env, e);
	if (e->count || *file)
		*action = OPTIONS_CONFIG_BAD;
	count = e->count;
	apply_cli(cli, c, e);
	if (e->count > count)
		*action = OPTIONS_USAGE;
	config_validate(c, e);
	if (e->count == 0)
		return c;
	config_free(c);
	return NULL;
}

static void
say_errors(const struct config_errors *e)
{
	unsigned lines = 0;

	for (const char *p = e->text; p && *p; p++)
		lines += *p == '\n';
	if (e->text)
		fputs(e->text, stderr);
	else if (e->count > 0) /* none found room */
		fputs("httpconsole: out of memory\n", stderr);
	if (e->text && e->count > lines)
		fprintf(stderr, "... and %u more error%s\n", e->count - lines,
		    e->count - lines == 1 ? "" : "s");
}

static bool
is_number(const char *s)
{
	return s[0] != '\0' && strspn(s, "0123456789") == strlen(s);
}

/* Say why DIR cannot be served; false when it can, as far as one can see. */
static bool
dir_is_wrong(const char *dir)
{
	char shown[CONFIG_SHOWN_MAX];
	struct config_listen l;
	struct stat st;

	if (dir == NULL)
		return false;
	config_shown(span_str(dir), shown);
	if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		fprintf(stderr,
		    "httpconsole: '%s' is a file; name the folder it is in\n",
		    shown);
	else if (access(dir, R_OK | X_OK) == 0)
		return false;
	else if (errno != ENOENT)
		fprintf(stderr, "httpconsole: '%s' cannot be read: %s\n", shown,
		    error_text(errno));
	else if (is_number(dir))
		fprintf(stderr,
		    "httpconsole: no folder '%s'; did you mean -p %s?\n", shown,
		    shown);
	else if (strstr(dir, "://"))
		fprintf(stderr,
		    "httpconsole: no folder '%s'; did you mean probe %s?\n",
		    shown, shown);
	else if (config_listen_parse(dir, &l))
		fprintf(stderr,
		    "httpconsole: no folder '%s'; did you mean -b %s?\n", shown,
		    shown);
	else
		fprintf(stderr, "httpconsole: no folder '%s'\n", shown);
	return true;
}

/* An error that begins with its key, said where that is. */
static enum options_action
refuse_at_key(const struct config *c, const char *err)
{
	char key[16];
	const char *where;

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(err, ": "), err);
	where = config_place(c, key);
	fprintf(stderr, "%s: error: %s\n", where ? where : "httpconsole", err);
	return OPTIONS_CONFIG_BAD;
}

/* Whether calls go together, and the sandbox, a layer a line. */
static enum options_action
print_kernel(const char *no_rings, const struct sandbox_status *s)
{
	printf("several receives or sends by one call (io_uring): %s\n",
	    no_rings[0] ? no_rings : "on");
	for (int i = 0; i < SANDBOX_N; i++)
		printf("sandbox layer %d, %s: %s: %s\n", i,
		    sandbox_layer_text[i],
		    sandbox_state_text(s->layer[i].state), s->layer[i].text);
	return cli_printed();
}

/* Whether there are the rings that must be; err says why there are none. */
static bool
rings_can_be(const struct config *c, char err[512])
{
	struct io_ring *ring[LIMIT_WORKERS];
	unsigned workers = plan_workers(c);
	bool ok;

	if (workers > c->connections) /* as at a start */
		workers = c->connections;
	ok = rings_make(c, workers, ring, err);

	rings_free(ring);
	return ok;
}

/* --check and --print-config, once everything is right; the user of all but the
 * latter. */
static enum options_action
finish(enum options_action action, const struct config *c, const char *file)
{
	char shown[CONFIG_PLACE_MAX], err[512], no_rings[512];
	struct sandbox_status s;

	if (action == OPTIONS_PRINT_CONFIG) {
		config_print(c, stdout);
		return cli_printed();
	}
	/* Not with the other errors: those are looked for at a reload too, when
	 * the sandbox hides who there is. */
	if (!sandbox_can_become(c->user, err))
		return refuse_at_key(c, err);
	if (action != OPTIONS_CHECK)
		return action;
	if (!rings_can_be(c, no_rings))
		return refuse_at_key(c, no_rings);
	if (!sandbox_foresee(c, c->console_mode != CONFIG_OFF, &s, err))
		return refuse_at_key(c, err);
	if (file)
		printf("%s: ok\n", config_shown(span_str(file), shown));
	else
		puts("no configuration file: defaults are ok");
	return print_kernel(no_rings, &s);
}

void
options_read(struct options *o, int argc, char **argv, char **env)
{
	struct cli cli = { .action = OPTIONS_SERVE };
	struct config_errors e = { NULL, 0 };
	enum options_action bad;
	char *file = NULL;

	*o = (struct options){ .action = OPTIONS_PROBE };
	if (argc > 1 && strcmp(argv[1], "probe") == 0) {
		o->probe_argc = argc - 1;
		o->probe_argv = argv + 1;
		return;
	}
	if (argc > 1 && strcmp(argv[1], "view") == 0) {
		o->action = OPTIONS_VIEW;
		o->probe_argc = argc - 1;
		o->probe_argv = argv + 1;
		return;
	}
	if (!cli_read(&cli, argc, argv)) {
		o->action = cli.action;
		return;
	}
	o->quiet = cli.quiet;
	if (dir_is_wrong(cli.dir)) {
		o->action = OPTIONS_CANNOT_RUN;
		return;
	}
	o->config = build(&cli, env, &e, &bad, &file);
	say_errors(&e);
	o->action = o->config ? finish(cli.action, o->config, file) : bad;
	if (o->action != OPTIONS_SERVE) {
		config_free(o->config);
		o->config = NULL;
	}
	config_errors_free(&e);
	free(file);
}

/* An editor may empty a file before it writes it: that moment is no wish for
 * the defaults. */
static bool
file_is_empty(const struct cli *cli, struct config_errors *e)
{
	struct stat st;
	char *file = NULL;
	bool empty;

	if (!cli->no_config)
		(void)config_find(cli->config, &file);
	empty = file != NULL && stat(file, &st) == 0 && st.st_size == 0;

	if (empty)
		config_error(e, file, NULL, "the file is empty");
	free(file);
	return empty;
}

struct config *
options_reload(int argc, char **argv, char **env, struct config_errors *e)
{
	struct cli cli = { .action = OPTIONS_SERVE };
	enum options_action bad;
	struct config *c;
	char *file = NULL;

	if (!cli_read(&cli, argc, argv)) {
		config_error(e, NULL, NULL, "the command line is wrong");
		return NULL;
	}
	if (file_is_empty(&cli, e))
		return NULL;
	c = build(&cli, env, e, &bad, &file);
	free(file);
	return c;
}
