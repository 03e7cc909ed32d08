#ifndef MXP_DOCKET_H
#define MXP_DOCKET_H

#include "probe/judge/judge.h"

/*
 * The docket is what the judge has on the table: the facts, the verdicts so
 * far, and the findings being drafted.  A rule looks at the facts and drafts
 * findings; what it knows about a finding of its kind stands beside it in a
 * const.
 */
struct finding_kind {
	const char *id;
	enum severity severity;
	enum blame blame;
	const char *title, *meaning, *remedy, *reference;
	bool is_shared; /* two families with it have it in common: not
				   about the source or one family's path */
	bool is_seen;   /* it states what was seen, and infers nothing */
	bool leaves_open; /* of a walk that could not be decided */
};

struct draft {
	struct draft *next; /* in the order they were drafted */
	struct finding finding;
	bool is_shared;
	struct evidence *for_it, *against;
	size_t for_room, against_room;
};

struct docket {
	struct arena *arena;
	const struct codebook *codebook;
	const struct outcome *outcome;
	struct judgement *judgement;
	struct draft *first, **end;
};

/*
 * The draft of that kind for the visit's family, a new one or the one that
 * another visit began; without a visit it is about the target.
 */
struct draft *docket_draft(struct docket *docket,
	const struct finding_kind *kind, const struct visit *visit,
	enum stage stage);

/* One clause of evidence; the same clause about the same family counts once. */
void draft_for(struct docket *docket, struct draft *draft,
	const struct visit *visit, struct span text);
void draft_against(struct docket *docket, struct draft *draft,
	const struct visit *visit, struct span text);

/* Shared drafts of both families become one; the gravest come first. */
void docket_close(struct docket *docket);

/* A finding of this kind, of which nothing was found yet. */
struct finding finding_of_kind(const struct finding_kind *kind);

/* The kinds of each area, to a NULL. */
extern const struct finding_kind *const domain_kinds[];
extern const struct finding_kind *const source_kinds[];
extern const struct finding_kind *const fault_kinds[];
extern const struct finding_kind *const mtu_kinds[];
extern const struct finding_kind *const voice_kinds[];
extern const struct finding_kind *const tls_kinds[];
extern const struct finding_kind *const dane_kinds[];
extern const struct finding_kind *const sts_kinds[];
extern const struct finding_kind *const reply_kinds[];
extern const struct finding_kind *const identity_kinds[];

/* The rules, by area. */
void rules_domain(struct docket *docket);
void rules_reply(struct docket *docket);
bool rules_know_policy(struct span word);       /* of the vocabulary */
/* Whom a refusal by that policy blames, and the policy in a few words. */
enum blame rules_policy_blame(struct span word);
const char *rules_policy_phrase(struct span word);
void rules_fault(struct docket *docket);
void rules_voice(struct docket *docket);
void rules_tls(struct docket *docket);
void rules_dane(struct docket *docket);
void rules_source(struct docket *docket);
void rules_identity(struct docket *docket);
void rules_sts(struct docket *docket);

/* At the same host, a visit of the other family; NULL: none was walked. */
const struct visit_judgement *docket_other(
	const struct docket *docket, const struct visit *visit);

#endif
