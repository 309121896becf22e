/* Finished answers, kept with the file that they are of: what does not depend
 * on the request, but on what was decided, is written once. */
#ifndef NET_H1_IMAGE_H
#define NET_H1_IMAGE_H

#include "net/h1_parts.h"

/* Which image the answer that was planned may be, 0: none. */
uint32_t h1_image_key(const struct conns *cs, const struct work *w);

/* Answer with the image of that key, if there is one: w->out is then it, with
 * the date of now. */
bool h1_image_use(struct conns *cs, struct work *w, uint32_t key);

/* Keep the answer that w->mem has, and a small file's content behind it. */
void h1_image_make(struct conns *cs, struct work *w, uint32_t key);

#endif
