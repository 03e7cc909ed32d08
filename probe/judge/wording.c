#include "probe/judge/wording.h"

/* What each line of a reply repeats; empty when there is nothing. */
struct marks {
	struct span code;   /* "550" */
	struct span status; /* "5.7.1" */
};

struct folding {
	char *room;
	size_t len;
	bool keeps_words; /* only blanks are folded, and what is repeated */
};

static void put(struct folding *folding, char c)
{
	bool after_blank = !folding->len ||
			   folding->room[folding->len - 1] == ' ';

	if (folding->len == WORDING_MAX || (c == ' ' && after_blank))
		return;
	folding->room[folding->len++] = c;
}

/* Control characters count as blanks: a NUL hides no phrase. */
static void put_text(struct folding *folding, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((unsigned char)c > ' ' && (c < 'A' || c > 'Z') &&
			c != '\xe2' && folding->len < WORDING_MAX) {
			folding->room[folding->len++] = c;
		} else if (folding->keeps_words) {
			put(folding, (unsigned char)c <= ' ' ? ' ' : c);
		} else if (c == '\xe2' &&
			   span_starts_nocase(span_part(text, i, 3),
				   SPAN("\xe2\x80\x99"))) {
			put(folding, '\'');
			i += 2;
		} else {
			put(folding,
				(unsigned char)c <= ' ' ? ' ' : ascii_lower(c));
		}
	}
}

static bool is_word(char c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c);
}

static bool goes_on_as_number(struct span rest)
{
	if (rest.len && ascii_is_digit(rest.at[0]))
		return true;
	return rest.len > 1 && rest.at[0] == '.' && ascii_is_digit(rest.at[1]);
}

static size_t status_at(const struct marks *marks, struct span rest)
{
	size_t len = marks->status.len;

	if (!len || !span_starts_nocase(rest, marks->status) ||
		goes_on_as_number(span_part(rest, len, rest.len)))
		return 0;
	return len;
}

/* "550-5.7.1", "550 5.7.1", "550-" or "5.7.1" here: how long, or 0. */
static size_t mark_at(const struct marks *marks, struct span text, size_t at)
{
	struct span rest = span_part(text, at, text.len);
	char before = at ? text.at[at - 1] : ' ';
	size_t len = marks->code.len, status;

	if (ascii_is_digit(before) || before == '.')
		return 0;
	status = status_at(marks, rest);
	if (status || !len || before != ' ' || rest.len <= len ||
		!span_starts_nocase(rest, marks->code))
		return status;
	if (rest.at[len] != '-' && rest.at[len] != ' ')
		return 0;
	status = status_at(marks, span_part(rest, len + 1, rest.len));
	if (status)
		return len + 1 + status;
	return rest.at[len] == '-' ? len + 1 : 0;
}

/* "email" and "e-mail" lose what "mail" does not have. */
static size_t mail_mark_at(struct span text, size_t at)
{
	struct span rest = span_part(text, at, text.len);

	if (at && is_word(text.at[at - 1]))
		return 0;
	if (span_starts_nocase(rest, SPAN("email")))
		return 1;
	return span_starts_nocase(rest, SPAN("e-mail")) ? 2 : 0;
}

/*
 * In place.  What is written never overtakes what is read, and as long as it
 * keeps step both are the same, so looking back is safe.
 */
static struct span drop_marks(struct span text, char *room,
	const struct marks *marks, bool keeps_words)
{
	struct folding out = { .room = room };
	size_t at = 0;

	while (at < text.len) {
		char c = text.at[at];
		size_t mark = ascii_is_digit(c) ? mark_at(marks, text, at) : 0;

		if (mark) {
			put(&out, ' ');
			at += mark;
			continue;
		}
		if (c == 'e' && !keeps_words)
			at += mail_mark_at(text, at);
		put(&out, text.at[at++]);
	}
	while (out.len && room[out.len - 1] == ' ')
		out.len--;
	return (struct span){ room, out.len };
}

/* Much faster than printf(), and each lookup needs two. */
static char *put_number(char *at, unsigned number)
{
	char digits[16];
	size_t len = 0;

	do {
		digits[len++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (len)
		*at++ = digits[--len];
	return at;
}

enum { MARKS_ROOM = 64 };

static struct marks marks_of(char room[static MARKS_ROOM], unsigned code,
	const unsigned status[static 3])
{
	struct marks marks = { SPAN(""), SPAN("") };
	char *at = room, *begin;

	if (code) {
		at = put_number(at, code);
		marks.code = (struct span){ room, (size_t)(at - room) };
	}
	begin = at;
	for (size_t i = 0; i < 3 && status[0]; i++) {
		if (i)
			*at++ = '.';
		at = put_number(at, status[i]);
	}
	marks.status = (struct span){ begin, (size_t)(at - begin) };
	return marks;
}

struct span wording_of_reply(
	char room[static WORDING_MAX], const struct reply *reply)
{
	const unsigned status[3] = { reply->status.class, reply->status.subject,
		reply->status.detail };
	struct folding folding = { .room = room };
	char marks_room[MARKS_ROOM];
	struct marks marks = marks_of(marks_room, reply->code, status);

	for (size_t i = 0; i < reply->line_count; i++) {
		put(&folding, ' ');
		put_text(&folding, reply->lines[i]);
	}
	return drop_marks(
		(struct span){ room, folding.len }, room, &marks, false);
}

struct span wording_of_text(char room[static WORDING_MAX], struct span text)
{
	static const struct marks none = { { NULL, 0 }, { NULL, 0 } };
	struct folding folding = { .room = room };

	put_text(&folding, text);
	return drop_marks(
		(struct span){ room, folding.len }, room, &none, false);
}

/* ---- as others wrote it down */

/* In place: qmail writes "_" for a blank and "/" for the end of a line. */
static void part_words(char *room, size_t len)
{
	size_t marks = 0;

	for (size_t i = 0; i < len; i++) {
		if (room[i] == ' ')
			return;
		marks += room[i] == '_';
	}
	for (size_t i = 0; i < len && marks >= 3; i++)
		if (room[i] == '_' ||
			(room[i] == '/' &&
				(i + 1 == len ||
					wording_code((struct span){
						room + i + 1, len - i - 1 }))))
			room[i] = ' ';
}

static void part_lines(char *room, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (room[i] == '\\' && room[i + 1] == 'n')
			room[i] = room[i + 1] = ' ';
}

static struct span report(struct folding *folding, struct span text,
	unsigned code, const unsigned status[static 3])
{
	char marks_room[MARKS_ROOM];
	struct marks marks = marks_of(marks_room, code, status);

	put_text(folding, text);
	part_lines(folding->room, folding->len);
	part_words(folding->room, folding->len);
	return drop_marks((struct span){ folding->room, folding->len },
		folding->room, &marks, folding->keeps_words);
}

struct span wording_of_report(char room[static WORDING_MAX], struct span text,
	unsigned code, const unsigned status[static 3])
{
	struct folding folding = { .room = room };

	return report(&folding, text, code, status);
}

struct span wording_unfolded(char room[static WORDING_MAX], struct span text,
	unsigned code, const unsigned status[static 3])
{
	struct folding folding = { .room = room, .keeps_words = true };

	return report(&folding, text, code, status);
}

static size_t digits_at(struct span text, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && ascii_is_digit(text.at[at + len]))
		len++;
	return len;
}

/* "5.7.1": three numbers of no more than three digits, and no more of them. */
static size_t status_len(struct span text, size_t at, unsigned status[3])
{
	size_t begin = at;

	for (size_t i = 0; i < 3; i++) {
		size_t len = digits_at(text, at);
		unsigned long number = 0;

		if (!len || len > (i ? 3U : 1U) ||
			!span_number(span_part(text, at, len), 999, &number))
			return 0;
		status[i] = (unsigned)number;
		at += len;
		if (i < 2 && (at == text.len || text.at[at++] != '.'))
			return 0;
	}
	if (at < text.len && text.at[at] == '.' && digits_at(text, at + 1))
		return 0;
	return status[0] == 4 || status[0] == 5 ? at - begin : 0;
}

void wording_status(struct span text, unsigned status[static 3])
{
	text = span_part(text, 0, WORDING_MAX);
	for (size_t i = 0; i < text.len; i++) {
		char before = i ? text.at[i - 1] : ' ';

		if ((text.at[i] != '4' && text.at[i] != '5') ||
			is_word(before) || before == '.')
			continue;
		if (status_len(text, i, status))
			return;
	}
	memset(status, 0, 3 * sizeof(*status));
}

/*
 * Three digits are a code where a sentence may begin, or where a status of
 * the same class stands behind them.
 */
static bool begins_sentence(struct span text, size_t at)
{
	static const char marks[] = ":;<>[(|\"'/";

	while (at && (text.at[at - 1] == ' ' || text.at[at - 1] == '_'))
		at--;
	return !at || (unsigned char)text.at[at - 1] < ' ' ||
	       memchr(marks, text.at[at - 1], sizeof(marks) - 1) != NULL;
}

static bool is_code_at(struct span text, size_t at)
{
	static const char ends[] = " -_:,)#;]";
	unsigned status[3];
	char before = at ? text.at[at - 1] : ' ';
	char after = at + 3 < text.len ? text.at[at + 3] : ' ';

	if ((text.at[at] != '4' && text.at[at] != '5') ||
		digits_at(text, at) != 3 || text.at[at + 1] > '5')
		return false;
	if (is_word(before) || before == '.' || before == '-' ||
		(!memchr(ends, after, sizeof(ends) - 1) &&
			(unsigned char)after >= ' '))
		return false;
	if (status_len(text, at + 4, status) &&
		status[0] == (unsigned)(text.at[at] - '0'))
		return true;
	return begins_sentence(text, at);
}

static size_t code_at(struct span text)
{
	size_t end = text.len < WORDING_MAX ? text.len : WORDING_MAX;

	for (size_t i = 0; i + 3 <= end; i++)
		if (is_code_at(text, i))
			return i;
	return text.len;
}

unsigned wording_code(struct span text)
{
	size_t at = code_at(text);

	if (at == text.len)
		return 0;
	return (unsigned)((text.at[at] - '0') * 100 +
			  (text.at[at + 1] - '0') * 10 +
			  (text.at[at + 2] - '0'));
}

struct span wording_from_code(struct span text)
{
	size_t at = code_at(text);

	return at == text.len ? text : span_part(text, at, text.len);
}

/* ---- addresses */

static bool is_address_byte(char c)
{
	return ascii_is_digit(c) ||
	       (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f') || c == ':' ||
	       c == '.';
}

/* Behind "[": Google pads it and adds a number, "[2001:db8::1      19]". */
static bool bracketed_ip(struct span rest, struct ip *ip)
{
	size_t len = 0;

	if (span_starts_nocase(rest, SPAN("ipv6:")))
		rest = span_part(rest, 5, rest.len);
	while (len < rest.len && rest.at[len] != ']' && rest.at[len] != ' ')
		len++;
	return len < rest.len && ip_parse(span_part(rest, 0, len), ip);
}

/* A run of bytes that addresses are made of, the end of a sentence off it. */
static bool bare_ip(struct span run, struct ip *ip)
{
	while (run.len && (run.at[run.len - 1] == '.' ||
				  (run.at[run.len - 1] == ':' &&
					  !span_ends_nocase(run, SPAN("::")))))
		run.len--;
	return run.len >= 4 && ip_parse(run, ip);
}

static bool any_bare_ip(struct span wording, struct ip *ip)
{
	size_t at = 0;

	while (at < wording.len) {
		size_t len = 0;
		struct span run;
		bool in_word;

		while (at + len < wording.len &&
			is_address_byte(wording.at[at + len]))
			len++;
		run = span_part(wording, at, len);
		in_word = (at && is_word(wording.at[at - 1])) ||
			  (at + len < wording.len &&
				  is_word(wording.at[at + len]));
		if (len && !in_word && bare_ip(run, ip))
			return true;
		at += len + 1;
	}
	return false;
}

bool wording_ip(struct span wording, struct ip *ip)
{
	for (size_t at = 0; at < wording.len; at++)
		if (wording.at[at] == '[' &&
			bracketed_ip(
				span_part(wording, at + 1, wording.len), ip))
			return true;
	return any_bare_ip(wording, ip);
}
