#include "probe/walk/serving.h"

static const struct script_offer own_offers[] = {
	{ .keyword = { "PIPELINING", 10 } },
	{ .keyword = { "SIZE", 4 }, .parameters = { "52428800", 8 } },
	{ .keyword = { "8BITMIME", 8 } },
	{ .keyword = { "ENHANCEDSTATUSCODES", 19 } },
	{ .keyword = { "STARTTLS", 8 } },
};

/* The command, where the stage has one, is still in `line`. */
static void begin(struct serving *serving, enum script_stage stage)
{
	struct span line = { serving->line, serving->command_len };

	serving->doing = script_turn_at(serving->script, stage, line);
	serving->stage = stage;
	serving->turn = SERVING_AT_DELAY;
}

void serving_init(struct serving *serving, struct arena *arena,
	const struct server_script *script, struct span name, bool offers_tls)
{
	memset(serving, 0, sizeof(*serving));
	serving->arena = arena;
	serving->script = script;
	serving->name = name;
	serving->answer = SPAN("");
	serving->offers_tls = offers_tls;
	serving->dot = 2; /* a message may begin with its dot */
	begin(serving, SCRIPT_CONNECT);
}

static const struct script_offer *offers_of(
	const struct serving *serving, size_t *count)
{
	const struct server_script *script = serving->script;

	*count = script->has_offers ? script->offer_count
				    : COUNT_OF(own_offers);
	return script->has_offers ? script->offers : own_offers;
}

/* Inside TLS, STARTTLS is not offered again (RFC 3207 section 4.2). */
static bool offers(const struct serving *serving, struct span keyword)
{
	size_t count;
	const struct script_offer *list = offers_of(serving, &count);
	bool is_tls = span_is(keyword, SPAN("STARTTLS"));

	if (is_tls && (serving->is_encrypted || !serving->offers_tls))
		return false;
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(list[i].keyword, keyword))
			return true;
	return false;
}

/* ---- what it says where it agrees */

static struct span ehlo_reply(const struct serving *serving)
{
	size_t count;
	const struct script_offer *list = offers_of(serving, &count);
	struct span lines = arena_print(serving->arena, "%.*s at your service",
		SPAN_ARG(serving->name));
	struct span text = SPAN("");

	for (size_t i = 0; i < count; i++) {
		const struct script_offer *offer = &list[i];

		if (!offers(serving, offer->keyword))
			continue;
		text = arena_print(serving->arena, "%.*s250-%.*s\r\n",
			SPAN_ARG(text), SPAN_ARG(lines));
		lines = arena_print(serving->arena, "%.*s%s%.*s",
			SPAN_ARG(offer->keyword),
			offer->parameters.len ? " " : "",
			SPAN_ARG(offer->parameters));
	}
	return arena_print(serving->arena, "%.*s250 %.*s\r\n", SPAN_ARG(text),
		SPAN_ARG(lines));
}

static struct span lines_text(
	struct arena *arena, const struct span *lines, size_t count)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < count; i++)
		text = arena_print(arena, "%.*s%.*s\r\n", SPAN_ARG(text),
			SPAN_ARG(lines[i]));
	return text;
}

static struct span banner_of(const struct serving *serving)
{
	const struct server_script *script = serving->script;

	if (script->banner_count)
		return lines_text(
			serving->arena, script->banner, script->banner_count);
	return arena_print(
		serving->arena, "220 %.*s ESMTP\r\n", SPAN_ARG(serving->name));
}

static struct span agreement(const struct serving *serving)
{
	switch (serving->stage) {
	case SCRIPT_CONNECT:
		return banner_of(serving);
	case SCRIPT_EHLO:
		if (serving->is_extended)
			return ehlo_reply(serving);
		return arena_print(serving->arena, "250 %.*s\r\n",
			SPAN_ARG(serving->name));
	case SCRIPT_STARTTLS:
		return SPAN("220 2.0.0 go ahead\r\n");
	case SCRIPT_MAIL:
		return SPAN("250 2.1.0 sender ok\r\n");
	case SCRIPT_RCPT:
		return SPAN("250 2.1.5 recipient ok\r\n");
	case SCRIPT_DATA:
		return SPAN("354 end with a dot\r\n");
	case SCRIPT_DOT:
		return SPAN("250 2.0.0 taken, and thrown away: this is a "
			    "rehearsal\r\n");
	case SCRIPT_QUIT:
		return SPAN("221 2.0.0 bye\r\n");
	case SCRIPT_EARLY:
	case SCRIPT_BANNER:
	case SCRIPT_PIPELINING:
		break;
	}
	return SPAN("");
}

/* ---- stages */

static bool does_something(
	const struct serving *serving, enum script_stage stage)
{
	struct span line = { serving->line, serving->command_len };
	const struct script_turn *turn = script_turn_at(
		serving->script, stage, line);

	return turn->act != SCRIPT_AGREES || turn->delay_ms;
}

/* What a reply changes, whoever wrote it. */
static void replied(struct serving *serving, struct span text)
{
	bool is_yes = text.len && text.at[0] == '2';
	bool is_go_on = span_starts_nocase(text, SPAN("354"));

	serving->turn = SERVING_LISTENS;
	if (serving->stage == SCRIPT_CONNECT) {
		serving->is_refusing = !is_yes;
		if (does_something(serving, SCRIPT_BANNER))
			begin(serving, SCRIPT_BANNER);
	}
	if (serving->stage == SCRIPT_STARTTLS && is_yes)
		serving->turn = SERVING_SHAKES;
	serving->has_mail |= serving->stage == SCRIPT_MAIL && is_yes;
	serving->has_rcpt |= serving->stage == SCRIPT_RCPT && is_yes;
	serving->is_in_message = serving->stage == SCRIPT_DATA && is_go_on;
	if (serving->stage == SCRIPT_DOT)
		serving->has_mail = serving->has_rcpt = false;
	if (serving->stage == SCRIPT_QUIT || serving->stage == SCRIPT_EARLY ||
		span_starts_nocase(text, SPAN("421")) ||
		span_starts_nocase(text, SPAN("521")))
		serving->turn = SERVING_LEAVES;
}

/* A delay was all: then it does what it would have done. */
static void forgive(struct serving *serving)
{
	if (serving->stage == SCRIPT_EARLY)
		begin(serving, SCRIPT_CONNECT);
	if (serving->stage == SCRIPT_PIPELINING)
		begin(serving, serving->meant);
}

static enum serving_want act(struct serving *serving, struct span *bytes)
{
	const struct script_turn *turn;

	if (serving->doing->act == SCRIPT_AGREES)
		forgive(serving);
	turn = serving->doing;
	switch (turn->act) {
	case SCRIPT_CLOSES:
		serving->turn = SERVING_LEAVES;
		return SERVING_CLOSE;
	case SCRIPT_RESETS:
		return SERVING_RESET;
	case SCRIPT_HANGS:
		return SERVING_HANG;
	case SCRIPT_REPLIES:
		*bytes = lines_text(
			serving->arena, turn->lines, turn->line_count);
		break;
	case SCRIPT_AGREES:
		*bytes = agreement(serving);
		break;
	}
	replied(serving, *bytes);
	return bytes->len ? SERVING_SAY : SERVING_HEAR;
}

/* Who talks before the banner is only seen by waiting with it. */
static uint64_t delay_of(const struct serving *serving)
{
	uint64_t delay = serving->doing->delay_ms;

	if (serving->stage == SCRIPT_CONNECT &&
		does_something(serving, SCRIPT_EARLY) &&
		delay < SERVING_GREET_PAUSE_MS)
		return SERVING_GREET_PAUSE_MS;
	return delay;
}

enum serving_want serving_want(
	struct serving *serving, struct span *bytes, uint64_t *pause_ms)
{
	*bytes = SPAN("");
	*pause_ms = 0;
	switch (serving->turn) {
	case SERVING_AT_DELAY:
		serving->turn = SERVING_AT_ACT;
		*pause_ms = delay_of(serving);
		if (*pause_ms)
			return SERVING_PAUSE;
		return act(serving, bytes);
	case SERVING_AT_ACT:
		if (serving->stage == SCRIPT_CONNECT && serving->was_early &&
			does_something(serving, SCRIPT_EARLY)) {
			begin(serving, SCRIPT_EARLY);
			return serving_want(serving, bytes, pause_ms);
		}
		return act(serving, bytes);
	case SERVING_ANSWERS:
		*bytes = serving->answer;
		serving->turn = serving->commands > SERVING_COMMANDS_MAX
					? SERVING_LEAVES
					: SERVING_LISTENS;
		return SERVING_SAY;
	case SERVING_LISTENS:
		return SERVING_HEAR;
	case SERVING_SHAKES:
		return SERVING_TLS;
	case SERVING_LEAVES:
		break;
	}
	return SERVING_CLOSE;
}

void serving_overhear(struct serving *serving)
{
	if (serving->stage == SCRIPT_CONNECT && serving->turn == SERVING_AT_ACT)
		serving->was_early = true;
}

/* All that was said in clear is forgotten (RFC 3207 section 4.2). */
void serving_tls_up(struct serving *serving)
{
	serving->is_encrypted = true;
	serving->has_mail = serving->has_rcpt = false;
	serving->turn = SERVING_LISTENS;
}

/* ---- what it hears */

static void answer(struct serving *serving, struct span text)
{
	serving->answer = text;
	serving->turn = SERVING_ANSWERS;
}

/* NULL: the command may be said now. */
static const char *out_of_order(
	const struct serving *serving, enum script_stage stage)
{
	if (serving->is_refusing && stage != SCRIPT_QUIT)
		return "503 5.5.1 no mail is taken here\r\n";
	if (stage == SCRIPT_STARTTLS && !offers(serving, SPAN("STARTTLS")))
		return "502 5.5.1 STARTTLS is not offered\r\n";
	if (stage == SCRIPT_RCPT && !serving->has_mail)
		return "503 5.5.1 MAIL comes first\r\n";
	if (stage == SCRIPT_DATA && !serving->has_rcpt)
		return "503 5.5.1 no recipient was taken\r\n";
	return NULL;
}

static void take_stage(struct serving *serving, enum script_stage stage)
{
	const char *order = out_of_order(serving, stage);

	if (order) {
		answer(serving, span_of(order));
		return;
	}
	if (serving->is_in_one_go && stage != SCRIPT_QUIT &&
		!offers(serving, SPAN("PIPELINING")) &&
		does_something(serving, SCRIPT_PIPELINING)) {
		serving->meant = stage;
		stage = SCRIPT_PIPELINING;
	}
	begin(serving, stage);
}

static bool says(struct span line, struct span verb)
{
	return span_starts_nocase(line, verb) &&
	       (line.len == verb.len || ascii_is_blank(line.at[verb.len]));
}

static void take_command(struct serving *serving, struct span line)
{
	static const struct command_row {
		struct span verb;
		enum script_stage stage;
	} rows[] = { { { "EHLO", 4 }, SCRIPT_EHLO },
		{ { "HELO", 4 }, SCRIPT_EHLO },
		{ { "STARTTLS", 8 }, SCRIPT_STARTTLS },
		{ { "MAIL", 4 }, SCRIPT_MAIL }, { { "RCPT", 4 }, SCRIPT_RCPT },
		{ { "DATA", 4 }, SCRIPT_DATA },
		{ { "QUIT", 4 }, SCRIPT_QUIT } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!says(line, rows[i].verb))
			continue;
		if (rows[i].stage == SCRIPT_EHLO)
			serving->is_extended = i == 0;
		take_stage(serving, rows[i].stage);
		return;
	}
	if (says(line, SPAN("RSET")))
		serving->has_mail = serving->has_rcpt = false;
	if (says(line, SPAN("RSET")) || says(line, SPAN("NOOP")))
		answer(serving, SPAN("250 2.0.0 ok\r\n"));
	else
		answer(serving, SPAN("500 5.5.2 command not known\r\n"));
}

static void take_line(struct serving *serving)
{
	struct span line = { serving->line, serving->line_len };

	serving->line_len = 0;
	serving->command_len = line.len;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	if (++serving->commands > SERVING_COMMANDS_MAX) {
		answer(serving, SPAN("421 4.7.0 too many commands\r\n"));
	} else if (serving->is_line_too_long) {
		answer(serving, SPAN("500 5.5.2 line too long\r\n"));
	} else {
		take_command(serving, line);
	}
	serving->is_line_too_long = false;
}

/*
 * The message is not kept: only its end, CR LF . CR LF, is looked for; dot
 * counts how much of that was seen.
 */
static size_t hear_message(struct serving *serving, struct span bytes)
{
	static const char end[] = "\r\n.\r\n";
	size_t i = 0;

	while (i < bytes.len && serving->dot < 5) {
		char c = bytes.at[i++];

		if (c == end[serving->dot])
			serving->dot++;
		else
			serving->dot = c == '\r' ? 1 : 0;
	}
	serving->message_size += i;
	if (serving->message_size > SERVING_MESSAGE_MAX)
		serving->turn = SERVING_LEAVES;
	if (serving->dot < 5)
		return i;
	serving->dot = 2;
	serving->message_size = 0;
	serving->is_in_message = false;
	begin(serving, SCRIPT_DOT);
	return i;
}

size_t serving_hear(struct serving *serving, struct span bytes)
{
	if (serving->turn != SERVING_LISTENS)
		return 0;
	if (serving->is_in_message)
		return hear_message(serving, bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.at[i] == '\n') {
			serving->is_in_one_go = i + 1 < bytes.len;
			take_line(serving);
			return i + 1;
		}
		if (serving->line_len < SERVING_LINE_MAX)
			serving->line[serving->line_len++] = bytes.at[i];
		else
			serving->is_line_too_long = true;
	}
	return bytes.len;
}
