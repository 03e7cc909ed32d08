#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/net/source.h"

/* What this host has is not ours to say; what of it counts is. */
static void mail_leaves_from_no_loopback_or_link_local_address(void **state)
{
	struct arena *arena = arena_open();
	const struct source_list *list = source_list_open(arena);
	bool is_public[FAMILY_COUNT] = { false };
	struct ip *ips;
	size_t count = source_list_usable(list, arena, &ips);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		enum ip_kind kind = ip_kind(&ips[i]);
		struct source source = { .ip = ips[i] };

		assert_true(kind != IP_LOOPBACK && kind != IP_LINK_LOCAL);
		source_describe(list, &source);
		assert_false(source.is_deprecated);
		assert_true(source.interface.len != 0);
		is_public[ips[i].family] |= ip_kind_is_public(kind);
	}
	/* Where a family has public addresses, it has no others. */
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ip_kind_is_public(ip_kind(&ips[i])),
			is_public[ips[i].family]);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			mail_leaves_from_no_loopback_or_link_local_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
