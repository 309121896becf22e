/* Layer 3 of the sandbox: Landlock, landlock(7).  The kernel's headers that a
 * distribution has are older than its kernel: numbers are carried here, and
 * the kernel is asked what it knows of them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/sandbox_parts.h"
#include "base/error.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define ASK_VERSION 1u

enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2 };

/* Rights, the ABI that brought each. */
#define FS_WRITE_FILE  (1ull << 1)
#define FS_READ_FILE   (1ull << 2)
#define FS_READ_DIR    (1ull << 3)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR    (1ull << 7)
#define FS_MAKE_REG    (1ull << 8)
#define FS_OF_ABI_1    ((1ull << 13) - 1)
#define FS_REFER       (1ull << 13) /* 2 */
#define FS_TRUNCATE    (1ull << 14) /* 3 */
#define FS_IOCTL_DEV   (1ull << 15) /* 5 */
#define NET_BIND_TCP   (1ull << 0)  /* 4 */
#define NET_CONNECT    (1ull << 1)  /* 4 */
#define SCOPE_ABSTRACT (1ull << 0)  /* 6: sockets of other processes */

#define READS  (FS_READ_FILE | FS_READ_DIR)
#define APPEND (FS_WRITE_FILE | FS_MAKE_REG)
#define WRITES (APPEND | FS_TRUNCATE | FS_REMOVE_FILE)
/* What can be allowed on what is no folder. */
#define OF_FILES (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct rule_path {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct rule_port {
	uint64_t allowed;
	uint64_t port;
};

struct rules_under_way {
	int fd;
	struct ruleset handled;
	int error; /* the first that is no absent path */
};

int
sandbox_files_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static struct ruleset
handled_by(int abi)
{
	struct ruleset r = { .fs = FS_OF_ABI_1 };

	if (abi >= 2)
		r.fs |= FS_REFER;
	if (abi >= 3)
		r.fs |= FS_TRUNCATE;
	if (abi >= 4)
		r.net = NET_BIND_TCP | NET_CONNECT;
	if (abi >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = SCOPE_ABSTRACT;
	return r;
}

static void
allow_fd(struct rules_under_way *r, int fd, uint64_t rights)
{
	struct rule_path rule = { .parent = fd };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	if (!S_ISDIR(st.st_mode))
		rights &= OF_FILES;
	rule.allowed = rights & r->handled.fs;
	/* EBADFD: a pipe or socket, which no rule governs. */
	if (rule.allowed != 0 &&
	    syscall(SYS_landlock_add_rule, r->fd, RULE_PATH_BENEATH, &rule,
		0) != 0 &&
	    errno != EBADFD && r->error == 0)
		r->error = errno;
}

/* What is not there, or cannot be reached, need not be allowed. */
static void
allow(struct rules_under_way *r, const char *path, uint64_t rights)
{
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	allow_fd(r, fd, rights);
	close(fd);
}

/* The folder that a name stands in; "" names none. */
static void
allow_folder_of(struct rules_under_way *r, const char *path, uint64_t rights)
{
	char folder[PATH_MAX];
	char *end;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return;
	end = folder + strlen(folder);
	while (end > folder + 1 && end[-1] == '/')
		*--end = '\0';
	end = strrchr(folder, '/');
	if (end == NULL)
		allow(r, ".", rights);
	else if (end == folder)
		allow(r, "/", rights);
	else {
		*end = '\0';
		allow(r, folder, rights);
	}
}

/* A rule holds for an inode: a root that is replaced by another folder of its
 * name is another inode, hence the folder that it is in, and that its name is
 * in when that is a link. */
static void
allow_around_root(struct rules_under_way *r, const char *root)
{
	char up[PATH_MAX];

	if (snprintf(up, sizeof(up), "%s/..", root) < (int)sizeof(up))
		allow(r, up, READS);
	allow_folder_of(r, root, READS);
}

/* Folders of descriptions of terminals, ncurses(3) and terminfo(5). */
static void
allow_terminals(struct rules_under_way *r)
{
	static const char *const places[] = { "/etc/terminfo", "/lib/terminfo",
		"/usr/lib/terminfo", "/usr/share/terminfo" };
	/* NOLINTBEGIN(concurrency-mt-unsafe): no other thread yet */
	const char *home = getenv("HOME"), *own = getenv("TERMINFO");
	/* NOLINTEND(concurrency-mt-unsafe) */
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		allow(r, places[i], READS);
	allow(r, own, READS);
	if (home != NULL &&
	    snprintf(path, sizeof(path), "%s/.terminfo", home) <
		(int)sizeof(path))
		allow(r, path, READS);
}

static void
allow_reads(struct rules_under_way *r, const struct sandbox_needs *n)
{
	const struct config_list *roots = &n->config->allowed_roots;

	for (size_t i = 0; i < roots->n; i++)
		allow(r, roots->v[i], READS);
	if (roots->n == 0 && n->console)
		allow(r, "/", READS);
	else if (roots->n == 0)
		allow_around_root(r, n->config->root);
	if (n->config->file != NULL)
		allow_folder_of(r, n->config->file, FS_READ_FILE);
	allow(r, "/etc/localtime", READS);
	allow(r, "/usr/share/zoneinfo", READS);
	if (n->console)
		allow_terminals(r);
}

/* stdout and stderr are opened once more by their names in /proc, so as to
 * write without waiting (base/outlet.h). */
static void
allow_writes(struct rules_under_way *r, const struct sandbox_needs *n)
{
	allow(r, "/proc/self/fd/1", FS_WRITE_FILE);
	allow(r, "/proc/self/fd/2", FS_WRITE_FILE);
	if (n->log != NULL)
		allow_folder_of(r, n->log, APPEND);
	if (!n->console)
		return;
	allow(r, n->state, READS | WRITES | FS_MAKE_DIR);
	allow(r, ".", WRITES); /* exports, which are not read again */
	allow(r, n->config->console_export_dir, WRITES);
}

/* The laboratory and the console's replay connect to our own listeners; nobody
 * connects to anything else, and nothing is bound any more. */
static void
allow_ports(struct rules_under_way *r, const struct sandbox_needs *n)
{
	for (unsigned i = 0; r->handled.net != 0 && i < n->ports_n; i++) {
		struct rule_port rule = { NET_CONNECT, n->ports[i] };

		if (syscall(SYS_landlock_add_rule, r->fd, RULE_NET_PORT, &rule,
			0) != 0 &&
		    r->error == 0)
			r->error = errno;
	}
}

void
sandbox_files_say(
    struct sandbox_status *s, const struct config *c, bool console, int abi)
{
	const struct config_list *roots = &c->allowed_roots;
	const char *ports = abi >= 4 ? "" : ", any port (Linux 6.7 has that)";
	enum sandbox_state state = abi >= 4 ? SANDBOX_ON : SANDBOX_PARTLY;

	if (roots->n > 1)
		sandbox_say(s, SANDBOX_FILES, state,
		    "Landlock ABI %d: reads %.60s and %zu more%s", abi,
		    roots->v[0], roots->n - 1, ports);
	else if (roots->n == 1)
		sandbox_say(s, SANDBOX_FILES, state,
		    "Landlock ABI %d: reads %.80s%s", abi, roots->v[0], ports);
	else if (console)
		sandbox_say(s, SANDBOX_FILES, state,
		    "Landlock ABI %d: writes confined, reads not "
		    "(sandbox.allowed_roots)%s",
		    abi, ports);
	else
		sandbox_say(s, SANDBOX_FILES, state,
		    "Landlock ABI %d: reads the folder that the root is in%s",
		    abi, ports);
}

enum sandbox_result
sandbox_files_enter(
    const struct sandbox_needs *n, struct sandbox_status *s, char err[512])
{
	int abi = sandbox_files_abi();
	struct rules_under_way r = { .handled = handled_by(abi) };

	if (abi == 0) {
		sandbox_say(s, SANDBOX_FILES, SANDBOX_MISSING, "Landlock: %s",
		    error_text(errno));
		return SANDBOX_ABSENT;
	}
	r.fd = (int)syscall(
	    SYS_landlock_create_ruleset, &r.handled, sizeof(r.handled), 0);
	if (r.fd >= 0) {
		allow_reads(&r, n);
		allow_writes(&r, n);
		allow_ports(&r, n);
		if (r.error == 0 &&
		    syscall(SYS_landlock_restrict_self, r.fd, 0) != 0)
			r.error = errno;
		close(r.fd);
	} else {
		r.error = errno;
	}
	if (r.error != 0) {
		snprintf(
		    err, 512, "sandbox: Landlock: %s", error_text(r.error));
		return SANDBOX_FAILED;
	}
	sandbox_files_say(s, n->config, n->console, abi);
	return SANDBOX_DONE;
}
