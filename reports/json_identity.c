#include "reports/json_identity.h"

/* ---- SPF */

static void put_path(struct json_writer *json, const struct spf_check *check)
{
	writer_key(json, "path");
	writer_begin_array(json);
	for (size_t i = 0; i < check->path_count; i++)
		writer_string(json, check->path[i]);
	writer_end_array(json);
}

static void put_voids(struct json_writer *json, const struct spf_check *check)
{
	writer_key(json, "void_lookups");
	writer_begin_array(json);
	for (size_t i = 0; i < check->void_count && i < SPF_VOIDS_MAX + 1;
		i++) {
		const struct spf_void *one = &check->voids[i];

		writer_begin_object(json);
		writer_put(json, "name", one->name);
		writer_put_word(json, "type", rr_type_word(one->type));
		writer_put(json, "term", one->term);
		writer_put(json, "domain", one->domain);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_spf(struct json_writer *json, const struct identity *identity)
{
	const struct spf_check *check = &identity->spf;

	if (!identity->has_spf || check->result == SPF_OPEN) {
		writer_put_nothing(json, "spf");
		return;
	}
	writer_key(json, "spf");
	writer_begin_object(json);
	writer_put_word(json, "result", spf_result_word(check->result));
	writer_put(json, "domain", check->domain);
	writer_put_maybe(json, "record", check->record);
	writer_put_maybe(json, "term", check->term);
	writer_put_maybe(json, "term_domain", check->term_domain);
	put_path(json, check);
	writer_put_count(json, "lookups", check->lookups);
	put_voids(json, check);
	writer_put_maybe(json, "explanation", check->explanation);
	writer_put_maybe(json, "why", check->why);
	writer_end_object(json);
}

/* ---- DKIM */

void json_dkim_members(struct json_writer *json, const struct dkim_check *check)
{
	const struct dkim_signature *signature = check->signature;

	writer_put_word(json, "result", dkim_result_word(check->result));
	writer_put(json, "domain", signature->domain);
	writer_put(json, "selector", signature->selector);
	writer_put_word(
		json, "algorithm", dkim_algorithm_word(signature->algorithm));
	writer_put_count(json, "key_bits", check->key_bits);
	writer_put_claim(json, "testing", check->is_testing);
	writer_put_maybe(json, "why", check->why);
}

static void put_dkim(struct json_writer *json, const struct identity *identity)
{
	const struct dkim_checks *checks = &identity->dkim;

	if (!identity->message || checks->result == DKIM_OPEN) {
		writer_put_nothing(json, "dkim");
		return;
	}
	writer_key(json, "dkim");
	writer_begin_object(json);
	writer_put_word(json, "result", dkim_result_word(checks->result));
	writer_key(json, "signatures");
	writer_begin_array(json);
	for (size_t i = 0; i < checks->count; i++) {
		writer_begin_object(json);
		json_dkim_members(json, &checks->checks[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_end_object(json);
}

/* ---- DMARC */

static void put_record(
	struct json_writer *json, const struct dmarc_check *check)
{
	writer_put_maybe(json, "record_domain", check->record_domain);
	writer_put_maybe(
		json, "record", check->record ? check->record->text : SPAN(""));
	if (check->record)
		writer_put_word(
			json, "policy", dmarc_policy_word(check->published));
	else
		writer_put_nothing(json, "policy");
}

void json_dmarc(struct json_writer *json, const char *key,
	const struct dmarc_check *check)
{
	writer_key(json, key);
	writer_begin_object(json);
	writer_put_word(json, "result", dmarc_result_word(check->result));
	writer_put(json, "from", check->from_domain);
	writer_put_maybe(json, "org_domain", check->org_domain);
	put_record(json, check);
	writer_put_word(
		json, "disposition", dmarc_policy_word(check->disposition));
	writer_put_claim(json, "spf_aligned", check->passed_by_spf);
	writer_put_claim(json, "dkim_aligned", check->passed_by_dkim);
	writer_put_maybe(json, "why", check->why);
	writer_end_object(json);
}

void json_identity(struct json_writer *json, const struct visit *visit)
{
	static const struct identity none;
	const struct identity *identity = visit->identity ? visit->identity
							  : &none;

	writer_begin_object(json);
	writer_put_word(json, "fcrdns", fcrdns_word(visit->fcrdns));
	writer_put_maybe(json, "ptr", visit->ptr_name);
	put_spf(json, identity);
	put_dkim(json, identity);
	if (identity->has_dmarc && identity->dmarc.result != DMARC_OPEN)
		json_dmarc(json, "dmarc", &identity->dmarc);
	else
		writer_put_nothing(json, "dmarc");
	writer_end_object(json);
}
