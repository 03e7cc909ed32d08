#include "reports/codebook_json.h"

#include "probe/judge/finding_page.h"
#include "probe/judge/reply_fields.h"
#include "reports/json_member.h"

static void put_stages(struct json_writer *json, const struct codebook_row *row)
{
	writer_key(json, "stages");
	writer_begin_array(json);
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (row->stages[i])
			writer_word(json, stage_word((enum stage)i));
	writer_end_array(json);
}

static void put_remedy(struct json_writer *json, struct span remedy)
{
	writer_key(json, "remedy");
	writer_begin_array(json);
	while (remedy.len)
		writer_string(json, span_trim(span_cut(&remedy, ';')));
	writer_end_array(json);
}

static void put_row_members(
	struct json_writer *json, const struct codebook_row *row)
{
	writer_put(json, "id", row->id);
	writer_put(json, "provider", row->provider);
	writer_put(json, "policy", row->policy);
	writer_put(json, "severity", row->severity);
	writer_put_claim(json, "temporary", row->is_temporary);
	writer_put_claim(json, "source_bound", row->is_source_bound);
	writer_put_claim(json, "ipv6_only", row->is_ipv6_only);
	json_put_number(json, "code", row->code);
	json_put_status(json, row->status);
	put_stages(json, row);
	writer_put_count(json, "wordings", row->match_count);
	writer_put(json, "meaning", row->meaning);
	put_remedy(json, row->remedy);
	writer_put(json, "reference", row->reference);
	writer_put(json, "seen", row->seen);
	writer_put(json, "certainty", row->certainty);
	writer_put(json, "sample", row->sample);
}

static void put_row(struct json_writer *json, const struct codebook_row *row)
{
	writer_begin_object(json);
	put_row_members(json, row);
	writer_end_object(json);
}

static void put_book(struct json_writer *json, const struct codebook *codebook)
{
	writer_put(json, "codebook", codebook_date(codebook));
}

void codebook_json_row(FILE *out, const struct codebook *codebook,
	const struct codebook_row *row)
{
	struct json_writer json;

	writer_open(&json, out, true, 0);
	writer_begin_object(&json);
	put_book(&json, codebook);
	put_row_members(&json, row);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}

static void put_page(struct json_writer *json, const struct finding *page)
{
	writer_begin_object(json);
	writer_put(json, "title", page->title);
	writer_put(json, "meaning", page->meaning);
	writer_put_word(json, "severity", severity_word(page->severity));
	writer_put_word(json, "blame", blame_word(page->blame));
	put_remedy(json, page->remedy);
	writer_put(json, "reference", page->reference);
	writer_end_object(json);
}

void codebook_json_finding(FILE *out, struct span id)
{
	struct json_writer json;
	struct finding page;

	writer_open(&json, out, true, 0);
	writer_begin_object(&json);
	writer_put(&json, "id", id);
	writer_key(&json, "findings");
	writer_begin_array(&json);
	for (size_t n = 0; finding_page_at(n, &page); n++)
		if (span_is(page.id, id))
			put_page(&json, &page);
	writer_end_array(&json);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}

void codebook_json_list(
	FILE *out, const struct codebook *codebook, struct span provider)
{
	struct json_writer json;

	writer_open(&json, out, true, 0);
	writer_begin_object(&json);
	put_book(&json, codebook);
	writer_key(&json, "rows");
	writer_begin_array(&json);
	for (size_t i = 0; i < codebook_row_count(codebook); i++) {
		const struct codebook_row *row = codebook_row(codebook, i);

		if (!provider.len || span_is(row->provider, provider))
			put_row(&json, row);
	}
	writer_end_array(&json);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}

/* ---- a reply */

static void put_fields(
	struct json_writer *json, struct arena *arena, struct span text)
{
	struct reply_fields fields;

	reply_fields_read(arena, text, &fields);
	writer_key(json, "fields");
	writer_begin_object(json);
	writer_put_maybe(json, "ip",
		fields.has_ip ? ip_text(arena, &fields.ip) : SPAN(""));
	json_put_texts(json, "domains", fields.domains, fields.domain_count);
	writer_put_maybe(json, "spf", fields.spf);
	writer_put_maybe(json, "dkim", fields.dkim);
	writer_put_maybe(json, "dmarc", fields.dmarc);
	writer_put_maybe(json, "list", fields.list);
	json_put_texts(json, "links", fields.links, fields.link_count);
	writer_put_maybe(json, "keyword", fields.keyword);
	writer_put_maybe(json, "token", fields.token);
	if (fields.has_wait)
		writer_put_count(json, "wait_s", fields.wait_s);
	else
		writer_put_nothing(json, "wait_s");
	writer_end_object(json);
}

static void put_answer_members(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook,
	const struct codebook_question *question)
{
	struct codebook_answer answer = codebook_find_text(codebook, question);

	writer_put(json, "policy", answer.policy);
	writer_put(json, "meaning", answer.meaning);
	writer_put_claim(json, "by_number", answer.is_by_status);
	writer_put_maybe(json, "provider", answer.provider);
	json_put_number(json, "code", answer.code);
	json_put_status(json, answer.status);
	writer_key(json, "row");
	if (answer.row)
		put_row(json, answer.row);
	else
		writer_nothing(json);
	put_fields(json, arena, question->text);
}

void codebook_json_answer(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook,
	const struct codebook_question *question)
{
	writer_begin_object(json);
	put_answer_members(json, arena, codebook, question);
	writer_end_object(json);
}

void codebook_json_reply(FILE *out, const struct codebook *codebook,
	const struct codebook_question *question)
{
	struct arena *arena = arena_open();
	struct json_writer json;

	writer_open(&json, out, false, 0);
	writer_begin_object(&json);
	writer_put_word(&json, "kind", "reply");
	put_book(&json, codebook);
	put_answer_members(&json, arena, codebook, question);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
	arena_close(arena);
}
