#include "reports/finding_gist.h"

static bool has_doubt(const struct finding *finding)
{
	return finding->policy.len || finding->confidence != CONFIRMED;
}

struct span finding_gist(
	struct arena *arena, const struct finding *finding, bool names_family)
{
	bool is_bound = names_family && finding->has_family;
	struct span title = finding->title;

	return arena_print(arena, "%.*s%s%s%s%.*s%s%s%s", SPAN_ARG(finding->id),
		is_bound ? " over " : "",
		is_bound ? family_word(finding->family) : "",
		title.len ? " (" : "", SPAN_ARG(title), title.len ? ")" : "",
		has_doubt(finding) ? ", " : "",
		has_doubt(finding) ? confidence_word(finding->confidence) : "");
}
