#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/clock.h"
#include "reports/inbound/log_line.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* 2026-03-01T12:00:00Z */
static const int64_t now_ms = INT64_C(1772366400000);

/* clang-format off */
static const struct {
	const char *text;
	const char *time;       /* NULL: no stamp */
	const char *rest;
	bool guesses_year;
} stamps[] = {
	{ "Nov 21 20:08:19 mta x", "2025-11-21T20:08:19.000Z", "mta x", true },
	{ "Feb  9 01:02:03 mta x", "2026-02-09T01:02:03.000Z", "mta x", true },
	{ "Feb 9 01:02:03 mta xx", "2026-02-09T01:02:03.000Z", "mta xx", true },
	{ "Mar  2 11:59:59 mta x", "2026-03-02T11:59:59.000Z", "mta x", true },
	{ "Mar  2 12:00:01 mta x", "2025-03-02T12:00:01.000Z", "mta x", true },
	{ "feb 28 23:59:60 mta x", "2026-03-01T00:00:00.000Z", "mta x", true },
	{ "Feb 28 20:08:19.25 mta", "2026-02-28T20:08:19.250Z", "mta", true },
	{ "Feb 28 2024 20:08:19 m", "2024-02-28T20:08:19.000Z", "m", false },
	{ "2026-02-28T20:08:19Z m", "2026-02-28T20:08:19.000Z", "m", false },
	{ "2026-02-28T20:08:19+01:00 m", "2026-02-28T19:08:19.000Z", "m", false },
	{ "2026-02-28T20:08:19.123456-0530 m", "2026-03-01T01:38:19.123Z", "m", false },
	{ "2024-02-29 20:05:03 1xUrKZ", "2024-02-29T20:05:03.000Z", "1xUrKZ", false },
	{ "2026-02-28 20:05:03.398 +0100 [3] i", "2026-02-28T19:05:03.398Z", "[3] i", false },
	{ "Sat 2026-02-28 20:08:19 UTC mta x", "2026-02-28T20:08:19.000Z", "mta x", false },
	{ "1772222899.780816 mta x", "2026-02-27T20:08:19.780Z", "mta x", false },
	{ "@4000000069a1f9bd2e8d1f40 x", "2026-02-27T20:08:19.781Z", "x", false },
	{ "@4000000069a1f9bd xyz", "2026-02-27T20:08:19.000Z", "xyz", false },
	{ "@4000000069a1f9bd2e8d1f4 x", NULL, NULL, false },
	{ "@0000000069a1f9bd2e8d1f40 x", NULL, NULL, false },
	{ "Nov 32 20:08:19 mta x", NULL, NULL, false },
	{ "Nov 21 24:08:19 mta x", NULL, NULL, false },
	{ "Nov 21 20:08:1x mta x", NULL, NULL, false },
	{ "Nox 21 20:08:19 mta x", NULL, NULL, false },
	{ "2026-13-28T20:08:19Z m", NULL, NULL, false },
	{ "2026-02-28X20:08:19Z m", NULL, NULL, false },
	{ "17722228990.780816 mta", NULL, NULL, false },
	{ "postfix/smtp[1]: A1B2C3: x", NULL, NULL, false },
	{ "", NULL, NULL, false },
};
/* clang-format on */

static void a_stamp_is_read_in_each_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(stamps); i++) {
		struct span text = span_of(stamps[i].text);
		struct log_stamps memory;
		struct log_stamp stamp;
		size_t len;

		log_stamps_init(&memory, now_ms);
		len = log_stamp_take(&memory, text, &stamp);
		assert_int_equal(len > 0, stamps[i].time != NULL);
		if (!len)
			continue;
		assert_span(clock_text(arena, stamp.ms), stamps[i].time);
		assert_span(span_part(text, len, text.len), stamps[i].rest);
		assert_int_equal(stamp.guesses_year, stamps[i].guesses_year);
	}
}

static void the_same_stamp_again_is_the_same_time(void **state)
{
	struct log_stamps memory;
	struct log_stamp first, again, other;

	(void)state;
	log_stamps_init(&memory, now_ms);
	log_stamp_take(&memory, SPAN("Nov 21 20:08:19 a"), &first);
	log_stamp_take(&memory, SPAN("Nov 21 20:08:19 b"), &again);
	log_stamp_take(&memory, SPAN("Nov 21 20:08:20 c"), &other);
	assert_int_equal(first.ms, again.ms);
	assert_true(again.guesses_year);
	assert_int_equal(other.ms - first.ms, 1000);
}

/* A fraction behind the same second must not be lost, nor become the host. */
static void a_fraction_is_part_of_the_stamp(void **state)
{
	struct log_stamps memory;
	struct log_stamp stamp;
	size_t len;

	(void)state;
	log_stamps_init(&memory, now_ms);
	log_stamp_take(&memory, SPAN("Nov 21 20:08:19 a"), &stamp);
	len = log_stamp_take(&memory, SPAN("Nov 21 20:08:19.5 b"), &stamp);
	assert_int_equal(len, 18);
	assert_int_equal(stamp.ms % 1000, 500);
}

/* clang-format off */
static const struct {
	const char *text;
	const char *host, *program, *service, *process, *body;
} lines[] = {
	{ "Nov 21 20:08:19 mta postfix/smtp[266]: A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "<22>Nov 21 20:08:19 mta sendmail[12]: x", "mta", "sendmail", "", "12", "x" },
	{ "Nov 21 20:08:19 mta qmail: 1 x", "mta", "qmail", "", "", "1 x" },
	{ "Nov 21 20:08:19 <mail.info> mta sm-mta[1]: x", "mta", "sm-mta", "", "1", "x" },
	{ "Nov 21 20:08:19 mta sendmail[1]: [ID 801593 mail.info] x: y", "mta", "sendmail", "", "1", "x: y" },
	{ "2026-02-28T20:08:19Z mta out/relay/smtp[1]: x", "mta", "out/relay/smtp", "smtp", "1", "x" },
	{ "<22>1 2026-02-28T20:08:19Z mta postfix/smtp 266 - - A: b", "mta", "postfix/smtp", "", "266", "A: b" },
	{ "<22>1 2026-02-28T20:08:19Z mta exim 266 ID [a b=\"\\]\"][c] \xef\xbb\xbf" "A", "mta", "exim", "", "266", "A" },
	{ "2026-02-28 20:08:19 1xUrKZ-00001o-2V => a@b R=x", "", "", "", "", "1xUrKZ-00001o-2V => a@b R=x" },
	{ "@4000000069a1f9bd2e8d1f40 delivery 1: success: x", "", "", "", "", "delivery 1: success: x" },
	{ "postfix/smtp[266]: A: b", "", "postfix/smtp", "smtp", "266", "A: b" },
	{ "postfix/smtp[266: A: b", "", "postfix/smtp", "smtp", "", "A: b" },
	{ "mail.log:Nov 21 20:08:19 mta postfix/smtp[266]: A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "/var/log/mail.log.1:7:Nov 21 20:08:19 mta postfix/smtp[266]: A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "7:2026-02-28 20:08:19 1xUrKZ-00001o-2V => a@b R=x", "", "", "", "", "1xUrKZ-00001o-2V => a@b R=x" },
	{ "mail-1  | Nov 21 20:08:19 mta postfix/smtp[266]: A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "Nov 21 20:08:19 mta: x", "", "mta", "", "", "x" },
	{ "Nov 21 20:08:19 mta x y", "", "", "", "", "mta x y" },
	{ "Nov 21 20:08:19 mt postfix/smtp[1]: x", "mt", "postfix/smtp", "smtp", "1", "x" },
	{ "Nov 21 20:08:19 <a> <b> postfix/smtp[1]: x", "<b>", "postfix/smtp", "smtp", "1", "x" },
	{ "Nov 21 20:08:19 <b> postfix/smtp[1]: x", "", "postfix/smtp", "smtp", "1", "x" },
	{ "mta postfix/smtp[266]: x", "", "", "", "", "mta postfix/smtp[266]: x" },
	{ "mail.log: Nov 21", "", "mail.log", "", "", "Nov 21" },
	{ "a | b", "", "", "", "", "a | b" },
	{ "|", "", "", "", "", "|" },
	{ "words alone", "", "", "", "", "words alone" },
	{ ":", "", "", "", "", ":" },
	{ "", "", "", "", "", "" },
};
/* clang-format on */

static void assert_line(size_t wanted, const struct log_line *line)
{
	assert_span(line->host, lines[wanted].host);
	assert_span(line->program, lines[wanted].program);
	assert_span(line->service, lines[wanted].service);
	assert_span(line->process, lines[wanted].process);
	assert_span(line->body, lines[wanted].body);
}

static void a_line_is_cut_into_host_and_program_and_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct log_heads heads;
		struct log_line line;

		log_heads_init(&heads, now_ms);
		log_line_read(&heads, span_of(lines[i].text), &line);
		assert_line(i, &line);
	}
}

static void a_line_is_cut_alike_whichever_came_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		for (size_t j = 0; j < COUNT_OF(lines); j++) {
			struct log_heads heads;
			struct log_line line, alone;

			log_heads_init(&heads, now_ms);
			log_line_read(&heads, span_of(lines[j].text), &alone);
			log_heads_init(&heads, now_ms);
			log_line_read(&heads, span_of(lines[i].text), &line);
			log_line_read(&heads, span_of(lines[j].text), &line);
			assert_line(j, &line);
			assert_int_equal(line.has_stamp, alone.has_stamp);
			assert_int_equal(line.stamp.ms, alone.stamp.ms);
			assert_int_equal(line.stamp.guesses_year,
				alone.stamp.guesses_year);
			assert_true(
				span_is(line.behind_stamp, alone.behind_stamp));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_is_read_in_each_form),
		cmocka_unit_test(the_same_stamp_again_is_the_same_time),
		cmocka_unit_test(a_fraction_is_part_of_the_stamp),
		cmocka_unit_test(a_line_is_cut_into_host_and_program_and_body),
		cmocka_unit_test(a_line_is_cut_alike_whichever_came_before),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
