#include "reports/inbound/delivery_status.h"

#include "probe/base/utf8.h"
#include "probe/mail/header.h"
#include "reports/inbound/recipient_line.h"

struct reading {
	struct arena *arena;
	struct delivery_status *status;
	struct dsn_recipient *recipients;
	size_t count, room;
	struct dsn_recipient now;
	bool has_now;         /* a field of a recipient was seen */
	unsigned seen;        /* which of them, 1 << enum dsn_field */
	unsigned seen_before; /* and of the recipient before */
};

enum dsn_field {
	FIELD_FINAL,
	FIELD_ORIGINAL,
	FIELD_ACTUAL,
	FIELD_ACTION,
	FIELD_STATUS,
	FIELD_REMOTE,
	FIELD_DIAGNOSTIC,
	FIELD_LAST_ATTEMPT,
	FIELD_REPORTING,
	FIELD_QUEUE_ID,
	FIELD_SENDER,
	FIELD_ENVELOPE_ID,
	FIELD_ARRIVAL,
};

/* clang-format off */
static const struct field_row {
	const char *name;
	enum dsn_field field;
} field_rows[] = {
	{ "Final-Recipient",      FIELD_FINAL },
	{ "Original-Recipient",   FIELD_ORIGINAL },
	{ "X-Actual-Recipient",   FIELD_ACTUAL },
	{ "Action",               FIELD_ACTION },
	{ "Status",               FIELD_STATUS },
	{ "Remote-MTA",           FIELD_REMOTE },
	{ "Diagnostic-Code",      FIELD_DIAGNOSTIC },
	{ "Last-Attempt-Date",    FIELD_LAST_ATTEMPT },
	{ "Reporting-MTA",        FIELD_REPORTING },
	{ "X-Postfix-Queue-ID",   FIELD_QUEUE_ID },
	{ "X-Postfix-Sender",     FIELD_SENDER },
	{ "Original-Envelope-Id", FIELD_ENVELOPE_ID },
	{ "Arrival-Date",         FIELD_ARRIVAL },
};

static const struct action_row {
	const char *word;
	enum dsn_action action;
} actions[] = {
	{ "failed",    DSN_FAILED },
	{ "failure",   DSN_FAILED },
	{ "error",     DSN_FAILED },
	{ "expired",   DSN_FAILED },
	{ "delayed",   DSN_DELAYED },
	{ "deferred",  DSN_DELAYED },
	{ "delivered", DSN_DELIVERED },
	{ "relayed",   DSN_RELAYED },
	{ "expanded",  DSN_EXPANDED },
};
/* clang-format on */

/* ---- values */

/*
 * The value behind its type ("rfc822;", "dns;", "smtp;"); *type is empty when
 * it has none.  A type is one word.
 */
static struct span without_type(struct span value, struct span *type)
{
	struct span rest = value, first = span_cut(&rest, ';');

	*type = SPAN("");
	if (first.len == value.len)
		return span_trim(value);
	first = span_trim(first);
	for (size_t i = 0; i < first.len; i++)
		if (!ascii_is_alpha(first.at[i]) &&
			!ascii_is_digit(first.at[i]) &&
			!memchr("-_", first.at[i], 2))
			return span_trim(value);
	*type = first;
	return span_trim(rest);
}

/* Up to the first blank; in a quoted local part one may stand. */
static size_t word_len(struct span address)
{
	size_t len = 0;

	if (address.len && address.at[0] == '"' && mailbox_at(address))
		return mailbox_at(address);
	while (len < address.len && !ascii_is_space(address.at[len]))
		len++;
	return len;
}

struct span dsn_address(struct span value)
{
	struct span type, address = without_type(value, &type);
	size_t open = span_find(address, '<'), close;

	if (open < address.len) {
		address = span_part(address, open + 1, address.len);
		close = span_find(address, '>');
		return span_trim(span_part(address, 0, close));
	}
	address = span_part(address, 0, word_len(address));
	if (address.len > 1 && address.at[0] == '"' &&
		address.at[address.len - 1] == '"')
		address = span_part(address, 1, address.len - 2);
	return address;
}

/*
 *      EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
 *
 * in an address of the type utf-8: RFC 6533 section 3.
 */
static struct span without_escapes(struct arena *arena, struct span address)
{
	char *room = arena_take(arena, address.len + 1);
	size_t len = 0, i = 0;

	while (i < address.len) {
		struct span rest = span_part(address, i, address.len);
		size_t digits = 3;
		uint32_t point = 0;

		for (; digits < rest.len && digits < 9 &&
			ascii_hex_digit(rest.at[digits]) >= 0;
			digits++)
			point = point * 16 +
				(uint32_t)ascii_hex_digit(rest.at[digits]);
		if (span_starts_nocase(rest, SPAN("\\x{")) && digits > 3 &&
			digits < rest.len && rest.at[digits] == '}') {
			len += utf8_put(point, room + len);
			i += digits + 1;
		} else {
			room[len++] = rest.at[0];
			i++;
		}
	}
	return (struct span){ room, len };
}

/*
 * An address of X.400 holds ours where it was made from one:
 * "/dda:SMTP=user@example.org/C=US/", "RFC-822=user(a)example.org" (RFC 2156
 * section 4.1).  Empty: it has none.
 */
static struct span inside_x400(struct arena *arena, struct span address)
{
	static const char *const names[] = { "SMTP=", "RFC-822=" };
	struct span mailbox, at = SPAN("(a)");
	size_t start, i;

	for (i = 0; i < COUNT_OF(names); i++) {
		start = span_find_nocase(address, span_of(names[i]));
		if (start < address.len)
			break;
	}
	if (i == COUNT_OF(names))
		return SPAN("");
	mailbox = span_part(address, start + strlen(names[i]), address.len);
	mailbox = span_part(mailbox, 0, span_find(mailbox, '/'));
	mailbox = span_part(mailbox, 0, span_find(mailbox, ';'));
	i = span_find_nocase(mailbox, at);
	if (i < mailbox.len)
		mailbox = arena_print(arena, "%.*s@%.*s", (int)i, mailbox.at,
			SPAN_ARG(span_part(mailbox, i + at.len, mailbox.len)));
	return span_part(mailbox, 0, mailbox_at(mailbox));
}

/* As dsn_address(), and what is special of two types. */
static struct span recipient_address(struct arena *arena, struct span value)
{
	struct span type, whole = without_type(value, &type), inside;

	if (span_is_nocase(type, SPAN("utf-8")))
		return without_escapes(arena, dsn_address(value));
	if (!span_is_nocase(type, SPAN("x400")))
		return dsn_address(value);
	inside = inside_x400(arena, whole);
	return inside.len ? inside : dsn_address(value);
}

static enum dsn_action action_of(struct span value)
{
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (span_starts_nocase(value, span_of(actions[i].word)))
			return actions[i].action;
	return DSN_ACTION_NONE;
}

/* "5.4.4 (Illegal host/domain name found)" */
static void read_status(struct span value, struct dsn_recipient *recipient)
{
	unsigned part[3] = { 0, 0, 0 }, at = 0;
	size_t i = 0;

	for (; i < value.len && at < 3; i++) {
		char c = value.at[i];

		if (ascii_is_digit(c) && part[at] < 1000)
			part[at] = part[at] * 10 + (unsigned)(c - '0');
		else if (c == '.' && at < 2)
			at++;
		else
			break;
	}
	if (at < 2 || (part[0] != 2 && part[0] != 4 && part[0] != 5) ||
		part[1] > 999 || part[2] > 999)
		return;
	memcpy(recipient->status, part, sizeof(part));
	value = span_trim(span_part(value, i, value.len));
	if (value.len > 2 && value.at[0] == '(' &&
		value.at[value.len - 1] == ')')
		recipient->status_comment = span_part(value, 1, value.len - 2);
}

/* "550-" or "550 " or "250" at the end of it. */
static bool begins_with_code(struct span line)
{
	return line.len >= 3 && line.at[0] >= '2' && line.at[0] <= '5' &&
	       ascii_is_digit(line.at[1]) && ascii_is_digit(line.at[2]) &&
	       (line.len == 3 || line.at[3] == ' ' || line.at[3] == '-');
}

/*
 * A diagnostic over several lines: either folded anywhere (Postfix), or each
 * line one of the reply (Exim).
 */
static struct span diagnostic_text(struct arena *arena, struct span value)
{
	char *room = arena_take(arena, value.len + 1);
	size_t len = 0;

	while (value.len) {
		struct span line = span_cut(&value, '\n');

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		line = span_trim(line);
		if (!line.len)
			continue;
		if (len)
			room[len++] = begins_with_code(line) ? '\n' : ' ';
		memcpy(room + len, line.at, line.len);
		len += line.len;
	}
	return (struct span){ room, len };
}

/* ---- groups */

static bool has_address(const struct dsn_recipient *recipient)
{
	return recipient->final.len || recipient->original.len ||
	       recipient->actual.len;
}

/*
 * Some put an empty line within a recipient: fields without an address that
 * the one before has not yet are its own.
 */
static bool join_before(struct reading *reading)
{
	const struct dsn_recipient *now = &reading->now;
	struct dsn_recipient *last;

	if (!reading->has_now || !reading->count || has_address(now) ||
		reading->seen & reading->seen_before)
		return false;
	last = &reading->recipients[reading->count - 1];
	if (reading->seen & 1u << FIELD_ACTION)
		last->action = now->action;
	if (reading->seen & 1u << FIELD_STATUS) {
		memcpy(last->status, now->status, sizeof(last->status));
		last->status_comment = now->status_comment;
	}
	if (reading->seen & 1u << FIELD_REMOTE)
		last->remote_mta = now->remote_mta;
	if (reading->seen & 1u << FIELD_LAST_ATTEMPT)
		last->last_attempt = now->last_attempt;
	if (reading->seen & 1u << FIELD_DIAGNOSTIC) {
		last->diagnostic = now->diagnostic;
		last->diagnostic_type = now->diagnostic_type;
	}
	reading->seen_before |= reading->seen;
	return true;
}

static void forget(struct reading *reading)
{
	reading->now = (struct dsn_recipient){ .action = DSN_ACTION_NONE };
	reading->has_now = false;
	reading->seen = 0;
}

static void close_recipient(struct reading *reading)
{
	struct dsn_recipient *now = &reading->now;

	if (reading->has_now && reading->count < STATUS_RECIPIENTS_MAX &&
		has_address(now)) {
		reading->recipients = arena_grow(reading->arena,
			reading->recipients, reading->count, &reading->room,
			sizeof(*now));
		reading->recipients[reading->count++] = *now;
		reading->seen_before = reading->seen;
	}
	forget(reading);
}

static void take_recipient_field(
	struct reading *reading, enum dsn_field field, struct span value)
{
	struct dsn_recipient *now = &reading->now;
	struct span type;

	if (reading->seen & 1u << field)
		close_recipient(reading);
	reading->seen |= 1u << field;
	reading->has_now = true;
	if (field == FIELD_DIAGNOSTIC) {
		value = diagnostic_text(reading->arena, value);
		now->diagnostic = without_type(value, &now->diagnostic_type);
		return;
	}
	value = header_unfold(reading->arena, value);
	if (field == FIELD_FINAL)
		now->final = recipient_address(reading->arena, value);
	else if (field == FIELD_ORIGINAL)
		now->original = recipient_address(reading->arena, value);
	else if (field == FIELD_ACTUAL)
		now->actual = recipient_address(reading->arena, value);
	else if (field == FIELD_ACTION)
		now->action = action_of(value);
	else if (field == FIELD_STATUS)
		read_status(value, now);
	else if (field == FIELD_REMOTE)
		now->remote_mta = without_type(value, &type);
	else
		now->last_attempt = value;
}

static void take_message_field(
	struct reading *reading, enum dsn_field field, struct span value)
{
	struct delivery_status *status = reading->status;
	struct span type;

	value = header_unfold(reading->arena, value);
	if (field == FIELD_REPORTING)
		status->reporting_mta = without_type(value, &type);
	else if (field == FIELD_QUEUE_ID)
		status->queue_id = value;
	else if (field == FIELD_SENDER)
		status->sender = dsn_address(value);
	else if (field == FIELD_ENVELOPE_ID)
		status->envelope_id = value;
	else
		status->arrival = value;
}

static void take_field(
	struct reading *reading, const struct header_field *field)
{
	for (size_t i = 0; i < COUNT_OF(field_rows); i++) {
		const struct field_row *row = &field_rows[i];

		if (!span_is_nocase(field->name, span_of(row->name)))
			continue;
		if (row->field < FIELD_REPORTING)
			take_recipient_field(reading, row->field, field->value);
		else
			take_message_field(reading, row->field, field->value);
		return;
	}
}

/* Empty lines before a group, blanks in them too. */
static struct span skip_empty(struct span text)
{
	for (;;) {
		struct span rest = text, line = span_cut(&rest, '\n');

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (!text.len || span_trim(line).len)
			return text;
		text = rest;
	}
}

/* The bytes of one group, up to the empty line behind it. */
static struct span cut_group(struct span *text)
{
	const char *start = text->at;

	while (text->len) {
		const char *at = text->at;
		struct span line = span_cut(text, '\n');

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (!span_trim(line).len)
			return (struct span){ start, (size_t)(at - start) };
	}
	return (struct span){ start, (size_t)(text->at - start) };
}

/*
 * An empty line ends a recipient only once it is one: it has an address, and
 * says what became of it.
 */
static bool is_whole(const struct reading *reading)
{
	const struct dsn_recipient *now = &reading->now;

	return (now->final.len || now->original.len) &&
	       (now->action != DSN_ACTION_NONE || now->status[0] ||
		       now->diagnostic.len);
}

void delivery_status_read(
	struct arena *arena, struct span text, struct delivery_status *status)
{
	struct reading reading = { .arena = arena, .status = status };

	*status = (struct delivery_status){ .recipient_count = 0 };
	for (text = skip_empty(text); text.len; text = skip_empty(text)) {
		struct header header;

		header_parse(arena, cut_group(&text), &header);
		for (size_t i = 0; i < header.count; i++)
			take_field(&reading, &header.fields[i]);
		if (join_before(&reading))
			forget(&reading);
		else if (is_whole(&reading))
			close_recipient(&reading);
	}
	close_recipient(&reading);
	status->recipients = reading.recipients;
	status->recipient_count = reading.count;
}
