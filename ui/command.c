#include "ui/command.h"

#include <string.h>

#include "base/near.h"
#include "ui/term.h"
#include "ui/ui.h"

const char *const command_group_names[COMMAND_GROUPS] = {
	[COMMAND_MOVE] = "Move and look",
	[COMMAND_SERVER] = "Server",
	[COMMAND_DATA] = "Requests",
	[COMMAND_APP] = "Console",
};

/* In the order of the help page and the footer. */
const struct command commands[] = {
	{ "pause", { 'p' }, "p", "pause: new requests wait; again: go on",
	    "Pause", COMMAND_SERVER, ON_ALL | LIVE_ONLY, act_pause, NULL },
	{ "root", { 'r' }, "r", "serve another folder", "Root", COMMAND_SERVER,
	    ON_ALL | TAKES_TEXT | LIVE_ONLY, act_root, NULL },
	{ "log", { 'l' }, "l", "access log on and off", "Log", COMMAND_SERVER,
	    ON_ALL | LIVE_ONLY, act_log, NULL },
	{ "open", { TERM_KEY_ENTER }, "Enter",
	    "open the request, or the connection", "Detail", COMMAND_MOVE,
	    ON_MAIN | ON_CONN, act_open, NULL },
	{ "back", { TERM_KEY_ESCAPE }, "Esc",
	    "back; take an error away; give up the choice", "Back",
	    COMMAND_MOVE, ON_ALL | FOOT_FIRST, act_back, NULL },
	{ "next", { 'J' }, "J", "next request, in a detail", "Next",
	    COMMAND_MOVE, ON_DETAIL, act_next, NULL },
	{ "previous", { 'K' }, "K", "previous request, in a detail", "Previous",
	    COMMAND_MOVE, ON_DETAIL, act_previous, NULL },
	{ "pane", { TERM_KEY_TAB }, "Tab", "the next pane", "Pane",
	    COMMAND_MOVE, ON_MAIN, act_pane, NULL },
	{ "pane-back", { TERM_KEY_BACK_TAB }, "S-Tab", "the pane before", NULL,
	    COMMAND_MOVE, ON_MAIN, act_pane_back, NULL },
	{ "traffic", { '1' }, "1", "traffic, latency, workers, bounds", NULL,
	    COMMAND_MOVE, ON_MAIN, act_view, "traffic" },
	{ "connections", { '2' }, "2", "the live connections", NULL,
	    COMMAND_MOVE, ON_MAIN, act_view, "connections" },
	{ "requests", { '3' }, "3", "the requests", NULL, COMMAND_MOVE, ON_MAIN,
	    act_view, "requests" },
	{ "tops", { '4' }, "4",
	    "the most frequent paths, clients, agents, statuses, types", NULL,
	    COMMAND_MOVE, ON_MAIN, act_view, "top" },
	{ "left", { TERM_KEY_LEFT, '<' }, "Left <", "the kind before, in Top",
	    NULL, COMMAND_MOVE, ON_MAIN, act_left, NULL },
	{ "right", { TERM_KEY_RIGHT, '>' }, "Right >", "the next kind, in Top",
	    NULL, COMMAND_MOVE, ON_MAIN, act_right, NULL },
	{ "follow", { 'F' }, "F", "keep the newest request in sight", "Follow",
	    COMMAND_DATA, ON_MAIN, act_follow, NULL },
	{ "freeze", { ' ' }, "Space",
	    "freeze the view, the server goes on; again: thaw", "Freeze",
	    COMMAND_DATA, ON_ALL, act_freeze, NULL },
	{ "help", { '?', TERM_KEY_F1 }, "? F1", "this page", "Help",
	    COMMAND_APP, ON_ALL | FOOT_END, act_help, NULL },
	{ "stats", { 0 }, "",
	    "where every event and log line went, sandbox, all counters", NULL,
	    COMMAND_SERVER, ON_ALL, act_stats, NULL },
	{ "quit", { 'q' }, "q", "stop: drain, now or cancel", "Quit",
	    COMMAND_SERVER, ON_ALL | FOOT_END, act_quit, NULL },
	{ "zoom", { 'z' }, "z", "the pane in front alone; again: both", "Zoom",
	    COMMAND_MOVE, ON_MAIN, act_zoom, NULL },
	{ "close", { 'X' }, "X", "close the chosen connection (asks)", "Close",
	    COMMAND_SERVER, ON_MAIN | ON_DETAIL | ON_CONN | LIVE_ONLY,
	    act_close, NULL },
	{ "sort", { 's' }, "s", "sort the list in front by a column", NULL,
	    COMMAND_DATA, ON_MAIN | TAKES_TEXT, act_sort, NULL },
	{ "reverse", { 'S' }, "S", "sort it the other way round", NULL,
	    COMMAND_DATA, ON_MAIN, act_reverse, NULL },
	{ "columns", { 'c' }, "c", "choose the columns of the list in front",
	    NULL, COMMAND_DATA, ON_MAIN | TAKES_TEXT, act_columns, NULL },
	{ "filter", { 'f' }, "f", "show only requests that meet a filter",
	    "Filter", COMMAND_DATA, ON_ALL | TAKES_TEXT, act_filter, NULL },
	{ "filter-off", { 0 }, "", "show all of them again", NULL, COMMAND_DATA,
	    ON_ALL, act_filter_off, NULL },
	{ "find", { '/' }, "/", "find a text in the list or page", "Find",
	    COMMAND_MOVE, ON_ALL | TAKES_TEXT, act_find, NULL },
	{ "find-next", { 'n' }, "n", "the next place that has it", NULL,
	    COMMAND_MOVE, ON_ALL, act_find_next, NULL },
	{ "find-previous", { 'N' }, "N", "the place before that has it", NULL,
	    COMMAND_MOVE, ON_ALL, act_find_previous, NULL },
	{ "hex", { 'x' }, "x", "heads as bytes; again: as text", "Hex",
	    COMMAND_MOVE, ON_DETAIL, act_hex, NULL },
	{ "up", { 'k', TERM_KEY_UP }, "k Up", "up", NULL, COMMAND_MOVE, ON_ALL,
	    act_up, NULL },
	{ "down", { 'j', TERM_KEY_DOWN }, "j Down", "down", NULL, COMMAND_MOVE,
	    ON_ALL, act_down, NULL },
	{ "top", { 'g', TERM_KEY_HOME }, "g Home", "first", NULL, COMMAND_MOVE,
	    ON_ALL, act_top, NULL },
	{ "bottom", { 'G', TERM_KEY_END }, "G End", "last", NULL, COMMAND_MOVE,
	    ON_ALL, act_bottom, NULL },
	{ "page-up", { TERM_KEY_PAGE_UP }, "PgUp", "a page up", NULL,
	    COMMAND_MOVE, ON_ALL, act_page_up, NULL },
	{ "page-down", { TERM_KEY_PAGE_DOWN }, "PgDn", "a page down", NULL,
	    COMMAND_MOVE, ON_ALL, act_page_down, NULL },
	{ "clear", { 'C' }, "C", "clear the list; the counters stay", NULL,
	    COMMAND_DATA, ON_MAIN, act_clear, NULL },
	{ "drain", { TERM_KEY_CTRL_C }, "Ctrl-C",
	    "finish what is under way and stop; again: now", NULL,
	    COMMAND_SERVER, ON_ALL, act_drain, NULL },
	{ "command", { ':' }, ":", "type a command by its name", NULL,
	    COMMAND_APP, ON_ALL | TAKES_TEXT, act_command, NULL },
	{ "copy", { 'y' }, "y", "copy a request's URL, curl command or heads",
	    "Copy", COMMAND_DATA, ON_MAIN | ON_DETAIL | TAKES_TEXT, act_copy,
	    NULL },
	{ "export", { 'e' }, "e",
	    "write the marked, the filtered or all to a file", "Export",
	    COMMAND_DATA, ON_MAIN | TAKES_TEXT, act_export, NULL },
	{ "replay", { 'R' }, "R", "send a request again and compare", "Replay",
	    COMMAND_DATA, ON_MAIN | ON_DETAIL | ON_REPLAY | LIVE_ONLY,
	    act_replay, NULL },
	{ "mark", { 'm' }, "m",
	    "mark the chosen request, go to the next; again: not", "Mark",
	    COMMAND_DATA, ON_MAIN | ON_DETAIL, act_mark, NULL },
	{ "unmark", { 'U' }, "U", "take all marks away", NULL, COMMAND_DATA,
	    ON_MAIN | ON_DETAIL, act_unmark, NULL },
	{ "url", { 'u' }, "u", "the address, and its QR code for a phone", NULL,
	    COMMAND_SERVER, ON_ALL | LIVE_ONLY, act_qr, NULL },
	{ "mouse", { 'M' }, "M",
	    "mouse off, so that the terminal selects text; again: on", NULL,
	    COMMAND_APP, ON_ALL, act_mouse, NULL },
	{ "theme", { 0 }, "", "colours: :theme dark, light or plain", NULL,
	    COMMAND_APP, ON_ALL | TAKES_TEXT, act_theme, NULL },
	{ "notify", { 0 }, "",
	    "ring when a request meets a filter: :notify status>=500", NULL,
	    COMMAND_DATA, ON_ALL | TAKES_TEXT, act_notify, NULL },
	{ "redraw", { TERM_KEY_CTRL_L }, "Ctrl-L", "paint the screen anew",
	    NULL, COMMAND_APP, ON_ALL, act_redraw, NULL },
	{ "suspend", { TERM_KEY_CTRL_Z }, "Ctrl-Z",
	    "suspend the server with its console; fg goes on", NULL,
	    COMMAND_APP, ON_ALL, act_suspend, NULL },
};
const size_t commands_n = sizeof commands / sizeof *commands;
_Static_assert(sizeof commands / sizeof *commands < COMMANDS_MOST, "all fit");

void
command_press(const struct command *c, struct ui *ui)
{
	command_run(c, ui, c->arg ? c->arg : "");
}

void
command_run(const struct command *c, struct ui *ui, const char *arg)
{
	if (c->screens & LIVE_ONLY && ui->m->status.state == LIFE_RECORDING)
		model_say(ui->m, NOTICE_WARN,
		    "this is a recording: nothing is served");
	else
		c->run(ui, arg);
}

const struct command *
command_of_key(uint32_t key, enum screen screen)
{
	for (size_t i = 0; i < commands_n; i++)
		for (int k = 0; key && k < 3; k++)
			if (commands[i].key[k] == key &&
			    (commands[i].screens & 1u << screen))
				return &commands[i];
	return NULL;
}

const struct command *
command_of_name(const char *name, size_t n)
{
	for (size_t i = 0; i < commands_n; i++)
		if (span_eq(span_str(commands[i].name), span_of(name, n)))
			return &commands[i];
	return NULL;
}

const char *
command_near(struct span name)
{
	unsigned best = NEAR_MAX;
	const char *near = NULL;

	for (size_t i = 0; i < commands_n; i++) {
		unsigned d = near_distance(name, span_str(commands[i].name));

		if (d < best)
			best = d, near = commands[i].name;
	}
	return near_enough(best, name.n) ? near : NULL;
}
