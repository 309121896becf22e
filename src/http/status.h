/* Status codes that this server produces (RFC 9110 15), one row each. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

/* code, reason phrase, sentence for an error page */
#define STATUS_TABLE(X)                                                        \
	X(200, "OK", "")                                                       \
	X(204, "No Content", "")                                               \
	X(206, "Partial Content", "")                                          \
	X(301, "Moved Permanently", "This is at another address.")             \
	X(302, "Found", "This is at another address for now.")                 \
	X(303, "See Other", "What to look at is at another address.")          \
	X(304, "Not Modified", "")                                             \
	X(307, "Temporary Redirect", "This is at another address for now.")    \
	X(308, "Permanent Redirect", "This is at another address.")            \
	X(400, "Bad Request",                                                  \
	    "The request does not follow the rules of HTTP.")                  \
	X(403, "Forbidden", "The server may not give this out.")               \
	X(404, "Not Found", "There is nothing here by that name.")             \
	X(405, "Method Not Allowed", "A file answers to GET and HEAD only.")   \
	X(406, "Not Acceptable",                                               \
	    "It is not to be had in a form that the request takes.")           \
	X(408, "Request Timeout", "The request did not arrive in time.")       \
	X(412, "Precondition Failed", "It is not what the request expects.")   \
	X(413, "Content Too Large", "The request's content is too large.")     \
	X(414, "URI Too Long", "The request's target is too long.")            \
	X(416, "Range Not Satisfiable", "It has no such bytes.")               \
	X(417, "Expectation Failed", "The server cannot do what is expected.") \
	X(421, "Misdirected Request",                                          \
	    "This server does not answer for that host.")                      \
	X(431, "Request Header Fields Too Large", "The header is too large.")  \
	X(500, "Internal Server Error", "The server failed to read this.")     \
	X(501, "Not Implemented", "The server does not know that method.")     \
	X(503, "Service Unavailable", "The server cannot answer just now.")    \
	X(505, "HTTP Version Not Supported", "The server speaks HTTP/1.1.")

enum status_slot {
#define X(code, phrase, text) STATUS_SLOT_##code,
	STATUS_TABLE(X)
#undef X
	    STATUS_N
};

struct status_row {
	int code;
	const char *phrase;
	const char *text;
};

/* The rows, by slot. */
extern const struct status_row status_rows[STATUS_N];

/* The slot of a code that is in the table; ends the process for another: a
 * status without a row cannot be produced. */
enum status_slot status_slot(int code);

#endif
