#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/sandbox.h"
#include "net/io_ring.h"

/* The sandbox cannot be left: each test is a child of its own, which tries
 * what somebody would who took the process over. */

static char place[] = "/tmp/httpconsole-sandbox-XXXXXX";

/* What the child reports: the errno of each try, 0 for success. */
struct report {
	int error[64];
	int count;
	struct sandbox_status status;
	char err[512];
	bool entered;
};

struct attempt {
	const char *name;
	int (*run)(void);
	int wanted; /* errno, 0: it works */
};

static int
result(bool ok)
{
	return ok ? 0 : errno;
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int error = result(fd >= 0);

	if (fd >= 0)
		close(fd);
	return error;
}

/* --- files --- */

static int
read_the_site(void)
{
	return try_open("site/index.html", O_RDONLY);
}

static int
read_beside_the_site(void)
{
	return try_open("beside.txt", O_RDONLY);
}

static int
read_elsewhere(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int
write_the_site(void)
{
	return try_open("site/index.html", O_WRONLY);
}

static int
make_in_the_site(void)
{
	return try_open("site/new.html", O_WRONLY | O_CREAT);
}

static int
remove_from_the_site(void)
{
	return result(unlink("site/index.html") == 0);
}

static int
append_to_the_log(void)
{
	return try_open("log/access.log", O_WRONLY | O_APPEND | O_CREAT);
}

static int
read_the_log(void)
{
	return try_open("log/access.log", O_RDONLY);
}

static int
truncate_the_log(void)
{
	return try_open("log/access.log", O_WRONLY | O_TRUNC);
}

static int
read_the_configuration(void)
{
	return try_open("conf/server.yaml", O_RDONLY);
}

static int
write_the_configuration(void)
{
	return try_open("conf/server.yaml", O_WRONLY);
}

/* As watch/export.c does. */
static int
make_an_export(void)
{
	int folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(
	    folder, ".export", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error = result(
	    fd >= 0 && renameat(folder, ".export", folder, "out.har") == 0);

	if (fd >= 0)
		close(fd);
	close(folder);
	return error;
}

static int
make_a_device(void)
{
	return result(mkfifo("site/fifo", 0600) == 0);
}

/* --- the network --- */

static struct sockaddr_in server_address, other_address;

static int
try_connect(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error =
	    result(connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0);

	close(fd);
	return error;
}

static int
connect_to_the_server(void)
{
	return try_connect(&server_address);
}

static int
connect_elsewhere(void)
{
	return try_connect(&other_address);
}

static int
bind_a_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error =
	    result(bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0);

	close(fd);
	return error;
}

/* Of a socket that is refused, errno. */
static int
try_socket(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);
	int error = result(fd >= 0);

	if (fd >= 0)
		close(fd);
	return error;
}

static int
unix_socket(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int
datagram_socket(void)
{
	return try_socket(AF_INET, SOCK_DGRAM, 0);
}

static int
raw_socket(void)
{
	return try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int
multipath_socket(void)
{
	return try_socket(AF_INET, SOCK_STREAM, 262); /* IPPROTO_MPTCP */
}

static int
tcp_socket(void)
{
	return try_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
}

/* It would connect as well. */
static int
send_by_fast_open(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	error = result(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			   (const struct sockaddr *)&other_address,
			   sizeof(other_address)) == 1);
	close(fd);
	return error;
}

static int
send_message_by_fast_open(void)
{
	struct sockaddr_in to = other_address;
	char x = 'x';
	struct iovec bytes = { &x, 1 };
	struct msghdr m = { .msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &bytes,
		.msg_iovlen = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	error = result(sendmsg(fd, &m, MSG_FASTOPEN | MSG_NOSIGNAL) == 1);
	close(fd);
	return error;
}

/* What goes by a ring no filter sees: there are those that were made before. */
static int
make_a_ring(void)
{
	struct io_ring *ring = io_ring_new(1);
	int error = result(ring != NULL);

	io_ring_free(ring);
	return error;
}

/* --- programs, memory, other processes --- */

static int
start_a_program(void)
{
	char *const argv[] = { (char *)"true", NULL };

	execv("/bin/true", argv);
	return errno;
}

static int
start_a_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
	return result(child > 0);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
start_a_thread(void)
{
	pthread_t t;
	int error = pthread_create(&t, NULL, nothing, NULL);

	if (error == 0)
		pthread_join(t, NULL);
	return error;
}

static int
make_memory_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int
signal_another(void)
{
	return result(kill(getppid(), 0) == 0);
}

static int
trace_another(void)
{
	return result(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0);
}

/* For SCHED_BATCH, as net/jobs.c does. */
static int
make_way(pid_t who)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = sizeof(attr), .policy = SCHED_BATCH, .nice = 10 };

	return result(syscall(SYS_sched_setattr, who, &attr, 0) == 0);
}

static int
make_way_for_others(void)
{
	return make_way(0);
}

static int
slow_another(void)
{
	return make_way(getppid());
}

static int
become_root(void)
{
	return result(setuid(0) == 0);
}

static int
type_into_the_terminal(void)
{
	return result(ioctl(STDIN_FILENO, TIOCSTI, "x") == 0);
}

/* The kernel takes the lower half for the request. */
static int
type_into_it_by_a_longer_number(void)
{
	return result(syscall(SYS_ioctl, STDIN_FILENO, 0x700000000ul | TIOCSTI,
			  "x") == 0);
}

/* TIOCLINUX: what is marked on a Linux console is typed into it. */
static int
paste_into_the_terminal(void)
{
	return result(ioctl(STDIN_FILENO, TIOCLINUX, &(char){ 3 }) == 0);
}

static int
speak_to_another_device(void)
{
	return result(ioctl(STDIN_FILENO, 0x1268 /* BLKSSZGET */, NULL) == 0);
}

static int
ask_the_terminal(void)
{
	return result(
	    ioctl(STDIN_FILENO, FIONREAD, &(int){ 0 }) == 0 || errno != EPERM);
}

/* --- the child --- */

static struct config *
config_for(const char *user, const char *allowed, const char *mode)
{
	struct config_errors e = { 0 };
	struct config *c = config_new();
	bool ok = config_set(c, "root", "site", "-", &e) &&
	    config_set(c, "sandbox.mode", mode, "-", &e) &&
	    (user == NULL || config_set(c, "user", user, "-", &e)) &&
	    (allowed == NULL ||
		config_set(c, "sandbox.allowed_roots", allowed, "-", &e));

	if (!ok)
		fail_msg("%s", e.text);
	c->file = strdup("conf/server.yaml");
	return c;
}

struct wish {
	const char *user, *allowed, *mode;
	bool console, kill;
};

/* Enter in a child, run the attempts there.  The child's status. */
static int
attempt_all(const struct wish *w, const struct attempt *a, size_t n,
    struct report *shared)
{
	struct config *c =
	    config_for(w->user, w->allowed, w->mode ? w->mode : "auto");
	struct sandbox_needs needs = { .config = c,
		.console = w->console,
		.log = "log/access.log",
		.ports = { ntohs(server_address.sin_port) },
		.ports_n = 1 };
	pid_t child = fork();
	int status;

	if (child == 0) {
		setenv("SANDBOX_TEST", w->kill ? "kill" : "", 1);
		shared->entered = sandbox_enter(&needs, shared->err);
		for (size_t i = 0; shared->entered && i < n; i++) {
			shared->error[i] = a[i].run();
			shared->count++;
		}
		sandbox_status(&shared->status);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	config_free(c);
	return status;
}

static struct report *
report_new(void)
{
	struct report *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(r != MAP_FAILED);
	return r;
}

/* What is attempted would then be done: a program started, this one's end. */
static void
not_where_it_is_not_built(void)
{
#if defined(SANDBOX_INSTRUMENTED)
	skip();
#endif
}

/* What --check says of the layer of files is what comes of it. */
static void
check_foreseen(const struct wish *w, const struct sandbox_status *came)
{
	struct config *c =
	    config_for(w->user, w->allowed, w->mode ? w->mode : "auto");
	struct sandbox_status s;
	char err[512];

	assert_true(sandbox_foresee(c, w->console, &s, err));
	assert_string_equal(
	    s.layer[SANDBOX_FILES].text, came->layer[SANDBOX_FILES].text);
	assert_int_equal(
	    s.layer[SANDBOX_FILES].state, came->layer[SANDBOX_FILES].state);
	config_free(c);
}

static void
check_all(const struct wish *w, const struct attempt *a, size_t n,
    uint64_t violations)
{
	struct report *r = report_new();
	int status;

	not_where_it_is_not_built();
	status = attempt_all(w, a, n, r);
	assert_true(WIFEXITED(status));
	if (!r->entered)
		fail_msg("%s", r->err);
	if (r->status.layer[SANDBOX_FILES].state == SANDBOX_MISSING ||
	    r->status.layer[SANDBOX_CALLS].state == SANDBOX_MISSING)
		skip();
	assert_int_equal(r->count, n);
	for (size_t i = 0; i < n; i++)
		if (r->error[i] != a[i].wanted)
			fail_msg("%s: %s, not %s", a[i].name,
			    strerror(r->error[i]), strerror(a[i].wanted));
	assert_int_equal(r->status.violations, violations);
	check_foreseen(w, &r->status);
	munmap(r, sizeof(*r));
}

#define TRY(what, wanted)                                                      \
	{                                                                      \
#what, what, wanted                                            \
	}
#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
files_are_read_and_written_where_it_is_needed(void **state)
{
	static const struct attempt a[] = {
		TRY(read_the_site, 0),
		TRY(read_beside_the_site, 0), /* the root's folder */
		TRY(read_elsewhere, EACCES),
		TRY(write_the_site, EACCES),
		TRY(make_in_the_site, EACCES),
		TRY(remove_from_the_site, EACCES),
		TRY(append_to_the_log, 0),
		TRY(truncate_the_log, EACCES),
		TRY(read_the_configuration, 0),
		TRY(write_the_configuration, EACCES),
	};
	struct wish w = { 0 };

	(void)state;
	check_all(&w, a, N(a), 0);
}

static void
allowed_roots_confine_what_is_read(void **state)
{
	static const struct attempt a[] = {
		TRY(read_the_site, 0),
		TRY(read_beside_the_site, EACCES),
		TRY(read_elsewhere, EACCES),
		TRY(read_the_log, EACCES),
		TRY(read_the_configuration, 0),
		TRY(append_to_the_log, 0),
	};
	/* exports are written into the working directory, and not read there */
	static const struct attempt b[] = {
		TRY(read_the_site, 0),
		TRY(read_beside_the_site, EACCES),
		TRY(read_elsewhere, EACCES),
		TRY(make_an_export, 0),
	};
	struct wish w = { .allowed = "site" };
	struct wish console = { .allowed = "site", .console = true };

	(void)state;
	check_all(&w, a, N(a), 0);
	check_all(&console, b, N(b), 0);
}

static void
nobody_is_talked_to_but_the_server(void **state)
{
	static const struct attempt a[] = {
		TRY(connect_to_the_server, 0),
		TRY(connect_elsewhere, EACCES),
		TRY(bind_a_port, EPERM),
		TRY(unix_socket, EPERM),
		TRY(tcp_socket, 0),
		TRY(datagram_socket, EPERM),
		TRY(raw_socket, EPERM),
		TRY(multipath_socket, EPERM),
		TRY(send_by_fast_open, EPERM),
		TRY(send_message_by_fast_open, EPERM),
		TRY(make_a_ring, EPERM),
	};
	struct wish w = { 0 };

	(void)state;
	check_all(&w, a, N(a), 8); /* the port of a connection is layer 3's */
}

static void
nothing_is_started_and_refusals_are_counted(void **state)
{
	static const struct attempt a[] = {
		TRY(start_a_program, EPERM),
		TRY(start_a_process, EPERM),
		TRY(start_a_thread, 0),
		TRY(make_memory_executable, EPERM),
		TRY(make_way_for_others, 0),
		TRY(slow_another, EPERM),
		TRY(signal_another, EPERM),
		TRY(trace_another, EPERM),
		TRY(become_root, EPERM),
		TRY(make_a_device, EPERM),
		TRY(type_into_the_terminal, EPERM),
		TRY(type_into_it_by_a_longer_number, EPERM),
		TRY(paste_into_the_terminal, EPERM),
		TRY(speak_to_another_device, EPERM),
		TRY(ask_the_terminal, 0),
	};
	struct wish w = { .console = true };

	(void)state;
	check_all(&w, a, N(a), N(a) - 3);
}

static void
a_refused_call_can_be_made_the_end(void **state)
{
	static const struct attempt a[] = { TRY(start_a_program, EPERM) };
	struct wish w = { .kill = true };
	struct report *r = report_new();
	int status;

	(void)state;
	not_where_it_is_not_built();
	status = attempt_all(&w, a, N(a), r);
	if (WIFEXITED(status) && r->count == 1 && r->error[0] == 0)
		fail_msg("it started a program");
	if (WIFEXITED(status) &&
	    r->status.layer[SANDBOX_CALLS].state == SANDBOX_MISSING)
		skip();
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	munmap(r, sizeof(*r));
}

static void
off_is_off_and_says_so(void **state)
{
	static const struct attempt a[] = {
		TRY(read_elsewhere, 0),
		TRY(start_a_process, 0),
		TRY(bind_a_port, 0),
	};
	struct wish w = { .mode = "off" };
	struct report *r = report_new();
	int status = attempt_all(&w, a, N(a), r);

	(void)state;
	assert_true(WIFEXITED(status) && r->entered);
	for (size_t i = 0; i < N(a); i++)
		assert_int_equal(r->error[i], 0);
	for (int i = SANDBOX_PROCESS; i < SANDBOX_N; i++)
		if (i != SANDBOX_USER)
			assert_int_equal(r->status.layer[i].state, SANDBOX_OFF);
	munmap(r, sizeof(*r));
}

/* --- the user --- */

static int
is_nobody(void)
{
	uid_t u[3];
	gid_t g[3], groups[8];

	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		return errno;
	return u[0] == 65534 && u[1] == 65534 && u[2] == 65534 &&
		g[0] == 65534 && g[1] == 65534 && g[2] == 65534 &&
		getgroups(8, groups) == 1 && groups[0] == 65534
	    ? 0
	    : -1;
}

static int
has_no_capabilities(void)
{
	char line[256];
	int found = 0;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f))
		found += strncmp(line, "Cap", 3) == 0 &&
		    strtoull(strchr(line, ':') + 1, NULL, 16) == 0;
	if (f != NULL)
		fclose(f);
	return found == 5 ? 0 : -1; /* Inh, Prm, Eff, Bnd, Amb */
}

static int
own_the_log(void)
{
	struct stat st;

	return stat("log/made.log", &st) == 0 && st.st_uid == 65534 &&
		(st.st_mode & 07777) == 0640
	    ? 0
	    : -1;
}

static int
leave_a_log_that_was_there(void)
{
	struct stat st;

	return stat("log/access.log", &st) == 0 && st.st_uid == 0 ? 0 : -1;
}

static void
root_becomes_the_user_for_good(void **state)
{
	static const struct attempt a[] = {
		TRY(is_nobody, 0),
		TRY(become_root, EPERM),
		TRY(has_no_capabilities, 0),
		TRY(leave_a_log_that_was_there, 0),
	};
	struct wish w = { .user = "65534:65534", .mode = "off" };
	struct report *r = report_new();

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(
	    close(open("log/access.log", O_CREAT | O_RDWR, 0600)), 0);
	attempt_all(&w, a, N(a), r);
	if (!r->entered)
		fail_msg("%s", r->err);
	for (size_t i = 0; i < N(a); i++)
		if (r->error[i] != a[i].wanted)
			fail_msg("%s: %d", a[i].name, r->error[i]);
	assert_int_equal(r->status.layer[SANDBOX_USER].state, SANDBOX_ON);
	munmap(r, sizeof(*r));
}

static void
a_new_log_is_the_users(void **state)
{
	struct config *c = config_for("nobody", NULL, "off");
	struct sandbox_needs needs = { .config = c, .log = "log/made.log" };
	char err[512];
	pid_t child;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	if (child == 0)
		_exit(sandbox_enter(&needs, err) ? own_the_log() : 9);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	config_free(c);
}

static void
who_cannot_be_become_is_said(void **state)
{
	static const struct {
		const char *user, *text;
	} rows[] = {
		{ "no-such-user-here", "there is no user" },
		{ "nobody:no-such-group", "there is no group" },
		{ "root", "is root" },
		{ "0:0", "is root" },
		{ "54321", "write 54321:GROUP" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct config *c = config_for(rows[i].user, NULL, "auto");
		struct sandbox_status s;
		char err[512] = "";

		assert_false(sandbox_foresee(c, false, &s, err));
		if (strstr(err, rows[i].text) == NULL)
			fail_msg("%s: %s", rows[i].user, err);
		config_free(c);
	}
}

static int
refused_to_a_stranger(void)
{
	struct config *c = config_for("daemon", NULL, "auto");
	struct sandbox_status s;
	char err[512] = "";
	bool refused = !sandbox_foresee(c, false, &s, err) &&
	    strstr(err, "only root can become 'daemon'") != NULL;

	config_free(c);
	return refused ? 0 : -1;
}

static void
only_root_can_become_another(void **state)
{
	static const struct attempt a[] = { TRY(refused_to_a_stranger, 0) };
	struct wish w = { .user = "nobody", .mode = "off" };
	struct report *r = report_new();

	(void)state;
	if (geteuid() != 0) {
		assert_int_equal(refused_to_a_stranger(), 0);
		return;
	}
	attempt_all(&w, a, N(a), r);
	assert_true(r->entered);
	assert_int_equal(r->error[0], 0);
	munmap(r, sizeof(*r));
}

/* The one that can be asked for from within. */
static int
cannot_be_dumped(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -1;
}

static void
the_process_cannot_be_dumped(void **state)
{
	static const struct attempt a[] = { TRY(cannot_be_dumped, 0) };
	struct wish w = { 0 };

	(void)state;
	check_all(&w, a, N(a), 0);
}

/* --- around them --- */

static int
listener(struct sockaddr_in *at)
{
	socklen_t n = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)at, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &n), 0);
	return fd;
}

static void
put(const char *path)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs("x\n", f);
	fclose(f);
}

static int
begin(void **state)
{
	(void)state;
	umask(022);
	assert_non_null(mkdtemp(place));
	assert_int_equal(chmod(place, 0755), 0);
	assert_int_equal(chdir(place), 0);
	assert_int_equal(mkdir("site", 0755), 0);
	assert_int_equal(mkdir("log", 0755), 0);
	assert_int_equal(mkdir("conf", 0755), 0);
	put("site/index.html");
	put("beside.txt");
	put("conf/server.yaml");
	put("log/access.log");
	listener(&server_address);
	listener(&other_address);
	umask(027); /* as the program has it */
	return 0;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", place);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_and_written_where_it_is_needed),
		cmocka_unit_test(allowed_roots_confine_what_is_read),
		cmocka_unit_test(nobody_is_talked_to_but_the_server),
		cmocka_unit_test(nothing_is_started_and_refusals_are_counted),
		cmocka_unit_test(a_refused_call_can_be_made_the_end),
		cmocka_unit_test(the_process_cannot_be_dumped),
		cmocka_unit_test(off_is_off_and_says_so),
		cmocka_unit_test(root_becomes_the_user_for_good),
		cmocka_unit_test(a_new_log_is_the_users),
		cmocka_unit_test(who_cannot_be_become_is_said),
		cmocka_unit_test(only_root_can_become_another),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
