#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/walk/serving.h"
#include "scenarios/parser.h"

/*
 * The server's side of a dialogue, driven without a socket.  What it says and
 * wants is written as one text: replies as they are, without CR, and
 * [pause 300], [tls], [hang], [close], [reset] for the rest.
 */
struct stage_of_test {
	struct arena *arena;
	struct serving serving;
	char text[64 * 1024];
	size_t len;
	bool is_over;
};

static const struct server_script *script_of(
	struct arena *arena, const char *lines)
{
	struct complaints complaints = { .arena = arena };
	struct variables variables = { .arena = arena };
	struct reading_orders orders = { .arena = arena,
		.complaints = &complaints,
		.variables = &variables };
	struct span text = arena_print(
		arena, "mxprobe 1\nserver s on loopback\n%s", lines);
	const struct sheet *sheet = sheet_parse(&orders, SPAN("t"), text);

	assert_int_equal(complaints.total, 0);
	return &play_make(arena, sheet)->servers[0];
}

static void put(struct stage_of_test *stage, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '\r' && stage->len < sizeof(stage->text))
			stage->text[stage->len++] = text.at[i];
}

/* Until it wants to hear; pauses pass at once. */
static void go_on(struct stage_of_test *stage)
{
	while (!stage->is_over) {
		struct span bytes;
		uint64_t ms;

		switch (serving_want(&stage->serving, &bytes, &ms)) {
		case SERVING_SAY:
			put(stage, bytes);
			continue;
		case SERVING_HEAR:
			return;
		case SERVING_PAUSE:
			put(stage, arena_print(stage->arena, "[pause %u]",
					   (unsigned)ms));
			continue;
		case SERVING_TLS:
			put(stage, SPAN("[tls]"));
			serving_tls_up(&stage->serving);
			continue;
		case SERVING_HANG:
			put(stage, SPAN("[hang]"));
			break;
		case SERVING_CLOSE:
			put(stage, SPAN("[close]"));
			break;
		case SERVING_RESET:
			put(stage, SPAN("[reset]"));
			break;
		}
		stage->is_over = true;
	}
}

static void begin(struct stage_of_test *stage, const char *lines)
{
	stage->arena = arena_open();
	stage->len = 0;
	stage->is_over = false;
	serving_init(&stage->serving, stage->arena,
		script_of(stage->arena, lines), SPAN("mx.example"), true);
}

/* At most `piece` octets at a time. */
static void hear(struct stage_of_test *stage, struct span bytes, size_t piece)
{
	while (bytes.len && !stage->is_over) {
		struct span part = span_part(bytes, 0, piece);
		size_t taken = serving_hear(&stage->serving, part);

		assert_true(taken <= part.len);
		go_on(stage);
		bytes = span_part(bytes, taken, bytes.len);
	}
}

static struct span heard(const struct stage_of_test *stage)
{
	return (struct span){ stage->text, stage->len };
}

static const struct dialogue_row {
	const char *lines, *said;
	const char *replies;
} rows[] = {
	/* clang-format off */
	{ "", "QUIT\r\n",
	  "220 mx.example ESMTP\n221 2.0.0 bye\n[close]" },
	{ "  banner \"220-one\" \"220 two\"\n", "quit\n",
	  "220-one\n220 two\n221 2.0.0 bye\n[close]" },
	{ "  ehlo SIZE 100, STARTTLS\n", "EHLO a.example\r\nSTARTTLS\r\nEHLO a.example\r\n",
	  "220 mx.example ESMTP\n250-mx.example at your service\n250-SIZE 100\n250 STARTTLS\n"
	  "220 2.0.0 go ahead\n[tls]250-mx.example at your service\n250 SIZE 100\n" },
	{ "  ehlo nothing\n", "EHLO a.example\r\nHELO a.example\r\nSTARTTLS\r\n",
	  "220 mx.example ESMTP\n250 mx.example at your service\n250 mx.example\n"
	  "502 5.5.1 STARTTLS is not offered\n" },
	{ "", "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n..\r\nx.\r\n.\r\nNOOP\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n250 2.1.5 recipient ok\n354 end with a dot\n"
	  "250 2.0.0 taken, and thrown away: this is a rehearsal\n250 2.0.0 ok\n" },
	{ "", "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n.\r\nDATA\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n250 2.1.5 recipient ok\n354 end with a dot\n"
	  "250 2.0.0 taken, and thrown away: this is a rehearsal\n503 5.5.1 no recipient was taken\n" },
	{ "", "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nx\n.\n.\r\ny\r\r\n.\r\nNOOP\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n250 2.1.5 recipient ok\n354 end with a dot\n"
	  "250 2.0.0 taken, and thrown away: this is a rehearsal\n250 2.0.0 ok\n" },
	{ "", "RCPT TO:<a@b.example>\r\nDATA\r\nFROB\r\nMAILX\r\n",
	  "220 mx.example ESMTP\n503 5.5.1 MAIL comes first\n503 5.5.1 no recipient was taken\n"
	  "500 5.5.2 command not known\n500 5.5.2 command not known\n" },
	{ "  after rcpt reply \"550-5.1.1 not\" \"550 5.1.1 here\"\n",
	  "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n550-5.1.1 not\n550 5.1.1 here\n"
	  "503 5.5.1 no recipient was taken\n" },
	{ "  after rcpt of x@B.example reply \"550 5.1.1 no\"\n"
	  "  after rcpt of b.example delay 5ms\n",
	  "MAIL FROM:<>\r\nRCPT TO:<x@b.example>\r\nRCPT TO:<y@b.example>\r\nRCPT TO:<z@c.example>\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n550 5.1.1 no\n"
	  "[pause 5]250 2.1.5 recipient ok\n250 2.1.5 recipient ok\n" },
	{ "  after dot reply \"451 4.7.1 later\"\n",
	  "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n.\r\nQUIT\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n250 2.1.5 recipient ok\n354 end with a dot\n"
	  "451 4.7.1 later\n221 2.0.0 bye\n[close]" },
	{ "  after connect reply \"554 no mail here\"\n", "EHLO a.example\r\nQUIT\r\n",
	  "554 no mail here\n503 5.5.1 no mail is taken here\n221 2.0.0 bye\n[close]" },
	{ "  after connect close\n", "", "[close]" },
	{ "  after connect reset\n", "", "[reset]" },
	{ "  after connect delay 7ms\n  after connect hang\n", "", "[pause 7][hang]" },
	{ "  after banner close\n", "EHLO a.example\r\n", "220 mx.example ESMTP\n[close]" },
	{ "  after mail reply \"421 4.7.0 enough\"\n", "MAIL FROM:<>\r\nQUIT\r\n",
	  "220 mx.example ESMTP\n421 4.7.0 enough\n[close]" },
	{ "  after starttls reply \"454 4.7.0 not now\"\n", "STARTTLS\r\nEHLO a.example\r\n",
	  "220 mx.example ESMTP\n454 4.7.0 not now\n"
	  "250-mx.example at your service\n250-PIPELINING\n250-SIZE 52428800\n250-8BITMIME\n"
	  "250-ENHANCEDSTATUSCODES\n250 STARTTLS\n" },
	{ "  after data reply \"354 come on\"\n  after dot close\n",
	  "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\na\r\n.\r\n",
	  "220 mx.example ESMTP\n250 2.1.0 sender ok\n250 2.1.5 recipient ok\n354 come on\n[close]" },
	{ "  after early reply \"554 5.5.1 too soon\"\n", "QUIT\r\n",
	  "[pause 300]220 mx.example ESMTP\n221 2.0.0 bye\n[close]" },
	/* clang-format on */
};

static void each_dialogue_is_as_its_script_has_it(void **state)
{
	static struct stage_of_test stage;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(&stage, rows[i].lines);
		go_on(&stage);
		hear(&stage, span_of(rows[i].said), 1);
		if (!span_is(heard(&stage), span_of(rows[i].replies)))
			fail_msg(
				"row %zu: %.*s", i, (int)stage.len, stage.text);
		arena_close(stage.arena);
	}
}

/* Whatever the cuts; in one go is something else only where it is looked for. */
static void a_dialogue_does_not_depend_on_how_it_is_cut(void **state)
{
	static struct stage_of_test stage;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t piece = 1; piece < 80; piece++) {
			begin(&stage, rows[i].lines);
			go_on(&stage);
			hear(&stage, span_of(rows[i].said), piece);
			assert_true(span_is(
				heard(&stage), span_of(rows[i].replies)));
			arena_close(stage.arena);
		}
}

static void who_talks_before_the_banner_is_told_so(void **state)
{
	static struct stage_of_test stage;
	struct span bytes;
	uint64_t ms;

	(void)state;
	begin(&stage, "  after early reply \"554 5.5.1 too soon\"\n");
	assert_int_equal(
		serving_want(&stage.serving, &bytes, &ms), SERVING_PAUSE);
	serving_overhear(&stage.serving);
	go_on(&stage);
	assert_true(
		span_is(heard(&stage), SPAN("554 5.5.1 too soon\n[close]")));
	arena_close(stage.arena);
}

static void early_talk_that_is_only_slowed_down_is_forgiven(void **state)
{
	static struct stage_of_test stage;
	struct span bytes;
	uint64_t ms;

	(void)state;
	begin(&stage, "  after early delay 9ms\n");
	assert_int_equal(
		serving_want(&stage.serving, &bytes, &ms), SERVING_PAUSE);
	serving_overhear(&stage.serving);
	go_on(&stage);
	assert_true(span_is(
		heard(&stage), SPAN("[pause 9]220 mx.example ESMTP\n")));
	arena_close(stage.arena);
}

static void commands_in_one_go_are_refused_where_that_is_not_offered(
	void **state)
{
	static const struct {
		const char *offer, *replies;
		size_t piece;
	} cases[] = {
		{ "  ehlo SIZE\n", "550 5.5.1 no\n503 5.5.1 MAIL comes first\n",
			100 },
		{ "  ehlo SIZE\n",
			"250 2.1.0 sender ok\n250 2.1.5 recipient ok\n", 1 },
		{ "  ehlo PIPELINING\n",
			"250 2.1.0 sender ok\n250 2.1.5 recipient ok\n", 100 },
	};
	static struct stage_of_test stage;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		struct span lines = arena_print(arena,
			"%s  after pipelining reply \"550 5.5.1 no\"\n",
			cases[i].offer);

		begin(&stage, lines.at);
		go_on(&stage);
		stage.len = 0;
		hear(&stage,
			SPAN("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA"),
			cases[i].piece);
		assert_true(span_is(heard(&stage), span_of(cases[i].replies)));
		arena_close(stage.arena);
		arena_close(arena);
	}
}

static void a_line_without_end_costs_no_memory(void **state)
{
	static char many[64 * 1024];
	static struct stage_of_test stage;

	(void)state;
	memset(many, 'a', sizeof(many));
	begin(&stage, "");
	go_on(&stage);
	stage.len = 0;
	for (unsigned i = 0; i < 100; i++)
		hear(&stage, (struct span){ many, sizeof(many) }, sizeof(many));
	hear(&stage, SPAN("\r\nNOOP\r\n"), 100);
	assert_true(span_is(heard(&stage),
		SPAN("500 5.5.2 line too long\n250 2.0.0 ok\n")));
	arena_close(stage.arena);
}

static void a_thousand_commands_are_enough(void **state)
{
	static struct stage_of_test stage;
	struct span end = SPAN("421 4.7.0 too many commands\n[close]");

	(void)state;
	begin(&stage, "");
	go_on(&stage);
	for (unsigned i = 0; i < 3000; i++) {
		stage.len = stage.is_over ? stage.len : 0;
		hear(&stage, SPAN("NOOP\r\n"), 6);
	}
	assert_true(stage.is_over);
	assert_true(span_is(heard(&stage), end));
	arena_close(stage.arena);
}

static void a_message_without_end_ends_the_connection(void **state)
{
	static char many[1024 * 1024];
	static struct stage_of_test stage;

	(void)state;
	memset(many, '\r', sizeof(many));
	begin(&stage, "");
	go_on(&stage);
	hear(&stage, SPAN("MAIL FROM:<>\r\nRCPT TO:<a>\r\nDATA\r\n"), 100);
	for (unsigned i = 0; i < 70; i++)
		hear(&stage, (struct span){ many, sizeof(many) }, sizeof(many));
	assert_true(stage.is_over);
	arena_close(stage.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_dialogue_is_as_its_script_has_it),
		cmocka_unit_test(a_dialogue_does_not_depend_on_how_it_is_cut),
		cmocka_unit_test(who_talks_before_the_banner_is_told_so),
		cmocka_unit_test(
			early_talk_that_is_only_slowed_down_is_forgiven),
		cmocka_unit_test(
			commands_in_one_go_are_refused_where_that_is_not_offered),
		cmocka_unit_test(a_line_without_end_costs_no_memory),
		cmocka_unit_test(a_thousand_commands_are_enough),
		cmocka_unit_test(a_message_without_end_ends_the_connection),
	};

	return cmocka_run_group_tests_name("serving", tests, NULL, NULL);
}
