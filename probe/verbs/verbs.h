#ifndef MXP_VERBS_H
#define MXP_VERBS_H

#include "probe/verbs/program.h"

/* What each verb does; all return the exit status. */
int walk_verb(struct arena *arena, struct program *program);
int preflight_verb(struct arena *arena, struct program *program);
int check_verb(struct arena *arena, struct program *program);
int history_verb(struct arena *arena, struct program *program);
int diff_verb(struct arena *arena, struct program *program);
int trace_verb(struct arena *arena, struct program *program);
int explain_verb(struct arena *arena, struct program *program);
int scenarios_verb(struct arena *arena, struct program *program);
int rehearse_verb(struct arena *arena, struct program *program);

#endif
