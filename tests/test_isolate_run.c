#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/judge/isolation.h"
#include "probe/matrix_run.h"

/*
 * Scenarios with `on failure isolate`, against a mail server in a thread for
 * each family, on loopback.  What it refuses is the fault that a test plants.
 */
enum planted {
	NOTHING,
	BAD_NAME,
	BAD_SOURCE,
	BAD_SENDER,
	BAD_MESSAGE
};

static enum planted planted;

struct server {
	int listener;
	pthread_t thread;
	uint16_t port;
	unsigned served, messages;
};

static struct server servers[FAMILY_COUNT];

/* One connection, as the server knows its client. */
struct client {
	FILE *stream;
	struct ip ip;
	bool is_bad_name, is_bad_sender;
};

static void say(const struct client *client, const char *text)
{
	fputs(text, client->stream);
	fputs("\r\n", client->stream);
	fflush(client->stream);
}

static bool is_refused(const struct client *client)
{
	struct ip bad;

	switch (planted) {
	case NOTHING:
	case BAD_MESSAGE:
		break;
	case BAD_NAME:
		return client->is_bad_name;
	case BAD_SOURCE:
		return ip_parse(SPAN("127.0.0.2"), &bad) &&
		       ip_is(&client->ip, &bad);
	case BAD_SENDER:
		return client->is_bad_sender;
	}
	return false;
}

static void hear_message(struct server *server, const struct client *client)
{
	char line[1024];

	say(client, "354 go on");
	while (fgets(line, sizeof(line), client->stream))
		if (strcmp(line, ".\r\n") == 0)
			break;
	server->messages++;
	fseek(client->stream, 0, SEEK_CUR);
	say(client, planted == BAD_MESSAGE ? "550 5.7.1 no" : "250 taken");
}

static void answer(
	struct server *server, struct client *client, const char *line)
{
	if (strncmp(line, "EHLO", 4) == 0)
		client->is_bad_name = strstr(line, "bad.example") != NULL;
	if (strncmp(line, "MAIL", 4) == 0)
		client->is_bad_sender = strstr(line, "<>") == NULL;
	if (strncmp(line, "DATA", 4) == 0)
		hear_message(server, client);
	else if (strncmp(line, "RCPT", 4) == 0 && is_refused(client))
		say(client, "550 5.7.1 refused");
	else
		say(client, "250 ok");
}

static void serve(struct server *server, int connection)
{
	struct client client = { .stream = fdopen(connection, "r+") };
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char line[1024];
	uint16_t port;

	if (getpeername(connection, (struct sockaddr *)&address, &len) == 0)
		ip_from_sockaddr(
			(struct sockaddr *)&address, &client.ip, &port);
	say(&client, "220 mx.test ESMTP");
	while (fgets(line, sizeof(line), client.stream)) {
		fseek(client.stream, 0, SEEK_CUR);
		answer(server, &client, line);
		if (strncmp(line, "QUIT", 4) == 0)
			break;
	}
	fclose(client.stream);
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

static bool open_server(struct server *server, const char *text)
{
	struct sockaddr_storage address;
	socklen_t len;
	struct ip ip;

	if (!ip_parse(span_of(text), &ip))
		return false;
	ip_to_sockaddr(&ip, 0, &address);
	len = ip.family == FAMILY_IPV4 ? sizeof(struct sockaddr_in)
				       : sizeof(struct sockaddr_in6);
	server->listener = socket(
		address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, len) != 0 ||
		listen(server->listener, 8) != 0 ||
		getsockname(server->listener, (struct sockaddr *)&address,
			&len) != 0 ||
		!ip_from_sockaddr(
			(struct sockaddr *)&address, &ip, &server->port))
		return false;
	return pthread_create(&server->thread, NULL, serve_all, server) == 0;
}

static int open_servers(void **state)
{
	(void)state;
	return open_server(&servers[FAMILY_IPV4], "127.0.0.1") &&
			       open_server(&servers[FAMILY_IPV6], "::1")
		       ? 0
		       : -1;
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

/* What is kept of the rows: those that were isolated. */
struct told {
	size_t rows, fails, isolated;
	unsigned flips[8];
	unsigned connections[8];
	enum isolation_end ends[8];
};

static bool on_told(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	const struct isolation *isolation = row->isolation;
	struct told *told = receiver;

	(void)arena;
	told->rows++;
	told->fails += row->result->verdict == CELL_FAIL;
	assert_int_equal(
		row->isolation != NULL, row->result->verdict == CELL_FAIL);
	if (!isolation || told->isolated == 8)
		return true;
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		if (isolation->flips[i])
			told->flips[told->isolated] |= 1u << i;
	told->ends[told->isolated] = isolation->end;
	told->connections[told->isolated++] = isolation->connections;
	return true;
}

static unsigned served(void)
{
	return servers[0].served + servers[1].served;
}

static struct span scenario_of(
	struct arena *arena, const char *paths, const char *rest)
{
	return arena_print(arena,
		"mxprobe 1\nowns me@example.org\n"
		"path bad\n  source4 127.0.0.2\n  source6 ::1\n"
		"  ehlo bad.example\n"
		"path good\n  source4 127.0.0.1\n  source6 ::1\n"
		"  ehlo good.example\n"
		"probe p\n  target address 127.0.0.1 port %u\n  path %s\n"
		"  step starttls none\n  step mail you@example.org\n"
		"  step rcpt me@example.org\n%s",
		servers[0].port, paths, rest);
}

static struct told run(struct span text, const char *option)
{
	struct arena *arena = arena_open();
	const char *words[] = { "mxprobe", "run", "f", "--pause", "0s",
		option };
	struct told told = { .rows = 0 };
	struct matrix_orders orders = { .told = on_told, .receiver = &told };
	struct span errors = SPAN(""), why = SPAN("");
	const struct prepared_cell *prepared;
	struct check_result scenario;
	struct options options;

	assert_int_equal(
		options_parse(arena, option ? 6 : 5, words, &options, &why),
		OPTIONS_RUN);
	run_limit(&options);
	orders.options = &options;
	orders.codebook = codebook_embedded(arena);
	check_text_for_run(arena, orders.codebook, SPAN("f"), text, &scenario);
	if (!scenario.matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &scenario.complaints.list[0])));
	prepared = matrix_prepare(arena, &orders, &scenario, &errors);
	assert_non_null(prepared);
	assert_int_equal(
		matrix_run(&orders, &scenario, prepared, &why), RUN_DONE);
	arena_close(arena);
	return told;
}

static const char isolate_all[] =
	"on failure\n  isolate family, source, ehlo, mx, tls, mail-from "
	"max 4 connections\n";

/* The cells of the IPv4 address are failing ones for IPv4 only. */
static struct told run_planted(
	enum planted fault, const char *paths, const char *rest)
{
	struct arena *arena = arena_open();
	struct told told;

	planted = fault;
	told = run(scenario_of(arena, paths, rest), NULL);
	arena_close(arena);
	return told;
}

/* ---- tests */

static void the_name_of_the_other_path_is_tried(void **state)
{
	unsigned before = served();
	struct told told = run_planted(BAD_NAME, "bad, good", isolate_all);

	(void)state;
	assert_int_equal(told.isolated, 1);
	assert_int_equal(told.ends[0], ISOLATED_SINGLE);
	assert_int_equal(told.flips[0], 1u << VARIED_EHLO);
	assert_true(told.connections[0] <= 4);
	/* Two cells, and what was told: nothing else was connected to. */
	assert_int_equal(served() - before, 2 + told.connections[0]);
}

static void a_cell_that_went_well_before_saves_its_experiment(void **state)
{
	struct told first = run_planted(BAD_SOURCE, "bad, good", isolate_all);
	struct told later = run_planted(BAD_SOURCE, "good, bad", isolate_all);

	(void)state;
	assert_int_equal(first.flips[0], 1u << VARIED_SOURCE);
	assert_int_equal(later.flips[0], 1u << VARIED_SOURCE);
	assert_true(later.connections[0] <= first.connections[0]);
}

static void the_null_sender_is_tried(void **state)
{
	struct told told = run_planted(BAD_SENDER, "good", isolate_all);

	(void)state;
	assert_int_equal(told.isolated, 1);
	assert_int_equal(told.flips[0], 1u << VARIED_MAIL_FROM);
}

static void only_what_is_listed_is_changed(void **state)
{
	struct told told = run_planted(BAD_SENDER, "good",
		"on failure\n  isolate ehlo, source max 4 connections\n");

	(void)state;
	assert_int_equal(told.isolated, 1);
	assert_int_equal(told.flips[0], 0);
	assert_int_not_equal(told.ends[0], ISOLATED_SINGLE);
}

static void what_goes_well_is_not_looked_into(void **state)
{
	unsigned before = served();
	struct told told = run_planted(NOTHING, "bad, good", isolate_all);

	(void)state;
	assert_int_equal(told.isolated, 0);
	assert_int_equal(served() - before, 2);
}

static void a_delivery_is_repeated_so_often_and_no_more(void **state)
{
	static const char rest[] =
		"  step data => accept\n"
		"on failure\n  isolate ehlo, mail-from max 2 connections\n";
	struct arena *arena = arena_open();
	struct span text = scenario_of(arena, "good", rest);
	unsigned before;

	(void)state;
	planted = BAD_MESSAGE;
	before = servers[0].messages;
	run(text, NULL);
	assert_int_equal(servers[0].messages, before);
	run(text, "--deliver");
	assert_int_equal(servers[0].messages, before + 1 + 2);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_of_the_other_path_is_tried),
		cmocka_unit_test(
			a_cell_that_went_well_before_saves_its_experiment),
		cmocka_unit_test(the_null_sender_is_tried),
		cmocka_unit_test(only_what_is_listed_is_changed),
		cmocka_unit_test(what_goes_well_is_not_looked_into),
		cmocka_unit_test(a_delivery_is_repeated_so_often_and_no_more),
	};

	return cmocka_run_group_tests(tests, open_servers, close_servers);
}
