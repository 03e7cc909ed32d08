#include "probe/verbs/growing_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

struct growing_file {
	const char *name;
	int fd;
	bool is_input;
	uint64_t offset;
	char *room;
};

static int open_again(const char *name)
{
	/* A pipe in its place would hold us until somebody writes to it. */
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

struct growing_file *growing_file_open(
	struct arena *arena, const char *name, struct span *why)
{
	struct growing_file *file = arena_new(arena, struct growing_file);

	file->is_input = strcmp(name, "-") == 0;
	file->name = arena_copy(arena, span_of(name)).at;
	file->fd = file->is_input ? dup(STDIN_FILENO) : open_again(name);
	if (file->fd < 0) {
		*why = arena_copy(arena, span_of(strerror(errno)));
		return NULL;
	}
	file->room = arena_take(arena, GROWING_FILE_PIECE);
	return file;
}

void growing_file_close(struct growing_file *file)
{
	close(file->fd);
}

/* Standard input is shared with others, so it stays as it is: a read of it
 * might wait. */
static bool is_ready(const struct growing_file *file)
{
	struct pollfd ready = { .fd = file->fd, .events = POLLIN };

	return !file->is_input || poll(&ready, 1, 0) > 0;
}

static ssize_t read_piece(struct growing_file *file)
{
	ssize_t len;

	do
		len = read(file->fd, file->room, GROWING_FILE_PIECE);
	while (len < 0 && errno == EINTR);
	if (len > 0)
		file->offset += (uint64_t)len;
	return len;
}

static bool is_truncated(const struct growing_file *file)
{
	struct stat facts;

	return fstat(file->fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
	       (uint64_t)facts.st_size < file->offset;
}

/* The new one is there, and written to: until then the writer may still have
 * the old one open. */
static bool is_replaced(const struct growing_file *file)
{
	struct stat old, now;

	return fstat(file->fd, &old) == 0 && stat(file->name, &now) == 0 &&
	       S_ISREG(now.st_mode) && now.st_size > 0 &&
	       (old.st_ino != now.st_ino || old.st_dev != now.st_dev);
}

static enum growing_state give(
	const struct growing_file *file, ssize_t len, struct span *piece)
{
	*piece = (struct span){ file->room, (size_t)len };
	return GROWING_MORE;
}

static enum growing_state begin_anew(struct growing_file *file, int fd)
{
	if (fd < 0)
		return GROWING_REST;
	close(file->fd);
	file->fd = fd;
	file->offset = 0;
	return GROWING_ANEW;
}

enum growing_state growing_file_read(
	struct growing_file *file, struct span *piece)
{
	ssize_t len;

	*piece = SPAN("");
	if (!is_ready(file))
		return GROWING_REST;
	len = read_piece(file);
	if (len > 0)
		return give(file, len, piece);
	if (file->is_input)
		return GROWING_END;
	if (is_truncated(file)) {
		if (lseek(file->fd, 0, SEEK_SET) != 0)
			return GROWING_END;
		file->offset = 0;
		return GROWING_ANEW;
	}
	if (!is_replaced(file))
		return GROWING_REST;
	/* What was written between the last read and the new file. */
	len = read_piece(file);
	return len > 0 ? give(file, len, piece)
		       : begin_anew(file, open_again(file->name));
}
