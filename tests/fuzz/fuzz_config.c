/* server.yaml: what was read is printed so that it is read again as the same;
 * what is refused is said with its place. */
#include "app/config_key.h"
#include "file_of.h"

static struct config *
read_config(struct span s, struct config_errors *e)
{
	struct config *c = config_new();
	bool good;

	MUST(c != NULL);
	*e = (struct config_errors){ NULL, 0 };
	good = config_read_file(c, file_of(s), e);
	MUST(good == (e->count == 0) && good == (e->text == NULL));
	if (good)
		return c;
	config_free(c);
	return NULL;
}

static char *
print_config(const struct config *c, size_t *n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, n);

	MUST(f != NULL);
	config_print(c, f);
	MUST(fclose(f) == 0);
	return text;
}

/* Equal but for the comment above all, which names the file. */
static bool
same_values(const char *a, const char *b)
{
	while (*a == '#' && strchr(a, '\n') != NULL)
		a = strchr(a, '\n') + 1;
	while (*b == '#' && strchr(b, '\n') != NULL)
		b = strchr(b, '\n') + 1;
	return strcmp(a, b) == 0;
}

static void
check_errors(struct config_errors *e)
{
	MUST(e->count > 0 && strlen(e->text) < CONFIG_ERRORS_MAX + 256);
	for (const char *p = e->text; *p; p++)
		MUST(*p == '\n' || ((unsigned char)*p >= 0x20 && *p != 0x7f));
	config_errors_free(e);
}

/* Print *c and read that again in its place; what was printed, owned. */
static char *
print_and_read(struct config **c)
{
	struct config_errors e;
	size_t n;
	char *text = print_config(*c, &n);

	config_free(*c);
	*c = read_config(span_of(text, n), &e);
	if (*c == NULL)
		fprintf(stderr, "%s\n%s", text, e.text);
	MUST(*c != NULL);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors e;
	struct config *c = read_config(span_of((const char *)data, size), &e);
	char *first, *second, *third;

	if (c == NULL) {
		check_errors(&e);
		return 0;
	}
	(void)config_validate(c, &e);
	config_errors_free(&e);
	/* Only the first time can paths change: to be the file's folder's. */
	first = print_and_read(&c);
	second = print_and_read(&c);
	third = print_and_read(&c);
	MUST(same_values(second, third));
	free(first);
	free(second);
	free(third);
	config_free(c);
	return 0;
}
