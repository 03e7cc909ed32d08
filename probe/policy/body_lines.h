#ifndef MXP_BODY_LINES_H
#define MXP_BODY_LINES_H

#include "probe/policy/body_change.h"

/* Changes of lines: dots, quotes of "From ", line ends, wraps. */
body_undo body_undo_stuffing, body_stuff, body_undo_from_quotes,
	body_quote_from, body_undo_doubled_ends, body_undo_doubled_cr,
	body_undo_cut_delimiter, body_with_empty_line, body_without_empty_line,
	body_undo_wrap, body_undo_hard_wrap, body_undo_marked_wrap;

#endif
