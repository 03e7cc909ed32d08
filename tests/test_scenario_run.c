#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "probe/matrix_run.h"
#include "reports/rows_report.h"

/*
 * Scenarios run against a mail server in a thread, on loopback over both
 * families.  It takes every message over IPv4 and none over IPv6.
 */
struct server {
	int listener;
	pthread_t thread;
	uint16_t port;
	bool refuses;
	unsigned served;
};

static struct server servers[FAMILY_COUNT];

static void say(FILE *peer, const char *text)
{
	fputs(text, peer);
	fputs("\r\n", peer);
	fflush(peer);
}

static void hear_message(FILE *peer)
{
	char line[1024];

	while (fgets(line, sizeof(line), peer))
		if (strcmp(line, ".\r\n") == 0)
			return;
}

static const char *answer(const struct server *server, FILE *peer, char *line)
{
	static char echo[1100];

	if (strncmp(line, "EHLO", 4) == 0)
		return "250-mx.test\r\n250 SIZE 1000000";
	if (strncmp(line, "RCPT", 4) == 0) {
		line[strcspn(line, "\r\n")] = '\0';
		snprintf(echo, sizeof(echo), "250 2.1.5 %s", line);
		return echo;
	}
	if (strncmp(line, "QUIT", 4) == 0)
		return "221 2.0.0 bye";
	if (strncmp(line, "DATA", 4) != 0)
		return "250 2.0.0 ok";
	say(peer, "354 go on");
	hear_message(peer);
	return server->refuses ? "550 5.7.1 The IP you're using to send mail "
				 "is not authorized"
			       : "250 2.0.0 taken";
}

static void serve(struct server *server, int connection)
{
	FILE *peer = fdopen(connection, "r+");
	char line[1024];

	say(peer, "220 mx.test ESMTP");
	while (fgets(line, sizeof(line), peer)) {
		fseek(peer, 0, SEEK_CUR);
		say(peer, answer(server, peer, line));
		if (strncmp(line, "QUIT", 4) == 0)
			break;
	}
	fclose(peer);
}

static void *serve_all(void *argument)
{
	struct server *server = argument;
	int connection;

	while ((connection = accept(server->listener, NULL, NULL)) >= 0) {
		server->served++;
		serve(server, connection);
	}
	return NULL;
}

static int open_servers(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", "::1" };

	(void)state;
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		struct server *server = &servers[i];
		struct sockaddr_storage address;
		socklen_t len = sizeof(address);
		struct ip ip;

		if (!ip_parse(span_of(addresses[i]), &ip))
			return -1;
		/* Both on one port, so that one target leads to both. */
		ip_to_sockaddr(&ip, servers[0].port, &address);
		server->refuses = ip.family == FAMILY_IPV6;
		server->listener = socket(
			address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (bind(server->listener, (struct sockaddr *)&address,
			    ip.family == FAMILY_IPV4
				    ? sizeof(struct sockaddr_in)
				    : sizeof(struct sockaddr_in6)) != 0 ||
			listen(server->listener, 8) != 0 ||
			getsockname(server->listener,
				(struct sockaddr *)&address, &len) != 0 ||
			!ip_from_sockaddr((struct sockaddr *)&address, &ip,
				&server->port))
			return -1;
		if (pthread_create(&server->thread, NULL, serve_all, server))
			return -1;
	}
	return 0;
}

static int close_servers(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		shutdown(servers[i].listener, SHUT_RDWR);
		close(servers[i].listener);
		pthread_join(servers[i].thread, NULL);
	}
	return 0;
}

struct told {
	FILE *out;
	unsigned stops_after; /* cells; 0: never */
};

static bool on_told(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct told *told = receiver;

	(void)arena;
	rows_text_row(told->out, row);
	return --told->stops_after != 0;
}

static const char *zone; /* what the DNS says; NULL: nobody asks it */

/* What is told of a scenario; an option may stand behind the others. */
static char *run_with(const char *text, const char *option,
	const char *argument, unsigned stops_after)
{
	struct arena *arena = arena_open();
	const char *words[] = { "mxprobe", "run", "f", "--pause", "0s",
		"--parallel", stops_after ? "1" : "8", "--resolve",
		arena_print(arena, "mx.test:%u:127.0.0.1", servers[0].port).at,
		"--resolve",
		arena_print(arena, "mx.test:%u:::1", servers[1].port).at,
		option, argument };
	struct told told = { .stops_after = stops_after };
	struct matrix_orders orders = { .told = on_told, .receiver = &told };
	struct span errors = SPAN(""), why = SPAN("");
	const struct prepared_cell *prepared;
	struct answers_file_errors zone_errors = { 0 };
	struct check_result scenario;
	struct options options;
	char *bytes = NULL;
	size_t size = 0;

	told.out = open_memstream(&bytes, &size);
	assert_int_equal(
		options_parse(arena, 11 + (option != NULL) + (argument != NULL),
			words, &options, &why),
		OPTIONS_RUN);
	run_limit(&options);
	if (zone)
		orders.run.saved = answers_file_load(
			arena, SPAN("zone"), span_of(zone), &zone_errors);
	orders.options = &options;
	orders.codebook = codebook_embedded(arena);
	check_text_for_run(
		arena, orders.codebook, SPAN("f"), span_of(text), &scenario);
	if (!scenario.matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &scenario.complaints.list[0])));
	prepared = matrix_prepare(arena, &orders, &scenario, &errors);
	if (prepared)
		assert_int_equal(matrix_run(&orders, &scenario, prepared, &why),
			RUN_DONE);
	fprintf(told.out, "%.*s", SPAN_ARG(errors));
	fclose(told.out);
	arena_close(arena);
	return bytes;
}

static char *run_text(const char *text, bool delivers, unsigned stops_after)
{
	return run_with(text, delivers ? "--deliver" : NULL, NULL, stops_after);
}

static struct span scenario_of(struct arena *arena, const char *lines)
{
	return arena_print(arena,
		"mxprobe 1\nvar me = secret env MXP_TEST_ME\nowns ${me}\n"
		"path lo\n"
		"  source4 127.0.0.1\n  source6 ::1\n  ehlo me.example\n"
		"probe p\n  target address 127.0.0.1 port %u\n"
		"  target address ::1 port %u\n  path lo\n"
		"  step starttls none\n%s",
		servers[0].port, servers[1].port, lines);
}

static void is_told(const char *lines, bool delivers, const char *wanted)
{
	struct arena *arena = arena_open();
	struct span text = scenario_of(arena, lines);
	char *found = run_text(text.at, delivers, 0);
	char *line = found;

	/* Ports differ from run to run; cells of the wrong family are n/a. */
	while (*line) {
		size_t len = strcspn(line, "\n") + 1;

		if (strncmp(line, "  n/a", 5) == 0)
			memmove(line, line + len, strlen(line + len) + 1);
		else
			line += len;
	}
	while ((line = strstr(found, " port "))) {
		size_t digits = strspn(line + 6, "0123456789");

		memmove(line, line + 6 + digits, strlen(line + 6 + digits) + 1);
	}
	assert_string_equal(found, wanted);
	free(found);
	arena_close(arena);
}

static void each_cell_has_a_verdict_of_its_own(void **state)
{
	(void)state;
	is_told("  step mail <> => 250\n  step rcpt ${me} => accept\n"
		"  step data => accept\n",
		true,
		"  pass     p  address 127.0.0.1  IPv4  lo\n"
		"  fail     p  address ::1  IPv6  lo\n"
		"           f:15:16: at dot: wanted accept, found 550 5.7.1 "
		"The "
		"IP you're using to send mail is not authorized\n"
		"           cause: google.not-authorized (policy on the IP "
		"range), likely\n"
		"           fix: ask the provider of the address range to have "
		"it cleared for sending, or send to Google through the "
		"provider's relay\n");
}

static void what_stops_a_walk_is_told_with_its_code(void **state)
{
	(void)state;
	is_told("  step mail <>\n  step rcpt ${me}\n  step data\n", true,
		"  pass     p  address 127.0.0.1  IPv4  lo\n"
		"  fail     p  address ::1  IPv6  lo\n"
		"           f:15:8: at dot: wanted that the walk goes on, "
		"found "
		"550 5.7.1 The IP you're using to send mail is not "
		"authorized\n"
		"           cause: google.not-authorized (policy on the IP "
		"range), likely\n"
		"           fix: ask the provider of the address range to have "
		"it cleared for sending, or send to Google through the "
		"provider's relay\n");
}

static void a_known_rejection_is_known_and_the_other_fixed(void **state)
{
	(void)state;
	is_told("  step mail <>\n  step rcpt ${me}\n"
		"  step data => reject 550 known \"listed\" ticket N-1 until "
		"2999-01-01\n",
		true,
		"  fixed    p  address 127.0.0.1  IPv4  lo  (listed)\n"
		"  known    p  address ::1  IPv6  lo  (listed, N-1, until "
		"2999-01-01)\n");
}

static void nothing_is_sent_without_deliver(void **state)
{
	unsigned served = servers[0].served;

	(void)state;
	is_told("  step mail <>\n  step rcpt ${me}\n  step data\n", false,
		"  skipped  p  address 127.0.0.1  IPv4  lo  (it sends a "
		"message, and only with --deliver)\n"
		"  skipped  p  address ::1  IPv6  lo  (it sends a message, "
		"and only with --deliver)\n");
	assert_int_equal(servers[0].served, served);
}

static void a_secret_that_is_echoed_is_not_told(void **state)
{
	(void)state;
	is_told("  step mail <>\n  step rcpt ${me} => 251\n", false,
		"  fail     p  address 127.0.0.1  IPv4  lo\n"
		"           f:14:22: at rcpt: wanted 251, found 250 2.1.5 "
		"RCPT TO:<***>\n"
		"  fail     p  address ::1  IPv6  lo\n"
		"           f:14:22: at rcpt: wanted 251, found 250 2.1.5 "
		"RCPT TO:<***>\n");
}

static void a_message_that_is_missing_ends_it_before_it_began(void **state)
{
	unsigned served = servers[0].served;

	(void)state;
	is_told("  step mail <>\n  step rcpt ${me}\n"
		"  step data file no/such.eml\n",
		true,
		"probe p: no/such.eml: No such file or directory\n"
		"probe p: no/such.eml: No such file or directory\n");
	assert_int_equal(servers[0].served, served);
}

/* ---- what stands beside the cells */

/* The first words of each row, a space between, and all lines below it. */
static void rows_are(const char *lines, const char *option,
	const char *argument, const char *wanted)
{
	struct arena *arena = arena_open();
	struct span text = arena_print(arena,
		"mxprobe 1\nvar port = %u\npath lo\n  ehlo me.example\n"
		"owns a@a.example\n%s",
		servers[0].port, lines);
	char *found = run_with(text.at, option, argument, 0);
	char *line;

	while ((line = strstr(found, " port "))) {
		size_t digits = strspn(line + 6, "0123456789");

		memmove(line, line + 6 + digits, strlen(line + 6 + digits) + 1);
	}
	assert_string_equal(found, wanted);
	free(found);
	arena_close(arena);
}

#define BOTH                                                                   \
	"probe p\n  target host mx.test port ${port}\n  path lo\n"             \
	"  step starttls none\n"

static void the_families_of_a_cell_are_compared_behind_the_cells(void **state)
{
	(void)state;
	rows_are(BOTH "  step mail <>\n  step rcpt a@a.example\n  step data\n"
		      "  when family 6: step data => reject 550\n"
		      "compare 4 6 of p\n  same banner, ehlo-keywords\n"
		      "  verdict family-specific\n",
		"--deliver", NULL,
		"  pass     p  host mx.test  IPv4  lo\n"
		"  pass     p  host mx.test  IPv6  lo\n"
		"  pass     compare 4 6 of p, host mx.test, lo  (IPv4 went "
		"well and IPv6 was answered 550 at end of DATA, at the same "
		"host, mx.test)\n");
	rows_are(BOTH "  step mail <>\n  step rcpt a@a.example\n  step data\n"
		      "compare 4 6 of p\n  same reply-class\n",
		NULL, NULL,
		"  skipped  p  host mx.test  IPv4  lo  (it sends a message, "
		"and only with --deliver)\n"
		"  skipped  p  host mx.test  IPv6  lo  (it sends a message, "
		"and only with --deliver)\n"
		"  skipped  compare 4 6 of p, host mx.test, lo  (IPv4 was not "
		"walked: it sends a message, and only with --deliver)\n");
}

static void only_the_chosen_cells_are_walked(void **state)
{
	(void)state;
	rows_are(BOTH "  step mail <>\ncompare 4 6 of p\n  same reply\n",
		"--only", "p/6", "  pass     p  host mx.test  IPv6  lo\n");
	rows_are(BOTH "  step mail <>\n", "--only", "p/4/elsewhere", "");
	rows_are(BOTH "  step mail <>\n", "--only", "p/4/lo",
		"  pass     p  host mx.test  IPv4  lo\n");
}

static void what_is_required_and_missing_skips_all(void **state)
{
	(void)state;
	rows_are("scenario \"s\"\n  require env MXP_TEST_NOT_THERE\n" BOTH
		 "  step mail <>\n  family 4\n",
		NULL, NULL,
		"  skipped  p  host mx.test  IPv4  lo  (it requires the "
		"environment to have MXP_TEST_NOT_THERE)\n");
	rows_are("scenario \"s\"\n  require deliver\n" BOTH
		 "  step mail <>\n  family 4\n",
		NULL, NULL,
		"  skipped  p  host mx.test  IPv4  lo  (it requires "
		"--deliver)\n");
	rows_are("scenario \"s\"\n  require env MXP_TEST_ME\n" BOTH
		 "  step mail <>\n  family 4\n",
		NULL, NULL, "  pass     p  host mx.test  IPv4  lo\n");
}

/* Receivers see another address than loopback; a path with a source for one
 * family has no identity over the other. */
static void each_family_of_a_path_has_an_identity(void **state)
{
	(void)state;
	zone = "mxprobe-answers 1\n"
	       "25.2.0.192.in-addr.arpa PTR found \"a.example\"\n"
	       "a.example A found \"192.0.2.25\"\n"
	       "a.example TXT found \"v=spf1 -all\"\n"
	       "b.example TXT servfail\n";
	rows_are(BOTH "  step mail <>\n  family 4\n"
		      "path loop\n  source4 127.0.0.1\n"
		      "path named\n  source4 192.0.2.25\n"
		      "identity loop\n  fcrdns\n"
		      "identity named\n  fcrdns\n  spf a@a.example\n"
		      "identity named\n  fcrdns\n  spf a@b.example\n",
		NULL, NULL,
		"  pass     p  host mx.test  IPv4  lo\n"
		"  n/a      identity loop, IPv4  (127.0.0.1 is loopback: "
		"receivers see another address)\n"
		"  n/a      identity loop, IPv6  (path loop has no IPv6 "
		"source)\n"
		"  fail     identity named, IPv4\n"
		"           f:20:3: at resolve: wanted spf a@a.example, found "
		"fail for a.example (lookups 0, void 0)\n"
		"  n/a      identity named, IPv6  (path named has no IPv6 "
		"source)\n"
		"  unknown  identity named, IPv4  (spf a@b.example: temperror "
		"for b.example (lookups 0, void 0): the DNS did not tell "
		"b.example TXT (servfail))\n"
		"  n/a      identity named, IPv6  (path named has no IPv6 "
		"source)\n");
	zone = NULL;
}

static void whoever_stops_reading_stops_the_walk(void **state)
{
	struct arena *arena = arena_open();
	unsigned served = servers[1].served;
	char *found;

	(void)state;
	found = run_text(scenario_of(arena, "  step mail <>\n").at, false, 1);
	assert_int_equal(servers[1].served, served);
	free(found);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cell_has_a_verdict_of_its_own),
		cmocka_unit_test(what_stops_a_walk_is_told_with_its_code),
		cmocka_unit_test(
			a_known_rejection_is_known_and_the_other_fixed),
		cmocka_unit_test(nothing_is_sent_without_deliver),
		cmocka_unit_test(a_secret_that_is_echoed_is_not_told),
		cmocka_unit_test(
			a_message_that_is_missing_ends_it_before_it_began),
		cmocka_unit_test(
			the_families_of_a_cell_are_compared_behind_the_cells),
		cmocka_unit_test(only_the_chosen_cells_are_walked),
		cmocka_unit_test(what_is_required_and_missing_skips_all),
		cmocka_unit_test(each_family_of_a_path_has_an_identity),
		cmocka_unit_test(whoever_stops_reading_stops_the_walk),
	};

	if (setenv("MXP_TEST_ME", "hidden@secret.example", 1) != 0)
		return 1;
	return cmocka_run_group_tests_name(
		"scenario run", tests, open_servers, close_servers);
}
