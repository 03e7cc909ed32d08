#include "reports/inbound/session_lines.h"

#include "reports/inbound/diagnostic.h"
#include "reports/inbound/recipient_line.h"

struct reading {
	struct arena *arena;
	struct session_reply *replies;
	size_t count, room;
	struct diagnostic peer; /* the server talked to */
	struct span command;    /* "DATA" */
	bool has_command;
	size_t reply_from; /* its first line, while it goes on */
	bool in_reply;
};

static bool is_command(const struct reading *reading, struct span word)
{
	return span_starts_nocase(reading->command, word);
}

/* In "RCPT To:<user@example.org>". */
static struct span command_address(struct span command)
{
	size_t open = span_find(command, '<');
	struct span rest = span_part(command, open + 1, command.len);

	return span_part(rest, 0, mailbox_at(rest));
}

/*
 * Sendmail does not write down the dot: what a server said to the message
 * stands below the DATA.
 */
static bool stage_of(const struct reading *reading, enum stage *stage)
{
	if (!reading->has_command)
		*stage = STAGE_BANNER;
	else if (is_command(reading, SPAN("RCPT")))
		*stage = STAGE_RCPT;
	else if (is_command(reading, SPAN("MAIL")))
		*stage = STAGE_MAIL;
	else if (is_command(reading, SPAN("DATA")) ||
		 is_command(reading, SPAN("BDAT")) ||
		 is_command(reading, SPAN(".")))
		*stage = STAGE_DOT;
	else if (is_command(reading, SPAN("EHLO")) ||
		 is_command(reading, SPAN("HELO")))
		*stage = STAGE_EHLO;
	else if (is_command(reading, SPAN("STARTTLS")))
		*stage = STAGE_STARTTLS;
	else if (is_command(reading, SPAN("QUIT")))
		*stage = STAGE_QUIT;
	else
		return false;
	return true;
}

static struct session_reply *add(struct reading *reading)
{
	struct session_reply *reply;

	if (reading->count == SESSION_REPLIES_MAX)
		return NULL;
	reading->replies = arena_grow(reading->arena, reading->replies,
		reading->count, &reading->room, sizeof(*reply));
	reply = &reading->replies[reading->count++];
	*reply = (struct session_reply){ .host = reading->peer.host,
		.has_ip = reading->peer.has_ip,
		.ip = reading->peer.ip };
	return reply;
}

/* Lines of the notice with their "<<< " gone. */
static struct span joined(struct arena *arena, const struct notice *notice,
	size_t from, size_t end)
{
	size_t room = 0, len = 0;
	char *at;

	for (size_t i = from; i <= end; i++)
		room += notice->lines[i].text.len + 1;
	at = arena_take(arena, room);
	for (size_t i = from; i <= end; i++) {
		struct span text = span_trim(
			span_part(notice->lines[i].text, 3, room));

		if (len)
			at[len++] = '\n';
		memcpy(at + len, text.at, text.len);
		len += text.len;
	}
	return (struct span){ at, len };
}

/*
 * With pipelining the refused RCPT is told below the DATA; the 503 for want of
 * recipients gives it away.
 */
static void note_no_recipient(struct reading *reading)
{
	for (size_t i = reading->count; i > 0; i--) {
		struct session_reply *reply = &reading->replies[i - 1];

		if (reply->has_stage && reply->stage == STAGE_DOT)
			reply->stage = STAGE_RCPT;
	}
}

static void take_heard(
	struct reading *reading, const struct notice *notice, size_t i)
{
	struct span text = span_trim(
		span_part(notice->lines[i].text, 3, notice->lines[i].text.len));
	unsigned code = reply_code_at(text);
	struct session_reply *reply;

	if (!reading->in_reply)
		reading->reply_from = i;
	reading->in_reply = text.len > 3 && text.at[3] == '-';
	if (reading->in_reply && i + 1 < notice->count &&
		span_starts_nocase(notice->lines[i + 1].text, SPAN("<<<")))
		return;
	reading->in_reply = false;
	if (code == 503 && is_command(reading, SPAN("DATA"))) {
		note_no_recipient(reading);
		return;
	}
	if (!code)
		return;
	reply = add(reading);
	if (!reply)
		return;
	reply->text = joined(reading->arena, notice, reading->reply_from, i);
	reply->has_stage = stage_of(reading, &reply->stage);
	if (is_command(reading, SPAN("RCPT")))
		reply->address = command_address(reading->command);
}

/* "550 5.1.1 <user@example.org>... User unknown" */
static void take_verdict(struct reading *reading, struct span text)
{
	struct session_reply *last = NULL, *reply;
	size_t dots = span_find_nocase(text, SPAN("...")), start = dots;
	struct span address = SPAN("");

	if (dots < text.len) {
		while (start && !ascii_is_space(text.at[start - 1]))
			start--;
		if (text.at[start] == '<')
			start++;
		address = span_part(text, start, dots - start);
		address.len = mailbox_at(address);
	}
	if (reading->count)
		last = &reading->replies[reading->count - 1];
	if (last && !last->is_own &&
		(!last->address.len || !address.len ||
			span_is_nocase(last->address, address))) {
		if (!last->address.len)
			last->address = address;
		return;
	}
	if (!address.len)
		return;
	reply = add(reading);
	if (!reply)
		return;
	reply->address = address;
	reply->text = text;
	reply->is_own = true;
}

/* What stands behind "... while talking to"; empty: it is another line. */
static struct span talking_to(struct span text)
{
	struct span words = SPAN("while talking to ");

	if (span_starts_nocase(text, SPAN("... ")))
		text = span_part(text, 4, text.len);
	return span_starts_nocase(text, words)
		       ? span_part(text, words.len, text.len)
		       : SPAN("");
}

static void take_line(
	struct reading *reading, const struct notice *notice, size_t i)
{
	struct span text = notice->lines[i].text;
	struct span peer = talking_to(text);

	if (peer.len) {
		reading->peer = (struct diagnostic){ .code = 0 };
		peer_read(peer, &reading->peer);
		reading->has_command = false;
		reading->command = SPAN("");
	} else if (span_starts_nocase(text, SPAN(">>> "))) {
		reading->has_command = true;
		reading->command = span_trim(span_part(text, 4, text.len));
	} else if (span_starts_nocase(text, SPAN("<<<"))) {
		take_heard(reading, notice, i);
	} else if (reply_code_at(text)) {
		take_verdict(reading, text);
	}
}

void session_lines_read(struct arena *arena, const struct notice *notice,
	struct session_lines *session)
{
	struct reading reading = { .arena = arena };
	bool is_session = false;

	for (size_t i = 0; i < notice->count && !is_session; i++) {
		struct span text = notice->lines[i].text;

		is_session = span_starts_nocase(text, SPAN("<<<")) ||
			     talking_to(text).len ||
			     (notice->lines[i].kind == LINE_HEADING &&
				     span_find_nocase(text,
					     SPAN("ranscript of session")) <
					     text.len);
	}
	for (size_t i = 0; is_session && i < notice->count; i++)
		take_line(&reading, notice, i);
	session->replies = reading.replies;
	session->count = reading.count;
}

/* The same but for the blanks: a reason is wrapped, and may be cut. */
static bool begins_alike(struct span reason, struct span reply)
{
	size_t i = 0, j = 0, same = 0;

	for (;;) {
		while (i < reason.len && ascii_is_space(reason.at[i]))
			i++;
		while (j < reply.len && ascii_is_space(reply.at[j]))
			j++;
		if (i == reason.len || j == reply.len)
			return same > 3;
		if (reason.at[i++] != reply.at[j++])
			return same > 24;
		same++;
	}
}

const struct session_reply *session_reply_for(
	const struct session_lines *session, struct span address,
	struct span reason)
{
	const struct session_reply *free = NULL, *alike = NULL;

	for (size_t i = 0; i < session->count; i++) {
		const struct session_reply *reply = &session->replies[i];

		if (reply->address.len &&
			span_is_nocase(reply->address, address))
			return reply;
		if (!alike && reason.len && begins_alike(reason, reply->text))
			alike = reply;
		if (!free && !reply->address.len && !reply->is_own)
			free = reply;
	}
	return alike ? alike : free;
}
