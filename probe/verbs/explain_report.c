#include "probe/verbs/witness.h"

void explain_report(struct witness *source)
{
	struct explanation *explanation = source->explanation;
	char *bytes = NULL;
	size_t len = 0, reports = 0;
	bool is_read = witness_read_whole(
		source, EXPLAIN_REPORT_MAX, &bytes, &len);

	if (is_read)
		reports = report_collection_add(explanation->reports,
			source->name, (struct span){ bytes, len });
	free(bytes);
	explanation->report_count += reports;
	explanation->has_told |= reports != 0;
	if (!is_read)
		explain_unreadable(explanation, source->name,
			SPAN("it is too large for a report"));
	else if (!reports)
		witness_is_useless(source, SPAN("no report is in it"));
}
