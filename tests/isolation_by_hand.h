#ifndef MXP_TESTS_ISOLATION_BY_HAND_H
#define MXP_TESTS_ISOLATION_BY_HAND_H

#include "probe/judge/isolation.h"

#include "tests/facts_by_hand.h"

/*
 * An isolation for the tests of reports: IPv6 is refused, IPv4 is known to go
 * well, another EHLO name is refused in the same way, and another sender is
 * put off.  The server is not kind, and tells the secret of rows_by_hand.h
 * where a report has no more room for a reply.
 */
#define ISOLATION_GIST "The family makes the difference: it goes well with IPv4"

static inline struct trial_end end_by_hand(unsigned code, const char *told)
{
	return (struct trial_end){ .is_decided = true,
		.is_well = code < 400,
		.ending = { .host = SPAN("gmail-smtp-in.l.google.com"),
			.is_decided = true,
			.is_well = code < 400,
			.failure = code / 100 == 4 ? FAILURE_SMTP_4XX
						   : FAILURE_SMTP_5XX,
			.stage = STAGE_DOT,
			.code = code,
			.policy = SPAN("") },
		.missed = SPAN(""),
		.told = span_of(told) };
}

static inline struct setting setting_by_hand(void)
{
	return (struct setting){ .family = FAMILY_IPV6,
		.has_source = true,
		.source = ip_by_hand("2001:db8:25::25"),
		.ehlo = SPAN("probe.example.org"),
		.host = SPAN("gmail-smtp-in.l.google.com"),
		.remote = ip_by_hand("2001:db8:5::1a"),
		.has_tls = true,
		.mail_from = SPAN("me@gmail.com") };
}

static inline const struct isolation *isolation_by_hand(
	struct arena *arena)
{
	struct isolation_question *question = arena_new(
		arena, struct isolation_question);
	struct isolation *isolation = arena_new(arena, struct isolation);
	struct trial *trials = arena_take(arena, 3 * sizeof(*trials));

	*question = (struct isolation_question){ .stage = STAGE_DOT,
		.max_connections = 4,
		.has_home = { true, true },
		.home = { ip_by_hand("192.0.2.25"),
			ip_by_hand("2001:db8:25::25") } };
	for (size_t i = 0; i < 3; i++)
		trials[i] = (struct trial){ .setting = setting_by_hand(),
			.end = end_by_hand(550, "550 5.7.1 no"),
			.name = SPAN("") };
	question->failing = trials[0];
	question->failing.end = end_by_hand(550,
		"550 5.7.1 <script>alert(1)</script> & \"quotes\" \x1b[31m | "
		"............................................. "
		"you write to me@gmail.com as me@gmail.com");
	trials[0].is_known = true;
	trials[0].setting.family = FAMILY_IPV4;
	trials[0].setting.source = ip_by_hand("192.0.2.25");
	trials[0].end = end_by_hand(250, "250 ok");
	trials[1].setting.ehlo = SPAN("other.example.org");
	trials[2].setting.mail_from = SPAN("");
	trials[2].end = end_by_hand(451, "451 later, me@gmail.com");
	*isolation = (struct isolation){ .arena = arena,
		.question = question,
		.trials = trials,
		.trial_count = 3,
		.connections = 2,
		.end = ISOLATED_SINGLE,
		.states = { [VARIED_FAMILY] = VARIED_FLIPS,
			[VARIED_EHLO] = VARIED_INNOCENT,
			[VARIED_MAIL_FROM] = VARIED_UNCLEAR },
		.flips = { [VARIED_FAMILY] = &trials[0] } };
	isolation->text = isolation_words(isolation);
	return isolation;
}

#endif
