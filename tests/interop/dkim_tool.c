/*
 * Signs and verifies what comes on its standard input, for tests/interop/run.
 *
 *      dkim_tool KEYFILE SELECTOR KEYFILE SELECTOR...
 *
 * Each request is one line, some with LEN octets behind it; the answer to the
 * first two is "LEN" on a line and LEN octets, to the third the result's word.
 *
 *      record SELECTOR
 *      sign SELECTOR HEADER-CANON BODY-CANON l|- NAMES|- LEN
 *      verify LEN
 *
 * The domain is example.com.  What it does not understand ends it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/file.h"
#include "probe/policy/dkim.h"
#include "probe/policy/dkim_sign.h"

enum {
	LINE_OCTETS = 8192,
	MESSAGE_OCTETS = 4 * 1024 * 1024,
	KEYS_MAX = 4,
	NAMES_MAX = 256,
};

struct key {
	struct span selector;
	struct dkim_secret *secret;
};

struct tool {
	struct arena *arena; /* of one request */
	struct dkim_keys *keys;
	struct key secrets[KEYS_MAX];
	size_t secret_count;
};

static void die(const char *what)
{
	fprintf(stderr, "dkim_tool: %s\n", what);
	exit(2);
}

static struct span must_read(struct arena *arena, struct span len_text)
{
	unsigned long len;
	char *room;

	if (!span_number(len_text, MESSAGE_OCTETS, &len))
		die("no length");
	room = arena_take(arena, len + 1);
	if (fread(room, 1, len, stdin) != len)
		die("too few octets");
	return (struct span){ room, len };
}

static void answer(struct span bytes)
{
	printf("%zu\n", bytes.len);
	fwrite(bytes.at, 1, bytes.len, stdout);
}

static const struct key *find_key(const struct tool *tool, struct span selector)
{
	for (size_t i = 0; i < tool->secret_count; i++)
		if (span_is(tool->secrets[i].selector, selector))
			return &tool->secrets[i];
	die("no such selector");
	return NULL;
}

static enum canon must_canon(struct span word)
{
	enum canon canon;

	if (!canon_parse(word, &canon))
		die("no such canonical form");
	return canon;
}

static void do_sign(struct tool *tool, struct span rest)
{
	const struct key *key = find_key(tool, span_cut(&rest, ' '));
	struct dkim_signing signing = {
		.secret = key->secret,
		.domain = SPAN("example.com"),
		.selector = key->selector,
		.header_canon = must_canon(span_cut(&rest, ' ')),
		.body_canon = must_canon(span_cut(&rest, ' ')),
	};
	struct span names[NAMES_MAX], list, field;
	const char *why;

	if (span_is(span_cut(&rest, ' '), SPAN("l")))
		signing.body_length = CANON_WHOLE;
	list = span_cut(&rest, ' ');
	while (list.len && !span_is(list, SPAN("-"))) {
		if (signing.name_count == NAMES_MAX)
			die("too many names");
		names[signing.name_count++] = span_cut(&list, ':');
		signing.names = names;
	}
	if (!dkim_sign(tool->arena, &signing, must_read(tool->arena, rest),
		    &field, &why))
		die(why);
	answer(field);
}

/* The keys are in the DNS of this table alone. */
static void put_records(struct tool *tool, struct answers *answers)
{
	for (size_t i = 0; i < tool->secret_count; i++) {
		const struct key *key = &tool->secrets[i];
		struct answer *answer = arena_new(tool->arena, struct answer);
		struct span *value = arena_new(tool->arena, struct span);

		*value = dkim_secret_record(tool->arena, key->secret);
		answer->kind = ANSWER_DATA;
		answer->values = value;
		answer->value_count = 1;
		answers_put(answers,
			arena_print(tool->arena, "%.*s._domainkey.example.com",
				SPAN_ARG(key->selector)),
			RR_TXT, answer);
	}
}

static void do_verify(struct tool *tool, struct span rest)
{
	struct dkim_query query = {
		.arena = tool->arena,
		.answers = answers_open(tool->arena),
		.keys = tool->keys,
		.now = 1,
	};
	struct dkim_checks checks;

	put_records(tool, query.answers);
	dkim_check(&query,
		dkim_message_of(tool->arena, must_read(tool->arena, rest)),
		&checks);
	printf("%s\n", dkim_result_word(checks.result));
}

static void do_request(struct tool *tool, struct span line)
{
	struct span verb = span_cut(&line, ' ');

	if (span_is(verb, SPAN("record")))
		answer(dkim_secret_record(
			tool->arena, find_key(tool, line)->secret));
	else if (span_is(verb, SPAN("sign")))
		do_sign(tool, line);
	else if (span_is(verb, SPAN("verify")))
		do_verify(tool, line);
	else
		die("no such request");
}

static struct dkim_secret *must_open(struct arena *arena, const char *file)
{
	struct dkim_secret *secret;
	struct span bytes, why;
	const char *fault;

	if (!file_read(arena, file, 64 * 1024, &bytes, &why))
		die(arena_print(arena, "%.*s", SPAN_ARG(why)).at);
	secret = dkim_secret_open(bytes, &fault);
	if (!secret)
		die(fault);
	return secret;
}

int main(int argc, char **argv)
{
	struct arena *lasting = arena_open();
	struct tool tool = { .keys = dkim_keys_open() };
	char line[LINE_OCTETS];

	for (int i = 1; i + 1 < argc && tool.secret_count < KEYS_MAX; i += 2)
		tool.secrets[tool.secret_count++] = (struct key){
			.selector = span_of(argv[i + 1]),
			.secret = must_open(lasting, argv[i]),
		};
	while (fgets(line, sizeof(line), stdin)) {
		struct span text = span_of(line);

		tool.arena = arena_open();
		do_request(&tool, span_cut(&text, '\n'));
		fflush(stdout);
		arena_close(tool.arena);
	}
	for (size_t i = 0; i < tool.secret_count; i++)
		dkim_secret_close(tool.secrets[i].secret);
	dkim_keys_close(tool.keys);
	arena_close(lasting);
	return 0;
}
