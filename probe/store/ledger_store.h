#ifndef MXP_LEDGER_STORE_H
#define MXP_LEDGER_STORE_H

#include "probe/base/ip.h"
#include "probe/store/ledger_file.h"

/*
 * What all processes of a user ask of others' mail servers, and how much of
 * it there may be.  A claim is one connection that somebody would like to
 * make; it falls under several limits at once: of the host, its address, its
 * organisation, and of any destination that a scenario has a limit for.
 *
 * Times are those of the wall clock, as they have to mean something to other
 * processes and after a restart.  What would be in the future, because that
 * clock went back, counts as of now.
 */
enum {
	LEDGER_DAY_MS = 24 * 60 * 60 * 1000,
	LEDGER_WHY_MAX = 256,
};

enum limited_by { LIMITED_BY_HOST, LIMITED_BY_ADDRESS,
	LIMITED_BY_ORGANISATION, LIMITED_BY_DOMAIN };

struct ledger_limit {
	enum limited_by by;
	struct span name;               /* lower case */
	unsigned connections;           /* at once; 0: any number */
	uint64_t pause_ms;              /* since one began or ended */
	unsigned per_day;               /* in 24 hours; 0: any number */
};

struct ledger_claim {
	struct span host, address, organisation, domain;
	const struct ledger_limit *limits;
	size_t limit_count;
};

/* From what is over soonest to what takes longest. */
enum ledger_state {
	LEDGER_FREE,
	LEDGER_BUSY,            /* as many are connected as may be */
	LEDGER_PAUSES,          /* between two connections */
	LEDGER_RESTS,           /* it was asked for (4.7.28) */
	LEDGER_SPENT,           /* the budget of a day */
};

struct ledger_word {
	enum ledger_state state;
	int64_t until_ms;               /* since 1970; LEDGER_BUSY: 0 */
	bool waits_for_others;          /* LEDGER_BUSY: for another process */
	char why[LEDGER_WHY_MAX];       /* a clause; not escaped */
};

/* What stands in its way, and nothing is taken.  False: the file failed. */
bool ledger_store_look(struct ledger_file *file,
	const struct ledger_claim *claim, int64_t now_ms,
	struct ledger_word *word) MXP_MUST_USE;

/*
 * The number of the visit, ours until it is released; 0 where `word` is not
 * LEDGER_FREE, or the file failed.
 */
int64_t ledger_store_take(struct ledger_file *file,
	const struct ledger_claim *claim, int64_t now_ms,
	struct ledger_word *word);
void ledger_store_release(struct ledger_file *file, int64_t visit,
	int64_t now_ms);

/* Nobody goes to its hosts for so long.  `why` is a clause. */
void ledger_store_rest(struct ledger_file *file, struct span organisation,
	struct span why, int64_t now_ms, int64_t until_ms);

#endif
