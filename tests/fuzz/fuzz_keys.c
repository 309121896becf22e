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

#define SIDE_W (132 + 124)
#define SIDE_H (50 + 30)

/* The cells begin as the last picture left them: a drawing that does not blank
 * them would show what it should not. */
static void
check_picture(struct ui *ui, int w, int h, bool ascii)
{
	static struct cell cells[SIDE_W * SIDE_H];
	struct grid g = { .w = w, .h = h, .ascii = ascii, .cell = cells };

	ui_draw(ui, &g);
	for (int i = 0; i < g.w * g.h; i++) {
		uint32_t cp = g.cell[i].cp;

		MUST(cp >= 0x20 || g.cell[i].width == 0);
		MUST(cp < 0x7f || cp > 0x9f);
		MUST(!ascii || cp < 0x7f);
		MUST(g.cell[i].style < STYLE_N);
	}
	MUST(g.cursor_y < g.h && g.cursor_x < g.w);
}

#define PICTURES 4 /* of an input: they take nearly all of the time */

static unsigned pictures;

/* Of a terminal's usual size, and now and then larger. */
static void
check_some_picture(struct ui *ui, struct feed *f)
{
	int w = 1 + feed_byte(f) % 132;
	int h = 1 + feed_byte(f) % 50;
	uint8_t how = feed_byte(f);

	if ((how >> 1) % 16 == 15)
		w += 124, h += 30;
	if (pictures++ < PICTURES)
		check_picture(ui, w, h, how & 1);
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
		check_some_picture(&s->ui, f);
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

/* There is something to look at, of which the input has to say nothing. */
static void
begin(struct scene *s)
{
	static const uint8_t three[] = "Any bytes do, if there are 36 of them";
	struct feed f = { three, sizeof(three) };

	for (int i = 0; i < 3; i++)
		one_more(s, &f);
}

/* Made once and then as it was when it was made, but for the history, which is
 * a new one: to map all that for each input would take longer than the input.
 * The history is small, so that the first heads are gone soon. */
static struct control *
control_as_new(void)
{
	static struct control *c, made;
	static struct watch_worker *worker;
	size_t n = made.watch.workers * sizeof(*worker);

	if (c == NULL) {
		MUST((c = scene_control()) != NULL);
		made = *c;
		n = made.watch.workers * sizeof(*worker);
		worker = aligned_alloc(_Alignof(struct watch_worker), n);
		MUST(worker != NULL);
		memcpy(worker, made.watch.worker, n);
	}
	journal_free(c->watch.journal);
	*c = made;
	memcpy(c->watch.worker, worker, n);
	for (unsigned i = 0; i < c->watch.workers; i++)
		memset(worker[i].rows, 0,
		    worker[i].rows_n * sizeof(worker[i].rows[0]));
	MUST((c->watch.journal = journal_new(100, 1024)) != NULL);
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	struct scene s;

	pictures = 0;
	scene_make_over(&s, control_as_new());
	begin(&s);
	scene_pass(&s, NS_PER_S);
	while (f.n > 0)
		act(&s, &f, feed_byte(&f));
	if (size % 4 == 0)
		check_picture(&s.ui, 80, 24, false);
	else /* the same, for a third of the time */
		check_picture(&s.ui, 48, 12, false);
	free(s.ui.copy);
	model_free(s.ui.m);
	return 0;
}
