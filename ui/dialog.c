#include "ui/dialog.h"

#include "ui/term.h"

enum dialog_answer
dialog_key(const struct dialog *d, uint32_t key)
{
	switch (key) {
	case TERM_KEY_ESCAPE:
	case TERM_KEY_ENTER:
	case 'c':
		return DIALOG_CANCEL;
	case 'd':
		return d->kind == DIALOG_QUIT ? DIALOG_DRAIN : DIALOG_STAYS;
	case 'n':
		return d->kind == DIALOG_QUIT ? DIALOG_NOW : DIALOG_CANCEL;
	case 'y':
		return d->kind == DIALOG_CLOSE ? DIALOG_YES : DIALOG_STAYS;
	default:
		return DIALOG_STAYS;
	}
}
