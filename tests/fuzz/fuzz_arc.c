/*
 * A message with ARC sets: read whole and in pieces the chain is the same, a
 * result has its reason, and a set that we add to a chain that can be sealed
 * makes a chain that passes.  Every key that is asked for is the same one,
 * which the seeds were sealed with.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/policy/arc_seal.h"
#include "tests/fuzz/must.h"

#define ARC_FUZZ_SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct arc_room {
	struct arena *arena;
	struct dkim_keys *keys;
	struct dkim_secret *secret;
	struct answer key;
};

static void arc_settle(struct answers *answers, const struct answer *answer)
{
	struct question *question = answers_open_question(answers);

	for (; question; question = question_next_open(question))
		question_settle(question, answer);
}

static void arc_run(struct arc_room *room, const struct dkim_message *message,
	struct arc_chain *chain)
{
	const struct dkim_query query = { room->arena,
		answers_open(room->arena), room->keys, 1700000000 };
	int rounds = 0;

	while (arc_check(&query, message, chain) == ARC_OPEN) {
		MUST(++rounds == 1);
		MUST(answers_open_question(query.answers) != NULL);
		arc_settle(query.answers, &room->key);
	}
}

static const struct dkim_message *arc_read_cut(
	struct arena *arena, struct span text, size_t piece)
{
	struct dkim_reader *reader = dkim_reader_open(arena);

	for (size_t at = 0; at < text.len; at += piece)
		dkim_reader_take(reader, span_part(text, at, piece));
	return dkim_reader_end(reader);
}

static void arc_check_set(const struct arc_chain *chain, size_t i)
{
	const struct arc_set *set = &chain->sets[i];

	MUST(set->instance == i + 1);
	if (!set->is_checked)
		return;
	MUST(set->results_field && set->message_signature && set->seal);
	MUST(set->seal_check.result != DKIM_OPEN);
	MUST(set->message_check.result != DKIM_OPEN);
	if (chain->result == ARC_PASS) {
		MUST(set->seal_check.result == DKIM_PASS);
		MUST(set->cv == (i ? ARC_CV_PASS : ARC_CV_NONE));
	}
}

static void arc_check_claims(const struct arc_chain *chain)
{
	MUST(chain->count <= ARC_INSTANCE_MAX);
	MUST((chain->result == ARC_FAIL) == (chain->fault != ARC_SOUND));
	MUST((chain->result == ARC_FAIL) == (chain->why.len > 0));
	MUST(chain->result != ARC_TEMPERROR);
	MUST(chain->oldest_pass <= chain->count);
	MUST(chain->fault_instance <= ARC_INSTANCE_MAX);
	for (size_t i = 0; i < chain->count; i++)
		arc_check_set(chain, i);
}

/* Lines that a field put on top would change, or that are no field. */
static bool arc_is_odd(const struct dkim_message *message)
{
	return message->header.oddities &
	       (HEADER_MBOX_FROM | HEADER_NOT_A_FIELD | HEADER_TOO_LARGE);
}

static void arc_check_seal(struct arc_room *room, struct span text,
	const struct dkim_message *message, const struct arc_chain *before)
{
	const struct arc_sealing sealing = { .secret = room->secret,
		.domain = SPAN("a.example"),
		.selector = SPAN("s"),
		.authserv_id = SPAN("a.example"),
		.results = arc_results_of(
			room->arena, &message->header, SPAN("a.example")),
		.header_canon = CANON_RELAXED,
		.body_canon = CANON_SIMPLE };
	struct arc_chain after;
	struct span fields;
	const char *why;
	char *all;

	if (arc_seal(room->arena, &sealing, text, before, &fields, &why) !=
		ARC_SEALED) {
		MUST(why != NULL && fields.len == 0);
		return;
	}
	all = arena_take(room->arena, fields.len + text.len);
	memcpy(all, fields.at, fields.len);
	if (text.len)
		memcpy(all + fields.len, text.at, text.len);
	arc_run(room,
		dkim_message_of(room->arena,
			(struct span){ all, fields.len + text.len }),
		&after);
	if (before->result != ARC_FAIL && !arc_is_odd(message)) {
		MUST(after.result == ARC_PASS);
		MUST(after.count == before->count + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size };
	struct arc_room room = { .arena = arena_open(),
		.keys = dkim_keys_open() };
	struct arc_chain whole, cut;
	struct span record;
	size_t sum = 0;
	const char *why;

	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	room.secret = dkim_secret_open(SPAN(ARC_FUZZ_SEED), &why);
	record = dkim_secret_record(room.arena, room.secret);
	room.key = (struct answer){
		.kind = ANSWER_DATA, .values = &record, .value_count = 1
	};
	arc_run(&room, dkim_message_of(room.arena, text), &whole);
	arc_run(&room, arc_read_cut(room.arena, text, 1 + sum % 61), &cut);
	arc_check_claims(&whole);
	MUST(whole.result == cut.result);
	MUST(whole.fault == cut.fault);
	MUST(whole.fault_instance == cut.fault_instance);
	MUST(whole.count == cut.count);
	MUST(whole.oldest_pass == cut.oldest_pass);
	arc_check_seal(&room, text, dkim_message_of(room.arena, text), &whole);
	dkim_secret_close(room.secret);
	dkim_keys_close(room.keys);
	arena_close(room.arena);
	return 0;
}
