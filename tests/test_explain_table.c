#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "probe/judge/delivery_settle.h"
#include "reports/explain_json.h"
#include "reports/explain_text.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct delivery delivery_to(const char *recipient,
	enum delivery_result result, unsigned code, const char *text)
{
	return (struct delivery){ .witness = WITNESS_LOG,
		.file = SPAN("log"),
		.has_family = true,
		.family = FAMILY_IPV6,
		.recipient = span_of(recipient),
		.relay_host = SPAN(""),
		.result = result,
		.code = code,
		.text = span_of(text) };
}

static void add(struct delivery_table *table, struct delivery delivery)
{
	delivery_table_add(table, &delivery);
}

/* What is foreseen is a guess, and a sorted table makes it a wrong one. */
static void what_is_foreseen_changes_nothing(void **state)
{
	struct delivery_table table;
	struct delivery few[] = {
		delivery_to("a@one.example", DELIVERY_ACCEPTED, 250, "ok"),
		delivery_to("b@two.example", DELIVERY_REFUSED, 550, "no"),
		delivery_to("c@One.example", DELIVERY_DEFERRED, 451, "later"),
		delivery_to("", DELIVERY_ACCEPTED, 250, "ok"),
	};

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	for (size_t turn = 0; turn < 3; turn++) {
		delivery_table_foresee(&table, few, COUNT_OF(few));
		for (size_t i = 0; i < COUNT_OF(few); i++)
			add(&table, few[i]);
		delivery_table_sort(&table);
	}
	assert_int_equal(table.row_count, 3);
	assert_span(table.rows[0]->destination, "two.example");
	assert_int_equal(table.rows[0]->refused, 3);
	assert_span(table.rows[1]->destination, "one.example");
	assert_int_equal(table.rows[1]->accepted, 3);
	assert_int_equal(table.rows[1]->deferred, 3);
	assert_span(table.rows[2]->destination, "unknown");
	assert_int_equal(table.rows[2]->accepted, 3);
	delivery_table_close(&table);
}

static void families_and_destinations_have_rows_of_their_own(void **state)
{
	struct delivery_table table;
	struct delivery other = delivery_to(
		"a@One.Example", DELIVERY_ACCEPTED, 250, "ok");

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	add(&table, other);
	add(&table, delivery_to("b@one.example.", DELIVERY_DEFERRED, 451, "x"));
	other.family = FAMILY_IPV4;
	add(&table, other);
	add(&table, delivery_to("c@gmail.com", DELIVERY_REFUSED, 550, "no"));
	add(&table, delivery_to("c@googlemail.com", DELIVERY_EXPIRED, 0, "no"));
	delivery_table_sort(&table);
	assert_int_equal(table.row_count, 3);
	assert_span(table.rows[0]->destination, "google");
	assert_true(table.rows[0]->is_provider);
	assert_int_equal(table.rows[0]->refused, 2);
	assert_span(table.rows[1]->destination, "one.example");
	assert_int_equal(table.rows[1]->accepted, 1);
	assert_int_equal(table.rows[1]->deferred, 1);
	assert_int_equal(table.rows[2]->family, FAMILY_IPV4);
	delivery_table_close(&table);
}

static void a_cause_is_told_from_when_to_when(void **state)
{
	struct delivery_table table;
	struct delivery refused = delivery_to("a@one.example", DELIVERY_REFUSED,
		554, "5.7.1 blocked using zen.spamhaus.org");

	(void)state;
	refused.has_time = true;
	delivery_table_open(&table, codebook_embedded(arena));
	for (int64_t i = 3; i; i--) {
		refused.time_ms = i * 1000;
		add(&table, refused);
	}
	assert_int_equal(table.rows[0]->cause_count, 1);
	assert_span(table.rows[0]->causes[0]->policy, "dnsbl");
	assert_int_equal(table.rows[0]->causes[0]->refused, 3);
	assert_int_equal(table.rows[0]->causes[0]->seen.first_ms, 1000);
	assert_int_equal(table.rows[0]->causes[0]->seen.last_ms, 3000);
	delivery_table_close(&table);
}

static void a_5xx_that_is_tried_again_is_a_refusal(void **state)
{
	struct delivery delivery = delivery_to(
		"a@b.c", DELIVERY_DEFERRED, 554, "no");

	(void)state;
	assert_true(delivery_is_refused(&delivery));
	delivery.code = 451;
	assert_false(delivery_is_refused(&delivery));
	delivery.result = DELIVERY_ACCEPTED;
	assert_false(delivery_is_refused(&delivery));
}

static void what_stays_here_is_no_destination(void **state)
{
	struct delivery_table table;
	struct delivery delivery = delivery_to(
		"root", DELIVERY_ACCEPTED, 0, "");

	(void)state;
	delivery.relay_host = SPAN("local");
	delivery_table_open(&table, codebook_embedded(arena));
	add(&table, delivery);
	assert_int_equal(table.row_count, 0);
	assert_int_equal(table.local, 1);
	delivery_table_close(&table);
}

static void memory_is_bounded_by_the_rows(void **state)
{
	struct delivery_table table;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	for (unsigned i = 0; i < DELIVERY_ROWS_MAX + 50; i++) {
		struct span to = arena_print(arena, "a@d%u.example", i);

		add(&table, delivery_to(to.at, DELIVERY_ACCEPTED, 250, ""));
	}
	assert_int_equal(table.row_count, DELIVERY_ROWS_MAX + 1);
	assert_non_null(table.overflow[FAMILY_IPV6]);
	assert_int_equal(table.overflow[FAMILY_IPV6]->accepted, 50);
	delivery_table_close(&table);
}

static char *text_of(struct delivery_table *table)
{
	const struct text_style style = { .columns = 80 };
	struct screen screen;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	delivery_table_sort(table);
	screen_open(&screen, out, &style);
	explain_text_table(&screen, table);
	screen_close(&screen);
	fclose(out);
	return text;
}

static void foreign_octets_reach_no_terminal(void **state)
{
	struct delivery_table table;
	char *text;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	add(&table, delivery_to("a@\x1b[31m.example", DELIVERY_REFUSED, 550,
			    "\x1b]0;x\x07"));
	text = text_of(&table);
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "\\x1b[31m.example"));
	free(text);
	delivery_table_close(&table);
}

static void what_two_witnesses_tell_of_counts_once(void **state)
{
	struct delivery_table table;
	struct joined_delivery joined = {
		.delivery = delivery_to(
			"a@b.example", DELIVERY_REFUSED, 550, "no"),
		.witnesses = { { .kind = WITNESS_LOG,
				       .file = SPAN("log"),
				       .position = 12 },
			{ .kind = WITNESS_CAPTURE,
				.file = SPAN("pcap"),
				.position = 49 } },
		.witness_count = 2,
	};

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	assert_true(delivery_table_join(&table, &joined).is_first);
	assert_int_equal(table.rows[0]->refused, 1);
	assert_int_equal(table.rows[0]->causes[0]->agreed, 1);
	assert_int_equal(
		table.rows[0]->causes[0]->witnessed[WITNESS_CAPTURE], 1);
	assert_int_equal(
		table.rows[0]->causes[0]->first.witnesses[1].position, 49);
	delivery_table_close(&table);
}

static void the_earliest_is_shown_whatever_came_first(void **state)
{
	struct delivery delivery = delivery_to(
		"a@b.example", DELIVERY_REFUSED, 550, "no");
	struct delivery_table table;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	delivery.has_time = true;
	for (uint64_t i = 5; i; i--) {
		delivery.time_ms = (int64_t)i * 1000;
		delivery.position = i;
		add(&table, delivery);
	}
	assert_int_equal(table.rows[0]->causes[0]->first.time_ms, 1000);
	assert_int_equal(
		table.rows[0]->causes[0]->first.witnesses[0].position, 1);
	delivery_table_close(&table);
}

/* A SYN that nobody answers names no recipient. */
static void a_server_without_recipient_is_of_its_destination(void **state)
{
	struct delivery taken = delivery_to(
		"a@b.example", DELIVERY_ACCEPTED, 250, "");
	struct delivery lost = delivery_to("", DELIVERY_DEFERRED, 0, "");
	struct delivery_table table;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	taken.relay_host = lost.relay_host = SPAN("mx.b.example");
	taken.has_relay = lost.has_relay = true;
	taken.family = taken.relay.family = FAMILY_IPV4;
	lost.relay.family = FAMILY_IPV6;
	lost.fault = SPAN("no-answer");
	add(&table, lost);
	assert_span(table.rows[0]->destination, "mx.b.example");
	add(&table, taken);
	delivery_table_settle(&table);
	assert_span(table.rows[0]->destination, "b.example");
	delivery_table_sort(&table);
	assert_ptr_equal(table.rows[0]->other, table.rows[1]);
	assert_ptr_equal(table.rows[1]->other, table.rows[0]);
	delivery_table_close(&table);
}

static void a_server_of_two_destinations_stays_what_it_is(void **state)
{
	struct delivery taken = delivery_to(
		"a@b.example", DELIVERY_ACCEPTED, 250, "");
	struct delivery lost = delivery_to("", DELIVERY_DEFERRED, 0, "");
	struct delivery_table table;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	taken.relay_host = lost.relay_host = SPAN("mx.b.example");
	taken.has_relay = lost.has_relay = true;
	taken.relay.family = lost.relay.family = FAMILY_IPV6;
	lost.fault = SPAN("no-answer");
	add(&table, lost);
	add(&table, taken);
	taken.recipient = SPAN("a@c.example");
	add(&table, taken);
	delivery_table_settle(&table);
	assert_int_equal(table.row_count, 3);
	assert_span(table.rows[0]->destination, "mx.b.example");
	delivery_table_close(&table);
}

static void two_rows_of_one_destination_become_one(void **state)
{
	struct delivery taken = delivery_to(
		"a@b.example", DELIVERY_ACCEPTED, 250, "");
	struct delivery lost = delivery_to("", DELIVERY_DEFERRED, 0, "");
	struct delivery_table table;

	(void)state;
	delivery_table_open(&table, codebook_embedded(arena));
	taken.relay_host = lost.relay_host = SPAN("mx.b.example");
	taken.has_relay = lost.has_relay = true;
	taken.relay.family = lost.relay.family = FAMILY_IPV6;
	lost.fault = SPAN("stall");
	taken.has_time = lost.has_time = true;
	add(&table, lost);
	taken.time_ms = 60000;
	add(&table, taken);
	delivery_table_settle(&table);
	assert_int_equal(table.row_count, 1);
	assert_span(table.rows[0]->destination, "b.example");
	assert_int_equal(table.rows[0]->accepted, 1);
	assert_int_equal(table.rows[0]->deferred, 1);
	assert_int_equal(table.rows[0]->cause_count, 1);
	assert_int_equal(table.rows[0]->causes[0]->fault, PATH_STALL);
	assert_int_equal(table.rows[0]->hosts.count, 1);
	assert_int_equal(table.rows[0]->changes.count, 2);
	assert_int_equal(table.rows[0]->seen.last_ms, 60000);
	delivery_table_close(&table);
}

static void a_delivery_is_a_line_of_json(void **state)
{
	struct delivery delivery = delivery_to(
		"a@b.example", DELIVERY_REFUSED, 550, "5.1.1 \xff\n");
	struct json_writer json;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	writer_open(&json, out, false, 0);
	writer_begin_object(&json);
	explain_json_delivery(
		&json, arena, codebook_embedded(arena), &delivery);
	writer_end_object(&json);
	writer_close(&json);
	fclose(out);
	assert_non_null(strstr(text, "\"family\":\"ipv6\""));
	assert_non_null(strstr(text, "\"result\":\"refused\""));
	assert_null(strchr(text, '\n'));
	assert_null(strchr(text, '\xff'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			families_and_destinations_have_rows_of_their_own),
		cmocka_unit_test(what_is_foreseen_changes_nothing),
		cmocka_unit_test(a_cause_is_told_from_when_to_when),
		cmocka_unit_test(a_5xx_that_is_tried_again_is_a_refusal),
		cmocka_unit_test(what_stays_here_is_no_destination),
		cmocka_unit_test(memory_is_bounded_by_the_rows),
		cmocka_unit_test(foreign_octets_reach_no_terminal),
		cmocka_unit_test(what_two_witnesses_tell_of_counts_once),
		cmocka_unit_test(the_earliest_is_shown_whatever_came_first),
		cmocka_unit_test(
			a_server_without_recipient_is_of_its_destination),
		cmocka_unit_test(a_server_of_two_destinations_stays_what_it_is),
		cmocka_unit_test(two_rows_of_one_destination_become_one),
		cmocka_unit_test(a_delivery_is_a_line_of_json),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
