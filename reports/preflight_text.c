#include "reports/preflight_text.h"

#include "reports/cells.h"
#include "reports/preflight_fixes.h"
#include "reports/spf_text.h"

enum { WORD_COLUMNS = 8, LABEL_COLUMNS = 18, ABREAST = CELLS_MAX };

/* Under this a label stands above its text, not beside it. */
enum { NARROW = 60, NARROW_INDENT = 3, NARROW_HANG = 11 };

/* Sources that stand beside each other, and the widths that this leaves. */
struct board {
	struct screen screen;
	const struct preflight_query *query;
	const struct preflight *preflight;
	const struct preflight_source *sources[ABREAST];
	size_t count;
	struct cell_layout layout;
};

/* ---- cells */

static struct mark mark_of(enum preflight_status status)
{
	switch (status) {
	case PREFLIGHT_PASS:
		return (struct mark){ "ok", TONE_GOOD };
	case PREFLIGHT_NA:
		return (struct mark){ "n/a", TONE_DIM };
	case PREFLIGHT_WARN:
		return (struct mark){ "warn", TONE_WARN };
	case PREFLIGHT_UNKNOWN:
		return (struct mark){ "unknown", TONE_WARN };
	case PREFLIGHT_FAIL:
		break;
	}
	return (struct mark){ "FAIL", TONE_BAD };
}

static void put_cells(struct board *board, const char *label,
	const struct cell *cells, size_t count)
{
	cells_put(&board->screen, &board->layout, label, cells, count);
}

static void set_columns(struct board *board, size_t count)
{
	board->count = count;
	board->layout = (struct cell_layout){ .label = LABEL_COLUMNS,
		.word = WORD_COLUMNS };
	cells_spread(&board->layout, &board->screen, count);
}

/* ---- rows */

static void put_row(struct board *board, const char *label,
	const struct cell *cells, size_t count)
{
	struct screen *screen = &board->screen;

	if (screen->columns >= NARROW) {
		put_cells(board, label, cells, count);
		return;
	}
	if (*label)
		fprintf(screen->out, " %s\n", label);
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, *label ? NARROW_INDENT : 1,
			cells[i].mark, NARROW_HANG, cells[i].text);
}

static void put_one(struct board *board, const char *label, struct mark mark,
	struct span safe)
{
	struct cell cell = { mark, safe };

	put_row(board, label, &cell, 1);
}

static struct cell line_cell(
	struct board *board, const struct preflight_line *line)
{
	return (struct cell){ mark_of(line->status),
		screen_safe(&board->screen, line->evidence) };
}

static void put_heads(struct board *board)
{
	struct cell cells[ABREAST] = { cell_nothing, cell_nothing };

	for (size_t i = 0; i < board->count; i++) {
		const struct preflight_source *source = board->sources[i];
		enum ip_kind kind = ip_kind(&source->ip);

		if (!source->has_ip) {
			cells[i].text = SPAN("no address");
			continue;
		}
		cells[i].mark.word = family_word(source->ip.family);
		cells[i].text = ip_text(board->screen.arena, &source->ip);
		if (kind != IP_GLOBAL)
			cells[i].text = arena_print(board->screen.arena,
				"%.*s (%s)", SPAN_ARG(cells[i].text),
				ip_kind_word(kind));
	}
	put_row(board, "", cells, board->count);
}

/* Beside this check; what is only for the curious, when they are. */
static void put_asides(struct board *board, enum check check)
{
	struct cell cells[ABREAST];

	for (unsigned i = 0; i < ASIDE_COUNT; i++) {
		enum preflight_aside aside = (enum preflight_aside)i;
		bool is_told = false;

		if (preflight_aside_check(aside) != check)
			continue;
		for (size_t at = 0; at < board->count; at++) {
			const struct preflight_line *line =
				&board->sources[at]->asides[aside];

			is_told |= line->is_asked ||
				   (board->screen.verbose &&
					   line->evidence.len);
			cells[at] = line->evidence.len ? line_cell(board, line)
						       : cell_nothing;
		}
		if (is_told)
			put_row(board, preflight_aside_title(aside), cells,
				board->count);
	}
}

static void put_sources(struct board *board)
{
	struct cell cells[ABREAST];

	put_heads(board);
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		enum check check = (enum check)i;

		if (check_is_of_message(check) ||
			!board->sources[0]->lines[check].is_asked)
			continue;
		for (size_t at = 0; at < board->count; at++)
			cells[at] = line_cell(
				board, &board->sources[at]->lines[check]);
		put_row(board, check_title(check), cells, board->count);
		put_asides(board, check);
	}
}

static bool stands_abreast(const struct board *board)
{
	return board->screen.columns >= TEXT_SIDE_BY_SIDE &&
	       board->preflight->source_count == ABREAST;
}

static void each_source(struct board *board, void (*put)(struct board *board))
{
	const struct preflight *preflight = board->preflight;

	if (stands_abreast(board)) {
		for (size_t i = 0; i < ABREAST; i++)
			board->sources[i] = &preflight->sources[i];
		set_columns(board, ABREAST);
		put(board);
		return;
	}
	set_columns(board, 1);
	for (size_t i = 0; i < preflight->source_count; i++) {
		board->sources[0] = &preflight->sources[i];
		put(board);
	}
}

/* The same from each source, and so told once. */
static void put_message(struct board *board)
{
	const struct preflight_source *source = &board->preflight->sources[0];
	bool is_first = true;

	set_columns(board, 1);
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		enum check check = (enum check)i;
		struct cell cell;

		if (!check_is_of_message(check) ||
			!source->lines[check].is_asked)
			continue;
		if (is_first)
			fputs(board->query->message
					? "message and domains\n"
					: "domains (no message was given)\n",
				board->screen.out);
		is_first = false;
		/* Without a message all of these say so: once is enough. */
		if (source->lines[check].wants_message &&
			!board->screen.verbose)
			continue;
		cell = line_cell(board, &source->lines[check]);
		put_row(board, check_title(check), &cell, 1);
	}
}

/* ---- signatures */

static struct mark result_mark(enum dkim_result result)
{
	struct mark mark = { dkim_result_word(result), TONE_WARN };

	if (result == DKIM_PASS)
		mark.tone = TONE_GOOD;
	if (result == DKIM_FAIL || result == DKIM_PERMERROR)
		mark.tone = TONE_BAD;
	return mark;
}

/* d= and s=, what is wrong, and what was done to the message. */
static struct span signature_text(
	struct board *board, const struct dkim_check *check)
{
	struct screen *screen = &board->screen;
	const struct preflight_change *change = preflight_change_of(
		board->preflight, check);
	struct span says = change ? change->says : SPAN("");

	return screen_safe(screen,
		arena_print(screen->arena, "d=%.*s s=%.*s%s%.*s%s%.*s",
			SPAN_ARG(check->signature->domain),
			SPAN_ARG(check->signature->selector),
			check->why.len ? ": " : "", SPAN_ARG(check->why),
			says.len ? "; " : "", SPAN_ARG(says)));
}

static void put_set(struct board *board, const struct arc_set *set)
{
	struct arena *arena = board->screen.arena;
	const char *number = arena_print(arena, "%u", set->instance).at;

	if (set->is_checked) {
		put_one(board, arena_print(arena, "ARC %s message", number).at,
			result_mark(set->message_check.result),
			signature_text(board, &set->message_check));
		put_one(board, arena_print(arena, "ARC %s seal", number).at,
			result_mark(set->seal_check.result),
			arena_print(arena, "%.*s; cv=%s",
				SPAN_ARG(signature_text(
					board, &set->seal_check)),
				arc_cv_word(set->cv)));
	}
	if (set->results.len)
		put_one(board, arena_print(arena, "ARC %s saw", number).at,
			(struct mark){ "", TONE_PLAIN },
			screen_safe(&board->screen,
				arena_print(arena, "%.*s: %.*s",
					SPAN_ARG(set->authserv_id),
					SPAN_ARG(set->results))));
}

/* The line of a single signature has said it all. */
static void put_signatures(struct board *board)
{
	const struct preflight *preflight = board->preflight;
	size_t count = preflight->dkim.count;

	if (count == 1 && !board->screen.verbose)
		count = 0;
	if (!preflight->arc.count && !count)
		return;
	fputs("signatures, from the top\n", board->screen.out);
	for (size_t i = preflight->arc.count; i > 0; i--)
		put_set(board, &preflight->arc.sets[i - 1]);
	for (size_t i = 0; i < count; i++)
		put_one(board, "DKIM",
			result_mark(preflight->dkim.checks[i].result),
			signature_text(board, &preflight->dkim.checks[i]));
}

/* ---- records */

static struct mark own_mark(enum own_state state)
{
	switch (state) {
	case OWN_SOUND:
		return (struct mark){ "ok", TONE_GOOD };
	case OWN_ABSENT:
		return (struct mark){ "none", TONE_DIM };
	case OWN_UNKNOWN:
		return (struct mark){ "unknown", TONE_WARN };
	case OWN_AMISS:
		break;
	}
	return (struct mark){ "amiss", TONE_WARN };
}

static void put_records(struct board *board)
{
	const struct own_records *records = board->preflight->records;
	struct screen *screen = &board->screen;

	if (!records)
		return;
	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		arena_print(screen->arena,
			"records of %.*s that no receiver demands",
			SPAN_ARG(screen_safe(screen, records->domain))));
	for (unsigned i = 0; i < OWN_RECORD_COUNT; i++)
		put_one(board, own_record_title((enum own_record)i),
			own_mark(records->lines[i].state),
			screen_safe(screen, records->lines[i].says));
}

/* ---- forecasts */

/* The labels of the checks that fail, the one that decides first. */
static struct span broken_checks(struct board *board,
	const struct preflight_source *source,
	const struct preflight_forecast *forecast)
{
	const struct profile *profile = forecast->profile;
	struct span text = span_of(check_title(forecast->rule->check));
	const char *between = "; also ";

	for (size_t i = 0; i < profile->rule_count; i++) {
		const struct profile_rule *rule = &profile->rules[i];

		if (rule->check == forecast->rule->check ||
			source->lines[rule->check].status != PREFLIGHT_FAIL)
			continue;
		text = arena_print(board->screen.arena, "%.*s%s%s",
			SPAN_ARG(text), between, check_title(rule->check));
		between = ", ";
	}
	return text;
}

static struct cell forecast_cell(struct board *board,
	const struct preflight_source *source,
	const struct preflight_forecast *forecast)
{
	static const struct mark marks[] = {
		[CONSEQUENCE_NONE] = { "ok", TONE_GOOD },
		[CONSEQUENCE_SPAM] = { "spam", TONE_WARN },
		[CONSEQUENCE_DEFERRED] = { "later", TONE_BAD },
		[CONSEQUENCE_REFUSED] = { "REFUSED", TONE_BAD },
	};
	const struct profile_rule *rule = forecast->rule;
	struct cell cell = { marks[forecast->consequence], SPAN("accepted") };

	if (!rule) {
		if (forecast->is_unknown)
			cell = (struct cell){ { "unknown", TONE_WARN },
				SPAN("nothing speaks against it; not all is "
				     "known") };
		return cell;
	}
	cell.text = arena_print(board->screen.arena, "%.*s%s%.*s",
		SPAN_ARG(rule->reply), rule->reply.len ? ": " : "",
		SPAN_ARG(broken_checks(board, source, forecast)));
	return cell;
}

static void put_forecasts(struct board *board)
{
	struct cell cells[ABREAST];

	if (!board->sources[0]->forecast_count)
		return;
	put_heads(board);
	for (size_t i = 0; i < board->sources[0]->forecast_count; i++) {
		const struct profile *profile =
			board->sources[0]->forecasts[i].profile;
		const char *label =
			arena_copy(board->screen.arena, profile->name).at;

		for (size_t at = 0; at < board->count; at++)
			cells[at] = forecast_cell(board, board->sources[at],
				&board->sources[at]->forecasts[i]);
		put_row(board, label, cells, board->count);
	}
}

/* ---- the whole */

static void put_head(struct board *board)
{
	struct screen *screen = &board->screen;
	const struct preflight_query *query = board->query;
	struct span mail_from = query->mail_from.len
					? screen_safe(screen, query->mail_from)
					: SPAN("<>");
	struct span helo = screen_safe(screen, query->helo);

	screen_paragraph(screen, 0, (struct mark){ "preflight", TONE_PLAIN },
		11,
		arena_print(screen->arena, "From %.*s, MAIL FROM %.*s%s%.*s",
			SPAN_ARG(
				board->preflight->from_domain.len
					? screen_safe(screen,
						  board->preflight->from_domain)
					: SPAN("(none)")),
			SPAN_ARG(mail_from), helo.len ? ", EHLO " : "",
			SPAN_ARG(helo)));
}

static void put_verdict(struct board *board)
{
	const struct preflight *preflight = board->preflight;
	size_t of[PREFLIGHT_FAIL + 1] = { 0 };

	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		enum preflight_status worst = PREFLIGHT_PASS;

		if (!preflight->sources[0].lines[i].is_asked)
			continue;
		for (size_t at = 0; at < preflight->source_count; at++)
			if (preflight->sources[at].lines[i].status > worst)
				worst = preflight->sources[at].lines[i].status;
		of[worst]++;
	}
	screen_paragraph(&board->screen, 0,
		(struct mark){ "VERDICT", TONE_PLAIN }, 9,
		arena_print(board->screen.arena,
			"%s%s: %zu checks pass, %zu fail, %zu warn, %zu "
			"unknown, %zu n/a",
			preflight_status_word(preflight->worst == PREFLIGHT_NA
						      ? PREFLIGHT_PASS
						      : preflight->worst),
			board->query->message ? "" : ", without a message",
			of[PREFLIGHT_PASS], of[PREFLIGHT_FAIL],
			of[PREFLIGHT_WARN], of[PREFLIGHT_UNKNOWN],
			of[PREFLIGHT_NA]));
}

static void put_story(struct screen *screen, const struct preflight *preflight)
{
	if (preflight->story.len)
		screen_paragraph(screen, 2, (struct mark){ "why", TONE_PLAIN },
			7, screen_safe(screen, preflight->story));
}

static void put_spf(struct screen *screen, const struct preflight *preflight)
{
	for (size_t i = 0; i < preflight->source_count; i++)
		spf_text_steps(screen, &preflight->sources[i].ip,
			&preflight->sources[i].spf);
	spf_text_notes(screen, preflight->lint);
}

void preflight_text(FILE *out, const struct text_style *style,
	const struct preflight_query *query, const struct preflight *preflight)
{
	struct board board = { .query = query, .preflight = preflight };

	screen_open(&board.screen, out, style);
	put_head(&board);
	each_source(&board, put_sources);
	put_message(&board);
	put_signatures(&board);
	fputs("what receivers would do\n", out);
	each_source(&board, put_forecasts);
	put_verdict(&board);
	put_story(&board.screen, preflight);
	preflight_fixes(&board.screen, query, preflight);
	put_spf(&board.screen, preflight);
	set_columns(&board, 1);
	put_records(&board);
	screen_close(&board.screen);
}

void preflight_text_spf(FILE *out, const struct text_style *style,
	const struct preflight *preflight)
{
	struct screen screen;

	screen_open(&screen, out, style);
	put_spf(&screen, preflight);
	screen_close(&screen);
}
