#include "probe/verbs/explain_dialogue.h"

#include <inttypes.h>

#include "pcap/session_delivery.h"

static const struct mark no_mark = { "", TONE_PLAIN };

/* "5.7.1 " at the start of a line (RFC 2034 section 4), or nothing. */
static struct span status_of(struct span line)
{
	size_t len = span_find(line, ' ');

	for (size_t i = 0; i < len; i++)
		if (!ascii_is_digit(line.at[i]) && line.at[i] != '.')
			return SPAN("");
	return len > 1 && len < line.len ? span_part(line, 0, len + 1)
					 : SPAN("");
}

/* Its status stands in each line, and is told once. */
struct span explain_on_one_line(struct screen *screen, struct span text)
{
	char *at = arena_take(screen->arena, text.len + 1);
	struct span status = status_of(
		span_part(text, 0, span_find(text, '\n')));
	size_t used = 0;

	for (bool is_first = true; text.len; is_first = false) {
		struct span line = span_cut(&text, '\n');

		if (!is_first) {
			at[used++] = ' ';
			if (status.len &&
				span_is(span_part(line, 0, status.len), status))
				line = span_part(line, status.len, line.len);
		}
		if (line.len)
			memcpy(at + used, line.at, line.len);
		used += line.len;
	}
	return screen_safe(screen, (struct span){ at, used });
}

static struct span said(struct screen *screen, const struct talk *talk)
{
	switch (talk->kind) {
	case TALK_REPLY:
		if (!talk->reply)
			break;
		return arena_print(screen->arena, "%u %.*s", talk->reply->code,
			SPAN_ARG(explain_on_one_line(
				screen, session_reply_text(
						screen->arena, talk->reply))));
	case TALK_ANSWER:
		return SPAN("(its part of AUTH)");
	case TALK_COMMAND:
		if (talk->line.verb == SMTP_AUTH)
			return SPAN("AUTH (its words are not shown)");
		return screen_safe(screen, talk->line.text);
	case TALK_FRAGMENT:
	case TALK_JUNK:
		return screen_safe(screen, talk->line.text);
	case TALK_BODY:
	case TALK_CHUNK:
		return arena_print(screen->arena,
			"a message, %" PRIu64 " octets", talk->body.octets);
	case TALK_TLS:
		return arena_print(screen->arena,
			"TLS from here on, %" PRIu64 " octets", talk->octets);
	case TALK_HOLE:
		return arena_print(screen->arena,
			"%" PRIu64 " octets that are not in the file",
			talk->octets);
	}
	return SPAN("a reply that is broken");
}

/* ---- lines */

enum {
	WAIT_TOLD_NS = 1000000000,  /* less is how servers are */
	LINE_HANGS = 2 + 6 + 9 + 3, /* columns before the words */
};

struct telling {
	struct screen *screen;
	const struct session_record *record;
	struct sighting before; /* what was told last */
	enum side before_who;
};

static double seconds_between(struct sighting from, struct sighting until)
{
	return until.time_ns > from.time_ns ? (double)((uint64_t)until.time_ns -
						       (uint64_t)from.time_ns) /
						      1e9
					    : 0;
}

static const char *name_of(enum side side)
{
	return side == SIDE_CLIENT ? "client" : "server";
}

/* Who spoke before has waited in vain; else who speaks now took so long. */
static struct span wait_text(
	const struct telling *telling, enum side who, struct sighting began)
{
	struct arena *arena = telling->screen->arena;
	double seconds = seconds_between(telling->before, began);

	if (!telling->record->has_time || !telling->before.frame ||
		seconds < WAIT_TOLD_NS / 1e9)
		return SPAN("");
	if (who == telling->before_who)
		return arena_print(arena, " (the %s said nothing for %.1f s)",
			name_of(!who), seconds);
	return arena_print(
		arena, " (the %s took %.1f s)", name_of(who), seconds);
}

static void tell_line(struct telling *telling, enum side who,
	struct sighting began, struct sighting seen, struct span text)
{
	const struct session_record *record = telling->record;
	struct arena *arena = telling->screen->arena;
	struct mark mark = no_mark;
	struct span at = SPAN("");

	if (record->has_time && record->stream)
		at = arena_print(arena, "%9.3f",
			seconds_between(record->stream->first, seen));
	mark.word = arena_print(arena, "%6" PRIu64 "%.*s %s", seen.frame,
		SPAN_ARG(at), who == SIDE_CLIENT ? ">" : "<")
			    .at;
	screen_paragraph(telling->screen, 2, mark, LINE_HANGS,
		arena_print(arena, "%.*s%.*s", SPAN_ARG(text),
			SPAN_ARG(wait_text(telling, who, began))));
	telling->before = seen;
	telling->before_who = who;
}

static struct span talk_text(struct screen *screen, const struct talk *talk)
{
	if (!talk->why)
		return said(screen, talk);
	return arena_print(screen->arena, "%.*s (%s)",
		SPAN_ARG(said(screen, talk)), talk->why);
}

static void tell_talks(struct telling *telling)
{
	const struct session_record *record = telling->record;

	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];

		tell_line(telling, talk->who, talk->began, talk->seen,
			talk_text(telling->screen, talk));
	}
	if (record->is_cut_short)
		screen_paragraph(telling->screen, 4, no_mark, 8,
			SPAN("More was said than is kept."));
}

static void tell_begin(struct telling *telling)
{
	const struct stream *stream = telling->record->stream;

	if (stream->syn.frame)
		tell_line(telling, SIDE_CLIENT, stream->syn, stream->syn,
			stream->syn_count > 1
				? arena_print(telling->screen->arena,
					  "SYN, %u times", stream->syn_count)
				: SPAN("SYN"));
	if (stream->syn_ack.frame)
		tell_line(telling, SIDE_SERVER, stream->syn_ack,
			stream->syn_ack, SPAN("SYN, ACK"));
	if (!stream->established.frame)
		return;
	telling->before = stream->established;
	telling->before_who = SIDE_CLIENT; /* and the server's turn it is */
}

static void tell_end(struct telling *telling)
{
	const struct stream *stream = telling->record->stream;
	enum side first = SIDE_CLIENT;

	if (stream->fin[SIDE_SERVER].frame &&
		(!stream->fin[SIDE_CLIENT].frame ||
			stream->fin[SIDE_SERVER].frame <
				stream->fin[SIDE_CLIENT].frame))
		first = SIDE_SERVER;
	for (int i = 0; i < SIDE_COUNT; i++) {
		enum side who = i ? !first : first;

		if (stream->fin[who].frame)
			tell_line(telling, who, stream->fin[who],
				stream->fin[who], SPAN("closes (FIN)"));
	}
	if (stream->is_reset)
		tell_line(telling, stream->reset_by, stream->reset,
			stream->reset, SPAN("resets the connection (RST)"));
}

void explain_dialogue(
	struct screen *screen, const struct session_record *record)
{
	struct telling telling = { .screen = screen, .record = record };

	if (record->stream)
		tell_begin(&telling);
	tell_talks(&telling);
	if (record->stream)
		tell_end(&telling);
}
