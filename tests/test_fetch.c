/*
 * The resolver fetching policies from an HTTPS server on loopback, which runs
 * in a thread, answers every request with the same script, and knows no
 * address but 127.0.0.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/net/fetch.h"
#include "probe/net/resolver.h"
#include "probe/policy/mta_sts.h"
#include "tests/dns_script.c"
#include "tests/pki.c"

#define HOST "mta-sts.good.example"
#define POLICY                                                                 \
	"version: STSv1\r\nmode: enforce\r\nmx: mx.good.example\r\n"           \
	"max_age: 604800\r\n"
#define HTTP(status, type, body)                                               \
	"HTTP/1.1 " status "\r\nContent-Type: " type                           \
	"\r\nConnection: close\r\n\r\n" body

enum manner {
	SPEAKS,
	SAYS_NOTHING,    /* after the request */
	SHAKES_NO_HANDS, /* not even TLS */
	SPEAKS_NO_TLS,
};

struct server {
	pthread_t thread;
	int listener;
	uint16_t port;
	SSL_CTX *tls;
	enum manner manner;
	struct span response;
	unsigned accepted;
};

struct room {
	uv_loop_t loop;
	struct arena *arena;
	struct fetch_orders orders;
	struct resolver *resolver;
	struct answers *answers;
	struct resolver_round round;
	unsigned done;
};

static char folder[] = "/tmp/test_fetch_XXXXXX";
static char ca_file[64];
static struct credential ca, stranger, good, expired, elsewhere, unknown;
static struct server server;
static struct room room;

/* ---- the server */

static void wait_for_end(int fd)
{
	char bytes[512];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static bool hear_request(SSL *tls)
{
	char bytes[4096];
	int len = 0, more;

	while ((more = SSL_read(
			tls, bytes + len, (int)sizeof(bytes) - 1 - len)) > 0) {
		len += more;
		bytes[len] = '\0';
		if (strstr(bytes, "\r\n\r\n"))
			return strstr(bytes, "GET /.well-known/mta-sts.txt "
					     "HTTP/1.1\r\n") == bytes;
	}
	return false;
}

static void speak(SSL *tls)
{
	struct span rest = server.response;

	if (SSL_accept(tls) != 1 || !hear_request(tls))
		return;
	if (server.manner == SAYS_NOTHING) {
		wait_for_end(SSL_get_fd(tls));
		return;
	}
	while (rest.len) {
		int len = SSL_write(
			tls, rest.at, rest.len > 9000 ? 9000 : (int)rest.len);

		if (len <= 0)
			return;
		rest = span_part(rest, (size_t)len, rest.len);
	}
	SSL_shutdown(tls);
}

static void serve(int fd)
{
	struct timeval patience = { .tv_sec = 5 };
	SSL *tls;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	switch (server.manner) {
	case SPEAKS_NO_TLS:
		(void)!write(fd, "220 mx.example\r\n", 16);
		wait_for_end(fd);
		break;
	case SHAKES_NO_HANDS:
		wait_for_end(fd);
		break;
	case SPEAKS:
	case SAYS_NOTHING:
		tls = SSL_new(server.tls);
		SSL_set_fd(tls, fd);
		speak(tls);
		SSL_free(tls);
		break;
	}
	close(fd);
}

static void *serve_all(void *user)
{
	int fd;

	(void)user;
	while ((fd = accept(server.listener, NULL, NULL)) >= 0) {
		server.accepted++;
		serve(fd);
	}
	return NULL;
}

static void server_open(
	const struct credential *leaf, enum manner manner, struct span response)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	server = (struct server){ .manner = manner, .response = response };
	server.tls = pki_server(leaf, NULL);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
		bind(server.listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server.listener, 8), 0);
	getsockname(server.listener, (struct sockaddr *)&address, &len);
	server.port = ntohs(address.sin_port);
	pthread_create(&server.thread, NULL, serve_all, NULL);
}

static void server_close(void)
{
	shutdown(server.listener, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.listener);
	SSL_CTX_free(server.tls);
}

/* ---- the room */

static void on_done(struct resolver_round *round)
{
	assert_null(answers_open_question(round->answers));
	room.done++;
	uv_stop(&room.loop);
}

static void know(const char *name, enum rr_type type, const char *value)
{
	struct answer *answer = arena_new(room.arena, struct answer);
	struct span *values = arena_new(room.arena, struct span);

	*values = span_of(value);
	*answer = (struct answer){
		.kind = ANSWER_DATA, .values = values, .value_count = 1
	};
	answers_put(room.answers, span_of(name), type, answer);
}

static void room_open_with(const char *dns)
{
	struct resolver_setup setup = { .servers = dns, .fetch = &room.orders };
	struct span why = SPAN("");

	uv_loop_init(&room.loop);
	room.resolver = resolver_open(room.arena, &room.loop, &setup, &why);
	assert_non_null(room.resolver);
	room.answers = answers_open(room.arena);
}

/* No question goes to the DNS: port 1 would refuse it. */
static void room_open(void)
{
	room = (struct room){ .arena = arena_open(),
		.orders = { .ca_file = ca_file,
			.wanted = { true, true },
			.port = server.port } };
	room_open_with("127.0.0.1:1");
	know(HOST, RR_A, "127.0.0.1");
}

static void room_close(void)
{
	resolver_close(room.resolver);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
}

static void settle(void)
{
	unsigned before = room.done;

	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	while (room.done == before && uv_run(&room.loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(room.done, before + 1);
}

static const struct answer *ask(const char *host)
{
	const struct answer *answer = answers_get(
		room.answers, span_of(host), RR_POLICY);

	assert_null(answer);
	settle();
	answer = answers_get(room.answers, span_of(host), RR_POLICY);
	assert_non_null(answer);
	return answer;
}

static void assert_answer(
	const struct answer *answer, enum answer_kind kind, const char *why)
{
	if (answer->kind != kind || !span_is(answer->why, span_of(why)))
		fail_msg("%s, \"%.*s\"; not %s, \"%s\"",
			answer_word(answer->kind), SPAN_ARG(answer->why),
			answer_word(kind), why);
	assert_int_equal(answer->value_count, kind == ANSWER_DATA);
}

/* ---- what a web server may say */

/* clang-format off */
static const struct {
	const char *response;
	enum answer_kind kind;
	const char *why;
	const char *body;
} responses[] = {
	{ HTTP("200 OK", "text/plain", POLICY), ANSWER_DATA, "", POLICY },
	{ HTTP("200 OK", "Text/Plain ; charset=utf-8", POLICY),
	  ANSWER_DATA, "", POLICY },
	{ HTTP("200 OK", "text/plain\r\nTransfer-Encoding: chunked",
	  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), ANSWER_DATA, "", "abcde" },
	{ HTTP("200 OK", "text/plain\r\nContent-Length: 0", ""),
	  ANSWER_DATA, "", "" },
	{ HTTP("200 OK", "text/html", "<html>"), ANSWER_MALFORMED,
	  "content type text/html, not text/plain", "" },
	{ HTTP("200 OK", "text/plainly", POLICY), ANSWER_MALFORMED,
	  "content type text/plainly, not text/plain", "" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", ANSWER_MALFORMED,
	  "no content type", "" },
	{ HTTP("404 Not Found", "text/html", "<html>"), ANSWER_NONE,
	  "HTTP 404", "" },
	{ HTTP("410 Gone", "text/plain", POLICY), ANSWER_NONE,
	  "HTTP 410", "" },
	{ HTTP("403 Forbidden", "text/plain", POLICY), ANSWER_REFUSED,
	  "HTTP 403", "" },
	{ HTTP("204 No Content", "text/plain", ""), ANSWER_REFUSED,
	  "HTTP 204", "" },
	{ HTTP("503 Busy", "text/plain", POLICY), ANSWER_SERVFAIL,
	  "HTTP 503", "" },
	{ HTTP("301 Moved",
	  "text/plain\r\nLocation: https://" HOST "/else.txt", POLICY),
	  ANSWER_REFUSED, "redirect 301: RFC 8461, 3.3 forbids to follow it",
	  "" },
	{ HTTP("404 Not Found", "text/html\r\nContent-Length: 70", "cut"),
	  ANSWER_NONE, "HTTP 404", "" },
};
/* clang-format on */

static void each_response_is_told_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(responses); i++) {
		const struct answer *answer;

		server_open(&good, SPEAKS, span_of(responses[i].response));
		room_open();
		answer = ask(HOST);
		assert_answer(answer, responses[i].kind, responses[i].why);
		assert_true(span_is(answer->server, SPAN("127.0.0.1")));
		if (answer->value_count)
			assert_true(span_is(
				answer->values[0], span_of(responses[i].body)));
		assert_true(answer->rtt_us > 0);
		assert_int_equal(server.accepted, 1);
		room_close();
		server_close();
	}
}

static struct span filled(struct arena *arena, const char *start, size_t len)
{
	char *room_for_all = arena_take(arena, strlen(start) + len + 4);

	memcpy(room_for_all, start, strlen(start));
	memset(room_for_all + strlen(start), 'a', len);
	return (struct span){ room_for_all, strlen(start) + len };
}

static void a_body_of_64_kb_is_taken_and_no_larger_one(void **state)
{
	for (size_t more = 0; more < 2; more++) {
		struct arena *arena = arena_open();
		const struct answer *answer;

		(void)state;
		server_open(&good, SPEAKS,
			filled(arena, HTTP("200 OK", "text/plain", ""),
				FETCH_BODY_MAX + more));
		room_open();
		answer = ask(HOST);
		assert_answer(answer, more ? ANSWER_MALFORMED : ANSWER_DATA,
			more ? "larger than 64 KB" : "");
		if (!more)
			assert_int_equal(answer->values[0].len, FETCH_BODY_MAX);
		room_close();
		server_close();
		arena_close(arena);
	}
}

static void a_header_without_end_is_cut_off(void **state)
{
	struct arena *arena = arena_open();
	struct span response = filled(arena, "HTTP/1.1 200 OK\r\na:", 200000);
	char *bytes = (char *)(uintptr_t)response.at;

	(void)state;
	for (size_t i = 1000; i + 2 < response.len; i += 1000)
		memcpy(bytes + i, "\r\na:", 4);
	server_open(&good, SPEAKS, response);
	room_open();
	assert_answer(ask(HOST), ANSWER_MALFORMED, "larger than 64 KB");
	room_close();
	server_close();
	arena_close(arena);
}

/* ---- what may be wrong with the connection */

static void assert_untrusted(const struct credential *leaf, const char *why)
{
	const struct answer *answer;

	server_open(leaf, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	answer = ask(HOST);
	assert_int_equal(answer->kind, ANSWER_UNTRUSTED);
	if (!span_starts_nocase(answer->why, span_of(why)))
		fail_msg("%.*s", SPAN_ARG(answer->why));
	room_close();
	server_close();
}

static void a_certificate_that_is_not_good_is_untrusted(void **state)
{
	(void)state;
	assert_untrusted(&expired, "certificate has expired");
	assert_untrusted(&elsewhere, "no alternative certificate subject name");
	assert_untrusted(&unknown, "unable to get local issuer certificate");
}

static const struct answer *ask_manner(enum manner manner, unsigned timeout_ms)
{
	server_open(&good, manner, SPAN(""));
	room_open();
	resolver_close(room.resolver);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	uv_loop_close(&room.loop);
	room.orders.timeout_ms = timeout_ms;
	room_open_with("127.0.0.1:1");
	know(HOST, RR_A, "127.0.0.1");
	return ask(HOST);
}

static void silence_times_out(void **state)
{
	(void)state;
	assert_answer(
		ask_manner(SAYS_NOTHING, 300), ANSWER_TIMEOUT, "timed out");
	room_close();
	server_close();
	assert_answer(ask_manner(SHAKES_NO_HANDS, 300), ANSWER_TIMEOUT,
		"127.0.0.1: timed out");
	room_close();
	server_close();
}

static void what_is_no_https_is_malformed(void **state)
{
	const struct answer *answer = ask_manner(SPEAKS_NO_TLS, 0);

	(void)state;
	assert_int_equal(answer->kind, ANSWER_MALFORMED);
	assert_true(answer->why.len > 0);
	room_close();
	server_close();
	answer = ask_manner(SPEAKS, 0); /* hangs up without a word */
	assert_int_equal(answer->kind, ANSWER_MALFORMED);
	room_close();
	server_close();
}

static void a_body_cut_short_is_malformed(void **state)
{
	(void)state;
	server_open(&good, SPEAKS,
		SPAN(HTTP("200 OK", "text/plain\r\nContent-Length: 999",
			POLICY)));
	room_open();
	assert_int_equal(ask(HOST)->kind, ANSWER_MALFORMED);
	room_close();
	server_close();
}

/* ---- addresses */

static void an_address_that_refuses_makes_way_for_the_next(void **state)
{
	const struct answer *answer;

	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	know(HOST, RR_AAAA, "::1");
	answer = ask(HOST);
	assert_int_equal(answer->kind, ANSWER_DATA);
	assert_true(span_is(answer->server, SPAN("127.0.0.1")));
	assert_true(span_starts_nocase(answer->why, SPAN("::1: ")));
	room_close();
	server_close();
}

static void addresses_that_all_refuse_are_all_told(void **state)
{
	const struct answer *answer;

	(void)state;
	server_open(&good, SPEAKS, SPAN(""));
	room_open();
	server_close();
	know(HOST, RR_AAAA, "::1");
	answer = ask(HOST);
	assert_int_equal(answer->kind, ANSWER_UNREACHABLE);
	assert_true(span_starts_nocase(answer->why, SPAN("::1: ")));
	assert_true(span_ends_nocase(
		answer->why, SPAN("; 127.0.0.1: Connection refused")));
	assert_int_equal(answer->server.len, 0);
	room_close();
}

static void a_family_that_nobody_wants_is_left_out(void **state)
{
	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	resolver_close(room.resolver);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	uv_loop_close(&room.loop);
	room.orders.wanted[FAMILY_IPV4] = false;
	room_open_with("127.0.0.1:1");
	know(HOST, RR_A, "127.0.0.1");
	assert_answer(ask(HOST), ANSWER_UNREACHABLE,
		"no address of a family that was asked for");
	assert_int_equal(server.accepted, 0);
	room_close();
	server_close();
}

static void a_name_that_is_no_host_is_put_into_no_url(void **state)
{
	static const char bad[] = "mta-sts.a/b?c@d.example";

	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	know(bad, RR_A, "127.0.0.1");
	assert_answer(ask(bad), ANSWER_NO_NAME,
		"a host name is letters, digits and hyphens");
	assert_int_equal(server.accepted, 0);
	room_close();
	server_close();
}

/* ---- many, few and none */

static void a_policy_is_fetched_once_and_remembered(void **state)
{
	struct answers *first;

	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	assert_int_equal(ask(HOST)->kind, ANSWER_DATA);
	first = room.answers;
	room.answers = answers_open(room.arena);
	assert_int_equal(ask(HOST)->kind, ANSWER_DATA);
	assert_int_equal(server.accepted, 1);
	assert_true(span_is(
		answers_get(room.answers, SPAN(HOST), RR_POLICY)->values[0],
		answers_get(first, SPAN(HOST), RR_POLICY)->values[0]));
	room_close();
	server_close();
}

static void without_orders_nothing_is_fetched(void **state)
{
	struct resolver_setup setup = { .servers = "127.0.0.1:1" };
	struct span why;

	(void)state;
	room = (struct room){ .arena = arena_open() };
	uv_loop_init(&room.loop);
	room.resolver = resolver_open(room.arena, &room.loop, &setup, &why);
	room.answers = answers_open(room.arena);
	know(HOST, RR_A, "127.0.0.1");
	assert_answer(
		ask(HOST), ANSWER_UNREACHABLE, "policies are not fetched");
	room_close();
}

static void close_soon(uv_timer_t *timer)
{
	resolver_close(room.resolver);
	uv_close((uv_handle_t *)timer, NULL);
}

static void closing_ends_what_is_under_way(void **state)
{
	uv_timer_t timer;

	(void)state;
	server_open(&good, SAYS_NOTHING, SPAN(""));
	room_open();
	assert_null(answers_get(room.answers, SPAN(HOST), RR_POLICY));
	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	uv_timer_init(&room.loop, &timer);
	uv_timer_start(&timer, close_soon, 100, 0);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(room.done, 0);
	assert_int_equal(uv_loop_close(&room.loop), 0);
	arena_close(room.arena);
	server_close();
}

static void an_impatient_user_is_answered_at_once(void **state)
{
	const struct answer *answer;

	(void)state;
	server_open(&good, SAYS_NOTHING, SPAN(""));
	room_open();
	assert_null(answers_get(room.answers, SPAN(HOST), RR_POLICY));
	resolver_settle(room.resolver, &room.round, room.answers, on_done);
	resolver_cancel(&room.round);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	assert_int_equal(room.done, 1);
	answer = answers_get(room.answers, SPAN(HOST), RR_POLICY);
	assert_answer(answer, ANSWER_TIMEOUT, "interrupted");
	room_close();
	server_close();
}

static void the_anchors_of_the_environment_count_without_others(void **state)
{
	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room_open();
	resolver_close(room.resolver);
	uv_run(&room.loop, UV_RUN_DEFAULT);
	uv_loop_close(&room.loop);
	room.orders.ca_file = NULL;
	setenv("SSL_CERT_FILE", ca_file, 1);
	room_open_with("127.0.0.1:1");
	know(HOST, RR_A, "127.0.0.1");
	assert_int_equal(ask(HOST)->kind, ANSWER_DATA);
	unsetenv("SSL_CERT_FILE");
	room_close();
	server_close();
}

/* ---- from the record to the policy */

/* clang-format off */
static const struct dns_row rows[] = {
	{ .name = "_mta-sts.good.example", .type = RR_TXT,
	  .values = { "v=STSv1; id=20200101a;" } },
	{ .name = HOST, .type = RR_A, .values = { "127.0.0.1" } },
	{ .name = HOST },
};
/* clang-format on */

static void a_domain_is_checked_from_its_record_to_its_policy(void **state)
{
	struct dns_script script;
	struct mta_sts sts;
	unsigned rounds = 0;

	(void)state;
	server_open(&good, SPEAKS, SPAN(HTTP("200 OK", "text/plain", POLICY)));
	room = (struct room){ .arena = arena_open(),
		.orders = { .ca_file = ca_file,
			.wanted = { true, true },
			.port = server.port } };
	uv_loop_init(&room.loop);
	assert_true(dns_script_open(
		&script, &room.loop, "127.0.0.1", rows, COUNT_OF(rows)));
	room.resolver = resolver_open(room.arena, &room.loop,
		&(struct resolver_setup){
			.servers = script.text, .fetch = &room.orders },
		&(struct span){ 0 });
	room.answers = answers_open(room.arena);
	while (mta_sts_check(room.arena, room.answers, SPAN("good.example"),
		       &sts) == MTA_STS_OPEN &&
		rounds++ < 9)
		settle();
	assert_int_equal(sts.state, MTA_STS_FOUND);
	assert_int_equal(rounds, 3);
	assert_int_equal(sts.policy.mode, MTA_STS_ENFORCE);
	assert_true(span_is(sts.id, SPAN("20200101a")));
	assert_true(mta_sts_lists(&sts.policy, SPAN("MX.good.example")));
	dns_script_close(&script);
	room_close();
	server_close();
}

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(folder));
	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", folder);
	ca = pki_ca_new("good CA");
	stranger = pki_ca_new("stranger");
	good = pki_good_leaf(&ca, HOST);
	expired = pki_leaf(&ca, SPAN(HOST), PKI_LONG_AGO, PKI_PAST, PKI_EC);
	elsewhere = pki_good_leaf(&ca, "elsewhere.example");
	unknown = pki_good_leaf(&stranger, HOST);
	pki_write_certificate(ca_file, ca.x509);
	/* A proxy that is not there: nobody may go to it. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pki_free(&ca);
	pki_free(&stranger);
	pki_free(&good);
	pki_free(&expired);
	pki_free(&elsewhere);
	pki_free(&unknown);
	unlink(ca_file);
	rmdir(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_response_is_told_as_it_was),
		cmocka_unit_test(a_body_of_64_kb_is_taken_and_no_larger_one),
		cmocka_unit_test(a_header_without_end_is_cut_off),
		cmocka_unit_test(a_certificate_that_is_not_good_is_untrusted),
		cmocka_unit_test(silence_times_out),
		cmocka_unit_test(what_is_no_https_is_malformed),
		cmocka_unit_test(a_body_cut_short_is_malformed),
		cmocka_unit_test(
			an_address_that_refuses_makes_way_for_the_next),
		cmocka_unit_test(addresses_that_all_refuse_are_all_told),
		cmocka_unit_test(a_family_that_nobody_wants_is_left_out),
		cmocka_unit_test(a_name_that_is_no_host_is_put_into_no_url),
		cmocka_unit_test(a_policy_is_fetched_once_and_remembered),
		cmocka_unit_test(without_orders_nothing_is_fetched),
		cmocka_unit_test(closing_ends_what_is_under_way),
		cmocka_unit_test(an_impatient_user_is_answered_at_once),
		cmocka_unit_test(
			the_anchors_of_the_environment_count_without_others),
		cmocka_unit_test(
			a_domain_is_checked_from_its_record_to_its_policy),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
