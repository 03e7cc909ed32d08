#include "probe/policy/tls_rpt.h"

#include "probe/policy/txt_record.h"

const char *tls_rpt_word(enum tls_rpt state)
{
	switch (state) {
	case TLS_RPT_OPEN:
		return "open";
	case TLS_RPT_NONE:
		return "none";
	case TLS_RPT_FOUND:
		return "found";
	case TLS_RPT_BROKEN:
		return "broken";
	case TLS_RPT_SEVERAL:
		return "several";
	case TLS_RPT_UNKNOWN:
		return "unknown";
	}
	return "";
}

static bool is_name_byte(char c, bool is_first)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (!is_first && (c == '_' || c == '-' || c == '.'));
}

/*
 *	tlsrpt-ext-name  = ( ALPHA / DIGIT )
 *	                   *31( ALPHA / DIGIT / "_" / "-" / "." )
 */
static bool is_extension_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_byte(name.at[i], i == 0))
			return false;
	return name.len > 0 && name.len <= 32;
}

/*	tlsrpt-ext-value = 1*( %x21-3A / %x3C / %x3E-7E )	*/
static bool is_extension_value(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] <= ' ' || value.at[i] > '~' ||
			value.at[i] == '=' || value.at[i] == ';')
			return false;
	return value.len > 0;
}

struct reader {
	struct arena *arena;
	struct tls_rpt_record *record;
	size_t room;
	struct span why;
};

static bool is_usable(const struct uri *uri)
{
	return uri->host.len > 0 &&
	       (uri_has_scheme(uri, "mailto") || uri_has_scheme(uri, "https"));
}

static bool add_destination(struct reader *reader, struct span text)
{
	struct tls_rpt_record *record = reader->record;
	struct uri uri;
	const char *why = "is one destination too many";

	if (record->count == TLS_RPT_DESTINATIONS_MAX ||
		!uri_parse(text, &uri, &why)) {
		reader->why = arena_print(
			reader->arena, "\"%.*s\" %s", SPAN_ARG(text), why);
		return false;
	}
	record->destinations = arena_grow(reader->arena, record->destinations,
		record->count, &reader->room, sizeof(*record->destinations));
	record->destinations[record->count++] = uri;
	record->usable += is_usable(&uri);
	return true;
}

/*	tlsrpt-rua = %s"rua=" tlsrpt-uri *( *WSP "," *WSP tlsrpt-uri )	*/
static bool read_destinations(struct reader *reader, struct span value)
{
	bool is_last;

	do {
		is_last = span_find(value, ',') == value.len;
		if (!add_destination(reader, span_trim(span_cut(&value, ','))))
			return false;
	} while (!is_last);
	return true;
}

static bool read_field(struct reader *reader, struct span field)
{
	struct span value = field, name = span_cut(&value, '=');

	if (span_is(name, SPAN("rua")))
		return read_destinations(reader, value);
	if (is_extension_name(name) && is_extension_value(value))
		return true;
	reader->why = arena_print(reader->arena,
		"\"%.*s\" is no field that RFC 8460 allows", SPAN_ARG(field));
	return false;
}

/* What begins so is one: RFC 8460 section 3. */
static bool is_one(struct span text)
{
	return span_is(span_trim(span_cut(&text, ';')), SPAN("v=TLSRPTv1"));
}

/*
 *	tlsrpt-record = tlsrpt-version 1*( field-delim tlsrpt-field )
 *	                [ field-delim ]
 *	field-delim   = *WSP ";" *WSP
 *
 * White space at the very end is let through: it is a part of no field, and
 * people's records have it.
 */
bool tls_rpt_parse(struct arena *arena, struct span text,
	struct tls_rpt_record *record, struct span *why)
{
	struct reader reader = { .arena = arena, .record = record };
	struct span rest = text;

	*record = (struct tls_rpt_record){ .text = text };
	*why = SPAN("it does not begin with \"v=TLSRPTv1;\"");
	if (!is_one(text) || (text.len && text.at[0] != 'v'))
		return false;
	span_cut(&rest, ';');
	while (span_trim(rest).len)
		if (!read_field(&reader, span_trim(span_cut(&rest, ';')))) {
			*why = reader.why;
			return false;
		}
	*why = SPAN("it has no rua=, so reports have nowhere to go");
	return record->count > 0;
}

static enum tls_rpt end_with(
	struct tls_rpt_check *check, enum tls_rpt state, struct span why)
{
	check->state = state;
	check->why = why;
	return state;
}

enum tls_rpt tls_rpt_check(struct arena *arena, struct answers *answers,
	struct span domain, struct tls_rpt_check *check)
{
	const struct answer *answer;
	size_t count;

	*check = (struct tls_rpt_check){ .state = TLS_RPT_OPEN };
	check->name = arena_print(arena, "_smtp._tls.%.*s", SPAN_ARG(domain));
	answer = answers_get(answers, check->name, RR_TXT);
	if (!answer)
		return TLS_RPT_OPEN;
	if (answer_failed(answer))
		return end_with(check, TLS_RPT_UNKNOWN,
			arena_print(arena, "%.*s could not be looked up",
				SPAN_ARG(check->name)));
	count = txt_records_find(answer, is_one, &check->record.text);
	if (!count)
		return end_with(
			check, TLS_RPT_NONE, SPAN("there is no TLSRPT record"));
	if (count > 1)
		return end_with(check, TLS_RPT_SEVERAL,
			SPAN("there is more than one TLSRPT record, so none "
			     "of them counts"));
	if (!tls_rpt_parse(
		    arena, check->record.text, &check->record, &check->why))
		return end_with(check, TLS_RPT_BROKEN, check->why);
	return end_with(check, TLS_RPT_FOUND, SPAN(""));
}
