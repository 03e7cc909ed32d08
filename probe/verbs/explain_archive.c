#include "probe/verbs/witness.h"
#include "reports/inbound/archive_file.h"

struct archive_reading {
	struct witness *source;
	bool wants_logs;
	bool has_logs;
	uint64_t members;
};

/* It is read twice when it has logs, and told of once. */
static void unreadable(struct archive_reading *reading, struct arena *arena,
	struct span member, struct span why)
{
	struct witness *source = reading->source;

	if (reading->wants_logs)
		return;
	explain_unreadable(source->explanation,
		member.len ? arena_print(arena, "%.*s: %.*s",
				     SPAN_ARG(source->name), SPAN_ARG(member))
			   : source->name,
		why);
}

static void take_member(struct archive_reading *reading, struct arena *arena,
	const struct archive_member *member)
{
	struct witness inside;
	struct span plain, why;

	reading->members++;
	if (!compressed_unpack(
		    arena, member->bytes, EXPLAIN_REPORT_MAX, &plain, &why)) {
		unreadable(reading, arena, member->name, why);
		return;
	}
	inside = witness_of_member(reading->source, arena, member->name, plain);
	/* An archive in an archive is one of reports, or of no use. */
	if (archive_is_likely(plain)) {
		if (!reading->wants_logs)
			explain_report(&inside);
		return;
	}
	if (explain_witness(&inside, reading->wants_logs))
		reading->has_logs = true;
}

static void take_members(struct archive_reading *reading, struct span bytes)
{
	struct arena *arena = arena_open();
	enum archive_state state = ARCHIVE_MEMBER;
	struct archive_member member;
	struct span why = SPAN("");
	struct archive_file *file = archive_file_open(arena, bytes, &why);

	while (file && state == ARCHIVE_MEMBER) {
		struct arena *inside = arena_open();

		state = archive_file_next(file, inside, &member, &why);
		if (state == ARCHIVE_MEMBER)
			take_member(reading, inside, &member);
		why = arena_copy(arena, why);
		arena_close(inside);
	}
	if (file)
		archive_file_close(file);
	if (!file || state == ARCHIVE_BAD)
		unreadable(reading, arena, SPAN(""), why);
	arena_close(arena);
}

/* None of its members was of use. */
static bool is_useless(const struct archive_reading *reading, uint64_t before)
{
	const struct explanation *explanation = reading->source->explanation;

	return !reading->wants_logs && !reading->has_logs &&
	       explanation->passed_over - before == reading->members;
}

/* Its logs are read with the others: what a pipe gave is kept for that. */
static void keep(struct witness *source, struct span bytes)
{
	source->head = arena_copy(source->arena, bytes);
	source->is_whole = true;
	source->has_given_head = false;
}

bool explain_archive(struct witness *source, bool wants_logs)
{
	struct archive_reading reading = { .source = source,
		.wants_logs = wants_logs };
	uint64_t before = source->explanation->passed_over;
	char *bytes = NULL;
	size_t len = 0;

	if (witness_read_whole(source, EXPLAIN_REPORT_MAX, &bytes, &len)) {
		take_members(&reading, (struct span){ bytes, len });
		if (is_useless(&reading, before))
			witness_is_useless(source,
				SPAN("nothing that is known here is in it"));
		if (reading.has_logs && witness_is_once(source))
			keep(source, (struct span){ bytes, len });
	} else {
		explain_unreadable(source->explanation, source->name,
			SPAN("it is too large for an archive"));
	}
	free(bytes);
	return reading.has_logs;
}
