#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/judge/witness_limits.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

enum { LOG = 1, BOUNCE = 2, CAPTURE = 4, HIDDEN = 8, FAULT = 16 };

#define POSTFIX   .dialect = BYTES("postfix")
#define SENDMAIL  .dialect = BYTES("sendmail")
#define EXIM      .dialect = BYTES("exim")
#define OPENSMTPD .dialect = BYTES("opensmtpd")
#define QMAIL     .dialect = BYTES("qmail")
#define TO        .recipient = BYTES("b@example.net")
#define IPV6      .has_family = true, .family = FAMILY_IPV6
#define IPV4      .has_family = true, .family = FAMILY_IPV4
#define AT(where) .has_stage = true, .stage = STAGE_##where
#define NO        .result = DELIVERY_REFUSED, .code = 550
#define FAILED    .result = DELIVERY_DEFERRED

/* A delivery, who tells of it, and all the limits there are to it. */
static const struct row {
	const char *name;
	unsigned witnesses;
	struct delivery delivery;
	const char *limits[4];
} rows[] = {
	/* clang-format off */
	{ "Postfix's log tells all of a refusal", LOG,
	  { POSTFIX, TO, IPV6, NO, AT(DOT), .text = BYTES("no") }, { NULL } },
	{ "Exim's too", LOG,
	  { EXIM, TO, IPV6, NO, AT(DOT), .text = BYTES("no") }, { NULL } },
	{ "Postfix's line of a failed connection has no recipient", LOG,
	  { POSTFIX, IPV6, FAILED, AT(CONNECT) }, { "log.no-recipient" } },
	{ "Sendmail of old lost the reply", LOG,
	  { SENDMAIL, TO, IPV6, .result = DELIVERY_REFUSED, AT(DOT),
	    .lacks_reply = true }, { "reply.lost" } },
	{ "and never knew the command", LOG,
	  { SENDMAIL, TO, IPV6, .result = DELIVERY_REFUSED,
	    .lacks_reply = true }, { "reply.lost", "sendmail.stage" } },
	{ "Sendmail knows the first line, and not the command", LOG,
	  { SENDMAIL, TO, IPV6, NO, .text = BYTES("550 5.7.1 no") },
	  { "sendmail.first-line", "sendmail.stage" } },
	{ "of several lines nothing is missing", LOG,
	  { SENDMAIL, TO, IPV6, NO, AT(DOT), .text = BYTES("550-a\n550 b") },
	  { NULL } },
	{ "its bounce makes the first line good", LOG | BOUNCE,
	  { SENDMAIL, TO, IPV6, NO, AT(DOT), .text = BYTES("550 5.7.1 no") },
	  { NULL } },
	{ "so does a capture", LOG | CAPTURE,
	  { SENDMAIL, TO, IPV6, NO, AT(DOT), .text = BYTES("550 5.7.1 no") },
	  { NULL } },
	{ "Sendmail is silent of IPv6 that did not connect", LOG,
	  { SENDMAIL, TO, IPV4, .result = DELIVERY_ACCEPTED },
	  { "sendmail.silent-address" } },
	{ "a capture is not", LOG | CAPTURE,
	  { SENDMAIL, TO, IPV4, .result = DELIVERY_ACCEPTED }, { NULL } },
	{ "and what went over IPv6 went there first", LOG,
	  { SENDMAIL, TO, IPV6, .result = DELIVERY_ACCEPTED }, { NULL } },
	{ "Exim without an address", LOG, { EXIM, TO, FAILED },
	  { "exim.no-address" } },
	{ "Exim names the last command of a group", LOG,
	  { EXIM, TO, IPV6, NO, AT(DOT), .may_be_earlier = true,
	    .text = BYTES("no") }, { "exim.group" } },
	{ "Exim without a stage", LOG,
	  { EXIM, TO, IPV6, FAILED, .has_relay = true }, { "exim.stage" } },
	{ "a name that is not found has no family", LOG,
	  { EXIM, TO, FAILED, AT(RESOLVE) }, { NULL } },
	{ "nor has one that a code was made for", LOG,
	  { SENDMAIL, TO, NO, AT(RESOLVE), .text = BYTES("a\nb") }, { NULL } },
	{ "a bounce of a null MX had no server", BOUNCE,
	  { TO, .result = DELIVERY_REFUSED, .code = 556, .status = { 5, 1, 10 } },
	  { "bounce.last-attempt", "bounce.failures-only" } },
	{ "nor had one of a name that is not found", BOUNCE,
	  { TO, .result = DELIVERY_REFUSED, .code = 550, .status = { 5, 1, 2 } },
	  { "bounce.last-attempt", "bounce.failures-only" } },
	{ "OpenSMTPD without an address", LOG, { OPENSMTPD, TO, FAILED },
	  { "opensmtpd.no-address" } },
	{ "OpenSMTPD without a stage", LOG,
	  { OPENSMTPD, TO, IPV6, NO, .text = BYTES("no") },
	  { "opensmtpd.stage" } },
	{ "qmail over IPv4", LOG,
	  { QMAIL, TO, IPV4, NO, AT(RCPT), .text = BYTES("no") },
	  { "qmail.ipv4-only" } },
	{ "qmail with a patch", LOG,
	  { QMAIL, TO, IPV6, NO, AT(RCPT), .text = BYTES("no") }, { NULL } },
	{ "stamps without a year", LOG,
	  { POSTFIX, TO, IPV6, .result = DELIVERY_ACCEPTED,
	    .guesses_year = true }, { "log.year" } },
	{ "stamps without a zone", LOG,
	  { POSTFIX, TO, IPV6, .result = DELIVERY_ACCEPTED,
	    .guesses_zone = true }, { "log.zone" } },
	{ "a bounce alone", BOUNCE, { TO, IPV6, NO, AT(DOT) },
	  { "bounce.last-attempt", "bounce.failures-only" } },
	{ "a bounce that names no address", BOUNCE, { TO, NO, AT(DOT) },
	  { "family.unknown", "bounce.last-attempt", "bounce.failures-only" } },
	{ "a log tells more than its bounce", LOG | BOUNCE,
	  { POSTFIX, TO, IPV6, NO, AT(DOT) }, { NULL } },
	{ "a capture does not know what came of it", CAPTURE,
	  { TO, IPV6, NO, AT(DOT) }, { "capture.decision" } },
	{ "a bounce does", BOUNCE | CAPTURE, { TO, IPV6, NO, AT(DOT) },
	  { "bounce.last-attempt", "bounce.failures-only" } },
	{ "a capture that cannot be read", CAPTURE | HIDDEN,
	  { TO, IPV6, .result = DELIVERY_UNKNOWN },
	  { "capture.hidden", "capture.decision" } },
	{ "a log can", LOG | HIDDEN, { POSTFIX, TO, IPV6, NO, AT(DOT) },
	  { NULL } },
	{ "a capture of a fault", LOG | CAPTURE | FAULT,
	  { POSTFIX, TO, IPV6, FAILED, AT(CONNECT) }, { "capture.place" } },
	/* clang-format on */
};

static struct joined_delivery joined_of(const struct row *row)
{
	struct joined_delivery joined = { .delivery = row->delivery };

	for (unsigned i = 0; i < JOINED_WITNESSES_MAX; i++)
		if (row->witnesses & 1u << i)
			joined.witnesses[joined.witness_count++].kind =
				(enum witness_kind)i;
	return joined;
}

static void each_witness_has_its_limits(void **state)
{
	const struct witness_limit *limits;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct joined_delivery joined = joined_of(row);
		struct witness_account account = { 0 };
		size_t count, wanted = 0;

		witness_account_add(&account, &joined);
		if (row->witnesses & (HIDDEN | FAULT))
			witness_account_add_session(&account,
				(row->witnesses & HIDDEN) != 0,
				(row->witnesses & FAULT) != 0);
		count = witness_limits(&account, arena, &limits);
		while (wanted < COUNT_OF(row->limits) && row->limits[wanted])
			wanted++;
		for (size_t j = 0; j < count; j++)
			if (j >= wanted || !span_is(span_of(limits[j].id),
						   span_of(row->limits[j])))
				fail_msg("%s: %s", row->name, limits[j].id);
		if (count < wanted)
			fail_msg("%s: no %s", row->name, row->limits[count]);
	}
}

static void nothing_given_has_no_limits(void **state)
{
	const struct witness_account account = { 0 };
	const struct witness_limit *limits;

	(void)state;
	assert_int_equal(witness_limits(&account, arena, &limits), 0);
}

static void one_and_many_are_told_apart(void **state)
{
	const struct witness_limit *limits;
	struct witness_account account = { .cut_captures = 1 };

	(void)state;
	assert_int_equal(witness_limits(&account, arena, &limits), 1);
	assert_span(limits[0].text,
		"The file ends too early in 1 capture: what came after is not "
		"known.");
	account.cut_captures = 2;
	assert_int_equal(witness_limits(&account, arena, &limits), 1);
	assert_span(limits[0].text,
		"The file ends too early in 2 captures: what came after is not "
		"known.");
}

/* Also the array's ceiling: an account in which everything is missing. */
static void every_limit_at_once_is_a_sentence_each(void **state)
{
	const struct witness_limit *limits;
	struct witness_account account = { 0 };
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct joined_delivery joined = joined_of(&rows[i]);

		witness_account_add(&account, &joined);
	}
	witness_account_add_session(&account, true, true);
	account.by_log[WITNESS_MTA_QMAIL] = 1;
	account.only_ipv4[WITNESS_MTA_QMAIL] = 1;
	for (size_t i = 0; i < WITNESS_MTA_COUNT; i++)
		account.without_stage[i] = UINT64_MAX;
	account.cut_captures = account.dmarc_reports = UINT64_MAX;
	account.tls_reports = 1;
	count = witness_limits(&account, arena, &limits);
	assert_in_range(count, 19, WITNESS_LIMITS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct span text = limits[i].text;

		if (text.len < 30 || text.at[text.len - 1] != '.')
			fail_msg("%s: \"%.*s\"", limits[i].id, SPAN_ARG(text));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(limits[i].id, limits[j].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_witness_has_its_limits),
		cmocka_unit_test(nothing_given_has_no_limits),
		cmocka_unit_test(one_and_many_are_told_apart),
		cmocka_unit_test(every_limit_at_once_is_a_sentence_each),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
