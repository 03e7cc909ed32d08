#include "pcap/conversation_sides.h"

#include <stdlib.h>

/*
 * The client's octets, line by line, as conversation.h tells.  What it says
 * before the server has decided what it means is held back with the times at
 * which it came.
 */
struct held_back {
	struct held_back *next;
	struct chunk chunk;
	char bytes[];
};

static size_t weight(const struct held_back *held)
{
	/* Small pieces weigh more than their octets. */
	return sizeof(*held) + (size_t)(held->chunk.bytes.at - held->bytes) +
	       held->chunk.bytes.len;
}

static void hold_back(struct held_list *list, const struct chunk *chunk)
{
	struct held_back *held = malloc(sizeof(*held) + chunk->bytes.len);

	if (!held)
		abort();
	held->next = NULL;
	held->chunk = *chunk;
	if (chunk->bytes.len)
		memcpy(held->bytes, chunk->bytes.at, chunk->bytes.len);
	held->chunk.bytes.at = held->bytes;
	if (list->last)
		list->last->next = held;
	else
		list->first = held;
	list->last = held;
	list->octets += weight(held);
}

static struct held_back *take_first(struct held_list *list)
{
	struct held_back *held = list->first;

	list->first = held->next;
	if (!list->first)
		list->last = NULL;
	list->octets -= weight(held);
	return held;
}

static void put_first(struct held_list *list, struct held_back *held)
{
	held->next = list->first;
	list->first = held;
	if (!list->last)
		list->last = held;
	list->octets += weight(held);
}

static void drop_all(struct held_list *list)
{
	while (list->first)
		free(take_first(list));
}

void conversation_close(struct conversation *conversation)
{
	drop_all(&conversation->held);
	drop_all(&conversation->tail);
	if (conversation->tap)
		tls_tap_close(conversation->tap);
}

/* ---- command lines */

/* BDAT chunk-size [ SP "LAST" ] (RFC 3030 section 2). */
static bool is_good_bdat(struct span line, unsigned long *size, bool *is_last)
{
	struct span word;

	span_cut(&line, ' ');
	word = span_cut(&line, ' ');
	*is_last = line.len > 0;
	if (line.len && !span_is_nocase(span_trim(line), SPAN("LAST")))
		return false;
	return span_number(word, (unsigned long)INT64_MAX, size);
}

static void wait_for(struct conversation *conversation, uint32_t talk)
{
	conversation->state = CLIENT_WAITING;
	conversation->waits_for = talk;
}

/* What a command line means for what follows it. */
static void after_command(struct conversation *conversation, uint32_t place,
	const struct chunk *at)
{
	const struct talk_line *line = &conversation->talks[place].line;
	unsigned long size;
	bool is_last;

	if (line->verb == SMTP_BDAT &&
		is_good_bdat(line->text, &size, &is_last) && size > 0) {
		chunk_begin(conversation, at, size, is_last);
		return;
	}
	owed_add(conversation, place);
	if (line->verb == SMTP_DATA || line->verb == SMTP_AUTH)
		wait_for(conversation, place);
	if (line->verb == SMTP_STARTTLS)
		conversation->starttls_asked = true;
}

/* Elsewhere than on its own ports SMTP begins with a greeting command. */
static bool is_other_line(
	struct conversation *conversation, enum smtp_verb verb)
{
	if (conversation->evidence != EVIDENCE_OPEN)
		return false;
	if (verb == SMTP_EHLO || verb == SMTP_HELO || verb == SMTP_LHLO ||
		(!conversation->is_from_start &&
			(verb == SMTP_MAIL || verb == SMTP_RCPT))) {
		conversation->evidence = EVIDENCE_SMTP;
		return false;
	}
	conversation->evidence = EVIDENCE_OTHER;
	return true;
}

static struct talk *add_line(struct conversation *conversation,
	enum talk_kind kind, struct span text, const struct chunk *at)
{
	struct talk *talk = conversation_add(conversation, kind, SIDE_CLIENT);

	talk->line = (struct talk_line){
		.text = conversation_keep(conversation, text),
		.octets = text.len,
	};
	talk->began = at->seen;
	talk->seen = at->seen;
	talk->acked = at->acked;
	return talk;
}

/* A whole line, its CR and LF gone. */
static void take_line(struct conversation *conversation, struct span text,
	const struct chunk *at, bool has_bare_lf)
{
	uint32_t place = (uint32_t)conversation->count;
	enum smtp_verb verb = smtp_verb_of(text);
	bool is_answer = conversation->answer_next;
	struct talk *talk;

	if (conversation->is_client_behind_hole && verb == SMTP_OTHER) {
		conversation->is_client_behind_hole = false;
		add_line(conversation, TALK_FRAGMENT, text, at);
		return;
	}
	conversation->is_client_behind_hole = false;
	if (is_other_line(conversation, verb))
		return;
	talk = add_line(
		conversation, is_answer ? TALK_ANSWER : TALK_COMMAND, text, at);
	if (conversation->line.octets) {
		talk->began = conversation->line.began;
		talk->line.octets = conversation->line.octets;
	}
	talk->line.verb = is_answer ? SMTP_AUTH : verb;
	talk->has_bare_lf = has_bare_lf;
	conversation->ends_with_lf = has_bare_lf;
	conversation->answer_next = false;
	if (is_answer) {
		owed_add(conversation, place);
		wait_for(conversation, place);
		return;
	}
	after_command(conversation, place, at);
}

/* A handshake record begins with an octet that begins no command. */
static bool begins_tls(struct span bytes)
{
	return bytes.at[0] == 0x16 && (bytes.len < 2 || bytes.at[1] == 3);
}

/* The first octet of anything that is_other_line() would take. */
static bool may_begin_command(struct span bytes)
{
	return memchr("ehlmrEHLMR", bytes.at[0], 10) != NULL;
}

static void take_command(struct conversation *conversation, struct chunk *at)
{
	struct line_under_way *line = &conversation->line;
	size_t end = span_find(at->bytes, '\n');
	struct span text = span_part(at->bytes, 0, end);
	bool has_bare_lf;

	if (!line->octets && !conversation->is_tls[SIDE_CLIENT] &&
		begins_tls(at->bytes)) {
		conversation_begin_tls(conversation, at);
		return;
	}
	if (!line->octets && conversation->evidence == EVIDENCE_OPEN &&
		!may_begin_command(at->bytes)) {
		conversation->evidence = EVIDENCE_OTHER;
		return;
	}
	if (line->octets || end == at->bytes.len) {
		line_add(conversation, line, text, at->seen);
		text = (struct span){ line->text, line->len };
	}
	if (end == at->bytes.len) {
		at->bytes.len = 0;
		return;
	}
	at->bytes = span_part(at->bytes, end + 1, at->bytes.len);
	has_bare_lf = !text.len || text.at[text.len - 1] != '\r';
	if (!has_bare_lf)
		text.len--;
	take_line(conversation, text, at, has_bare_lf);
	line_reset(line);
}

/* ---- the stream */

static void take_hole(struct conversation *conversation,
	const struct chunk *chunk, uint64_t missing)
{
	struct talk *talk;

	if (conversation->line.octets) {
		struct span text = { conversation->line.text,
			conversation->line.len };

		talk = add_line(conversation, TALK_COMMAND, text, chunk);
		talk->line.verb = smtp_verb_of(text);
		talk->is_complete = false;
		line_reset(&conversation->line);
	}
	talk = conversation_add(conversation, TALK_HOLE, SIDE_CLIENT);
	talk->octets = missing;
	talk->is_complete = false;
	talk->began = chunk->seen;
	talk->seen = chunk->seen;
	conversation->is_client_behind_hole = true;
}

static void take_missing(struct conversation *conversation, struct chunk *at)
{
	uint64_t missing = at->missing;

	at->missing = 0;
	if (conversation->state == CLIENT_BODY ||
		conversation->state == CLIENT_CHUNK)
		body_missing(conversation, &missing);
	if (missing)
		take_hole(conversation, at, missing);
}

/* As much as can be understood now; the rest stays in *at. */
static void take(struct conversation *conversation, struct chunk *at)
{
	if (at->missing && conversation->state != CLIENT_WAITING)
		take_missing(conversation, at);
	while (at->bytes.len && !conversation->is_cut_short &&
		conversation->evidence != EVIDENCE_OTHER) {
		switch (conversation->state) {
		case CLIENT_WAITING:
			return;
		case CLIENT_COMMANDS:
			take_command(conversation, at);
			break;
		case CLIENT_BODY:
			body_take(conversation, at);
			break;
		case CLIENT_CHUNK:
			chunk_take(conversation, at);
			break;
		}
	}
}

/* Takes what was held back, as far as it goes; what is left goes back. */
static void drain(struct conversation *conversation)
{
	while (conversation->held.first && !conversation->is_cut_short &&
		conversation->evidence != EVIDENCE_OTHER &&
		conversation->state != CLIENT_WAITING) {
		struct held_back *held = take_first(&conversation->held);

		take(conversation, &held->chunk);
		if (held->chunk.bytes.len)
			put_first(&conversation->held, held);
		else
			free(held);
	}
}

/* The answer is not in the file: go by what the client does. */
static void assume_answer(struct conversation *conversation)
{
	const struct talk *talk = &conversation->talks[conversation->waits_for];

	conversation->state = CLIENT_COMMANDS;
	if (talk->line.verb == SMTP_DATA && talk->kind == TALK_COMMAND)
		body_begin(
			conversation, &conversation->held.first->chunk, true);
	else
		conversation->answer_next = !conversation->had_greeting;
	drain(conversation);
}

void client_hear(struct conversation *conversation, const struct chunk *chunk)
{
	struct chunk at = *chunk;

	if (!conversation->held.first)
		take(conversation, &at);
	if (!at.bytes.len && !at.missing)
		return;
	if (conversation->is_cut_short ||
		conversation->evidence == EVIDENCE_OTHER)
		return;
	hold_back(&conversation->held, &at);
	if (conversation->held.octets > CONVERSATION_HELD_MAX)
		assume_answer(conversation);
}

void client_answered(
	struct conversation *conversation, uint32_t about, unsigned code)
{
	const struct talk *talk = &conversation->talks[about];

	if (conversation->state != CLIENT_WAITING ||
		conversation->waits_for != about)
		return;
	conversation->state = CLIENT_COMMANDS;
	if (talk->line.verb == SMTP_DATA && code == 354)
		body_begin(conversation, NULL, false);
	else if (talk->line.verb == SMTP_AUTH)
		conversation->answer_next = code == 334;
	drain(conversation);
}

/* ---- an end of a message that is nearly right */

void client_drop_tail(struct conversation *conversation)
{
	conversation->has_nearly = false;
	drop_all(&conversation->tail);
}

void client_keep_tail(
	struct conversation *conversation, const struct chunk *at, size_t from)
{
	struct chunk tail = *at;

	tail.bytes = span_part(at->bytes, from, at->bytes.len);
	if (tail.bytes.len)
		hold_back(&conversation->tail, &tail);
	if (conversation->tail.octets > CONVERSATION_TAIL_MAX)
		client_drop_tail(conversation);
}

static bool is_nearly_over(
	const struct conversation *conversation, struct sighting when)
{
	return conversation->body_is_open && !conversation->body_answered &&
	       conversation->has_nearly &&
	       conversation->nearly.seen.frame <= when.frame;
}

bool client_unasked(struct conversation *conversation, struct sighting when)
{
	uint32_t reply = (uint32_t)conversation->count - 1;
	uint32_t body = conversation->body;

	if (!is_nearly_over(conversation, when))
		return false;
	conversation->nearly.body.kept = span_part(
		conversation->talks[body].body.kept, 0,
		(size_t)conversation->nearly.body.octets);
	conversation->talks[body] = conversation->nearly;
	conversation->talks[body].answered_by = reply + 1;
	conversation->talks[reply].answers = ANSWERS_TALK;
	conversation->talks[reply].about = body;
	conversation->body_is_open = false;
	conversation->has_nearly = false;
	conversation->state = CLIENT_COMMANDS;
	conversation->held = conversation->tail;
	conversation->tail = (struct held_list){ .first = NULL };
	drain(conversation);
	return true;
}

/* ---- the end */

/* What there is of a line when no more of it comes. */
static void end_line(struct conversation *conversation)
{
	struct line_under_way *line = &conversation->line;
	struct span text = { line->text, line->len };
	struct talk *talk;

	if (!line->octets)
		return;
	talk = conversation_add(conversation, TALK_COMMAND, SIDE_CLIENT);
	talk->line = (struct talk_line){
		.text = conversation_keep(conversation, text),
		.octets = line->octets,
		.verb = smtp_verb_of(text),
	};
	talk->began = line->began;
	talk->seen = line->latest;
	talk->is_complete = false;
	line_reset(line);
}

void client_end(struct conversation *conversation)
{
	while (conversation->held.first && !conversation->is_cut_short &&
		conversation->state == CLIENT_WAITING)
		assume_answer(conversation);
	if (conversation->body_is_open)
		body_close(conversation, false);
	if (!conversation->is_cut_short &&
		conversation->evidence != EVIDENCE_OTHER)
		end_line(conversation);
}
