#include "reports/inbound/report_gather.h"

/* NULL: there are too many. */
static struct tls_total *total_at(struct report_gather *gather,
	struct arena *scratch, const struct tls_report_policy *policy)
{
	struct reported *reported = &gather->reported;
	struct span domain = arena_copy_lower(scratch, policy->domain);
	void **place = key_table_at(&gather->tls,
		arena_print(scratch, "%.*s\n%.*s", SPAN_ARG(domain),
			SPAN_ARG(policy->type)));
	struct tls_total *total = *place;

	if (total || reported->tls_count >= TLS_TOTALS_MAX)
		return total;
	total = *place = arena_new(gather->arena, struct tls_total);
	total->domain = arena_copy(gather->arena, domain);
	total->policy = arena_copy(gather->arena, policy->type);
	reported->tls = arena_grow(gather->arena, reported->tls,
		reported->tls_count, &reported->tls_room,
		sizeof(struct tls_total *));
	reported->tls[reported->tls_count++] = total;
	return total;
}

static enum told_family told(bool has_ip, const struct ip *ip)
{
	if (!has_ip)
		return TOLD_NOTHING;
	return ip->family == FAMILY_IPV6 ? TOLD_IPV6 : TOLD_IPV4;
}

static struct span failure_key(struct arena *scratch,
	const struct tls_total *total, const struct tls_report_detail *detail)
{
	return arena_print(scratch, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%d %d",
		SPAN_ARG(total->domain), SPAN_ARG(total->policy),
		SPAN_ARG(detail->result), SPAN_ARG(detail->reason),
		SPAN_ARG(arena_copy_lower(scratch, detail->mx_host)),
		(int)told(detail->has_sending, &detail->sending),
		(int)told(detail->has_receiving, &detail->receiving));
}

static struct tls_failure *failure_new(struct report_gather *gather,
	const struct tls_total *total, const struct tls_report_detail *detail)
{
	struct tls_failure *failure = arena_new(
		gather->arena, struct tls_failure);
	struct reported *reported = &gather->reported;

	*failure = (struct tls_failure){ .domain = total->domain,
		.policy = total->policy,
		.result = arena_copy(gather->arena, detail->result),
		.reason = arena_copy(gather->arena, detail->reason),
		.mx_host = arena_copy_lower(gather->arena, detail->mx_host),
		.sending = told(detail->has_sending, &detail->sending),
		.receiving = told(detail->has_receiving, &detail->receiving),
		.sending_ip = detail->sending,
		.receiving_ip = detail->receiving };
	reported->failures = arena_grow(gather->arena, reported->failures,
		reported->failure_count, &reported->failure_room,
		sizeof(struct tls_failure *));
	reported->failures[reported->failure_count++] = failure;
	return failure;
}

static void add_detail(struct report_gather *gather, struct arena *scratch,
	const struct tls_total *total, const struct tls_report_detail *detail)
{
	struct span key = failure_key(scratch, total, detail);
	struct tls_failure *failure = key_table_find(&gather->failures, key);

	if (!failure && gather->reported.failure_count >= TLS_TOTALS_MAX) {
		gather->reported.failures_over += detail->sessions;
		return;
	}
	if (!failure) {
		failure = failure_new(gather, total, detail);
		*key_table_at(&gather->failures, key) = failure;
	}
	failure->sessions += detail->sessions;
}

static void add_policy(struct report_gather *gather,
	const struct tls_report_policy *policy,
	const struct reported_document *document)
{
	struct arena *scratch = arena_open();
	struct tls_total *total = total_at(gather, scratch, policy);

	if (!total)
		gather->reported.failures_over += policy->failures;
	for (size_t i = 0; total && i < policy->detail_count; i++)
		add_detail(gather, scratch, total, &policy->details[i]);
	arena_close(scratch);
	if (!total)
		return;
	total->successes += policy->successes;
	total->failures += policy->failures;
	report_gather_name(gather->arena, &total->reporters, document->reporter,
		policy->failures);
}

void report_gather_tls(struct report_gather *gather,
	const struct tls_report *report, struct reported_document *document)
{
	document->reporter = report->organization.len ? report->organization
						      : report->contact;
	document->report_id = report->report_id;
	document->domain = report->policy_count ? report->policies[0].domain
						: SPAN("");
	document->begin_s = report->begin_s;
	document->end_s = report->end_s;
	document->trouble = report->trouble;
	for (size_t i = 0; i < report->policy_count; i++)
		document->messages += report->policies[i].successes +
				      report->policies[i].failures;
	report_gather_note(gather, document);
	for (size_t i = 0; i < report->policy_count && !document->is_repeated;
		i++)
		add_policy(gather, &report->policies[i], document);
}
