#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/session_voice.h"
#include "pcap/sessions.h"
#include "probe/judge/host_voices.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static const struct host_voice sound[FAMILY_COUNT] = {
	[FAMILY_IPV4] = { .host = BYTES("mx.hole.example"),
		.family = FAMILY_IPV4,
		.name = BYTES("mx.hole.example"),
		.has_ehlo = true,
		.offers_tls = true,
		.hops = 62,
		.frame = 40 },
	[FAMILY_IPV6] = { .host = BYTES("mx.hole.example"),
		.family = FAMILY_IPV6,
		.name = BYTES("in2.hole.example"),
		.has_ehlo = true,
		.offers_tls = true,
		.hops = 60,
		.frame = 9 },
};

static struct host_voice called(enum family family, struct span name)
{
	struct host_voice voice = sound[family];

	voice.name = name;
	return voice;
}

struct found {
	struct host_voices voices;
	struct delivery_findings findings;
};

static struct found *judge_all(const struct host_voice *list, size_t count)
{
	struct found *found = arena_new(arena, struct found);

	host_voices_open(&found->voices, arena);
	for (size_t i = 0; i < count; i++)
		host_voices_add(&found->voices, &list[i]);
	host_voices_find(arena, &found->voices, &found->findings);
	return found;
}

static bool says(const struct finding *finding, const char *words)
{
	for (size_t i = 0; i < finding->for_count; i++)
		if (span_find_nocase(finding->for_it[i].text, span_of(words)) <
			finding->for_it[i].text.len)
			return true;
	return false;
}

static void another_name_over_one_family_is_suspected(void **state)
{
	const struct host_voice list[] = { sound[FAMILY_IPV4],
		called(FAMILY_IPV6, SPAN("gate.provider.example")) };
	const struct found *found = judge_all(list, 2);
	const struct finding *finding;

	(void)state;
	assert_int_equal(found->findings.count, 1);
	finding = &found->findings.at[0].finding;
	assert_span(finding->id, "path.intercepted");
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_true(says(finding, "frame 9: over IPv6 it calls itself "
				  "gate.provider.example"));
	assert_true(says(finding, "frame 40: over IPv4 it calls itself "
				  "mx.hole.example"));
	assert_int_equal(finding->against_count, 1);
}

static void a_second_sign_makes_it_likely(void **state)
{
	struct host_voice list[] = { sound[FAMILY_IPV4],
		called(FAMILY_IPV6, SPAN("gate.provider.example")),
		called(FAMILY_IPV4, SPAN("mx.other.test")),
		called(FAMILY_IPV6, SPAN("gate.provider.example")) };
	const struct found *found;

	(void)state;
	list[1].offers_tls = false;
	found = judge_all(list, 2);
	assert_int_equal(found->findings.at[0].finding.confidence, LIKELY);
	assert_true(says(&found->findings.at[0].finding, "no STARTTLS"));
	list[1].offers_tls = true;
	list[1].hops = 255;
	found = judge_all(list, 2);
	assert_int_equal(found->findings.at[0].finding.confidence, LIKELY);
	assert_true(says(&found->findings.at[0].finding,
		"over IPv6 its packets passed 0 routers, over IPv4 2"));
	list[1].hops = 63; /* nearer, but no more than that */
	found = judge_all(list, 2);
	assert_int_equal(found->findings.at[0].finding.confidence, SUSPECTED);
	list[2].host = list[3].host = SPAN("mx.other.test");
	found = judge_all(list, 4);
	assert_int_equal(found->findings.count, 2);
	assert_int_equal(found->findings.at[0].finding.confidence, LIKELY);
	assert_true(says(&found->findings.at[0].finding,
		"in the place of mx.other.test too"));
}

static void each_sign_has_its_clause(void **state)
{
	static const char *const clauses[] = { "certificate", "no STARTTLS",
		"TLSA", "0 routers", "mx.other.test" };
	struct host_voice odd = sound[FAMILY_IPV6], own = sound[FAMILY_IPV4];
	struct host_voice stranger = called(
		FAMILY_IPV6, SPAN("gate.provider.example"));
	struct host_voice other = called(FAMILY_IPV4, SPAN("mx.other.test"));
	struct host_voices *voices = arena_new(arena, struct host_voices);
	struct voice_signs signs = { .count = 0 };

	(void)state;
	odd.name = stranger.name;
	odd.certificate = odd.tlsa = VOICE_CONTRADICTS;
	odd.offers_tls = false;
	odd.hops = 64;
	own.certificate = own.tlsa = VOICE_FITS;
	stranger.host = other.host = SPAN("mx.other.test");
	host_voices_open(voices, arena);
	host_voices_add(voices, &stranger);
	host_voices_add(voices, &other);
	host_voices_weigh(arena, voices, &odd, &own, &signs);
	assert_true(signs.is_likely);
	assert_int_equal(signs.count, VOICE_SIGNS_MAX);
	for (size_t i = 0; i < signs.count; i++)
		assert_true(span_find_nocase(signs.at[i], span_of(clauses[i])) <
			    signs.at[i].len);
	signs = (struct voice_signs){ .count = 0 };
	odd = own = sound[FAMILY_IPV4];
	host_voices_weigh(arena, voices, &odd, &own, &signs);
	assert_int_equal(signs.count, 0);
	assert_false(signs.is_likely);
}

static void what_is_no_interception(void **state)
{
	const struct host_voice hosted[] = { called(FAMILY_IPV4,
						     SPAN("in.hoster.example")),
		called(FAMILY_IPV6, SPAN("in.hoster.example")) };
	const struct host_voice alone = called(
		FAMILY_IPV6, SPAN("gate.provider.example"));
	const struct host_voice nameless[] = { sound[FAMILY_IPV4],
		called(FAMILY_IPV6, SPAN("ready")) };
	/* One of its servers has the name of a hoster, the other its own. */
	const struct host_voice mixed[] = { sound[FAMILY_IPV4],
		called(FAMILY_IPV6, SPAN("in.hoster.example")),
		sound[FAMILY_IPV6] };

	(void)state;
	assert_int_equal(judge_all(sound, 2)->findings.count, 0);
	assert_int_equal(judge_all(hosted, 2)->findings.count, 0);
	assert_int_equal(judge_all(&alone, 1)->findings.count, 0);
	assert_int_equal(judge_all(nameless, 2)->findings.count, 0);
	assert_int_equal(judge_all(mixed, 3)->findings.count, 0);
}

static void the_hosts_are_bounded(void **state)
{
	struct host_voices *voices = arena_new(arena, struct host_voices);
	struct host_voice voice = sound[FAMILY_IPV4];

	(void)state;
	host_voices_open(voices, arena);
	for (int i = 0; i < HOST_VOICES_MAX + 100; i++) {
		voice.host = arena_print(arena, "mx%d.example", i);
		host_voices_add(voices, &voice);
		voice.host = arena_print(arena, "MX%d.example", i);
		host_voices_add(voices, &voice);
	}
	assert_int_equal(voices->count, HOST_VOICES_MAX);
}

/* ---- from packets */

static void talk(struct made_file *file, bool is_v6, const char *banner)
{
	struct made_wire wire = made_wire_new(is_v6);

	made_open(file, &wire);
	made_say(file, &wire, SIDE_SERVER, banner);
	made_say(file, &wire, SIDE_CLIENT, "EHLO out.example\r\n");
	made_say(file, &wire, SIDE_SERVER,
		is_v6 ? "250 hello\r\n"
		      : "250-mx.hole.example\r\n250 STARTTLS\r\n");
	made_say(file, &wire, SIDE_CLIENT, "QUIT\r\n");
	made_close(file, &wire);
}

static void packets_tell_who_speaks(void **state)
{
	struct sessions *sessions = sessions_open(NULL);
	const struct session_record *record;
	struct host_voice voices[FAMILY_COUNT];
	struct made_file file;
	struct span input;
	const struct found *found;

	(void)state;
	made_begin(&file, MADE_RAW);
	talk(&file, true, "220 gate.provider.example ESMTP\r\n");
	talk(&file, false, "220 mx.hole.example ESMTP\r\n");
	input = made_span(&file);
	while (sessions_read(sessions, &input) != CAPTURE_MORE)
		while ((record = sessions_next(sessions))) {
			struct host_voice voice;
			struct session_record named = *record;

			assert_false(session_voice(record, &voice));
			named.server_name = SPAN("mx.hole.example");
			assert_true(session_voice(&named, &voice));
			voice.name = arena_copy(arena, voice.name);
			voices[voice.family] = voice;
		}
	found = judge_all(voices, FAMILY_COUNT);
	assert_int_equal(found->findings.count, 1);
	assert_int_equal(found->findings.at[0].finding.confidence, LIKELY);
	assert_true(says(&found->findings.at[0].finding,
		"frame 4: over IPv6 it calls itself gate.provider.example"));
	sessions_close(sessions);
	made_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_name_over_one_family_is_suspected),
		cmocka_unit_test(a_second_sign_makes_it_likely),
		cmocka_unit_test(each_sign_has_its_clause),
		cmocka_unit_test(what_is_no_interception),
		cmocka_unit_test(the_hosts_are_bounded),
		cmocka_unit_test(packets_tell_who_speaks),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
