/* A short list to choose from, over the screen. */
#ifndef UI_MENU_H
#define UI_MENU_H

#include <stdbool.h>
#include <stdint.h>

#define MENU_MOST 20
#define MENU_TEXT 64

enum menu_kind { MENU_NONE, MENU_SORT, MENU_COLUMNS, MENU_COPY, MENU_EXPORT };

struct menu_item {
	uint32_t key; /* chooses it at once; 0: none; not j, k, q */
	int value;    /* for whoever opened it */
	bool ticked;
	char text[MENU_TEXT];
};

struct menu {
	enum menu_kind kind; /* NONE: not open */
	bool ticks;	     /* several may be ticked, by Space */
	unsigned n;
	unsigned at;
	char title[MENU_TEXT];
	struct menu_item item[MENU_MOST];
};

enum menu_result { MENU_STAYS, MENU_CHOSEN, MENU_TICKED, MENU_CLOSED };

/* Open empty; then add. */
void menu_open(struct menu *m, enum menu_kind kind, const char *title);
void menu_add(struct menu *m, uint32_t key, int value, const char *text);

/* What a key did; m->at says to which.  Chosen and closed close it. */
enum menu_result menu_key(struct menu *m, uint32_t key);

#endif
