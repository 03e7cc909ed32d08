#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

#include "pcap/capture_file.h"
#include "pcap/pcapng_writer.h"
#include "tests/own_arena.h"

/* A packet of any length, told by its number alone. */
static struct pcapng_packet packet_of(unsigned i, char *room)
{
	static const char *const comments[] = { "", "a", "four", "550 at dot",
		"\xc3\xa4" };
	size_t len = i * 37 % 1500;

	for (size_t k = 0; k < len; k++)
		room[k] = (char)(i + k * 7);
	return (struct pcapng_packet){ .interface = i % 2,
		.time_ns = 1700000000000000000 + (int64_t)i * 999999937,
		.bytes = { room, len },
		.original_len = len + i % 3,
		.direction = (enum pcapng_direction)(i % 3),
		.comment = span_of(comments[i % COUNT_OF(comments)]) };
}

static struct pcapng_name name_of(const char *ip, const char *name)
{
	struct pcapng_name one = { .name = span_of(name) };

	assert_true(ip_parse(span_of(ip), &one.ip));
	return one;
}

static const struct span comments[] = { { "the run", 7 }, { "{}", 2 } };
static const char secrets[] = "CLIENT_RANDOM 00 11\nEXPORTER_SECRET 00 22\n";

/* Two interfaces, two names, secrets, so many packets. */
static struct span written(unsigned count)
{
	const struct pcapng_section section = { .application = SPAN("test"),
		.system = SPAN("none"),
		.comments = comments,
		.comment_count = 2 };
	const struct pcapng_interface interface = { .link_type = PCAPNG_SLL2,
		.snap_len = 262144,
		.name = SPAN("eth0"),
		.filter = SPAN("tcp port 25") };
	const struct pcapng_name names[] = { name_of("192.0.2.1", "mx.example"),
		name_of("2001:db8::1", "mx6.example") };
	char *text, room[2000];
	struct span file;
	FILE *to = open_memstream(&text, &file.len);
	struct pcapng_writer writer;

	pcapng_begin(&writer, to, &section);
	assert_int_equal(pcapng_interface(&writer, &interface), 0);
	assert_int_equal(pcapng_interface(&writer, &interface), 1);
	pcapng_names(&writer, names, COUNT_OF(names));
	pcapng_secrets(&writer, span_of(secrets));
	for (unsigned i = 0; i < count; i++) {
		struct pcapng_packet packet = packet_of(i, room);

		pcapng_packet(&writer, &packet);
	}
	pcapng_statistics(&writer,
		&(struct pcapng_statistics){ .taken = count, .dropped = 3 });
	assert_true(pcapng_end(&writer));
	fclose(to);
	file = arena_copy(arena, (struct span){ text, file.len });
	free(text);
	return file;
}

static void check_packet(const struct captured_packet *got, unsigned i)
{
	char room[2000];
	struct pcapng_packet packet = packet_of(i, room);

	assert_int_equal(got->frame, i + 1);
	assert_int_equal(got->interface, packet.interface);
	assert_int_equal(got->time_ns, packet.time_ns);
	assert_int_equal(got->link_type, PCAPNG_SLL2);
	assert_int_equal(got->original_len, packet.original_len);
	assert_true(span_is(got->bytes, packet.bytes));
	assert_true(span_is(got->comment, packet.comment));
}

/* Our own reader is fed so many octets at a time. */
static void read_back(struct span text, size_t piece, unsigned count)
{
	struct capture_file file;
	unsigned packets = 0, names = 0, keys = 0;

	capture_file_init(&file);
	while (text.len) {
		struct span input = span_part(text, 0, piece);
		enum capture_got got;

		text = span_part(text, input.len, text.len);
		while ((got = capture_file_next(&file, &input)) !=
			CAPTURE_MORE) {
			assert_int_not_equal(got, CAPTURE_BAD);
			if (got == CAPTURE_PACKET)
				check_packet(&file.packet, packets++);
			names += got == CAPTURE_NAME;
			if (got == CAPTURE_SECRETS)
				keys += span_is(file.secrets, span_of(secrets));
			/* They help with packets behind them only. */
			if (got == CAPTURE_SECRETS)
				assert_int_equal(packets, 0);
		}
	}
	capture_file_end(&file);
	assert_false(file.is_cut);
	assert_int_equal(packets, count);
	assert_int_equal(names, 2);
	assert_int_equal(keys, 1);
	assert_int_equal(file.drops, 3);
	assert_int_equal(file.bad_blocks, 0);
	capture_file_close(&file);
}

static void what_is_written_is_read(void **state)
{
	struct span text = written(300);

	(void)state;
	read_back(text, text.len, 300);
	read_back(text, 7, 300);
	read_back(written(0), 1, 0);
}

static void libpcap_reads_it_too(void **state)
{
	struct span text = written(100);
	char name[] = "/tmp/mxprobe-test-XXXXXX", error[PCAP_ERRBUF_SIZE];
	int file = mkstemp(name), got;
	struct pcap_pkthdr *head;
	const unsigned char *bytes;
	unsigned count = 0;
	pcap_t *reader;

	(void)state;
	assert_int_equal(write(file, text.at, text.len), text.len);
	close(file);
	reader = pcap_open_offline_with_tstamp_precision(
		name, PCAP_TSTAMP_PRECISION_NANO, error);
	unlink(name);
	assert_non_null(reader);
	while ((got = pcap_next_ex(reader, &head, &bytes)) == 1) {
		char room[2000];
		struct pcapng_packet packet = packet_of(count++, room);

		assert_int_equal(head->caplen, packet.bytes.len);
		assert_int_equal(head->ts.tv_sec, packet.time_ns / 1000000000);
		assert_int_equal(head->ts.tv_usec, packet.time_ns % 1000000000);
	}
	if (got != PCAP_ERROR_BREAK)
		fail_msg("%u: %s", count, pcap_geterr(reader));
	assert_int_equal(count, 100);
	pcap_close(reader);
}

/* A report of a hundred kilobytes is told in two comments, and no letter of it
 * is torn. */
static void a_long_comment_is_told_in_pieces(void **state)
{
	size_t len = 100001, options = 0, at = 24;
	char *text = arena_take(arena, len), *made;
	struct span comment = { text, len }, file, told = SPAN("");
	struct pcapng_section section = { .application = SPAN("t"),
		.comments = &comment,
		.comment_count = 1 };
	FILE *to = open_memstream(&made, &file.len);
	struct pcapng_writer writer;

	(void)state;
	text[0] = 'a';
	for (size_t i = 1; i < len; i++)
		text[i] = i % 2 ? '\xc3' : '\xa4';
	pcapng_begin(&writer, to, &section);
	assert_true(pcapng_end(&writer));
	fclose(to);
	for (;;) {
		uint16_t option[2];

		memcpy(option, made + at, sizeof(option));
		if (option[0] == 0)
			break;
		if (option[0] == 1) {
			assert_int_not_equal(made[at + 4] & 0xc0, 0x80);
			told = arena_print(arena, "%.*s%.*s", SPAN_ARG(told),
				(int)option[1], made + at + 4);
			options++;
		}
		at += 4 + (size_t)((option[1] + 3) & ~3);
	}
	assert_int_equal(options, 2);
	assert_true(span_is(told, comment));
	free(made);
}

static void a_full_disk_is_told(void **state)
{
	const struct pcapng_section section = { .application = SPAN("t") };
	FILE *to = fopen("/dev/full", "w");
	struct pcapng_writer writer;

	(void)state;
	pcapng_begin(&writer, to, &section);
	assert_false(pcapng_end(&writer));
	assert_int_equal(writer.error, 28); /* ENOSPC */
	fclose(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(libpcap_reads_it_too),
		cmocka_unit_test(a_long_comment_is_told_in_pieces),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
