#include "reports/inbound/inbound_delivery.h"

#include "probe/judge/wording.h"
#include "probe/mail/mail_date.h"

struct span evidence_field(const struct evidence *evidence, struct span name)
{
	return mail_field(evidence->arena, &evidence->parts->header, name);
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
			     read_date(arena,
				     evidence_field(evidence, SPAN("Date")),
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
		return from->is_led || (from->is_known && from->is_in_sentence);
	if (from->form != RECIPIENT_ALONE || from->is_known || from->is_led)
		return true;
	return signs & (SIGN_NULL_PATH | SIGN_FAILED_FIELD) ||
	       (signs & SIGN_SENDER && signs & SIGN_SUBJECT);
}

void deliveries_from_words(struct evidence *evidence, unsigned signs)
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
	if (recipient->final.len)
		return recipient->final;
	return recipient->original.len ? recipient->original
				       : recipient->actual;
}

void deliveries_from_status(struct evidence *evidence)
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
