#ifndef MXP_LEDGER_H
#define MXP_LEDGER_H

#include "probe/facts/visit.h"
#include "probe/store/ledger_store.h"
#include "scenarios/matrix.h"

/*
 * The ledger of politeness.  In this process: at most one connection at a time
 * to a destination host, and a pause between two.  A host is known by its name
 * and by the address it is reached at, so that neither two families of one
 * exchanger nor two names of one machine meet there at once.
 *
 * Once it is shared, the same holds over all processes of this user, and
 * beyond it what may be asked of an organisation, which is the organisational
 * domain of the host: so many connections at once, so many in a day, and a
 * rest where it asks for one (4.7.28).  A limit of a scenario takes the place
 * of these where it is the organisation's, and holds beside them where it is
 * of another domain.
 *
 * Loopback, and a server that the user says is his, are not shared: there is
 * nobody to be polite to.  A limit that a scenario sets holds there, too.
 *
 * What is shared fails without harm: it is told once on stderr, and the
 * ledger goes on for this process alone.
 */
struct ledger;

enum {
	LEDGER_CONNECTIONS_USUAL = 4,           /* to an organisation, at once */
	LEDGER_PER_DAY_USUAL = 1000,
	LEDGER_CONNECTIONS_MOST = 16,           /* whatever a limit says */
	LEDGER_PER_DAY_MOST = 10 * 1000,
	LEDGER_PAUSE_MOST_MS = 60 * 60 * 1000,
	LEDGER_REST_MS = 10 * 60 * 1000,        /* after 4.7.28: mail flood
						   detected */
	LEDGER_LOOK_AGAIN_MS = 250,             /* at what others are doing */
};

enum ledger_answer {
	LEDGER_TAKEN,           /* ours until ledger_release() */
	LEDGER_WAITS,           /* wait_ms of the word says how long */
	LEDGER_REFUSES,         /* not in this run: why and until_ms */
};

/* What a run brings along. */
struct ledger_terms {
	const struct limit *limits;
	size_t limit_count;
	bool is_ours;                   /* --i-run-this-server */
};

struct ledger_reply {
	uint64_t wait_ms;               /* 0: until somebody here ends */
	struct ledger_word word;
};

struct ledger *ledger_open(unsigned pause_ms);
void ledger_close(struct ledger *ledger);

/*
 * From now on it is shared, by the file of this name (NULL: at the usual
 * place), which is opened when it is needed first.
 */
void ledger_share(struct ledger *ledger, const char *file);

/* The file, for schedules; NULL where there is none, which has been told. */
struct ledger_file *ledger_shared(struct ledger *ledger);

/* Milliseconds of the wall clock, also where that is frozen for a report. */
int64_t ledger_wall_ms(void);

/* The loop's time; a path is released at the end of its visit. */
enum ledger_answer ledger_take(struct ledger *ledger, const struct path *path,
	const struct ledger_terms *terms, uint64_t now_ms,
	struct ledger_reply *reply) MXP_MUST_USE;
void ledger_release(struct ledger *ledger, const struct visit *visit,
	uint64_t now_ms);

/* Something was refused, and nothing was ever taken. */
bool ledger_only_refused(const struct ledger *ledger);

/* Would it be ours?  Nothing is taken. */
void ledger_look(struct ledger *ledger, const struct path *path,
	const struct ledger_terms *terms, struct ledger_word *word);

#endif
