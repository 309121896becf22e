#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "app/config_key.h"
#include "base/near.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct number {
	const char *text;
	bool good;
	uint64_t value;
};

static void
check_numbers(
    const struct number *rows, size_t n, bool (*parse)(struct span, uint64_t *))
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = 4711;
		bool good = parse(span_str(rows[i].text), &v);

		if (good != rows[i].good)
			fail_msg("'%s': %d", rows[i].text, good);
		assert_int_equal(v, good ? rows[i].value : 4711);
	}
}

static void
a_size_is_digits_and_one_unit(void **state)
{
	static const struct number rows[] = {
		{ "0", true, 0 },
		{ "123", true, 123 },
		{ "64K", true, 65536 },
		{ "10M", true, 10485760 },
		{ "2G", true, 2147483648 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "17179869183G", true, 17179869183ull << 30 },
		{ "18446744073709551616", false, 0 },
		{ "17179869184G", false, 0 },
		{ "99999999999999999999K", false, 0 },
		{ "", false, 0 },
		{ "K", false, 0 },
		{ "12X", false, 0 },
		{ "64k", false, 0 },
		{ "64KB", false, 0 },
		{ "64 K", false, 0 },
		{ " 64K", false, 0 },
		{ "+1", false, 0 },
		{ "-1", false, 0 },
		{ "1.5M", false, 0 },
		{ "0x10", false, 0 },
		{ "1T", false, 0 },
	};

	(void)state;
	check_numbers(rows, COUNT(rows), config_value_size);
}

static void
a_duration_has_a_unit_or_is_zero(void **state)
{
	static const struct number rows[] = {
		{ "0", true, 0 },
		{ "0s", true, 0 },
		{ "500ms", true, 500 },
		{ "15s", true, 15000 },
		{ "10m", true, 600000 },
		{ "2h", true, 7200000 },
		{ "18446744073709551615ms", true, UINT64_MAX },
		{ "5124095576030h", true, 5124095576030ull * 3600000 },
		{ "5124095576031h", false, 0 },
		{ "5", false, 0 },
		{ "00", false, 0 },
		{ "5S", false, 0 },
		{ "5 s", false, 0 },
		{ "s", false, 0 },
		{ "1h30m", false, 0 },
		{ "1.5s", false, 0 },
		{ "-1s", false, 0 },
		{ "1d", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	check_numbers(rows, COUNT(rows), config_value_duration);
}

static void
a_bool_is_true_or_false_only(void **state)
{
	static const char *const wrong[] = { "yes", "no", "on", "off", "True",
		"TRUE", "1", "0", "", "truee", "t" };
	bool v = false;

	(void)state;
	assert_true(config_value_bool(SPAN("true"), &v) && v);
	assert_true(config_value_bool(SPAN("false"), &v) && !v);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(config_value_bool(span_str(wrong[i]), &v));
}

static void
numbers_are_written_short_and_read_back(void **state)
{
	static const struct {
		uint64_t value;
		const char *size;
		const char *duration;
	} rows[] = {
		{ 0, "0", "0" },
		{ 1, "1", "1ms" },
		{ 1000, "1000", "1s" },
		{ 1023, "1023", "1023ms" },
		{ 1024, "1K", "1024ms" },
		{ 1536, "1536", "1536ms" },
		{ 60000, "60000", "1m" },
		{ 3600000, "3600000", "1h" },
		{ 5400000, "5400000", "90m" },
		{ 1 << 20, "1M", "1048576ms" },
		{ 3ull << 30, "3G", "3221225472ms" },
		{ UINT64_MAX, "18446744073709551615",
		    "18446744073709551615ms" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char size[40], duration[40];
		struct buf s = buf_over(size, sizeof(size));
		struct buf d = buf_over(duration, sizeof(duration));
		uint64_t v;

		config_put_size(&s, rows[i].value);
		config_put_duration(&d, rows[i].value);
		assert_true(config_value_size(buf_span(&s), &v));
		assert_int_equal(v, rows[i].value);
		assert_true(config_value_duration(buf_span(&d), &v));
		assert_int_equal(v, rows[i].value);
		assert_string_equal(buf_cstr(&s), rows[i].size);
		assert_string_equal(buf_cstr(&d), rows[i].duration);
	}
}

static void
an_address_to_listen_on_is_taken_apart(void **state)
{
	static const struct {
		const char *entry;
		const char *host;
		unsigned port;
		bool v6;
	} rows[] = {
		{ "127.0.0.1:8000", "127.0.0.1", 8000, false },
		{ ":8000", "", 8000, false },
		{ "[::1]:8000", "::1", 8000, true },
		{ "[fe80::1%eth0]:80", "fe80::1%eth0", 80, true },
		{ "[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80, true },
		{ "0.0.0.0:0", "0.0.0.0", 0, false },
		{ "localhost:65535", "localhost", 65535, false },
		{ "my-host.example.org:80", "my-host.example.org", 80, false },
	};
	struct config_listen l;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!config_listen_parse(rows[i].entry, &l))
			fail_msg("'%s' was refused", rows[i].entry);
		assert_string_equal(l.host, rows[i].host);
		assert_int_equal(l.port, rows[i].port);
		assert_int_equal(l.v6, rows[i].v6);
		assert_null(config_wrong_listen(span_str(rows[i].entry)));
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "", ":", "8000", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", ":080000",
		"127.0.0.1:80 ", " 127.0.0.1:80", "127.0.0.1.5:80",
		"300.0.0.1:80", "1:80", "::1:80", "[::1]", "[::1]80", "[::1:80",
		"::1]:80", "[]:80", "[127.0.0.1]:80", "[::g]:80",
		"[fe80::1%]:80", "*:80", "a b:80", "http://a:80", "a/b:80",
		"unix:80", "fd:3", "host:http", "a:b:80" };
	struct config_listen l = { .port = 7 };
	char large[400];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (config_listen_parse(wrong[i], &l))
			fail_msg("'%s' was taken", wrong[i]);
	memset(large, 'a', sizeof(large));
	memcpy(large + 300, ":80", 4);
	assert_false(config_listen_parse(large, &l));
	assert_non_null(config_wrong_listen(span_of(large, sizeof(large))));
	assert_int_equal(l.port, 7);
}

static void
texts_that_go_into_a_head_cannot_forge_one(void **state)
{
	static const struct {
		const char *(*wrong)(struct span);
		const char *good;
		const char *bad;
	} rows[] = {
		{ config_wrong_field, "no-cache", "a\r\nX: b" },
		{ config_wrong_field, "public, max-age=60", "" },
		{ config_wrong_field, "a", "a\x7f" },
		{ config_wrong_field, "a b", "caf\xc3\xa9" },
		{ config_wrong_field, "a", " a" },
		{ config_wrong_charset, "utf-8", "utf 8" },
		{ config_wrong_charset, "iso-8859-1", "" },
		{ config_wrong_charset, "x", "a\nb" },
		{ config_wrong_charset, "x", "a;b" },
		{ config_wrong_media, "text/plain", "text" },
		{ config_wrong_media, "text/plain; charset=x", "text/" },
		{ config_wrong_media, "a/b+c", "/plain" },
		{ config_wrong_media, "a/b", "a/b\r\nc" },
		{ config_wrong_media, "a/b", "; a/b" },
		{ config_wrong_media, "a/b", "" },
		{ config_wrong_host, "example.org", "example.org:80" },
		{ config_wrong_host, "a-b.c", "a/b" },
		{ config_wrong_file_name, "index.html", "a/b" },
		{ config_wrong_file_name, ".x", ".." },
		{ config_wrong_file_name, "a b", "." },
		{ config_wrong_file_name, "a", "" },
		{ config_wrong_pattern, "*~", "a/*" },
		{ config_wrong_pattern, "[ab]?", "a\x01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].wrong(span_str(rows[i].good)))
			fail_msg("'%s' was refused", rows[i].good);
		if (!rows[i].wrong(span_str(rows[i].bad)))
			fail_msg("'%s' was taken", rows[i].bad);
	}
	assert_non_null(config_wrong_field(span_of("a\0b", 3)));
	assert_non_null(config_wrong_host(span_of("a\0b", 3)));
}

static void
a_slip_of_the_hand_is_near(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "root", "root", 0 },
		{ "ROOT", "root", 0 },
		{ "rot", "root", 1 },
		{ "roto", "root", 1 },
		{ "toor", "root", 2 },
		{ "kitten", "sitting", 3 },
		{ "kit", "sitting", NEAR_MAX },
		{ "abcd", "wxyz", NEAR_MAX },
		{ "wxyzroot", "root", NEAR_MAX },
		{ "wxyroot", "abcroot", 3 },
		{ "rootwxy", "root", 3 },
		{ "rootwxyz", "rootabcd", NEAR_MAX },
		{ "badcfe", "abcdef", 3 },
		{ "badcfehg", "abcdefgh", NEAR_MAX },
	};
	char large[200];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    near_distance(span_str(rows[i].a), span_str(rows[i].b)),
		    rows[i].distance);
		assert_int_equal(
		    near_distance(span_str(rows[i].b), span_str(rows[i].a)),
		    rows[i].distance);
	}
	memset(large, 'a', sizeof(large));
	assert_int_equal(near_distance(span_of(large, sizeof(large)),
			     span_of(large, sizeof(large))),
	    CONFIG_NAME_MAX);
}

static void
the_key_that_was_meant_is_found(void **state)
{
	static const struct {
		const char *typed;
		const char *meant;
	} rows[] = {
		{ "lisen", "listen" },
		{ "limits.header_sise", "limits.header_size" },
		{ "limits.headersize", "limits.header_size" },
		{ "limit", "limits" },
		{ "Timeouts", "timeouts" },
		{ "limits.backlog", "backlog" },
		{ "header_size", "limits.header_size" },
		{ "timeout.body", "timeouts.body" },
		{ "quantum", NULL },
		{ "", NULL },
		{ "limits.", "limits" },
	};
	char near[CONFIG_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got =
		    config_key_nearest(span_str(rows[i].typed), near);

		if (rows[i].meant == NULL)
			assert_null(got);
		else if (got == NULL)
			fail_msg("'%s' is near nothing", rows[i].typed);
		else
			assert_string_equal(got, rows[i].meant);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_is_digits_and_one_unit),
		cmocka_unit_test(a_duration_has_a_unit_or_is_zero),
		cmocka_unit_test(a_bool_is_true_or_false_only),
		cmocka_unit_test(numbers_are_written_short_and_read_back),
		cmocka_unit_test(an_address_to_listen_on_is_taken_apart),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(texts_that_go_into_a_head_cannot_forge_one),
		cmocka_unit_test(a_slip_of_the_hand_is_near),
		cmocka_unit_test(the_key_that_was_meant_is_found),
	};

	return cmocka_run_group_tests_name("config_value", tests, NULL, NULL);
}
