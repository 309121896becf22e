/* The command line (getopt_long(3)). */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/config.h"

enum options_action {
	OPTIONS_SERVE,
	OPTIONS_CHECK,	      /* only while options are read */
	OPTIONS_PRINT_CONFIG, /* only while options are read */
	OPTIONS_PROBE,	      /* argv[0] "probe" follows at probe_argv */
	OPTIONS_VIEW,	      /* the same with "view" */
	OPTIONS_EXIT,	      /* what was asked for was printed; status 0 */
	OPTIONS_USAGE,	      /* wrong; said on stderr; exit status 2 */
	OPTIONS_CONFIG_BAD,   /* configuration wrong; said; exit status 78 */
	OPTIONS_CANNOT_RUN,   /* no such folder and the like; said; status 1 */
};

struct options {
	enum options_action action;
	struct config
	    *config; /* effective; the caller's; SERVE only, or NULL */
	int probe_argc;
	char **probe_argv;
	bool quiet; /* no banner */
};

/* Read command line, environment and file, in their precedence, into *o.
 * What is wrong is said on stderr.  --help, --version, --check and
 * --print-config are done here, on stdout.  getopt_long(3) may change the
 * order of argv; one thread at a time. */
void options_read(struct options *o, int argc, char **argv, char **env);

/* The same again for a reload: command line and environment over the file as
 * it is now.  NULL, and *e, when anything is wrong. */
struct config *options_reload(
    int argc, char **argv, char **env, struct config_errors *e);

#endif
