#include "probe/judge/delivery_contrast.h"

const char *delivery_parted_word(enum delivery_parted parted)
{
	switch (parted) {
	case PARTED_BY_FAMILY:
		return "family-specific";
	case PARTED_BY_HOST:
		return "host-specific";
	case PARTED_BY_SOURCE:
		return "source-specific";
	case PARTED_BY_NOTHING:
		return "same";
	case PARTED_IRRELEVANT:
	case PARTED_UNDECIDED:
		break;
	}
	return "inconclusive";
}

uint64_t delivery_cause_total(const struct delivery_cause *cause)
{
	return cause->refused + cause->deferred + cause->unknown;
}

uint64_t delivery_row_told(const struct delivery_row *row)
{
	return row->accepted + row->deferred + row->refused + row->broken;
}

/* ---- shares */

bool delivery_cause_is_same(
	const struct delivery_cause *a, const struct delivery_cause *b)
{
	return a->row == b->row && a->fault == b->fault &&
	       span_is(a->policy, b->policy);
}

static const struct delivery_cause *same_cause(
	const struct delivery_row *row, const struct delivery_cause *cause)
{
	for (size_t i = 0; row && i < row->cause_count; i++)
		if (delivery_cause_is_same(row->causes[i], cause))
			return row->causes[i];
	return NULL;
}

static bool is_most_of(
	const struct delivery_row *row, const struct delivery_cause *cause)
{
	return 2 * delivery_cause_total(cause) >
	       delivery_row_told(row) - row->accepted;
}

/* Did the cause come with the change, or is it what there is most of? */
static bool is_of_change(const struct delivery_contrast *contrast)
{
	const struct delivery_period *seen = &contrast->cause->seen;
	const struct change_point *change = &contrast->change;

	if (!contrast->has_change || !change->has_since || !seen->has_time ||
		change->during.failed * change->before.tried <=
			change->before.failed * change->during.tried)
		return false;
	return seen->first_ms / 1000 >= change->since_ms / 1000 ||
	       is_most_of(contrast->row, contrast->cause);
}

static void share_cause(struct delivery_contrast *contrast)
{
	uint64_t total = delivery_cause_total(contrast->cause);
	const struct change_share *during = &contrast->change.during;

	contrast->share = (struct change_share){
		delivery_row_told(contrast->row), total
	};
	if (!is_of_change(contrast)) {
		contrast->has_change = false;
		return;
	}
	contrast->share.tried = during->tried;
	contrast->share.failed = total < during->failed ? total
							: during->failed;
}

static void share_other(struct delivery_contrast *contrast)
{
	const struct delivery_row *other = contrast->other;

	if (!other)
		return;
	contrast->other_share.tried = delivery_row_told(other);
	if (contrast->other_cause)
		contrast->other_share.failed = delivery_cause_total(
			contrast->other_cause);
}

/* ---- what parts them */

static double rate(struct change_share share)
{
	return share.tried ? (double)share.failed / (double)share.tried : 0;
}

static bool is_worse(struct change_share a, struct change_share b)
{
	return rate(a) > rate(b);
}

static bool is_about_address(const struct delivery_cause *cause)
{
	return cause->fault != PATH_NO_FAULT ||
	       (cause->row && (cause->row->is_source_bound ||
				      cause->row->is_ipv6_only));
}

static bool is_plain(struct change_share share, struct change_share other)
{
	return rate(share) >= 0.5 && rate(other) <= 0.1;
}

bool delivery_shares_part(const struct delivery_cause *cause,
	struct change_share share, struct change_share other)
{
	if (!share.tried || !other.tried || !is_worse(share, other))
		return false;
	/* One or two of thousands part nothing, however sure it looks. */
	return (share.failed > 2 &&
		       change_gain(share, other) >= CHANGE_APART) ||
	       (is_about_address(cause) && is_plain(share, other));
}

/* What no address of ours or theirs has to do with. */
static bool is_about_recipient(const struct delivery_cause *cause)
{
	static const char *const words[] = { "mailbox-unknown", "mailbox-full",
		"mailbox-disabled", "mailbox-moved", "mailbox-restricted",
		"recipient-rate-limit", "relay-denied", "dns", "size", "loop",
		"sender-account", "suppressed", "content-virus",
		"not-a-bounce" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_is(cause->policy, span_of(words[i])))
			return true;
	return false;
}

static struct change_share share_of(const struct delivery_party *party)
{
	uint64_t failed = party->refused + party->deferred;

	return (struct change_share){ failed + party->accepted, failed };
}

/* One that fails while the rest of them does not; NULL: there is none. */
static const struct delivery_party *find_party(
	const struct delivery_parties *parties)
{
	struct change_share all = { 0, 0 };
	const struct delivery_party *worst = NULL;

	for (size_t i = 0; i < parties->count; i++) {
		struct change_share share = share_of(&parties->at[i]);

		all.tried += share.tried;
		all.failed += share.failed;
		if (!worst || rate(share) > rate(share_of(worst)))
			worst = &parties->at[i];
	}
	if (parties->count < 2 || parties->others)
		return NULL;
	all.tried -= share_of(worst).tried;
	all.failed -= share_of(worst).failed;
	if (!is_plain(share_of(worst), all) ||
		change_gain(share_of(worst), all) < CHANGE_APART)
		return NULL;
	return worst;
}

static bool has_other_troubles(const struct delivery_contrast *contrast)
{
	return contrast->other_share.tried && !contrast->other->accepted;
}

/* What has nothing to do with addresses is told of both families as one. */
static void share_both(struct delivery_contrast *contrast)
{
	contrast->share.tried += contrast->other_share.tried;
	contrast->share.failed += contrast->other_share.failed;
}

static enum delivery_parted part(struct delivery_contrast *contrast)
{
	const struct delivery_row *row = contrast->row;

	if (is_about_recipient(contrast->cause))
		return PARTED_IRRELEVANT;
	if (is_most_of(row, contrast->cause)) {
		contrast->party = find_party(&row->hosts);
		if (contrast->party)
			return PARTED_BY_HOST;
		contrast->party = find_party(&row->sources);
		if (contrast->party)
			return PARTED_BY_SOURCE;
	}
	if (!row->has_family || !contrast->other_share.tried)
		return PARTED_UNDECIDED;
	if (delivery_shares_part(
		    contrast->cause, contrast->share, contrast->other_share))
		return has_other_troubles(contrast) ? PARTED_UNDECIDED
						    : PARTED_BY_FAMILY;
	if (delivery_shares_part(
		    contrast->cause, contrast->other_share, contrast->share))
		return PARTED_UNDECIDED;
	return contrast->other_share.failed ? PARTED_BY_NOTHING
					    : PARTED_UNDECIDED;
}

void delivery_contrast_weigh(struct delivery_contrast *contrast)
{
	contrast->has_change = contrast->row->has_change;
	contrast->change = contrast->row->change;
	share_cause(contrast);
	share_other(contrast);
	contrast->parted = part(contrast);
	if (contrast->parted == PARTED_IRRELEVANT && contrast->other_cause)
		share_both(contrast);
}

void delivery_contrast_find(const struct delivery_table *table,
	const struct delivery_row *row, const struct delivery_cause *cause,
	struct delivery_contrast *contrast)
{
	*contrast = (struct delivery_contrast){ .row = row, .cause = cause };
	contrast->has_hidden = table->has_hidden;
	contrast->other = row->other;
	contrast->other_cause = same_cause(contrast->other, cause);
	delivery_contrast_weigh(contrast);
}
