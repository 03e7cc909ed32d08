#include "probe/ad_hoc_print.h"

#include "probe/ad_hoc.h"
#include "probe/judge/isolation.h"

struct printing {
	struct arena *arena;
	const struct options *options;
	struct span text;
};

static void put(struct printing *printing, const char *before, struct span word,
	const char *behind)
{
	printing->text = arena_print(printing->arena, "%.*s%s%.*s%s",
		SPAN_ARG(printing->text), before, SPAN_ARG(word), behind);
}

/* In quotes, whatever is in it. */
static struct span quoted(struct arena *arena, struct span text)
{
	struct span all = SPAN("\"");

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c == '"' || c == '\\' || c == '$')
			all = arena_print(arena, "%.*s\\%c", SPAN_ARG(all), c);
		else if (c < ' ' || c == 0x7f)
			all = arena_print(
				arena, "%.*s\\x%02x", SPAN_ARG(all), c);
		else
			all = arena_print(arena, "%.*s%c", SPAN_ARG(all), c);
	}
	return arena_print(arena, "%.*s\"", SPAN_ARG(all));
}

static void put_quoted(
	struct printing *printing, const char *before, struct span text)
{
	put(printing, before, quoted(printing->arena, text), "\n");
}

/* ---- ways out */

static const char *const families[] = { "4", "6" };

/* Without a source, the path would not have the family at all. */
static void put_path(
	struct printing *printing, const bool wanted[static FAMILY_COUNT])
{
	const struct options *options = printing->options;
	struct arena *arena = printing->arena;

	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		if (!wanted[i])
			continue;
		if (options->binds[i])
			put(printing, i ? "  source6 " : "  source4 ",
				ip_text(arena, &options->bind_to[i]), "\n");
		if (options->ehlo[i].len)
			put_quoted(printing, i ? "  ehlo6 " : "  ehlo4 ",
				options->ehlo[i]);
	}
	if (options->interface)
		put_quoted(
			printing, "  interface ", span_of(options->interface));
}

/* ---- targets */

static void put_choice(struct printing *printing)
{
	const struct options *options = printing->options;
	struct arena *arena = printing->arena;

	switch (options->mx_choice) {
	case MX_BEST:
		put(printing, " best", SPAN(""), "");
		break;
	case MX_ALL:
		put(printing, " all", SPAN(""), "");
		break;
	case MX_FIRST:
		put(printing, " first ",
			arena_print(arena, "%u", options->mx_first), "");
		break;
	}
}

static void put_target(struct printing *printing, const struct target *target)
{
	const struct options *options = printing->options;
	struct arena *arena = printing->arena;

	if (target->is_literal)
		put(printing, "  target address ",
			ip_text(arena, &target->literal), "");
	else if (target->host.len)
		put(printing, "  target host ", target->host, "");
	else
		put(printing, "  target mx ", target->domain, "");
	if (!target->is_literal && !target->host.len)
		put_choice(printing);
	put(printing, " port ", arena_print(arena, "%u", target->port), "");
	if (options->has_only && !target->is_literal && !target->host.len)
		put(printing, " only ", ip_text(arena, &options->only), "");
	put(printing, "\n", SPAN(""), "");
}

/* ---- steps */

static const char *tls_word(enum step_tls tls)
{
	switch (tls) {
	case STEP_TLS_MAY:
		return "may";
	case STEP_TLS_ENCRYPT:
		return "encrypt";
	case STEP_TLS_DANE:
		return "dane";
	case STEP_TLS_SECURE:
		break;
	}
	return "secure";
}

static bool has_step(const struct scenario *scenario, enum step_verb verb)
{
	for (size_t i = 0; i < scenario->step_count; i++)
		if (scenario->steps[i].verb == verb)
			return true;
	return false;
}

static void put_step(struct printing *printing, const struct step *step)
{
	const char *file = printing->options->message_file;

	switch (step->verb) {
	case STEP_CONNECT:
	case STEP_BANNER:
	case STEP_QUIT:
		put(printing, "  step ", span_of(step_word(step->verb)), "\n");
		break;
	case STEP_STARTTLS:
		put(printing, "  step starttls ", span_of(tls_word(step->tls)),
			"\n");
		break;
	case STEP_MAIL:
		put_quoted(printing, "  step mail ", step->argument);
		break;
	case STEP_RCPT:
		put_quoted(printing, "  step rcpt ", step->argument);
		break;
	case STEP_DATA:
		if (file)
			put_quoted(
				printing, "  step data file ", span_of(file));
		else
			put(printing, "  step data\n", SPAN(""), "");
		break;
	case STEP_EHLO:
	case STEP_DOT:
		break;
	}
}

/* EHLO is said twice, in clear and inside TLS, and written once. */
static void put_steps(
	struct printing *printing, const struct scenario *scenario)
{
	bool said_ehlo = false;

	for (size_t i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];

		put_step(printing, step);
		if (step->verb != STEP_EHLO || said_ehlo)
			continue;
		put(printing, "  step ehlo\n", SPAN(""), "");
		said_ehlo = true;
		if (!has_step(scenario, STEP_STARTTLS))
			put(printing, "  step starttls none\n", SPAN(""), "");
	}
}

/* ---- probes */

static void put_probe(struct printing *printing, const struct target *target,
	const bool wanted[static FAMILY_COUNT], size_t number)
{
	struct arena *arena = printing->arena;
	enum family family = wanted[FAMILY_IPV4] ? FAMILY_IPV4 : FAMILY_IPV6;
	const char *which =
		wanted[FAMILY_IPV4] && wanted[FAMILY_IPV6]
			? ""
			: arena_print(arena, "-ipv%s", families[family]).at;
	struct span name = arena_print(arena, "target-%zu%s", number, which);

	put(printing, "path ", name, "\n");
	put_path(printing, wanted);
	put(printing, "probe ", name, "\n");
	put_target(printing, target);
	put(printing, "  family ",
		*which ? span_of(families[family]) : SPAN("4, 6"), "\n");
	put(printing, "  path ", name, "\n");
	put_steps(printing,
		ad_hoc_scenario(arena, printing->options, target, family));
}

/*
 * A path that names a source for one family has not the other one; where only
 * one is bound, each family has a probe of its own.
 */
static void put_probes(
	struct printing *printing, const struct target *target, size_t number)
{
	const struct options *options = printing->options;
	bool both = options->wanted[FAMILY_IPV4] &&
		    options->wanted[FAMILY_IPV6];

	if (!both ||
		options->binds[FAMILY_IPV4] == options->binds[FAMILY_IPV6]) {
		put_probe(printing, target, options->wanted, number);
		return;
	}
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		bool wanted[FAMILY_COUNT] = { false, false };

		wanted[i] = true;
		put_probe(printing, target, wanted, number);
	}
}

/* What a scenario has no word for yet. */
static const char *unsayable(const struct options *options)
{
	if (options->pipelines)
		return "--pipelining";
	if (options->sni.len)
		return "--sni";
	if (options->dkim_key_file)
		return "--dkim-key";
	if (options->has_quit_after && options->quit_after == STAGE_DATA)
		return "--quit-after data";
	if (options->mtu_trial == MTU_TRIAL_ALWAYS)
		return "--mtu-trial always";
	return NULL;
}

static bool put_one(struct printing *printing, size_t i, struct span *why)
{
	const struct options *options = printing->options;
	struct target target;

	if (!ad_hoc_target(printing->arena, options, options->targets[i],
		    &target, why))
		return false;
	*why = SPAN("a scenario has no word for --server beside a domain");
	if (options->server.len && target.domain.len)
		return false;
	if (ad_hoc_goal(options, &target) == STAGE_DOT)
		put_quoted(
			printing, "owns ", ad_hoc_recipient(options, &target));
	put_probes(printing, &target, i + 1);
	return true;
}

/* --isolate changes all that there is. */
static void put_isolation(struct printing *printing)
{
	unsigned max = printing->options->isolate_max;

	if (!printing->options->isolates)
		return;
	put(printing, "on failure\n  isolate ", SPAN(""), "");
	for (unsigned i = 0; i < VARIED_COUNT; i++)
		put(printing, i ? ", " : "",
			span_of(varied_word((enum varied)i)), "");
	put(printing, " max ",
		arena_print(printing->arena, "%u",
			max ? max : ISOLATION_CONNECTIONS),
		" connections\n");
}

bool ad_hoc_print(struct arena *arena, const struct options *options,
	struct span *text, struct span *why)
{
	struct printing printing = { .arena = arena,
		.options = options,
		.text = SPAN("mxprobe 1\nscenario \"ad hoc\"\n") };
	const char *option = unsayable(options);

	if (option) {
		*why = arena_print(
			arena, "a scenario has no word for %s", option);
		return false;
	}
	for (size_t i = 0; i < options->target_count; i++)
		if (!put_one(&printing, i, why))
			return false;
	put_isolation(&printing);
	*text = printing.text;
	return true;
}
