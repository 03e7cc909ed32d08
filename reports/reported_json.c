#include "reports/reported_json.h"

#include "reports/json_finding.h"
#include "reports/json_member.h"
#include "reports/json_visit.h"

static void put_names(struct json_writer *json, const char *key,
	const struct source_names *names)
{
	writer_key(json, key);
	writer_begin_array(json);
	for (size_t i = 0; i < names->count; i++) {
		writer_begin_object(json);
		writer_put(json, "name", names->at[i].name);
		writer_put_count(json, "messages", names->at[i].messages);
		writer_end_object(json);
	}
	writer_end_array(json);
}

/* ---- documents */

static void put_document(struct json_writer *json, struct arena *arena,
	const struct reported_document *document)
{
	writer_begin_object(json);
	writer_put_word(json, "kind", report_kind_word(document->kind));
	writer_put(json, "file", document->file);
	writer_put_maybe(json, "reporter", document->reporter);
	writer_put_maybe(json, "report_id", document->report_id);
	writer_put_maybe(json, "domain", document->domain);
	json_put_time(json, arena, "begin", document->begin_s != 0,
		document->begin_s * 1000);
	json_put_time(json, arena, "end", document->end_s != 0,
		document->end_s * 1000);
	writer_put_count(json, "count", document->messages);
	writer_put_claim(json, "repeated", document->is_repeated);
	writer_put_claim(json, "unread", document->is_unread);
	writer_put_maybe(json, "trouble", document->trouble);
	writer_end_object(json);
}

static void put_documents(struct json_writer *json, struct arena *arena,
	const struct reported *reported)
{
	writer_key(json, "documents");
	writer_begin_array(json);
	for (size_t i = 0; i < reported->document_count; i++)
		put_document(json, arena, &reported->documents[i]);
	writer_end_array(json);
	writer_put_count(json, "documents_over", reported->documents_over);
}

/* ---- sources */

static void put_counts(
	struct json_writer *json, const struct mail_source *source)
{
	writer_put_count(json, "messages", source->messages);
	writer_put_count(json, "spf_aligned", source->spf_aligned);
	writer_put_count(json, "dkim_aligned", source->dkim_aligned);
	writer_put_count(json, "aligned", source->aligned);
	writer_put_count(json, "failure_reports", source->failure_reports);
	writer_key(json, "dispositions");
	writer_begin_object(json);
	for (int i = 0; i < DISPOSITION_COUNT; i++)
		writer_put_count(json,
			disposition_word((enum reported_disposition)i),
			source->dispositions[i]);
	writer_end_object(json);
	writer_key(json, "overrides");
	writer_begin_object(json);
	for (int i = 0; i < OVERRIDE_COUNT; i++)
		if (source->overrides[i])
			writer_put_count(json,
				override_word((enum reported_override)i),
				source->overrides[i]);
	writer_end_object(json);
}

static void put_all_names(
	struct json_writer *json, const struct mail_source *source)
{
	put_names(json, "from", &source->from);
	put_names(json, "envelope", &source->envelope);
	put_names(json, "helo", &source->helo);
	put_names(json, "spf_passed", &source->spf_passed);
	put_names(json, "dkim_passed", &source->dkim_passed);
	put_names(json, "dkim_failed", &source->dkim_failed);
	put_names(json, "reporters", &source->reporters);
}

static void put_verdict(
	struct json_writer *json, const struct source_verdict *verdict)
{
	writer_put_word(json, "is", source_kind_word(verdict->kind));
	writer_put_word(json, "or", source_kind_word(verdict->second));
	writer_put_word(
		json, "confidence", confidence_word(verdict->confidence));
	json_put_texts(json, "for", verdict->for_it, verdict->for_count);
	json_put_texts(
		json, "against", verdict->against, verdict->against_count);
}

static void put_source(struct json_writer *json, struct arena *arena,
	const struct source_judgement *judged)
{
	const struct mail_source *source = judged->source;

	writer_begin_object(json);
	json_put_ip(json, "ip", &source->ip);
	writer_put_word(json, "family", json_family(source->ip.family));
	writer_put(json, "domain", source->domain);
	put_verdict(json, judged->verdict);
	put_counts(json, source);
	put_all_names(json, source);
	writer_put_count(json, "days", source->day_count);
	json_put_time(json, arena, "first", source->first_s != 0,
		source->first_s * 1000);
	json_put_time(json, arena, "last", source->last_s != 0,
		source->last_s * 1000);
	writer_end_object(json);
}

static void put_sources(
	struct json_writer *json, const struct reported_judgement *judgement)
{
	writer_key(json, "sources");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->source_count; i++) {
		struct arena *arena = arena_open();

		put_source(json, arena, &judgement->sources[i]);
		arena_close(arena);
	}
	writer_end_array(json);
	writer_put_count(
		json, "messages_over", judgement->reported->messages_over);
	writer_put_count(json, "messages_placeless",
		judgement->reported->messages_placeless);
}

static void put_families(
	struct json_writer *json, const struct reported_judgement *judgement)
{
	writer_key(json, "families");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->alignment_count; i++) {
		const struct family_alignment *one = &judgement->alignments[i];

		writer_begin_object(json);
		writer_put(json, "domain", one->domain);
		writer_put_word(json, "family", json_family(one->family));
		writer_put_count(json, "sources", one->sources);
		writer_put_count(json, "messages", one->messages);
		writer_put_count(json, "spf_aligned", one->spf_aligned);
		writer_put_count(json, "dkim_aligned", one->dkim_aligned);
		writer_put_count(json, "aligned", one->aligned);
		writer_end_object(json);
	}
	writer_end_array(json);
}

/* ---- TLS */

static void put_told(
	struct json_writer *json, const char *key, enum told_family family)
{
	switch (family) {
	case TOLD_NOTHING:
		writer_put_nothing(json, key);
		return;
	case TOLD_IPV4:
		writer_put_word(json, key, json_family(FAMILY_IPV4));
		return;
	case TOLD_IPV6:
		writer_put_word(json, key, json_family(FAMILY_IPV6));
		return;
	}
}

static void put_failure(
	struct json_writer *json, const struct tls_failure *failure)
{
	writer_begin_object(json);
	writer_put(json, "domain", failure->domain);
	writer_put(json, "policy", failure->policy);
	writer_put(json, "result", failure->result);
	writer_put_maybe(json, "reason", failure->reason);
	writer_put_maybe(json, "mx_host", failure->mx_host);
	put_told(json, "sending_family", failure->sending);
	put_told(json, "receiving_family", failure->receiving);
	writer_put_count(json, "sessions", failure->sessions);
	writer_end_object(json);
}

static void put_tls(struct json_writer *json, const struct reported *reported)
{
	writer_key(json, "tls");
	writer_begin_array(json);
	for (size_t i = 0; i < reported->tls_count; i++) {
		const struct tls_total *total = reported->tls[i];

		writer_begin_object(json);
		writer_put(json, "domain", total->domain);
		writer_put(json, "policy", total->policy);
		writer_put_count(json, "successes", total->successes);
		writer_put_count(json, "failures", total->failures);
		put_names(json, "reporters", &total->reporters);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_key(json, "tls_failures");
	writer_begin_array(json);
	for (size_t i = 0; i < reported->failure_count; i++)
		put_failure(json, reported->failures[i]);
	writer_end_array(json);
	writer_put_count(json, "failures_over", reported->failures_over);
}

/* ---- the whole */

void reported_json_value(struct json_writer *json, struct arena *arena,
	const struct reported_judgement *judgement)
{
	writer_begin_object(json);
	put_documents(json, arena, judgement->reported);
	put_families(json, judgement);
	put_sources(json, judgement);
	put_tls(json, judgement->reported);
	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->finding_count; i++)
		json_finding(json, &judgement->findings[i]);
	writer_end_array(json);
	writer_end_object(json);
}

void reported_json(FILE *out, const struct reported_judgement *judgement)
{
	struct arena *arena = arena_open();
	struct json_writer json;

	writer_open(&json, out, true, 0);
	reported_json_value(&json, arena, judgement);
	writer_newline(&json);
	writer_close(&json);
	arena_close(arena);
}
