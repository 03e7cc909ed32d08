#include "reports/text_table.h"

#include "reports/text_rows.h"

enum { WORD_COLUMNS = 5, LABEL_WIDE = 22, LABEL_NARROW = 14 };

/* What is shown together: one host, and its next visit of each family. */
struct block {
	struct span host;
	const struct visit_judgement *of[FAMILY_COUNT];
	bool is_one_of_many;            /* the host has more addresses */
};

struct blocks {
	struct block *at;
	size_t count, room;
};

/* The columns that stand beside each other, and where. */
struct columns {
	enum family families[FAMILY_COUNT];
	size_t count;
	struct cell_layout layout;
};

/* ---- which visits belong together */

static struct block *block_for(struct screen *screen, struct blocks *blocks,
	const struct path *path)
{
	bool is_one_of_many = false;

	for (size_t i = 0; i < blocks->count; i++) {
		struct block *block = &blocks->at[i];

		if (!span_is(block->host, path->host))
			continue;
		if (!block->of[path->family])
			return block;
		block->is_one_of_many = is_one_of_many = true;
	}
	blocks->at = arena_grow(screen->arena, blocks->at, blocks->count,
		&blocks->room, sizeof(*blocks->at));
	blocks->at[blocks->count] = (struct block){ .host = path->host,
		.is_one_of_many = is_one_of_many };
	return &blocks->at[blocks->count++];
}

static struct blocks blocks_of(struct screen *screen,
	const struct judgement *judgement)
{
	struct blocks blocks = { 0 };

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *judged = &judgement->visits[i];
		const struct path *path = judged->visit->path;

		block_for(screen, &blocks, path)->of[path->family] = judged;
	}
	return blocks;
}

static bool is_walked(const struct visit_judgement *judged)
{
	return judged && judged->visit->state == VISIT_WALKED;
}

/* ---- heads */

static struct span source_text(struct screen *screen,
	const struct source *source)
{
	char room[IP_TEXT_MAX];
	const char *kind = source->kind == IP_GLOBAL ? "" :
		ip_kind_word(source->kind);
	const char *comma = *kind ? ", " : "";
	struct span notes = arena_print(screen->arena, "%s%s%s", kind,
		source->is_temporary ? comma : "",
		source->is_temporary ? "temporary" : "");

	if (source->is_deprecated)
		notes = arena_print(screen->arena, "%.*s%sdeprecated",
			SPAN_ARG(notes), notes.len ? ", " : "");
	if (!notes.len)
		return arena_print(screen->arena, "%s",
			ip_print(&source->ip, room));
	return arena_print(screen->arena, "%s (%.*s)",
		ip_print(&source->ip, room), SPAN_ARG(notes));
}

static const struct exchanger *exchanger_of(const struct outcome *outcome,
	struct span host)
{
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		if (span_is_nocase(outcome->exchangers[i].host, host))
			return &outcome->exchangers[i];
	return NULL;
}

static const char *absence(enum answer_kind kind, enum family family)
{
	bool is_old = family == FAMILY_IPV4;

	switch (kind) {
	case ANSWER_DATA:
		return "not walked";
	case ANSWER_NONE:
		return is_old ? "n/a: the host has no IPv4 address" :
				"n/a: the host has no IPv6 address";
	case ANSWER_NO_NAME:
		return "n/a: the host's name does not exist";
	case ANSWER_SERVFAIL:
		return "unknown: its address: SERVFAIL";
	case ANSWER_TIMEOUT:
		return "unknown: its address: no name server answered";
	case ANSWER_REFUSED:
		return "unknown: its address: the name server refuses";
	case ANSWER_UNREACHABLE:
		return "unknown: its address: no resolver to be reached";
	case ANSWER_MALFORMED:
		return "unknown: its address: a malformed answer";
	case ANSWER_UNTRUSTED:
		return "unknown: its address: an untrusted answer";
	case ANSWER_UNSAVED:
		return "unknown: its address is not in the saved answers";
	}
	return "";
}

/* Why a family has no walk at this host. */
static struct span missing_text(struct screen *screen,
	const struct outcome *outcome, const struct judgement *judgement,
	const struct block *block, enum family family)
{
	const struct exchanger *exchanger =
		exchanger_of(outcome, block->host);
	struct span why = judgement->family_why[family];
	enum answer_kind kind;

	if (block->is_one_of_many)
		return SPAN("n/a: no further address");
	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];

		if (path->family == family && path->left_out.len &&
			span_is(path->host, block->host))
			return arena_print(screen->arena, "left out: %.*s",
				SPAN_ARG(screen_safe(screen,
					path->left_out)));
	}
	if (why.len)
		return arena_print(screen->arena, "%s: %.*s",
			verdict_word(judgement->families[family]),
			SPAN_ARG(screen_safe(screen, why)));
	if (!exchanger)
		return SPAN("not walked");
	kind = family == FAMILY_IPV4 ? exchanger->a : exchanger->aaaa;
	return span_of(absence(kind, family));
}

static struct span visit_head(struct screen *screen,
	const struct visit *visit)
{
	switch (visit->state) {
	case VISIT_PLANNED:
		if (!visit->why_not.len)
			return SPAN("not walked: interrupted before");
		return arena_print(screen->arena, "not walked: %.*s",
			SPAN_ARG(screen_safe(screen, visit->why_not)));
	case VISIT_NOT_APPLICABLE:
		return arena_print(screen->arena, "n/a: %.*s",
			SPAN_ARG(screen_safe(screen, visit->why_not)));
	case VISIT_WALKED:
		break;
	}
	if (!visit->source.is_known)
		return SPAN("");
	return source_text(screen, &visit->source);
}

static struct cell head_cell(struct screen *screen,
	const struct visit_judgement *judged, struct span text,
	enum family family)
{
	struct cell cell = { .mark = { family_word(family), TONE_PLAIN } };

	cell.text = judged ? visit_head(screen, judged->visit) : text;
	if (!is_walked(judged))
		cell.mark.tone = TONE_DIM;
	return cell;
}

/* ---- a block */

static bool wants_address(const struct block *block)
{
	for (int i = 0; i < FAMILY_COUNT; i++) {
		const struct fault *fault = is_walked(block->of[i]) ?
			block->of[i]->visit->fault : NULL;

		if (fault && fault->stage == STAGE_CONNECT)
			return true;
	}
	return block->is_one_of_many;
}

static void put_cells(struct screen *screen, const struct columns *columns,
	const char *label, const struct cell cells[static FAMILY_COUNT])
{
	cells_put(screen, &columns->layout, label, cells, columns->count);
}

/* A column that says n/a at its head has nothing below it. */
static void put_addresses(struct screen *screen,
	const struct columns *columns, const struct block *block)
{
	struct cell cells[FAMILY_COUNT] = { cell_nothing, cell_nothing };

	for (size_t i = 0; i < columns->count; i++) {
		const struct visit_judgement *judged =
			block->of[columns->families[i]];

		if (!is_walked(judged))
			continue;
		cells[i].mark.word = "to";
		cells[i].text =
			ip_text(screen->arena, &judged->visit->path->remote);
	}
	put_cells(screen, columns, "address", cells);
}

static void put_rows(struct screen *screen, const struct columns *columns,
	const struct block *block)
{
	for (int i = 0; i < ROW_COUNT; i++) {
		struct cell cells[FAMILY_COUNT] = { cell_nothing,
			cell_nothing };
		enum row row = (enum row)i;
		bool concerns = false;

		for (size_t at = 0; at < columns->count; at++) {
			const struct visit_judgement *judged =
				block->of[columns->families[at]];

			if (!is_walked(judged))
				continue;
			cells[at] = row_cell(screen, row, judged);
			concerns |= row_concerns(row, judged->visit);
		}
		if (concerns)
			put_cells(screen, columns, row_label(row), cells);
	}
}

static void put_host(struct screen *screen, const struct block *block)
{
	const struct visit_judgement *judged = block->of[FAMILY_IPV4] ?
		block->of[FAMILY_IPV4] : block->of[FAMILY_IPV6];
	const struct path *path = judged->visit->path;
	struct span text = screen_safe(screen, path->host);

	if (path->port != 25)
		text = arena_print(screen->arena, "%.*s, port %u",
			SPAN_ARG(text), (unsigned)path->port);
	if (path->preference)
		text = arena_print(screen->arena, "%.*s (%u)", SPAN_ARG(text),
			path->preference);
	screen_paragraph(screen, 1, (struct mark){ "", TONE_PLAIN }, 1, text);
}

static struct columns columns_at(const struct screen *screen, size_t count)
{
	struct columns columns = { .count = count };

	columns.layout.word = WORD_COLUMNS;
	columns.layout.label = screen->columns < TEXT_SIDE_BY_SIDE ?
		LABEL_NARROW : LABEL_WIDE;
	cells_spread(&columns.layout, screen, count);
	return columns;
}

static bool any_walked(const struct columns *columns,
	const struct block *block)
{
	for (size_t i = 0; i < columns->count; i++)
		if (is_walked(block->of[columns->families[i]]))
			return true;
	return false;
}

static void put_columns(struct screen *screen, const struct columns *columns,
	const struct block *block, const struct cell heads[static FAMILY_COUNT])
{
	struct cell cells[FAMILY_COUNT] = { cell_nothing, cell_nothing };
	struct columns above = *columns;

	for (size_t i = 0; i < columns->count; i++)
		cells[i] = heads[columns->families[i]];
	if (above.layout.label == LABEL_NARROW) { /* it begins a section */
		above.layout.label = 1;
		cells_spread(&above.layout, screen, columns->count);
	}
	put_cells(screen, &above, "", cells);
	if (!any_walked(columns, block))
		return;
	if (wants_address(block))
		put_addresses(screen, columns, block);
	put_rows(screen, columns, block);
}

static void put_block(struct screen *screen, const struct outcome *outcome,
	const struct judgement *judgement, const struct block *block)
{
	bool is_wide = screen->columns >= TEXT_SIDE_BY_SIDE;
	struct cell heads[FAMILY_COUNT] = { cell_nothing, cell_nothing };
	struct columns columns = columns_at(screen, 1);
	enum family wanted[FAMILY_COUNT];
	size_t count = 0;

	for (int i = 0; i < FAMILY_COUNT; i++) {
		enum family family = (enum family)i;
		const struct visit_judgement *judged = block->of[i];

		if (!outcome->wanted[i])
			continue;
		heads[i] = head_cell(screen, judged,
			judged ? SPAN("") : missing_text(screen, outcome,
				judgement, block, family), family);
		wanted[count++] = family;
	}
	put_host(screen, block);
	if (is_wide && count == FAMILY_COUNT) {
		columns = columns_at(screen, FAMILY_COUNT);
		memcpy(columns.families, wanted, sizeof(wanted));
		put_columns(screen, &columns, block, heads);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		columns.families[0] = wanted[i];
		put_columns(screen, &columns, block, heads);
	}
}

/* ---- the words of those who refused */

static void put_reply(struct screen *screen, const struct reply *reply)
{
	for (size_t i = 0; i < reply->line_count; i++) {
		bool is_last = i + 1 == reply->line_count;
		struct span line = screen_safe(screen, reply->lines[i]);

		screen_paragraph(screen, 3, (struct mark){ "", TONE_PLAIN }, 3,
			arena_print(screen->arena, "%u%c%.*s", reply->code,
				is_last ? ' ' : '-', SPAN_ARG(line)));
	}
}

static void put_icmp(struct screen *screen, const struct icmp_error *icmp)
{
	char room[IP_TEXT_MAX];

	fprintf(screen->out, "   %s type %u code %u",
		icmp->family == FAMILY_IPV4 ? "ICMP" : "ICMPv6", icmp->type,
		icmp->code);
	if (icmp->has_offender)
		fprintf(screen->out, " from %s",
			ip_print(&icmp->offender, room));
	putc('\n', screen->out);
}

static void put_words(struct screen *screen, const struct visit *visit)
{
	const struct fault *fault = visit->fault;
	const char *did = fault->reply ? "answered" : fault->garbled.len ?
		"sent" : "is out of reach";

	screen_paragraph(screen, 1, (struct mark){ "", TONE_PLAIN }, 1,
		arena_print(screen->arena, "%.*s over %s %s, %s:",
			SPAN_ARG(screen_safe(screen, visit->path->host)),
			family_word(visit->path->family), did,
			stage_phrase(fault->stage)));
	if (fault->reply)
		put_reply(screen, fault->reply);
	if (fault->garbled.len)
		screen_paragraph(screen, 3, (struct mark){ "", TONE_PLAIN }, 3,
			screen_safe(screen, fault->garbled));
	if (fault->icmp.is_known)
		put_icmp(screen, &fault->icmp);
}

/* An ICMP error stands in the cell already. */
static bool has_words(const struct screen *screen, const struct fault *fault)
{
	return fault && (fault->reply || fault->garbled.len ||
				(screen->verbose && fault->icmp.is_known));
}

void text_table(struct screen *screen, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct blocks blocks = blocks_of(screen, judgement);

	for (size_t i = 0; i < blocks.count; i++)
		put_block(screen, outcome, judgement, &blocks.at[i]);
	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit *visit = judgement->visits[i].visit;

		if (has_words(screen, visit->fault))
			put_words(screen, visit);
	}
}
