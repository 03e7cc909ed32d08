#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/diagnostic.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* What a text has for a reply: the code, its status, where it begins. */
static const struct reply_row {
	const char *text;
	unsigned code;
	unsigned status[3];
	const char *reply;
} replies[] = {
	{ "550 5.1.1 no", 550, { 5, 1, 1 }, "550 5.1.1 no" },
	{ "550-5.7.1 a\n550 5.7.1 b", 550, { 5, 7, 1 },
		"550-5.7.1 a\n550 5.7.1 b" },
	{ "host mx[192.0.2.1] said: 554 no", 554, { 0 }, "554 no" },
	{ "550 #5.1.0 Address rejected.", 550, { 5, 1, 0 },
		"550 #5.1.0 Address rejected." },
	{ "550: 5.2.2 full", 550, { 5, 2, 2 }, "550: 5.2.2 full" },
	{ "#550 5.1.1 RESOLVER ##", 550, { 5, 1, 1 }, "550 5.1.1 RESOLVER ##" },
	{ "5.1.0 - Unknown 550-'5.7.1 <a>... denied'", 550, { 5, 7, 1 },
		"550-'5.7.1 <a>... denied'" },
	{ "Remote host said: 550 no. (#5.5.0)", 550, { 5, 5, 0 },
		"550 no. (#5.5.0)" },
	{ "It responded as follows: [550 5.1.1 no", 550, { 5, 1, 1 },
		"550 5.1.1 no" },
	{ "ERROR_CODE :550, ERROR_CODE :5.1.1", 550, { 5, 1, 1 },
		"550, ERROR_CODE :5.1.1" },
	{ "ResponseCode 421, , Host not reachable.", 421, { 0 },
		"421, , Host not reachable." },
	{ "554 <a@b.c>... 550 Host unknown", 550, { 0 }, "550 Host unknown" },
	{ "554 <a@b.c>... Host unknown", 554, { 0 },
		"554 <a@b.c>... Host unknown" },
	{ "Later. (#4.4.1)", 0, { 4, 4, 1 }, NULL },
	{ "Later [#4.1.9].", 0, { 4, 1, 9 }, NULL },
	/* digits that are no code */
	{ "gave up after 432 seconds", 0, { 0 }, NULL },
	{ "the message has 552 KB", 0, { 0 }, NULL },
	{ "connect to 192.0.2.1:465: refused", 0, { 0 }, NULL },
	{ "see https://example.org/554 and answer=550 too", 0, { 0 }, NULL },
	{ "250 2.0.0 fine", 0, { 0 }, NULL },
	{ "599th, 600 and 55", 0, { 0 }, NULL },
	{ "call 480-555-2500 or 555-2500.", 0, { 0 }, NULL },
	{ "550-25001 no", 550, { 0 }, "550-25001 no" },
	{ "4500 of 55000", 0, { 0 }, NULL },
	/* parts of an address, a version, another class */
	{ "from 5.1.1.2 and 5.2.1.3.4", 0, { 0 }, NULL },
	{ "550 from 4.1.1.9", 550, { 0 }, "550 from 4.1.1.9" },
	{ "550 not 4.7.1", 550, { 0 }, "550 not 4.7.1" },
	{ "550 5.1.1234 x", 550, { 0 }, "550 5.1.1234 x" },
	{ "", 0, { 0 }, NULL },
};

static void a_reply_is_found_in_what_stands_around_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		const struct reply_row *row = &replies[i];
		struct span text = span_of(row->text);
		struct diagnostic found;

		diagnostic_read(text, &found);
		if (found.code != row->code ||
			memcmp(found.status, row->status,
				sizeof(found.status)) != 0)
			fail_msg("%s: %u %u.%u.%u", row->text, found.code,
				found.status[0], found.status[1],
				found.status[2]);
		if (row->reply)
			assert_span(span_part(text, found.reply_at, text.len),
				row->reply);
	}
}

static const struct peer_row {
	const char *text, *host, *ip;
	unsigned port;
} peers[] = {
	{ "host mx.example.org[192.0.2.1] said: 550 no", "mx.example.org",
		"192.0.2.1", 0 },
	{ "Attempting SMTP connection to [192.0.2.1 : 25]\n550 no", "",
		"192.0.2.1", 0 },
	{ "connect to mx.example.org[2001:db8::1]:25: refused",
		"mx.example.org", "2001:db8::1", 25 },
	{ "host mx.example.org [2001:db8::1]: 550 no", "mx.example.org",
		"2001:db8::1", 0 },
	{ "rejected by mx.example.org. [192.0.2.1].\n550 no", "mx.example.org",
		"192.0.2.1", 0 },
	{ "192.0.2.1 does not like recipient.", "", "192.0.2.1", 0 },
	{ "2001:db8::1 failed after I sent the message.", "", "2001:db8::1",
		0 },
	{ "mx.example.org [192.0.2.1] did not like our RCPT TO:\n550 no",
		"mx.example.org", "192.0.2.1", 0 },
	{ "unable to connect to remote server [192.0.2.1:25]: x", "",
		"192.0.2.1", 25 },
	{ "[(0) mx.example.org. [192.0.2.1]:25: socket error]",
		"mx.example.org", "192.0.2.1", 25 },
	{ "talking to [IPv6:2001:db8:0:0:0:0:0:2]: x, by host "
	  "[IPv6:2001:db8:0:0:0:0:0:2]",
		"", "2001:db8::2", 0 },
	/* within the reply it is not the server */
	{ "550 host mx.example.org[192.0.2.1] is listed", "", NULL, 0 },
	{ "no server is named", "", NULL, 0 },
};

static void the_server_is_named_before_its_reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(peers); i++) {
		const struct peer_row *row = &peers[i];
		struct diagnostic found;

		diagnostic_read(span_of(row->text), &found);
		assert_span(found.host, row->host);
		if (found.has_ip != (row->ip != NULL))
			fail_msg("%s", row->text);
		if (row->ip)
			assert_span(ip_text(arena, &found.ip), row->ip);
		assert_int_equal(found.port, row->port);
	}
}

static void remote_mta_may_hold_both_ends(void **state)
{
	struct diagnostic found = { .code = 0 };

	(void)state;
	peer_read(SPAN("mx.example.org (TCP|192.0.2.7|47323|192.0.2.1|25) (x)"),
		&found);
	assert_span(found.host, "mx.example.org");
	assert_span(ip_text(arena, &found.ip), "192.0.2.1");
	assert_int_equal(found.port, 25);
}

static const struct stage_case {
	const char *text;
	bool has_stage;
	enum stage stage;
} stages[] = {
	{ "said: 550 no (in reply to\nend of DATA command)", true, STAGE_DOT },
	{ "said: 550 no (in reply to DATA command)", true, STAGE_DATA },
	{ "after RCPT TO:<a@example.org>: host x: 550 no", true, STAGE_RCPT },
	{ "hMailServer sent: RCPT TO:<a@example.org>\n550 no", true,
		STAGE_RCPT },
	{ "host 'x' rejected command 'MAIL FROM:<a@b>' with code 550", true,
		STAGE_MAIL },
	{ "after pipelined end of data: host x: 550 no", true, STAGE_DOT },
	{ "refused to talk to me: 421 no", true, STAGE_BANNER },
	{ "after initial connection: 421 no", true, STAGE_BANNER },
	/* of either */
	{ "SMTP timeout after initial connection: Connection timed out", false,
		STAGE_RESOLVE },
	{ "Connected to 192.0.2.1 but sender was rejected.", true, STAGE_MAIL },
	{ "connect to x[192.0.2.1]:25: Connection refused", true,
		STAGE_CONNECT },
	{ "Host or domain name not found", true, STAGE_RESOLVE },
	{ "550 Host unknown", true, STAGE_RESOLVE },
	/* a server's words about a sender */
	{ "550 5.1.8 sender's host not found", false, STAGE_RESOLVE },
	{ "550 no", false, STAGE_RESOLVE },
};

static void the_stage_is_in_the_words_around_the_reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		struct diagnostic found;

		diagnostic_read(span_of(stages[i].text), &found);
		if (found.has_stage != stages[i].has_stage ||
			(found.has_stage && found.stage != stages[i].stage))
			fail_msg("%s: %s", stages[i].text,
				found.has_stage ? stage_word(found.stage)
						: "none");
	}
}

static void of_a_group_of_commands_exim_names_the_last(void **state)
{
	struct diagnostic found;

	(void)state;
	diagnostic_read(
		SPAN("after pipelined end of data: host x: 550 no"), &found);
	assert_true(found.may_be_earlier);
	diagnostic_read(SPAN("after end of data: host x: 550 no"), &found);
	assert_false(found.may_be_earlier);
	diagnostic_read(
		SPAN("after pipelined RCPT TO:<a@b.example>: 550 no"), &found);
	assert_false(found.may_be_earlier);
}

static void any_cut_text_is_read_without_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(peers); i++) {
		size_t len = strlen(peers[i].text);

		for (size_t cut = 0; cut <= len; cut++) {
			struct span text = arena_copy(
				arena, (struct span){ peers[i].text, cut });
			struct diagnostic found;

			diagnostic_read(text, &found);
			assert_true(found.reply_at <= text.len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_found_in_what_stands_around_it),
		cmocka_unit_test(the_server_is_named_before_its_reply),
		cmocka_unit_test(remote_mta_may_hold_both_ends),
		cmocka_unit_test(the_stage_is_in_the_words_around_the_reply),
		cmocka_unit_test(of_a_group_of_commands_exim_names_the_last),
		cmocka_unit_test(any_cut_text_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
