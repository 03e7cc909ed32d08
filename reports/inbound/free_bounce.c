#include "reports/inbound/free_bounce.h"

#include "reports/inbound/delivery_status.h"
#include "reports/inbound/folded_text.h"
#include "reports/inbound/reason_lines.h"
#include "reports/inbound/session_lines.h"

enum {
	WHOLE_NOTICE_MAX = 2000, /* octets of a notice as a reason */
	REASON_MAX = 8192,
};

struct reading {
	struct arena *arena;
	const struct notice *notice;
	const struct free_known *known;
	struct recipient_sites sites;
	struct span whole; /* the notice as one text, once asked for */
	struct free_recipient *recipients;
	size_t count, room;
};

/* ---- the reason in some lines: reason_lines.h */

static bool take_reply(struct free_recipient *recipient, struct span text)
{
	struct reason reason = { recipient->text, recipient->has_reply };
	bool is_found = reason_take_reply(&reason, text);

	recipient->text = reason.text;
	recipient->has_reply = reason.has_reply;
	return is_found;
}

static void take_paragraphs(struct reading *reading, size_t from, size_t end,
	struct free_recipient *recipient)
{
	struct reason reason = { recipient->text, recipient->has_reply };

	reason_take_paragraphs(
		reading->arena, reading->notice, from, end, &reason);
	recipient->text = reason.text;
	recipient->has_reply = reason.has_reply;
}

/* ---- what is said about one */

/* The lines right below, up to an empty one. */
static struct span lines_below(struct reading *reading, size_t line, size_t end)
{
	size_t i = line + 1;

	while (i < end && reading->notice->lines[i].kind == LINE_WORDS)
		i++;
	return notice_text(reading->arena, reading->notice, line + 1, i);
}

/* The lines right above, down from an empty one or another recipient. */
static struct span lines_above(struct reading *reading, size_t index)
{
	const struct recipient_site *site = &reading->sites.sites[index];
	size_t least = index ? site[-1].line + 1 : 0, i = site->line;

	while (i > least && reading->notice->lines[i - 1].kind == LINE_WORDS)
		i--;
	return notice_text(reading->arena, reading->notice, i, site->line);
}

static struct span with_rest(
	struct arena *arena, struct span rest, struct span below)
{
	if (!rest.len)
		return below;
	if (!below.len || span_ends_nocase(rest, below))
		return rest;
	return arena_print(
		arena, "%.*s\n%.*s", SPAN_ARG(rest), SPAN_ARG(below));
}

static size_t block_end(const struct reading *reading, size_t site)
{
	return site + 1 < reading->sites.count
		       ? reading->sites.sites[site + 1].line
		       : reading->notice->count;
}

/*
 * "<user@example.org>: reason" ends at an empty line; under a line of its own
 * the reason may stand some paragraphs below.
 */
static void read_block(
	struct reading *reading, size_t index, struct free_recipient *recipient)
{
	const struct recipient_site *site = &reading->sites.sites[index];
	enum recipient_form form = site->found.form;
	size_t end = block_end(reading, index);
	struct span below = lines_below(reading, site->line, end);
	struct span line = reading->notice->lines[site->line].text;
	struct span near = SPAN("");

	if (form == RECIPIENT_HEAD)
		near = with_rest(reading->arena, site->found.rest, below);
	else if (form != RECIPIENT_ALONE)
		near = with_rest(reading->arena, line, below);
	if (form == RECIPIENT_HEAD)
		recipient->text = reason_without_wrapping(near);
	if (!near.len || !take_reply(recipient, near))
		take_paragraphs(reading, site->line + 1, end, recipient);
	/* What is said of the last on a line is said of all. */
	if (!recipient->text.len && form == RECIPIENT_ALONE &&
		end != site->line)
		recipient->text = lines_above(reading, index);
	/* The sentence with the recipient may be the reason, or lead to it. */
	if (!recipient->has_reply && form != RECIPIENT_HEAD &&
		!reason_has_status(recipient->text))
		recipient->text = with_rest(
			reading->arena, near, recipient->text);
	if (form != RECIPIENT_HEAD)
		near = notice_text(
			reading->arena, reading->notice, site->line, end);
	diagnostic_read(near, &recipient->diagnostic);
}

/* ---- recipients */

static struct free_recipient *find(struct reading *reading, struct span address)
{
	for (size_t i = 0; i < reading->count; i++)
		if (span_is_nocase(reading->recipients[i].address, address))
			return &reading->recipients[i];
	return NULL;
}

static struct free_recipient *add(struct reading *reading, struct span address)
{
	struct free_recipient *recipient = find(reading, address);

	if (recipient)
		return recipient;
	reading->recipients = arena_grow(reading->arena, reading->recipients,
		reading->count, &reading->room, sizeof(*recipient));
	recipient = &reading->recipients[reading->count++];
	*recipient = (struct free_recipient){ .address = address };
	return recipient;
}

/* A reply says more than none, and one with words more than the code. */
static bool says_more(
	const struct free_recipient *next, const struct free_recipient *old)
{
	if (!old->text.len)
		return true;
	return next->has_reply &&
	       (!old->has_reply || (reason_is_bare(old->text) &&
					   !reason_is_bare(next->text)));
}

/* Who is named twice: where a reply is told, else the first time. */
static void take_sites(struct reading *reading)
{
	for (size_t i = 0; i < reading->sites.count; i++) {
		struct free_recipient next = { .has_reply = false }, *old;

		next.address = reading->sites.sites[i].found.address;
		next.form = reading->sites.sites[i].found.form;
		next.is_led = reading->sites.sites[i].is_in_list;
		next.is_in_sentence = reading->sites.sites[i].found.rest.len;
		read_block(reading, i, &next);
		old = add(reading, next.address);
		if (says_more(&next, old))
			*old = next;
	}
	/* Where an alias led elsewhere, the text names what failed. */
	if (reading->count)
		return;
	for (size_t i = 0; i < reading->known->failed_count; i++)
		add(reading, reading->known->failed[i]);
}

/* ---- the session */

/* A server's reply in the session is whole; a reason above it may not be. */
static void take_session_reply(
	const struct session_reply *reply, struct free_recipient *recipient)
{
	struct diagnostic *diagnostic = &recipient->diagnostic;

	if (!recipient->has_reply || !reply->is_own) {
		recipient->text = reply->text;
		recipient->has_reply = true;
	}
	if (reply->has_stage) {
		diagnostic->has_stage = true;
		diagnostic->stage = reply->stage;
	}
	if (reply->host.len)
		diagnostic->host = reply->host;
	if (reply->has_ip) {
		diagnostic->has_ip = true;
		diagnostic->ip = reply->ip;
	}
}

static void take_session(struct reading *reading)
{
	struct session_lines session;
	bool is_alone;

	session_lines_read(reading->arena, reading->notice, &session);
	is_alone = reading->count == 0;
	for (size_t i = 0; i < session.count; i++) {
		struct span address = session.replies[i].address;

		if (address.len &&
			(is_alone || free_known_has(reading->known, address)))
			add(reading, address);
	}
	for (size_t i = 0; i < reading->count; i++) {
		struct free_recipient *recipient = &reading->recipients[i];
		const struct session_reply *reply = session_reply_for(
			&session, recipient->address, recipient->text);

		if (reply)
			take_session_reply(reply, recipient);
	}
}

/* ---- a reason that stands elsewhere */

static struct span whole_notice(struct reading *reading)
{
	if (!reading->whole.at)
		reading->whole = span_part(
			notice_text(reading->arena, reading->notice, 0,
				reading->notice->count),
			0, WHOLE_NOTICE_MAX);
	return reading->whole;
}

/*
 * One reason for all may stand below the last recipient, above the first, or
 * be the whole notice.
 */
static void share_reasons(struct reading *reading)
{
	struct free_recipient shared = { .has_reply = false };
	size_t first = reading->sites.count ? reading->sites.sites[0].line : 0;
	bool is_replied = false;

	for (size_t i = 0; i < reading->count; i++)
		is_replied |= reading->recipients[i].has_reply;
	if (!is_replied && first)
		take_paragraphs(reading, 0, first, &shared);
	for (size_t i = reading->count; i > 0; i--) {
		struct free_recipient *recipient = &reading->recipients[i - 1];

		if (shared.has_reply && !recipient->has_reply) {
			recipient->text = shared.text;
			recipient->has_reply = true;
		} else if (!recipient->text.len && i < reading->count) {
			struct span address = recipient->address;

			*recipient = reading->recipients[i];
			recipient->address = address;
		} else if (!recipient->text.len) {
			recipient->text = whole_notice(reading);
			diagnostic_read(
				recipient->text, &recipient->diagnostic);
		}
	}
}

/* "Error: No valid recipients for this MM" */
static struct span error_line(const struct notice *notice)
{
	for (size_t i = 0; i < notice->count; i++)
		if (span_starts_nocase(notice->lines[i].text, SPAN("Error:")))
			return notice->lines[i].text;
	return SPAN("");
}

static bool is_for_one(const struct free_known *known)
{
	for (size_t i = 1; i < known->addressed_count; i++)
		if (!span_is_nocase(known->addressed[i], known->addressed[0]))
			return false;
	return known->addressed_count != 0;
}

/* "To: user@example.org", once, where a notice tells of the message. */
static struct span address_in_to(const struct notice *notice)
{
	struct span field = SPAN("To:"), found = SPAN("");

	for (size_t i = 0; i < notice->count; i++) {
		struct span text = notice->lines[i].text;

		if (!span_starts_nocase(text, field))
			continue;
		text = dsn_address(span_part(text, field.len, text.len));
		if (found.len || mailbox_at(text) != text.len)
			return SPAN("");
		found = text;
	}
	return found;
}

/* A reply, and nobody named: it is for whom the one message was addressed. */
static void take_addressed(struct reading *reading)
{
	struct free_recipient only = { .has_reply = false };

	if (reading->count)
		return;
	if (is_for_one(reading->known))
		only.address = reading->known->addressed[0];
	else if (!reading->known->addressed_count)
		only.address = address_in_to(reading->notice);
	if (!only.address.len)
		return;
	take_paragraphs(reading, 0, reading->notice->count, &only);
	if (!only.has_reply)
		only.text = error_line(reading->notice);
	only.is_guessed = !only.text.len &&
			  !span_is_nocase(only.address, reading->known->sender);
	if (only.is_guessed)
		only.text = whole_notice(reading);
	if (only.text.len)
		*add(reading, only.address) = only;
}

/* ---- a sentence above all recipients */

enum { HEADLINE_MAX = 90 };

/*
 * Right above the first recipient some say why in one sentence, and let a
 * general reply follow: "The user(s) account is disabled."
 */
static bool is_general(struct span text)
{
	static const char *const words[] = { "following", "deliver",
		"mail system", "message", "recipient", "sorry" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_find_nocase(text, span_of(words[i])) < text.len)
			return true;
	return false;
}

static struct span headline(const struct reading *reading)
{
	const struct notice_line *lines = reading->notice->lines, *line;
	size_t i = reading->sites.count ? reading->sites.sites[0].line : 0;

	while (i > 0 && lines[i - 1].kind == LINE_EMPTY)
		i--;
	if (i < 2)
		return SPAN("");
	line = &lines[i - 1];
	if (line->kind != LINE_WORDS || lines[i - 2].kind != LINE_EMPTY ||
		line->text.len > HEADLINE_MAX || is_general(line->text) ||
		line->text.at[line->text.len - 1] != '.')
		return SPAN("");
	return line->text;
}

static void add_headline(struct reading *reading)
{
	struct span words = headline(reading);

	for (size_t i = 0; words.len && i < reading->count; i++) {
		struct free_recipient *recipient = &reading->recipients[i];
		struct span text = span_part(recipient->text, 0, REASON_MAX);

		recipient->text = arena_print(reading->arena, "%.*s\n%.*s",
			SPAN_ARG(text), SPAN_ARG(words));
	}
}

/* ---- the end */

static const char *const warnings[] = { "warning message only",
	"will be retried", "will retry", "attempts will continue",
	"do not need to resend", "not need to re-send",
	"not yet been delivered", "still trying", "temporary failure report",
	"could not send message for past", "could not send mail for past",
	"will keep trying", "will be attempted again", "not required to resend",
	"delivery has been delayed", "message is delayed",
	"delivery is delayed", "will continue to be attempted",
	"continue to try to deliver", "continue to attempt delivery",
	"will continue trying", "just a warning" };

static bool is_warning(struct reading *reading)
{
	struct folded_text folded;

	folded_text_read(&folded, whole_notice(reading));
	return folded_text_has(&folded, warnings, COUNT_OF(warnings));
}

/* The code and the status are those of the text that is the reason. */
static void close_recipient(struct free_recipient *recipient)
{
	struct diagnostic *diagnostic = &recipient->diagnostic, own;

	if (diagnostic->has_stage && diagnostic->is_given_up)
		diagnostic_read_reply(recipient->text, &own);
	else
		diagnostic_read(recipient->text, &own);
	diagnostic->code = own.code;
	diagnostic->reply_at = 0;
	if (own.status[0])
		memcpy(diagnostic->status, own.status, sizeof(own.status));
	else if (own.code && diagnostic->status[0] != own.code / 100)
		memset(diagnostic->status, 0, sizeof(diagnostic->status));
	diagnostic->is_given_up |= own.is_given_up;
	if (!diagnostic->has_stage) {
		diagnostic->has_stage = own.has_stage;
		diagnostic->stage = own.stage;
	}
}

void free_bounce_read(struct arena *arena, const struct notice *notice,
	const struct free_known *known, struct free_bounce *bounce)
{
	struct reading reading = {
		.arena = arena, .notice = notice, .known = known
	};

	recipient_sites_find(arena, notice, known, &reading.sites);
	take_sites(&reading);
	take_session(&reading);
	take_addressed(&reading);
	share_reasons(&reading);
	add_headline(&reading);
	for (size_t i = 0; i < reading.count; i++) {
		struct free_recipient *recipient = &reading.recipients[i];

		close_recipient(recipient);
		recipient->is_known = free_known_has(known, recipient->address);
	}
	bounce->recipients = reading.recipients;
	bounce->count = reading.count;
	bounce->is_warning = is_warning(&reading);
}
