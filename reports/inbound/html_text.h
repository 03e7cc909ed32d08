#ifndef MXP_HTML_TEXT_H
#define MXP_HTML_TEXT_H

#include "probe/base/arena.h"

/*
 * The text of an HTML part, for bounces that come without a plain one: tags
 * go, those that end a line or a cell become a line end, the common entities
 * become their letters; what stands in <style> and <script> goes too.  White
 * space is one blank, as a reader sees it, but for <pre> and for a text that
 * has no tag that breaks a line.
 */
struct span html_text(struct arena *arena, struct span html);

#endif
