#include "reports/inbound/tls_report.h"

#include <jansson.h>

#include "probe/base/escape.h"
#include "reports/inbound/log_stamp.h"

struct reading {
	struct arena *arena;
	struct tls_report *report;
	size_t details; /* of all policies */
};

/* ---- members, whatever they hold */

static struct span text_of(struct arena *arena, const json_t *value)
{
	struct span text;

	if (!json_is_string(value))
		return SPAN("");
	text = (struct span){ json_string_value(value),
		json_string_length(value) };
	return arena_copy(
		arena, span_part(span_trim(text), 0, TLS_REPORT_TEXT_MAX));
}

static struct span text_member(
	const struct reading *reading, const json_t *object, const char *key)
{
	return text_of(reading->arena, json_object_get(object, key));
}

/* 3, 3.0 and "3"; nothing below 0. */
static uint64_t count_member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	unsigned long number = 0;

	if (json_is_integer(value) && json_integer_value(value) > 0)
		return (uint64_t)json_integer_value(value);
	if (json_is_real(value) && json_real_value(value) > 0 &&
		json_real_value(value) < 1e15)
		return (uint64_t)json_real_value(value);
	if (!json_is_string(value) ||
		!span_number((struct span){ json_string_value(value),
				     json_string_length(value) },
			1000000000000000, &number))
		return 0;
	return number;
}

/* A text, or the texts of a list, a line each. */
static struct span lines_member(
	const struct reading *reading, const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key);
	struct span lines = SPAN("");

	if (!json_is_array(list))
		return text_of(reading->arena, list);
	for (size_t i = 0;
		i < json_array_size(list) && i < TLS_REPORT_LINES_MAX; i++)
		lines = arena_print(reading->arena, "%.*s%s%.*s",
			SPAN_ARG(lines), i ? "\n" : "",
			SPAN_ARG(text_of(
				reading->arena, json_array_get(list, i))));
	return lines;
}

static bool ip_member(const struct reading *reading, const json_t *object,
	const char *key, struct ip *ip)
{
	struct span text = text_member(reading, object, key);

	if (text.len && text.at[0] == '[')
		text = span_part(text, 1, span_find(text, ']') - 1);
	return ip_parse(text, ip);
}

static int64_t date_member(
	const struct reading *reading, const json_t *object, const char *key)
{
	struct span text = text_member(reading, object, key);
	struct log_stamps stamps;
	struct log_stamp stamp;

	log_stamps_init(&stamps, 0);
	if (!text.len || !log_stamp_take(&stamps, text, &stamp))
		return 0;
	return stamp.ms / 1000;
}

static void tell(struct reading *reading, const char *trouble)
{
	if (!reading->report->trouble.len)
		reading->report->trouble = span_of(trouble);
}

/* ---- the parts of a report */

static void read_detail(struct reading *reading, const json_t *object,
	struct tls_report_detail *detail)
{
	detail->result = text_member(reading, object, "result-type");
	detail->has_sending = ip_member(
		reading, object, "sending-mta-ip", &detail->sending);
	detail->has_receiving = ip_member(
		reading, object, "receiving-ip", &detail->receiving);
	detail->mx_host = text_member(reading, object, "receiving-mx-hostname");
	detail->mx_helo = text_member(reading, object, "receiving-mx-helo");
	detail->sessions = count_member(object, "failed-session-count");
	detail->reason = text_member(reading, object, "failure-reason-code");
	detail->more = text_member(reading, object, "additional-information");
	/* The first drafts and some senders until today. */
	if (!detail->more.len)
		detail->more = text_member(
			reading, object, "additional-info-uri");
}

static void read_details(struct reading *reading, const json_t *list,
	struct tls_report_policy *policy)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);

		if (!json_is_object(object))
			continue;
		if (reading->details++ >= TLS_REPORT_DETAILS_MAX) {
			tell(reading, "it has more failures than are read");
			return;
		}
		policy->details = arena_grow(reading->arena, policy->details,
			policy->detail_count, &policy->detail_room,
			sizeof(*policy->details));
		policy->details[policy->detail_count] =
			(struct tls_report_detail){ .sessions = 0 };
		read_detail(reading, object,
			&policy->details[policy->detail_count++]);
	}
}

static void read_policy(struct reading *reading, const json_t *object,
	struct tls_report_policy *policy)
{
	const json_t *about = json_object_get(object, "policy");
	const json_t *summary = json_object_get(object, "summary");

	policy->type = text_member(reading, about, "policy-type");
	policy->domain = text_member(reading, about, "policy-domain");
	policy->text = lines_member(reading, about, "policy-string");
	policy->mx_host = lines_member(reading, about, "mx-host");
	if (!policy->mx_host.len)
		policy->mx_host = lines_member(
			reading, about, "mx-host-pattern");
	policy->successes = count_member(
		summary, "total-successful-session-count");
	policy->failures = count_member(summary, "total-failure-session-count");
	read_details(
		reading, json_object_get(object, "failure-details"), policy);
}

static void read_policies(struct reading *reading, const json_t *list)
{
	struct tls_report *report = reading->report;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *object = json_array_get(list, i);

		if (!json_is_object(object))
			continue;
		if (report->policy_count >= TLS_REPORT_POLICIES_MAX) {
			tell(reading, "it has more policies than are read");
			return;
		}
		report->policies = arena_grow(reading->arena, report->policies,
			report->policy_count, &report->policy_room,
			sizeof(*report->policies));
		report->policies[report->policy_count] =
			(struct tls_report_policy){ .successes = 0 };
		read_policy(reading, object,
			&report->policies[report->policy_count++]);
	}
}

static void read_report(struct reading *reading, const json_t *root)
{
	struct tls_report *report = reading->report;
	const json_t *range = json_object_get(root, "date-range");

	report->organization = text_member(reading, root, "organization-name");
	report->contact = text_member(reading, root, "contact-info");
	report->report_id = text_member(reading, root, "report-id");
	report->begin_s = date_member(reading, range, "start-datetime");
	report->end_s = date_member(reading, range, "end-datetime");
	read_policies(reading, json_object_get(root, "policies"));
}

/* ---- the whole */

static struct span plain_start(struct span document)
{
	if (span_is(span_part(document, 0, 3), SPAN("\xef\xbb\xbf")))
		document = span_part(document, 3, document.len);
	while (document.len && ascii_is_space(document.at[0]))
		document = span_part(document, 1, document.len);
	return document;
}

/* Three octets of JSON cost a hundred times as much in memory. */
static size_t nests(struct span document)
{
	size_t count = 0;

	for (size_t i = 0; i < document.len; i++)
		count += document.at[i] == '{' || document.at[i] == '[';
	return count;
}

/* What stands behind the report is not looked at; ill-formed UTF-8, which
 * would make all of it unreadable, is replaced. */
static json_t *load(struct arena *arena, struct span document, struct span *why)
{
	json_error_t error;
	bool is_exact;
	json_t *root;

	if (nests(document) > TLS_REPORT_NESTS_MAX) {
		*why = SPAN("it has more members than any report");
		return NULL;
	}
	document = escape_utf8(arena, plain_start(document), &is_exact);
	root = json_loadb(document.len ? document.at : "", document.len,
		JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, &error);
	if (!root)
		*why = arena_print(
			arena, "line %d: %s", error.line, error.text);
	return root;
}

bool tls_report_read(struct arena *arena, struct span document,
	struct tls_report *report, struct span *why)
{
	struct reading reading = { .arena = arena, .report = report };
	bool is_report;
	json_t *root;

	*report = (struct tls_report){ .trouble = SPAN("") };
	*why = SPAN("it is larger than any report");
	if (document.len > TLS_REPORT_OCTETS_MAX)
		return false;
	root = load(arena, document, why);
	if (!root)
		return false;
	is_report = json_is_array(json_object_get(root, "policies")) ||
		    json_is_string(json_object_get(root, "report-id"));
	if (is_report)
		read_report(&reading, root);
	json_decref(root);
	*why = SPAN("it is JSON, and no report of TLS sessions");
	return is_report;
}

bool tls_report_is_likely(struct span start)
{
	start = plain_start(span_part(start, 0, 4096));
	return start.len && start.at[0] == '{' &&
	       (span_find_nocase(start, SPAN("\"organization-name\"")) <
			       start.len ||
		       span_find_nocase(start, SPAN("\"report-id\"")) <
			       start.len ||
		       span_find_nocase(start, SPAN("\"policies\"")) <
			       start.len);
}
