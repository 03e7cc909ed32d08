#ifndef MXP_CODEBOOK_RECENT_H
#define MXP_CODEBOOK_RECENT_H

#include "probe/judge/codebook_rows.h"

/*
 * The texts that were looked up lately, and what was found.  A server that
 * refuses refuses a thousand mails with the same words, and a program asks twice
 * for one delivery: for its table and for its line.  What is found depends on
 * the text and the evidence alone, so nothing here is ever stale.  There is room
 * for a fixed number; the next with the same place takes it.
 */
enum {
	CODEBOOK_RECENT = 64,
	CODEBOOK_RECENT_TEXT_MAX = 512, /* octets; longer ones are not kept */
};

struct codebook_found {
	const struct codebook_row *row; /* NULL: none fits */
	bool is_tied;
};

struct codebook_recent *codebook_recent_new(struct arena *arena);

/* False: it is not known. */
bool codebook_recent_find(struct codebook_recent *recent, struct span text,
	const struct codebook_evidence *evidence,
	struct codebook_found *found);

/* Copies the text; the hints of the evidence are the codebook's. */
void codebook_recent_keep(struct codebook_recent *recent, struct span text,
	const struct codebook_evidence *evidence,
	const struct codebook_found *found);

#endif
