/* httpconsole probe: a raw client for the Connection field. */
#ifndef APP_PROBE_H
#define APP_PROBE_H

/* argv[0] is "probe".  Returns the exit status. */
int probe_main(int argc, char **argv);

#endif
