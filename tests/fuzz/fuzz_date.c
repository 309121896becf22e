/* HTTP dates: what was understood is written so that it is understood again. */
#include "fuzz.h"
#include "http/date.h"

#define LAST 253402300799 /* 9999-12-31 23:59:59 */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	int64_t now = (int64_t)feed_number(&f, 8), secs = 77, again;
	char text[DATE_LEN], iso[DATE_ISO_LEN];

	date_format(text, now);
	MUST(date_parse(span_of(text, DATE_LEN), 0, &again));
	now = (int64_t)(uint32_t)now;
	if (!date_parse(feed_rest(&f), now, &secs)) {
		MUST(secs == 77);
		return 0;
	}
	date_format(text, secs);
	MUST(date_parse(span_of(text, DATE_LEN), now, &again));
	/* the leap second of the year 9999 is none of that year */
	MUST(again == secs || (secs == LAST + 1 && again == LAST));
	date_format_iso(iso, secs);
	MUST(iso[4] == '-' && iso[10] == 'T' && iso[19] == 'Z');
	return 0;
}
