/* Request methods (RFC 9110 9; the IANA registry of 2024). */
#ifndef HTTP_METHOD_H
#define HTTP_METHOD_H

#include "base/span.h"

/* name, whether this server implements it for files */
#define METHOD_TABLE(X)                                                        \
	X(GET, true)                                                           \
	X(HEAD, true)                                                          \
	X(OPTIONS, true)                                                       \
	X(POST, false)                                                         \
	X(PUT, false)                                                          \
	X(DELETE, false)                                                       \
	X(TRACE, false)                                                        \
	X(CONNECT, false)                                                      \
	X(PATCH, false)                                                        \
	X(ACL, false)                                                          \
	X(BIND, false)                                                         \
	X(CHECKIN, false)                                                      \
	X(CHECKOUT, false)                                                     \
	X(COPY, false)                                                         \
	X(LABEL, false)                                                        \
	X(LINK, false)                                                         \
	X(LOCK, false)                                                         \
	X(MERGE, false)                                                        \
	X(MKACTIVITY, false)                                                   \
	X(MKCALENDAR, false)                                                   \
	X(MKCOL, false)                                                        \
	X(MKREDIRECTREF, false)                                                \
	X(MKWORKSPACE, false)                                                  \
	X(MOVE, false)                                                         \
	X(ORDERPATCH, false)                                                   \
	X(PRI, false)                                                          \
	X(PROPFIND, false)                                                     \
	X(PROPPATCH, false)                                                    \
	X(QUERY, false)                                                        \
	X(REBIND, false)                                                       \
	X(REPORT, false)                                                       \
	X(SEARCH, false)                                                       \
	X(UNBIND, false)                                                       \
	X(UNCHECKOUT, false)                                                   \
	X(UNLINK, false)                                                       \
	X(UNLOCK, false)                                                       \
	X(UPDATE, false)                                                       \
	X(UPDATEREDIRECTREF, false)                                            \
	X(VERSION_CONTROL, false)

enum http_method {
	METHOD_UNKNOWN, /* a token that nobody registered */
#define X(name, served) METHOD_##name,
	METHOD_TABLE(X)
#undef X
	    METHOD_N
};

/* The method of that exact name (case-sensitive), else METHOD_UNKNOWN. */
enum http_method method_find(struct span name);

/* "GET"; "?" for METHOD_UNKNOWN.  Static. */
const char *method_name(enum http_method m);

/* Whether a file answers to it: GET, HEAD, OPTIONS. */
bool method_is_served(enum http_method m);

#endif
