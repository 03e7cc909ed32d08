#include "reports/explain_incident_json.h"

#include "reports/explain_json.h"
#include "reports/json_member.h"

/* ---- findings */

static void put_spot(struct json_writer *json, struct arena *arena,
	const struct delivery_spot *spot)
{
	writer_key(json, "first");
	writer_begin_object(json);
	json_put_time(json, arena, "time", spot->has_time, spot->time_ms);
	explain_json_witnesses(json, spot->witnesses, spot->witness_count);
	writer_end_object(json);
}

static void put_judgement(
	struct json_writer *json, const struct delivery_finding *told)
{
	const struct finding *finding = &told->finding;

	writer_put(json, "id", finding->id);
	writer_put_maybe(json, "policy", finding->policy);
	writer_put_word(json, "severity", severity_word(finding->severity));
	writer_put_word(json, "blame", blame_word(finding->blame));
	writer_put_word(
		json, "confidence", confidence_word(finding->confidence));
	json_put_family(json, finding->has_family, finding->family);
	if (told->has_stage)
		writer_put_word(json, "stage", stage_word(finding->stage));
	else
		writer_put_nothing(json, "stage");
	writer_put_word(json, "comparison",
		delivery_parted_word(told->contrast.parted));
	writer_put_claim(json, "lost", told->is_lost);
}

static void put_member(
	struct json_writer *json, const struct delivery_member *member)
{
	writer_begin_object(json);
	writer_put(json, "destination", member->row->destination);
	json_put_family(json, member->row->has_family, member->row->family);
	writer_put_count(json, "failed", delivery_cause_total(member->cause));
	writer_put_count(json, "tried", delivery_row_told(member->row));
	writer_end_object(json);
}

static void put_crowd(
	struct json_writer *json, const struct delivery_crowd *crowd)
{
	const struct delivery_member *largest[DELIVERY_CROWD_NAMED];
	size_t count;

	if (!crowd) {
		writer_put_nothing(json, "crowd");
		return;
	}
	count = delivery_crowd_largest(crowd, largest);
	writer_key(json, "crowd");
	writer_begin_object(json);
	writer_put_count(json, "destinations", crowd->destinations);
	writer_put_claim(json, "and_others", crowd->has_others);
	writer_key(json, "largest");
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++)
		put_member(json, largest[i]);
	writer_end_array(json);
	writer_end_object(json);
}

static void put_finding(struct json_writer *json, struct arena *arena,
	const struct delivery_finding *told)
{
	const struct finding *finding = &told->finding;
	const struct delivery_contrast *contrast = &told->contrast;

	put_judgement(json, told);
	writer_put_maybe(json, "destination",
		told->crowd ? SPAN("") : contrast->row->destination);
	put_crowd(json, told->crowd);
	writer_put_maybe(json, "fault",
		contrast->cause->fault == PATH_NO_FAULT
			? SPAN("")
			: span_of(path_fault_word(contrast->cause->fault)));
	explain_json_share(json, "share", contrast->share);
	explain_json_share(json, "other_family", contrast->other_share);
	explain_json_share(json, "other_family_elsewhere", contrast->elsewhere);
	explain_json_change(
		json, arena, contrast->has_change ? &contrast->change : NULL);
	put_spot(json, arena, &contrast->cause->first);
	writer_put(json, "title", finding->title);
	writer_put_maybe(json, "meaning", finding->meaning);
	json_put_evidence(json, "for", finding->for_it, finding->for_count);
	json_put_evidence(
		json, "against", finding->against, finding->against_count);
	writer_put_maybe(json, "next", told->next);
	writer_put_maybe(json, "remedy", finding->remedy);
	writer_put_maybe(json, "reference", finding->reference);
	writer_put_maybe(json, "command", told->command);
}

/* ---- the rest */

static void put_entry(struct json_writer *json, struct arena *arena,
	const struct timeline_entry *entry)
{
	json_put_time(json, arena, "time", entry->has_time, entry->time_ms);
	writer_put_word(json, "what", timeline_kind_word(entry->kind));
	json_put_family(json, entry->has_family, entry->family);
	writer_put(json, "destination", entry->destination);
	writer_put(json, "text", entry->text);
	writer_put_maybe(json, "where", entry->spot);
}

static void put_cell(struct json_writer *json, struct arena *arena,
	const struct volume_cell *cell)
{
	uint64_t limit = volume_limit(cell->receiver);

	writer_put_word(json, "receiver", volume_receiver_word(cell->receiver));
	writer_put(json, "domain", cell->domain);
	writer_put(json, "day", volume_day_text(arena, cell->day));
	writer_put_count(json, "accepted", cell->accepted);
	writer_put_count(json, "by_mail_from", cell->by_mail_from);
	if (limit)
		writer_put_count(json, "limit", limit);
	else
		writer_put_nothing(json, "limit");
	writer_put_claim(json, "over", volume_is_over(cell));
}

static bool is_told(const struct volume *volume, size_t place)
{
	return place < VOLUME_TOP || volume_is_near(volume->cells[place]);
}

static void put_findings(struct json_writer *json, struct arena *arena,
	const struct delivery_findings *findings)
{
	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < findings->count; i++) {
		writer_begin_object(json);
		put_finding(json, arena, &findings->at[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_put_count(json, "other_findings", findings->left_out);
}

static void put_timeline(struct json_writer *json, struct arena *arena,
	const struct timeline_entries *timeline)
{
	writer_key(json, "timeline");
	writer_begin_array(json);
	for (size_t i = 0; i < timeline->count; i++) {
		writer_begin_object(json);
		put_entry(json, arena, &timeline->at[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_volume(struct json_writer *json, struct arena *arena,
	const struct volume *volume)
{
	writer_key(json, "volume");
	writer_begin_array(json);
	for (size_t i = 0; i < volume->count; i++) {
		if (!is_told(volume, i))
			continue;
		writer_begin_object(json);
		put_cell(json, arena, volume->cells[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_limits(
	struct json_writer *json, const struct incident_judgement *judgement)
{
	writer_key(json, "limits");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->limit_count; i++) {
		writer_begin_object(json);
		writer_put_word(json, "id", judgement->limits[i].id);
		writer_put(json, "text", judgement->limits[i].text);
		writer_end_object(json);
	}
	writer_end_array(json);
}

void explain_json_incident(struct json_writer *json, struct arena *arena,
	const struct incident_judgement *judgement)
{
	const struct delivery_table *table = &judgement->incident->table;

	writer_put_count(json, "deliveries", table->total);
	writer_put_count(json, "local_deliveries", table->local);
	writer_key(json, "destinations");
	writer_begin_array(json);
	for (size_t i = 0; i < table->row_count; i++) {
		writer_begin_object(json);
		explain_json_row(json, arena, table->rows[i]);
		writer_end_object(json);
	}
	writer_end_array(json);
	put_findings(json, arena, &judgement->findings);
	put_timeline(json, arena, &judgement->timeline);
	put_volume(json, arena, &judgement->incident->volume);
	put_limits(json, judgement);
}

/* ---- lines */

static void begin_line(struct json_writer *json, const char *kind)
{
	writer_begin_object(json);
	writer_put_word(json, "kind", kind);
}

static void end_line(struct json_writer *json)
{
	writer_end_object(json);
	writer_newline(json);
}

static void write_rows(struct json_writer *json, struct arena *arena,
	const struct delivery_table *table)
{
	for (size_t i = 0; i < table->row_count; i++) {
		begin_line(json, "destination");
		explain_json_row(json, arena, table->rows[i]);
		end_line(json);
	}
}

static void write_volume(struct json_writer *json, struct arena *arena,
	const struct volume *volume)
{
	for (size_t i = 0; i < volume->count; i++) {
		if (!is_told(volume, i))
			continue;
		begin_line(json, "volume");
		put_cell(json, arena, volume->cells[i]);
		end_line(json);
	}
}

void explain_json_lines(FILE *out, struct arena *arena,
	const struct incident_judgement *judgement)
{
	struct json_writer json;

	writer_open(&json, out, false, 0);
	write_rows(&json, arena, &judgement->incident->table);
	for (size_t i = 0; i < judgement->findings.count; i++) {
		begin_line(&json, "finding");
		put_finding(&json, arena, &judgement->findings.at[i]);
		end_line(&json);
	}
	for (size_t i = 0; i < judgement->timeline.count; i++) {
		begin_line(&json, "time");
		put_entry(&json, arena, &judgement->timeline.at[i]);
		end_line(&json);
	}
	write_volume(&json, arena, &judgement->incident->volume);
	for (size_t i = 0; i < judgement->limit_count; i++) {
		begin_line(&json, "limit");
		writer_put_word(&json, "id", judgement->limits[i].id);
		writer_put(&json, "text", judgement->limits[i].text);
		end_line(&json);
	}
	writer_close(&json);
}
