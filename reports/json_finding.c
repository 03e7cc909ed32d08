#include "reports/json_finding.h"

#include "reports/json_member.h"

void json_finding(struct json_writer *json, const struct finding *finding)
{
	writer_begin_object(json);
	writer_put(json, "id", finding->id);
	writer_put(json, "policy", finding->policy);
	writer_put_word(json, "severity", severity_word(finding->severity));
	writer_put_word(json, "blame", blame_word(finding->blame));
	writer_put_word(
		json, "confidence", confidence_word(finding->confidence));
	json_put_family(json, finding->has_family, finding->family);
	writer_put_word(json, "stage", stage_word(finding->stage));
	writer_put(json, "title", finding->title);
	writer_put(json, "meaning", finding->meaning);
	writer_put(json, "remedy", finding->remedy);
	writer_put(json, "reference", finding->reference);
	json_put_evidence(json, "for", finding->for_it, finding->for_count);
	json_put_evidence(
		json, "against", finding->against, finding->against_count);
	writer_end_object(json);
}
