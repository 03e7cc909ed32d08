#include "probe/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool read_all(struct arena *arena, int fd, size_t max,
	struct span *bytes, struct span *why)
{
	size_t room = 64 * 1024, len = 0;
	char *at = arena_take(arena, room);

	for (;;) {
		ssize_t got = read(fd, at + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*why = arena_copy(arena, span_of(strerror(errno)));
			return false;
		}
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > max) {
			*why = arena_print(
				arena, "it is larger than %zu octets", max);
			return false;
		}
		if (len == room) {
			char *larger = arena_take(arena, room * 2);

			memcpy(larger, at, len);
			at = larger;
			room *= 2;
		}
	}
	*bytes = (struct span){ at, len };
	return true;
}

bool file_read(struct arena *arena, const char *name, size_t max,
	struct span *bytes, struct span *why)
{
	bool is_input = strcmp(name, "-") == 0, is_read;
	int fd = is_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		*why = arena_copy(arena, span_of(strerror(errno)));
		return false;
	}
	is_read = read_all(arena, fd, max, bytes, why);
	if (!is_input)
		close(fd);
	return is_read;
}
