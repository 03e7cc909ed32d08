#ifndef MXP_TEXT_WALK_H
#define MXP_TEXT_WALK_H

#include "reports/screen.h"

/* What --verbose adds: each walk in full, what the DNS said, what was left. */
void text_walk(struct screen *screen, const struct visit *visit);
void text_dns(struct screen *screen, const struct outcome *outcome);
void text_left_out(struct screen *screen, const struct outcome *outcome);

#endif
