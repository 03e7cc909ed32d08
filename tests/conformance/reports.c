/*
 * manifest.jsonl  file, kind -> it is read, and nothing of it is lost
 *
 * Where a line has an expect_file, that is a JSON document of the report's
 * values, and each of them that it names has to be met.
 */
#include "probe/base/file.h"
#include "reports/inbound/archive_file.h"
#include "reports/inbound/compressed_file.h"
#include "reports/inbound/dmarc_aggregate.h"
#include "reports/inbound/report_collection.h"
#include "reports/inbound/tls_report.h"
#include "tests/conformance/conformance.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

/* ---- the document in the file */

static bool unwrap(
	struct suite_question *question, struct span bytes, struct span *plain)
{
	struct archive_member member;
	struct archive_file *file;
	bool is_read;

	if (!archive_is_likely(bytes))
		return compressed_unpack(question->arena, bytes, FILE_MAX,
			plain, &question->why);
	file = archive_file_open(question->arena, bytes, &question->why);
	if (!file)
		return false;
	is_read = archive_file_next(file, question->arena, &member,
			  &question->why) == ARCHIVE_MEMBER;
	archive_file_close(file);
	*plain = member.bytes;
	return is_read;
}

/* How often a text stands in another, by another way than the reader's. */
static size_t occurrences(struct span text, struct span wanted)
{
	size_t count = 0, at;

	while ((at = span_find_nocase(text, wanted)) < text.len) {
		count++;
		text = span_part(text, at + wanted.len, text.len);
	}
	return count;
}

/* ---- the values that are expected */

static bool is_text(const json_t *expected, const char *key, struct span got)
{
	const json_t *value = json_object_get(expected, key);

	return !json_is_string(value) ||
	       span_is_nocase(got, span_of(json_string_value(value)));
}

static bool is_claim(const json_t *expected, const char *key, bool got)
{
	const json_t *value = json_object_get(expected, key);

	return !json_is_boolean(value) || json_is_true(value) == got;
}

static bool is_row(const json_t *expected, const struct dmarc_row *row)
{
	const json_t *source = json_object_get(expected, "source");
	const json_t *count = json_object_get(expected, "count");
	const json_t *alignment = json_object_get(expected, "alignment");
	const json_t *names = json_object_get(expected, "identifiers");
	const json_t *policy = json_object_get(expected, "policy_evaluated");

	return is_text(source, "ip_address", row->ip_text) &&
	       (!json_is_integer(count) ||
		       json_integer_value(count) == (json_int_t)row->count) &&
	       is_claim(alignment, "spf", row->is_spf_aligned) &&
	       is_claim(alignment, "dkim", row->is_dkim_aligned) &&
	       is_text(names, "header_from", row->header_from) &&
	       is_text(names, "envelope_from", row->envelope_from) &&
	       is_text(policy, "disposition", row->disposition);
}

static enum verdict compare_dmarc(struct suite_question *question,
	const json_t *expected, const struct dmarc_report *report)
{
	const json_t *about = json_object_get(expected, "report_metadata");
	const json_t *policy = json_object_get(expected, "policy_published");
	const json_t *records = json_object_get(expected, "records");

	if (!is_text(about, "org_name", report->org_name) ||
		!is_text(about, "report_id", report->report_id))
		return question_fail(question, "another report's metadata");
	if (!is_text(policy, "domain", report->domain) ||
		!is_text(policy, "p", report->policy))
		return question_fail(question, "another policy");
	if (!json_is_array(records))
		return VERDICT_PASS;
	if (json_array_size(records) != report->row_count)
		return question_fail(question, "%zu records, not %zu",
			report->row_count, json_array_size(records));
	for (size_t i = 0; i < report->row_count; i++)
		if (!is_row(json_array_get(records, i), &report->rows[i]))
			return question_fail(
				question, "record %zu differs", i + 1);
	return VERDICT_PASS;
}

static enum verdict compare(
	struct suite_question *question, const struct dmarc_report *report)
{
	struct span name = question_text(question, "expect_file"), bytes;
	enum verdict verdict;
	json_t *expected;

	if (!name.len)
		return VERDICT_PASS;
	if (!file_read(question->arena,
		    arena_print(question->arena, "%s/%.*s", question->folder,
			    SPAN_ARG(name))
			    .at,
		    FILE_MAX, &bytes, &question->why))
		return VERDICT_FAIL;
	expected = json_loadb(bytes.at, bytes.len, 0, NULL);
	if (!expected)
		return VERDICT_NOT_SCORED; /* it is in no form known here */
	verdict = compare_dmarc(question, expected, report);
	json_decref(expected);
	return verdict;
}

/* ---- kinds */

static enum verdict judge_dmarc(
	struct suite_question *question, struct span document)
{
	size_t records = occurrences(document, SPAN("</record>"));
	struct dmarc_report report;

	if (!dmarc_report_read(
		    question->arena, document, &report, &question->why))
		return VERDICT_FAIL;
	if (report.row_count != records)
		return question_fail(question, "%zu of %zu records",
			report.row_count, records);
	if (!report.domain.len || !report.report_id.len || !report.begin_s)
		return question_fail(question, "no domain, id or date");
	for (size_t i = 0; i < report.row_count; i++) {
		const struct dmarc_row *row = &report.rows[i];

		if (!row->has_ip || !row->count || !row->header_from.len ||
			!row->disposition.len)
			return question_fail(
				question, "record %zu lacks a value", i + 1);
	}
	return compare(question, &report);
}

static enum verdict judge_tls(
	struct suite_question *question, struct span document)
{
	size_t details = 0;
	struct tls_report report;

	if (!tls_report_read(
		    question->arena, document, &report, &question->why))
		return VERDICT_FAIL;
	for (size_t i = 0; i < report.policy_count; i++)
		details += report.policies[i].detail_count;
	if (details != occurrences(document, SPAN("\"result-type\"")))
		return question_fail(question, "%zu details", details);
	if (!report.policy_count || !report.begin_s || !report.report_id.len)
		return question_fail(question, "no policy, date or id");
	return VERDICT_PASS;
}

/* The same bytes as a user's file: one report, whatever it is packed in. */
static bool is_collected(struct suite_question *question, struct span bytes)
{
	struct report_collection *collection = report_collection_open();
	const struct reported *reported = report_collection_reported(
		collection);
	size_t count = report_collection_add(
		collection, question_text(question, "file"), bytes);
	bool is_read = count == 1 && !reported->documents[0].is_unread;

	report_collection_close(collection);
	return is_read;
}

static enum verdict judge(struct suite_question *question)
{
	struct span kind = question_text(question, "kind"), bytes, document;
	struct span path = arena_print(question->arena, "%s/%.*s",
		question->folder, SPAN_ARG(question_text(question, "file")));

	if (!file_read(question->arena, path.at, FILE_MAX, &bytes,
		    &question->why) ||
		!unwrap(question, bytes, &document))
		return VERDICT_FAIL;
	if (span_is(kind, SPAN("tlsrpt")))
		return is_collected(question, bytes)
			       ? judge_tls(question, document)
			       : question_fail(question, "not told as one");
	if (!span_starts_nocase(kind, SPAN("dmarc-aggregate")))
		return VERDICT_NOT_SCORED;
	if (!is_collected(question, bytes))
		return question_fail(question, "not told as one");
	return judge_dmarc(question, document);
}

const struct suite suite_reports = {
	.name = "reports",
	.judge = judge,
};
