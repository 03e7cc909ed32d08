#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/mail/mail_date.h"
#include "probe/mail/media_type.h"
#include "probe/mail/message_id.h"
#include "tests/own_arena.h"

/* The structured fields that are one value: Date, Message-ID, Content-Type. */
static const struct date {
	const char *value;
	int64_t seconds;
	const char *why;
	bool is_obsolete, is_wrong_day;
} dates[] = {
	{ .value = "Thu, 1 Jan 1970 00:00:00 +0000", .seconds = 0 },
	{ .value = "Thu, 01 Jan 1970 01:30:00 +0130", .seconds = 0 },
	{ .value = "Wed, 31 Dec 1969 23:59:59 +0000", .seconds = -1 },
	{ .value = "Sat, 21 Nov 2026 21:13:05 +0000", .seconds = 1795295585 },
	{ .value = "21 Nov 2026 16:13:05 -0500", .seconds = 1795295585 },
	{ .value = "Sat, 21 Nov 2026 21:13 +0000", .seconds = 1795295580 },
	{ .value = "Mon, 29 Feb 2016 12:00:00 +0000", .seconds = 1456747200 },
	{ .value = "Thu, 31 Dec 2015 23:59:60 +0000", .seconds = 1451606400 },
	{ .value = "Sat, 21\r\n\tNov (month) 2026 21:13:05 +0000 (UTC)",
		.seconds = 1795295585 },
	{ .value = "Sat, 21 Nov 2026 21:13:05 GMT",
		.seconds = 1795295585,
		.is_obsolete = true },
	{ .value = "Sat, 21 Nov 26 21:13:05 EST",
		.seconds = 1795313585,
		.is_obsolete = true },
	{ .value = "Sat, 21 Nov 126 21:13:05 Z",
		.seconds = 1795295585,
		.is_obsolete = true },
	{ .value = "Sun, 21 Nov 2026 21:13:05 +0000",
		.seconds = 1795295585,
		.is_wrong_day = true },
	{ .value = "Tue, 1 Mar 1988 00:00:00 +0000", .seconds = 573177600 },
	{ .value = "", .why = "there is no date" },
	{ .value = "yesterday", .why = "it begins with no day" },
	{ .value = "Sat 21 Nov 2026 21:13:05 +0000",
		.why = "the comma behind the day of the week is missing" },
	{ .value = "Sat, 32 Nov 2026 21:13:05 +0000",
		.why = "there is no day of the month" },
	{ .value = "Sat, 21 Elf 2026 21:13:05 +0000",
		.why = "there is no month" },
	{ .value = "Sun, 29 Feb 2015 00:00:00 +0000",
		.why = "the month has no such day" },
	{ .value = "Sat, 21 Nov x 21:13:05 +0000", .why = "there is no year" },
	{ .value = "Sat, 21 Nov 1899 21:13:05 +0000",
		.why = "the year is too early" },
	{ .value = "Sat, 21 Nov 2026 24:00:00 +0000",
		.why = "there is no time" },
	{ .value = "Sat, 21 Nov 2026 21:13:61 +0000",
		.why = "the seconds are none" },
	{ .value = "Sat, 21 Nov 2026 21:13:05", .why = "there is no zone" },
	{ .value = "Sat, 21 Nov 2026 21:13:05 +000",
		.why = "the zone is not +hhmm or -hhmm" },
	{ .value = "Sat, 21 Nov 2026 21:13:05 +0060",
		.why = "the zone is not +hhmm or -hhmm" },
	{ .value = "Sat, 21 Nov 2026 21:13:05 0000",
		.why = "the zone is none" },
	{ .value = "Sat, 21 Nov 2026 21:13:05 +0000 at home",
		.why = "something stands behind the zone" },
};

static const struct id {
	const char *value, *left, *right, *why;
} ids[] = {
	{ .value = " <1@example.org>", .left = "1", .right = "example.org" },
	{ .value = "<a.b-c$d@[192.0.2.1]> (comment)",
		.left = "a.b-c$d",
		.right = "[192.0.2.1]" },
	{ .value = "<\"a b\"@example.org>",
		.left = "\"a b\"",
		.right = "example.org" },
	{ .value = "", .left = "", .right = "", .why = "it is empty" },
	{ .value = "1@example.org",
		.left = "",
		.right = "",
		.why = "it does not begin with <" },
	{ .value = "<1>", .left = "1", .right = "", .why = "it has no @" },
	{ .value = "<>",
		.left = "",
		.right = "",
		.why = "what stands before its @ is not well formed" },
	{ .value = "<a..b@example.org>",
		.left = "",
		.right = "",
		.why = "what stands before its @ is not well formed" },
	{ .value = "<1@>",
		.left = "1",
		.right = "",
		.why = "what stands behind its @ is not well formed" },
	{ .value = "<1@2@example.org>",
		.left = "1",
		.right = "2",
		.why = "it does not end with >" },
	{ .value = "<1@example.org> <2@example.org>",
		.left = "1",
		.right = "example.org",
		.why = "something stands behind the >" },
};

static const struct type {
	const char *value, *type, *subtype, *charset, *boundary, *why;
} types[] = {
	{ .value = "text/plain",
		.type = "text",
		.subtype = "plain",
		.charset = "",
		.boundary = "" },
	{ .value = " Text/HTML; charset=\"utf-8\" (comment);",
		.type = "Text",
		.subtype = "HTML",
		.charset = "utf-8",
		.boundary = "" },
	{ .value = "multipart/mixed;\r\n boundary=\"a; b\";; x=y",
		.type = "multipart",
		.subtype = "mixed",
		.charset = "",
		.boundary = "a; b" },
	{ .value = "text",
		.type = "text",
		.subtype = "",
		.charset = "",
		.boundary = "",
		.why = "it is not type/subtype" },
	{ .value = "text/",
		.type = "text",
		.subtype = "",
		.charset = "",
		.boundary = "",
		.why = "there is no subtype behind the /" },
	{ .value = "text/plain charset=utf-8",
		.type = "text",
		.subtype = "plain",
		.charset = "",
		.boundary = "",
		.why = "a ; is missing" },
	{ .value = "text/plain; charset",
		.type = "text",
		.subtype = "plain",
		.charset = "",
		.boundary = "",
		.why = "a parameter is not name=value" },
	{ .value = "text/plain; charset=",
		.type = "text",
		.subtype = "plain",
		.charset = "",
		.boundary = "",
		.why = "a parameter has no value" },
};

static void hold_why(
	const char *value, bool is_well, const char *why, const char *wanted)
{
	if (is_well ? wanted != NULL : !wanted || strcmp(why, wanted) != 0)
		fail_msg("%s: %s", value, is_well ? "read" : why);
}

static void hold_text(const char *value, struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("%s: %.*s", value, SPAN_ARG(got));
}

static void a_date_is_a_time_or_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		const struct date *wanted = &dates[i];
		struct mail_date date;
		const char *why = "";
		bool is_well = mail_date_parse(
			arena, span_of(wanted->value), &date, &why);

		hold_why(wanted->value, is_well, why, wanted->why);
		if (!is_well)
			continue;
		if (date.seconds != wanted->seconds)
			fail_msg("%s: %lld", wanted->value,
				(long long)date.seconds);
		assert_int_equal(date.is_obsolete, wanted->is_obsolete);
		assert_int_equal(date.is_wrong_day, wanted->is_wrong_day);
	}
}

static void a_message_id_has_two_sides(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		struct message_id id;
		const char *why = "";
		bool is_well = message_id_parse(
			arena, span_of(ids[i].value), &id, &why);

		hold_why(ids[i].value, is_well, why, ids[i].why);
		if (!is_well)
			continue;
		hold_text(ids[i].value, id.left, ids[i].left);
		hold_text(ids[i].value, id.right, ids[i].right);
	}
}

static void a_media_type_has_what_receivers_look_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const struct type *wanted = &types[i];
		struct media_type type;
		const char *why = "";
		bool is_well = media_type_parse(
			arena, span_of(wanted->value), &type, &why);

		hold_why(wanted->value, is_well, why, wanted->why);
		hold_text(wanted->value, type.type, wanted->type);
		hold_text(wanted->value, type.subtype, wanted->subtype);
		hold_text(wanted->value, type.charset, wanted->charset);
		hold_text(wanted->value, type.boundary, wanted->boundary);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_date_is_a_time_or_a_sentence),
		cmocka_unit_test(a_message_id_has_two_sides),
		cmocka_unit_test(a_media_type_has_what_receivers_look_at),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
