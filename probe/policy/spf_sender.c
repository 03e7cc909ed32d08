#include "probe/policy/spf_sender.h"

#include "probe/base/utf8.h"
#include "probe/dns/name.h"

/* RFC 8616, 4: U-labels are looked up as A-labels. */
static struct spf_target domain_of(struct arena *arena, struct span text)
{
	struct spf_target domain = { name_without_dot(text), SPAN("") };
	const char *why;

	if (utf8_is_ascii(text))
		domain.name = spf_name(arena, domain.raw);
	else if (name_to_ascii(arena, text, &domain.name, &why))
		domain.raw = domain.name;
	return domain;
}

/* RFC 7208, 2.4 and 4.3: postmaster is who sends where nobody is named. */
struct spf_target spf_sender_domain(
	struct spf_evaluation *evaluation, const struct spf_query *query)
{
	struct spf_macro_values *values = &evaluation->values;
	struct span from = query->mail_from;
	struct spf_target domain;
	size_t at = from.len;

	while (at && from.at[at - 1] != '@')
		at--;
	domain = domain_of(evaluation->arena,
		from.len ? span_part(from, at, from.len) : query->helo);
	values->local = at > 1 ? span_part(from, 0, at - 1)
			       : SPAN("postmaster");
	values->sender_domain = domain.raw;
	values->sender = from;
	if (at <= 1 || from.len - at != domain.raw.len)
		values->sender = arena_print(evaluation->arena, "%.*s@%.*s",
			SPAN_ARG(values->local), SPAN_ARG(domain.raw));
	return domain;
}

/* RFC 7208, 5: "even if the SMTP connection uses IPv6". */
struct ip spf_sender_ip(const struct ip *ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	struct ip four = { .family = FAMILY_IPV4 };

	if (ip->family == FAMILY_IPV4 || memcmp(ip->bytes, prefix, 12) != 0)
		return *ip;
	memcpy(four.bytes, ip->bytes + 12, 4);
	return four;
}
