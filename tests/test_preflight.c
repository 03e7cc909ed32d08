#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/file.h"
#include "probe/dns/answers_file.h"
#include "probe/policy/preflight.h"

enum { NOW = 1795295585, ROUNDS_MAX = 12 };

/* A sender with everything in order; each case puts other lines below it. */
#define REVERSE6                                                               \
	"5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"      \
	".ip6.arpa"
/* clang-format off */
static const char sound[] = "mxprobe-answers 1\n"
	"example.org TXT found \"v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all\"\n"
	"example.org SOA found \"ns.example.org h.example.org 1 2 3 4 5\"\n"
	"example.org MX found \"10 mail.example.org\"\n"
	"mail.example.org A found \"192.0.2.25\"\n"
	"mail.example.org AAAA found \"2001:db8::25\"\n"
	"_dmarc.example.org TXT found \"v=DMARC1; p=reject\"\n"
	"25.2.0.192.in-addr.arpa PTR found \"mail.example.org\"\n"
	REVERSE6 " PTR found \"mail.example.org\"\n"
	"example.net TXT found \"v=spf1 ip4:192.0.2.25 -all\"\n"
	"example.net SOA found \"ns.example.net h.example.net 1 2 3 4 5\"\n"
	"example.net MX found \"10 mail.example.net\"\n"
	"_dmarc.example.net TXT no-data\n"
	"gmail.com SOA found \"ns.gmail.com h.gmail.com 1 2 3 4 5\"\n"
	"gmail.com MX found \"10 mx.gmail.com\"\n"
	"gmail.com TXT no-data\n"
	"_dmarc.gmail.com TXT found \"v=DMARC1; p=none; sp=quarantine\"\n";
/* clang-format on */

struct world {
	struct preflight_query query;
	struct preflight result;
	struct answers *answers;
	unsigned rounds;
};

static struct arena *arena;
static struct dkim_keys *keys;
static const struct profile *profiles[6];

static int open_world(void **state)
{
	const char *name;

	(void)state;
	arena = arena_open();
	keys = dkim_keys_open();
	for (size_t i = 0; (name = profile_name_at(i)); i++)
		profiles[i] = profile_embedded(arena, span_of(name));
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	dkim_keys_close(keys);
	arena_close(arena);
	return 0;
}

static struct world *world_of(const char *mail_from, const char *from)
{
	struct world *world = arena_new(arena, struct world);

	world->query = (struct preflight_query){ .mail_from = span_of(
							 mail_from),
		.from = span_of(from),
		.helo = SPAN("mail.example.org"),
		.profiles = profiles,
		.profile_count = 6,
		.now = NOW,
		.keys = keys };
	return world;
}

static void send_from(struct world *world, const char *address)
{
	struct ip *sources = arena_take(
		arena, (world->query.source_count + 1) * sizeof(*sources));

	for (size_t i = 0; i < world->query.source_count; i++)
		sources[i] = world->query.sources[i];
	assert_true(ip_parse(
		span_of(address), &sources[world->query.source_count]));
	world->query.sources = sources;
	world->query.source_count++;
}

/* Asks and settles until nothing is open. */
static const struct preflight *fly(struct world *world, const char *changes)
{
	struct answers_file_errors errors;
	struct span zone = arena_print(arena, "%s%s", sound, changes);
	struct saved_answers *saved = answers_file_load(
		arena, SPAN("zone"), zone, &errors);

	assert_int_equal(errors.total, 0);
	world->answers = answers_open(arena);
	while (!preflight(
		arena, world->answers, &world->query, &world->result)) {
		assert_true(world->rounds++ < ROUNDS_MAX);
		saved_answers_settle(saved, world->answers);
	}
	return &world->result;
}

static void hold_at(const struct preflight *result, size_t source,
	enum check check, enum preflight_status status, const char *evidence)
{
	const struct preflight_line *line =
		&result->sources[source].lines[check];

	if (line->status != status ||
		span_find_nocase(line->evidence, span_of(evidence)) ==
			line->evidence.len + (*evidence == 0))
		fail_msg("%s: %s: %.*s", check_word(check),
			preflight_status_word(line->status),
			SPAN_ARG(line->evidence));
}

static void hold(const struct preflight *result, enum check check,
	enum preflight_status status, const char *evidence)
{
	hold_at(result, 0, check, status, evidence);
}

static const struct preflight_forecast *forecast_of(
	const struct preflight *result, size_t source, const char *profile)
{
	for (size_t i = 0; i < result->sources[source].forecast_count; i++)
		if (span_is(result->sources[source].forecasts[i].profile->name,
			    span_of(profile)))
			return &result->sources[source].forecasts[i];
	fail_msg("%s", profile);
	return NULL;
}

/* ---- without a message */

static void a_sender_in_order_passes_over_both_families(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	send_from(world, "2001:db8::25");
	result = fly(world, "");
	for (size_t i = 0; i < 2; i++) {
		hold_at(result, i, CHECK_SPF, PREFLIGHT_PASS, "example.org");
		hold_at(result, i, CHECK_DMARC_ALIGNED, PREFLIGHT_PASS,
			"SPF of example.org");
		hold_at(result, i, CHECK_FCRDNS, PREFLIGHT_PASS,
			"mail.example.org");
		hold_at(result, i, CHECK_HELO, PREFLIGHT_PASS, "");
		assert_int_equal(forecast_of(result, i, "google")->consequence,
			CONSEQUENCE_NONE);
	}
	assert_false(result->is_foreign_from);
	assert_true(result->worst < PREFLIGHT_UNKNOWN);
}

/* All questions that are known in one round go out in it. */
static void the_rounds_are_as_few_as_the_names_are_deep(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");

	(void)state;
	send_from(world, "192.0.2.25");
	send_from(world, "2001:db8::25");
	fly(world, "");
	assert_true(world->rounds <= 3);
}

static void a_web_form_is_refused_by_its_visitors_policy(void **state)
{
	struct world *world = world_of("www@example.net", "user@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	result = fly(world, "");
	assert_true(result->is_foreign_from);
	hold(result, CHECK_SPF, PREFLIGHT_PASS, "example.net");
	hold(result, CHECK_DMARC_ALIGNED, PREFLIGHT_FAIL,
		"no key to sign for example.org");
	hold(result, CHECK_DMARC_POLICY, PREFLIGHT_FAIL, "p=reject");
	assert_true(span_find_nocase(
			    result->sources[0].lines[CHECK_DMARC_POLICY].fix,
			    SPAN("www@example.net, and user@example.org into "
				 "Reply-To")) <
		    result->sources[0].lines[CHECK_DMARC_POLICY].fix.len);
	assert_int_equal(forecast_of(result, 0, "google")->consequence,
		CONSEQUENCE_REFUSED);
	assert_true(span_is(forecast_of(result, 0, "google")->rule->id,
		SPAN("google.dmarc-policy")));
}

static void an_own_from_may_still_be_signed(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.99");
	result = fly(world, "");
	hold(result, CHECK_SPF, PREFLIGHT_FAIL, "fail by \"-all\"");
	hold(result, CHECK_SPF_OR_DKIM, PREFLIGHT_UNKNOWN, "without a message");
	hold(result, CHECK_DMARC_ALIGNED, PREFLIGHT_UNKNOWN, "could still");
	hold(result, CHECK_DMARC_POLICY, PREFLIGHT_UNKNOWN, "p=reject");
	assert_true(forecast_of(result, 0, "google")->is_unknown);
}

static void the_missing_term_is_told_with_its_family(void **state)
{
	struct world *world = world_of("a@example.net", "a@example.net");
	const struct preflight *result;
	struct span fix;

	(void)state;
	send_from(world, "192.0.2.25");
	send_from(world, "2001:db8::25");
	result = fly(world, "");
	hold_at(result, 0, CHECK_SPF, PREFLIGHT_PASS, "ip4:192.0.2.25");
	hold_at(result, 1, CHECK_SPF, PREFLIGHT_FAIL, "-all");
	fix = result->sources[1].lines[CHECK_SPF].fix;
	if (span_find_nocase(fix, SPAN("ip6:2001:db8::25")) == fix.len)
		fail_msg("%.*s", SPAN_ARG(fix));
}

/* clang-format off */
static const struct change {
	const char *lines;
	enum check check;
	enum preflight_status status;
	const char *evidence;
} changes[] = {
	{ "example.org TXT found \"v=spf1 ~all\"\n",
	  CHECK_SPF, PREFLIGHT_FAIL, "softfail by \"~all\"" },
	{ "example.org TXT no-data\n", CHECK_SPF, PREFLIGHT_FAIL, "none" },
	{ "example.org TXT found \"v=spf1 -all\" \"v=spf1 +all\"\n",
	  CHECK_SPF, PREFLIGHT_FAIL, "permerror" },
	{ "example.org TXT servfail\n",
	  CHECK_SPF, PREFLIGHT_UNKNOWN, "temperror" },
	{ "example.org TXT servfail\n", CHECK_SPF_OR_DKIM, PREFLIGHT_UNKNOWN,
	  "SPF could not be looked up" },
	{ "_dmarc.example.org TXT no-data\n",
	  CHECK_DMARC_RECORD, PREFLIGHT_FAIL, "" },
	{ "_dmarc.example.org TXT no-data\n",
	  CHECK_DMARC_ALIGNED, PREFLIGHT_NA, "nothing is compared" },
	{ "_dmarc.example.org TXT no-data\n",
	  CHECK_DMARC_POLICY, PREFLIGHT_PASS, "no policy" },
	{ "_dmarc.example.org TXT timeout\n",
	  CHECK_DMARC_RECORD, PREFLIGHT_UNKNOWN, "" },
	{ "_dmarc.example.org TXT timeout\n",
	  CHECK_DMARC_POLICY, PREFLIGHT_UNKNOWN, "" },
	{ "25.2.0.192.in-addr.arpa PTR nxdomain\n",
	  CHECK_FCRDNS, PREFLIGHT_FAIL, "no name" },
	{ "25.2.0.192.in-addr.arpa PTR nxdomain\n",
	  CHECK_PTR_NOT_GENERIC, PREFLIGHT_NA, "no name" },
	{ "25.2.0.192.in-addr.arpa PTR servfail\n",
	  CHECK_FCRDNS, PREFLIGHT_UNKNOWN, "" },
	{ "25.2.0.192.in-addr.arpa PTR servfail\n",
	  CHECK_PTR_NOT_GENERIC, PREFLIGHT_UNKNOWN, "could not be looked up" },
	{ "mail.example.org A found \"192.0.2.26\"\n",
	  CHECK_FCRDNS, PREFLIGHT_FAIL, "" },
	{ "mail.example.org A found \"192.0.2.26\"\n",
	  CHECK_HELO, PREFLIGHT_WARN, "" },
	{ "25.2.0.192.in-addr.arpa PTR found \"192-0-2-25.dyn.example.org\"\n"
	  "192-0-2-25.dyn.example.org A found \"192.0.2.25\"\n",
	  CHECK_PTR_NOT_GENERIC, PREFLIGHT_FAIL, "192-0-2-25" },
	{ "example.org SOA nxdomain\n", CHECK_SOA, PREFLIGHT_FAIL, "" },
	{ "example.org SOA no-data\norg SOA found \"a b 1 2 3 4 5\"\n",
	  CHECK_SOA, PREFLIGHT_WARN, "no SOA" },
	{ "example.org SOA servfail\n", CHECK_SOA, PREFLIGHT_UNKNOWN, "" },
	{ "example.org MX found \"0 .\"\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_WARN, "null MX" },
	{ "example.org MX no-data\nexample.org A found \"192.0.2.1\"\n"
	  "example.org AAAA no-data\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_PASS, "no MX, but an address" },
	{ "example.org MX no-data\nexample.org A no-data\n"
	  "example.org AAAA no-data\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_WARN, "neither MX nor address" },
	{ "example.org MX no-data\nexample.org A no-data\n"
	  "example.org AAAA servfail\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_UNKNOWN, "could not be looked up" },
	{ "example.org MX no-data\nexample.org A servfail\n"
	  "example.org AAAA found \"2001:db8::1\"\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_PASS, "no MX, but an address" },
	{ "example.org MX servfail\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_UNKNOWN, "" },
	{ "25.2.0.192.bl.example A found \"127.0.0.2\"\n"
	  "25.2.0.192.bl.example TXT found \"spam\"\n",
	  CHECK_DNSBL, PREFLIGHT_FAIL, "bl.example (127.0.0.2): spam" },
	{ "25.2.0.192.bl.example A nxdomain\n"
	  "2.0.0.127.bl.example A nxdomain\n",
	  CHECK_DNSBL, PREFLIGHT_UNKNOWN, "bl.example lacks the entry" },
	{ "25.2.0.192.bl.example A nxdomain\n"
	  "2.0.0.127.bl.example A found \"127.0.0.2\"\n",
	  CHECK_DNSBL, PREFLIGHT_PASS, "not listed by bl.example" },
	{ "25.2.0.192.bl.example A found \"127.255.255.254\"\n"
	  "25.2.0.192.bl.example TXT no-data\n",
	  CHECK_DNSBL, PREFLIGHT_UNKNOWN, "" },
	{ "", CHECK_TLS, PREFLIGHT_NA, "mxprobe TARGET" },
	{ "", CHECK_SPAM_RATE, PREFLIGHT_NA, "" },
	{ "", CHECK_DKIM, PREFLIGHT_NA, "no message" },
	{ "", CHECK_FORM, PREFLIGHT_NA, "no message" },
	{ "", CHECK_ARC, PREFLIGHT_NA, "no message" },
};
/* clang-format on */

static void each_answer_of_the_dns_has_its_line(void **state)
{
	static const struct span zone = { "bl.example", 10 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		struct world *world = world_of(
			"a@example.org", "a@example.org");

		send_from(world, "192.0.2.25");
		world->query.zones = &zone;
		world->query.zone_count = 1;
		hold(fly(world, changes[i].lines), changes[i].check,
			changes[i].status, changes[i].evidence);
	}
}

static void an_empty_envelope_is_judged_by_the_ehlo_name(void **state)
{
	struct world *world = world_of("", "a@example.org");

	(void)state;
	send_from(world, "192.0.2.25");
	hold(fly(world, "mail.example.org TXT found \"v=spf1 a -all\"\n"),
		CHECK_SPF, PREFLIGHT_PASS, "the EHLO name");
	world = world_of("", "a@example.org");
	world->query.helo = SPAN("");
	send_from(world, "192.0.2.25");
	hold(fly(world, ""), CHECK_SPF, PREFLIGHT_NA, "no EHLO name");
}

static void a_private_address_says_nothing_about_receivers(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "10.0.0.1");
	result = fly(world, "1.0.0.10.in-addr.arpa PTR nxdomain\n");
	hold(result, CHECK_FCRDNS, PREFLIGHT_NA, "private");
	hold(result, CHECK_SPF, PREFLIGHT_NA, "private");
	hold(result, CHECK_SPF_OR_DKIM, PREFLIGHT_UNKNOWN,
		"not known from here");
	hold(result, CHECK_DMARC_ALIGNED, PREFLIGHT_UNKNOWN, "--ip");
	hold(result, CHECK_DMARC_POLICY, PREFLIGHT_UNKNOWN, "p=reject");
}

static void a_host_without_addresses_still_has_a_sender(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result = fly(world, "");

	(void)state;
	assert_int_equal(result->source_count, 1);
	assert_false(result->sources[0].has_ip);
	hold(result, CHECK_SPF, PREFLIGHT_NA, "no address");
	hold(result, CHECK_DMARC_RECORD, PREFLIGHT_PASS, "p=reject");
}

static void somebody_elses_gmail_address_is_told(void **state)
{
	struct world *world = world_of("a@example.net", "me@gmail.com");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	result = fly(world, "");
	hold(result, CHECK_FROM_IMPERSONATION, PREFLIGHT_FAIL, "gmail.com");
	hold(result, CHECK_DMARC_POLICY, PREFLIGHT_PASS, "lets it pass");
	assert_int_equal(forecast_of(result, 0, "google")->consequence,
		CONSEQUENCE_SPAM);
}

static void letters_that_look_alike_are_told(void **state)
{
	/* A Cyrillic o among Latin letters. */
	struct world *world = world_of(
		"a@example.org", "a@g\320\276ogle.example");

	(void)state;
	send_from(world, "192.0.2.25");
	hold(fly(world, ""), CHECK_SCRIPTS, PREFLIGHT_FAIL, "two scripts");
	world = world_of("a@example.org", "a@b\303\274cher.example");
	send_from(world, "192.0.2.25");
	hold(fly(world, ""), CHECK_SCRIPTS, PREFLIGHT_PASS, "");
}

static void what_nobody_demands_is_a_warning(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result;

	(void)state;
	world->query.profile_count = 1; /* google, every sender */
	send_from(world, "192.0.2.99");
	result = fly(world, "99.2.0.192.in-addr.arpa PTR nxdomain\n");
	hold(result, CHECK_SPF, PREFLIGHT_WARN, "fail by");
	assert_true(result->sources[0].lines[CHECK_SPF].is_asked);
	assert_false(result->sources[0].lines[CHECK_SOA].is_asked);
	assert_int_equal(result->worst, PREFLIGHT_FAIL); /* PTR */
}

/* ---- asides */

static const struct preflight_line *aside_of(const struct preflight *result,
	size_t source, enum preflight_aside aside)
{
	return &result->sources[source].asides[aside];
}

static void hold_text(struct span text, const char *wanted)
{
	if (*wanted && span_find_nocase(text, span_of(wanted)) == text.len)
		fail_msg("\"%s\" is not in \"%.*s\"", wanted, SPAN_ARG(text));
}

/* clang-format off */
static const struct reading {
	const char *lines;
	bool is_told;
	enum preflight_status status;
	const char *evidence;
} readings[] = {
	{ "", false, PREFLIGHT_PASS, "the same" },
	{ "_dmarc.example.org TXT nxdomain\n", false, PREFLIGHT_PASS, "" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=reject; t=y\"\n", true,
	  PREFLIGHT_WARN, "fail, quarantine (p=reject at _dmarc.example.org, "
	  "taken as quarantine); by RFC 7489 fail, reject" },
	{ "_dmarc.org TXT found \"v=DMARC1; p=reject; psd=y\"\n"
	  "_dmarc.example.org TXT nxdomain\n", true, PREFLIGHT_WARN,
	  "by RFC 7489 none (no record)" },
	{ "_dmarc.example.org TXT servfail\n", false, PREFLIGHT_UNKNOWN, "" },
	{ "_dmarc.example.org TXT nxdomain\n_dmarc.org TXT servfail\n", false,
	  PREFLIGHT_UNKNOWN, "" },
};
/* clang-format on */

static void the_tree_walk_is_told_where_it_makes_a_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(readings); i++) {
		const struct reading *reading = &readings[i];
		struct world *world = world_of(
			"a@example.net", "a@example.org");
		const struct preflight_line *line;

		send_from(world, "192.0.2.25");
		line = aside_of(
			fly(world, arena_print(arena,
					   "_dmarc.org TXT nxdomain\n%s",
					   reading->lines)
					   .at),
			0, ASIDE_TREE_WALK);
		hold_text(line->evidence, reading->evidence);
		if (line->status != reading->status)
			fail_msg("case %zu: %.*s", i, SPAN_ARG(line->evidence));
		assert_int_equal(line->is_asked, reading->is_told);
	}
}

static void the_notes_on_the_records_stand_with_their_family(void **state)
{
	struct world *world = world_of("a@example.net", "a@example.net");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	send_from(world, "2001:db8::25");
	result = fly(world, "");
	assert_false(aside_of(result, 0, ASIDE_SPF_RECORDS)->is_asked);
	assert_true(aside_of(result, 1, ASIDE_SPF_RECORDS)->is_asked);
	hold_text(aside_of(result, 1, ASIDE_SPF_RECORDS)->evidence,
		"spf-source-missing (example.net)");
}

static void the_way_through_the_records_is_told(void **state)
{
	struct world *world = world_of("a@example.net", "a@example.net");

	(void)state;
	send_from(world, "192.0.2.99");
	hold(fly(world, "example.net TXT found \"v=spf1 include:a.example.net "
			"-all\"\na.example.net TXT found \"v=spf1 "
			"include:b.example.net -all\"\nb.example.net TXT found "
			"\"v=spf1 ip4:192.0.2.99 -all\"\n"),
		CHECK_SPF, PREFLIGHT_PASS,
		"of b.example.net, by way of example.net, a.example.net; 2 of "
		"10 lookups, 0 of 2 void");
}

/* What the other resolver says of 192.0.2.25; ours has mail.example.org. */
/* clang-format off */
static const struct elsewhere {
	const char *lines;
	enum fcrdns_views views;
	enum preflight_status line, aside;
	const char *evidence, *fcrdns;
} elsewheres[] = {
	{ "25.2.0.192.in-addr.arpa PTR found \"mail.example.org\"\n"
	  "mail.example.org A found \"192.0.2.25\"\n",
	  FCRDNS_VIEWS_SAME, PREFLIGHT_PASS, PREFLIGHT_PASS, "the same",
	  "mail.example.org" },
	{ "25.2.0.192.in-addr.arpa PTR nxdomain\n",
	  FCRDNS_VIEWS_DIFFER, PREFLIGHT_FAIL, PREFLIGHT_WARN,
	  "mail.example.org here, nxdomain elsewhere", "no name" },
	{ "25.2.0.192.in-addr.arpa PTR found \"other.example.org\"\n"
	  "other.example.org A found \"192.0.2.25\"\n",
	  FCRDNS_VIEWS_DIFFER, PREFLIGHT_PASS, PREFLIGHT_WARN,
	  "mail.example.org here, other.example.org elsewhere",
	  "other.example.org" },
	{ "25.2.0.192.in-addr.arpa PTR timeout\n",
	  FCRDNS_VIEWS_UNKNOWN, PREFLIGHT_PASS, PREFLIGHT_UNKNOWN,
	  "timeout elsewhere", "mail.example.org" },
	{ "25.2.0.192.in-addr.arpa PTR found \"mail.example.org\"\n"
	  "mail.example.org A found \"192.0.2.99\"\n",
	  FCRDNS_VIEWS_DIFFER, PREFLIGHT_FAIL, PREFLIGHT_WARN,
	  "mail.example.org A: 192.0.2.25 here, 192.0.2.99 elsewhere", "" },
};
/* clang-format on */

static const struct preflight *fly_twice(
	struct world *world, const char *theirs)
{
	struct answers_file_errors errors;
	struct span first = SPAN("mxprobe-answers 1\n");
	struct saved_answers *ours = answers_file_load(arena, SPAN("ours"),
				     span_of(sound), &errors),
			     *other = answers_file_load(arena, SPAN("theirs"),
				     arena_print(arena, "%.*s%s",
					     SPAN_ARG(first), theirs),
				     &errors);

	assert_int_equal(errors.total, 0);
	world->answers = answers_open(arena);
	world->query.elsewhere = answers_open(arena);
	while (!preflight(
		arena, world->answers, &world->query, &world->result)) {
		assert_true(world->rounds++ < ROUNDS_MAX);
		saved_answers_settle(ours, world->answers);
		saved_answers_settle(other, world->query.elsewhere);
	}
	return &world->result;
}

static void what_others_see_counts_for_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(elsewheres); i++) {
		const struct elsewhere *one = &elsewheres[i];
		struct world *world = world_of(
			"a@example.org", "a@example.org");
		const struct preflight *result;

		send_from(world, "192.0.2.25");
		result = fly_twice(world, one->lines);
		hold(result, CHECK_FCRDNS, one->line, one->fcrdns);
		assert_int_equal(result->sources[0].fcrdns, FCRDNS_CONFIRMED);
		assert_int_equal(
			result->sources[0].elsewhere->views, one->views);
		assert_int_equal(aside_of(result, 0, ASIDE_ELSEWHERE)->status,
			one->aside);
		hold_text(aside_of(result, 0, ASIDE_ELSEWHERE)->evidence,
			one->evidence);
	}
}

static void nobody_else_is_asked_by_itself(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	result = fly(world, "");
	assert_null(result->sources[0].elsewhere);
	assert_int_equal(aside_of(result, 0, ASIDE_ELSEWHERE)->evidence.len, 0);
	/* Only what the rounds of the table below ask for. */
	world->query.elsewhere = answers_open(arena);
	fly_twice(world, "");
	for (struct question *one = answers_first(world->query.elsewhere); one;
		one = one->next)
		assert_int_equal(one->type, RR_PTR);
}

/* ---- the story, and the records that are ours */

static void the_story_is_told_of_a_foreign_from_only(void **state)
{
	struct world *world = world_of("www@example.net", "user@example.org");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.25");
	result = fly(world, "");
	hold_text(result->story, "user@example.org wrote it, and "
				 "www@example.net sends it");
	hold_text(result->story, "reject mail in its name (p=reject at "
				 "_dmarc.example.org)");
	hold_text(result->story, "example.net is not under example.org");
	hold_text(result->story, "nor can this host make one");
	hold_text(result->story, "Write www@example.net into From and "
				 "user@example.org into Reply-To");
	world = world_of("www@example.org", "user@example.org");
	send_from(world, "192.0.2.99");
	assert_int_equal(fly(world, "")->story.len, 0);
	world = world_of("www@example.net", "user@example.org");
	send_from(world, "192.0.2.25");
	hold_text(fly(world, "_dmarc.example.org TXT found \"v=DMARC1; "
			     "p=none\"\n")
			  ->story,
		"only asks for reports");
	/* Without a policy of the owner there is nothing to tell. */
	world = world_of("www@example.net", "user@example.org");
	send_from(world, "192.0.2.25");
	assert_int_equal(
		fly(world, "_dmarc.example.org TXT nxdomain\n")->story.len, 0);
}

static void the_records_looked_at_are_those_we_can_mend(void **state)
{
	struct world *world = world_of("www@example.net", "user@example.org");

	(void)state;
	send_from(world, "192.0.2.25");
	assert_true(
		span_is(fly(world, "")->records->domain, SPAN("example.net")));
	world = world_of("", "user@example.org");
	assert_true(
		span_is(fly(world, "")->records->domain, SPAN("example.org")));
	/* They are told, and change nothing. */
	world = world_of("a@example.org", "a@example.org");
	send_from(world, "192.0.2.25");
	assert_true(fly(world, "_smtp._tls.example.org TXT found "
			       "\"v=TLSRPTv1; rua=?\"\n")
			    ->worst < PREFLIGHT_UNKNOWN);
	assert_int_equal(
		world->result.records->lines[OWN_TLS_RPT].state, OWN_AMISS);
}

/* ---- with one */

static struct world *world_with(const char *text)
{
	struct world *world = world_of("a@example.org", "");

	world->query.message = preflight_message_of(arena, span_of(text), NOW);
	send_from(world, "192.0.2.25");
	return world;
}

#define LETTER                                                                 \
	"Date: Sat, 21 Nov 2026 21:13:05 +0000\r\n"                            \
	"From: A <a@example.org>\r\nMessage-ID: <1@example.org>\r\n"

/* clang-format off */
static const struct letter {
	const char *text;
	enum check check;
	enum preflight_status status;
	const char *evidence;
} letters[] = {
	{ LETTER "\r\nx\r\n", CHECK_FORM, PREFLIGHT_PASS, "" },
	{ LETTER "\r\nx\r\n", CHECK_DKIM, PREFLIGHT_FAIL, "not signed" },
	{ LETTER "\r\nx\r\n", CHECK_SPF_OR_DKIM, PREFLIGHT_PASS, "SPF" },
	{ LETTER "\r\nx\r\n", CHECK_DKIM_KEY_BITS, PREFLIGHT_NA, "" },
	{ LETTER "\r\nx\r\n", CHECK_ARC, PREFLIGHT_NA, "nobody" },
	{ LETTER "\r\nx\r\n", CHECK_ONE_CLICK, PREFLIGHT_WARN, "" },
	{ LETTER "Bcc x\r\n\r\nx\r\n", CHECK_FORM, PREFLIGHT_FAIL, "no field" },
	{ LETTER "X : y\r\n\r\nx\r\n", CHECK_FORM, PREFLIGHT_WARN, "line 4" },
	{ LETTER "To: b@c\r\nTo: b@c\r\n\r\nx\r\n",
	  CHECK_SINGLE_HEADERS, PREFLIGHT_FAIL, "line 5: the To field" },
	{ LETTER "Content-Type: multipart/mixed\r\n\r\nx\r\n",
	  CHECK_MIME, PREFLIGHT_FAIL, "no boundary" },
	{ LETTER "Subject: Re: hello\r\n\r\nx\r\n",
	  CHECK_SUBJECT_HONEST, PREFLIGHT_WARN, "like an answer" },
	{ LETTER "Subject: Re: hello\r\nIn-Reply-To: <0@example.org>\r\n\r\nx"
	  "\r\n", CHECK_SUBJECT_HONEST, PREFLIGHT_PASS, "" },
	{ LETTER "Reply-To: x@example.net\r\n\r\nx\r\n",
	  CHECK_CAN_RECEIVE, PREFLIGHT_PASS, "example.net has an MX" },
	{ LETTER "List-Unsubscribe: <https://example.org/u>\r\n"
	  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nx\r\n",
	  CHECK_ONE_CLICK, PREFLIGHT_FAIL, "no passing signature" },
	{ LETTER "List-Unsubscribe: <mailto:u@example.org>\r\n\r\nx\r\n",
	  CHECK_ONE_CLICK, PREFLIGHT_FAIL, "no https URI" },
	{ LETTER "List-Unsubscribe: <mailto:u@example.org>\r\n\r\nx\r\n",
	  CHECK_UNSUBSCRIBE, PREFLIGHT_PASS, "by mail" },
	{ LETTER "List-Unsubscribe: <http://example.org/u>\r\n\r\nx\r\n",
	  CHECK_UNSUBSCRIBE, PREFLIGHT_FAIL, "neither" },
	{ "From: a@example.org, b@example.org\r\n\r\nx\r\n",
	  CHECK_FROM_COUNT, PREFLIGHT_FAIL, "2 addresses" },
	{ "From: a@example.org\r\n\r\nx\r\n",
	  CHECK_MESSAGE_ID, PREFLIGHT_FAIL, "Message-ID field is missing" },
	{ "From: a@example.org\r\n\r\nx\r\n",
	  CHECK_FORM, PREFLIGHT_FAIL, "Date field is missing" },
	{ "From: \"x@gmail.com\" <a@example.org>\r\n\r\nx\r\n",
	  CHECK_DISPLAY_NAME, PREFLIGHT_WARN, "@gmail.com" },
	{ "Subject: nobody\r\n\r\nx\r\n",
	  CHECK_FROM_COUNT, PREFLIGHT_NA, "no From field" },
	{ "Subject: nobody\r\n\r\nx\r\n",
	  CHECK_DMARC_RECORD, PREFLIGHT_NA, "no From domain" },
	{ "", CHECK_FORM, PREFLIGHT_FAIL, "From field is missing" },
};
/* clang-format on */

static void each_fault_of_a_message_has_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(letters); i++)
		hold(fly(world_with(letters[i].text), ""), letters[i].check,
			letters[i].status, letters[i].evidence);
}

static void a_file_with_local_line_ends_is_signed_as_it_is_sent(void **state)
{
	struct world *world = world_with(
		"From: a@example.org\n\nbare\nlines\n");

	(void)state;
	assert_true(world->query.message->was_converted);
	assert_true(
		span_is(world->query.message->body, SPAN("bare\r\nlines\r\n")));
}

/* A message as lines that end with LF; what a mailbox made of it. */
static struct span sample(const char *name)
{
	struct span bytes, why;

	if (!file_read(arena, name, 1 << 20, &bytes, &why))
		fail_msg("%s: %.*s", name, SPAN_ARG(why));
	return bytes;
}

static const struct preflight *fly_sample(struct world *world, const char *name)
{
	struct answers_file_errors errors;
	struct saved_answers *saved = answers_file_load(arena, SPAN("answers"),
		sample("tests/preflight/answers.txt"), &errors);

	world->query.message = preflight_message_of(arena, sample(name), NOW);
	world->answers = answers_open(arena);
	while (!preflight(arena, world->answers, &world->query, &world->result))
		saved_answers_settle(saved, world->answers);
	return &world->result;
}

static void one_click_counts_under_a_signature_of_the_author(void **state)
{
	struct world *world = world_of("a@example.org", "");

	(void)state;
	send_from(world, "192.0.2.25");
	hold(fly_sample(world, "tests/preflight/good.eml"), CHECK_ONE_CLICK,
		PREFLIGHT_PASS, "both are signed");
	/* The same, told to be from another author: nobody's signature. */
	world = world_of("a@example.org", "x@example.jp");
	send_from(world, "192.0.2.25");
	hold(fly_sample(world, "tests/preflight/good.eml"), CHECK_ONE_CLICK,
		PREFLIGHT_FAIL, "no passing signature");
}

#define UNKNOWN_KEY                                                            \
	"DKIM-Signature: v=1; a=rsa-sha256; d=gmail.com; s=x; h=from;\r\n"      \
	" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"

/* No line fails for it, of those that a signature would mend. */
static void a_key_that_could_not_be_had_breaks_nothing(void **state)
{
	struct world *world = world_with(
		UNKNOWN_KEY "From: a@gmail.com\r\n\r\nx\r\n");

	(void)state;
	hold(fly(world, "x._domainkey.gmail.com TXT timeout\n"),
		CHECK_FROM_IMPERSONATION, PREFLIGHT_UNKNOWN,
		"could not be looked up");
	world = world_of("a@example.org", "");
	send_from(world, "192.0.2.25");
	world->query.message = preflight_message_of(
		arena, sample("tests/preflight/good.eml"), NOW);
	fly(world, "s2026._domainkey.example.org TXT servfail\n");
	hold(&world->result, CHECK_DKIM, PREFLIGHT_UNKNOWN, "temperror");
	hold(&world->result, CHECK_ONE_CLICK, PREFLIGHT_UNKNOWN,
		"could not be looked up");
	assert_int_equal(world->result.worst, PREFLIGHT_UNKNOWN);
}

static void the_change_on_the_way_is_named(void **state)
{
	struct world *world = world_of("l@lists.example.net", "");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.99");
	result = fly_sample(world, "tests/preflight/bad-forwarded.eml");
	hold(result, CHECK_DKIM, PREFLIGHT_FAIL, "long lines were wrapped");
	hold(result, CHECK_DMARC_POLICY, PREFLIGHT_WARN, "quarantine");
	assert_int_equal(forecast_of(result, 0, "google")->consequence,
		CONSEQUENCE_SPAM);
}

static void a_chain_that_holds_names_its_sealers(void **state)
{
	struct world *world = world_of("l@lists.example.net", "");
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.99");
	result = fly_sample(world, "tests/preflight/bad-sealed.eml");
	hold(result, CHECK_ARC, PREFLIGHT_PASS,
		"the chain of 1 holds, sealed by lists.example.net; unchanged");
	hold_text(result->story, "The ARC chain holds");
	hold_text(result->story, "example.org has signed it");
}

/* Behind the seal somebody put a footer there; the list had wrapped lines. */
static void a_broken_chain_tells_what_was_done_since(void **state)
{
	struct world *world = world_of("l@lists.example.net", "");
	const struct preflight_change *change;
	const struct preflight *result;

	(void)state;
	send_from(world, "192.0.2.99");
	result = fly_sample(world, "tests/preflight/bad-arc.eml");
	hold(result, CHECK_ARC, PREFLIGHT_FAIL, "without 2 lines at its end");
	hold(result, CHECK_ARC, PREFLIGHT_FAIL, "sealed by lists.example.net");
	assert_int_equal(result->change_count, 2);
	change = preflight_change_of(
		result, &result->arc.sets[0].message_check);
	assert_int_equal(change->instance, 1);
	assert_true(change->is_of_body);
	assert_non_null(change->found);
	/* Two changes on top of each other are not found out. */
	change = preflight_change_of(result, &result->dkim.checks[0]);
	assert_int_equal(change->instance, 0);
	assert_null(change->found);
	assert_true(change->tried > 0);
}

static void more_sources_than_the_limit_are_left_out(void **state)
{
	struct world *world = world_of("a@example.org", "a@example.org");

	(void)state;
	for (unsigned i = 0; i < PREFLIGHT_SOURCES_MAX + 2; i++)
		send_from(world, "192.0.2.25");
	assert_int_equal(fly(world, "")->source_count, PREFLIGHT_SOURCES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sender_in_order_passes_over_both_families),
		cmocka_unit_test(the_rounds_are_as_few_as_the_names_are_deep),
		cmocka_unit_test(a_web_form_is_refused_by_its_visitors_policy),
		cmocka_unit_test(an_own_from_may_still_be_signed),
		cmocka_unit_test(the_missing_term_is_told_with_its_family),
		cmocka_unit_test(each_answer_of_the_dns_has_its_line),
		cmocka_unit_test(an_empty_envelope_is_judged_by_the_ehlo_name),
		cmocka_unit_test(
			a_private_address_says_nothing_about_receivers),
		cmocka_unit_test(a_host_without_addresses_still_has_a_sender),
		cmocka_unit_test(somebody_elses_gmail_address_is_told),
		cmocka_unit_test(letters_that_look_alike_are_told),
		cmocka_unit_test(what_nobody_demands_is_a_warning),
		cmocka_unit_test(
			the_tree_walk_is_told_where_it_makes_a_difference),
		cmocka_unit_test(
			the_notes_on_the_records_stand_with_their_family),
		cmocka_unit_test(the_way_through_the_records_is_told),
		cmocka_unit_test(what_others_see_counts_for_more),
		cmocka_unit_test(nobody_else_is_asked_by_itself),
		cmocka_unit_test(the_story_is_told_of_a_foreign_from_only),
		cmocka_unit_test(the_records_looked_at_are_those_we_can_mend),
		cmocka_unit_test(a_chain_that_holds_names_its_sealers),
		cmocka_unit_test(a_broken_chain_tells_what_was_done_since),
		cmocka_unit_test(each_fault_of_a_message_has_its_line),
		cmocka_unit_test(
			a_file_with_local_line_ends_is_signed_as_it_is_sent),
		cmocka_unit_test(
			one_click_counts_under_a_signature_of_the_author),
		cmocka_unit_test(a_key_that_could_not_be_had_breaks_nothing),
		cmocka_unit_test(the_change_on_the_way_is_named),
		cmocka_unit_test(more_sources_than_the_limit_are_left_out),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
