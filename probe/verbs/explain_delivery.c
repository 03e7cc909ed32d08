#include "probe/verbs/explain_delivery.h"

#include <inttypes.h>

#include "probe/base/note.h"
#include "reports/explain_json.h"

static void write_line(
	struct explanation *explanation, const struct joined_delivery *joined)
{
	struct arena *arena = arena_open();
	struct json_writer json;

	writer_open(&json, stdout, false, 0);
	writer_begin_object(&json);
	writer_put_word(&json, "kind", "delivery");
	explain_json_delivery(&json, arena, explanation->program->codebook,
		&joined->delivery);
	explain_json_witnesses(&json, joined->witnesses, joined->witness_count);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
	arena_close(arena);
}

static void take_joined(void *taker, const struct joined_delivery *joined)
{
	struct explanation *explanation = taker;
	const struct options *options = &explanation->program->options;

	incident_add(&explanation->incident, joined);
	explanation->has_refusal |= delivery_is_refused(&joined->delivery);
	if (options->format == FORMAT_JSONL && !options->quiet)
		write_line(explanation, joined);
}

void explain_join_open(struct explanation *explanation)
{
	struct delivery_join_orders orders = { .take = take_joined,
		.taker = explanation };

	explanation->join = delivery_join_open(&orders);
}

void explain_delivery(
	struct explanation *explanation, const struct delivery *delivery)
{
	explanation->has_told = true;
	delivery_join_add(explanation->join, delivery);
}

void explain_only_delivery(
	struct explanation *explanation, const struct delivery *delivery)
{
	explanation->has_told = true;
	delivery_join_pass(explanation->join, delivery);
}

void explain_join_close(struct explanation *explanation)
{
	delivery_join_end(explanation->join);
	explanation->not_joined =
		delivery_join_account(explanation->join)->not_kept;
	delivery_join_close(explanation->join);
	explanation->join = NULL;
	if (explanation->not_joined)
		note("%" PRIu64 " deliveries of bounces and captures were too "
		     "many to be held against the logs: they count for "
		     "themselves",
			explanation->not_joined);
}
