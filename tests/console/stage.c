#include "tests/console/stage.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
stage_path(const struct stage *s, const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", s->folder, name);
	return path;
}

void
stage_write(const struct stage *s, const char *name, const char *text)
{
	FILE *f = fopen(stage_path(s, name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

int
stage_lines(const struct stage *s, const char *name)
{
	FILE *f = fopen(stage_path(s, name), "r");
	int c, n = 0;

	if (f == NULL)
		return -1;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return n;
}

int
stage_set_up(void **state)
{
	static const char *const folders[] = { "www", "www/docs", "other" };
	struct stage *s = calloc(1, sizeof *s);

	assert_non_null(s);
	*state = s;
	(void)snprintf(s->folder, sizeof s->folder, "/tmp/c-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		assert_int_equal(mkdir(stage_path(s, folders[i]), 0755), 0);
	stage_write(s, "www/index.html", "<!doctype html><title>T</title>\n");
	stage_write(s, "www/hello.txt", "hello world\n");
	stage_write(s, "www/big.bin", "");
	assert_int_equal(truncate(stage_path(s, "www/big.bin"), STAGE_BIG), 0);
	stage_write(s, "other/hello.txt", "other\n");
	stage_write(s, "other/only-here.txt", "here\n");
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
stage_tear_down(void **state)
{
	struct stage *s = *state;
	int status = 0;

	for (int i = 0; i < s->clients; i++)
		(void)close(s->client[i]);
	if (s->vt && vt_runs(s->vt)) {
		/* What was right until now may go wrong at the end. */
		(void)kill(vt_pid(s->vt), SIGTERM);
		status = vt_end(s->vt);
	}
	if (status)
		vt_dump(s->vt);
	vt_free(s->vt);
	(void)nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return status;
}

void
stage_read_address(struct stage *s)
{
	static const char title[] =
	    "^ httpconsole  http://127\\.0\\.0\\.1:([0-9]+)/ .* up [0-9]";

	vt_wait_row(s->vt, title);
	s->port = (unsigned)vt_number(s->vt, title);
}

struct vt *
stage_start(struct stage *s, const struct vt_options *options)
{
	static const char *const args[] = { "-p", "0", "--no-config", "www",
		NULL };
	/* a call that the sandbox does not know ends the program, and the test
	 */
	const char *env[34] = { "HTTPCONSOLE_CONSOLE_REFRESH=50ms", NULL, NULL,
		"SANDBOX_TEST=kill" };
	struct vt_options o = *options;
	char home[80], state[96];

	(void)snprintf(home, sizeof home, "HOME=%s", s->folder);
	(void)snprintf(
	    state, sizeof state, "XDG_STATE_HOME=%s/state", s->folder);
	env[1] = home;
	env[2] = state;
	for (int i = 0; o.env && o.env[i] && i < 28; i++)
		env[i + 4] = o.env[i];
	o.env = env;
	if (o.w == 0)
		o.w = 80, o.h = 24;
	if (o.args == NULL)
		o.args = args;
	o.folder = s->folder;
	vt_free(s->vt);
	s->vt = NULL;
	s->vt = vt_start(&o);
	return s->vt;
}

struct vt *
stage_open(struct stage *s, const struct vt_options *o)
{
	(void)stage_start(s, o);
	stage_read_address(s);
	return s->vt;
}

struct vt *
stage_open_plain(struct stage *s)
{
	struct vt_options o = { 0 };

	return stage_open(s, &o);
}

int
stage_client(struct stage *s, int window)
{
	assert_true(s->clients < STAGE_CLIENTS);
	s->client[s->clients] = client_open(s->port, window);
	return s->client[s->clients++];
}

void
stage_get(struct stage *s, const char *target, int status)
{
	assert_int_equal(client_get(s->port, target), status);
}

int
stage_download(struct stage *s, struct reply *r)
{
	int fd = stage_client(s, 65536);

	client_send(fd, "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
	client_read_some(fd, r, STAGE_BIG / 4);
	assert_int_equal(r->status, 200);
	return fd;
}
