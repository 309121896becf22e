/* Layer 2 of the sandbox: who the process is. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/config_key.h"
#include "app/sandbox_parts.h"
#include "base/error.h"
#include "base/num.h"

/* A number that is an id, but not the one that means "none". */
static bool
read_id(const char *text, unsigned *id)
{
	uint64_t v;

	if (!num_dec(span_str(text), &v) || v >= UINT32_MAX)
		return false;
	*id = (unsigned)v;
	return true;
}

/* The user's ids; group: whether gid was found too. */
static bool
find_name(const char *name, struct sandbox_user *u, bool *group)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	const struct passwd *p = getpwnam(name);
	unsigned id;

	*group = p != NULL;
	if (p != NULL) {
		u->uid = p->pw_uid;
		u->gid = p->pw_gid;
		return true;
	}
	if (!read_id(name, &id))
		return false;
	u->uid = id;
	return true;
}

static bool
find_group(const char *name, gid_t *gid)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	const struct group *g = getgrnam(name);
	unsigned id;

	if (g != NULL)
		*gid = g->gr_gid;
	else if (read_id(name, &id))
		*gid = id;
	else
		return false;
	return true;
}

bool
sandbox_user_find(const char *who, struct sandbox_user *out, char err[512])
{
	char name[200]; /* no system has longer ones */
	char *colon;
	bool group;

	snprintf(name, sizeof(name), "%s", who);
	colon = strchr(name, ':');
	if (colon != NULL)
		*colon = '\0';
	if (!find_name(name, out, &group)) {
		snprintf(err, 512, "user: there is no user '%s'", name);
		return false;
	}
	if (colon != NULL && !find_group(colon + 1, &out->gid)) {
		snprintf(err, 512, "user: there is no group '%s'", colon + 1);
		return false;
	}
	if (colon == NULL && !group) {
		snprintf(err, 512, "user: %s has no name: write %s:GROUP", name,
		    name);
		return false;
	}
	if (out->uid == 0 || out->gid == 0) {
		snprintf(err, 512,
		    "user: '%s' is root; name a user with fewer rights", who);
		return false;
	}
	return true;
}

bool
sandbox_user_can(const struct sandbox_user *u, const char *who, char err[512])
{
	if (geteuid() == 0 ||
	    (geteuid() == u->uid && getuid() == u->uid && getegid() == u->gid &&
		getgid() == u->gid))
		return true;
	snprintf(err, 512,
	    "user: only root can become '%s'; start it as root, or take user "
	    "out of the configuration",
	    who);
	return false;
}

/* A log that root makes for the user.  One that is there stays as it is: its
 * name may lead, by a hard link, to a file that the user must not get. */
static bool
make_log(const struct sandbox_user *u, const char *log, char err[512])
{
	int fd, error;

	if (log == NULL)
		return true;
	fd = open(log,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
	    0640);
	if (fd < 0)
		return true; /* the recorder will say what is wrong */
	error = fchown(fd, u->uid, u->gid) != 0 ? errno : 0;
	close(fd);
	if (error == 0)
		return true;
	snprintf(err, 512, "user: cannot give the access log away: %s",
	    error_text(error));
	return false;
}

/* So that nothing that is executed later could have any; it needs CAP_SETPCAP,
 * which containers take away: then there is a bounding set already. */
static bool
empty_bounding_set(void)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0)
			break;
		if (has == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 &&
		    errno != EPERM)
			return false;
	}
	return true;
}

int
sandbox_user_drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0 ? 0 : errno;
}

static bool
fail(const char *what, char err[512])
{
	snprintf(err, 512, "user: %s: %s", what, error_text(errno));
	return false;
}

bool
sandbox_user_become(
    const struct sandbox_user *u, const char *log, char err[512])
{
	if (geteuid() != 0)
		return true; /* it is that user: sandbox_user_can */
	if (!make_log(u, log, err))
		return false;
	if (!empty_bounding_set())
		return fail("prctl(PR_CAPBSET_DROP)", err);
	/* Groups first: who is not root any more cannot change them. */
	if (setgroups(1, &u->gid) != 0)
		return fail("setgroups", err);
	if (setresgid(u->gid, u->gid, u->gid) != 0)
		return fail("setresgid", err);
	if (setresuid(u->uid, u->uid, u->uid) != 0)
		return fail("setresuid", err);
	if (setuid(0) != -1 || setgid(0) != -1 || geteuid() == 0) {
		snprintf(err, 512, "user: root could be had back");
		return false;
	}
	return true;
}

/* What the process cannot do with what the configuration names. */
enum lack { LACK_NOTHING, LACK_ROOT, LACK_LOG, LACK_UNKNOWN };

static enum lack
what_lacks(const struct config *c)
{
	const struct config_key *k = config_key_find(SPAN("log.access"));

	if (access(c->root, R_OK | X_OK) != 0)
		return LACK_ROOT;
	if (config_value_word(k->words, span_str(c->log_access)) ||
	    access(c->log_access, W_OK) == 0 || errno == ENOENT)
		return LACK_NOTHING; /* or it is made for the user: make_log */
	return LACK_LOG;
}

bool
sandbox_user_try(
    const struct sandbox_user *u, const struct config *c, char err[512])
{
	int status = 0;
	pid_t child = geteuid() == 0 ? fork() : -1;

	if (child == 0)
		_exit((int)(sandbox_user_become(u, NULL, err) ? what_lacks(c)
							      : LACK_UNKNOWN));
	/* what cannot be tried is seen at the start */
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		return true;
	if (WEXITSTATUS(status) == LACK_ROOT)
		snprintf(err, 512, "root: '%.200s' cannot be read by user '%s'",
		    c->root, c->user);
	else if (WEXITSTATUS(status) == LACK_LOG)
		snprintf(err, 512,
		    "log.access: '%.200s' cannot be written to by user '%s'; "
		    "give it to the user, or take it away: it is made anew",
		    c->log_access, c->user);
	else
		return true;
	return false;
}
