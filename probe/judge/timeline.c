#include "probe/judge/timeline.h"

#include <stdlib.h>

#include "probe/judge/delivery_evidence.h"
#include "probe/judge/delivery_words.h"

const char *timeline_kind_word(enum timeline_kind kind)
{
	switch (kind) {
	case TIMELINE_ATTEMPT:
		return "attempt";
	case TIMELINE_FIRST:
		return "first";
	case TIMELINE_SINCE:
		return "since";
	case TIMELINE_UNTIL:
		return "until";
	case TIMELINE_NEXT:
		return "next-try";
	case TIMELINE_LAST:
		return "last";
	}
	return "";
}

/* ---- attempts, while there are few */

void timeline_open(struct timeline *timeline)
{
	*timeline = (struct timeline){ .arena = arena_open() };
}

void timeline_close(struct timeline *timeline)
{
	if (timeline->arena)
		arena_close(timeline->arena);
	timeline->arena = NULL;
}

static struct span relay_text(
	struct arena *arena, const struct delivery *delivery)
{
	char room[IP_TEXT_MAX];

	if (!delivery->has_relay)
		return delivery->relay_host;
	if (!delivery->relay_host.len)
		return ip_text(arena, &delivery->relay);
	return arena_print(arena, "%.*s [%s]", SPAN_ARG(delivery->relay_host),
		ip_print(&delivery->relay, room));
}

static struct span fate_text(
	struct arena *arena, const struct delivery *delivery)
{
	const char *word = delivery_result_word(delivery->result);

	if (delivery->result == DELIVERY_UNKNOWN)
		word = "how it ended is not told";
	if (delivery->result == DELIVERY_EXPIRED)
		word = "given up: tried for too long";
	if (!delivery->has_stage || delivery->result == DELIVERY_ACCEPTED)
		return span_of(word);
	return arena_print(arena, "%s %s", word, stage_phrase(delivery->stage));
}

static struct span in_short(
	struct arena *arena, struct span text, unsigned code)
{
	struct span line = delivery_reply_text(arena, text, code);

	if (line.len <= TIMELINE_TEXT_MAX)
		return line;
	return arena_print(arena, "%.*s...",
		SPAN_ARG(span_part(line, 0, TIMELINE_TEXT_MAX)));
}

static struct span attempt_text(
	struct arena *arena, const struct delivery *delivery)
{
	struct span reply = in_short(arena, delivery->text, delivery->code);
	struct span relay = relay_text(arena, delivery);

	if (delivery->result == DELIVERY_ACCEPTED)
		reply = SPAN("");
	return arena_print(arena, "%.*s%s%.*s%s%.*s%s%.*s",
		SPAN_ARG(delivery->recipient),
		delivery->recipient.len && relay.len ? " at " : "",
		SPAN_ARG(relay),
		relay.len || delivery->recipient.len ? ": " : "",
		SPAN_ARG(fate_text(arena, delivery)), reply.len ? ": " : "",
		SPAN_ARG(reply));
}

static struct span spots_text(
	struct arena *arena, const struct joined_delivery *joined)
{
	struct delivery_spot spot = { .witness_count = joined->witness_count };

	memcpy(spot.witnesses, joined->witnesses, sizeof(spot.witnesses));
	/* A copy in any case: the name of a lone mail is the reader's. */
	return arena_copy(arena, delivery_spot_text(arena, &spot));
}

void timeline_add(struct timeline *timeline, const struct codebook *codebook,
	const struct joined_delivery *joined,
	const struct delivery_place *place)
{
	const struct delivery *delivery = &joined->delivery;
	struct timeline_entry *entry;
	struct arena *arena = timeline->arena;

	timeline->given++;
	if (!arena)
		return;
	if (timeline->count == TIMELINE_ATTEMPTS_MAX) {
		timeline_close(timeline);
		timeline->attempts = NULL;
		timeline->count = 0;
		return;
	}
	timeline->attempts = arena_grow(arena, timeline->attempts,
		timeline->count, &timeline->room, sizeof(*timeline->attempts));
	entry = &timeline->attempts[timeline->count++];
	*entry = (struct timeline_entry){ .kind = TIMELINE_ATTEMPT,
		.has_time = delivery->has_time,
		.time_ms = delivery->time_ms,
		.has_family = delivery->has_family,
		.family = delivery->family };
	entry->destination = arena_copy(
		arena, delivery_destination_text(codebook, place->row));
	entry->text = arena_copy(arena, attempt_text(arena, delivery));
	entry->spot = spots_text(arena, joined);
}

/* ---- what stands out among many */

static struct timeline_entry *new_entry(struct arena *arena,
	struct timeline_entries *entries, enum timeline_kind kind,
	int64_t time_ms)
{
	struct timeline_entry *entry;

	if (entries->count == TIMELINE_ENTRIES_MAX) {
		entries->left_out++;
		return NULL;
	}
	entries->at = arena_grow(arena, entries->at, entries->count,
		&entries->room, sizeof(*entries->at));
	entry = &entries->at[entries->count++];
	*entry = (struct timeline_entry){
		.kind = kind, .has_time = true, .time_ms = time_ms
	};
	return entry;
}

static void tell(struct timeline_entry *entry,
	const struct delivery_finding *told, struct span text, struct span spot)
{
	const struct delivery_row *row = told->contrast.row;

	if (!entry)
		return;
	entry->has_family = row->has_family;
	entry->family = row->family;
	entry->destination = told->destination;
	entry->text = text;
	entry->spot = spot;
}

static struct span name_of(const struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;

	return cause->fault != PATH_NO_FAULT
		       ? span_of(path_fault_phrase(cause->fault))
		       : told->finding.id;
}

static void tell_first(struct arena *arena, struct timeline_entries *entries,
	const struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;
	bool is_lone = delivery_cause_total(cause) == 1;

	if (!cause->first.has_time)
		return;
	tell(new_entry(arena, entries, TIMELINE_FIRST, cause->first.time_ms),
		told,
		arena_print(arena, "%s%s: %.*s%s%.*s", is_lone ? "" : "first ",
			delivery_fate_word(cause), SPAN_ARG(name_of(told)),
			cause->text.len ? ": " : "",
			SPAN_ARG(in_short(arena, cause->text, cause->code))),
		delivery_spot_text(arena, &cause->first));
}

static void tell_last(struct arena *arena, struct timeline_entries *entries,
	const struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;

	if (!cause->seen.has_time || delivery_cause_total(cause) == 1 ||
		cause->seen.last_ms == cause->first.time_ms)
		return;
	tell(new_entry(arena, entries, TIMELINE_LAST, cause->seen.last_ms),
		told,
		arena_print(arena, "last %s of %.*s: %.*s",
			delivery_fate_word(cause),
			SPAN_ARG(delivery_count_text(
				arena, delivery_cause_total(cause))),
			SPAN_ARG(name_of(told))),
		SPAN(""));
}

static void tell_change(struct arena *arena, struct timeline_entries *entries,
	const struct delivery_finding *told)
{
	const struct change_point *change = &told->contrast.change;
	struct span before, during, after;

	if (!told->contrast.has_change)
		return;
	before = delivery_share_text(arena, change->before);
	during = delivery_share_text(arena, change->during);
	after = delivery_share_text(arena, change->after);
	tell(new_entry(arena, entries, TIMELINE_SINCE, change->since_ms), told,
		arena_print(arena, "from here on %.*s fail; %.*s failed before",
			SPAN_ARG(during), SPAN_ARG(before)),
		SPAN(""));
	if (change->has_until)
		tell(new_entry(
			     arena, entries, TIMELINE_UNTIL, change->until_ms),
			told,
			arena_print(arena, "up to here; %.*s fail afterwards",
				SPAN_ARG(after)),
			SPAN(""));
}

static void tell_next(struct arena *arena, struct timeline_entries *entries,
	const struct delivery_finding *told)
{
	const struct delivery_row *row = told->contrast.row;
	const struct next_tries *tries = told->contrast.cause->next_tries;
	struct span where;

	if (!tries->has_example)
		return;
	where = arena_print(arena, "over %s",
		family_word(delivery_other_family(row->family)));
	if (!tries->example_is_other_family)
		where = tries->example_is_same_host ? SPAN("at the same host")
						    : SPAN("at another host");
	tell(new_entry(arena, entries, TIMELINE_NEXT, tries->example_ms), told,
		arena_print(arena, "then %.*s: accepted after %.*s",
			SPAN_ARG(where),
			SPAN_ARG(delivery_wait_text(
				arena, tries->example_wait_ms))),
		SPAN(""));
}

static void add_telling(struct arena *arena,
	const struct delivery_findings *findings, size_t place, bool is_short,
	struct timeline_entries *entries)
{
	const struct delivery_finding *told = &findings->at[place];

	tell_change(arena, entries, told);
	if (is_short)
		return;
	tell_first(arena, entries, told);
	tell_next(arena, entries, told);
	tell_last(arena, entries, told);
}

/* ---- the whole */

static int by_time(const void *a, const void *b)
{
	const struct timeline_entry *left = a, *right = b;

	if (left->has_time != right->has_time)
		return left->has_time ? -1 : 1;
	if (left->has_time && left->time_ms != right->time_ms)
		return left->time_ms < right->time_ms ? -1 : 1;
	return left->place < right->place ? -1 : 1;
}

static void add_attempts(struct arena *arena, const struct timeline *timeline,
	struct timeline_entries *entries)
{
	for (size_t i = 0; i < timeline->count; i++) {
		entries->at = arena_grow(arena, entries->at, entries->count,
			&entries->room, sizeof(*entries->at));
		entries->at[entries->count++] = timeline->attempts[i];
	}
}

static void rank_all(struct timeline_entries *entries, size_t attempts)
{
	size_t telling = entries->count - attempts;

	for (size_t i = 0; i < entries->count; i++) {
		entries->at[i].place = i;
		entries->at[i].rank = i < attempts ? telling + i : i - attempts;
	}
}

void timeline_make(struct arena *arena, const struct timeline *timeline,
	const struct delivery_findings *findings,
	struct timeline_entries *entries)
{
	*entries = (struct timeline_entries){ .count = 0 };
	entries->has_attempts = timeline->arena != NULL;
	if (entries->has_attempts)
		add_attempts(arena, timeline, entries);
	for (size_t i = 0; i < findings->count; i++)
		add_telling(arena, findings, i, entries->has_attempts, entries);
	rank_all(entries, entries->has_attempts ? timeline->count : 0);
	if (entries->count)
		qsort(entries->at, entries->count, sizeof(*entries->at),
			by_time);
}
