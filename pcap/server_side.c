#include "pcap/conversation_sides.h"
#include "probe/smtp/status.h"

/*
 * The server's octets go through the reply parser.  Where it says that they are
 * no reply, the lines before the broken one are a reply without an end; the
 * broken line begins another reply, or is one with an impossible code, or junk.
 * A line beyond the parser's limit is kept as far as that limit.
 */

/* Three digits and what may follow them; any code. */
static bool has_code(struct span line, unsigned *code)
{
	if (line.len < 3)
		return false;
	*code = 0;
	for (size_t i = 0; i < 3; i++) {
		if (!ascii_is_digit(line.at[i]))
			return false;
		*code = *code * 10 + (unsigned)(line.at[i] - '0');
	}
	return line.len == 3 || line.at[3] == ' ' || line.at[3] == '-';
}

static size_t count_lines(struct span bytes)
{
	size_t count = 0;

	while (bytes.len) {
		span_cut(&bytes, '\n');
		count++;
	}
	return count;
}

/* A reply from lines that the parser would not take as a whole one. */
static const struct reply *loose_reply(
	struct conversation *conversation, struct span bytes, unsigned code)
{
	struct reply *reply = arena_new(conversation->arena, struct reply);
	struct span rest, *lines;
	unsigned part[3];

	reply->code = code;
	reply->bytes = conversation_keep(conversation, bytes);
	rest = reply->bytes;
	lines = arena_take(
		conversation->arena, (count_lines(rest) + 1) * sizeof(*lines));
	while (rest.len) {
		struct span line = span_line_text(span_cut(&rest, '\n'));

		if (line.len < 3)
			continue;
		lines[reply->line_count] = span_part(line, 4, line.len);
		if (!reply_has_status(reply) &&
			status_take(
				lines[reply->line_count], code / 100, part)) {
			reply->status.class = part[0];
			reply->status.subject = part[1];
			reply->status.detail = part[2];
		}
		reply->line_count++;
	}
	reply->lines = lines;
	return reply;
}

static struct talk *add_reply(
	struct conversation *conversation, const struct reply *reply)
{
	struct talk *talk = conversation_add(
		conversation, TALK_REPLY, SIDE_SERVER);

	talk->reply = reply;
	talk->began = conversation->reply_began;
	talk->seen = conversation->reply_seen;
	talk->acked = conversation->reply_acked;
	talk->has_bare_lf = (reply->oddities & REPLY_BARE_LF) != 0;
	conversation->kept += reply->bytes.len + sizeof(*reply) +
			      reply->line_count * sizeof(struct span);
	return talk;
}

/* On a port that is not SMTP's, its greeting has to look like it. */
static bool is_other_greeting(struct conversation *conversation, unsigned code)
{
	if (conversation->evidence != EVIDENCE_OPEN ||
		conversation->had_greeting)
		return false;
	return code != 220 && code != 421 && code != 554;
}

static void add_whole_reply(
	struct conversation *conversation, const struct reply *reply)
{
	if (conversation->is_from_start &&
		is_other_greeting(conversation, reply->code)) {
		conversation->evidence = EVIDENCE_OTHER;
		return;
	}
	add_reply(conversation, reply);
	owed_answer(conversation);
}

static void add_broken_reply(struct conversation *conversation,
	struct span bytes, unsigned code, const char *why)
{
	const struct reply *reply = loose_reply(conversation, bytes, code);
	struct talk *talk = add_reply(conversation, reply);

	talk->is_complete = false;
	talk->why = why;
	owed_answer(conversation);
}

static void add_text(struct conversation *conversation, enum talk_kind kind,
	struct span text, uint64_t octets)
{
	struct talk *talk = conversation_add(conversation, kind, SIDE_SERVER);
	struct span kept = conversation_keep(conversation, text);

	talk->line = (struct talk_line){ .text = kept, .octets = octets };
	talk->began = conversation->reply_began;
	talk->seen = conversation->reply_seen;
	talk->acked = conversation->reply_acked;
	if (kind != TALK_JUNK)
		return;
	/* A client that goes on took it for the answer. */
	conversation->lost_replies = true;
	conversation->lost_in_junk = true;
	conversation->lost_until = conversation->server_until;
}

/* ---- what the parser does not take */

static void restart(struct conversation *conversation)
{
	reply_parser_init(&conversation->parser, conversation->arena);
}

/* The head of a line that goes on beyond the limit. */
static void skip_line(
	struct conversation *conversation, struct span head, const char *why)
{
	line_reset(&conversation->skipped);
	line_add(conversation, &conversation->skipped, head,
		conversation->reply_began);
	conversation->skips_line = true;
	conversation->skip_why = why;
}

static void end_skipped_line(struct conversation *conversation)
{
	struct line_under_way *line = &conversation->skipped;
	struct span text = span_line_text(
		(struct span){ line->text, line->len });
	unsigned code;

	conversation->skips_line = false;
	if (has_code(text, &code)) {
		add_broken_reply(
			conversation, text, code, conversation->skip_why);
		conversation->talks[conversation->count - 1].is_complete =
			text.len == 3 || text.at[3] == ' ';
	} else {
		add_text(conversation, TALK_JUNK, text, line->octets);
	}
}

/* A line that begins no reply of RFC 5321: perhaps one of its own. */
static void take_bad_line(
	struct conversation *conversation, struct span line, const char *why)
{
	const struct reply *reply;
	struct span text = span_line_text(line), input = line;
	const char *again;
	unsigned code;

	restart(conversation);
	switch (reply_parse(&conversation->parser, &input, &reply, &again)) {
	case PARSE_MORE:
		return;
	case PARSE_DONE:
		add_whole_reply(conversation, reply);
		return;
	case PARSE_BAD:
		break;
	}
	restart(conversation);
	if (!has_code(text, &code)) {
		add_text(conversation, TALK_JUNK, text, line.len);
		return;
	}
	add_broken_reply(conversation, text, code, why);
	conversation->talks[conversation->count - 1].is_complete = true;
}

static void take_bad(struct conversation *conversation, const char *why)
{
	struct span rest = reply_parser_rest(&conversation->parser);
	struct span good = span_part(rest, 0, conversation->parser.line_start);
	struct span line = span_part(rest, good.len, rest.len);
	unsigned code = conversation->parser.code;

	if (conversation->evidence == EVIDENCE_OPEN) {
		conversation->evidence = EVIDENCE_OTHER;
		return;
	}
	if (good.len)
		add_broken_reply(conversation, good, code, why);
	if (line.len && line.at[line.len - 1] != '\n') {
		skip_line(conversation, line, why);
		restart(conversation);
	} else if (line.len) {
		take_bad_line(conversation, line, why);
	} else {
		restart(conversation);
	}
}

/* ---- holes and ends */

/* What there is of a reply under way, when no more of it comes. */
static void break_off(struct conversation *conversation)
{
	struct span rest = reply_parser_rest(&conversation->parser);
	unsigned code;

	if (conversation->skips_line)
		end_skipped_line(conversation);
	if (!rest.len)
		return;
	if (conversation->parser.code)
		add_broken_reply(conversation, rest, conversation->parser.code,
			"the reply has no end");
	else if (has_code(rest, &code))
		add_broken_reply(
			conversation, rest, code, "the reply has no end");
	else
		add_text(conversation, TALK_JUNK, span_line_text(rest),
			rest.len);
	conversation->talks[conversation->count - 1].is_complete = false;
	restart(conversation);
}

static void add_hole(
	struct conversation *conversation, const struct chunk *chunk)
{
	struct talk *talk = conversation_add(
		conversation, TALK_HOLE, SIDE_SERVER);

	talk->octets = chunk->missing;
	talk->is_complete = false;
	talk->began = chunk->seen;
	talk->seen = chunk->seen;
}

static void take_hole(
	struct conversation *conversation, const struct chunk *chunk)
{
	bool was_within = reply_parser_rest(&conversation->parser).len ||
			  conversation->skips_line;

	break_off(conversation);
	conversation->in_fragment = true;
	conversation->had_greeting = true;
	conversation->lost_until = chunk->offset;
	conversation->lost_in_junk = false;
	if (!was_within)
		conversation->lost_replies = true;
	add_hole(conversation, chunk);
}

/* Behind a hole: does a reply begin here, or go on? */
static bool begins_reply(struct span bytes)
{
	size_t len = bytes.len < 4 ? bytes.len : 4;

	for (size_t i = 0; i < len && i < 3; i++)
		if (!ascii_is_digit(bytes.at[i]))
			return false;
	if (bytes.at[0] < '2' || bytes.at[0] > '5')
		return false;
	return len < 4 || bytes.at[3] == ' ' || bytes.at[3] == '-' ||
	       bytes.at[3] == '\r';
}

static void take_fragment(struct conversation *conversation, struct chunk *at)
{
	struct line_under_way *line = &conversation->skipped;
	size_t end = span_find(at->bytes, '\n');

	if (!line->octets && begins_reply(at->bytes)) {
		conversation->in_fragment = false;
		return;
	}
	line_add(
		conversation, line, span_part(at->bytes, 0, end + 1), at->seen);
	conversation->reply_began = line->began;
	conversation->reply_seen = at->seen;
	if (end < at->bytes.len) {
		add_text(conversation, TALK_FRAGMENT,
			span_line_text((struct span){ line->text, line->len }),
			line->octets);
		conversation->in_fragment = false;
		line_reset(line);
	}
	at->bytes = span_part(at->bytes, end + 1, at->bytes.len);
}

static void take_skipped(struct conversation *conversation, struct chunk *at)
{
	size_t end = span_find(at->bytes, '\n');

	line_add(conversation, &conversation->skipped,
		span_part(at->bytes, 0, end + 1), at->seen);
	conversation->reply_seen = at->seen;
	if (end < at->bytes.len)
		end_skipped_line(conversation);
	at->bytes = span_part(at->bytes, end + 1, at->bytes.len);
	if (!conversation->skips_line)
		line_reset(&conversation->skipped);
}

/* ---- the stream */

/* The octet that a TLS record begins with begins no reply. */
static bool begins_tls(struct span bytes)
{
	unsigned char first = (unsigned char)bytes.at[0];

	return first >= 0x14 && first <= 0x17 &&
	       (bytes.len < 2 || bytes.at[1] == 3);
}

static void take_reply(struct conversation *conversation, struct chunk *at)
{
	const struct reply *reply;
	const char *why;

	if (!reply_parser_rest(&conversation->parser).len) {
		if (!conversation->is_tls[SIDE_SERVER] &&
			begins_tls(at->bytes)) {
			conversation_begin_tls(conversation, at);
			return;
		}
		conversation->reply_began = at->seen;
	}
	conversation->reply_seen = at->seen;
	conversation->reply_acked = at->acked;
	switch (reply_parse(&conversation->parser, &at->bytes, &reply, &why)) {
	case PARSE_MORE:
		break;
	case PARSE_DONE:
		add_whole_reply(conversation, reply);
		break;
	case PARSE_BAD:
		take_bad(conversation, why);
		break;
	}
}

void server_hear(struct conversation *conversation, const struct chunk *chunk)
{
	struct chunk at = *chunk;

	conversation->server_until = at.offset + at.bytes.len;
	if (at.missing)
		take_hole(conversation, &at);
	while (at.bytes.len && !conversation->is_cut_short &&
		conversation->evidence != EVIDENCE_OTHER) {
		if (conversation->in_fragment)
			take_fragment(conversation, &at);
		else if (conversation->skips_line)
			take_skipped(conversation, &at);
		else
			take_reply(conversation, &at);
	}
}

void server_end(struct conversation *conversation)
{
	if (!conversation->is_cut_short)
		break_off(conversation);
}
