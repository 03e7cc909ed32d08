/*
 * MTA/CASE/maillog or mainlog     a log -> what the MTA met, and did next
 *
 * What each mail server did in each case stands in the table of the data's
 * README, and here again, with what its log can tell of it.  The cases are of
 * one message, to a host with both families of which IPv6 has the fault; a
 * second recipient's host has IPv4 alone, and is not looked at.
 */
#include <stdio.h>
#include <string.h>

#include "probe/judge/codebook.h"
#include "reports/inbound/compressed_file.h"
#include "reports/inbound/maillog.h"
#include "tests/conformance/conformance.h"

static const int64_t reading_ms = INT64_C(1795392000000);

enum end { SENT, DEFERRED, BOUNCED, OPEN }; /* OPEN: not told */

/* What the log tells of IPv6. */
enum ipv6 {
	UNTOLD, /* nothing: only that IPv4 was used */
	FAILED,
	WORKED,
};

static const struct row {
	const char *mta, *name;
	enum end end;
	enum ipv6 ipv6;
	bool tries_ipv4;
	int stage;          /* of the failure; -1: the log does not tell */
	const char *policy; /* of the refusal; NULL: not asked */
} rows[] = {
/* clang-format off */
#define NOT_AUTHORIZED "not-authorized-ip"
	{ "postfix", "notauth-eom", BOUNCED, FAILED, false, STAGE_DOT, NOT_AUTHORIZED },
	{ "sendmail", "notauth-eom", BOUNCED, FAILED, false, -1, NOT_AUTHORIZED },
	{ "exim", "notauth-eom", BOUNCED, FAILED, false, STAGE_DOT, NOT_AUTHORIZED },
	{ "postfix", "notauth-mail", BOUNCED, FAILED, false, STAGE_MAIL, NOT_AUTHORIZED },
	{ "sendmail", "notauth-mail", BOUNCED, FAILED, false, -1, NOT_AUTHORIZED },
	{ "exim", "notauth-mail", BOUNCED, FAILED, false, STAGE_MAIL, NOT_AUTHORIZED },
	{ "postfix", "ipv6auth-no-ptr", BOUNCED, FAILED, false, STAGE_DOT, "ipv6-specific" },
	{ "sendmail", "ipv6auth-no-ptr", BOUNCED, FAILED, false, -1, NULL },
	{ "postfix", "spf-forgot-ipv6", BOUNCED, FAILED, false, -1, "spf" },
	{ "sendmail", "dmarc-reject", BOUNCED, FAILED, false, -1, NULL },
	{ "postfix", "greylist", DEFERRED, FAILED, true, STAGE_RCPT, "greylist" },
	{ "sendmail", "greylist", DEFERRED, FAILED, false, -1, "greylist" },
	{ "exim", "greylist", DEFERRED, FAILED, true, STAGE_RCPT, "greylist" },
	{ "postfix", "v6-dropped", SENT, FAILED, true, STAGE_CONNECT, NULL },
	{ "sendmail", "v6-dropped", SENT, UNTOLD, true, -1, NULL },
	{ "exim", "v6-dropped", SENT, FAILED, true, STAGE_CONNECT, NULL },
	{ "postfix", "v6-reset", SENT, FAILED, true, STAGE_CONNECT, NULL },
	{ "sendmail", "v6-reset", SENT, UNTOLD, true, -1, NULL },
	{ "exim", "v6-reset", SENT, FAILED, true, STAGE_CONNECT, NULL },
	{ "postfix", "v6-adminprohibited", SENT, FAILED, true, STAGE_CONNECT, NULL },
	{ "sendmail", "v6-adminprohibited", SENT, UNTOLD, true, -1, NULL },
	{ "postfix", "v6-ptbhole-bigmail", SENT, FAILED, true, STAGE_DOT, NULL },
	{ "sendmail", "v6-ptbhole-bigmail", DEFERRED, FAILED, false, STAGE_DOT, NULL },
	{ "postfix", "v6-ptbhole-smallmail", SENT, WORKED, false, -1, NULL },
	{ "sendmail", "v6-ptbhole-smallmail", SENT, WORKED, false, -1, NULL },
	{ "postfix", "both-ptbhole-bigmail", DEFERRED, FAILED, true, STAGE_DOT, NULL },
	{ "sendmail", "both-ptbhole-bigmail", DEFERRED, FAILED, false, -1, NULL },
	{ "postfix", "opensmtpd-broken-starttls", SENT, FAILED, true, STAGE_TLS, NULL },
	{ "postfix", "bad-mute", SENT, FAILED, true, STAGE_BANNER, NULL },
	{ "sendmail", "bad-mute", DEFERRED, FAILED, false, STAGE_BANNER, NULL },
	{ "postfix", "bad-tarpit", SENT, FAILED, true, STAGE_BANNER, NULL },
	{ "sendmail", "bad-tarpit", DEFERRED, FAILED, false, STAGE_BANNER, NULL },
	{ "postfix", "bad-b554", SENT, FAILED, true, STAGE_BANNER, NULL },
	{ "sendmail", "bad-b554", BOUNCED, FAILED, false, -1, NULL },
	{ "postfix", "bad-b421", SENT, FAILED, true, STAGE_BANNER, NULL },
	{ "sendmail", "bad-b421", DEFERRED, FAILED, false, -1, NULL },
	{ "exim", "bad-b421", SENT, FAILED, true, STAGE_BANNER, NULL },
	{ "postfix", "bad-tlshang", SENT, FAILED, true, STAGE_TLS, NULL },
	{ "sendmail", "bad-tlshang", OPEN, UNTOLD, false, STAGE_TLS, NULL },
	{ "postfix", "bad-dataclose", SENT, FAILED, true, STAGE_DOT, NULL },
	{ "sendmail", "bad-dataclose", DEFERRED, FAILED, false, -1, NULL },
	{ "exim", "bad-dataclose", SENT, FAILED, true, STAGE_DOT, NULL },
	{ "postfix", "bad-datahang", SENT, FAILED, true, STAGE_DOT, NULL },
	{ "sendmail", "bad-datahang", DEFERRED, FAILED, false, -1, NULL },
	{ "postfix", "nullmx", BOUNCED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "sendmail", "nullmx", BOUNCED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "exim", "nullmx", BOUNCED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "postfix", "mx-nxdomain", BOUNCED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "sendmail", "mx-nxdomain", BOUNCED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "postfix", "dnssec-bogus", DEFERRED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "sendmail", "dnssec-bogus", DEFERRED, UNTOLD, false, STAGE_RESOLVE, NULL },
	{ "postfix", "v6only", DEFERRED, FAILED, false, STAGE_RCPT, NULL },
	{ "sendmail", "v6only", DEFERRED, FAILED, false, -1, NULL },
	{ "postfix", "cname-mx", DEFERRED, FAILED, true, STAGE_RCPT, NULL },
	{ "sendmail", "cname-mx", DEFERRED, FAILED, false, -1, NULL },
	{ "postfix", "ip-literal-mx", DEFERRED, UNTOLD, true, STAGE_RCPT, NULL },
	{ "sendmail", "ip-literal-mx", DEFERRED, UNTOLD, true, -1, NULL },
	{ "postfix", "dane-ok", SENT, WORKED, false, -1, NULL },
	{ "postfix", "dane-mismatch", DEFERRED, FAILED, true, STAGE_TLS, NULL },
	/* clang-format on */
};

/* What a log told, of the recipient whose host has the fault. */
struct story {
	size_t attempts;
	enum delivery_result end;
	bool has_end;
	bool ipv6_failed, ipv6_worked, ipv4_tried;
	bool has_stage;   /* of the first failure, the families' */
	enum stage stage; /* or of the only one */
	struct span policy;
	size_t sent, refused[3]; /* of all: by family, 2 for neither */
};

static bool is_witness(const struct delivery *delivery)
{
	return !span_is(delivery->relay_host, SPAN("local")) &&
	       !span_ends_nocase(
		       delivery->recipient, SPAN("@yahoojp-like.example"));
}

static struct span policy_of(
	struct arena *arena, const struct delivery *delivery)
{
	struct codebook_question asked = { .text = delivery->text,
		.code = delivery->code,
		.is_local_status = delivery->is_local_status,
		.has_stage = delivery->has_stage,
		.stage = delivery->stage,
		.relay_host = delivery->relay_host };

	memcpy(asked.status, delivery->status, sizeof(asked.status));
	return codebook_find_text(codebook_embedded(arena), &asked).policy;
}

static void add(
	struct story *story, struct arena *arena, const struct delivery *one)
{
	bool worked = one->result == DELIVERY_ACCEPTED;
	bool is_ipv6 = one->has_family && one->family == FAMILY_IPV6;

	story->sent += worked;
	if (one->result == DELIVERY_REFUSED)
		story->refused[one->has_family ? one->family : 2]++;
	if (!is_witness(one))
		return;
	story->attempts++;
	if (one->recipient.len) {
		story->end = one->result;
		story->has_end = true;
	}
	story->ipv6_failed |= is_ipv6 && !worked;
	story->ipv6_worked |= is_ipv6 && worked;
	story->ipv4_tried |= one->has_family && !is_ipv6;
	if (worked || story->policy.len)
		return;
	story->policy = policy_of(arena, one);
	story->has_stage = one->has_stage;
	story->stage = one->stage;
}

static bool read_log(struct suite_question *question, struct story *story)
{
	const struct maillog_orders orders = { .now_ms = reading_ms };
	struct maillog *log = maillog_open(&orders);
	struct span piece, why;
	const struct delivery *one;
	struct compressed_file *file = compressed_file_open(question->arena,
		json_string_value(json_object_get(question->line, "path")),
		&why);

	while (file &&
		compressed_file_read(file, &piece, &why) == COMPRESSED_MORE) {
		maillog_feed(log, piece);
		while ((one = maillog_next(log)) != NULL)
			add(story, question->arena, one);
	}
	maillog_end(log);
	while ((one = maillog_next(log)) != NULL)
		add(story, question->arena, one);
	maillog_close(log);
	if (file)
		compressed_file_close(file);
	return file != NULL;
}

static bool is_end(const struct story *story, enum end end)
{
	switch (end) {
	case SENT:
		return story->has_end && story->end == DELIVERY_ACCEPTED;
	case DEFERRED:
		return story->has_end && story->end == DELIVERY_DEFERRED;
	case BOUNCED:
		return story->has_end && story->end == DELIVERY_REFUSED;
	case OPEN:
		break;
	}
	return !story->has_end;
}

static bool is_ipv6(const struct story *story, enum ipv6 ipv6)
{
	switch (ipv6) {
	case UNTOLD:
		break;
	case FAILED:
		return story->ipv6_failed && !story->ipv6_worked;
	case WORKED:
		return story->ipv6_worked && !story->ipv6_failed;
	}
	return !story->ipv6_failed && !story->ipv6_worked;
}

static enum verdict compare(struct suite_question *question,
	const struct story *story, const struct row *row)
{
	if (!is_end(story, row->end))
		return question_fail(question, "the end is %s",
			story->has_end ? delivery_result_word(story->end)
				       : "not told");
	if (!is_ipv6(story, row->ipv6))
		return question_fail(question, "IPv6: failed %d, worked %d",
			story->ipv6_failed, story->ipv6_worked);
	if (story->ipv4_tried != row->tries_ipv4)
		return question_fail(question, "IPv4 was%s tried",
			story->ipv4_tried ? "" : " not");
	if (row->stage >= 0 &&
		(!story->has_stage || (int)story->stage != row->stage))
		return question_fail(question, "the stage is %s",
			story->has_stage ? stage_word(story->stage)
					 : "not told");
	if (row->policy && !span_is(story->policy, span_of(row->policy)))
		return question_fail(question, "the policy is %.*s",
			SPAN_ARG(story->policy));
	return VERDICT_PASS;
}

/* 120 mails, half of them to the one that refuses IPv6: 60 bounces, which are
 * sent too. */
static enum verdict compare_volume(
	struct suite_question *question, const struct story *story)
{
	if (story->refused[FAMILY_IPV6] != 60 ||
		story->refused[FAMILY_IPV4] != 0 || story->refused[2] != 0)
		return question_fail(question, "refused over IPv6: %zu",
			story->refused[FAMILY_IPV6]);
	if (story->sent != 120)
		return question_fail(question, "sent: %zu", story->sent);
	return VERDICT_PASS;
}

static enum verdict judge(struct suite_question *question)
{
	struct span path = question_text(question, "id"), mta, name;
	struct story story = { 0 };

	mta = span_cut(&path, '/');
	name = span_cut(&path, '/');
	if (!read_log(question, &story))
		return question_fail(question, "it cannot be read");
	if (span_is(name, SPAN("volume")))
		return compare_volume(question, &story);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is(mta, span_of(rows[i].mta)) &&
			span_is(name, span_of(rows[i].name)))
			return compare(question, &story, &rows[i]);
	return VERDICT_NOT_SCORED;
}

const struct suite suite_incident = {
	.name = "incident",
	.judge = judge,
	.files = "*/*/ma*log",
};
