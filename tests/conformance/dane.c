/*
 * danetest.jsonl   tlsa, chain_pem, basedomain, noncheck_names ->
 *                  expect_verify_result, expect_match_depth
 *
 * The records are of all four usages, so usages 0 and 1 count here, as they do
 * outside of SMTP; the trust anchors stand in danetest.pem beside the file.
 */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "probe/tls/dane.h"
#include "tests/conformance/conformance.h"

static STACK_OF(X509) * read_chain(const struct suite_question *question)
{
	const json_t *list = json_object_get(question->line, "chain_pem");
	STACK_OF(X509) *chain = sk_X509_new_null();
	const json_t *pem;
	size_t i;

	json_array_foreach(list, i, pem)
	{
		BIO *bio = BIO_new_mem_buf(json_string_value(pem), -1);
		X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		BIO_free(bio);
		if (x509)
			sk_X509_push(chain, x509);
	}
	return chain;
}

static unsigned field(const json_t *record, const char *key)
{
	return (unsigned)json_integer_value(json_object_get(record, key));
}

static void read_records(
	const struct suite_question *question, struct tlsa_set *set)
{
	const json_t *list = json_object_get(question->line, "tlsa");
	size_t count = json_array_size(list);
	struct tlsa *records = arena_take(
		question->arena, count * sizeof(*records));

	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		const char *hex = json_string_value(
			json_object_get(one, "data"));
		struct span text = arena_print(question->arena, "%u %u %u %s",
			field(one, "usage"), field(one, "selector"),
			field(one, "mtype"), hex ? hex : "");

		if (tlsa_parse(question->arena, text, &records[set->count]))
			set->count++;
	}
	set->records = records;
}

static SSL_CTX *context_of(const struct suite_question *question)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	const char *anchors = arena_print(
		question->arena, "%s/danetest.pem", question->folder)
				      .at;

	if (SSL_CTX_dane_enable(context) == 1 &&
		SSL_CTX_load_verify_file(context, anchors) == 1)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static enum verdict compare(
	struct suite_question *question, const struct tlsa_verdict *verdict)
{
	json_int_t code = question_number(question, "expect_verify_result");
	json_int_t depth = question_number(question, "expect_match_depth");
	bool is_depth_told = question_has(question, "expect_match_depth");

	if (verdict->code != code)
		return question_fail(
			question, "verify result %d", verdict->code);
	if (is_depth_told && verdict->depth != depth)
		return question_fail(question, "match at %d", verdict->depth);
	if ((verdict->result == TLSA_MATCHES) != (code == X509_V_OK))
		return question_fail(question, "told as %s",
			tlsa_result_word(verdict->result));
	return VERDICT_PASS;
}

static enum verdict judge_chain(struct suite_question *question)
{
	struct span name = question_text(question, "basedomain");
	struct tlsa_set set = { .names = &name,
		.name_count = 1,
		.knows_pkix = true,
		.checks_ee_name = !question_bool(question, "noncheck_names") };
	SSL_CTX *context = context_of(question);
	STACK_OF(X509) *chain = read_chain(question);
	struct tlsa_verdict verdict;
	enum verdict told;

	if (context) {
		read_records(question, &set);
		dane_verify(question->arena, context, chain, &set, &verdict);
		told = compare(question, &verdict);
	} else {
		told = question_fail(question, "no trust anchors");
	}
	sk_X509_pop_free(chain, X509_free);
	SSL_CTX_free(context);
	ERR_clear_error();
	return told;
}

const struct suite suite_dane = {
	.name = "dane",
	.judge = judge_chain,
};
