#ifndef MXP_JUDGE_BY_HAND_H
#define MXP_JUDGE_BY_HAND_H

#include "tests/facts_by_hand.h"

/*
 * What each test of a rule begins with: one host, walked well over both
 * families; and what a walk may have of TLS.
 */
static struct facts *facts;
static struct visit *four, *six; /* at the same host, both well */

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	four = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	six = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

static inline struct session session_by_hand(struct certificate *leaf)
{
	leaf->subject = SPAN("CN=other.example");
	return (struct session){ .chain = leaf,
		.chain_count = 1,
		.checked_name = SPAN("mx1.example.net"),
		.is_trusted = true,
		.name_matches = true };
}

/* As after an EHLO without STARTTLS. */
static inline void go_on_in_clear(struct visit *visit)
{
	visit->has_ehlo = true;
	visit->reached[STAGE_STARTTLS] = visit->reached[STAGE_TLS] = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
