#include "reports/preflight_text.h"

#include <string.h>

#include "probe/base/escape.h"
#include "reports/screen.h"
#include "reports/spf_text.h"
#include "reports/text_rows.h"

enum { WORD_COLUMNS = 8, GAP = 2, LABEL_COLUMNS = 18, ABREAST = 2 };

/* Sources that stand beside each other, and the widths that this leaves. */
struct board {
	struct screen screen;
	const struct preflight_query *query;
	const struct preflight *preflight;
	const struct preflight_source *sources[ABREAST];
	size_t count;
	size_t cell;
};

static const struct cell nothing = { { "", TONE_PLAIN }, { "", 0 } };

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

static void put_cell_line(struct board *board, const struct cell *cell,
	const struct lines *lines, size_t line)
{
	struct screen *screen = &board->screen;
	size_t used = escape_columns(span_of(cell->mark.word));

	if (line)
		used = 0;
	else
		screen_mark(screen, cell->mark);
	if (line >= lines->count || !lines->at[line].len)
		return;
	screen_spaces(screen, used < WORD_COLUMNS ? WORD_COLUMNS - used : 1);
	screen_span(screen, lines->at[line]);
}

/* The columns that this line of a cell takes. */
static size_t line_columns(
	const struct cell *cell, const struct lines *lines, size_t line)
{
	size_t word = line ? 0 : escape_columns(span_of(cell->mark.word));
	size_t text = line < lines->count ? escape_columns(lines->at[line]) : 0;

	if (!text)
		return word;
	return (word < WORD_COLUMNS ? WORD_COLUMNS : word + 1) + text;
}

static bool has_line(
	const struct lines *lines, size_t from, size_t count, size_t line)
{
	for (size_t i = from; i < count; i++)
		if (line < lines[i].count)
			return true;
	return false;
}

static void put_cells(struct board *board, const char *label,
	const struct cell *cells, size_t count)
{
	struct screen *screen = &board->screen;
	struct lines lines[ABREAST];

	for (size_t i = 0; i < count; i++)
		lines[i] = screen_wrap(screen, cells[i].text,
			board->cell - WORD_COLUMNS - GAP);
	for (size_t line = 0; has_line(lines, 0, count, line); line++) {
		size_t at = strlen(label) + 1;

		fprintf(screen->out, " %s", label);
		for (size_t i = 0; has_line(lines, i, count, line); i++) {
			size_t start = LABEL_COLUMNS + i * board->cell;

			screen_spaces(screen, start > at ? start - at : 1);
			put_cell_line(board, &cells[i], &lines[i], line);
			at = start + line_columns(&cells[i], &lines[i], line);
		}
		putc('\n', screen->out);
		label = "";
	}
}

static void set_columns(struct board *board, size_t count)
{
	board->count = count;
	board->cell = (board->screen.columns - LABEL_COLUMNS + GAP) / count;
}

/* ---- rows */

static struct cell line_cell(
	struct board *board, const struct preflight_line *line)
{
	return (struct cell){ mark_of(line->status),
		screen_safe(&board->screen, line->evidence) };
}

static void put_heads(struct board *board)
{
	struct cell cells[ABREAST] = { nothing, nothing };

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
	put_cells(board, "", cells, board->count);
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
		put_cells(board, check_title(check), cells, board->count);
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
		put_cells(board, check_title(check), &cell, 1);
	}
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
		put_cells(board, label, cells, board->count);
	}
}

/* ---- fixes */

/* One remedy, and all the checks and sources that it mends. */
struct remedy {
	struct span fix;
	bool checks[CHECK_COUNT];
	bool sources[PREFLIGHT_SOURCES_MAX];
	bool is_of_message; /* one of the checks is */
};

struct remedies {
	struct remedy *at;
	size_t count, room;
};

static struct remedy *remedy_of(
	struct board *board, struct remedies *remedies, struct span fix)
{
	for (size_t i = 0; i < remedies->count; i++)
		if (span_is(remedies->at[i].fix, fix))
			return &remedies->at[i];
	remedies->at = arena_grow(board->screen.arena, remedies->at,
		remedies->count, &remedies->room, sizeof(*remedies->at));
	remedies->at[remedies->count] = (struct remedy){ .fix = fix };
	return &remedies->at[remedies->count++];
}

static struct remedies remedies_of(struct board *board)
{
	const struct preflight *preflight = board->preflight;
	struct remedies remedies = { 0 };

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		for (size_t at = 0; at < preflight->source_count; at++) {
			const struct preflight_line *line =
				&preflight->sources[at].lines[i];
			struct remedy *remedy;

			if (!line->is_asked || !line->fix.len)
				continue;
			remedy = remedy_of(board, &remedies, line->fix);
			remedy->checks[i] = true;
			remedy->sources[at] = true;
			remedy->is_of_message |= check_is_of_message(
				(enum check)i);
		}
	return remedies;
}

static struct span add_word(
	struct board *board, struct span words, struct span word)
{
	return arena_print(board->screen.arena, "%.*s%s%.*s", SPAN_ARG(words),
		words.len ? ", " : "", SPAN_ARG(word));
}

static struct span labels_of(struct board *board, const struct remedy *remedy)
{
	struct span labels = SPAN("");

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (remedy->checks[i])
			labels = add_word(board, labels,
				span_of(check_title((enum check)i)));
	return labels;
}

/* The addresses that need it; nothing where all do. */
static struct span addresses_of(
	struct board *board, const struct remedy *remedy)
{
	const struct preflight *preflight = board->preflight;
	struct span addresses = SPAN("");
	size_t count = 0;

	for (size_t i = 0; i < preflight->source_count; i++) {
		if (!remedy->sources[i])
			continue;
		count++;
		addresses = add_word(board, addresses,
			ip_text(board->screen.arena,
				&preflight->sources[i].ip));
	}
	if (remedy->is_of_message || count == preflight->source_count)
		return SPAN("");
	return arena_print(
		board->screen.arena, " for %.*s", SPAN_ARG(addresses));
}

/* The first rule of a profile that asks for one of these checks. */
static const struct profile_rule *rule_for(
	const struct profile *profile, const struct remedy *remedy)
{
	for (size_t i = 0; i < profile->rule_count; i++)
		if (remedy->checks[profile->rules[i].check])
			return &profile->rules[i];
	return NULL;
}

static void put_remedy(struct board *board, const struct remedy *remedy)
{
	struct screen *screen = &board->screen;
	struct span names = SPAN(""), page = SPAN("");

	screen_paragraph(screen, 2, (struct mark){ "fix", TONE_PLAIN }, 7,
		arena_print(screen->arena, "%.*s%.*s: %.*s",
			SPAN_ARG(labels_of(board, remedy)),
			SPAN_ARG(addresses_of(board, remedy)),
			SPAN_ARG(screen_safe(screen, remedy->fix))));
	for (size_t i = 0; i < board->query->profile_count; i++) {
		const struct profile *profile = board->query->profiles[i];
		const struct profile_rule *rule = rule_for(profile, remedy);

		if (!rule)
			continue;
		names = add_word(board, names, profile->name);
		if (!page.len)
			page = rule->page;
	}
	if (names.len)
		screen_paragraph(screen, 2, (struct mark){ "", TONE_PLAIN }, 7,
			arena_print(screen->arena, "asked by %.*s: %.*s",
				SPAN_ARG(names), SPAN_ARG(page)));
}

static void put_fixes(struct board *board)
{
	struct remedies remedies = remedies_of(board);

	for (size_t i = 0; i < remedies.count; i++)
		put_remedy(board, &remedies.at[i]);
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
	fprintf(board->screen.out,
		"VERDICT  %s: %zu checks pass, %zu fail, %zu warn, %zu "
		"unknown, %zu n/a\n",
		preflight_status_word(preflight->worst == PREFLIGHT_NA
					      ? PREFLIGHT_PASS
					      : preflight->worst),
		of[PREFLIGHT_PASS], of[PREFLIGHT_FAIL], of[PREFLIGHT_WARN],
		of[PREFLIGHT_UNKNOWN], of[PREFLIGHT_NA]);
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
	fputs("what receivers would do\n", out);
	each_source(&board, put_forecasts);
	put_verdict(&board);
	put_fixes(&board);
	put_spf(&board.screen, preflight);
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
