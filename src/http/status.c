#include "http/status.h"

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { STATUS_LOW = 100, STATUS_HIGH = 599 };

const struct status_row status_rows[STATUS_N] = {
#define X(code, phrase, text) [STATUS_SLOT_##code] = { code, phrase, text },
	STATUS_TABLE(X)
#undef X
};

/* Slot + 1 by code, 0 where there is no row. */
static const uint8_t slot_by_code[STATUS_HIGH - STATUS_LOW + 1] = {
#define X(code, phrase, text) [(code)-STATUS_LOW] = STATUS_SLOT_##code + 1,
	STATUS_TABLE(X)
#undef X
};

enum status_slot
status_slot(int code)
{
	CHECK(code >= STATUS_LOW && code <= STATUS_HIGH);
	unsigned slot = slot_by_code[code - STATUS_LOW];
	CHECK(slot != 0);
	return (enum status_slot)(slot - 1);
}
