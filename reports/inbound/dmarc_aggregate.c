#include "reports/inbound/dmarc_aggregate.h"

#include <expat.h>
#include <stdio.h>

#include "probe/base/utf8.h"
#include "reports/inbound/charset.h"
#include "reports/inbound/xml_mend.h"

/* ---- elements */

/* Those with a text of their own; the parent tells two of a name apart. */
struct reading {
	struct arena *arena;
	XML_Parser parser;
	struct dmarc_report *report;
	struct dmarc_row *row; /* under way; or NULL */
	struct dmarc_auth_result *result;
	struct dmarc_reason *reason;
	char names[DMARC_DEPTH_MAX][32];
	unsigned depth;
	char text[DMARC_TEXT_MAX];
	size_t text_len;
	bool has_moved; /* something came of the last pieces */
	bool has_feedback;
	bool has_policy;
	const char *stopped; /* why we stopped it */
};

static void stop(struct reading *reading, const char *why)
{
	reading->stopped = why;
	XML_StopParser(reading->parser, XML_FALSE);
}

static void *add(struct arena *arena, void *list, size_t *count, size_t *room,
	size_t size)
{
	list = arena_grow(arena, list, *count, room, size);
	memset((char *)list + *count * size, 0, size);
	++*count;
	return list;
}

static void begin_row(struct reading *reading)
{
	struct dmarc_report *report = reading->report;

	if (report->row_count >= DMARC_ROWS_MAX) {
		stop(reading, "it has more records than are read");
		return;
	}
	report->rows = add(reading->arena, report->rows, &report->row_count,
		&report->row_room, sizeof(*report->rows));
	reading->row = &report->rows[report->row_count - 1];
}

static void begin_result(struct reading *reading, bool is_dkim)
{
	struct dmarc_row *row = reading->row;
	struct dmarc_auth_result **list = is_dkim ? &row->dkim : &row->spf;
	size_t *count = is_dkim ? &row->dkim_count : &row->spf_count;
	size_t *room = is_dkim ? &row->dkim_room : &row->spf_room;

	if (*count >= DMARC_RESULTS_MAX)
		return;
	*list = add(reading->arena, *list, count, room, sizeof(**list));
	reading->result = &(*list)[*count - 1];
}

/* Some write of ARC and the like there, too. */
static void begin_auth_result(struct reading *reading, const char *name)
{
	reading->result = NULL;
	if (strcmp(name, "dkim") == 0)
		begin_result(reading, true);
	if (strcmp(name, "spf") == 0)
		begin_result(reading, false);
}

static void begin_reason(struct reading *reading)
{
	struct dmarc_row *row = reading->row;

	reading->reason = NULL;
	if (row->reason_count >= DMARC_RESULTS_MAX)
		return;
	row->reasons = add(reading->arena, row->reasons, &row->reason_count,
		&row->reason_room, sizeof(*row->reasons));
	reading->reason = &row->reasons[row->reason_count - 1];
}

static const char *name_above(const struct reading *reading, unsigned above)
{
	return reading->depth > above
		       ? reading->names[reading->depth - 1 - above]
		       : "";
}

static bool is_under(const struct reading *reading, const char *parent)
{
	return strcmp(name_above(reading, 1), parent) == 0;
}

/* "ns:record" is a record. */
static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_begin(void *owner, const XML_Char *name, const XML_Char **unused)
{
	struct reading *reading = owner;
	const char *local = local_name(name);

	(void)unused;
	reading->has_moved = true;
	reading->text_len = 0;
	if (reading->depth >= DMARC_DEPTH_MAX) {
		stop(reading, "its elements are nested too deeply");
		return;
	}
	snprintf(reading->names[reading->depth++], sizeof(reading->names[0]),
		"%s", local);
	if (strcmp(local, "feedback") == 0)
		reading->has_feedback = true;
	if (strcmp(local, "policy_published") == 0)
		reading->has_policy = true;
	if (strcmp(local, "record") == 0)
		begin_row(reading);
	if (!reading->row)
		return;
	if (strcmp(local, "reason") == 0)
		begin_reason(reading);
	else if (is_under(reading, "auth_results"))
		begin_auth_result(reading, local);
}

static void on_text(void *owner, const XML_Char *text, int len)
{
	struct reading *reading = owner;
	size_t room = sizeof(reading->text) - reading->text_len;
	size_t more = (size_t)len < room ? (size_t)len : room;

	reading->has_moved = true;
	memcpy(reading->text + reading->text_len, text, more);
	reading->text_len += more;
}

/* Comments, instructions and what else means nothing.  That this is asked for
 * also keeps entities from being expanded. */
static void on_other(void *owner, const XML_Char *text, int len)
{
	struct reading *reading = owner;

	(void)text;
	(void)len;
	reading->has_moved = true;
}

static void put_time(struct span text, int64_t *seconds)
{
	unsigned long number;

	if (span_number(text, 253402300799, &number))
		*seconds = (int64_t)number;
}

/* ---- what an element of that name says, by where it stands */

static void end_head(
	struct reading *reading, const char *name, struct span text)
{
	struct dmarc_report *report = reading->report;
	const struct {
		const char *parent, *name;
		struct span *to;
	} fields[] = {
		{ "report_metadata", "org_name", &report->org_name },
		{ "report_metadata", "email", &report->email },
		{ "report_metadata", "report_id", &report->report_id },
		{ "policy_published", "domain", &report->domain },
		{ "policy_published", "p", &report->policy },
		{ "policy_published", "sp", &report->subdomain_policy },
		{ "policy_published", "np", &report->nonexistent_policy },
		{ "policy_published", "pct", &report->percent },
		{ "policy_published", "testing", &report->testing },
		{ "policy_published", "adkim", &report->dkim_mode },
		{ "policy_published", "aspf", &report->spf_mode },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(name, fields[i].name) == 0 &&
			is_under(reading, fields[i].parent))
			*fields[i].to = arena_copy(reading->arena, text);
	if (!is_under(reading, "date_range"))
		return;
	if (strcmp(name, "begin") == 0)
		put_time(text, &report->begin_s);
	if (strcmp(name, "end") == 0)
		put_time(text, &report->end_s);
}

static void end_in_row(
	struct reading *reading, const char *name, struct span text)
{
	struct dmarc_row *row = reading->row;
	unsigned long number;

	if (strcmp(name, "source_ip") == 0) {
		row->ip_text = arena_copy(reading->arena, text);
		row->has_ip = ip_parse(text, &row->ip);
	}
	if (strcmp(name, "count") == 0 &&
		span_number(text, 1000000000000, &number))
		row->count = number;
}

static void end_in_evaluated(
	struct reading *reading, const char *name, struct span text)
{
	struct dmarc_row *row = reading->row;
	bool is_pass = span_is_nocase(text, SPAN("pass"));

	if (strcmp(name, "disposition") == 0)
		row->disposition = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "dkim") == 0)
		row->is_dkim_aligned = is_pass;
	if (strcmp(name, "spf") == 0)
		row->is_spf_aligned = is_pass;
}

static void end_in_reason(
	struct reading *reading, const char *name, struct span text)
{
	if (!reading->reason)
		return;
	if (strcmp(name, "type") == 0)
		reading->reason->type = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "comment") == 0)
		reading->reason->comment = arena_copy(reading->arena, text);
}

static void end_in_identifiers(
	struct reading *reading, const char *name, struct span text)
{
	struct dmarc_row *row = reading->row;

	if (strcmp(name, "header_from") == 0)
		row->header_from = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "envelope_from") == 0)
		row->envelope_from = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "envelope_to") == 0)
		row->envelope_to = arena_copy_lower(reading->arena, text);
}

static void end_in_result(
	struct reading *reading, const char *name, struct span text)
{
	struct dmarc_auth_result *result = reading->result;

	if (!result)
		return;
	if (strcmp(name, "domain") == 0)
		result->domain = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "selector") == 0)
		result->selector = arena_copy(reading->arena, text);
	if (strcmp(name, "scope") == 0)
		result->scope = arena_copy_lower(reading->arena, text);
	if (strcmp(name, "result") == 0)
		result->result = arena_copy_lower(reading->arena, text);
}

static void end_of_record(
	struct reading *reading, const char *name, struct span text)
{
	if (is_under(reading, "row"))
		end_in_row(reading, name, text);
	else if (is_under(reading, "policy_evaluated"))
		end_in_evaluated(reading, name, text);
	else if (is_under(reading, "reason"))
		end_in_reason(reading, name, text);
	else if (is_under(reading, "identifiers") ||
		 is_under(reading, "identities"))
		end_in_identifiers(reading, name, text);
	else if (strcmp(name_above(reading, 2), "auth_results") == 0)
		end_in_result(reading, name, text);
}

static void on_end(void *owner, const XML_Char *unused)
{
	struct reading *reading = owner;
	const char *name = name_above(reading, 0);
	struct span text = span_trim(
		(struct span){ reading->text, reading->text_len });

	(void)unused;
	if (reading->row)
		end_of_record(reading, name, text);
	else
		end_head(reading, name, text);
	if (strcmp(name, "record") == 0)
		reading->row = NULL;
	reading->text_len = 0;
	if (reading->depth)
		reading->depth--;
}

/* A few octets that become gigabytes: no report needs an entity. */
static void on_doctype(void *owner, const XML_Char *name,
	const XML_Char *system, const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	if (has_subset)
		stop(owner, "it declares entities, which no report needs");
}

/* ---- the whole */

enum { PIECE = 32 * 1024 };

/*
 * A tag that does not end within a piece is read again from its start with the
 * next one, so that a tag of megabytes would take minutes: it is refused.
 */
static bool feed(
	struct reading *reading, const char *bytes, size_t len, bool is_last)
{
	reading->has_moved = false;
	if (XML_Parse(reading->parser, bytes, (int)len, is_last) !=
		XML_STATUS_OK)
		return false;
	if (!reading->has_moved && !is_last)
		reading->stopped = "a tag is longer than any report has";
	return !reading->stopped;
}

/* In pieces, each octet as it is or with what stands instead. */
static bool feed_all(struct reading *reading, struct span document)
{
	char piece[PIECE + 8];
	size_t len = 0;

	for (size_t at = 0; at < document.len; at++) {
		struct span instead = xml_mend(
			span_part(document, at, document.len));
		uint32_t point;
		size_t whole = instead.len
				       ? 1
				       : utf8_take(span_part(document, at, 4),
						 &point);

		if (!whole)
			whole = 1;
		memcpy(piece + len, instead.len ? instead.at : document.at + at,
			instead.len ? instead.len : whole);
		len += instead.len ? instead.len : whole;
		at += whole - 1;
		if (len < PIECE)
			continue;
		if (!feed(reading, piece, len, false))
			return false;
		len = 0;
	}
	return feed(reading, piece, len, true);
}

static void tell_trouble(struct reading *reading)
{
	const char *why = reading->stopped ? reading->stopped
					   : XML_ErrorString(XML_GetErrorCode(
						     reading->parser));

	reading->report->trouble = arena_print(reading->arena, "line %lu: %s",
		(unsigned long)XML_GetCurrentLineNumber(reading->parser), why);
}

static bool open_parser(struct reading *reading)
{
	reading->parser = XML_ParserCreate("UTF-8");
	if (!reading->parser)
		return false;
	XML_SetUserData(reading->parser, reading);
	XML_SetElementHandler(reading->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(reading->parser, on_text);
	XML_SetDefaultHandler(reading->parser, on_other);
	XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
	return true;
}

/* UTF-8 without what may not stand before an XML declaration. */
static struct span plain_start(struct arena *arena, struct span document)
{
	struct span mark = span_part(document, 0, 2);

	if (span_is(mark, SPAN("\xff\xfe")) || span_is(mark, SPAN("\xfe\xff")))
		document = charset_to_utf8(arena, SPAN("UTF-16"), document);
	if (span_is(span_part(document, 0, 3), SPAN("\xef\xbb\xbf")))
		document = span_part(document, 3, document.len);
	while (document.len && ascii_is_space(document.at[0]))
		document = span_part(document, 1, document.len);
	return document;
}

bool dmarc_report_read(struct arena *arena, struct span document,
	struct dmarc_report *report, struct span *why)
{
	struct reading *reading = arena_new(arena, struct reading);

	*report = (struct dmarc_report){ .trouble = SPAN("") };
	reading->arena = arena;
	reading->report = report;
	*why = SPAN("it is larger than any report");
	if (document.len > DMARC_OCTETS_MAX)
		return false;
	*why = SPAN("there is no memory to read it");
	if (!open_parser(reading))
		return false;
	if (!feed_all(reading, plain_start(arena, document)))
		tell_trouble(reading);
	XML_ParserFree(reading->parser);
	*why = report->trouble.len ? report->trouble
				   : SPAN("it is XML, and no DMARC report");
	return reading->has_feedback &&
	       (reading->has_policy || report->row_count);
}

bool dmarc_report_is_likely(struct span start)
{
	struct span mark = span_part(start, 0, 2);

	if (span_is(mark, SPAN("\xff\xfe")) || span_is(mark, SPAN("\xfe\xff")))
		return start.len > 2 && (start.at[2] == '<' || !start.at[2]);
	start = span_part(start, 0, 4096);
	if (span_is(span_part(start, 0, 3), SPAN("\xef\xbb\xbf")))
		start = span_part(start, 3, start.len);
	while (start.len && ascii_is_space(start.at[0]))
		start = span_part(start, 1, start.len);
	return start.len && start.at[0] == '<' &&
	       (span_find_nocase(start, SPAN("<feedback")) < start.len ||
		       span_starts_nocase(start, SPAN("<?xml")));
}
