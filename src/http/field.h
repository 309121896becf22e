/* Request header fields that mean something to this server. */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include "base/span.h"

#define FIELD_TABLE(X)                                                         \
	X(ACCEPT, "Accept")                                                    \
	X(ACCEPT_ENCODING, "Accept-Encoding")                                  \
	X(ACCESS_CONTROL_REQUEST_HEADERS, "Access-Control-Request-Headers")    \
	X(ACCESS_CONTROL_REQUEST_METHOD, "Access-Control-Request-Method")      \
	X(CONNECTION, "Connection")                                            \
	X(CONTENT_LENGTH, "Content-Length")                                    \
	X(EXPECT, "Expect")                                                    \
	X(FORWARDED, "Forwarded")                                              \
	X(HOST, "Host")                                                        \
	X(IF_MATCH, "If-Match")                                                \
	X(IF_MODIFIED_SINCE, "If-Modified-Since")                              \
	X(IF_NONE_MATCH, "If-None-Match")                                      \
	X(IF_RANGE, "If-Range")                                                \
	X(IF_UNMODIFIED_SINCE, "If-Unmodified-Since")                          \
	X(ORIGIN, "Origin")                                                    \
	X(RANGE, "Range")                                                      \
	X(REFERER, "Referer")                                                  \
	X(SEC_FETCH_SITE, "Sec-Fetch-Site")                                    \
	X(TRANSFER_ENCODING, "Transfer-Encoding")                              \
	X(USER_AGENT, "User-Agent")                                            \
	X(X_FORWARDED_FOR, "X-Forwarded-For")

enum field_id {
	FIELD_OTHER,
#define X(id, name) FIELD_##id,
	FIELD_TABLE(X)
#undef X
	    FIELD_N
};

/* The field of that name without regard to case, else FIELD_OTHER. */
enum field_id field_find(struct span name);

const char *field_name(enum field_id id);

#endif
