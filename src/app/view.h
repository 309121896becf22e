/* httpconsole view FILE: a recording in the console, nothing served. */
#ifndef APP_VIEW_H
#define APP_VIEW_H

/* `argv[0]` is "view".  Returns the exit status. */
int view_main(int argc, char **argv);

#endif
