/* The command line taken apart, before it is known what it means.  Only
 * options*.c. */
#ifndef APP_OPTIONS_CLI_H
#define APP_OPTIONS_CLI_H

#include "app/options.h"

#define CLI_ROWS_MAX	32
#define CLI_HEADERS_MAX 16 /* of -H */

/* An option; with `key` it sets that key, to its argument or to `value`. */
struct cli_row {
	const char *name;
	int code;	 /* the letter, or more than any */
	const char *arg; /* NULL: takes none; "[=X]": may be left out */
	const char *key;
	const char *value; /* when there is no argument */
	const char *help;  /* at most 50 columns */
};

/* Everything points into argv. */
struct cli {
	enum options_action action;
	bool quiet;
	bool lan;
	bool no_config;
	const char *dir;
	const char *config;
	const char *port;
	const char *bind[LIMIT_LISTENERS];
	unsigned binds;
	const char *header[CLI_HEADERS_MAX];
	unsigned headers;
	/* Keys to set: a row and its argument.  The last one for a key wins. */
	const struct cli_row *set[CLI_ROWS_MAX];
	const char *set_to[CLI_ROWS_MAX];
	unsigned sets;
};

/* False when cli->action, of which all was said or printed, is the end. */
bool cli_read(struct cli *cli, int argc, char **argv);

/* How the option is named in messages: "-w" or "--log-file". */
const char *cli_row_text(const struct cli_row *row, char out[32]);

/* What was asked for is on stdout: OPTIONS_EXIT, unless it could not be
 * written, which is said. */
enum options_action cli_printed(void);

#endif
