#include "pcap/session_delivery.h"

#include "pcap/session_fault.h"
#include "pcap/session_visit.h"
#include "probe/dns/name.h"

enum stage session_reply_stage(
	const struct session_record *record, const struct talk *talk)
{
	const struct talk *about;

	if (talk->answers != ANSWERS_TALK || talk->about >= record->talk_count)
		return STAGE_BANNER;
	about = &record->talks[talk->about];
	/* A chunk without octets is the command alone. */
	if (about->kind == TALK_COMMAND && about->line.verb == SMTP_BDAT)
		return STAGE_DOT;
	return talk_stage(about, STAGE_EHLO);
}

struct span session_reply_text(struct arena *arena, const struct reply *reply)
{
	size_t len = 0, used = 0;
	char *text;

	for (size_t i = 0; i < reply->line_count; i++)
		len += reply->lines[i].len + 1;
	text = arena_take(arena, len + 1);
	for (size_t i = 0; i < reply->line_count; i++) {
		if (i)
			text[used++] = '\n';
		if (reply->lines[i].len)
			memcpy(text + used, reply->lines[i].at,
				reply->lines[i].len);
		used += reply->lines[i].len;
	}
	return (struct span){ text, used };
}

/* What a server calls itself is better than nothing, if it is a host's name. */
static struct span greeting_name(
	struct arena *arena, const struct session_record *record)
{
	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];
		struct span text, name;
		const char *why;

		if (talk->kind != TALK_REPLY || !talk->reply ||
			talk->answers != ANSWERS_CONNECTION ||
			!talk->reply->line_count)
			continue;
		text = talk->reply->lines[0];
		name = span_cut(&text, ' ');
		if (span_find(name, '.') < name.len &&
			name_normalise(arena, name, &name, &why) &&
			name_host_check(name, &why) != HOST_UNFIT)
			return name;
	}
	return SPAN("");
}

/* What led the client there, what it asked for, what it was told. */
static struct span host_of(
	struct arena *arena, const struct session_record *record)
{
	if (record->server_name.len)
		return record->server_name;
	if (record->tls && record->tls->sni.len)
		return record->tls->sni;
	return greeting_name(arena, record);
}

struct telling {
	struct arena *arena;
	const struct session_record *record;
	struct session_fault fault;
	bool has_fault;
	struct delivery *at;
	size_t count, room;
};

static struct delivery *tell(struct telling *telling)
{
	const struct session_record *record = telling->record;
	struct delivery *delivery;

	telling->at = arena_grow(telling->arena, telling->at, telling->count,
		&telling->room, sizeof(*telling->at));
	delivery = &telling->at[telling->count++];
	*delivery = (struct delivery){ .witness = WITNESS_CAPTURE,
		.dialect = SPAN("smtp"),
		.relay_host = host_of(telling->arena, record),
		.has_relay = true,
		.relay = record->server,
		.relay_port = record->server_port,
		.has_source = true,
		.source = record->client,
		.has_family = true,
		.family = record->family,
		.result = DELIVERY_UNKNOWN };
	return delivery;
}

static void set_seen(const struct telling *telling, struct delivery *delivery,
	struct sighting seen)
{
	delivery->position = seen.frame;
	delivery->has_time = telling->record->has_time;
	if (delivery->has_time)
		delivery->time_ms = seen.time_ns / 1000000;
}

static void set_reply(const struct telling *telling, struct delivery *delivery,
	const struct talk *talk)
{
	const struct reply *reply = talk->reply;

	set_seen(telling, delivery, talk->seen);
	delivery->has_stage = true;
	delivery->stage = session_reply_stage(telling->record, talk);
	delivery->code = reply->code;
	delivery->status[0] = reply->status.class;
	delivery->status[1] = reply->status.subject;
	delivery->status[2] = reply->status.detail;
	delivery->text = session_reply_text(telling->arena, reply);
	if (reply_is_never(reply))
		delivery->result = DELIVERY_REFUSED;
	else if (reply_is_not_now(reply))
		delivery->result = DELIVERY_DEFERRED;
}

/* What the MTA makes of it the packets do not show: that the mail was not
 * brought this time, they do. */
static void set_fault(const struct telling *telling, struct delivery *delivery)
{
	const struct session_fault *fault = &telling->fault;

	set_seen(telling, delivery, fault->seen);
	delivery->has_stage = fault->has_stage;
	delivery->stage = fault->stage;
	delivery->result = DELIVERY_DEFERRED;
	delivery->fault = span_of(fault->word);
	delivery->text = fault->text;
}

/* The session ended before this message was answered. */
static bool is_lost(
	const struct telling *telling, const struct mail_attempt *mail)
{
	const struct session_record *record = telling->record;

	return telling->has_fault &&
	       mail == &record->mails[record->mail_count - 1] &&
	       (mail->outcome == MAIL_UNFINISHED ||
		       mail->outcome == MAIL_UNKNOWN);
}

/* The reply at this place (1 more than its index), if it is one. */
static const struct talk *reply_at(
	const struct session_record *record, uint32_t place)
{
	const struct talk *talk;

	if (!place || place > record->talk_count)
		return NULL;
	talk = &record->talks[place - 1];
	return talk->kind == TALK_REPLY && talk->reply ? talk : NULL;
}

static bool is_no(const struct talk *talk)
{
	return talk &&
	       (reply_is_never(talk->reply) || reply_is_not_now(talk->reply));
}

static void tell_recipient(struct telling *telling,
	const struct mail_attempt *mail, const struct mail_recipient *recipient)
{
	const struct session_record *record = telling->record;
	const struct talk *asked = &record->talks[mail->mail - 1];
	const struct talk *own = NULL, *decided;
	struct delivery *delivery = tell(telling);

	delivery->has_sender = true;
	delivery->sender = mail->from;
	set_seen(telling, delivery, asked->seen);
	if (recipient) {
		delivery->recipient = recipient->to;
		if (recipient->rcpt && recipient->rcpt <= record->talk_count)
			own = reply_at(record,
				record->talks[recipient->rcpt - 1].answered_by);
	}
	decided = is_no(own) ? own : reply_at(record, mail->deciding);
	if (decided)
		set_reply(telling, delivery, decided);
	else if (is_lost(telling, mail))
		set_fault(telling, delivery);
	if (!is_no(own) && mail->outcome == MAIL_ACCEPTED)
		delivery->result = DELIVERY_ACCEPTED;
}

static void tell_mail(struct telling *telling, const struct mail_attempt *mail)
{
	if (!mail->mail || mail->mail > telling->record->talk_count)
		return;
	for (size_t i = 0; i < mail->recipient_count; i++)
		tell_recipient(telling, mail, &mail->recipients[i]);
	if (!mail->recipient_count && (mail->outcome == MAIL_DEFERRED ||
					      mail->outcome == MAIL_REJECTED))
		tell_recipient(telling, mail, NULL);
}

/* The last refusal of the greeting or of what comes before MAIL.  One that the
 * client asked for at its leave (VRFY, QUIT) is no refusal of mail. */
static const struct talk *refusal_before_mail(
	const struct session_record *record)
{
	const struct talk *last = NULL;

	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = reply_at(record, (uint32_t)i + 1);

		if (is_no(talk) &&
			session_reply_stage(record, talk) < STAGE_MAIL)
			last = talk;
		else if (talk && last && reply_is_yes(talk->reply) &&
			 session_reply_stage(record, talk) == STAGE_EHLO)
			last = NULL;
	}
	return last;
}

static void tell_session(struct telling *telling)
{
	const struct session_record *record = telling->record;
	const struct talk *refusal = refusal_before_mail(record);
	struct delivery *delivery;

	if (refusal) {
		set_reply(telling, tell(telling), refusal);
		return;
	}
	if (!telling->has_fault)
		return;
	delivery = tell(telling);
	set_fault(telling, delivery);
	if (record->mail_count) {
		delivery->has_sender = true;
		delivery->sender = record->mails[record->mail_count - 1].from;
	}
}

size_t session_deliveries(struct arena *arena,
	const struct session_record *record, const struct delivery **deliveries)
{
	struct telling telling = { .arena = arena, .record = record };

	telling.has_fault = session_fault_find(arena, record, &telling.fault);
	for (size_t i = 0; i < record->mail_count; i++)
		tell_mail(&telling, &record->mails[i]);
	if (!telling.count && !record->is_trial)
		tell_session(&telling);
	*deliveries = telling.at;
	return telling.count;
}
