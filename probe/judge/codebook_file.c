#include "probe/judge/codebook_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probe/base/file.h"

static bool is_folder(const char *name)
{
	struct stat found;

	return stat(name, &found) == 0 && S_ISDIR(found.st_mode);
}

static int is_text(const struct dirent *entry)
{
	struct span name = span_of(entry->d_name);

	return name.at[0] != '.' && span_ends_nocase(name, SPAN(".txt"));
}

static bool read_part(struct arena *arena, struct span name,
	struct codebook_part *part, struct span *errors)
{
	struct span why;

	part->file = name;
	if (file_read(arena, name.at, CODEBOOK_TEXT_MAX, &part->text, &why))
		return true;
	*errors = arena_print(arena, "%.*s%.*s: %.*s\n", SPAN_ARG(*errors),
		SPAN_ARG(name), SPAN_ARG(why));
	return false;
}

static const struct codebook *load_folder(struct arena *arena, const char *name,
	struct dirent **entries, size_t count, struct span *errors)
{
	struct codebook_part *parts = arena_take(
		arena, (count + 1) * sizeof(*parts));

	*errors = SPAN("");
	if (!count || count > CODEBOOK_FILES_MAX) {
		*errors = arena_print(arena,
			"%s: expected 1 to %u files that "
			"end in .txt\n",
			name, CODEBOOK_FILES_MAX);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		read_part(arena,
			arena_print(arena, "%s/%s", name, entries[i]->d_name),
			&parts[i], errors);
	if (errors->len)
		return NULL;
	return codebook_parse_parts(arena, parts, count, errors);
}

const struct codebook *codebook_load(
	struct arena *arena, const char *name, struct span *errors)
{
	const struct codebook *codebook;
	struct codebook_part part;
	struct dirent **entries;
	int count;

	*errors = SPAN("");
	if (!is_folder(name)) {
		if (!read_part(arena, span_of(name), &part, errors))
			return NULL;
		return codebook_parse_parts(arena, &part, 1, errors);
	}
	count = scandir(name, &entries, is_text, alphasort);
	if (count < 0) {
		*errors = arena_print(arena, "%s: %s\n", name, strerror(errno));
		return NULL;
	}
	codebook = load_folder(arena, name, entries, (size_t)count, errors);
	while (count > 0)
		free(entries[--count]);
	free(entries);
	return codebook;
}

const char *codebook_folder(
	struct arena *arena, const char *data_home, const char *home)
{
	struct span name;

	if (data_home && data_home[0] == '/')
		name = arena_print(arena, "%s/mxprobe/codebook", data_home);
	else if (home && home[0] == '/')
		name = arena_print(
			arena, "%s/.local/share/mxprobe/codebook", home);
	else
		return NULL;
	return is_folder(name.at) ? name.at : NULL;
}
