#include <openssl/err.h>
#include <stdint.h>

#include "probe/tls/dane.h"
#include "tests/fuzz/must.h"

/*
 * Lines of TLSA records, and behind a NUL the chain that a server sent (DER
 * after DER); without one, the chain below.  A record reads back as it is
 * printed; the verdict knows no order, is content only by a usable record, and
 * leaves no error behind for the next call.
 */

/* clang-format off */
static const char tlsa_leaf[] =
	"308201633082010aa003020102020102300a06082a8648ce3d040302300d"
	"310b300906035504030c0263613020170d3236313132323030343335345a"
	"180f32313236313032393030343335345a300d310b300906035504030c02"
	"6d783059301306072a8648ce3d020106082a8648ce3d0301070342000438"
	"7d570e07dfd1c96b180ea83ed740543b4d56e40b6725ce9e06e86765378d"
	"c433743152c3f89a65250f6f6c6eb721a682c2922dc86f5d2d99275dc47d"
	"85546ca359305730150603551d11040e300c820a6d782e6578616d706c65"
	"301d0603551d0e04160414eca98dea0852242c8223a96260c4d1e0f23815"
	"88301f0603551d2304183016801441030892c6c5a6d78d11f8ea6de13e30"
	"f3785997300a06082a8648ce3d040302034700304402200b79fd9302d4d1"
	"a5b091426ba1d3869e1bff6d9d9b117a97b050193324c8279b02200ccddc"
	"b261e2f55b79613dbcfcf266043988daf22e2272cc596962978ff90909";

static const char tlsa_issuer[] =
	"3082017130820117a00302010202147ea1a031f8384c0fe6ca10eb011aee"
	"0e8bc64c49300a06082a8648ce3d040302300d310b300906035504030c02"
	"63613020170d3236313132323030343335345a180f323132363130323930"
	"30343335345a300d310b300906035504030c0263613059301306072a8648"
	"ce3d020106082a8648ce3d03010703420004496ff8fcf6b8776b4acf781a"
	"961a34be4cf37af57bca5bdb490093a27599e936a237b431258c38103115"
	"a226adfca7fa12d316ad62eeaaeec4b9de1d555bc223a3533051301d0603"
	"551d0e0416041441030892c6c5a6d78d11f8ea6de13e30f3785997301f06"
	"03551d2304183016801441030892c6c5a6d78d11f8ea6de13e30f3785997"
	"300f0603551d130101ff040530030101ff300a06082a8648ce3d04030203"
	"4800304502206ed3c44fca8be3f0ff6db02ac697374737aaf215b709ccf5"
	"f47a97e924eb774f02210092cc69120bedb5b11c408a154cfa1ca792416f"
	"db74502fb6a96c0c14919664ed";
/* clang-format on */

static X509 *tlsa_certificate(struct arena *arena, const char *hex)
{
	struct tlsa tlsa;
	struct span text = arena_print(arena, "0 0 0 %s", hex);
	const unsigned char *at;
	X509 *x509;

	MUST(tlsa_parse(arena, text, &tlsa));
	at = (const unsigned char *)tlsa.data.at;
	x509 = d2i_X509(NULL, &at, (long)tlsa.data.len);
	MUST(x509);
	return x509;
}

static STACK_OF(X509) * tlsa_chain(struct arena *arena, struct span der)
{
	const unsigned char *at = (const unsigned char *)der.at;
	const unsigned char *end = at + der.len;
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *x509;

	while (at < end && (x509 = d2i_X509(NULL, &at, end - at)) != NULL)
		sk_X509_push(chain, x509);
	ERR_clear_error();
	if (sk_X509_num(chain))
		return chain;
	sk_X509_push(chain, tlsa_certificate(arena, tlsa_leaf));
	sk_X509_push(chain, tlsa_certificate(arena, tlsa_issuer));
	return chain;
}

static SSL_CTX *tlsa_context(void)
{
	static SSL_CTX *opened;

	if (!opened) {
		opened = SSL_CTX_new(TLS_client_method());
		MUST(opened && SSL_CTX_dane_enable(opened) == 1);
	}
	return opened;
}

static void tlsa_read_back(struct arena *arena, const struct tlsa *tlsa)
{
	struct tlsa again;

	MUST(tlsa->usage < 256 && tlsa->selector < 256 && tlsa->mtype < 256);
	MUST(tlsa_parse(arena, tlsa_text(arena, tlsa), &again));
	MUST(again.usage == tlsa->usage && again.selector == tlsa->selector);
	MUST(again.mtype == tlsa->mtype);
	MUST(span_is(again.data, tlsa->data));
}

static size_t tlsa_lines(
	struct arena *arena, struct span text, struct tlsa *records)
{
	size_t count = 0;

	while (text.len && count < TLSA_RECORDS_MAX) {
		struct tlsa *tlsa = &records[count];

		if (!tlsa_parse(arena, span_cut(&text, '\n'), tlsa))
			continue;
		tlsa_read_back(arena, tlsa);
		count++;
	}
	return count;
}

static void tlsa_check(const struct tlsa_verdict *verdict, int chain_len)
{
	size_t usable = 0, matches = 0;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct tlsa_fact *fact = &verdict->records[i];

		usable += fact->use == TLSA_USABLE;
		matches += fact->is_match;
		MUST(!fact->is_match || fact->use == TLSA_USABLE);
		MUST(fact->fits_at >= -1 && fact->fits_at < chain_len);
	}
	MUST((verdict->result == TLSA_ALL_UNUSABLE) == (usable == 0));
	MUST((verdict->result == TLSA_MATCHES) == (matches > 0));
	MUST((verdict->result == TLSA_MATCHES) == (verdict->why.len == 0));
	MUST(verdict->result != TLSA_MATCHES || verdict->depth >= 0);
	MUST(ERR_peek_error() == 0);
}

static void tlsa_hold(struct arena *arena, const struct tlsa *records,
	size_t count, struct span der)
{
	static const struct span name = { "mx.example", 10 };
	struct tlsa_set set = { .records = records,
		.count = count,
		.names = &name,
		.name_count = 1 };
	struct tlsa turned[TLSA_RECORDS_MAX];
	STACK_OF(X509) *chain = tlsa_chain(arena, der);
	struct tlsa_verdict first, second;

	dane_verify(arena, tlsa_context(), chain, &set, &first);
	tlsa_check(&first, sk_X509_num(chain));
	for (size_t i = 0; i < count; i++)
		turned[i] = records[count - 1 - i];
	set.records = turned;
	dane_verify(arena, tlsa_context(), chain, &set, &second);
	tlsa_check(&second, sk_X509_num(chain));
	MUST(first.result == second.result);
	MUST(span_is(first.publish, second.publish));
	sk_X509_pop_free(chain, X509_free);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span rest = { (const char *)bytes, len };
	struct arena *arena = arena_open();
	struct tlsa records[TLSA_RECORDS_MAX];
	size_t count = tlsa_lines(arena, span_cut(&rest, '\0'), records);

	tlsa_hold(arena, records, count, rest);
	arena_close(arena);
	return 0;
}
