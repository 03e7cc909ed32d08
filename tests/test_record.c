#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/answer_section.h"
#include "probe/dns/name.h"
#include "probe/dns/query.h"
#include "probe/dns/record.h"

/*
 * Messages are spelled in pieces: flags and counts, the question, records.
 * The name asked for is mx.example, at 12; "example" is at 15.
 */
#define ID                 "\x12\x34"
#define OK                 ID "\x81\x80"
#define AD                 ID "\x81\xa0"
#define TC                 ID "\x83\x80"
#define COUNTS(an, ns, ar) "\0\1\0" an "\0" ns "\0" ar
#define MX_EXAMPLE         "\2mx\7example\0"
#define ASK(type)          MX_EXAMPLE "\0" type "\0\1"
#define TTL300             "\0\0\1\x2c"
#define TTL60              "\0\0\0\x3c"
#define RR(type, len)      "\xc0\x0c\0" type "\0\1" TTL300 "\0" len
#define SOA_RR                                                                 \
	"\xc0\x0f\0\6\0\1\0\0\2\0\0\x16\0\0"                                   \
	"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\x3c"
#define TYPE_A         "\1"
#define TYPE_CNAME     "\5"
#define TYPE_SOA       "\6"
#define TYPE_PTR       "\x0c"
#define TYPE_MX        "\x0f"
#define TYPE_TXT       "\x10"
#define TYPE_AAAA      "\x1c"
#define TYPE_DNAME     "\x27"
#define TYPE_TLSA      "\x34"
#define BYTES(literal) .bytes = { literal, sizeof(literal) - 1 }

/* clang-format off */
static const struct record_case {
	const char *name;
	struct span bytes;
	enum rr_type type;
	enum answer_kind kind;
	const char *values;             /* with a bar between them */
	const char *canonical;
	const char *why;
	uint32_t ttl;
	bool secure;
	bool is_truncated;
} cases[] = {
	{ "two addresses", BYTES(OK COUNTS("\2", "\0", "\0") ASK(TYPE_A)
		RR(TYPE_A, "\4") "\xc0\0\2\1" RR(TYPE_A, "\4") "\xc0\0\2\2"),
	  RR_A, ANSWER_DATA, "192.0.2.1|192.0.2.2", "", "", 300, 0, 0 },
	{ "an IPv6 address, vouched for", BYTES(AD COUNTS("\1", "\0", "\0")
		ASK(TYPE_AAAA) RR(TYPE_AAAA, "\x10")
		"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x25"),
	  RR_AAAA, ANSWER_DATA, "2001:db8::25", "", "", 300, 1, 0 },
	{ "mail exchangers, one name compressed", BYTES(OK
		COUNTS("\2", "\0", "\0") ASK(TYPE_MX)
		RR(TYPE_MX, "\6") "\0\x0a\1a\xc0\x0f"
		RR(TYPE_MX, "\4") "\1\0\xc0\x0c"),
	  RR_MX, ANSWER_DATA, "10 a.example|256 mx.example", "", "", 300,
	  0, 0 },
	{ "the null MX", BYTES(OK COUNTS("\1", "\0", "\0") ASK(TYPE_MX)
		RR(TYPE_MX, "\3") "\0\0\0"),
	  RR_MX, ANSWER_DATA, "0 .", "", "", 300, 0, 0 },
	{ "odd bytes in a name", BYTES(OK COUNTS("\1", "\0", "\0") ASK(TYPE_MX)
		RR(TYPE_MX, "\x0a") "\0\5\5A.\0\\\xff\xc0\x0f"),
	  RR_MX, ANSWER_DATA, "5 a\\046\\000\\092\\255.example", "", "", 300,
	  0, 0 },
	{ "a name of an address", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_PTR) RR(TYPE_PTR, "\6") "\3MAX\xc0\x0f"),
	  RR_PTR, ANSWER_DATA, "max.example", "", "", 300, 0, 0 },
	{ "text in two strings, and an empty one", BYTES(OK
		COUNTS("\2", "\0", "\0") ASK(TYPE_TXT)
		RR(TYPE_TXT, "\6") "\2v=\2s1" RR(TYPE_TXT, "\1") "\0"),
	  RR_TXT, ANSWER_DATA, "v=s1|", "", "", 300, 0, 0 },
	{ "TLSA", BYTES(OK COUNTS("\1", "\0", "\0") ASK(TYPE_TLSA)
		RR(TYPE_TLSA, "\5") "\3\1\1\xab\x0c"),
	  RR_TLSA, ANSWER_DATA, "3 1 1 ab0c", "", "", 300, 0, 0 },
	{ "SOA", BYTES(OK COUNTS("\1", "\0", "\0") ASK(TYPE_SOA)
		RR(TYPE_SOA, "\x19") "\1n\xc0\x0f\0\0\0\0\1\0\0\0\2\0\0\0\3"
		"\0\0\0\4\xff\xff\xff\xff"),
	  RR_SOA, ANSWER_DATA, "n.example . 1 2 3 4 4294967295", "", "", 300,
	  0, 0 },
	{ "a chain, the target compressed", BYTES(OK COUNTS("\2", "\0", "\0")
		ASK(TYPE_A) RR(TYPE_CNAME, "\4") "\1a\xc0\x0f"
		"\1A\xc0\x0f\0\1\0\1" TTL60 "\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "a.example", "", 60, 0, 0 },
	{ "a chain in the wrong order", BYTES(OK COUNTS("\2", "\0", "\0")
		ASK(TYPE_A) "\1a\xc0\x0f\0\1\0\1" TTL60 "\0\4\xc0\0\2\1"
		RR(TYPE_CNAME, "\4") "\1a\xc0\x0f"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "a.example", "", 60, 0, 0 },
	{ "a chain to nothing", BYTES(OK COUNTS("\1", "\1", "\0") ASK(TYPE_A)
		RR(TYPE_CNAME, "\4") "\1a\xc0\x0f" SOA_RR),
	  RR_A, ANSWER_NONE, "", "a.example", "", 60, 0, 0 },
	{ "a chain to no name", BYTES(ID "\x81\x83" COUNTS("\1", "\1", "\0")
		ASK(TYPE_A) RR(TYPE_CNAME, "\4") "\1a\xc0\x0f" SOA_RR),
	  RR_A, ANSWER_NO_NAME, "", "a.example", "", 60, 0, 0 },
	{ "a chain that bites its tail", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_A) RR(TYPE_CNAME, "\2") "\xc0\x0c"),
	  RR_A, ANSWER_MALFORMED, "", "",
	  "the CNAME chain is a loop or too long", 0, 0, 0 },
	{ "two ways on from a name, the first is taken", BYTES(OK
		COUNTS("\3", "\0", "\0") ASK(TYPE_A)
		RR(TYPE_CNAME, "\4") "\1a\xc0\x0f"
		RR(TYPE_CNAME, "\4") "\1b\xc0\x0f"
		"\1a\xc0\x0f\0\1\0\1" TTL60 "\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "a.example", "", 60, 0, 0 },
	{ "the CNAME itself was asked for", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_CNAME) RR(TYPE_CNAME, "\2") "\xc0\x0f"),
	  RR_CNAME, ANSWER_DATA, "example", "", "", 300, 0, 0 },
	{ "a DNAME without its CNAME", BYTES(OK COUNTS("\2", "\0", "\0")
		ASK(TYPE_A) "\xc0\x0f\0" TYPE_DNAME "\0\1" TTL60
		"\0\5\3net\0" "\2mx\3net\0\0\1\0\1" TTL300
		"\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "mx.net", "", 60, 0, 0 },
	{ "a DNAME is not spoilt by a broken CNAME behind it", BYTES(OK
		COUNTS("\3", "\0", "\0")
		ASK(TYPE_A) "\xc0\x0f\0" TYPE_DNAME "\0\1" TTL60
		"\0\5\3net\0" RR(TYPE_CNAME, "\5") "\2zz\0\0"
		"\2mx\3net\0\0\1\0\1" TTL300 "\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "mx.net",
	  "1 record is not well-formed (A asked)", 60, 0, 0 },
	{ "a record of another name", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_A) "\xc0\x0f\0\1\0\1" TTL60 "\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_NONE, "", "", "", 0, 0, 0 },
	{ "a record of another class", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_A) "\xc0\x0c\0\1\0\3" TTL60 "\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_NONE, "", "", "", 0, 0, 0 },
	{ "one bad record beside a good one", BYTES(OK
		COUNTS("\2", "\0", "\0") ASK(TYPE_A)
		RR(TYPE_A, "\3") "\xc0\0\2" RR(TYPE_A, "\4") "\xc0\0\2\2"),
	  RR_A, ANSWER_DATA, "192.0.2.2", "",
	  "1 record is not well-formed (A asked)", 300, 0, 0 },
	{ "only bad records", BYTES(OK COUNTS("\2", "\0", "\0") ASK(TYPE_TXT)
		RR(TYPE_TXT, "\2") "\2v" RR(TYPE_TXT, "\0")),
	  RR_TXT, ANSWER_MALFORMED, "", "",
	  "2 records are not well-formed (TXT asked)", 0, 0, 0 },
	{ "a pointer to itself", BYTES(OK COUNTS("\1", "\0", "\0") ASK(TYPE_MX)
		RR(TYPE_MX, "\4") "\0\5\xc0\x2a"),
	  RR_MX, ANSWER_MALFORMED, "", "",
	  "1 record is not well-formed (MX asked)", 0, 0, 0 },
	{ "an owner that is told later", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_CNAME) "\xc0\x28\0" TYPE_CNAME "\0\1" TTL60
		"\0\5\2mx\xc0\x0f"),
	  RR_CNAME, ANSWER_MALFORMED, "", "",
	  "the response ends inside a record", 0, 0, 0 },
	{ "a label of a type that was given up", BYTES(OK
		COUNTS("\1", "\0", "\0") ASK(TYPE_MX)
		RR(TYPE_MX, "\4") "\0\5\x41\0"),
	  RR_MX, ANSWER_MALFORMED, "", "",
	  "1 record is not well-formed (MX asked)", 0, 0, 0 },
	{ "bytes behind the name", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_MX) RR(TYPE_MX, "\4") "\0\5\0\0"),
	  RR_MX, ANSWER_MALFORMED, "", "",
	  "1 record is not well-formed (MX asked)", 0, 0, 0 },
	{ "fewer records than promised", BYTES(OK COUNTS("\2", "\0", "\0")
		ASK(TYPE_A) RR(TYPE_A, "\4") "\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "",
	  "the response ends inside a record", 300, 0, 0 },
	{ "a TTL below zero counts as none", BYTES(OK COUNTS("\1", "\0", "\0")
		ASK(TYPE_A) "\xc0\x0c\0\1\0\1\x80\0\0\0\0\4\xc0\0\2\1"),
	  RR_A, ANSWER_DATA, "192.0.2.1", "", "", 0, 0, 0 },
	{ "no name", BYTES(ID "\x81\xa3" COUNTS("\0", "\1", "\0") ASK(TYPE_A)
		SOA_RR), RR_A, ANSWER_NO_NAME, "", "", "", 60, 1, 0 },
	{ "no such record", BYTES(OK COUNTS("\0", "\0", "\0") ASK(TYPE_A)),
	  RR_A, ANSWER_NONE, "", "", "", 0, 0, 0 },
	{ "bogus, in words", BYTES(ID "\x81\x82" COUNTS("\0", "\0", "\1")
		ASK(TYPE_A) "\0\0\x29\4\xd0\0\0\0\0\0\x11\0\x0a\0\1z"
		"\0\x0f\0\x08\0\6sig\n\\x"),
	  RR_A, ANSWER_SERVFAIL, "", "",
	  "DNSSEC Bogus (6): sig\\x0a\\x5cx", 0, 0, 0 },
	{ "two extended errors, one unheard of", BYTES(ID "\x81\x82"
		COUNTS("\0", "\0", "\1") ASK(TYPE_A)
		"\0\0\x29\4\xd0\0\0\0\0\0\x0c\0\x0f\0\2\0\x16"
		"\0\x0f\0\2\x7f\xff"),
	  RR_A, ANSWER_SERVFAIL, "", "", "No Reachable Authority (22); "
	  "Extended DNS Error (32767)", 0, 0, 0 },
	{ "refused", BYTES(ID "\x81\x85" COUNTS("\0", "\0", "\0")
		ASK(TYPE_A)), RR_A, ANSWER_REFUSED, "", "", "", 0, 0, 0 },
	{ "not implemented", BYTES(ID "\x81\x84" COUNTS("\0", "\0", "\0")
		ASK(TYPE_A)), RR_A, ANSWER_MALFORMED, "", "",
	  "the server answered NOTIMP", 0, 0, 0 },
	{ "a code that needs the OPT record", BYTES(OK COUNTS("\0", "\0", "\1")
		ASK(TYPE_A) "\0\0\x29\4\xd0\1\0\0\0\0\0"), RR_A,
	  ANSWER_MALFORMED, "", "", "the server answered BADVERS", 0, 0, 0 },
	{ "a code nobody knows", BYTES(ID "\x81\x8f" COUNTS("\0", "\0", "\0")
		ASK(TYPE_A)), RR_A, ANSWER_MALFORMED, "", "",
	  "the server answered with code 15", 0, 0, 0 },
	{ "truncated to nothing", BYTES(TC COUNTS("\0", "\0", "\0")
		ASK(TYPE_A)), RR_A, ANSWER_MALFORMED, "", "",
	  "the response was truncated", 0, 0, 1 },
	{ "another name", BYTES(OK COUNTS("\0", "\0", "\0")
		"\2my\7example\0\0\1\0\1"), RR_A, ANSWER_MALFORMED, "", "",
	  "the response answers another question", 0, 0, 0 },
	{ "another type", BYTES(OK COUNTS("\0", "\0", "\0") ASK(TYPE_MX)),
	  RR_A, ANSWER_MALFORMED, "", "",
	  "the response answers another question", 0, 0, 0 },
	{ "no question", BYTES(OK "\0\0\0\0\0\0\0\0"), RR_A,
	  ANSWER_MALFORMED, "", "",
	  "the response does not repeat one question", 0, 0, 0 },
	{ "a question", BYTES(ID "\1\0" COUNTS("\0", "\0", "\0")
		ASK(TYPE_A)), RR_A, ANSWER_MALFORMED, "", "",
	  "a DNS message, but not a response to a query", 0, 0, 0 },
	{ "not a message", BYTES("220 mx ESM"), RR_A, ANSWER_MALFORMED, "",
	  "", "not a DNS message", 0, 0, 0 },
	{ "nothing", BYTES(""), RR_A, ANSWER_MALFORMED, "", "",
	  "not a DNS message", 0, 0, 0 },
};
/* clang-format on */

static void assert_text(struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", SPAN_ARG(got), wanted);
}

static struct span joined(struct arena *arena, const struct answer *answer)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < answer->value_count; i++)
		text = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? "|" : "", SPAN_ARG(answer->values[i]));
	return text;
}

static void each_response_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct record_case *c = &cases[i];
		struct arena *arena = arena_open();
		struct response got;

		print_message("  %s\n", c->name);
		record_answer(
			arena, c->bytes, SPAN("mx.example"), c->type, &got);
		assert_string_equal(
			answer_word(got.answer.kind), answer_word(c->kind));
		assert_text(joined(arena, &got.answer), c->values);
		assert_text(got.answer.canonical, c->canonical);
		assert_text(got.answer.why, c->why);
		assert_int_equal(got.answer.ttl, c->ttl);
		assert_int_equal(got.answer.secure, c->secure);
		assert_int_equal(got.is_truncated, c->is_truncated);
		arena_close(arena);
	}
}

/* Cut anywhere it has no more to say, and never says "no" instead. */
static void a_cut_response_says_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct record_case *c = &cases[i];
		struct arena *arena = arena_open();
		struct response whole, cut;

		record_answer(
			arena, c->bytes, SPAN("mx.example"), c->type, &whole);
		for (size_t len = 0; len < c->bytes.len; len++) {
			char *copy = arena_take(arena, len + 1);

			memcpy(copy, c->bytes.at, len);
			record_answer(arena, (struct span){ copy, len },
				SPAN("mx.example"), c->type, &cut);
			assert_true(cut.answer.value_count <=
				    whole.answer.value_count);
			if (whole.answer.kind == ANSWER_DATA)
				assert_int_not_equal(
					cut.answer.kind, ANSWER_NONE);
		}
		arena_close(arena);
	}
}

/* As many addresses as fit; the record is 16 bytes. */
static void an_endless_list_is_cut_and_told(void **state)
{
	static const char head[] = OK "\0\1\4\0\0\0\0\0" ASK(TYPE_A);
	static const char one[] = RR(TYPE_A, "\4") "\xc0\0\2\1";
	struct arena *arena = arena_open();
	struct response got;
	size_t at = sizeof(head) - 1;
	char *bytes = arena_take(arena, at + 1024 * 16);

	(void)state;
	memcpy(bytes, head, at);
	for (int i = 0; i < 1024; i++, at += 16)
		memcpy(bytes + at, one, 16);
	record_answer(arena, (struct span){ bytes, at }, SPAN("mx.example"),
		RR_A, &got);
	assert_int_equal(got.answer.kind, ANSWER_DATA);
	assert_int_equal(got.answer.value_count, ANSWER_SECTION_VALUES_MAX);
	assert_text(got.answer.why, "768 records more than 256 left out");
	arena_close(arena);
}

static void a_question_is_read_as_it_was_written(void **state)
{
	struct arena *arena = arena_open();
	uint8_t room[QUERY_MAX];
	struct span name;
	unsigned type;
	size_t len = query_print(
		room, SPAN("_25._tcp.mx\\046a.example"), RR_TLSA, 0xbeef, true);

	(void)state;
	assert_int_equal(len, 12 + 23 + 4 + 11);
	assert_memory_equal(room, "\xbe\xef\1\x20\0\1\0\0\0\0\0\1", 12);
	assert_memory_equal(room + len - 11, "\0\0\x29\4\xd0\0\0\0\0\0\0", 11);
	assert_true(record_question(
		arena, (struct span){ (const char *)room, len }, &name, &type));
	assert_text(name, "_25._tcp.mx\\046a.example");
	assert_int_equal(type, RR_TLSA);
	len = query_print(room, SPAN("."), RR_MX, 1, false);
	assert_int_equal(len, 17);
	assert_int_equal(room[11], 0);
	assert_int_equal(query_print(room, SPAN("a..b"), RR_MX, 1, false), 0);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_response_is_understood),
		cmocka_unit_test(a_cut_response_says_less),
		cmocka_unit_test(an_endless_list_is_cut_and_told),
		cmocka_unit_test(a_question_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
