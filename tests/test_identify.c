#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/identify.h"
#include "tests/dkim_samples.h"
#include "tests/facts_by_hand.h"
#include "tests/own_arena.h"
#include "tests/zone_by_hand.h"

/* clang-format off */
static const char records[] =
	"25.113.0.203.in-addr.arpa PTR found \"mail4.example.org\"\n"
	"mail4.example.org A found \"203.0.113.25\"\n"
	"football.example.com TXT found \"v=spf1 ip4:203.0.113.25 -all\"\n"
	"lost.example TXT timeout\n"
	"mail.example.org TXT found \"v=spf1 ip6:2001:db8:25::25 -all\"\n"
	"brisbane._domainkey.football.example.com TXT found \""
		RECORD_8463_ED25519 "\"\n"
	"test._domainkey.football.example.com TXT found \""
		RECORD_8463_RSA "\"\n"
	"_dmarc.football.example.com TXT found \"v=DMARC1; p=reject\"\n";
/* clang-format on */

static struct zone_by_hand zone;
static struct options options;
static struct facts *facts;
static struct identify how;

static int begin(void **state)
{
	(void)state;
	zone = zone_by_hand_in(arena, records);
	options = (struct options){ .has_from = true,
		.from = SPAN("joe@football.example.com") };
	facts = facts_open(arena);
	how = (struct identify){ .arena = arena,
		.answers = zone.answers,
		.keys = dkim_keys_open(),
		.options = &options,
		.now = 1528638000 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	dkim_keys_close(how.keys);
	return 0;
}

static struct visit *visit_over(enum family family)
{
	struct visit *visit = add_visit(facts, "mx1.example.net", family);

	visit->ehlo_name = SPAN("mail.example.org");
	visit->fcrdns = FCRDNS_OPEN;
	visit->ptr_name = SPAN("");
	return visit;
}

/* Answers are settled until none is missing. */
static void identify(struct visit *visit)
{
	while (!identify_visit(&how, visit))
		assert_true(zone_by_hand_settle(&zone));
}

static void repair(void)
{
	while (!identify_repairs(&how, &facts->outcome))
		assert_true(zone_by_hand_settle(&zone));
}

static void send_message(struct visit *visit, const char *text)
{
	visit->message = message_from(arena, span_of(text));
}

/* ---- who is looked at */

static void what_means_nothing_to_others_is_left_alone(void **state)
{
	static const enum ip_kind kinds[] = { IP_PRIVATE, IP_LOOPBACK,
		IP_LINK_LOCAL };
	struct visit *visit = visit_over(FAMILY_IPV4);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		visit->source.kind = kinds[i];
		assert_true(identify_visit(&how, visit));
	}
	visit->source.kind = IP_GLOBAL;
	visit->source.is_known = false;
	assert_true(identify_visit(&how, visit));
	visit->source.is_known = true;
	visit->state = VISIT_PLANNED;
	assert_true(identify_visit(&how, visit));
	assert_null(visit->identity);
	assert_int_equal(visit->fcrdns, FCRDNS_OPEN);
	assert_null(answers_first(zone.answers));
}

static void without_a_sender_only_the_name_is_looked_up(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV4);

	(void)state;
	options.has_from = false;
	identify(visit);
	assert_int_equal(visit->fcrdns, FCRDNS_CONFIRMED);
	assert_true(span_is(visit->ptr_name, SPAN("mail4.example.org")));
	assert_null(visit->identity);
	assert_int_equal(zone_by_hand_asked(&zone, RR_TXT), 0);
}

/* ---- what is found out */

static void each_source_is_held_against_the_record(void **state)
{
	struct visit *four = visit_over(FAMILY_IPV4);
	struct visit *six = visit_over(FAMILY_IPV6);

	(void)state;
	identify(four);
	identify(six);
	assert_int_equal(four->identity->spf.result, SPF_PASS);
	assert_int_equal(six->identity->spf.result, SPF_FAIL);
	assert_int_equal(four->fcrdns, FCRDNS_CONFIRMED);
	assert_int_equal(six->fcrdns, FCRDNS_NO_NAME);
	assert_false(four->identity->is_helo);
	assert_null(four->identity->message);
	assert_false(four->identity->has_dmarc);
}

static void all_that_can_be_asked_is_asked_at_once(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV4);

	(void)state;
	send_message(visit, sample_8463);
	assert_false(identify_visit(&how, visit));
	assert_int_equal(zone_by_hand_asked(&zone, RR_PTR), 1);
	/* The sender's record, both keys, and the policy of its author. */
	assert_true(zone_by_hand_asked(&zone, RR_TXT) >= 4);
	identify(visit);
	assert_true(zone.rounds <= 3);
}

static void once_more_it_finds_the_same(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV4);
	const struct identity *identity;

	(void)state;
	send_message(visit, sample_8463);
	identify(visit);
	identity = visit->identity;
	assert_true(identify_visit(&how, visit));
	assert_ptr_equal(visit->identity, identity);
	assert_int_equal(identity->spf.result, SPF_PASS);
	assert_int_equal(identity->dkim.count, 2);
	assert_null(answers_open_question(zone.answers));
}

static void the_null_sender_is_known_by_its_ehlo_name(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV6);

	(void)state;
	options.from = SPAN("");
	identify(visit);
	assert_true(visit->identity->has_spf);
	assert_true(visit->identity->is_helo);
	assert_int_equal(visit->identity->spf.result, SPF_PASS);
	assert_true(
		span_is(visit->identity->spf.domain, SPAN("mail.example.org")));
}

static void a_signature_aligns_where_spf_does_not(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV6);
	const struct identity *identity;

	(void)state;
	send_message(visit, sample_8463);
	identify(visit);
	identity = visit->identity;
	assert_int_equal(identity->spf.result, SPF_FAIL);
	assert_int_equal(identity->dkim.checks[0].result, DKIM_PASS);
	assert_int_equal(identity->dkim.checks[1].result, DKIM_PASS);
	assert_true(
		span_is(identity->from_domain, SPAN("football.example.com")));
	assert_int_equal(identity->dmarc.result, DMARC_PASS);
}

static void spf_aligns_where_nothing_is_signed(void **state)
{
	struct visit *four = visit_over(FAMILY_IPV4);
	struct visit *six = visit_over(FAMILY_IPV6);
	static const char text[] =
		"From: joe@football.example.com\r\n\r\nHi\r\n";

	(void)state;
	send_message(four, text);
	send_message(six, text);
	identify(four);
	identify(six);
	assert_int_equal(four->identity->dmarc.result, DMARC_PASS);
	assert_int_equal(six->identity->dmarc.result, DMARC_FAIL);
}

#define TWO_FROM                                                               \
	"From: a@football.example.com\r\n"                                     \
	"From: a@football.example.com\r\n\r\nHi\r\n"

/* RFC 7489 section 6.6.1 */
static void dmarc_wants_one_author_alone(void **state)
{
	static const char *const texts[] = {
		"Subject: nobody\r\n\r\nHi\r\n",
		"From: \r\n\r\nHi\r\n",
		"From: a@football.example.com, b@example.org\r\n\r\nHi\r\n",
		TWO_FROM,
		"From: <<@>\r\n\r\nHi\r\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct visit *visit;

		facts = facts_open(arena);
		visit = visit_over(FAMILY_IPV4);
		send_message(visit, texts[i]);
		identify(visit);
		assert_int_equal(visit->identity->from_domain.len, 0);
		assert_false(visit->identity->has_dmarc);
		assert_non_null(visit->identity->message);
	}
}

/* ---- what is to be mended */

static size_t notes(const char *id)
{
	const struct spf_lint *lint = facts->outcome.spf_lint;
	size_t count = 0;

	for (size_t i = 0; lint && i < lint->count; i++)
		count += strcmp(lint->notes[i].id, id) == 0;
	return count;
}

static void a_source_that_does_not_pass_is_to_be_listed(void **state)
{
	struct visit *private;

	(void)state;
	identify(visit_over(FAMILY_IPV4));
	identify(visit_over(FAMILY_IPV6));
	/* It has no identity, and so is no source that could be missing. */
	private = visit_over(FAMILY_IPV6);
	private->source.ip = ip_by_hand("fd00::25");
	private->source.kind = IP_ULA;
	identify(private);
	repair();
	assert_non_null(facts->outcome.spf_lint);
	assert_int_equal(notes("spf-source-missing"), 1);
}

static void what_passes_needs_no_repair(void **state)
{
	(void)state;
	identify(visit_over(FAMILY_IPV4));
	repair();
	assert_null(facts->outcome.spf_lint);
}

static void what_is_not_known_needs_no_repair(void **state)
{
	(void)state;
	options.from = SPAN("joe@lost.example");
	identify(visit_over(FAMILY_IPV4));
	assert_int_equal(facts->visits[0].identity->spf.result, SPF_TEMPERROR);
	repair();
	assert_null(facts->outcome.spf_lint);
}

/* A host need not have a record of its own (RFC 7208 section 2.3). */
static void an_ehlo_name_without_a_record_needs_none(void **state)
{
	struct visit *visit = visit_over(FAMILY_IPV4);

	(void)state;
	options.from = SPAN("");
	visit->ehlo_name = SPAN("bare.example.org");
	identify(visit);
	assert_int_equal(visit->identity->spf.result, SPF_NONE);
	repair();
	assert_null(facts->outcome.spf_lint);
	options.from = SPAN("joe@bare.example.org");
	facts = facts_open(arena);
	identify(visit_over(FAMILY_IPV4));
	repair();
	assert_int_equal(notes("spf-none"), 1);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(what_means_nothing_to_others_is_left_alone),
		EACH(without_a_sender_only_the_name_is_looked_up),
		EACH(each_source_is_held_against_the_record),
		EACH(all_that_can_be_asked_is_asked_at_once),
		EACH(once_more_it_finds_the_same),
		EACH(the_null_sender_is_known_by_its_ehlo_name),
		EACH(a_signature_aligns_where_spf_does_not),
		EACH(spf_aligns_where_nothing_is_signed),
		EACH(dmarc_wants_one_author_alone),
		EACH(a_source_that_does_not_pass_is_to_be_listed),
		EACH(what_passes_needs_no_repair),
		EACH(what_is_not_known_needs_no_repair),
		EACH(an_ehlo_name_without_a_record_needs_none),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
