#include "probe/facts/transcript.h"

const char *event_word(enum event_kind kind)
{
	switch (kind) {
	case EVENT_CONNECTED:
		return "connected";
	case EVENT_SAID:
		return "said";
	case EVENT_HEARD:
		return "heard";
	case EVENT_TLS:
		return "tls";
	case EVENT_FAULT:
		return "fault";
	case EVENT_CLOSED:
		return "closed";
	}
	return "";
}

struct event *transcript_add(struct transcript *transcript, struct arena *arena,
	uint64_t at_ns, enum event_kind kind, enum stage stage)
{
	struct event *event;

	transcript->events = arena_grow(arena, transcript->events,
		transcript->count, &transcript->room, sizeof(*event));
	event = &transcript->events[transcript->count++];
	event->at_ns = at_ns;
	event->kind = kind;
	event->stage = stage;
	return event;
}

const struct reply *transcript_reply(
	const struct transcript *transcript, enum stage stage)
{
	for (size_t i = transcript->count; i-- > 0;) {
		const struct event *event = &transcript->events[i];

		if (event->kind == EVENT_HEARD && event->stage == stage)
			return event->heard;
	}
	return NULL;
}
