#include "reports/inbound/notice_text.h"

/*
 * A line with one of these, rules and blanks around it aside, is the last
 * before the copy of the message.
 */
static const char *const copies[] = {
	"this is a copy of",
	"below this line is a copy",
	"enclosed is a copy",
	"below is a copy",
	"below is the original",
	"original message",
	"original e-mail",
	"original mail",
	"original email",
	"message headers follow",
	"message header follows",
	"message header:",
	"message headers:",
	"headers of the original",
	"header of the original",
	"the headers of the",
	"the header of the original",
	"the following is the original",
	"the original message follows",
	"the original message headers",
	"returned message",
	"unsent message",
	"undelivered message",
	"your original message",
	"your message follows",
	"a copy of your message",
	"a copy of the message",
	"a copy of the original",
	"copy of the original",
	"copy of message",
	"message follows",
	"message text follows",
	"content of the original",
	"start of the original",
	"start of returned",
	"bounced e-mail",
	"bounced message",
	"here is the original",
	"here is your original",
	"included is a copy",
	"the text of the message",
	"attached message",
	"forwarded message",
	"begin forwarded message",
	"ursprüngliche nachricht",
	"originalnachricht",
	"message d'origine",
	"message original",
	"mensaje original",
	"mensagem original",
	"messaggio originale",
	"oorspronkelijk bericht",
};

/* What is said of the message begins like this; the reason stands below. */
static const char *const not_copies[] = { "original message details",
	"message header information" };

/* Only a mail's own header has these at the start of a line. */
static const char *const fields[] = { "Received:", "Return-Path:",
	"DKIM-Signature:", "X-Received:", "Delivered-To:", "X-Originating-IP:",
	"DomainKey-Signature:", "MIME-Version:", "ARC-Seal:",
	"X-Google-DKIM-Signature:" };

static bool starts_with_one(
	struct span text, const char *const *words, size_t count)
{
	char first = text.len ? ascii_lower(text.at[0]) : '\0';

	for (size_t i = 0; i < count; i++)
		if (ascii_lower(words[i][0]) == first &&
			span_starts_nocase(text, span_of(words[i])))
			return true;
	return false;
}

static bool is_rule_byte(char c)
{
	return memchr("-=_*#+~|", c, 8) != NULL;
}

/* What stands between the rules: "----- Original message -----". */
static struct span without_rules(struct span line)
{
	while (line.len &&
		(is_rule_byte(line.at[0]) || ascii_is_blank(line.at[0])))
		line = span_part(line, 1, line.len);
	while (line.len && (is_rule_byte(line.at[line.len - 1]) ||
				   ascii_is_blank(line.at[line.len - 1])))
		line.len--;
	return line;
}

static size_t rule_len(struct span line)
{
	size_t len = 0;

	while (len < line.len && is_rule_byte(line.at[len]))
		len++;
	return len;
}

/*
 * Long prose may begin like this too; the line before a copy is short, or
 * between rules.
 */
static bool is_copy_line(struct span line)
{
	struct span words = without_rules(line);

	return words.len && words.len < 80 &&
	       starts_with_one(words, copies, COUNT_OF(copies)) &&
	       !starts_with_one(words, not_copies, COUNT_OF(not_copies));
}

/*
 * Of what is forwarded each line begins with "> " or ">", once or more; the
 * ">>>" of a session is no quote.
 */
static struct span without_quote(struct span line)
{
	while (line.len && line.at[0] == '>' &&
		!span_starts_nocase(line, SPAN(">>> ")))
		line = span_part(line,
			ascii_is_blank(line.len > 1 ? line.at[1] : 'x') ? 2 : 1,
			line.len);
	return line;
}

static struct span next_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return without_quote(line);
}

/* "Sent <<< RCPT TO:<...>" and "Received >>> 550 ...", as Sendmail has it. */
static struct span with_arrows_of_sendmail(
	struct arena *arena, struct span line)
{
	struct span sent = SPAN("Sent <<< "), heard = SPAN("Received >>> ");

	if (span_starts_nocase(line, sent))
		return arena_print(arena, ">>> %.*s",
			SPAN_ARG(span_part(line, sent.len, line.len)));
	if (span_starts_nocase(line, heard))
		return arena_print(arena, "<<< %.*s",
			SPAN_ARG(span_part(line, heard.len, line.len)));
	return line;
}

static struct notice_line line_of(struct span text)
{
	struct notice_line line = { .kind = LINE_WORDS };

	while (line.indent < text.len && ascii_is_blank(text.at[line.indent]))
		line.indent++;
	line.text = span_trim(text);
	if (!line.text.len)
		line.kind = LINE_EMPTY;
	else if (rule_len(line.text) >= 3)
		line.kind = LINE_HEADING;
	return line;
}

static bool is_status_field(struct span line)
{
	static const char *const names[] = { "Reporting-MTA:",
		"Final-Recipient:", "Original-Recipient:", "Action:", "Status:",
		"Diagnostic-Code:", "Remote-MTA:", "Last-Attempt-Date:",
		"Arrival-Date:" };

	return starts_with_one(line, names, COUNT_OF(names));
}

static bool has_status_fields(struct span text)
{
	struct span name = SPAN("Final-Recipient:");

	return span_find_nocase(text, name) < text.len;
}

/*
 * Some quote a field or two of the message in their prose; the header of a
 * copy has one of these near, unless it was cut.
 */
enum { COPY_HEADER_LINES = 64 };

static bool is_header_of_mail(struct span rest)
{
	static const char *const usual[] = {
		"From:", "To:", "Date:", "Received:"
	};

	for (size_t i = 0; i < COPY_HEADER_LINES && rest.len; i++) {
		struct span line = next_line(&rest);

		if (starts_with_one(line, usual, COUNT_OF(usual)))
			return true;
		if (!line.len)
			break;
	}
	return !span_trim(rest).len;
}

/* Where the copy's own header begins, behind empty lines and rules. */
static struct span header_start(struct span rest)
{
	for (;;) {
		struct span after = rest, line = next_line(&after);

		if (!rest.len)
			return rest;
		if (without_rules(line).len && rule_len(span_trim(line)) < 3)
			return rest;
		rest = after;
	}
}

void notice_read(struct arena *arena, struct span text, struct notice *notice)
{
	struct notice_line *lines = NULL;
	size_t count = 0, room = 0;
	bool has_fields = has_status_fields(text), in_fields = false;
	struct span rest = text;

	*notice = (struct notice){ .count = 0 };
	while (rest.len && count < NOTICE_LINES_MAX) {
		struct span before = rest, line = next_line(&rest);

		if (starts_with_one(line, fields, COUNT_OF(fields)) &&
			is_header_of_mail(before)) {
			notice->original = before;
			break;
		}
		if (count && is_copy_line(span_trim(line))) {
			notice->original = header_start(rest);
			break;
		}
		in_fields |= has_fields && is_status_field(line);
		if (in_fields)
			continue;
		lines = arena_grow(arena, lines, count, &room, sizeof(*lines));
		line = with_arrows_of_sendmail(arena, line);
		lines[count++] = line_of(line);
	}
	notice->lines = lines;
	notice->count = count;
}

struct span notice_text(struct arena *arena, const struct notice *notice,
	size_t from, size_t end)
{
	size_t room = 0, len = 0;
	char *at;

	if (end > notice->count)
		end = notice->count;
	for (size_t i = from; i < end; i++)
		room += notice->lines[i].text.len + 1;
	at = arena_take(arena, room + 1);
	for (size_t i = from; i < end; i++) {
		const struct notice_line *line = &notice->lines[i];

		if (line->kind != LINE_WORDS)
			continue;
		if (len)
			at[len++] = '\n';
		memcpy(at + len, line->text.at, line->text.len);
		len += line->text.len;
	}
	return (struct span){ at, len };
}

/* A field and the folds below it; other lines are prose. */
static size_t put_fields(struct span text, char *room)
{
	bool in_field = false;
	size_t len = 0;

	while (text.len) {
		struct span line = next_line(&text);

		in_field = is_status_field(line) ||
			   (in_field && line.len && ascii_is_blank(line.at[0]));
		if (!in_field)
			continue;
		memcpy(room + len, line.at, line.len);
		len += line.len;
		room[len++] = '\n';
	}
	return len;
}

struct span notice_status_fields(struct arena *arena, struct span text)
{
	char *room;

	if (!has_status_fields(text))
		return SPAN("");
	room = arena_take(arena, text.len + 1);
	return (struct span){ room, put_fields(text, room) };
}

struct span notice_unquoted(struct arena *arena, struct span text)
{
	char *room;
	size_t len = 0;

	if (!text.len || text.at[0] != '>')
		return text;
	room = arena_take(arena, text.len + 1);
	while (text.len) {
		struct span line = next_line(&text);

		memcpy(room + len, line.at, line.len);
		len += line.len;
		room[len++] = '\n';
	}
	return (struct span){ room, len };
}
