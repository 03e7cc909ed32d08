#ifndef MXP_MATRIX_H
#define MXP_MATRIX_H

#include "scenarios/sheet.h"
#include "scenarios/step.h"

/*
 * A matrix is what a sheet wants done, as plain values: for each probe, a
 * cell for each of its targets, families and paths.  A cell has its steps as a
 * scenario, and what is expected of each.  Nothing falls back: a cell that
 * its path has no family for is left out, with the reason.
 *
 * It is made of a sheet that has no complaints.  Secrets are still "***".
 */
enum { MATRIX_CELLS_MAX = 10000, MATRIX_STEPS_MAX = 12 };

enum aim_kind { AIM_MX, AIM_HOST, AIM_ADDRESS };
enum aim_choice { AIM_BEST, AIM_ALL, AIM_FIRST };

struct aim {
	enum aim_kind kind;
	struct span name;               /* domain or host, as written */
	struct ip ip;                   /* AIM_ADDRESS */
	enum aim_choice choice;         /* AIM_MX */
	unsigned first;                 /* AIM_FIRST: so many hosts */
	bool has_only;
	struct ip only;                 /* this address of them */
	unsigned port;                  /* 1..65535; 0: as usual */
};

struct egress {
	struct span name;               /* empty: as the kernel likes */
	bool binds[FAMILY_COUNT];
	struct ip source[FAMILY_COUNT];
	struct span interface;          /* or empty */
	struct span ehlo[FAMILY_COUNT]; /* or empty */
	bool refuses_transient;         /* a temporary address (RFC 8981) */
	const struct place *refuses_place;      /* where that was said */
};

enum expected_kind {
	EXPECTED_WITHIN,                /* number: milliseconds */
	EXPECTED_ACCEPT,
	EXPECTED_REJECT,                /* code and status where given */
	EXPECTED_DEFER,
	EXPECTED_CODE,
	EXPECTED_HAS,                   /* name, and number where compared */
	EXPECTED_LACKS,
	EXPECTED_TLS,                   /* number: 10 .. 13 */
	EXPECTED_CERT_NAME,
	EXPECTED_CERT_TRUST,
	EXPECTED_CERT_DAYS,
	EXPECTED_TEXT,                  /* pattern */
};

enum comparison_sign { SIGN_NONE, SIGN_LESS, SIGN_AT_MOST, SIGN_EQUAL,
	SIGN_AT_LEAST, SIGN_MORE };

struct expected {
	enum expected_kind kind;
	enum comparison_sign sign;
	uint64_t number;
	unsigned code;                  /* 0: any of its class */
	unsigned status[3];             /* all 0: any */
	struct span name;               /* keyword */
	struct span reason;             /* of the codebook; or empty */
	struct span known;              /* why it is known; or empty */
	struct span ticket;             /* likewise */
	uint64_t until;                 /* days since 1970, of a known one */
	struct span pattern;            /* a regular expression (PCRE2) */
	bool ignores_case;              /* likewise */
	const struct place *place;
	struct span text;               /* as written; no secret is in it */
};

struct matrix_step {
	enum step_verb verb;            /* of the scenario below */
	const struct expected *expected;
	size_t expected_count;
};

/* What `verdict` wants the judge to say of each cell of a probe. */
enum judged_as { JUDGED_PASS, JUDGED_WARN, JUDGED_FAIL, JUDGED_UNKNOWN };
enum { JUDGED_COUNT = JUDGED_UNKNOWN + 1 };

struct verdict_wanted {
	bool is_one_of[JUDGED_COUNT];
	const struct place *place;
	struct span text;               /* as written */
};

struct matrix_cell {
	struct span probe;
	const struct aim *aim;
	enum family family;
	const struct egress *egress;
	struct scenario scenario;
	const struct matrix_step *steps;        /* as the scenario's */
	bool delivers;                  /* has a step data */
	struct span message_file;       /* seen from here; empty: our own */
	size_t message_size;            /* of our own, at least */
	struct span left_out;           /* why it is not walked; or empty */
	const struct verdict_wanted *verdict;   /* NULL: not said */
};

/* ---- what holds beside the cells */

/*
 * limit: how much may be asked of the hosts of a destination, which are those
 * whose own domain, or whose recipients' domain, is this one or lies under it.
 */
struct limit {
	struct span domain;
	unsigned connections;           /* at once; 0: not said */
	bool has_pause;
	uint64_t pause_ms;              /* between two connections */
	unsigned per_day;               /* in 24 hours; 0: not said */
	const struct place *place;
};

/* require: without it, nothing of the scenario is walked. */
enum requirement_kind { REQUIRES_FAMILY, REQUIRES_ENV, REQUIRES_DELIVER };

struct requirement {
	enum requirement_kind kind;
	enum family family;             /* REQUIRES_FAMILY */
	struct span env;                /* REQUIRES_ENV: a variable's name */
};

/* identity: what receivers are to find out about the source of a path. */
enum identity_kind { IDENTITY_FCRDNS, IDENTITY_SPF, IDENTITY_DKIM,
	IDENTITY_DMARC };
enum spf_wanted { SPF_WANTED_PASS, SPF_WANTED_NEUTRAL, SPF_WANTED_SOFTFAIL,
	SPF_WANTED_FAIL, SPF_WANTED_NONE };
enum { SPF_WANTED_COUNT = SPF_WANTED_NONE + 1 };
enum aligned_wanted { ALIGNED_NOT_ASKED, ALIGNED_ANY, ALIGNED_SPF,
	ALIGNED_DKIM, ALIGNED_BOTH };

struct counted_wanted {
	enum comparison_sign sign;      /* SIGN_NONE: not said */
	uint64_t number;
};

struct identity_line {
	enum identity_kind kind;
	struct span mailbox;            /* IDENTITY_SPF; "" or "<>": null */
	enum spf_wanted result;
	struct counted_wanted lookups, voids;
	struct span domain;             /* IDENTITY_DKIM, _DMARC */
	struct span selector;           /* IDENTITY_DKIM */
	struct counted_wanted bits;
	enum aligned_wanted aligned;    /* IDENTITY_DMARC */
	const struct place *place;
	struct span text;               /* as written */
};

struct matrix_identity {
	const struct egress *egress;
	const struct identity_line *lines;
	size_t line_count;
	const struct place *place;
};

/* compare: the cells of a probe that differ only by their family. */
enum same_kind { SAME_REPLY_CLASS, SAME_REPLY, SAME_BANNER,
	SAME_EHLO_KEYWORDS, SAME_CERT_KEY, SAME_TLS_VERSION };
enum { SAME_KINDS = SAME_TLS_VERSION + 1 };

enum compared_as { COMPARED_SAME, COMPARED_FAMILY, COMPARED_HOST,
	COMPARED_SOURCE, COMPARED_INCONCLUSIVE };
enum { COMPARED_COUNT = COMPARED_INCONCLUSIVE + 1 };

struct matrix_comparison {
	struct span probe;
	enum family first, second;
	bool same[SAME_KINDS];
	const struct place *same_place;
	bool has_ratio;
	enum comparison_sign ratio_sign;
	uint64_t ratio;                 /* thousandths */
	uint64_t floor_ms;              /* 0: none */
	const struct place *ratio_place;
	struct span ratio_text;         /* as written */
	bool has_verdict;
	enum compared_as verdict;
	const struct place *verdict_place;
	const struct place *place;
};

/* baseline: what is kept of each run, and told when it changes. */
enum watched { WATCHED_VERDICT, WATCHED_REPLY, WATCHED_EHLO_KEYWORDS,
	WATCHED_CERT_KEY, WATCHED_CERT_ISSUER, WATCHED_MX_SET };
enum { WATCHED_COUNT = WATCHED_MX_SET + 1 };

struct matrix_baseline {
	struct span name;
	bool watches[WATCHED_COUNT];
	unsigned confirm;               /* runs that see a change; 1.. */
	const struct place *place;
};

/* on failure: what is done when an expectation is not met. */
enum varied { VARIED_FAMILY, VARIED_SOURCE, VARIED_EHLO, VARIED_MX,
	VARIED_TLS, VARIED_MAIL_FROM };
enum { VARIED_COUNT = VARIED_MAIL_FROM + 1 };

struct on_failure {
	bool isolates;                  /* one thing at a time */
	bool varies[VARIED_COUNT];
	unsigned max_connections;       /* 0: not said */
	bool keeps_packets;
	bool keeps_keys;                /* of TLS, beside the packets */
	const struct place *place;
};

const char *same_word(enum same_kind kind);     /* "reply-class" ... */
const char *compared_word(enum compared_as as); /* "family-specific" ... */
const char *watched_word(enum watched watched); /* "ehlo-keywords" ... */
const char *varied_word(enum varied varied);    /* "mail-from" ... */
const char *judged_word(enum judged_as as);     /* "warn" ... */
const char *spf_wanted_word(enum spf_wanted wanted);    /* "softfail" ... */

struct matrix {
	struct span name;               /* of the scenario */
	const struct span *tags;
	size_t tag_count;
	const struct matrix_cell *cells;
	size_t cell_count;
	bool is_cut;                    /* there would be more cells */
	uint64_t every_ms;              /* 0: not said */
	uint64_t jitter_ms;             /* at most so much later; 0: none */
	const struct requirement *requirements;
	size_t requirement_count;
	const struct limit *limits;
	size_t limit_count;
	const struct matrix_identity *identities;
	size_t identity_count;
	const struct matrix_comparison *comparisons;
	size_t comparison_count;
	const struct matrix_baseline *baselines;
	size_t baseline_count;
	const struct on_failure *on_failure;    /* NULL: not said */
};

const struct matrix *matrix_make(struct arena *arena,
	const struct sheet *sheet);

/* Is it so, of a number that was found? */
bool sign_holds(enum comparison_sign sign, uint64_t found, uint64_t wanted);

/* Do two lead to the same place? */
bool aim_is_same(const struct aim *a, const struct aim *b);

/* "mx gmail.com best", "host mx.example.org port 2525" */
struct span aim_text(struct arena *arena, const struct aim *aim);

#endif
