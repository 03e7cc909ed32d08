/*
 * MTA/CASE/maillog or mainlog     a case -> what `mxprobe explain` makes of it
 *
 * The program is asked with the log of the case, with its bounce, with its
 * capture (with the secrets of TLS in it, and without), each alone, and with
 * all of them together.  Each time it has to name what the table of
 * incident_rows.c says, as far as those who were asked can know, and nothing
 * that they cannot.
 */
#include "tests/conformance/incident_crowd.h"
#include "tests/conformance/incident_rows.h"
#include "tests/conformance/incident_story.h"
#include "tests/conformance/incident_witnesses.h"

static struct share shares[] = {
	{ .field = "by its log", .goal = 1000 },
	{ .field = "by its bounce", .goal = 1000 },
	{ .field = "by its capture with secrets", .goal = 1000 },
	{ .field = "by its capture without secrets", .goal = 1000 },
	{ .field = "by all together", .goal = 1000 },
	{ .field = "by its folder", .goal = 1000 },
	{ .field = "among all others", .goal = 1000 },
};

/* ---- what they can know */

/* What was said after STARTTLS is in no capture without its secrets; that the
 * path failed is. */
static bool is_seen(const struct incident_row *row, const struct story *story)
{
	if (!story->has_hidden)
		return true;
	return row->stage >= 0 &&
	       (row->stage <= STAGE_STARTTLS ||
		       (row->path && strcmp(row->path, "black-hole") == 0));
}

static unsigned unknown_to(const struct incident_row *row, unsigned kinds,
	const struct story *story)
{
	unsigned unknown = NO_STAGE | NO_IPV6 | NO_POLICY;

	if (kinds & LOG)
		unknown &= row->unlogged;
	if (kinds & BOUNCE)
		unknown &= row->unbounced;
	if ((kinds & CAPTURE) && is_seen(row, story) &&
		!(row->uncaptured & NOT_ASKED))
		unknown &= row->uncaptured;
	/* Inside TLS even a fault of the path tells no command. */
	if (!(kinds & LOG) && story->has_hidden && row->stage > STAGE_STARTTLS)
		unknown |= NO_STAGE;
	return unknown;
}

static bool is_end(enum incident_end end, struct span told)
{
	switch (end) {
	case SENT:
		return span_is(told, SPAN("accepted"));
	case DEFERRED:
		return span_is(told, SPAN("deferred"));
	case BOUNCED:
		return span_is(told, SPAN("refused"));
	case OPEN:
		break;
	}
	return told.len == 0;
}

static bool has_right_ipv6(const struct incident_row *row,
	const struct story *story, bool can_know, bool may_know)
{
	bool failed = story->failed[STORY_IPV6] > 0 ||
		      story->path[STORY_IPV6].len > 0;
	bool worked = story->accepted[STORY_IPV6] > 0;

	if (!can_know && !may_know)
		return !failed && !worked;
	switch (row->ipv6) {
	case UNUSED:
		break;
	case FAILED:
		return (failed || !can_know) && !worked;
	case WORKED:
		return (worked || !can_know) && !failed;
	}
	return !failed && !worked;
}

static bool has_right_ipv4(const struct incident_row *row,
	const struct story *story, unsigned kinds)
{
	bool is_tried = story->is_tried[STORY_IPV4];

	if (!(kinds & LOG) && (kinds & BOUNCE) && !(kinds & CAPTURE))
		return !is_tried;
	/* Nobody was connected to: what a capture has is of another test. */
	if (row->stage == STAGE_RESOLVE && (kinds & CAPTURE))
		return true;
	return is_tried == row->tries_ipv4;
}

/* Each address is tried once in a case. */
static bool is_counted_once(const struct story *story)
{
	for (size_t i = STORY_IPV4; i <= STORY_IPV6; i++)
		if (story->accepted[i] + story->failed[i] > 1)
			return false;
	return true;
}

/* Those who tell of the same attempt tell of it together. */
static bool is_joined(const struct incident_row *row, const struct story *story,
	unsigned kinds)
{
	bool sees = (kinds & SECRETS) && !story->has_hidden &&
		    !row->uncaptured && row->stage != STAGE_RESOLVE;
	size_t wanted = sees;

	wanted += (kinds & LOG) != 0;
	wanted += (kinds & BOUNCE) != 0;
	return story->most_witnesses >= wanted;
}

static bool has_right_path(const struct incident_row *row,
	const struct story *story, bool can_know)
{
	struct span path = story->path[STORY_IPV6];
	struct span wanted = span_of(row->path ? row->path : "");

	if (row->uncaptured & NOT_ASKED)
		return true;
	return span_is(path, wanted) || (!can_know && !path.len);
}

/* ---- judged */

static bool is_right(struct suite_question *question, const char *by, bool met,
	const char *what, struct span told)
{
	if (!met)
		question_note(
			question, "%s: %s: %.*s", by, what, SPAN_ARG(told));
	return met;
}

static bool compare(struct suite_question *question, const char *by,
	const struct story *story, unsigned kinds,
	const struct incident_row *row)
{
	unsigned unknown = unknown_to(row, kinds, story);
	bool has_end = (kinds & LOG) || (kinds & BOUNCE);
	bool sees = (kinds & CAPTURE) && is_seen(row, story);
	struct span stage = span_of(
		row->stage < 0 ? "" : stage_word((enum stage)row->stage));
	struct span policy = span_of(row->policy ? row->policy : "");
	bool is_well = is_counted_once(story);

	is_right(question, by, is_well, "counted twice", story->end);
	is_well &= is_right(question, by, is_joined(row, story, kinds),
		"not joined", story->end);
	is_well &= is_right(question, by,
		!has_end || is_end(row->end, story->end), "end", story->end);
	is_well &= is_right(question, by,
		has_right_ipv6(row, story, !(unknown & NO_IPV6),
			(kinds & CAPTURE) != 0),
		"IPv6", story->path[STORY_IPV6]);
	is_well &= is_right(question, by, has_right_ipv4(row, story, kinds),
		"IPv4", SPAN("tried or not"));
	is_well &= is_right(question, by,
		span_is(story->stage, stage) ||
			(!story->stage.len &&
				((unknown & NO_STAGE) || !story->has_failure)),
		"stage", story->stage);
	is_well &= is_right(question, by,
		!policy.len || (unknown & NO_POLICY) || !story->has_failure ||
			span_is(story->policy, policy),
		"policy", story->policy);
	is_well &= is_right(question, by,
		!(kinds & CAPTURE) || has_right_path(row, story, sees), "path",
		story->path[STORY_IPV6]);
	return is_well;
}

/* ---- the finding, and what is said of the rest */

static bool has_word(struct span text, const char *word)
{
	return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/* What the mail server did next, as far as its log or its bounce tells. */
static bool has_right_next(
	struct span next, unsigned kinds, const struct incident_row *row)
{
	if (has_word(next, "no attempt over") && row->ipv6 == FAILED &&
		row->tries_ipv4)
		return false;
	if (!(kinds & (LOG | BOUNCE)))
		return !has_word(next, "bounced") && !has_word(next, "queue");
	switch (row->end) {
	case SENT:
		return has_word(next, "accepted") &&
		       has_word(next, "over IPv4");
	case DEFERRED:
		return row->tries_ipv4 || has_word(next, "queue");
	case BOUNCED:
		return has_word(next, "bounced");
	case OPEN:
		break;
	}
	return true;
}

/* Only where the one failed and the other did not is it the family. */
static bool has_right_comparison(
	const json_t *finding, unsigned kinds, const struct incident_row *row)
{
	bool is_specific = explained_is(
		finding, "comparison", "family-specific");

	if ((kinds & LOG) && row->tries_ipv4)
		return is_specific == (row->end == SENT);
	return true;
}

/* Where both families failed alike it is about neither. */
static bool has_right_family(struct span family, const struct story *story,
	const struct incident_row *row)
{
	if (row->ipv6 == UNUSED || !story->is_tried[STORY_IPV6] ||
		(row->tries_ipv4 && row->end != SENT))
		return true;
	return span_is(family, SPAN("ipv6"));
}

static bool compare_finding(struct suite_question *question, const char *by,
	const struct explained *explained, const struct story *story,
	unsigned kinds, const struct incident_row *row)
{
	const json_t *finding = story_finding(explained);
	struct span stage = explained_text(finding, "stage");
	struct span policy = explained_text(finding, "policy");
	bool is_well = is_right(question, by,
		(unknown_to(row, kinds, story) & NO_IPV6) ||
			has_right_family(
				explained_text(finding, "family"), story, row),
		"the finding's family", explained_text(finding, "family"));

	is_well &= is_right(question, by,
		!stage.len || (row->stage >= 0 &&
				      span_is(stage,
					      span_of(stage_word((
						      enum stage)row->stage)))),
		"the finding's stage", stage);
	is_well &= is_right(question, by,
		!row->policy || !policy.len ||
			((kinds & LOG) && (row->unlogged & NO_POLICY)) ||
			span_is(policy, span_of(row->policy)),
		"the finding's policy", policy);
	is_well &= is_right(question, by,
		has_right_comparison(finding, kinds, row),
		"the finding's comparison",
		explained_text(finding, "comparison"));
	return is_well & is_right(question, by,
				 has_right_next(explained_text(finding, "next"),
					 kinds, row),
				 "what came next",
				 explained_text(finding, "next"));
}

/* 1: mail was refused or lost; what another try brought is not. */
static bool compare_status(struct suite_question *question, const char *by,
	const struct explained *explained, unsigned kinds,
	const struct incident_row *row)
{
	if (!(kinds & LOG) ||
		(row->end != BOUNCED && !(row->end == SENT && row->path)))
		return true;
	return is_right(question, by,
		explained->status == (row->end == BOUNCED), "exit status",
		SPAN("another"));
}

static bool has_limit(struct suite_question *question, const char *by,
	const struct explained *explained, const char *id)
{
	return is_right(question, by, story_has_limit(explained, id),
		"not said", span_of(id));
}

/* Who is alone says what it cannot know. */
static bool compare_limits(struct suite_question *question, const char *by,
	const struct explained *explained, const struct story *story,
	unsigned kinds, const struct incident_row *row)
{
	bool is_well = true;

	if (kinds == BOUNCE)
		is_well &= has_limit(
			question, by, explained, "bounce.last-attempt");
	if (kinds == BOUNCE && (row->unbounced & NO_IPV6))
		is_well &= has_limit(question, by, explained, "family.unknown");
	if (kinds == HIDDEN && story->has_hidden)
		is_well &= has_limit(question, by, explained, "capture.hidden");
	if (!(kinds & (LOG | BOUNCE)) && story->has_failure)
		is_well &= has_limit(
			question, by, explained, "capture.decision");
	if (kinds == LOG && row->limit)
		is_well &= has_limit(question, by, explained, row->limit);
	if (kinds == LOG && strcmp(row->mta, "sendmail") == 0 &&
		(row->unlogged & NO_STAGE) && story->has_failure &&
		!story->stage.len)
		is_well &= has_limit(question, by, explained, "sendmail.stage");
	if (kinds == LOG && (row->unlogged & NO_IPV6) && row->end == SENT)
		is_well &= has_limit(
			question, by, explained, "sendmail.silent-address");
	return is_well;
}

/* ---- all cases at once */

static bool judge_crowd(struct suite_question *question)
{
	struct witnesses folder = witnesses_of(
		question, LOG | BOUNCE | CAPTURE | FOLDER);
	struct explained explained;
	bool is_well = explained_open(&explained, question, folder.files,
			       folder.count) &&
		       incident_is_same_in_crowd(question, &explained);

	explained_close(&explained);
	return share_count(&shares[COUNT_OF(shares) - 1], is_well);
}

/* ---- 120 mails, half of them to the host that refuses IPv6 */

static bool has_rates(
	struct suite_question *question, const struct explained *explained)
{
	struct story_rate ipv4 = story_rate_of(explained, "ipv4");
	struct story_rate ipv6 = story_rate_of(explained, "ipv6");

	if (ipv6.refused == 60 && !ipv6.accepted && !ipv6.deferred &&
		ipv4.accepted == 60 && !ipv4.refused && !ipv4.deferred)
		return true;
	question_note(question, "refused over IPv6: %d, accepted over IPv4: %d",
		(int)ipv6.refused, (int)ipv4.accepted);
	return false;
}

static bool judge_volume(
	struct suite_question *question, const struct witnesses *witnesses)
{
	struct explained explained;
	bool is_well = explained_open(&explained, question, witnesses->files,
			       witnesses->count) &&
		       has_rates(question, &explained);

	explained_close(&explained);
	return is_well;
}

static enum verdict judge_volumes(struct suite_question *question)
{
	static const struct {
		unsigned kinds;
		size_t share;
	} rows[] = { { LOG, 0 }, { LOG | BOUNCE, 4 },
		{ LOG | BOUNCE | FOLDER, 5 } };
	bool is_well = true;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct witnesses witnesses = witnesses_of(
			question, rows[i].kinds);

		is_well &= share_count(&shares[rows[i].share],
			judge_volume(question, &witnesses));
	}
	is_well &= judge_crowd(question);
	return is_well ? VERDICT_PASS : VERDICT_FAIL;
}

/* ---- a case */

struct incident_case {
	const struct incident_row *row;
	struct explained log;
	struct story told_by_log;
};

static bool judge_witnesses(struct suite_question *question,
	const struct incident_case *incident, unsigned kinds,
	struct share *share)
{
	struct witnesses witnesses = witnesses_of(question, kinds);
	struct explained explained;
	struct story story;
	bool is_well;

	if (!witnesses.count || ((kinds & HIDDEN) && !(kinds & LOG) &&
					!(witnesses.kinds & HIDDEN)))
		return true;
	is_well = explained_open(
		&explained, question, witnesses.files, witnesses.count);
	if (is_well) {
		story = story_of(&explained, &incident->told_by_log);
		is_well = compare(question, share->field, &story,
			witnesses.kinds, incident->row);
		if (story.has_failure)
			is_well &= compare_finding(question, share->field,
				&explained, &story, witnesses.kinds,
				incident->row);
		is_well &= compare_status(question, share->field, &explained,
			witnesses.kinds, incident->row);
		is_well &= compare_limits(question, share->field, &explained,
			&story, witnesses.kinds, incident->row);
	}
	explained_close(&explained);
	return share_count(share, is_well);
}

static enum verdict judge_case(
	struct suite_question *question, struct incident_case *incident)
{
	static const unsigned kinds[] = { LOG, BOUNCE, SECRETS, HIDDEN,
		LOG | BOUNCE | CAPTURE, LOG | BOUNCE | CAPTURE | FOLDER };
	struct witnesses log = witnesses_of(question, LOG);
	bool is_well = explained_open(
		&incident->log, question, log.files, log.count);

	if (is_well)
		incident->told_by_log = story_of(&incident->log, NULL);
	for (size_t i = 0; incident->log.status >= 0 && i < COUNT_OF(kinds);
		i++)
		is_well &= judge_witnesses(
			question, incident, kinds[i], &shares[i]);
	is_well &= judge_crowd(question);
	explained_close(&incident->log);
	return is_well ? VERDICT_PASS : VERDICT_FAIL;
}

static enum verdict judge(struct suite_question *question)
{
	struct span path = question_text(question, "id"), mta, name;
	struct incident_case incident = { 0 };

	mta = span_cut(&path, '/');
	name = span_cut(&path, '/');
	if (span_is(name, SPAN("volume")))
		return judge_volumes(question);
	incident.row = incident_row_of(mta, name);
	return incident.row ? judge_case(question, &incident)
			    : VERDICT_NOT_SCORED;
}

const struct suite suite_incident = {
	.name = "incident",
	.judge = judge,
	.files = "*/*/ma*log",
	.shares = shares,
	.share_count = COUNT_OF(shares),
};
