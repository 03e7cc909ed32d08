#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/name_book.h"
#include "pcap/sessions.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* An answer of one record: the question's name, and a pointer to it. */
struct made_answer {
	uint8_t bytes[512];
	size_t len;
};

static void add16(struct made_answer *answer, unsigned value)
{
	made_put16(answer->bytes + answer->len, value);
	answer->len += 2;
}

static void add_name(struct made_answer *answer, const char *name)
{
	struct span rest = span_of(name);

	while (rest.len) {
		struct span label = span_cut(&rest, '.');

		answer->bytes[answer->len++] = (uint8_t)label.len;
		memcpy(answer->bytes + answer->len, label.at, label.len);
		answer->len += label.len;
	}
	answer->bytes[answer->len++] = 0;
}

static void make_answer(
	struct made_answer *answer, const char *name, const char *address)
{
	struct ip ip;
	size_t size;

	assert_true(ip_parse(span_of(address), &ip));
	size = ip.family == FAMILY_IPV6 ? 16 : 4;
	*answer = (struct made_answer){ .len = 0 };
	add16(answer, 77);
	add16(answer, 0x8180);
	add16(answer, 1);
	add16(answer, 1);
	add16(answer, 0);
	add16(answer, 0);
	add_name(answer, name);
	add16(answer, size == 16 ? 28 : 1);
	add16(answer, 1);
	add16(answer, 0xc00c);
	add16(answer, size == 16 ? 28 : 1);
	add16(answer, 1);
	add16(answer, 0);
	add16(answer, 300);
	add16(answer, (unsigned)size);
	memcpy(answer->bytes + answer->len, ip.bytes, size);
	answer->len += size;
}

static void hear(
	struct name_book *book, const struct made_answer *answer, uint16_t from)
{
	const struct packet packet = { .kind = PACKET_DNS,
		.ends = { .from_port = from },
		.payload = { (const char *)answer->bytes, answer->len } };

	name_book_hear(book, &packet);
}

static void hear_of(
	struct name_book *book, const char *name, const char *address)
{
	struct made_answer answer;

	make_answer(&answer, name, address);
	hear(book, &answer, 53);
}

static struct span name_at(const struct name_book *book, const char *address)
{
	struct ip ip;

	assert_true(ip_parse(span_of(address), &ip));
	return name_book_find(book, &ip);
}

static void the_latest_answer_names_an_address(void **state)
{
	struct name_book *book = name_book_open();

	(void)state;
	assert_int_equal(name_at(book, "192.0.2.25").len, 0);
	hear_of(book, "a.example", "192.0.2.25");
	hear_of(book, "v6.example", "2001:db8::25");
	assert_span(name_at(book, "192.0.2.25"), "a.example");
	assert_span(name_at(book, "2001:db8::25"), "v6.example");
	hear_of(book, "B.example", "192.0.2.25");
	assert_span(name_at(book, "192.0.2.25"), "b.example");
	name_book_close(book);
}

static void the_name_in_the_file_comes_first(void **state)
{
	struct name_book *book = name_book_open();
	struct ip ip;

	(void)state;
	assert_true(ip_parse(SPAN("192.0.2.25"), &ip));
	hear_of(book, "a.example", "192.0.2.25");
	name_book_add(book, &ip, SPAN("mx.example"));
	hear_of(book, "b.example", "192.0.2.25");
	assert_span(name_at(book, "192.0.2.25"), "mx.example");
	name_book_close(book);
}

static void a_question_is_no_answer(void **state)
{
	struct name_book *book = name_book_open();
	struct made_answer answer;

	(void)state;
	make_answer(&answer, "a.example", "192.0.2.25");
	hear(book, &answer, 5353); /* to the server, not from it */
	answer.bytes[2] &= 0x7f;
	hear(book, &answer, 53);
	make_answer(&answer, "a.example", "192.0.2.25");
	answer.bytes[3] = 0x83; /* NXDOMAIN */
	hear(book, &answer, 53);
	assert_int_equal(name_at(book, "192.0.2.25").len, 0);
	name_book_close(book);
}

static void an_answer_cut_anywhere_does_no_harm(void **state)
{
	struct name_book *book = name_book_open();
	struct made_answer answer;
	size_t whole;

	(void)state;
	make_answer(&answer, "a.example", "2001:db8::25");
	for (whole = answer.len, answer.len = 0; answer.len < whole;
		answer.len++)
		hear(book, &answer, 53);
	assert_int_equal(name_at(book, "2001:db8::25").len, 0);
	hear(book, &answer, 53);
	assert_span(name_at(book, "2001:db8::25"), "a.example");
	name_book_close(book);
}

/* Answers to a million names cost no more than to a thousand, and push out no
 * name of the file. */
static void the_book_is_bounded(void **state)
{
	struct name_book *book = name_book_open();
	struct ip ip;

	(void)state;
	assert_true(ip_parse(SPAN("192.0.2.25"), &ip));
	name_book_add(book, &ip, SPAN("mx.example"));
	for (unsigned i = 0; i < 20000; i++) {
		char room[IP_TEXT_MAX];

		snprintf(room, sizeof(room), "10.0.%u.%u", i / 250, i % 250);
		hear_of(book, "x.example", room);
	}
	assert_span(name_at(book, "192.0.2.25"), "mx.example");
	assert_span(name_at(book, "10.0.79.249"), "x.example");
	name_book_close(book);
}

/* ---- in a capture */

static void made_datagram(
	struct made_file *file, const struct made_answer *answer)
{
	const struct made_wire wire = made_wire_new(false);
	uint8_t room[1024];
	size_t ip = made_ip(&wire, SIDE_SERVER, room, 8 + answer->len);

	room[9] = 17;
	made_put16(room + ip, 53);
	made_put16(room + ip + 2, 40001);
	made_put16(room + ip + 4, (uint32_t)(8 + answer->len));
	made_put16(room + ip + 6, 0);
	memcpy(room + ip + 8, answer->bytes, answer->len);
	made_packet(file, room, ip + 8 + answer->len);
}

static void a_client_is_told_a_name_before_it_connects(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct sessions *sessions = sessions_open(NULL);
	const struct session_record *record;
	struct made_answer answer;
	struct made_file file;
	struct span input;

	(void)state;
	made_begin(&file, MADE_RAW);
	make_answer(&answer, "mx.first.example", "192.0.2.25");
	made_datagram(&file, &answer);
	made_open(&file, &wire);
	make_answer(&answer, "mx.later.example", "192.0.2.25");
	made_datagram(&file, &answer);
	made_say(&file, &wire, SIDE_SERVER, "220 mx\r\n");
	made_close(&file, &wire);
	input = made_span(&file);
	while (sessions_read(sessions, &input) != CAPTURE_MORE)
		;
	sessions_end(sessions);
	record = sessions_next(sessions);
	assert_non_null(record);
	assert_span(record->server_name, "mx.first.example");
	sessions_close(sessions);
	made_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_latest_answer_names_an_address),
		cmocka_unit_test(the_name_in_the_file_comes_first),
		cmocka_unit_test(a_question_is_no_answer),
		cmocka_unit_test(an_answer_cut_anywhere_does_no_harm),
		cmocka_unit_test(the_book_is_bounded),
		cmocka_unit_test(a_client_is_told_a_name_before_it_connects),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
