#include "pcap/annotate.h"

#include <stdlib.h>

#include "probe/base/escape.h"

static void add(
	struct annotations *annotations, uint64_t frame, struct span text)
{
	if (!frame)
		return;
	annotations->all = arena_grow(annotations->arena, annotations->all,
		annotations->count, &annotations->room,
		sizeof(*annotations->all));
	annotations->all[annotations->count] = (struct annotation){
		.frame = frame, .order = annotations->count, .text = text
	};
	annotations->count++;
}

/* ---- replies */

/* The stage of a command that has one; false for all others. */
static bool stage_of_verb(enum smtp_verb verb, enum stage *stage)
{
	static const struct {
		enum smtp_verb verb;
		enum stage stage;
	} stages[] = {
		{ SMTP_EHLO, STAGE_EHLO },
		{ SMTP_HELO, STAGE_EHLO },
		{ SMTP_LHLO, STAGE_EHLO },
		{ SMTP_STARTTLS, STAGE_STARTTLS },
		{ SMTP_MAIL, STAGE_MAIL },
		{ SMTP_RCPT, STAGE_RCPT },
		{ SMTP_DATA, STAGE_DATA },
		{ SMTP_QUIT, STAGE_QUIT },
	};

	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		if (stages[i].verb != verb)
			continue;
		*stage = stages[i].stage;
		return true;
	}
	return false;
}

/* False: it is an answer to nothing that the stages know. */
static bool stage_of(const struct session_record *record,
	const struct talk *talk, enum stage *stage)
{
	const struct talk *asked;

	if (talk->answers == ANSWERS_CONNECTION) {
		*stage = STAGE_BANNER;
		return true;
	}
	if (talk->answers != ANSWERS_TALK || talk->about >= record->talk_count)
		return false;
	asked = &record->talks[talk->about];
	*stage = STAGE_DOT;
	if (asked->kind == TALK_BODY)
		return true;
	if (asked->kind == TALK_CHUNK)
		return asked->body.is_last;
	return asked->kind == TALK_COMMAND &&
	       stage_of_verb(asked->line.verb, stage);
}

/* Yes is news only where the server takes something over. */
static bool is_decisive(const struct reply *reply, enum stage stage)
{
	return reply->code >= 400 || stage == STAGE_BANNER ||
	       stage == STAGE_STARTTLS || stage == STAGE_DOT;
}

static struct span code_text(struct arena *arena, const struct reply *reply)
{
	if (!reply_has_status(reply))
		return arena_print(arena, "%u", reply->code);
	return arena_print(arena, "%u %u.%u.%u", reply->code,
		reply->status.class, reply->status.subject,
		reply->status.detail);
}

/* What more there is to say of it. */
static struct span sequel(struct arena *arena, const struct reply *reply,
	enum stage stage, const struct evidence_path *path)
{
	if (path && path->is_refused && path->meaning.len &&
		path->fault->stage == stage &&
		path->refused_with == reply->code)
		return arena_print(arena, ", %.*s", SPAN_ARG(path->meaning));
	if (stage == STAGE_BANNER && path && path->host.len)
		return arena_print(arena, ", %.*s",
			SPAN_ARG(escape_text(arena, path->host)));
	if (stage == STAGE_STARTTLS && reply_is_yes(reply))
		return SPAN(": TLS begins behind it");
	if (stage == STAGE_DOT && reply_is_yes(reply))
		return SPAN(": the message is taken");
	return SPAN("");
}

static void annotate_reply(struct annotations *annotations,
	const struct session_record *record, const struct talk *talk,
	const struct evidence_path *path)
{
	struct arena *arena = annotations->arena;
	const struct reply *reply = talk->reply;
	enum stage stage;

	if (!talk->is_complete || !reply || !stage_of(record, talk, &stage) ||
		!is_decisive(reply, stage))
		return;
	add(annotations, talk->seen.frame,
		arena_print(arena, "%.*s at %s, %s%.*s",
			SPAN_ARG(code_text(arena, reply)), stage_word(stage),
			family_word(record->family),
			SPAN_ARG(sequel(arena, reply, stage, path))));
}

/* ---- TLS */

static void annotate_tls(struct annotations *annotations,
	const struct session_record *record, const struct talk *talk)
{
	struct arena *arena = annotations->arena;
	const struct tls_sight *tls = record->tls;
	struct span more = SPAN("");

	if (talk->who != SIDE_CLIENT)
		return;
	if (tls && tls->version)
		more = arena_print(arena, "%s", tls_version_word(tls->version));
	if (tls && tls->sni.len)
		more = arena_print(arena, "%.*s%sSNI %.*s", SPAN_ARG(more),
			more.len ? ", " : "",
			SPAN_ARG(escape_text(arena, tls->sni)));
	add(annotations, talk->began.frame,
		arena_print(arena, "TLS from here on, %s%s%.*s",
			family_word(record->family), more.len ? ": " : "",
			SPAN_ARG(more)));
}

/* ---- the path */

static void annotate_resent(
	struct annotations *annotations, const struct session_record *record)
{
	for (unsigned i = 0; i < SIDE_COUNT; i++) {
		const struct stream_side *side = &record->stream->sides[i];

		if (!side->resent_most)
			continue;
		add(annotations, side->resent_first.frame,
			arena_print(annotations->arena,
				"sent again here for the first time: %zu "
				"octets, %u times in all, %s",
				side->resent_len, side->resent_most,
				family_word(record->family)));
	}
}

static void annotate_icmp(
	struct annotations *annotations, const struct session_record *record)
{
	struct arena *arena = annotations->arena;

	for (size_t i = 0; i < record->cause.icmp_count && i < PATH_ICMP_MAX;
		i++) {
		const struct path_icmp *icmp = &record->cause.icmp[i];
		struct span more = SPAN("");

		if (icmp->mtu)
			more = arena_print(arena, ", MTU %u", icmp->mtu);
		add(annotations, icmp->seen.frame,
			arena_print(arena,
				"%s type %u code %u from %.*s about this "
				"connection%.*s",
				icmp->is_v6 ? "ICMPv6" : "ICMP", icmp->type,
				icmp->code,
				SPAN_ARG(ip_text(arena, &icmp->offender)),
				SPAN_ARG(more)));
	}
}

static void annotate_cause(
	struct annotations *annotations, const struct session_record *record)
{
	if (record->cause.cause == CAUSE_NONE)
		return;
	add(annotations, record->cause.evidence.frame,
		arena_print(annotations->arena, "%s, %s: %.*s",
			cause_word(record->cause.cause),
			family_word(record->family),
			SPAN_ARG(cause_text(
				annotations->arena, &record->cause))));
}

/* What ended the walk and was no reply stands where the connection ends. */
static void annotate_fault(struct annotations *annotations,
	const struct session_record *record, const struct evidence_path *path)
{
	if (!path || !path->fault || path->is_refused)
		return;
	add(annotations, record->stream->last.frame,
		arena_print(annotations->arena, "given up: %s at %s, %s",
			failure_word(path->fault->failure),
			stage_word(path->fault->stage),
			family_word(record->family)));
}

/* Whoever reads the file would take it for another attempt. */
static void annotate_trial(struct annotations *annotations,
	const struct session_record *record, const struct evidence_path *path)
{
	if (path && path->trial)
		add(annotations, record->stream->first.frame,
			arena_print(annotations->arena,
				ANNOTATION_TRIAL ": %s, %s", path->trial,
				family_word(record->family)));
}

void annotate_session(struct annotations *annotations,
	const struct session_record *record, const struct evidence_path *path)
{
	annotate_trial(annotations, record, path);
	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];

		if (talk->kind == TALK_REPLY)
			annotate_reply(annotations, record, talk, path);
		else if (talk->kind == TALK_TLS)
			annotate_tls(annotations, record, talk);
	}
	annotate_cause(annotations, record);
	annotate_resent(annotations, record);
	annotate_icmp(annotations, record);
	annotate_fault(annotations, record, path);
}

/* ---- by frame */

static int by_frame(const void *a, const void *b)
{
	const struct annotation *one = a, *other = b;

	if (one->frame != other->frame)
		return one->frame < other->frame ? -1 : 1;
	return one->order < other->order ? -1 : 1;
}

void annotations_sort(struct annotations *annotations)
{
	if (annotations->count)
		qsort(annotations->all, annotations->count,
			sizeof(*annotations->all), by_frame);
	annotations->next = 0;
}

struct span annotations_of(struct annotations *annotations, uint64_t frame)
{
	struct span text = SPAN("");

	while (annotations->next < annotations->count &&
		annotations->all[annotations->next].frame <= frame) {
		const struct annotation *one =
			&annotations->all[annotations->next++];

		if (one->frame != frame)
			continue;
		text = text.len ? arena_print(annotations->arena, "%.*s; %.*s",
					  SPAN_ARG(text), SPAN_ARG(one->text))
				: one->text;
	}
	return text;
}
