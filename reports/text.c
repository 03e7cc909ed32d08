#include "reports/text.h"

#include "probe/base/escape.h"
#include "probe/facts/mtu_trial.h"
#include "reports/finding_gist.h"
#include "reports/isolation_text.h"
#include "reports/text_rows.h"
#include "reports/text_table.h"
#include "reports/text_walk.h"

enum { HANG = 11 };

static const struct mark no_mark = { "", TONE_PLAIN };

static void line(struct screen *screen, size_t indent, struct span text)
{
	screen_paragraph(screen, indent, no_mark, indent, text);
}

/* ---- the first line: the target, its ways, what was walked */

/* "bücher.example (xn--bcher-kva.example)" */
static struct span target_text(struct screen *screen,
	const struct target *target)
{
	struct span shown = screen_safe(screen, target->domain_shown);
	struct span domain = screen_safe(screen, target->domain);

	if (!domain.len)
		return screen_safe(screen, target->text);
	if (!shown.len || span_is(shown, domain))
		return domain;
	return arena_print(screen->arena, "%.*s (%.*s)", SPAN_ARG(shown),
		SPAN_ARG(domain));
}

static struct span count_text(struct screen *screen, size_t count,
	const char *noun, const char *plural)
{
	return arena_print(screen->arena, "%zu %s", count,
		count == 1 ? noun : plural);
}

static struct span exchangers_text(struct screen *screen,
	const struct outcome *outcome)
{
	if (outcome->target->is_literal)
		return SPAN("an address");
	if (!outcome->mx_asked)
		return SPAN("this server");
	if (outcome->exchanger_count && outcome->exchangers[0].is_implicit)
		return SPAN("no MX: its own addresses");
	return arena_print(screen->arena, "%zu MX", outcome->exchanger_count);
}

static struct span addresses_text(struct screen *screen,
	const struct outcome *outcome)
{
	size_t count[FAMILY_COUNT] = { 0 };
	const bool *wanted = outcome->wanted;

	for (size_t i = 0; i < outcome->path_count; i++)
		count[outcome->paths[i].family]++;
	if (!wanted[FAMILY_IPV6] || !wanted[FAMILY_IPV4]) {
		enum family only = wanted[FAMILY_IPV4] ? FAMILY_IPV4 :
							 FAMILY_IPV6;

		return arena_print(screen->arena, "%zu %s address%s",
			count[only], family_word(only),
			count[only] == 1 ? "" : "es");
	}
	return arena_print(screen->arena, "%zu IPv4 + %zu IPv6 addresses",
		count[FAMILY_IPV4], count[FAMILY_IPV6]);
}

struct walks {
	size_t count, hosts;
	size_t of[FAMILY_COUNT];
	struct span host;               /* the first */
};

static bool is_first_of_host(const struct outcome *outcome, size_t visit)
{
	const struct path *path = outcome->visits[visit]->path;

	for (size_t i = 0; i < visit; i++) {
		const struct visit *before = outcome->visits[i];

		if (before->state == VISIT_WALKED &&
			span_is(before->path->host, path->host))
			return false;
	}
	return true;
}

/* Of a walk that hung: no mail, but connections all the same. */
static size_t trial_connections(const struct mtu_trial *trial)
{
	return !trial ? 0 : trial->clamped ? 2 : 1;
}

static struct walks walks_of(const struct outcome *outcome)
{
	struct walks walks = { 0 };

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (visit->state != VISIT_WALKED)
			continue;
		if (!walks.count)
			walks.host = visit->path->host;
		walks.count += 1 + trial_connections(visit->mtu_trial);
		walks.of[visit->path->family]++;
		walks.hosts += is_first_of_host(outcome, i);
	}
	return walks;
}

static struct span walked_text(struct screen *screen,
	const struct outcome *outcome)
{
	struct walks walks = walks_of(outcome);
	bool is_best = outcome->mx_asked && outcome->exchanger_count &&
		span_is(outcome->exchangers[0].host, walks.host);
	struct span what;

	if (!walks.count)
		return SPAN("walked: nothing");
	if (walks.hosts > 1)
		what = arena_print(screen->arena, "%zu hosts", walks.hosts);
	else
		what = is_best ? SPAN("best MX") :
				 screen_safe(screen, walks.host);
	return arena_print(screen->arena, "walked: %.*s%s   %.*s",
		SPAN_ARG(what),
		!walks.of[FAMILY_IPV4] ? ", IPv6 only" :
			!walks.of[FAMILY_IPV6] ? ", IPv4 only" :
			walks.hosts == 1 ? ", same host over both" : "",
		SPAN_ARG(count_text(screen, walks.count, "connection",
			"connections")));
}

static void put_title(struct screen *screen, const struct outcome *outcome,
	struct span walked)
{
	struct span text = target_text(screen, outcome->target);

	if (!outcome->fault)
		text = arena_print(screen->arena, "%.*s  %.*s, %.*s",
			SPAN_ARG(text),
			SPAN_ARG(exchangers_text(screen, outcome)),
			SPAN_ARG(addresses_text(screen, outcome)));
	if (walked.len &&
		escape_columns(text) + 3 + walked.len > screen->columns) {
		line(screen, 0, text);
		line(screen, 1, walked);
		return;
	}
	line(screen, 0, arena_print(screen->arena, "%.*s%s%.*s",
		SPAN_ARG(text), walked.len ? "   " : "", SPAN_ARG(walked)));
}

/* ---- what the domain asks of senders */

static struct span age_text(struct screen *screen, uint32_t seconds)
{
	enum { HOUR = 3600, DAY = 24 * HOUR };

	if (seconds >= 2 * DAY)
		return arena_print(screen->arena, "%u days",
			(unsigned)(seconds / DAY));
	return arena_print(screen->arena, "%u h", (unsigned)(seconds / HOUR));
}

static struct span sts_text(struct screen *screen, const struct mta_sts *sts)
{
	if (!sts || sts->state != MTA_STS_FOUND)
		return SPAN("");
	return arena_print(screen->arena, "MTA-STS %s, kept for %.*s",
		mta_sts_mode_word(sts->policy.mode),
		SPAN_ARG(age_text(screen, sts->policy.max_age)));
}

static struct span tls_rpt_text(struct screen *screen,
	const struct tls_rpt_check *check)
{
	struct span first;

	if (!check || check->state != TLS_RPT_FOUND || !check->record.count)
		return SPAN("");
	first = screen_safe(screen, check->record.destinations[0].text);
	return arena_print(screen->arena, "TLSRPT to %.*s%s", SPAN_ARG(first),
		check->record.count > 1 ? " and others" : "");
}

/* Nothing where the domain asks for nothing. */
static void put_policies(struct screen *screen, const struct outcome *outcome)
{
	struct span sts = sts_text(screen, outcome->mta_sts);
	struct span reports = tls_rpt_text(screen, outcome->tls_rpt);

	if (!sts.len && !reports.len)
		return;
	screen_paragraph(screen, 1, no_mark, 1,
		arena_print(screen->arena, "the domain: %.*s%s%.*s",
			SPAN_ARG(sts), sts.len && reports.len ? ", " : "",
			SPAN_ARG(reports)));
}

/* ---- no way at all */

/* The table tells it of each family, where there is one. */
static void put_unwalked(struct screen *screen, const struct outcome *outcome,
	const struct judgement *judgement)
{
	for (int i = 0; i < FAMILY_COUNT; i++)
		if (outcome->wanted[i])
			screen_paragraph(screen, 1, no_mark, 1,
				arena_print(screen->arena, "%s %s: %.*s",
					family_word((enum family)i),
					verdict_word(judgement->families[i]),
					SPAN_ARG(screen_safe(screen,
						judgement->family_why[i]))));
}

static void put_fault(struct screen *screen, const struct fault *fault)
{
	bool is_ours = failure_is_ours(fault->failure);
	struct mark mark = { "FAIL", TONE_BAD };

	if (is_ours)
		mark = (struct mark){ "unknown", TONE_WARN };
	screen_paragraph(screen, 1, mark, is_ours ? 9 : 6,
		arena_print(screen->arena, "%s: %.*s",
			failure_word(fault->failure),
			SPAN_ARG(screen_safe(screen, fault->why))));
}

/* ---- findings */

/* All but the clause that was said above. */
static struct span evidence_text(struct screen *screen,
	const struct evidence *evidence, size_t count, struct span said)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < count; i++)
		if (!span_is(evidence[i].text, said))
			text = arena_print(screen->arena, "%.*s%s%.*s",
				SPAN_ARG(text), text.len ? "; " : "",
				SPAN_ARG(screen_safe(screen,
					evidence[i].text)));
	return text;
}

static void put_part(struct screen *screen, const char *word,
	struct span text)
{
	if (text.len)
		screen_paragraph(screen, 2, (struct mark){ word, TONE_PLAIN },
			HANG, text);
}

static void put_proof(struct screen *screen, const struct outcome *outcome,
	const struct finding *finding)
{
	struct span said = outcome->fault ? outcome->fault->why : SPAN("");

	if (screen->verbose)
		put_part(screen, "means", screen_safe(screen,
			finding->meaning));
	put_part(screen, "for", evidence_text(screen, finding->for_it,
		finding->for_count, said));
	put_part(screen, "against", evidence_text(screen, finding->against,
		finding->against_count, said));
	put_part(screen, "fix", screen_safe(screen, finding->remedy));
	put_part(screen, "see", screen_safe(screen, finding->reference));
}

static struct span finding_text(struct screen *screen,
	const struct finding *finding, bool names_family)
{
	return screen_safe(screen,
		finding_gist(screen->arena, finding, names_family));
}

static void put_finding(struct screen *screen, const struct outcome *outcome,
	const struct finding *finding)
{
	struct mark mark = screen_severity(finding->severity);
	struct span title = screen_safe(screen, finding->title);

	if (finding->severity == SEVERITY_INFO) {
		screen_paragraph(screen, 1, mark, 6, title.len ? title :
			screen_safe(screen, finding->id));
		return;
	}
	screen_paragraph(screen, 1, mark, 6,
		finding_text(screen, finding, true));
	put_proof(screen, outcome, finding);
}

/* ---- the verdict */

static struct mark verdict_mark(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return (struct mark){ "VERDICT", TONE_GOOD };
	case VERDICT_FAIL:
		return (struct mark){ "VERDICT", TONE_BAD };
	case VERDICT_WARN:
	case VERDICT_UNKNOWN:
		return (struct mark){ "VERDICT", TONE_WARN };
	case VERDICT_NA:
		return (struct mark){ "VERDICT", TONE_DIM };
	}
	return no_mark;
}

/* Where the target's own verdict was decided: the first walk that ended so. */
static struct span place_text(struct screen *screen,
	const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *judged = &judgement->visits[i];

		if (judged->verdict == judgement->verdict &&
			judged->visit->fault)
			return arena_print(screen->arena, ", %s",
				stage_phrase(judged->visit->fault->stage));
	}
	return SPAN("");
}

static struct span shown_why(struct screen *screen,
	const struct judgement *judgement)
{
	struct span why = screen_safe(screen, judgement->comparison_why);

	return why.len ? arena_print(screen->arena, ": %.*s", SPAN_ARG(why)) :
			 why;
}

/* Both went well, but only one of them in TLS. */
static bool tls_differs(const struct judgement *judgement)
{
	if (verdict_exit_status(judgement->verdict))
		return false;
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (span_is(judgement->findings[i].id, SPAN("tls.one-family")))
			return true;
	return false;
}

/* "IPv6-specific, at end of DATA": the outcome before its cause. */
static struct span verdict_text(struct screen *screen,
	const struct outcome *outcome, const struct judgement *judgement)
{
	struct arena *arena = screen->arena;
	const char *word = verdict_word(judgement->verdict);
	bool both = outcome->wanted[FAMILY_IPV4] &&
		outcome->wanted[FAMILY_IPV6];

	switch (judgement->comparison) {
	case COMPARE_SAME:
		if (tls_differs(judgement))
			return arena_print(arena,
				"%s over both families; TLS differs", word);
		return arena_print(arena, "%s%s%.*s", word,
			both ? ", the same over both families" : "",
			SPAN_ARG(place_text(screen, judgement)));
	case COMPARE_FAMILY_SPECIFIC:
		return arena_print(arena, "%s%s%s-specific%s%s",
			judgement->verdict == VERDICT_FAIL ? "" : word,
			judgement->verdict == VERDICT_FAIL ? "" : ", ",
			family_word(judgement->worse),
			judgement->is_parted ? ", " : "",
			judgement->is_parted ?
				stage_phrase(judgement->parted) : "");
	case COMPARE_HOST_SPECIFIC:
		return arena_print(arena, "%s, host-specific%.*s%.*s", word,
			SPAN_ARG(place_text(screen, judgement)),
			SPAN_ARG(shown_why(screen, judgement)));
	case COMPARE_INCONCLUSIVE:
		return arena_print(arena, "%s%.*s%.*s", word,
			SPAN_ARG(place_text(screen, judgement)),
			SPAN_ARG(both && !outcome->fault ?
					shown_why(screen, judgement) :
					SPAN("")));
	}
	return SPAN("");
}

/* The finding that the verdict stands on, or NULL. */
static bool explains(const struct finding *finding, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_WARN:
		return finding->severity != SEVERITY_INFO;
	case VERDICT_FAIL:
		return finding->severity == SEVERITY_FAIL;
	case VERDICT_UNKNOWN:
		return finding->leaves_open;
	case VERDICT_NA:
		return false;
	}
	return false;
}

static const struct finding *cause_of(const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (explains(&judgement->findings[i], judgement->verdict))
			return &judgement->findings[i];
	return NULL;
}

static void put_verdict(struct screen *screen, const struct outcome *outcome,
	const struct judgement *judgement)
{
	const struct finding *cause = cause_of(judgement);
	struct span text = verdict_text(screen, outcome, judgement);
	bool is_good = judgement->verdict == VERDICT_PASS ||
		judgement->verdict == VERDICT_WARN;

	if (cause)
		text = arena_print(screen->arena, "%.*s.  %s: %.*s",
			SPAN_ARG(text), is_good ? "Found" : "Cause",
			SPAN_ARG(finding_text(screen, cause,
				cause->severity != SEVERITY_FAIL)));
	screen_paragraph(screen, 0, verdict_mark(judgement->verdict), 9, text);
	if (cause)
		put_proof(screen, outcome, cause);
}

/* ---- what a green result did not reach */

static enum stage reached_by_all(const struct outcome *outcome)
{
	enum stage least = STAGE_QUIT;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];
		enum stage last = STAGE_CONNECT;

		if (visit->state != VISIT_WALKED)
			continue;
		for (int at = STAGE_CONNECT; at < STAGE_QUIT; at++)
			if (visit->reached[at])
				last = (enum stage)at;
		if (last < least)
			least = last;
	}
	return least;
}

static void put_unreached(struct screen *screen,
	const struct outcome *outcome)
{
	/* clang-format off */
	static const char *const stops[STAGE_COUNT] = {
		[STAGE_CONNECT] = "connecting", [STAGE_BANNER] = "the banner",
		[STAGE_EHLO] = "EHLO", [STAGE_STARTTLS] = "STARTTLS",
		[STAGE_TLS] = "EHLO", [STAGE_MAIL] = "MAIL",
		[STAGE_RCPT] = "RCPT", [STAGE_DATA] = "DATA",
	};
	/* clang-format on */
	enum stage stage = reached_by_all(outcome);

	if (!stops[stage])
		return;
	screen_paragraph(screen, 1, (struct mark){ "note", TONE_PLAIN }, 6,
		arena_print(screen->arena, "policy stage not reached: "
			"stopped after %s (add %s)", stops[stage],
			stage < STAGE_MAIL ? "-f, -t and --deliver" :
			stage < STAGE_RCPT ? "-t and --deliver" :
					     "--deliver"));
}

/* ---- the whole */

static void put_verbose(struct screen *screen, const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->visit_count; i++)
		text_walk(screen, outcome->visits[i]);
	text_dns(screen, outcome);
	text_left_out(screen, outcome);
}

void text_report(FILE *out, const struct text_style *style,
	const struct outcome *outcome, const struct judgement *judgement)
{
	const struct finding *cause = cause_of(judgement);
	struct screen screen;

	screen_open(&screen, out, style);
	put_title(&screen, outcome, outcome->fault ? SPAN("") :
		walked_text(&screen, outcome));
	if (outcome->fault)
		put_fault(&screen, outcome->fault);
	else if (!outcome->visit_count)
		put_unwalked(&screen, outcome, judgement);
	text_table(&screen, outcome, judgement);
	put_policies(&screen, outcome);
	if (style->verbose)
		put_verbose(&screen, outcome);
	put_verdict(&screen, outcome, judgement);
	for (size_t i = 0; i < judgement->finding_count; i++)
		if (&judgement->findings[i] != cause)
			put_finding(&screen, outcome, &judgement->findings[i]);
	for (size_t i = 0; i < judgement->isolation_count; i++)
		isolation_text_screen(&screen, judgement->isolations[i]);
	if (judgement->stopped_before_data)
		put_unreached(&screen, outcome);
	screen_close(&screen);
}

/* ---- the plan */

static void put_plan(struct screen *screen, const struct path *path)
{
	struct mark mark = { "walk", TONE_GOOD };
	struct span why = screen_safe(screen, path->left_out);
	char room[IP_TEXT_MAX];

	if (why.len)
		mark = (struct mark){ "left out", TONE_DIM };
	screen_paragraph(screen, 1, mark, HANG,
		arena_print(screen->arena, "%u %.*s %s [%s]:%u%s%.*s",
			path->preference,
			SPAN_ARG(screen_safe(screen, path->host)),
			family_word(path->family),
			ip_print(&path->remote, room), (unsigned)path->port,
			why.len ? ": " : "", SPAN_ARG(why)));
}

void text_plan(FILE *out, const struct text_style *style,
	const struct outcome *outcome)
{
	struct screen screen;

	screen_open(&screen, out, style);
	put_title(&screen, outcome, SPAN(""));
	for (size_t i = 0; i < outcome->path_count; i++)
		put_plan(&screen, &outcome->paths[i]);
	if (style->verbose)
		text_dns(&screen, outcome);
	screen_close(&screen);
}

/* ---- the end */

void text_summary(FILE *out, const struct text_style *style,
	const struct text_totals *totals)
{
	struct screen screen;
	struct span text = SPAN("");

	screen_open(&screen, out, style);
	for (int i = 0; totals->targets > 1 && i <= VERDICT_NA; i++)
		if (totals->of[i])
			text = arena_print(screen.arena, "%.*s%s%zu %s",
				SPAN_ARG(text), text.len ? ", " : "",
				totals->of[i], verdict_word((enum verdict)i));
	if (text.len)
		text = arena_print(screen.arena, "%zu targets: %.*s.  ",
			totals->targets, SPAN_ARG(text));
	line(&screen, 0, arena_print(screen.arena, "%.*sexit %d",
		SPAN_ARG(text), totals->exit_status));
	screen_close(&screen);
}
