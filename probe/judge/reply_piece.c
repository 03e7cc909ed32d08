#include "probe/judge/reply_piece.h"

#include "probe/base/ip.h"

enum { LABEL_MAX = 63 };

bool piece_set_has(struct span set, char c)
{
	return span_find(set, c) < set.len;
}

size_t piece_digits(struct span piece)
{
	size_t count = 0;

	for (size_t i = 0; i < piece.len; i++)
		count += ascii_is_digit(piece.at[i]);
	return count;
}

static size_t letters_in(struct span piece)
{
	size_t count = 0;

	for (size_t i = 0; i < piece.len; i++)
		count += ascii_is_alpha(piece.at[i]);
	return count;
}

/* Nothing but digits and these; at least one digit. */
bool piece_is_numeric(struct span piece, struct span besides)
{
	for (size_t i = 0; i < piece.len; i++)
		if (!ascii_is_digit(piece.at[i]) &&
			!piece_set_has(besides, piece.at[i]))
			return false;
	return piece_digits(piece) > 0;
}

/* With a port behind it, or "IPv6:" before it, as in a literal. */
bool piece_is_address(struct span piece)
{
	size_t colon = piece.len;
	struct ip ip;

	if (span_starts_nocase(piece, SPAN("IPv6:")))
		piece = span_part(piece, 5, piece.len);
	if (ip_parse(piece, &ip))
		return true;
	while (colon > 0 && piece.at[colon - 1] != ':')
		colon--;
	return colon > 1 && ip_parse(span_part(piece, 0, colon - 1), &ip) &&
	       piece_is_numeric(span_part(piece, colon, piece.len), SPAN(""));
}

static bool has_digits_at(struct span piece, size_t at, size_t count)
{
	if (at + count > piece.len)
		return false;
	return piece_digits(span_part(piece, at, count)) == count;
}

/* "17:03:05", "17:03", "2026-11-21", "2026-11-21T17:03:05.123Z", "+0100" */
bool piece_is_time(struct span piece)
{
	if (!piece_is_numeric(piece, SPAN("-:.+TZ")))
		return false;
	if (piece_set_has(SPAN("+-"), piece.at[0]) && piece.len == 5)
		return has_digits_at(piece, 1, 4);
	if (has_digits_at(piece, 0, 2) && piece.len > 2 && piece.at[2] == ':')
		return has_digits_at(piece, 3, 2);
	return piece.len >= 10 && has_digits_at(piece, 0, 4) &&
	       piece.at[4] == '-' && has_digits_at(piece, 5, 2) &&
	       piece.at[7] == '-' && has_digits_at(piece, 8, 2);
}

static bool is_label(struct span label)
{
	if (label.len == 0 || label.len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_alpha(label.at[i]) &&
			!ascii_is_digit(label.at[i]) &&
			!piece_set_has(SPAN("-_"), label.at[i]))
			return false;
	return true;
}

bool piece_is_host(struct span piece)
{
	struct span label = SPAN("");

	if (!piece_set_has(piece, '.'))
		return false;
	while (piece.len) {
		label = span_cut(&piece, '.');
		if (!is_label(label))
			return false;
	}
	return label.len >= 2 && letters_in(label) == label.len;
}

/*
 * Digits among letters, and more of both than a product's name has.  Postfix's
 * long queue ids may have a single digit, but are longer.
 */
bool piece_is_token(struct span piece)
{
	size_t digits = piece_digits(piece), letters = letters_in(piece);

	for (size_t i = 0; i < piece.len; i++)
		if (!ascii_is_alpha(piece.at[i]) &&
			!ascii_is_digit(piece.at[i]) &&
			!piece_set_has(SPAN("-_.+~"), piece.at[i]))
			return false;
	if (piece_is_numeric(piece, SPAN(".-")) &&
		!piece_is_numeric(piece, SPAN(".")))
		return piece.len >= 8;
	return letters > 0 && ((digits >= 2 && piece.len >= 8) ||
				      (digits >= 1 && piece.len >= 10));
}

/* An enhanced status, or a version: three short numbers. */
bool piece_is_status(struct span piece)
{
	unsigned parts = 0;

	while (piece.len) {
		struct span part = span_cut(&piece, '.');

		if (part.len == 0 || part.len > 3 || parts++ == 3)
			return false;
	}
	return parts == 3;
}

bool piece_is_one_of(struct span word, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (span_is_nocase(word, span_of(words[i])))
			return true;
	return false;
}
