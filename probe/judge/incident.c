#include "probe/judge/incident.h"

#include "probe/judge/delivery_reported.h"
#include "probe/judge/delivery_settle.h"

void incident_open(struct incident *incident, const struct codebook *codebook)
{
	memset(incident, 0, sizeof(*incident));
	incident->arena = arena_open();
	delivery_table_open(&incident->table, codebook);
	volume_open(&incident->volume, incident->arena);
	timeline_open(&incident->timeline);
	host_voices_open(&incident->voices, incident->arena);
}

void incident_close(struct incident *incident)
{
	timeline_close(&incident->timeline);
	delivery_table_close(&incident->table);
	arena_close(incident->arena);
}

static size_t folders_of(const struct incident *incident, struct span file)
{
	struct span folder = incident->folder;

	if (file.len <= folder.len ||
		!span_is(span_part(file, 0, folder.len), folder))
		return 0;
	return folder.len;
}

static void add(struct incident *incident, const struct joined_delivery *joined)
{
	struct delivery_place place = delivery_table_join(
		&incident->table, joined);

	if (!place.row)
		return;
	timeline_add(
		&incident->timeline, incident->table.codebook, joined, &place);
	volume_add(&incident->volume, &joined->delivery,
		place.row->is_provider ? place.row->destination : SPAN(""));
	witness_account_add(&incident->account, joined);
}

void incident_add(
	struct incident *incident, const struct joined_delivery *joined)
{
	struct joined_delivery named;

	if (!incident->folder.len) {
		add(incident, joined);
		return;
	}
	named = *joined;
	for (size_t i = 0; i < named.witness_count; i++)
		named.witnesses[i].folders = folders_of(
			incident, named.witnesses[i].file);
	add(incident, &named);
}

const struct incident_judgement *incident_judge(
	struct arena *arena, struct incident *incident)
{
	struct incident_judgement *judgement = arena_new(
		arena, struct incident_judgement);

	delivery_table_settle(&incident->table);
	delivery_table_sort(&incident->table);
	volume_sort(&incident->volume);
	judgement->incident = incident;
	incident->table.has_hidden = incident->account.hidden_sessions != 0;
	delivery_findings_make(arena, &incident->table, &judgement->findings);
	if (incident->reported)
		delivery_reported_weigh(
			arena, incident->reported, &judgement->findings);
	timeline_make(arena, &incident->timeline, &judgement->findings,
		&judgement->timeline);
	host_voices_find(arena, &incident->voices, &judgement->findings);
	judgement->limit_count = witness_limits(
		&incident->account, arena, &judgement->limits);
	judgement->has_loss = incident->table.refused != 0;
	for (size_t i = 0; i < judgement->findings.count; i++)
		judgement->has_loss |= judgement->findings.at[i].is_lost;
	return judgement;
}
