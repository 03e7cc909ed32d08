#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/ip.h"

static struct ip ip(const char *text)
{
	struct ip result;

	assert_true(ip_parse(span_of(text), &result));
	return result;
}

static void addresses_are_read_and_printed(void **state)
{
	static const struct {
		const char *text, *print;
		enum family family;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", FAMILY_IPV4 },
		{ "255.255.255.255", "255.255.255.255", FAMILY_IPV4 },
		{ "2001:DB8:0:0::25", "2001:db8::25", FAMILY_IPV6 },
		{ "::", "::", FAMILY_IPV6 },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", FAMILY_IPV6 },
		{ "1111:2222:3333:4444:5555:6666:255.255.255.255",
			"1111:2222:3333:4444:5555:6666:ffff:ffff",
			FAMILY_IPV6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct ip read = ip(rows[i].text);
		char room[IP_TEXT_MAX];

		assert_int_equal(read.family, rows[i].family);
		assert_string_equal(ip_print(&read, room), rows[i].print);
		assert_true(
			span_is(ip_text(arena, &read), span_of(rows[i].print)));
		arena_close(arena);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const struct span texts[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "192.0.2", 7 },
		{ "192.0.2.256", 11 },
		{ "192.0.2.01", 10 },
		{ " 192.0.2.1", 10 },
		{ "192.0.2.1\0", 10 },
		{ "192.0.2.1\0x", 11 },
		{ "[192.0.2.1]", 11 },
		{ "192.0.2.1/32", 12 },
		{ "0x7f.0.0.1", 10 },
		{ "2130706433", 10 },
		{ "fe80::1%lo", 10 },
		{ "1::2::3", 7 },
		{ ":", 1 },
		{ "12:30:45", 8 },
		{ "11111111111111111111111111111111111111111111111111", 50 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct ip read;

		assert_false(ip_parse(texts[i], &read));
	}
}

static void assert_as_inet_pton(const char *text)
{
	struct ip read, wanted = { .family = FAMILY_IPV4 };
	bool is_ip = inet_pton(AF_INET, text, wanted.bytes) == 1;

	if (!is_ip) {
		wanted = (struct ip){ .family = FAMILY_IPV6 };
		is_ip = inet_pton(AF_INET6, text, wanted.bytes) == 1;
	}
	if (ip_parse(span_of(text), &read) != is_ip)
		fail_msg("\"%s\"", text);
	if (is_ip) {
		assert_int_equal(read.family, wanted.family);
		assert_memory_equal(read.bytes, wanted.bytes, 16);
	}
}

static unsigned next(unsigned *random)
{
	*random = *random * 1103515245 + 12345;
	return *random >> 16;
}

/* Pieces of addresses in any order, and addresses with one octet changed. */
static void what_is_an_address_is_as_inet_pton_has_it(void **state)
{
	static const char *const pieces[] = { ":", ":", ":", "::", ".", ".",
		"0", "1", "25", "255", "256", "00", "db8", "2001", "ffff",
		"FFFF", "12345", "g", "192.0.2.1", "1.2.3", "%", " ", "a",
		"2001:db8", "0:0:0:0:0:0", "1:2:3:4:5:6:7:8" };
	unsigned random = 7;

	(void)state;
	for (size_t i = 0; i < 400000; i++) {
		char text[128] = "";
		size_t count = 1 + next(&random) % 12;

		for (size_t j = 0; j < count; j++)
			strcat(text, pieces[next(&random) % COUNT_OF(pieces)]);
		assert_as_inet_pton(text);
		if (next(&random) % 2)
			text[next(&random) % strlen(text)] =
				"0123456789abcF:.:."[next(&random) % 18];
		assert_as_inet_pton(text);
	}
	for (size_t i = 0; i < 200000; i++) {
		char text[INET6_ADDRSTRLEN];
		uint8_t bytes[16];

		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = next(&random) % 3 ? 0
						     : (uint8_t)next(&random);
		inet_ntop(AF_INET6, bytes, text, sizeof(text));
		assert_as_inet_pton(text);
		text[next(&random) % strlen(text)] =
			":.0fF%"[next(&random) % 6];
		assert_as_inet_pton(text);
	}
}

static void an_address_says_what_kind_it_is(void **state)
{
	static const struct {
		const char *text;
		enum ip_kind kind;
	} rows[] = {
		{ "0.0.0.0", IP_UNSPECIFIED },
		{ "0.0.0.1", IP_RESERVED },
		{ "8.8.8.8", IP_GLOBAL },
		{ "203.0.113.25", IP_GLOBAL },
		{ "10.255.255.255", IP_PRIVATE },
		{ "11.0.0.0", IP_GLOBAL },
		{ "172.15.255.255", IP_GLOBAL },
		{ "172.16.0.0", IP_PRIVATE },
		{ "172.31.255.255", IP_PRIVATE },
		{ "172.32.0.0", IP_GLOBAL },
		{ "192.168.0.1", IP_PRIVATE },
		{ "192.169.0.1", IP_GLOBAL },
		{ "100.63.255.255", IP_GLOBAL },
		{ "100.64.0.0", IP_SHARED },
		{ "100.127.255.255", IP_SHARED },
		{ "100.128.0.0", IP_GLOBAL },
		{ "127.0.0.1", IP_LOOPBACK },
		{ "127.255.255.255", IP_LOOPBACK },
		{ "169.254.1.1", IP_LINK_LOCAL },
		{ "224.0.0.1", IP_MULTICAST },
		{ "239.255.255.255", IP_MULTICAST },
		{ "240.0.0.0", IP_RESERVED },
		{ "255.255.255.255", IP_RESERVED },
		{ "::", IP_UNSPECIFIED },
		{ "::1", IP_LOOPBACK },
		{ "::2", IP_RESERVED },
		{ "2001:db8::1", IP_GLOBAL },
		{ "2a00:1450::1", IP_GLOBAL },
		{ "3fff::1", IP_GLOBAL },
		{ "4000::", IP_RESERVED },
		{ "2001::1", IP_TEREDO },
		{ "2001:1::1", IP_GLOBAL },
		{ "2002:c000:201::1", IP_6TO4 },
		{ "2003::1", IP_GLOBAL },
		{ "fe80::1", IP_LINK_LOCAL },
		{ "febf::1", IP_LINK_LOCAL },
		{ "fec0::1", IP_RESERVED },
		{ "fc00::1", IP_ULA },
		{ "fdff::1", IP_ULA },
		{ "ff02::1", IP_MULTICAST },
		{ "::ffff:192.0.2.1", IP_MAPPED },
		{ "64:ff9b::192.0.2.1", IP_MAPPED },
		{ "64:ff9b:1::1", IP_RESERVED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ip read = ip(rows[i].text);

		print_message("# %s\n", rows[i].text);
		assert_int_equal(ip_kind(&read), rows[i].kind);
	}
}

static void each_kind_has_its_word(void **state)
{
	(void)state;
	for (int kind = IP_GLOBAL; kind <= IP_RESERVED; kind++) {
		const char *word = ip_kind_word((enum ip_kind)kind);

		assert_true(*word);
		for (int other = IP_GLOBAL; other < kind; other++)
			assert_string_not_equal(
				word, ip_kind_word((enum ip_kind)other));
	}
	assert_true(ip_kind_is_public(IP_GLOBAL));
	assert_true(ip_kind_is_public(IP_6TO4));
	assert_false(ip_kind_is_public(IP_PRIVATE));
	assert_false(ip_kind_is_public(IP_ULA));
	assert_false(ip_kind_is_public(IP_SHARED));
	assert_string_equal(family_word(FAMILY_IPV4), "IPv4");
	assert_string_equal(family_word(FAMILY_IPV6), "IPv6");
}

static void addresses_of_two_families_are_never_the_same(void **state)
{
	struct ip four = ip("192.0.2.1"), mapped = ip("::ffff:192.0.2.1");
	struct ip other = ip("192.0.2.2"), zero = ip("0.0.0.0");
	struct ip any = ip("::"), near = ip("::1");

	(void)state;
	assert_true(ip_is(&four, &four));
	assert_false(ip_is(&four, &mapped));
	assert_false(ip_is(&four, &other));
	assert_false(ip_is(&zero, &any));
	assert_false(ip_is(&any, &near));
	four.bytes[4] = 1; /* behind an IPv4 address: no matter */
	other = ip("192.0.2.1");
	assert_true(ip_is(&four, &other));
}

static void the_reverse_name_has_bytes_or_nibbles(void **state)
{
	struct arena *arena = arena_open();
	struct ip four = ip("192.0.2.25"), six = ip("2001:db8::567:89ab");

	(void)state;
	assert_true(span_is(ip_reverse_name(arena, &four),
		SPAN("25.2.0.192.in-addr.arpa")));
	assert_true(span_is(ip_reverse_name(arena, &six),
		SPAN("b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		     "8.b.d.0.1.0.0.2.ip6.arpa")));
	arena_close(arena);
}

static void a_socket_address_goes_there_and_back(void **state)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1" };
	struct sockaddr_storage address;
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct ip back;
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct ip read = ip(texts[i]);

		ip_to_sockaddr(&read, 2525, &address);
		assert_true(ip_from_sockaddr(
			(struct sockaddr *)&address, &back, &port));
		assert_true(ip_is(&read, &back));
		assert_int_equal(port, 2525);
	}
	assert_false(ip_from_sockaddr(&other, &back, &port));
}

/* Each word is 0, of one digit, or of four. */
static void every_shape_is_printed_as_the_system_does(void **state)
{
	static const uint16_t words[] = { 0, 0x1, 0xffff };

	(void)state;
	for (unsigned shape = 0; shape < 6561; shape++) {
		struct ip v6 = { .family = FAMILY_IPV6 };
		struct ip v4 = { .family = FAMILY_IPV4 };
		char room[IP_TEXT_MAX], wanted[IP_TEXT_MAX];
		unsigned left = shape;

		for (size_t i = 0; i < 8; i++, left /= 3) {
			v6.bytes[2 * i] = (uint8_t)(words[left % 3] >> 8);
			v6.bytes[2 * i + 1] = (uint8_t)words[left % 3];
		}
		inet_ntop(AF_INET6, v6.bytes, wanted, sizeof(wanted));
		assert_string_equal(ip_print(&v6, room), wanted);
		v4.bytes[0] = (uint8_t)shape;
		v4.bytes[3] = (uint8_t)(255 - shape % 256);
		inet_ntop(AF_INET, v4.bytes, wanted, sizeof(wanted));
		assert_string_equal(ip_print(&v4, room), wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_printed),
		cmocka_unit_test(every_shape_is_printed_as_the_system_does),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(what_is_an_address_is_as_inet_pton_has_it),
		cmocka_unit_test(an_address_says_what_kind_it_is),
		cmocka_unit_test(each_kind_has_its_word),
		cmocka_unit_test(addresses_of_two_families_are_never_the_same),
		cmocka_unit_test(the_reverse_name_has_bytes_or_nibbles),
		cmocka_unit_test(a_socket_address_goes_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
