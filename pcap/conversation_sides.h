#ifndef MXP_CONVERSATION_SIDES_H
#define MXP_CONVERSATION_SIDES_H

#include "pcap/conversation.h"

/*
 * The parts of a conversation, for its own files: the client's side, the
 * server's, and who answered whom.
 */
struct talk *conversation_add(struct conversation *conversation,
	enum talk_kind kind, enum side who);

/* Copies what is kept of a text. */
struct span conversation_keep(struct conversation *conversation,
	struct span text);

/* Collects a line that comes in pieces; no more than TALK_TEXT_MAX is kept. */
void line_add(struct conversation *conversation, struct line_under_way *line,
	struct span piece, struct sighting seen);
void line_reset(struct line_under_way *line);

/* The first TLS record of a side is here; all of the chunk is TLS. */
void conversation_begin_tls(struct conversation *conversation,
	struct chunk *at);

/* ---- the client */

void client_hear(struct conversation *conversation, const struct chunk *chunk);
void client_end(struct conversation *conversation);

/* The server has answered talks[about]: go on if that was waited for. */
void client_answered(struct conversation *conversation, uint32_t about,
	unsigned code);

/* The server answers and nothing is owed: was the message over for it?  Then
 * the last talk, its reply, is tied to the message. */
bool client_unasked(struct conversation *conversation,
	struct sighting when);

/* What comes behind a nearly right end of a message may be commands. */
void client_keep_tail(struct conversation *conversation,
	const struct chunk *at, size_t from);
void client_drop_tail(struct conversation *conversation);

/* A message or a chunk, client_body.c: takes what belongs to it. */
void body_begin(struct conversation *conversation, const struct chunk *at,
	bool is_assumed);
void chunk_begin(struct conversation *conversation, const struct chunk *at,
	uint64_t octets, bool is_last);
void body_take(struct conversation *conversation, struct chunk *at);
void chunk_take(struct conversation *conversation, struct chunk *at);
void body_missing(struct conversation *conversation, uint64_t *missing);
void body_close(struct conversation *conversation, bool is_complete);

/* ---- the server */

void server_hear(struct conversation *conversation, const struct chunk *chunk);
void server_end(struct conversation *conversation);

/* ---- who answers whom */

void owed_add(struct conversation *conversation, uint32_t talk);
void owed_clear(struct conversation *conversation);

/* Ties the last talk, a reply, to what it answers. */
void owed_answer(struct conversation *conversation);

#endif
