#ifndef MXP_TRACE_TEXT_H
#define MXP_TRACE_TEXT_H

#include "probe/judge/trace_judge.h"
#include "reports/text.h"

/*
 * Hops of both families side by side on a wide screen, one family below the
 * other on a narrow one; then what the traces of all targets tell.
 */
void trace_text_target(FILE *out, const struct text_style *style,
	const struct outcome *outcome, const struct trace_set *traces);
void trace_text_end(FILE *out, const struct text_style *style,
	const struct trace_judgement *judgement, int exit_status);

#endif
