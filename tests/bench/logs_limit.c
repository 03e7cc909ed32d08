/*
 * logs_limit FILE
 *
 * The least that counting a Postfix log takes: one pass, and of each line only
 * where ", status=" is, the dsn= before it and the code behind " said: ".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20, LINE_MAX_OCTETS = 1 << 16 };

static long lines, words[4], classes[10], codes[1000];

static void count_status(const char *line, const char *status, size_t behind)
{
	const char *dsn = memrchr(line, 'd', (size_t)(status - line));
	const char *said;
	int code;

	words[status[9] == 's'     ? 0
		: status[9] == 'd' ? 1
		: status[9] == 'b' ? 2
				   : 3]++;
	if (dsn && memcmp(dsn, "dsn=", 4) == 0 && dsn[4] >= '0' &&
		dsn[4] <= '9')
		classes[dsn[4] - '0']++;
	if (status[9] == 's')
		return;
	said = memmem(status, behind, " said: ", 7);
	code = said ? atoi(said + 7) : 0;
	if (code > 0 && code < 1000)
		codes[code]++;
}

static void count_line(const char *line, size_t len)
{
	const char *status = memmem(line, len, ", status=", 9);

	lines++;
	if (status && (size_t)(line + len - status) > 9)
		count_status(line, status, (size_t)(line + len - status));
}

static int count_file(const char *name)
{
	static char room[PIECE + LINE_MAX_OCTETS + 1];
	size_t held = 0;
	ssize_t len;
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		return 1;
	while ((len = read(fd, room + held, PIECE)) > 0) {
		char *at = room, *end = room + held + len, *stop;

		*end = '\0';
		for (; (stop = memchr(at, '\n', (size_t)(end - at)));
			at = stop + 1)
			count_line(at, (size_t)(stop - at));
		held = (size_t)(end - at);
		if (held > LINE_MAX_OCTETS)
			held = 0;
		memmove(room, at, held);
	}
	close(fd);
	return len < 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (count_file(argv[1]) != 0)
		return 1;
	printf("%ld lines, %ld sent, %ld deferred, %ld bounced\n", lines,
		words[0], words[1], words[2]);
	return 0;
}
