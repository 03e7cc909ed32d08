#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/judge/codebook_file.h"
#include "probe/judge/codebook_rows.h"
#include "probe/judge/wording.h"

static struct arena *arena;
static const struct codebook *book;

static int set_up(void **state)
{
	(void)state;
	arena = arena_open();
	book = codebook_embedded(arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

#define HEAD "mxprobe-codebook 2026-01-02\n"
#define MOST                                                                   \
	"\tprovider any\n\tpolicy spf\n\tmeaning m\n\tremedy r\n"              \
	"\treference f\n\tseen 2026-01-01\n\tcertainty secondary\n\tsample "   \
	"s\n"

static const struct codebook *parsed(const char *text)
{
	struct span errors;
	const struct codebook *codebook = codebook_parse(
		arena, SPAN("f"), span_of(text), &errors);

	if (!codebook)
		fail_msg("%.*s", SPAN_ARG(errors));
	return codebook;
}

static const char *id_of(const struct codebook *codebook, const char *text)
{
	struct codebook_question question = { .text = span_of(text) };
	struct codebook_answer answer = codebook_find_text(codebook, &question);

	return answer.row ? arena_copy(arena, answer.row->id).at : "none";
}

/* ---- what texts give */

static const struct numbers {
	const char *text;
	unsigned code, status[3];
} numbers[] = {
	{ "550 5.7.1 no", 550, { 5, 7, 1 } },
	{ "550-5.7.25 no\n550 5.7.25 no", 550, { 5, 7, 25 } },
	{ "smtp; 450 4.2.2 full", 450, { 4, 2, 2 } },
	{ "host a.example[192.0.2.1] said: 554 no (in reply", 554, { 0 } },
	{ "Remote_host_said:_550-5.1.1_no/", 550, { 5, 1, 1 } },
	{ "<<< 421 4.7.0 wait", 421, { 4, 7, 0 } },
	{ "'550 5.1.1 no'", 550, { 5, 1, 1 } },
	{ "no such mailbox (#5.1.1)", 0, { 5, 1, 1 } },
	{ "SMTP error from remote: 550-REJECTED", 550, { 0 } },
	{ "over 500 messages today", 0, { 0 } },
	{ "waited 450 seconds", 0, { 0 } },
	{ "connect to a[192.0.2.1]:25: Connection refused", 0, { 0 } },
	{ "version 5.7.1.2 of x", 0, { 0 } },
	{ "250 2.0.0 ok", 0, { 0 } },
	{ "5.7.1111", 0, { 0 } },
	{ "", 0, { 0 } },
};

static void code_and_status_are_read_where_they_stand(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		struct span text = span_of(numbers[i].text);
		unsigned status[3];

		wording_status(text, status);
		if (wording_code(text) != numbers[i].code ||
			memcmp(status, numbers[i].status, sizeof(status)) != 0)
			fail_msg("%s: %u %u.%u.%u", numbers[i].text,
				wording_code(text), status[0], status[1],
				status[2]);
	}
}

static const struct report {
	const char *text, *id;
} reports[] = {
	{ "550-5.7.1 [192.0.2.1] The IP you're using to send mail is not "
	  "550-5.7.1 authorized to send",
		"google.not-authorized" },
	{ "550-5.7.1 The IP you're using to send mail is not\\n550-5.7.1 "
	  "authorized",
		"google.not-authorized" },
	{ "192.0.2.9_failed._Remote_host_said:_550-5.7.1_The_IP_you're_using_"
	  "to_send_mail_is/550-5.7.1_not_authorized/",
		"google.not-authorized" },
	{ "5.7.1 The IP you're using to send mail is not\n5.7.1 authorized",
		"google.not-authorized" },
	{ "550 5.7.1\n    [2001:db8::1] not meet IPv6 sending\n    "
	  "guidelines regarding",
		"google.ipv6-guidelines" },
	{ "connect to mx.example[2001:db8::1]:25: Network is unreachable",
		"any.network" },
	{ "host mx.example[192.0.2.1] refused to talk to me: 554 Message "
	  "refused",
		"any.policy" },
	{ "192.0.2.1 does not like recipient.\nRemote host said: 550 Message "
	  "refused\nGiving up on 192.0.2.1.",
		"any.policy" },
	{ "SMTP error from remote mail server after MAIL FROM:<a@b.example>:\n"
	  "    552 message rejected by anti-spam engine.",
		"any.content-spam" },
	{ "host mx.example[192.0.2.1] said: 550 No permit (in reply\n    to "
	  "EHLO command)",
		"none" },
	{ "host mx.example[192.0.2.1] said: 550 (in a way) Rejected (in reply "
	  "to MAIL FROM command)",
		"any.sender-stage" },
	{ "Your message wasn't delivered because the address couldn't be "
	  "found, or is unable to receive mail. The response from the remote "
	  "server was:\n550 5.7.1 Message rejected as spam",
		"any.content-spam" },
	{ ">>> MAIL From:<a@b.example>\n<<< 554 message is too large",
		"any.message-too-big" },
	{ "550 Benutzer unbekannt", "any.no-such-user-elsewhere" },
	{ "550 Buz\303\263n lleno", "any.mailbox-full-elsewhere" },
	{ "550 5.1.2 <a@b.example>: Recipient address rejected: Domain not "
	  "found",
		"any.no-such-domain" },
	{ "554 5.7.1 Message content rejected, UBE, id=00000-00-000",
		"any.content-spam" },
};

static void a_reply_is_known_as_logs_and_bounces_write_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(reports); i++)
		assert_string_equal(
			id_of(book, reports[i].text), reports[i].id);
}

static void the_speaker_decides_where_words_do_not(void **state)
{
	struct codebook_question question = {
		.text = SPAN("550 Unknown user me@docomo.ne.jp"),
		.has_stage = true,
		.stage = STAGE_DOT,
	};

	(void)state;
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("mailbox-unknown")));
	question.relay_host = SPAN("mfsmax.docomo.ne.jp.");
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("mailbox-restricted")));
	question.relay_host = SPAN("");
	question.recipient_domain = SPAN("docomo.ne.jp");
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("mailbox-restricted")));
	question.stage = STAGE_RCPT;
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("mailbox-unknown")));
}

static void a_status_of_the_mta_does_not_turn_a_row_away(void **state)
{
	struct codebook_question question = {
		.text = SPAN("550 5.7.1 [192.0.2.1] The IP you're using to "
			     "send mail is not authorized"),
		.status = { 5, 0, 0 },
		.is_local_status = true,
	};

	(void)state;
	assert_string_equal(
		arena_copy(arena, codebook_find_text(book, &question).row->id)
			.at,
		"google.not-authorized");
	question.text = SPAN("glorp");
	question.status[1] = 2;
	question.status[2] = 2;
	assert_true(span_is(codebook_find_text(book, &question).policy,
		SPAN("mailbox-full")));
}

static void what_is_not_known_is_told_by_number(void **state)
{
	struct codebook_question question = { .text = SPAN("550 5.2.2 glorp") };
	struct codebook_answer answer = codebook_find_text(book, &question);

	(void)state;
	assert_null(answer.row);
	assert_true(answer.is_by_status);
	assert_true(span_is(answer.policy, SPAN("mailbox-full")));
	question.text = SPAN("503 glorp");
	answer = codebook_find_text(book, &question);
	assert_true(span_is(answer.policy, SPAN("protocol")));
	question.text = SPAN("glorp");
	answer = codebook_find_text(book, &question);
	assert_true(span_is(answer.policy, SPAN("unknown")));
	assert_false(answer.is_by_status);
	assert_true(answer.meaning.len != 0);
}

static void every_number_has_a_policy_and_a_sentence(void **state)
{
	(void)state;
	for (unsigned code = 400; code < 600; code++)
		for (unsigned k = 0; k < 2 * 8 * 32; k++) {
			const unsigned status[3] = { 4 + k / 256, k / 32 % 8,
				k % 32 };
			struct codebook_by_number says = codebook_by_number(
				code, status);

			assert_true(codebook_has_policy(span_of(says.policy)));
			assert_true(strlen(says.meaning) >= 10);
		}
}

static void what_a_server_took_is_no_refusal(void **state)
{
	struct codebook_question question = {
		.text = SPAN("spam message rejected"), .code = 250
	};

	(void)state;
	assert_null(codebook_find_text(book, &question).row);
}

/* ---- providers */

static const char *host_provider(const char *host)
{
	const struct codebook_provider *provider = codebook_provider_of_host(
		book, span_of(host));

	return provider ? arena_copy(arena, provider->id).at : "nobody";
}

static void a_server_is_known_by_the_end_of_its_name(void **state)
{
	(void)state;
	assert_string_equal(
		host_provider("gmail-smtp-in.l.GOOGLE.com."), "google");
	assert_string_equal(host_provider("google.com"), "google");
	assert_string_equal(host_provider("notgoogle.com"), "nobody");
	assert_string_equal(host_provider("google.com.example"), "nobody");
	assert_string_equal(host_provider(""), "nobody");
	assert_string_equal(host_provider("."), "nobody");
	assert_string_equal(
		host_provider("x.mail.protection.outlook.com"), "microsoft");
	assert_non_null(codebook_provider(book, SPAN("microsoft-eop")));
	assert_non_null(codebook_provider_of_domain(book, SPAN("gmail.com")));
	assert_null(codebook_provider(book, SPAN("")));
}

static void a_name_of_many_labels_is_looked_up_in_bounded_time(void **state)
{
	char name[20000];

	(void)state;
	memset(name, '.', sizeof(name));
	assert_null(codebook_provider_of_host(
		book, (struct span){ name, sizeof(name) }));
}

/* ---- phrases */

static const struct phrase {
	const char *match, *text;
	bool fits;
} phrases[] = {
	{ "\"ab\"", "550 xaby", true },
	{ "'ab'", "550 xaby", false },
	{ "'ab'", "550 x,ab.", true },
	{ "'ab'", "550 ab", true },
	{ "\"ab\" \"cd\"", "550 ab then cd", true },
	{ "\"ab\" \"cd\"", "550 cd then ab", false },
	{ "\"ab\" \"bc\"", "550 abc", false },
	{ "\"ab\" \"ab\"", "550 ab", false },
	{ "\"ab\" \"ab\"", "550 ab ab", true },
	{ "\"ab\" ~4 \"cd\"", "550 ab 12 cd", true },
	{ "\"ab\" ~4 \"cd\"", "550 ab 123 cd", false },
	{ "\"ab\" ~4 \"cd\"", "550 ab far from here, ab cd", true },
	{ "\"ab\" ~4 \"cd\" ~4 \"ef\"", "550 ab cd far from here cd ef",
		false },
	{ "\"ab\" !\"cd\"", "550 ab", true },
	{ "\"ab\" !\"cd\"", "550 cd ab", false },
	{ "\"ab\" !\"cd\"", "550 ab cd", false },
	{ "!\"cd\" \"ab\"", "550 ab", true },
	{ "ANY", "550 two", true },
	{ "ANY", "550 three", false },
	{ "ANY \"ab\"", "550 one ab", true },
	{ "!ANY \"ab\"", "550 one ab", false },
	{ "!ANY \"ab\"", "550 six ab", true },
	{ "\"aab\"", "550 aaab", true },
	{ "\"abcabd\"", "550 abcabcabd", true },
	{ "\"bc\"", "550 abcd abce", true },
};

static void pieces_stand_in_their_order_and_near(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(phrases); i++) {
		struct span text = arena_print(arena,
			HEAD "set ANY 'one'\nset ANY 'two'\nrow x\n" MOST
			     "\tmatch - - %s\n"
			     "\tmatch - - \"abcabde\"\n",
			phrases[i].match);
		bool fits = strcmp(id_of(parsed(text.at), phrases[i].text),
				    "x") == 0;

		if (fits != phrases[i].fits)
			fail_msg("%s: %s", phrases[i].match, phrases[i].text);
	}
}

static const struct status {
	const char *match, *text;
	bool fits;
} statuses[] = {
	{ "- 5.7.1 \"ab\"", "550 5.7.1 ab", true },
	{ "- 5.7.1 \"ab\"", "550 5.7.2 ab", false },
	{ "- 5.7.1 \"ab\"", "550 ab", true },
	{ "- =5.7.1 \"ab\"", "550 ab", false },
	{ "- =5.7.1", "550 5.7.1 anything", true },
	{ "- =5.7.1", "550 5.7.2 anything", false },
	{ "- x.7.1 \"ab\"", "450 4.7.1 ab", true },
	{ "- 5.7.5-9 \"ab\"", "550 5.7.9 ab", true },
	{ "- 5.7.5-9 \"ab\"", "550 5.7.10 ab", false },
	{ "- 5.7.x \"ab\"", "550 5.7.123 ab", true },
	{ "- 5.7.x \"ab\"", "550 5.6.1 ab", false },
	{ "4 - \"ab\"", "450 ab", true },
	{ "4 - \"ab\"", "550 ab", false },
	{ "4 - \"ab\"", "ab", true },
	{ "4 - \"ab\"", "5.7.1 ab", false },
	{ "450 - \"ab\"", "451 ab", false },
	{ "450 - \"ab\"", "4.7.1 ab", true },
};

static void numbers_have_to_fit_as_far_as_they_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct span text = arena_print(arena,
			HEAD "row x\n" MOST "\tmatch %s\n", statuses[i].match);
		bool fits = strcmp(id_of(parsed(text.at), statuses[i].text),
				    "x") == 0;

		if (fits != statuses[i].fits)
			fail_msg("%s: %s", statuses[i].match, statuses[i].text);
	}
}

static void a_higher_rank_wins_over_a_longer_phrase(void **state)
{
	const struct codebook *codebook = parsed(HEAD
		"row x.long\n" MOST "\tmatch - - \"a long phrase\"\n"
		"row x.high\n" MOST "\trank 5\n\tmatch - - \"long\"\n"
		"row x.low\n" MOST "\trank 1\n\tmatch - - \"a long phrase it "
		"is\"\n");

	(void)state;
	assert_string_equal(id_of(codebook, "550 a long phrase"), "x.high");
	assert_string_equal(
		id_of(codebook, "550 a long phrase it is"), "x.high");
}

static void a_row_takes_from_its_file_and_policy_what_it_leaves_out(
	void **state)
{
	const struct codebook *codebook = parsed(
		HEAD "all\n\tprovider x\n\treference f\n\tseen 2026-01-01\n"
		     "\tcertainty secondary\n\ttemporary\n"
		     "row x.a\n\tpolicy spf\n\tmatch - - ANY\n\tsample s\n" HEAD
		     "policy spf\n\tmeaning it\n\t\tfails\n\tremedy do\n"
		     "set ANY \"a\"\n");
	const struct codebook_row *row = codebook_row(codebook, 0);

	(void)state;
	assert_true(span_is(row->meaning, SPAN("it fails")));
	assert_true(span_is(row->remedy, SPAN("do")));
	assert_true(span_is(row->provider, SPAN("x")));
	assert_true(row->is_temporary);
	assert_true(span_is(row->severity, SPAN("warn")));
	assert_int_equal(row->rank, 6);
}

static void many_runs_do_not_mix(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		assert_string_equal(
			id_of(book, "550 mailbox full"), "any.mailbox-full");
		assert_string_equal(id_of(book, "550 glorp"), "none");
	}
}

/* ---- folders */

static void write_file(const char *folder, const char *name, const char *text)
{
	struct span path = arena_print(arena, "%s/%s", folder, name);
	FILE *file = fopen(path.at, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_folder_is_read_in_the_order_of_names(void **state)
{
	char folder[] = "/tmp/test_codebook_find.XXXXXX";
	const struct codebook *codebook;
	struct span errors;

	(void)state;
	assert_non_null(mkdtemp(folder));
	codebook = codebook_load(arena, folder, &errors);
	assert_null(codebook);
	assert_true(span_ends_nocase(errors, SPAN("end in .txt\n")));
	write_file(folder, "b.txt", HEAD "row b\n" MOST "\tmatch - - ANY\n");
	write_file(folder, "a.txt",
		"mxprobe-codebook 2026-02-02\nset ANY \"q\"\nrow a\n" MOST
		"\tmatch - - \"p\"\n");
	write_file(folder, ".c.txt", "hidden\n");
	write_file(folder, "d.text", "of another kind\n");
	codebook = codebook_load(arena, folder, &errors);
	assert_non_null(codebook);
	assert_int_equal(codebook_row_count(codebook), 2);
	assert_true(span_is(codebook_row(codebook, 0)->id, SPAN("a")));
	assert_true(span_is(codebook_date(codebook), SPAN("2026-02-02")));
	assert_string_equal(id_of(codebook, "550 q"), "b");
	write_file(folder, "b.txt", HEAD "row b\n");
	assert_null(codebook_load(arena, folder, &errors));
	assert_true(span_find_nocase(errors, SPAN("b.txt:2:")) < errors.len);
	unlink(arena_print(arena, "%s/a.txt", folder).at);
	unlink(arena_print(arena, "%s/b.txt", folder).at);
	unlink(arena_print(arena, "%s/.c.txt", folder).at);
	unlink(arena_print(arena, "%s/d.text", folder).at);
	assert_int_equal(rmdir(folder), 0);
	assert_null(codebook_load(arena, folder, &errors));
	assert_true(errors.len != 0);
}

static void the_users_own_folder_is_found_where_it_exists(void **state)
{
	char home[] = "/tmp/test_codebook_find.XXXXXX";
	struct span shared, folder;

	(void)state;
	assert_non_null(mkdtemp(home));
	assert_null(codebook_folder(arena, home, NULL));
	assert_null(codebook_folder(arena, NULL, home));
	assert_null(codebook_folder(arena, "relative", NULL));
	assert_null(codebook_folder(arena, NULL, NULL));
	shared = arena_print(arena, "%s/mxprobe", home);
	folder = arena_print(arena, "%s/codebook", shared.at);
	assert_int_equal(mkdir(shared.at, 0700), 0);
	assert_int_equal(mkdir(folder.at, 0700), 0);
	assert_string_equal(codebook_folder(arena, home, NULL), folder.at);
	rmdir(folder.at);
	rmdir(shared.at);
	rmdir(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_and_status_are_read_where_they_stand),
		cmocka_unit_test(a_reply_is_known_as_logs_and_bounces_write_it),
		cmocka_unit_test(the_speaker_decides_where_words_do_not),
		cmocka_unit_test(a_status_of_the_mta_does_not_turn_a_row_away),
		cmocka_unit_test(what_is_not_known_is_told_by_number),
		cmocka_unit_test(every_number_has_a_policy_and_a_sentence),
		cmocka_unit_test(what_a_server_took_is_no_refusal),
		cmocka_unit_test(a_server_is_known_by_the_end_of_its_name),
		cmocka_unit_test(
			a_name_of_many_labels_is_looked_up_in_bounded_time),
		cmocka_unit_test(pieces_stand_in_their_order_and_near),
		cmocka_unit_test(numbers_have_to_fit_as_far_as_they_are_told),
		cmocka_unit_test(a_higher_rank_wins_over_a_longer_phrase),
		cmocka_unit_test(
			a_row_takes_from_its_file_and_policy_what_it_leaves_out),
		cmocka_unit_test(many_runs_do_not_mix),
		cmocka_unit_test(a_folder_is_read_in_the_order_of_names),
		cmocka_unit_test(the_users_own_folder_is_found_where_it_exists),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
