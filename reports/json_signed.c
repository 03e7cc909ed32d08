#include "reports/json_signed.h"

#include "reports/json_identity.h"

static void put_change(struct json_writer *json,
	const struct preflight *preflight, const struct dkim_check *check)
{
	const struct preflight_change *change = preflight_change_of(
		preflight, check);

	writer_key(json, "change");
	if (!change) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_word(json, "of", change->is_of_body ? "body" : "header");
	if (change->found) {
		writer_put_word(json, "id", change->found->id);
		writer_put_word(
			json, "departs", departs_word(change->found->departs));
		writer_put_word(json, "section", change->found->section);
	} else {
		writer_put_nothing(json, "id");
		writer_put_nothing(json, "departs");
		writer_put_nothing(json, "section");
	}
	writer_put_count(json, "tried", change->tried);
	writer_put_maybe(json, "says", change->says);
	writer_end_object(json);
}

static void put_signature(struct json_writer *json,
	const struct preflight *preflight, const struct dkim_check *check)
{
	writer_begin_object(json);
	json_dkim_members(json, check);
	put_change(json, preflight, check);
	writer_end_object(json);
}

void json_signatures(
	struct json_writer *json, const struct preflight *preflight)
{
	writer_key(json, "signatures");
	writer_begin_array(json);
	for (size_t i = 0; i < preflight->dkim.count; i++)
		put_signature(json, preflight, &preflight->dkim.checks[i]);
	writer_end_array(json);
}

/* Fields that are missing, and checks that a broken chain does not get. */
static void put_half(struct json_writer *json,
	const struct preflight *preflight, const char *key,
	const struct dkim_check *check)
{
	writer_key(json, key);
	if (check && check->signature)
		put_signature(json, preflight, check);
	else
		writer_nothing(json);
}

static void put_set(struct json_writer *json, const struct preflight *preflight,
	const struct arc_set *set)
{
	writer_begin_object(json);
	writer_put_count(json, "instance", set->instance);
	writer_put_maybe(
		json, "sealer", set->seal ? set->seal->domain : SPAN(""));
	writer_put_word(json, "cv", arc_cv_word(set->cv));
	writer_put_maybe(json, "authserv_id", set->authserv_id);
	writer_put_maybe(json, "results", set->results);
	put_half(json, preflight, "message_signature",
		set->is_checked ? &set->message_check : NULL);
	put_half(json, preflight, "seal",
		set->is_checked ? &set->seal_check : NULL);
	writer_end_object(json);
}

void json_arc(struct json_writer *json, const struct preflight *preflight)
{
	const struct arc_chain *chain = &preflight->arc;

	writer_key(json, "arc");
	writer_begin_object(json);
	writer_put_word(json, "result", arc_result_word(chain->result));
	writer_put_word(json, "fault", arc_fault_word(chain->fault));
	writer_put_count(json, "fault_instance", chain->fault_instance);
	writer_put_maybe(json, "why", chain->why);
	writer_put_count(json, "oldest_pass", chain->oldest_pass);
	writer_key(json, "sets");
	writer_begin_array(json);
	for (size_t i = 0; i < chain->count; i++)
		put_set(json, preflight, &chain->sets[i]);
	writer_end_array(json);
	writer_end_object(json);
}
