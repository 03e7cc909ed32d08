#include "reports/explain_json.h"

#include "reports/json_member.h"

void explain_json_share(
	struct json_writer *json, const char *key, struct change_share share)
{
	writer_key(json, key);
	writer_begin_object(json);
	writer_put_count(json, "tried", share.tried);
	writer_put_count(json, "failed", share.failed);
	writer_end_object(json);
}

void explain_json_change(struct json_writer *json, struct arena *arena,
	const struct change_point *change)
{
	writer_key(json, "change");
	if (!change) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	json_put_time(
		json, arena, "since", change->has_since, change->since_ms);
	json_put_time(
		json, arena, "until", change->has_until, change->until_ms);
	explain_json_share(json, "before", change->before);
	explain_json_share(json, "during", change->during);
	explain_json_share(json, "after", change->after);
	writer_end_object(json);
}

static void put_meaning(struct json_writer *json,
	const struct codebook *codebook, const struct delivery *delivery)
{
	struct codebook_answer answer = delivery_meaning(codebook, delivery);

	writer_put(json, "policy", answer.policy);
	writer_put_maybe(
		json, "codebook", answer.row ? answer.row->id : SPAN(""));
	writer_put(json, "meaning", answer.meaning);
}

static void put_reply(struct json_writer *json, const struct delivery *delivery)
{
	const unsigned *status = delivery->status;

	writer_put_word(json, "result", delivery_result_word(delivery->result));
	if (delivery->has_stage)
		writer_put_word(json, "stage", stage_word(delivery->stage));
	else
		writer_put_nothing(json, "stage");
	json_put_number(json, "code", delivery->code);
	json_put_status(json, status);
	writer_put_maybe(json, "text", delivery->text);
	writer_put_maybe(json, "fault", delivery->fault);
}

void explain_json_delivery(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook, const struct delivery *delivery)
{
	writer_put_word(json, "witness", witness_kind_word(delivery->witness));
	writer_put(json, "file", delivery->file);
	writer_put_count(json, "position", delivery->position);
	writer_put_maybe(json, "dialect", delivery->dialect);
	json_put_time(
		json, arena, "time", delivery->has_time, delivery->time_ms);
	writer_put_maybe(json, "queue_id", delivery->queue_id);
	writer_put_maybe(json, "message_id", delivery->message_id);
	if (delivery->has_sender)
		writer_put(json, "sender", delivery->sender);
	else
		writer_put_nothing(json, "sender");
	writer_put_maybe(json, "recipient", delivery->recipient);
	writer_put_maybe(json, "host", delivery->relay_host);
	json_put_ip(
		json, "address", delivery->has_relay ? &delivery->relay : NULL);
	json_put_ip(json, "source",
		delivery->has_source ? &delivery->source : NULL);
	json_put_family(json, delivery->has_family, delivery->family);
	put_reply(json, delivery);
	if (delivery->result != DELIVERY_ACCEPTED)
		put_meaning(json, codebook, delivery);
}

void explain_json_witnesses(struct json_writer *json,
	const struct delivery_witness *witnesses, size_t count)
{
	writer_key(json, "witnesses");
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++) {
		writer_begin_object(json);
		writer_put_word(
			json, "witness", witness_kind_word(witnesses[i].kind));
		writer_put(json, "file", witnesses[i].file);
		writer_put_count(json, "position", witnesses[i].position);
		writer_put_maybe(json, "dialect", witnesses[i].dialect);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_stages(
	struct json_writer *json, const struct delivery_cause *cause)
{
	writer_key(json, "stages");
	writer_begin_object(json);
	for (int i = 0; i < STAGE_COUNT; i++)
		if (cause->stages[i])
			writer_put_count(json, stage_word((enum stage)i),
				cause->stages[i]);
	writer_end_object(json);
}

static void put_cause(struct json_writer *json, struct arena *arena,
	const struct delivery_cause *cause)
{
	const struct delivery_period *seen = &cause->seen;
	const unsigned *status = cause->status;

	writer_put(json, "policy", cause->policy);
	writer_put_maybe(json, "codebook", cause->id);
	writer_put_maybe(json, "fault",
		cause->fault == PATH_NO_FAULT
			? SPAN("")
			: span_of(path_fault_word(cause->fault)));
	writer_put(json, "meaning", cause->meaning);
	writer_put_count(json, "refused", cause->refused);
	writer_put_count(json, "deferred", cause->deferred);
	writer_put_count(json, "unclear", cause->unknown);
	put_stages(json, cause);
	json_put_number(json, "code", cause->code);
	json_put_status(json, status);
	writer_put_maybe(json, "text", cause->text);
	json_put_ip(json, "source", cause->has_source ? &cause->source : NULL);
	json_put_time(json, arena, "first", seen->has_time, seen->first_ms);
	json_put_time(json, arena, "last", seen->has_time, seen->last_ms);
	for (int i = 0; i < WITNESS_KINDS; i++)
		writer_put_count(json, witness_kind_word((enum witness_kind)i),
			cause->witnessed[i]);
	writer_put_count(json, "agreed", cause->agreed);
	explain_json_witnesses(
		json, cause->first.witnesses, cause->first.witness_count);
}

static void put_causes(struct json_writer *json, struct arena *arena,
	const struct delivery_row *row)
{
	writer_key(json, "causes");
	writer_begin_array(json);
	for (size_t i = 0; i < row->cause_count; i++) {
		writer_begin_object(json);
		put_cause(json, arena, row->causes[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_put_count(json, "other_causes", row->other_causes);
}

static void put_parties(struct json_writer *json, const char *key,
	const struct delivery_parties *parties)
{
	writer_key(json, key);
	writer_begin_array(json);
	for (size_t i = 0; i < parties->count; i++) {
		const struct delivery_party *party = &parties->at[i];

		writer_begin_object(json);
		json_put_ip(json, "address", &party->ip);
		writer_put_maybe(json, "name", party->name);
		writer_put_count(json, "accepted", party->accepted);
		writer_put_count(json, "deferred", party->deferred);
		writer_put_count(json, "refused", party->refused);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_next(struct json_writer *json, const struct next_tries *tries)
{
	writer_key(json, "next_tries");
	writer_begin_object(json);
	writer_put_count(json, "messages", tries->messages);
	writer_put_count(
		json, "accepted_over_other_family", tries->other_family);
	writer_put_count(json, "accepted_at_other_host", tries->other_host);
	writer_put_count(json, "accepted_at_same_host", tries->same_host);
	writer_put_count(json, "failed_over_both", tries->failed_both);
	writer_key(json, "first_wait_ms");
	if (tries->has_example)
		writer_whole(json, tries->example_wait_ms);
	else
		writer_nothing(json);
	writer_end_object(json);
}

void explain_json_row(struct json_writer *json, struct arena *arena,
	const struct delivery_row *row)
{
	struct next_tries tries = row->other_tries;

	for (size_t i = 0; i < row->cause_count; i++)
		next_tries_join(&tries, row->causes[i]->next_tries);

	writer_put(json, "destination", row->destination);
	writer_put_claim(json, "is_provider", row->is_provider);
	json_put_family(json, row->has_family, row->family);
	writer_put_count(json, "accepted", row->accepted);
	writer_put_count(json, "deferred", row->deferred);
	writer_put_count(json, "refused", row->refused);
	writer_put_count(json, "unclear", row->unknown);
	json_put_time(
		json, arena, "first", row->seen.has_time, row->seen.first_ms);
	json_put_time(
		json, arena, "last", row->seen.has_time, row->seen.last_ms);
	explain_json_change(json, arena, row->has_change ? &row->change : NULL);
	put_next(json, &tries);
	put_causes(json, arena, row);
	put_parties(json, "hosts", &row->hosts);
	put_parties(json, "sources", &row->sources);
}
