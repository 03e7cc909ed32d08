#include "reports/inbound/ses_notice.h"

/* Inside another JSON string each quote has a backslash: take those off. */
static struct span without_outer(struct arena *arena, struct span text)
{
	struct span quoted = SPAN("\\\"emailAddress\\\"");
	char *room;
	size_t len = 0;

	if (!memmem(text.at, text.len, quoted.at, quoted.len))
		return text;
	room = arena_take(arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\' && i + 1 < text.len)
			i++;
		room[len++] = text.at[i];
	}
	return (struct span){ room, len };
}

/* What follows a key and its colon; empty: it is not there. */
static struct span behind_key(struct span text, struct span key)
{
	const char *at = memmem(text.at, text.len, key.at, key.len);
	struct span rest;

	if (!at)
		return SPAN("");
	rest = span_part(text, (size_t)(at - text.at) + key.len, text.len);
	while (rest.len && (ascii_is_space(rest.at[0]) || rest.at[0] == ':'))
		rest = span_part(rest, 1, rest.len);
	return rest;
}

/* A string at the start, its escapes read; what is no string is empty. */
static struct span string_at(struct arena *arena, struct span text)
{
	char *room;
	size_t len = 0;

	if (!text.len || text.at[0] != '"')
		return SPAN("");
	room = arena_take(arena, span_part(text, 0, 1024).len);
	for (size_t i = 1; i < text.len && i < 1024 && text.at[i] != '"'; i++) {
		char c = text.at[i];

		if (c == '\\' && i + 1 < text.len) {
			c = text.at[++i];
			if (c == 'n' || c == 'r' || c == 't')
				c = ' ';
		}
		/* Folded by the mail on its way. */
		if (c != '\r' && c != '\n')
			room[len++] = c;
	}
	return (struct span){ room, len };
}

static struct span string_of(
	struct arena *arena, struct span text, struct span key)
{
	return string_at(arena, behind_key(text, key));
}

/* The same as fields of RFC 3464, for the reader of those. */
static struct span recipient_fields(
	struct arena *arena, struct span object, struct span usual)
{
	struct span address = string_of(
		arena, object, SPAN("\"emailAddress\""));
	struct span action = string_of(arena, object, SPAN("\"action\""));
	struct span status = string_of(arena, object, SPAN("\"status\""));
	struct span code = string_of(arena, object, SPAN("\"diagnosticCode\""));

	if (!action.len)
		action = usual;
	return arena_print(arena,
		"Final-Recipient: rfc822; %.*s\nAction: %.*s\nStatus: %.*s\n"
		"Diagnostic-Code: %.*s\n\n",
		SPAN_ARG(address), SPAN_ARG(action), SPAN_ARG(status),
		SPAN_ARG(code));
}

enum { SES_RECIPIENTS_MAX = 64 }; /* it sends to 50 at most */

bool ses_notice_read(
	struct arena *arena, struct span text, struct delivery_status *status)
{
	struct span key = SPAN("\"emailAddress\""), fields = SPAN(""), list;
	struct span reporting, usual = SPAN("failed");

	if (!span_starts_nocase(text, SPAN("{")))
		return false;
	text = without_outer(arena, text);
	list = behind_key(text, SPAN("\"bouncedRecipients\""));
	if (!list.len) {
		list = behind_key(text, SPAN("\"delayedRecipients\""));
		usual = SPAN("delayed");
	}
	list = span_part(list, 0, span_find(list, ']'));
	for (size_t i = 0; i < SES_RECIPIENTS_MAX; i++) {
		struct span rest = behind_key(list, key), object = list;
		const char *next;

		if (!rest.len)
			break;
		next = memmem(rest.at, rest.len, key.at, key.len);
		if (next)
			object = span_part(list, 0, (size_t)(next - list.at));
		fields = arena_print(arena, "%.*s%.*s", SPAN_ARG(fields),
			SPAN_ARG(recipient_fields(arena, object, usual)));
		list = span_part(list, object.len, list.len);
	}
	reporting = string_of(arena, text, SPAN("\"reportingMTA\""));
	fields = arena_print(arena, "Reporting-MTA: %.*s\n\n%.*s",
		SPAN_ARG(reporting), SPAN_ARG(fields));
	delivery_status_read(arena, fields, status);
	return status->recipient_count != 0;
}

bool ses_complaint_read(
	struct arena *arena, struct span text, struct feedback *feedback)
{
	struct span list;

	*feedback = (struct feedback){ .incidents = 1 };
	if (!span_starts_nocase(text, SPAN("{")))
		return false;
	text = without_outer(arena, text);
	list = behind_key(text, SPAN("\"complainedRecipients\""));
	if (!list.len)
		return false;
	feedback->rcpt_to = string_of(arena, list, SPAN("\"emailAddress\""));
	feedback->type = string_of(
		arena, text, SPAN("\"complaintFeedbackType\""));
	if (!feedback->type.len)
		feedback->type = SPAN("abuse");
	feedback->user_agent = string_of(arena, text, SPAN("\"userAgent\""));
	feedback->mail_from = string_of(arena, text, SPAN("\"source\""));
	return true;
}
