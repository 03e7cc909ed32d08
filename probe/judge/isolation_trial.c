#include "probe/judge/isolation.h"

static const struct step *step_of(
	const struct scenario *scenario, enum step_verb verb)
{
	for (size_t i = 0; i < scenario->step_count; i++)
		if (scenario->steps[i].verb == verb)
			return &scenario->steps[i];
	return NULL;
}

static struct span kept(struct arena *arena, struct span text)
{
	return arena_copy(arena, span_part(text, 0, ISOLATION_TEXT_MAX));
}

static struct span argument_of(struct arena *arena,
	const struct scenario *scenario, enum step_verb verb)
{
	const struct step *step = step_of(scenario, verb);

	return step ? kept(arena, step->argument) : SPAN("");
}

/* Our own address as a literal goes with the address. */
static struct span name_of(struct arena *arena, const struct visit *visit)
{
	struct span name = argument_of(arena, visit->scenario, STEP_EHLO);
	const struct ip *ip = &visit->source.ip;
	struct span literal;

	if (!visit->source.is_known)
		return name;
	literal = arena_print(arena, "[%s%.*s]",
		ip->family == FAMILY_IPV6 ? "IPv6:" : "",
		SPAN_ARG(ip_text(arena, ip)));
	return span_is_nocase(name, literal) ? SPAN("") : name;
}

static void take_setting(
	struct arena *arena, const struct visit *visit, struct setting *setting)
{
	const struct scenario *scenario = visit->scenario;

	*setting = (struct setting){ .family = visit->path->family,
		.has_source = visit->source.is_known,
		.source = visit->source.ip,
		.ehlo = name_of(arena, visit),
		.host = kept(arena, visit->path->host),
		.remote = visit->path->remote,
		.has_tls = step_of(scenario, STEP_STARTTLS) != NULL,
		.mail_from = argument_of(arena, scenario, STEP_MAIL) };
}

/* "550 5.7.1 no" with the texts of all its lines, or the sentence of the fault. */
static struct span told_of(struct arena *arena, const struct fault *fault)
{
	struct span text = SPAN("");

	if (!fault)
		return text;
	if (!fault->reply)
		return kept(arena, fault->why);
	text = arena_print(arena, "%u %.*s", fault->reply->code,
		SPAN_ARG(span_part(
			fault->reply->lines[0], 0, ISOLATION_TEXT_MAX)));
	for (size_t i = 1;
		i < fault->reply->line_count && text.len < ISOLATION_TEXT_MAX;
		i++)
		text = arena_print(arena, "%.*s %.*s", SPAN_ARG(text),
			SPAN_ARG(span_part(reply_text(fault->reply, i), 0,
				ISOLATION_TEXT_MAX)));
	return kept(arena, text);
}

static void take_verdict(struct trial_end *end, enum verdict verdict)
{
	end->is_well = verdict == VERDICT_PASS || verdict == VERDICT_WARN;
	end->is_decided = end->is_well || verdict == VERDICT_FAIL;
}

static void take_cell_verdict(struct trial_end *end, enum cell_verdict verdict)
{
	end->is_well = verdict == CELL_PASS || verdict == CELL_FIXED;
	end->is_decided = end->is_well || verdict == CELL_FAIL ||
			  verdict == CELL_KNOWN;
}

/* The one visit, as if it were all of its cell; the first miss's stage. */
static enum stage take_cell(struct arena *arena,
	const struct trial_question *question, struct trial_end *end)
{
	struct judgement one = *question->judgement;
	struct cell_result result;
	struct cell_question asked = { .codebook = question->codebook,
		.cell = question->cell,
		.outcome = question->outcome,
		.judgement = &one,
		.now = question->now };

	one.visits += question->visit;
	one.visit_count = 1;
	one.families[one.visits[0].visit->path->family] = one.visits[0].verdict;
	cell_judge(arena, &asked, &result);
	take_cell_verdict(end, result.verdict);
	if (!result.miss_count)
		return STAGE_QUIT;
	end->missed = kept(arena, result.misses[0].wanted);
	if (!end->told.len)
		end->told = kept(arena, result.misses[0].found);
	return result.misses[0].stage;
}

enum stage trial_of_visit(struct arena *arena,
	const struct trial_question *question, struct trial *trial)
{
	const struct visit_judgement *judged =
		&question->judgement->visits[question->visit];
	const struct visit *visit = judged->visit;
	enum stage stage = STAGE_QUIT;

	*trial = (struct trial){ .name = SPAN("") };
	take_setting(arena, visit, &trial->setting);
	trial->end = (struct trial_end){ .ending = ending_of(judged),
		.missed = SPAN(""),
		.told = told_of(arena, visit->fault) };
	trial->end.ending.host = trial->setting.host;
	trial->end.ending.policy = kept(arena, trial->end.ending.policy);
	if (visit->state != VISIT_WALKED) {
		trial->end.told = kept(arena, visit->why_not);
		return STAGE_CONNECT;
	}
	if (question->cell)
		stage = take_cell(arena, question, &trial->end);
	else
		take_verdict(&trial->end, judged->verdict);
	if (visit->fault)
		stage = visit->fault->stage;
	/* EHLO is said again inside TLS. */
	return stage == STAGE_EHLO && visit->tls ? STAGE_TLS : stage;
}

struct trial trial_copy(struct arena *arena, const struct trial *trial)
{
	struct trial copy = *trial;

	copy.setting.ehlo = arena_copy(arena, trial->setting.ehlo);
	copy.setting.host = arena_copy(arena, trial->setting.host);
	copy.setting.mail_from = arena_copy(arena, trial->setting.mail_from);
	copy.end.ending.host = copy.setting.host;
	copy.end.ending.policy = arena_copy(arena, trial->end.ending.policy);
	copy.end.missed = arena_copy(arena, trial->end.missed);
	copy.end.told = arena_copy(arena, trial->end.told);
	copy.name = arena_copy(arena, trial->name);
	return copy;
}
