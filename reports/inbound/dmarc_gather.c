#include "reports/inbound/report_gather.h"

/* ---- a source */

static void add_day(struct mail_source *source, int64_t begin_s, int64_t end_s)
{
	int64_t day = begin_s / 86400;

	if (!begin_s)
		return;
	if (!source->first_s || begin_s < source->first_s)
		source->first_s = begin_s;
	if (end_s > source->last_s)
		source->last_s = end_s;
	for (size_t i = 0; i < source->day_count; i++)
		if (source->days[i] == day)
			return;
	if (source->day_count < SOURCE_DAYS_MAX)
		source->days[source->day_count++] = day;
}

/* A receiver whose one socket serves both families writes IPv4 so. */
static void unmap(struct ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ip plain = { .family = FAMILY_IPV4 };

	if (ip->family != FAMILY_IPV6 ||
		memcmp(ip->bytes, mapped, sizeof(mapped)) != 0)
		return;
	memcpy(plain.bytes, ip->bytes + sizeof(mapped), 4);
	*ip = plain;
}

/* NULL: there are too many. */
static struct mail_source *source_at(
	struct report_gather *gather, struct ip ip, struct span domain)
{
	struct reported *reported = &gather->reported;
	char key[18 + 256];
	size_t len = domain.len < 256 ? domain.len : 256;
	struct mail_source *source;
	void **place;

	unmap(&ip);
	memset(key, 0, 18);
	key[0] = (char)ip.family;
	memcpy(key + 1, ip.bytes, ip.family == FAMILY_IPV6 ? 16 : 4);
	if (len)
		memcpy(key + 18, domain.at, len);
	place = key_table_at(&gather->sources, (struct span){ key, 18 + len });
	if (*place)
		return *place;
	if (reported->source_count >= SOURCES_MAX)
		return NULL;
	source = *place = arena_new(gather->arena, struct mail_source);
	source->ip = ip;
	source->domain = arena_copy(gather->arena, domain);
	reported->sources = arena_grow(gather->arena, reported->sources,
		reported->source_count, &reported->source_room,
		sizeof(struct mail_source *));
	reported->sources[reported->source_count++] = source;
	return source;
}

/* ---- a row of an aggregate report */

static enum reported_disposition disposition_of(struct span word)
{
	if (span_is(word, SPAN("quarantine")))
		return DISPOSITION_QUARANTINE;
	if (span_is(word, SPAN("reject")))
		return DISPOSITION_REJECT;
	return DISPOSITION_NONE;
}

/* "policy_test_mode" and other words of RFC 9990 are no sign of the way that
 * the mail took. */
static enum reported_override override_of(struct span word)
{
	for (int i = 0; i < OVERRIDE_COUNT; i++)
		if (span_is(word,
			    span_of(override_word((enum reported_override)i))))
			return (enum reported_override)i;
	return OVERRIDE_OTHER;
}

static void add_reasons(struct mail_source *source, const struct dmarc_row *row)
{
	for (size_t i = 0; i < row->reason_count; i++) {
		const struct dmarc_reason *reason = &row->reasons[i];

		if (!reason->type.len && !reason->comment.len)
			continue;
		source->overrides[override_of(reason->type)] += row->count;
		if (span_find_nocase(reason->comment, SPAN("arc=pass")) <
			reason->comment.len)
			source->arc_trusted += row->count;
	}
}

static void add_spf_result(struct report_gather *gather,
	struct mail_source *source, const struct dmarc_row *row,
	const struct dmarc_auth_result *result)
{
	struct source_names *names = &source->envelope;

	if (span_is(result->scope, SPAN("helo")))
		names = &source->helo;
	if (result->domain.len &&
		(names == &source->helo || !row->envelope_from.len))
		report_gather_name(
			gather->arena, names, result->domain, row->count);
	if (span_is(result->result, SPAN("pass")))
		report_gather_name(gather->arena, &source->spf_passed,
			result->domain, row->count);
	if (span_is(result->result, SPAN("fail")) ||
		span_is(result->result, SPAN("hardfail")))
		source->spf_refused += row->count;
}

static bool has_spf_answer(const struct dmarc_row *row)
{
	for (size_t i = 0; i < row->spf_count; i++)
		if (row->spf[i].result.len &&
			!span_is(row->spf[i].result, SPAN("none")))
			return true;
	return false;
}

static void add_results(struct report_gather *gather,
	struct mail_source *source, const struct dmarc_row *row)
{
	for (size_t i = 0; i < row->spf_count; i++)
		add_spf_result(gather, source, row, &row->spf[i]);
	if (!has_spf_answer(row))
		source->spf_without += row->count;
	for (size_t i = 0; i < row->dkim_count; i++) {
		const struct dmarc_auth_result *result = &row->dkim[i];

		if (!result->domain.len ||
			span_is(result->result, SPAN("none")))
			continue;
		report_gather_name(gather->arena,
			span_is(result->result, SPAN("pass"))
				? &source->dkim_passed
				: &source->dkim_failed,
			result->domain, row->count);
	}
}

static void add_row(struct report_gather *gather, struct mail_source *source,
	const struct dmarc_row *row)
{
	source->messages += row->count;
	source->spf_aligned += row->is_spf_aligned ? row->count : 0;
	source->dkim_aligned += row->is_dkim_aligned ? row->count : 0;
	source->aligned += row->is_spf_aligned || row->is_dkim_aligned
				   ? row->count
				   : 0;
	source->dispositions[disposition_of(row->disposition)] += row->count;
	add_reasons(source, row);
	if (row->header_from.len)
		report_gather_name(gather->arena, &source->from,
			row->header_from, row->count);
	if (row->envelope_from.at)
		report_gather_name(gather->arena, &source->envelope,
			row->envelope_from, row->count);
	add_results(gather, source, row);
}

static void add_report_row(struct report_gather *gather,
	const struct dmarc_report *report, const struct dmarc_row *row,
	const struct reported_document *document)
{
	struct mail_source *source;

	if (!row->has_ip) {
		gather->reported.messages_placeless += row->count;
		return;
	}
	source = source_at(gather, row->ip,
		document->domain.len ? document->domain : row->header_from);
	if (!source) {
		gather->reported.messages_over += row->count;
		return;
	}
	add_row(gather, source, row);
	add_day(source, report->begin_s, report->end_s);
	report_gather_name(gather->arena, &source->reporters,
		document->reporter, row->count);
}

void report_gather_dmarc(struct report_gather *gather,
	const struct dmarc_report *report, struct reported_document *document)
{
	document->reporter = report->org_name.len ? report->org_name
						  : report->email;
	document->report_id = report->report_id;
	document->domain = report->domain;
	document->begin_s = report->begin_s;
	document->end_s = report->end_s;
	document->trouble = report->trouble;
	for (size_t i = 0; i < report->row_count; i++)
		document->messages += report->rows[i].count;
	report_gather_note(gather, document);
	for (size_t i = 0; i < report->row_count && !document->is_repeated; i++)
		add_report_row(gather, report, &report->rows[i], document);
}

/* ---- a failure report */

/*
 * RFC 6591 section 3.1 tells one method that failed; the other may be in
 * Authentication-Results, which says nothing of alignment.
 */
static void add_failure(struct report_gather *gather,
	struct mail_source *source, const struct feedback *feedback)
{
	size_t at = span_find(feedback->mail_from, '@');

	source->failure_reports += feedback->incidents;
	if (feedback->from_domain.len)
		report_gather_name(
			gather->arena, &source->from, feedback->from_domain, 0);
	if (at < feedback->mail_from.len)
		report_gather_name(gather->arena, &source->envelope,
			span_part(feedback->mail_from, at + 1,
				feedback->mail_from.len),
			0);
	if (feedback->dkim_domain.len)
		report_gather_name(gather->arena, &source->dkim_failed,
			feedback->dkim_domain, feedback->incidents);
	add_day(source, feedback->time_ms / 1000, feedback->time_ms / 1000);
}

void report_gather_failure(struct report_gather *gather,
	const struct feedback *feedback, struct reported_document *document)
{
	struct mail_source *source;

	document->reporter = feedback->user_agent;
	document->report_id = feedback->message_id;
	document->domain = feedback->reported_domain.len
				   ? feedback->reported_domain
				   : feedback->from_domain;
	document->begin_s = document->end_s = feedback->time_ms / 1000;
	document->messages = feedback->incidents;
	report_gather_note(gather, document);
	if (document->is_repeated || !feedback->has_source)
		return;
	source = source_at(gather, feedback->source, document->domain);
	if (source)
		add_failure(gather, source, feedback);
}
