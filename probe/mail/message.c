#include "probe/mail/message.h"

#include <time.h>

/* Room for the worst case: every byte a line end, every line a dot. */
struct wire {
	char *at;
	size_t len;
	size_t stuffed; /* dots added */
	bool line_begins;
};

static void put(struct wire *wire, char c)
{
	if (wire->line_begins && c == '.') {
		wire->at[wire->len++] = '.';
		wire->stuffed++;
	}
	wire->at[wire->len++] = c;
	wire->line_begins = false;
}

static void put_line_end(struct wire *wire)
{
	wire->at[wire->len++] = '\r';
	wire->at[wire->len++] = '\n';
	wire->line_begins = true;
}

/* Ends one line at i; returns how many bytes the line end took, 0: none. */
static size_t line_end_at(struct span bytes, size_t i, bool *is_bare)
{
	if (bytes.at[i] == '\n') {
		*is_bare = true;
		return 1;
	}
	if (bytes.at[i] != '\r')
		return 0;
	if (i + 1 < bytes.len && bytes.at[i + 1] == '\n')
		return 2;
	*is_bare = true;
	return 1;
}

static void look_at(struct message *message, struct span bytes)
{
	bool in_header = true, line_is_empty = true;

	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.at[i];

		if ((unsigned char)c >= 0x80) {
			message->is_8bit = true;
			message->is_utf8_header |= in_header;
		}
		if (c == '\n' && line_is_empty)
			in_header = false;
		if (c != '\r')
			line_is_empty = c == '\n';
	}
}

const struct message *message_from(struct arena *arena, struct span bytes)
{
	struct message *message = arena_new(arena, struct message);
	struct wire wire = { .line_begins = true };

	wire.at = arena_take(arena, bytes.len * 2 + 16);
	for (size_t i = 0; i < bytes.len;) {
		size_t end = line_end_at(bytes, i, &message->had_bare_ends);

		if (end)
			put_line_end(&wire);
		else
			put(&wire, bytes.at[i]);
		i += end ? end : 1;
	}
	if (!wire.line_begins)
		put_line_end(&wire);
	message->size = wire.len - wire.stuffed;
	memcpy(wire.at + wire.len, ".\r\nQUIT\r\n", 9);
	message->wire = (struct span){ wire.at, wire.len + 3 };
	message->wire_then_quit = (struct span){ wire.at, wire.len + 9 };
	message->token = SPAN("");
	look_at(message, bytes);
	return message;
}

enum { LAST_DOT_LEN = 3 };

struct span message_text(struct arena *arena, const struct message *message)
{
	struct span rest = span_part(
		message->wire, 0, message->wire.len - LAST_DOT_LEN);
	char *text = arena_take(arena, rest.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < rest.len; i++) {
		bool line_begins = i == 0 || rest.at[i - 1] == '\n';

		if (!line_begins || rest.at[i] != '.')
			text[len++] = rest.at[i];
		else if (i + 1 < rest.len)
			text[len++] = rest.at[++i];
	}
	return (struct span){ text, len };
}

const struct message *message_with_field(struct arena *arena,
	const struct message *message, struct span field)
{
	struct message *longer = arena_new(arena, struct message);
	struct span old = message->wire_then_quit;
	char *wire = arena_take(arena, field.len + old.len);

	memcpy(wire, field.at, field.len);
	memcpy(wire + field.len, old.at, old.len);
	*longer = *message;
	longer->wire = (struct span){ wire, field.len + message->wire.len };
	longer->wire_then_quit = (struct span){ wire, field.len + old.len };
	longer->size += field.len;
	return longer;
}

/* RFC 5322 section 3.3, always in UTC. */
static struct span date_text(struct arena *arena, int64_t wall_ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm date;

	gmtime_r(&seconds, &date);
	return arena_print(arena, "%s, %d %s %d %02d:%02d:%02d +0000",
		days[date.tm_wday], date.tm_mday, months[date.tm_mon],
		date.tm_year + 1900, date.tm_hour, date.tm_min, date.tm_sec);
}

/* Lines as long as they may well be (RFC 5322 section 2.1.1), of the letters
 * that stand for nothing. */
static struct span padded(struct arena *arena, struct span text, size_t size)
{
	static const char line[] =
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxx\r\n";
	size_t len = sizeof(line) - 1;
	size_t lines = size > text.len ? (size - text.len + len - 1) / len : 0;
	char *room = arena_take(arena, text.len + lines * len + 1);

	memcpy(room, text.at, text.len);
	for (size_t i = 0; i < lines; i++)
		memcpy(room + text.len + i * len, line, len);
	return (struct span){ room, text.len + lines * len };
}

const struct message *message_compose(
	struct arena *arena, const struct message_head *head)
{
	struct span from = head->from.len ? head->from : head->to;
	struct span date = date_text(arena, head->wall_ms);
	struct span text = arena_print(arena,
		"Date: %.*s\r\n"
		"From: <%.*s>\r\n"
		"To: <%.*s>\r\n"
		"Subject: mxprobe %.*s over %.*s\r\n"
		"Message-ID: <%.*s@%.*s>\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"\r\n"
		"This is a delivery test by mxprobe, sent over %.*s because\r\n"
		"the sender asked for it.  Its token is %.*s.\r\n"
		"It can be deleted.\r\n",
		SPAN_ARG(date), SPAN_ARG(from), SPAN_ARG(head->to),
		SPAN_ARG(head->token), SPAN_ARG(head->family),
		SPAN_ARG(head->token), SPAN_ARG(head->domain),
		SPAN_ARG(head->family), SPAN_ARG(head->token));
	const struct message *made =
		message_from(arena, padded(arena, text, head->size));
	struct message *message = arena_new(arena, struct message);

	*message = *made;
	message->token = head->token;
	return message;
}

struct span message_token(struct arena *arena, const unsigned char random[10])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *token = arena_take(arena, MESSAGE_TOKEN_LEN + 1);
	unsigned have = 0, bits = 0;

	for (size_t i = 0, at = 0; i < MESSAGE_TOKEN_LEN; i++) {
		if (have < 5) {
			bits = bits << 8 | random[at++];
			have += 8;
		}
		have -= 5;
		token[i] = letters[bits >> have & 31];
	}
	return (struct span){ token, MESSAGE_TOKEN_LEN };
}
