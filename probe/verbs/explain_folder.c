#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "probe/verbs/witness.h"

struct folder_walk {
	struct explanation *explanation;
	void (*take)(struct explanation *explanation, const char *name);
	unsigned depth;
};

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool explain_is_mailbox(const char *name)
{
	struct arena *arena = arena_open();
	bool is_one = is_folder(arena_print(arena, "%s/cur", name).at) ||
		      is_folder(arena_print(arena, "%s/new", name).at);

	arena_close(arena);
	return is_one;
}

static int by_name(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	return strcmp(one->at, other->at);
}

static size_t list(struct arena *arena, DIR *dir, struct span **names)
{
	size_t count = 0, room = 0;
	struct dirent *entry;

	*names = NULL;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		*names = arena_grow(
			arena, *names, count, &room, sizeof(**names));
		(*names)[count++] = arena_copy(arena, span_of(entry->d_name));
	}
	if (count)
		qsort(*names, count, sizeof(**names), by_name);
	return count;
}

static void walk(struct folder_walk *reading, const char *path);

/* Of links only those to files are followed: others may lead in a circle.  A
 * pipe or a device that lies about is none of ours. */
static void take(struct folder_walk *reading, const char *path)
{
	struct stat status, behind;

	if (lstat(path, &status) != 0)
		return;
	if (S_ISDIR(status.st_mode))
		walk(reading, path);
	else if (stat(path, &behind) == 0 && S_ISREG(behind.st_mode))
		reading->take(reading->explanation, path);
}

static const char *inside(
	struct arena *arena, const char *path, struct span name)
{
	size_t len = strlen(path);
	bool has_slash = len && path[len - 1] == '/';

	return arena_print(
		arena, "%s%s%.*s", path, has_slash ? "" : "/", SPAN_ARG(name))
		.at;
}

static void walk(struct folder_walk *reading, const char *path)
{
	struct explanation *explanation = reading->explanation;
	struct arena *arena = arena_open();
	DIR *dir = NULL;

	if (explain_is_mailbox(path))
		explain_mailbox(explanation, path);
	else if (reading->depth == EXPLAIN_DEPTH_MAX)
		explain_unreadable(explanation, span_of(path),
			SPAN("there are too many folders in each other"));
	else if (!(dir = opendir(path)))
		explain_unreadable(
			explanation, span_of(path), span_of(strerror(errno)));
	if (dir) {
		struct span *names;
		size_t count = list(arena, dir, &names);

		closedir(dir);
		reading->depth++;
		for (size_t i = 0; i < count; i++)
			take(reading, inside(arena, path, names[i]));
		reading->depth--;
	}
	arena_close(arena);
}

void explain_folder(struct explanation *explanation, const char *name,
	void (*take_file)(struct explanation *explanation, const char *name))
{
	struct folder_walk reading = { .explanation = explanation,
		.take = take_file };

	walk(&reading, name);
}
