#include "probe/mail/form.h"

#include "probe/mail/encoded_word.h"
#include "probe/mail/form_fields.h"
#include "probe/mail/reader.h"

/* clang-format off */
static const struct kind_word {
	const char *word, *section;
} kind_words[] = {
	[FORM_MISSING]            = { "missing", "RFC 5322, 3.6" },
	[FORM_DUPLICATE]          = { "duplicate", "RFC 5322, 3.6" },
	[FORM_EMPTY]              = { "empty", "RFC 5322, 3.6" },
	[FORM_NOT_A_FIELD]        = { "not-a-field", "RFC 5322, 2.2" },
	[FORM_SPACE_BEFORE_COLON] = { "space-before-colon", "RFC 5322, 4.5" },
	[FORM_MBOX_LINE]          = { "mbox-line", "RFC 5322, 2.2" },
	[FORM_ADDRESS]            = { "address", "RFC 5322, 3.4" },
	[FORM_OBSOLETE_ADDRESS]   = { "obsolete-address", "RFC 5322, 4.4" },
	[FORM_FROM_SEVERAL]       = { "from-several", "RFC 5322, 3.6.2" },
	[FORM_FROM_GROUP]         = { "from-group", "RFC 6854, 4" },
	[FORM_SENDER_NEEDED]      = { "sender-needed", "RFC 5322, 3.6.2" },
	[FORM_SENDER_SEVERAL]     = { "sender-several", "RFC 5322, 3.6.2" },
	[FORM_MESSAGE_ID]         = { "message-id", "RFC 5322, 3.6.4" },
	[FORM_DATE]               = { "date", "RFC 5322, 3.3" },
	[FORM_DATE_FAR]           = { "date-far", "RFC 5322, 3.6.1" },
	[FORM_DATE_ODD]           = { "date-odd", "RFC 5322, 3.3" },
	[FORM_RAW_8BIT]           = { "raw-8bit", "RFC 6532, 3.2" },
	[FORM_HEADER_LARGE]       = { "header-large", "RFC 5322, 2.2" },
	[FORM_LINE_TOO_LONG]      = { "line-too-long", "RFC 5322, 2.1.1" },
	[FORM_LINE_LONG]          = { "line-long", "RFC 5322, 2.1.1" },
	[FORM_BARE_CR]            = { "bare-cr", "RFC 5322, 2.3" },
	[FORM_BARE_LF]            = { "bare-lf", "RFC 5322, 2.3" },
	[FORM_NUL]                = { "nul", "RFC 5322, 4" },
	[FORM_NO_BODY]            = { "no-body", "RFC 5322, 2.1" },
	[FORM_MIME_VERSION]       = { "mime-version", "RFC 2045, 4" },
	[FORM_CONTENT_TYPE]       = { "content-type", "RFC 2045, 5.1" },
	[FORM_ENCODING]           = { "encoding", "RFC 2045, 6" },
	[FORM_BODY_8BIT]          = { "body-8bit", "RFC 2045, 2.8" },
};
/* clang-format on */

_Static_assert(COUNT_OF(kind_words) == FORM_KIND_COUNT, "a kind, a word");

const char *form_kind_word(enum form_kind kind)
{
	return kind_words[kind].word;
}

const char *form_kind_section(enum form_kind kind)
{
	return kind_words[kind].section;
}

/* Faults of lines: how many there are, and where the first one is. */
struct sighting {
	uint64_t count, line;
};

struct form_reader {
	struct mail_reader mail;
	struct form_findings findings;
	struct sighting too_long, too_wide, bare_cr, bare_lf, nul, bytes_8bit;
	uint64_t line;        /* the one under way, from 1 */
	uint64_t line_octets; /* of it, without its end */
	uint64_t line_characters;
	uint64_t crlf_count;
	bool had_cr; /* the byte before was a CR */
	bool is_in_body;
};

static void see(struct sighting *sighting, uint64_t line)
{
	if (!sighting->count++)
		sighting->line = line;
}

static void end_line(struct form_reader *reader)
{
	struct form *form = &reader->findings.form;

	if (reader->line_octets > FORM_LINE_MAX)
		see(&reader->too_long, reader->line);
	else if (reader->line_characters > FORM_LINE_SHOULD)
		see(&reader->too_wide, reader->line);
	if (reader->line_octets > form->longest)
		form->longest = reader->line_octets;
	reader->line++;
	reader->line_octets = reader->line_characters = 0;
}

/* Octets inside a line: none of them ends it. */
static void look_at_run(struct form_reader *reader, struct span run)
{
	for (size_t i = 0; i < run.len; i++) {
		unsigned char byte = (unsigned char)run.at[i];

		if (byte == 0)
			see(&reader->nul, reader->line);
		if (byte >= 0x80 && reader->is_in_body)
			see(&reader->bytes_8bit, reader->line);
		reader->line_characters += (byte & 0xc0) != 0x80;
	}
	reader->line_octets += run.len;
}

/* A CR that no LF followed was a byte of its line. */
static void settle_cr(struct form_reader *reader)
{
	if (!reader->had_cr)
		return;
	reader->had_cr = false;
	see(&reader->bare_cr, reader->line);
	reader->line_octets++;
	reader->line_characters++;
}

static void look_at_line_end(struct form_reader *reader)
{
	if (reader->had_cr)
		reader->crlf_count++;
	else
		see(&reader->bare_lf, reader->line);
	reader->had_cr = false;
	end_line(reader);
}

/* What stands in a line before its LF: each byte of it is looked for once,
 * however many CRs there are. */
static void look_at_line(struct form_reader *reader, struct span line)
{
	while (line.len) {
		size_t len = span_find(line, '\r');

		settle_cr(reader);
		if (len) {
			look_at_run(reader, span_part(line, 0, len));
		} else {
			reader->had_cr = true;
			len = 1;
		}
		line = span_part(line, len, line.len);
	}
}

static void look_at(struct form_reader *reader, struct span bytes)
{
	while (bytes.len) {
		size_t len = span_find(bytes, '\n');

		look_at_line(reader, span_part(bytes, 0, len));
		if (len < bytes.len) {
			look_at_line_end(reader);
			len++;
		}
		bytes = span_part(bytes, len, bytes.len);
	}
}

struct form_reader *form_reader_open(struct arena *arena)
{
	struct form_reader *reader = arena_new(arena, struct form_reader);

	reader->findings.arena = arena;
	reader->line = 1;
	mail_reader_init(&reader->mail, arena);
	return reader;
}

void form_reader_take(struct form_reader *reader, struct span bytes)
{
	struct span body = mail_reader_take(&reader->mail, bytes);

	reader->findings.form.octets += bytes.len;
	look_at(reader, span_part(bytes, 0, bytes.len - body.len));
	reader->is_in_body = reader->mail.is_in_body;
	look_at(reader, body);
}

static void tell(struct form_reader *reader, enum form_kind kind,
	const struct sighting *sighting, const char *why)
{
	struct form_fault fault = { .kind = kind,
		.weight = kind == FORM_LINE_LONG || kind == FORM_NUL
				  ? FORM_ODD
				  : FORM_BROKEN,
		.field = SPAN(""),
		.line = sighting->line,
		.count = sighting->count,
		.why = span_of(why) };

	if (sighting->count)
		form_found(&reader->findings, &fault);
}

/* RFC 2045 section 2.7: without an encoding that says so, a body is 7-bit. */
static void tell_8bit(struct form_reader *reader)
{
	struct form_fault fault = { .kind = FORM_BODY_8BIT,
		.weight = FORM_ODD,
		.field = SPAN("Content-Transfer-Encoding"),
		.line = reader->bytes_8bit.line,
		.count = 1,
		.why = SPAN("the body has bytes over 0x7f, and no "
			    "Content-Transfer-Encoding that says so") };

	if (reader->bytes_8bit.count &&
		form_body_is_7bit(&reader->findings.form.header))
		form_found(&reader->findings, &fault);
}

static void tell_lines(struct form_reader *reader)
{
	struct form *form = &reader->findings.form;

	form->has_local_ends = reader->bare_lf.count && !reader->crlf_count;
	tell(reader, FORM_LINE_TOO_LONG, &reader->too_long,
		"a line has more than 998 octets");
	tell(reader, FORM_LINE_LONG, &reader->too_wide,
		"a line has more than 78 characters");
	tell(reader, FORM_BARE_CR, &reader->bare_cr,
		"a CR stands without its LF");
	if (!form->has_local_ends)
		tell(reader, FORM_BARE_LF, &reader->bare_lf,
			"a line ends with LF alone");
	tell(reader, FORM_NUL, &reader->nul, "a NUL stands in the message");
	tell_8bit(reader);
}

static void tell_size(struct form_reader *reader)
{
	struct form *form = &reader->findings.form;
	uint64_t size = form->octets - form->body_octets;
	bool is_over = form->header.oddities & HEADER_TOO_LARGE;
	struct form_fault fault = { .kind = FORM_HEADER_LARGE,
		.weight = is_over ? FORM_BROKEN : FORM_ODD,
		.field = SPAN(""),
		.line = 1,
		.count = 1,
		.why = is_over ? SPAN("the header is larger than any mail "
				      "needs, and was not read to its end")
			       : SPAN("the header has more than 100 KB, which "
				      "relays cut off") };

	if (is_over || size > FORM_HEADER_SHOULD)
		form_found(&reader->findings, &fault);
	fault = (struct form_fault){ .kind = FORM_NO_BODY,
		.weight = FORM_ODD,
		.field = SPAN(""),
		.count = 1,
		.why = SPAN("the message has no body") };
	if (!form->body_octets)
		form_found(&reader->findings, &fault);
}

const struct form *form_reader_end(struct form_reader *reader, int64_t now)
{
	struct form *form = &reader->findings.form;
	const struct header_field *subject;

	settle_cr(reader);
	if (reader->line_octets)
		end_line(reader);
	mail_reader_end(&reader->mail);
	form->header = reader->mail.header;
	form->body_octets = reader->mail.body_octets;
	form->line_count = reader->line - 1;
	subject = header_get(&form->header, SPAN("Subject"));
	form->subject = SPAN("");
	if (subject)
		form->subject = encoded_words_decode(reader->findings.arena,
			header_unfold(reader->findings.arena, subject->value));
	form_check_fields(&reader->findings, now);
	tell_size(reader);
	tell_lines(reader);
	form->faults = reader->findings.faults;
	return form;
}

const struct form *form_of(
	struct arena *arena, struct span message, int64_t now)
{
	struct form_reader *reader = form_reader_open(arena);

	form_reader_take(reader, message);
	return form_reader_end(reader, now);
}
