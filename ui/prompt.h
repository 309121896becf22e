/* A line to type into, with completion of folder names. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_ROOT,
	PROMPT_COMMAND,
	PROMPT_FIND,
	PROMPT_FILTER,
	PROMPT_EXPORT,
};

struct prompt_row {
	const char *title;
	const char *sign; /* before the line */
	const char *hint;
};
extern const struct prompt_row prompt_rows[];

enum prompt_result { PROMPT_STAYS, PROMPT_SUBMITTED, PROMPT_CANCELLED };

struct prompt {
	enum prompt_kind kind; /* NONE: not open */
	char title[80];	       /* instead of its row's; "": that one */
	char text[PATH_MAX];   /* UTF-8, NUL-terminated */
	size_t n;	       /* bytes */
	size_t at;	       /* the cursor, a byte offset on a boundary */
	char error[256];       /* printable; "" for none */
	char hint[1024];       /* what Tab found, printable */
	int mark; /* byte that the error is about, -1: none in particular */
	int mark_n;
	bool pasting;
	bool broken; /* a line ended in what is pasted, and more may follow */
};

/* Open with a text; cut when it is too long. */
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);

/* Another text, all else as it is. */
void prompt_put(struct prompt *p, const char *text);

/* Take one key.  Everything is taken: no key of a prompt is a command. */
enum prompt_result prompt_key(struct prompt *p, uint32_t key);

/* Complete the folder name that begins at byte `from` and ends at the cursor:
 * the longest common beginning is added, a single choice gets its slash,
 * several are listed in p->hint. */
void prompt_complete_folder(struct prompt *p, size_t from);

/* Put a text at byte `at`, if there is room; a cursor there or behind it moves
 * on. */
void prompt_insert(struct prompt *p, size_t at, const char *text);

/* The same as of folders among `n` words, in upper or lower case, for what
 * stands between `from` and the cursor; `behind` follows a single choice. */
void prompt_complete_word(struct prompt *p, const char *const *words, size_t n,
    size_t from, const char *behind);

#endif
