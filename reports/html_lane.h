#ifndef MXP_HTML_LANE_H
#define MXP_HTML_LANE_H

#include "reports/html_text.h"

/*
 * A lane is what the page keeps of one visit until the other family's has
 * come: its dialogue in short, and the facts of its two tables.  All text in
 * it is escaped, without secrets, and in the arena that it was made in.
 */
enum {
	LANE_EVENTS_MAX = 120,          /* what is more is only counted */
	LANE_TEXT_MAX = 160,            /* octets of an event */
};

enum lane_fact {
	LANE_SOURCE,                    /* who we were */
	LANE_EHLO,
	LANE_PTR,
	LANE_SPF,
	LANE_DKIM,
	LANE_DMARC,
	LANE_SERVER,                    /* who they were */
	LANE_ANNOUNCES,
	LANE_TLS,
	LANE_CERTIFICATE,
	LANE_DANE,
	LANE_TCP,
};
enum { LANE_FACTS = LANE_TCP + 1, LANE_OURS = LANE_DMARC + 1 };

struct lane_event {
	uint64_t us;                    /* since the walk began */
	enum event_kind kind;
	enum stage stage;
	bool is_bad;                    /* a refusal, or a fault */
	struct span text;
};

struct lane {
	struct lane *next;              /* of the same family */
	enum family family;
	struct span host, remote;       /* "mx.example", "192.0.2.1" */
	struct badge badge;
	struct span why_not;            /* not walked; or empty */
	struct lane_event *events;
	size_t count, left_out;
	uint64_t took_us;
	struct span facts[LANE_FACTS];  /* empty: nothing to say */
};

const char *lane_fact_word(enum lane_fact fact);

struct lane *lane_of(struct arena *arena, const struct result_row *row,
	const struct visit_judgement *judged);

#endif
