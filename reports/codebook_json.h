#ifndef MXP_CODEBOOK_JSON_H
#define MXP_CODEBOOK_JSON_H

#include "probe/judge/codebook.h"
#include "reports/json_writer.h"

/*
 * The same as JSON: reports/codebook.schema.json.  Each of the first three
 * writes one document, the fourth one line among others (--jsonl);
 * codebook_json_answer() writes one value inside another document.
 */
void codebook_json_list(
	FILE *out, const struct codebook *codebook, struct span provider);
void codebook_json_row(FILE *out, const struct codebook *codebook,
	const struct codebook_row *row);
/* The pages of a finding of the judge's own, see finding_page.h. */
void codebook_json_finding(FILE *out, struct span id);
void codebook_json_reply(FILE *out, const struct codebook *codebook,
	const struct codebook_question *question);

void codebook_json_answer(struct json_writer *json, struct arena *arena,
	const struct codebook *codebook,
	const struct codebook_question *question);

#endif
