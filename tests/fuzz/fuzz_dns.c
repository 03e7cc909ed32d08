#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/base/ip.h"
#include "probe/dns/name.h"
#include "probe/dns/answer_section.h"
#include "probe/dns/record.h"
#include "tests/fuzz/must.h"

/*
 * The input is a message.  It is read as the answer to its own question, and
 * once more without its last quarter.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void dns_check_name(struct span name)
{
	char room[NAME_TEXT_MAX];
	uint8_t wire[NAME_WIRE_MAX];
	const char *why;
	size_t len = name_print(name, room, &why);

	MUST(len && span_is(name, (struct span){ room, len }));
	MUST(name_to_wire(name, wire) != 0);
}

static void dns_check_value(
	struct arena *arena, enum rr_type type, struct span value)
{
	struct span host, shown;
	unsigned preference;
	const char *why;
	struct ip ip;

	switch (type) {
	case RR_A:
	case RR_AAAA:
		MUST(ip_parse(value, &ip));
		MUST((ip.family == FAMILY_IPV4) == (type == RR_A));
		break;
	case RR_CNAME:
	case RR_PTR:
		dns_check_name(value);
		shown = name_to_unicode(arena, value);
		MUST(name_to_ascii(arena, shown, &host, &why));
		MUST(span_is(host, value));
		break;
	case RR_MX:
		MUST(answer_mx(value, &preference, &host));
		dns_check_name(host);
		(void)name_host_check(host, &why);
		break;
	case RR_TXT:
	case RR_SOA:
	case RR_TLSA:
	case RR_POLICY:
		break;
	}
}

static void dns_check(
	struct arena *arena, enum rr_type type, const struct answer *answer)
{
	MUST(answer->value_count <= ANSWER_SECTION_VALUES_MAX);
	MUST((answer->kind == ANSWER_DATA) == (answer->value_count > 0));
	MUST(answer->kind != ANSWER_MALFORMED || answer->why.len > 0);
	MUST(!answer->secure || !answer_failed(answer));
	if (answer->canonical.len)
		dns_check_name(answer->canonical);
	for (size_t i = 0; i < answer->value_count; i++)
		dns_check_value(arena, type, answer->values[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum rr_type known[] = { RR_A, RR_CNAME, RR_SOA, RR_PTR,
		RR_MX, RR_TXT, RR_AAAA, RR_TLSA };
	struct arena *arena = arena_open();
	struct span message = { (const char *)bytes, len };
	struct span name = SPAN("mx.example");
	unsigned asked = RR_A;
	enum rr_type type = RR_A;
	struct response whole, cut;

	if (record_question(arena, message, &name, &asked))
		dns_check_name(name);
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if ((unsigned)known[i] == asked)
			type = known[i];
	record_answer(arena, message, name, type, &whole);
	dns_check(arena, type, &whole.answer);
	message.len -= len / 4;
	record_answer(arena, message, name, type, &cut);
	dns_check(arena, type, &cut.answer);
	if (whole.answer.kind == ANSWER_DATA)
		MUST(cut.answer.value_count <= whole.answer.value_count);
	arena_close(arena);
	return 0;
}
