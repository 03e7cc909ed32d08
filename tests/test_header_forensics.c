#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/dkim_sign.h"
#include "probe/policy/header_forensics.h"

#define SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define BODY "\r\ntext\r\n"

/* Signed as it was, found as it is; what tells them apart? */
static const struct row {
	const char *name;
	enum canon canon;
	const char *was, *is;
	const char *id, *second; /* what is found; NULL: nothing */
	enum departs departs;
} rows[] = {
	/* clang-format off */
	{ .name = "a list's tag", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: [list] hello\r\n",
	  .id = "subject-tag", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a list's tag behind Re:", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: Re: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: Re: [list] hello\r\n",
	  .id = "subject-tag", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a list's tag before Re:", .canon = CANON_SIMPLE,
	  .was = "From: a@a.example\r\nSubject: Re: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: [list] Re: hello\r\n",
	  .id = "subject-tag", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a filter's mark", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: ***SPAM*** hello\r\n",
	  .id = "subject-tag", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a gateway's word", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: EXTERNAL: hello\r\n",
	  .id = "subject-tag", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a field that h= names was added",
	  .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\n",
	  .is = "From: a@a.example\r\nReply-To: list@lists.example\r\n",
	  .id = "field-added", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a second one below the first",
	  .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nTo: b@b.example\r\n",
	  .is = "From: a@a.example\r\nTo: b@b.example\r\nTo: c@c.example\r\n",
	  .id = "other-instance", .departs = DEPARTS_UNKNOWN },
	{ .name = "a fold within a word", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: aaaaaaaaaabbbbbbbbbb\r\n",
	  .is = "From: a@a.example\r\nSubject: aaaaaaaaaa\r\n bbbbbbbbbb\r\n",
	  .id = "field-folded-in-a-word", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a fold, under simple", .canon = CANON_SIMPLE,
	  .was = "From: a@a.example\r\nSubject: one two\r\n",
	  .is = "From: a@a.example\r\nSubject: one\r\n two\r\n",
	  .id = "field-refolded", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a name respelled, under simple", .canon = CANON_SIMPLE,
	  .was = "From: a@a.example\r\nMessage-ID: <1@a.example>\r\n",
	  .is = "From: a@a.example\r\nMessage-Id: <1@a.example>\r\n",
	  .id = "name-respelled", .departs = DEPARTS_UNKNOWN },
	{ .name = "white space at the end, under simple",
	  .canon = CANON_SIMPLE,
	  .was = "From: a@a.example\r\nSubject: one\r\n",
	  .is = "From: a@a.example\r\nSubject: one \r\n",
	  .id = "field-space-changed", .departs = DEPARTS_UNKNOWN },
	{ .name = "a From rewritten, and kept", .canon = CANON_RELAXED,
	  .was = "From: A <a@a.example>\r\n",
	  .is = "From: A via list <list@lists.example>\r\n"
		"X-Original-From: A <a@a.example>\r\n",
	  .id = "from-rewritten", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a transfer encoding", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nContent-Transfer-Encoding: 8bit\r\n",
	  .is = "From: a@a.example\r\nContent-Transfer-Encoding: base64\r\n",
	  .id = "transfer-encoding-changed", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "quotes taken off", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\n"
		"Content-Type: text/plain; charset=\"utf-8\"\r\n",
	  .is = "From: a@a.example\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n",
	  .id = "content-type-rewritten", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "quotes put on", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n",
	  .is = "From: a@a.example\r\n"
		"Content-Type: text/plain; charset=\"utf-8\"\r\n",
	  .id = "content-type-rewritten", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "spaces in a list of addresses", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nTo: b@b.example,c@c.example\r\n",
	  .is = "From: a@a.example\r\nTo: b@b.example, c@c.example\r\n",
	  .id = "address-list-spacing", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "two changes", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: hello\r\n",
	  .is = "From: a@a.example\r\nReply-To: list@lists.example\r\n"
		"Subject: [list] hello\r\n",
	  .id = "subject-tag", .second = "field-added",
	  .departs = DEPARTS_ON_THE_WAY },
	{ .name = "nothing that could be guessed", .canon = CANON_RELAXED,
	  .was = "From: a@a.example\r\nSubject: hello\r\n",
	  .is = "From: a@a.example\r\nSubject: good bye\r\n" },
	/* clang-format on */
};

static const struct span signed_names[] = { { "From", 4 }, { "To", 2 },
	{ "Subject", 7 }, { "Message-ID", 10 }, { "Reply-To", 8 },
	{ "Content-Type", 12 }, { "Content-Transfer-Encoding", 25 } };

struct bench {
	struct arena *arena;
	struct answers *answers;
	struct dkim_keys *keys;
	struct dkim_secret *ed25519, *rsa;
};

static struct dkim_secret *rsa_secret(void)
{
	EVP_PKEY *key = EVP_RSA_gen(1024);
	BIO *out = BIO_new(BIO_s_mem());
	struct dkim_secret *secret;
	const char *why;
	char *text;
	long len;

	PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(out, &text);
	secret = dkim_secret_open((struct span){ text, (size_t)len }, &why);
	assert_non_null(secret);
	BIO_free(out);
	EVP_PKEY_free(key);
	return secret;
}

static void publish(
	struct bench *bench, const char *name, const struct dkim_secret *secret)
{
	struct answer *answer = arena_new(bench->arena, struct answer);
	struct span *record = arena_new(bench->arena, struct span);

	*record = dkim_secret_record(bench->arena, secret);
	*answer = (struct answer){
		.kind = ANSWER_DATA, .values = record, .value_count = 1
	};
	answers_put(bench->answers, span_of(name), RR_TXT, answer);
}

static int open_bench(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	const char *why;

	bench->arena = arena_open();
	bench->answers = answers_open(bench->arena);
	bench->keys = dkim_keys_open();
	bench->ed25519 = dkim_secret_open(SPAN(SEED), &why);
	bench->rsa = rsa_secret();
	publish(bench, "e._domainkey.a.example", bench->ed25519);
	publish(bench, "r._domainkey.a.example", bench->rsa);
	*state = bench;
	return 0;
}

static int close_bench(void **state)
{
	struct bench *bench = *state;

	dkim_secret_close(bench->ed25519);
	dkim_secret_close(bench->rsa);
	dkim_keys_close(bench->keys);
	arena_close(bench->arena);
	free(bench);
	return 0;
}

static struct span sign(struct bench *bench, const char *header,
	enum canon canon, const struct dkim_secret *secret)
{
	const struct dkim_signing signing = { .secret = secret,
		.domain = SPAN("a.example"),
		.selector = secret == bench->rsa ? SPAN("r") : SPAN("e"),
		.header_canon = canon,
		.body_canon = CANON_RELAXED,
		.names = signed_names,
		.name_count = COUNT_OF(signed_names) };
	struct span message = arena_print(bench->arena, "%s" BODY, header);
	struct span field;
	const char *why;

	if (!dkim_sign(bench->arena, &signing, message, &field, &why))
		fail_msg("%s", why);
	return field;
}

/* The signature over another header, and what is made of it. */
static void investigate(struct bench *bench, struct span field,
	const char *header, struct header_forensics *found)
{
	struct span text = arena_print(
		bench->arena, "%.*s%s" BODY, SPAN_ARG(field), header);
	const struct dkim_message *message = dkim_message_of(
		bench->arena, text);
	const struct dkim_query query = { bench->arena, bench->answers,
		bench->keys, 1700000000 };
	struct dkim_checks checks;

	dkim_check(&query, message, &checks);
	assert_int_equal(checks.count, 1);
	header_forensics(
		bench->arena, &message->header, &checks.checks[0], found);
}

static void check_row(struct bench *bench, const struct row *row,
	const struct dkim_secret *secret)
{
	struct span field = sign(bench, row->was, row->canon, secret);
	struct header_forensics found;
	const struct deviation *first = &found.hits[0];
	size_t wanted = row->second ? 2 : row->id ? 1 : 0;

	investigate(bench, field, row->is, &found);
	assert_false(found.fits);
	if (wanted != found.hit_count)
		fail_msg("%s: %zu found, first %s", row->name, found.hit_count,
			found.hit_count ? first->id : "");
	if (row->id && strcmp(first->id, row->id) != 0)
		fail_msg("%s: %s", row->name, first->id);
	if (row->id)
		assert_int_equal(first->departs, row->departs);
	if (row->second)
		assert_string_equal(found.hits[1].id, row->second);
	assert_int_equal(found.state,
		secret == bench->rsa ? SIGNED_HASH_KNOWN : SIGNED_HASH_UNKNOWN);
	assert_true(found.says.len > 0);
}

static void each_change_is_found_by_undoing_it(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		check_row(bench, &rows[i], bench->rsa);
		check_row(bench, &rows[i], bench->ed25519);
	}
}

static void a_good_signature_is_no_case(void **state)
{
	struct bench *bench = *state;
	const char *header = "From: a@a.example\r\nSubject: x\r\n";
	struct header_forensics found;

	investigate(bench, sign(bench, header, CANON_SIMPLE, bench->rsa),
		header, &found);
	assert_true(found.fits);
	assert_int_equal(found.hit_count, 0);
	assert_int_equal(found.says.len, 0);
	assert_true(span_is(found.signed_hash, found.computed));
}

/* A signature field by a signer that does one thing in its own way. */
static struct span sign_oddly(struct bench *bench, const char *header,
	enum canon canon, const char *end, struct span *text)
{
	struct span bh = SPAN("0IcmWtnG+SfnH/6+CiKOOQTpZSl+66EkiOYoUMwPy0M=");
	struct header_field own = {
		.raw = arena_print(bench->arena,
			"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; "
			"s=r;\r\n"
			"\tc=simple; h=from:to:to; bh=%.*s; b=",
			SPAN_ARG(bh))
	};
	struct dkim_signature signature;
	const struct header_field *const *fields;
	struct span bytes = span_of(header), b;
	struct header parsed;
	size_t count;

	own.name = SPAN("DKIM-Signature");
	own.value = span_part(own.raw, 15, own.raw.len);
	header_parse(bench->arena, bytes, &parsed);
	dkim_signature_parse(bench->arena, DKIM_SIGNATURE, &own, &signature);
	count = dkim_signature_pick(bench->arena, &parsed, &signature, &fields);
	*text = dkim_signed_text(bench->arena, canon, fields, count, own.raw);
	*text = arena_print(bench->arena, "%.*s%s", SPAN_ARG(*text), end);
	b = dkim_secret_sign(bench->arena, bench->rsa, *text);
	return arena_print(bench->arena, "%.*s%.*s\r\n", SPAN_ARG(own.raw),
		SPAN_ARG(base64_encode(bench->arena, b)));
}

static void a_signer_with_ways_of_its_own_is_found(void **state)
{
	struct bench *bench = *state;
	struct header_forensics found;
	const char *header = "To: b@b.example\r\nTo: c@c.example\r\n"
			     "From:  a@a.example\r\n";
	const char *upside = "To: c@c.example\r\nTo: b@b.example\r\n"
			     "From:  a@a.example\r\n";
	struct span text;

	investigate(bench, sign_oddly(bench, header, CANON_RELAXED, "", &text),
		header, &found);
	assert_int_equal(found.hit_count, 1);
	assert_string_equal(found.hits[0].id, "header-canon-swapped");
	assert_int_equal(found.hits[0].departs, DEPARTS_SIGNER);
	investigate(bench,
		sign_oddly(bench, header, CANON_SIMPLE, "\r\n", &text), header,
		&found);
	assert_int_equal(found.hit_count, 1);
	assert_string_equal(found.hits[0].id, "signature-end-hashed");
	investigate(bench, sign_oddly(bench, upside, CANON_SIMPLE, "", &text),
		header, &found);
	assert_int_equal(found.hit_count, 1);
	assert_string_equal(found.hits[0].id, "instances-from-top");
}

static void a_signature_field_folded_later_is_found(void **state)
{
	struct bench *bench = *state;
	const char *header = "From: a@a.example\r\n";
	struct header_forensics found;
	struct span text, field;

	field = sign_oddly(bench, header, CANON_SIMPLE, "", &text);
	investigate(bench, field, header, &found);
	assert_true(found.fits);
	field = arena_print(bench->arena, "%.*s\r\n %.*s",
		SPAN_ARG(span_part(field, 0, 20)),
		SPAN_ARG(span_part(field, 21, field.len)));
	investigate(bench, field, header, &found);
	/* It had a fold of its own: not all of them may be taken out. */
	assert_false(found.fits);
	assert_int_equal(found.hit_count, 0);
	assert_int_equal(found.state, SIGNED_HASH_KNOWN);
}

static void a_signature_of_another_key_is_told(void **state)
{
	struct bench *bench = *state;
	const char *header = "From: a@a.example\r\n";
	struct span field = sign(bench, header, CANON_RELAXED, bench->rsa);
	struct dkim_secret *other = rsa_secret();
	struct header_forensics found;

	publish(bench, "r._domainkey.a.example", other);
	investigate(bench, field, header, &found);
	publish(bench, "r._domainkey.a.example", bench->rsa);
	dkim_secret_close(other);
	assert_int_equal(found.state, SIGNED_HASH_NONE);
	assert_int_equal(found.hit_count, 0);
	assert_true(span_starts_nocase(
		found.says, SPAN("b= was not made with this key")));
}

static void without_a_key_nothing_can_be_told(void **state)
{
	struct bench *bench = *state;
	struct span field = sign(
		bench, "From: a@a.example\r\n", CANON_RELAXED, bench->rsa);
	struct span text = arena_print(bench->arena,
		"%.*sFrom: b@a.example\r\n" BODY, SPAN_ARG(field));
	const struct dkim_message *message = dkim_message_of(
		bench->arena, text);
	const struct dkim_check check = {
		.signature = &message->signatures[0]
	};
	struct header_forensics found;

	header_forensics(bench->arena, &message->header, &check, &found);
	assert_int_equal(found.state, SIGNED_HASH_UNKNOWN);
	assert_int_equal(found.hit_count, 0);
	assert_false(found.fits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_found_by_undoing_it),
		cmocka_unit_test(a_good_signature_is_no_case),
		cmocka_unit_test(a_signer_with_ways_of_its_own_is_found),
		cmocka_unit_test(a_signature_field_folded_later_is_found),
		cmocka_unit_test(a_signature_of_another_key_is_told),
		cmocka_unit_test(without_a_key_nothing_can_be_told),
	};

	return cmocka_run_group_tests(tests, open_bench, close_bench);
}
