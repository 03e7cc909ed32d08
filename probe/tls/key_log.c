#include "probe/tls/key_log.h"

#include <stdlib.h>

#include "probe/base/attr.h"

/*
 * Connections in the order in which they came, found by chains of places from
 * their random's first octets, which are random enough.
 */
enum { CHAINS = 4096, NOWHERE = 0 };

struct secret {
	uint8_t bytes[TLS_SECRET_MAX];
	uint8_t len;
};

struct connection {
	uint8_t random[TLS_RANDOM_LEN];
	struct secret secrets[KEY_LABELS];
	uint32_t next; /* 1 + place in the chain */
};

struct key_log {
	struct connection *connections;
	size_t count, room;
	size_t next;             /* the place that makes way */
	uint32_t chains[CHAINS]; /* 1 + place */
};

/* clang-format off */
static const char *const labels[KEY_LABELS] = {
	[KEY_MASTER] = "CLIENT_RANDOM",
	[KEY_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	[KEY_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
	[KEY_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
	[KEY_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};
/* clang-format on */

struct key_log *key_log_open(void)
{
	struct key_log *log = calloc(1, sizeof(*log));

	if (!log)
		abort();
	return log;
}

void key_log_close(struct key_log *log)
{
	free(log->connections);
	free(log);
}

size_t key_log_count(const struct key_log *log)
{
	return log->count;
}

static uint32_t *chain(struct key_log *log, const uint8_t *random)
{
	return &log->chains[(random[0] | random[1] << 8) & (CHAINS - 1)];
}

static struct connection *find(const struct key_log *log, const uint8_t *random)
{
	uint32_t at = log->chains[(random[0] | random[1] << 8) & (CHAINS - 1)];

	while (at != NOWHERE) {
		struct connection *one = &log->connections[at - 1];

		if (memcmp(one->random, random, TLS_RANDOM_LEN) == 0)
			return one;
		at = one->next;
	}
	return NULL;
}

static void unchain(struct key_log *log, size_t place)
{
	struct connection *one = &log->connections[place];
	uint32_t *at = chain(log, one->random);

	while (*at != place + 1)
		at = &log->connections[*at - 1].next;
	*at = one->next;
}

static size_t new_place(struct key_log *log)
{
	size_t place;

	if (log->count == KEY_LOG_MAX) {
		place = log->next++ % KEY_LOG_MAX;
		unchain(log, place);
		return place;
	}
	if (log->count == log->room) {
		size_t room = log->room ? log->room * 2 : 16;

		log->connections = realloc(
			log->connections, room * sizeof(*log->connections));
		if (!log->connections)
			abort();
		log->room = room;
	}
	return log->count++;
}

static struct connection *find_or_add(
	struct key_log *log, const uint8_t *random)
{
	struct connection *one = find(log, random);
	size_t place;

	if (one)
		return one;
	place = new_place(log);
	one = &log->connections[place];
	*one = (struct connection){ .next = *chain(log, random) };
	memcpy(one->random, random, TLS_RANDOM_LEN);
	*chain(log, random) = (uint32_t)place + 1;
	return one;
}

/* Octets from hexadecimal digits; 0: they are none, or too many. */
static size_t from_hex(struct span text, uint8_t *room, size_t most)
{
	if (text.len % 2 || text.len / 2 > most)
		return 0;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = ascii_hex_digit(text.at[i]);
		int low = ascii_hex_digit(text.at[i + 1]);

		if (high < 0 || low < 0)
			return 0;
		room[i / 2] = (uint8_t)(high << 4 | low);
	}
	return text.len / 2;
}

static void add_line(struct key_log *log, struct span line)
{
	struct span label = span_cut(&line, ' ');
	struct span random_text = span_cut(&line, ' ');
	uint8_t random[TLS_RANDOM_LEN];
	struct secret secret;

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	for (size_t i = 0; i < KEY_LABELS; i++) {
		if (!span_is(label, span_of(labels[i])))
			continue;
		secret.len = (uint8_t)from_hex(
			span_trim(line), secret.bytes, TLS_SECRET_MAX);
		if (from_hex(random_text, random, TLS_RANDOM_LEN) ==
				TLS_RANDOM_LEN &&
			secret.len)
			find_or_add(log, random)->secrets[i] = secret;
		return;
	}
}

void key_log_add(struct key_log *log, struct span text)
{
	while (text.len)
		add_line(log, span_cut(&text, '\n'));
}

struct span key_log_find(const struct key_log *log,
	const uint8_t random[static TLS_RANDOM_LEN], enum key_label label)
{
	const struct connection *one = find(log, random);

	if (!one || !one->secrets[label].len)
		return (struct span){ NULL, 0 };
	return (struct span){ (const char *)one->secrets[label].bytes,
		one->secrets[label].len };
}
