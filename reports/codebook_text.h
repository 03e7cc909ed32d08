#ifndef MXP_CODEBOOK_TEXT_H
#define MXP_CODEBOOK_TEXT_H

#include "probe/judge/codebook.h"
#include "probe/judge/finding.h"
#include "reports/screen.h"

/*
 * The codebook for people: a list of its rows by provider, the manual page of
 * a row, and what a reply means.
 */

/* All rows, or those of one provider (an id of the book). */
void codebook_text_list(FILE *out, const struct text_style *style,
	const struct codebook *codebook, struct span provider);

void codebook_text_row(FILE *out, const struct text_style *style,
	const struct codebook *codebook, const struct codebook_row *row);

/* All pages of an id: of findings that are not what a server said. */
void codebook_text_finding(
	FILE *out, const struct text_style *style, struct span id);

/* The page of its row, and what the reply itself carries: the address that
 * the server saw, results of checks, links, a token. */
void codebook_text_reply(FILE *out, const struct text_style *style,
	const struct codebook *codebook,
	const struct codebook_question *question);

#endif
