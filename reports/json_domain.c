#include "reports/json_domain.h"

static void put_policy(
	struct json_writer *json, const struct mta_sts_policy *policy)
{
	writer_put_word(json, "mode", mta_sts_mode_word(policy->mode));
	writer_put_count(json, "max_age", policy->max_age);
	writer_key(json, "mx");
	writer_begin_array(json);
	for (size_t i = 0; i < policy->pattern_count; i++)
		writer_string(json, policy->patterns[i]);
	writer_end_array(json);
}

static void put_sts(struct json_writer *json, const struct mta_sts *sts)
{
	if (!sts || sts->state == MTA_STS_OPEN) {
		writer_put_nothing(json, "mta_sts");
		return;
	}
	writer_key(json, "mta_sts");
	writer_begin_object(json);
	writer_put_word(json, "state", mta_sts_word(sts->state));
	writer_put_maybe(json, "id", sts->id);
	writer_put_maybe(json, "why", sts->why);
	if (sts->state == MTA_STS_FOUND)
		put_policy(json, &sts->policy);
	writer_end_object(json);
}

static void put_tls_rpt(
	struct json_writer *json, const struct tls_rpt_check *check)
{
	if (!check || check->state == TLS_RPT_OPEN) {
		writer_put_nothing(json, "tls_rpt");
		return;
	}
	writer_key(json, "tls_rpt");
	writer_begin_object(json);
	writer_put_word(json, "state", tls_rpt_word(check->state));
	writer_put_maybe(json, "why", check->why);
	writer_key(json, "rua");
	writer_begin_array(json);
	if (check->state == TLS_RPT_FOUND)
		for (size_t i = 0; i < check->record.count; i++)
			writer_string(
				json, check->record.destinations[i].text);
	writer_end_array(json);
	writer_end_object(json);
}

void json_domain_policies(struct json_writer *json,
	const struct outcome *outcome)
{
	writer_begin_object(json);
	put_sts(json, outcome->mta_sts);
	put_tls_rpt(json, outcome->tls_rpt);
	writer_end_object(json);
}
