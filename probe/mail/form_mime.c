#include "probe/mail/form_fields.h"
#include "probe/mail/media_type.h"
#include "probe/mail/token.h"

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 section 5.1.1 */

static const char *const encodings[] = { "7bit", "8bit", "binary",
	"quoted-printable", "base64" };

static void found(struct form_findings *findings, enum form_kind kind,
	enum form_weight weight, const struct header_field *field,
	const char *why)
{
	struct form_fault fault = { .kind = kind,
		.weight = weight,
		.field = field->name,
		.line = field->line,
		.count = 1,
		.why = span_of(why) };

	form_found(findings, &fault);
}

/* The one word of a field, comments passed. */
static struct span word_of(struct arena *arena, struct span value)
{
	struct tokens tokens;
	struct span word;

	tokens_init(&tokens, arena, value);
	if (!tokens_skip(&tokens, NULL))
		return SPAN("");
	word = tokens_mime_word(&tokens);
	if (!tokens_skip(&tokens, NULL) || !tokens_are_over(&tokens))
		return SPAN("");
	return word;
}

static bool is_composite(const struct media_type *type)
{
	return span_is_nocase(type->type, SPAN("multipart")) ||
	       span_is_nocase(type->type, SPAN("message"));
}

/* RFC 2045 section 4: without the version, nothing here means anything. */
static void check_version(
	struct form_findings *findings, const struct header_field *other)
{
	const struct header_field *field = header_get(
		&findings->form.header, SPAN("MIME-Version"));
	struct span version;

	if (!field) {
		if (other)
			found(findings, FORM_MIME_VERSION, FORM_ODD, other,
				"there is a MIME field, but no MIME-Version");
		return;
	}
	version = word_of(findings->arena, field->value);
	if (version.len && !span_is(version, SPAN("1.0")))
		found(findings, FORM_MIME_VERSION, FORM_ODD, field,
			"MIME-Version is not 1.0");
}

static void check_type(struct form_findings *findings,
	const struct header_field *field, struct media_type *type)
{
	const char *why;

	if (!media_type_parse(findings->arena, field->value, type, &why)) {
		found(findings, FORM_CONTENT_TYPE, FORM_BROKEN, field,
			arena_print(findings->arena,
				"Content-Type is not well formed: %s", why)
				.at);
		return;
	}
	if (!span_is_nocase(type->type, SPAN("multipart")))
		return;
	if (!type->boundary.len)
		found(findings, FORM_CONTENT_TYPE, FORM_BROKEN, field,
			"a multipart type has no boundary");
	else if (type->boundary.len > BOUNDARY_MAX)
		found(findings, FORM_CONTENT_TYPE, FORM_ODD, field,
			"the boundary has more than 70 characters");
}

/* RFC 2045 section 6.4: only the parts of a whole may be encoded. */
static void check_encoding(struct form_findings *findings,
	const struct header_field *field, const struct media_type *type)
{
	struct span word = word_of(findings->arena, field->value);
	size_t i = 0;

	while (i < COUNT_OF(encodings) &&
		!span_is_nocase(word, span_of(encodings[i])))
		i++;
	if (i == COUNT_OF(encodings))
		found(findings, FORM_ENCODING, FORM_ODD, field,
			"no such Content-Transfer-Encoding is known");
	else if (i >= 3 && is_composite(type))
		found(findings, FORM_ENCODING, FORM_BROKEN, field,
			"a multipart or message type must not be encoded as a "
			"whole");
}

void form_check_mime(struct form_findings *findings)
{
	const struct header *header = &findings->form.header;
	const struct header_field *type_field = header_get(
		header, SPAN("Content-Type"));
	const struct header_field *encoding = header_get(
		header, SPAN("Content-Transfer-Encoding"));
	struct media_type type = { .type = SPAN("") };

	check_version(findings, type_field ? type_field : encoding);
	if (type_field)
		check_type(findings, type_field, &type);
	if (encoding)
		check_encoding(findings, encoding, &type);
}

bool form_body_is_7bit(const struct header *header)
{
	const struct header_field *encoding = header_get(
		header, SPAN("Content-Transfer-Encoding"));
	const struct header_field *type = header_get(
		header, SPAN("Content-Type"));
	struct span value;

	/* The parts of a whole have encodings of their own. */
	if (type && (span_find_nocase(type->value, SPAN("multipart/")) <
				    type->value.len ||
			    span_find_nocase(type->value, SPAN("message/")) <
				    type->value.len))
		return false;
	if (!encoding)
		return true;
	value = encoding->value;
	return span_find_nocase(value, SPAN("8bit")) == value.len &&
	       span_find_nocase(value, SPAN("binary")) == value.len;
}
