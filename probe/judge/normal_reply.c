#include "probe/judge/normal_reply.h"

#include <stdlib.h>

#include "probe/base/escape.h"
#include "probe/judge/reply_date.h"
#include "probe/judge/reply_piece.h"

enum { WORDS_MAX = 1024 };

struct writing {
	struct arena *arena;
	char room[NORMAL_REPLY_MAX];
	size_t len;
	struct span last, before_last; /* pieces that were looked at */
	bool is_bracketed;             /* a "[" is open ... */
	bool is_in_address;            /* ... and an address is in it: what
					   follows there is about it, as in
					   "[192.0.2.1      19]" */
};

static void put(struct writing *writing, struct span text)
{
	size_t free = sizeof(writing->room) - writing->len;

	if (text.len > free)
		text.len = free;
	memcpy(writing->room + writing->len, text.at ? text.at : "", text.len);
	writing->len += text.len;
}

/* ---- what stands around it */

static bool is_unit(struct span word)
{
	static const char *const units[] = { "bytes", "byte", "octets", "kb",
		"kb/sec", "mb", "s", "sec", "secs", "second", "seconds", "ms",
		"minute", "minutes", "min", "mins", "hour", "hours", "day",
		"days", "message", "messages", "%", NULL };

	while (word.len && piece_set_has(SPAN(".,;:)]"), word.at[word.len - 1]))
		word.len--;
	return piece_is_one_of(word, units);
}

/* "qp 4711", "id=4711", "queued as 4711": however short it is. */
static bool follows_id(const struct writing *writing)
{
	static const char *const words[] = { "qp", "pid", "id", "queue-id",
		"queueid", "internalid", "session-id", NULL };

	if (piece_is_one_of(writing->last, words))
		return true;
	return span_is_nocase(writing->last, SPAN("as")) &&
	       span_is_nocase(writing->before_last, SPAN("queued"));
}

/* ---- one piece */

static void put_host(struct writing *writing, struct span host)
{
	struct span plain = org_domain_plain(writing->arena, host);
	struct span whose = org_domain(
		writing->arena, suffix_list_own(), plain);

	if (!span_is(plain, whose))
		put(writing, SPAN("*."));
	put(writing, whose);
}

static void put_number(
	struct writing *writing, struct span number, struct span next)
{
	bool is_part = number.len != piece_digits(number);

	if (is_unit(next) || (is_part && !piece_is_status(number)))
		put(writing, SPAN("{number}"));
	else if (number.len >= 5 && !piece_is_status(number))
		put(writing, SPAN("{id}"));
	else
		put(writing,
			writing->is_in_address ? SPAN("{number}") : number);
}

static void put_piece(
	struct writing *writing, struct span piece, struct span next)
{
	bool is_id = follows_id(writing);

	writing->before_last = writing->last;
	writing->last = piece;
	if (piece_is_address(piece)) {
		put(writing, SPAN("{address}"));
		writing->is_in_address = writing->is_bracketed;
	} else if (piece_is_time(piece)) {
		put(writing, SPAN("{time}"));
	} else if (is_id && piece_digits(piece)) {
		put(writing, SPAN("{id}"));
	} else if (piece_is_numeric(piece, SPAN("."))) {
		put_number(writing, piece, next);
	} else if (piece_is_host(piece)) {
		put_host(writing, piece);
	} else if (piece_is_token(piece)) {
		put(writing, SPAN("{id}"));
	} else {
		put(writing, piece);
	}
}

/* The dot that ends a sentence is none of its last word. */
static void put_trimmed(
	struct writing *writing, struct span piece, struct span next)
{
	size_t len = piece.len;

	while (len && piece_set_has(SPAN(".:!?"), piece.at[len - 1]) &&
		!piece_is_address(span_part(piece, 0, len)))
		len--;
	if (len)
		put_piece(writing, span_part(piece, 0, len), next);
	put(writing, span_part(piece, len, piece.len));
}

/* "Hostname:mx1.example.org", where it is neither address nor time. */
static void put_colons(
	struct writing *writing, struct span piece, struct span next)
{
	struct span rest = piece, end = piece;

	while (end.len && piece_set_has(SPAN(".:"), end.at[end.len - 1]))
		end.len--;
	if (piece_is_address(piece) || piece_is_address(end) ||
		piece_is_time(end)) {
		put_trimmed(writing, piece, next);
		return;
	}
	while (rest.len) {
		struct span part = span_cut(&rest, ':');

		put_trimmed(writing, part, rest.len ? SPAN("") : next);
		if (rest.len || piece.at[piece.len - 1] == ':')
			put(writing, SPAN(":"));
	}
}

/* Cuts at each of these, which stay, and hands on what is between. */
static void put_parted(struct writing *writing, struct span piece,
	struct span marks, struct span next)
{
	while (piece.len) {
		size_t len = 0;

		while (len < piece.len && !piece_set_has(marks, piece.at[len]))
			len++;
		if (len)
			put_colons(writing, span_part(piece, 0, len),
				len == piece.len ? next : SPAN(""));
		if (len < piece.len)
			put(writing, span_part(piece, len++, 1));
		piece = span_part(piece, len, piece.len);
	}
}

/* ---- one word */

static void put_outer(
	struct writing *writing, struct span piece, struct span next)
{
	if (!piece_set_has(piece, '@')) {
		put_parted(writing, piece, SPAN("=/|?&{}#"), next);
		return;
	}
	writing->before_last = writing->last;
	writing->last = piece;
	put(writing, SPAN("{mailbox}"));
}

static void turn_bracket(struct writing *writing, char mark)
{
	if (mark != '[' && mark != ']')
		return;
	writing->is_bracketed = mark == '[';
	writing->is_in_address = false;
}

static void put_word(
	struct writing *writing, struct span word, struct span next)
{
	static const struct span marks = { "<>()[],;\"'", 10 };

	while (word.len) {
		size_t len = 0;

		while (len < word.len && !piece_set_has(marks, word.at[len]))
			len++;
		if (len)
			put_outer(writing, span_part(word, 0, len),
				len == word.len ? next : SPAN(""));
		if (len < word.len) {
			turn_bracket(writing, word.at[len]);
			put(writing, span_part(word, len++, 1));
		}
		word = span_part(word, len, word.len);
	}
}

/* ---- all of it */

static size_t cut_words(struct span text, struct span *words)
{
	size_t count = 0, at = 0;

	while (count < WORDS_MAX) {
		size_t len = 0;

		while (at < text.len && ascii_is_space(text.at[at]))
			at++;
		while (at + len < text.len &&
			!ascii_is_space(text.at[at + len]))
			len++;
		if (!len)
			break;
		words[count++] = span_part(text, at, len);
		at += len;
	}
	return count;
}

/* What stood before and behind a date, as in "[Sat, 21 Nov 2026]". */
static void put_date(
	struct writing *writing, struct span first, struct span last)
{
	struct span core = reply_date_bare(last);

	put(writing, span_part(first, 0,
			     (size_t)(reply_date_bare(first).at - first.at)));
	put(writing, SPAN("{time}"));
	put(writing, span_part(last, (size_t)(core.at + core.len - last.at),
			     last.len));
}

static void put_words(
	struct writing *writing, const struct span *words, size_t count)
{
	for (size_t i = 0; i < count;) {
		size_t dated = reply_date_words(words + i, count - i);

		if (i)
			put(writing, SPAN(" "));
		if (dated) {
			put_date(writing, words[i], words[i + dated - 1]);
			i += dated;
			continue;
		}
		put_word(writing, words[i],
			i + 1 < count ? words[i + 1] : SPAN(""));
		i++;
	}
}

struct span normal_text(struct arena *arena, struct span text)
{
	struct arena *own = arena_open();
	struct writing *writing = arena_new(own, struct writing);
	struct span *words = arena_take(own, WORDS_MAX * sizeof(*words));
	struct span result;
	size_t count;

	writing->arena = own;
	writing->last = writing->before_last = SPAN("");
	text = span_part(text, 0, NORMAL_TEXT_MAX);
	count = cut_words(text, words);
	put_words(writing, words, count);
	result = escape_text(
		arena, (struct span){ writing->room, writing->len });
	arena_close(own);
	return result;
}

struct span normal_reply_of(struct arena *arena, unsigned code,
	struct span status, struct span text)
{
	text = normal_text(arena, text);
	return arena_print(arena, "%u%s%.*s%s%.*s", code, status.len ? " " : "",
		SPAN_ARG(status), text.len ? " " : "", SPAN_ARG(text));
}

/* A line may hold any byte, NUL among them. */
static struct span joined(struct arena *arena, const struct reply *reply)
{
	char *room = arena_take(arena, NORMAL_TEXT_MAX);
	size_t len = 0;

	for (size_t i = 0; i < reply->line_count; i++) {
		struct span line = reply_text(reply, i);

		if (i && len < NORMAL_TEXT_MAX)
			room[len++] = ' ';
		line = span_part(line, 0, NORMAL_TEXT_MAX - len);
		memcpy(room + len, line.at ? line.at : "", line.len);
		len += line.len;
	}
	return (struct span){ room, len };
}

struct span normal_reply(struct arena *arena, const struct reply *reply)
{
	struct arena *own = arena_open();
	struct span status = SPAN(""), result;
	struct span text = joined(own, reply);

	if (reply_has_status(reply))
		status = arena_print(own, "%u.%u.%u", reply->status.class,
			reply->status.subject, reply->status.detail);
	result = normal_reply_of(arena, reply->code, status, text);
	arena_close(own);
	return result;
}

/* ---- hosts */

static int by_name(const void *a, const void *b)
{
	const struct span *one = a, *other = b;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->at, other->at, len);

	if (order)
		return order;
	return one->len < other->len ? -1 : one->len > other->len;
}

struct span normal_hosts(
	struct arena *arena, const struct span *hosts, size_t count)
{
	struct arena *own = arena_open();
	struct span *names = arena_take(own, (count + 1) * sizeof(*names));
	struct span text = SPAN("");

	for (size_t i = 0; i < count; i++)
		names[i] = escape_text(
			own, org_domain(own, suffix_list_own(), hosts[i]));
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count; i++)
		if (!i || !span_is(names[i], names[i - 1]))
			text = arena_print(own, "%.*s%s%.*s", SPAN_ARG(text),
				text.len ? ", " : "", SPAN_ARG(names[i]));
	text = arena_copy(arena, text);
	arena_close(own);
	return text;
}
