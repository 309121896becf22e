/* A moment of a server's life that never changes: for golden text. */
#ifndef TESTS_CONSOLE_SCENE_H
#define TESTS_CONSOLE_SCENE_H

#include "tests/console/fake_control.h"
#include "ui/model.h"
#include "ui/ui.h"

/* 40 seconds of traffic, five live connections, requests of each kind. */
struct scene {
	struct ui ui;
	struct moment now;
};

/* Sets TZ to UTC. */
void scene_make(struct scene *s);
void scene_free(struct scene *s);

/* Nothing has come yet. */
void scene_make_empty(struct scene *s);

/* The same over a control that stays the caller's, and is as this one. */
void scene_make_over(struct scene *s, struct control *control);
struct control *scene_control(void);

/* Let time pass and look again. */
void scene_pass(struct scene *s, int64_t ns);

/* Type: the keys of a text, one after the other. */
void scene_type(struct scene *s, const char *keys);

#endif
