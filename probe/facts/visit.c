#include "probe/facts/visit.h"

const char *visit_state_word(enum visit_state state)
{
	switch (state) {
	case VISIT_PLANNED:
		return "planned";
	case VISIT_NOT_APPLICABLE:
		return "n/a";
	case VISIT_WALKED:
		return "walked";
	}
	return "";
}

uint64_t visit_stage_ns(const struct visit *visit, enum stage stage)
{
	const struct transcript *transcript = &visit->transcript;
	uint64_t before = 0, last = 0;
	bool begun = false;

	for (size_t i = 0; i < transcript->count; i++) {
		const struct event *event = &transcript->events[i];

		if (event->stage == stage) {
			begun = true;
			last = event->at_ns;
		} else if (!begun) {
			before = event->at_ns;
		}
	}
	return begun ? last - before : 0;
}
