/* Figures for people: widget.h. */
#include <stdio.h>

#include "base/clock.h"
#include "ui/widget.h"

void
figure_duration(char out[FIGURE], int64_t ns)
{
	int64_t s = ns / NS_PER_S;

	if (ns < 0)
		(void)snprintf(out, FIGURE, "-");
	else if (ns < NS_PER_MS)
		(void)snprintf(out, FIGURE, "%lldus", ns / NS_PER_US);
	else if (ns < 10 * NS_PER_MS)
		(void)snprintf(out, FIGURE, "%.1fms", (double)ns / NS_PER_MS);
	else if (ns < NS_PER_S)
		(void)snprintf(out, FIGURE, "%lldms", ns / NS_PER_MS);
	else if (s < 100)
		(void)snprintf(out, FIGURE, "%.*fs", s < 10 ? 2 : 1,
		    (double)ns / NS_PER_S);
	else
		figure_seconds(out, ns);
}

void
figure_seconds(char out[FIGURE], int64_t ns)
{
	long long s = ns < 0 ? 0 : ns / NS_PER_S;

	if (s < 100)
		(void)snprintf(out, FIGURE, "%llds", s);
	else if (s < 6000)
		(void)snprintf(out, FIGURE, "%lldm%02lld", s / 60, s % 60);
	else if (s < 360000)
		(void)snprintf(
		    out, FIGURE, "%lldh%02lld", s / 3600, s / 60 % 60);
	else
		(void)snprintf(
		    out, FIGURE, "%lldd%02lld", s / 86400, s / 3600 % 24);
}

void
figure_age(char out[FIGURE], int64_t ns)
{
	long long s = ns < 0 ? 0 : ns / NS_PER_S;

	if (s < 86400)
		(void)snprintf(out, FIGURE, "%lld:%02lld:%02lld", s / 3600,
		    s / 60 % 60, s % 60);
	else
		(void)snprintf(out, FIGURE, "%lldd %02lld:%02lld",
		    s / 86400 % 100000, s / 3600 % 24, s / 60 % 60);
}

void
figure_uptime(char out[FIGURE], int64_t ns)
{
	long long s = ns < 0 ? 0 : ns / NS_PER_S;

	if (s >= 60 && s < 3600)
		(void)snprintf(out, FIGURE, "%lldm", s / 60);
	else if (s >= 3600 && s < 86400)
		(void)snprintf(
		    out, FIGURE, "%lldh%02lld", s / 3600, s / 60 % 60);
	else
		figure_seconds(out, ns);
}

void
figure_many(char out[FIGURE_MANY], uint64_t n, const char *one)
{
	char count[32];

	figure_count(count, n);
	(void)snprintf(
	    out, FIGURE_MANY, "%s %s%s", count, one, n == 1 ? "" : "s");
}

void
figure_count(char out[32], uint64_t n)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	int at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}
