#include "probe/judge/recorded.h"

bool recorded_stage(const struct recorded *row, enum stage stage, uint64_t *us)
{
	struct span rest = row->stages;

	while (rest.len) {
		struct span word = span_cut(&rest, ' ');
		struct span number = span_cut(&rest, ' ');
		unsigned long found;

		if (!span_is(word, span_of(stage_word(stage))) ||
			!span_number(number, ~0UL / 16, &found))
			continue;
		*us = found;
		return true;
	}
	return false;
}
