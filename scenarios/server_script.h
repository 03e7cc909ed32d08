#ifndef MXP_SERVER_SCRIPT_H
#define MXP_SERVER_SCRIPT_H

#include "scenarios/matrix.h"

/*
 * A server script is what a `server` block says a server does, as plain
 * values; a play is all that a scenario has for its rehearsals: the servers,
 * what the DNS says, and the twins, in which something goes wrong on purpose.
 * It knows nothing of sockets.
 *
 * It is made of a sheet that has no complaints; what `like` another server is
 * holds what that one says.
 */
enum script_stage {
	SCRIPT_CONNECT,                 /* before the banner */
	SCRIPT_EARLY,                   /* the client talked before it */
	SCRIPT_BANNER,                  /* behind it */
	SCRIPT_EHLO,
	SCRIPT_STARTTLS,
	SCRIPT_MAIL,
	SCRIPT_RCPT,
	SCRIPT_PIPELINING,              /* in one go, and it was not offered */
	SCRIPT_DATA,
	SCRIPT_DOT,
	SCRIPT_QUIT,
};
enum { SCRIPT_STAGES = SCRIPT_QUIT + 1 };

enum script_act { SCRIPT_AGREES, SCRIPT_REPLIES, SCRIPT_CLOSES, SCRIPT_RESETS,
	SCRIPT_HANGS };

struct script_turn {
	enum script_stage stage;
	struct span of;                 /* only where the command has it in it,
					   whatever the case; empty: always */
	uint64_t delay_ms;              /* before what it does; 0: none */
	enum script_act act;
	const struct span *lines;       /* SCRIPT_REPLIES: with their code */
	size_t line_count;
};

struct script_offer {
	struct span keyword, parameters;
};

enum script_certificate { SCRIPT_CERT_GOOD, SCRIPT_CERT_EXPIRED,
	SCRIPT_CERT_OTHER_NAME, SCRIPT_CERT_SELF_SIGNED };

/* A target that a server stands for. */
struct script_role {
	enum aim_kind kind;
	struct span name;               /* of a domain or host */
	struct ip ip;                   /* AIM_ADDRESS */
};

struct server_script {
	struct span name;
	bool on[FAMILY_COUNT];
	struct span twin;               /* empty: of no twin */
	const struct script_role *roles;        /* none: whatever is left */
	size_t role_count;
	struct span called;             /* or empty */
	const struct span *banner;      /* with code; none: our own */
	size_t banner_count;
	bool has_offers;                /* else our own */
	const struct script_offer *offers;
	size_t offer_count;
	enum script_certificate certificate;
	uint64_t certificate_days;      /* 0: not said */
	struct script_turn turns[SCRIPT_STAGES];
	const struct script_turn *particular;   /* stand above these; the first
						   that fits is taken */
	size_t particular_count;
	const struct place *place;
};

enum script_dns_kind { SCRIPT_DNS_FOUND, SCRIPT_DNS_NONE, SCRIPT_DNS_FAILED };

struct script_dns {
	struct span twin;               /* or empty */
	struct span name, type;         /* "mail.example.org", "AAAA" */
	enum script_dns_kind kind;
	const struct span *values;
	size_t value_count;
};

/* What the rows that meet it come to in a twin. */
struct twin_expected {
	struct span verdict;            /* "fail" ... */
	enum twin_row { TWIN_CELL, TWIN_IDENTITY, TWIN_COMPARE } row;
	struct span name;               /* of the probe or the path */
	bool has_family;
	enum family family;
	struct span to;                 /* domain, host, address; or empty */
	const struct place *place;
	struct span text;               /* as written */
};

struct twin {
	struct span name;
	const struct twin_expected *expected;
	size_t expected_count;
	const struct place *place;
};

struct play {
	const struct server_script *servers;
	size_t server_count;
	const struct script_dns *dns;
	size_t dns_count;
	const struct twin *twins;
	size_t twin_count;
};

/* What it does at a stage whose command is `line`. */
const struct script_turn *script_turn_at(const struct server_script *script,
	enum script_stage stage, struct span line);

const struct play *play_make(struct arena *arena, const struct sheet *sheet);

/* What a `server`, `twin` or `dns` cannot mean; the names they lead to are
 * looked at by meaning.h. */
void play_check(struct arena *arena, struct complaints *complaints,
	const struct statements *all);

#endif
