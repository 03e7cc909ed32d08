#include "probe/policy/body_lines.h"

#include "probe/policy/body_form.h"
#include "probe/policy/body_text.h"

static bool begins(struct span text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len && memcmp(text.at, start, len) == 0;
}

/* Lines that begin so lose some octets. */
static struct span shorten_lines(
	const struct body_at_hand *body, const char *start, size_t octets)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = body_line(0, &rest);

		body_text_put(&out, begins(line, start)
					    ? span_part(line, octets, line.len)
					    : line);
	}
	return body_text_span(&out);
}

static struct span lengthen_lines(
	const struct body_at_hand *body, const char *start, struct span more)
{
	struct body_text out = body_text_open(body->arena, 2 * body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = body_line(0, &rest);

		if (begins(line, start))
			body_text_put(&out, more);
		body_text_put(&out, line);
	}
	return body_text_span(&out);
}

struct span body_undo_stuffing(const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return shorten_lines(body, "..", 1);
}

struct span body_stuff(const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return lengthen_lines(body, ".", SPAN("."));
}

struct span body_undo_from_quotes(
	const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return shorten_lines(body, ">From ", 1);
}

struct span body_quote_from(const struct body_at_hand *body, unsigned number)
{
	(void)number;
	return lengthen_lines(body, "From ", SPAN(">"));
}

/* Each line end twice: every other line is empty. */
struct span body_undo_doubled_ends(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	while (rest.len) {
		struct span after;

		body_text_put(&out, body_line(0, &rest));
		after = rest;
		if (!after.len)
			break;
		if (span_line_text(body_line(0, &after)).len)
			return body->bytes;
		rest = after;
	}
	return body_text_span(&out);
}

/* CR CR LF, from a gateway that put a CR before each LF it saw. */
struct span body_undo_doubled_cr(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span bytes = body->bytes;

	(void)number;
	for (size_t i = 0; i < bytes.len; i++)
		if (!begins(span_part(bytes, i, 3), "\r\r\n"))
			body_text_put_byte(&out, (unsigned char)bytes.at[i]);
	return body_text_span(&out);
}

/* "-- " of RFC 3676 section 4.3 has lost its space. */
struct span body_undo_cut_delimiter(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, 2 * body->bytes.len);
	struct span rest = body->bytes;

	(void)number;
	while (rest.len) {
		struct span line = body_line(0, &rest);
		struct span text = span_line_text(line);

		body_text_put(&out, text);
		if (span_is(text, SPAN("--")))
			body_text_put(&out, SPAN(" "));
		body_text_put(&out, span_part(line, text.len, line.len));
	}
	return body_text_span(&out);
}

struct span body_with_empty_line(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len + 2);

	(void)number;
	body_text_put(&out, SPAN("\r\n"));
	body_text_put(&out, body->bytes);
	return body_text_span(&out);
}

struct span body_without_empty_line(
	const struct body_at_hand *body, unsigned number)
{
	struct span rest = body->bytes;
	struct span first = body_line(0, &rest);

	(void)number;
	return span_line_text(first).len ? body->bytes : rest;
}

/* ---- wraps */

static bool has_blank_end(struct span text)
{
	return text.len && text.at[text.len - 1] == ' ';
}

/*
 * A line that was cut at a space before column `width`: the next word would
 * not have fitted.  A cut space is given back.
 */
static bool is_soft_wrap(struct span text, struct span next, size_t width)
{
	size_t word = span_find(next, ' ');

	if (!text.len || !next.len || text.len > width || next.at[0] == ' ' ||
		next.at[0] == '\t')
		return false;
	return text.len + !has_blank_end(text) + word > width;
}

struct span body_undo_wrap(const struct body_at_hand *body, unsigned width)
{
	struct body_text out = body_text_open(body->arena, 2 * body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = body_line(0, &rest), after = rest;
		struct span text = span_line_text(line);
		struct span next = span_line_text(body_line(0, &after));

		body_text_put(&out, text);
		if (!is_soft_wrap(text, next, width))
			body_text_put(
				&out, span_part(line, text.len, line.len));
		else if (!has_blank_end(text))
			body_text_put(&out, SPAN(" "));
	}
	return body_text_span(&out);
}

/* A line cut in the middle of whatever stood at column `width`. */
struct span body_undo_hard_wrap(const struct body_at_hand *body, unsigned width)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span rest = body->bytes;

	while (rest.len) {
		struct span line = body_line(0, &rest);
		struct span text = span_line_text(line);

		body_text_put(
			&out, text.len == width && rest.len ? text : line);
	}
	return body_text_span(&out);
}

/* Sendmail's mark where it cuts a line that is too long: "!", and a space. */
struct span body_undo_marked_wrap(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span bytes = body->bytes;
	size_t i = 0;

	(void)number;
	while (i < bytes.len) {
		if (begins(span_part(bytes, i, 4), "!\r\n "))
			i += 4;
		else
			body_text_put_byte(&out, (unsigned char)bytes.at[i++]);
	}
	return body_text_span(&out);
}
