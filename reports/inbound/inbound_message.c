#include "reports/inbound/inbound_message.h"

#include "reports/inbound/inbound_delivery.h"
#include "reports/inbound/ses_notice.h"

enum { START_MAX = 4096 }; /* octets of a notice that tell its kind */

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
	struct span value = evidence_field(
		evidence, SPAN("X-Failed-Recipients"));

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
	return dsn_address(evidence_field(evidence, SPAN("To")));
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
	struct span value = evidence_field(evidence, SPAN("Auto-Submitted"));

	return signs & SIGN_AWAY ||
	       span_starts_nocase(value, SPAN("auto-replied"));
}

static bool is_feedback(const struct evidence *evidence, struct span words,
	struct feedback *feedback)
{
	const struct mail_part *part = mail_part_of(
		evidence->parts, PART_FEEDBACK);
	struct span subject = evidence_field(evidence, SPAN("Subject"));

	if (part)
		return feedback_read(evidence->arena, part->content, feedback);
	return feedback_read_subject(subject, feedback) ||
	       ses_complaint_read(evidence->arena, words, feedback);
}

static void read_feedback(struct evidence *evidence, struct span words,
	struct inbound_message *message)
{
	if (!is_feedback(evidence, words, &message->feedback))
		return;
	message->kind = INBOUND_FEEDBACK;
	message->feedback.from_domain = evidence->original.from_domain;
	message->feedback.message_id = evidence->original.message_id;
	if (!message->feedback.rcpt_to.len &&
		evidence->original.addressed_count)
		message->feedback.rcpt_to = evidence->original.addressed[0];
}

/* The start of the notice, with its headings: "---- fatal errors ----". */
static struct span start_of_notice(const struct evidence *evidence)
{
	const struct notice *notice = &evidence->notice;
	char *room = arena_take(evidence->arena, START_MAX);
	size_t len = 0;

	for (size_t i = 0; i < notice->count && len < START_MAX; i++) {
		struct span text = span_part(
			notice->lines[i].text, 0, START_MAX - 1 - len);

		if (text.len)
			memcpy(room + len, text.at, text.len);
		len += text.len;
		room[len++] = '\n';
	}
	return (struct span){ room, len };
}

/* Asked only where no part for machines answers it: it takes its time. */
static unsigned signs_of(struct evidence *evidence)
{
	return bounce_signs(evidence->arena, &evidence->parts->header,
		start_of_notice(evidence));
}

static void read_bounce(
	struct evidence *evidence, struct inbound_message *message)
{
	unsigned signs = 0;

	read_words(evidence);
	if (evidence->status.recipient_count)
		deliveries_from_status(evidence);
	else
		signs = signs_of(evidence);
	if (signs && is_bounce(evidence, signs))
		deliveries_from_words(evidence, signs);
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

	return part ? part->content
		    : notice_unquoted(
			      evidence->arena, evidence->notice.original);
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
	read_feedback(&evidence, words, message);
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
