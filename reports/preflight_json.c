#include "reports/preflight_json.h"

#include "probe/base/clock.h"
#include "reports/json_identity.h"
#include "reports/json_own.h"
#include "reports/json_signed.h"
#include "reports/json_visit.h"
#include "reports/json_writer.h"

/* ---- the message */

static void put_fault(struct json_writer *json, const struct form_fault *fault)
{
	writer_begin_object(json);
	writer_put_word(json, "kind", form_kind_word(fault->kind));
	writer_put_claim(json, "broken", fault->weight == FORM_BROKEN);
	writer_put_maybe(json, "field", fault->field);
	writer_put_count(json, "line", fault->line);
	writer_put_count(json, "count", fault->count);
	writer_put(json, "why", fault->why);
	writer_put_word(json, "section", form_kind_section(fault->kind));
	writer_end_object(json);
}

static void put_message(struct json_writer *json,
	const struct preflight_message *message,
	const struct preflight *preflight)
{
	const struct form *form;

	writer_key(json, "message");
	if (!message) {
		writer_nothing(json);
		return;
	}
	form = message->form;
	writer_begin_object(json);
	writer_put_count(json, "octets", form->octets);
	writer_put_count(json, "lines", form->line_count);
	writer_put_claim(json, "converted", message->was_converted);
	writer_put_count(json, "fault_total", form->fault_total);
	writer_key(json, "faults");
	writer_begin_array(json);
	for (size_t i = 0; i < form->fault_count; i++)
		put_fault(json, &form->faults[i]);
	writer_end_array(json);
	json_signatures(json, preflight);
	json_arc(json, preflight);
	writer_end_object(json);
}

/* ---- profiles */

static void put_rule(struct json_writer *json, const struct profile_rule *rule)
{
	writer_begin_object(json);
	writer_put(json, "id", rule->id);
	writer_put_word(json, "applies", rule->is_bulk ? "bulk" : "all");
	writer_put_word(json, "severity", rule_severity_word(rule->severity));
	writer_put_word(json, "check", check_word(rule->check));
	writer_put_word(
		json, "consequence", consequence_word(rule->consequence));
	writer_put_maybe(json, "reply", rule->reply);
	writer_put(json, "title", rule->title);
	writer_put(json, "page", rule->page);
	writer_put(json, "seen", rule->seen);
	writer_end_object(json);
}

static void put_profiles(
	struct json_writer *json, const struct preflight_query *query)
{
	writer_key(json, "profiles");
	writer_begin_array(json);
	for (size_t i = 0; i < query->profile_count; i++) {
		const struct profile *profile = query->profiles[i];

		writer_begin_object(json);
		writer_put(json, "name", profile->name);
		writer_put(json, "title", profile->title);
		writer_key(json, "rules");
		writer_begin_array(json);
		for (size_t j = 0; j < profile->rule_count; j++)
			put_rule(json, &profile->rules[j]);
		writer_end_array(json);
		writer_end_object(json);
	}
	writer_end_array(json);
}

/* ---- sources */

static void put_line(struct json_writer *json, enum check check,
	const struct preflight_line *line)
{
	writer_begin_object(json);
	writer_put_word(json, "check", check_word(check));
	writer_put_word(json, "status", preflight_status_word(line->status));
	writer_put(json, "evidence", line->evidence);
	writer_put_maybe(json, "fix", line->fix);
	writer_put_claim(json, "wants_message", line->wants_message);
	writer_end_object(json);
}

static void put_forecast(
	struct json_writer *json, const struct preflight_forecast *forecast)
{
	const struct profile_rule *rule = forecast->rule;

	writer_begin_object(json);
	writer_put(json, "profile", forecast->profile->name);
	writer_put_word(
		json, "consequence", consequence_word(forecast->consequence));
	writer_put_claim(json, "unknown", forecast->is_unknown);
	writer_put_count(json, "rules_broken", forecast->broken_count);
	writer_put_maybe(json, "rule", rule ? rule->id : SPAN(""));
	writer_put_maybe(json, "reply", rule ? rule->reply : SPAN(""));
	writer_put_maybe(json, "why", forecast->why);
	writer_end_object(json);
}

static void put_address(
	struct json_writer *json, const struct preflight_source *source)
{
	char room[IP_TEXT_MAX];

	if (!source->has_ip) {
		writer_put_nothing(json, "address");
		writer_put_nothing(json, "family");
		writer_put_nothing(json, "kind");
		return;
	}
	writer_put_word(json, "address", ip_print(&source->ip, room));
	writer_put_word(json, "family", json_family(source->ip.family));
	writer_put_word(json, "kind", ip_kind_word(ip_kind(&source->ip)));
}

static void put_spf(struct json_writer *json, const struct spf_check *check)
{
	writer_key(json, "spf");
	writer_begin_object(json);
	writer_put_word(json, "result", spf_result_word(check->result));
	writer_put_maybe(json, "domain", check->domain);
	writer_put_maybe(json, "term", check->term);
	writer_put_maybe(json, "term_domain", check->term_domain);
	writer_key(json, "path");
	writer_begin_array(json);
	for (size_t i = 0; i < check->path_count; i++)
		writer_string(json, check->path[i]);
	writer_end_array(json);
	writer_put_count(json, "lookups", check->lookups);
	writer_put_count(json, "voids", check->void_count);
	writer_put_maybe(json, "explanation", check->explanation);
	writer_put_maybe(json, "why", check->why);
	writer_end_object(json);
}

static void put_families(struct json_writer *json, unsigned families)
{
	writer_key(json, "families");
	writer_begin_array(json);
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (families & 1u << i)
			writer_word(json, json_family((enum family)i));
	writer_end_array(json);
}

static void put_notes(struct json_writer *json, const struct spf_lint *lint)
{
	writer_key(json, "spf_notes");
	writer_begin_array(json);
	for (size_t i = 0; lint && i < lint->count; i++) {
		const struct spf_note *note = &lint->notes[i];

		writer_begin_object(json);
		writer_put_word(json, "id", note->id);
		writer_put_word(
			json, "severity", spf_severity_word(note->severity));
		put_families(json, note->families);
		writer_put_maybe(json, "domain", note->domain);
		writer_put_maybe(json, "term", note->term);
		writer_put(json, "text", note->text);
		writer_put_maybe(json, "fix", note->fix);
		writer_put_maybe(json, "record", note->record);
		writer_end_object(json);
	}
	writer_end_array(json);
}

/* Without a From domain nobody was asked. */
static void put_dmarc(struct json_writer *json, const char *key,
	const struct dmarc_check *check)
{
	if (check->from_domain.len)
		json_dmarc(json, key, check);
	else
		writer_put_nothing(json, key);
}

static void put_asides(
	struct json_writer *json, const struct preflight_source *source)
{
	writer_key(json, "asides");
	writer_begin_array(json);
	for (unsigned i = 0; i < ASIDE_COUNT; i++) {
		enum preflight_aside aside = (enum preflight_aside)i;
		const struct preflight_line *line = &source->asides[i];

		if (!line->evidence.len)
			continue;
		writer_begin_object(json);
		writer_put_word(json, "title", preflight_aside_title(aside));
		writer_put_word(json, "check",
			check_word(preflight_aside_check(aside)));
		writer_put_word(
			json, "status", preflight_status_word(line->status));
		writer_put_claim(json, "told", line->is_asked);
		writer_put(json, "evidence", line->evidence);
		writer_put_maybe(json, "fix", line->fix);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_view(
	struct json_writer *json, const struct preflight_view *view)
{
	static const char *const words[] = { "open", "same", "differ",
		"unknown" };

	writer_key(json, "elsewhere");
	if (!view) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_word(json, "views", words[view->views]);
	writer_put_maybe(json, "why", view->why);
	writer_put_word(json, "fcrdns", fcrdns_word(view->reverse.result));
	writer_key(json, "names");
	writer_begin_array(json);
	for (size_t i = 0; i < view->reverse.count; i++)
		writer_string(json, view->reverse.names[i].name);
	writer_end_array(json);
	writer_end_object(json);
}

static void put_source(
	struct json_writer *json, const struct preflight_source *source)
{
	writer_begin_object(json);
	put_address(json, source);
	put_spf(json, &source->spf);
	put_dmarc(json, "dmarc", &source->dmarc);
	put_dmarc(json, "dmarc_rfc9989", &source->walked);
	writer_put_word(json, "fcrdns", fcrdns_word(source->fcrdns));
	writer_put_maybe(json, "ptr", source->ptr_name);
	put_view(json, source->elsewhere);
	writer_key(json, "checks");
	writer_begin_array(json);
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (source->lines[i].is_asked)
			put_line(json, (enum check)i, &source->lines[i]);
	writer_end_array(json);
	put_asides(json, source);
	writer_key(json, "forecasts");
	writer_begin_array(json);
	for (size_t i = 0; i < source->forecast_count; i++)
		put_forecast(json, &source->forecasts[i]);
	writer_end_array(json);
	writer_end_object(json);
}

/* ---- the document */

static void put_head(struct json_writer *json,
	const struct preflight_query *query, const struct preflight *preflight)
{
	struct arena *arena = arena_open();

	writer_key(json, "mxprobe");
	writer_begin_object(json);
	writer_put_word(json, "version", MXP_VERSION);
	writer_put_count(json, "schema", PREFLIGHT_JSON_SCHEMA);
	writer_end_object(json);
	writer_put_word(json, "type", "preflight");
	writer_put(json, "started", clock_text(arena, query->now * 1000));
	writer_put_word(json, "verdict",
		preflight_status_word(preflight->worst == PREFLIGHT_NA
					      ? PREFLIGHT_PASS
					      : preflight->worst));
	writer_put(json, "mail_from", query->mail_from);
	writer_put(json, "mail_domain", preflight->mail_domain);
	writer_put(json, "from_domain", preflight->from_domain);
	writer_put_claim(json, "foreign_from", preflight->is_foreign_from);
	writer_put_maybe(json, "ehlo_name", query->helo);
	writer_put_maybe(json, "story", preflight->story);
	arena_close(arena);
}

void preflight_json(FILE *out, const struct preflight_query *query,
	const struct preflight *preflight, int exit_status)
{
	struct json_writer json;

	writer_open(&json, out, true, 0);
	writer_begin_object(&json);
	put_head(&json, query, preflight);
	put_message(&json, query->message, preflight);
	put_profiles(&json, query);
	put_notes(&json, preflight->lint);
	writer_key(&json, "sources");
	writer_begin_array(&json);
	for (size_t i = 0; i < preflight->source_count; i++)
		put_source(&json, &preflight->sources[i]);
	writer_end_array(&json);
	json_own(&json, preflight->records);
	writer_put_count(&json, "exit_status", (uint64_t)exit_status);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}
