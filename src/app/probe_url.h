/* The probe's URL: where to connect, and what to ask for there. */
#ifndef APP_PROBE_URL_H
#define APP_PROBE_URL_H

#define PROBE_URL_DEFAULT "http://127.0.0.1:8000/"

struct probe_url {
	char host[256];	     /* to connect to; IPv6 without brackets */
	char port[6];	     /* decimal, 1 to 65535 */
	char authority[272]; /* host[:port] as the Host field says it */
	char target[2048];   /* origin-form, undecoded: begins with '/' */
};

/* Read "http://host:port/path?query", "host:port/path", ":port/path", or
 * "/path" (of the default host).  A fragment is dropped (RFC 9110 4.2.5); the
 * rest of the target is kept to the byte.  NULL, or what is wrong: a static
 * text; *u is then of no use. */
const char *probe_url_parse(struct probe_url *u, const char *text);

#endif
