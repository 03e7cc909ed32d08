#include "reports/inbound/report_gather.h"

void report_gather_open(struct report_gather *gather, struct arena *arena)
{
	*gather = (struct report_gather){ .arena = arena };
	key_table_open(&gather->documents, arena);
	key_table_open(&gather->sources, arena);
	key_table_open(&gather->tls, arena);
	key_table_open(&gather->failures, arena);
}

void report_gather_name(struct arena *arena, struct source_names *names,
	struct span name, uint64_t messages)
{
	for (size_t i = 0; i < names->count; i++)
		if (span_is(names->at[i].name, name)) {
			names->at[i].messages += messages;
			return;
		}
	if (names->count >= SOURCE_NAMES_MAX)
		return;
	names->at = arena_grow(arena, names->at, names->count, &names->room,
		sizeof(*names->at));
	names->at[names->count++] = (struct source_name){
		.name = arena_copy(arena, name), .messages = messages
	};
}

/* RFC 7489 section 7.2.1.1 wants the id to be unique with its reporter; some
 * count theirs anew for each domain or day. */
static struct span document_key(
	struct arena *arena, const struct reported_document *document)
{
	return arena_print(arena, "%d %lld %.*s\n%.*s\n%.*s",
		(int)document->kind, (long long)document->begin_s,
		SPAN_ARG(document->reporter), SPAN_ARG(document->report_id),
		SPAN_ARG(document->domain));
}

void report_gather_note(
	struct report_gather *gather, struct reported_document *document)
{
	struct span *texts[] = { &document->file, &document->reporter,
		&document->report_id, &document->domain, &document->trouble };
	struct reported *reported = &gather->reported;
	struct arena *scratch = arena_open();
	void **seen;

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		*texts[i] = arena_copy(gather->arena, *texts[i]);
	if (document->report_id.len) {
		seen = key_table_at(
			&gather->documents, document_key(scratch, document));
		document->is_repeated = *seen != NULL;
		*seen = gather;
	}
	arena_close(scratch);
	if (reported->document_count >= REPORT_DOCUMENTS_MAX) {
		reported->documents_over++;
		return;
	}
	reported->documents = arena_grow(gather->arena, reported->documents,
		reported->document_count, &reported->document_room,
		sizeof(*reported->documents));
	reported->documents[reported->document_count++] = *document;
}
