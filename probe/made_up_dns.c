#include "probe/made_up_dns.h"

#include "probe/dns/name.h"

struct span made_up_dns_name(struct made_up_dns *dns, struct span name)
{
	struct span normal;
	const char *why;

	if (name_to_ascii(dns->arena, name, &normal, &why))
		return normal;
	if (!dns->why->len)
		*dns->why = arena_print(
			dns->arena, "%.*s: %s", SPAN_ARG(name), why);
	return name;
}

struct made_up_record *made_up_dns_record(
	struct made_up_dns *dns, struct span name, enum rr_type type)
{
	struct made_up_record *record;

	name = made_up_dns_name(dns, name);
	for (size_t i = 0; i < dns->count; i++)
		if (dns->records[i].type == type &&
			span_is(dns->records[i].name, name))
			return &dns->records[i];
	dns->records = arena_grow(dns->arena, dns->records, dns->count,
		&dns->room, sizeof(*dns->records));
	record = &dns->records[dns->count++];
	*record = (struct made_up_record){ .name = name,
		.type = type,
		.answer = arena_new(dns->arena, struct answer) };
	*record->answer = (struct answer){ .kind = ANSWER_NONE,
		.ttl = 300,
		.canonical = SPAN(""),
		.server = SPAN("the rehearsal"),
		.why = SPAN("") };
	return record;
}

void made_up_record_add(struct made_up_dns *dns, struct made_up_record *record,
	struct span value)
{
	struct answer *answer = record->answer;

	for (size_t i = 0; i < answer->value_count; i++)
		if (span_is(record->values[i], value))
			return;
	record->values = arena_grow(dns->arena, record->values,
		answer->value_count, &record->room, sizeof(*record->values));
	record->values[answer->value_count++] = value;
	answer->values = record->values;
	answer->kind = ANSWER_DATA;
}

void made_up_dns_add(struct made_up_dns *dns, struct span name,
	enum rr_type type, struct span value)
{
	made_up_record_add(dns, made_up_dns_record(dns, name, type), value);
}

void made_up_dns_add_address(
	struct made_up_dns *dns, struct span name, const struct ip *ip)
{
	made_up_dns_add(dns, name, ip->family == FAMILY_IPV4 ? RR_A : RR_AAAA,
		ip_text(dns->arena, ip));
}

void made_up_dns_say(struct made_up_dns *dns, const struct script_dns *said)
{
	struct made_up_record *record;
	enum rr_type type;

	if (!rr_type_parse(said->type, &type))
		return;
	record = made_up_dns_record(dns, said->name, type);
	record->answer->value_count = 0;
	record->answer->kind = said->kind == SCRIPT_DNS_FAILED ? ANSWER_SERVFAIL
							       : ANSWER_NONE;
	for (size_t i = 0; i < said->value_count; i++)
		made_up_record_add(dns, record, said->values[i]);
}

const struct saved_answers *made_up_dns_answers(const struct made_up_dns *dns)
{
	struct answers *answers = answers_open(dns->arena);

	for (size_t i = 0; i < dns->count; i++)
		answers_put(answers, dns->records[i].name, dns->records[i].type,
			dns->records[i].answer);
	return saved_answers_of(dns->arena, answers);
}
