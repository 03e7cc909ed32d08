#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "reports/inbound/archive_file.h"
#include "reports/inbound/report_collection.h"
#include "tests/own_arena.h"
#include "tests/reports_by_hand.h"
#include "tests/spans.h"
#include "tests/tar_by_hand.h"
#include "tests/zip_by_hand.h"

#define REPORT_OF(id)                                                          \
	DMARC_HEAD("r", id, "86400", "172799")                                 \
	DMARC_ROW("2001:db8::25", "2", "pass", "fail",                         \
		DMARC_FROM DMARC_AUTH(DMARC_DKIM("example.org", "pass")        \
				DMARC_SPF("example.org", "fail")))             \
	DMARC_ROW("::ffff:192.0.2.1", "3", "pass", "pass", DMARC_FROM)         \
	DMARC_END
#define TLS_REPORT                                                             \
	"{\"organization-name\":\"t\",\"report-id\":\"1\",\"policies\":[{"     \
	"\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"A.example\"}" \
	",\"summary\":{\"total-successful-session-count\":5,"                  \
	"\"total-failure-session-count\":2},\"failure-details\":[{"            \
	"\"result-type\":\"certificate-expired\",\"sending-mta-ip\":"          \
	"\"192.0.2.9\",\"receiving-ip\":\"2001:db8::1\","                      \
	"\"failed-session-count\":2}]}]}"
#define FAILURE_REPORT                                                         \
	"From: r@r.example\nMIME-Version: 1.0\nContent-Type: multipart/report" \
	"; report-type=feedback-report; boundary=b\n\n--b\n\ntext\n"           \
	"--b\nContent-Type: message/feedback-report\n\n"                       \
	"Feedback-Type: auth-failure\nUser-Agent: r/1\nVersion: 1\n"           \
	"Auth-Failure: dmarc\nReported-Domain: example.org\n"                  \
	"Source-IP: 2001:db8::66\nArrival-Date: Sat, 7 Sep 2024 10:51:00 "     \
	"+0000\n\n--b\nContent-Type: text/rfc822-headers\n\n"                  \
	"From: a@example.org\nMessage-ID: <m@example.org>\n\n--b--\n"

static struct span collected_text(const struct reported *reported)
{
	struct span text = SPAN("");
	char room[IP_TEXT_MAX];

	for (size_t i = 0; i < reported->document_count; i++) {
		const struct reported_document *document =
			&reported->documents[i];

		text = arena_print(arena, "%.*s%s %.*s%s%s|", SPAN_ARG(text),
			report_kind_word(document->kind),
			SPAN_ARG(document->file),
			document->is_repeated ? " again" : "",
			document->is_unread ? " unread" : "");
	}
	for (size_t i = 0; i < reported->source_count; i++) {
		const struct mail_source *source = reported->sources[i];

		text = arena_print(arena, "%.*s%s %llu/%llu/%llu+%llu|",
			SPAN_ARG(text), ip_print(&source->ip, room),
			(unsigned long long)source->messages,
			(unsigned long long)source->spf_aligned,
			(unsigned long long)source->dkim_aligned,
			(unsigned long long)source->failure_reports);
	}
	for (size_t i = 0; i < reported->failure_count; i++)
		text = arena_print(arena, "%.*s%.*s %s>%s %llu|",
			SPAN_ARG(text), SPAN_ARG(reported->failures[i]->domain),
			told_family_word(reported->failures[i]->sending),
			told_family_word(reported->failures[i]->receiving),
			(unsigned long long)reported->failures[i]->sessions);
	return text;
}

static struct span mail_with(const char *head, struct span attachment)
{
	return arena_print(arena,
		"From: r@r.example\n%s\nContent-Transfer-Encoding: base64\n\n"
		"%.*s\n",
		head, SPAN_ARG(base64_encode(arena, attachment)));
}

static void assert_collected(struct span file, size_t count, const char *text)
{
	struct report_collection *collection = report_collection_open();

	assert_int_equal(
		report_collection_add(collection, SPAN("f"), file), count);
	assert_span(
		collected_text(report_collection_reported(collection)), text);
	report_collection_close(collection);
}

#define SOURCES_TEXT "2001:db8::25 2/0/2+0|192.0.2.1 3/3/3+0|"

static void a_report_is_found_in_whatever_it_is_wrapped(void **state)
{
	struct span report = SPAN(REPORT_OF("1"));
	struct span zip = zip_of(arena, "x.xml", report, 1);

	(void)state;
	assert_collected(report, 1, "dmarc f|" SOURCES_TEXT);
	assert_collected(zip, 1, "dmarc f: x.xml|" SOURCES_TEXT);
	assert_collected(mail_with("Content-Type: application/zip", zip), 1,
		"dmarc f: x.xml|" SOURCES_TEXT);
	assert_collected(mail_with("Content-Type: application/xml", report), 1,
		"dmarc f|" SOURCES_TEXT);
	assert_collected(mail_with("Content-Type: text/xml", report), 1,
		"dmarc f|" SOURCES_TEXT);
	/* wrapped in itself, but not for ever */
	zip = zip_of(arena, "y.zip", zip, 1);
	assert_collected(zip, 1, "dmarc f: y.zip: x.xml|" SOURCES_TEXT);
	for (int i = 0; i < REPORT_NEST_MAX; i++)
		zip = zip_of(arena, "y.zip", zip, 1);
	assert_collected(zip, 0, "");
}

static void a_tar_is_opened_as_a_zip_is(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "d/", '5', SPAN(""));
	tar_add(&tar, "d/x.xml", '0', SPAN(REPORT_OF("1")));
	tar_add(&tar, "d/y.zip", '0',
		zip_of(arena, "y.json", SPAN(TLS_REPORT), 1));
	tar_add_end(&tar);
	assert_true(report_is_likely(tar.bytes));
	assert_collected(tar.bytes, 2,
		"dmarc f: d/x.xml|tls f: d/y.zip: y.json|" SOURCES_TEXT
		"a.example IPv4>IPv6 2|");
	assert_collected(
		mail_with("Content-Type: application/x-tar", tar.bytes), 2,
		"dmarc f: d/x.xml|tls f: d/y.zip: y.json|" SOURCES_TEXT
		"a.example IPv4>IPv6 2|");
}

static void a_report_of_tls_sessions_tells_both_families(void **state)
{
	(void)state;
	assert_collected(SPAN(TLS_REPORT), 1, "tls f|a.example IPv4>IPv6 2|");
}

static void a_failure_report_counts_apart(void **state)
{
	(void)state;
	assert_collected(SPAN(FAILURE_REPORT), 1,
		"dmarc-failure f|2001:db8::66 0/0/0+1|");
}

static void a_report_that_comes_twice_counts_once(void **state)
{
	struct report_collection *collection = report_collection_open();

	(void)state;
	assert_int_equal(report_collection_add(
				 collection, SPAN("a"), SPAN(REPORT_OF("1"))),
		1);
	assert_int_equal(report_collection_add(
				 collection, SPAN("b"), SPAN(REPORT_OF("1"))),
		1);
	assert_int_equal(report_collection_add(
				 collection, SPAN("c"), SPAN(REPORT_OF("2"))),
		1);
	assert_span(collected_text(report_collection_reported(collection)),
		"dmarc a|dmarc b again|dmarc c|2001:db8::25 4/0/4+0|"
		"192.0.2.1 6/6/6+0|");
	report_collection_close(collection);
}

static void what_holds_no_report_is_none(void **state)
{
	(void)state;
	assert_collected(SPAN(""), 0, "");
	assert_collected(SPAN("words\n"), 0, "");
	assert_collected(SPAN("<?xml version='1.0'?><html/>"), 0, "");
	assert_collected(SPAN("Subject: x\n\nPK\3\4\n"), 0, "");
	assert_collected(zip_of(arena, "x", SPAN("words"), 1), 0, "");
	assert_collected(SPAN("Feedback-Type: abuse\nVersion: 1\n"), 0, "");
}

/* A mail that says what it brings is told of, whatever it brings. */
static void a_report_that_cannot_be_read_is_told_of(void **state)
{
	(void)state;
	assert_collected(mail_with("Subject: Report Domain: a.example "
				   "Submitter: r.example\n"
				   "Content-Type: application/gzip",
				 SPAN("\x1f\x8b damaged")),
		1, "dmarc f unread|");
	assert_collected(SPAN("<feedback><"), 1, "dmarc f unread|");
}

/* ---- archives */

static enum archive_state read_all(struct span bytes, size_t *octets)
{
	struct span why = SPAN("");
	struct archive_file *file = archive_file_open(arena, bytes, &why);
	enum archive_state state = ARCHIVE_MEMBER;

	*octets = 0;
	if (!file) {
		assert_true(why.len);
		return ARCHIVE_BAD;
	}
	while (state == ARCHIVE_MEMBER) {
		struct archive_member member;

		state = archive_file_next(file, arena, &member, &why);
		*octets += member.bytes.len;
	}
	assert_true(state != ARCHIVE_BAD || why.len);
	archive_file_close(file);
	return state;
}

static void a_bomb_is_told_from_a_report(void **state)
{
	struct span zeros = { arena_take(arena, 100000), 100000 };
	size_t octets;

	(void)state;
	assert_int_equal(
		read_all(zip_of(arena, "x", zeros, 5), &octets), ARCHIVE_END);
	assert_int_equal(octets, 500000);
	assert_int_equal(
		read_all(zip_of(arena, "x", zeros, 300), &octets), ARCHIVE_BAD);
	assert_true(octets < 16u * 1024 * 1024);
}

static void an_archive_cut_anywhere_ends(void **state)
{
	struct span zip = zip_of(arena, "x.xml", SPAN(REPORT_OF("1")), 1);
	struct tar_by_hand tar = { .own = arena };
	const struct span *both[] = { &zip, &tar.bytes };
	size_t octets;

	(void)state;
	tar_add(&tar, "x.xml", '0', SPAN(REPORT_OF("1")));
	for (size_t i = 0; i < COUNT_OF(both); i++)
		for (size_t len = 0; len < both[i]->len; len++) {
			enum archive_state end = read_all(
				span_part(*both[i], 0, len), &octets);

			assert_true(end == ARCHIVE_BAD || end == ARCHIVE_END);
			assert_true(octets <= sizeof(REPORT_OF("1")));
		}
}

static struct tar_by_hand tar_of_many(unsigned count)
{
	struct tar_by_hand tar = { .own = arena };

	while (count-- > 0)
		tar_add(&tar, "a", count % 2 ? '5' : '0', SPAN(""));
	return tar;
}

static void more_files_are_read_of_what_a_user_names(void **state)
{
	struct span bytes = tar_of_many(ARCHIVE_FILES_MAX + 1).bytes, why;
	enum archive_state got = ARCHIVE_MEMBER;
	struct archive_member member;
	struct archive_file *file;
	size_t octets;

	(void)state;
	assert_int_equal(
		read_all(tar_of_many(ARCHIVE_FILES_MAX).bytes, &octets),
		ARCHIVE_END);
	assert_int_equal(read_all(bytes, &octets), ARCHIVE_BAD);
	file = archive_file_open(arena, bytes, &why);
	archive_file_is_wanted(file);
	while (got == ARCHIVE_MEMBER)
		got = archive_file_enter(file, arena, &member, &why);
	assert_int_equal(got, ARCHIVE_END);
	archive_file_close(file);
}

/* What is not read of one is passed over. */
static void a_member_tells_its_name_size_and_time(void **state)
{
	struct span zip = zip_of(arena, "d/a.log", SPAN("text"), 1), why;
	struct tar_by_hand tar = { .own = arena };
	const struct span *both[] = { &zip, &tar.bytes };

	(void)state;
	tar_add(&tar, "d/a.log", '0', SPAN("text"));
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		struct archive_file *file = archive_file_open(
			arena, *both[i], &why);
		struct archive_member member;

		assert_int_equal(archive_file_enter(file, arena, &member, &why),
			ARCHIVE_MEMBER);
		assert_span(member.name, "d/a.log");
		assert_int_equal(member.size, 4);
		assert_int_equal(member.written_ms, i ? 1739178656000 : 0);
		assert_int_equal(archive_file_enter(file, arena, &member, &why),
			ARCHIVE_END);
		archive_file_close(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_found_in_whatever_it_is_wrapped),
		cmocka_unit_test(a_tar_is_opened_as_a_zip_is),
		cmocka_unit_test(a_report_of_tls_sessions_tells_both_families),
		cmocka_unit_test(a_failure_report_counts_apart),
		cmocka_unit_test(a_report_that_comes_twice_counts_once),
		cmocka_unit_test(what_holds_no_report_is_none),
		cmocka_unit_test(a_report_that_cannot_be_read_is_told_of),
		cmocka_unit_test(a_bomb_is_told_from_a_report),
		cmocka_unit_test(an_archive_cut_anywhere_ends),
		cmocka_unit_test(more_files_are_read_of_what_a_user_names),
		cmocka_unit_test(a_member_tells_its_name_size_and_time),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
