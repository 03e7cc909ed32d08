#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/hostile/client.h"
#include "tests/hostile/rig.h"
#include "tests/hostile/verdicts.h"

/*
 * The prober among servers that misbehave.  Each case is a pair of servers on
 * the loopback, good over IPv4 and bad over IPv6, and one run of the program
 * itself.  Whatever a server does, the run ends within the timeout that the
 * case sets, tells what happened and where, and IPv4 does not suffer from it.
 */
static struct rig rig;

static bool is_as_expected(const struct hostile_case *played, bool wants_json)
{
	struct server server;
	struct child child;
	bool is_right;

	assert_true(rig_serve(&rig, played, &server));
	is_right = rig_probe(&rig, played, &server, wants_json, &child);
	server_close(&server);
	if (is_right && wants_json)
		is_right = verdicts_are_right(played, &child, &server);
	else if (is_right)
		is_right = text_is_harmless(played, &child);
	child_free(&child);
	return is_right;
}

static void plays(void **state)
{
	const struct hostile_case *played = *state;

	assert_true(is_as_expected(played, true));
	if (played->in_text)
		assert_true(is_as_expected(played, false));
}

static bool is_as_written(const struct hostile_case *played)
{
	const char *failure = played->failure ? played->failure : "none";
	const char *stage = played->failure ? played->stage : "rcpt|dot";
	struct server server;
	struct story story;

	assert_true(rig_serve(&rig, played, &server));
	client_walk(&rig, played, server.port, &story);
	server_close(&server);
	if (word_is_one_of(story.failure ? story.failure : "none", failure) &&
		word_is_one_of(story.stage, stage))
		return true;
	fprintf(stderr, "# %s: %s at %s, not %s at %s\n", played->name,
		story.failure ? story.failure : "none", story.stage, failure,
		stage);
	return false;
}

static void every_script_plays_as_written(void **state)
{
	bool are_all = true;
	size_t i;

	(void)state;
	for (i = 0; i < hostile_case_count; i++)
		are_all = is_as_written(&hostile_cases[i]) && are_all;
	assert_true(are_all);
}

static int open_bench(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return rig_open(&rig) ? 0 : -1;
}

static int close_bench(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

/* test_hostile [PATTERN]: all cases, or those whose name fits "*TLS*". */
int main(int argc, char *argv[])
{
	struct CMUnitTest *tests =
		calloc(hostile_case_count + 1, sizeof(*tests));
	size_t i;
	int failed;

	if (!tests)
		return 1;
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	tests[hostile_case_count].name = "every script plays as written";
	tests[hostile_case_count].test_func = every_script_plays_as_written;
	for (i = 0; i < hostile_case_count; i++) {
		tests[i].name = hostile_cases[i].name;
		tests[i].test_func = plays;
		tests[i].initial_state =
			(void *)(uintptr_t)&hostile_cases[i];
	}
	failed = _cmocka_run_group_tests("hostile", tests,
		hostile_case_count + 1, open_bench, close_bench);
	free(tests);
	return failed;
}
