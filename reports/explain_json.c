#include "reports/explain_json.h"

#include "probe/base/clock.h"
#include "reports/json_visit.h"

static void put_time(struct json_writer *json, struct arena *arena,
	const char *key, bool has_time, int64_t time_ms)
{
	if (has_time)
		writer_put(json, key, clock_text(arena, time_ms));
	else
		writer_put_nothing(json, key);
}

static void put_ip(struct json_writer *json, const char *key, bool has_ip,
	const struct ip *ip)
{
	char room[IP_TEXT_MAX];

	if (has_ip)
		writer_put(json, key, span_of(ip_print(ip, room)));
	else
		writer_put_nothing(json, key);
}

static void put_family(
	struct json_writer *json, bool has_family, enum family family)
{
	if (has_family)
		writer_put_word(json, "family", json_family(family));
	else
		writer_put_nothing(json, "family");
}

static void put_number(
	struct json_writer *json, const char *key, unsigned number)
{
	if (number)
		writer_put_count(json, key, number);
	else
		writer_put_nothing(json, key);
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

static void put_reply(struct json_writer *json, struct arena *arena,
	const struct delivery *delivery)
{
	const unsigned *status = delivery->status;

	writer_put_word(json, "result", delivery_result_word(delivery->result));
	if (delivery->has_stage)
		writer_put_word(json, "stage", stage_word(delivery->stage));
	else
		writer_put_nothing(json, "stage");
	put_number(json, "code", delivery->code);
	writer_put_maybe(json, "status",
		status[0] ? arena_print(arena, "%u.%u.%u", status[0], status[1],
				    status[2])
			  : SPAN(""));
	writer_put_maybe(json, "text", delivery->text);
}

void explain_json_delivery(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook, const struct delivery *delivery)
{
	writer_put_word(json, "witness", witness_kind_word(delivery->witness));
	writer_put(json, "file", delivery->file);
	writer_put_count(json, "position", delivery->position);
	writer_put_maybe(json, "dialect", delivery->dialect);
	put_time(json, arena, "time", delivery->has_time, delivery->time_ms);
	writer_put_maybe(json, "queue_id", delivery->queue_id);
	writer_put_maybe(json, "message_id", delivery->message_id);
	if (delivery->has_sender)
		writer_put(json, "sender", delivery->sender);
	else
		writer_put_nothing(json, "sender");
	writer_put_maybe(json, "recipient", delivery->recipient);
	writer_put_maybe(json, "host", delivery->relay_host);
	put_ip(json, "address", delivery->has_relay, &delivery->relay);
	put_ip(json, "source", delivery->has_source, &delivery->source);
	put_family(json, delivery->has_family, delivery->family);
	put_reply(json, arena, delivery);
	if (delivery->result != DELIVERY_ACCEPTED)
		put_meaning(json, codebook, delivery);
}

static void put_causes(struct json_writer *json, struct arena *arena,
	const struct delivery_row *row)
{
	writer_key(json, "causes");
	writer_begin_array(json);
	for (size_t i = 0; i < row->cause_count; i++) {
		const struct delivery_cause *cause = &row->causes[i];
		const struct delivery_period *seen = &cause->seen;

		writer_begin_object(json);
		writer_put(json, "policy", cause->policy);
		writer_put_maybe(json, "codebook", cause->id);
		writer_put(json, "meaning", cause->meaning);
		writer_put_count(json, "refused", cause->refused);
		writer_put_count(json, "deferred", cause->deferred);
		put_time(json, arena, "first", seen->has_time, seen->first_ms);
		put_time(json, arena, "last", seen->has_time, seen->last_ms);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_put_count(json, "other_causes", row->other_causes);
}

void explain_json_row(struct json_writer *json, struct arena *arena,
	const struct delivery_row *row)
{
	writer_put(json, "destination", row->destination);
	writer_put_claim(json, "is_provider", row->is_provider);
	put_family(json, row->has_family, row->family);
	writer_put_count(json, "accepted", row->accepted);
	writer_put_count(json, "deferred", row->deferred);
	writer_put_count(json, "refused", row->refused);
	writer_put_count(json, "unclear", row->unknown);
	put_time(json, arena, "first", row->seen.has_time, row->seen.first_ms);
	put_time(json, arena, "last", row->seen.has_time, row->seen.last_ms);
	put_causes(json, arena, row);
}
