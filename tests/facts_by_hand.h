#ifndef MXP_FACTS_BY_HAND_H
#define MXP_FACTS_BY_HAND_H

#include "probe/judge/judge.h"
#include "probe/smtp/reply_parser.h"

/*
 * An outcome built by hand, for the tests of the judge: a target with hosts,
 * and visits that all went well until a test spoils one.
 */
enum { BY_HAND_MAX = 8 };

struct facts {
	struct arena *arena;
	struct target target;
	struct outcome outcome;
	struct path paths[BY_HAND_MAX];
	struct visit visits[BY_HAND_MAX];
	struct visit *list[BY_HAND_MAX];
	struct exchanger exchangers[2];
};

static inline struct facts *facts_open(struct arena *arena)
{
	struct facts *facts = arena_new(arena, struct facts);

	facts->arena = arena;
	facts->target.text = facts->target.domain = SPAN("example.net");
	facts->exchangers[0].host = SPAN("mx1.example.net");
	facts->outcome = (struct outcome){ .target = &facts->target,
		.answers = answers_open(arena),
		.mx_asked = true,
		.wanted = { true, true },
		.exchangers = facts->exchangers,
		.exchanger_count = 1,
		.paths = facts->paths,
		.visits = facts->list,
		.goal = STAGE_DOT };
	return facts;
}

static inline struct ip ip_by_hand(const char *text)
{
	struct ip ip;

	if (!ip_parse(span_of(text), &ip))
		ip = (struct ip){ .family = FAMILY_IPV4 };
	return ip;
}

static inline struct visit *add_visit(
	struct facts *facts, const char *host, enum family family)
{
	size_t i = facts->outcome.visit_count++;
	struct visit *visit = facts->list[i] = &facts->visits[i];
	struct path *path = &facts->paths[facts->outcome.path_count++];

	path->domain = facts->target.domain;
	path->host = span_of(host);
	path->family = family;
	path->remote = ip_by_hand(
		family == FAMILY_IPV4 ? "198.51.100.1" : "2001:db8:51::1");
	path->port = 25;
	visit->path = path;
	visit->state = VISIT_WALKED;
	visit->source.is_known = true;
	visit->source.ip = ip_by_hand(
		family == FAMILY_IPV4 ? "203.0.113.25" : "2001:db8:25::25");
	visit->source.kind = IP_GLOBAL;
	visit->fcrdns = FCRDNS_CONFIRMED;
	visit->ptr_name = family == FAMILY_IPV4 ? SPAN("mail4.example.org")
						: SPAN("mail6.example.org");
	for (unsigned stage = STAGE_CONNECT; stage <= STAGE_QUIT; stage++)
		visit->reached[stage] = true;
	return visit;
}

static inline struct fault *spoil(struct facts *facts, struct visit *visit,
	enum failure failure, enum stage stage)
{
	struct fault *fault = arena_new(facts->arena, struct fault);

	fault->failure = failure;
	fault->stage = stage;
	fault->why = SPAN("it broke");
	visit->fault = fault;
	visit->last = stage;
	for (unsigned i = stage; i < STAGE_COUNT; i++)
		visit->reached[i] = false;
	return fault;
}

/* What the server said, its lines ended by LF. */
static inline void refuse(struct facts *facts, struct visit *visit,
	enum stage stage, const char *text)
{
	struct span input = arena_print(facts->arena, "%s\n", text);
	struct reply_parser parser;
	const struct reply *reply = NULL;
	const char *why;

	reply_parser_init(&parser, facts->arena);
	if (reply_parse(&parser, &input, &reply, &why) != PARSE_DONE)
		reply = NULL;
	spoil(facts, visit,
		text[0] == '4' ? FAILURE_SMTP_4XX : FAILURE_SMTP_5XX, stage)
		->reply = reply;
}

static inline const struct judgement *judge_facts(struct facts *facts)
{
	return judge(
		facts->arena, codebook_embedded(facts->arena), &facts->outcome);
}

static inline const struct finding *finding_of(
	const struct judgement *judgement, const char *id)
{
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (span_is(judgement->findings[i].id, span_of(id)))
			return &judgement->findings[i];
	return NULL;
}

static inline bool has_text(
	const struct evidence *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (span_find_nocase(list[i].text, span_of(text)) <
			list[i].text.len)
			return true;
	return false;
}

static inline bool says_for(const struct finding *finding, const char *text)
{
	return has_text(finding->for_it, finding->for_count, text);
}

static inline bool says_against(const struct finding *finding, const char *text)
{
	return has_text(finding->against, finding->against_count, text);
}

#endif
