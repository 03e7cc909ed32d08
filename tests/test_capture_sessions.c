#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>

#include "pcap/sessions.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"

/* A sanitizer's own memory is not ours. */
#if defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define HAS_ASAN
#	endif
#elif defined(__SANITIZE_ADDRESS__)
#	define HAS_ASAN
#endif

/*
 * Whole captures: known dialogues in all the ways in which a network delivers
 * them.  A dialogue is a list of turns; what a session says of it is written
 * down as one text and compared.
 */
struct turn {
	enum side who;
	const char *text;
};

static const struct turn plain[] = {
	{ SIDE_SERVER, "220 mx.example ESMTP\r\n" },
	{ SIDE_CLIENT, "EHLO out.example\r\n" },
	{ SIDE_SERVER, "250-mx.example hello\r\n250-PIPELINING\r\n"
		       "250-SIZE 1000000\r\n250 8BITMIME\r\n" },
	{ SIDE_CLIENT, "MAIL FROM:<a@out.example>\r\nRCPT TO:<b@mx.example>\r\n"
		       "RCPT TO:<c@mx.example>\r\nDATA\r\n" },
	{ SIDE_SERVER, "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
		       "550-5.1.1 no such\r\n550 5.1.1 user\r\n" },
	{ SIDE_SERVER, "354 go on\r\n" },
	{ SIDE_CLIENT, "Subject: one\r\n\r\n..dot\r\nQUIT\r\n.\r\n" },
	{ SIDE_SERVER, "250 2.0.0 queued\r\n" },
	{ SIDE_CLIENT, "MAIL FROM:<>\r\n" },
	{ SIDE_SERVER, "250 ok\r\n" },
	{ SIDE_CLIENT,
		"RCPT TO:<b@mx.example>\r\nBDAT 12\r\nRSET\r\nQUIT\r\n" },
	{ SIDE_SERVER, "250 ok\r\n250 12 octets\r\n" },
	{ SIDE_CLIENT, "BDAT 3 LAST\r\n.\r\n" },
	{ SIDE_SERVER, "451 4.3.0 later\r\n" },
	{ SIDE_CLIENT, "AUTH LOGIN\r\n" },
	{ SIDE_SERVER, "334 VXNlcm5hbWU6\r\n" },
	{ SIDE_CLIENT, "QUIT\r\n" },
	{ SIDE_SERVER, "334 UGFzc3dvcmQ6\r\n" },
	{ SIDE_CLIENT, "eHg=\r\n" },
	{ SIDE_SERVER, "535 5.7.8 no\r\n" },
	{ SIDE_CLIENT, "QUIT\r\n" },
	{ SIDE_SERVER, "221 2.0.0 bye\r\n" },
};

static const struct turn early[] = {
	{ SIDE_CLIENT, "HELO early\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		       "DATA\r\nbody\r\n.\r\nQUIT\r\n" },
	{ SIDE_SERVER, "220 hello\r\n250 hi\r\n250 ok\r\n250 ok\r\n" },
	{ SIDE_SERVER, "354 go\r\n250 queued\r\n221 bye\r\n" },
};

static const struct turn refused[] = {
	{ SIDE_SERVER, "220 hello\r\n" },
	{ SIDE_CLIENT, "EHLO a\r\n" },
	{ SIDE_SERVER, "250 hi\r\n" },
	{ SIDE_CLIENT, "MAIL FROM:<a@b>\r\n" },
	{ SIDE_SERVER, "250 ok\r\n" },
	{ SIDE_CLIENT, "DATA\r\n" },
	{ SIDE_SERVER, "503 no recipients\r\n" },
	{ SIDE_CLIENT, "Hello there\r\n.\r\n" },
	{ SIDE_SERVER, "500 what\r\n500 what\r\n" },
	{ SIDE_CLIENT, "QUIT\r\n" },
	{ SIDE_SERVER, "221 bye\r\n" },
};

struct dialogue_row {
	const struct turn *turns;
	size_t count;
};

#define ROW(turns)                                                             \
	{                                                                      \
		turns, COUNT_OF(turns)                                         \
	}
static const struct dialogue_row rows[] = { ROW(plain), ROW(early),
	ROW(refused) };

/* ---- what a session says, as text */

static struct span talk_text(const struct talk *talk)
{
	switch (talk->kind) {
	case TALK_REPLY:
		return arena_print(arena, "%u%.*s", talk->reply->code,
			SPAN_ARG(talk->reply->bytes));
	case TALK_COMMAND:
	case TALK_ANSWER:
	case TALK_FRAGMENT:
	case TALK_JUNK:
		return talk->line.text;
	case TALK_BODY:
	case TALK_CHUNK:
		return arena_print(arena, "%llu/%llu/%llu/%llu",
			(unsigned long long)talk->body.wire,
			(unsigned long long)talk->body.octets,
			(unsigned long long)talk->body.dots,
			(unsigned long long)talk->body.missing);
	case TALK_TLS:
	case TALK_HOLE:
		return arena_print(
			arena, "%llu", (unsigned long long)talk->octets);
	}
	return SPAN("");
}

static struct span session_text(const struct session_record *record)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];

		text = arena_print(arena, "%.*s%d %d %d %d %u %.*s\n",
			SPAN_ARG(text), talk->kind, talk->who,
			talk->is_complete, talk->answers, talk->about,
			SPAN_ARG(talk_text(talk)));
	}
	for (size_t i = 0; i < record->mail_count; i++)
		text = arena_print(arena, "%.*s%s %zu\n", SPAN_ARG(text),
			mail_outcome_word(record->mails[i].outcome),
			record->mails[i].recipient_count);
	return text;
}

/* ---- reading captures */

struct reading {
	size_t sessions;
	struct span text; /* of the last one */
	enum cause cause;
	enum session_mode mode;
	uint64_t conflicts;
	struct session_totals totals;
	bool is_cut, is_bad;
};

static void take_records(struct sessions *sessions, struct reading *reading)
{
	const struct session_record *record;

	while ((record = sessions_next(sessions))) {
		reading->sessions++;
		reading->text = session_text(record);
		reading->cause = record->cause.cause;
		reading->mode = record->mode;
		for (int i = 0; i < SIDE_COUNT; i++)
			reading->conflicts +=
				record->stream->sides[i].conflicts;
	}
}

static void feed(
	struct sessions *sessions, struct reading *reading, struct span input)
{
	enum capture_got got;

	do {
		got = sessions_read(sessions, &input);
		take_records(sessions, reading);
	} while (got == CAPTURE_PACKET);
}

static struct reading read_capture(struct span bytes, size_t piece)
{
	struct sessions *sessions = sessions_open(NULL);
	struct reading reading = { .sessions = 0 };

	for (size_t at = 0; at < bytes.len; at += piece)
		feed(sessions, &reading, span_part(bytes, at, piece));
	sessions_end(sessions);
	take_records(sessions, &reading);
	reading.totals = *sessions_totals(sessions);
	reading.is_cut = sessions_file(sessions)->is_cut;
	reading.is_bad = sessions_file(sessions)->is_bad;
	sessions_close(sessions);
	return reading;
}

static struct reading read_made(struct made_file *file)
{
	struct reading reading = read_capture(made_span(file), 65536);

	made_free(file);
	return reading;
}

static void make_dialogue(
	struct made_file *file, const struct dialogue_row *row, bool is_v6)
{
	struct made_wire wire = made_wire_new(is_v6);

	made_begin(file, MADE_RAW);
	made_open(file, &wire);
	for (size_t i = 0; i < row->count; i++)
		made_say(file, &wire, row->turns[i].who, row->turns[i].text);
	made_close(file, &wire);
}

/* ---- the property: whatever the network does, the session is the same */

static uint64_t dice = 88172645463325252u;

static uint32_t roll(uint32_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (uint32_t)(dice >> 11) % sides;
}

struct piece {
	enum side from;
	uint32_t seq, ack;
	struct span text;
};

enum { PIECES_MAX = 4096, TURN_PIECES = 64 };

/* Cuts a turn up, with pieces sent twice and pieces that overlap. */
static size_t cut_turn(const struct made_wire *wire, const struct turn *turn,
	struct piece *pieces)
{
	struct span text = span_of(turn->text);
	size_t at = 0, count = 0;

	while (at < text.len) {
		size_t left = text.len - at;
		size_t len = count > TURN_PIECES - 4 ? left : 1 + roll(24);
		size_t back = roll(4) ? 0 : roll(12);

		len = len < left ? len : left;
		back = back < at ? back : at;
		pieces[count++] = (struct piece){
			.from = turn->who,
			.seq = wire->seq[turn->who] + (uint32_t)(at - back),
			.ack = wire->seq[!turn->who],
			.text = span_part(text, at - back, len + back),
		};
		if (!roll(8) && count < TURN_PIECES - 4) {
			pieces[count] = pieces[count - 1];
			count++;
		}
		at += len;
	}
	return count;
}

static void shuffle(struct piece *pieces, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = roll((uint32_t)i);
		struct piece piece = pieces[i - 1];

		pieces[i - 1] = pieces[other];
		pieces[other] = piece;
	}
}

static void put_pieces(struct made_file *file, const struct made_wire *wire,
	const struct piece *pieces, size_t count)
{
	static uint8_t room[4096];
	size_t len;

	for (size_t i = 0; i < count; i++) {
		made_segment_at(wire, pieces[i].from, TCP_ACK, pieces[i].seq,
			pieces[i].ack, pieces[i].text, room, &len);
		made_packet(file, room, len);
	}
}

static void make_torn(
	struct made_file *file, const struct dialogue_row *row, bool is_v6)
{
	struct made_wire wire = made_wire_new(is_v6);
	struct piece pieces[TURN_PIECES];

	wire.seq[0] = 0u - roll(200); /* it wraps in between */
	wire.seq[1] = 0u - roll(200);
	made_begin(file, MADE_RAW);
	made_open(file, &wire);
	for (size_t i = 0; i < row->count; i++) {
		const struct turn *turn = &row->turns[i];
		size_t count = cut_turn(&wire, turn, pieces);

		if (roll(3))
			shuffle(pieces, count);
		put_pieces(file, &wire, pieces, count);
		wire.seq[turn->who] += (uint32_t)strlen(turn->text);
	}
	made_close(file, &wire);
}

static struct span whole_text(size_t which, bool is_v6)
{
	struct made_file file;

	make_dialogue(&file, &rows[which], is_v6);
	return read_made(&file).text;
}

static void ten_thousand_ways_of_delivery_give_the_same(void **state)
{
	struct span want[COUNT_OF(rows)];
	struct rusage usage;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		want[i] = arena_copy(arena, whole_text(i, false));
	for (unsigned i = 0; i < 10000; i++) {
		struct arena *outer = arena;
		struct made_file file;
		struct reading got;

		arena = arena_open();
		make_torn(&file, &rows[i % COUNT_OF(rows)], i & 1);
		got = read_made(&file);
		assert_int_equal(got.sessions, 1);
		assert_int_equal(got.conflicts, 0);
		if (!span_is(got.text, want[i % COUNT_OF(rows)]))
			print_message("%u:\n%.*s", i, SPAN_ARG(got.text));
		assert_true(span_is(got.text, want[i % COUNT_OF(rows)]));
		arena_close(arena);
		arena = outer;
	}
	getrusage(RUSAGE_SELF, &usage);
#ifndef HAS_ASAN
	assert_true(usage.ru_maxrss < 64 * 1024);
#endif
}

/* ---- single cases */

static const char plain_text[] = "0 1 1 1 0 220220 mx.example ESMTP\r\n\n"
				 "1 0 1 0 0 EHLO out.example\n";

static void a_dialogue_is_told_in_its_order(void **state)
{
	struct span text = whole_text(0, false);

	(void)state;
	assert_true(span_is(
		span_part(text, 0, sizeof(plain_text) - 1), SPAN(plain_text)));
	assert_true(span_find_nocase(text, SPAN("accepted 2\ndeferred 1\n")) <
		    text.len);
	assert_true(span_find_nocase(text, SPAN("3 0 1 0 0 32/29/1/0\n")) <
		    text.len);
	assert_true(span_is(text, whole_text(0, true)));
}

static void what_is_pipelined_before_354_is_a_message(void **state)
{
	struct span text = whole_text(1, false);

	(void)state;
	assert_true(
		span_find_nocase(text, SPAN("3 0 1 0 0 9/6/0/0\n")) < text.len);
	assert_true(span_find_nocase(text, SPAN("accepted 1\n")) < text.len);
}

static void what_follows_a_refused_data_is_commands(void **state)
{
	struct span text = whole_text(2, false);

	(void)state;
	assert_true(span_find_nocase(text, SPAN("1 0 1 0 0 Hello there\n")) <
		    text.len);
}

static void a_file_cut_anywhere_gives_what_is_whole(void **state)
{
	struct made_file file;
	struct span bytes;
	size_t packets = 0, at = 24;

	(void)state;
	make_dialogue(&file, &rows[2], false);
	bytes = made_span(&file);
	for (size_t len = 0; len < bytes.len; len++) {
		struct arena *outer = arena;
		struct reading got;
		bool is_whole = len >= 24 && len == at;

		arena = arena_open();
		if (is_whole) {
			packets++;
			at += 16 + (uint32_t)(file.bytes[at + 8] |
					      file.bytes[at + 9] << 8);
		}
		got = read_capture(span_part(bytes, 0, len), 4096);
		assert_int_equal(got.is_cut, !is_whole);
		assert_int_equal(got.is_bad, false);
		assert_int_equal(got.totals.packets, packets ? packets - 1 : 0);
		arena_close(arena);
		arena = outer;
	}
	made_free(&file);
}

static void it_makes_no_difference_how_a_file_is_fed(void **state)
{
	struct made_file file;
	struct reading whole;

	(void)state;
	make_dialogue(&file, &rows[0], true);
	whole = read_capture(made_span(&file), file.len);
	for (size_t piece = 1; piece < 70; piece++)
		assert_true(span_is(whole.text,
			read_capture(made_span(&file), piece).text));
	made_free(&file);
}

/* ---- floods and bounds */

static void syn_from(struct made_file *file, uint32_t number)
{
	struct made_wire wire = made_wire_new(false);
	uint8_t room[64];
	size_t len;

	made_segment_at(
		&wire, SIDE_CLIENT, TCP_SYN, number, 0, SPAN(""), room, &len);
	made_put32(room + 12, 0x0a000000 + number);
	made_packet(file, room, len);
}

static void feed_made(struct sessions *sessions, struct reading *reading,
	struct made_file *file)
{
	feed(sessions, reading, made_span(file));
	file->len = 0;
}

static void a_hundred_thousand_syns_are_a_number(void **state)
{
	const struct dialogue_row *row = &rows[2];
	struct sessions *sessions = sessions_open(NULL);
	struct reading reading = { .sessions = 0 };
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct rusage usage;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	for (size_t i = 0; i < row->count; i++) {
		made_say(&file, &wire, row->turns[i].who, row->turns[i].text);
		for (uint32_t k = 0; k < 100000 / 11 + 1; k++)
			syn_from(&file, (uint32_t)i * 10000 + k);
		feed_made(sessions, &reading, &file);
	}
	made_close(&file, &wire);
	feed_made(sessions, &reading, &file);
	sessions_end(sessions);
	take_records(sessions, &reading);
	assert_int_equal(reading.sessions, 1);
	assert_true(span_is(reading.text, whole_text(2, false)));
	assert_true(sessions_totals(sessions)->half_open >= 100000);
	sessions_close(sessions);
	made_free(&file);
	getrusage(RUSAGE_SELF, &usage);
#ifndef HAS_ASAN
	assert_true(usage.ru_maxrss < 64 * 1024);
#endif
}

static void ports_used_again_begin_another_session(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	for (uint32_t i = 0; i < 3; i++) {
		wire.seq[0] = 5000000 * (i + 1);
		wire.seq[1] = 7000000 * (i + 1);
		made_open(&file, &wire);
		made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
		if (i != 1)
			made_close(&file, &wire);
	}
	got = read_made(&file);
	assert_int_equal(got.sessions, 3);
}

static void late_copies_are_no_session(void **state)
{
	struct made_wire wire = made_wire_new(false), copy;
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	copy = wire;
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_close(&file, &wire);
	made_say(&file, &copy, SIDE_SERVER, "220 hello\r\n");
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK, SPAN(""));
	got = read_made(&file);
	assert_int_equal(got.sessions, 1);
}

static void another_protocol_is_no_session(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct reading got;

	(void)state;
	wire.server_port = 21;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 ftp ready\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "USER anonymous\r\n");
	made_say(&file, &wire, SIDE_SERVER, "331 password\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_int_equal(got.sessions, 0);
	assert_true(got.totals.not_smtp > 0);
}

static void smtp_is_found_on_any_port(void **state)
{
	struct made_wire wire = made_wire_new(true);
	struct made_file file;
	struct reading got;

	(void)state;
	wire.server_port = 1224;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 ready\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "eh");
	made_say(&file, &wire, SIDE_CLIENT, "lo a\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_int_equal(got.sessions, 1);
}

/* ---- holes and conflicts */

/* A segment that was sent and acknowledged and is not in the file. */
static void made_lose(struct made_wire *wire, enum side from, const char *text)
{
	wire->seq[from] += (uint32_t)strlen(text);
}

static void a_lost_reply_is_not_taken_for_the_next(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "MAIL FROM:<a@b>\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "RCPT TO:<c@d>\r\n");
	made_lose(&wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "DATA\r\n");
	made_say(&file, &wire, SIDE_SERVER, "354 go\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "x\r\n.\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 queued\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(span_find_nocase(got.text,
			    SPAN("0 1 1 2 4 354354 go\r\n")) < got.text.len);
	assert_true(
		span_find_nocase(got.text,
			SPAN("0 1 1 2 7 250250 queued\r\n")) < got.text.len);
	assert_true(span_find_nocase(got.text, SPAN("accepted 1\n")) <
		    got.text.len);
}

/* All was said at once: only its code ties 354 to DATA. */
static void a_lost_reply_of_a_group_leaves_354_to_data(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT,
		"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n"
		"DATA\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n");
	made_lose(&wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &wire, SIDE_SERVER, "354 go\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "x\r\n.\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 queued\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(span_find_nocase(got.text,
			    SPAN("0 1 1 2 4 354354 go\r\n")) < got.text.len);
	assert_true(span_find_nocase(got.text, SPAN("0 1 1 0 0 250250 ok")) <
		    got.text.len);
	assert_true(span_find_nocase(got.text, SPAN("6/3/0/0\n")) <
		    got.text.len);
}

/* Captured: the acknowledgement of both halves, the second, the first. */
static void an_acknowledgement_may_come_before_its_octets(void **state)
{
	struct made_wire wire = made_wire_new(false), before;
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	before = wire;
	wire.seq[1] += 14;
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK, SPAN(""));
	wire.seq[1] = before.seq[1] + 8;
	made_say(&file, &wire, SIDE_SERVER, "llo \r\n");
	made_say(&file, &before, SIDE_SERVER, "220 he\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(span_find_nocase(got.text,
			    SPAN("0 1 1 1 0 220220 he\r\n")) < got.text.len);
	assert_true(span_find_nocase(got.text, SPAN("8 1 1 0 0 llo \n")) <
		    got.text.len);
}

/* Captured: the answer, then the question. */
static void an_answer_may_be_captured_before_its_question(void **state)
{
	struct made_wire wire = made_wire_new(true), before;
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	before = wire;
	made_lose(&wire, SIDE_CLIENT, "NOOP\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &before, SIDE_CLIENT, "NOOP\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(span_find_nocase(got.text,
			    SPAN("1 0 1 0 0 NOOP\n"
				 "0 1 1 2 1 250250 ok\r\n")) < got.text.len);
}

static void octets_lost_in_a_message_are_counted(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "MAIL FROM:<a@b>\r\nDATA\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n354 go\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "one\r\n");
	made_lose(&wire, SIDE_CLIENT, "two\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "three\r\n.\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 queued\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(
		span_find_nocase(got.text, SPAN("15/12/0/5\n")) < got.text.len);
	assert_true(span_find_nocase(got.text, SPAN("accepted 0\n")) <
		    got.text.len);
}

static void the_first_copy_wins_and_the_difference_is_told(void **state)
{
	struct made_wire wire = made_wire_new(false), before;
	struct made_file file;
	struct reading got;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "RCPT TO:<c@d>\r\n");
	before = wire;
	made_say(&file, &wire, SIDE_SERVER, "550 no\r\n");
	made_say(&file, &before, SIDE_SERVER, "250 ok\r\n");
	made_close(&file, &wire);
	got = read_made(&file);
	assert_true(got.conflicts > 0);
	assert_true(span_find_nocase(got.text, SPAN("550 no")) < got.text.len);
	assert_int_equal(
		span_find_nocase(got.text, SPAN("250 ok")), got.text.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dialogue_is_told_in_its_order),
		cmocka_unit_test(what_is_pipelined_before_354_is_a_message),
		cmocka_unit_test(what_follows_a_refused_data_is_commands),
		cmocka_unit_test(it_makes_no_difference_how_a_file_is_fed),
		cmocka_unit_test(a_file_cut_anywhere_gives_what_is_whole),
		cmocka_unit_test(ten_thousand_ways_of_delivery_give_the_same),
		cmocka_unit_test(a_hundred_thousand_syns_are_a_number),
		cmocka_unit_test(ports_used_again_begin_another_session),
		cmocka_unit_test(late_copies_are_no_session),
		cmocka_unit_test(another_protocol_is_no_session),
		cmocka_unit_test(smtp_is_found_on_any_port),
		cmocka_unit_test(a_lost_reply_is_not_taken_for_the_next),
		cmocka_unit_test(a_lost_reply_of_a_group_leaves_354_to_data),
		cmocka_unit_test(an_acknowledgement_may_come_before_its_octets),
		cmocka_unit_test(an_answer_may_be_captured_before_its_question),
		cmocka_unit_test(octets_lost_in_a_message_are_counted),
		cmocka_unit_test(
			the_first_copy_wins_and_the_difference_is_told),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
