#include "reports/json_finding.h"

#include "reports/json_visit.h"

static void put_evidence(struct json_writer *json, const char *key,
	const struct evidence *evidence, size_t count)
{
	writer_key(json, key);
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++)
		writer_string(json, evidence[i].text);
	writer_end_array(json);
}

void json_finding(struct json_writer *json, const struct finding *finding)
{
	writer_begin_object(json);
	writer_put(json, "id", finding->id);
	writer_put(json, "policy", finding->policy);
	writer_put_word(json, "severity", severity_word(finding->severity));
	writer_put_word(json, "blame", blame_word(finding->blame));
	writer_put_word(
		json, "confidence", confidence_word(finding->confidence));
	if (finding->has_family)
		writer_put_word(json, "family", json_family(finding->family));
	else
		writer_put_nothing(json, "family");
	writer_put_word(json, "stage", stage_word(finding->stage));
	writer_put(json, "title", finding->title);
	writer_put(json, "meaning", finding->meaning);
	writer_put(json, "remedy", finding->remedy);
	writer_put(json, "reference", finding->reference);
	put_evidence(json, "for", finding->for_it, finding->for_count);
	put_evidence(json, "against", finding->against, finding->against_count);
	writer_end_object(json);
}
