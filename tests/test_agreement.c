#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pcap/session_visit.h"
#include "pcap/sessions.h"
#include "probe/verbs/packets.h"
#include "reports/json.h"
#include "tests/own_arena.h"

/*
 * A walk and its own packets tell the same.  The server is a process of this
 * test on loopback that says line after line, each when it has heard one; only
 * one who may capture can run this.
 */
struct server_part {
	const char *name;
	const char *const replies[12]; /* to a NULL: then it hangs up */
};

static const struct server_part plays[] = {
	{ .name = "all is well",
		.replies = { "220 mx.example\r\n",
			"250-mx.example\r\n250 SIZE 1000000\r\n",
			"250 2.1.0 ok\r\n", "250 2.1.5 ok\r\n", "354 go on\r\n",
			"250 2.0.0 queued\r\n", "221 2.0.0 bye\r\n" } },
	{ .name = "refused at the end of the message",
		.replies = { "220 mx.example\r\n", "250 mx.example\r\n",
			"250 ok\r\n", "250 ok\r\n", "354 go on\r\n",
			"550-5.7.1 not\r\n550 5.7.1 authorized\r\n",
			"221 bye\r\n" } },
	{ .name = "put off at RCPT",
		.replies = { "220 mx.example\r\n", "250 mx.example\r\n",
			"250 ok\r\n", "451 4.7.1 greylisted\r\n",
			"221 bye\r\n" } },
	{ .name = "refused at the door",
		.replies = { "554 5.3.2 no service here\r\n", "221 bye\r\n" } },
	{ .name = "EHLO is not known",
		.replies = { "220 mx.example\r\n", "502 what\r\n",
			"250 mx.example\r\n", "250 ok\r\n", "250 ok\r\n",
			"554 5.7.1 no\r\n", "221 bye\r\n" } },
	{ .name = "it hangs up behind the message",
		.replies = { "220 mx.example\r\n", "250 mx.example\r\n",
			"250 ok\r\n", "250 ok\r\n", "354 go on\r\n" } },
	{ .name = "it hangs up at once", .replies = { NULL } },
	{ .name = "it hangs up behind MAIL",
		.replies = { "220 mx.example\r\n", "250 mx.example\r\n" } },
};

/* ---- the server */

static void say(int client, const char *text)
{
	if (write(client, text, strlen(text)) < 0)
		_exit(1);
}

/* A line, or a message if the last reply asked for one. */
static bool hear(int client, bool is_message)
{
	char text[8192];
	size_t len = 0;
	ssize_t got;

	while (len < sizeof(text) &&
		(got = read(client, text + len, sizeof(text) - len)) > 0) {
		len += (size_t)got;
		if (text[len - 1] != '\n')
			continue;
		if (!is_message || (len >= 5 && memcmp(text + len - 5,
							"\r\n.\r\n", 5) == 0))
			return true;
	}
	return false;
}

static void serve(int server, const struct server_part *play)
{
	int client = accept(server, NULL, NULL);

	for (size_t i = 0; play->replies[i]; i++) {
		if (i && !hear(client, play->replies[i - 1][0] == '3'))
			break;
		say(client, play->replies[i]);
	}
	if (play->replies[0])
		hear(client, play->replies[4] && !play->replies[5]);
	_exit(0);
}

static pid_t begin_server(
	const struct server_part *play, bool is_v6, uint16_t *port)
{
	struct ip ip;
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int server;
	pid_t child;

	assert_true(ip_parse(is_v6 ? SPAN("::1") : SPAN("127.0.0.1"), &ip));
	ip_to_sockaddr(&ip, 0, &name);
	server = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&name,
				 is_v6 ? sizeof(struct sockaddr_in6)
				       : sizeof(struct sockaddr_in)),
		0);
	assert_int_equal(listen(server, 1), 0);
	getsockname(server, (struct sockaddr *)&name, &len);
	ip_from_sockaddr((struct sockaddr *)&name, &ip, port);
	child = fork();
	if (child == 0)
		serve(server, play);
	close(server);
	return child;
}

/* ---- what both tell */

/*
 * What only the walk knows: the kernel's own view of the connection, by which
 * interface it went, and the token that finds the message again.
 */
static const char *const not_compared[] = { "started", "token", "tcp" };

/* Times are on two clocks. */
static void drop_times(json_t *json)
{
	json_t *value;
	const char *key;
	size_t i;
	void *next;

	json_array_foreach(json, i, value) drop_times(value);
	json_object_foreach_safe(json, next, key,
		value) if (span_is(span_of(key), SPAN("us")) ||
			   span_ends_nocase(span_of(key), SPAN("_us")))
		json_object_del(json, key);
	else drop_times(value);
}

static json_t *loaded(const struct visit *visit)
{
	struct visit_judgement judgement = { .visit = visit };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	json_error_t error;
	json_t *json;

	json_visit_line(to, &judgement);
	fclose(to);
	json = json_loads(text, 0, &error);
	assert_non_null(json);
	free(text);
	for (size_t i = 0; i < COUNT_OF(not_compared); i++)
		json_object_del(json, not_compared[i]);
	json_object_del(json_object_get(json, "source"), "interface");
	drop_times(json);
	return json;
}

static bool same(json_t *live, json_t *offline)
{
	const char *key;
	json_t *value;
	bool is_same = true;

	json_object_foreach(live, key, value)
	{
		json_t *other = json_object_get(offline, key);

		if (json_equal(value, other))
			continue;
		is_same = false;
		fprintf(stderr, "# %s, live and offline:\n# ", key);
		json_dumpf(value, stderr, JSON_ENCODE_ANY);
		fputs("\n# ", stderr);
		json_dumpf(other, stderr, JSON_ENCODE_ANY);
		fputc('\n', stderr);
	}
	return is_same;
}

struct told {
	json_t *live;
	struct packets *packets;
};

static bool on_finished(
	void *receiver, struct arena *own, const struct outcome *outcome)
{
	struct told *told = receiver;

	(void)own;
	assert_int_equal(outcome->visit_count, 1);
	told->live = loaded(outcome->visits[0]);
	return true;
}

static void walk(struct told *told, uint16_t port, bool is_v6)
{
	struct options options;
	struct run_orders orders = { .options = &options,
		.finished = on_finished,
		.onlooker = &told->packets->onlooker,
		.receiver = told };
	struct span text, why,
		server = arena_print(
			arena, is_v6 ? "[::1]:%u" : "[127.0.0.1]:%u", port);
	const char *const words[] = { "mxprobe", "-s", server.at, "--tls",
		"none", "-f", "a@out.example", "-t", "b@mx.example",
		"--deliver", is_v6 ? "-6" : "-4" };

	assert_int_equal(
		options_parse(arena, COUNT_OF(words), words, &options, &text),
		OPTIONS_RUN);
	run_limit(&options);
	assert_int_equal(run_all(arena, &orders, &why), RUN_DONE);
}

/* The only session of the file. */
static json_t *offline(struct packets *packets, uint16_t port)
{
	char name[] = "/tmp/mxprobe-test-XXXXXX", *bytes;
	struct packets_wish wish = { .name = name };
	struct sessions_wish ports = { .ports = &port, .port_count = 1 };
	struct sessions *sessions = sessions_open(&ports);
	const struct session_record *record;
	int file = mkstemp(name);
	FILE *from = fopen(name, "r");
	struct span input;
	json_t *json;

	unlink(name);
	assert_true(packets_write(packets, file, &wish));
	bytes = arena_take(arena, 1 << 20);
	input = (struct span){ bytes, fread(bytes, 1, 1 << 20, from) };
	fclose(from);
	while (sessions_read(sessions, &input) != CAPTURE_MORE)
		;
	sessions_end(sessions);
	record = sessions_next(sessions);
	assert_non_null(record);
	json = loaded(session_visit(arena, record));
	assert_null(sessions_next(sessions));
	sessions_close(sessions);
	return json;
}

static void agree(
	struct packets *packets, const struct server_part *play, bool is_v6)
{
	struct told told = { .packets = packets };
	uint16_t port;
	pid_t server = begin_server(play, is_v6, &port);
	json_t *other;

	walk(&told, port, is_v6);
	waitpid(server, NULL, 0);
	other = offline(packets, port);
	if (!same(told.live, other))
		fail_msg("%s", play->name);
	json_decref(told.live);
	json_decref(other);
	packets_restart(packets);
}

static void a_walk_and_its_packets_tell_the_same(void **state)
{
	struct span why;
	struct packets *packets = packets_open(arena, "/tmp", &why);

	(void)state;
	if (!packets)
		skip();
	for (size_t i = 0; i < COUNT_OF(plays); i++) {
		agree(packets, &plays[i], false);
		agree(packets, &plays[i], true);
	}
	packets_close(packets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_and_its_packets_tell_the_same),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
