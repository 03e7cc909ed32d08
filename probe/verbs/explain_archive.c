#include "probe/verbs/witness.h"

/*
 * A tar is read as it comes.  A zip has to be in memory, and so has a tar from
 * a pipe, since an archive is read again when it has logs.
 */
struct archive_reading {
	struct witness *source;
	struct archive_file *file;
	bool wants_logs;
	bool has_logs;
	bool is_bad;
	uint64_t members;
	uint64_t octets; /* of a tar, unpacked, so far */
};

/* What is wrong with the archive is told of the archive. */
static enum compressed_state read_member(
	void *from, struct span *piece, struct span *why)
{
	struct archive_reading *reading = from;
	enum compressed_state state = archive_file_read(
		reading->file, piece, why);

	return state == COMPRESSED_BAD ? COMPRESSED_END : state;
}

static void take_member(struct archive_reading *reading, struct arena *arena,
	const struct archive_member *member)
{
	const struct compressed_source octets = {
		.from = reading, .read = read_member, .size = member->size
	};
	struct witness *inside = witness_open_member(
		reading->source, arena, member, &octets);

	reading->members++;
	if (!inside)
		return;
	/* An archive in an archive is one of reports, or of no use. */
	if (archive_is_likely(inside->head)) {
		if (!reading->wants_logs)
			explain_report(inside);
	} else if (explain_witness(inside, reading->wants_logs)) {
		reading->has_logs = true;
	}
	compressed_file_close(inside->file);
}

static void take_members(struct archive_reading *reading)
{
	enum archive_state state = ARCHIVE_MEMBER;
	struct span why = SPAN("");

	archive_file_is_wanted(reading->file);
	while (state == ARCHIVE_MEMBER) {
		struct arena *arena = arena_open();
		struct archive_member member;

		state = archive_file_enter(reading->file, arena, &member, &why);
		if (state == ARCHIVE_MEMBER)
			take_member(reading, arena, &member);
		arena_close(arena);
	}
	reading->is_bad = state == ARCHIVE_BAD;
	if (reading->is_bad)
		explain_unreadable(reading->source->explanation,
			reading->source->name, why);
	archive_file_close(reading->file);
}

/* ---- a tar that comes a piece at a time */

static enum compressed_state read_tar(
	void *from, struct span *piece, struct span *why)
{
	struct archive_reading *reading = from;
	struct witness *source = reading->source;
	enum compressed_state state = COMPRESSED_MORE;

	*piece = SPAN("");
	if (!source->has_given_head)
		*piece = source->head;
	else if (source->is_whole)
		state = COMPRESSED_END;
	else
		state = compressed_file_read(source->file, piece, why);
	source->has_given_head = true;
	reading->octets += piece->len;
	if (!archive_is_bomb(
		    compressed_file_taken(source->file), reading->octets))
		return state;
	*why = SPAN("it unpacks to more than any report has");
	return COMPRESSED_BAD;
}

static void stream(struct archive_reading *reading)
{
	const struct compressed_source octets = { .from = reading,
		.read = read_tar };
	struct arena *arena = arena_open();

	reading->file = archive_file_stream(arena, &octets);
	take_members(reading);
	arena_close(arena);
}

/* ---- an archive in memory */

static void take_archive(struct archive_reading *reading, struct span bytes)
{
	struct arena *arena = arena_open();
	struct span why = SPAN("");

	reading->file = archive_file_open(arena, bytes, &why);
	reading->is_bad = !reading->file;
	if (reading->file)
		take_members(reading);
	else
		explain_unreadable(reading->source->explanation,
			reading->source->name, why);
	arena_close(arena);
}

/* Its logs are read with the others: what a pipe gave is kept for that. */
static void keep(struct witness *source, struct span bytes)
{
	source->head = arena_copy(source->arena, bytes);
	source->is_whole = true;
	source->has_given_head = false;
}

static void read_whole(struct archive_reading *reading)
{
	struct witness *source = reading->source;
	char *bytes = NULL;
	size_t len = 0;

	if (witness_read_whole(source, EXPLAIN_REPORT_MAX, &bytes, &len)) {
		take_archive(reading, (struct span){ bytes, len });
		if (reading->has_logs && witness_is_once(source))
			keep(source, (struct span){ bytes, len });
	} else {
		reading->is_bad = true;
		explain_unreadable(source->explanation, source->name,
			archive_is_tar(source->head)
				? SPAN("it is too large for a pipe: name its "
				       "file")
				: SPAN("it is too large for a zip"));
	}
	free(bytes);
}

/* ---- */

/* None of its members was of use. */
static bool is_useless(const struct archive_reading *reading, uint64_t before)
{
	const struct explanation *explanation = reading->source->explanation;

	return !reading->wants_logs && !reading->has_logs && !reading->is_bad &&
	       explanation->passed_over - before == reading->members;
}

bool explain_archive(struct witness *source, bool wants_logs)
{
	struct archive_reading reading = { .source = source,
		.wants_logs = wants_logs };
	uint64_t before = source->explanation->passed_over;

	if (archive_is_tar(source->head) && !witness_is_once(source))
		stream(&reading);
	else
		read_whole(&reading);
	if (is_useless(&reading, before))
		witness_is_useless(
			source, SPAN("nothing that is known here is in it"));
	return reading.has_logs;
}
