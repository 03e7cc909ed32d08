#ifndef MXP_EHLO_NAME_H
#define MXP_EHLO_NAME_H

#include "probe/policy/fcrdns.h"

/*
 * The name that we say in EHLO against the address that we come from: RFC
 * 5321, 4.1.4 wants a name with an address, or an address literal; receivers
 * compare both with what they see.
 */
enum ehlo_name {
	EHLO_NAME_OPEN,
	EHLO_NAME_SAME,         /* it leads to the source */
	EHLO_NAME_OTHER,        /* it leads elsewhere, in this family */
	EHLO_NAME_NONE,         /* it has no address of the family */
	EHLO_NAME_UNFIT,        /* no full name at all: "localhost", "pc" */
	EHLO_NAME_UNKNOWN,      /* the lookup failed */
};

struct ehlo_name_check {
	enum ehlo_name state;
	enum fcrdns_back families[FAMILY_COUNT];        /* A and AAAA; for the
		other family than the source's, SAME cannot be */
	bool is_literal;        /* "[192.0.2.1]": nothing is looked up */
	bool is_reverse_name;   /* the PTR of the source has it, too */
	struct span why;        /* one sentence */
};

enum ehlo_name ehlo_name_check(struct arena *arena, struct answers *answers,
	struct span name, const struct ip *ip, struct ehlo_name_check *check);

const char *ehlo_name_word(enum ehlo_name state);

#endif
