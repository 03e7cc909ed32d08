#include "probe/policy/body_parts.h"

#include "probe/policy/body_form.h"
#include "probe/policy/body_text.h"

enum body_boundary body_boundary(
	const struct body_at_hand *body, struct span line)
{
	struct span text = span_trim(span_line_text(line));

	if (!body->boundary.len || !span_is(span_part(text, 0, 2), SPAN("--")))
		return BODY_NO_BOUNDARY;
	text = span_part(text, 2, text.len);
	if (!span_is(span_part(text, 0, body->boundary.len), body->boundary))
		return BODY_NO_BOUNDARY;
	text = span_part(text, body->boundary.len, text.len);
	if (!text.len)
		return BODY_PART_BEGINS;
	return span_is(text, SPAN("--")) ? BODY_PARTS_END : BODY_NO_BOUNDARY;
}

/* The list wrapped what it got: the first part is the body that was signed. */
struct span body_first_part(const struct body_at_hand *body, unsigned number)
{
	struct span rest = body->bytes, part;
	size_t len = 0;

	(void)number;
	while (rest.len &&
		body_boundary(body, body_line(0, &rest)) != BODY_PART_BEGINS)
		;
	while (rest.len && span_line_text(body_line(0, &rest)).len)
		;
	part = rest;
	while (rest.len) {
		struct span line = body_line(0, &rest);

		if (body_boundary(body, line) != BODY_NO_BOUNDARY)
			return span_part(part, 0, len);
		len += line.len;
	}
	return body->bytes;
}

/* The list put one more part before the end. */
struct span body_without_last_part(
	const struct body_at_hand *body, unsigned number)
{
	struct body_text out = body_text_open(body->arena, body->bytes.len);
	struct span rest = body->bytes;
	size_t last = body->bytes.len, end = body->bytes.len;

	(void)number;
	while (rest.len) {
		size_t at = body->bytes.len - rest.len;
		struct span line = body_line(0, &rest);
		enum body_boundary boundary = body_boundary(body, line);

		if (boundary == BODY_PART_BEGINS)
			last = at;
		if (boundary == BODY_PARTS_END) {
			end = at;
			break;
		}
	}
	if (end == body->bytes.len || last == body->bytes.len)
		return body->bytes;
	body_text_put(&out, span_part(body->bytes, 0, last));
	body_text_put(&out, span_part(body->bytes, end, body->bytes.len));
	return body_text_span(&out);
}
