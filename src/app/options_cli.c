/* The options, taking a command line apart, the help page. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>

#include "app/config_key.h"
#include "app/options_cli.h"
#include "base/error.h"
#include "base/near.h"
#include "base/printable.h"

#ifndef HTTPCONSOLE_VERSION
#define HTTPCONSOLE_VERSION "0.1.0"
#endif

/* Codes of options that have no letter. */
enum {
	OPT_LAN = 256,
	OPT_NO_CONFIG,
	OPT_CHECK,
	OPT_PRINT_CONFIG,
	OPT_CONSOLE,
	OPT_HEADLESS,
	OPT_LOG_FILE,
	OPT_LOG_FORMAT,
	OPT_NO_LOG,
	OPT_NO_LISTING,
	OPT_HIDDEN,
	OPT_CORS,
	OPT_CACHE,
};

static const struct cli_row rows[] = {
	{ "port", 'p', "N", NULL, NULL,
	    "the port, 8000; 0: the kernel picks one" },
	{ "bind", 'b', "ADDR", NULL, NULL,
	    "listen on ADDR or ADDR:PORT; repeatable" },
	{ "lan", OPT_LAN, NULL, NULL, NULL,
	    "listen on every address: others can connect" },
	{ "workers", 'w', "N", "workers", NULL,
	    "threads that serve, 1 to 256, or auto" },
	{ "index", 'i', "NAMES", "files.index", NULL,
	    "index files of a folder, with commas" },
	{ "no-listing", OPT_NO_LISTING, NULL, "files.listing", "false",
	    "do not list folders without index" },
	{ "hidden", OPT_HIDDEN, NULL, "files.hidden", "allow",
	    "serve names that begin with a dot" },
	{ "spa", 's', "[=FILE]", "files.spa", "true",
	    "send the index, or FILE, for what is not there" },
	{ "header", 'H', "'N: V'", NULL, NULL,
	    "add the field N to every answer; repeatable" },
	{ "cors", OPT_CORS, "[=ORIGIN]", "cors.origins", "*",
	    "let scripts of all sites, or of ORIGIN, read" },
	{ "cache", OPT_CACHE, "VALUE", "cache", NULL,
	    "the Cache-Control of files, no-cache" },
	{ "console", OPT_CONSOLE, NULL, "console.mode", "on",
	    "show the console (default on a terminal)" },
	{ "headless", OPT_HEADLESS, NULL, "console.mode", "off",
	    "no console: the access log goes to stdout" },
	{ "log-file", OPT_LOG_FILE, "FILE", "log.access", NULL,
	    "write the access log there; -: stdout" },
	{ "log-format", OPT_LOG_FORMAT, "FMT", "log.format", NULL,
	    "common, combined or json" },
	{ "no-log", OPT_NO_LOG, NULL, "log.access", "off",
	    "write no access log" },
	{ "config", 'c', "FILE", NULL, NULL,
	    "read FILE instead of the first server.yaml" },
	{ "no-config", OPT_NO_CONFIG, NULL, NULL, NULL,
	    "read no configuration file" },
	{ "check", OPT_CHECK, NULL, NULL, NULL,
	    "say whether the configuration is right" },
	{ "print-config", OPT_PRINT_CONFIG, NULL, NULL, NULL,
	    "print the configuration in effect, as YAML" },
	{ "quiet", 'q', NULL, NULL, NULL, "print no banner" },
	{ "verbose", 'v', NULL, "log.level", "debug", "say more on stderr" },
	{ "help", 'h', NULL, NULL, NULL, "print this" },
	{ "version", 'V', NULL, NULL, NULL, "print the version" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= CLI_ROWS_MAX, "each row may set a key");

static enum options_action usage(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

static enum options_action
usage(const char *fmt, ...)
{
	char text[512], shown[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable_str(shown, sizeof(shown), span_str(text), PRINTABLE_UTF8);
	fprintf(stderr, "httpconsole: %s\nTry 'httpconsole --help'.\n", shown);
	return OPTIONS_USAGE;
}

enum options_action
cli_printed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return OPTIONS_EXIT;
	fprintf(stderr, "httpconsole: stdout: %s\n", error_text(errno));
	return OPTIONS_CANNOT_RUN;
}

/* Whether it takes an argument, if it is written with it ("--spa=X", "-sX"). */
static bool
may_be_left_out(const struct cli_row *row)
{
	return row->arg && row->arg[0] == '[';
}

/* --- the help page --- */

static void
print_option(const struct cli_row *row)
{
	char left[40];
	char letter[8] = "   ";

	if (row->code < OPT_LAN)
		snprintf(letter, sizeof(letter), "-%c,", row->code);
	snprintf(left, sizeof(left), "%s --%s%s%s", letter, row->name,
	    row->arg && !may_be_left_out(row) ? " " : "",
	    row->arg ? row->arg : "");
	printf("  %-25s %s\n", left, row->help);
}

static enum options_action
print_help(void)
{
	fputs("Usage: httpconsole [OPTIONS] [DIR]    "
	      "serve a folder, and watch each request\n"
	      "       httpconsole probe [URL]        "
	      "a raw client: see what a server answers\n"
	      "       httpconsole view FILE          "
	      "a HAR or access log in the console\n\n"
	      "DIR is the folder to serve: by default the configuration's "
	      "root, else \".\".\n\nOptions:\n",
	    stdout);
	for (size_t i = 0; i < ROWS; i++)
		print_option(&rows[i]);
	fputs(
	    "\nThe command line comes before HTTPCONSOLE_* variables (such as\n"
	    "HTTPCONSOLE_LOG_FORMAT), and these before the first file of "
	    "-c, ./server.yaml,\n"
	    "~/.config/httpconsole/server.yaml, "
	    "/etc/httpconsole/server.yaml.\n"
	    "Signals: TERM and INT drain and end, HUP reads the "
	    "configuration again,\nUSR1 opens the log file again.\n"
	    "Exit status: 0 clean stop, 1 cannot run, 2 wrong usage, "
	    "78 wrong configuration.\n",
	    stdout);
	return cli_printed();
}

static enum options_action
print_version(void)
{
	puts("httpconsole " HTTPCONSOLE_VERSION);
	return cli_printed();
}

/* --- taking the command line apart --- */

static const struct cli_row *
row_of(int code)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

const char *
cli_row_text(const struct cli_row *row, char out[32])
{
	if (row->code < OPT_LAN)
		snprintf(out, 32, "-%c", row->code);
	else
		snprintf(out, 32, "--%s", row->name);
	return out;
}

static void
cli_set(struct cli *cli, const struct cli_row *row, const char *arg)
{
	unsigned i = 0;

	while (i < cli->sets && strcmp(cli->set[i]->key, row->key) != 0)
		i++;
	cli->set[i] = row;
	cli->set_to[i] = arg ? arg : row->value;
	if (i == cli->sets)
		cli->sets++;
}

static enum options_action
unknown_option(const char *word, int letter)
{
	struct span name;
	const struct cli_row *near = NULL;
	unsigned best = CONFIG_NAME_MAX;

	if (word == NULL || strncmp(word, "--", 2) != 0)
		return usage("unknown option '-%c'", letter);
	name = span_of(word + 2, strcspn(word + 2, "="));
	for (size_t i = 0; i < ROWS; i++) {
		unsigned d = near_distance(name, span_str(rows[i].name));

		if (d < best)
			best = d, near = &rows[i];
	}
	if (near == NULL || !near_enough(best, name.n))
		return usage("unknown option '--%.*s'", (int)name.n, name.p);
	return usage("unknown option '--%.*s', did you mean '--%s'?",
	    (int)name.n, name.p, near->name);
}

/* getopt_long(3) says '?' for an unknown option, for one that is cut too
 * short to be known, and for an argument that is not wanted. */
static enum options_action
refused_option(char **argv)
{
	const char *word = optind > 0 ? argv[optind - 1] : NULL;
	const struct cli_row *row = row_of(optopt);
	size_t n = word ? strcspn(word, "=") : 0;
	unsigned matches = 0;

	if (row && word && word[n] == '=')
		return usage("option '--%s' takes no value", row->name);
	for (size_t i = 0; i < ROWS && n > 2; i++)
		matches += strncmp(rows[i].name, word + 2, n - 2) == 0;
	if (optopt == 0 && matches > 1)
		return usage("option '%.*s' could be several: write it out",
		    (int)n, word);
	return unknown_option(optopt == 0 ? word : NULL, optopt);
}

static enum options_action
missing_value(void)
{
	const struct cli_row *row = row_of(optopt);
	char name[32];

	return usage("option '%s' needs a value: %s",
	    row ? cli_row_text(row, name) : "-", row ? row->arg : "");
}

/* One option.  False when it ends everything, with cli->action. */
static bool
take_option(struct cli *cli, int code, char **argv)
{
	const struct cli_row *row = row_of(code);

	switch (code) {
	case 'p':
		cli->port = optarg;
		return true;
	case 'b':
		/* an unset variable must not mean everybody */
		if (*optarg == '\0') {
			cli->action = usage("-b: an address is wanted "
					    "(127.0.0.1; --lan: every one)");
			return false;
		}
		if (cli->binds < LIMIT_LISTENERS) {
			cli->bind[cli->binds++] = optarg;
			return true;
		}
		cli->action = usage("more than %d of -b", LIMIT_LISTENERS);
		return false;
	case 'H':
		if (cli->headers < CLI_HEADERS_MAX) {
			cli->header[cli->headers++] = optarg;
			return true;
		}
		cli->action = usage("more than %d of -H", CLI_HEADERS_MAX);
		return false;
	case OPT_LAN:
		cli->lan = true;
		return true;
	case 'c':
		cli->config = optarg;
		return true;
	case OPT_NO_CONFIG:
		cli->no_config = true;
		return true;
	case OPT_CHECK:
		cli->action = OPTIONS_CHECK;
		return true;
	case OPT_PRINT_CONFIG:
		cli->action = OPTIONS_PRINT_CONFIG;
		return true;
	case 'q':
		cli->quiet = true;
		return true;
	case 'h':
		cli->action = print_help();
		return false;
	case 'V':
		cli->action = print_version();
		return false;
	case ':':
		cli->action = missing_value();
		return false;
	default:
		if (row == NULL) {
			cli->action = refused_option(argv);
			return false;
		}
		cli_set(cli, row, optarg);
		return true;
	}
}

/* What getopt_long wants to know: the letters, and the long names. */
static void
describe_rows(char letters[3 * ROWS + 2], struct option longs[ROWS + 1])
{
	size_t n = 0;

	letters[n++] = ':';
	for (size_t i = 0; i < ROWS; i++) {
		longs[i] = (struct option){ .name = rows[i].name,
			.has_arg = may_be_left_out(&rows[i]) ? optional_argument
			    : rows[i].arg		     ? required_argument
							     : no_argument,
			.val = rows[i].code };
		if (rows[i].code >= OPT_LAN)
			continue;
		letters[n++] = (char)rows[i].code;
		if (rows[i].arg)
			letters[n++] = ':';
		if (may_be_left_out(&rows[i]))
			letters[n++] = ':';
	}
	letters[n] = '\0';
	longs[ROWS] = (struct option){ 0 };
}

/* Two words where one folder is meant. */
static enum options_action
more_than_a_folder(const char *first, const char *second)
{
	if (strcmp(first, "view") == 0 || strcmp(first, "probe") == 0)
		return usage("'%s' comes before its options: httpconsole %s "
			     "[OPTIONS] %s",
		    first, first, second);
	return usage("one DIR only: '%s' and '%s'", first, second);
}

bool
cli_read(struct cli *cli, int argc, char **argv)
{
	char letters[3 * ROWS + 2];
	struct option longs[ROWS + 1];
	int code;

	describe_rows(letters, longs);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	/* One thread at a time, says options.h.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		if (!take_option(cli, code, argv))
			return false;
	if (argc - optind > 1)
		cli->action =
		    more_than_a_folder(argv[optind], argv[optind + 1]);
	else if (cli->lan && cli->binds)
		cli->action = usage("--lan and -b: choose one");
	else if (cli->config && cli->no_config)
		cli->action = usage("-c and --no-config: choose one");
	cli->dir = optind < argc ? argv[optind] : NULL;
	return cli->action != OPTIONS_USAGE;
}
