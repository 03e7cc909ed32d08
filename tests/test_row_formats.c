#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "probe/base/file.h"
#include "reports/nagios.h"
#include "reports/row_formats.h"
#include "reports/series.h"

#include "tests/isolation_by_hand.h"
#include "tests/rows_by_hand.h"

/*
 * The reports of a run for machines.  That the programs they are for can read
 * them is held by tests/reports/run, which has them kept in MXP_REPORTS_TO;
 * here is what they say.
 */

/* ---- to look into a text */

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static void assert_has(struct span text, const char *part)
{
	if (!has(text, part))
		fail_msg("no %s in:\n%.*s", part, SPAN_ARG(text));
}

static void assert_lacks(struct span text, const char *part)
{
	if (has(text, part))
		fail_msg("%s is in:\n%.*s", part, SPAN_ARG(text));
}

static size_t count_of(struct span text, const char *part)
{
	struct span needle = span_of(part);
	size_t count = 0;

	for (size_t i = 0; i + needle.len <= text.len; i++)
		count += memcmp(text.at + i, part, needle.len) == 0;
	return count;
}

static struct span demo(const char *word)
{
	struct result_row rows[2];

	rows_of_demo(rows);
	return report_of(word, "-", rows, COUNT_OF(rows));
}

/* A row of every verdict, and one that is skipped. */
static size_t rows_of_all(struct result_row rows[static CELL_VERDICTS + 1])
{
	size_t count = 0;

	for (int i = 0; i < CELL_VERDICTS; i++)
		rows[count++] = row_by_hand(
			NULL, FAMILY_IPV4, (enum cell_verdict)i);
	rows[count] = row_by_hand(NULL, FAMILY_IPV4, CELL_NA);
	rows[count++].is_skipped = true;
	return count;
}

static void keep(const char *name, const char *word, struct span text)
{
	const char *folder = getenv("MXP_REPORTS_TO");
	FILE *out;

	if (!folder)
		return;
	out = fopen(arena_print(arena, "%s/%s.%s", folder, name, word).at, "w");
	assert_non_null(out);
	fwrite(text.at, 1, text.len, out);
	assert_int_equal(fclose(out), 0);
}

static struct span all(const char *word)
{
	struct result_row rows[CELL_VERDICTS + 1];
	struct span text = report_of(word, "-", rows, rows_of_all(rows));

	keep("all", word, text);
	return text;
}

/* ---- JUnit */

static void junit_counts_before_it_tells(void **state)
{
	struct span text = all("junit");

	(void)state;
	assert_has(
		text, "tests=\"7\" failures=\"1\" errors=\"1\" skipped=\"3\"");
	assert_int_equal(count_of(text, "<testcase "), 7);
	assert_int_equal(count_of(text, "<failure "), 1);
	assert_int_equal(count_of(text, "<error "), 1);
	assert_int_equal(count_of(text, "<skipped "), 3);
}

static void junit_says_what_was_wanted_and_found(void **state)
{
	struct span text = demo("junit");

	(void)state;
	assert_has(text, "<failure type=\"smtp_5xx\" message=\"gmail.mxp:12:3: "
			 "at dot: wanted accept, found 550 5.7.1 "
			 "google.not-authorized\">");
	assert_has(text, "550-5.7.1 [2001:db8:25::25] The IP you&#39;re using");
	assert_has(text, "timestamp=\"2026-11-18T11:13:05\"");
	assert_has(text, "name=\"delivery, mx gmail.com best, IPv6, office\"");
}

static void a_failure_has_its_cause_and_what_mends_it(void **state)
{
	struct span junit = demo("junit"), tap = demo("tap");

	(void)state;
	assert_has(junit, "\ncause: google.not-authorized (policy on the IP "
			  "range), confirmed\nfix: ask the provider of ");
	assert_int_equal(count_of(junit, "\ncause: "), 1);
	assert_has(tap, "\n  cause: \"google.not-authorized (policy on the IP "
			"range), confirmed\"\n  fix: \"ask the provider of ");
	assert_int_equal(count_of(tap, "\n  cause: "), 1);
}

static void a_domain_that_was_not_found_has_its_fault(void **state)
{
	struct sample *sample = sample_no_dns(
		arena, FAILURE_DNS_SERVFAIL, VERDICT_UNKNOWN);
	struct result_row row = row_by_hand(sample, FAMILY_IPV4, CELL_UNKNOWN);

	(void)state;
	assert_has(report_of("junit", "-", &row, 1),
		"<error type=\"dns_servfail\"");
}

/* IPv4 was walked without a fault, and missed what the scenario wanted. */
static void what_nothing_stopped_has_no_cause(void **state)
{
	struct result_row rows[2];

	(void)state;
	rows_of_demo(rows);
	rows[0] = row_by_hand(sample_demo(arena), FAMILY_IPV4, CELL_FAIL);
	row_misses(&rows[0], SPAN("cert days 3"));
	assert_lacks(report_of("junit", "-", rows, 1), "cause: ");
	rows[0] = row_by_hand(sample_demo(arena), FAMILY_IPV6, CELL_KNOWN);
	assert_lacks(report_of("junit", "-", rows, 1), "cause: ");
}

static void each_scenario_has_a_suite_of_its_own(void **state)
{
	struct matrix other = matrix_by_hand;
	struct result_row rows[2];
	struct span text;

	(void)state;
	rows_of_demo(rows);
	other.name = SPAN("yahoo");
	rows[1].matrix = &other;
	text = report_of("junit", "-", rows, 2);
	assert_has(text, "name=\"gmail\" package=\"mxprobe\" id=\"0\"");
	assert_has(text, "name=\"yahoo\" package=\"mxprobe\" id=\"1\"");
	assert_int_equal(count_of(text, "tests=\"1\""), 2);
}

/* ---- TAP */

static void tap_knows_todo_and_skip(void **state)
{
	struct span text = all("tap");

	(void)state;
	assert_has(text, "TAP version 13\n");
	assert_has(text, "\n1..7\n");
	assert_has(text, "not ok 4 - gmail: delivery, mx gmail.com best, IPv4, "
			 "office # TODO ");
	assert_int_equal(count_of(text, " # SKIP "), 2);
	assert_int_equal(count_of(text, "\nnot ok "), 3);
}

static void a_hash_in_a_name_is_no_directive(void **state)
{
	struct aim aim = { .kind = AIM_HOST, .name = SPAN("a # SKIP b") };
	struct matrix_cell cell = cells_by_hand[0];
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_PASS);

	(void)state;
	cell.aim = &aim;
	row.cell = &cell;
	assert_has(report_of("tap", "-", &row, 1), "host a \\# SKIP b");
}

/* ---- Prometheus */

static void metrics_stand_together(void **state)
{
	struct span text = demo("prometheus");

	(void)state;
	assert_int_equal(count_of(text, "# TYPE mxprobe_success gauge"), 1);
	assert_has(text, "mxprobe_success{scenario=\"gmail\",kind=\"cell\","
			 "probe=\"delivery\",target=\"mx gmail.com best\","
			 "family=\"ipv6\",path=\"office\"} 0\n");
	assert_has(text, "stage=\"dot\",failure=\"smtp_5xx\","
			 "meaning=\"google.not-authorized\"} 1\n");
	assert_has(text, "stage=\"connect\"} 0.018000\n");
	assert_has(text, "mxprobe_rows{verdict=\"fail\"} 1\n");
	assert_has(text, "mxprobe_build_info{version=\"" MXP_VERSION
			 "\",codebook=\"2026-11-01\"} 1\n");
}

static void every_verdict_has_a_sample(void **state)
{
	struct result_row rows[CELL_VERDICTS + 1];
	size_t count = rows_of_all(rows);
	struct span text;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct aim *aim = arena_new(arena, struct aim);
		struct matrix_cell *cell = arena_new(arena, struct matrix_cell);

		*aim = (struct aim){ .kind = AIM_HOST,
			.name = arena_print(arena, "mx%zu", i) };
		*cell = cells_by_hand[0];
		cell->aim = aim;
		rows[i].cell = cell;
	}
	text = report_of("prometheus", "-", rows, count);
	keep("all", "prometheus", text);
	assert_int_equal(count_of(text, "\nmxprobe_verdict{"), 7);
	assert_int_equal(count_of(text, "\nmxprobe_success{"), 4);
}

static void the_same_labels_are_told_once(void **state)
{
	struct result_row rows[3];
	struct span text;

	(void)state;
	rows_of_demo(rows);
	rows[2] = rows[0];
	text = report_of("prometheus", "-", rows, 3);
	assert_int_equal(count_of(text, "\nmxprobe_success{"), 2);
	assert_has(text, "mxprobe_rows_repeated 1\n");
}

static const char *file_with(struct span text, char *name)
{
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
	close(fd);
	return name;
}

static void the_last_success_outlives_a_failure(void **state)
{
	char name[] = "/tmp/mxp-metrics-XXXXXX";
	struct result_row rows[2];
	const char *last = "family=\"ipv6\",path=\"office\"} 1795000385\n";
	struct span text;

	(void)state;
	rows_of_demo(rows);
	rows[1] = row_by_hand(sample_demo(arena), FAMILY_IPV6, CELL_PASS);
	file_with(report_of("prometheus", "-", rows, 2), name);
	rows_of_demo(rows);
	rows[1].began_ms += 3600 * 1000;
	text = report_of("prometheus", name, rows, 2);
	unlink(name);
	assert_has(text, "mxprobe_last_success_timestamp_seconds{");
	assert_has(text, last);
	assert_lacks(report_of("prometheus", "-", rows, 2), last);
}

static void a_strange_file_of_before_is_passed_over(void **state)
{
	static const char *const lines[] = { "", "\n\n", "}", "{} 1",
		"mxprobe_last_success_timestamp_seconds{} 12\n",
		"mxprobe_last_success_timestamp_seconds{a=\"b\" 12\n",
		"mxprobe_last_success_timestamp_seconds{a=\"b\"} x\n",
		"mxprobe_last_success_timestamp_seconds{a=\"b\"}\n",
		"mxprobe_last_success_timestamp_seconds{\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		char name[] = "/tmp/mxp-metrics-XXXXXX";
		struct result_row rows[2];

		rows_of_demo(rows);
		file_with(span_of(lines[i]), name);
		assert_has(report_of("prometheus", name, rows, 2),
			"mxprobe_success{");
		unlink(name);
	}
}

static void a_set_of_series_grows(void **state)
{
	struct series_set set = { .arena = arena };

	(void)state;
	for (int64_t i = 1; i <= 1000; i++)
		series_of(&set, arena_print(arena, "n=\"%d\"", (int)i))
			->last_success = i;
	assert_int_equal(set.count, 1000);
	for (int64_t i = 1; i <= 1000; i++)
		assert_int_equal(
			series_of(&set, arena_print(arena, "n=\"%d\"", (int)i))
				->last_success,
			i);
	assert_int_equal(set.count, 1000);
}

/* ---- a plugin */

static enum nagios_state plugin(const struct result_row *rows, size_t count,
	bool warns, struct span *line)
{
	struct nagios nagios;
	enum nagios_state state;
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);

	nagios_begin(&nagios, arena, warns);
	for (size_t i = 0; i < count; i++)
		nagios_row(&nagios, &rows[i]);
	state = nagios_end(&nagios, out);
	fclose(out);
	*line = arena_copy(arena, (struct span){ at, len });
	free(at);
	assert_int_equal(count_of(*line, "\n"), 1);
	assert_int_equal(count_of(*line, "|"), 1);
	return state;
}

static void a_plugin_tells_the_worst(void **state)
{
	struct result_row rows[CELL_VERDICTS + 1];
	struct span line;

	(void)state;
	assert_int_equal(
		plugin(rows, rows_of_all(rows), false, &line), NAGIOS_CRITICAL);
	assert_has(line, "MXPROBE CRITICAL: 1 of 5 fail: delivery, mx "
			 "gmail.com best, IPv4, office");
	assert_has(line, " 'fail'=1;;;0;7");
}

static void not_knowing_is_no_failure(void **state)
{
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_UNKNOWN);
	struct span line;

	(void)state;
	assert_int_equal(plugin(&row, 1, false, &line), NAGIOS_UNKNOWN);
	row = row_by_hand(NULL, FAMILY_IPV4, CELL_NA);
	assert_int_equal(plugin(&row, 1, false, &line), NAGIOS_UNKNOWN);
	assert_has(line, "nothing was walked");
	row = row_by_hand(NULL, FAMILY_IPV4, CELL_KNOWN);
	assert_int_equal(plugin(&row, 1, false, &line), NAGIOS_OK);
	assert_has(line, "1 known");
}

static void a_change_is_a_warning(void **state)
{
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_FAIL);
	struct span line;

	(void)state;
	row.kind = ROW_BASELINE;
	row.subject = SPAN("baseline nightly");
	assert_int_equal(plugin(&row, 1, false, &line), NAGIOS_WARNING);
}

static void a_plugin_names_the_cause_first(void **state)
{
	struct result_row rows[2];
	struct span line;

	(void)state;
	rows_of_demo(rows);
	plugin(rows, 2, false, &line);
	assert_has(line,
		"MXPROBE CRITICAL: 1 of 2 fail: delivery, mx "
		"gmail.com best, IPv6, office: google.not-authorized "
		"(policy on the IP range), confirmed: gmail.mxp:12:3: ");
}

static void a_walk_is_warned_of_too(void **state)
{
	struct sample *sample = sample_demo(arena);
	struct result_row row = row_by_hand(sample, FAMILY_IPV4, CELL_PASS);
	struct span line;

	(void)state;
	sample->judgement.families[FAMILY_IPV4] = VERDICT_WARN;
	assert_int_equal(plugin(&row, 1, false, &line), NAGIOS_OK);
	assert_int_equal(plugin(&row, 1, true, &line), NAGIOS_WARNING);
}

static void words_of_a_server_do_not_end_the_words(void **state)
{
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_FAIL);
	struct aim aim = { .kind = AIM_HOST, .name = SPAN("it's|a=b") };
	struct matrix_cell cell = cells_by_hand[0];
	struct span line;

	(void)state;
	cell.aim = &aim;
	row.cell = &cell;
	row.outcome = &sample_demo(arena)->outcome;
	row.took_ns = 1500000;
	row_misses(&row, SPAN("550 a|b\n'x'=1"));
	plugin(&row, 1, false, &line);
	assert_has(line, "found 550 a/b\\x0a'x'=1");
	assert_has(line, " 'delivery, host it''s_a_b, IPv4, "
			 "office'=0.001500s;;;0;");
}

/* ---- all of them */

static void a_line_of_json_has_all_facts(void **state)
{
	struct span text = demo("jsonl"), line = span_cut(&text, '\n');
	json_t *json = json_loadb(line.at, line.len, 0, NULL);

	(void)state;
	assert_non_null(json);
	assert_string_equal(
		json_string_value(json_object_get(json, "verdict")), "pass");
	assert_string_equal(json_string_value(json_object_get(json, "key")),
		"gmail/cell/delivery, mx gmail.com best, IPv4, office");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json, "facts"), "type")),
		"target");
	json_decref(json);
	assert_int_equal(count_of(text, "\n"), 1);
}

static void a_line_of_json_names_the_cause(void **state)
{
	struct result_row rows[2];
	struct span text;

	(void)state;
	rows_of_demo(rows);
	text = report_of("jsonl", "-", &rows[1], 1);
	assert_has(text, "\"cause\":{\"id\":\"google.not-authorized\","
			 "\"title\":\"policy on the IP range\","
			 "\"confidence\":\"confirmed\",\"remedy\":\"ask the ");
	text = report_of("jsonl", "-", &rows[0], 1);
	assert_lacks(text, "\"cause\"");
}

static void no_report_tells_a_secret(void **state)
{
	struct result_row rows[2];

	(void)state;
	rows_of_demo(rows);
	rows[0].variables = rows[1].variables = &secrets_by_hand;
	row_misses(&rows[1], SPAN("550 me@gmail.com is not here"));
	for (const struct row_format *format = row_formats; format->word;
		format++) {
		struct span text = report_of(format->word, "-", rows, 2);

		assert_lacks(text, "me@gmail.com");
		if (strcmp(format->word, "prometheus") != 0)
			assert_has(text, "***");
	}
}

static void assert_tame(const char *word, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c < 0x20 && c != '\n' && c != '\t')
			fail_msg("%s has \\x%02x at %zu", word, c, i);
	}
	assert_lacks(text, "\xe2\x80\xae");
	assert_lacks(text, "\xc2\x9b");
}

static void hostile_bytes_stay_text_in_all_of_them(void **state)
{
	struct sample *sample;

	(void)state;
	for (size_t i = 0; (sample = sample_numbered(i)); i++) {
		const char *name = arena_print(arena, "sample-%zu", i).at;
		struct result_row rows[2] = { row_by_hand(sample, FAMILY_IPV4,
						      CELL_FAIL),
			row_by_hand(sample, FAMILY_IPV6, CELL_FAIL) };

		row_misses(&rows[0], SPAN(HOSTILE));
		for (const struct row_format *format = row_formats;
			format->word; format++) {
			struct span text = report_of(
				format->word, "-", rows, 2);

			keep(name, format->word, text);
			assert_tame(format->word, text);
		}
	}
}

/* ---- an isolation */

static struct span isolated(const char *word)
{
	struct result_row rows[2];
	struct span text;

	rows_of_demo(rows);
	rows[1].isolation = isolation_by_hand(arena);
	rows[0].variables = rows[1].variables = &secrets_by_hand;
	text = report_of(word, "-", rows, 2);
	keep("isolation", word, text);
	return text;
}

static void what_made_the_difference_is_told_with_the_failure(void **state)
{
	struct span text = isolated("junit");

	(void)state;
	assert_has(text, "isolation: failed: IPv6 from 2001:db8:25::25 to "
			 "gmail-smtp-in.l.google.com [2001:db8:5::1a], ");
	assert_has(
		text, "1. changed: family IPv4 (walked before): goes well\n");
	assert_has(text, "2. changed: EHLO name other.example.org: "
			 "fails in the same way\n");
	assert_has(text, "3. changed: sender &lt;&gt;: is not decided: 451 ");
	assert_has(text, "  2 of at most 4 more connections\n");
	assert_has(text, "  conclusion: " ISOLATION_GIST);
	assert_lacks(text, "<script>");
	text = isolated("tap");
	assert_has(text, "  isolation:\n    result: \"single\"\n"
			 "    conclusion: \"" ISOLATION_GIST);
	assert_has(text, "    account:\n      - line: \"failed: IPv6 from ");
	assert_has(text,
		"      - line: \"2 of at most 4 more connections\"\n  ...");
	assert_has(isolated("jsonl"), "\"isolation\":{\"failing\":");
}

static void a_plugin_tells_what_made_the_difference(void **state)
{
	struct result_row rows[2];
	struct span line;

	(void)state;
	rows_of_demo(rows);
	rows[1].isolation = isolation_by_hand(arena);
	assert_int_equal(plugin(rows, 2, false, &line), NAGIOS_CRITICAL);
	assert_has(line, "; isolation: " ISOLATION_GIST);
	assert_lacks(line, "Makes no difference");
}

static void a_secret_is_not_cut_in_an_isolation(void **state)
{
	(void)state;
	for (const struct row_format *format = row_formats; format->word;
		format++) {
		struct span text = isolated(format->word);

		assert_tame(format->word, text);
		assert_lacks(text, "me@g");
	}
}

static void a_run_of_nothing_is_a_report_too(void **state)
{
	(void)state;
	assert_has(report_of("junit", "-", NULL, 0), "</testsuites>");
	assert_has(report_of("tap", "-", NULL, 0), "1..0 # SKIP");
	assert_has(report_of("prometheus", "-", NULL, 0), "mxprobe_rows{");
	assert_has(report_of("html", "-", NULL, 0), "Nothing was walked");
	assert_int_equal(report_of("jsonl", "-", NULL, 0).len, 0);
}

/* ---- files */

static struct span text_of(const char *name)
{
	struct span text = SPAN(""), why;

	if (!file_read(arena, name, 1 << 20, &text, &why))
		return SPAN("(none)");
	return text;
}

static void a_file_is_renamed_when_it_is_whole(void **state)
{
	char name[] = "/tmp/mxp-report-XXXXXX";
	struct row_reports *reports = row_reports_open(arena, &run_by_hand);
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_PASS);
	struct span why;

	(void)state;
	file_with(SPAN("before"), name);
	assert_true(row_reports_add(
		reports, row_format_of(SPAN("tap")), name, &why));
	row_reports_row(reports, &row);
	assert_true(span_is(text_of(name), SPAN("before")));
	assert_true(row_reports_end(reports, 0, &why));
	assert_has(text_of(name), "\nok 1 - ");
	unlink(name);
}

static void what_was_given_up_leaves_nothing(void **state)
{
	char name[] = "/tmp/mxp-report-XXXXXX";
	struct row_reports *reports = row_reports_open(arena, &run_by_hand);
	struct span why;

	(void)state;
	file_with(SPAN("before"), name);
	for (const struct row_format *format = row_formats; format->word;
		format++)
		assert_true(row_reports_add(reports, format, name, &why));
	row_reports_give_up(reports);
	assert_true(span_is(text_of(name), SPAN("before")));
	assert_int_not_equal(
		access(arena_print(arena, "%s.%ld.part", name, (long)getpid())
				.at,
			F_OK),
		0);
	unlink(name);
}

static void a_file_that_cannot_be_written_is_told_at_once(void **state)
{
	struct row_reports *reports = row_reports_open(arena, &run_by_hand);
	struct span why = SPAN("");

	(void)state;
	assert_false(row_reports_add(reports, row_format_of(SPAN("html")),
		"/nonexistent/\x1b.html", &why));
	assert_has(why, "/nonexistent/\\x1b.html: No such file");
	assert_true(row_reports_end(reports, 0, &why));
}

static void what_is_not_whole_is_not_renamed(void **state)
{
	char name[] = "/tmp/mxp-report-XXXXXX";
	struct row_reports *reports = row_reports_open(arena, &run_by_hand);
	struct rlimit before, little;
	struct span why = SPAN("");

	(void)state;
	file_with(SPAN("before"), name);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(row_reports_add(
		reports, row_format_of(SPAN("tap")), name, &why));
	little = before;
	little.rlim_cur = 0;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &little);
	assert_false(row_reports_end(reports, 0, &why));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_has(why, "File too large");
	assert_true(span_is(text_of(name), SPAN("before")));
	unlink(name);
}

static void a_full_disk_is_told_at_the_end(void **state)
{
	struct row_reports *reports = row_reports_open(arena, &run_by_hand);
	struct result_row row = row_by_hand(NULL, FAMILY_IPV4, CELL_PASS);
	struct span why = SPAN("");

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_true(row_reports_add(
		reports, row_format_of(SPAN("junit")), "/dev/full", &why));
	row_reports_row(reports, &row);
	assert_false(row_reports_end(reports, 0, &why));
	assert_has(why, "/dev/full: No space left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(junit_counts_before_it_tells),
		cmocka_unit_test(junit_says_what_was_wanted_and_found),
		cmocka_unit_test(a_failure_has_its_cause_and_what_mends_it),
		cmocka_unit_test(a_domain_that_was_not_found_has_its_fault),
		cmocka_unit_test(what_nothing_stopped_has_no_cause),
		cmocka_unit_test(each_scenario_has_a_suite_of_its_own),
		cmocka_unit_test(tap_knows_todo_and_skip),
		cmocka_unit_test(a_hash_in_a_name_is_no_directive),
		cmocka_unit_test(metrics_stand_together),
		cmocka_unit_test(every_verdict_has_a_sample),
		cmocka_unit_test(the_same_labels_are_told_once),
		cmocka_unit_test(the_last_success_outlives_a_failure),
		cmocka_unit_test(a_strange_file_of_before_is_passed_over),
		cmocka_unit_test(a_set_of_series_grows),
		cmocka_unit_test(a_plugin_tells_the_worst),
		cmocka_unit_test(not_knowing_is_no_failure),
		cmocka_unit_test(a_change_is_a_warning),
		cmocka_unit_test(a_plugin_names_the_cause_first),
		cmocka_unit_test(a_walk_is_warned_of_too),
		cmocka_unit_test(words_of_a_server_do_not_end_the_words),
		cmocka_unit_test(a_line_of_json_has_all_facts),
		cmocka_unit_test(a_line_of_json_names_the_cause),
		cmocka_unit_test(no_report_tells_a_secret),
		cmocka_unit_test(hostile_bytes_stay_text_in_all_of_them),
		cmocka_unit_test(
			what_made_the_difference_is_told_with_the_failure),
		cmocka_unit_test(a_plugin_tells_what_made_the_difference),
		cmocka_unit_test(a_secret_is_not_cut_in_an_isolation),
		cmocka_unit_test(a_run_of_nothing_is_a_report_too),
		cmocka_unit_test(a_file_is_renamed_when_it_is_whole),
		cmocka_unit_test(what_was_given_up_leaves_nothing),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told_at_once),
		cmocka_unit_test(what_is_not_whole_is_not_renamed),
		cmocka_unit_test(a_full_disk_is_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
