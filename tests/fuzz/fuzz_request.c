/* What a complete head means, and the path that comes out of its target. */
#include "base/buf.h"
#include "fuzz.h"
#include "http/request.h"
#include "http/target.h"

static void
check_path(const struct target_path *t)
{
	struct span path = span_of(t->s, t->n);

	MUST(t->n >= 1 && t->s[0] == '/' && t->s[t->n] == '\0');
	MUST(strlen(t->s) == t->n && t->folder == (t->s[t->n - 1] == '/'));
	MUST(strstr(t->s, "//") == NULL && strstr(t->s, "/./") == NULL);
	MUST(strstr(t->s, "/../") == NULL);
	MUST(!span_ends(path, SPAN("/.")) && !span_ends(path, SPAN("/..")));
	for (size_t i = 0; i < t->n; i++)
		MUST((unsigned char)t->s[i] >= 0x20 && t->s[i] != 0x7f);
}

/* A path that is encoded again must name the same. */
static void
check_target(struct span raw)
{
	static struct target_path t, again;
	static char mem[LIMIT_PATH * 3];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t at = 0;
	enum reason_id why = target_decode(raw, &t, &at);

	if (why != REASON_NONE) {
		MUST(at <= raw.n);
		return;
	}
	check_path(&t);
	buf_put_pct(&b, span_of(t.s, t.n));
	MUST(!b.full);
	MUST(target_decode(buf_span(&b), &again, &at) == REASON_NONE);
	MUST(again.n == t.n && memcmp(again.s, t.s, t.n) == 0);
}

static void
check_request(const struct http_request *r, struct span head)
{
	/* "/" and "*" may be the server's own */
	MUST(r->path.n <= 1 || span_within(r->path, head));
	MUST(span_within(r->query, head));
	MUST(span_within(r->host, head));
	MUST(r->framing != BODY_LENGTH || r->content_length > 0);
	if (r->status != 0) {
		MUST(r->status >= 400 && r->error != REASON_NONE);
		MUST(r->error_at < head.n);
		return;
	}
	MUST(r->framing_sure);
	MUST(r->minor == 0 || r->head->count[FIELD_HOST] == 1);
	MUST(r->minor == 0 || r->host.n != 0);
	MUST(r->head->count[FIELD_CONTENT_LENGTH] == 0 ||
	    r->head->count[FIELD_TRANSFER_ENCODING] == 0);
	if (r->method != METHOD_CONNECT && r->form != TARGET_ASTERISK)
		MUST(r->path.n == 0 || r->path.p[0] == '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct head_limits l = { LIMIT_REQUEST_LINE_MAX,
		LIMIT_HEADER_SIZE_MAX, LIMIT_FIELDS_MAX };
	static struct http_head h;
	struct span s = span_of((const char *)data, size);
	struct http_host last = { .n = 0 };
	struct http_request r, again;

	if (s.n > LIMIT_HEAD_MAX)
		return 0;
	check_target(s);
	head_init(&h);
	if (head_parse(&h, &l, NULL, s.p, s.n) != HEAD_DONE)
		return 0;
	MUST(request_read(&r, &h, s.p, &last) == (r.status == 0));
	MUST(request_read(&again, &h, s.p, &last) == (r.status == 0));
	MUST(again.error == r.error && again.error_at == r.error_at);
	MUST(again.host_local == r.host_local || r.status != 0);
	check_request(&r, span_of(s.p, h.length));
	check_target(r.path);
	return 0;
}
