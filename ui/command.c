#include "ui/command.h"

#include <string.h>

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
	    "Pause", COMMAND_SERVER, ON_ALL, act_pause },
	{ "root", { 'r' }, "r", "serve another folder", "Root", COMMAND_SERVER,
	    ON_ALL, act_root },
	{ "log", { 'l' }, "l", "access log on and off", "Log", COMMAND_SERVER,
	    ON_ALL, act_log },
	{ "open", { TERM_KEY_ENTER }, "Enter",
	    "open the request: heads, reasons, times", "Detail", COMMAND_MOVE,
	    ON_MAIN, act_open },
	{ "back", { TERM_KEY_ESCAPE }, "Esc",
	    "back; take an error away; give up the choice", "Back",
	    COMMAND_MOVE, ON_ALL, act_back },
	{ "next", { 'J' }, "J", "next request, in a detail", "Next",
	    COMMAND_MOVE, ON_DETAIL, act_next },
	{ "previous", { 'K' }, "K", "previous request, in a detail", "Previous",
	    COMMAND_MOVE, ON_DETAIL, act_previous },
	{ "pane", { TERM_KEY_TAB, TERM_KEY_BACK_TAB }, "Tab S-Tab",
	    "the other pane", "Pane", COMMAND_MOVE, ON_MAIN, act_pane },
	{ "follow", { 'F' }, "F", "keep the newest request in sight", "Follow",
	    COMMAND_DATA, ON_MAIN, act_follow },
	{ "freeze", { ' ' }, "Space",
	    "freeze the view, the server goes on; again: thaw", "Freeze",
	    COMMAND_DATA, ON_ALL, act_freeze },
	{ "help", { '?', TERM_KEY_F1 }, "? F1", "this page", "Help",
	    COMMAND_APP, ON_ALL, act_help },
	{ "quit", { 'q' }, "q", "stop: drain, now or cancel", "Quit",
	    COMMAND_SERVER, ON_ALL, act_quit },
	{ "zoom", { 'z' }, "z", "the pane in front alone; again: both", "Zoom",
	    COMMAND_MOVE, ON_MAIN, act_zoom },
	{ "close", { 'X' }, "X", "close the chosen connection (asks)", "Close",
	    COMMAND_SERVER, ON_MAIN | ON_DETAIL, act_close },
	{ "up", { 'k', TERM_KEY_UP }, "k Up", "up", NULL, COMMAND_MOVE, ON_ALL,
	    act_up },
	{ "down", { 'j', TERM_KEY_DOWN }, "j Down", "down", NULL, COMMAND_MOVE,
	    ON_ALL, act_down },
	{ "top", { 'g', TERM_KEY_HOME }, "g Home", "first", NULL, COMMAND_MOVE,
	    ON_ALL, act_top },
	{ "bottom", { 'G', TERM_KEY_END }, "G End", "last", NULL, COMMAND_MOVE,
	    ON_ALL, act_bottom },
	{ "page-up", { TERM_KEY_PAGE_UP }, "PgUp", "a page up", NULL,
	    COMMAND_MOVE, ON_ALL, act_page_up },
	{ "page-down", { TERM_KEY_PAGE_DOWN }, "PgDn", "a page down", NULL,
	    COMMAND_MOVE, ON_ALL, act_page_down },
	{ "clear", { 'C' }, "C", "clear the list; the counters stay", NULL,
	    COMMAND_DATA, ON_MAIN, act_clear },
	{ "drain", { TERM_KEY_CTRL_C }, "Ctrl-C",
	    "finish what is under way and stop; again: now", NULL,
	    COMMAND_SERVER, ON_ALL, act_drain },
	{ "command", { ':' }, ":", "type a command by its name", NULL,
	    COMMAND_APP, ON_ALL, act_command },
	{ "redraw", { TERM_KEY_CTRL_L }, "Ctrl-L", "paint the screen anew",
	    NULL, COMMAND_APP, ON_ALL, act_redraw },
	{ "suspend", { TERM_KEY_CTRL_Z }, "Ctrl-Z",
	    "suspend the server with its console; fg goes on", NULL,
	    COMMAND_APP, ON_ALL, act_suspend },
};
const size_t commands_n = sizeof commands / sizeof *commands;

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
