#include "pcap/session_visit.h"

#include "pcap/session_fault.h"
#include "probe/facts/fault.h"

/* A visit under way. */
struct telling {
	struct arena *arena;
	const struct session_record *record;
	struct visit *visit;
	enum stage *stages; /* of each talk */
	uint64_t latest_ns; /* no event is before it */
	struct fault *fault;
};

/* clang-format off */
/* Of the others none says where it belongs: STAGE_RESOLVE. */
static const enum stage stages[SMTP_VERBS] = {
	[SMTP_EHLO] = STAGE_EHLO,
	[SMTP_HELO] = STAGE_EHLO,
	[SMTP_LHLO] = STAGE_EHLO,
	[SMTP_STARTTLS] = STAGE_STARTTLS,
	[SMTP_MAIL] = STAGE_MAIL,
	[SMTP_RCPT] = STAGE_RCPT,
	[SMTP_DATA] = STAGE_DATA,
	[SMTP_BDAT] = STAGE_DATA,
	[SMTP_QUIT] = STAGE_QUIT,
};
/* clang-format on */

enum stage talk_stage(const struct talk *talk, enum stage before)
{
	enum stage own = STAGE_RESOLVE;

	if (talk->kind == TALK_BODY || talk->kind == TALK_CHUNK)
		return STAGE_DOT;
	if (talk->kind == TALK_TLS)
		return STAGE_TLS;
	if (talk->kind == TALK_COMMAND)
		own = stages[talk->line.verb];
	return own == STAGE_RESOLVE ? before : own;
}

static enum stage stage_of(
	const struct telling *telling, size_t place, enum stage before)
{
	const struct talk *talk = &telling->record->talks[place];

	if (talk->kind != TALK_REPLY)
		return talk_stage(talk, before);
	switch (talk->answers) {
	case ANSWERS_NOTHING:
		return before;
	case ANSWERS_CONNECTION:
		return STAGE_BANNER;
	case ANSWERS_TALK:
		return telling->stages[talk->about];
	}
	return before;
}

/* Captures may have clocks that run backwards; events may not. */
static uint64_t since_begin(struct telling *telling, struct sighting seen)
{
	int64_t ns = seen.time_ns - telling->record->stream->first.time_ns;

	if (ns > 0 && (uint64_t)ns > telling->latest_ns)
		telling->latest_ns = (uint64_t)ns;
	return telling->latest_ns;
}

static struct event *add(struct telling *telling, struct sighting seen,
	enum event_kind kind, enum stage stage)
{
	telling->visit->last = stage;
	return transcript_add(&telling->visit->transcript, telling->arena,
		since_begin(telling, seen), kind, stage);
}

/* ---- what was said */

static void take_ehlo(struct telling *telling, const struct talk *reply)
{
	const struct talk *talk = &telling->record->talks[reply->about];
	struct visit *visit = telling->visit;
	struct span name = talk->line.text;

	if (!reply_is_yes(reply->reply))
		return;
	span_cut(&name, ' ');
	visit->ehlo_name = span_trim(name);
	visit->used_helo = talk->line.verb == SMTP_HELO;
	visit->has_ehlo = talk->line.verb == SMTP_EHLO;
	if (visit->has_ehlo)
		ehlo_parse(telling->arena, reply->reply, &visit->ehlo);
}

static void take_reply(struct telling *telling, size_t place, enum stage stage)
{
	const struct talk *talk = &telling->record->talks[place];
	bool is_well = reply_is_yes(talk->reply) ||
		       (stage == STAGE_DATA && talk->reply->code == 354);

	add(telling, talk->seen, EVENT_HEARD, stage)->heard = talk->reply;
	if (talk->answers != ANSWERS_NOTHING && is_well)
		telling->visit->reached[stage] = true;
	if (stage == STAGE_EHLO && talk->answers == ANSWERS_TALK)
		take_ehlo(telling, talk);
}

static void take_talk(struct telling *telling, size_t place, enum stage stage)
{
	const struct talk *talk = &telling->record->talks[place];
	struct event *event;

	switch (talk->kind) {
	case TALK_REPLY:
		take_reply(telling, place, stage);
		break;
	case TALK_COMMAND:
	case TALK_ANSWER:
		event = add(telling, talk->seen, EVENT_SAID, stage);
		event->said = arena_print(
			telling->arena, "%.*s\r\n", SPAN_ARG(talk->line.text));
		break;
	case TALK_BODY:
	case TALK_CHUNK:
		event = add(telling, talk->seen, EVENT_SAID, stage);
		event->message_size = (size_t)(talk->body.octets -
					       talk->body.dots);
		break;
	case TALK_TLS:
		if (talk->who == SIDE_SERVER)
			add(telling, talk->seen, EVENT_TLS, stage)->tls =
				telling->visit->tls;
		break;
	case TALK_HOLE:
	case TALK_FRAGMENT:
	case TALK_JUNK:
		break;
	}
}

static void take_talks(struct telling *telling)
{
	const struct session_record *record = telling->record;
	enum stage stage = STAGE_BANNER;

	telling->stages = arena_take(telling->arena,
		(record->talk_count + 1) * sizeof(*telling->stages));
	for (size_t i = 0; i < record->talk_count; i++) {
		stage = stage_of(telling, i, stage);
		telling->stages[i] = stage;
		take_talk(telling, i, stage);
	}
}

/* ---- TLS and TCP */

static void put_tls(struct telling *telling)
{
	const struct tls_sight *sight = telling->record->tls;
	struct session *session;

	if (!sight || !sight->has_server_hello)
		return;
	session = arena_new(telling->arena, struct session);
	session->version = span_of(tls_version_word(sight->version));
	session->cipher = tls_suite_word(telling->arena, sight->suite);
	session->sni = sight->sni;
	session->chain = sight->chain;
	session->chain_count = sight->chain_count;
	telling->visit->tls = session;
	telling->visit->reached[STAGE_TLS] = sight->was_finished;
}

static void put_tcp(struct telling *telling)
{
	const struct stream *stream = telling->record->stream;
	const struct stream_side *client = &stream->sides[SIDE_CLIENT];
	struct tcp_facts *tcp = &telling->visit->tcp;

	tcp->is_known = true;
	tcp->retransmits = (unsigned)client->resent;
	tcp->send_mss = (unsigned)client->largest_sent;
	tcp->receive_mss = (unsigned)stream->sides[SIDE_SERVER].largest_sent;
	tcp->acked = client->acked;
	if (stream->syn.frame && stream->syn_ack.frame &&
		stream->syn_ack.time_ns > stream->syn.time_ns)
		tcp->rtt_us = (unsigned)((stream->syn_ack.time_ns -
						 stream->syn.time_ns) /
					 1000);
}

static void put_ends(struct telling *telling)
{
	const struct session_record *record = telling->record;
	struct path *path = arena_new(telling->arena, struct path);
	struct visit *visit = telling->visit;

	path->host = record->server_name.len
			     ? record->server_name
			     : ip_text(telling->arena, &record->server);
	path->family = record->family;
	path->remote = record->server;
	path->port = record->server_port;
	visit->path = path;
	visit->source = (struct source){
		.is_known = true,
		.ip = record->client,
		.port = record->client_port,
		.kind = ip_kind(&record->client),
	};
}

/* ---- what went wrong */

/* As the live walk names them (RFC 792, RFC 4443 section 3.1); what ran out of
 * hops does not find its host. */
static enum failure failure_of_icmp(const struct path_icmp *icmp)
{
	unsigned unreachable = icmp->is_v6 ? 1 : 3;
	unsigned port = icmp->is_v6 ? 4 : 3;

	if (icmp->type != unreachable)
		return FAILURE_HOST_UNREACHABLE;
	if (icmp->code == port)
		return FAILURE_PORT_UNREACHABLE;
	if (icmp->is_v6)
		return icmp->code == 2 || icmp->code == 3
			       ? FAILURE_HOST_UNREACHABLE
			       : FAILURE_NETWORK_UNREACHABLE;
	return icmp->code == 1 ? FAILURE_HOST_UNREACHABLE
			       : FAILURE_NETWORK_UNREACHABLE;
}

static void put_icmp(struct fault *fault, const struct path_cause *cause)
{
	for (size_t i = 0; i < cause->icmp_count; i++) {
		const struct path_icmp *icmp = &cause->icmp[i];

		if (icmp->seen.frame != cause->evidence.frame)
			continue;
		fault->icmp = (struct icmp_error){
			.is_known = true,
			.family = icmp->is_v6 ? FAMILY_IPV6 : FAMILY_IPV4,
			.type = icmp->type,
			.code = icmp->code,
			.has_offender = true,
			.offender = icmp->offender,
		};
		if (cause->cause == CAUSE_UNREACHABLE)
			fault->failure = failure_of_icmp(icmp);
	}
}

/* False: the path did what it should. */
static bool failure_of_path(enum cause cause, enum failure *failure)
{
	switch (cause) {
	case CAUSE_NONE:
	case CAUSE_HALF_OPEN:
	case CAUSE_CLIENT_SILENT:
		return false;
	case CAUSE_REFUSED:
		*failure = FAILURE_CONNECTION_REFUSED;
		return true;
	case CAUSE_PROHIBITED:
		*failure = FAILURE_ADMIN_PROHIBITED;
		return true;
	case CAUSE_UNREACHABLE:
		*failure = FAILURE_NETWORK_UNREACHABLE;
		return true;
	case CAUSE_RESET:
		*failure = FAILURE_CONNECTION_RESET;
		return true;
	case CAUSE_NO_ANSWER:
	case CAUSE_BLACK_HOLE:
	case CAUSE_TOO_BIG:
	case CAUSE_STALL:
	case CAUSE_SERVER_SILENT:
		*failure = FAILURE_TIMEOUT;
		return true;
	}
	return false;
}

static struct fault *new_fault(
	struct telling *telling, enum failure failure, enum stage stage)
{
	struct fault *fault = arena_new(telling->arena, struct fault);

	fault->failure = failure;
	fault->stage = stage;
	telling->fault = fault;
	return fault;
}

static void blame_path(struct telling *telling)
{
	const struct path_cause *cause = &telling->record->cause;
	bool is_open = telling->visit->reached[STAGE_CONNECT];
	enum failure failure;
	struct fault *fault;

	if (!failure_of_path(cause->cause, &failure))
		return;
	fault = new_fault(telling, failure,
		is_open ? telling->visit->last : STAGE_CONNECT);
	fault->why = cause_text(telling->arena, cause);
	put_icmp(fault, cause);
}

static void blame_reply(struct telling *telling, size_t place)
{
	const struct reply *reply = telling->record->talks[place].reply;
	struct fault *fault;

	fault = new_fault(telling,
		reply_is_not_now(reply) ? FAILURE_SMTP_4XX : FAILURE_SMTP_5XX,
		telling->stages[place]);
	fault->reply = reply;
	fault->why = reply_text(reply, 0);
}

/* A server that says no before there is a mail. */
static void blame_beginning(struct telling *telling)
{
	const struct session_record *record = telling->record;

	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];
		enum stage stage = telling->stages[i];

		if (talk->kind != TALK_REPLY || talk->reply->code < 400 ||
			talk->answers == ANSWERS_NOTHING)
			continue;
		if (stage == STAGE_BANNER ||
			(stage == STAGE_EHLO &&
				!telling->visit->reached[stage])) {
			blame_reply(telling, i);
			return;
		}
	}
}

static void blame_replies(struct telling *telling)
{
	const struct session_record *record = telling->record;

	for (size_t i = 0; i < record->mail_count; i++) {
		const struct mail_attempt *mail = &record->mails[i];

		if (mail->deciding && mail->outcome != MAIL_ACCEPTED) {
			blame_reply(telling, mail->deciding - 1);
			return;
		}
	}
	if (!record->mail_count)
		blame_beginning(telling);
}

static void blame_tls(struct telling *telling)
{
	const struct tls_sight *sight = telling->record->tls;
	struct fault *fault;

	if (!sight || sight->was_finished)
		return;
	fault = new_fault(telling, FAILURE_TLS_HANDSHAKE, STAGE_TLS);
	fault->why =
		sight->has_alert[1]
			? arena_print(telling->arena,
				  "the server ended the TLS handshake with "
				  "alert %u",
				  sight->alert[1])
			: span_of("the TLS handshake did not come to its "
				  "end");
}

static void blame_closed(struct telling *telling)
{
	enum stage stage;

	if (!session_hung_up(telling->record, &stage))
		return;
	new_fault(telling, FAILURE_SMTP_CLOSED, stage)->why = arena_print(
		telling->arena, "the server hung up %s",
		session_hung_up_when(stage));
}

/* QUIT behind a fault is no stage that was reached. */
static bool is_goodbye_behind(const struct transcript *transcript, size_t i)
{
	while (i < transcript->count &&
		transcript->events[i].kind != EVENT_SAID)
		i++;
	return i < transcript->count &&
	       transcript->events[i].stage == STAGE_QUIT;
}

/* It is a fault from its reply on; a live walk then only says goodbye. */
static void fault_behind_reply(struct telling *telling)
{
	struct transcript *transcript = &telling->visit->transcript;
	const struct fault *fault = telling->fault;
	struct event event = {
		.kind = EVENT_FAULT, .stage = fault->stage, .fault = fault
	};
	size_t i = 0;

	while (i < transcript->count &&
		!(transcript->events[i].kind == EVENT_HEARD &&
			transcript->events[i].heard == fault->reply))
		i++;
	if (i == transcript->count)
		return;
	event.at_ns = transcript->events[i].at_ns;
	transcript_add(transcript, telling->arena, event.at_ns, EVENT_FAULT,
		fault->stage);
	memmove(&transcript->events[i + 2], &transcript->events[i + 1],
		(transcript->count - i - 2) * sizeof(event));
	transcript->events[i + 1] = event;
	if (!is_goodbye_behind(transcript, i + 2))
		return;
	telling->visit->reached[STAGE_QUIT] = false;
	telling->visit->last = fault->stage;
}

static void put_fault(struct telling *telling)
{
	blame_replies(telling);
	if (!telling->fault)
		blame_path(telling);
	if (!telling->fault)
		blame_tls(telling);
	if (!telling->fault)
		blame_closed(telling);
	if (!telling->fault)
		return;
	telling->visit->fault = telling->fault;
	if (telling->fault->reply) {
		fault_behind_reply(telling);
		return;
	}
	add(telling, telling->record->stream->last, EVENT_FAULT,
		telling->fault->stage)
		->fault = telling->fault;
}

struct visit *session_visit(
	struct arena *arena, const struct session_record *record)
{
	const struct stream *stream = record->stream;
	struct telling telling = { .arena = arena, .record = record };
	struct visit *visit = arena_new(arena, struct visit);

	telling.visit = visit;
	visit->state = VISIT_WALKED;
	visit->last = STAGE_CONNECT;
	if (record->has_time)
		visit->wall_ms = stream->first.time_ns / 1000000;
	visit->reached[STAGE_CONNECT] = stream->established.frame ||
					record->talk_count;
	put_ends(&telling);
	put_tcp(&telling);
	put_tls(&telling);
	if (visit->reached[STAGE_CONNECT])
		add(&telling,
			stream->established.frame ? stream->established
						  : stream->first,
			EVENT_CONNECTED, STAGE_CONNECT);
	take_talks(&telling);
	put_fault(&telling);
	if (record->end != SESSION_END_OPEN)
		transcript_add(&visit->transcript, arena, telling.latest_ns,
			EVENT_CLOSED, STAGE_QUIT);
	visit->ended_ns = telling.latest_ns;
	return visit;
}
