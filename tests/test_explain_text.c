#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/explain_incident_json.h"
#include "reports/explain_text.h"
#include "tests/golden.h"
#include "tests/incident_by_hand.h"

/* Whole screens of explain. */

static const char *text_of(
	const struct incident_judgement *judgement, unsigned columns)
{
	const struct text_style style = { .columns = columns };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct span kept;

	explain_text(out, &style, judgement);
	fclose(out);
	kept = arena_copy(arena, (struct span){ text, len });
	free(text);
	return kept.at;
}

static void assert_width(const char *text, size_t columns)
{
	struct span rest = span_of(text);

	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		/* A command is there to be copied, and never broken. */
		if (!span_starts_nocase(line, SPAN("  test ")))
			assert_true(line.len <= columns);
	}
}

static struct delivery delivery_at(enum family family, int64_t time_s)
{
	return (struct delivery){ .witness = WITNESS_LOG,
		.file = SPAN("maillog"),
		.dialect = SPAN("postfix"),
		.has_time = true,
		.time_ms = time_s * 1000,
		.recipient = SPAN("me@gmail.com"),
		.sender = SPAN("news@mail.example.org"),
		.has_sender = true,
		.relay_host = SPAN("gmail-smtp-in.l.google.com"),
		.has_relay = true,
		.relay = { family, { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x1a } },
		.has_family = true,
		.family = family,
		.has_stage = true,
		.stage = STAGE_DOT,
		.result = DELIVERY_ACCEPTED,
		.code = 250 };
}

static void refuse(struct delivery *delivery, const char *text)
{
	delivery->result = DELIVERY_REFUSED;
	delivery->code = 550;
	delivery->status[0] = 5;
	delivery->status[1] = 7;
	delivery->status[2] = 1;
	delivery->text = span_of(text);
}

/* A day's log with a step in it, and a mailbox or two that are not there. */
static void add_day(struct case_of *one)
{
	for (int64_t i = 0; i < 4204; i++) {
		struct delivery well = delivery_at(
			FAMILY_IPV4, MIDNIGHT_S + 20 * i);

		add(one, well);
	}
	for (int64_t i = 0; i < 969; i++) {
		struct delivery delivery = delivery_at(
			FAMILY_IPV6, MIDNIGHT_S + 60 * i);

		if (i >= 651 && i % 53 != 0)
			refuse(&delivery, NOT_AUTHORIZED);
		delivery.has_source = i >= 651;
		delivery.source = (struct ip){ FAMILY_IPV6,
			{ 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } };
		add(one, delivery);
	}
	for (int64_t i = 0; i < 3; i++) {
		struct delivery nobody = delivery_at(
			FAMILY_IPV4, MIDNIGHT_S + 7000 * i);

		nobody.recipient = SPAN("typo@b.example");
		nobody.relay_host = SPAN("mx.b.example");
		nobody.stage = STAGE_RCPT;
		refuse(&nobody, "550 5.1.1 <typo@b.example>: User unknown");
		nobody.status[1] = 1;
		add(one, nobody);
	}
}

static void a_day_of_a_log_with_a_step(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;
	const char *text;

	(void)state;
	begin(&one);
	add_day(&one);
	judgement = judged(&one);
	text = text_of(judgement, 80);
	golden_hold(arena, "explain-step-80", span_of(text));
	assert_width(text, 80);
	assert_non_null(strstr(text, "2024-09-07 10:51"));
	assert_width(text_of(judgement, 40), 40);
	golden_hold(arena, "explain-step-40", span_of(text_of(judgement, 40)));
	assert_width(text_of(judgement, 110), 110);
	end(&one);
}

static void one_message_that_went_another_way(void **state)
{
	struct delivery lost = delivery_at(FAMILY_IPV6, STEP_S);
	struct delivery after = delivery_at(FAMILY_IPV4, STEP_S + 8);
	struct case_of one;

	(void)state;
	begin(&one);
	lost.queue_id = after.queue_id = SPAN("4WyF");
	lost.result = DELIVERY_DEFERRED;
	lost.code = 0;
	lost.stage = STAGE_CONNECT;
	lost.text = SPAN("connect to gmail-smtp-in.l.google.com[2001:db8::1a]:"
			 "25: Connection timed out");
	add(&one, lost);
	add(&one, after);
	golden_hold(
		arena, "explain-one-80", span_of(text_of(judged(&one), 80)));
	end(&one);
}

/* What others wrote into names, replies and files. */
static void no_foreign_octet_reaches_the_terminal(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);
	struct joined_delivery joined;
	const char *text;

	(void)state;
	begin(&one);
	refuse(&delivery, "550 \x1b]0;x\x07 \xe2\x80\xae \xff no");
	delivery.recipient = SPAN("\x1b[31mx@\x1b[31m.example");
	delivery.relay_host = SPAN("mx\x1b[2J.example");
	delivery.sender = SPAN("a@\x1b[1m.example");
	joined = (struct joined_delivery){ .delivery = delivery,
		.witnesses = { { .kind = WITNESS_LOG,
			.file = SPAN("mail\x1b[7mlog"),
			.position = 1 } },
		.witness_count = 1 };
	incident_add(&one.incident, &joined);
	judgement = judged(&one);
	text = text_of(judgement, 80);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\x07'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "\\x1b[31m.example"));
	assert_null(strstr(text, "  test "));
	end(&one);
}

static void the_lines_of_json_are_one_object_each(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct span rest;

	(void)state;
	begin(&one);
	add_day(&one);
	judgement = judged(&one);
	explain_json_lines(out, arena, judgement);
	fclose(out);
	rest = (struct span){ text, len };
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		assert_true(span_starts_nocase(line, SPAN("{\"kind\":\"")));
		assert_int_equal(line.at[line.len - 1], '}');
	}
	assert_non_null(strstr(text, "\"kind\":\"finding\""));
	assert_non_null(strstr(text, "\"since\":\"2024-09-07T10:51:00.000Z\""));
	assert_non_null(strstr(text, "\"kind\":\"volume\""));
	assert_non_null(strstr(text, "\"accepted\":4861,\"by_mail_from\":4861,"
				     "\"limit\":5000,\"over\":false"));
	free(text);
	end(&one);
}

static void nothing_is_told_of_nothing(void **state)
{
	struct case_of one;

	(void)state;
	begin(&one);
	assert_string_equal(text_of(judged(&one), 80), "");
	end(&one);
}

/* ---- whatever comes */

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static struct span any_text(struct arena *own)
{
	static const char *const words[] = { "gmail.com", "a@b.example", "",
		"\x1b[31m", "550-5.7.1 ", "550", "\n", "connection refused",
		"timed out", "\xff\xfe", "User unknown", "@", "'; reboot",
		"blocked using zen.spamhaus.org", "mx.b.example.", "local" };
	struct span text = SPAN("");

	for (uint32_t i = any(4); i; i--)
		text = arena_print(own, "%.*s%s", SPAN_ARG(text),
			words[any(sizeof(words) / sizeof(*words))]);
	return text;
}

static struct ip any_ip(void)
{
	struct ip ip = { .family = any(2) ? FAMILY_IPV4 : FAMILY_IPV6 };

	ip.bytes[0] = 198;
	ip.bytes[any(4)] = (uint8_t)any(256);
	return ip;
}

static struct joined_delivery any_delivery(struct arena *own)
{
	struct joined_delivery joined = { .witness_count = 1 + any(3) };
	struct delivery *delivery = &joined.delivery;

	delivery->has_time = any(8) != 0;
	delivery->time_ms = (int64_t)((uint64_t)any(UINT32_MAX) << any(32)) -
			    (any(4) ? 0 : INT64_MAX);
	delivery->queue_id = any(2) ? any_text(own) : SPAN("Q");
	delivery->sender = any_text(own);
	delivery->recipient = any_text(own);
	delivery->relay_host = any_text(own);
	delivery->has_relay = any(2);
	delivery->relay = any_ip();
	delivery->has_source = any(2);
	delivery->source = any_ip();
	delivery->has_family = any(4) != 0;
	delivery->family = any(2) ? FAMILY_IPV4 : FAMILY_IPV6;
	delivery->result = (enum delivery_result)any(DELIVERY_UNKNOWN + 1);
	delivery->has_stage = any(2);
	delivery->stage = (enum stage)any(STAGE_COUNT);
	delivery->code = any(3) ? 550 : any(700);
	delivery->text = any_text(own);
	delivery->fault = any(4) ? SPAN("") : SPAN("black-hole");
	delivery->from_domain = any_text(own);
	for (size_t i = 0; i < joined.witness_count; i++)
		joined.witnesses[i] = (struct delivery_witness){
			.kind = (enum witness_kind)any(WITNESS_KINDS),
			.file = any_text(own),
			.position = any(100)
		};
	return joined;
}

static void assert_fit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		assert_true(
			text.at[i] == '\n' || (unsigned char)text.at[i] >= ' ');
}

static void assert_json(struct span lines)
{
	while (lines.len) {
		struct span one = span_cut(&lines, '\n');
		json_t *value = json_loadb(
			one.at, one.len, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(value);
		json_decref(value);
	}
}

static void whatever_comes_makes_fit_text_and_json(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct arena *own = arena_open();
		struct incident incident;
		const struct incident_judgement *judgement;
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		incident_open(&incident, codebook_embedded(own));
		for (uint32_t j = any(200); j; j--) {
			struct joined_delivery joined = any_delivery(own);

			incident_add(&incident, &joined);
		}
		judgement = incident_judge(own, &incident);
		explain_json_lines(out, own, judgement);
		fclose(out);
		assert_json((struct span){ text, len });
		free(text);
		assert_fit(span_of(text_of(judgement, 40 + any(100))));
		incident_close(&incident);
		arena_close(own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_of_a_log_with_a_step),
		cmocka_unit_test(one_message_that_went_another_way),
		cmocka_unit_test(no_foreign_octet_reaches_the_terminal),
		cmocka_unit_test(the_lines_of_json_are_one_object_each),
		cmocka_unit_test(nothing_is_told_of_nothing),
		cmocka_unit_test(whatever_comes_makes_fit_text_and_json),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
