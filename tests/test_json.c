#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "probe/base/escape.h"
#include "reports/json.h"
#include "reports/json_writer.h"

#include "tests/outcomes.c"
#include "tests/own_arena.h"

/* ---- to write, and to read again */

static struct span target_line(const struct sample *sample)
{
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	struct span line;

	json_target_line(out, &sample->outcome, &sample->judgement);
	fclose(out);
	line = arena_copy(arena, (struct span){ at, len });
	free(at);
	return line;
}

static struct span visit_line(const struct visit_judgement *judged)
{
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	struct span line;

	json_visit_line(out, judged);
	fclose(out);
	line = arena_copy(arena, (struct span){ at, len });
	free(at);
	return line;
}

static json_t *read_json(struct span text)
{
	json_error_t error;
	json_t *json = json_loadb(text.at, text.len,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (!json)
		print_message("# %d:%d: %s\n", error.line, error.column,
			error.text);
	assert_non_null(json);
	return json;
}

/* "visits.1.fault.reply": members by name, elements by number. */
static const json_t *at(const json_t *json, const char *path)
{
	struct span rest = span_of(path);

	while (rest.len) {
		struct span step = span_cut(&rest, '.');
		unsigned long number;

		if (json_is_array(json) &&
			span_number(step, 1000, &number))
			json = json_array_get(json, number);
		else
			json = json_object_get(json,
				arena_copy(arena, step).at);
		if (!json)
			fail_msg("no %.*s in %s", SPAN_ARG(step), path);
	}
	return json;
}

static void assert_text(const json_t *json, const char *path,
	const char *wanted)
{
	const json_t *found = at(json, path);

	assert_true(json_is_string(found));
	assert_string_equal(json_string_value(found), wanted);
}

static void assert_number(const json_t *json, const char *path, long wanted)
{
	const json_t *found = at(json, path);

	assert_true(json_is_integer(found));
	assert_int_equal(json_integer_value(found), wanted);
}

static void assert_nothing(const json_t *json, const char *path)
{
	assert_true(json_is_null(at(json, path)));
}

/* ---- the writer */

static void strings_survive_whatever_is_in_them(void **state)
{
	const struct {
		struct span text;
		const char *written;
		bool is_exact;
	} cases[] = {
		{ SPAN(""), "\"\"", true },
		{ SPAN("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"", true },
		{ SPAN("\r\n\t\0\x1b\x7f"),
			"\"\\r\\n\\t\\u0000\\u001b\\u007f\"", true },
		{ SPAN("b\xc3\xbc"), "\"b\xc3\xbc\"", true },
		{ SPAN("\xc2\x9b" "31m"), "\"\\u009b31m\"", true },
		{ SPAN("\xe2\x80\xae" "a"), "\"\\u202ea\"", true },
		{ SPAN("\xf0\x9f\x93\xa7"), "\"\xf0\x9f\x93\xa7\"", true },
		{ SPAN("\xff" "a"), "\"\xef\xbf\xbd" "a\"", false },
		{ SPAN("a\xc3"), "\"a\xef\xbf\xbd\"", false },
		{ SPAN("\xed\xa0\x80"),
			"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_writer writer;
		char *bytes = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&bytes, &len);

		writer_open(&writer, out, false, 0);
		assert_int_equal(writer_string(&writer, cases[i].text),
			cases[i].is_exact);
		writer_close(&writer);
		fclose(out);
		assert_string_equal(bytes, cases[i].written);
		free(bytes);
	}
}

/* Pseudo-random, the same each time; rich in lead and continuation bytes. */
static size_t some_bytes(uint32_t *seed, char room[static 16])
{
	static const unsigned char rich[] = { 0, '"', '\\', 0x1b, 0x7f, 0x80,
		0xbf, 0xc2, 0xe2, 0xed, 0xf0, 0xf4, 0x9b, 0xa0, 'a', 0xff };
	size_t len;

	*seed = *seed * 1664525u + 1013904223u;
	len = *seed >> 28;
	for (size_t i = 0; i < len; i++) {
		*seed = *seed * 1664525u + 1013904223u;
		room[i] = (char)rich[*seed >> 28];
	}
	return len;
}

static void any_bytes_are_read_back_as_escaped(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct arena *once = arena_open();
		struct json_writer writer;
		char room[16], *bytes = NULL;
		struct span text = { room, some_bytes(&seed, room) }, wanted;
		bool is_exact, was_exact;
		size_t len = 0;
		FILE *out = open_memstream(&bytes, &len);
		json_t *json;

		writer_open(&writer, out, false, 0);
		writer_begin_array(&writer);
		was_exact = writer_string(&writer, text);
		writer_end_array(&writer);
		writer_close(&writer);
		fclose(out);
		wanted = escape_utf8(once, text, &is_exact);
		json = read_json((struct span){ bytes, len });
		assert_int_equal(was_exact, is_exact);
		assert_int_equal(json_string_length(at(json, "0")),
			wanted.len);
		assert_memory_equal(json_string_value(at(json, "0")),
			wanted.at, wanted.len);
		json_decref(json);
		free(bytes);
		arena_close(once);
	}
}

static void assert_written(struct span text, struct span wanted)
{
	struct json_writer writer;
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	writer_open(&writer, out, false, 0);
	writer_string(&writer, text);
	writer_close(&writer);
	fclose(out);
	assert_int_equal(len, wanted.len);
	assert_memory_equal(bytes, wanted.at, len);
	free(bytes);
}

/* The writer looks at eight of them at a time. */
static void an_octet_is_written_alike_wherever_it_stands(void **state)
{
	enum { LEN = 19 };

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		char alone[LEN + 16], text[LEN], wanted[LEN + 16];
		struct json_writer writer;
		struct span one = { (char[]){ (char)octet }, 1 };
		FILE *out = fmemopen(alone, sizeof(alone), "w");
		size_t len;

		writer_open(&writer, out, false, 0);
		writer_string(&writer, one);
		writer_close(&writer);
		len = (size_t)ftell(out) - 2;
		fclose(out);
		for (size_t at = 0; at < LEN; at++) {
			memset(text, 'x', LEN);
			memset(wanted, 'x', sizeof(wanted));
			text[at] = (char)octet;
			wanted[0] = wanted[LEN + len] = '"';
			memcpy(wanted + 1 + at, alone + 1, len);
			assert_written((struct span){ text, LEN },
				(struct span){ wanted, LEN + len + 1 });
		}
	}
}

/* Around the writer's room, where it is handed on. */
static void a_long_text_is_written_whole(void **state)
{
	static char text[2 * JSON_ROOM], wanted[2 * JSON_ROOM + 2];

	(void)state;
	memset(text, 'y', sizeof(text));
	for (size_t len = JSON_ROOM - 9; len < JSON_ROOM + 9; len++) {
		memset(wanted, 'y', sizeof(wanted));
		wanted[0] = wanted[len + 1] = '"';
		assert_written((struct span){ text, len },
			(struct span){ wanted, len + 2 });
	}
}

static void numbers_are_exact(void **state)
{
	struct json_writer writer;
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	(void)state;
	writer_open(&writer, out, false, 0);
	writer_begin_array(&writer);
	writer_count(&writer, 0);
	writer_count(&writer, UINT64_MAX);
	writer_whole(&writer, INT64_MIN);
	writer_whole(&writer, 9007199254740993);
	writer_end_array(&writer);
	writer_close(&writer);
	fclose(out);
	assert_string_equal(bytes, "[0,18446744073709551615,"
		"-9223372036854775808,9007199254740993]");
	free(bytes);
}

static void a_value_larger_than_the_room_is_whole(void **state)
{
	struct json_writer writer;
	size_t len = 3 * JSON_ROOM, written = 0;
	char *large = arena_take(arena, len), *bytes = NULL;
	FILE *out = open_memstream(&bytes, &written);
	json_t *json;

	(void)state;
	memset(large, 'x', len);
	large[JSON_ROOM] = '"';
	writer_open(&writer, out, true, 0);
	writer_begin_array(&writer);
	writer_string(&writer, (struct span){ large, len });
	writer_hex(&writer, (struct span){ large, len });
	writer_end_array(&writer);
	writer_close(&writer);
	fclose(out);
	json = read_json((struct span){ bytes, written });
	assert_int_equal(json_string_length(at(json, "0")), len);
	assert_memory_equal(json_string_value(at(json, "0")), large, len);
	assert_int_equal(json_string_length(at(json, "1")), 2 * len);
	json_decref(json);
	free(bytes);
}

/* ---- the target */

static void a_target_tells_all(void **state)
{
	json_t *json = read_json(target_line(sample_demo(arena)));

	(void)state;
	assert_text(json, "type", "target");
	assert_text(json, "target", "gmail.com");
	assert_text(json, "verdict", "fail");
	assert_text(json, "families.ipv4.verdict", "pass");
	assert_text(json, "families.ipv6.verdict", "fail");
	assert_text(json, "comparison.result", "family-specific");
	assert_text(json, "comparison.parted", "dot");
	assert_text(json, "comparison.worse", "ipv6");
	assert_text(json, "goal", "dot");
	assert_true(json_is_true(at(json, "policy_stage_reached")));
	assert_nothing(json, "fault");
	assert_text(json, "dns.mx", "found");
	assert_number(json, "dns.exchangers.1.preference", 20);
	assert_nothing(json, "dns.exchangers.0.canonical");
	assert_text(json, "dns.answers.0.values.0",
		"10 mx.gmail-like.example");
	assert_text(json, "dns.answers.1.status", "servfail");
	assert_text(json, "dns.answers.1.why", "signature expired");
	assert_nothing(json, "paths.0.left_out");
	assert_text(json, "paths.2.left_out", "not the best MX (--mx all)");
	assert_text(json, "findings.0.id", "google.not-authorized");
	assert_text(json, "findings.0.family", "ipv6");
	assert_text(json, "findings.0.for.1",
		"the reply names our own address");
	assert_nothing(json, "findings.1.family");
	assert_int_equal(json_array_size(at(json, "findings")), 2);
	json_decref(json);
}

static void a_visit_tells_its_walk(void **state)
{
	struct sample *sample = sample_demo(arena);
	json_t *json = read_json(visit_line(&sample->judged[1]));

	(void)state;
	assert_text(json, "type", "visit");
	assert_text(json, "state", "walked");
	assert_text(json, "family", "ipv6");
	assert_text(json, "address", "2001:db8:100::25");
	assert_text(json, "started", "2026-11-18T11:13:05.123Z");
	assert_number(json, "duration_us", 191080);
	assert_text(json, "source.address", "2001:db8:25::25");
	assert_text(json, "source.kind", "global");
	assert_text(json, "identity.fcrdns", "confirmed");
	assert_text(json, "identity.ptr", "mail6.example.org");
	assert_number(json, "stages.connect.us", 17000);
	assert_true(json_is_false(at(json, "stages.dot.ok")));
	assert_text(json, "last_stage", "dot");
	assert_text(json, "fault.failure", "smtp_5xx");
	assert_text(json, "fault.stage", "dot");
	assert_number(json, "fault.reply.code", 550);
	assert_text(json, "fault.reply.status", "5.7.1");
	assert_int_equal(json_array_size(at(json, "fault.reply.lines")), 4);
	assert_nothing(json, "fault.garbled");
	assert_text(json, "meaning.provider", "google");
	assert_text(json, "ehlo.keywords.0.word", "SIZE");
	assert_text(json, "ehlo.keywords.0.parameters", "157286400");
	assert_text(json, "tls.version", "TLSv1.3");
	assert_text(json, "tls.chain.0.not_after", "2026-12-20T14:13:20Z");
	assert_text(json, "tls.chain.0.names.1", "*.example");
	assert_number(json, "tcp.path_mtu", 1500);
	assert_nothing(json, "token");
	json_decref(json);
}

static void what_dane_finds_is_told_by_record(void **state)
{
	struct sample *sample = sample_hosts(arena);
	json_t *good = read_json(visit_line(&sample->judged[0]));
	json_t *bad = read_json(visit_line(&sample->judged[1]));
	json_t *none = read_json(visit_line(&sample->judged[2]));

	(void)state;
	assert_text(good, "dane.state", "binding");
	assert_text(good, "dane.verdict.result", "matches");
	assert_number(good, "dane.verdict.certificate", 0);
	assert_nothing(good, "dane.verdict.why");
	assert_text(good, "dane.verdict.records.0.record", "3 1 1 cd02");
	assert_text(good, "dane.verdict.records.0.use", "usable");
	assert_text(bad, "dane.verdict.result", "no-match");
	assert_number(bad, "dane.verdict.code", 65);
	assert_nothing(bad, "dane.verdict.certificate");
	assert_text(bad, "dane.verdict.publish", "3 1 1 cd02");
	assert_nothing(none, "dane");
	json_decref(good);
	json_decref(bad);
	json_decref(none);
}

static void the_transcript_is_in_order(void **state)
{
	struct sample *sample = sample_demo(arena);
	json_t *json = read_json(visit_line(&sample->judged[0]));
	const json_t *events = at(json, "transcript");
	const json_t *event;
	json_int_t before = 0;
	size_t i;

	(void)state;
	assert_text(events, "0.event", "connected");
	assert_text(events, "1.event", "heard");
	assert_number(events, "1.code", 220);
	assert_text(events, "2.text", "EHLO probe.example.org");
	assert_int_equal(json_array_size(events),
		sample->visits[0].transcript.count);
	for (i = 0; i < json_array_size(events); i++) {
		event = json_array_get(events, i);
		assert_true(json_integer_value(at(event, "us")) >= before);
		before = json_integer_value(at(event, "us"));
		if (json_object_get(event, "message_size"))
			assert_text(event, "stage", "dot");
	}
	json_decref(json);
}

static void a_family_without_a_route_is_not_applicable(void **state)
{
	json_t *json = read_json(target_line(sample_no_ipv6(arena)));

	(void)state;
	assert_text(json, "domain", "xn--bcher-kva.example");
	assert_text(json, "domain_shown", "b\xc3\xbc" "cher.example");
	assert_text(json, "families.ipv6.verdict", "n/a");
	assert_text(json, "families.ipv6.why", "no IPv6 route");
	assert_text(json, "visits.1.state", "n/a");
	assert_text(json, "visits.1.why_not", "no IPv6 route");
	assert_nothing(json, "visits.1.started");
	assert_nothing(json, "visits.1.source");
	assert_int_equal(json_object_size(at(json, "visits.1.stages")), 0);
	assert_nothing(json, "comparison.worse");
	assert_true(json_is_false(at(json, "policy_stage_reached")));
	json_decref(json);
}

static void only_the_families_asked_for_are_told(void **state)
{
	json_t *json = read_json(target_line(sample_only_ipv6(arena)));

	(void)state;
	assert_int_equal(json_object_size(at(json, "families")), 1);
	assert_text(json, "visits.0.fault.failure", "timeout");
	assert_nothing(json, "visits.0.fault.reply");
	assert_nothing(json, "visits.0.tls");
	assert_nothing(json, "visits.0.ehlo");
	json_decref(json);
}

static void a_fault_of_the_dns_stands_at_the_top(void **state)
{
	json_t *json = read_json(target_line(sample_no_dns(arena,
		FAILURE_DNS_SERVFAIL, VERDICT_UNKNOWN)));

	(void)state;
	assert_text(json, "fault.failure", "dns_servfail");
	assert_text(json, "fault.stage", "resolve");
	assert_int_equal(json_array_size(at(json, "visits")), 0);
	json_decref(json);
}

static void an_icmp_error_names_its_sender(void **state)
{
	json_t *json = read_json(target_line(sample_hosts(arena)));

	(void)state;
	assert_number(json, "visits.3.fault.icmp.code", 13);
	assert_text(json, "visits.3.fault.icmp.offender", "192.0.2.254");
	assert_text(json, "visits.5.state", "planned");
	json_decref(json);
}

static void bytes_that_are_not_utf8_are_kept_in_hex(void **state)
{
	struct sample *sample = sample_hostile(arena);
	struct span line = target_line(sample);
	json_t *json = read_json(line);
	const char *hex =
		json_string_value(at(json, "visits.0.fault.reply.hex"));

	(void)state;
	assert_int_equal(strlen(hex),
		2 * sample->visits[0].fault->reply->bytes.len);
	assert_memory_equal(hex, "3535342d352e372e31201b5b324a", 28);
	assert_memory_equal(json_string_value(at(json,
		"visits.1.fault.garbled")), "5353482d322e30", 14);
	for (size_t i = 0; i + 1 < line.len; i++)
		assert_true((unsigned char)line.at[i] >= ' ');
	assert_int_equal(span_find(line, '\x7f'), line.len);
	json_decref(json);
	json = read_json(target_line(sample_demo(arena)));
	assert_nothing(json, "visits.0.fault");
	assert_null(json_object_get(at(json, "visits.1.fault.reply"), "hex"));
	json_decref(json);
}

/* ---- the run */

static struct span run_document(size_t targets)
{
	struct json_run run;
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);
	struct span text;

	json_run_begin(&run, out, SPAN("2026-11-21"), 1795295585123);
	if (targets > 0) {
		struct sample *sample = sample_demo(arena);

		json_run_target(&run, &sample->outcome, &sample->judgement);
	}
	if (targets > 1) {
		struct sample *sample = sample_hostile(arena);

		json_run_target(&run, &sample->outcome, &sample->judgement);
	}
	json_run_end(&run, VERDICT_FAIL, 1);
	fclose(out);
	text = arena_copy(arena, (struct span){ bytes, len });
	free(bytes);
	return text;
}

static void a_run_is_one_document(void **state)
{
	(void)state;
	for (size_t targets = 0; targets <= 2; targets++) {
		json_t *json = read_json(run_document(targets));

		assert_text(json, "mxprobe.version", MXP_VERSION);
		assert_number(json, "mxprobe.schema", 1);
		assert_text(json, "started", "2026-11-21T21:13:05.123Z");
		assert_text(json, "codebook", "2026-11-21");
		assert_text(json, "verdict", "fail");
		assert_number(json, "exit_status", 1);
		assert_int_equal(json_array_size(at(json, "targets")),
			targets);
		json_decref(json);
	}
}

/* ---- the schema */

static json_t *read_schema(void)
{
	json_error_t error;
	json_t *schema = json_load_file("reports/mxprobe.schema.json",
		JSON_REJECT_DUPLICATES, &error);

	if (!schema)
		fail_msg("%d: %s", error.line, error.text);
	return schema;
}

static void assert_enum(const json_t *schema, const char *name,
	const char *const *words, size_t count)
{
	const json_t *list = at(schema,
		arena_print(arena, "$defs.%s.enum", name).at);

	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t j = 0; j < json_array_size(list); j++)
			found |= strcmp(words[i], json_string_value(
				json_array_get(list, j))) == 0;
		if (!found)
			fail_msg("%s lacks %s", name, words[i]);
	}
	assert_int_equal(json_array_size(list), count);
}

#define ASSERT_WORDS(schema, name, word, type, count)                          \
	do {                                                                   \
		const char *words[count];                                      \
		for (int i = 0; i < (int)(count); i++)                         \
			words[i] = word((type)i);                              \
		assert_enum(schema, name, words, count);                       \
	} while (0)

static void the_schema_knows_every_word_and_no_other(void **state)
{
	static const enum rr_type types[] = { RR_A, RR_CNAME, RR_SOA, RR_PTR,
		RR_MX, RR_TXT, RR_AAAA, RR_TLSA, RR_POLICY };
	const char *type_words[COUNT_OF(types)];
	json_t *schema = read_schema();

	(void)state;
	ASSERT_WORDS(schema, "verdict", verdict_word, enum verdict,
		VERDICT_NA + 1);
	ASSERT_WORDS(schema, "stage", stage_word, enum stage, STAGE_COUNT);
	ASSERT_WORDS(schema, "failure", failure_word, enum failure,
		FAILURE_COUNT);
	ASSERT_WORDS(schema, "answer", answer_word, enum answer_kind,
		ANSWER_UNSAVED + 1);
	ASSERT_WORDS(schema, "comparison", comparison_word, enum comparison,
		COMPARE_INCONCLUSIVE + 1);
	ASSERT_WORDS(schema, "severity", severity_word, enum severity,
		SEVERITY_FAIL + 1);
	ASSERT_WORDS(schema, "blame", blame_word, enum blame,
		BLAME_THEIRS + 1);
	ASSERT_WORDS(schema, "confidence", confidence_word, enum confidence,
		SUSPECTED + 1);
	ASSERT_WORDS(schema, "state", visit_state_word, enum visit_state,
		VISIT_WALKED + 1);
	ASSERT_WORDS(schema, "event_kind", event_word, enum event_kind,
		EVENT_CLOSED + 1);
	ASSERT_WORDS(schema, "ip_kind", ip_kind_word, enum ip_kind,
		IP_RESERVED + 1);
	ASSERT_WORDS(schema, "fcrdns", fcrdns_word, enum fcrdns,
		FCRDNS_UNKNOWN + 1);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		type_words[i] = rr_type_word(types[i]);
	assert_enum(schema, "rr_type", type_words, COUNT_OF(types));
	json_decref(schema);
}

/* A new oddity, or a word that only the writer knows, shows here. */
static void the_schema_knows_every_oddity(void **state)
{
	struct sample *sample = sample_demo(arena);
	struct reply *reply = arena_new(arena, struct reply);
	struct fault *fault = arena_new(arena, struct fault);
	const char *words[8];
	json_t *schema = read_schema(), *json;
	const json_t *list;
	size_t count;

	(void)state;
	*reply = *sample->visits[1].fault->reply;
	reply->oddities = ~0u;
	*fault = *sample->visits[1].fault;
	fault->reply = reply;
	sample->visits[1].fault = fault;
	json = read_json(visit_line(&sample->judged[1]));
	list = at(json, "fault.reply.oddities");
	count = json_array_size(list);
	assert_int_equal(1u << (count - 1), REPLY_STATUS_VARIES);
	for (size_t i = 0; i < count; i++)
		words[i] = json_string_value(json_array_get(list, i));
	assert_enum(schema, "oddity", words, count);
	json_decref(json);
	json_decref(schema);
}

static void assert_closed(const json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_object_get(json, "properties") &&
		json_object_get(json, "type"))
		assert_true(json_is_false(
			json_object_get(json, "additionalProperties")));
	json_object_foreach((json_t *)(uintptr_t)json, key, value)
		assert_closed(value);
	json_array_foreach(json, i, value)
		assert_closed(value);
}

static void the_schema_admits_nothing_else(void **state)
{
	json_t *schema = read_schema();

	(void)state;
	assert_closed(json_object_get(schema, "$defs"));
	json_decref(schema);
}

/* ---- held against the schema by another program */

static int validate(struct span text)
{
	char path[] = "/tmp/mxprobe-json-XXXXXX";
	int fd = mkstemp(path), status;
	FILE *file = fdopen(fd, "wb");
	pid_t child;

	assert_non_null(file);
	fwrite(text.at, 1, text.len, file);
	fclose(file);
	child = fork();
	if (child == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execl("tests/golden/validate", "validate", path, NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	unlink(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct span join(struct span a, struct span b)
{
	return arena_print(arena, "%.*s%.*s", SPAN_ARG(a), SPAN_ARG(b));
}

static void all_of_it_fits_the_schema(void **state)
{
	struct sample *demo = sample_demo(arena);
	struct span lines = SPAN("");
	int status = validate(run_document(2));

	(void)state;
	if (status == 77 || status == 127)
		skip();
	assert_int_equal(status, 0);
	lines = join(lines, target_line(demo));
	lines = join(lines, target_line(sample_no_ipv6(arena)));
	lines = join(lines, target_line(sample_only_ipv6(arena)));
	lines = join(lines, target_line(sample_hosts(arena)));
	lines = join(lines, target_line(sample_put_off(arena)));
	lines = join(lines, target_line(sample_hostile(arena)));
	for (int i = 0; i < FAILURE_COUNT; i++)
		lines = join(lines, target_line(sample_no_dns(arena,
			(enum failure)i, VERDICT_UNKNOWN)));
	lines = join(lines, visit_line(&demo->judged[0]));
	lines = join(lines, visit_line(&demo->judged[1]));
	assert_int_equal(validate(lines), 0);
	assert_int_equal(validate(run_document(0)), 0);
	assert_int_equal(validate(SPAN("{\"type\":\"target\"}\n")), 1);
	assert_int_equal(validate(SPAN("{\"type\":\"visit\",\"type\":1}\n")),
		1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena,           \
	close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strings_survive_whatever_is_in_them),
		TEST(any_bytes_are_read_back_as_escaped),
		TEST(an_octet_is_written_alike_wherever_it_stands),
		TEST(a_long_text_is_written_whole),
		TEST(numbers_are_exact),
		TEST(a_value_larger_than_the_room_is_whole),
		TEST(a_target_tells_all),
		TEST(a_visit_tells_its_walk),
		TEST(what_dane_finds_is_told_by_record),
		TEST(the_transcript_is_in_order),
		TEST(a_family_without_a_route_is_not_applicable),
		TEST(only_the_families_asked_for_are_told),
		TEST(a_fault_of_the_dns_stands_at_the_top),
		TEST(an_icmp_error_names_its_sender),
		TEST(bytes_that_are_not_utf8_are_kept_in_hex),
		TEST(a_run_is_one_document),
		TEST(the_schema_knows_every_word_and_no_other),
		TEST(the_schema_knows_every_oddity),
		TEST(the_schema_admits_nothing_else),
		TEST(all_of_it_fits_the_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
