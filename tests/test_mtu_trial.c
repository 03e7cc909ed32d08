#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/facts/mtu_trial.h"
#include "tests/facts_by_hand.h"

/* What a hung walk and two connections behind it tell of the path's MTU. */
static struct facts *facts;
static struct visit *four, *six; /* at the same host */
static struct visit full, clamped;
static struct mtu_trial trial;
static struct session tls;

static void walk_well(struct visit *visit)
{
	*visit = (struct visit){ .path = six->path,
		.state = VISIT_WALKED,
		.why_not = SPAN(""),
		.tls = &tls };
	visit->tcp.is_known = true;
	visit->tcp.acked = 3 * MTU_TRIAL_OCTETS;
}

static void hang(struct visit *visit, enum stage stage, unsigned unacked)
{
	spoil(facts, visit, FAILURE_TIMEOUT, stage);
	visit->tcp = (struct tcp_facts){ .is_known = true,
		.unacked = unacked,
		.backoff = unacked ? 3 : 0,
		.acked = 700 };
	if (stage == STAGE_TLS)
		visit->tls = NULL;
}

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	four = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	six = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	tls = (struct session){ .version = SPAN("TLSv1.3") };
	walk_well(&full);
	walk_well(&clamped);
	trial = (struct mtu_trial){ .full = &full, .clamped = &clamped };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

static const struct finding *told(const char *id)
{
	six->mtu_trial = &trial;
	return finding_of(judge_facts(facts), id);
}

/* ---- when it is held */

static void a_silence_where_packets_are_large_calls_for_a_trial(void **state)
{
	(void)state;
	assert_false(mtu_trial_is_called_for(six));
	hang(six, STAGE_DOT, 6);
	assert_true(mtu_trial_is_called_for(six));
	hang(six, STAGE_TLS, 0);
	assert_true(mtu_trial_is_called_for(six));
}

static void a_server_that_thinks_calls_for_none(void **state)
{
	static const enum stage stages[] = { STAGE_BANNER, STAGE_EHLO,
		STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_DOT, STAGE_QUIT };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		hang(six, stages[i], 0);
		assert_false(mtu_trial_is_called_for(six));
	}
	hang(six, STAGE_MAIL, 1);
	assert_false(mtu_trial_is_called_for(six));
	hang(six, STAGE_DOT, 6);
	six->tcp.backoff = 1;
	assert_false(mtu_trial_is_called_for(six));
	spoil(facts, six, FAILURE_SMTP_5XX, STAGE_DOT);
	six->tcp.backoff = 3;
	assert_false(mtu_trial_is_called_for(six));
}

static void without_padding_nothing_large_is_sent_from_here(void **state)
{
	(void)state;
	hang(six, STAGE_DOT, 6);
	six->tls = NULL;
	assert_false(mtu_trial_can_tell(six));
	assert_true(says_against(
		finding_of(judge_facts(facts), "path.mtu-black-hole"),
		"without TLS 1.3"));
	six->tls = &tls;
	assert_true(mtu_trial_can_tell(six));
	assert_int_equal(finding_of(judge_facts(facts), "path.mtu-black-hole")
				 ->against_count,
		0);
	tls.version = SPAN("TLSv1.2");
	assert_false(mtu_trial_can_tell(six));
	hang(six, STAGE_TLS, 0);
	assert_true(mtu_trial_can_tell(six));
}

/* ---- what it answers */

static void each_pair_of_ends_has_one_answer(void **state)
{
	static const struct {
		const char *name;
		enum stage full, clamped; /* STAGE_QUIT: it went well */
		unsigned unacked;
		enum mtu_answer answer;
	} pairs[] = {
		{ "both went well", STAGE_QUIT, STAGE_QUIT, 0, MTU_SOUND },
		{ "full hung after its EHLO", STAGE_EHLO, STAGE_QUIT, 3,
			MTU_LOST_FROM_US },
		{ "full hung for certificates", STAGE_TLS, STAGE_QUIT, 0,
			MTU_LOST_TO_US },
		{ "full hung for a long EHLO", STAGE_EHLO, STAGE_QUIT, 0,
			MTU_LOST_TO_US },
		{ "a large ClientHello", STAGE_TLS, STAGE_QUIT, 2,
			MTU_LOST_FROM_US },
		{ "both hung alike", STAGE_TLS, STAGE_TLS, 0,
			MTU_SMALL_LOST_TOO },
		{ "each hung elsewhere", STAGE_EHLO, STAGE_TLS, 3,
			MTU_NOT_KNOWN },
		{ "the clamped one had no banner", STAGE_TLS, STAGE_BANNER, 0,
			MTU_NOT_KNOWN },
		{ "the full one had no banner", STAGE_BANNER, STAGE_QUIT, 0,
			MTU_NOT_KNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		walk_well(&full);
		walk_well(&clamped);
		if (pairs[i].full != STAGE_QUIT)
			hang(&full, pairs[i].full, pairs[i].unacked);
		if (pairs[i].clamped != STAGE_QUIT)
			hang(&clamped, pairs[i].clamped, 0);
		if (mtu_trial_answer(&trial) != pairs[i].answer)
			fail_msg("%s: %s", pairs[i].name,
				mtu_answer_word(mtu_trial_answer(&trial)));
	}
}

static void what_was_not_sent_is_not_sound(void **state)
{
	(void)state;
	trial.clamped = NULL;
	full.tcp.acked = MTU_TRIAL_OCTETS - 1;
	assert_int_equal(mtu_trial_answer(&trial), MTU_SOUND_TO_US);
	full.tls = NULL;
	assert_int_equal(mtu_trial_answer(&trial), MTU_NOT_KNOWN);
	walk_well(&full);
	full.state = VISIT_PLANNED;
	assert_int_equal(mtu_trial_answer(&trial), MTU_NOT_KNOWN);
}

/* One that shook hands for so long. */
static void shake_for(struct visit *visit, unsigned ms)
{
	uint64_t begin = 1000000;

	transcript_add(&visit->transcript, facts->arena, begin, EVENT_HEARD,
		STAGE_STARTTLS);
	transcript_add(&visit->transcript, facts->arena,
		begin + ms * 1000000ULL, EVENT_TLS, STAGE_TLS);
}

static void a_slow_server_proves_nothing(void **state)
{
	(void)state;
	hang(&full, STAGE_TLS, 0);
	shake_for(&full, 4000);
	shake_for(&clamped, 1900);
	assert_int_equal(mtu_trial_answer(&trial), MTU_LOST_TO_US);
	walk_well(&clamped);
	shake_for(&clamped, 2100);
	assert_int_equal(mtu_trial_answer(&trial), MTU_NOT_KNOWN);
	hang(&full, STAGE_EHLO, 1);
	full.tcp.backoff = 1;
	assert_int_equal(mtu_trial_answer(&trial), MTU_NOT_KNOWN);
}

static void a_late_quit_is_no_hang(void **state)
{
	(void)state;
	spoil(facts, &full, FAILURE_TIMEOUT, STAGE_QUIT);
	assert_int_equal(mtu_trial_answer(&trial), MTU_SOUND);
}

static void a_clamp_is_what_every_host_takes(void **state)
{
	(void)state;
	assert_int_equal(mtu_trial_clamp(FAMILY_IPV4), 536);
	assert_int_equal(mtu_trial_clamp(FAMILY_IPV6), 1220);
}

/* ---- what the judge makes of it */

static void size_alone_proves_a_black_hole_of_ours(void **state)
{
	const struct finding *finding;

	(void)state;
	hang(six, STAGE_DOT, 6);
	hang(&full, STAGE_EHLO, 3);
	finding = told("path.mtu-black-hole");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_int_equal(finding->blame, BLAME_PATH);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_true(span_find_nocase(finding->title, SPAN("from us")) <
		    finding->title.len);
	assert_true(says_for(finding, "hung at EHLO inside TLS"));
	assert_true(says_for(finding, "segments of 1220 octets"));
	assert_true(says_for(finding, "padded to 4 kB"));
	assert_int_equal(finding->against_count, 0);
	assert_null(told("server.silent"));
}

static void size_alone_proves_one_on_the_way_to_us(void **state)
{
	const struct finding *finding;

	(void)state;
	hang(six, STAGE_TLS, 0);
	hang(&full, STAGE_TLS, 0);
	finding = told("path.mtu-black-hole");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_true(span_find_nocase(finding->title, SPAN("towards us")) <
		    finding->title.len);
	assert_true(says_for(finding, "hung in the TLS handshake"));
	assert_null(told("server.silent"));
}

static void a_server_that_hangs_with_small_segments_is_silent(void **state)
{
	const struct finding *finding;

	(void)state;
	hang(six, STAGE_TLS, 0);
	hang(&full, STAGE_TLS, 0);
	hang(&clamped, STAGE_TLS, 0);
	assert_null(told("path.mtu-black-hole"));
	finding = told("server.silent");
	assert_non_null(finding);
	assert_true(says_for(finding, "it is not their size"));
	assert_int_equal(finding->against_count, 0);
}

static void a_path_that_was_gone_for_a_while_is_no_black_hole(void **state)
{
	const struct finding *finding;

	(void)state;
	hang(six, STAGE_DOT, 6);
	trial.clamped = NULL;
	assert_null(told("path.mtu-black-hole"));
	finding = told("path.stalled");
	assert_non_null(finding);
	assert_true(says_for(finding, "got full segments through"));
	assert_null(told("server.silent"));
}

static void a_command_that_is_lost_is_small(void **state)
{
	(void)state;
	hang(six, STAGE_MAIL, 1);
	assert_non_null(finding_of(judge_facts(facts), "path.stalled"));
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
}

static void a_trial_that_told_nothing_leaves_the_suspicion(void **state)
{
	const struct finding *finding;

	(void)state;
	hang(six, STAGE_DOT, 6);
	trial.clamped = NULL;
	full.tcp.acked = 900;
	finding = told("path.mtu-black-hole");
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_true(says_against(finding, "without TLS 1.3"));
	spoil(facts, &full, FAILURE_CONNECTION_REFUSED, STAGE_CONNECT);
	finding = told("path.mtu-black-hole");
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_true(says_against(finding, "told nothing: it broke"));
	full.fault = NULL;
	full.state = VISIT_PLANNED;
	assert_true(says_against(
		told("path.mtu-black-hole"), "told nothing: it was not made"));
	full.why_not = SPAN("the budget is spent");
	assert_true(says_against(
		told("path.mtu-black-hole"), "told nothing: the budget"));
}

static void a_hole_is_told_beside_a_refusal(void **state)
{
	(void)state;
	refuse(facts, six, STAGE_RCPT, "550 5.7.1 no");
	hang(&full, STAGE_EHLO, 3);
	assert_int_equal(told("path.mtu-black-hole")->confidence, CONFIRMED);
	assert_non_null(told("reply.unknown"));
}

static void each_part_of_a_trial_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(mtu_trial_part(&trial, &full), "full segments");
	assert_string_equal(mtu_trial_part(&trial, &clamped), "small segments");
	trial.clamped = NULL;
	assert_string_equal(mtu_trial_part(&trial, &full), "full segments");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_part_of_a_trial_has_its_name),
		TEST(a_silence_where_packets_are_large_calls_for_a_trial),
		TEST(a_server_that_thinks_calls_for_none),
		TEST(without_padding_nothing_large_is_sent_from_here),
		TEST(each_pair_of_ends_has_one_answer),
		TEST(what_was_not_sent_is_not_sound),
		TEST(a_slow_server_proves_nothing),
		TEST(a_late_quit_is_no_hang),
		TEST(a_clamp_is_what_every_host_takes),
		TEST(size_alone_proves_a_black_hole_of_ours),
		TEST(size_alone_proves_one_on_the_way_to_us),
		TEST(a_server_that_hangs_with_small_segments_is_silent),
		TEST(a_path_that_was_gone_for_a_while_is_no_black_hole),
		TEST(a_command_that_is_lost_is_small),
		TEST(a_trial_that_told_nothing_leaves_the_suspicion),
		TEST(a_hole_is_told_beside_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
