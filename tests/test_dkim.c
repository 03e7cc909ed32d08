#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/resource.h>

#include "probe/base/attr.h"
#include "probe/policy/dkim_sign.h"
#include "tests/dkim_samples.h"

#define BRISBANE_6376 "brisbane._domainkey.example.com"
#define BRISBANE_8463 "brisbane._domainkey.football.example.com"
#define TEST_8463     "test._domainkey.football.example.com"

static struct arena *arena;
static struct dkim_query query;
static struct dkim_checks checks;

static int begin(void **state)
{
	(void)state;
	arena = arena_open();
	query = (struct dkim_query){
		.arena = arena,
		.answers = answers_open(arena),
		.keys = dkim_keys_open(),
		.now = 1528637910,
	};
	return 0;
}

static int end(void **state)
{
	(void)state;
	dkim_keys_close(query.keys);
	arena_close(arena);
	return 0;
}

static void put(const char *name, enum answer_kind kind, const char *record)
{
	struct answer *answer = arena_new(arena, struct answer);
	struct span *value = arena_new(arena, struct span);

	if (record)
		*value = span_of(record);
	answer->kind = kind;
	answer->values = value;
	answer->value_count = record ? 1 : 0;
	answers_put(query.answers, span_of(name), RR_TXT, answer);
}

static void put_keys(void)
{
	put(BRISBANE_6376, ANSWER_DATA, RECORD_6376);
	put(BRISBANE_8463, ANSWER_DATA, RECORD_8463_ED25519);
	put(TEST_8463, ANSWER_DATA, RECORD_8463_RSA);
}

static enum dkim_result check(struct span text)
{
	return dkim_check(&query, dkim_message_of(arena, text), &checks);
}

/* The text with the first `from` in it replaced. */
static struct span replace(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return arena_print(arena, "%.*s%s%s", (int)(at - text), text, to,
		at + strlen(from));
}

static void the_examples_of_the_rfcs_pass(void **state)
{
	(void)state;
	put_keys();
	assert_int_equal(check(span_of(sample_6376)), DKIM_PASS);
	assert_int_equal(checks.count, 1);
	assert_int_equal(checks.checks[0].key_bits, 1024);
	assert_int_equal(checks.checks[0].body, DKIM_FITS);
	assert_int_equal(checks.checks[0].header, DKIM_FITS);
	assert_int_equal(checks.checks[0].why.len, 0);
	assert_int_equal(check(span_of(sample_8463)), DKIM_PASS);
	assert_int_equal(checks.count, 2);
	assert_int_equal(checks.checks[0].result, DKIM_PASS);
	assert_int_equal(checks.checks[1].result, DKIM_PASS);
	assert_true(span_is(checks.checks[0].signature->domain,
		SPAN("football.example.com")));
}

static void all_keys_are_asked_for_in_one_round(void **state)
{
	struct question *question;

	(void)state;
	assert_int_equal(check(span_of(sample_8463)), DKIM_OPEN);
	question = answers_open_question(query.answers);
	assert_true(span_is(question->name, SPAN(BRISBANE_8463)));
	question = question_next_open(question);
	assert_true(span_is(question->name, SPAN(TEST_8463)));
	assert_null(question_next_open(question));
	assert_int_equal(checks.checks[0].result, DKIM_OPEN);
	assert_int_equal(checks.checks[0].body, DKIM_NOT_COMPARED);
}

static void a_message_without_a_signature_is_told_so(void **state)
{
	(void)state;
	assert_int_equal(check(SPAN("From: a@b\r\n\r\nbody\r\n")), DKIM_NONE);
	assert_int_equal(checks.count, 0);
	assert_int_equal(check(SPAN("")), DKIM_NONE);
}

static void a_changed_body_is_told_from_a_changed_header(void **state)
{
	(void)state;
	put_keys();
	assert_int_equal(
		check(replace(sample_6376, "hungry", "angry")), DKIM_FAIL);
	assert_int_equal(checks.checks[0].body, DKIM_DIFFERS);
	assert_int_equal(checks.checks[0].header, DKIM_FITS);
	assert_int_equal(
		check(replace(sample_6376, "dinner", "supper")), DKIM_FAIL);
	assert_int_equal(checks.checks[0].body, DKIM_FITS);
	assert_int_equal(checks.checks[0].header, DKIM_DIFFERS);
	assert_true(checks.checks[0].why.len > 0);
	assert_int_equal(checks.checks[0].computed->len, 32);
}

static void a_field_added_above_what_is_signed_breaks_it(void **state)
{
	(void)state;
	put_keys();
	assert_int_equal(check(replace(sample_8463, "From: Joe",
				 "From: eve@x.example\r\nFrom: Joe")),
		DKIM_FAIL);
	assert_int_equal(check(replace(sample_8463,
				 "Message-ID:", "X-New: 1\r\nMessage-ID:")),
		DKIM_PASS);
}

static void a_message_kept_with_bare_lf_passes_too(void **state)
{
	char *text = arena_take(arena, sizeof(sample_8463));
	size_t len = 0;

	(void)state;
	put_keys();
	for (const char *at = sample_8463; *at; at++)
		if (*at != '\r')
			text[len++] = *at;
	assert_int_equal(check((struct span){ text, len }), DKIM_PASS);
}

static const struct answer_row {
	enum answer_kind kind;
	const char *record;
	enum dkim_result result;
	enum dkim_key_fault fault;
} answers[] = {
	{ ANSWER_NO_NAME, NULL, DKIM_PERMERROR, DKIM_KEY_ABSENT },
	{ ANSWER_NONE, NULL, DKIM_PERMERROR, DKIM_KEY_ABSENT },
	{ ANSWER_SERVFAIL, NULL, DKIM_TEMPERROR, DKIM_KEY_SOUND },
	{ ANSWER_TIMEOUT, NULL, DKIM_TEMPERROR, DKIM_KEY_SOUND },
	{ ANSWER_DATA, "v=DKIM1; p=", DKIM_PERMERROR, DKIM_KEY_REVOKED },
	{ ANSWER_DATA, "v=DKIM1", DKIM_PERMERROR, DKIM_KEY_MISSING },
	{ ANSWER_DATA, RECORD_8463_ED25519, DKIM_PERMERROR, DKIM_KEY_MISMATCH },
	{ ANSWER_DATA, RECORD_8463_RSA, DKIM_FAIL, DKIM_KEY_SOUND },
	{ ANSWER_DATA, RECORD_6376 "; t=y", DKIM_PASS, DKIM_KEY_SOUND },
	{ ANSWER_DATA, RECORD_6376 "; t=s", DKIM_PERMERROR, DKIM_KEY_STRICT },
	{ ANSWER_DATA, RECORD_6376 "; s=x", DKIM_PERMERROR,
		DKIM_KEY_BAD_SERVICE },
	{ ANSWER_DATA,
		"p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANmBe10IgY+u7h3enWTukkqtUD5P"
		"R52Tb/mPfjC0QJTocVBq6Za/PlzfV+Py92VaCak19F4WrbVTK5Gg5tW220MCAw"
		"EAAQ==",
		DKIM_POLICY, DKIM_KEY_TOO_SHORT },
};

static void the_key_decides_what_the_result_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const struct answer_row *row = &answers[i];
		enum dkim_result result;

		put(BRISBANE_6376, row->kind, row->record);
		result = check(span_of(sample_6376));
		if (result != row->result ||
			checks.checks[0].key_fault != row->fault)
			fail_msg("%zu: %s, %s", i, dkim_result_word(result),
				dkim_key_fault_word(
					checks.checks[0].key_fault));
		assert_int_equal(
			result == DKIM_PASS, checks.checks[0].why.len == 0);
		if (row->fault == DKIM_KEY_MISMATCH)
			assert_int_equal(
				checks.checks[0].header, DKIM_NOT_COMPARED);
	}
}

static void a_key_in_test_is_told(void **state)
{
	(void)state;
	put(BRISBANE_6376, ANSWER_DATA, RECORD_6376 "; t=y");
	check(replace(sample_6376, "hungry", "angry"));
	assert_true(checks.checks[0].is_testing);
}

static void of_several_records_the_one_that_serves_is_taken(void **state)
{
	struct span values[] = { SPAN("v=spf1 -all"), SPAN(RECORD_8463_ED25519),
		SPAN("v=DKIM1; p="), SPAN(RECORD_6376) };
	struct answer answer = { .kind = ANSWER_DATA,
		.values = values,
		.value_count = COUNT_OF(values) };

	(void)state;
	answers_put(query.answers, SPAN(BRISBANE_6376), RR_TXT, &answer);
	assert_int_equal(check(span_of(sample_6376)), DKIM_PASS);
}

static void a_void_signature_asks_for_no_key(void **state)
{
	(void)state;
	assert_int_equal(
		check(replace(sample_6376, "v=1;", "v=2;")), DKIM_PERMERROR);
	assert_int_equal(checks.checks[0].fault, DKIM_BAD_VERSION);
	assert_null(answers_open_question(query.answers));
}

static void one_pass_is_a_pass(void **state)
{
	(void)state;
	put_keys();
	put(BRISBANE_8463, ANSWER_TIMEOUT, NULL);
	assert_int_equal(check(span_of(sample_8463)), DKIM_PASS);
	assert_int_equal(checks.checks[0].result, DKIM_TEMPERROR);
	put(TEST_8463, ANSWER_NO_NAME, NULL);
	assert_int_equal(check(span_of(sample_8463)), DKIM_TEMPERROR);
}

/* ---- what we sign ourselves */

static struct span sign(const struct dkim_signing *wishes, struct span message)
{
	struct dkim_signing signing = *wishes;
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(SPAN(SEED_8463), &why);
	struct span field;

	signing.secret = secret;
	signing.domain = SPAN("football.example.com");
	signing.selector = SPAN("brisbane");
	if (!dkim_sign(arena, &signing, message, &field, &why))
		fail_msg("%s", why);
	dkim_secret_close(secret);
	return arena_print(
		arena, "%.*s%.*s", SPAN_ARG(field), SPAN_ARG(message));
}

static const char letter[] = "From: joe@football.example.com\r\n\r\n"
			     "one\r\ntwo\r\n";

static void a_signature_ends_when_it_says(void **state)
{
	struct dkim_signing signing = { .time = 1000, .expiry = 2000 };
	struct span message = sign(&signing, span_of(letter));

	(void)state;
	put_keys();
	query.now = 2000;
	assert_int_equal(check(message), DKIM_PASS);
	assert_false(checks.checks[0].is_from_future);
	query.now = 2001;
	assert_int_equal(check(message), DKIM_PERMERROR);
	assert_int_equal(checks.checks[0].fault, DKIM_EXPIRED);
	assert_int_equal(checks.checks[0].header, DKIM_FITS);
	query.now = 999;
	assert_int_equal(check(message), DKIM_PASS);
	assert_true(checks.checks[0].is_from_future);
}

/* The key tells whether it would have fitted. */
static void what_has_expired_is_open_until_the_key_is_known(void **state)
{
	struct dkim_signing signing = { .time = 1000, .expiry = 2000 };

	(void)state;
	query.now = 3000;
	assert_int_equal(check(sign(&signing, span_of(letter))), DKIM_OPEN);
	assert_int_equal(checks.checks[0].fault, DKIM_SOUND);
}

static void what_lies_beyond_l_is_counted(void **state)
{
	struct dkim_signing signing = { .body_length = CANON_WHOLE };
	struct span message = sign(&signing, span_of(letter));

	(void)state;
	put_keys();
	assert_int_equal(check(message), DKIM_PASS);
	assert_int_equal(checks.checks[0].uncovered, 0);
	message = arena_print(arena, "%.*sand more\r\n", SPAN_ARG(message));
	assert_int_equal(check(message), DKIM_PASS);
	assert_int_equal(checks.checks[0].uncovered, 10);
	message = replace(message.at, "one\r\ntwo\r\nand more\r\n", "one\r\n");
	assert_int_equal(check(message), DKIM_PERMERROR);
}

/* ---- in pieces */

static void how_the_message_is_cut_does_not_matter(void **state)
{
	size_t len = sizeof(sample_8463) - 1;

	(void)state;
	put_keys();
	for (size_t cut = 0; cut <= len; cut++) {
		struct arena *outer = arena;
		struct dkim_reader *reader;
		struct span whole = { sample_8463, len };

		query.arena = arena = arena_open();
		reader = dkim_reader_open(arena);
		dkim_reader_take(reader, span_part(whole, 0, cut));
		dkim_reader_take(reader, span_part(whole, cut, len));
		dkim_check(&query, dkim_reader_end(reader), &checks);
		assert_int_equal(checks.count, 2);
		for (size_t i = 0; i < 2; i++)
			if (checks.checks[i].result != DKIM_PASS)
				fail_msg("cut at %zu: %.*s", cut,
					SPAN_ARG(checks.checks[i].why));
		arena_close(arena);
		query.arena = arena = outer;
	}
}

static void each_way_to_hash_is_gone_once(void **state)
{
	const struct dkim_message *message = dkim_message_of(
		arena, span_of(sample_8463));

	(void)state;
	assert_int_equal(message->signature_count, 2);
	assert_int_equal(message->hash_count, 1);
	assert_ptr_equal(dkim_message_hash(message, &message->signatures[0]),
		dkim_message_hash(message, &message->signatures[1]));
}

static void two_forms_of_the_body_are_two_hashes(void **state)
{
#define FIELD(canon)                                                           \
	"DKIM-Signature: v=1; a=rsa-sha256; c=simple/" canon "; d=d; s=s; "    \
	"h=from; bh=Zg; b=Zg\r\n"
	const struct dkim_message *message = dkim_message_of(
		arena, SPAN(FIELD("simple") FIELD("relaxed") "\r\na  b\r\n"));

	(void)state;
	assert_int_equal(message->hash_count, 2);
	assert_int_equal(message->hashes[0].octets, 6);
	assert_int_equal(message->hashes[1].octets, 5);
}

/* A hostile message asks for many hashes, and for many keys. */
static struct span many_signatures(bool is_each_its_own_hash)
{
	char *text = arena_take(arena, 100 * 128);
	size_t len = 0;

	for (int i = 0; i < 100; i++)
		len += (size_t)sprintf(text + len,
			"DKIM-Signature: v=1; a=rsa-sha256; d=d%d.example; "
			"s=s; l=%d; h=from; bh=Zg; b=Zg\r\n",
			i, is_each_its_own_hash ? i : 1);
	len += (size_t)sprintf(text + len, "\r\nbody\r\n");
	return (struct span){ text, len };
}

static void many_hashes_are_not_computed(void **state)
{
	(void)state;
	assert_int_equal(check(many_signatures(true)), DKIM_OPEN);
	assert_int_equal(checks.count, 100);
	assert_int_equal(checks.checks[DKIM_HASHES_MAX - 1].result, DKIM_OPEN);
	assert_int_equal(checks.checks[DKIM_HASHES_MAX].result, DKIM_NEUTRAL);
}

static void many_keys_are_not_asked_for(void **state)
{
	(void)state;
	assert_int_equal(check(many_signatures(false)), DKIM_OPEN);
	assert_int_equal(checks.count, 100);
	assert_int_equal(checks.checks[DKIM_CHECKS_MAX - 1].result, DKIM_OPEN);
	assert_int_equal(checks.checks[DKIM_CHECKS_MAX].result, DKIM_NEUTRAL);
	assert_int_equal(checks.checks[99].result, DKIM_NEUTRAL);
}

/* Keys in the order in which a message with a chain of ARC asks for them. */
static void the_keys_of_a_whole_message_are_there_to_its_end(void **state)
{
	const struct dkim_key *first;
	struct span record;
	unsigned others = (DKIM_CHECKS_MAX + 2 * ARC_INSTANCE_MAX) *
			  DKIM_KEY_RECORDS_MAX;

	(void)state;
	put_keys();
	check(span_of(sample_6376));
	first = checks.checks[0].key;
	for (unsigned i = 1; i < others; i++) {
		record = arena_print(arena, "v=DKIM1; n=%u; p=", i);
		assert_int_equal(dkim_keys_get(query.keys, record)->fault,
			DKIM_KEY_REVOKED);
	}
	assert_ptr_equal(dkim_keys_get(query.keys, SPAN(RECORD_6376)), first);
}

static long peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* SPF may take thirty rounds more than the keys do; the texts that were signed
 * must not pile up meanwhile. */
static void asking_again_takes_no_more_memory(void **state)
{
	char *subject = arena_take(arena, 500001);
	const struct dkim_message *message;
	long before;

	(void)state;
	memset(subject, 'x', 500000);
	memcpy(subject, "Subject: ", 9);
	put_keys();
	message = dkim_message_of(arena,
		replace(sample_8463, "Subject: Is dinner ready?", subject));
	before = peak_kilobytes();
	for (unsigned round = 0; round < 300; round++)
		assert_int_equal(
			dkim_check(&query, message, &checks), DKIM_FAIL);
	assert_in_range(peak_kilobytes() - before, 0, 400 * 1024);
}

/* What was dropped of it might have been signed. */
static void a_header_that_is_too_large_passes_nothing(void **state)
{
	struct dkim_signing signing = { 0 };
	struct span message = sign(&signing, span_of(letter));
	char *room = arena_take(arena, HEADER_MAX + message.len + 8);
	size_t head = span_find_nocase(message, SPAN("\r\n\r\n")) + 2;

	(void)state;
	put_keys();
	assert_int_equal(check(message), DKIM_PASS);
	memcpy(room, message.at, head);
	memset(room + head, 'x', HEADER_MAX);
	memcpy(room + head, "X: ", 3);
	memcpy(room + head + HEADER_MAX, "\r\n", 2);
	memcpy(room + head + HEADER_MAX + 2, message.at + head,
		message.len - head);
	assert_int_equal(
		check((struct span){ room, HEADER_MAX + message.len + 2 }),
		DKIM_NEUTRAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(the_examples_of_the_rfcs_pass),
		TEST(all_keys_are_asked_for_in_one_round),
		TEST(a_message_without_a_signature_is_told_so),
		TEST(a_changed_body_is_told_from_a_changed_header),
		TEST(a_field_added_above_what_is_signed_breaks_it),
		TEST(a_message_kept_with_bare_lf_passes_too),
		TEST(the_key_decides_what_the_result_is),
		TEST(a_key_in_test_is_told),
		TEST(of_several_records_the_one_that_serves_is_taken),
		TEST(a_void_signature_asks_for_no_key),
		TEST(one_pass_is_a_pass),
		TEST(a_signature_ends_when_it_says),
		TEST(what_has_expired_is_open_until_the_key_is_known),
		TEST(what_lies_beyond_l_is_counted),
		TEST(how_the_message_is_cut_does_not_matter),
		TEST(each_way_to_hash_is_gone_once),
		TEST(two_forms_of_the_body_are_two_hashes),
		TEST(many_hashes_are_not_computed),
		TEST(many_keys_are_not_asked_for),
		TEST(the_keys_of_a_whole_message_are_there_to_its_end),
		TEST(asking_again_takes_no_more_memory),
		TEST(a_header_that_is_too_large_passes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
