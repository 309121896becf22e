/* Checks that stay in release builds: a state that cannot be is worth ending
 * the process for, with the place and the values. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <stdint.h>

/* Print the place to stderr and abort(3). */
_Noreturn void check_failed(const char *file, int line, const char *what);

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (__builtin_expect(!(cond), 0))                              \
			check_failed(__FILE__, __LINE__, #cond);               \
	} while (0)

/* A long-lived struct starts with a magic number, checked on entry. */
#define CHECK_MAGIC(obj, value) CHECK((obj) != NULL && (obj)->magic == (value))

#endif
