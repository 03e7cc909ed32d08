/*
 * A file that may hold reports: packed, an archive, a mail, or one alone.
 * Claims: each report found is noted, and each noted was found; a second time
 * finds the same; the sources' figures fit each other; an archive never has
 * more members, nor larger ones, than archive_file.h says.
 */
#include <stdint.h>

#include "reports/inbound/archive_file.h"
#include "reports/inbound/report_collection.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void report_file_source_must_fit(const struct mail_source *source)
{
	MUST(source->spf_aligned <= source->messages);
	MUST(source->dkim_aligned <= source->messages);
	MUST(source->aligned <= source->spf_aligned + source->dkim_aligned);
	MUST(source->from.count <= SOURCE_NAMES_MAX);
	MUST(source->day_count <= SOURCE_DAYS_MAX);
}

static void report_file_must_be_noted(struct span file)
{
	struct report_collection *collection = report_collection_open();
	const struct reported *reported = report_collection_reported(
		collection);
	size_t found = report_collection_add(collection, SPAN("f"), file);

	MUST(found == reported->document_count);
	for (size_t i = 0; i < reported->source_count; i++)
		report_file_source_must_fit(reported->sources[i]);
	MUST(reported->source_count <= SOURCES_MAX);
	MUST(reported->failure_count <= TLS_TOTALS_MAX);
	MUST(report_collection_add(collection, SPAN("f"), file) == found);
	report_collection_close(collection);
}

static void report_file_must_be_bounded(struct span bytes)
{
	struct arena *arena = arena_open();
	struct span why = SPAN("");
	struct archive_file *file = archive_file_open(arena, bytes, &why);
	enum archive_state state = ARCHIVE_MEMBER;
	struct archive_member member;
	size_t members = 0, octets = 0;

	MUST(file || why.len);
	while (file && state == ARCHIVE_MEMBER) {
		state = archive_file_next(file, arena, &member, &why);
		MUST(++members <= ARCHIVE_FILES_MAX + 1);
		MUST(member.name.len <= ARCHIVE_NAME_MAX);
		octets += member.bytes.len;
	}
	MUST(octets <= ARCHIVE_FREE * 2 + bytes.len * (ARCHIVE_RATIO + 1));
	if (file)
		archive_file_close(file);
	arena_close(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span file = { (const char *)bytes, size };

	(void)report_is_likely(file);
	report_file_must_be_noted(file);
	if (archive_is_likely(file))
		report_file_must_be_bounded(file);
	return 0;
}
