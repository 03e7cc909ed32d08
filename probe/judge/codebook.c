#include "probe/judge/codebook.h"

#include <assert.h>

#include "probe/judge/codebook_rows.h"
#include "probe/judge/wording.h"

/*
 * A reply fits a match when its code is the one given or in its hundred, its
 * enhanced status one of those given (a reply without one is turned away only
 * where it is needed), and all pieces stand in its wording in their order.
 *
 * Of the matches that fit, the most particular wins.  A row of higher rank is
 * more particular than one of lower rank; then more octets of phrase; then a
 * stage that was asked for and met; then a status that was; then a provider
 * that is known to speak; then a whole code before a hundred before any.
 * A match without words, by status alone, is of no higher rank than 3; and a
 * row for certain stages of no higher than 1 where the stage is not known.
 */
enum { RANK_OF_BARE = 3, RANK_OF_GUESS = 1 };

struct fit {
	const struct codebook_row *row;
	unsigned key[6];
	bool is_tied;
};

static const char *const policies[] = { "not-authorized-ip", "reverse-dns",
	"helo", "ipv6-specific", "spf", "dkim", "dmarc", "arc", "auth-any",
	"tls-required", "dnsbl", "ip-reputation", "domain-reputation",
	"sender-rejected", "rate-limit", "recipient-rate-limit", "greylist",
	"content-spam", "content-virus", "content-policy", "rfc-compliance",
	"size", "mailbox-unknown", "mailbox-full", "mailbox-disabled",
	"mailbox-moved", "mailbox-restricted", "relay-denied",
	"smtp-auth-required", "protocol", "dns", "network", "expired", "loop",
	"temporary-system", "permanent-system", "local-policy",
	"sender-account", "suppressed", "not-a-bounce", "unknown" };

size_t codebook_policy_count(void)
{
	return COUNT_OF(policies);
}

size_t codebook_policy_number(struct span word)
{
	size_t i = 0;

	while (i < COUNT_OF(policies) && !span_is(word, span_of(policies[i])))
		i++;
	return i;
}

bool codebook_has_policy(struct span word)
{
	return codebook_policy_number(word) < COUNT_OF(policies);
}

const char *codebook_policy(size_t i)
{
	return i < COUNT_OF(policies) ? policies[i] : NULL;
}

/* Written by the GNUmakefile as a list of numbers: all files, one by one. */
static const unsigned char embedded[] = {
#include "probe/judge/codebook.inc"
};

const struct codebook *codebook_embedded(struct arena *arena)
{
	struct span text = { (const char *)embedded, sizeof(embedded) }, errors;
	const struct codebook *codebook = codebook_parse(
		arena, SPAN("codebook"), text, &errors);

	assert(codebook);
	return codebook;
}

struct span codebook_date(const struct codebook *codebook)
{
	return codebook->date;
}

size_t codebook_row_count(const struct codebook *codebook)
{
	return codebook->count;
}

const struct codebook_row *codebook_row(
	const struct codebook *codebook, size_t i)
{
	return i < codebook->count ? &codebook->rows[i] : NULL;
}

const struct codebook_row *codebook_row_of_id(
	const struct codebook *codebook, struct span id)
{
	for (size_t i = 0; i < codebook->count; i++)
		if (span_is(codebook->rows[i].id, id))
			return &codebook->rows[i];
	return NULL;
}

struct codebook_policy_words codebook_policy_words(
	const struct codebook *codebook, struct span policy)
{
	struct codebook_policy_words none = { SPAN(""), SPAN("") };
	size_t number = codebook_policy_number(policy);

	return number < COUNT_OF(policies) ? codebook->words[number] : none;
}

/* ---- looking up */

static bool meets_code(const struct codebook_match *match,
	const struct codebook_evidence *evidence, unsigned *key)
{
	unsigned class = match->code >= 100 ? match->code / 100 : match->code;

	*key = match->code == 0                       ? 0
	       : evidence->code && match->code >= 100 ? 2
						      : 1;
	if (!match->code || (!evidence->code && !evidence->class))
		return true;
	if (match->code >= 100 && evidence->code)
		return match->code == evidence->code;
	return class == evidence->class;
}

static bool meets_status(const struct codebook_match *match,
	const struct codebook_evidence *evidence, unsigned *key)
{
	const struct codebook_status *wanted = &match->status;

	*key = 1;
	if (!wanted->is_given)
		return true;
	*key = 0;
	if (!evidence->has_status)
		return !wanted->is_needed;
	*key = 2;
	return (!wanted->class || wanted->class == evidence->status[0]) &&
	       wanted->subject == evidence->status[1] &&
	       wanted->detail <= evidence->status[2] &&
	       evidence->status[2] <= wanted->last;
}

static bool meets_stage(const struct codebook_row *row,
	const struct codebook_evidence *evidence, unsigned *key)
{
	*key = !row->has_stages ? 1 : evidence->has_stage ? 2 : 0;
	return !row->has_stages || !evidence->has_stage ||
	       row->stages[evidence->stage];
}

static bool meets_provider(const struct codebook_row *row,
	const struct codebook_evidence *evidence, unsigned *key)
{
	*key = span_is(row->provider, evidence->hints[0]) ||
	       span_is(row->provider, evidence->hints[1]);
	return *key || !row->is_here_only;
}

static int closer(const struct fit *a, const struct fit *b)
{
	for (size_t i = 0; i < COUNT_OF(a->key); i++)
		if (a->key[i] != b->key[i])
			return a->key[i] > b->key[i] ? 1 : -1;
	return 0;
}

static unsigned rank_of(const struct codebook_row *row,
	const struct codebook_match *match,
	const struct codebook_evidence *evidence)
{
	unsigned most = CODEBOOK_RANK_MAX;

	if (!match->piece_count)
		most = RANK_OF_BARE;
	if (row->has_stages && !evidence->has_stage)
		most = RANK_OF_GUESS;
	return row->rank < most ? row->rank : most;
}

static bool fits(const struct codebook_row *row,
	const struct codebook_match *match,
	const struct codebook_evidence *evidence, struct fit *fit)
{
	fit->row = row;
	fit->is_tied = false;
	fit->key[0] = rank_of(row, match, evidence);
	return meets_stage(row, evidence, &fit->key[2]) &&
	       meets_status(match, evidence, &fit->key[3]) &&
	       meets_provider(row, evidence, &fit->key[4]) &&
	       meets_code(match, evidence, &fit->key[5]);
}

static void consider(struct fit *best, struct fit *fit)
{
	int order = best->row ? closer(fit, best) : 1;

	if (order == 0 && fit->row != best->row) {
		best->is_tied = fit->is_tied = true;
		order = fit->row < best->row;
	}
	if (order > 0)
		*best = *fit;
}

const struct codebook_row *codebook_best(const struct codebook *codebook,
	struct span wording, const struct codebook_evidence *evidence,
	bool *is_tied)
{
	struct fit best = { 0 }, fit = { 0 };
	size_t count;
	const struct phrase_hit *hits = phrase_search_run(
		codebook->search, wording, &count);

	for (size_t i = 0; i < count; i++) {
		const struct codebook_row *row = &codebook->rows[hits[i].row];

		fit.key[1] = hits[i].weight;
		if (fits(row, &row->matches[hits[i].match], evidence, &fit))
			consider(&best, &fit);
	}
	fit.key[1] = 0;
	for (size_t i = 0; i < codebook->bare_count; i++) {
		const struct codebook_bare *bare = &codebook->bare[i];
		const struct codebook_row *row = &codebook->rows[bare->row];

		if (fits(row, &row->matches[bare->match], evidence, &fit))
			consider(&best, &fit);
	}
	*is_tied = best.is_tied;
	return best.row;
}

static struct span hint_of(const struct codebook_provider *provider)
{
	return provider ? provider->id : SPAN("");
}

static const struct codebook_row *find(const struct codebook *codebook,
	const struct reply *reply, struct codebook_evidence *evidence,
	bool *is_tied)
{
	const struct codebook_row *row;
	char room[WORDING_MAX];

	*is_tied = false;
	evidence->code = reply->code;
	evidence->class = reply->code / 100;
	evidence->has_status = reply_has_status(reply);
	evidence->status[0] = reply->status.class;
	evidence->status[1] = reply->status.subject;
	evidence->status[2] = reply->status.detail;
	evidence->has_stage = evidence->stage != STAGE_RESOLVE;
	if (evidence->class < 4)
		return NULL;
	row = codebook_best(
		codebook, wording_of_reply(room, reply), evidence, is_tied);
	return row && row->rank > CODEBOOK_RANK_WEAK ? row : NULL;
}

const struct codebook_row *codebook_find(const struct codebook *codebook,
	const struct reply *reply, enum stage stage)
{
	struct codebook_evidence evidence = { .stage = stage };
	bool is_tied;

	return find(codebook, reply, &evidence, &is_tied);
}

const struct codebook_row *codebook_find_from(const struct codebook *codebook,
	const struct reply *reply, enum stage stage,
	const struct codebook_speaker *speaker)
{
	struct codebook_evidence evidence = {
		.stage = stage,
		.hints = { hint_of(codebook_provider_of_host(
				   codebook, speaker->host)),
			hint_of(codebook_provider_of_domain(
				codebook, speaker->domain)) },
	};
	bool is_tied;

	return find(codebook, reply, &evidence, &is_tied);
}

bool codebook_is_tied(const struct codebook *codebook,
	const struct reply *reply, enum stage stage)
{
	struct codebook_evidence evidence = { .stage = stage };
	bool is_tied;

	find(codebook, reply, &evidence, &is_tied);
	return is_tied;
}

bool codebook_quoted_ip(const struct reply *reply, struct ip *ip)
{
	char room[WORDING_MAX];

	return wording_ip(wording_of_reply(room, reply), ip);
}
