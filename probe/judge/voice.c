#include "probe/judge/voice.h"

#include <assert.h>

#include "probe/policy/org_domain.h"

/* From one end, what is on the way and an address that leads to another server
 * look the same; how far away the answer comes from, a trace tells. */
const struct finding_kind voice_intercepted = {
	.id = "path.intercepted",
	.severity = SEVERITY_WARN,
	.blame = BLAME_UNKNOWN,
	.title = "another server answers in the host's place",
	.meaning = "A transparent proxy on the way, or an address that is "
		   "another server's: mail does not go where it was meant to.",
	.remedy = "see with mxprobe trace how far away the answer comes from; "
		  "if it is near, ask your provider for port 25 without a "
		  "proxy, else tell the domain's postmaster",
	.reference = "RFC 5068 section 3.1",
};

struct span voice_doubt(void)
{
	return SPAN("the address may belong to another server, which speaks "
		    "for itself");
}

/* ---- names */

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

/* ---- signs */

void voice_say(struct voice_signs *signs, struct span clause, bool is_likely)
{
	assert(signs->count < VOICE_SIGNS_MAX);
	signs->at[signs->count++] = clause;
	signs->is_likely |= is_likely;
}

static void weigh_certificate(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs)
{
	if (odd->certificate == VOICE_CONTRADICTS &&
		own->certificate == VOICE_FITS)
		voice_say(signs,
			arena_print(arena,
				"its certificate is for another name, and over "
				"%s for this host",
				family_word(own->family)),
			true);
}

static void weigh_tls(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs)
{
	if (odd->has_ehlo && !odd->offers_tls && own->has_ehlo &&
		own->offers_tls)
		voice_say(signs,
			arena_print(arena,
				"it offers no STARTTLS, and over %s it does",
				family_word(own->family)),
			true);
}

static void weigh_tlsa(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs)
{
	if (odd->tlsa == VOICE_CONTRADICTS && own->tlsa == VOICE_FITS)
		voice_say(signs,
			arena_print(arena,
				"the TLSA records fit the key over %s, and not "
				"this one",
				family_word(own->family)),
			true);
}

/* Systems begin with 64, 128 or 255, and each router takes 1 off. */
static unsigned routers_of(unsigned hops)
{
	return (hops <= 64 ? 64 : hops <= 128 ? 128 : 255) - hops;
}

/* Paths of two families differ; but what no router passed on comes from the
 * next one itself. */
static void weigh_distance(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs)
{
	unsigned near = routers_of(odd->hops), far = routers_of(own->hops);

	if (odd->hops && own->hops && near < far)
		voice_say(signs,
			arena_print(arena,
				"over %s its packets passed %u router%s, over "
				"%s %u",
				family_word(odd->family), near,
				near == 1 ? "" : "s", family_word(own->family),
				far),
			near == 0);
}

void voice_weigh(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs)
{
	weigh_certificate(arena, odd, own, signs);
	weigh_tls(arena, odd, own, signs);
	weigh_tlsa(arena, odd, own, signs);
	weigh_distance(arena, odd, own, signs);
}
