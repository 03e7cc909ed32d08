#include "reports/whole_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_replaced(const char *name)
{
	struct stat found;

	return stat(name, &found) != 0 || S_ISREG(found.st_mode);
}

/* A link that leads nowhere yet is written through. */
static const char *behind_links(struct arena *arena, const char *name)
{
	char room[PATH_MAX];
	struct stat found;

	if (lstat(name, &found) != 0 || !S_ISLNK(found.st_mode))
		return arena_copy(arena, span_of(name)).at;
	return realpath(name, room) ? arena_copy(arena, span_of(room)).at
				    : NULL;
}

bool whole_file_open(
	struct arena *arena, const char *name, struct whole_file *file)
{
	const char *real = is_replaced(name) ? behind_links(arena, name) : NULL;

	*file = (struct whole_file){ .name = real };
	if (real)
		file->beside = arena_print(
			arena, "%s.%ld.part", real, (long)getpid())
				       .at;
	file->out = fopen(file->beside ? file->beside : name, "w");
	return file->out != NULL;
}

bool whole_file_close(struct whole_file *file, bool is_well)
{
	int error = is_well ? 0 : errno;

	errno = 0;
	is_well = fflush(file->out) == 0 && !ferror(file->out) && is_well;
	/* A write that failed before left no number, and another may tell. */
	if (!errno && ferror(file->out) &&
		write(fileno(file->out), "\n", 1) == 1)
		errno = 0;
	is_well = fclose(file->out) == 0 && is_well;
	if (!error)
		error = errno;
	file->out = NULL;
	if (!file->beside) {
		errno = error;
		return is_well;
	}
	if (is_well && rename(file->beside, file->name) == 0)
		return true;
	if (is_well)
		error = errno;
	unlink(file->beside);
	errno = error;
	return false;
}

void whole_file_drop(struct whole_file *file)
{
	if (file->out)
		fclose(file->out);
	if (file->beside)
		unlink(file->beside);
	file->out = NULL;
}
