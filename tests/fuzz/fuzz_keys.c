/* The console's keys: whatever is typed, on a screen of whatever size, each
 * picture is one that a terminal can show. */
#include "base/printable.h"
#include "fuzz.h"
#include "tests/console/scene.h"
#include "ui/exporting.h"
#include "ui/state_file.h"

/* Nothing that is typed here may write a file: these stand in for the
 * console's own. */
struct exporting *
exporting_begin(const char *path, const struct export_options *options,
    uint64_t *seq, size_t n, char text[EXPORT_TEXT])
{
	(void)path, (void)options, (void)n;
	free(seq);
	(void)snprintf(text, EXPORT_TEXT, "no");
	return NULL;
}

bool
exporting_step(struct exporting *e, struct journal *j)
{
	(void)e, (void)j;
	return true;
}

unsigned
exporting_done(const struct exporting *e)
{
	(void)e;
	return 0;
}

bool
exporting_end(struct exporting *e, char text[EXPORT_TEXT])
{
	(void)e, (void)text;
	return false;
}

void
exporting_cancel(struct exporting *e)
{
	(void)e;
}

bool
state_file_path(char out[PATH_MAX], const char *name)
{
	(void)out, (void)name;
	return false;
}

bool
state_file_write(const char *name, struct span bytes)
{
	(void)name, (void)bytes;
	return false;
}

long
state_file_read(const char *name, char *out, size_t cap)
{
	(void)name, (void)out, (void)cap;
	return -1;
}

static void
check_picture(struct ui *ui, int w, int h, bool ascii)
{
	struct grid g;

	MUST(grid_init(&g, w, h, ascii));
	ui_draw(ui, &g);
	for (int i = 0; i < g.w * g.h; i++) {
		uint32_t cp = g.cell[i].cp;

		MUST(cp >= 0x20 || g.cell[i].width == 0);
		MUST(cp < 0x7f || cp > 0x9f);
		MUST(!ascii || cp < 0x7f);
		MUST(g.cell[i].style < STYLE_N);
	}
	MUST(g.cursor_y < g.h && g.cursor_x < g.w);
	grid_free(&g);
}

static void
one_more(struct scene *s, struct feed *f)
{
	static const unsigned status[] = { 200, 304, 404, 503 };
	static char request[64];
	struct fake_exchange x = { .conn = 40 + feed_below(f, 4),
		.number = 1 + feed_byte(f),
		.request = request,
		.response = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n\r\n",
		.status = status[feed_below(f, 4)],
		.why = REASON_FILE_FOUND,
		.wall = s->now.wall,
		.done_ns = (int64_t)feed_number(f, 4),
		.body = feed_number(f, 3) };

	(void)snprintf(request, sizeof(request), "GET /%c%c HTTP/1.1\r\n\r\n",
	    1 + (int)feed_below(f, 254), 1 + (int)feed_below(f, 254));
	fake_exchange(s->ui.control, &x);
}

static void
act(struct scene *s, struct feed *f, uint8_t what)
{
	if (what < 0xe0) {
		ui_key(&s->ui, what);
		return;
	}
	switch (what & 7) {
	case 0:
		one_more(s, f);
		break;
	case 1:
		scene_pass(s, (int64_t)feed_byte(f) * 50 * NS_PER_MS);
		break;
	case 2:
		ui_mouse(&s->ui,
		    &(struct term_mouse){ (enum term_button)feed_below(f, 3),
			feed_byte(f) - 5, feed_byte(f) - 5 });
		break;
	case 3:
		check_picture(&s->ui, 1 + feed_byte(f), 1 + feed_byte(f) % 80,
		    feed_byte(f) & 1);
		break;
	case 4:
		ui_key(&s->ui, (uint32_t)feed_number(f, 3) % 0x110000);
		break;
	case 5:
		ui_work(&s->ui);
		break;
	default:
		ui_key(&s->ui,
		    TERM_KEY_SPECIAL + 1 +
			(uint32_t)feed_below(
			    f, TERM_KEY_OTHER - TERM_KEY_SPECIAL));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	struct scene s;

	scene_make_empty(&s);
	for (int i = 0; i < 3; i++)
		one_more(&s, &f);
	scene_pass(&s, NS_PER_S);
	while (f.n > 0)
		act(&s, &f, feed_byte(&f));
	check_picture(&s.ui, 80, 24, false);
	free(s.ui.copy);
	scene_free(&s);
	return 0;
}
