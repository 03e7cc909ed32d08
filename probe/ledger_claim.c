#include "probe/ledger_claim.h"

#include "probe/dns/name.h"
#include "probe/policy/org_domain.h"

struct span ledger_organisation(struct arena *arena, struct span host)
{
	return org_domain(arena, suffix_list_own(), host);
}

/* ---- a limit of the scenario */

static struct span domain_of(struct arena *arena, struct span text)
{
	struct span ascii;
	const char *why;

	return name_to_ascii(arena, text, &ascii, &why)
		       ? ascii
		       : org_domain_plain(arena, text);
}

static bool lies_under(struct span name, struct span domain)
{
	size_t more = name.len - domain.len;

	return name.len >= domain.len &&
	       span_is(span_part(name, more, domain.len), domain) &&
	       (more == 0 || name.at[more - 1] == '.');
}

static unsigned at_most(unsigned said, unsigned most)
{
	return said < most ? said : most;
}

static uint64_t pause_of(const struct limit *limit)
{
	if (!limit->has_pause)
		return 0;
	return limit->pause_ms < LEDGER_PAUSE_MOST_MS ? limit->pause_ms
						      : LEDGER_PAUSE_MOST_MS;
}

static struct ledger_limit limit_of(
	const struct limit *limit, struct span domain)
{
	return (struct ledger_limit){ .by = LIMITED_BY_DOMAIN,
		.name = domain,
		.connections = at_most(
			limit->connections, LEDGER_CONNECTIONS_MOST),
		.pause_ms = pause_of(limit),
		.per_day = at_most(limit->per_day, LEDGER_PER_DAY_MOST) };
}

/* The organisation's own, told by somebody who knows better. */
static void replace(
	struct ledger_limit *organisation, const struct ledger_limit *said)
{
	if (said->connections)
		organisation->connections = said->connections;
	if (said->pause_ms)
		organisation->pause_ms = said->pause_ms;
	if (said->per_day)
		organisation->per_day = said->per_day;
}

static void add_said(struct arena *arena, struct ledger_claim *claim,
	struct ledger_limit *limits, const struct limit *said)
{
	struct span domain = domain_of(arena, said->domain);
	struct ledger_limit limit = limit_of(said, domain);

	if (!lies_under(claim->host, domain) &&
		!lies_under(claim->domain, domain))
		return;
	for (size_t i = 0; i < claim->limit_count; i++)
		if (limits[i].by == LIMITED_BY_ORGANISATION &&
			span_is(limits[i].name, domain)) {
			replace(&limits[i], &limit);
			return;
		}
	limits[claim->limit_count++] = limit;
}

/* ---- those that hold for everybody */

static void add_usual(struct ledger_claim *claim, struct ledger_limit *limits,
	unsigned pause_ms)
{
	limits[0] = (struct ledger_limit){ .by = LIMITED_BY_HOST,
		.name = claim->host,
		.connections = 1,
		.pause_ms = pause_ms };
	limits[1] = limits[0];
	limits[1].by = LIMITED_BY_ADDRESS;
	limits[1].name = claim->address;
	limits[2] = (struct ledger_limit){ .by = LIMITED_BY_ORGANISATION,
		.name = claim->organisation,
		.connections = LEDGER_CONNECTIONS_USUAL,
		.per_day = LEDGER_PER_DAY_USUAL };
	claim->limit_count = 3;
}

void ledger_claim_of(struct arena *arena, const struct path *path,
	const struct ledger_terms *terms, unsigned pause_ms,
	struct ledger_claim *claim)
{
	struct ledger_limit *limits = arena_take(
		arena, (terms->limit_count + 3) * sizeof(*limits));

	*claim = (struct ledger_claim){
		.host = org_domain_plain(arena, path->host),
		.address = ip_text(arena, &path->remote),
		.domain = org_domain_plain(arena, path->domain),
		.limits = limits,
	};
	claim->organisation = ledger_organisation(arena, claim->host);
	if (!terms->is_ours && ip_kind(&path->remote) != IP_LOOPBACK)
		add_usual(claim, limits, pause_ms);
	for (size_t i = 0; i < terms->limit_count; i++)
		add_said(arena, claim, limits, &terms->limits[i]);
}
