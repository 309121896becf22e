#include "http/method.h"

#include <stdint.h>

#include "base/check.h"

/* The one method whose name is not a C identifier.  With '_' it would be a
 * token too, but not that method. */
#define SPELLED(id)                                                            \
	(METHOD_##id == METHOD_VERSION_CONTROL ? "VERSION-CONTROL" : #id)

struct method_row {
	const char *name;
	uint8_t n; /* bytes of the name */
	bool served;
};

static const struct method_row rows[METHOD_N] = {
	[METHOD_UNKNOWN] = { "?", 0, false },
#define X(id, served) [METHOD_##id] = { SPELLED(id), sizeof(#id) - 1, served },
	METHOD_TABLE(X)
#undef X
};

/* In the table's order: GET is the first comparison, HEAD the second, and the
 * lengths keep the search for the others cheap. */
enum http_method
method_find(struct span name)
{
	for (int m = METHOD_UNKNOWN + 1; m < METHOD_N; m++)
		if (rows[m].n == name.n &&
		    memcmp(rows[m].name, name.p, name.n) == 0)
			return (enum http_method)m;
	return METHOD_UNKNOWN;
}

const char *
method_name(enum http_method m)
{
	CHECK((unsigned)m < METHOD_N);
	return rows[m].name;
}

bool
method_is_served(enum http_method m)
{
	CHECK((unsigned)m < METHOD_N);
	return rows[m].served;
}
