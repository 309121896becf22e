#include "watch/facts.h"

struct exchange_copy
exchange_of_entry(const struct journal_entry *entry, struct span request,
    struct span response)
{
	struct exchange_copy x = {
		.e = entry->e,
		.known = FACTS_ALL & ~(uint32_t)entry->e.unknown,
		.request = request,
		.response = response,
		.method = span_str(entry->method),
		.target = span_str(entry->target),
	};

	if (request.n == 0)
		x.known &= ~(uint32_t)FACT_REQUEST;
	if (response.n == 0)
		x.known &= ~(uint32_t)FACT_RESPONSE;
	return x;
}
