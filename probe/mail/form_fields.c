#include "probe/mail/form_fields.h"

#include <inttypes.h>

#include "probe/base/utf8.h"
#include "probe/mail/mail_date.h"
#include "probe/mail/message_id.h"

/*
 * RFC 5322 section 3.6 has a table of the fields and how often each may occur;
 * this is its part that receivers look at.  Message-ID is only a SHOULD there,
 * but Google and others refuse mail without one.  RFC 2045 and RFC 2369 add
 * theirs.
 */
enum field_rule {
	FIELD_NEEDED = 1 << 0,
	FIELD_ONCE = 1 << 1,
	FIELD_FULL = 1 << 2,      /* empty: broken */
	FIELD_FULL_WELL = 1 << 3, /* empty: odd */
};

/* clang-format off */
static const struct field_row {
	const char *name;
	unsigned rules;
} field_rows[] = {
	{ "Date",        FIELD_NEEDED | FIELD_ONCE | FIELD_FULL },
	{ "From",        FIELD_NEEDED | FIELD_ONCE | FIELD_FULL },
	{ "Message-ID",  FIELD_NEEDED | FIELD_ONCE | FIELD_FULL },
	{ "Sender",      FIELD_ONCE | FIELD_FULL },
	{ "Reply-To",    FIELD_ONCE | FIELD_FULL_WELL },
	{ "To",          FIELD_ONCE | FIELD_FULL_WELL },
	{ "Cc",          FIELD_ONCE | FIELD_FULL_WELL },
	{ "Bcc",         FIELD_ONCE },
	{ "In-Reply-To", FIELD_ONCE | FIELD_FULL_WELL },
	{ "References",  FIELD_ONCE | FIELD_FULL_WELL },
	{ "Subject",     FIELD_ONCE },
	{ "MIME-Version",              FIELD_ONCE | FIELD_FULL_WELL },
	{ "Content-Type",              FIELD_ONCE | FIELD_FULL_WELL },
	{ "Content-Transfer-Encoding", FIELD_ONCE | FIELD_FULL_WELL },
	{ "List-Unsubscribe",          FIELD_ONCE | FIELD_FULL_WELL },
	{ "List-Unsubscribe-Post",     FIELD_ONCE | FIELD_FULL_WELL },
};
/* clang-format on */

static const char *const address_fields[] = { "From", "Sender", "Reply-To",
	"To", "Cc", "Bcc" };

void form_found(struct form_findings *findings, const struct form_fault *fault)
{
	struct form *form = &findings->form;

	form->fault_total++;
	form->is_broken |= fault->weight == FORM_BROKEN;
	if (form->fault_count == FORM_FAULTS_MAX)
		return;
	findings->faults = arena_grow(findings->arena, findings->faults,
		form->fault_count, &findings->room, sizeof(*fault));
	findings->faults[form->fault_count++] = *fault;
}

static void found(struct form_findings *findings, enum form_kind kind,
	enum form_weight weight, const struct header_field *field,
	struct span why)
{
	struct form_fault fault = { .kind = kind,
		.weight = weight,
		.field = field ? field->name : SPAN(""),
		.line = field ? field->line : 0,
		.count = 1,
		.why = why };

	form_found(findings, &fault);
}

static bool is_empty(const struct header_field *field)
{
	for (size_t i = 0; i < field->value.len; i++)
		if (!strchr(" \t\r\n", field->value.at[i]))
			return false;
	return true;
}

/* The one field of that name with something in it; else NULL. */
static const struct header_field *full_field(
	const struct form_findings *findings, const char *name)
{
	const struct header_field *field = header_get(
		&findings->form.header, span_of(name));

	return field && !is_empty(field) ? field : NULL;
}

/* ---- presence */

static void tell_missing(
	struct form_findings *findings, const struct field_row *row)
{
	struct form_fault fault = { .kind = FORM_MISSING,
		.weight = FORM_BROKEN,
		.field = span_of(row->name),
		.count = 1 };

	fault.why = arena_print(
		findings->arena, "the %s field is missing", row->name);
	form_found(findings, &fault);
}

static void tell_duplicate(struct form_findings *findings,
	const struct field_row *row, size_t second, size_t count)
{
	const struct header *header = &findings->form.header;
	struct form_fault fault = { .kind = FORM_DUPLICATE,
		.weight = FORM_BROKEN,
		.field = span_of(row->name),
		.line = header->fields[second].line,
		.count = count - 1 };

	fault.why = arena_print(findings->arena,
		"the %s field may stand there once, and does %zu times",
		row->name, count);
	form_found(findings, &fault);
}

static void check_row(
	struct form_findings *findings, const struct field_row *row)
{
	const struct header *header = &findings->form.header;
	struct span name = span_of(row->name);
	size_t first = header_find(header, name, 0);
	size_t count = header_count(header, name);

	if (row->rules & FIELD_NEEDED && !count)
		tell_missing(findings, row);
	if (row->rules & FIELD_ONCE && count > 1)
		tell_duplicate(findings, row,
			header_find(header, name, first + 1), count);
	if (count && row->rules & (FIELD_FULL | FIELD_FULL_WELL) &&
		is_empty(&header->fields[first]))
		found(findings, FORM_EMPTY,
			row->rules & FIELD_FULL ? FORM_BROKEN : FORM_ODD,
			&header->fields[first],
			arena_print(findings->arena,
				"there is nothing in the %s field", row->name));
}

/* ---- addresses */

/* What is wrong with the From and Sender lists beyond their syntax. */
static void check_from(struct form_findings *findings,
	const struct header_field *field, const struct mailbox_list *list)
{
	if (list->group_count)
		found(findings, FORM_FROM_GROUP, FORM_BROKEN, field,
			SPAN("From is a group: no receiver finds an author "
			     "there"));
	if (list->count <= 1)
		return;
	found(findings, FORM_FROM_SEVERAL, FORM_BROKEN, field,
		arena_print(findings->arena,
			"From has %zu addresses, and Google takes one",
			list->count));
	if (!full_field(findings, "Sender"))
		found(findings, FORM_SENDER_NEEDED, FORM_BROKEN, field,
			SPAN("From has several addresses, and no Sender says "
			     "which of them sent it"));
}

static void check_addresses(struct form_findings *findings, const char *name)
{
	const struct header_field *field = full_field(findings, name);
	bool is_from = strcmp(name, "From") == 0;
	bool is_sender = strcmp(name, "Sender") == 0;
	struct mailbox_list list;
	const char *why;

	if (!field)
		return;
	if (!mailbox_list_parse(findings->arena, field->value, &list, &why))
		found(findings, FORM_ADDRESS,
			is_from || is_sender ? FORM_BROKEN : FORM_ODD, field,
			arena_print(findings->arena,
				"%s is not well formed: %s", name, why));
	if (list.is_obsolete)
		found(findings, FORM_OBSOLETE_ADDRESS, FORM_ODD, field,
			arena_print(findings->arena,
				"%s is written in a form that is obsolete",
				name));
	if (is_sender && list.count + list.group_count > 1)
		found(findings, FORM_SENDER_SEVERAL, FORM_BROKEN, field,
			SPAN("Sender has more than one address"));
	if (!is_from)
		return;
	findings->form.from = list;
	check_from(findings, field, &list);
}

/* ---- the message's own */

static void check_message_id(struct form_findings *findings)
{
	const struct header_field *field = full_field(findings, "Message-ID");
	struct message_id id;
	const char *why;

	if (!field ||
		message_id_parse(findings->arena, field->value, &id, &why))
		return;
	found(findings, FORM_MESSAGE_ID, FORM_BROKEN, field,
		arena_print(findings->arena,
			"the Message-ID is not <left@right>: %s", why));
}

static void check_age(struct form_findings *findings,
	const struct header_field *field, int64_t age)
{
	uint64_t days = (uint64_t)(age < 0 ? -age : age) / 86400;

	if (age > FORM_DATE_PAST || age < -(int64_t)FORM_DATE_FUTURE)
		found(findings, FORM_DATE_FAR, FORM_ODD, field,
			arena_print(findings->arena,
				"the Date lies %" PRIu64 " days in the %s",
				days, age < 0 ? "future" : "past"));
}

static void check_date(struct form_findings *findings, int64_t now)
{
	const struct header_field *field = full_field(findings, "Date");
	struct mail_date date;
	const char *why;

	if (!field)
		return;
	if (!mail_date_parse(findings->arena, field->value, &date, &why)) {
		found(findings, FORM_DATE, FORM_BROKEN, field,
			arena_print(findings->arena,
				"the Date is not well formed: %s", why));
		return;
	}
	findings->form.date = date.seconds;
	if (date.is_wrong_day)
		found(findings, FORM_DATE_ODD, FORM_ODD, field,
			SPAN("the Date names the wrong day of the week"));
	if (date.is_obsolete)
		found(findings, FORM_DATE_ODD, FORM_ODD, field,
			SPAN("the Date is written in a form that is obsolete"));
	if (now)
		check_age(findings, field, now - date.seconds);
}

/* ---- the section as a whole */

static void check_bytes(
	struct form_findings *findings, const struct header_field *field)
{
	if (field->oddities & HEADER_SPACE_BEFORE_COLON)
		found(findings, FORM_SPACE_BEFORE_COLON, FORM_ODD, field,
			SPAN("white space stands before the colon"));
	if (!(field->oddities & HEADER_8BIT))
		return;
	found(findings, FORM_RAW_8BIT, FORM_ODD, field,
		utf8_is_whole(field->raw)
			? SPAN("it has UTF-8 that is not encoded, and needs "
			       "SMTPUTF8")
			: SPAN("it has bytes over 0x7f that are not UTF-8"));
}

static void check_section(struct form_findings *findings)
{
	const struct header *header = &findings->form.header;

	for (size_t i = 0; i < header->count; i++)
		check_bytes(findings, &header->fields[i]);
	if (header->oddities & HEADER_NOT_A_FIELD)
		found(findings, FORM_NOT_A_FIELD, FORM_BROKEN, NULL,
			SPAN("a line of the header is no field"));
	if (header->oddities & HEADER_MBOX_FROM)
		found(findings, FORM_MBOX_LINE, FORM_ODD, NULL,
			SPAN("a mailbox's \"From \" line stands above the "
			     "header"));
}

void form_check_fields(struct form_findings *findings, int64_t now)
{
	struct form *form = &findings->form;

	for (size_t i = 0; i < COUNT_OF(field_rows); i++)
		check_row(findings, &field_rows[i]);
	for (size_t i = 0; i < COUNT_OF(address_fields); i++)
		check_addresses(findings, address_fields[i]);
	check_message_id(findings);
	check_date(findings, now);
	form->is_answer = full_field(findings, "In-Reply-To") ||
			  full_field(findings, "References");
	form_check_mime(findings);
	check_section(findings);
}
