#include "reports/inbound/inbound_message.h"

#include "probe/judge/wording.h"
#include "probe/mail/mail_date.h"
#include "reports/inbound/bounce_signs.h"
#include "reports/inbound/delivery_status.h"
#include "reports/inbound/free_bounce.h"
#include "reports/inbound/notice_text.h"
#include "reports/inbound/original_mail.h"
#include "reports/inbound/ses_notice.h"

enum { FAILED_MAX = 256 }; /* addresses of X-Failed-Recipients */

/* What the parts of one mail say, before it is put together. */
struct evidence {
	struct arena *arena;
	struct mail_parts *parts;
	struct delivery_status status;
	struct notice notice;
	struct original_mail original;
	struct free_bounce free;
	struct span failed[FAILED_MAX]; /* X-Failed-Recipients */
	size_t failed_count;
	struct span sender; /* whom the mail goes back to */
	struct delivery *deliveries;
	size_t count, room;
};

/* clang-format off */
static const char *const kind_words[] = {
	[INBOUND_OTHER]     = "other",
	[INBOUND_BOUNCE]    = "bounce",
	[INBOUND_SUCCESS]   = "success",
	[INBOUND_FEEDBACK]  = "feedback",
	[INBOUND_AUTOREPLY] = "autoreply",
};
/* clang-format on */

const char *inbound_kind_word(enum inbound_kind kind)
{
	return kind_words[kind];
}

/* ---- the parts */

static struct span own_field(const struct evidence *evidence, struct span name)
{
	return mail_field(evidence->arena, &evidence->parts->header, name);
}

static bool is_blank(struct span text)
{
	size_t i = 0;

	while (i < text.len && ascii_is_space(text.at[i]))
		i++;
	return i == text.len;
}

/* All parts of a kind before the message that is enclosed. */
static struct span words_in(struct evidence *evidence, enum part_kind kind)
{
	struct mail_parts *parts = evidence->parts;
	struct span words = SPAN("");

	for (size_t i = 0; i < parts->count; i++) {
		const struct mail_part *part = &parts->parts[i];

		if (part->kind == PART_MESSAGE || part->kind == PART_HEADERS)
			break;
		if (part->kind != kind || words.len > PART_TEXT_MAX)
			continue;
		words = words.len ? arena_print(evidence->arena, "%.*s\n%.*s",
					    SPAN_ARG(words),
					    SPAN_ARG(part->content))
				  : part->content;
	}
	return words;
}

/* HTML only where there is nothing plain. */
static struct span words_of(struct evidence *evidence)
{
	struct span plain = words_in(evidence, PART_TEXT);

	return is_blank(plain) ? words_in(evidence, PART_HTML) : plain;
}

static void read_original(struct evidence *evidence)
{
	const struct mail_part *part = mail_part_of(
		evidence->parts, PART_MESSAGE);
	struct span text = evidence->notice.original;

	if (!part)
		part = mail_part_of(evidence->parts, PART_HEADERS);
	if (part)
		text = part->content;
	while (text.len && ascii_is_space(text.at[0]))
		text = span_part(text, 1, text.len);
	original_mail_read(evidence->arena, text, &evidence->original);
}

/* The part for machines, or what of one stands in the text. */
static void read_status(struct evidence *evidence, struct span words)
{
	const struct mail_part *part = mail_part_of(
		evidence->parts, PART_STATUS);
	struct span fields;

	evidence->status = (struct delivery_status){ .recipient_count = 0 };
	if (part)
		delivery_status_read(
			evidence->arena, part->content, &evidence->status);
	if (evidence->status.recipient_count ||
		ses_notice_read(evidence->arena, words, &evidence->status))
		return;
	fields = notice_status_fields(evidence->arena, words);
	if (fields.len)
		delivery_status_read(
			evidence->arena, fields, &evidence->status);
}

static void read_failed(struct evidence *evidence)
{
	struct span value = own_field(evidence, SPAN("X-Failed-Recipients"));

	while (value.len && evidence->failed_count < FAILED_MAX) {
		struct span address = span_cut(&value, ',');

		address = dsn_address(span_trim(address));
		if (address.len)
			evidence->failed[evidence->failed_count++] = address;
	}
}

static void read_words(struct evidence *evidence)
{
	struct free_known known = { .failed = evidence->failed };

	read_failed(evidence);
	known.failed_count = evidence->failed_count;
	known.sender = evidence->sender;
	known.addressed = evidence->original.addressed;
	known.addressed_count = evidence->original.addressed_count;
	free_bounce_read(
		evidence->arena, &evidence->notice, &known, &evidence->free);
}

static struct span sender_of(const struct evidence *evidence)
{
	if (evidence->status.sender.len)
		return evidence->status.sender;
	if (evidence->original.return_path.len)
		return evidence->original.return_path;
	return dsn_address(own_field(evidence, SPAN("To")));
}

/* ---- one delivery */

static bool read_date(struct arena *arena, struct span value, int64_t *time_ms)
{
	struct mail_date date;
	const char *why;

	if (!value.len || !mail_date_parse(arena, value, &date, &why))
		return false;
	*time_ms = date.seconds * 1000;
	return true;
}

static void set_times(const struct evidence *evidence, struct span attempt,
	struct delivery *delivery)
{
	struct arena *arena = evidence->arena;
	int64_t arrival;

	delivery->has_time = read_date(arena, attempt, &delivery->time_ms) ||
			     read_date(arena, own_field(evidence, SPAN("Date")),
				     &delivery->time_ms);
	if (!delivery->has_time ||
		!read_date(arena, evidence->status.arrival, &arrival) ||
		arrival > delivery->time_ms)
		return;
	delivery->has_delay = true;
	delivery->delay_ms = delivery->time_ms - arrival;
}

static void set_message(
	const struct evidence *evidence, struct delivery *delivery)
{
	delivery->queue_id = evidence->status.queue_id;
	delivery->message_id = evidence->original.message_id;
	delivery->from_domain = evidence->original.from_domain;
	delivery->sender = evidence->sender;
	delivery->has_sender = evidence->sender.len != 0;
}

static void set_peer(struct delivery *delivery, const struct diagnostic *from)
{
	if (!delivery->relay_host.len)
		delivery->relay_host = from->host;
	if (delivery->has_relay || !from->has_ip)
		return;
	delivery->has_relay = true;
	delivery->relay = from->ip;
	delivery->relay_port = from->port;
}

/*
 * The address in a reply is nearly always the one that the server saw us
 * come from; it has the family of the session.
 */
static void set_family(struct delivery *delivery)
{
	char room[WORDING_MAX];
	struct ip ip;

	if (delivery->code &&
		wording_ip(wording_of_text(room, delivery->text), &ip) &&
		!(delivery->has_relay && ip_is(&ip, &delivery->relay))) {
		delivery->has_source = true;
		delivery->source = ip;
	}
	delivery->has_family = delivery->has_relay || delivery->has_source;
	delivery->family = delivery->has_relay ? delivery->relay.family
					       : delivery->source.family;
}

static bool says_only_unavailable(struct span text)
{
	struct span words = SPAN("Service unavailable");

	return text.len < words.len + 12 && span_ends_nocase(text, words);
}

static void set_result(
	struct delivery *delivery, enum dsn_action action, bool is_given_up)
{
	if (action == DSN_DELAYED)
		delivery->result = DELIVERY_DEFERRED;
	else if (action == DSN_DELIVERED || action == DSN_RELAYED ||
		 action == DSN_EXPANDED)
		delivery->result = DELIVERY_ACCEPTED;
	else if (delivery->code / 100 == 5)
		delivery->result = DELIVERY_REFUSED;
	else if (is_given_up || delivery->code / 100 == 4 ||
		 (!delivery->code && delivery->status[0] == 4))
		delivery->result = DELIVERY_EXPIRED;
	else
		delivery->result = DELIVERY_REFUSED;
	delivery->lacks_reply = delivery->result == DELIVERY_REFUSED &&
				says_only_unavailable(delivery->text);
}

static struct delivery *add(struct evidence *evidence)
{
	struct delivery *delivery;

	evidence->deliveries = arena_grow(evidence->arena, evidence->deliveries,
		evidence->count, &evidence->room, sizeof(*delivery));
	delivery = &evidence->deliveries[evidence->count++];
	*delivery = (struct delivery){ .witness = WITNESS_BOUNCE };
	set_message(evidence, delivery);
	return delivery;
}

/* ---- from the words alone */

/*
 * An address with a reply failed.  Without one, what stands in a sentence or
 * alone may be a help desk: then it has to be known, or the mail a bounce for
 * more than its sender and its words.
 */
static bool is_recipient(const struct free_recipient *from, unsigned signs)
{
	if (from->is_guessed)
		return signs & SIGN_SUBJECT && signs & SIGN_WORDS;
	if (from->has_reply || from->diagnostic.status[0])
		return true;
	if (from->form == RECIPIENT_LABEL)
		return from->is_known && from->is_in_sentence;
	if (from->form != RECIPIENT_ALONE || from->is_known || from->is_led)
		return true;
	return signs & (SIGN_NULL_PATH | SIGN_FAILED_FIELD) ||
	       (signs & SIGN_SENDER && signs & SIGN_SUBJECT);
}

static void take_free(struct evidence *evidence, unsigned signs)
{
	enum dsn_action action = evidence->free.is_warning ? DSN_DELAYED
							   : DSN_FAILED;

	for (size_t i = 0; i < evidence->free.count; i++) {
		const struct free_recipient *from =
			&evidence->free.recipients[i];
		const struct diagnostic *diagnostic = &from->diagnostic;
		struct delivery *delivery;

		if (!is_recipient(from, signs))
			continue;
		delivery = add(evidence);
		delivery->dialect = SPAN("text");
		delivery->recipient = from->address;
		delivery->text = from->text;
		delivery->code = diagnostic->code;
		memcpy(delivery->status, diagnostic->status,
			sizeof(delivery->status));
		delivery->has_stage = diagnostic->has_stage;
		delivery->stage = diagnostic->stage;
		delivery->may_be_earlier = diagnostic->may_be_earlier;
		set_peer(delivery, diagnostic);
		set_times(evidence, SPAN(""), delivery);
		set_family(delivery);
		set_result(delivery, action, diagnostic->is_given_up);
	}
}

/* ---- from the part for machines, completed by the words */

static const struct free_recipient *words_about(
	const struct evidence *evidence, const struct dsn_recipient *recipient)
{
	const struct free_bounce *free = &evidence->free;

	for (size_t i = 0; i < free->count; i++) {
		struct span address = free->recipients[i].address;

		if (span_is_nocase(address, recipient->final) ||
			span_is_nocase(address, recipient->original) ||
			span_is_nocase(address, recipient->actual))
			return &free->recipients[i];
	}
	if (free->count == 1 && evidence->status.recipient_count == 1 &&
		!free->recipients[0].is_guessed)
		return &free->recipients[0];
	return NULL;
}

/* Blanks aside, does the longer text begin with the shorter? */
static bool goes_on(struct span shorter, struct span longer)
{
	size_t i = 0, j = 0;

	if (longer.len <= shorter.len)
		return false;
	for (;;) {
		while (i < shorter.len && ascii_is_space(shorter.at[i]))
			i++;
		while (j < longer.len && ascii_is_space(longer.at[j]))
			j++;
		if (i == shorter.len || j == longer.len)
			return i == shorter.len;
		if (shorter.at[i++] != longer.at[j++])
			return false;
	}
}

/*
 * The diagnostic, unless the words have the same reply and more of it (that of
 * Sendmail is the first line only), or the diagnostic has none.
 */
static void choose_text(const struct dsn_recipient *recipient,
	const struct free_recipient *words, struct delivery *delivery,
	struct diagnostic *diagnostic)
{
	diagnostic_read(recipient->diagnostic, diagnostic);
	delivery->text = recipient->diagnostic;
	if (diagnostic->code)
		delivery->text = span_part(delivery->text, diagnostic->reply_at,
			delivery->text.len);
	if (words && (!delivery->text.len ||
			     (!diagnostic->code && words->has_reply) ||
			     (diagnostic->code == words->diagnostic.code &&
				     goes_on(delivery->text, words->text)))) {
		delivery->text = words->text;
		if (words->diagnostic.code)
			diagnostic->code = words->diagnostic.code;
		if (words->diagnostic.status[0])
			memcpy(diagnostic->status, words->diagnostic.status,
				sizeof(diagnostic->status));
	}
	if (!delivery->text.len)
		delivery->text = recipient->status_comment;
}

static void set_reply(const struct dsn_recipient *recipient,
	const struct free_recipient *words, struct delivery *delivery)
{
	struct diagnostic diagnostic, remote = { .code = 0 };

	choose_text(recipient, words, delivery, &diagnostic);
	delivery->code = diagnostic.code;
	memcpy(delivery->status, diagnostic.status, sizeof(delivery->status));
	if (!delivery->status[0]) {
		memcpy(delivery->status, recipient->status,
			sizeof(delivery->status));
		delivery->is_local_status = delivery->status[0] != 0;
	}
	peer_read(recipient->remote_mta, &remote);
	set_peer(delivery, &remote);
	set_peer(delivery, &diagnostic);
	if (words)
		set_peer(delivery, &words->diagnostic);
	if (words && words->diagnostic.has_stage)
		diagnostic = words->diagnostic;
	delivery->has_stage = diagnostic.has_stage;
	delivery->stage = diagnostic.stage;
	delivery->may_be_earlier = diagnostic.may_be_earlier;
}

/* Some put a command, a route or nothing where the address belongs. */
static struct span recipient_of(
	const struct evidence *evidence, const struct dsn_recipient *recipient)
{
	if (mailbox_at(recipient->final))
		return recipient->final;
	if (mailbox_at(recipient->original))
		return recipient->original;
	if (mailbox_at(recipient->actual))
		return recipient->actual;
	if (span_find(recipient->final, '@') < recipient->final.len)
		return recipient->final;
	if (evidence->failed_count)
		return evidence->failed[0];
	if (evidence->status.recipient_count == 1 &&
		evidence->original.addressed_count)
		return evidence->original.addressed[0];
	return recipient->final.len ? recipient->final : recipient->original;
}

static void take_status(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->status.recipient_count; i++) {
		const struct dsn_recipient *from =
			&evidence->status.recipients[i];
		const struct free_recipient *words = words_about(
			evidence, from);
		struct delivery *delivery = add(evidence);

		delivery->dialect = SPAN("rfc3464");
		delivery->recipient = recipient_of(evidence, from);
		delivery->original_recipient = from->original;
		set_reply(from, words, delivery);
		set_times(evidence, from->last_attempt, delivery);
		set_family(delivery);
		set_result(delivery, from->action,
			words && words->diagnostic.is_given_up);
	}
}

/* ---- what kind of mail it is */

static bool is_all_accepted(const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (evidence->deliveries[i].result != DELIVERY_ACCEPTED)
			return false;
	return true;
}

static bool has_reply(const struct free_bounce *free)
{
	for (size_t i = 0; i < free->count; i++)
		if (free->recipients[i].has_reply ||
			free->recipients[i].diagnostic.status[0])
			return true;
	return false;
}

/*
 * Words of failure are in other mail too; with them the message has to be
 * there, or the reply, or the null path.
 */
static bool is_bounce(const struct evidence *evidence, unsigned signs)
{
	bool is_enclosed = evidence->original.is_there ||
			   has_reply(&evidence->free);

	if (signs & SIGN_FAILED_FIELD)
		return true;
	if (signs & SIGN_AWAY)
		return false;
	if (signs & SIGN_LIST)
		return true;
	if (signs & SIGN_SENDER)
		return signs & (SIGN_SUBJECT | SIGN_WORDS) || is_enclosed;
	if (signs & SIGN_SUBJECT)
		return signs & SIGN_WORDS || is_enclosed;
	return signs & SIGN_WORDS && (is_enclosed || signs & SIGN_NULL_PATH);
}

static bool is_autoreply(const struct evidence *evidence, unsigned signs)
{
	struct span value = own_field(evidence, SPAN("Auto-Submitted"));

	return signs & SIGN_AWAY ||
	       span_starts_nocase(value, SPAN("auto-replied"));
}

static void read_feedback(
	struct evidence *evidence, struct inbound_message *message)
{
	const struct mail_part *part = mail_part_of(
		evidence->parts, PART_FEEDBACK);

	if (part ? !feedback_read(
			   evidence->arena, part->content, &message->feedback)
		 : !feedback_read_subject(own_field(evidence, SPAN("Subject")),
			   &message->feedback))
		return;
	message->kind = INBOUND_FEEDBACK;
	message->feedback.from_domain = evidence->original.from_domain;
	message->feedback.message_id = evidence->original.message_id;
	if (!message->feedback.rcpt_to.len &&
		evidence->original.addressed_count)
		message->feedback.rcpt_to = evidence->original.addressed[0];
}

/* Asked only where no part for machines answers it: it takes its time. */
static unsigned signs_of(struct evidence *evidence)
{
	struct span words = notice_text(
		evidence->arena, &evidence->notice, 0, evidence->notice.count);

	return bounce_signs(evidence->arena, &evidence->parts->header, words);
}

static void read_bounce(
	struct evidence *evidence, struct inbound_message *message)
{
	unsigned signs = 0;

	read_words(evidence);
	if (evidence->status.recipient_count)
		take_status(evidence);
	else
		signs = signs_of(evidence);
	if (signs && is_bounce(evidence, signs))
		take_free(evidence, signs);
	message->deliveries = evidence->deliveries;
	message->delivery_count = evidence->count;
	if (evidence->count)
		message->kind = is_all_accepted(evidence) ? INBOUND_SUCCESS
							  : INBOUND_BOUNCE;
	else if (is_autoreply(evidence, signs))
		message->kind = INBOUND_AUTOREPLY;
}

/* What is enclosed, or copied below the text: a bounce that was forwarded? */
static struct span enclosed_in(const struct evidence *evidence)
{
	const struct mail_part *part = mail_part_of(
		evidence->parts, PART_MESSAGE);

	return part ? part->content : evidence->notice.original;
}

static struct span read_mail(
	struct arena *arena, struct span bytes, struct inbound_message *message)
{
	struct evidence evidence = { .arena = arena, .parts = &message->parts };
	struct span words;

	*message = (struct inbound_message){ .kind = INBOUND_OTHER };
	mail_parts_read(arena, bytes, &message->parts);
	words = words_of(&evidence);
	notice_read(arena, words, &evidence.notice);
	read_original(&evidence);
	read_status(&evidence, words);
	evidence.sender = sender_of(&evidence);
	read_feedback(&evidence, message);
	if (message->kind == INBOUND_OTHER)
		read_bounce(&evidence, message);
	return enclosed_in(&evidence);
}

/* A mbox line at the top is the mailbox's, not the mail's. */
static struct span without_mbox_line(struct span bytes)
{
	struct span rest = bytes;

	if (!span_starts_nocase(bytes, SPAN("From ")))
		return bytes;
	span_cut(&rest, '\n');
	return rest;
}

void inbound_message_read(
	struct arena *arena, struct span bytes, struct inbound_message *message)
{
	struct inbound_message inner;
	struct span enclosed = read_mail(
		arena, without_mbox_line(bytes), message);

	for (unsigned i = 1; i < INBOUND_ENCLOSED_MAX; i++) {
		if (message->kind != INBOUND_OTHER || !enclosed.len)
			return;
		enclosed = read_mail(arena, enclosed, &inner);
		if (inner.kind == INBOUND_BOUNCE ||
			inner.kind == INBOUND_FEEDBACK)
			*message = inner;
	}
}
