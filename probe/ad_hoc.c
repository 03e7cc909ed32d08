#include "probe/ad_hoc.h"

#include "probe/dns/name.h"
#include "probe/smtp/address.h"

enum { PORT_SMTP = 25, STEPS_MAX = 10 };

static bool port_of(struct span text, uint16_t *port)
{
	unsigned long number;

	if (!span_number(text, 65535, &number) || number == 0)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", and bare addresses after -s. */
static bool literal_of(struct span text, struct ip *ip)
{
	if (text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']')
		text = span_part(text, 1, text.len - 2);
	if (span_starts_nocase(text, SPAN("IPv6:")))
		return ip_parse(span_part(text, 5, text.len), ip) &&
		       ip->family == FAMILY_IPV6;
	return ip_parse(text, ip);
}

/*
 * What is not looked up: the DNS takes any octets for a name, and the Domain of
 * RFC 5321 section 4.1.2 is letters, digits and hyphens.
 */
static bool name_of(struct arena *arena, struct span text, struct span *name,
	struct span *why)
{
	const char *reason;

	if (name_to_ascii(arena, text, name, &reason) &&
		name_host_check(*name, &reason) != HOST_UNFIT)
		return true;
	*why = arena_copy(arena, span_of(reason));
	return false;
}

/* Where the colon of HOST:PORT or [ADDR]:PORT stands; the end: there is none. */
static size_t colon_of_port(struct span text)
{
	size_t bracket = span_find(text, ']');
	size_t from = bracket < text.len ? bracket : 0;
	struct ip whole_text;

	if (ip_parse(text, &whole_text))
		return text.len;
	return span_find(span_part(text, from, text.len), ':') + from;
}

/* A connection to the unspecified address would be one to ourselves. */
static bool is_of_a_server(
	struct arena *arena, const struct ip *ip, struct span *why)
{
	enum ip_kind kind = ip_kind(ip);

	if (kind != IP_UNSPECIFIED && kind != IP_MULTICAST)
		return true;
	*why = arena_print(arena,
		"no server is reached at it: the address is %s",
		ip_kind_word(kind));
	return false;
}

/* HOST, HOST:PORT, [ADDR], [ADDR]:PORT, ADDR. */
static bool server_of(struct arena *arena, struct span text,
	struct target *target, struct span *why)
{
	size_t colon = colon_of_port(text);

	*why = SPAN("HOST, HOST:PORT, ADDRESS or [ADDRESS]:PORT is wanted");
	if (colon < text.len) {
		if (!port_of(span_part(text, colon + 1, text.len),
			    &target->port))
			return false;
		text = span_part(text, 0, colon);
	}
	target->is_literal = literal_of(text, &target->literal);
	if (target->is_literal)
		return is_of_a_server(arena, &target->literal, why);
	return name_of(arena, text, &target->host, why);
}

static bool domain_of(struct arena *arena, struct span text,
	struct target *target, struct span *why)
{
	target->is_literal = literal_of(text, &target->literal);
	if (target->is_literal)
		return is_of_a_server(arena, &target->literal, why);
	if (text.len && text.at[0] == '[') {
		*why = SPAN("the address literal does not parse: [192.0.2.1] "
			    "or [IPv6:2001:db8::1] is wanted");
		return false;
	}
	if (!name_of(arena, text, &target->domain, why))
		return false;
	target->domain_shown = name_to_unicode(arena, target->domain);
	return true;
}

static bool is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

bool ad_hoc_mailbox(struct arena *arena, struct span text, struct span *mailbox,
	struct span *domain, const char **why)
{
	struct address address;

	if (!address_parse(arena, text, ADDRESS_LENIENT, &address, why))
		return false;
	if (address.is_utf8 && is_ascii(address.local)) {
		if (!name_to_ascii(arena, address.domain, &address.domain, why))
			return false;
		text = address_print(arena, &address);
	}
	*mailbox = arena_copy(arena, text);
	*domain = address.domain;
	return true;
}

bool ad_hoc_target(struct arena *arena, const struct options *options,
	struct span text, struct target *target, struct span *why)
{
	const char *reason;
	size_t at = text.len;

	*target = (struct target){ .text = arena_copy(arena, text),
		.domain = SPAN(""),
		.domain_shown = SPAN(""),
		.mailbox = SPAN(""),
		.host = SPAN(""),
		.port = options->port ? options->port : PORT_SMTP };
	if (options->server.len) {
		if (!server_of(arena, options->server, target, why))
			return false;
		if (span_is(text, options->server))
			return true;
	}
	while (at > 0 && text.at[at - 1] != '@')
		at--;
	if (at > 0 && !ad_hoc_mailbox(
			      arena, text, &target->mailbox, &text, &reason)) {
		*why = arena_copy(arena, span_of(reason));
		return false;
	}
	if (!options->server.len && at == 0 && colon_of_port(text) < text.len)
		return server_of(arena, text, target, why);
	if (!options->server.len)
		return domain_of(arena, text, target, why);
	if (!name_of(arena, text, &target->domain, why))
		return false;
	target->domain_shown = name_to_unicode(arena, target->domain);
	return true;
}

/* ---- the scenario */

struct span ad_hoc_recipient(
	const struct options *options, const struct target *target)
{
	return options->to.len ? options->to : target->mailbox;
}

enum stage ad_hoc_goal(
	const struct options *options, const struct target *target)
{
	enum stage goal = STAGE_EHLO;

	if (options->has_from)
		goal = STAGE_MAIL;
	if (options->has_from && ad_hoc_recipient(options, target).len)
		goal = STAGE_RCPT;
	if (goal == STAGE_RCPT && options->deliver)
		goal = STAGE_DOT;
	if (options->has_quit_after &&
		(goal == STAGE_EHLO || options->quit_after < goal))
		goal = options->quit_after;
	return goal;
}

bool ad_hoc_wants_tls(
	const struct options *options, const struct target *target)
{
	bool stops_in_clear = options->has_quit_after &&
			      ad_hoc_goal(options, target) <= STAGE_EHLO;

	return options->tls != OPTION_TLS_NONE && !stops_in_clear;
}

struct writing {
	struct step *steps;
	size_t count;
};

static void step_add(
	struct writing *writing, enum step_verb verb, struct span argument)
{
	writing->steps[writing->count++] = (struct step){
		.verb = verb, .argument = argument, .file = SPAN("")
	};
}

static void steps_of_tls(struct writing *writing, const struct options *options,
	struct span name)
{
	static const enum step_tls levels[] = {
		[OPTION_TLS_NONE] = STEP_TLS_MAY,
		[OPTION_TLS_MAY] = STEP_TLS_MAY,
		[OPTION_TLS_ENCRYPT] = STEP_TLS_ENCRYPT,
		[OPTION_TLS_DANE] = STEP_TLS_DANE,
		[OPTION_TLS_SECURE] = STEP_TLS_SECURE,
	};

	step_add(writing, STEP_STARTTLS, SPAN(""));
	writing->steps[writing->count - 1].tls = levels[options->tls];
	step_add(writing, STEP_EHLO, name);
}

const struct scenario *ad_hoc_scenario(struct arena *arena,
	const struct options *options, const struct target *target,
	enum family family)
{
	struct scenario *scenario = arena_new(arena, struct scenario);
	enum stage goal = ad_hoc_goal(options, target);
	struct span name = options->ehlo[family];
	struct writing writing = { .steps = arena_take(arena,
					   STEPS_MAX * sizeof(struct step)) };

	step_add(&writing, STEP_CONNECT, SPAN(""));
	if (goal >= STAGE_BANNER)
		step_add(&writing, STEP_BANNER, SPAN(""));
	if (goal >= STAGE_EHLO)
		step_add(&writing, STEP_EHLO, name);
	if (ad_hoc_wants_tls(options, target))
		steps_of_tls(&writing, options, name);
	if (goal >= STAGE_MAIL)
		step_add(&writing, STEP_MAIL, options->from);
	if (goal >= STAGE_RCPT)
		step_add(
			&writing, STEP_RCPT, ad_hoc_recipient(options, target));
	if (goal >= STAGE_DATA)
		step_add(&writing, STEP_DATA, SPAN(""));
	if (goal >= STAGE_DOT)
		step_add(&writing, STEP_DOT, SPAN(""));
	/* Behind a 354, QUIT would be the message's first line; and before
	 * the banner the server would take it for an early talker. */
	if (goal != STAGE_DATA && goal >= STAGE_BANNER)
		step_add(&writing, STEP_QUIT, SPAN(""));
	scenario->name = SPAN("ad hoc");
	scenario->steps = writing.steps;
	scenario->step_count = writing.count;
	scenario->pipelines = options->pipelines;
	scenario->pipelines_always = options->pipelines_always;
	scenario->talks_early = options->talks_early;
	return scenario;
}
