/*
 * logs_ours FILE TIMES
 *
 * Reads the log as `mxprobe explain` does, TIMES over as if it were one, and
 * counts what is told: by result and family, by code, and by the server's name.
 */
#include <stdio.h>
#include <stdlib.h>

#include "reports/inbound/compressed_file.h"
#include "reports/inbound/maillog.h"

enum { RESULTS = DELIVERY_UNKNOWN + 1, SERVERS_MAX = 8192 };

static struct server {
	struct span name;
	long count[RESULTS];
} servers[SERVERS_MAX];
static long results[RESULTS][FAMILY_COUNT + 1], codes[600];
static struct arena *arena;

/* The name's place; all that find none share the first. */
static struct server *server_of(struct span name)
{
	size_t sum = name.len;

	for (size_t i = 0; i < name.len; i++)
		sum = sum * 31 + (unsigned char)name.at[i];
	for (size_t i = 0; i < 16; i++) {
		struct server *server = &servers[(sum + i) % SERVERS_MAX];

		if (!server->name.at)
			server->name = arena_copy(arena, name);
		if (span_is(server->name, name))
			return server;
	}
	return &servers[0];
}

static void count(struct maillog *log)
{
	const struct delivery *one;

	while ((one = maillog_next(log)) != NULL) {
		results[one->result]
		       [one->has_family ? one->family : FAMILY_COUNT]++;
		codes[one->code]++;
		server_of(one->relay_host)->count[one->result]++;
	}
}

static int read_file(struct maillog *log, const char *name)
{
	struct arena *own = arena_open();
	struct span piece, why;
	struct compressed_file *file = compressed_file_open(own, name, &why);
	enum compressed_state state = COMPRESSED_BAD;

	while (file && (state = compressed_file_read(file, &piece, &why)) ==
			       COMPRESSED_MORE) {
		maillog_feed(log, piece);
		count(log);
	}
	if (file)
		compressed_file_close(file);
	arena_close(own);
	return state == COMPRESSED_END ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct maillog_orders orders = { .now_ms = 1767225600000 };
	struct maillog *log;
	int failed = 0;

	if (argc != 3)
		return 2;
	arena = arena_open();
	log = maillog_open(&orders);
	for (int i = 0; i < atoi(argv[2]); i++)
		failed |= read_file(log, argv[1]);
	maillog_end(log);
	count(log);
	for (size_t i = 0; i < RESULTS; i++)
		printf("%s %ld %ld %ld\n", delivery_result_word((int)i),
			results[i][0], results[i][1], results[i][2]);
	maillog_close(log);
	arena_close(arena);
	return failed;
}
