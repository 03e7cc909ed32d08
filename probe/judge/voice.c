#include "probe/judge/voice.h"

#include "probe/base/ip.h"
#include "probe/policy/org_domain.h"

static bool has_code(struct span banner)
{
	unsigned long code;

	return banner.len > 4 &&
	       span_number(span_part(banner, 0, 3), 599, &code) &&
	       (banner.at[3] == ' ' || banner.at[3] == '-');
}

static bool is_domain(struct span text)
{
	size_t dot = span_find(text, '.');
	struct ip address;

	return dot > 0 && dot + 1 < text.len && text.at[0] != '[' &&
	       !ip_parse(text, &address);
}

struct span voice_name(struct span banner)
{
	struct span text = banner;

	if (has_code(banner))
		text = span_part(banner, 4, banner.len);
	text = span_part(text, 0, span_find(text, ' '));
	return is_domain(text) ? text : SPAN("");
}

bool voice_are_of_one(struct arena *arena, struct span a, struct span b)
{
	const struct suffix_list *list = suffix_list_own();
	struct span one = org_domain(arena, list, a);

	return one.len && span_is_nocase(one, org_domain(arena, list, b));
}

bool voice_is_foreign(struct arena *arena, struct span host, struct span name,
	struct span other)
{
	return is_domain(name) && is_domain(other) &&
	       voice_are_of_one(arena, host, other) &&
	       !voice_are_of_one(arena, host, name);
}
