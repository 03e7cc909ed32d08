#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/preflight_run.h"
#include "tests/dns_script.c"

enum { NOW = 1795295585 };

/*
 * Two resolvers on loopback that are not of one mind about 192.0.2.25, in a
 * thread of their own: a preflight runs a loop until it is dry.
 */
/* clang-format off */
static const struct dns_row ours[] = {
	{ .name = "25.2.0.192.in-addr.arpa", .type = RR_PTR,
	  .values = { "mail.example.org" } },
	{ .name = "mail.example.org", .type = RR_A,
	  .values = { "192.0.2.25" } },
	{ .name = "example.org", .type = RR_TXT,
	  .values = { "v=spf1 ip4:192.0.2.25 -all" } },
};

static const struct dns_row theirs[] = {
	{ .name = "25.2.0.192.in-addr.arpa", .type = RR_PTR,
	  .values = { "host-25.example.com" } },
};
/* clang-format on */

struct servers {
	uv_loop_t loop;
	uv_thread_t thread;
	uv_async_t stop;
	struct dns_script ours, theirs;
};

static struct servers servers;
static struct arena *arena;

static void on_stop(uv_async_t *stop)
{
	struct servers *all = stop->data;

	dns_script_close(&all->ours);
	dns_script_close(&all->theirs);
	uv_close((uv_handle_t *)stop, NULL);
}

static void serve(void *loop)
{
	uv_run(loop, UV_RUN_DEFAULT);
}

static int open_servers(void **state)
{
	(void)state;
	arena = arena_open();
	if (uv_loop_init(&servers.loop) != 0 ||
		!dns_script_open(&servers.ours, &servers.loop, "127.0.0.1",
			ours, COUNT_OF(ours)) ||
		!dns_script_open(&servers.theirs, &servers.loop, "127.0.0.1",
			theirs, COUNT_OF(theirs)) ||
		uv_async_init(&servers.loop, &servers.stop, on_stop) != 0)
		return -1;
	servers.stop.data = &servers;
	return uv_thread_create(&servers.thread, serve, &servers.loop);
}

static int close_servers(void **state)
{
	(void)state;
	uv_async_send(&servers.stop);
	uv_thread_join(&servers.thread);
	uv_loop_close(&servers.loop);
	arena_close(arena);
	return 0;
}

static struct options options_for(const char *other_dns)
{
	static struct ip source;
	struct options options = {
		.dns = span_of(servers.ours.text),
		.preflight = { .domain = SPAN("example.org"),
			.helo = SPAN("mail.example.org"),
			.sources = &source,
			.source_count = 1,
			.other_dns = span_of(other_dns) },
	};

	assert_true(ip_parse(SPAN("192.0.2.25"), &source));
	return options;
}

static const struct preflight_source *run_with(
	const struct preflight_orders *orders, struct preflight_run **run)
{
	struct span why = SPAN("");

	*run = preflight_run_open(arena, orders, &why);
	if (!*run)
		fail_msg("%.*s", SPAN_ARG(why));
	assert_int_equal((*run)->result.source_count, 1);
	return &(*run)->result.sources[0];
}

static void both_resolvers_are_asked_and_compared(void **state)
{
	struct options options = options_for(servers.theirs.text);
	struct preflight_orders orders = { .options = &options, .now = NOW };
	const struct preflight_source *source;
	struct preflight_run *run;

	(void)state;
	source = run_with(&orders, &run);
	assert_int_equal(source->spf.result, SPF_PASS);
	assert_int_equal(source->fcrdns, FCRDNS_CONFIRMED);
	assert_int_equal(source->elsewhere->views, FCRDNS_VIEWS_DIFFER);
	assert_int_equal(source->lines[CHECK_FCRDNS].status, PREFLIGHT_FAIL);
	/* SPF is asked of our own only. */
	assert_null(answers_known(
		run->query.elsewhere, SPAN("example.org"), RR_TXT));
	preflight_run_close(run);
}

static void without_another_resolver_ours_alone_is_asked(void **state)
{
	struct options options = options_for("");
	struct preflight_orders orders = { .options = &options, .now = NOW };
	const struct preflight_source *source;
	struct preflight_run *run;

	(void)state;
	source = run_with(&orders, &run);
	assert_null(source->elsewhere);
	assert_int_equal(source->lines[CHECK_FCRDNS].status, PREFLIGHT_PASS);
	preflight_run_close(run);
}

/* What was saved on another host stands beside a live look-up. */
static void saved_answers_can_be_the_other_view(void **state)
{
	struct options options = options_for("");
	struct answers_file_errors errors;
	struct preflight_orders orders = { .options = &options,
		.now = NOW,
		.saved_elsewhere = answers_file_load(arena, SPAN("saved"),
			SPAN("mxprobe-answers 1\n25.2.0.192.in-addr.arpa PTR "
			     "found \"mail.example.org\"\nmail.example.org A "
			     "found \"192.0.2.25\"\n"),
			&errors) };
	struct preflight_run *run;

	(void)state;
	assert_int_equal(
		run_with(&orders, &run)->elsewhere->views, FCRDNS_VIEWS_SAME);
	preflight_run_close(run);
}

static void a_server_that_is_none_is_told(void **state)
{
	static const char *const wrong[] = { "nowhere", "192.0.2.53:x" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct options options = options_for(wrong[i]);
		struct preflight_orders orders = { .options = &options,
			.now = NOW };
		struct span why = SPAN("");

		assert_null(preflight_run_open(arena, &orders, &why));
		assert_true(why.len > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_resolvers_are_asked_and_compared),
		cmocka_unit_test(without_another_resolver_ours_alone_is_asked),
		cmocka_unit_test(saved_answers_can_be_the_other_view),
		cmocka_unit_test(a_server_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, open_servers, close_servers);
}
