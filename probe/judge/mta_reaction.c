#include "probe/judge/mta_reaction.h"

#define S(text)                                                                \
	{                                                                      \
		(text), sizeof(text) - 1                                       \
	}

struct rule {
	enum mta_next next;
	bool is_seen;
	struct span why;
};

/* clang-format off */
static const struct rule rules[MTA_COUNT][MTA_FAILURE_COUNT] = {
	[MTA_POSTFIX] = {
		[MTA_FAILS_REFUSED] = { MTA_BOUNCES, true,
			S("A 5xx is final; no other address is asked.") },
		[MTA_FAILS_DEFERRED] = { MTA_TRIES_NEXT, true,
			S("After a 4xx it asks the next address, within "
			  "smtp_mx_session_limit; the last answer counts.") },
		[MTA_FAILS_CONNECT] = { MTA_TRIES_NEXT, true,
			S("It goes on when the connection fails, after at most "
			  "smtp_connect_timeout.") },
		[MTA_FAILS_GREETING] = { MTA_TRIES_NEXT, true,
			S("smtp_skip_5xx_greeting = yes: it goes on, and "
			  "defers when all greet so.") },
		[MTA_FAILS_STALL] = { MTA_TRIES_NEXT, true,
			S("It goes on when the timeout has passed; the message "
			  "may arrive twice.") },
	},
	[MTA_SENDMAIL] = {
		[MTA_FAILS_REFUSED] = { MTA_BOUNCES, true,
			S("A 5xx is final; no other address is asked.") },
		[MTA_FAILS_DEFERRED] = { MTA_DEFERS, true,
			S("After a 4xx the other family of the host is not "
			  "asked; it tries again later.") },
		[MTA_FAILS_CONNECT] = { MTA_TRIES_NEXT, true,
			S("Only when no IPv6 connection is made does it try "
			  "the host's IPv4 addresses; the log does not tell.") },
		[MTA_FAILS_GREETING] = { MTA_BOUNCES, true,
			S("A greeting of 554 bounces the message at once.") },
		[MTA_FAILS_STALL] = { MTA_DEFERS, true,
			S("It defers and tries IPv6 again the next time: large "
			  "messages may never leave.") },
	},
	[MTA_EXIM] = {
		[MTA_FAILS_REFUSED] = { MTA_BOUNCES, true,
			S("A 5xx is final; no other address is asked.") },
		[MTA_FAILS_DEFERRED] = { MTA_TRIES_NEXT, true,
			S("After a 4xx it asks the next address, within "
			  "hosts_max_try.") },
		[MTA_FAILS_CONNECT] = { MTA_TRIES_NEXT, true,
			S("It goes on when the connection fails, and "
			  "remembers the address in its retry database.") },
		[MTA_FAILS_GREETING] = { MTA_BOUNCES, true,
			S("A greeting of 554 bounces the message at once.") },
		[MTA_FAILS_STALL] = { MTA_TRIES_NEXT, false,
			S("It goes on when the timeout has passed, as after a "
			  "connection that closes there.") },
	},
	[MTA_OPENSMTPD] = {
		[MTA_FAILS_REFUSED] = { MTA_BOUNCES, true,
			S("A 5xx is final; no other address is asked.") },
		[MTA_FAILS_DEFERRED] = { MTA_DEFERS, true,
			S("A 4xx is a TempFail; it tries again later, over "
			  "either family.") },
		[MTA_FAILS_CONNECT] = { MTA_TRIES_NEXT, true,
			S("It disables the route for a while and takes another "
			  "one.") },
		[MTA_FAILS_GREETING] = { MTA_TRIES_NEXT, true,
			S("It disables the route and takes another one; when "
			  "none is left it defers, and the log lacks the "
			  "words.") },
		[MTA_FAILS_STALL] = { MTA_TRIES_NEXT, false,
			S("The session ends and another route is taken.") },
	},
};
/* clang-format on */

const char *mta_failure_phrase(enum mta_failure failure)
{
	switch (failure) {
	case MTA_FAILS_REFUSED:
		return "refuses with 5xx";
	case MTA_FAILS_DEFERRED:
		return "defers with 4xx";
	case MTA_FAILS_CONNECT:
		return "cannot be connected to";
	case MTA_FAILS_GREETING:
		return "greets with 554";
	case MTA_FAILS_STALL:
		break;
	}
	return "falls silent while the message is sent";
}

/* After the first one: of another turn if there is one, for those of the same
 * turn are in no order. */
static const struct path *next_path(const struct mta_order *order)
{
	const struct path *first;

	if (order->count < 2 || !order->tries[0].turn)
		return NULL;
	first = order->tries[0].path;
	if (order->mta == MTA_SENDMAIL)
		for (size_t i = 1; i < order->count; i++)
			if (order->tries[i].turn &&
				order->tries[i].path->family != first->family)
				return order->tries[i].path;
	return order->tries[1].turn ? order->tries[1].path : NULL;
}

static bool fails_for_good(const struct mta_order *order, size_t failure)
{
	return failure == MTA_FAILS_GREETING && order->mta == MTA_POSTFIX &&
	       !order->config->skips_5xx_greeting;
}

static bool has_one_session(const struct mta_order *order, size_t failure)
{
	return failure == MTA_FAILS_DEFERRED && order->mta == MTA_POSTFIX &&
	       order->config->session_limit == 1;
}

void mta_react(struct mta_order *order)
{
	const struct path *next = next_path(order);

	for (size_t i = 0; i < MTA_FAILURE_COUNT; i++) {
		const struct rule *rule = &rules[order->mta][i];
		struct mta_reaction *reaction = &order->reactions[i];

		reaction->next = rule->next;
		reaction->why = rule->why;
		reaction->is_seen = rule->is_seen;
		if (fails_for_good(order, i)) {
			reaction->next = MTA_BOUNCES;
			reaction->why = SPAN("smtp_skip_5xx_greeting = no: the "
					     "message bounces at once.");
			reaction->is_seen = false;
		} else if (has_one_session(order, i)) {
			reaction->next = MTA_DEFERS;
			reaction->why = SPAN("smtp_mx_session_limit = 1: no "
					     "other address is asked.");
			reaction->is_seen = false;
		}
		if (reaction->next == MTA_TRIES_NEXT)
			reaction->then = next;
	}
}
