/*
 * dkim_ours warm|cold COUNT MESSAGE RECORD     verify COUNT times
 * dkim_ours sign KEY MESSAGE                   print the signature field
 * dkim_ours record KEY                         print the key record
 *
 * What mxprobe does for a message whose key record is known: everything from
 * the bytes to a verdict with its reasons.  Warm keeps the keys it has read,
 * as mxprobe does; cold has another record each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/base/file.h"
#include "probe/policy/dkim.h"
#include "probe/policy/dkim_sign.h"

#define KEY_NAME "bench._domainkey.example.com"

enum { OCTETS_MAX = 16 * 1024 * 1024 };

static struct span must_read(struct arena *arena, const char *name)
{
	struct span bytes, why;

	if (!file_read(arena, name, OCTETS_MAX, &bytes, &why)) {
		fprintf(stderr, "%.*s\n", SPAN_ARG(why));
		exit(2);
	}
	return bytes;
}

static int verify(const struct answer *record, struct dkim_keys *keys,
	struct span message)
{
	struct arena *arena = arena_open_with(16 * 1024);
	struct dkim_query query = {
		.arena = arena,
		.answers = answers_open(arena),
		.keys = keys,
		.now = 1,
	};
	struct dkim_checks checks;

	answers_put(query.answers, SPAN(KEY_NAME), RR_TXT, record);
	dkim_check(&query, dkim_message_of(arena, message), &checks);
	arena_close(arena);
	return checks.result == DKIM_PASS;
}

/* Each record is another one, so that none is known. */
static void vary(struct span *record, struct span value, char *room, int i)
{
	int len = sprintf(room, "%.*s; n=%d", SPAN_ARG(value), i);

	*record = (struct span){ room, (size_t)len };
}

static int verify_all(int is_cold, int count, char **files)
{
	struct arena *arena = arena_open();
	struct span message = must_read(arena, files[0]);
	struct span value = must_read(arena, files[1]);
	struct span record = value;
	struct answer answer = {
		.kind = ANSWER_DATA,
		.values = &record,
		.value_count = 1,
	};
	struct dkim_keys *keys = dkim_keys_open();
	char *room = arena_take(arena, value.len + 32);
	int passed = 0;

	for (int i = 0; i < count; i++) {
		if (is_cold)
			vary(&record, value, room, i);
		passed += verify(&answer, keys, message);
	}
	dkim_keys_close(keys);
	arena_close(arena);
	return passed == count ? 0 : 1;
}

static int sign(const char *key, const char *file)
{
	struct arena *arena = arena_open();
	struct dkim_signing signing = {
		.domain = SPAN("example.com"),
		.selector = SPAN("bench"),
		.header_canon = CANON_RELAXED,
		.body_canon = CANON_RELAXED,
	};
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(
		must_read(arena, key), &why);
	struct span out;

	if (!secret)
		return 2;
	signing.secret = secret;
	out = dkim_secret_record(arena, secret);
	if (file &&
		!dkim_sign(arena, &signing, must_read(arena, file), &out, &why))
		return 2;
	fwrite(out.at, 1, out.len, stdout);
	dkim_secret_close(secret);
	arena_close(arena);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "sign") == 0)
		return sign(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "record") == 0)
		return sign(argv[2], NULL);
	if (argc != 5)
		return 2;
	return verify_all(
		strcmp(argv[1], "cold") == 0, atoi(argv[2]), argv + 3);
}
