#include "probe/judge/delivery_likeness.h"

#include <stdlib.h>

#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_join_reply.h"
#include "probe/judge/path_fault.h"

enum {
	QUARTER_MS = 15 * 60 * 1000,
	LOG_STEP_MS = 1000, /* a log may count whole seconds only */
};

/*
 * A peer that says nothing is given up after as long as the MTA likes: what is
 * last seen of it is as much older than the line in the log.  Five minutes are
 * what most allow for a connection and for a command (RFC 5321 section
 * 4.5.3.2), ten and more for the end of the data.
 */
enum { SILENCE_MS = 15 * 60 * 1000, SHORT_SILENCE_MS = 330 * 1000 };

/* What each sign is worth: any of them more than all below it. */
enum {
	SIGN_QUEUE_ID = 128,
	SIGN_MESSAGE_ID = 64,
	SIGN_SAME_REPLY = 32,
	SIGN_REPLY_BEGINS = 16,
	SIGN_RELAY = 8,
	SIGN_RECIPIENT = 4,
	SIGN_SENDER = 2,
	SIGN_NEAR = 1,
};

/* ---- what cannot be */

static bool is_other(struct span a, struct span b)
{
	return a.len && b.len && !span_is(a, b);
}

static bool is_same(struct span a, struct span b)
{
	return a.len && b.len && span_is_nocase(a, b);
}

/* An alias is expanded after the one and before the other wrote it down. */
static bool has_same_recipient(
	const struct delivery *a, const struct delivery *b)
{
	return is_same(a->recipient, b->recipient) ||
	       is_same(a->original_recipient, b->recipient) ||
	       is_same(a->recipient, b->original_recipient);
}

/* A failure of the path has words and no code, and no result perhaps. */
static bool has_failed(const struct delivery *delivery)
{
	switch (delivery->result) {
	case DELIVERY_ACCEPTED:
		return false;
	case DELIVERY_DEFERRED:
	case DELIVERY_REFUSED:
	case DELIVERY_EXPIRED:
		return true;
	case DELIVERY_UNKNOWN:
		break;
	}
	return delivery->text.len != 0;
}

/* An MTA may defer what a server refused, and bounce what it deferred for too
 * long; the code is the same then.  Of a path that failed a capture does not
 * tell what the MTA made of it. */
static bool has_other_end(const struct delivery *a, const struct delivery *b)
{
	bool is_open = (a->code && b->code) || a->fault.len || b->fault.len;

	if (a->result == DELIVERY_ACCEPTED || b->result == DELIVERY_ACCEPTED)
		return has_failed(a) || has_failed(b);
	return !is_open && ((a->result == DELIVERY_REFUSED &&
				    b->result == DELIVERY_DEFERRED) ||
				   (a->result == DELIVERY_DEFERRED &&
					   b->result == DELIVERY_REFUSED));
}

/* What comes one after the other in a session, several at once perhaps. */
static int phase_of(enum stage stage)
{
	switch (stage) {
	case STAGE_RESOLVE:
	case STAGE_CONNECT:
		return 0;
	case STAGE_BANNER:
	case STAGE_EHLO:
		return 2;
	case STAGE_STARTTLS:
	case STAGE_TLS:
		return 3;
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_DATA:
		return 4;
	case STAGE_DOT:
	case STAGE_QUIT:
		break;
	}
	return 5;
}

/* No reply came where the path failed.  Only of TLS that fails an MTA may say
 * that the server refused it. */
static bool has_other_failure(
	const struct delivery *path, const struct delivery *other)
{
	int apart;

	if (!path->fault.len)
		return false;
	if (path->has_stage && other->has_stage) {
		apart = phase_of(path->stage) - phase_of(other->stage);
		if (apart < -1 || apart > 1)
			return true;
	}
	return other->code && !(path->has_stage && phase_of(path->stage) == 3);
}

static bool is_wait(enum path_fault fault)
{
	switch (fault) {
	case PATH_NO_ANSWER:
	case PATH_SILENT:
	case PATH_STALL:
	case PATH_BLACK_HOLE:
		return true;
	case PATH_NO_FAULT:
	case PATH_REFUSED:
	case PATH_PROHIBITED:
	case PATH_UNREACHABLE:
	case PATH_CLOSED:
	case PATH_TLS:
		break;
	}
	return false;
}

/*
 * Of a reset the system tells as "Connection refused", and as nothing else.  The
 * other way round nothing is sure: an ICMP error need not be in the capture.
 * And a certificate that a mail server does not like did arrive.
 */
static bool has_other_words(
	const struct delivery *packets, const struct delivery *told)
{
	enum path_fault seen, said;

	if (!packets->fault.len || told->fault.len)
		return false;
	seen = path_fault_of(packets);
	said = path_fault_of(told);
	if (seen == PATH_REFUSED)
		return is_wait(said) || said == PATH_PROHIBITED ||
		       said == PATH_UNREACHABLE;
	return is_wait(seen) && !packets->has_stage && told->has_stage &&
	       told->stage == STAGE_TLS && said == PATH_NO_FAULT;
}

bool delivery_contradicts(const struct delivery *a, const struct delivery *b)
{
	if (a->has_family && b->has_family && a->family != b->family)
		return true;
	if (a->has_relay && b->has_relay && !ip_is(&a->relay, &b->relay))
		return true;
	if (a->code && b->code && a->code != b->code)
		return true;
	if (a->recipient.len && b->recipient.len && !has_same_recipient(a, b))
		return true;
	if (has_other_failure(a, b) || has_other_failure(b, a) ||
		has_other_words(a, b) || has_other_words(b, a))
		return true;
	return is_other(a->queue_id, b->queue_id) ||
	       is_other(a->message_id, b->message_id) || has_other_end(a, b);
}

/* ---- time */

struct gap {
	bool is_known;
	bool is_near;         /* as the clocks stand */
	bool is_near_in_zone; /* if the one is in another zone */
	int64_t apart_ms;
	int zone;
};

/* Of these an MTA hears at once. */
static bool is_heard_of(struct span fault)
{
	static const char *const words[] = { "refused", "prohibited",
		"unreachable", "reset", "hung-up", "tls-handshake" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_is(fault, span_of(words[i])))
			return true;
	return false;
}

/* By how much the witness that is kept may be before and after the other. */
static void margins_of(const struct delivery *told, const struct delivery *kept,
	int64_t *before, int64_t *after)
{
	*before = *after = JOIN_NEAR_MS;
	if (kept->witness == WITNESS_BOUNCE)
		*after = JOIN_BOUNCE_MS;
	else if (!kept->code && kept->result != DELIVERY_ACCEPTED &&
		 !is_heard_of(kept->fault))
		*before = kept->recipient.len ? SILENCE_MS : SHORT_SILENCE_MS;
	else if (told->witness == WITNESS_BOUNCE)
		*before = JOIN_BOUNCE_MS;
}

static bool is_within(int64_t later, int64_t before, int64_t after)
{
	return later >= -before && later <= after;
}

/* Of times that two witnesses wrote down; neither is near the limits of its
 * type unless somebody made it up. */
static bool is_sane(int64_t time_ms)
{
	return time_ms > -(INT64_C(1) << 60) && time_ms < (INT64_C(1) << 60);
}

/* `before` is short here: over a silence, any zone would do. */
static void look_in_zones(
	struct gap *gap, int64_t later, int64_t after, int known_zone)
{
	int64_t zone = later / QUARTER_MS, rest;

	if (later % QUARTER_MS > QUARTER_MS - JOIN_NEAR_MS)
		zone++;
	else if (later % QUARTER_MS < -JOIN_NEAR_MS)
		zone--;
	rest = later - zone * QUARTER_MS;
	if (zone < -JOIN_ZONES || zone > JOIN_ZONES ||
		!is_within(rest, JOIN_NEAR_MS, after))
		return;
	gap->is_near_in_zone = true;
	gap->apart_ms = llabs(rest);
	gap->zone = (int)-zone;
	if (gap->zone != known_zone)
		gap->apart_ms += QUARTER_MS;
}

static struct gap gap_between(
	const struct delivery *told, const struct delivery *kept, int zone)
{
	struct gap gap = { .is_known = told->has_time && kept->has_time };
	int64_t before, after, later;

	gap.apart_ms = QUARTER_MS;
	if (!gap.is_known || !is_sane(told->time_ms) || !is_sane(kept->time_ms))
		return gap;
	margins_of(told, kept, &before, &after);
	later = kept->time_ms - told->time_ms;
	if (is_within(later, before, after)) {
		gap.is_near = true;
		gap.apart_ms = llabs(later);
		/* Nobody gives up waiting before it begins, but for the
		 * clocks: of two, it is the other. */
		if (before > JOIN_NEAR_MS && later > LOG_STEP_MS)
			gap.apart_ms += before;
	} else if (told->witness == WITNESS_LOG) {
		look_in_zones(&gap, later, after, zone);
	}
	return gap;
}

/* ---- signs */

struct signs {
	unsigned strength;
	bool is_linked; /* by an id */
	bool has_recipient, has_relay;
	enum reply_kinship reply;
	struct gap gap;
};

static struct span words_of(const struct delivery *delivery)
{
	return delivery->lacks_reply ? SPAN("") : delivery->text;
}

/* What a path did, and what an MTA made of it, are other words. */
static enum reply_kinship kinship_of(
	const struct delivery *told, const struct delivery *kept)
{
	enum reply_kinship kinship = reply_kinship(
		words_of(told), words_of(kept));

	if (kinship == REPLY_OTHER && (!told->code || !kept->code) &&
		kept->witness == WITNESS_CAPTURE &&
		told->result != DELIVERY_ACCEPTED)
		kinship = REPLY_UNTOLD;
	return kinship;
}

static unsigned worth_of_reply(enum reply_kinship reply)
{
	switch (reply) {
	case REPLY_SAME:
		return SIGN_SAME_REPLY;
	case REPLY_BEGINS:
		return SIGN_REPLY_BEGINS;
	case REPLY_UNTOLD:
	case REPLY_OTHER:
		break;
	}
	return 0;
}

/* Most of what is looked at is of another time. */
static bool is_far(const struct signs *signs)
{
	return !signs->is_linked && signs->gap.is_known &&
	       !signs->gap.is_near && !signs->gap.is_near_in_zone;
}

static struct signs signs_of(
	const struct delivery *told, const struct delivery *kept, int zone)
{
	struct signs signs = { .gap = gap_between(told, kept, zone) };
	bool has_queue_id = told->queue_id.len && kept->queue_id.len;
	bool has_message_id = told->message_id.len && kept->message_id.len;
	bool has_sender;

	signs.is_linked = has_queue_id || has_message_id;
	if (is_far(&signs))
		return signs;
	has_sender = told->has_sender && kept->has_sender &&
		     span_is_nocase(told->sender, kept->sender);
	signs.has_recipient = has_same_recipient(told, kept);
	signs.has_relay = told->has_relay && kept->has_relay;
	signs.reply = kinship_of(told, kept);
	signs.strength = (has_queue_id ? SIGN_QUEUE_ID : 0) |
			 (has_message_id ? SIGN_MESSAGE_ID : 0) |
			 worth_of_reply(signs.reply) |
			 (signs.has_relay ? SIGN_RELAY : 0) |
			 (signs.has_recipient ? SIGN_RECIPIENT : 0) |
			 (has_sender ? SIGN_SENDER : 0) |
			 (signs.gap.is_near ? SIGN_NEAR : 0);
	return signs;
}

/* A server's words are the same for hours; a time without a zone is not. */
static bool is_enough_by_reply(const struct signs *signs)
{
	if (signs->reply != REPLY_SAME && signs->reply != REPLY_BEGINS)
		return false;
	return signs->has_recipient &&
	       (signs->gap.is_near || signs->gap.is_near_in_zone ||
		       !signs->gap.is_known);
}

static bool has_same_end(const struct delivery *told,
	const struct delivery *kept, const struct signs *signs)
{
	if (told->result == kept->result)
		return true;
	if (kept->result == DELIVERY_UNKNOWN ||
		told->result == DELIVERY_UNKNOWN)
		return signs->has_relay;
	return has_failed(told) && has_failed(kept);
}

static bool is_enough(const struct delivery *told, const struct delivery *kept,
	const struct signs *signs)
{
	bool lacks_recipient = !told->recipient.len || !kept->recipient.len;

	if (signs->is_linked || is_enough_by_reply(signs))
		return true;
	if (!signs->gap.is_near || signs->reply == REPLY_OTHER)
		return false;
	if (lacks_recipient)
		return signs->has_relay;
	return signs->has_recipient && told->has_family && kept->has_family &&
	       has_same_end(told, kept, signs);
}

struct likeness delivery_likeness(
	const struct delivery *told, const struct delivery *kept, int zone)
{
	struct likeness likeness = { .strength = 0 };
	struct signs signs;

	signs = signs_of(told, kept, zone);
	if (!signs.strength || delivery_contradicts(told, kept) ||
		!is_enough(told, kept, &signs))
		return likeness;
	likeness.strength = signs.strength;
	likeness.apart_ms = signs.gap.apart_ms;
	likeness.zone = signs.gap.zone;
	likeness.knows_zone = signs.gap.is_near || signs.gap.is_near_in_zone;
	/* The end of a message: which attempt is nearest does not matter, the
	 * last one does.  A warning that it waits is of its own time. */
	if (signs.is_linked && kept->witness == WITNESS_BOUNCE &&
		kept->result != DELIVERY_DEFERRED) {
		likeness.apart_ms = 0;
		likeness.strength &= ~(unsigned)SIGN_NEAR;
	}
	return likeness;
}
