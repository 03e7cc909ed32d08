#include "probe/judge/host_voices.h"

void host_voices_open(struct host_voices *voices, struct arena *arena)
{
	memset(voices, 0, sizeof(*voices));
	voices->arena = arena;
}

/* ---- what was heard */

/* FNV-1a: the hosts are bounded, so chosen names cost little. */
static unsigned bucket_of(struct span host)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < host.len; i++)
		hash = (hash ^ (unsigned char)ascii_lower(host.at[i])) *
		       16777619u;
	return hash % HOST_VOICE_BUCKETS;
}

static struct host_heard *heard_at(struct host_voices *voices, struct span host)
{
	struct host_heard **bucket = &voices->buckets[bucket_of(host)];
	struct host_heard *heard;

	for (heard = *bucket; heard; heard = heard->next)
		if (span_is_nocase(heard->host, host))
			return heard;
	if (voices->count == HOST_VOICES_MAX)
		return NULL;
	heard = arena_new(voices->arena, struct host_heard);
	heard->host = arena_copy(voices->arena, host);
	heard->next = *bucket;
	*bucket = heard;
	return voices->hosts[voices->count++] = heard;
}

static void keep(struct host_voices *voices, struct host_voice *kept,
	const struct host_voice *voice)
{
	*kept = *voice;
	kept->host = arena_copy(voices->arena, voice->host);
	kept->name = arena_copy(voices->arena, voice->name);
	kept->file = arena_copy(voices->arena, voice->file);
}

/* Most sessions repeat what the first one said. */
static bool is_own(const struct host_heard *heard,
	const struct host_speaker *speaker, struct span name)
{
	struct arena *arena;
	bool is_it;

	if (speaker->own && span_is_nocase(speaker->own_voice.name, name))
		return true;
	if (speaker->foreign &&
		span_is_nocase(speaker->foreign_voice.name, name))
		return false;
	arena = arena_open();
	is_it = voice_are_of_one(arena, heard->host, name);
	arena_close(arena);
	return is_it;
}

void host_voices_add(struct host_voices *voices, const struct host_voice *voice)
{
	struct span name = voice_name(voice->name);
	struct host_heard *heard;
	struct host_speaker *speaker;

	if (!name.len || !voice->host.len)
		return;
	heard = heard_at(voices, voice->host);
	if (!heard)
		return;
	speaker = &heard->speakers[voice->family];
	if (is_own(heard, speaker, name)) {
		if (!speaker->own++)
			keep(voices, &speaker->own_voice, voice);
	} else if (!speaker->foreign++) {
		keep(voices, &speaker->foreign_voice, voice);
	}
}

/* ---- what it means */

static enum family other_than(enum family family)
{
	return family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
}

static bool is_stranger_at(
	const struct host_heard *heard, const struct host_voice *odd)
{
	const struct host_speaker *speaker = &heard->speakers[odd->family];
	const struct host_speaker *other =
		&heard->speakers[other_than(odd->family)];

	return speaker->foreign && !speaker->own && other->own &&
	       span_is_nocase(speaker->foreign_voice.name, odd->name);
}

/* A proxy answers for everybody. */
static void weigh_others(struct arena *arena, const struct host_voices *voices,
	const struct host_voice *odd, struct voice_signs *signs)
{
	for (size_t i = 0; i < voices->count; i++) {
		const struct host_heard *heard = voices->hosts[i];

		if (!is_stranger_at(heard, odd) ||
			voice_are_of_one(arena, heard->host, odd->host))
			continue;
		voice_say(signs,
			arena_print(arena,
				"it answers in the place of %.*s too",
				SPAN_ARG(heard->host)),
			true);
		return;
	}
}

void host_voices_weigh(struct arena *arena, const struct host_voices *voices,
	const struct host_voice *odd, const struct host_voice *own,
	struct voice_signs *signs)
{
	voice_weigh(arena, odd, own, signs);
	weigh_others(arena, voices, odd, signs);
}

/* ---- how a capture's findings tell it */

struct case_of_host {
	struct arena *arena;
	const struct host_voices *voices;
	const struct host_voice *odd, *own;
};

static struct span heard_text(struct arena *arena, const struct host_voice *of)
{
	return arena_print(arena,
		"%.*s%sframe %llu: over %s it calls itself %.*s",
		SPAN_ARG(of->file), of->file.len ? " " : "",
		(unsigned long long)of->frame, family_word(of->family),
		SPAN_ARG(of->name));
}

static void put_clauses(const struct case_of_host *one,
	const struct voice_signs *signs, struct finding *finding)
{
	struct arena *arena = one->arena;
	struct evidence *for_it = arena_take(
		arena, (signs->count + 2) * sizeof(*for_it));
	struct evidence *against = arena_new(arena, struct evidence);

	for_it[0].text = heard_text(arena, one->odd);
	for_it[1].text = heard_text(arena, one->own);
	for (size_t i = 0; i < signs->count; i++)
		for_it[2 + i].text = signs->at[i];
	against->text = voice_doubt();
	finding->for_it = for_it;
	finding->for_count = signs->count + 2;
	finding->against = against;
	finding->against_count = 1;
}

static void put_finding(const struct case_of_host *one, struct finding *finding)
{
	const struct finding_kind *kind = &voice_intercepted;
	struct voice_signs signs = { .count = 0 };

	host_voices_weigh(one->arena, one->voices, one->odd, one->own, &signs);
	*finding = (struct finding){
		.id = span_of(kind->id),
		.severity = kind->severity,
		.blame = kind->blame,
		.confidence = signs.is_likely ? LIKELY : SUSPECTED,
		.has_family = true,
		.family = one->odd->family,
		.stage = STAGE_BANNER,
		.title = arena_print(one->arena,
			"%s to %.*s: another server answers in its place",
			family_word(one->odd->family),
			SPAN_ARG(one->odd->host)),
		.meaning = span_of(kind->meaning),
		.remedy = span_of(kind->remedy),
		.reference = span_of(kind->reference),
	};
	put_clauses(one, &signs, finding);
}

/* Where it is told: it is of no delivery, and of one session. */
static void put_contrast(
	const struct case_of_host *one, struct delivery_contrast *contrast)
{
	struct delivery_row *row = arena_new(one->arena, struct delivery_row);
	struct delivery_cause *cause = arena_new(
		one->arena, struct delivery_cause);

	row->destination = one->odd->host;
	row->has_family = true;
	row->family = one->odd->family;
	cause->fault = PATH_NO_FAULT;
	cause->first.has_time = one->odd->has_time;
	cause->first.time_ms = one->odd->time_ms;
	cause->first.witnesses[0] =
		(struct delivery_witness){ .kind = WITNESS_CAPTURE,
			.file = one->odd->file,
			.position = one->odd->frame };
	cause->first.witness_count = 1;
	*contrast = (struct delivery_contrast){
		.parted = PARTED_IRRELEVANT, .row = row, .cause = cause
	};
}

static void find_family(const struct case_of_host *one,
	const struct host_heard *heard, struct delivery_findings *findings)
{
	struct delivery_finding *told;

	if (findings->count >= DELIVERY_FINDINGS_MAX) {
		findings->left_out++;
		return;
	}
	findings->at = arena_grow(one->arena, findings->at, findings->count,
		&findings->room, sizeof(*findings->at));
	told = &findings->at[findings->count++];
	*told = (struct delivery_finding){ .has_stage = true,
		.destination = heard->host };
	put_finding(one, &told->finding);
	put_contrast(one, &told->contrast);
}

void host_voices_find(struct arena *arena, const struct host_voices *voices,
	struct delivery_findings *findings)
{
	for (size_t i = 0; i < voices->count; i++) {
		const struct host_heard *heard = voices->hosts[i];

		for (int j = 0; j < FAMILY_COUNT; j++) {
			enum family family = (enum family)j;
			const struct host_speaker *here =
				&heard->speakers[family];
			const struct host_speaker *there =
				&heard->speakers[other_than(family)];
			struct case_of_host one = { .arena = arena,
				.voices = voices,
				.odd = &here->foreign_voice,
				.own = &there->own_voice };

			if (here->foreign && !here->own && there->own)
				find_family(&one, heard, findings);
		}
	}
}
