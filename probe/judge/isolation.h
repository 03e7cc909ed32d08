#ifndef MXP_ISOLATION_H
#define MXP_ISOLATION_H

#include "probe/judge/compare.h"
#include "probe/judge/expectation.h"

/*
 * Isolation looks for the smallest difference that makes a refused dialogue go
 * well: one thing is changed at a time, from the one that failed towards one
 * that went well, and everything else is held still.  What was walked already
 * costs nothing.  Only connections made for it count against its limit.
 *
 * It walks nothing itself: it names the next experiment, is told how that
 * ended, and concludes.  What is put off (4xx) or could not be decided is no
 * evidence either way.  The same refusal is asked for once more, where the
 * limit allows: one that comes and goes has no single cause to be found.
 *
 * Its memory is the arena's that it was opened with; spans are borrowed.
 */
enum {
	ISOLATION_CONNECTIONS = 4,      /* where nothing else is said */
	ISOLATION_CONNECTIONS_MAX = 32,
	ISOLATION_KNOWN_MAX = 256,      /* trials that are remembered */
	ISOLATION_TEXT_MAX = 512,       /* octets of a reply in one */
};

/* How one dialogue is held: a value for each thing that can be changed. */
struct setting {
	enum family family;
	bool has_source;                /* false: the kernel's choice */
	struct ip source;
	struct span ehlo;               /* empty: our address as a literal */
	struct span host;
	struct ip remote;
	bool has_tls;                   /* STARTTLS is one of its steps */
	struct span mail_from;          /* empty: <> */
};

/* How it ended, and what of it was not as expected. */
struct trial_end {
	bool is_decided;
	bool is_well;
	struct ending ending;
	struct span missed;             /* the first expectation not met, as it
					   was wanted; or empty */
	struct span told;               /* the reply, or a sentence; may be
					   empty; not escaped */
};

struct trial {
	struct setting setting;
	struct trial_end end;
	bool is_known;                  /* no connection was made for it */
	bool is_repeat;                 /* of what failed, to see it again */
	struct span name;               /* of the cell it is known from; may
					   be empty */
};

/* Held against the dialogue that failed. */
enum trial_verdict {
	TRIAL_WELL,
	TRIAL_ALIKE,                    /* fails in the same way */
	TRIAL_OTHERWISE,                /* fails in another way */
	TRIAL_OPEN,                     /* put off, or not decided */
};

struct isolation_host {
	struct span name;
	bool has[FAMILY_COUNT];
	struct ip remote[FAMILY_COUNT];
};

struct isolation_question {
	struct trial failing;
	enum stage stage;               /* where it failed; what is said later
					   cannot make the difference */
	const struct trial *known;
	size_t known_count;
	bool varies[VARIED_COUNT];      /* what may be changed */
	unsigned max_connections;
	bool delivers;                  /* each repeats the message */
	bool was_in_clear;              /* STARTTLS is a step, and was not
					   said: not offered */

	/* What there is to change to. */
	bool has_home[FAMILY_COUNT];    /* the source of the path ... */
	struct ip home[FAMILY_COUNT];   /* ... in each family */
	const struct ip *sources;       /* others, of either family */
	size_t source_count;
	const struct span *names;       /* for EHLO */
	size_t name_count;
	const struct isolation_host *hosts;
	size_t host_count;
	const struct span *senders;     /* empty: <> */
	size_t sender_count;
};

enum varied_state {
	VARIED_HELD,                    /* was not to be changed */
	VARIED_FLIPS,                   /* alone makes the difference */
	VARIED_INNOCENT,                /* alone makes none */
	VARIED_UNCLEAR,                 /* tried, and not decided */
	VARIED_LATER,                   /* is said behind where it failed */
	VARIED_CHOICELESS,              /* there is nothing to change it to */
	VARIED_UNTRIED,                 /* the limit was reached before */
	VARIED_ALONG,                   /* the family, where the source alone
					   makes the difference: it brings
					   another one with it */
};

enum isolation_end {
	ISOLATED_SINGLE,                /* one change alone */
	ISOLATED_TOGETHER,              /* only several at once */
	ISOLATED_NOTHING,               /* no change makes a difference */
	ISOLATED_UNSTABLE,              /* repeated, it went well */
	ISOLATED_UNTOLD,                /* it could not be told apart */
};

struct isolation {
	struct arena *arena;
	const struct isolation_question *question;
	struct trial *trials;           /* in their order: those known that
					   were of use, and those made */
	size_t trial_count, trial_room;
	unsigned connections;
	bool is_interrupted;

	/* The conclusion. */
	enum isolation_end end;
	enum varied_state states[VARIED_COUNT];
	const struct trial *flips[VARIED_COUNT];        /* or NULL */
	const struct trial *together;   /* ISOLATED_TOGETHER */
	const struct finding *const *findings;  /* of what failed, beside it */
	size_t finding_count;
	struct span text;               /* sentences; not escaped */
};

void isolation_open(struct isolation *isolation, struct arena *arena,
	const struct isolation_question *question);

/* The next experiment; false: there is none. */
bool isolation_next(const struct isolation *isolation, struct trial *next);

/* How it ended.  A source that was left to the kernel is filled in. */
void isolation_take(struct isolation *isolation, const struct trial *made);

/* The findings of `judgement` that bear on this visit are its evidence. */
void isolation_conclude(struct isolation *isolation,
	const struct judgement *judgement, const struct visit *visit);

/*
 * What two differ in, a bit (1u << enum varied) for each.  A source address
 * goes with its family; it differs for itself where it is not that of the
 * path.
 */
unsigned isolation_difference(const struct isolation_question *question,
	const struct setting *setting);

enum trial_verdict trial_verdict_of(const struct trial_end *failing,
	const struct trial_end *end);

/*
 * One visit as a trial (isolation_trial.c).  `cell` says what is expected of
 * it; NULL: that it goes well.  Texts are copied into the arena.
 */
struct trial_question {
	const struct codebook *codebook;
	const struct matrix_cell *cell;
	const struct outcome *outcome;
	const struct judgement *judgement;
	size_t visit;                   /* of the judgement */
	int64_t now;                    /* seconds since 1970 */
};

/* Returns the stage where it failed, as far as it counts for isolation. */
enum stage trial_of_visit(struct arena *arena,
	const struct trial_question *question, struct trial *trial);

/* The same, with texts of its own. */
struct trial trial_copy(struct arena *arena, const struct trial *trial);

/* What --isolate made of this family's failure; NULL: nothing. */
const struct isolation *isolation_over(
	const struct judgement *judgement, enum family family);

/* The first words for people, the others for programs. */
const char *varied_phrase(enum varied varied);  /* "EHLO name" */
const char *trial_verdict_word(enum trial_verdict verdict);
const char *varied_state_word(enum varied_state state);
const char *isolation_end_word(enum isolation_end end);

/* Its value in a setting: "IPv6", "2001:db8::25", "without TLS", "<>". */
struct span setting_text(struct arena *arena, const struct setting *setting,
	enum varied varied);

/* With its name, for a list: "EHLO name mx.example.org", "without TLS". */
struct span setting_phrase(struct arena *arena, const struct setting *setting,
	enum varied varied);

/* All sentences of the conclusion (isolation_words.c). */
struct span isolation_words(const struct isolation *isolation);

#endif
