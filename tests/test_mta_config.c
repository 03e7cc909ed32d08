#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/inbound/mta_config_file.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct mta_config read_text(enum mta mta, const char *text)
{
	struct mta_config config;

	mta_config_read(arena, mta, SPAN("the file"), span_of(text), &config);
	return config;
}

static void without_a_file_the_defaults_hold(void **state)
{
	struct mta_config config;

	(void)state;
	for (size_t i = 0; i < MTA_COUNT; i++) {
		enum mta found;

		mta_config_init(&config, (enum mta)i);
		assert_true(config.uses[FAMILY_IPV4]);
		assert_true(config.uses[FAMILY_IPV6]);
		assert_true(mta_find(span_of(mta_word((enum mta)i)), &found));
		assert_int_equal(found, i);
	}
	assert_false(mta_find(SPAN("exchange"), &config.mta));
}

static void postfix_settings_are_read(void **state)
{
	struct mta_config config = read_text(MTA_POSTFIX,
		"# a comment\n"
		"inet_protocols = ipv4\n"
		"inet_protocols = ipv6,\n"
		"\t# between\n"
		"    ipv4\n"
		"smtp_address_preference = $my_choice\n"
		"my_choice = ipv6\r\n"
		"smtp_mx_address_limit = 3\n"
		"smtp_mx_session_limit = 0\n"
		"smtp_balance_inet_protocols = no\n"
		"smtp_randomize_addresses = no\n"
		"smtp_skip_5xx_greeting=no\n"
		"relayhost =\n"
		"mydestination = $myhostname\n");

	(void)state;
	assert_true(config.uses[FAMILY_IPV4] && config.uses[FAMILY_IPV6]);
	assert_int_equal(config.uses_why.len, 0);
	assert_int_equal(config.prefers, MTA_PREFERS_IPV6);
	assert_int_equal(config.address_limit, 3);
	assert_int_equal(config.session_limit, 0);
	assert_false(config.balances || config.randomizes);
	assert_false(config.skips_5xx_greeting);
	assert_int_equal(config.relay.len, 0);
	assert_int_equal(config.setting_count, 8);
	assert_span(config.settings[1].name, "smtp_address_preference");
	assert_int_equal(config.settings[1].line, 6);
}

static void postfix_with_one_protocol_says_which_setting(void **state)
{
	struct mta_config config = read_text(MTA_POSTFIX,
		"inet_protocols = ipv4\n"
		"relayhost = [smtp.a.example]:587\n");

	(void)state;
	assert_true(config.uses[FAMILY_IPV4]);
	assert_false(config.uses[FAMILY_IPV6]);
	assert_span(config.uses_why, "inet_protocols = ipv4");
	assert_span(config.relay, "[smtp.a.example]:587");
}

/* clang-format off */
static const struct {
	enum mta mta;
	const char *text, *doubt;
} doubted[] = {
	{ MTA_POSTFIX, "inet_protocols = ipv5\n",
	  "inet_protocols = ipv5 is none of all, ipv4 and ipv6." },
	{ MTA_POSTFIX, "smtp_address_preference = both\n",
	  "smtp_address_preference = both is none of any, ipv4 and ipv6." },
	{ MTA_POSTFIX, "smtp_mx_address_limit = many\n",
	  "smtp_mx_address_limit = many is no number." },
	{ MTA_POSTFIX, "smtp_balance_inet_protocols = x\n",
	  "smtp_balance_inet_protocols = x is neither yes nor no." },
	{ MTA_POSTFIX, "transport_maps = hash:/x\n",
	  "transport_maps = hash:/x may send a destination another way; the "
	  "table was not read." },
	{ MTA_EXIM, "begin routers\nr:\ndriver = dnslookup\nipv4_only = ${x}\n",
	  "The router r has ipv4_only = ${x}, which is worked out for each "
	  "message." },
	{ MTA_EXIM, "dns_ipv4_lookup = +local : lsearch;/x\n",
	  "dns_ipv4_lookup has +local, which cannot be told here." },
};
/* clang-format on */

static void what_cannot_be_told_is_a_doubt(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(doubted); i++) {
		struct mta_config config = read_text(
			doubted[i].mta, doubted[i].text);

		assert_true(config.doubt_count > 0);
		assert_span(config.doubts[0], doubted[i].doubt);
		assert_true(config.uses[FAMILY_IPV4]);
		assert_true(config.uses[FAMILY_IPV6]);
	}
}

static void exim_settings_are_read(void **state)
{
	struct mta_config config = read_text(MTA_EXIM,
		"# main\n"
		"dns_ipv4_lookup = !mx1.a.example : *.a.example : \\\n"
		"    b.example\n"
		"no_disable_ipv6\n"
		"begin routers\n"
		"other:\n"
		"  driver = accept\n"
		"  ipv4_only = yes\n"
		"remote:\n"
		"  driver = dnslookup\n"
		"  ipv4_prefer = yes\n"
		"begin transports\n"
		"smtp:\n"
		"  driver = smtp\n"
		"  hosts_max_try = 2\n");

	(void)state;
	assert_true(config.uses[FAMILY_IPV6]);
	assert_int_equal(config.prefers, MTA_PREFERS_IPV4);
	assert_int_equal(config.address_limit, 2);
	assert_int_equal(config.exception_count, 3);
	assert_true(config.exceptions[0].is_negated);
	assert_span(config.exceptions[0].pattern, "mx1.a.example");
	assert_span(config.exceptions[1].pattern, "*.a.example");
	assert_span(config.exceptions[2].pattern, "b.example");
	assert_int_equal(config.exceptions[2].line, 2);
}

/* The CR of a file from another system stands behind the backslash. */
static void joined_lines_may_end_with_cr(void **state)
{
	struct mta_config config = read_text(MTA_EXIM,
		"dns_ipv4_lookup = a.example : \\\r\n"
		"b.example : \\\r\n"
		"a-name-that-is-longer-than-all-others.example\r\n");

	(void)state;
	assert_int_equal(config.exception_count, 3);
	assert_span(config.exceptions[2].pattern,
		"a-name-that-is-longer-than-all-others.example");
}

static void exim_without_ipv6_says_which_setting(void **state)
{
	struct mta_config one = read_text(MTA_EXIM, "disable_ipv6 = true\n");
	struct mta_config two = read_text(MTA_EXIM,
		"begin routers\nout:\n driver = dnslookup\n ipv4_only\n");

	(void)state;
	assert_false(one.uses[FAMILY_IPV6]);
	assert_span(one.uses_why, "disable_ipv6");
	assert_false(two.uses[FAMILY_IPV6]);
	assert_span(two.uses_why, "ipv4_only of router out");
}

static void smart_hosts_are_found(void **state)
{
	(void)state;
	assert_span(
		read_text(MTA_SENDMAIL, "V10\nDSesmtp:smart.a\nDnX\n").relay,
		"esmtp:smart.a");
	assert_span(
		read_text(MTA_SENDMAIL, "define(`SMART_HOST', `smart.a')dnl\n")
			.relay,
		"smart.a");
	assert_span(
		read_text(MTA_EXIM, "begin routers\ns:\n driver = manualroute\n"
				    " route_list = * smart.a::587 byname\n")
			.relay,
		"smart.a::587");
	assert_span(
		read_text(MTA_OPENSMTPD,
			"action \"r\" relay tls host \"smtp://a\" auth <x>\n")
			.relay,
		"smtp://a");
	assert_int_equal(read_text(MTA_SENDMAIL, "DS\n").relay.len, 0);
}

static void opensmtpd_limits_are_read(void **state)
{
	struct mta_config config = read_text(MTA_OPENSMTPD,
		"# mta limit inet4\n"
		"mta limit for domain \"a.example\" inet4\n"
		"limit mta for domain b.example inet6\n");
	struct mta_config all = read_text(MTA_OPENSMTPD, "mta limit inet4\n");

	(void)state;
	assert_true(config.uses[FAMILY_IPV6]);
	assert_int_equal(config.exception_count, 2);
	assert_span(config.exceptions[0].pattern, "a.example");
	assert_int_equal(config.exceptions[0].only, FAMILY_IPV4);
	assert_int_equal(config.exceptions[1].only, FAMILY_IPV6);
	assert_false(all.uses[FAMILY_IPV6]);
	assert_span(all.uses_why, "mta limit inet4");
}

static void a_setting_may_refer_to_itself(void **state)
{
	struct mta_config config = read_text(MTA_POSTFIX,
		"inet_protocols = $inet_protocols\n"
		"smtp_address_preference = $nothing\n");

	(void)state;
	assert_true(config.uses[FAMILY_IPV6]);
	assert_int_equal(config.prefers, MTA_PREFERS_NEITHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_defaults_hold),
		cmocka_unit_test(postfix_settings_are_read),
		cmocka_unit_test(postfix_with_one_protocol_says_which_setting),
		cmocka_unit_test(what_cannot_be_told_is_a_doubt),
		cmocka_unit_test(exim_settings_are_read),
		cmocka_unit_test(joined_lines_may_end_with_cr),
		cmocka_unit_test(exim_without_ipv6_says_which_setting),
		cmocka_unit_test(smart_hosts_are_found),
		cmocka_unit_test(opensmtpd_limits_are_read),
		cmocka_unit_test(a_setting_may_refer_to_itself),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
