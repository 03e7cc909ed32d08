#include "pcap/conversation_sides.h"

/*
 * A message after DATA ends with CRLF "." CRLF (RFC 5321 section 4.1.1.4); a
 * chunk of BDAT has as many octets as it says (RFC 3030).  Of neither more is
 * kept than was asked for.
 */
enum { KEPT_AT_FIRST = 4096 };

static struct talk *open_body(struct conversation *conversation)
{
	return &conversation->talks[conversation->body];
}

static void open_talk(struct conversation *conversation, enum talk_kind kind,
	const struct chunk *at)
{
	struct talk *talk = conversation_add(conversation, kind, SIDE_CLIENT);

	talk->began = at->seen;
	talk->seen = at->seen;
	conversation->body = (uint32_t)conversation->count - 1;
	conversation->body_is_open = true;
	conversation->body_answered = false;
}

void body_begin(struct conversation *conversation, const struct chunk *at,
	bool is_assumed)
{
	conversation->state = CLIENT_BODY;
	conversation->body_is_open = false;
	conversation->dot = DOT_LINE;
	conversation->dot_strict = true;
	conversation->last_was_cr = false;
	conversation->has_nearly = false;
	conversation->nearly_tried = false;
	if (is_assumed) {
		open_talk(conversation, TALK_BODY, at);
		open_body(conversation)->body.is_assumed = true;
		open_body(conversation)->acked = at->acked;
	}
}

void chunk_begin(struct conversation *conversation, const struct chunk *at,
	uint64_t octets, bool is_last)
{
	open_talk(conversation, TALK_CHUNK, at);
	open_body(conversation)->body.declared = octets;
	open_body(conversation)->body.is_last = is_last;
	open_body(conversation)->is_complete = false;
	conversation->state = CLIENT_CHUNK;
	conversation->chunk_left = octets;
}

/* The first octets of it, if they are wanted. */
static void keep(struct conversation *conversation, struct span bytes)
{
	struct talk_body *body = &open_body(conversation)->body;
	size_t len = body->kept.len;

	if (len >= conversation->body_keep_max)
		return;
	bytes = span_part(bytes, 0, conversation->body_keep_max - len);
	if (!len)
		conversation->body_room = 0;
	if (len + bytes.len > conversation->body_room) {
		size_t room = (len + bytes.len) * 2 + KEPT_AT_FIRST;

		conversation->body_text = arena_take(conversation->arena, room);
		if (len)
			memcpy(conversation->body_text, body->kept.at, len);
		conversation->body_room = room;
	}
	if (bytes.len)
		memcpy(conversation->body_text + len, bytes.at, bytes.len);
	body->kept = (struct span){ conversation->body_text, len + bytes.len };
}

static void count(
	struct conversation *conversation, const struct chunk *at, size_t len)
{
	struct talk *talk = open_body(conversation);

	keep(conversation, span_part(at->bytes, 0, len));
	talk->body.wire += len;
	talk->seen = at->seen;
	talk->acked = at->acked;
}

void body_close(struct conversation *conversation, bool is_complete)
{
	struct talk *talk = open_body(conversation);

	talk->is_complete = is_complete && !talk->body.missing;
	if (talk->kind == TALK_BODY && !is_complete)
		talk->body.octets = talk->body.wire;
	conversation->body_is_open = false;
	client_drop_tail(conversation);
	conversation->state = CLIENT_COMMANDS;
}

/* ---- chunks */

static void end_chunk(struct conversation *conversation)
{
	struct talk *talk = open_body(conversation);

	talk->body.octets = talk->body.wire;
	talk->is_complete = !talk->body.missing;
	conversation->body_is_open = false;
	conversation->state = CLIENT_COMMANDS;
	if (!conversation->body_answered)
		owed_add(conversation, conversation->body);
}

void chunk_take(struct conversation *conversation, struct chunk *at)
{
	size_t len = at->bytes.len;

	if (len > conversation->chunk_left)
		len = (size_t)conversation->chunk_left;
	if (!open_body(conversation)->body.wire)
		open_body(conversation)->began = at->seen;
	count(conversation, at, len);
	open_body(conversation)->body.octets += len;
	at->bytes = span_part(at->bytes, len, at->bytes.len);
	conversation->chunk_left -= len;
	if (!conversation->chunk_left)
		end_chunk(conversation);
}

/* ---- messages */

/* A dot line: "." and one or two octets of a line end. */
static void end_body(struct conversation *conversation, struct chunk *at,
	size_t len, size_t dot_line)
{
	struct talk *talk;

	count(conversation, at, len);
	talk = open_body(conversation);
	talk->body.octets = talk->body.wire - dot_line;
	if (talk->body.kept.len > talk->body.octets)
		talk->body.kept.len = (size_t)talk->body.octets;
	talk->has_bare_lf = dot_line == 2;
	at->bytes = span_part(at->bytes, len, at->bytes.len);
	body_close(conversation, true);
	if (!conversation->body_answered)
		owed_add(conversation, conversation->body);
}

/* The message as it would be if this was its end. */
static void remember_nearly(struct conversation *conversation,
	const struct chunk *at, size_t len, size_t dot_line)
{
	struct talk *nearly = &conversation->nearly;

	conversation->has_nearly = true;
	conversation->nearly_tried = true;
	*nearly = *open_body(conversation);
	nearly->body.wire += len;
	nearly->body.octets = nearly->body.wire - dot_line;
	nearly->seen = at->seen;
	nearly->acked = at->acked;
	nearly->has_bare_lf = true;
	nearly->is_complete = !nearly->body.missing;
}

/*
 * A line with a dot alone, and either its end or that of the line before it is
 * a bare LF.  To a client that ends its commands so, it is the end.  True: so
 * it was.
 */
static bool take_loose_dot(struct conversation *conversation, struct chunk *at,
	size_t len, size_t dot_line)
{
	if (conversation->ends_with_lf) {
		end_body(conversation, at, len, dot_line);
		return true;
	}
	if (!conversation->nearly_tried) {
		remember_nearly(conversation, at, len, dot_line);
		conversation->nearly_at = len;
	}
	open_body(conversation)->body.dots++;
	conversation->dot = DOT_LINE;
	conversation->dot_strict = dot_line == 3;
	return false;
}

static void next_line(
	struct conversation *conversation, struct span bytes, size_t *i)
{
	const char *end = memchr(bytes.at + *i, '\n', bytes.len - *i);
	size_t at;

	if (!end) {
		conversation->last_was_cr = bytes.at[bytes.len - 1] == '\r';
		*i = bytes.len;
		return;
	}
	at = (size_t)(end - bytes.at);
	conversation->dot_strict = at ? bytes.at[at - 1] == '\r'
				      : conversation->last_was_cr;
	conversation->dot = DOT_LINE;
	*i = at + 1;
}

/* One octet behind the begin of a line or its dot; true: the message is over. */
static bool take_octet(
	struct conversation *conversation, struct chunk *at, size_t *i)
{
	char c = at->bytes.at[*i];
	bool was_cr = conversation->dot == DOT_CR;

	if (conversation->dot == DOT_LINE) {
		conversation->last_was_cr = false;
		conversation->dot = c == '.' ? DOT_DOT : DOT_NONE;
		*i += c == '.';
		return false;
	}
	if (c == '\n') {
		*i += 1;
		if (!was_cr || !conversation->dot_strict)
			return take_loose_dot(
				conversation, at, *i, was_cr ? 3 : 2);
		end_body(conversation, at, *i, 3);
		return true;
	}
	if (!was_cr && c == '\r') {
		conversation->dot = DOT_CR;
		*i += 1;
		return false;
	}
	open_body(conversation)->body.dots++;
	conversation->dot = DOT_NONE;
	conversation->last_was_cr = was_cr;
	return false;
}

void body_take(struct conversation *conversation, struct chunk *at)
{
	size_t i = 0;

	if (!conversation->body_is_open)
		open_talk(conversation, TALK_BODY, at);
	conversation->nearly_at = 0;
	while (i < at->bytes.len) {
		if (conversation->dot == DOT_NONE)
			next_line(conversation, at->bytes, &i);
		else if (take_octet(conversation, at, &i))
			return;
	}
	count(conversation, at, at->bytes.len);
	if (conversation->has_nearly)
		client_keep_tail(conversation, at, conversation->nearly_at);
	at->bytes.len = 0;
}

void body_missing(struct conversation *conversation, uint64_t *missing)
{
	struct talk_body *body = &open_body(conversation)->body;

	if (!conversation->body_is_open)
		return;
	if (conversation->state == CLIENT_BODY) {
		body->missing += *missing;
		conversation->dot = DOT_NONE;
		conversation->last_was_cr = false;
		*missing = 0;
		if (conversation->body_answered) {
			body_close(conversation, false);
			conversation->is_client_behind_hole = true;
		}
		return;
	}
	if (*missing < conversation->chunk_left) {
		body->missing += *missing;
		conversation->chunk_left -= *missing;
		*missing = 0;
		return;
	}
	body->missing += conversation->chunk_left;
	*missing -= conversation->chunk_left;
	conversation->chunk_left = 0;
	end_chunk(conversation);
}
