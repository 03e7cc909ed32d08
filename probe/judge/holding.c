#include "probe/judge/holding.h"

#include "probe/judge/pattern_match.h"
#include "probe/judge/step_facts.h"

enum { DAY = 24 * 3600 };

const char *held_word(enum held held)
{
	static const char *const words[] = { "yes", "no", "unknown" };

	return words[held];
}

static struct span reply_words(
	const struct holding *holding, const struct reply *reply)
{
	if (!reply)
		return SPAN("no reply");
	return arena_print(holding->arena, "%u %.*s", reply->code,
		SPAN_ARG(reply->lines[0]));
}

static bool status_fits(
	const struct expected *expected, const struct reply *reply)
{
	if (!expected->status[0])
		return true;
	return expected->status[0] == reply->status.class &&
	       expected->status[1] == reply->status.subject &&
	       expected->status[2] == reply->status.detail;
}

static bool code_fits(
	const struct expected *expected, const struct reply *reply)
{
	return (!expected->code || expected->code == reply->code) &&
	       status_fits(expected, reply);
}

static bool refusal_fits(const struct holding *holding,
	const struct expected *expected, const struct reply *reply,
	enum stage stage)
{
	const struct codebook_row *row;

	if (!code_fits(expected, reply))
		return false;
	if (!expected->reason.len)
		return true;
	row = codebook_find(holding->codebook, reply, stage);
	return row && span_is(row->id, expected->reason);
}

static bool reply_holds(const struct holding *holding,
	const struct expected *expected, const struct reply *reply,
	enum stage stage)
{
	if (!reply)
		return false;
	if (expected->kind == EXPECTED_REJECT)
		return reply_is_never(reply) &&
		       refusal_fits(holding, expected, reply, stage);
	if (expected->kind == EXPECTED_DEFER)
		return reply_is_not_now(reply) &&
		       refusal_fits(holding, expected, reply, stage);
	if (expected->kind == EXPECTED_CODE)
		return code_fits(expected, reply);
	return reply_is_yes(reply);
}

static bool announces(const struct holding *holding,
	const struct expected *expected, const struct reply *reply,
	struct span *found)
{
	const struct ehlo_keyword *keyword;
	struct ehlo ehlo = { 0 };
	unsigned long number = 0;

	if (!reply)
		return false;
	ehlo_parse(holding->arena, reply, &ehlo);
	keyword = ehlo_find(&ehlo, expected->name);
	*found = arena_print(holding->arena, "%.*s is not announced",
		SPAN_ARG(expected->name));
	if (!keyword)
		return expected->kind == EXPECTED_LACKS;
	*found = arena_print(holding->arena, "%.*s %.*s",
		SPAN_ARG(keyword->word), SPAN_ARG(keyword->parameters));
	if (expected->kind == EXPECTED_LACKS)
		return false;
	if (expected->sign == SIGN_NONE)
		return true;
	return span_number(keyword->parameters, (unsigned long)-1, &number) &&
	       sign_holds(expected->sign, number, expected->number);
}

/* "TLSv1.2" is 12, and "TLSv1" 10. */
static uint64_t tls_number(const struct session *tls)
{
	struct span rest = span_part(tls->version, 4, tls->version.len);

	if (!span_starts_nocase(tls->version, SPAN("TLSv")) || !rest.len)
		return 0;
	return 10 + (rest.len == 3 ? (uint64_t)(rest.at[2] - '0') : 0);
}

static bool days_hold(const struct holding *holding,
	const struct expected *expected, const struct session *tls,
	struct span *found)
{
	int64_t left = tls->chain_count ? tls->chain[0].not_after - holding->now
					: 0;
	int64_t days = left > 0 ? left / DAY : 0;

	*found = arena_print(holding->arena, "%lld days", (long long)days);
	return sign_holds(expected->sign, (uint64_t)days, expected->number);
}

static bool tls_holds(const struct holding *holding,
	const struct expected *expected, struct span *found)
{
	const struct session *tls = holding->visit->tls;

	*found = SPAN("no TLS");
	if (!tls)
		return false;
	*found = tls->version;
	if (expected->kind == EXPECTED_TLS)
		return sign_holds(
			expected->sign, tls_number(tls), expected->number);
	if (expected->kind == EXPECTED_CERT_DAYS)
		return days_hold(holding, expected, tls, found);
	*found = tls->verify_why.len ? tls->verify_why
				     : SPAN("another certificate");
	if (expected->kind == EXPECTED_CERT_TRUST)
		return tls->is_trusted;
	return tls->checked_name.len && tls->name_matches;
}

static bool in_time(const struct holding *holding,
	const struct expected *expected, const struct event *end,
	struct span *found)
{
	uint64_t took;

	if (!end)
		return false;
	took = step_ms(holding->visit, end);
	*found = arena_print(
		holding->arena, "%llu ms", (unsigned long long)took);
	return took <= expected->number;
}

/* The words in one line, as the pattern saw them. */
static enum held text_held(const struct holding *holding,
	const struct expected *expected, const struct reply *reply,
	struct span *found)
{
	if (!reply)
		return HELD_NOT;
	*found = arena_print(holding->arena, "%u %.*s", reply->code,
		SPAN_ARG(pattern_words(holding->arena, reply)));
	switch (pattern_match_reply(holding->arena, expected->pattern,
		expected->ignores_case, reply)) {
	case PATTERN_FITS:
		return HELD;
	case PATTERN_FITS_NOT:
		return HELD_NOT;
	case PATTERN_GIVEN_UP:
		break;
	}
	*found = SPAN("the regular expression takes too long on this reply");
	return HELD_UNKNOWN;
}

static enum held held_if(bool is_held)
{
	return is_held ? HELD : HELD_NOT;
}

enum held expected_held(const struct holding *holding,
	const struct expected *expected, enum step_verb verb,
	struct span *found)
{
	const struct event *end = step_end(holding->visit, verb);
	const struct reply *reply = step_reply(holding->visit, verb);

	if (verb == STEP_STARTTLS && !reply)
		reply = transcript_reply(
			&holding->visit->transcript, STAGE_STARTTLS);
	*found = reply_words(holding, reply);
	switch (expected->kind) {
	case EXPECTED_WITHIN:
		return held_if(in_time(holding, expected, end, found));
	case EXPECTED_ACCEPT:
	case EXPECTED_REJECT:
	case EXPECTED_DEFER:
	case EXPECTED_CODE:
		return held_if(reply_holds(
			holding, expected, reply, step_stage(verb)));
	case EXPECTED_TEXT:
		return text_held(holding, expected, reply, found);
	case EXPECTED_HAS:
	case EXPECTED_LACKS:
		return held_if(announces(holding, expected, reply, found));
	case EXPECTED_TLS:
	case EXPECTED_CERT_NAME:
	case EXPECTED_CERT_TRUST:
	case EXPECTED_CERT_DAYS:
		break;
	}
	return held_if(tls_holds(holding, expected, found));
}
