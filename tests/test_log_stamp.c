#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/clock.h"
#include "reports/inbound/log_line.h"
#include "tests/spans.h"
#include "tests/time_zones_by_hand.h"

/* 2026-03-01T12:00:00Z */
static const int64_t now_ms = INT64_C(1772366400000);

/* clang-format off */
static const struct {
	const char *text;
	const char *time;       /* NULL: no stamp */
	const char *rest;
	bool guesses_year, guesses_zone;
} stamps[] = {
	{ "Nov 21 20:08:19 mta x", "2025-11-21T20:08:19.000Z", "mta x", true, true },
	{ "Feb  9 01:02:03 mta x", "2026-02-09T01:02:03.000Z", "mta x", true, true },
	{ "Feb 9 01:02:03 mta xx", "2026-02-09T01:02:03.000Z", "mta xx", true, true },
	{ "Mar  2 11:59:59 mta x", "2026-03-02T11:59:59.000Z", "mta x", true, true },
	{ "Mar  2 12:00:01 mta x", "2025-03-02T12:00:01.000Z", "mta x", true, true },
	{ "feb 28 23:59:60 mta x", "2026-03-01T00:00:00.000Z", "mta x", true, true },
	{ "Feb 28 20:08:19.25 mta", "2026-02-28T20:08:19.250Z", "mta", true, true },
	{ "Feb 28 2024 20:08:19 m", "2024-02-28T20:08:19.000Z", "m", false, true },
	{ "2026-02-28T20:08:19Z m", "2026-02-28T20:08:19.000Z", "m", false, false },
	{ "2026-02-28T20:08:19+01:00 m", "2026-02-28T19:08:19.000Z", "m", false, false },
	{ "2026-02-28T20:08:19.123456-0530 m", "2026-03-01T01:38:19.123Z", "m", false, false },
	{ "2024-02-29 20:05:03 1xUrKZ", "2024-02-29T20:05:03.000Z", "1xUrKZ", false, true },
	{ "2026-02-28 20:05:03.398 +0100 [3] i", "2026-02-28T19:05:03.398Z", "[3] i", false, false },
	{ "Sat 2026-02-28 20:08:19 UTC mta x", "2026-02-28T20:08:19.000Z", "mta x", false, false },
	{ "Sat 2026-02-28 20:08:19 GMT mta x", "2026-02-28T20:08:19.000Z", "mta x", false, false },
	{ "Sat 2026-02-28 20:08:19 JST mta x", "2026-02-28T20:08:19.000Z", "mta x", false, true },
	{ "Sat 2026-02-28 20:08:19 UTC2 mta", "2026-02-28T20:08:19.000Z", "UTC2 mta", false, true },
	{ "Sat 2026-02-28 20:08:19 UTC", "2026-02-28T20:08:19.000Z", "UTC", false, true },
	{ "Sat 2026-02-28 20:08:19 mta x", "2026-02-28T20:08:19.000Z", "mta x", false, true },
	{ "Sat 2026-02-28 20:08:19 +03 mta x", "2026-02-28T17:08:19.000Z", "mta x", false, false },
	{ "Sat 2026-02-28 20:08:19 -0330 mta x", "2026-02-28T23:38:19.000Z", "mta x", false, false },
	{ "2026-02-28T20:08:19.5+03 mta", "2026-02-28T17:08:19.500Z", "mta", false, false },
	{ "2026-02-28 20:08:19 +3 mta", "2026-02-28T20:08:19.000Z", "+3 mta", false, true },
	{ "2026-02-28 20:08:19 +24 mta", "2026-02-28T20:08:19.000Z", "+24 mta", false, true },
	{ "2026-02-28 20:08:19 +03x mta", "2026-02-28T20:08:19.000Z", "+03x mta", false, true },
	{ "Dez  9 01:02:03 mta x", "2025-12-09T01:02:03.000Z", "mta x", true, true },
	{ "M\xc3\xa4r 01 01:02:03.5 mta x", "2026-03-01T01:02:03.500Z", "mta x", true, true },
	{ "f\xc3\xa9vr. 09 01:02:03 mta x", "2026-02-09T01:02:03.000Z", "mta x", true, true },
	{ "11\xe6\x9c\x88 21 20:08:19 mta x", "2025-11-21T20:08:19.000Z", "mta x", true, true },
	{ "2\xec\x9b\x94 09 01:02:03 mta x", "2026-02-09T01:02:03.000Z", "mta x", true, true },
	{ "13\xe6\x9c\x88 21 20:08:19 mta x", NULL, NULL, false, false },
	{ "\xe6\x9c\x88 21 20:08:19 mta x", NULL, NULL, false, false },
	{ "0\xe6\x9c\x88 21 20:08:19 mta x", NULL, NULL, false, false },
	{ "marras 21 20:08:19 mta x", "2025-11-21T20:08:19.000Z", "mta x", true, true },
	{ "backup 21 20:08:19 mta x", NULL, NULL, false, false },
	{ "Sat Feb 28 20:08:19 2026 mta x", "2026-02-28T20:08:19.000Z", "mta x", false, true },
	{ "Sun Nov  1 20:08:19 2020 mta x", "2020-11-01T20:08:19.000Z", "mta x", false, true },
	{ "Sat Feb 28 20:08:19 mta x", NULL, NULL, false, false },
	{ "1772222899.780816 mta x", "2026-02-27T20:08:19.780Z", "mta x", false, false },
	{ "@4000000069a1f9bd2e8d1f40 x", "2026-02-27T20:08:19.781Z", "x", false, false },
	{ "@4000000069a1f9bd xyz", "2026-02-27T20:08:19.000Z", "xyz", false, false },
	{ "@4000000069a1f9bd2e8d1f4 x", NULL, NULL, false, false },
	{ "@0000000069a1f9bd2e8d1f40 x", NULL, NULL, false, false },
	{ "Nov 32 20:08:19 mta x", NULL, NULL, false, false },
	{ "Nov 21 24:08:19 mta x", NULL, NULL, false, false },
	{ "Nov 21 20:08:1x mta x", NULL, NULL, false, false },
	{ "Nox 21 20:08:19 mta x", NULL, NULL, false, false },
	{ "2026-02-28_20:08:19.12345 m", "2026-02-28T20:08:19.123Z", "m", false, true },
	{ "2026/02/28 20:08:19 m", "2026-02-28T20:08:19.000Z", "m", false, true },
	{ "2026/02-28 20:08:19 m", NULL, NULL, false, false },
	{ "2026-13-28T20:08:19Z m", NULL, NULL, false, false },
	{ "2026-02-28X20:08:19Z m", NULL, NULL, false, false },
	{ "17722228990.780816 mta", NULL, NULL, false, false },
	{ "postfix/smtp[1]: A1B2C3: x", NULL, NULL, false, false },
	{ "", NULL, NULL, false, false },
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
		assert_int_equal(stamp.guesses_zone, stamps[i].guesses_zone);
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
	assert_true(again.guesses_zone);
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

/* ---- in the zone of the logs */

/* clang-format off */
static const struct {
	const char *zone, *text, *time;
} zoned[] = {
	/* Each form that names none, */
	{ "+09:00", "Feb 28 20:08:19 mta x", "2026-02-28T11:08:19.000Z" },
	{ "+09:00", "Feb 28 20:08:19.5 mta x", "2026-02-28T11:08:19.500Z" },
	{ "+09:00", "Feb 28 2024 08:08:19 mta", "2024-02-27T23:08:19.000Z" },
	{ "+09:00", "2026-02-28 20:05:03 1xUrKZ", "2026-02-28T11:05:03.000Z" },
	{ "-0330", "2026-02-28T20:05:03,25 mta", "2026-02-28T23:35:03.250Z" },
	{ "+09:00", "Sat 2026-02-28 20:08:19 mta", "2026-02-28T11:08:19.000Z" },
	{ "+09:00", "Sat 2026-02-28 20:08:19 JST mta", "2026-02-28T11:08:19.000Z" },
	{ "UTC", "Sat 2026-02-28 20:08:19 JST mta", "2026-02-28T20:08:19.000Z" },
	/* and those that do, which are right. */
	{ "+09:00", "2026-02-28T20:08:19Z mta", "2026-02-28T20:08:19.000Z" },
	{ "+09:00", "2026-02-28T20:08:19+01:00 mta", "2026-02-28T19:08:19.000Z" },
	{ "+09:00", "2026-02-28 20:05:03 +0100 1xU", "2026-02-28T19:05:03.000Z" },
	{ "+09:00", "Sat 2026-02-28 20:08:19 UTC mta", "2026-02-28T20:08:19.000Z" },
	{ "+09:00", "Sat 2026-02-28 20:08:19 GMT mta", "2026-02-28T20:08:19.000Z" },
	{ "+09:00", "Sat 2026-02-28 20:08:19 +03 mta", "2026-02-28T17:08:19.000Z" },
	{ "+09:00", "1772222899.780816 mta x", "2026-02-27T20:08:19.780Z" },
	{ "+09:00", "@4000000069a1f9bd xyz", "2026-02-27T20:08:19.000Z" },
	/* North: summer begins, and ends. */
	{ "Europe/Berlin", "2025-12-24 12:00:00 x", "2025-12-24T11:00:00.000Z" },
	{ "Europe/Berlin", "2026-03-29 01:59:59 x", "2026-03-29T00:59:59.000Z" },
	{ "Europe/Berlin", "2026-03-29 02:30:00 x", "2026-03-29T01:30:00.000Z" },
	{ "Europe/Berlin", "2026-03-29 03:00:00 x", "2026-03-29T01:00:00.000Z" },
	{ "Europe/Berlin", "2026-06-21 12:00:00 x", "2026-06-21T10:00:00.000Z" },
	{ "Europe/Berlin", "2026-10-25 01:59:59 x", "2026-10-24T23:59:59.000Z" },
	{ "Europe/Berlin", "2026-10-25 02:00:00 x", "2026-10-25T00:00:00.000Z" },
	{ "Europe/Berlin", "2026-10-25 02:59:59 x", "2026-10-25T00:59:59.000Z" },
	{ "Europe/Berlin", "2026-10-25 03:00:00 x", "2026-10-25T02:00:00.000Z" },
	{ "America/New_York", "2026-03-08 01:59:59 x", "2026-03-08T06:59:59.000Z" },
	{ "America/New_York", "2026-03-08 03:00:00 x", "2026-03-08T07:00:00.000Z" },
	{ "America/New_York", "2026-11-01 01:30:00 x", "2026-11-01T05:30:00.000Z" },
	{ "America/New_York", "2026-11-01 02:00:00 x", "2026-11-01T07:00:00.000Z" },
	{ "Europe/Berlin", "Jul 21 12:00:00 mta x", "2025-07-21T10:00:00.000Z" },
	{ "Europe/Berlin", "Feb 21 12:00:00 mta x", "2026-02-21T11:00:00.000Z" },
	/* South: it ends, and begins. */
	{ "Australia/Sydney", "2026-04-05 01:59:59 x", "2026-04-04T14:59:59.000Z" },
	{ "Australia/Sydney", "2026-04-05 02:30:00 x", "2026-04-04T15:30:00.000Z" },
	{ "Australia/Sydney", "2026-04-05 03:00:00 x", "2026-04-04T17:00:00.000Z" },
	{ "Australia/Sydney", "2026-10-04 01:59:59 x", "2026-10-03T15:59:59.000Z" },
	{ "Australia/Sydney", "2026-10-04 02:30:00 x", "2026-10-03T16:30:00.000Z" },
	{ "Australia/Sydney", "2026-10-04 03:00:00 x", "2026-10-03T16:00:00.000Z" },
	/* Halves and quarters, and a summer of half an hour. */
	{ "Asia/Kathmandu", "2026-02-28 20:05:03 x", "2026-02-28T14:20:03.000Z" },
	{ "America/St_Johns", "2026-02-28 20:05:03 x", "2026-02-28T23:35:03.000Z" },
	{ "America/St_Johns", "2026-06-28 20:05:03 x", "2026-06-28T22:35:03.000Z" },
	{ "Australia/Lord_Howe", "2026-04-05 01:29:59 x", "2026-04-04T14:29:59.000Z" },
	{ "Australia/Lord_Howe", "2026-04-05 01:45:00 x", "2026-04-04T14:45:00.000Z" },
	{ "Australia/Lord_Howe", "2026-04-05 02:00:00 x", "2026-04-04T15:30:00.000Z" },
	{ "Australia/Lord_Howe", "2026-10-04 02:30:00 x", "2026-10-03T15:30:00.000Z" },
};
/* clang-format on */

static struct log_stamp stamp_in(
	const char *zone_name, const char *now, const char *text)
{
	struct log_zone zone = zone_of(zone_name);
	struct log_stamps memory;
	struct log_stamp stamp;

	log_stamps_init(&memory, 0);
	if (!log_stamp_take(&memory, span_of(now), &stamp))
		fail_msg("%s: no time", now);
	log_stamps_init(&memory, stamp.ms);
	log_stamps_set_zone(&memory, &zone);
	if (!log_stamp_take(&memory, span_of(text), &stamp))
		fail_msg("%s: no stamp", text);
	return stamp;
}

static void a_stamp_without_a_zone_is_in_that_of_the_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(zoned); i++) {
		struct log_stamp stamp = stamp_in(
			zoned[i].zone, "2026-03-01T12:00:00Z", zoned[i].text);
		struct span got = clock_text(arena, stamp.ms);

		if (!span_is(got, span_of(zoned[i].time)))
			fail_msg("%s in %s: %.*s", zoned[i].text, zoned[i].zone,
				SPAN_ARG(got));
		assert_false(stamp.guesses_zone);
	}
}

static void a_log_that_runs_through_a_year_is_in_its_zone(void **state)
{
	struct log_zone zone = zone_of("Europe/Berlin");
	struct log_stamps memory;

	(void)state;
	log_stamps_init(&memory, now_ms);
	log_stamps_set_zone(&memory, &zone);
	for (size_t i = 0; i < COUNT_OF(zoned); i++) {
		struct log_stamp stamp;

		if (strcmp(zoned[i].zone, "Europe/Berlin") != 0)
			continue;
		log_stamp_take(&memory, span_of(zoned[i].text), &stamp);
		assert_span(clock_text(arena, stamp.ms), zoned[i].time);
		log_stamp_take(&memory, span_of(zoned[i].text), &stamp);
		assert_span(clock_text(arena, stamp.ms), zoned[i].time);
		assert_false(stamp.guesses_zone);
	}
}

/* clang-format off */
static const struct {
	const char *zone, *now, *text, *time;
} new_years[] = {
	{ "UTC", "2025-12-31T20:00:00Z", "Dec 31 19:00:00 mta", "2025-12-31T19:00:00.000Z" },
	{ "UTC", "2025-12-31T20:00:00Z", "Jan  1 19:00:00 mta", "2026-01-01T19:00:00.000Z" },
	{ "UTC", "2025-12-31T20:00:00Z", "Jan  1 21:00:00 mta", "2025-01-01T21:00:00.000Z" },
	/* There it is next year already: and that a day ahead, not more. */
	{ "+09:00", "2025-12-31T20:00:00Z", "Jan  1 05:00:00 mta", "2025-12-31T20:00:00.000Z" },
	{ "+09:00", "2025-12-31T20:00:00Z", "Dec 31 23:00:00 mta", "2025-12-31T14:00:00.000Z" },
	{ "Asia/Tokyo", "2025-12-30T20:00:00Z", "Jan  1 05:00:00 mta", "2025-12-31T20:00:00.000Z" },
	{ "Asia/Tokyo", "2025-12-30T20:00:00Z", "Jan  1 05:00:01 mta", "2024-12-31T20:00:01.000Z" },
	{ "Asia/Tokyo", "2025-12-30T10:00:00Z", "Dec 31 12:00:00 mta", "2025-12-31T03:00:00.000Z" },
	/* Here it is still last year. */
	{ "-08:00", "2026-01-01T05:00:00Z", "Dec 31 21:00:00 mta", "2026-01-01T05:00:00.000Z" },
	{ "-08:00", "2026-01-01T05:00:00Z", "Jan  1 20:59:59 mta", "2026-01-02T04:59:59.000Z" },
	{ "-08:00", "2026-01-01T05:00:00Z", "Jan  1 21:00:01 mta", "2025-01-02T05:00:01.000Z" },
	{ "America/New_York", "2025-12-31T04:00:00Z", "Dec 31 23:00:00 mta", "2026-01-01T04:00:00.000Z" },
	{ "America/New_York", "2025-12-31T04:00:00Z", "Dec 31 23:00:01 mta", "2025-01-01T04:00:01.000Z" },
	{ "America/New_York", "2026-01-02T04:00:00Z", "Dec 31 23:30:00 mta", "2026-01-01T04:30:00.000Z" },
	/* The rules of the summer before, not of the day of reading. */
	{ "Europe/Berlin", "2026-01-02T04:00:00Z", "Jul  1 00:30:00 mta", "2025-06-30T22:30:00.000Z" },
};
/* clang-format on */

static void a_year_is_guessed_by_the_clock_of_the_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(new_years); i++) {
		struct log_stamp stamp = stamp_in(
			new_years[i].zone, new_years[i].now, new_years[i].text);
		struct span got = clock_text(arena, stamp.ms);

		if (!span_is(got, span_of(new_years[i].time)))
			fail_msg("%s in %s: %.*s", new_years[i].text,
				new_years[i].zone, SPAN_ARG(got));
		assert_true(stamp.guesses_year);
	}
}

/* A log that is followed over New Year. */
static void the_year_goes_on_with_the_reading(void **state)
{
	struct log_zone zone = zone_of("+09:00");
	struct log_stamps memory;
	struct log_stamp stamp;

	(void)state;
	log_stamps_init(&memory, now_ms);
	log_stamps_set_zone(&memory, &zone);
	log_stamp_take(&memory, SPAN("Mar  3 12:00:00 a"), &stamp);
	assert_span(clock_text(arena, stamp.ms), "2025-03-03T03:00:00.000Z");
	log_stamps_set_now(&memory, now_ms + 24 * 60 * 60 * 1000);
	log_stamp_take(&memory, SPAN("Mar  3 12:00:01 a"), &stamp);
	assert_span(clock_text(arena, stamp.ms), "2026-03-03T03:00:01.000Z");
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
	{ "<22>1 2026-02-28T20:08:19Z mta postfix/smtp 266 - - A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "1 2026-02-28T20:08:19Z mta postfix/smtp 266 - - A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
	{ "99 <22>1 2026-02-28T20:08:19Z mta postfix/smtp 266 - - A: b", "mta", "postfix/smtp", "smtp", "266", "A: b" },
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
	{ "mta postfix/smtp[266]: x", "mta", "postfix/smtp", "smtp", "266", "x" },
	{ "mta postfix: x", "", "", "", "", "mta postfix: x" },
	{ "Nov 21 20:08:19 mail.info mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "Nov 21 20:08:19 mta mail.notice postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "Nov 21 20:08:19 mta mail:info sendmail[1]: x", "mta", "sendmail", "", "1", "x" },
	{ "Nov 21 20:08:19 mta mailinfo sendmail[1]: x", "", "", "", "", "mta mailinfo sendmail[1]: x" },
	{ "Sat Feb 28 20:08:19 2026 mail.info postfix/smtp[1]: x", "mail.info", "postfix/smtp", "smtp", "1", "x" },
	/* lines within lines */
	{ "2026-02-28T20:08:20.1Z stdout F Nov 21 20:08:19 mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "2026-02-28T20:08:20.1Z stderr F postfix/smtp[1]: x", "", "postfix/smtp", "smtp", "1", "x" },
	{ "2026-02-28T20:08:20.1Z Nov 21 20:08:19 mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "2026-02-28T20:08:20.1Z 2026-02-28 20:08:19 1xUrKZ-00001o-2V => a@b R=x", "", "", "", "", "1xUrKZ-00001o-2V => a@b R=x" },
	{ "[pod/mail-0/mta] Nov 21 20:08:19 mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "[12345.678901] mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "mail-1  | postfix/smtp[1]: x", "mail-1", "postfix/smtp", "smtp", "1", "x" },
	{ "> Nov 21 20:08:19 mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "> > > > > \t Nov 21 20:08:19 mta postfix/smtp[1]: x", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "[a] [b] [c] [d] [e] postfix/smtp[1]: x", "", "", "", "", "[d] [e] postfix/smtp[1]: x" },
	/* objects */
	{ "{\"log\":\"Nov 21 20:08:19 mta postfix/smtp[1]: x\\n\",\"time\":\"2026-02-28T20:08:20Z\"}", "mta", "postfix/smtp", "smtp", "1", "x" },
	{ "{\"MESSAGE\":\"A1B2C: x\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"_PID\":\"1\"}", "", "postfix/smtp", "smtp", "1", "A1B2C: x" },
	{ "{\"message\":\" A1B2C: x\",\"syslog-tag\":\"postfix/smtp[1]:\"}", "", "postfix/smtp", "smtp", "1", "A1B2C: x" },
	{ "mail-1  | {\"host\":\"mta\",\"ident\":\"postfix/smtp\",\"pid\":1,\"message\":\"A1B2C: x\"}", "mta", "postfix/smtp", "smtp", "1", "A1B2C: x" },
	{ "{\"log\":\"{\\\"program\\\":\\\"a\\\",\\\"msg\\\":\\\"b\\\"}\"}", "", "a", "", "", "b" },
	{ "2026-02-28T20:08:20Z\tmail\t{\"ident\":\"postfix/smtp\",\"message\":\"A1B2C: x\"}", "", "postfix/smtp", "smtp", "", "A1B2C: x" },
	/* what a peer said is no line */
	{ "2026-02-28 20:08:19 1xUrKZ-00001o-2V ** a@b: 550 {\"log\":\"b: c\"}", "", "", "", "", "1xUrKZ-00001o-2V ** a@b: 550 {\"log\":\"b: c\"}" },
	{ "{\"level\":\"info\"}", "", "", "", "", "{\"level\":\"info\"}" },
	{ "mail.log: Nov 21", "", "mail.log", "", "", "Nov 21" },
	{ "a | b", "a", "", "", "", "b" },
	{ "a b | c", "", "", "", "", "a b | c" },
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

		log_heads_init(&heads, arena, now_ms);
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

			log_heads_init(&heads, arena, now_ms);
			log_line_read(&heads, span_of(lines[j].text), &alone);
			log_heads_init(&heads, arena, now_ms);
			log_line_read(&heads, span_of(lines[i].text), &line);
			log_line_read(&heads, span_of(lines[j].text), &line);
			assert_line(j, &line);
			assert_int_equal(line.has_stamp, alone.has_stamp);
			assert_int_equal(line.stamp.ms, alone.stamp.ms);
			assert_int_equal(line.stamp.guesses_year,
				alone.stamp.guesses_year);
			assert_int_equal(line.stamp.guesses_zone,
				alone.stamp.guesses_zone);
			assert_true(
				span_is(line.behind_stamp, alone.behind_stamp));
		}
}

/* clang-format off */
static const struct {
	const char *own, *arrival;
	const char *time;
	bool guesses_year, guesses_zone;
} pairs[] = {
	/* its own zone */
	{ "2026-02-28T20:08:19Z", "2026-02-28T20:09:00Z", "2026-02-28T20:08:19.000Z", false, false },
	{ "2026-02-28T20:08:19Z", "Feb 28 20:09:00", "2026-02-28T20:08:19.000Z", false, false },
	/* its own year, and both in a zone that nobody tells */
	{ "2025-12-31 23:59:59", "Jan  1 00:00:03", "2025-12-31T23:59:59.000Z", false, true },
	{ "Feb 28 20:08:19", "Feb 28 20:09:00", "2026-02-28T20:08:19.000Z", true, true },
	{ "Feb 28 20:08:19", "2024-02-28 20:08:20", "2024-02-28T20:08:20.000Z", false, true },
	/* the same moment tells the zone, and the year */
	{ "2026-02-28 21:08:19", "2026-02-28T20:08:21Z", "2026-02-28T20:08:19.000Z", false, false },
	{ "2026-03-01 01:53:19", "2026-02-28T20:08:18.5Z", "2026-02-28T20:08:19.000Z", false, false },
	{ "2026-02-28 10:08:19", "2026-02-28T20:08:29Z", "2026-02-28T20:08:19.000Z", false, false },
	{ "Feb 28 21:08:19", "2021-02-28T21:08:20+01:00", "2021-02-28T20:08:19.000Z", false, false },
	{ "Jan  1 00:59:59", "2020-12-31T23:59:59Z", "2020-12-31T23:59:59.000Z", false, false },
	/* another moment does not */
	{ "2026-02-28 21:08:19", "2026-02-28T20:12:00Z", "2026-02-28T20:12:00.000Z", false, false },
	{ "2026-02-20 20:08:19", "2026-02-28T20:08:19Z", "2026-02-28T20:08:19.000Z", false, false },
};
/* clang-format on */

static struct log_stamp stamp_of(const char *text)
{
	struct log_stamps memory;
	struct log_stamp stamp;

	log_stamps_init(&memory, now_ms);
	assert_true(log_stamp_take(&memory, arena_print(arena, "%s ", text),
			    &stamp) > 0);
	return stamp;
}

static void of_two_stamps_the_better_one_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct log_stamp own = stamp_of(pairs[i].own), better;
		struct log_stamp arrival = stamp_of(pairs[i].arrival);

		better = log_stamp_better(&own, &arrival);
		assert_span(clock_text(arena, better.ms), pairs[i].time);
		assert_int_equal(better.guesses_year, pairs[i].guesses_year);
		assert_int_equal(better.guesses_zone, pairs[i].guesses_zone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_is_read_in_each_form),
		cmocka_unit_test(the_same_stamp_again_is_the_same_time),
		cmocka_unit_test(a_fraction_is_part_of_the_stamp),
		cmocka_unit_test(a_stamp_without_a_zone_is_in_that_of_the_logs),
		cmocka_unit_test(a_log_that_runs_through_a_year_is_in_its_zone),
		cmocka_unit_test(a_year_is_guessed_by_the_clock_of_the_zone),
		cmocka_unit_test(the_year_goes_on_with_the_reading),
		cmocka_unit_test(of_two_stamps_the_better_one_counts),
		cmocka_unit_test(a_line_is_cut_into_host_and_program_and_body),
		cmocka_unit_test(a_line_is_cut_alike_whichever_came_before),
	};

	return cmocka_run_group_tests(
		tests, make_time_zones, remove_time_zones);
}
