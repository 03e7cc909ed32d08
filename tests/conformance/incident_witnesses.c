#include "tests/conformance/incident_witnesses.h"

#include <glob.h>

static void add_files(struct suite_question *question, const char *pattern,
	unsigned kind, struct witnesses *witnesses)
{
	const char *path = json_string_value(
		json_object_get(question->line, "path"));
	size_t folder = (size_t)(strrchr(path, '/') - path);
	struct span where = arena_print(
		question->arena, "%.*s/%s", (int)folder, path, pattern);
	glob_t found;

	if (glob(where.at, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (witnesses->count == EXPLAINED_FILES_MAX)
			break;
		witnesses->files[witnesses->count++] = arena_copy(
			question->arena, span_of(found.gl_pathv[i]))
							       .at;
		witnesses->kinds |= kind;
	}
	globfree(&found);
}

/* The files of it, named by their folder. */
static void name_folder(
	struct suite_question *question, struct witnesses *witnesses)
{
	const char *path = json_string_value(
		json_object_get(question->line, "path"));
	size_t len = (size_t)(strrchr(path, '/') - path);

	witnesses->files[0] =
		arena_copy(question->arena, (struct span){ path, len }).at;
	witnesses->count = 1;
}

struct witnesses witnesses_of(struct suite_question *question, unsigned kinds)
{
	struct witnesses witnesses = { 0 };

	if (kinds & LOG)
		add_files(question, "ma*log", LOG, &witnesses);
	if (kinds & BOUNCE)
		add_files(question, "dsn-*.eml", BOUNCE, &witnesses);
	if (kinds & SECRETS)
		add_files(question, "session-with-secrets.pcapng", SECRETS,
			&witnesses);
	if ((kinds & HIDDEN) && !(witnesses.kinds & SECRETS))
		add_files(question, "session.pcapng", HIDDEN, &witnesses);
	if (kinds & FOLDER)
		name_folder(question, &witnesses);
	return witnesses;
}
