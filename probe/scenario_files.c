#include "probe/scenario_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct files {
	struct arena *arena;
	const char **list;
	size_t count, room;
};

static void files_add(struct files *files, const char *name)
{
	files->list = arena_grow(files->arena, files->list, files->count,
		&files->room, sizeof(*files->list));
	files->list[files->count++] = name;
}

static bool is_folder(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 && S_ISDIR(status.st_mode);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "a/" and "a" are one folder. */
static const char *name_in(
	struct arena *arena, const char *folder, const char *name)
{
	struct span path = span_of(folder);

	while (path.len > 1 && path.at[path.len - 1] == '/')
		path.len--;
	return arena_print(arena, "%.*s/%s", SPAN_ARG(path), name).at;
}

static void take_entries(struct files *files, const char *folder, DIR *entries)
{
	const struct dirent *entry;

	while ((entry = readdir(entries)) != NULL &&
		files->count < SCENARIO_FILES_MAX) {
		const char *name;

		if (entry->d_name[0] == '.' ||
			!span_ends_nocase(span_of(entry->d_name), SPAN(".mxp")))
			continue;
		name = name_in(files->arena, folder, entry->d_name);
		if (!is_folder(name))
			files_add(files, name);
	}
}

static bool take_folder(
	struct files *files, const char *folder, struct span *why)
{
	struct files own = { .arena = files->arena };
	DIR *entries = opendir(folder);

	if (!entries) {
		*why = arena_print(
			files->arena, "%s: %s", folder, strerror(errno));
		return false;
	}
	take_entries(&own, folder, entries);
	closedir(entries);
	if (!own.count) {
		*why = arena_print(files->arena,
			"%s: the folder has no file *.mxp", folder);
		return false;
	}
	qsort(own.list, own.count, sizeof(*own.list), by_name);
	for (size_t i = 0; i < own.count; i++)
		files_add(files, own.list[i]);
	return true;
}

bool scenario_files_expand(
	struct arena *arena, struct check_options *options, struct span *why)
{
	struct files files = { .arena = arena };

	for (size_t i = 0; i < options->file_count; i++) {
		if (!is_folder(options->files[i]))
			files_add(&files, options->files[i]);
		else if (!take_folder(&files, options->files[i], why))
			return false;
	}
	options->files = files.list;
	options->file_count = files.count;
	options->file_room = files.room;
	return true;
}
