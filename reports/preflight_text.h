#ifndef MXP_PREFLIGHT_TEXT_H
#define MXP_PREFLIGHT_TEXT_H

#include "probe/policy/preflight.h"
#include "reports/text.h"

/*
 * The preflight for people: what holds for each address, side by side where
 * the screen is wide and there are two, below each other otherwise; what holds
 * for the message and its domains; what each receiver would do; and what to do
 * about it.  Everything foreign is escaped.
 *
 * Nothing fails; whether it could be written, ferror() knows.
 */
void preflight_text(FILE *out, const struct text_style *style,
	const struct preflight_query *query, const struct preflight *preflight);

/* SPF alone, with each of its steps (--spf-ip). */
void preflight_text_spf(FILE *out, const struct text_style *style,
	const struct preflight *preflight);

#endif
