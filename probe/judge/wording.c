#include "probe/judge/wording.h"

#include <stdio.h>

/* What each line of a reply repeats; empty when there is nothing. */
struct marks {
	struct span code;   /* "550" */
	struct span status; /* "5.7.1" */
};

struct folding {
	char *room;
	size_t len;
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

		if (span_starts_nocase(
			    span_part(text, i, 3), SPAN("\xe2\x80\x99"))) {
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
static struct span drop_marks(
	struct span text, char *room, const struct marks *marks)
{
	struct folding out = { room, 0 };
	size_t at = 0;

	while (at < text.len) {
		size_t mark = mark_at(marks, text, at);

		if (mark) {
			put(&out, ' ');
			at += mark;
			continue;
		}
		at += mail_mark_at(text, at);
		put(&out, text.at[at++]);
	}
	while (out.len && room[out.len - 1] == ' ')
		out.len--;
	return (struct span){ room, out.len };
}

struct span wording_of_reply(
	char room[static WORDING_MAX], const struct reply *reply)
{
	struct folding folding = { room, 0 };
	char code[16], status[48];
	struct marks marks;

	snprintf(code, sizeof(code), "%u", reply->code);
	snprintf(status, sizeof(status), "%u.%u.%u", reply->status.class,
		reply->status.subject, reply->status.detail);
	marks.code = span_of(code);
	marks.status = reply_has_status(reply) ? span_of(status) : SPAN("");
	for (size_t i = 0; i < reply->line_count; i++) {
		put(&folding, ' ');
		put_text(&folding, reply->lines[i]);
	}
	return drop_marks((struct span){ room, folding.len }, room, &marks);
}

struct span wording_of_text(char room[static WORDING_MAX], struct span text)
{
	static const struct marks none = { { NULL, 0 }, { NULL, 0 } };
	struct folding folding = { room, 0 };

	put_text(&folding, text);
	return drop_marks((struct span){ room, folding.len }, room, &none);
}

bool wording_has(
	struct span wording, const struct span *pieces, size_t piece_count)
{
	size_t from = 0;

	for (size_t i = 0; i < piece_count; i++) {
		const char *found;

		if (wording.len - from < pieces[i].len)
			return false;
		found = memmem(wording.at + from, wording.len - from,
			pieces[i].at, pieces[i].len);
		if (!found)
			return false;
		from = (size_t)(found - wording.at) + pieces[i].len;
	}
	return true;
}

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
