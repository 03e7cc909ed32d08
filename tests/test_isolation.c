#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "probe/judge/isolation.h"
#include "reports/isolation_json.h"
#include "reports/isolation_text.h"
#include "tests/facts_by_hand.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/*
 * A world is a rule that says which settings go well.  The search walks in it
 * as it would walk for real, and a test looks at what it concluded.
 */
struct world {
	bool (*is_well)(
		const struct world *world, const struct setting *setting);
	bool is_put_off;  /* what is not well gets a 4xx */
	unsigned goes_on; /* so many walks fail, and then all go well; 0:
			     never */
	unsigned walks;
	unsigned wants[VARIED_COUNT]; /* of by_rule(): 0 does not matter */
};

static struct ip homes[FAMILY_COUNT], others[FAMILY_COUNT];
static struct isolation_host hosts[2];
static struct ip sources[2];
static struct span names[2], senders[1];

static struct setting failing_setting(void)
{
	return (struct setting){ .family = FAMILY_IPV6,
		.has_source = true,
		.source = homes[FAMILY_IPV6],
		.ehlo = SPAN("wrong.example"),
		.host = hosts[0].name,
		.remote = hosts[0].remote[FAMILY_IPV6],
		.has_tls = true,
		.mail_from = SPAN("me@example.org") };
}

static void make_places(void)
{
	homes[FAMILY_IPV4] = ip_by_hand("192.0.2.25");
	homes[FAMILY_IPV6] = ip_by_hand("2001:db8::25");
	others[FAMILY_IPV4] = sources[0] = ip_by_hand("192.0.2.26");
	others[FAMILY_IPV6] = sources[1] = ip_by_hand("2001:db8::26");
	hosts[0] = (struct isolation_host){ .name = SPAN("mx1.example.net"),
		.has = { true, true },
		.remote = { ip_by_hand("198.51.100.1"),
			ip_by_hand("2001:db8:51::1") } };
	hosts[1] = (struct isolation_host){ .name = SPAN("mx2.example.net"),
		.has = { true, true },
		.remote = { ip_by_hand("198.51.100.2"),
			ip_by_hand("2001:db8:51::2") } };
	names[0] = SPAN("wrong.example");
	names[1] = SPAN("right.example");
	senders[0] = SPAN("");
}

static struct trial_end refused(unsigned code)
{
	return (struct trial_end){ .is_decided = true,
		.ending = { .host = hosts[0].name,
			.is_decided = true,
			.failure = code / 100 == 4 ? FAILURE_SMTP_4XX
						   : FAILURE_SMTP_5XX,
			.stage = STAGE_RCPT,
			.code = code,
			.policy = SPAN("") },
		.missed = SPAN(""),
		.told = SPAN("550 5.7.1 no") };
}

static struct trial_end well(void)
{
	return (struct trial_end){ .is_decided = true,
		.is_well = true,
		.ending = { .is_decided = true, .is_well = true },
		.missed = SPAN(""),
		.told = SPAN("") };
}

static struct isolation_question question_by_hand(void)
{
	struct isolation_question question = { .stage = STAGE_RCPT,
		.max_connections = 8,
		.has_home = { true, true },
		.sources = sources,
		.source_count = 2,
		.names = names,
		.name_count = 2,
		.hosts = hosts,
		.host_count = 2,
		.senders = senders,
		.sender_count = 1 };

	memset(question.varies, true, sizeof(question.varies));
	memcpy(question.home, homes, sizeof(homes));
	question.failing.setting = failing_setting();
	question.failing.end = refused(550);
	question.failing.name = SPAN("");
	return question;
}

static struct trial_end walk_in(
	struct world *world, const struct setting *setting)
{
	if (world->goes_on && world->walks++ >= world->goes_on)
		return well();
	if (world->is_well(world, setting))
		return well();
	return refused(world->is_put_off ? 451 : 550);
}

static void search(struct isolation *isolation,
	const struct isolation_question *question, struct world *world)
{
	struct trial trial;

	isolation_open(isolation, arena, question);
	while (isolation_next(isolation, &trial)) {
		trial.end = walk_in(world, &trial.setting);
		isolation_take(isolation, &trial);
		assert_true(
			isolation->connections <= question->max_connections);
	}
	isolation_conclude(isolation, &(struct judgement){ 0 }, NULL);
}

/* ---- worlds */

/* Of each thing: does it have the value that it failed with? */
static bool is_as_it_failed(const struct setting *setting, enum varied varied)
{
	struct setting failing = failing_setting();

	switch (varied) {
	case VARIED_FAMILY:
		return setting->family == failing.family;
	case VARIED_SOURCE:
		return ip_is(&setting->source, &homes[setting->family]);
	case VARIED_EHLO:
		return span_is(setting->ehlo, failing.ehlo);
	case VARIED_MX:
		return span_is(setting->host, failing.host);
	case VARIED_TLS:
		return setting->has_tls == failing.has_tls;
	case VARIED_MAIL_FROM:
		break;
	}
	return span_is(setting->mail_from, failing.mail_from);
}

/* Well when all that the rule wants is changed. */
static bool by_rule(const struct world *world, const struct setting *setting)
{
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (world->wants[i] && is_as_it_failed(setting, (enum varied)i))
			return false;
	return true;
}

static bool never(const struct world *world, const struct setting *setting)
{
	(void)world;
	(void)setting;
	return false;
}

static struct world rule_of(enum varied varied)
{
	struct world world = { .is_well = by_rule };

	world.wants[varied] = 1;
	return world;
}

static bool has_words(const struct isolation *isolation, const char *words)
{
	return span_find_nocase(isolation->text, span_of(words)) <
	       isolation->text.len;
}

/* ---- tests */

static void each_single_cause_is_found_from_nothing_known(void **state)
{
	struct isolation_question question = question_by_hand();
	struct isolation isolation;

	(void)state;
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		struct world world = rule_of((enum varied)i);

		search(&isolation, &question, &world);
		assert_int_equal(isolation.end, ISOLATED_SINGLE);
		assert_int_equal(isolation.states[i], VARIED_FLIPS);
		for (unsigned k = 0; k < VARIED_COUNT; k++)
			if (k != i)
				assert_null(isolation.flips[k]);
	}
}

static void tls_that_was_not_offered_is_not_given_up(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never };
	struct isolation isolation;

	(void)state;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.states[VARIED_TLS], VARIED_INNOCENT);
	question.was_in_clear = true;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.states[VARIED_TLS], VARIED_CHOICELESS);
	for (size_t i = 0; i < isolation.trial_count; i++)
		assert_true(isolation.trials[i].setting.has_tls);
}

static void a_walk_that_differs_in_one_thing_costs_no_connection(void **state)
{
	struct isolation_question question = question_by_hand();
	struct trial known = { .setting = failing_setting(),
		.end = well(),
		.name = SPAN("the other path") };
	struct world world = rule_of(VARIED_SOURCE);
	struct isolation isolation;

	(void)state;
	known.setting.source = others[FAMILY_IPV6];
	question.known = &known;
	question.known_count = 1;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_SINGLE);
	assert_int_equal(isolation.trial_count, 2);
	assert_int_equal(isolation.connections, 1);
	assert_true(isolation.trials[1].is_repeat);
	assert_true(has_words(&isolation,
		"The source address makes the difference: it goes well with "
		"2001:db8::26 instead of 2001:db8::25"));
}

static void a_walk_that_differs_in_three_things_is_walked_towards(void **state)
{
	struct isolation_question question = question_by_hand();
	struct trial known = {
		.setting = failing_setting(), .end = well(), .name = SPAN("")
	};
	struct world world = rule_of(VARIED_EHLO);
	struct isolation isolation;

	(void)state;
	known.setting.ehlo = SPAN("unheard-of.example");
	known.setting.source = others[FAMILY_IPV6];
	known.setting.mail_from = SPAN("");
	question.known = &known;
	question.known_count = 1;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_SINGLE);
	assert_non_null(isolation.flips[VARIED_EHLO]);
	assert_span(isolation.flips[VARIED_EHLO]->setting.ehlo,
		"unheard-of.example");
	assert_int_equal(isolation.trials[1].setting.family, FAMILY_IPV6);
}

static void two_things_at_once_are_found_together(void **state)
{
	struct isolation_question question = question_by_hand();
	struct trial known = {
		.setting = failing_setting(), .end = well(), .name = SPAN("")
	};
	struct world world = rule_of(VARIED_EHLO);
	struct isolation isolation;

	(void)state;
	world.wants[VARIED_SOURCE] = 1;
	known.setting.ehlo = names[1];
	known.setting.source = others[FAMILY_IPV6];
	known.setting.has_tls = false;
	question.known = &known;
	question.known_count = 1;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_TOGETHER);
	assert_int_equal(
		isolation_difference(&question, &isolation.together->setting),
		1u << VARIED_EHLO | 1u << VARIED_SOURCE);
	assert_true(has_words(&isolation, "these together do"));
}

static void where_the_family_does_it_the_finer_things_are_tried(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = rule_of(VARIED_FAMILY);
	struct isolation isolation;

	(void)state;
	search(&isolation, &question, &world);
	assert_non_null(isolation.flips[VARIED_FAMILY]);
	assert_int_equal(isolation.states[VARIED_SOURCE], VARIED_INNOCENT);
	assert_int_equal(isolation.states[VARIED_EHLO], VARIED_INNOCENT);
	assert_true(has_words(
		&isolation, "Another IPv6 source address fares no better."));
}

static bool well_from_others(
	const struct world *world, const struct setting *setting)
{
	(void)world;
	return !ip_is(&setting->source, &homes[FAMILY_IPV6]);
}

static void a_family_that_only_brings_another_source_is_not_blamed(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = well_from_others };
	struct isolation isolation;

	(void)state;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_SINGLE);
	assert_non_null(isolation.flips[VARIED_SOURCE]);
	assert_null(isolation.flips[VARIED_FAMILY]);
	assert_int_equal(isolation.states[VARIED_FAMILY], VARIED_ALONG);
	assert_true(has_words(&isolation, "The source address makes the"));
}

static void one_source_each_leaves_family_and_source_together(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = rule_of(VARIED_FAMILY);
	struct isolation isolation;

	(void)state;
	question.source_count = 0;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.states[VARIED_SOURCE], VARIED_CHOICELESS);
	assert_true(has_words(&isolation,
		"The family and the source address cannot be told apart"));
}

static void what_is_said_later_is_not_tried(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never };
	struct isolation isolation;
	unsigned changed = 0;

	(void)state;
	question.stage = STAGE_BANNER;
	search(&isolation, &question, &world);
	for (size_t i = 0; i < isolation.trial_count; i++)
		changed |= isolation_difference(
			&question, &isolation.trials[i].setting);
	assert_int_equal(changed,
		1u << VARIED_FAMILY | 1u << VARIED_SOURCE | 1u << VARIED_MX);
	assert_int_equal(isolation.states[VARIED_EHLO], VARIED_LATER);
	assert_int_equal(isolation.end, ISOLATED_NOTHING);
}

static void only_what_may_be_changed_is_changed(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = rule_of(VARIED_FAMILY);
	struct isolation isolation;

	(void)state;
	memset(question.varies, false, sizeof(question.varies));
	question.varies[VARIED_TLS] = true;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.trial_count, 2);
	assert_false(isolation.trials[0].setting.has_tls);
	assert_true(isolation.trials[1].is_repeat);
	assert_int_equal(isolation.states[VARIED_FAMILY], VARIED_HELD);
	assert_int_equal(isolation.end, ISOLATED_NOTHING);
}

static void no_more_connections_are_made_than_allowed(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never };
	struct isolation isolation;

	(void)state;
	for (unsigned max = 1; max < 12; max++) {
		question.max_connections = max;
		search(&isolation, &question, &world);
		assert_true(isolation.connections <= max);
		if (max < 6) {
			assert_int_equal(isolation.connections, max);
			assert_int_equal(isolation.end, ISOLATED_UNTOLD);
			assert_true(has_words(&isolation, "Not tried, as no "
							  "more than"));
		}
	}
}

static void after_an_interruption_nothing_is_begun(void **state)
{
	struct isolation_question question = question_by_hand();
	struct isolation isolation;
	struct trial trial;

	(void)state;
	isolation_open(&isolation, arena, &question);
	assert_true(isolation_next(&isolation, &trial));
	trial.end.is_decided = false;
	isolation_take(&isolation, &trial);
	isolation.is_interrupted = true;
	assert_false(isolation_next(&isolation, &trial));
	isolation_conclude(&isolation, &(struct judgement){ 0 }, NULL);
	assert_int_equal(isolation.end, ISOLATED_UNTOLD);
	assert_true(has_words(&isolation, "Not tried, as it was interrupted"));
}

static void what_comes_and_goes_is_blamed_on_nothing(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never, .goes_on = 3 };
	struct isolation isolation;

	(void)state;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_UNSTABLE);
	assert_true(has_words(&isolation, "comes and goes"));
}

static void what_is_put_off_is_no_evidence(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never, .is_put_off = true };
	struct isolation isolation;

	(void)state;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.end, ISOLATED_UNTOLD);
	assert_int_equal(isolation.states[VARIED_FAMILY], VARIED_UNCLEAR);
}

static void another_failure_is_no_evidence(void **state)
{
	struct trial_end failing = refused(550), other = refused(550);

	(void)state;
	other.ending.stage = STAGE_TLS;
	assert_int_equal(trial_verdict_of(&failing, &other), TRIAL_OTHERWISE);
	other.is_decided = false;
	assert_int_equal(trial_verdict_of(&failing, &other), TRIAL_OPEN);
	other = refused(450);
	assert_int_equal(trial_verdict_of(&failing, &other), TRIAL_OPEN);
	assert_int_equal(trial_verdict_of(&other, &other), TRIAL_ALIKE);
	other = refused(554);
	other.missed = SPAN("accept");
	assert_int_equal(trial_verdict_of(&failing, &other), TRIAL_OTHERWISE);
}

static void an_unknown_source_is_not_changed_to_itself(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = { .is_well = never };
	struct isolation isolation;

	(void)state;
	question.failing.setting.has_source = false;
	search(&isolation, &question, &world);
	assert_int_equal(isolation.states[VARIED_SOURCE], VARIED_CHOICELESS);
}

static unsigned wanted_by(const struct world *world)
{
	unsigned count = 0;

	for (unsigned i = 0; i < VARIED_COUNT; i++)
		count += world->wants[i];
	return count;
}

/* Rules of one or two things, with and without something known. */
static void whatever_the_rule_what_is_concluded_holds(void **state)
{
	(void)state;
	srand(4);
	for (unsigned round = 0; round < 4000; round++) {
		struct isolation_question question = question_by_hand();
		unsigned first = (unsigned)rand() % VARIED_COUNT;
		bool is_single;
		struct world world = rule_of((enum varied)first);
		struct trial known = { .setting = failing_setting(),
			.name = SPAN("") };
		struct isolation isolation;

		if (rand() % 2)
			world.wants[(unsigned)rand() % VARIED_COUNT] = 1;
		is_single = wanted_by(&world) == 1;
		if (rand() % 2)
			known.setting.ehlo = names[1];
		if (rand() % 2)
			known.setting.source = others[FAMILY_IPV6];
		if (rand() % 2)
			known.setting.mail_from = senders[0];
		if (rand() % 2)
			known.setting.has_tls = false;
		known.end = walk_in(&world, &known.setting);
		question.known = &known;
		question.known_count = 1;
		question.max_connections = 1 + (unsigned)rand() % 12;
		search(&isolation, &question, &world);
		for (unsigned i = 0; i < VARIED_COUNT; i++) {
			if (!isolation.flips[i])
				continue;
			assert_int_equal(world.wants[i], 1);
			assert_true(
				by_rule(&world, &isolation.flips[i]->setting));
		}
		if (is_single && question.max_connections > 7)
			assert_non_null(isolation.flips[first]);
		if (isolation.end == ISOLATED_TOGETHER)
			assert_true(
				by_rule(&world, &isolation.together->setting));
		assert_int_not_equal(isolation.end, ISOLATED_UNSTABLE);
	}
}

/* ---- a visit as a trial */

static const struct step steps_by_hand[] = {
	{ .verb = STEP_CONNECT },
	{ .verb = STEP_BANNER },
	{ .verb = STEP_EHLO, .argument = BYTES("mail.example.org") },
	{ .verb = STEP_STARTTLS },
	{ .verb = STEP_MAIL, .argument = BYTES("me@example.org") },
	{ .verb = STEP_RCPT, .argument = BYTES("you@example.net") },
};
static const struct scenario scenario_by_hand = { .steps = steps_by_hand,
	.step_count = 6 };

static void a_visit_says_how_it_was_held(void **state)
{
	struct facts *facts = facts_open(arena);
	struct visit *visit = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	struct trial_question question = { .codebook = codebook_embedded(arena),
		.outcome = &facts->outcome };
	struct trial trial;

	(void)state;
	visit->scenario = &scenario_by_hand;
	refuse(facts, visit, STAGE_RCPT, "550-5.7.1 no\n550 5.7.1 never");
	question.judgement = judge_facts(facts);
	assert_int_equal(trial_of_visit(arena, &question, &trial), STAGE_RCPT);
	assert_true(trial.end.is_decided && !trial.end.is_well);
	assert_span(trial.end.told, "550 5.7.1 no never");
	assert_int_equal(trial.setting.family, FAMILY_IPV6);
	assert_span(trial.setting.ehlo, "mail.example.org");
	assert_span(trial.setting.mail_from, "me@example.org");
	assert_true(trial.setting.has_tls && trial.setting.has_source);
}

static void our_own_literal_goes_with_the_address(void **state)
{
	static const struct step steps[] = { { .verb = STEP_EHLO,
		.argument = BYTES("[IPv6:2001:db8:25::25]") } };
	static const struct scenario scenario = { .steps = steps,
		.step_count = 1 };
	struct facts *facts = facts_open(arena);
	struct visit *visit = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	struct trial_question question = { .codebook = codebook_embedded(arena),
		.outcome = &facts->outcome };
	struct trial trial;

	(void)state;
	visit->scenario = &scenario;
	question.judgement = judge_facts(facts);
	trial_of_visit(arena, &question, &trial);
	assert_int_equal(trial.setting.ehlo.len, 0);
	visit->source.ip = ip_by_hand("2001:db8:25::26");
	trial_of_visit(arena, &question, &trial);
	assert_span(trial.setting.ehlo, "[IPv6:2001:db8:25::25]");
}

static void ehlo_inside_tls_counts_as_tls(void **state)
{
	struct facts *facts = facts_open(arena);
	struct visit *visit = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	struct session session = { .version = SPAN("TLSv1.3") };
	struct trial_question question = { .codebook = codebook_embedded(arena),
		.outcome = &facts->outcome };
	struct trial trial;

	(void)state;
	visit->scenario = &scenario_by_hand;
	visit->tls = &session;
	refuse(facts, visit, STAGE_EHLO, "550 no");
	question.judgement = judge_facts(facts);
	assert_int_equal(trial_of_visit(arena, &question, &trial), STAGE_TLS);
}

/* ---- reports */

static struct isolation told_of(
	struct isolation_question *question, struct world *world)
{
	struct isolation isolation;

	question->failing.end.told = SPAN("550 \x1b[31mno\r\n secret");
	search(&isolation, question, world);
	return isolation;
}

static struct span text_of(const struct isolation *isolation)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct span kept;

	isolation_text_row(out, isolation, NULL);
	fclose(out);
	kept = arena_copy(arena, (struct span){ text, len });
	free(text);
	return kept;
}

static void the_text_tells_each_experiment_and_what_was_held(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = rule_of(VARIED_EHLO);
	struct isolation isolation;

	(void)state;
	question.max_connections = 4;
	isolation = told_of(&question, &world);
	/* clang-format off */
	assert_span(text_of(&isolation),
"           isolation: failed: IPv6 from 2001:db8::25 to mx1.example.net "
"[2001:db8:51::1], at RCPT: 550 \\x1b[31mno\\x0d\\x0a secret\n"
"             1. changed: family IPv4: fails in the same way\n"
"             2. changed: EHLO name right.example: goes well\n"
"             3. changed: nothing, the same once more: fails in the same way\n"
"             held still in all: target, mail exchanger mx1.example.net, "
"with STARTTLS, sender <me@example.org>; in each, all that it does not name\n"
"             3 of at most 4 more connections\n"
"             conclusion: The EHLO name makes the difference: it "
"goes well with right.example instead of wrong.example.  Makes no difference "
"when changed alone: family.  Not tried, as a difference was found before: "
"source address, mail exchanger, TLS, sender.  Asked for once more, it failed "
"in the same way.\n");
	/* clang-format on */
}

static json_t *json_of(const struct isolation *isolation)
{
	static struct json_writer json;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *read;

	writer_open(&json, out, false, 0);
	isolation_json(&json, isolation, NULL);
	writer_close(&json);
	fclose(out);
	read = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	assert_non_null(read);
	return read;
}

static void the_json_has_the_difference_and_each_experiment(void **state)
{
	struct isolation_question question = question_by_hand();
	struct world world = rule_of(VARIED_EHLO);
	struct isolation isolation = told_of(&question, &world);
	json_t *json = json_of(&isolation), *first, *changed;

	(void)state;
	assert_string_equal(
		json_string_value(json_object_get(json, "result")), "single");
	changed = json_object_get(json, "difference");
	assert_int_equal(json_array_size(changed), 1);
	assert_string_equal(
		json_string_value(json_array_get(changed, 0)), "ehlo");
	first = json_array_get(json_object_get(json, "experiments"), 0);
	assert_string_equal(
		json_string_value(json_object_get(first, "verdict")), "same");
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json, "variables"), "source")),
		"not-tried");
	json_decref(json);
}

static int set_up(void **state)
{
	make_places();
	return open_arena(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_single_cause_is_found_from_nothing_known),
		cmocka_unit_test(tls_that_was_not_offered_is_not_given_up),
		cmocka_unit_test(
			a_walk_that_differs_in_one_thing_costs_no_connection),
		cmocka_unit_test(
			a_walk_that_differs_in_three_things_is_walked_towards),
		cmocka_unit_test(two_things_at_once_are_found_together),
		cmocka_unit_test(
			where_the_family_does_it_the_finer_things_are_tried),
		cmocka_unit_test(
			a_family_that_only_brings_another_source_is_not_blamed),
		cmocka_unit_test(
			one_source_each_leaves_family_and_source_together),
		cmocka_unit_test(what_is_said_later_is_not_tried),
		cmocka_unit_test(only_what_may_be_changed_is_changed),
		cmocka_unit_test(no_more_connections_are_made_than_allowed),
		cmocka_unit_test(after_an_interruption_nothing_is_begun),
		cmocka_unit_test(what_comes_and_goes_is_blamed_on_nothing),
		cmocka_unit_test(what_is_put_off_is_no_evidence),
		cmocka_unit_test(another_failure_is_no_evidence),
		cmocka_unit_test(an_unknown_source_is_not_changed_to_itself),
		cmocka_unit_test(whatever_the_rule_what_is_concluded_holds),
		cmocka_unit_test(a_visit_says_how_it_was_held),
		cmocka_unit_test(our_own_literal_goes_with_the_address),
		cmocka_unit_test(ehlo_inside_tls_counts_as_tls),
		cmocka_unit_test(
			the_text_tells_each_experiment_and_what_was_held),
		cmocka_unit_test(
			the_json_has_the_difference_and_each_experiment),
	};

	return cmocka_run_group_tests(tests, set_up, close_arena);
}
