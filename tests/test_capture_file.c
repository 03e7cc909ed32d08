#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "pcap/capture_file.h"
#include "tests/own_arena.h"

/*
 * Files made number by number, in either order of octets, and each fed in pieces
 * of every size up to the whole.
 */
struct made {
	uint8_t bytes[8192];
	size_t len;
	bool is_big;
};

static void put32(struct made *made, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		made->bytes[made->len++] =
			(uint8_t)(value >> (made->is_big ? 24 - 8 * i : 8 * i));
}

static void put16(struct made *made, uint32_t value)
{
	for (int i = 0; i < 2; i++)
		made->bytes[made->len++] =
			(uint8_t)(value >> (made->is_big ? 8 - 8 * i : 8 * i));
}

static void put(struct made *made, struct span bytes)
{
	if (bytes.len)
		memcpy(made->bytes + made->len, bytes.at, bytes.len);
	made->len += bytes.len;
}

static void pad(struct made *made)
{
	while (made->len % 4)
		made->bytes[made->len++] = 0;
}

static void put_header(struct made *made, uint32_t magic)
{
	put32(made, magic);
	put16(made, 2);
	put16(made, 4);
	put32(made, 0);
	put32(made, 0);
	put32(made, 96);
	put32(made, 101);
}

static void put_record(struct made *made, uint32_t fraction, struct span text)
{
	put32(made, 1700000000);
	put32(made, fraction);
	put32(made, (uint32_t)text.len);
	put32(made, (uint32_t)text.len + 5);
	put(made, text);
}

/* ---- blocks */

static size_t begin_block(struct made *made, uint32_t type)
{
	put32(made, type);
	put32(made, 0);
	return made->len - 8;
}

static void end_block(struct made *made, size_t at)
{
	size_t end;

	pad(made);
	end = made->len + 4;
	put32(made, (uint32_t)(end - at));
	made->len = at + 4;
	put32(made, (uint32_t)(end - at));
	made->len = end;
}

static void put_section(struct made *made)
{
	size_t at = begin_block(made, 0x0a0d0d0a);

	put32(made, 0x1a2b3c4d);
	put16(made, 1);
	put16(made, 0);
	put32(made, 0xffffffff);
	put32(made, 0xffffffff);
	end_block(made, at);
}

static void put_option(struct made *made, uint32_t code, struct span value)
{
	put16(made, code);
	put16(made, (uint32_t)value.len);
	put(made, value);
	pad(made);
}

static void put_interface(
	struct made *made, uint32_t link_type, const char *resolution)
{
	size_t at = begin_block(made, 1);

	put16(made, link_type);
	put16(made, 0);
	put32(made, 0);
	if (resolution)
		put_option(made, 9, (struct span){ resolution, 1 });
	end_block(made, at);
}

static void put_packet(struct made *made, uint32_t interface, uint64_t units,
	struct span text, const char *comment)
{
	size_t at = begin_block(made, 6);

	put32(made, interface);
	put32(made, (uint32_t)(units >> 32));
	put32(made, (uint32_t)units);
	put32(made, (uint32_t)text.len);
	put32(made, (uint32_t)text.len);
	put(made, text);
	pad(made);
	if (comment) {
		put_option(made, 1, span_of(comment));
		put_option(made, 0, SPAN(""));
	}
	end_block(made, at);
}

/* ---- reading: what came out, as one text */

static struct span read_text(const struct made *made, size_t piece)
{
	struct span text = SPAN("");
	struct capture_file file;

	capture_file_init(&file);
	for (size_t at = 0; at < made->len; at += piece) {
		struct span input = { (const char *)made->bytes + at,
			piece < made->len - at ? piece : made->len - at };
		enum capture_got got;

		while ((got = capture_file_next(&file, &input)) !=
			CAPTURE_MORE) {
			const struct captured_packet *packet = &file.packet;

			if (got == CAPTURE_PACKET)
				text = arena_print(arena,
					"%.*s%llu %lld %u %.*s %zu %.*s\n",
					SPAN_ARG(text),
					(unsigned long long)packet->frame,
					packet->has_time
						? (long long)packet->time_ns
						: -1LL,
					packet->link_type,
					SPAN_ARG(packet->bytes),
					packet->original_len,
					SPAN_ARG(packet->comment));
			if (got == CAPTURE_SECRETS)
				text = arena_print(arena, "%.*skey %.*s\n",
					SPAN_ARG(text), SPAN_ARG(file.secrets));
			if (got == CAPTURE_NAME)
				text = arena_print(arena, "%.*sname %.*s\n",
					SPAN_ARG(text), SPAN_ARG(file.name));
			if (got == CAPTURE_BAD)
				text = arena_print(arena, "%.*sbad %s\n",
					SPAN_ARG(text), file.why);
		}
	}
	capture_file_end(&file);
	text = arena_print(arena, "%.*s%s%llu drops %llu\n", SPAN_ARG(text),
		file.is_cut ? "cut " : "",
		(unsigned long long)file.skipped_blocks + file.bad_blocks,
		(unsigned long long)file.drops);
	capture_file_close(&file);
	return text;
}

static void check(const struct made *made, const char *want)
{
	for (size_t piece = 1; piece <= made->len; piece++) {
		struct arena *outer = arena;
		struct span got;

		arena = arena_open();
		got = read_text(made, piece);
		if (!span_is(got, span_of(want)))
			fail_msg(
				"in pieces of %zu: %.*s", piece, SPAN_ARG(got));
		arena_close(arena);
		arena = outer;
	}
}

/* ---- pcap */

static void pcap_of_both_orders_and_units_is_read(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct made made = { .is_big = big };

		put_header(&made, 0xa1b2c3d4);
		put_record(&made, 999999, SPAN("one"));
		put_record(&made, 1999999, SPAN(""));
		check(&made, "1 1700000000999999000 101 one 8 \n"
			     "2 1700000001999999000 101  5 \n0 drops 0\n");
		made.len = 0;
		put_header(&made, 0xa1b23c4d);
		put_record(&made, 999999999, SPAN("one"));
		check(&made, "1 1700000000999999999 101 one 8 \n0 drops 0\n");
	}
}

static void the_longer_records_of_old_are_read(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put_header(&made, 0xa1b2cd34);
	put32(&made, 1700000000);
	put32(&made, 1);
	put32(&made, 3);
	put32(&made, 3);
	put(&made, SPAN("12345678one"));
	check(&made, "1 1700000000000001000 101 one 3 \n0 drops 0\n");
}

static void a_length_that_cannot_be_ends_the_file(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put_header(&made, 0xa1b2c3d4);
	put_record(&made, 0, SPAN("one"));
	put32(&made, 0);
	put32(&made, 0);
	put32(&made, 0xffffffff);
	put32(&made, 0);
	put(&made, SPAN("what follows is not looked at"));
	check(&made, "1 1700000000000000000 101 one 8 \n"
		     "bad packet 2 claims to have 4294967295 octets\n"
		     "0 drops 0\n");
}

static void what_is_no_capture_is_said(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put(&made, SPAN("HELO there"));
	check(&made, "bad this is neither a pcap nor a pcapng file\n"
		     "0 drops 0\n");
	made.len = 3;
	check(&made, "cut 0 drops 0\n");
}

/* ---- pcapng */

static void pcapng_of_both_orders_is_read(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct made made = { .is_big = big };

		put_section(&made);
		put_interface(&made, 1, NULL);
		put_interface(&made, 113, "\x09");
		put_packet(&made, 0, 1700000000000001, SPAN("one"), NULL);
		put_packet(&made, 1, 1700000000000000002, SPAN("five5"),
			"the banner");
		check(&made, "1 1700000000000001000 1 one 3 \n"
			     "2 1700000000000000002 113 five5 5 the banner\n"
			     "0 drops 0\n");
	}
}

static void sections_may_differ_in_order_and_interfaces(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put_section(&made);
	put_interface(&made, 1, NULL);
	put_packet(&made, 0, 1, SPAN("one"), NULL);
	made.is_big = true;
	put_section(&made);
	put_packet(&made, 0, 2, SPAN("no interface"), NULL);
	put_interface(&made, 101, NULL);
	put_packet(&made, 0, 3, SPAN("two"), NULL);
	check(&made, "1 1000 1 one 3 \n3 3000 101 two 3 \n1 drops 0\n");
}

static const struct unit_row {
	const char *resolution;
	uint64_t units;
	const char *want;
} units[] = {
	{ "\x00", 7, "1 7000000000 1 x 1 \n0 drops 0\n" },
	{ "\x03", 7, "1 7000000 1 x 1 \n0 drops 0\n" },
	{ "\x0c", 7000, "1 7 1 x 1 \n0 drops 0\n" },
	{ "\x8a", 1024 + 512, "1 1500000000 1 x 1 \n0 drops 0\n" },
	{ "\xa8", (UINT64_C(3) << 40) + (UINT64_C(1) << 39),
		"1 3500000000 1 x 1 \n0 drops 0\n" },
	{ "\x7f", 7, "1 0 1 x 1 \n0 drops 0\n" },
	{ "\xff", 7, "1 0 1 x 1 \n0 drops 0\n" },
};

static void times_are_of_any_unit(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		struct made made = { .is_big = false };

		put_section(&made);
		put_interface(&made, 1, units[i].resolution);
		put_packet(&made, 0, units[i].units, SPAN("x"), NULL);
		check(&made, units[i].want);
	}
}

static void secrets_names_and_drops_are_told(void **state)
{
	struct made made = { .is_big = false };
	size_t at;

	(void)state;
	put_section(&made);
	at = begin_block(&made, 10);
	put32(&made, 0x544c534b);
	put32(&made, 9);
	put(&made, SPAN("a secret\n"));
	end_block(&made, at);
	at = begin_block(&made, 4);
	put_option(&made, 1, SPAN("\xc0\0\2\1mx.example\0other\0"));
	put_option(&made, 2, SPAN("1234567890123456six\0"));
	put_option(&made, 0, SPAN(""));
	end_block(&made, at);
	at = begin_block(&made, 5);
	put(&made, SPAN("\0\0\0\0abcdefgh"));
	put_option(&made, 5, SPAN("\3\0\0\0\0\0\0\0"));
	put_option(&made, 7, SPAN("\4\0\0\0\0\0\0\0"));
	end_block(&made, at);
	check(&made, "key a secret\n\nname mx.example\nname six\n"
		     "0 drops 7\n");
}

static void simple_packets_have_no_time(void **state)
{
	struct made made = { .is_big = false };
	size_t at;

	(void)state;
	put_section(&made);
	put_interface(&made, 101, NULL);
	at = begin_block(&made, 3);
	put32(&made, 3);
	put(&made, SPAN("one"));
	end_block(&made, at);
	check(&made, "1 -1 101 one 3 \n0 drops 0\n");
}

static void senseless_blocks_are_counted_and_passed_over(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put_section(&made);
	put_interface(&made, 1, NULL);
	end_block(&made, begin_block(&made, 6));
	end_block(&made, begin_block(&made, 0xbad));
	put_packet(&made, 7, 1, SPAN("no such interface"), NULL);
	put_packet(&made, 0, 1, SPAN("one"), NULL);
	check(&made, "3 1000 1 one 3 \n3 drops 0\n");
}

static void a_block_of_no_length_ends_the_file(void **state)
{
	struct made made = { .is_big = false };

	(void)state;
	put_section(&made);
	put32(&made, 6);
	put32(&made, 0);
	put32(&made, 0);
	check(&made, "bad the block behind packet 0, at octet 28, claims to "
		     "have 0 octets\n0 drops 0\n");
}

/* A block that nobody needs may be larger than anything that is kept. */
static void a_huge_unknown_block_is_passed_over(void **state)
{
	struct made made = { .is_big = false };
	struct capture_file file;
	static char nothing[65536];
	struct span input;
	size_t left = 64 * 1024 * 1024 - 8;

	(void)state;
	put_section(&made);
	put_interface(&made, 1, NULL);
	put32(&made, 0xbad);
	put32(&made, (uint32_t)left + 8);
	capture_file_init(&file);
	input = (struct span){ (const char *)made.bytes, made.len };
	assert_int_equal(capture_file_next(&file, &input), CAPTURE_MORE);
	while (left) {
		input = (struct span){ nothing,
			left < sizeof(nothing) ? left : sizeof(nothing) };
		left -= input.len;
		assert_int_equal(
			capture_file_next(&file, &input), CAPTURE_MORE);
	}
	made.len = 0;
	put_packet(&made, 0, 1, SPAN("one"), NULL);
	input = (struct span){ (const char *)made.bytes, made.len };
	assert_int_equal(capture_file_next(&file, &input), CAPTURE_PACKET);
	assert_true(file.held_room < 65536);
	capture_file_end(&file);
	assert_false(file.is_cut);
	capture_file_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_of_both_orders_and_units_is_read),
		cmocka_unit_test(the_longer_records_of_old_are_read),
		cmocka_unit_test(a_length_that_cannot_be_ends_the_file),
		cmocka_unit_test(what_is_no_capture_is_said),
		cmocka_unit_test(pcapng_of_both_orders_is_read),
		cmocka_unit_test(sections_may_differ_in_order_and_interfaces),
		cmocka_unit_test(times_are_of_any_unit),
		cmocka_unit_test(secrets_names_and_drops_are_told),
		cmocka_unit_test(simple_packets_have_no_time),
		cmocka_unit_test(senseless_blocks_are_counted_and_passed_over),
		cmocka_unit_test(a_block_of_no_length_ends_the_file),
		cmocka_unit_test(a_huge_unknown_block_is_passed_over),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
