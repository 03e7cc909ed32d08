#include "probe/policy/own_records.h"

#include <time.h>

/* clang-format off */
static const struct {
	const char *word, *title;
} rows[] = {
	[OWN_MTA_STS]     = { "mta-sts", "MTA-STS" },
	[OWN_TLS_RPT]     = { "tls-rpt", "TLSRPT" },
	[OWN_BIMI]        = { "bimi", "BIMI" },
	[OWN_REPORTS]     = { "dmarc-reports", "DMARC reports" },
	[OWN_SUFFIX_LIST] = { "suffix-list", "suffix list" },
};
/* clang-format on */

_Static_assert(COUNT_OF(rows) == OWN_RECORD_COUNT, "a record, a row");

const char *own_record_word(enum own_record record)
{
	return rows[record].word;
}

const char *own_record_title(enum own_record record)
{
	return rows[record].title;
}

const char *own_state_word(enum own_state state)
{
	static const char *const words[] = { "sound", "absent", "unknown",
		"amiss" };

	return words[state];
}

static struct own_line say(enum own_state state, struct span says)
{
	return (struct own_line){ .state = state, .says = says };
}

/* ---- MTA-STS */

/* Its own mail exchangers; false while they are open. */
static bool find_unlisted(struct arena *arena, struct answers *answers,
	struct own_records *records)
{
	const struct answer *mx = answers_get(answers, records->domain, RR_MX);
	unsigned preference;
	struct span host;

	if (!mx)
		return false;
	for (size_t i = 0; i < mx->value_count; i++)
		if (answer_mx(mx->values[i], &preference, &host) &&
			!mta_sts_lists(&records->mta_sts.policy, host))
			records->unlisted = arena_print(arena, "%.*s%s%.*s",
				SPAN_ARG(records->unlisted),
				records->unlisted.len ? ", " : "",
				SPAN_ARG(host));
	return true;
}

static bool ask_mta_sts(struct arena *arena, struct answers *answers,
	struct own_records *records)
{
	enum mta_sts_state state = mta_sts_check(
		arena, answers, records->domain, &records->mta_sts);

	if (state == MTA_STS_FOUND &&
		records->mta_sts.policy.mode != MTA_STS_MODE_NONE)
		return find_unlisted(arena, answers, records);
	return state != MTA_STS_OPEN;
}

static struct own_line tell_policy(
	struct arena *arena, const struct own_records *records)
{
	const struct mta_sts_policy *policy = &records->mta_sts.policy;
	const char *mode = mta_sts_mode_word(policy->mode);

	if (records->unlisted.len)
		return say(OWN_AMISS,
			arena_print(arena,
				"mode %s, and the policy does not list %.*s: "
				"senders that honour it %s",
				mode, SPAN_ARG(records->unlisted),
				policy->mode == MTA_STS_ENFORCE
					? "do not deliver there"
					: "will not deliver there once it is "
					  "enforced"));
	if (policy->mode != MTA_STS_MODE_NONE &&
		policy->max_age < MTA_STS_AGE_SHORT)
		return say(OWN_AMISS,
			arena_print(arena,
				"mode %s, max_age %lu: less than a week "
				"protects little (RFC 8461, 3.2)",
				mode, (unsigned long)policy->max_age));
	return say(OWN_SOUND, arena_print(arena, "mode %s, max_age %lu", mode,
				      (unsigned long)policy->max_age));
}

static struct own_line tell_mta_sts(
	struct arena *arena, const struct own_records *records)
{
	struct span why = records->mta_sts.why;

	switch (records->mta_sts.state) {
	case MTA_STS_NONE:
		return say(OWN_ABSENT,
			SPAN("no policy protects mail to this domain"));
	case MTA_STS_OPEN:
	case MTA_STS_UNKNOWN:
		return say(OWN_UNKNOWN, why);
	case MTA_STS_FOUND:
		return tell_policy(arena, records);
	case MTA_STS_FETCH_FAILED:
	case MTA_STS_RECORD_BAD:
	case MTA_STS_POLICY_BAD:
		break;
	}
	return say(OWN_AMISS, why);
}

/* ---- TLSRPT */

static struct own_line tell_tls_rpt(
	struct arena *arena, const struct own_records *records)
{
	const struct tls_rpt_check *check = &records->tls_rpt;

	switch (check->state) {
	case TLS_RPT_OPEN:
	case TLS_RPT_UNKNOWN:
		return say(OWN_UNKNOWN, check->why);
	case TLS_RPT_NONE:
		return say(OWN_ABSENT,
			SPAN("nobody is told of failed TLS to this domain"));
	case TLS_RPT_BROKEN:
	case TLS_RPT_SEVERAL:
		return say(OWN_AMISS, check->why);
	case TLS_RPT_FOUND:
		break;
	}
	if (!check->record.usable)
		return say(OWN_AMISS,
			SPAN("no rua= that reports can be sent to: a mailto: "
			     "or an https: is wanted (RFC 8460, 3)"));
	return say(OWN_SOUND,
		arena_print(arena, "reports go to %.*s%s",
			SPAN_ARG(check->record.destinations[0].text),
			check->record.count > 1 ? ", and elsewhere" : ""));
}

/* ---- BIMI */

/* The draft's section 7.1: DMARC must ask for all of the failing mail. */
static bool dmarc_is_too_weak(const struct own_records *records)
{
	const struct dmarc_check *dmarc = &records->dmarc;

	return !dmarc->record || dmarc->published < DMARC_POLICY_QUARANTINE ||
	       (dmarc->published == DMARC_POLICY_QUARANTINE &&
		       dmarc->percent < 100);
}

static struct own_line tell_bimi(
	struct arena *arena, const struct own_records *records)
{
	const struct bimi_check *check = &records->bimi;

	switch (check->state) {
	case BIMI_OPEN:
	case BIMI_UNKNOWN:
		return say(OWN_UNKNOWN, check->why);
	case BIMI_NONE:
		return say(OWN_ABSENT, SPAN("no picture is published"));
	case BIMI_DECLINED:
		return say(OWN_SOUND, check->why);
	case BIMI_BROKEN:
	case BIMI_SEVERAL:
		return say(OWN_AMISS, check->why);
	case BIMI_FOUND:
		break;
	}
	if (dmarc_is_too_weak(records))
		return say(OWN_AMISS,
			arena_print(arena,
				"%.*s is shown by nobody: DMARC has to say "
				"p=quarantine or p=reject, for all mail",
				SPAN_ARG(check->record.location.text)));
	return say(OWN_SOUND,
		arena_print(arena, "%.*s, %s",
			SPAN_ARG(check->record.location.text),
			check->record.evidence.text.len
				? "with a mark certificate"
				: "without a mark certificate, which some "
				  "receivers want"));
}

/* ---- DMARC reports */

static bool ask_destinations(struct arena *arena, struct answers *answers,
	struct own_records *records, bool is_ruf)
{
	const struct dmarc_record *record = records->dmarc.record;
	const struct dmarc_destination *all = is_ruf ? record->ruf
						     : record->rua;
	size_t count = is_ruf ? record->ruf_count : record->rua_count;
	bool is_settled = true;

	for (size_t i = 0; i < count; i++) {
		struct own_destination *one;

		if (records->destination_count == OWN_DESTINATIONS_MAX)
			return is_settled;
		one = &records->destinations[records->destination_count++];
		*one = (struct own_destination){ .destination = &all[i],
			.is_ruf = is_ruf };
		is_settled &= dmarc_consent_check(arena, answers,
				      records->dmarc.record_domain, &all[i],
				      &one->consent) != DMARC_CONSENT_OPEN;
	}
	return is_settled;
}

static bool ask_reports(struct arena *arena, struct answers *answers,
	const struct suffix_list *suffixes, struct own_records *records)
{
	struct dmarc_query query = { .from_domain = records->domain,
		.rules = DMARC_RFC7489,
		.suffixes = suffixes };
	bool is_settled = true;

	if (dmarc_check(arena, answers, &query, &records->dmarc) == DMARC_OPEN)
		return false;
	for (int is_ruf = 0; records->dmarc.record && is_ruf < 2; is_ruf++)
		is_settled &= ask_destinations(
			arena, answers, records, is_ruf != 0);
	return is_settled;
}

static const struct own_destination *destination_with(
	const struct own_records *records, enum dmarc_consent consent)
{
	for (size_t i = 0; i < records->destination_count; i++)
		if (records->destinations[i].consent.consent == consent)
			return &records->destinations[i];
	return NULL;
}

static struct own_line tell_destination(struct arena *arena,
	enum own_state state, const struct own_destination *one)
{
	return say(state,
		arena_print(arena, "%s=%.*s: %.*s", one->is_ruf ? "ruf" : "rua",
			SPAN_ARG(one->destination->uri.text),
			SPAN_ARG(one->consent.why)));
}

static struct own_line tell_reports(
	struct arena *arena, const struct own_records *records)
{
	const struct dmarc_check *dmarc = &records->dmarc;
	static const enum dmarc_consent faults[] = { DMARC_CONSENT_MISSING,
		DMARC_CONSENT_UNUSABLE };
	const struct own_destination *one;

	if (!dmarc->record)
		return say(dmarc->result == DMARC_TEMPERROR ? OWN_UNKNOWN
							    : OWN_ABSENT,
			dmarc->why);
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		one = destination_with(records, faults[i]);
		if (one)
			return tell_destination(arena, OWN_AMISS, one);
	}
	one = destination_with(records, DMARC_CONSENT_UNKNOWN);
	if (one)
		return tell_destination(arena, OWN_UNKNOWN, one);
	if (!dmarc->record->rua_count)
		return say(OWN_ABSENT,
			SPAN("no rua=: nobody tells who sends in the domain's "
			     "name, and how it fares"));
	return say(OWN_SOUND, arena_print(arena, "they go to %.*s%s",
				      SPAN_ARG(dmarc->record->rua[0].uri.text),
				      records->destination_count > 1
					      ? ", and to others who take them"
					      : ""));
}

/* ---- the list of public suffixes */

static struct own_line tell_list(
	struct arena *arena, const struct own_records *records)
{
	time_t date = (time_t)records->list_date;
	char text[sizeof("2026-11-21")] = "";
	struct tm parts;

	if (!date || !gmtime_r(&date, &parts) ||
		!strftime(text, sizeof(text), "%Y-%m-%d", &parts))
		return say(OWN_UNKNOWN, SPAN("its date is not known"));
	return say(OWN_SOUND, arena_print(arena, "of %s", text));
}

bool own_records(struct arena *arena, struct answers *answers,
	struct span domain, const struct suffix_list *suffixes,
	struct own_records *records)
{
	struct span above = org_domain(arena, suffixes, domain);
	bool is_settled = true;

	*records = (struct own_records){ .domain = domain,
		.unlisted = SPAN(""),
		.list_file = suffix_list_file(suffixes),
		.list_date = suffix_list_date(suffixes) };
	is_settled &= ask_mta_sts(arena, answers, records);
	is_settled &= tls_rpt_check(arena, answers, domain,
			      &records->tls_rpt) != TLS_RPT_OPEN;
	is_settled &= bimi_check(arena, answers, domain, above,
			      &records->bimi) != BIMI_OPEN;
	is_settled &= ask_reports(arena, answers, suffixes, records);
	if (!is_settled)
		return false;
	records->lines[OWN_MTA_STS] = tell_mta_sts(arena, records);
	records->lines[OWN_TLS_RPT] = tell_tls_rpt(arena, records);
	records->lines[OWN_BIMI] = tell_bimi(arena, records);
	records->lines[OWN_REPORTS] = tell_reports(arena, records);
	records->lines[OWN_SUFFIX_LIST] = tell_list(arena, records);
	return true;
}
