/* States of a connection and the reasons for which it ends: one row each. */
#ifndef WATCH_CONN_STATE_H
#define WATCH_CONN_STATE_H

#include <stdbool.h>

/* Which configured timeout ends a state (server.yaml, timeouts). */
enum deadline_class {
	DEADLINE_NONE,
	DEADLINE_HEADER,
	DEADLINE_BODY,
	DEADLINE_KEEPALIVE,
	DEADLINE_KEEPALIVE_FULL, /* instead, above 80 % of the connections */
	DEADLINE_WRITE,
	DEADLINE_LINGER,
	DEADLINE_LAB,
	DEADLINE_LISTING, /* instead, while a listing is made */
	DEADLINE_N
};

/* id, label (8 characters at most), deadline, sentence for people */
#define CONN_STATE_TABLE(X)                                                    \
	X(CLOSED, "CLOSED", NONE, "not connected")                             \
	X(NEW, "NEW", KEEPALIVE, "accepted, no byte has come yet")             \
	X(HEAD, "READING", HEADER, "a request head is arriving")               \
	X(BODY, "BODY", BODY, "request content is read and thrown away")       \
	X(WAITING, "WAITING", LAB,                                             \
	    "the answer is being made: a listing, or the laboratory")          \
	X(SENDING, "SENDING", WRITE, "a response is being sent")               \
	X(IDLE, "IDLE", KEEPALIVE, "kept alive, waiting for the next request") \
	X(LINGER, "LINGER", LINGER,                                            \
	    "answered and half closed, until the client closes too")           \
	X(PROXY, "PROXY", HEADER,                                              \
	    "a proxy is saying whom it speaks for (proxy_protocol)")

enum conn_state {
#define X(id, label, deadline, text) CONN_##id,
	CONN_STATE_TABLE(X)
#undef X
	    CONN_STATE_N
};

struct conn_state_row {
	const char *label;
	enum deadline_class deadline;
	const char *text;
};
extern const struct conn_state_row conn_state_rows[CONN_STATE_N];

/* Whether a connection may go from one state to the other. */
bool conn_state_follows(enum conn_state from, enum conn_state to);

/* id, short text, sentence */
#define CLOSE_REASON_TABLE(X)                                                  \
	X(NONE, "", "still open")                                              \
	X(CLIENT, "client closed", "the client closed between requests")       \
	X(CLIENT_SILENT, "never asked", "the client closed without a request") \
	X(CLIENT_IN_HEAD, "cut in head", "the client closed within a head")    \
	X(CLIENT_IN_BODY, "cut in content",                                    \
	    "the client closed within the request's content")                  \
	X(CLIENT_IN_RESPONSE, "client left",                                   \
	    "the client closed before it had the whole response")              \
	X(RESET, "client reset", "the client reset the connection")            \
	X(ASKED, "asked for close", "the request said Connection: close")      \
	X(HTTP10, "HTTP/1.0", "HTTP/1.0 without keep-alive")                   \
	X(REQUEST_LIMIT, "request limit", "limits.requests_per_connection")    \
	X(REFUSED, "bad framing",                                              \
	    "the request was refused and its end unsure")                      \
	X(CONTENT, "content unread",                                           \
	    "the request's content was not read, and the next begins behind "  \
	    "it")                                                              \
	X(IDLE_TIMEOUT, "idle timeout", "timeouts.keepalive")                  \
	X(SILENT_TIMEOUT, "silent", "no byte came within timeouts.keepalive")  \
	X(HEAD_TIMEOUT, "head timeout", "timeouts.header")                     \
	X(BODY_TIMEOUT, "content timeout", "timeouts.body")                    \
	X(WRITE_TIMEOUT, "write timeout", "timeouts.write")                    \
	X(LINGER_TIMEOUT, "linger timeout",                                    \
	    "answered and closed; the client did not close within "            \
	    "timeouts.linger")                                                 \
	X(TRUNCATED, "file shrank", "a file shrank while it was sent")         \
	X(IO_ERROR, "read error", "reading a file failed while it was sent")   \
	X(DRAIN, "shutdown", "the server is shutting down")                    \
	X(DRAIN_DEADLINE, "shutdown cut", "timeouts.shutdown ran out")         \
	X(ENDED_NOW, "ended now", "the operator ended the server at once")     \
	X(OPERATOR, "closed by operator", "closed from the console")           \
	X(NO_MEMORY, "no room", "a bound of the server was reached")           \
	X(PROXY_REFUSED, "bad PROXY line",                                     \
	    "it did not begin with a PROXY line (proxy_protocol: require)")    \
	X(PROXY_UNTRUSTED, "not a proxy",                                      \
	    "its address is none of trusted_proxies, and proxy_protocol is "   \
	    "require")

enum close_reason {
#define X(id, label, text) CLOSE_##id,
	CLOSE_REASON_TABLE(X)
#undef X
	    CLOSE_N
};

struct close_reason_row {
	const char *label;
	const char *text;
};
extern const struct close_reason_row close_reason_rows[CLOSE_N];

#endif
