/* A scenario: a folder with a site, the program serving it on a virtual
 * terminal, and some clients.  All of it goes when the test ends, however it
 * ends. */
#ifndef TESTS_CONSOLE_STAGE_H
#define TESTS_CONSOLE_STAGE_H

#include "tests/console/client.h"
#include "tests/console/vt.h"

#define STAGE_BIG     (16u << 20) /* bytes of /big.bin */
#define STAGE_CLIENTS 512

struct stage {
	char folder[64]; /* the program's working directory */
	struct vt *vt;	 /* NULL until stage_open */
	unsigned port;
	int client[STAGE_CLIENTS]; /* closed at the end */
	int clients;
};

/* A test with a stage in *state. */
#define SCENARIO(test)                                                         \
	cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Start the program in the folder, which has
 *   www/        index.html, hello.txt (12 bytes), big.bin, docs/
 *   other/      hello.txt (6 bytes), only-here.txt
 * on www, and read its address from the title.  The folder is also the home
 * folder, so that paths are short.  Options of `o` that are 0 or NULL are
 * 80x24 and "-p 0 --no-config www"; frames are 50 ms apart at least. */
struct vt *stage_open(struct stage *s, const struct vt_options *o);

/* The same without waiting for a title.  One that was started before ends. */
struct vt *stage_start(struct stage *s, const struct vt_options *o);

/* With nothing special. */
struct vt *stage_open_plain(struct stage *s);

/* Read the address from the title. */
void stage_read_address(struct stage *s);

/* A path in the folder; until the next call. */
const char *stage_path(const struct stage *s, const char *name);
void stage_write(const struct stage *s, const char *name, const char *text);

/* Lines of a file in the folder, -1 when there is none. */
int stage_lines(const struct stage *s, const char *name);

/* A client of the program, closed by the stage. */
int stage_client(struct stage *s, int window);

/* GET; the test fails when another status comes. */
void stage_get(struct stage *s, const char *target, int status);

/* Have a download of /big.bin begin and stand still, a part of it read. */
int stage_download(struct stage *s, struct reply *r);

#endif
