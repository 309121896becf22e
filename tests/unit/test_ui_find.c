/* Finding, where there is nothing to find it in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>

#include "tests/console/scene.h"
#include "ui/find.h"

/* The page is a megabyte of cells: it shows in what the process has mapped. */
static void
a_page_of_a_request_that_is_gone_costs_no_memory(void **state)
{
	struct scene s;
	size_t before;

	(void)state;
	scene_make_empty(&s);
	s.ui.m->look.screen = SCREEN_DETAIL;
	(void)strcpy(s.ui.m->look.find, "x");
	before = mallinfo2().hblkhd + mallinfo2().uordblks;
	for (int i = 0; i < 20; i++)
		assert_false(find_step(&s.ui, 1, true));
	assert_in_range(
	    mallinfo2().hblkhd + mallinfo2().uordblks, 0, before + (1u << 20));
	scene_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_page_of_a_request_that_is_gone_costs_no_memory),
	};

	return cmocka_run_group_tests_name("ui_find", tests, NULL, NULL);
}
