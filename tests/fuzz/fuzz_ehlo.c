/*
 * The lines of an EHLO reply: the input's lines, with a code put before each.
 * Every span lies inside the reply, and the flags agree with the keywords.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/smtp/ehlo.h"
#include "probe/smtp/reply_parser.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* NULL when it passes a limit of the reply. */
static const struct reply *ehlo_reply(struct arena *arena, struct span text)
{
	const struct reply *reply = NULL;
	struct reply_parser parser;
	const char *why;

	reply_parser_init(&parser, arena);
	do {
		struct span line = span_cut(&text, '\n');
		struct span parts[] = { text.len ? SPAN("250-") : SPAN("250 "),
			line, SPAN("\r\n") };

		for (size_t i = 0; i < 3; i++)
			if (reply_parse(&parser, &parts[i], &reply, &why) ==
				PARSE_BAD)
				return NULL;
	} while (text.len);
	MUST(reply != NULL);
	return reply;
}

static void ehlo_inside(const struct reply *reply, struct span part)
{
	MUST(part.at >= reply->bytes.at);
	MUST(part.at + part.len <= reply->bytes.at + reply->bytes.len);
}

static void ehlo_check(const struct reply *reply, const struct ehlo *ehlo)
{
	ehlo_inside(reply, ehlo->domain);
	ehlo_inside(reply, ehlo->greeting);
	MUST(ehlo->keyword_count < reply->line_count);
	for (size_t i = 0; i < ehlo->keyword_count; i++) {
		const struct ehlo_keyword *row = &ehlo->keywords[i];

		ehlo_inside(reply, row->word);
		ehlo_inside(reply, row->parameters);
		MUST(row->word.len > 0);
		MUST(span_find(row->word, ' ') == row->word.len);
		MUST(ehlo_find(ehlo, row->word) != NULL);
	}
	MUST(ehlo->starttls == (ehlo_find(ehlo, SPAN("starttls")) != NULL));
	MUST(ehlo->size == (ehlo_find(ehlo, SPAN("size")) != NULL));
	MUST(ehlo->size || ehlo->size_max == 0);
	if (ehlo->has_echo)
		MUST(ip_kind(&ehlo->echo) != IP_UNSPECIFIED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	const struct reply *reply;
	struct ehlo ehlo;

	reply = ehlo_reply(arena, (struct span){ (const char *)bytes, size });
	if (reply) {
		ehlo_parse(arena, reply, &ehlo);
		ehlo_check(reply, &ehlo);
	}
	arena_close(arena);
	return 0;
}
