#include "app/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "app/sandbox_parts.h"
#include "base/error.h"
#include "base/printable.h"

const char *const sandbox_layer_text[SANDBOX_N] = {
#define X(id, text) [SANDBOX_##id] = (text),
	SANDBOX_LAYER_TABLE(X)
#undef X
};

/* Sanitizers and coverage open files and start helpers of their own at the
 * end: in such a build only layers 0 to 2 can be. */
#if defined(SANDBOX_INSTRUMENTED)
#define INSTRUMENTED true
#else
#define INSTRUMENTED false
#endif

/* Global, because it is a property of the process; written before there are
 * threads. */
static struct sandbox_status now;

static struct notice_gate refused_gate;
static _Atomic uint64_t refused_said;

void
sandbox_say(struct sandbox_status *s, enum sandbox_layer layer,
    enum sandbox_state state, const char *fmt, ...)
{
	char text[sizeof(s->layer[layer].text)];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->layer[layer].state = state;
	if (n >= 0)
		printable_str(s->layer[layer].text,
		    sizeof(s->layer[layer].text), span_str(text),
		    PRINTABLE_UTF8);
}

const char *
sandbox_state_text(enum sandbox_state state)
{
	static const char *const text[] = {
		[SANDBOX_OFF] = "off",
		[SANDBOX_MISSING] = "missing",
		[SANDBOX_PARTLY] = "partly",
		[SANDBOX_ON] = "on",
	};

	return text[state];
}

/* For tests: SANDBOX_TEST=kill,traceable.  It can make nothing weaker that
 * whoever starts the process could not do without it. */
static bool
test_wants(const char *word)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	const char *wants = getenv("SANDBOX_TEST");

	return wants != NULL && strstr(wants, word) != NULL;
}

/* Layer 0 has no way around it: without openat2(2) no root can be served. */
static void
note_beneath(struct sandbox_status *s)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH };
	long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how));

	if (fd < 0) {
		sandbox_say(s, SANDBOX_BENEATH, SANDBOX_MISSING, "openat2: %s",
		    error_text(errno));
		return;
	}
	close((int)fd);
	sandbox_say(
	    s, SANDBOX_BENEATH, SANDBOX_ON, "no link and no race leads out");
}

static void
note_off(struct sandbox_status *s, enum sandbox_layer layer)
{
	sandbox_say(s, layer, SANDBOX_OFF, "sandbox.mode is off");
}

/* Layer 2, once it is clear who the process is. */
static void
note_user(struct sandbox_status *s, const char *who, uid_t uid, gid_t gid)
{
	if (uid == 0)
		sandbox_say(s, SANDBOX_USER, SANDBOX_PARTLY,
		    "it runs as root (name a user: to become)");
	else if (who != NULL)
		sandbox_say(s, SANDBOX_USER, SANDBOX_ON,
		    "%.100s (uid %u, gid %u)", who, (unsigned)uid,
		    (unsigned)gid);
	else
		sandbox_say(s, SANDBOX_USER, SANDBOX_ON, "uid %u, gid %u",
		    (unsigned)uid, (unsigned)gid);
}

/* What the C library reads when it is first needed, and could not later. */
static void
load_before(void)
{
	mbstate_t state = { 0 };
	wchar_t wide;

	tzset();
	/* a state of its own.  NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)mbrtowc(&wide, "a", 1, &state);
}

/* Layer 1. */
static bool
enter_process(struct sandbox_status *s, char err[512])
{
	struct rlimit none = { 0, 0 };
	bool traceable = test_wants("traceable");

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0 ||
	    (!traceable && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)) {
		snprintf(
		    err, 512, "sandbox: no_new_privs: %s", error_text(errno));
		return false;
	}
	sandbox_say(s, SANDBOX_PROCESS, traceable ? SANDBOX_PARTLY : SANDBOX_ON,
	    "no_new_privs, core size 0%s", traceable ? "" : ", not dumpable");
	return true;
}

static bool
enter_user(const struct sandbox_needs *n, struct sandbox_status *s, bool wanted,
    char err[512])
{
	const char *who = n->config->user;
	struct sandbox_user u;
	int error;

	if (who != NULL &&
	    (!sandbox_user_find(who, &u, err) ||
		!sandbox_user_can(&u, who, err) ||
		!sandbox_user_become(&u, n->log, err)))
		return false;
	note_user(s, who, geteuid(), getegid());
	if (!wanted || geteuid() == 0)
		return true;
	error = sandbox_user_drop_capabilities();
	if (error != 0)
		snprintf(err, 512, "sandbox: capset: %s", error_text(error));
	return error == 0;
}

/* Whether the layer's end is good enough for sandbox.mode. */
static bool
is_accepted(const struct sandbox_needs *n, const struct sandbox_status *s,
    enum sandbox_layer layer, enum sandbox_result r, char err[512])
{
	if (r == SANDBOX_FAILED)
		return false;
	if (r == SANDBOX_DONE || n->config->sandbox_mode != CONFIG_ON)
		return true;
	snprintf(err, 512, "sandbox.mode is on, but %s: %s",
	    sandbox_layer_text[layer], s->layer[layer].text);
	return false;
}

static enum sandbox_result
not_in_this_build(struct sandbox_status *s, enum sandbox_layer layer)
{
	sandbox_say(
	    s, layer, SANDBOX_MISSING, "not in a build that is instrumented");
	return SANDBOX_ABSENT;
}

/* Layers 3 and 4. */
static bool
enter_filters(
    const struct sandbox_needs *n, struct sandbox_status *s, char err[512])
{
	enum sandbox_result r;

	load_before();
	r = INSTRUMENTED ? not_in_this_build(s, SANDBOX_FILES)
			 : sandbox_files_enter(n, s, err);
	if (!is_accepted(n, s, SANDBOX_FILES, r, err))
		return false;
	if (r == SANDBOX_DONE)
		error_explain_denied(
		    "Permission denied, by its mode or by the sandbox "
		    "(sandbox.mode, sandbox.allowed_roots)");
	r = INSTRUMENTED ? not_in_this_build(s, SANDBOX_CALLS)
			 : sandbox_calls_enter(test_wants("kill"), s, err);
	return is_accepted(n, s, SANDBOX_CALLS, r, err);
}

bool
sandbox_enter(const struct sandbox_needs *n, char err[512])
{
	bool wanted = n->config->sandbox_mode != CONFIG_OFF;

	note_beneath(&now);
	if (!enter_user(n, &now, wanted, err))
		return false;
	if (wanted)
		return enter_process(&now, err) && enter_filters(n, &now, err);
	note_off(&now, SANDBOX_PROCESS);
	note_off(&now, SANDBOX_FILES);
	note_off(&now, SANDBOX_CALLS);
	return true;
}

bool
sandbox_can_become(const char *user, char err[512])
{
	struct sandbox_user u;

	return user == NULL ||
	    (sandbox_user_find(user, &u, err) &&
		sandbox_user_can(&u, user, err));
}

static bool
foresee_user(const struct config *c, struct sandbox_status *out, char err[512])
{
	struct sandbox_user u = { .uid = geteuid(), .gid = getegid() };

	if (c->user != NULL &&
	    (!sandbox_user_find(c->user, &u, err) ||
		!sandbox_user_can(&u, c->user, err) ||
		!sandbox_user_try(&u, c, err)))
		return false;
	note_user(out, c->user, u.uid, u.gid);
	return true;
}

static void
foresee_filters(
    const struct config *c, bool console, struct sandbox_status *out)
{
	int abi = sandbox_files_abi();

	if (INSTRUMENTED)
		(void)not_in_this_build(out, SANDBOX_FILES);
	else if (abi == 0)
		sandbox_say(out, SANDBOX_FILES, SANDBOX_MISSING, "Landlock: %s",
		    error_text(errno));
	else
		sandbox_files_say(out, c, console, abi);
	if (INSTRUMENTED)
		(void)not_in_this_build(out, SANDBOX_CALLS);
	else if (!sandbox_calls_there())
		sandbox_say(out, SANDBOX_CALLS, SANDBOX_MISSING,
		    "the kernel has no seccomp filters");
	else
		sandbox_say(out, SANDBOX_CALLS, SANDBOX_ON, "a list of calls");
}

bool
sandbox_foresee(const struct config *c, bool console,
    struct sandbox_status *out, char err[512])
{
	*out = (struct sandbox_status){ 0 };
	note_beneath(out);
	if (!foresee_user(c, out, err))
		return false;
	if (c->sandbox_mode == CONFIG_OFF) {
		note_off(out, SANDBOX_PROCESS);
		note_off(out, SANDBOX_FILES);
		note_off(out, SANDBOX_CALLS);
		return true;
	}
	sandbox_say(out, SANDBOX_PROCESS, SANDBOX_ON,
	    "no_new_privs, core size 0, not dumpable");
	foresee_filters(c, console, out);
	for (int i = 0; i < SANDBOX_N; i++)
		if (c->sandbox_mode == CONFIG_ON &&
		    out->layer[i].state == SANDBOX_MISSING) {
			snprintf(err, 512, "sandbox.mode is on, but %s: %s",
			    sandbox_layer_text[i], out->layer[i].text);
			return false;
		}
	return true;
}

void
sandbox_status(struct sandbox_status *out)
{
	*out = now;
	out->violations = sandbox_calls_refused();
}

bool
sandbox_confines_files(void)
{
	return now.layer[SANDBOX_FILES].state >= SANDBOX_PARTLY;
}

void
sandbox_note_violations(void)
{
	uint64_t n = sandbox_calls_refused();

	if (atomic_exchange(&refused_said, n) != n)
		notice_gated(&refused_gate, NOTICE_ERROR,
		    "the sandbox refused a system call, %llu so far",
		    (unsigned long long)n);
}
