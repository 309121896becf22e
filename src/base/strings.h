/* Owned lists of owned strings, NULL-terminated, const to everybody else. */
#ifndef BASE_STRINGS_H
#define BASE_STRINGS_H

/* An owned copy, empty for NULL; NULL when memory is short. */
const char *const *strings_copy(const char *const *list);

/* NULL is fine. */
void strings_free(const char *const *list);

#endif
