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
	const struct place *place;
	struct span text;               /* as written; no secret is in it */
};

struct matrix_step {
	enum step_verb verb;            /* of the scenario below */
	const struct expected *expected;
	size_t expected_count;
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
	struct span left_out;           /* why it is not walked; or empty */
};

struct matrix {
	struct span name;               /* of the scenario */
	const struct span *tags;
	size_t tag_count;
	const struct matrix_cell *cells;
	size_t cell_count;
	bool is_cut;                    /* there would be more cells */
};

const struct matrix *matrix_make(struct arena *arena,
	const struct sheet *sheet);

/* Is it so, of a number that was found? */
bool sign_holds(enum comparison_sign sign, uint64_t found, uint64_t wanted);

/* "mx gmail.com best", "host mx.example.org port 2525" */
struct span aim_text(struct arena *arena, const struct aim *aim);

#endif
