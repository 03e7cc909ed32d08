#include "reports/reported_text.h"

#include "probe/base/clock.h"

static const struct mark no_mark = { "", TONE_PLAIN };

static void put_line(struct screen *screen, size_t indent, struct span text)
{
	screen_paragraph(screen, indent, no_mark, indent, text);
}

static struct span day_text(struct screen *screen, int64_t seconds)
{
	return span_part(clock_text(screen->arena, seconds * 1000), 0, 10);
}

/* ---- what was read */

struct reading_totals {
	size_t reports[REPORT_TLS + 1];
	size_t repeated, unread, troubled;
	int64_t first_s, last_s;
};

static struct reading_totals totals_of(const struct reported *reported)
{
	struct reading_totals totals = { .first_s = 0 };

	for (size_t i = 0; i < reported->document_count; i++) {
		const struct reported_document *document =
			&reported->documents[i];

		totals.reports[document->kind]++;
		totals.repeated += document->is_repeated;
		totals.unread += document->is_unread;
		totals.troubled += document->trouble.len &&
				   !document->is_unread;
		if (document->begin_s &&
			(!totals.first_s || document->begin_s < totals.first_s))
			totals.first_s = document->begin_s;
		if (document->end_s > totals.last_s)
			totals.last_s = document->end_s;
	}
	return totals;
}

/* "1 report", "2 reports"; nothing for none. */
static void put_count(struct screen *screen, struct span *text, uint64_t count,
	const char *one, const char *many)
{
	if (count)
		*text = arena_print(screen->arena, "%.*s%s%llu %s",
			SPAN_ARG(*text), text->len ? ", " : "",
			(unsigned long long)count, count == 1 ? one : many);
}

static void put_reading(struct screen *screen, const struct reported *reported)
{
	struct reading_totals totals = totals_of(reported);
	struct span text = SPAN("");

	put_count(screen, &text, totals.reports[REPORT_DMARC], "DMARC report",
		"DMARC reports");
	put_count(screen, &text, totals.reports[REPORT_DMARC_FAILURE],
		"DMARC failure report", "DMARC failure reports");
	put_count(screen, &text, totals.reports[REPORT_TLS],
		"report of TLS sessions", "reports of TLS sessions");
	put_count(screen, &text, totals.repeated, "repeated", "repeated");
	put_count(screen, &text, totals.unread, "not readable", "not readable");
	put_count(screen, &text, totals.troubled, "damaged", "damaged");
	if (!text.len)
		text = SPAN("No report was found");
	if (totals.first_s)
		text = arena_print(screen->arena, "%.*s: %.*s to %.*s",
			SPAN_ARG(text),
			SPAN_ARG(day_text(screen, totals.first_s)),
			SPAN_ARG(day_text(screen, totals.last_s)));
	put_line(
		screen, 0, arena_print(screen->arena, "%.*s.", SPAN_ARG(text)));
}

static void put_troubles(struct screen *screen, const struct reported *reported)
{
	size_t shown = 0;

	for (size_t i = 0; i < reported->document_count; i++) {
		const struct reported_document *document =
			&reported->documents[i];

		if (!document->trouble.len)
			continue;
		if (shown++ >= REPORTED_SHOWN && !screen->verbose)
			return;
		screen_paragraph(screen, 1,
			(struct mark){
				document->is_unread ? "not read" : "damaged",
				TONE_WARN },
			10,
			arena_print(screen->arena, "%.*s: %.*s",
				SPAN_ARG(screen_safe(screen, document->file)),
				SPAN_ARG(screen_safe(
					screen, document->trouble))));
	}
}

/* ---- families */

static void put_alignments(
	struct screen *screen, const struct reported_judgement *judgement)
{
	for (size_t i = 0; i < judgement->alignment_count; i++) {
		const struct family_alignment *alignment =
			&judgement->alignments[i];
		bool is_bad = alignment->spf_aligned < alignment->messages;

		if (i == 0)
			fputc('\n', screen->out);
		screen_paragraph(screen, 0,
			(struct mark){ family_word(alignment->family),
				is_bad ? TONE_WARN : TONE_GOOD },
			5,
			arena_print(screen->arena,
				"your sources for %.*s: %llu of %llu aligned "
				"by SPF, %llu by DKIM, %llu by either "
				"(%zu address%s)",
				SPAN_ARG(
					screen_safe(screen, alignment->domain)),
				(unsigned long long)alignment->spf_aligned,
				(unsigned long long)alignment->messages,
				(unsigned long long)alignment->dkim_aligned,
				(unsigned long long)alignment->aligned,
				alignment->sources,
				alignment->sources == 1 ? "" : "es"));
	}
}

/* ---- sources */

enum { SOURCE_HANG = 20 };

static enum tone tone_of(enum source_kind kind)
{
	switch (kind) {
	case SOURCE_OURS:
		return TONE_GOOD;
	case SOURCE_UNLISTED:
	case SOURCE_FORGOTTEN:
		return TONE_BAD;
	case SOURCE_OTHER_SENDER:
	case SOURCE_UNKNOWN:
		return TONE_WARN;
	case SOURCE_FORWARDER:
	case SOURCE_FORGER:
		return TONE_DIM;
	}
	return TONE_PLAIN;
}

/* "a forgotten host of yours (suspected; or a forger)" */
static struct span kind_text(
	struct screen *screen, const struct source_verdict *verdict)
{
	const char *word = source_kind_phrase(verdict->kind);

	switch (verdict->confidence) {
	case CONFIRMED:
		return span_of(word);
	case LIKELY:
		return arena_print(screen->arena, "%s (likely)", word);
	case SUSPECTED:
		break;
	}
	if (verdict->kind == SOURCE_UNKNOWN)
		return arena_print(screen->arena, "%s (perhaps %s)", word,
			source_kind_phrase(verdict->second));
	return arena_print(screen->arena, "%s (suspected; or %s)", word,
		source_kind_phrase(verdict->second));
}

static void put_clauses(struct screen *screen, const char *sign,
	const struct span *clauses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, SOURCE_HANG,
			(struct mark){ sign, TONE_DIM }, SOURCE_HANG + 2,
			screen_safe(screen, clauses[i]));
}

/* What the receivers did with it, where that is more than to deliver it. */
static struct span fate_text(
	struct screen *screen, const struct mail_source *source)
{
	struct span text = SPAN("");

	put_count(screen, &text, source->dispositions[DISPOSITION_REJECT],
		"rejected", "rejected");
	put_count(screen, &text, source->dispositions[DISPOSITION_QUARANTINE],
		"quarantined", "quarantined");
	for (int i = 0; i < OVERRIDE_COUNT; i++)
		put_count(screen, &text, source->overrides[i],
			override_word((enum reported_override)i),
			override_word((enum reported_override)i));
	put_count(screen, &text, source->failure_reports, "failure report",
		"failure reports");
	return text;
}

static void put_fate(struct screen *screen, const struct mail_source *source)
{
	struct span text = fate_text(screen, source);

	if (text.len)
		screen_paragraph(screen, SOURCE_HANG,
			(struct mark){ "=", TONE_DIM }, SOURCE_HANG + 2, text);
}

static void put_source(
	struct screen *screen, const struct source_judgement *judged)
{
	const struct mail_source *source = judged->source;
	const struct source_verdict *verdict = judged->verdict;
	struct span figures = arena_print(screen->arena, "%8llu %5llu %5llu",
		(unsigned long long)source->messages,
		(unsigned long long)source->spf_aligned,
		(unsigned long long)source->dkim_aligned);
	char room[IP_TEXT_MAX];

	screen_paragraph(screen, 0,
		(struct mark){ figures.at, tone_of(verdict->kind) },
		SOURCE_HANG + 1,
		arena_print(screen->arena, "%s %s for %.*s: %.*s",
			family_word(source->ip.family),
			ip_print(&source->ip, room),
			SPAN_ARG(screen_safe(screen, source->domain)),
			SPAN_ARG(kind_text(screen, verdict))));
	put_fate(screen, source);
	put_clauses(screen, "+", verdict->for_it, verdict->for_count);
	put_clauses(screen, "-", verdict->against, verdict->against_count);
}

static void put_rest(struct screen *screen, enum source_kind kind,
	size_t sources, uint64_t messages)
{
	if (!sources)
		return;
	screen_paragraph(screen, 0,
		(struct mark){ arena_print(screen->arena, "%8llu",
				       (unsigned long long)messages)
				       .at,
			TONE_DIM },
		SOURCE_HANG + 1,
		arena_print(screen->arena, "from %zu more: %s", sources,
			source_kind_phrase(kind)));
}

/* The sources of one kind, which stand together, from *at on. */
static void put_kind(struct screen *screen,
	const struct reported_judgement *judgement, size_t *at)
{
	enum source_kind kind = judgement->sources[*at].verdict->kind;
	uint64_t messages = 0;
	size_t shown = 0, sources = 0;

	for (; *at < judgement->source_count; ++*at) {
		const struct source_judgement *judged =
			&judgement->sources[*at];

		if (judged->verdict->kind != kind)
			break;
		if (shown++ < REPORTED_SHOWN || screen->verbose) {
			put_source(screen, judged);
			continue;
		}
		sources++;
		messages += judged->source->messages;
	}
	put_rest(screen, kind, sources, messages);
}

static void put_sources(
	struct screen *screen, const struct reported_judgement *judgement)
{
	size_t at = 0;

	if (!judgement->source_count)
		return;
	fputc('\n', screen->out);
	screen_paragraph(screen, 0,
		(struct mark){ "messages   SPF  DKIM", TONE_DIM },
		SOURCE_HANG + 1, SPAN("source, and what it is"));
	while (at < judgement->source_count)
		put_kind(screen, judgement, &at);
}

static void put_uncounted(
	struct screen *screen, const struct reported *reported)
{
	if (reported->messages_over)
		put_line(screen, 0,
			arena_print(screen->arena,
				"%llu messages came from yet other addresses.",
				(unsigned long long)reported->messages_over));
	if (reported->messages_placeless)
		put_line(screen, 0,
			arena_print(screen->arena,
				"Of %llu messages no address is told.",
				(unsigned long long)
					reported->messages_placeless));
}

/* ---- TLS */

static void put_failure(
	struct screen *screen, const struct tls_failure *failure)
{
	struct span figure = arena_print(
		screen->arena, "%8llu", (unsigned long long)failure->sessions);

	screen_paragraph(screen, 0, (struct mark){ figure.at, TONE_BAD }, 10,
		arena_print(screen->arena, "%.*s%s%.*s, from %s to %s%s%.*s",
			SPAN_ARG(screen_safe(screen, failure->result)),
			failure->reason.len ? ": " : "",
			SPAN_ARG(screen_safe(screen, failure->reason)),
			told_family_word(failure->sending),
			told_family_word(failure->receiving),
			failure->mx_host.len ? " " : "",
			SPAN_ARG(screen_safe(screen, failure->mx_host))));
}

static void put_tls_total(struct screen *screen,
	const struct reported *reported, const struct tls_total *total)
{
	size_t shown = 0;

	fputc('\n', screen->out);
	put_line(screen, 0,
		arena_print(screen->arena,
			"TLS sessions to %.*s (policy: %.*s): %llu good, "
			"%llu failed",
			SPAN_ARG(screen_safe(screen, total->domain)),
			SPAN_ARG(screen_safe(screen, total->policy)),
			(unsigned long long)total->successes,
			(unsigned long long)total->failures));
	for (size_t i = 0; i < reported->failure_count; i++) {
		const struct tls_failure *failure = reported->failures[i];

		if (!span_is(failure->domain, total->domain) ||
			!span_is(failure->policy, total->policy))
			continue;
		if (shown++ < REPORTED_SHOWN || screen->verbose)
			put_failure(screen, failure);
	}
	if (shown > REPORTED_SHOWN && !screen->verbose)
		put_line(screen, 10,
			arena_print(screen->arena, "and %zu more",
				shown - REPORTED_SHOWN));
}

static void put_tls(struct screen *screen, const struct reported *reported)
{
	for (size_t i = 0; i < reported->tls_count; i++) {
		if (i >= REPORTED_SHOWN && !screen->verbose) {
			put_line(screen, 0,
				arena_print(screen->arena,
					"and %zu more policies",
					reported->tls_count - i));
			return;
		}
		put_tls_total(screen, reported, reported->tls[i]);
	}
}

void reported_text(FILE *out, const struct text_style *style,
	const struct reported_judgement *judgement)
{
	struct screen screen;

	screen_open(&screen, out, style);
	put_reading(&screen, judgement->reported);
	put_troubles(&screen, judgement->reported);
	put_alignments(&screen, judgement);
	put_sources(&screen, judgement);
	put_uncounted(&screen, judgement->reported);
	put_tls(&screen, judgement->reported);
	screen_close(&screen);
}

/* ---- findings */

enum { FINDING_HANG = 6 };

static void put_clause(
	struct screen *screen, const char *word, struct span text)
{
	if (text.len)
		put_line(screen, FINDING_HANG,
			arena_print(screen->arena, "%s%.*s", word,
				SPAN_ARG(screen_safe(screen, text))));
}

static void put_finding(struct screen *screen, const struct finding *finding)
{
	screen_paragraph(screen, 0, screen_severity(finding->severity),
		FINDING_HANG,
		arena_print(screen->arena, "%.*s%s%s: %.*s (%s)",
			SPAN_ARG(finding->id), finding->has_family ? ", " : "",
			finding->has_family ? family_word(finding->family) : "",
			SPAN_ARG(finding->title),
			confidence_word(finding->confidence)));
	put_clause(screen, "", finding->meaning);
	for (size_t i = 0; i < finding->for_count; i++)
		put_clause(screen, "for: ", finding->for_it[i].text);
	for (size_t i = 0; i < finding->against_count; i++)
		put_clause(screen, "against: ", finding->against[i].text);
	put_clause(screen, "do: ", finding->remedy);
	put_clause(screen, "see: ", finding->reference);
}

void reported_text_findings(FILE *out, const struct text_style *style,
	const struct reported_judgement *judgement)
{
	struct screen screen;

	screen_open(&screen, out, style);
	for (size_t i = 0; i < judgement->finding_count; i++)
		put_finding(&screen, &judgement->findings[i]);
	screen_close(&screen);
}
