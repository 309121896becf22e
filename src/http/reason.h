/* Why: every decision leaves one of these, and nothing is decided without.
 *
 * A reason is an id and two numbers, so that the worker formats nothing; the
 * text is made where it is read.  In the texts {a} and {b} stand for the
 * numbers, {as} and {bs} for the s of a noun behind them, which 1 has not,
 * {a!} for a as a size for people; of a choice between codings
 * (reason_coding) {coding}, {q} and {over} for what was chosen, its quality,
 * and the next best. */
#ifndef HTTP_REASON_H
#define HTTP_REASON_H

#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* id, short text (the Why column: 28 characters at most), full sentence */
#define REASON_TABLE(X)                                                        \
	X(NONE, "", "")                                                        \
	/* the request as it arrived */                                        \
	X(HEAD_READ, "head complete",                                          \
	    "head of {a} byte{as} with {b} field{bs} read")                    \
	X(PAUSED, "server was paused",                                         \
	    "the server was paused for {a} ms until now: this may have "       \
	    "waited as long, which no time here includes")                     \
	X(PAUSED_WITHIN, "server was paused",                                  \
	    "the server was paused for {a} ms while the request arrived, "     \
	    "which its times include")                                         \
	X(BODY_DISCARDED, "request body discarded",                            \
	    "request content of {a} byte{as} read and thrown away")            \
	/* whom it is from */                                                  \
	X(PROXY_READ, "PROXY line",                                            \
	    "a PROXY line of version {a} says whose the connection is")        \
	X(PROXY_MISSING, "no PROXY line",                                      \
	    "byte {a}: neither a PROXY line nor a PROXY header begins so "     \
	    "(proxy_protocol: require)")                                       \
	X(PROXY_LONG, "PROXY line too long",                                   \
	    "byte {a}: no end of the PROXY line within 107 bytes, or a PROXY " \
	    "header of more than 4096")                                        \
	X(PROXY_LINE, "bad PROXY line",                                        \
	    "byte {a}: not as a PROXY line of version 1 must go on")           \
	X(PROXY_HEADER, "bad PROXY header",                                    \
	    "byte {a}: not as a PROXY header of version 2 must go on")         \
	X(PROXY_TIMEOUT, "PROXY line late",                                    \
	    "{a} byte{as} of a PROXY line after {b} ms (timeouts.header)")     \
	X(PROXY_CUT, "closed within PROXY line",                               \
	    "the proxy closed after {a} byte{as} of a PROXY line")             \
	X(CLIENT_FULL, "too many of this address",                             \
	    "the client's address has {a} connection{as} already "             \
	    "(limits.connections_per_ip)")                                     \
	X(ALL_FULL, "too many connections",                                    \
	    "all connections are taken (limits.connections)")                  \
	X(FORWARDED, "client: as forwarded",                                   \
	    "a trusted proxy forwards this: the client is the last address "   \
	    "in the field that is not itself trusted (RFC 7239)")              \
	X(FORWARDED_BAD, "forwarding field ignored",                           \
	    "Forwarded or X-Forwarded-For has no address in its place, so "    \
	    "the "                                                             \
	    "client is whoever is connected (RFC 7239)")                       \
	X(FORWARDED_DIFFERS, "forwarding fields differ",                       \
	    "Forwarded and X-Forwarded-For name different clients: one of "    \
	    "them is as the client sent it, so both are ignored")              \
	/* framing and syntax: 4xx and close */                                \
	X(BAD_FIRST_BYTE, "not HTTP: bad first byte",                          \
	    "byte {a} cannot begin a request line (RFC 9112 3)")               \
	X(TLS_HELLO, "TLS on a cleartext port",                                \
	    "a TLS ClientHello arrived; this address speaks plain http://")    \
	X(H2_PREFACE, "HTTP/2 without upgrade",                                \
	    "an HTTP/2 preface arrived; this address speaks HTTP/1")           \
	X(BAD_METHOD, "bad character in method",                               \
	    "byte {a}: not a token character in the method (RFC 9110 5.6.2)")  \
	X(BAD_TARGET, "bad character in target",                               \
	    "byte {a}: not allowed in a request target (RFC 9112 3.2)")        \
	X(NO_VERSION, "no HTTP version",                                       \
	    "byte {a}: the request line ends without HTTP-version "            \
	    "(HTTP/0.9 is not spoken)")                                        \
	X(BAD_VERSION, "garbled HTTP version",                                 \
	    "byte {a}: not HTTP/digit.digit (RFC 9112 2.3)")                   \
	X(VERSION_UNSUPPORTED, "HTTP/{a}.{b} not spoken",                      \
	    "the request says HTTP/{a}.{b}; this server speaks 1.0 and 1.1")   \
	X(BARE_LF, "bare LF as line end",                                      \
	    "byte {a}: LF without CR before it (RFC 9112 2.2)")                \
	X(BARE_CR, "bare CR",                                                  \
	    "byte {a}: CR without LF after it "                                \
	    "(RFC 9112 2.2)")                                                  \
	X(OBS_FOLD, "folded field line",                                       \
	    "byte {a}: a line that begins with blank (RFC 9112 5.2)")          \
	X(BAD_FIELD_NAME, "bad field name",                                    \
	    "byte {a}: not a token character in a field name "                 \
	    "(RFC 9110 5.1)")                                                  \
	X(SPACE_BEFORE_COLON, "blank before colon",                            \
	    "byte {a}: blank between field name and colon (RFC 9112 5.1)")     \
	X(BAD_FIELD_VALUE, "control byte in field",                            \
	    "byte {a}: control character in a field value (RFC 9110 5.5)")     \
	X(LINE_TOO_LONG, "request line too long",                              \
	    "the request line passes {a} byte{as} (limits.request_line)")      \
	X(HEADER_TOO_LARGE, "header too large",                                \
	    "the header section passes {a} byte{as} (limits.header_size)")     \
	X(TOO_MANY_FIELDS, "too many fields",                                  \
	    "more than {a} field lines (limits.header_count)")                 \
	X(HOST_MISSING, "no Host field",                                       \
	    "HTTP/1.1 requires a Host field (RFC 9112 3.2)")                   \
	X(HOST_TWICE, "two Host fields",                                       \
	    "byte {a}: Host given more than once (RFC 9112 3.2)")              \
	X(HOST_BAD, "Host is not a host",                                      \
	    "byte {a}: the Host field is not a valid host[:port] "             \
	    "(RFC 9110 7.2)")                                                  \
	X(HOST_FOREIGN, "foreign host name",                                   \
	    "on loopback only IP addresses, localhost and names under hosts: " \
	    "are answered (DNS rebinding)")                                    \
	X(TARGET_FORM, "target form not allowed",                              \
	    "byte {a}: this form of target is not allowed with this method "   \
	    "(RFC 9112 3.2)")                                                  \
	X(TARGET_SCHEME, "https target on http",                               \
	    "the target's scheme is not http; this connection is cleartext")   \
	X(LENGTH_BAD, "bad Content-Length",                                    \
	    "byte {a}: Content-Length is not one decimal number "              \
	    "(RFC 9112 6.3)")                                                  \
	X(LENGTH_TWICE, "two Content-Lengths",                                 \
	    "byte {a}: Content-Length given twice (RFC 9112 6.3)")             \
	X(LENGTH_AND_CODING, "length and chunked at once",                     \
	    "Transfer-Encoding together with Content-Length "                  \
	    "(request smuggling; RFC 9112 6.1)")                               \
	X(CODING_IN_10, "chunked in HTTP/1.0",                                 \
	    "Transfer-Encoding in an HTTP/1.0 request (RFC 9112 6.1)")         \
	X(CODING_BAD, "transfer coding not chunked",                           \
	    "byte {a}: the transfer coding is not just chunked "               \
	    "(RFC 9112 6.3)")                                                  \
	X(CHUNK_BAD, "bad chunk",                                              \
	    "content byte {a}: not valid chunked framing (RFC 9112 7.1)")      \
	X(BODY_TOO_LARGE, "content over the budget",                           \
	    "request content passes {a} byte{as} (limits.discard_body)")       \
	X(EXPECT_UNKNOWN, "unknown expectation",                               \
	    "the Expect field asks for something else than 100-continue "      \
	    "(RFC 9110 10.1.1)")                                               \
	X(EXPECT_ANSWERED, "answered without 100",                             \
	    "Expect: 100-continue: the final answer needs no content, so it "  \
	    "is sent at once (RFC 9110 10.1.1)")                               \
	X(EXPECT_10, "Expect in HTTP/1.0",                                     \
	    "Expect ignored: HTTP/1.0 does not know it (RFC 9110 10.1.1)")     \
	X(HEAD_TIMEOUT, "head not complete in time",                           \
	    "{a} byte{as} of a head after {b} ms (timeouts.header)")           \
	X(BODY_TIMEOUT, "content not complete in time",                        \
	    "{a} byte{as} of content after {b} ms (timeouts.body)")            \
	X(CUT_HEAD, "closed within the head",                                  \
	    "the client closed after {a} byte{as} of a head")                  \
	X(CUT_BODY, "closed within the content",                               \
	    "the client closed after {a} byte{as} of the content")             \
	/* the target */                                                       \
	X(PATH_BAD_ESCAPE, "bad % escape in path",                             \
	    "byte {a}: % is not followed by two hexadecimal digits "           \
	    "(RFC 3986 2.1)")                                                  \
	X(PATH_NUL, "NUL in path", "byte {a}: %00 in the path")                \
	X(PATH_CONTROL, "control byte in path",                                \
	    "byte {a}: an escaped control character in the path")              \
	X(PATH_SLASH, "encoded slash in path",                                 \
	    "byte {a}: %2F in the path would hide a segment boundary")         \
	X(PATH_ABOVE, "path above the root",                                   \
	    "byte {a}: .. would leave the document root")                      \
	X(PATH_LONG, "path too long", "the decoded path passes {a} byte{as}")  \
	/* rules of the operator */                                            \
	X(REDIRECT_RULE, "redirect rule {a}",                                  \
	    "rule {a} of redirects sends this path elsewhere")                 \
	X(SPA, "spa: page for any path",                                       \
	    "no such file, and the client takes HTML: files.spa answers")      \
	X(CLEAN_URL, "clean URL: .html added",                                 \
	    "no such file, but one with .html behind it, of {a} byte{as} "     \
	    "(files.clean_urls)")                                              \
	X(ERROR_PAGE, "page of error_pages",                                   \
	    "the page for this status is a file of {a} byte{as} "              \
	    "(files.error_pages)")                                             \
	X(ERROR_PAGE_MISSING, "error page not there",                          \
	    "the page for this status (files.error_pages) cannot be had, so "  \
	    "the built-in one")                                                \
	X(CORS_ALLOWED, "CORS: origin allowed",                                \
	    "the Origin is one of cors.origins: its pages may read this")      \
	X(CORS_REFUSED, "CORS: origin not allowed",                            \
	    "the Origin is none of cors.origins: its pages may not read this") \
	X(PREFLIGHT, "CORS preflight",                                         \
	    "a browser asks before it sends a request across origins")         \
	X(CACHE_RULE, "cache rule {a}",                                        \
	    "Cache-Control: rule {a} of cache is the first that matches")      \
	X(FIELD_RULES, "rules of headers",                                     \
	    "rules of headers that match this path: {a}")                      \
	/* the coding of the content */                                        \
	X(CODING_CHOSEN, "{coding} chosen",                                    \
	    "{coding} chosen: q={q}{over} (RFC 9110 12.5.3)")                  \
	X(CODING_NOT_ASKED, "uncoded: not asked for",                          \
	    "sent as it is: the request has no Accept-Encoding")               \
	X(CODING_NOT_TAKEN, "uncoded: none taken",                             \
	    "sent as it is: Accept-Encoding takes none of the codings at "     \
	    "hand")                                                            \
	X(CODING_PENDING, "uncoded: {coding} not yet made",                    \
	    "sent as it is: {coding} is being made, for requests to come")     \
	X(CODING_OLDER, "{coding} sibling is older",                           \
	    "the {coding} file beside it is older than the file, and so is "   \
	    "not used")                                                        \
	X(CODING_USELESS, "{coding} not smaller",                              \
	    "coded with {coding} the file would not be smaller")               \
	X(CODING_WAITED, "waited for {coding}",                                \
	    "the request refuses the file as it is, so {coding} was waited "   \
	    "for")                                                             \
	X(CODING_HELD, "{coding}: as the client has it",                       \
	    "{coding} chosen: the request names the tag of this form")         \
	X(CODING_REFUSED, "no acceptable coding",                              \
	    "Accept-Encoding refuses the file as it is, and every coding at "  \
	    "hand (RFC 9110 12.5.3)")                                          \
	/* the method */                                                       \
	X(METHOD_NOT_ALLOWED, "files: GET and HEAD",                           \
	    "the method is known but a file answers only to GET, HEAD and "    \
	    "OPTIONS (RFC 9110 15.5.6)")                                       \
	X(METHOD_UNKNOWN, "unknown method",                                    \
	    "nobody registered that method (RFC 9110 15.6.2)")                 \
	X(OPTIONS, "OPTIONS answered",                                         \
	    "OPTIONS: what is allowed is in the Allow field (RFC 9110 9.3.7)") \
	/* the file */                                                         \
	X(FILE_FOUND, "file",                                                  \
	    "regular file of {a} byte{as}, opened beneath the document root")  \
	X(INDEX_FOUND, "index file",                                           \
	    "folder with an index file of {a} byte{as}")                       \
	X(FILE_MISSING, "no such file", "no such file or folder")              \
	X(FILE_UNDER_FILE, "parent is a file",                                 \
	    "a part of the path before the last is a file, not a folder")      \
	X(FILE_SLASH, "file with slash",                                       \
	    "the path ends in / but names a file, not a folder")               \
	X(FILE_HIDDEN, "hidden name",                                          \
	    "segment {a} begins with a dot (files.hidden: deny)")              \
	X(FILE_DENIED_RULE, "denied by files.deny",                            \
	    "the name matches pattern {a} of files.deny")                      \
	X(FILE_FORBIDDEN, "no permission",                                     \
	    "the operating system forbids reading it (EACCES)")                \
	X(FILE_OUTSIDE, "link leaves the root",                                \
	    "a symbolic link is absolute, or leads outside the document root") \
	X(FILE_SYMLINK, "link refused",                                        \
	    "a symbolic link (files.symlinks: deny), or links in a circle")    \
	X(FILE_SPECIAL, "not a regular file",                                  \
	    "a device, FIFO or socket is never served")                        \
	X(FILE_NAME_LONG, "name too long",                                     \
	    "a name longer than the file system can hold")                     \
	X(FILE_OWN_LOG, "the server's own log",                                \
	    "the access log is never served")                                  \
	X(FILE_ERROR, "cannot read file",                                      \
	    "opening or reading failed with errno {a}")                        \
	X(FILE_EXHAUSTED, "no descriptor free",                                \
	    "no file descriptor or memory was free (errno {a})")               \
	X(FOLDER_SLASH, "folder: slash added",                                 \
	    "a folder named without slash: relative links need one")           \
	X(REDIRECT_LONG, "address too long",                                   \
	    "the address to redirect to would pass {a} byte{as}")              \
	X(FOLDER_NO_INDEX, "folder without index",                             \
	    "the folder has none of the {a} index names and is not listed")    \
	X(FOLDER_LISTED, "folder listing",                                     \
	    "the folder has none of the index names: {a} entries listed")      \
	/* preconditions */                                                    \
	X(NO_CONDITION, "no precondition",                                     \
	    "no If-None-Match, If-Modified-Since: no 304 is possible")         \
	X(INM_MATCHED, "ETag matched",                                         \
	    "If-None-Match: tag {a} is the current ETag "                      \
	    "(RFC 9110 13.1.2)")                                               \
	X(INM_STAR, "If-None-Match: *",                                        \
	    "If-None-Match: * and the file exists (RFC 9110 13.1.2)")          \
	X(INM_NONE, "ETag differs",                                            \
	    "If-None-Match: none of {a} tag{as} is the current ETag")          \
	X(INM_BAD, "bad If-None-Match",                                        \
	    "If-None-Match is not a list of entity tags: no tag matches")      \
	X(IMS_NOT_NEWER, "not modified since",                                 \
	    "If-Modified-Since is not before Last-Modified "                   \
	    "(RFC 9110 13.1.3)")                                               \
	X(IMS_NEWER, "modified since",                                         \
	    "modified {a} s after If-Modified-Since")                          \
	X(IMS_BAD, "bad If-Modified-Since",                                    \
	    "If-Modified-Since is not an HTTP date: ignored "                  \
	    "(RFC 9110 13.1.3)")                                               \
	X(IMS_SKIPPED, "If-None-Match decides",                                \
	    "If-Modified-Since ignored: If-None-Match is there "               \
	    "(RFC 9110 13.1.3)")                                               \
	X(IM_FAILED, "If-Match failed",                                        \
	    "If-Match: none of {a} tag{as} is the current ETag; a weak one "   \
	    "never is (RFC 9110 13.1.1)")                                      \
	X(IM_BAD, "bad If-Match",                                              \
	    "If-Match is not a list of entity tags: no tag matches")           \
	X(IM_STAR, "If-Match: *",                                              \
	    "If-Match: * and the file exists (RFC 9110 13.1.1)")               \
	X(IM_PASSED, "If-Match passed",                                        \
	    "If-Match: the current ETag is listed")                            \
	X(IUS_FAILED, "modified since (412)",                                  \
	    "modified after If-Unmodified-Since (RFC 9110 13.1.4)")            \
	X(IUS_PASSED, "unmodified since",                                      \
	    "not modified after If-Unmodified-Since")                          \
	X(IUS_BAD, "bad If-Unmodified-Since",                                  \
	    "If-Unmodified-Since is not one HTTP date: ignored "               \
	    "(RFC 9110 13.1.4)")                                               \
	X(IUS_SKIPPED, "If-Match decides",                                     \
	    "If-Unmodified-Since ignored: If-Match is there "                  \
	    "(RFC 9110 13.1.4)")                                               \
	/* ranges */                                                           \
	X(RANGE_ONE, "range",                                                  \
	    "Range: one range, from byte {a} (RFC 9110 14.2)")                 \
	X(RANGE_SEVERAL, "{a} ranges",                                         \
	    "Range: {a} ranges, sent as multipart/byteranges "                 \
	    "(RFC 9110 14.6)")                                                 \
	X(RANGE_UNSATISFIABLE, "range beyond the end",                         \
	    "Range: no range begins within the {a} byte{as} (RFC 9110 "        \
	    "15.5.17)")                                                        \
	X(RANGE_IGNORED, "Range ignored",                                      \
	    "Range ignored: not bytes, or not well formed (RFC 9110 14.2)")    \
	X(RANGE_TOO_MUCH, "Range asks too much",                               \
	    "Range ignored: more than {a} range{as}, or more bytes than the "  \
	    "file has (limits.ranges)")                                        \
	X(RANGE_NOT_GET, "Range is for GET",                                   \
	    "Range ignored: it is defined for GET alone (RFC 9110 14.2)")      \
	X(RANGE_TWICE, "Range given twice",                                    \
	    "Range ignored: the field is there more than once (RFC 9110 5.3)") \
	X(RANGE_OFF, "ranges are off",                                         \
	    "Range ignored: ranges are switched off (limits.ranges)")          \
	X(IF_RANGE_ALONE, "If-Range without Range",                            \
	    "If-Range ignored: there is no Range (RFC 9110 13.1.5)")           \
	X(IF_RANGE_PASSED, "If-Range passed",                                  \
	    "If-Range: the file is still the one that the client has a part "  \
	    "of")                                                              \
	X(IF_RANGE_FAILED, "If-Range differs",                                 \
	    "If-Range is neither the file's strong ETag nor its exact date, "  \
	    "so all of it (RFC 9110 13.1.5)")                                  \
	/* resources of the server */                                          \
	X(OVERLOADED, "no room", "a bound of the server was reached")          \
	X(JOBS_FULL, "queue full",                                             \
	    "{a} request{as} wait for listings and codings already")           \
	X(JOBS_CLIENT, "client's queue full",                                  \
	    "{a} request{as} of this address wait for listings and codings "   \
	    "already")                                                         \
	X(JOBS_MEMORY, "listings: no room",                                    \
	    "all listings that are being sent would hold more than {a} "       \
	    "byte{as}")                                                        \
	X(JOBS_LATE, "not made in time",                                       \
	    "the listing, or the coding, was not there after {a} ms")          \
	X(LAB, "laboratory", "answered by the laboratory's endpoint")          \
	X(LAB_REFUSED, "laboratory: refused",                                  \
	    "the laboratory answers only pages of this server "                \
	    "(Host, Origin and Sec-Fetch-Site are checked)")                   \
	X(LAB_BAD, "laboratory: bad query",                                    \
	    "the laboratory's query is not understood")                        \
	X(LAB_BUSY, "laboratory: busy",                                        \
	    "all {a} place{as} of the laboratory are taken")                   \
	/* keep or close */                                                    \
	X(KEEP_11, "kept: HTTP/1.1",                                           \
	    "kept alive: HTTP/1.1, request {a} of {b}")                        \
	X(KEEP_11_UNLIMITED, "kept: HTTP/1.1",                                 \
	    "kept alive: HTTP/1.1, request {a}")                               \
	X(KEEP_10, "kept: asked for",                                          \
	    "kept alive: HTTP/1.0 with Connection: keep-alive, request {a}")   \
	X(CLOSE_ASKED, "close: asked for",                                     \
	    "closed: the request says Connection: close")                      \
	X(CLOSE_10, "close: HTTP/1.0",                                         \
	    "closed: HTTP/1.0 without Connection: keep-alive")                 \
	X(CLOSE_LIMIT, "close: request limit",                                 \
	    "closed: request {a} of {b} (limits.requests_per_connection)")     \
	X(CLOSE_DRAIN, "close: shutting down",                                 \
	    "closed: the server is shutting down")                             \
	X(CLOSE_ERROR, "close: framing unsure",                                \
	    "closed: after this error nobody can tell where the next request " \
	    "begins")                                                          \
	X(CLOSE_CONTENT, "close: content unread",                              \
	    "closed: the request's content was not read, and the next "        \
	    "request begins behind it")                                        \
	/* how the sending went */                                             \
	X(SEND_TRUNCATED, "file shrank while sent",                            \
	    "the file shrank while it was sent, by {a} byte{as}, so "          \
	    "the connection is cut")                                           \
	X(SEND_FAILED, "client went away",                                     \
	    "the client went away with {a} byte{as} still to send (errno "     \
	    "{b})")                                                            \
	X(SEND_STALLED, "client stopped reading",                              \
	    "the client took no byte for {b} ms (timeouts.write); {a} "        \
	    "byte{as} "                                                        \
	    "were still to send")                                              \
	X(CUT_WAITING, "client went away",                                     \
	    "the client went away before there was an answer")                 \
	X(CLOSED_BY_HAND, "closed by operator",                                \
	    "the connection was closed from the console with {a} byte{as} "    \
	    "still "                                                           \
	    "to send")                                                         \
	X(ENDED_NOW, "ended now",                                              \
	    "the operator ended the server at once, with {a} byte{as} still "  \
	    "to "                                                              \
	    "send")                                                            \
	X(SEND_STOPPED, "cut by shutdown",                                     \
	    "the shutdown deadline came with {a} byte{as} still to send")

enum reason_id {
#define X(id, why, text) REASON_##id,
	REASON_TABLE(X)
#undef X
	    REASON_N
};

struct reason {
	uint16_t id; /* enum reason_id */
	uint16_t reserved;
	uint32_t b;
	uint64_t a;
};

/* The reasons of one exchange, oldest first.  `why` is the index of the one
 * that explains the status. */
struct trail {
	uint8_t n;
	uint8_t why;
	uint8_t reserved[6];
	struct reason r[LIMIT_TRAIL];
};

/* Append; when the trail is full the last entry is replaced, or the one before
 * it when the last explains the status. */
void trail_add(struct trail *t, enum reason_id id, uint64_t a, uint32_t b);

/* Append, and make it the one that explains the status. */
void trail_why(struct trail *t, enum reason_id id, uint64_t a, uint32_t b);

/* The number `a` of a choice between codings (enum coding, CODING_N: there was
 * no other), qualities in thousandths. */
uint64_t reason_coding(
    unsigned chosen, unsigned q, unsigned rival, unsigned rival_q);

/* Append the short text, or the full sentence, with the numbers filled in. */
void reason_put_why(struct buf *b, const struct reason *r);
void reason_put_text(struct buf *b, const struct reason *r);

#endif
