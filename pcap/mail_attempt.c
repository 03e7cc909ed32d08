#include "pcap/mail_attempt.h"

/* clang-format off */
static const char *const words[] = {
	[MAIL_UNFINISHED] = "unfinished",
	[MAIL_UNKNOWN] = "unknown",
	[MAIL_ACCEPTED] = "accepted",
	[MAIL_DEFERRED] = "deferred",
	[MAIL_REJECTED] = "rejected",
	[MAIL_ABORTED] = "aborted",
};
/* clang-format on */

const char *mail_outcome_word(enum mail_outcome outcome)
{
	return words[outcome];
}

struct span mail_path(struct span line)
{
	size_t open = span_find(line, '<');
	struct span path = span_part(line, open + 1, line.len);

	if (open == line.len) { /* MAIL FROM:a@b */
		path = span_part(line, span_find(line, ':') + 1, line.len);
		path = span_trim(path);
		return span_cut(&path, ' ');
	}
	return span_part(path, 0, span_find(path, '>'));
}

/* The attempts of one session, while they are collected. */
struct attempts {
	struct arena *arena;
	const struct talk *talks;
	struct mail_attempt *list;
	size_t count, room;
	struct mail_attempt *now; /* the one that is open, or NULL */
	struct mail_recipient *recipients;
	size_t recipient_room;
	size_t refused;   /* recipients */
	bool has_not_now; /* one of them by a 4xx */
	uint32_t last_refusal;
};

static unsigned code_of(const struct attempts *attempts, uint32_t reply)
{
	return reply ? attempts->talks[reply - 1].reply->code : 0;
}

static void close_with(
	struct attempts *attempts, enum mail_outcome outcome, uint32_t reply)
{
	attempts->now->outcome = outcome;
	attempts->now->deciding = reply;
	attempts->now = NULL;
}

static bool all_refused(const struct attempts *attempts)
{
	const struct mail_attempt *now = attempts->now;

	return now->recipient_count &&
	       attempts->refused == now->recipient_count;
}

/* No message came: was that the server's doing, or the client's? */
static void give_up(struct attempts *attempts, enum mail_outcome outcome)
{
	struct mail_attempt *now = attempts->now;

	if (!now)
		return;
	if (now->recipient_count && attempts->refused == now->recipient_count)
		close_with(attempts,
			attempts->has_not_now ? MAIL_DEFERRED : MAIL_REJECTED,
			attempts->last_refusal);
	else
		close_with(attempts, outcome, 0);
}

static enum mail_outcome refusal(unsigned code)
{
	return code / 100 == 4 ? MAIL_DEFERRED : MAIL_REJECTED;
}

static void take_mail(struct attempts *attempts, uint32_t place)
{
	const struct talk *talk = &attempts->talks[place];
	unsigned code = code_of(attempts, talk->answered_by);

	give_up(attempts, MAIL_ABORTED);
	attempts->list = arena_grow(attempts->arena, attempts->list,
		attempts->count, &attempts->room, sizeof(*attempts->list));
	attempts->now = &attempts->list[attempts->count++];
	*attempts->now = (struct mail_attempt){
		.mail = place + 1,
		.from = mail_path(talk->line.text),
	};
	attempts->recipients = NULL;
	attempts->recipient_room = 0;
	attempts->refused = 0;
	attempts->has_not_now = false;
	attempts->last_refusal = 0;
	if (code >= 400)
		close_with(attempts, refusal(code), talk->answered_by);
}

static void take_rcpt(struct attempts *attempts, uint32_t place)
{
	const struct talk *talk = &attempts->talks[place];
	unsigned code = code_of(attempts, talk->answered_by);
	struct mail_attempt *now = attempts->now;

	if (!now)
		return;
	attempts->recipients = arena_grow(attempts->arena, attempts->recipients,
		now->recipient_count, &attempts->recipient_room,
		sizeof(*attempts->recipients));
	attempts->recipients[now->recipient_count++] = (struct mail_recipient){
		.rcpt = place + 1,
		.to = mail_path(talk->line.text),
	};
	now->recipients = attempts->recipients;
	if (code < 400)
		return;
	attempts->refused++;
	attempts->has_not_now |= code / 100 == 4;
	attempts->last_refusal = talk->answered_by;
}

static void take_data(struct attempts *attempts, uint32_t place)
{
	const struct talk *talk = &attempts->talks[place];
	unsigned code = code_of(attempts, talk->answered_by);

	if (!attempts->now)
		return;
	attempts->now->data = place + 1;
	if (code < 400)
		return;
	/* Without a recipient DATA is refused too, and says nothing new. */
	if (all_refused(attempts))
		give_up(attempts, MAIL_ABORTED);
	else
		close_with(attempts, refusal(code), talk->answered_by);
}

static void take_answer(
	struct attempts *attempts, const struct talk *talk, bool is_last)
{
	unsigned code = code_of(attempts, talk->answered_by);

	if (code >= 400)
		close_with(attempts, refusal(code), talk->answered_by);
	else if (code && is_last)
		close_with(attempts, MAIL_ACCEPTED, talk->answered_by);
	else if (is_last)
		close_with(attempts, MAIL_UNKNOWN, 0);
}

/* A chunk of 0 octets, or one that is refused for its syntax, is the command
 * alone. */
static void take_bdat(struct attempts *attempts, uint32_t place)
{
	const struct talk *talk = &attempts->talks[place];

	if (!attempts->now || !talk->answered_by)
		return;
	take_answer(attempts, talk,
		span_ends_nocase(talk->line.text, SPAN(" LAST")));
}

static void take_body(struct attempts *attempts, uint32_t place)
{
	const struct talk *talk = &attempts->talks[place];

	if (!attempts->now)
		return;
	attempts->now->body = place + 1;
	attempts->now->octets += talk->body.octets;
	take_answer(
		attempts, talk, talk->kind == TALK_BODY || talk->body.is_last);
}

static void take_command(struct attempts *attempts, uint32_t place)
{
	switch (attempts->talks[place].line.verb) {
	case SMTP_MAIL:
		take_mail(attempts, place);
		break;
	case SMTP_RCPT:
		take_rcpt(attempts, place);
		break;
	case SMTP_DATA:
		take_data(attempts, place);
		break;
	case SMTP_BDAT:
		take_bdat(attempts, place);
		break;
	case SMTP_EHLO:
	case SMTP_HELO:
	case SMTP_LHLO:
	case SMTP_RSET:
	case SMTP_QUIT:
		give_up(attempts, MAIL_ABORTED);
		break;
	case SMTP_STARTTLS:
	case SMTP_AUTH:
	case SMTP_NOOP:
	case SMTP_VRFY:
	case SMTP_EXPN:
	case SMTP_HELP:
	case SMTP_OTHER:
		break;
	}
}

size_t mail_attempts(struct arena *arena, const struct talk *talks,
	size_t count, const struct mail_attempt **list)
{
	struct attempts attempts = { .arena = arena, .talks = talks };

	for (uint32_t i = 0; i < count; i++) {
		if (talks[i].kind == TALK_COMMAND && talks[i].is_complete)
			take_command(&attempts, i);
		else if (talks[i].kind == TALK_BODY ||
			 talks[i].kind == TALK_CHUNK)
			take_body(&attempts, i);
	}
	give_up(&attempts, MAIL_UNFINISHED);
	*list = attempts.list;
	return attempts.count;
}
