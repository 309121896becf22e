/* Goes through kept inputs without libFuzzer: each argument is a file or a
 * folder of files.  Prints how many there were; a fault ends the process, and
 * names the input. */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static char current[4096];

static void
tell(int sig)
{
	static const char text[] = "\nthe input: ";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDERR_FILENO, current, strlen(current)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0)
		_exit(1);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void
replay_file(size_t n)
{
	FILE *f = fopen(current, "rb");
	uint8_t *bytes = malloc(n ? n : 1);

	if (f == NULL || bytes == NULL || fread(bytes, 1, n, f) != n) {
		fprintf(stderr, "cannot read %s\n", current);
		exit(1);
	}
	fclose(f);
	(void)LLVMFuzzerTestOneInput(bytes, n);
	free(bytes);
}

static unsigned
replay(const char *folder, const char *name)
{
	struct stat st;
	struct dirent **list;
	unsigned done = 0;
	int n;

	(void)snprintf(current, sizeof(current), "%s%s%s", folder,
	    *folder ? "/" : "", name);
	if (stat(current, &st) < 0) {
		perror(current);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode)) {
		replay_file((size_t)st.st_size);
		return 1;
	}
	n = scandir(current, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *inside = *folder ? strdup(folder) : strdup(name);

		if (inside == NULL)
			abort();
		if (list[i]->d_name[0] != '.')
			done += replay(inside, list[i]->d_name);
		free(inside);
		free(list[i]);
	}
	free(list);
	return done;
}

int
main(int argc, char **argv)
{
	unsigned done = 0;

	(void)signal(SIGABRT, tell);
	(void)signal(SIGSEGV, tell);
	for (int i = 1; i < argc; i++)
		done += replay("", argv[i]);
	printf("%u inputs\n", done);
	return done > 0 ? 0 : 1;
}
