#include "http/field.h"

#include <stdint.h>

#include "base/check.h"

enum { SHORTEST = 4, LONGEST = 30, SAME_LENGTH = 3 };

static const char *const names[FIELD_N] = { [FIELD_OTHER] = "",
#define X(id, name) [FIELD_##id] = (name),
	FIELD_TABLE(X)
#undef X
};

#define X(id, name)                                                            \
	_Static_assert(                                                        \
	    sizeof(name) > SHORTEST && sizeof(name) - 1 <= LONGEST, name);
FIELD_TABLE(X)
#undef X

/* By length, which alone rules out nearly every other field.  FIELD_OTHER (0)
 * ends a row.  A field of FIELD_TABLE that is forgotten here fails the unit
 * test. */
static const uint8_t by_length[LONGEST + 1][SAME_LENGTH] = {
	[4] = { FIELD_HOST },
	[5] = { FIELD_RANGE },
	[6] = { FIELD_ACCEPT, FIELD_EXPECT, FIELD_ORIGIN },
	[7] = { FIELD_REFERER },
	[8] = { FIELD_IF_MATCH, FIELD_IF_RANGE },
	[9] = { FIELD_FORWARDED },
	[10] = { FIELD_CONNECTION, FIELD_USER_AGENT },
	[13] = { FIELD_IF_NONE_MATCH },
	[14] = { FIELD_CONTENT_LENGTH, FIELD_SEC_FETCH_SITE },
	[15] = { FIELD_ACCEPT_ENCODING, FIELD_X_FORWARDED_FOR },
	[17] = { FIELD_IF_MODIFIED_SINCE, FIELD_TRANSFER_ENCODING },
	[19] = { FIELD_IF_UNMODIFIED_SINCE },
	[29] = { FIELD_ACCESS_CONTROL_REQUEST_METHOD },
	[30] = { FIELD_ACCESS_CONTROL_REQUEST_HEADERS },
};

/* Whether the four bytes at `p` are those at `known`, letters in any case:
 * where `known` has a letter, the bit that tells its cases apart does not
 * count. */
static bool
same_four(const char *p, const char *known)
{
	uint32_t a;
	uint32_t k;
	memcpy(&a, p, sizeof(a));
	memcpy(&k, known, sizeof(k));
	return ((a ^ k) & ~((k & 0x40404040) >> 1)) == 0;
}

/* As span_eq_nocase, for names of letters and '-' of at least SHORTEST bytes;
 * measured four times as fast, which every field of every request notices. */
static bool
same_name(const char *p, const char *known, size_t n)
{
	/* Its end tells a name from others of its length. */
	if (!same_four(p + n - 4, known + n - 4))
		return false;
	for (size_t i = 0; i + 4 < n; i += 4)
		if (!same_four(p + i, known + i))
			return false;
	return true;
}

enum field_id
field_find(struct span name)
{
	if (name.n < SHORTEST || name.n > LONGEST)
		return FIELD_OTHER;
	const uint8_t *id = by_length[name.n];
	for (int i = 0; i < SAME_LENGTH && id[i] != FIELD_OTHER; i++)
		if (same_name(name.p, names[id[i]], name.n))
			return (enum field_id)id[i];
	return FIELD_OTHER;
}

const char *
field_name(enum field_id id)
{
	CHECK((unsigned)id < FIELD_N);
	return names[id];
}
