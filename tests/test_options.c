#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/ad_hoc.h"

enum { WORDS_MAX = 16 };

/* Splits at spaces; "_" stands for an empty word. */
static enum options_result read_line(struct arena *arena, const char *line,
	struct options *options, struct span *text)
{
	const char *words[WORDS_MAX] = { "mxprobe" };
	struct span rest = span_of(line);
	int count = 1;

	while (rest.len) {
		struct span word = span_cut(&rest, ' ');

		assert_true(count < WORDS_MAX);
		words[count++] = span_is(word, SPAN("_")) ? "" :
			arena_copy(arena, word).at;
	}
	return options_parse(arena, count, words, options, text);
}

static const char *wrong_with(struct arena *arena, const char *line)
{
	struct options options;
	struct span text;

	assert_int_equal(read_line(arena, line, &options, &text),
		OPTIONS_WRONG);
	return text.at;
}

static void right(struct arena *arena, const char *line,
	struct options *options)
{
	struct span text;

	if (read_line(arena, line, options, &text) != OPTIONS_RUN)
		fail_msg("%s: %s", line, text.at);
}

static void both_families_are_wanted_unless_one_is_named(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example", &options);
	assert_true(options.wanted[FAMILY_IPV4] && options.wanted[FAMILY_IPV6]);
	right(arena, "d.example -6", &options);
	assert_false(options.wanted[FAMILY_IPV4]);
	right(arena, "-46 d.example", &options);
	assert_true(options.wanted[FAMILY_IPV4] && options.wanted[FAMILY_IPV6]);
	arena_close(arena);
}

static void values_stand_in_the_same_word_or_the_next(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example --port=26 -m1.5 --connect-timeout 500ms "
		"--banner-timeout 2m", &options);
	assert_int_equal(options.port, 26);
	assert_int_equal(options.patience.total, 1500);
	assert_int_equal(options.patience.connect, 500);
	assert_int_equal(options.patience.banner, 120000);
	right(arena, "-- -odd@d.example", &options);
	assert_true(span_is(options.targets[0], SPAN("-odd@d.example")));
	arena_close(arena);
}

static void every_error_is_told_with_a_guess(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_string_equal(wrong_with(arena, "d.example --jsn --port 0 -x"),
		"--jsn: there is no such option (did you mean --json?)\n"
		"--port 0: a port from 1 to 65535 is wanted\n"
		"-x: there is no such option\n");
	assert_string_equal(wrong_with(arena, "d.example --json=1"),
		"--json: it takes no value\n");
	assert_string_equal(wrong_with(arena, "d.example --from"),
		"--from: MAILBOX is wanted behind it\n");
	assert_string_equal(wrong_with(arena, "-4"), "TARGET: a domain, "
		"user@domain, host:port or address is wanted (mxprobe --help)\n");
	arena_close(arena);
}

static void packets_go_to_a_file_of_one_walk(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example --pcap e.pcapng --redact", &options);
	assert_string_equal(options.pcap_file, "e.pcapng");
	assert_true(options.redacts);
	right(arena, "run x.mxp --pcap-dir there --redact", &options);
	assert_string_equal(options.pcap_folder, "there");
	assert_string_equal(wrong_with(arena, "d.example --redact --pcap -"),
		"--pcap -: a file is wanted, and not standard output\n"
		"--redact: it goes with --pcap FILE\n");
	assert_string_equal(wrong_with(arena, "d.example --dry-run --pcap e"),
		"--pcap: it goes neither with --repeat nor with --dry-run\n");
	assert_string_equal(wrong_with(arena, "run x.mxp --watch --pcap e"),
		"--pcap: it goes neither with --watch (say `on failure pcap` "
		"in the scenario) nor with --rehearse\n");
	arena_close(arena);
}

static void a_line_end_never_gets_into_a_command(void **state)
{
	struct arena *arena = arena_open();
	const char *words[] = { "mxprobe", "d.example", "--ehlo", "a\r\nDATA",
		"-f", "a@b\r\nRSET" };
	struct options options;
	struct span text;

	(void)state;
	assert_int_equal(options_parse(arena, COUNT_OF(words), words, &options,
		&text), OPTIONS_WRONG);
	assert_true(span_find(text, '\r') == text.len);
	arena_close(arena);
}

static void only_a_message_that_is_sent_can_be_signed(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	assert_non_null(strstr(wrong_with(arena, "d.example --dkim-key k "
		"--dkim-selector s"), "--dkim-key: it goes with --deliver"));
	assert_non_null(strstr(wrong_with(arena, "me@d.example --deliver "
		"-f a@b.example --dkim-key k"), "--dkim-selector NAME"));
	assert_non_null(strstr(wrong_with(arena, "d.example --dkim-domain "
		"b.example"), "--dkim-domain: it goes with --dkim-key"));
	assert_non_null(strstr(wrong_with(arena, "me@d.example --deliver "
		"-f <> --dkim-key k --dkim-selector s"), "which domain"));
	right(arena, "me@d.example --deliver -f a@b.example --dkim-key k "
		"--dkim-selector S1.Mail", &options);
	assert_true(span_is(options.dkim_selector, SPAN("s1.mail")));
	assert_int_equal(options.dkim_domain.len, 0);
	arena_close(arena);
}

static void nothing_is_delivered_unless_it_was_said_whose_it_is(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	assert_non_null(strstr(wrong_with(arena, "d.example --deliver"),
		"say whose mailbox it is"));
	assert_non_null(strstr(wrong_with(arena, "d.example --deliver -f "
		"a@b.example"), "say whose mailbox it is"));
	assert_non_null(strstr(wrong_with(arena, "a@d.example b@d.example "
		"--deliver -f a@b.example"), "only one mailbox"));
	assert_non_null(strstr(wrong_with(arena, "--targets list --deliver -f "
		"a@b.example"), "never sent to a list"));
	right(arena, "d.example --deliver -f a@b.example -t me@d.example",
		&options);
	right(arena, "me@d.example --deliver -f a@b.example", &options);
	arena_close(arena);
}

static void a_walk_goes_no_further_than_its_flags(void **state)
{
	static const struct {
		const char *line;
		enum stage goal;
		const char *steps;
	} cases[] = {
		{ "d.example", STAGE_EHLO,
		  "connect banner ehlo starttls ehlo quit" },
		{ "d.example --tls none", STAGE_EHLO,
		  "connect banner ehlo quit" },
		{ "d.example --quit-after connect", STAGE_CONNECT, "connect" },
		{ "d.example --quit-after banner", STAGE_BANNER,
		  "connect banner quit" },
		{ "d.example --quit-after ehlo", STAGE_EHLO,
		  "connect banner ehlo quit" },
		{ "d.example --quit-after tls", STAGE_TLS,
		  "connect banner ehlo starttls ehlo quit" },
		{ "d.example -f <>", STAGE_MAIL,
		  "connect banner ehlo starttls ehlo mail quit" },
		{ "u@d.example -f a@b.example", STAGE_RCPT,
		  "connect banner ehlo starttls ehlo mail rcpt quit" },
		{ "d.example -f a@b.example -t u@d.example --deliver",
		  STAGE_DOT, "connect banner ehlo starttls ehlo mail rcpt "
		  "data dot quit" },
		{ "u@d.example -f a@b.example --deliver --quit-after data",
		  STAGE_DATA, "connect banner ehlo starttls ehlo mail rcpt "
		  "data" },
		{ "u@d.example -f a@b.example --quit-after mail", STAGE_MAIL,
		  "connect banner ehlo starttls ehlo mail quit" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		const struct scenario *scenario;
		struct options options;
		struct target target;
		struct span why, steps = SPAN("");

		right(arena, cases[i].line, &options);
		assert_true(ad_hoc_target(arena, &options, options.targets[0],
			&target, &why));
		assert_int_equal(ad_hoc_goal(&options, &target),
			cases[i].goal);
		scenario = ad_hoc_scenario(arena, &options, &target,
			FAMILY_IPV4);
		for (size_t j = 0; j < scenario->step_count; j++)
			steps = arena_print(arena, "%.*s%s%s", SPAN_ARG(steps),
				j ? " " : "",
				step_word(scenario->steps[j].verb));
		assert_string_equal(steps.at, cases[i].steps);
		arena_close(arena);
	}
}

static void the_level_of_tls_is_that_of_the_step(void **state)
{
	static const struct {
		const char *line;
		enum step_tls level;
	} cases[] = {
		{ "d.example", STEP_TLS_MAY },
		{ "d.example --tls may", STEP_TLS_MAY },
		{ "d.example --tls encrypt", STEP_TLS_ENCRYPT },
		{ "d.example --tls dane", STEP_TLS_DANE },
		{ "d.example --tls secure", STEP_TLS_SECURE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		struct options options;
		struct target target;
		struct span why;

		right(arena, cases[i].line, &options);
		assert_false(options.trusts_ad);
		assert_true(ad_hoc_target(arena, &options, options.targets[0],
			&target, &why));
		assert_int_equal(ad_hoc_scenario(arena, &options, &target,
			FAMILY_IPV4)->steps[3].tls, cases[i].level);
		assert_true(ad_hoc_wants_tls(&options, &target));
		right(arena, "d.example --trust-ad --quit-after ehlo",
			&options);
		assert_true(options.trusts_ad);
		assert_false(ad_hoc_wants_tls(&options, &target));
		right(arena, "d.example --tls none", &options);
		assert_false(ad_hoc_wants_tls(&options, &target));
		arena_close(arena);
	}
}

static void flags_that_ask_for_too_much_are_refused(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_non_null(strstr(wrong_with(arena, "d.example --quit-after dot"),
		"needs --deliver"));
	assert_non_null(strstr(wrong_with(arena, "d.example -t a@d.example"),
		"goes with -f"));
	assert_non_null(strstr(wrong_with(arena, "d.example --message f"),
		"goes with --deliver"));
	assert_non_null(strstr(wrong_with(arena, "d.example e.example "
		"--repeat 2"), "one target"));
	assert_non_null(strstr(wrong_with(arena, "d.example --isolate -n"),
		"neither with --repeat"));
	arena_close(arena);
}

static void an_address_without_a_server_is_refused(void **state)
{
	static const char *const lines[] = { "0.0.0.0", "0.0.0.0:25", "[::]",
		"[::]:587", "a@[0.0.0.0]", "a@[IPv6:::]", "-s 0.0.0.0",
		"d.example -s [::]", "224.0.0.1", "[ff02::1]:25",
		"trace 0.0.0.0", "trace [::]:25" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct arena *arena = arena_open();

		assert_non_null(strstr(wrong_with(arena, lines[i]),
			"no server is reached at it: the address is"));
		arena_close(arena);
	}
}

static struct target target_of(struct arena *arena, const char *line)
{
	struct options options;
	struct target target;
	struct span why;

	right(arena, line, &options);
	assert_true(ad_hoc_target(arena, &options, options.targets[0],
		&target, &why));
	return target;
}

static void targets_are_read_in_all_their_forms(void **state)
{
	struct arena *arena = arena_open();
	struct target target;
	char room[IP_TEXT_MAX];

	(void)state;
	target = target_of(arena, "Gmail.COM.");
	assert_true(span_is(target.domain, SPAN("gmail.com")));
	assert_int_equal(target.port, 25);
	target = target_of(arena, "me@gmail.com");
	assert_true(span_is(target.domain, SPAN("gmail.com")));
	assert_true(span_is(target.mailbox, SPAN("me@gmail.com")));
	target = target_of(arena, "me@b\xc3\xbc" "cher.example");
	assert_true(span_is(target.mailbox,
		SPAN("me@xn--bcher-kva.example")));
	target = target_of(arena, "m\xc3\xbc@b\xc3\xbc" "cher.example");
	assert_true(span_is(target.mailbox,
		SPAN("m\xc3\xbc@b\xc3\xbc" "cher.example")));
	target = target_of(arena, "b\xc3\xbc" "cher.example");
	assert_true(span_is(target.domain, SPAN("xn--bcher-kva.example")));
	assert_true(span_is(target.domain_shown,
		SPAN("b\xc3\xbc" "cher.example")));
	target = target_of(arena, "[192.0.2.1]");
	assert_true(target.is_literal);
	target = target_of(arena, "[IPv6:2001:db8::1]");
	assert_string_equal(ip_print(&target.literal, room), "2001:db8::1");
	target = target_of(arena, "192.0.2.1");
	assert_true(target.is_literal);
	target = target_of(arena, "2001:db8::1");
	assert_string_equal(ip_print(&target.literal, room), "2001:db8::1");
	assert_int_equal(target.port, 25);
	target = target_of(arena, "mx.example:2525");
	assert_true(span_is(target.host, SPAN("mx.example")));
	assert_int_equal(target.domain.len, 0);
	assert_int_equal(target.port, 2525);
	target = target_of(arena, "[::1]:2525");
	assert_true(target.is_literal);
	assert_int_equal(target.port, 2525);
	target = target_of(arena, "-s mx.example:2525");
	assert_true(span_is(target.host, SPAN("mx.example")));
	assert_int_equal(target.port, 2525);
	target = target_of(arena, "-s [::1]:2525 d.example");
	assert_true(target.is_literal);
	assert_int_equal(target.port, 2525);
	assert_true(span_is(target.domain, SPAN("d.example")));
	target = target_of(arena, "-s 2001:db8::1");
	assert_true(target.is_literal);
	assert_int_equal(target.port, 25);
	arena_close(arena);
}

static void targets_that_are_none_are_told(void **state)
{
	static const char *const lines[] = { "[192.0.2]", "[IPv6:1.2.3.4]",
		"a..example", "@d.example", "-s mx.example:0", "-s [::1", "_",
		"http://d.example/", "d.example/", "mx.example:0", "-- -d.example",
		"mx.example:smtp", "127.1", "1.2.3.4.5", "d.example,e.example",
		"-s mx/.example", "-s mx.example d/.example" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct arena *arena = arena_open();

		wrong_with(arena, lines[i]);
		arena_close(arena);
	}
}

static void nobody_is_given_no_time_at_all(void **state)
{
	static const char *const names[] = { "--connect-timeout",
		"--banner-timeout", "--command-timeout", "--tls-timeout",
		"--data-timeout", "--max-time" };
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_non_null(strstr(wrong_with(arena, arena_print(arena,
			"d.example %s 0ms", names[i]).at),
			"0ms: more than 0 is wanted, or nobody has time"));
	right(arena, "d.example --pause 0 -m 1ms", &options);
	assert_int_equal(options.patience.total, 1);
	arena_close(arena);
}

static void a_verb_that_slipped_is_no_domain(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	assert_string_equal(wrong_with(arena, "chekc"),
		"chekc: did you mean the verb check?  A domain of one label is "
		"written with a dot behind it\n");
	assert_string_equal(wrong_with(arena, "--json run"),
		"run: a verb stands first, before all options\n");
	assert_string_equal(wrong_with(arena, "help"),
		"help: did you mean --help?\n");
	right(arena, "chekc.", &options);
	right(arena, "localhost check.example run@d.example", &options);
	right(arena, "trace run", &options);
	right(arena, "trace -s mx.example", &options);
	assert_true(span_is(options.targets[0], SPAN("mx.example")));
	arena_close(arena);
}

static void a_list_of_targets_has_comments_and_any_line_end(void **state)
{
	struct arena *arena = arena_open();
	struct options options = { .target_count = 0 };

	(void)state;
	assert_int_equal(options_add_targets(arena, &options,
		SPAN("\xef\xbb\xbf" "a.example\r\n# ours\r\n\n"
		"  b.example # the other\nc.example")), 0);
	assert_int_equal(options.target_count, 3);
	assert_true(span_is(options.targets[0], SPAN("a.example")));
	assert_true(span_is(options.targets[1], SPAN("b.example")));
	assert_true(span_is(options.targets[2], SPAN("c.example")));
	arena_close(arena);
}

static void a_target_that_is_listed_twice_is_one(void **state)
{
	struct arena *arena = arena_open();
	struct options options = { .target_count = 0 };

	(void)state;
	assert_int_equal(options_add_targets(arena, &options, SPAN("b.example\n"
		"a@b.example\nb.example\na.example\nb.example #\nA@b.example\n"
		"a.example\nb.exampl\n")), 3);
	assert_int_equal(options.target_count, 5);
	assert_true(span_is(options.targets[0], SPAN("b.example")));
	assert_true(span_is(options.targets[1], SPAN("a@b.example")));
	assert_true(span_is(options.targets[2], SPAN("a.example")));
	assert_true(span_is(options.targets[3], SPAN("A@b.example")));
	assert_true(span_is(options.targets[4], SPAN("b.exampl")));
	arena_close(arena);
}

static void known_hosts_are_taken_with_or_without_brackets(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example --resolve MX.example:25:192.0.2.1 "
		"--resolve mx.example:25:2001:db8::1 "
		"--resolve mx.example:25:[2001:db8::2]", &options);
	assert_int_equal(options.known_count, 3);
	assert_true(span_is(options.known[0].host, SPAN("mx.example")));
	assert_int_equal(options.known[2].ip.family, FAMILY_IPV6);
	wrong_with(arena, "d.example --resolve mx.example:192.0.2.1");
	arena_close(arena);
}

static void an_mtu_trial_is_for_a_hang_unless_told(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example", &options);
	assert_int_equal(options.mtu_trial, MTU_TRIAL_ON_HANG);
	right(arena, "d.example --mtu-trial always", &options);
	assert_int_equal(options.mtu_trial, MTU_TRIAL_ALWAYS);
	right(arena, "d.example --mtu-trial never", &options);
	assert_int_equal(options.mtu_trial, MTU_TRIAL_NEVER);
	right(arena, "d.example --mtu-trial hang", &options);
	assert_int_equal(options.mtu_trial, MTU_TRIAL_ON_HANG);
	assert_non_null(strstr(wrong_with(arena, "d.example --mtu-trial x"),
		"hang, always or never"));
	arena_close(arena);
}

static void help_fits_a_terminal_and_names_only_what_is_there(void **state)
{
	struct arena *arena = arena_open();
	struct options options;
	struct span text;

	(void)state;
	assert_int_equal(read_line(arena, "--help", &options, &text),
		OPTIONS_DONE);
	while (text.len)
		assert_true(span_cut(&text, '\n').len <= 80);
	assert_int_equal(read_line(arena, "-V", &options, &text),
		OPTIONS_DONE);
	assert_true(span_starts_nocase(text, SPAN("mxprobe ")));
	arena_close(arena);
}

static void a_mail_server_is_named_with_its_configuration(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "d.example", &options);
	assert_false(options.asks_mta);
	right(arena, "d.example --mta exim", &options);
	assert_true(options.asks_mta && options.dry_run);
	assert_int_equal(options.mta, MTA_EXIM);
	assert_null(options.mta_config_file);
	right(arena, "d.example --mta postfix:/etc/main.cf", &options);
	assert_int_equal(options.mta, MTA_POSTFIX);
	assert_string_equal(options.mta_config_file, "/etc/main.cf");
	assert_non_null(strstr(wrong_with(arena, "d.example --mta exchange"),
		"postfix, sendmail, exim or opensmtpd is wanted"));
	assert_non_null(strstr(wrong_with(arena, "d.example --json --mta exim"),
		"as text only"));
	arena_close(arena);
}

static void a_trace_waits_and_compares_as_told(void **state)
{
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	right(arena, "trace d.example", &options);
	assert_int_equal(options.verb, VERB_TRACE);
	assert_int_equal(options.trace.wait_ms, 1000);
	assert_int_equal(options.trace.control_port, 587);
	assert_false(options.trace.has_control || options.trace.omits_names);
	right(arena, "trace d.example --wait 250ms --control-port=443 "
		     "--no-names -6", &options);
	assert_int_equal(options.trace.wait_ms, 250);
	assert_int_equal(options.trace.control_port, 443);
	assert_true(options.trace.has_control && options.trace.omits_names);
	assert_false(options.wanted[FAMILY_IPV4]);
	right(arena, "trace d.example --control-port 0 --wait=2", &options);
	assert_int_equal(options.trace.control_port, 0);
	assert_false(options.trace.has_control);
	assert_int_equal(options.trace.wait_ms, 2000);
	arena_close(arena);
}

static void what_a_trace_cannot_do_is_told(void **state)
{
	static const char *const ports[] = { "65536", "-1", "smtp", "25x", "_" };
	static const char *const waits[] = { "0", "-1s", "1h", "soon", "_" };
	struct arena *arena = arena_open();

	(void)state;
	assert_non_null(strstr(wrong_with(arena, "trace d.example m\xf8" "e "
		"a..example"), "m\\xf8e: "));
	assert_non_null(strstr(wrong_with(arena, "trace d.example m\xf8" "e "
		"a..example"), "a..example: "));
	for (size_t i = 0; i < COUNT_OF(ports); i++)
		assert_non_null(strstr(wrong_with(arena,
			arena_print(arena, "trace d.example --control-port=%s",
				ports[i]).at),
			"a port from 1 to 65535 is wanted, or 0 for none"));
	for (size_t i = 0; i < COUNT_OF(waits); i++)
		assert_non_null(strstr(wrong_with(arena,
			arena_print(arena, "trace d.example --wait=%s",
				waits[i]).at), "--wait"));
	assert_string_equal(wrong_with(arena, "trace d.example --no-name"),
		"--no-name: there is no such option (did you mean "
		"--no-names?)\n");
	assert_string_equal(wrong_with(arena, "trace d.example --no-names=1"),
		"--no-names: it takes no value\n");
	assert_string_equal(wrong_with(arena, "trace --wait"),
		"--wait: TIME is wanted behind it\n"
		"TARGET: a domain, a host or an address is wanted (mxprobe "
		"trace --help)\n");
	assert_non_null(strstr(wrong_with(arena, "d.example --wait 1"),
		"--wait: there is no such option"));
	assert_non_null(strstr(wrong_with(arena, "trace d.example --deliver"),
		"--deliver: there is no such option"));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_mail_server_is_named_with_its_configuration),
		cmocka_unit_test(both_families_are_wanted_unless_one_is_named),
		cmocka_unit_test(values_stand_in_the_same_word_or_the_next),
		cmocka_unit_test(every_error_is_told_with_a_guess),
		cmocka_unit_test(packets_go_to_a_file_of_one_walk),
		cmocka_unit_test(a_line_end_never_gets_into_a_command),
		cmocka_unit_test(
			nothing_is_delivered_unless_it_was_said_whose_it_is),
		cmocka_unit_test(a_walk_goes_no_further_than_its_flags),
		cmocka_unit_test(the_level_of_tls_is_that_of_the_step),
		cmocka_unit_test(flags_that_ask_for_too_much_are_refused),
		cmocka_unit_test(an_address_without_a_server_is_refused),
		cmocka_unit_test(only_a_message_that_is_sent_can_be_signed),
		cmocka_unit_test(targets_are_read_in_all_their_forms),
		cmocka_unit_test(targets_that_are_none_are_told),
		cmocka_unit_test(a_target_that_is_listed_twice_is_one),
		cmocka_unit_test(nobody_is_given_no_time_at_all),
		cmocka_unit_test(a_verb_that_slipped_is_no_domain),
		cmocka_unit_test(
			a_list_of_targets_has_comments_and_any_line_end),
		cmocka_unit_test(
			known_hosts_are_taken_with_or_without_brackets),
		cmocka_unit_test(
			help_fits_a_terminal_and_names_only_what_is_there),
		cmocka_unit_test(an_mtu_trial_is_for_a_hang_unless_told),
		cmocka_unit_test(a_trace_waits_and_compares_as_told),
		cmocka_unit_test(what_a_trace_cannot_do_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
