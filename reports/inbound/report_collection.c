#include "reports/inbound/report_collection.h"

#include "reports/inbound/archive_file.h"
#include "reports/inbound/compressed_file.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/report_gather.h"
#include "reports/inbound/transfer_coding.h"

struct report_collection {
	struct arena *arena;
	struct report_gather gather;
};

/* One file, on its way to the documents in it. */
struct opening {
	struct report_gather *gather;
	struct arena *arena; /* of this file */
	struct span name;
	unsigned nest;
	bool is_named; /* to be told of in any case: it calls itself a report,
			  or is an archive that somebody gave for one */
};

struct report_collection *report_collection_open(void)
{
	struct arena *arena = arena_open();
	struct report_collection *collection = arena_new(
		arena, struct report_collection);

	collection->arena = arena;
	report_gather_open(&collection->gather, arena);
	return collection;
}

void report_collection_close(struct report_collection *collection)
{
	arena_close(collection->arena);
}

const struct reported *report_collection_reported(
	const struct report_collection *collection)
{
	return &collection->gather.reported;
}

/* ---- what it is */

enum form { FORM_NONE, FORM_XML, FORM_JSON, FORM_PACKED, FORM_ARCHIVE };

static bool is_packed(struct span start)
{
	static const struct span heads[] = {
		{ "\x1f\x8b", 2 },
		{ "\x28\xb5\x2f\xfd", 4 },
		{ "\xfd"
		  "7zXZ",
			5 },
		{ "BZh", 3 },
	};

	for (size_t i = 0; i < COUNT_OF(heads); i++)
		if (span_is(span_part(start, 0, heads[i].len), heads[i]))
			return true;
	return false;
}

static enum form form_of(struct span start)
{
	if (archive_is_likely(start))
		return FORM_ARCHIVE;
	if (is_packed(start))
		return FORM_PACKED;
	if (dmarc_report_is_likely(start))
		return FORM_XML;
	return tls_report_is_likely(start) ? FORM_JSON : FORM_NONE;
}

bool report_is_likely(struct span start)
{
	return form_of(start) != FORM_NONE;
}

/* ---- documents */

static size_t add_unread(
	struct opening *opening, enum report_kind kind, struct span why)
{
	struct reported_document document = { .kind = kind,
		.file = opening->name,
		.is_unread = true,
		.trouble = why };

	report_gather_note(opening->gather, &document);
	return 1;
}

/* Any XML may begin like a report: one that is none is not told of. */
static size_t add_xml(struct opening *opening, struct span bytes)
{
	struct reported_document document = { .kind = REPORT_DMARC,
		.file = opening->name };
	struct dmarc_report report;
	struct span why;

	if (dmarc_report_read(opening->arena, bytes, &report, &why)) {
		report_gather_dmarc(opening->gather, &report, &document);
		return 1;
	}
	bytes = span_part(bytes, 0, 4096);
	if (span_find_nocase(bytes, SPAN("<feedback")) == bytes.len)
		return 0;
	return add_unread(opening, REPORT_DMARC, why);
}

static size_t add_json(struct opening *opening, struct span bytes)
{
	struct reported_document document = { .kind = REPORT_TLS,
		.file = opening->name };
	struct tls_report report;
	struct span why;

	if (tls_report_read(opening->arena, bytes, &report, &why)) {
		report_gather_tls(opening->gather, &report, &document);
		return 1;
	}
	return add_unread(opening, REPORT_TLS, why);
}

static size_t open_bytes(struct opening *opening, struct span bytes);

static size_t open_inside(
	struct opening *opening, struct span name, struct span bytes)
{
	struct opening inside = *opening;
	size_t found = 0;

	if (name.len)
		inside.name = arena_print(opening->arena, "%.*s: %.*s",
			SPAN_ARG(opening->name), SPAN_ARG(name));
	if (inside.nest++ < REPORT_NEST_MAX)
		found = open_bytes(&inside, bytes);
	return found;
}

static size_t open_packed(struct opening *opening, struct span bytes)
{
	struct span plain, why;

	if (!compressed_unpack(
		    opening->arena, bytes, DMARC_OCTETS_MAX, &plain, &why))
		return opening->is_named
			       ? add_unread(opening, REPORT_DMARC, why)
			       : 0;
	return open_inside(opening, SPAN(""), plain);
}

/* A member's memory is gone when it has been counted. */
static size_t open_archive(struct opening *opening, struct span bytes)
{
	struct opening inside = *opening;
	enum archive_state state = ARCHIVE_MEMBER;
	struct archive_member member;
	struct archive_file *file;
	struct span why = SPAN("");
	size_t found = 0;

	file = archive_file_open(opening->arena, bytes, &why);
	while (file && state == ARCHIVE_MEMBER) {
		inside.arena = arena_open();
		state = archive_file_next(file, inside.arena, &member, &why);
		if (state == ARCHIVE_MEMBER)
			found += open_inside(
				&inside, member.name, member.bytes);
		why = arena_copy(opening->arena, why);
		arena_close(inside.arena);
	}
	if (file)
		archive_file_close(file);
	if ((!file || state == ARCHIVE_BAD) && (found || opening->is_named))
		found += add_unread(opening, REPORT_DMARC, why);
	return found;
}

static size_t open_bytes(struct opening *opening, struct span bytes)
{
	switch (form_of(bytes)) {
	case FORM_NONE:
		return 0;
	case FORM_XML:
		return add_xml(opening, bytes);
	case FORM_JSON:
		return add_json(opening, bytes);
	case FORM_PACKED:
		return open_packed(opening, bytes);
	case FORM_ARCHIVE:
		return open_archive(opening, bytes);
	}
	return 0;
}

/* ---- mails */

static bool add_failure(struct report_gather *gather, struct span name,
	const struct feedback *feedback)
{
	struct reported_document document = { .kind = REPORT_DMARC_FAILURE,
		.file = name };

	if (!span_is_nocase(feedback->type, SPAN("auth-failure")))
		return false;
	report_gather_failure(gather, feedback, &document);
	return true;
}

/*
 * "Report Domain: example.org Submitter: ..." is the subject that RFC 7489
 * section 7.2.1.1 and RFC 8460 section 5.3 want.
 */
static bool calls_itself_report(
	struct arena *arena, const struct mail_parts *mail)
{
	struct span subject = mail_field(arena, &mail->header, SPAN("Subject"));

	return span_find_nocase(subject, SPAN("Report Domain:")) <
		       subject.len &&
	       span_find_nocase(subject, SPAN("Submitter:")) < subject.len;
}

static size_t open_mail(struct opening *opening, struct span bytes);

static size_t open_part(struct opening *opening, const struct mail_part *part)
{
	switch (part->kind) {
	case PART_OTHER:
		return open_bytes(
			opening, transfer_decode(opening->arena, part->coding,
					 part->content));
	case PART_TEXT:
		return open_bytes(opening, part->content);
	case PART_MESSAGE:
		return open_mail(opening, part->content);
	case PART_HTML:
	case PART_STATUS:
	case PART_FEEDBACK:
	case PART_HEADERS:
		return 0;
	}
	return 0;
}

static size_t open_mail(struct opening *opening, struct span bytes)
{
	struct inbound_message message;
	struct opening inside = *opening;
	size_t found = 0;

	if (inside.nest++ >= REPORT_NEST_MAX)
		return 0;
	inbound_message_read(opening->arena, bytes, &message);
	if (message.kind == INBOUND_FEEDBACK)
		return add_failure(
			opening->gather, opening->name, &message.feedback);
	inside.is_named |= calls_itself_report(opening->arena, &message.parts);
	for (size_t i = 0; i < message.parts.count; i++)
		found += open_part(&inside, &message.parts.parts[i]);
	if (!found && inside.is_named && !opening->is_named)
		return add_unread(opening, REPORT_DMARC,
			SPAN("the mail says that it brings a report, and no "
			     "part of it is one"));
	return found;
}

size_t report_collection_add(struct report_collection *collection,
	struct span name, struct span bytes)
{
	struct opening opening = { .gather = &collection->gather,
		.arena = arena_open(),
		.name = name,
		.is_named = archive_is_likely(bytes) };
	size_t found = form_of(bytes) == FORM_NONE
			       ? open_mail(&opening, bytes)
			       : open_bytes(&opening, bytes);

	arena_close(opening.arena);
	return found;
}

bool report_collection_add_failure(struct report_collection *collection,
	struct span name, const struct feedback *feedback)
{
	return add_failure(&collection->gather, name, feedback);
}
