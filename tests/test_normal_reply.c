#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/normal_reply.h"
#include "tests/own_arena.h"

/* The same text twice, as two connections would hear it. */
/* clang-format off */
static const struct twice {
	const char *name, *one, *other, *normal;
} twice[] = {
	{ .name = "Google, accepted",
	  .one = "OK  1763744585 41be03b00d2f7-bc376ea1b2csi1712345a12.300 - gsmtp",
	  .other = "OK  1763748185 d9443c01a7336-29b5b2f3e4dsi98765ad.1 - gsmtp",
	  .normal = "OK {id} {id} - gsmtp" },
	{ .name = "Google, its banner",
	  .one = "mx.google.com ESMTP 41be03b00d2f7-bc376ea1b2csi1712345a12.300 - gsmtp",
	  .other = "mx.google.com ESMTP a640c23a62f3a-b7654ef9a3bsi45.12 - gsmtp",
	  .normal = "*.google.com ESMTP {id} - gsmtp" },
	{ .name = "Google, its greeting",
	  .one = "mx.google.com at your service, [203.0.113.25]",
	  .other = "mx.google.com at your service, [2001:db8:25::25]",
	  .normal = "*.google.com at your service, [{address}]" },
	{ .name = "Google, refused with a score",
	  .one = "[2001:db8::25      19] Our system has detected that this message is",
	  .other = "[203.0.113.25 7] Our system has detected that this message is",
	  .normal = "[{address} {number}] Our system has detected that this message is" },
	{ .name = "Google, not authorized",
	  .one = "https://support.google.com/mail/?p=NotAuthorizedError 41be03b00d2f7-bc376ea1b2csi17a12.300 - gsmtp",
	  .other = "https://support.google.com/mail/?p=NotAuthorizedError a640c23a62f3a-b7654ef9a3bsi45.12 - gsmtp",
	  .normal = "https://*.google.com/mail/?p=NotAuthorizedError {id} - gsmtp" },
	{ .name = "Yahoo, its banner",
	  .one = "mtaproxy511.free.mail.bf1.yahoo.com ESMTP ready",
	  .other = "mtaproxy104.free.mail.ne1.yahoo.com ESMTP ready",
	  .normal = "*.yahoo.com ESMTP ready" },
	{ .name = "Yahoo, deferred",
	  .one = "[TSS04] Messages from 203.0.113.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
	  .other = "[TSS04] Messages from 198.51.100.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
	  .normal = "[TSS04] Messages from {address} temporarily deferred due to unexpected volume or user complaints - {address}; see https://*.yahooinc.com/error-codes" },
	{ .name = "Yahoo, accepted",
	  .one = "ok dirdel 2/0",
	  .other = "ok dirdel 2/0",
	  .normal = "ok dirdel 2/0" },
	{ .name = "Microsoft, its banner",
	  .one = "BN8NAM12FT045.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Sat, 21 Nov 2026 17:03:05 +0000 [08DE28C1F1B6F6DF]",
	  .other = "DB1PEPF0003922D.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Sun, 2 May 2027 07:13:59 +0000 [18DE9BC2A1B6F600]",
	  .normal = "*.outlook.com Microsoft ESMTP MAIL Service ready at {time} [{id}]" },
	{ .name = "Microsoft, accepted",
	  .one = "<a1@mx.example.org> [InternalId=35467891234567, Hostname=SJ0PR11MB1234.namprd11.prod.outlook.com] 9312 bytes in 0.123, 73.902 KB/sec Queued mail for delivery",
	  .other = "<b22@mx.example.org> [InternalId=354, Hostname=BY5PR01MB9.namprd01.prod.outlook.com] 812 bytes in 1.5, 7.9 KB/sec Queued mail for delivery",
	  .normal = "<{mailbox}> [InternalId={id}, Hostname=*.outlook.com] {number} bytes in {number}, {number} KB/sec Queued mail for delivery" },
	{ .name = "Microsoft, refused",
	  .one = "Service unavailable, Client host [203.0.113.25] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/203.0.113.25 AS(1450) [BN8NAM12FT045.eop-nam12.prod.protection.outlook.com 2026-11-21T17:03:05.123Z 08DE28C1F1B6F6DF]",
	  .other = "Service unavailable, Client host [198.51.100.9] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/198.51.100.9 AS(1450) [DB1PEPF0003922D.eur01.prod.protection.outlook.com 2027-01-01T00:00:59.001Z 18DE9BC2A1B6F600]",
	  .normal = "Service unavailable, Client host [{address}] blocked using Spamhaus. To request removal from this list see https://*.spamhaus.org/query/ip/{address} AS(1450) [*.outlook.com {time} {id}]" },
	{ .name = "Postfix, both kinds of queue id",
	  .one = "Ok: queued as 4A5B6C7D8E",
	  .other = "Ok: queued as 4fN3Rk5sLGz3hZP",
	  .normal = "Ok: queued as {id}" },
	{ .name = "Postfix, a queue id of digits alone",
	  .one = "Ok: queued as 1234567890",
	  .other = "Ok: queued as BA1F23C4D5",
	  .normal = "Ok: queued as {id}" },
	{ .name = "Postfix, access denied",
	  .one = "<me@example.org>: Recipient address rejected: Access denied",
	  .other = "<you@example.org>: Recipient address rejected: Access denied",
	  .normal = "<{mailbox}>: Recipient address rejected: Access denied" },
	{ .name = "Postfix, a blocklist",
	  .one = "Service unavailable; Client host [2001:db8::25] blocked using zen.spamhaus.org; https://check.spamhaus.org/query/ip/2001:db8::25",
	  .other = "Service unavailable; Client host [203.0.113.25] blocked using zen.spamhaus.org; https://check.spamhaus.org/query/ip/203.0.113.25",
	  .normal = "Service unavailable; Client host [{address}] blocked using *.spamhaus.org; https://*.spamhaus.org/query/ip/{address}" },
	{ .name = "Postfix, who we are",
	  .one = "Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
	  .other = "Client host rejected: cannot find your reverse hostname, [IPv6:2001:db8::1]",
	  .normal = "Client host rejected: cannot find your reverse hostname, [{address}]" },
	{ .name = "Exim",
	  .one = "OK id=1rAbCd-0001Xy-2Z",
	  .other = "OK id=1tCdEf-00000001abc-0XyZ",
	  .normal = "OK id={id}" },
	{ .name = "Sendmail",
	  .one = "4ALHgk5R012345 Message accepted for delivery",
	  .other = "4BM12k5R099999 Message accepted for delivery",
	  .normal = "{id} Message accepted for delivery" },
	{ .name = "qmail",
	  .one = "ok 1763744585 qp 417",
	  .other = "ok 1763748185 qp 31417",
	  .normal = "ok {id} qp {id}" },
	{ .name = "asctime",
	  .one = "ready (Sat Nov 21 17:03:05 2026)",
	  .other = "ready (Tue Mar 2 07:03:05 2027)",
	  .normal = "ready ({time})" },
};

/* What must not be taken for something that changes. */
static const char *const as_they_are[] = {
	"Bad reputation (S3140)",
	"AS(1450)",
	"try again in an hour",
	"we may defer it",
	"5.7.1 again",
	"Please use TLSv1.2 or later",
	"see RFC 5321",
	"no such user e.g. here",
	"",
};
/* clang-format on */

static void assert_normal(const char *text, const char *normal)
{
	struct span found = normal_text(arena, span_of(text));

	if (!span_is(found, span_of(normal)))
		fail_msg("\"%s\"\nbecame \"%.*s\",\nnot    \"%s\"", text,
			SPAN_ARG(found), normal);
}

static void what_differs_each_time_becomes_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(twice); i++) {
		assert_normal(twice[i].one, twice[i].normal);
		/* Port and all: only the address is compared. */
		assert_normal(twice[i].other, twice[i].normal);
	}
}

static void what_stays_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(as_they_are); i++)
		assert_normal(as_they_are[i], as_they_are[i]);
}

static void other_reasons_stay_apart(void **state)
{
	struct span one = normal_text(
		arena, SPAN("blocked using zen.spamhaus.org"));
	struct span other = normal_text(
		arena, SPAN("blocked using bl.spamcop.net"));

	(void)state;
	assert_false(span_is(one, other));
}

static void all_lines_make_one(void **state)
{
	static const char bytes[] =
		"550-5.7.1 [203.0.113.25] The IP you're using\r\n"
		"550 5.7.1 is not authorized\r\n";
	static const struct span lines[] = {
		{ "5.7.1 [203.0.113.25] The IP you're using", 40 },
		{ "5.7.1 is not authorized", 23 },
	};
	struct reply reply = { .code = 550,
		.status = { 5, 7, 1 },
		.lines = lines,
		.line_count = 2,
		.bytes = { bytes, sizeof(bytes) - 1 } };

	(void)state;
	assert_true(span_is(normal_reply(arena, &reply),
		SPAN("550 5.7.1 [{address}] The IP you're using is not "
		     "authorized")));
}

static void hostile_bytes_are_shown_and_bounded(void **state)
{
	static char bytes[40000];
	struct span text = { bytes, sizeof(bytes) }, normal;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(seed >> 16);
			if (round & 1)
				bytes[i] =
					"0123.:[]@=- aZ/,\n"[(seed >> 16) % 17];
		}
		normal = normal_text(arena, text);
		assert_true(normal.len <= 4 * NORMAL_REPLY_MAX);
		for (size_t i = 0; i < normal.len; i++)
			assert_true((unsigned char)normal.at[i] >= ' ');
	}
}

static void hosts_are_known_by_their_organization(void **state)
{
	static const struct span google[] = {
		{ "gmail-smtp-in.l.google.com", 26 },
		{ "alt1.gmail-smtp-in.l.google.com.", 32 },
		{ "ALT2.gmail-smtp-in.l.GOOGLE.com", 31 },
	};
	static const struct span mixed[] = {
		{ "mx2.example.org", 15 },
		{ "mx1.example.org", 15 },
		{ "example-org.mail.protection.outlook.com", 39 },
	};

	(void)state;
	assert_true(
		span_is(normal_hosts(arena, google, 3), SPAN("google.com")));
	assert_true(span_is(normal_hosts(arena, mixed, 3),
		SPAN("example.org, outlook.com")));
	assert_int_equal(normal_hosts(arena, mixed, 0).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_each_time_becomes_its_class),
		cmocka_unit_test(what_stays_is_kept),
		cmocka_unit_test(other_reasons_stay_apart),
		cmocka_unit_test(all_lines_make_one),
		cmocka_unit_test(hostile_bytes_are_shown_and_bounded),
		cmocka_unit_test(hosts_are_known_by_their_organization),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
