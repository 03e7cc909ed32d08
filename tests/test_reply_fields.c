#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/reply_fields.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static const struct sample {
	const char *name, *text;
	const char *ip, *domain, *spf, *dkim, *dmarc, *list, *link, *keyword,
		*token;
	unsigned wait_s;
} samples[] = {
	{ .name = "Google names the address, padded, and a keyword",
		.text = "550-5.7.1 [2001:db8::1      19] The IP you're using "
			"to send mail is not\n550-5.7.1 authorized, go to\n"
			"550 5.7.1 https://support.google.com/mail/"
			"?p=NotAuthorizedError 5b1f17b18-477a8f3c2d1si123.321 "
			"- gsmtp",
		.ip = "2001:db8::1",
		.link = "https://support.google.com/mail/?p=NotAuthorizedError",
		.keyword = "NotAuthorizedError",
		.token = "5b1f17b18-477a8f3c2d1si123.321 - gsmtp" },
	{ .name = "Google quotes SPF and DKIM",
		.text = "550-5.7.26 Authentication results:\n550-5.7.26  DKIM "
			"= "
			"did not pass\n550-5.7.26  SPF [sender.example] with "
			"ip: [192.0.2.7] = did not\n550 5.7.26 pass",
		.ip = "192.0.2.7",
		.domain = "sender.example",
		.spf = "did not pass",
		.dkim = "did not pass" },
	{ .name = "Google, with the one that passes",
		.text = "550-5.7.26 DKIM = did not pass 550-5.7.26 SPF "
			"[a.example] with ip: [192.0.2.7] = pass",
		.ip = "192.0.2.7",
		.domain = "a.example",
		.spf = "pass",
		.dkim = "did not pass" },
	{ .name = "Microsoft quotes all three",
		.text = "550 5.7.515 Access denied, sending domain EXAMPLE.ORG "
			"does not meet the required authentication level. "
			"Spf= Fail , Dkim= Pass , DMARC= Fail "
			"[DB3EUR04.prod.outlook.com 2025-05-25T22:22:22.000Z "
			"08DC]",
		.domain = "EXAMPLE.ORG",
		.spf = "Fail",
		.dkim = "Pass",
		.dmarc = "Fail",
		.token = "DB3EUR04.prod.outlook.com 2025-05-25T22:22:22.000Z "
			 "08DC" },
	{ .name = "the peer of a log is not the client",
		.text = "host mx.example[198.51.100.9] said: 554 5.7.1 Service "
			"unavailable; Client host [192.0.2.7] blocked using "
			"zen.spamhaus.org; https://check.spamhaus.org/q/ (in "
			"reply to RCPT TO command)",
		.ip = "192.0.2.7",
		.list = "zen.spamhaus.org",
		.link = "https://check.spamhaus.org/q/" },
	{ .name = "greylisting with a pause",
		.text = "450 4.7.1 Greylisted for 5 minutes",
		.wait_s = 300 },
	{ .name = "a pause in seconds, with other numbers before it",
		.text = "451 4.7.1 mail 12 in queue, come back in 300s or "
			"later",
		.wait_s = 300 },
	{ .name = "a pause of years is none",
		.text = "451 4.7.1 come back in 99999999999 days" },
	{ .name = "a domain behind words",
		.text = "550 5.7.1 rejected by DMARC policy for a.b.example.",
		.domain = "a.b.example" },
	{ .name = "an address that does not parse, a token that is cut",
		.text = "550 5.7.1 [2001:db8:xxxx::2] no - gsmtp [host.outlook"
			".com 1",
		.token = "no - gsmtp" },
	{ .name = "qmail's blanks",
		.text = "Remote_host_said:_550-5.7.1_[192.0.2.7]_go_to/550_5.7."
			"1_https://x.example/?p=Word_a1.2_-_gsmtp/",
		.ip = "192.0.2.7",
		.link = "https://x.example/?p=Word",
		.keyword = "Word",
		.token = "a1.2 - gsmtp" },
	{ .name = "nothing", .text = "" },
	{ .name = "brackets alone", .text = "550 [[[]]] spf= dkim dmarc=" },
};

static void must_be(const struct sample *sample, const char *what,
	struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted ? wanted : "")))
		fail_msg("%s: %s: %.*s", sample->name, what, SPAN_ARG(got));
}

static void what_a_reply_carries_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		const struct sample *sample = &samples[i];
		struct reply_fields fields;

		reply_fields_read(arena, span_of(sample->text), &fields);
		must_be(sample, "ip",
			fields.has_ip ? ip_text(arena, &fields.ip) : SPAN(""),
			sample->ip);
		must_be(sample, "domain",
			fields.domain_count ? fields.domains[0] : SPAN(""),
			sample->domain);
		must_be(sample, "spf", fields.spf, sample->spf);
		must_be(sample, "dkim", fields.dkim, sample->dkim);
		must_be(sample, "dmarc", fields.dmarc, sample->dmarc);
		must_be(sample, "list", fields.list, sample->list);
		must_be(sample, "link",
			fields.link_count ? fields.links[0] : SPAN(""),
			sample->link);
		must_be(sample, "keyword", fields.keyword, sample->keyword);
		must_be(sample, "token", fields.token, sample->token);
		if (fields.wait_s != sample->wait_s ||
			fields.has_wait != (sample->wait_s != 0))
			fail_msg("%s: %u", sample->name, fields.wait_s);
	}
}

static void every_beginning_of_a_reply_is_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		struct span text = span_of(samples[i].text);

		for (size_t len = 0; len <= text.len; len++) {
			struct reply_fields fields;
			struct span part = arena_copy(
				arena, span_part(text, 0, len));

			reply_fields_read(arena, part, &fields);
			assert_true(fields.domain_count <= REPLY_DOMAINS_MAX);
			assert_true(fields.link_count <= REPLY_LINKS_MAX);
		}
	}
}

static void there_is_a_most_of_domains_and_links(void **state)
{
	struct reply_fields fields;
	struct span text = SPAN("550 5.7.1");

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		text = arena_print(arena,
			"%.*s [d%u.example] https://h%u.example/",
			SPAN_ARG(text), i, i);
	reply_fields_read(arena, text, &fields);
	assert_int_equal(fields.domain_count, REPLY_DOMAINS_MAX);
	assert_int_equal(fields.link_count, REPLY_LINKS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_reply_carries_is_read),
		cmocka_unit_test(every_beginning_of_a_reply_is_harmless),
		cmocka_unit_test(there_is_a_most_of_domains_and_links),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
