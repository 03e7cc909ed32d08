#include "reports/codebook_text.h"

#include "probe/judge/finding_page.h"
#include "probe/judge/reply_fields.h"

enum { HANG = 12, ID_WIDTH = 34, POLICY_WIDTH = 22 };

static void put_line(struct screen *screen, const char *label, struct span text)
{
	screen_paragraph(screen, 0, (struct mark){ label, TONE_DIM }, HANG,
		screen_safe(screen, text));
}

static void put_maybe(
	struct screen *screen, const char *label, struct span text)
{
	if (text.len)
		put_line(screen, label, text);
}

/* ---- a row in words */

static const char *family_phrase(const struct codebook_row *row)
{
	if (row->is_ipv6_only)
		return "a rule for IPv6 only: IPv4 does not meet it";
	if (row->is_source_bound)
		return "about the connecting address: the other family may "
		       "fare differently";
	return "the same over IPv4 and IPv6";
}

static const char *bound_word(const struct codebook_row *row)
{
	return row->is_ipv6_only      ? "IPv6 only"
	       : row->is_source_bound ? "address"
				      : "";
}

static const char *certainty_phrase(struct span certainty)
{
	if (span_is(certainty, SPAN("documented")))
		return "its provider documents it";
	if (span_is(certainty, SPAN("secondary")))
		return "others tell of it";
	if (span_is(certainty, SPAN("seen-in-corpus")))
		return "seen in collected bounces";
	return "seen in public reports";
}

static struct span numbers_text(
	struct screen *screen, const struct codebook_row *row)
{
	struct span code = SPAN("any code");

	if (row->code >= 100)
		code = arena_print(screen->arena, "%u", row->code);
	else if (row->code)
		code = arena_print(screen->arena, "%uxx", row->code);
	if (!row->status[0])
		return code;
	return arena_print(screen->arena, "%.*s %u.%u.%u", SPAN_ARG(code),
		row->status[0], row->status[1], row->status[2]);
}

static struct span stages_text(
	struct screen *screen, const struct codebook_row *row)
{
	struct span text = SPAN("");

	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (row->stages[i])
			text = arena_print(screen->arena, "%.*s%s%s",
				SPAN_ARG(text), text.len ? ", " : "",
				stage_phrase((enum stage)i));
	return text.len ? text : SPAN("at any stage");
}

/* Steps are parted by ";". */
static void put_remedy(struct screen *screen, struct span remedy)
{
	for (unsigned number = 1; remedy.len; number++) {
		struct span step = span_trim(span_cut(&remedy, ';'));

		put_line(screen, number == 1 ? "What to do" : "",
			arena_print(screen->arena, "%u. %.*s", number,
				SPAN_ARG(step)));
	}
}

static void put_sample(struct screen *screen, struct span sample)
{
	const char *label = "Sample";

	while (sample.len) {
		put_line(screen, label, span_cut(&sample, '\n'));
		label = "";
	}
}

static struct span provider_text(struct screen *screen,
	const struct codebook *codebook, const struct codebook_row *row)
{
	const struct codebook_provider *provider = codebook_provider(
		codebook, row->provider);

	if (span_is(row->provider, SPAN("any")))
		return SPAN("any server");
	if (!provider)
		return row->provider;
	return arena_print(screen->arena, "%.*s%s", SPAN_ARG(provider->title),
		row->is_here_only ? ", and nobody else in these words" : "");
}

static void put_row(struct screen *screen, const struct codebook *codebook,
	const struct codebook_row *row)
{
	put_line(screen, "Meaning", row->meaning);
	put_line(screen, "Policy", row->policy);
	put_line(screen, "Severity",
		arena_print(screen->arena, "%.*s%s", SPAN_ARG(row->severity),
			row->is_temporary ? ", for the time being" : ""));
	put_line(screen, "Family", span_of(family_phrase(row)));
	put_line(screen, "Said by", provider_text(screen, codebook, row));
	put_line(screen, "Said",
		arena_print(screen->arena, "%.*s; %zu wording%s, as %.*s",
			SPAN_ARG(stages_text(screen, row)), row->match_count,
			row->match_count == 1 ? "" : "s",
			SPAN_ARG(numbers_text(screen, row))));
	put_remedy(screen, row->remedy);
	put_line(screen, "Reference", row->reference);
	put_line(screen, "Last seen",
		arena_print(screen->arena, "%.*s; %s", SPAN_ARG(row->seen),
			certainty_phrase(row->certainty)));
	put_sample(screen, row->sample);
}

static struct mark mark_of(const struct codebook_row *row)
{
	if (span_is(row->severity, SPAN("fail")))
		return (struct mark){ "", TONE_BAD };
	return (struct mark){ "", TONE_WARN };
}

static void put_title(struct screen *screen, struct span id, enum tone tone)
{
	screen_mark(screen,
		(struct mark){
			arena_copy(screen->arena, screen_safe(screen, id)).at,
			tone });
	putc('\n', screen->out);
}

void codebook_text_row(FILE *out, const struct text_style *style,
	const struct codebook *codebook, const struct codebook_row *row)
{
	struct screen screen;

	screen_open(&screen, out, style);
	put_title(&screen, row->id, mark_of(row).tone);
	put_row(&screen, codebook, row);
	screen_close(&screen);
}

/* ---- a finding of the judge's own */

static const char *blame_phrase(enum blame blame)
{
	switch (blame) {
	case BLAME_OURS:
		return "our own host, address, records or message";
	case BLAME_PATH:
		return "the network between";
	case BLAME_THEIRS:
		return "the receiving domain or its servers";
	case BLAME_UNKNOWN:
		break;
	}
	return "either side: what was found tells, or leaves it open";
}

static void put_finding(struct screen *screen, const struct finding *page)
{
	put_maybe(screen, "Found", page->title);
	put_maybe(screen, "Meaning", page->meaning);
	put_line(screen, "Severity", span_of(severity_word(page->severity)));
	put_line(screen, "Concerns", span_of(blame_phrase(page->blame)));
	if (page->remedy.len)
		put_remedy(screen, page->remedy);
	else
		put_line(screen, "What to do",
			SPAN("stands with the finding: it depends on what was "
			     "found"));
	put_maybe(screen, "Reference", page->reference);
}

void codebook_text_finding(
	FILE *out, const struct text_style *style, struct span id)
{
	struct screen screen;
	struct finding page;
	bool is_first = true;

	screen_open(&screen, out, style);
	for (size_t n = 0; finding_page_at(n, &page); n++) {
		if (!span_is(page.id, id))
			continue;
		if (is_first)
			put_title(&screen, id,
				page.severity == SEVERITY_FAIL ? TONE_BAD
							       : TONE_WARN);
		else
			putc('\n', out);
		is_first = false;
		put_finding(&screen, &page);
	}
	screen_close(&screen);
}

/* ---- the list */

static void put_cell(struct screen *screen, struct span text, size_t width)
{
	screen_span(screen, text);
	screen_spaces(screen, text.len < width ? width - text.len : 1);
}

static void put_entry(struct screen *screen, const struct codebook_row *row)
{
	const char *family = bound_word(row);

	screen_spaces(screen, 2);
	put_cell(screen, screen_safe(screen, row->id), ID_WIDTH);
	if (!*family) {
		screen_span(screen, row->policy);
	} else {
		put_cell(screen, row->policy, POLICY_WIDTH);
		screen_span(screen, span_of(family));
	}
	putc('\n', screen->out);
}

static size_t rows_of(const struct codebook *codebook, struct span provider)
{
	size_t count = 0;

	for (size_t i = 0; i < codebook_row_count(codebook); i++)
		count += span_is(codebook_row(codebook, i)->provider, provider);
	return count;
}

static void put_provider(struct screen *screen, const struct codebook *codebook,
	const struct codebook_row *first)
{
	size_t count = rows_of(codebook, first->provider);

	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		screen_safe(screen,
			arena_print(screen->arena, "%.*s, %zu row%s, %.*s",
				SPAN_ARG(
					provider_text(screen, codebook, first)),
				count, count == 1 ? "" : "s",
				SPAN_ARG(first->date))));
	for (size_t i = 0; i < codebook_row_count(codebook); i++) {
		const struct codebook_row *row = codebook_row(codebook, i);

		if (span_is(row->provider, first->provider))
			put_entry(screen, row);
	}
}

/* The first row of each provider heads its part. */
static bool is_first(const struct codebook *codebook, size_t at)
{
	struct span provider = codebook_row(codebook, at)->provider;

	for (size_t i = 0; i < at; i++)
		if (span_is(codebook_row(codebook, i)->provider, provider))
			return false;
	return true;
}

void codebook_text_list(FILE *out, const struct text_style *style,
	const struct codebook *codebook, struct span provider)
{
	struct screen screen;

	screen_open(&screen, out, style);
	for (size_t i = 0; i < codebook_row_count(codebook); i++) {
		const struct codebook_row *row = codebook_row(codebook, i);

		if (is_first(codebook, i) &&
			(!provider.len || span_is(row->provider, provider)))
			put_provider(&screen, codebook, row);
	}
	screen_close(&screen);
}

/* ---- a reply */

static void put_checks(struct screen *screen, const struct reply_fields *fields)
{
	const struct {
		const char *name;
		struct span result;
	} checks[] = { { "SPF", fields->spf }, { "DKIM", fields->dkim },
		{ "DMARC", fields->dmarc } };
	struct span text = SPAN("");

	for (size_t i = 0; i < COUNT_OF(checks); i++)
		if (checks[i].result.len)
			text = arena_print(screen->arena, "%.*s%s%s: %.*s",
				SPAN_ARG(text), text.len ? ", " : "",
				checks[i].name, SPAN_ARG(checks[i].result));
	put_maybe(screen, "It found", text);
}

static void put_fields(struct screen *screen, struct span text)
{
	struct reply_fields fields;

	reply_fields_read(screen->arena, text, &fields);
	if (fields.has_ip)
		put_line(screen, "It saw",
			arena_print(screen->arena, "%.*s (%s)",
				SPAN_ARG(ip_text(screen->arena, &fields.ip)),
				fields.ip.family == FAMILY_IPV6 ? "IPv6"
								: "IPv4"));
	put_checks(screen, &fields);
	for (size_t i = 0; i < fields.domain_count; i++)
		put_line(screen, i ? "" : "It names", fields.domains[i]);
	put_maybe(screen, "Block list", fields.list);
	for (size_t i = 0; i < fields.link_count; i++)
		put_line(screen, i ? "" : "Read on", fields.links[i]);
	put_maybe(screen, "Token", fields.token);
	if (fields.has_wait)
		put_line(screen, "Come back",
			arena_print(screen->arena, "in %u s", fields.wait_s));
}

static void put_unknown(struct screen *screen, const struct codebook *codebook,
	const struct codebook_answer *answer)
{
	put_title(screen, SPAN("unknown"), TONE_WARN);
	put_line(screen, "Meaning",
		SPAN("The codebook does not know these words."));
	if (!answer->is_by_status) {
		put_line(screen, "", answer->meaning);
		return;
	}
	put_line(screen, "By number",
		arena_print(screen->arena, "%.*s (%.*s, by the %s alone)",
			SPAN_ARG(answer->meaning), SPAN_ARG(answer->policy),
			answer->status[0] ? "status of RFC 3463"
					  : "code of RFC 5321"));
	put_remedy(
		screen, codebook_policy_words(codebook, answer->policy).remedy);
}

void codebook_text_reply(FILE *out, const struct text_style *style,
	const struct codebook *codebook,
	const struct codebook_question *question)
{
	struct codebook_answer answer = codebook_find_text(codebook, question);
	struct screen screen;

	screen_open(&screen, out, style);
	if (answer.row) {
		put_title(&screen, answer.row->id, mark_of(answer.row).tone);
		put_row(&screen, codebook, answer.row);
	} else {
		put_unknown(&screen, codebook, &answer);
	}
	put_fields(&screen, question->text);
	screen_close(&screen);
}
