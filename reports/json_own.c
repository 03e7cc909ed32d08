#include "reports/json_own.h"

#include "probe/base/clock.h"

static void begin(struct json_writer *json, const struct own_records *records,
	enum own_record record)
{
	const struct own_line *line = &records->lines[record];

	writer_key(json, own_record_word(record));
	writer_begin_object(json);
	writer_put_word(json, "state", own_state_word(line->state));
	writer_put(json, "says", line->says);
}

static void put_mta_sts(
	struct json_writer *json, const struct own_records *records)
{
	const struct mta_sts *sts = &records->mta_sts;
	bool is_found = sts->state == MTA_STS_FOUND;

	begin(json, records, OWN_MTA_STS);
	writer_put_word(json, "found", mta_sts_word(sts->state));
	writer_put_maybe(json, "id", sts->id);
	if (is_found)
		writer_put_word(
			json, "mode", mta_sts_mode_word(sts->policy.mode));
	else
		writer_put_nothing(json, "mode");
	writer_put_count(json, "max_age", sts->policy.max_age);
	writer_key(json, "mx");
	writer_begin_array(json);
	for (size_t i = 0; is_found && i < sts->policy.pattern_count; i++)
		writer_string(json, sts->policy.patterns[i]);
	writer_end_array(json);
	writer_put_maybe(json, "unlisted", records->unlisted);
	writer_end_object(json);
}

static void put_tls_rpt(
	struct json_writer *json, const struct own_records *records)
{
	const struct tls_rpt_check *check = &records->tls_rpt;

	begin(json, records, OWN_TLS_RPT);
	writer_put_word(json, "found", tls_rpt_word(check->state));
	writer_put_maybe(json, "record", check->record.text);
	writer_key(json, "rua");
	writer_begin_array(json);
	for (size_t i = 0;
		check->state == TLS_RPT_FOUND && i < check->record.count; i++)
		writer_string(json, check->record.destinations[i].text);
	writer_end_array(json);
	writer_end_object(json);
}

static void put_bimi(
	struct json_writer *json, const struct own_records *records)
{
	const struct bimi_check *check = &records->bimi;

	begin(json, records, OWN_BIMI);
	writer_put_word(json, "found", bimi_word(check->state));
	writer_put(json, "name", check->name);
	writer_put_maybe(json, "record", check->record.text);
	writer_put_maybe(json, "location", check->record.location.text);
	writer_put_maybe(json, "evidence", check->record.evidence.text);
	writer_end_object(json);
}

static void put_destination(
	struct json_writer *json, const struct own_destination *one)
{
	writer_begin_object(json);
	writer_put_word(json, "tag", one->is_ruf ? "ruf" : "rua");
	writer_put(json, "uri", one->destination->uri.text);
	writer_put_word(
		json, "consent", dmarc_consent_word(one->consent.consent));
	writer_put_maybe(json, "asked", one->consent.name);
	writer_put_maybe(json, "instead", one->consent.instead);
	writer_put_maybe(json, "why", one->consent.why);
	writer_end_object(json);
}

static void put_reports(
	struct json_writer *json, const struct own_records *records)
{
	const struct dmarc_record *record = records->dmarc.record;

	begin(json, records, OWN_REPORTS);
	writer_put_maybe(json, "record", record ? record->text : SPAN(""));
	writer_put_maybe(json, "record_domain", records->dmarc.record_domain);
	writer_key(json, "destinations");
	writer_begin_array(json);
	for (size_t i = 0; i < records->destination_count; i++)
		put_destination(json, &records->destinations[i]);
	writer_end_array(json);
	writer_end_object(json);
}

static void put_list(
	struct json_writer *json, const struct own_records *records)
{
	struct arena *arena = arena_open();

	begin(json, records, OWN_SUFFIX_LIST);
	writer_put(json, "file", span_of(records->list_file));
	writer_put_maybe(json, "date",
		records->list_date
			? clock_text(arena, records->list_date * 1000)
			: SPAN(""));
	writer_end_object(json);
	arena_close(arena);
}

void json_own(struct json_writer *json, const struct own_records *records)
{
	writer_key(json, "records");
	if (!records) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put(json, "domain", records->domain);
	put_mta_sts(json, records);
	put_tls_rpt(json, records);
	put_bimi(json, records);
	put_reports(json, records);
	put_list(json, records);
	writer_end_object(json);
}
