#include "reports/inbound/mbox_split.h"

enum { FROM_LINE_MAX = 400 }; /* shorter than what is held of a line */

void mbox_split_open(struct mbox_split *split, size_t max)
{
	*split = (struct mbox_split){ .arena = arena_open(),
		.max = max ? max : MBOX_MAIL_MAX };
}

void mbox_split_close(struct mbox_split *split)
{
	arena_close(split->arena);
}

/* "10:51" with digits around it. */
static bool has_time(struct span text)
{
	for (size_t i = 1; i + 2 < text.len; i++)
		if (text.at[i] == ':' && ascii_is_digit(text.at[i - 1]) &&
			ascii_is_digit(text.at[i + 1]) &&
			ascii_is_digit(text.at[i + 2]))
			return true;
	return false;
}

static bool has_year(struct span text)
{
	for (size_t i = 0; i + 3 < text.len; i++)
		if ((text.at[i] == '1' || text.at[i] == '2') &&
			ascii_is_digit(text.at[i + 1]) &&
			ascii_is_digit(text.at[i + 2]) &&
			ascii_is_digit(text.at[i + 3]) &&
			(i == 0 || text.at[i - 1] == ' '))
			return true;
	return false;
}

/*
 *	From sender[blanks]Thu Jan  1 00:00:00 1970
 *
 * The date is written in many ways; a time and a year are in all of them, and
 * not in "From what I hear".
 */
bool mbox_is_from_line(struct span line)
{
	struct span rest = span_part(line, 5, line.len), sender;

	if (line.len < 5 || line.len > FROM_LINE_MAX ||
		memcmp(line.at, "From ", 5) != 0)
		return false;
	sender = span_cut(&rest, ' ');
	return sender.len && has_time(rest) && has_year(rest);
}

static bool is_quoted_from(struct span line)
{
	size_t i = 0;

	while (i < line.len && line.at[i] == '>')
		i++;
	return i && line.len >= i + 5 && memcmp(line.at + i, "From ", 5) == 0;
}

static void keep(struct mbox_split *split, struct span bytes)
{
	if (bytes.len > split->max - split->len) {
		bytes.len = split->max - split->len;
		split->is_cut = true;
	}
	while (split->len + bytes.len > split->room) {
		size_t room = split->room ? split->room * 2 : 16 * 1024;
		char *larger = arena_take(split->arena, room);

		if (split->len)
			memcpy(larger, split->kept, split->len);
		split->kept = larger;
		split->room = room;
	}
	if (bytes.len)
		memcpy(split->kept + split->len, bytes.at, bytes.len);
	split->len += bytes.len;
}

/* True: this line ends the mail under way. */
static bool take_line_start(struct mbox_split *split, struct span line)
{
	struct span text = span_line_text(line);
	bool is_first = !split->has_begun;
	bool is_from = (is_first ||
			       (split->is_mbox && split->is_after_empty)) &&
		       mbox_is_from_line(text);

	split->has_begun = true;
	if (is_first)
		split->is_mbox = is_from;
	if (is_from) {
		split->is_after_empty = false;
		return !is_first;
	}
	if (split->is_mbox && is_quoted_from(text))
		line = span_part(line, 1, line.len);
	split->is_after_empty = text.len == 0;
	keep(split, line);
	return false;
}

static bool hand_out(struct mbox_split *split, struct mbox_mail *mail)
{
	mail->bytes = (struct span){ split->kept, split->len };
	mail->line = split->start_line + 1;
	mail->is_cut = split->is_cut;
	split->is_handed_out = true;
	split->start_line = split->lines;
	return true;
}

static void forget(struct mbox_split *split)
{
	if (!split->is_handed_out)
		return;
	split->is_handed_out = false;
	split->is_cut = false;
	split->len = 0;
	/* A large one does not stay as room for the small ones behind it. */
	if (split->room > 256 * 1024) {
		arena_empty(split->arena);
		split->kept = NULL;
		split->room = 0;
	}
}

/*
 * A line, or the part of one that is held; `has_end` says that its LF is
 * there.  True: a mail is over, and the line was the one before the next.
 */
static bool take_line(struct mbox_split *split, struct span line, bool has_end,
	struct mbox_mail *mail)
{
	bool is_over = false;

	if (split->in_long_line)
		keep(split, line);
	else
		is_over = take_line_start(split, line);
	split->in_long_line = !has_end;
	if (is_over)
		hand_out(split, mail);
	if (has_end)
		split->lines++;
	return is_over;
}

/* More of a line that a piece cut; false: it is not whole yet. */
static bool hold(struct mbox_split *split, struct span *piece, bool *has_end)
{
	size_t end = span_find(*piece, '\n');
	size_t len = end < piece->len ? end + 1 : piece->len;
	size_t room = sizeof(split->held) - split->held_len;

	if (len > room)
		len = room;
	memcpy(split->held + split->held_len, piece->at, len);
	split->held_len += len;
	*has_end = len && piece->at[len - 1] == '\n';
	*piece = span_part(*piece, len, piece->len);
	return *has_end || split->held_len == sizeof(split->held);
}

bool mbox_split_take(
	struct mbox_split *split, struct span *piece, struct mbox_mail *mail)
{
	forget(split);
	while (piece->len) {
		struct span line = { split->held, 0 };
		size_t end = span_find(*piece, '\n');
		bool has_end = end < piece->len;

		if (split->held_len || (!has_end && !split->in_long_line)) {
			if (!hold(split, piece, &has_end))
				return false;
			line.len = split->held_len;
			split->held_len = 0;
		} else {
			line = span_part(*piece, 0, end + has_end);
			*piece = span_part(*piece, line.len, piece->len);
		}
		if (take_line(split, line, has_end, mail))
			return true;
	}
	return false;
}

bool mbox_split_end(struct mbox_split *split, struct mbox_mail *mail)
{
	struct span line = { split->held, split->held_len };

	forget(split);
	if (line.len && take_line(split, line, false, mail)) {
		split->held_len = 0;
		return true;
	}
	split->held_len = 0;
	if (!split->len)
		return false;
	return hand_out(split, mail);
}
