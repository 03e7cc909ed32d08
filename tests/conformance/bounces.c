/*
 * public/gold.jsonl    real bounces: recipient, replycode, deliverystatus,
 *                      policy_acceptable
 * lab/gold.jsonl       bounces that real MTAs wrote over both families:
 *                      policy, family, stage
 * negatives/           mail that is no bounce
 *
 * What a bounce does not tell is not asked: a status that a tool made up, a
 * reply that did not survive in it, a family that is nowhere in it.
 */
#include <glob.h>
#include <stdio.h>

#include "probe/base/file.h"
#include "probe/judge/delivery_meaning.h"
#include "reports/inbound/inbound_message.h"
#include "tests/conformance/conformance.h"

enum { MAIL_OCTETS_MAX = 64 * 1024 * 1024, POLICIES_MAX = 64 };

enum share_of {
	RECIPIENT,
	CODE,
	STATUS,
	POLICY,
	POLICY_MACRO,
	OTHER_MAIL,
	STAGE,
	LAB_POLICY,
	LAB_IPV6_RULE,
	LAB_FAMILY,
	LAB_RELAY,
	LAB_STAGE,
	NEGATIVES,
};

/* clang-format off */
static struct share shares[] = {
	[RECIPIENT]     = { .field = "recipient",         .goal = 995 },
	[CODE]          = { .field = "reply code",        .goal = 990 },
	[STATUS]        = { .field = "enhanced status",   .goal = 990 },
	[POLICY]        = { .field = "policy",            .goal = 970 },
	[POLICY_MACRO]  = { .field = "policy, per mille averaged over policies",
		.goal = 920 },
	[OTHER_MAIL]    = { .field = "feedback and autoreplies", .goal = 1000 },
	[STAGE]         = { .field = "stage" },
	[LAB_POLICY]    = { .field = "lab policy",        .goal = 950 },
	[LAB_IPV6_RULE] = { .field = "lab IPv6-only rule", .goal = 1000 },
	[LAB_FAMILY]    = { .field = "lab family",        .goal = 1000 },
	[LAB_RELAY]     = { .field = "lab relay address" },
	[LAB_STAGE]     = { .field = "lab stage" },
	[NEGATIVES]     = { .field = "negatives",         .goal = 1000 },
};
/* clang-format on */

/* How often each policy was wanted, and what it was taken for. */
static size_t taken[POLICIES_MAX][POLICIES_MAX];
static size_t wanted_count[POLICIES_MAX], met_count[POLICIES_MAX];
static char data_folder[4096]; /* that holds public, lab and negatives */

static size_t policy_index(struct span word)
{
	const char *policy;

	for (size_t i = 0; (policy = codebook_policy(i)); i++)
		if (span_is(word, span_of(policy)))
			return i;
	return 0;
}

/* ---- the mail */

static bool read_file(struct arena *arena, struct span name, struct span *bytes)
{
	struct span why;

	return file_read(arena, name.at, MAIL_OCTETS_MAX, bytes, &why);
}

static struct span base_name(struct span path)
{
	size_t at = path.len;

	while (at > 0 && path.at[at - 1] != '/')
		at--;
	return span_part(path, at, path.len);
}

/*
 * Some of the mails were made for the source's own tests, and quote a link
 * whose last word is the answer.
 */
static struct span without_answers(struct arena *arena, struct span bytes)
{
	struct span link = SPAN("/reason/#");
	char *room = arena_take(arena, bytes.len + 1);
	size_t at = 0;

	memcpy(room, bytes.at, bytes.len);
	while ((at += span_find(span_part(bytes, at, bytes.len), '/')) <
		bytes.len) {
		bool is_link = span_starts_nocase(
			span_part(bytes, at, bytes.len), link);

		at += is_link ? link.len : 1;
		while (is_link && at < bytes.len &&
			ascii_is_alpha(bytes.at[at]))
			room[at++] = 'x';
	}
	return (struct span){ room, bytes.len };
}

/* `file` is a path beside gold.jsonl, or a name in the source's own tree. */
static bool read_mail(
	struct suite_question *question, struct inbound_message *message)
{
	struct arena *arena = question->arena;
	struct span file = question_text(question, "file");
	struct span bytes;

	snprintf(data_folder, sizeof(data_folder), "%s/..", question->folder);
	if (!read_file(arena,
		    arena_print(
			    arena, "%s/%.*s", question->folder, SPAN_ARG(file)),
		    &bytes) &&
		!read_file(arena,
			arena_print(arena, "%s/eml/%.*s", question->folder,
				SPAN_ARG(base_name(file))),
			&bytes))
		return false;
	inbound_message_read(arena, without_answers(arena, bytes), message);
	return true;
}

/* The wanted one; without a name the first. */
static const struct delivery *find(
	const struct inbound_message *message, struct span recipient)
{
	for (size_t i = 0; i < message->delivery_count; i++) {
		const struct delivery *delivery = &message->deliveries[i];

		if (!recipient.len ||
			span_is_nocase(delivery->recipient, recipient) ||
			span_is_nocase(delivery->original_recipient, recipient))
			return delivery;
	}
	return NULL;
}

/* ---- fields */

static struct span code_text(struct arena *arena, unsigned code)
{
	return code ? arena_print(arena, "%03u", code) : SPAN("");
}

static struct span status_text(
	struct arena *arena, const unsigned status[static 3])
{
	return status[0] ? arena_print(arena, "%u.%u.%u", status[0], status[1],
				   status[2])
			 : SPAN("");
}

static void check_code(
	struct suite_question *question, const struct delivery *delivery)
{
	struct span wanted = question_text(question, "replycode");
	struct span in_text = question_text(question, "replycode_in_text");
	struct span got = SPAN("");

	if (!wanted.len)
		return;
	if (delivery)
		got = code_text(question->arena, delivery->code);
	if (!share_count(&shares[CODE],
		    got.len && (span_is(got, wanted) || span_is(got, in_text))))
		question_note(question, "code %.*s, wanted %.*s", SPAN_ARG(got),
			SPAN_ARG(wanted));
}

static void check_status(
	struct suite_question *question, const struct delivery *delivery)
{
	struct span wanted = question_text(question, "deliverystatus");
	struct span got = SPAN("");

	if (!wanted.len || question_bool(question, "deliverystatus_pseudo"))
		return;
	if (delivery)
		got = status_text(question->arena, delivery->status);
	if (!share_count(&shares[STATUS], span_is(got, wanted)))
		question_note(question, "status %.*s, wanted %.*s",
			SPAN_ARG(got), SPAN_ARG(wanted));
}

static struct codebook_answer meaning_of(
	struct suite_question *question, const struct delivery *delivery)
{
	const struct codebook *codebook = codebook_embedded(question->arena);

	if (!delivery)
		return (struct codebook_answer){ .policy = SPAN("unknown") };
	return delivery_meaning(codebook, delivery);
}

static void note_policy(struct suite_question *question, struct span wanted,
	const struct codebook_answer *answer, const struct delivery *delivery)
{
	question_note(question, "policy %.*s by %.*s, wanted %.*s: %.*s",
		SPAN_ARG(answer->policy),
		SPAN_ARG(answer->row ? answer->row->id : SPAN("no row")),
		SPAN_ARG(wanted),
		SPAN_ARG(delivery ? span_part(delivery->text, 0, 160)
				  : SPAN("no such recipient")));
}

static void check_policy(
	struct suite_question *question, const struct delivery *delivery)
{
	struct codebook_answer answer = meaning_of(question, delivery);
	struct span wanted = question_text(question, "policy");
	size_t row = policy_index(wanted);
	struct span got = arena_copy(question->arena, answer.policy);
	bool is_met = delivery &&
		      question_lists(question, "policy_acceptable", got.at);

	wanted_count[row]++;
	met_count[row] += is_met;
	if (!is_met)
		taken[row][policy_index(got)]++;
	if (!share_count(&shares[POLICY], is_met))
		note_policy(question, wanted, &answer, delivery);
}

/* clang-format off */
static const struct stage_row {
	const char *phase;
	enum stage stage;
} stages[] = {
	{ "routing",   STAGE_RESOLVE }, { "connect",   STAGE_CONNECT },
	{ "connect",   STAGE_BANNER },  { "ehlo",      STAGE_EHLO },
	{ "ehlo",      STAGE_BANNER },  { "mail-from", STAGE_MAIL },
	{ "rcpt-to",   STAGE_RCPT },    { "data",      STAGE_DATA },
	{ "data",      STAGE_DOT },
};
/* clang-format on */

static void check_stage(struct suite_question *question, struct share *share,
	struct span phase, const struct delivery *delivery)
{
	bool is_met = false;

	for (size_t i = 0; i < COUNT_OF(stages); i++)
		is_met |= delivery && delivery->has_stage &&
			  delivery->stage == stages[i].stage &&
			  span_is(phase, span_of(stages[i].phase));
	if (phase.len && !share_count(share, is_met))
		question_note(question, "stage %s, wanted %.*s",
			delivery && delivery->has_stage
				? stage_word(delivery->stage)
				: "unknown",
			SPAN_ARG(phase));
}

/* ---- rows */

static enum verdict verdict_of(const struct suite_question *question)
{
	return question->why.len ? VERDICT_SHORT : VERDICT_PASS;
}

/* A complaint or an answer of somebody: no delivery failed. */
static void check_other(
	struct suite_question *question, const struct inbound_message *message)
{
	bool is_feedback = span_is(
		question_text(question, "kind"), SPAN("feedback"));
	bool is_met = is_feedback ? message->kind == INBOUND_FEEDBACK
				  : message->kind != INBOUND_BOUNCE;

	if (!share_count(&shares[OTHER_MAIL], is_met))
		question_note(question, "it is taken for: %s",
			inbound_kind_word(message->kind));
}

static void judge_public(
	struct suite_question *question, const struct inbound_message *message)
{
	struct span recipient = question_text(question, "recipient");
	const struct delivery *delivery = find(message, recipient);

	if (!span_is(question_text(question, "kind"), SPAN("bounce"))) {
		check_other(question, message);
		return;
	}
	if (recipient.len && !share_count(&shares[RECIPIENT], delivery))
		question_note(question, "recipient %.*s is not found",
			SPAN_ARG(recipient));
	check_code(question, delivery);
	check_status(question, delivery);
	check_policy(question, delivery);
	check_stage(question, &shares[STAGE], question_text(question, "phase"),
		delivery);
}

static void check_family(
	struct suite_question *question, const struct delivery *delivery)
{
	struct span peer = question_text(question, "peer_ip_in_bounce");
	bool is_told = peer.len ||
		       question_bool(question, "client_ip_in_bounce");
	const char *wanted = span_is(question_text(question, "family"),
				     SPAN("v6"))
				     ? "IPv6"
				     : "IPv4";
	struct ip ip;

	if (is_told && !share_count(&shares[LAB_FAMILY],
			       delivery && delivery->has_family &&
				       strcmp(family_word(delivery->family),
					       wanted) == 0))
		question_note(question, "the family is not %s", wanted);
	if (peer.len && ip_parse(peer, &ip) &&
		!share_count(&shares[LAB_RELAY],
			delivery && delivery->has_relay &&
				ip_is(&delivery->relay, &ip)))
		question_note(
			question, "the relay is not %.*s", SPAN_ARG(peer));
}

static void judge_lab(
	struct suite_question *question, const struct inbound_message *message)
{
	const struct delivery *delivery = find(message, SPAN(""));
	struct span wanted = question_text(question, "policy");
	struct codebook_answer answer = meaning_of(question, delivery);
	bool is_met = span_is(answer.policy, wanted);

	check_family(question, delivery);
	if (!question_bool(question, "reply_survives"))
		return;
	if (!share_count(&shares[LAB_POLICY], is_met))
		note_policy(question, wanted, &answer, delivery);
	if (span_is(wanted, SPAN("ipv6-specific")))
		share_count(&shares[LAB_IPV6_RULE], is_met);
	check_stage(question, &shares[LAB_STAGE],
		question_text(question, "stage"), delivery);
}

static enum verdict judge(struct suite_question *question)
{
	struct inbound_message message;

	if (!read_mail(question, &message))
		return question_fail(question, "the mail cannot be read");
	if (question_has(question, "policy_acceptable"))
		judge_public(question, &message);
	else
		judge_lab(question, &message);
	return verdict_of(question);
}

/* ---- after all rows */

static void ask_negative(const char *path)
{
	struct arena *arena = arena_open();
	struct inbound_message message;
	struct span bytes;

	if (read_file(arena, span_of(path), &bytes)) {
		inbound_message_read(arena, bytes, &message);
		if (!share_count(
			    &shares[NEGATIVES], message.kind != INBOUND_BOUNCE))
			printf("# called a bounce: %s\n", path);
	}
	arena_close(arena);
}

static void ask_negatives(void)
{
	struct arena *arena = arena_open();
	struct span pattern = arena_print(arena, "%s/negatives/*", data_folder);
	glob_t found;

	if (glob(pattern.at, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			ask_negative(found.gl_pathv[i]);
		globfree(&found);
	}
	arena_close(arena);
}

static void tell_confusion(size_t row)
{
	printf("# %s: %zu/%zu", codebook_policy(row), met_count[row],
		wanted_count[row]);
	for (size_t i = 0; codebook_policy(i); i++)
		if (taken[row][i])
			printf(", %s %zu", codebook_policy(i), taken[row][i]);
	putchar('\n');
}

/* The confusion table: a policy, how often it was met, else taken for what. */
static void tell(void)
{
	size_t count = 0, sum = 0;

	ask_negatives();
	for (size_t i = 0; codebook_policy(i) && i < POLICIES_MAX; i++) {
		if (!wanted_count[i])
			continue;
		tell_confusion(i);
		sum += met_count[i] * 1000 / wanted_count[i];
		count++;
	}
	if (!count)
		return;
	shares[POLICY_MACRO].met = sum / count;
	shares[POLICY_MACRO].asked = 1000;
}

const struct suite suite_bounces = {
	.name = "bounces",
	.judge = judge,
	.lines = "*/gold.jsonl",
	.tell = tell,
	.shares = shares,
	.share_count = COUNT_OF(shares),
};
