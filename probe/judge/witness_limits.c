#include "probe/judge/witness_limits.h"

#include <assert.h>
#include <inttypes.h>

static enum witness_mta mta_of(struct span dialect)
{
	static const char *const words[WITNESS_MTA_COUNT] = {
		[WITNESS_MTA_POSTFIX] = "postfix",
		[WITNESS_MTA_SENDMAIL] = "sendmail",
		[WITNESS_MTA_EXIM] = "exim",
		[WITNESS_MTA_OPENSMTPD] = "opensmtpd",
		[WITNESS_MTA_QMAIL] = "qmail",
	};

	for (size_t i = 0; i < WITNESS_MTA_OTHER; i++)
		if (span_is(dialect, span_of(words[i])))
			return (enum witness_mta)i;
	return WITNESS_MTA_OTHER;
}

/* ---- one delivery */

static bool has_failed(const struct delivery *delivery)
{
	return delivery->result != DELIVERY_ACCEPTED &&
	       delivery->result != DELIVERY_UNKNOWN;
}

/* RFC 3463 section 3.2, RFC 7505 section 4: what is wrong with a name that was
 * looked up.  An MTA writes such a code itself. */
static bool is_of_names(const struct delivery *delivery)
{
	const unsigned *status = delivery->status;

	return delivery->code == 556 ||
	       (status[1] == 1 && (status[2] == 2 || status[2] == 10)) ||
	       (status[1] == 4 && (status[2] == 3 || status[2] == 4));
}

/* Before there is an address there is no family. */
static bool is_past_names(const struct delivery *delivery)
{
	if (delivery->has_relay)
		return true;
	if (delivery->has_stage)
		return delivery->stage != STAGE_RESOLVE;
	return !is_of_names(delivery);
}

static bool is_whole(const struct delivery *delivery)
{
	return span_find(delivery->text, '\n') < delivery->text.len;
}

/* What the log of each mail server leaves out. */
static void add_log(
	struct witness_account *account, const struct joined_delivery *joined)
{
	const struct delivery *delivery = &joined->delivery;
	enum witness_mta mta = mta_of(delivery->dialect);
	bool is_sendmail_alone = mta == WITNESS_MTA_SENDMAIL &&
				 joined->witness_count == 1;
	bool is_ipv4 = delivery->has_family && delivery->family == FAMILY_IPV4;

	account->by_log[mta]++;
	account->only_ipv4[mta] += is_ipv4;
	/* Over IPv6 nothing was tried before: it goes first. */
	account->silent_addresses += is_sendmail_alone && is_ipv4;
	account->guessed_years += delivery->guesses_year;
	account->guessed_zones += delivery->guesses_zone;
	account->without_recipient += !delivery->recipient.len;
	if (!has_failed(delivery))
		return;
	account->first_lines += is_sendmail_alone && delivery->code &&
				delivery->text.len && !is_whole(delivery);
	account->without_stage[mta] += !delivery->has_stage &&
				       (delivery->code || delivery->has_relay ||
					       delivery->lacks_reply);
	account->without_address[mta] += !delivery->code &&
					 !delivery->has_family &&
					 is_past_names(delivery);
}

void witness_account_add(
	struct witness_account *account, const struct joined_delivery *joined)
{
	const struct delivery *delivery = &joined->delivery;
	bool has_log = joined_delivery_has(joined, WITNESS_LOG);
	bool has_bounce = joined_delivery_has(joined, WITNESS_BOUNCE);
	bool has_capture = joined_delivery_has(joined, WITNESS_CAPTURE);

	account->by_bounce += has_bounce;
	account->by_capture += has_capture;
	account->only_bounced += has_bounce && !has_log;
	account->only_captured += !has_log && !has_bounce &&
				  has_failed(delivery);
	account->lost_replies += delivery->lacks_reply;
	account->last_of_groups += delivery->may_be_earlier;
	account->without_family += has_failed(delivery) && delivery->code &&
				   !delivery->has_family &&
				   is_past_names(delivery);
	if (has_log)
		add_log(account, joined);
}

void witness_account_add_session(
	struct witness_account *account, bool is_hidden, bool has_path_fault)
{
	account->sessions++;
	account->hidden_sessions += is_hidden;
	account->path_faults += has_path_fault;
}

/* ---- sentences */

struct limits {
	struct arena *arena;
	struct witness_limit *all;
	size_t count;
};

/* "Of " 3 "refusals" " nothing is known." */
struct counted {
	const char *before, *one, *many, *after;
};

static void tell(struct limits *limits, const char *id, uint64_t count,
	const struct counted *words)
{
	const char *noun = count == 1 ? words->one : words->many;

	if (!count)
		return;
	assert(limits->count < WITNESS_LIMITS_MAX);
	limits->all[limits->count++] = (struct witness_limit){ id,
		arena_print(limits->arena, "%s%" PRIu64 " %s%s", words->before,
			count, noun, words->after) };
}

static void say(
	struct limits *limits, const char *id, bool matters, struct span text)
{
	if (!matters)
		return;
	assert(limits->count < WITNESS_LIMITS_MAX);
	limits->all[limits->count++] = (struct witness_limit){ id, text };
}

static uint64_t logged(const struct witness_account *account)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < WITNESS_MTA_COUNT; i++)
		sum += account->by_log[i];
	return sum;
}

static void of_replies(
	struct limits *limits, const struct witness_account *account)
{
	static const struct counted lost = { "What the server said to ",
		"refusal", "refusals",
		" is lost: there is only the mail server's own word for it, "
		"such as \"Service unavailable\" (Sendmail before 8.16 logs no "
		"more). The bounce has the reply." };
	static const struct counted first = { "Sendmail logs only the first "
					      "line of a reply: of ",
		"refusal", "refusals",
		" the rest may be missing, and with it the name of the rule. "
		"The bounce has it in its transcript of the session." };
	static const struct counted hidden = { "Without the secrets of TLS, ",
		"session of the capture is", "sessions of the capture are",
		" unreadable from STARTTLS on: what was asked, taken or "
		"refused inside is not seen (--keylog)." };

	tell(limits, "reply.lost", account->lost_replies, &lost);
	tell(limits, "sendmail.first-line", account->first_lines, &first);
	if (!logged(account))
		tell(limits, "capture.hidden", account->hidden_sessions,
			&hidden);
}

static void of_families(
	struct limits *limits, const struct witness_account *account)
{
	static const struct counted none = { "Of ", "refusal", "refusals",
		" neither the address nor the family is told, so nothing can "
		"be said of IPv6 against IPv4 there." };
	static const struct counted exim = { "Exim names no address for ",
		"connection that failed", "connections that failed",
		": the family is not known." };
	static const struct counted smtpd = { "OpenSMTPD says only that all "
					      "servers failed, of ",
		"attempt", "attempts",
		": which address was tried, and what a server may have said "
		"in its greeting, is not in the log." };
	static const struct counted sendmail = {
		"Sendmail at its usual log level does not tell of an address "
		"that it could not connect to: before the one named, IPv6 may "
		"have been tried in vain, in ",
		"delivery", "deliveries", "."
	};
	const uint64_t *without = account->without_address;

	tell(limits, "family.unknown", account->without_family, &none);
	tell(limits, "exim.no-address", without[WITNESS_MTA_EXIM], &exim);
	tell(limits, "opensmtpd.no-address", without[WITNESS_MTA_OPENSMTPD],
		&smtpd);
	tell(limits, "sendmail.silent-address", account->silent_addresses,
		&sendmail);
	say(limits, "qmail.ipv4-only",
		account->by_log[WITNESS_MTA_QMAIL] &&
			account->by_log[WITNESS_MTA_QMAIL] ==
				account->only_ipv4[WITNESS_MTA_QMAIL],
		SPAN("qmail as it was published speaks IPv4 only: that nothing "
		     "went over IPv6 says nothing about IPv6."));
}

static void of_stages(
	struct limits *limits, const struct witness_account *account)
{
	static const struct counted groups = {
		"Exim names the last of the commands that it sent in one go: "
		"in ",
		"refusal", "refusals",
		" an earlier command of them may be the one that was refused."
	};
	static const struct {
		const char *id, *name, *why;
	} rows[WITNESS_MTA_COUNT] = {
		[WITNESS_MTA_POSTFIX] = { "postfix.stage", "Postfix", "" },
		[WITNESS_MTA_SENDMAIL] = { "sendmail.stage", "Sendmail", "" },
		[WITNESS_MTA_EXIM] = { "exim.stage", "Exim",
			", as to it a connection that nobody answers and a "
			"banner that does not come may look alike" },
		[WITNESS_MTA_OPENSMTPD] = { "opensmtpd.stage", "OpenSMTPD",
			"" },
		[WITNESS_MTA_QMAIL] = { "qmail.stage", "qmail", "" },
		[WITNESS_MTA_OTHER] = { "log.stage", "The mail server", "" },
	};

	for (size_t i = 0; i < WITNESS_MTA_COUNT; i++) {
		uint64_t count = account->without_stage[i];

		if (count)
			say(limits, rows[i].id, true,
				arena_print(limits->arena,
					"%s does not log at which command a "
					"delivery failed (%" PRIu64 " %s)%s.",
					rows[i].name, count,
					count == 1 ? "delivery" : "deliveries",
					rows[i].why));
	}
	tell(limits, "exim.group", account->last_of_groups, &groups);
}

static void of_bounces(
	struct limits *limits, const struct witness_account *account)
{
	say(limits, "bounce.last-attempt", account->only_bounced != 0,
		SPAN("A bounce tells of the last attempt only: whether another "
		     "host or the other family was tried before it, and when, "
		     "stands in the log."));
	say(limits, "bounce.failures-only",
		account->by_bounce && !logged(account),
		SPAN("Bounces tell of failures only: how much was accepted at "
		     "the same time, and over which family, stands in the "
		     "log."));
}

static void of_captures(
	struct limits *limits, const struct witness_account *account)
{
	static const struct counted cut = { "The file ends too early in ",
		"capture", "captures", ": what came after is not known." };

	say(limits, "capture.decision",
		!logged(account) &&
			(account->only_captured ||
				(account->sessions && !account->by_bounce)),
		SPAN("A capture shows attempts, and not what the mail server "
		     "made of one that failed: tried again, sent over the "
		     "other family, or returned."));
	say(limits, "capture.place", account->path_faults != 0,
		SPAN("A capture shows that something failed on the way, and "
		     "not where: mxprobe trace looks for the place."));
	tell(limits, "capture.cut", account->cut_captures, &cut);
}

static void of_logs(
	struct limits *limits, const struct witness_account *account)
{
	static const struct counted nobody = { "The log tells of ",
		"failed connection", "failed connections",
		" without the recipient: which mail was held up is not told." };
	static const struct counted years = { "The log names no year at ",
		"delivery", "deliveries",
		": it is guessed from the date of the file." };
	static const struct counted zones = { "The log names no time zone at ",
		"delivery", "deliveries",
		": its clock is taken for UTC (--log-zone names another)." };

	tell(limits, "log.no-recipient", account->without_recipient, &nobody);
	tell(limits, "log.year", account->guessed_years, &years);
	tell(limits, "log.zone", account->guessed_zones, &zones);
}

static void of_reports(
	struct limits *limits, const struct witness_account *account)
{
	say(limits, "report.dmarc", account->dmarc_reports != 0,
		SPAN("A DMARC report counts messages by source address for a "
		     "day: no single message, no reply, and no mail that was "
		     "refused before its content was seen."));
	say(limits, "report.tls", account->tls_reports != 0,
		SPAN("A TLS report counts sessions for a day: it names no "
		     "message, and what came after TLS is not in it."));
}

size_t witness_limits(const struct witness_account *account,
	struct arena *arena, const struct witness_limit **told)
{
	struct limits limits = { .arena = arena };

	limits.all = arena_take(
		arena, WITNESS_LIMITS_MAX * sizeof(*limits.all));
	of_replies(&limits, account);
	of_families(&limits, account);
	of_stages(&limits, account);
	of_bounces(&limits, account);
	of_captures(&limits, account);
	of_logs(&limits, account);
	of_reports(&limits, account);
	*told = limits.all;
	return limits.count;
}
