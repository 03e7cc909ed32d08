#include "reports/nagios.h"

#include "probe/base/escape.h"
#include "reports/isolation_account.h"
#include "reports/row_text.h"

static const char *const state_words[] = { "OK", "WARNING", "CRITICAL",
	"UNKNOWN" };

void nagios_begin(struct nagios *nagios, struct arena *arena, bool warns)
{
	*nagios = (struct nagios){ .arena = arena,
		.warns = warns,
		.first_bad = SPAN(""),
		.times = SPAN("") };
}

/* A plugin may not say "|" before its figures. */
static void put_words(FILE *out, struct span text, size_t most)
{
	bool is_cut = text.len > most;

	if (is_cut)
		text.len = most;
	/* Not within a character of UTF-8. */
	while (is_cut && text.len &&
		((unsigned char)text.at[text.len] & 0xc0) == 0x80)
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		fputc(text.at[i] == '|' ? '/' : text.at[i], out);
	if (is_cut)
		fputs("...", out);
}

/* ---- rows */

static bool is_warned_of(
	const struct nagios *nagios, const struct result_row *row)
{
	return nagios->warns && row->judgement && row->has_family &&
	       row->judgement->families[row->family] == VERDICT_WARN;
}

static enum nagios_state state_of(
	const struct nagios *nagios, const struct result_row *row)
{
	if (row->is_skipped)
		return NAGIOS_OK;
	switch (row->result->verdict) {
	case CELL_UNKNOWN:
		return NAGIOS_UNKNOWN;
	case CELL_FAIL:
		return row->kind == ROW_BASELINE ? NAGIOS_WARNING
						 : NAGIOS_CRITICAL;
	case CELL_NA:
	case CELL_PASS:
	case CELL_FIXED:
	case CELL_KNOWN:
		break;
	}
	return is_warned_of(nagios, row) ? NAGIOS_WARNING : NAGIOS_OK;
}

/* A change is less than a failure, and not knowing lies between. */
static int weight(enum nagios_state state)
{
	static const int weights[] = { [NAGIOS_OK] = 0,
		[NAGIOS_WARNING] = 1,
		[NAGIOS_UNKNOWN] = 2,
		[NAGIOS_CRITICAL] = 3 };

	return weights[state];
}

/* The cause stands before what may be too long to be told whole. */
static struct span story_of(struct arena *arena, const struct result_row *row)
{
	const struct finding *cause = row_cause(row);
	struct span title = row_title(arena, row);
	struct span reason = row_reason(arena, row);

	if (!cause)
		return arena_print(
			arena, "%.*s: %.*s", SPAN_ARG(title), SPAN_ARG(reason));
	return arena_print(arena, "%.*s: %.*s%s%.*s", SPAN_ARG(title),
		SPAN_ARG(row_cause_text(arena, row, cause)),
		reason.len ? ": " : "", SPAN_ARG(reason));
}

static void take_story(struct nagios *nagios, const struct result_row *row,
	enum nagios_state state)
{
	struct arena *arena = nagios->arena;
	const struct isolation_account account = { .arena = arena,
		.isolation = row->isolation,
		.secrets = row->variables };

	if (weight(state) <= weight(nagios->first_state))
		return;
	nagios->first_state = state;
	nagios->first_bad = story_of(arena, row);
	if (row->isolation)
		nagios->first_bad = arena_print(arena, "%.*s; isolation: %.*s",
			SPAN_ARG(nagios->first_bad),
			SPAN_ARG(escape_text(arena, account_gist(&account))));
}

/* A quote is written twice, and "=" has a meaning. */
static struct span label_of(struct arena *arena, const struct result_row *row)
{
	struct span title = row_title(arena, row);
	char *room = arena_take(arena, 2 * title.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < title.len; i++) {
		char c = title.at[i];
		bool begins = ((unsigned char)c & 0xc0) != 0x80;

		if (begins && len >= NAGIOS_LABEL_MAX)
			break;
		if (c == '\'')
			room[len++] = c;
		room[len++] = c;
		if (c == '=' || c == '|')
			room[len - 1] = '_';
	}
	return (struct span){ room, len };
}

static void take_time(struct nagios *nagios, const struct result_row *row)
{
	if (!row->outcome || !row->took_ns ||
		nagios->time_count++ >= NAGIOS_TIMES_MAX)
		return;
	nagios->times = arena_print(nagios->arena, "%.*s '%.*s'=%.6fs;;;0;",
		SPAN_ARG(nagios->times), SPAN_ARG(label_of(nagios->arena, row)),
		(double)row->took_ns / 1e9);
}

void nagios_row(struct nagios *nagios, const struct result_row *row)
{
	enum nagios_state state = state_of(nagios, row);

	if (row->is_skipped)
		nagios->skipped++;
	else
		nagios->of[row->result->verdict]++;
	if (state == NAGIOS_WARNING)
		nagios->warnings++;
	take_story(nagios, row, state);
	take_time(nagios, row);
}

/* ---- the line */

static size_t told(const struct nagios *nagios)
{
	size_t sum = 0;

	for (int i = 0; i < CELL_VERDICTS; i++)
		sum += nagios->of[i];
	return sum;
}

static void put_counts(const struct nagios *nagios, FILE *out)
{
	size_t walked = told(nagios) - nagios->of[CELL_NA];

	if (nagios->first_state == NAGIOS_OK)
		fprintf(out, "%zu of %zu as expected", walked, walked);
	else if (nagios->first_state == NAGIOS_CRITICAL)
		fprintf(out, "%zu of %zu fail: ", nagios->of[CELL_FAIL],
			walked);
	else if (nagios->first_state == NAGIOS_UNKNOWN)
		fprintf(out, "%zu of %zu could not be decided: ",
			nagios->of[CELL_UNKNOWN], walked);
	else
		fprintf(out, "%zu of %zu to look at: ", nagios->warnings,
			walked);
	put_words(out, nagios->first_bad, NAGIOS_TEXT_MAX);
	if (nagios->of[CELL_KNOWN])
		fprintf(out, "; %zu known", nagios->of[CELL_KNOWN]);
	if (nagios->of[CELL_FIXED])
		fprintf(out, "; %zu fixed", nagios->of[CELL_FIXED]);
}

static void put_figures(const struct nagios *nagios, FILE *out)
{
	size_t sum = told(nagios) + nagios->skipped;

	fputs(" |", out);
	for (int i = CELL_VERDICTS; i-- > 0;)
		fprintf(out, " '%s'=%zu;;;0;%zu",
			cell_verdict_word((enum cell_verdict)i), nagios->of[i],
			sum);
	fprintf(out, " 'skipped'=%zu;;;0;%zu", nagios->skipped, sum);
	fwrite(nagios->times.at, 1, nagios->times.len, out);
	fputc('\n', out);
}

enum nagios_state nagios_end(const struct nagios *nagios, FILE *out)
{
	enum nagios_state state = nagios->first_state;
	bool has_any = told(nagios) != nagios->of[CELL_NA];

	if (!has_any)
		state = NAGIOS_UNKNOWN;
	fprintf(out, "MXPROBE %s: ", state_words[state]);
	if (has_any)
		put_counts(nagios, out);
	else
		fputs("nothing was walked", out);
	put_figures(nagios, out);
	return state;
}

enum nagios_state nagios_idle(FILE *out)
{
	fprintf(out, "MXPROBE %s: nothing is due\n", state_words[NAGIOS_OK]);
	return NAGIOS_OK;
}

enum nagios_state nagios_failed(FILE *out, struct span safe_why)
{
	fprintf(out, "MXPROBE %s: ", state_words[NAGIOS_UNKNOWN]);
	put_words(out, safe_why, NAGIOS_TEXT_MAX);
	fputc('\n', out);
	return NAGIOS_UNKNOWN;
}
