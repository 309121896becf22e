/* The one checked decimal and the one checked hexadecimal parser. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/span.h"

/* 1*DIGIT, nothing else: no sign, no blank, no empty.  False on anything else
 * or above UINT64_MAX; *out is then unchanged. */
bool num_dec(struct span s, uint64_t *out);

/* 1*HEXDIG, likewise. */
bool num_hex(struct span s, uint64_t *out);

/* The value of a hexadecimal digit, or -1. */
int num_hexdigit(char c);

/* "512", "12.3K", "4.1M": at most 6 characters, powers of 1024; for people. */
void num_human(char out[8], uint64_t bytes);

#endif
