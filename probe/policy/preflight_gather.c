#include "probe/policy/preflight_gather.h"

#include "probe/dns/name.h"
#include "probe/policy/author_domain.h"
#include "probe/policy/dmarc_identifiers.h"

size_t preflight_source_count(const struct preflight_query *query)
{
	if (!query->source_count)
		return 1;
	return query->source_count < PREFLIGHT_SOURCES_MAX
		       ? query->source_count
		       : PREFLIGHT_SOURCES_MAX;
}

struct gathering {
	struct arena *arena;
	struct answers *answers;
	const struct preflight_query *query;
	struct preflight *result;
	struct preflight_facts *facts; /* what is the same for all sources */
	bool is_open;
};

/* In A-labels and lower case, or as it is when it can be no name. */
static struct span domain_of(struct arena *arena, struct span address)
{
	size_t at = address.len;
	struct span name;
	const char *why;

	while (at > 0 && address.at[at - 1] != '@')
		at--;
	address = span_part(address, at, address.len);
	if (!address.len || !name_to_ascii(arena, address, &name, &why))
		return org_domain_plain(arena, address);
	return name;
}

static struct span author_of(const struct gathering *gathering)
{
	const struct preflight_query *query = gathering->query;
	struct author_domain author;
	const struct header_field *field;

	if (query->from.len)
		return domain_of(gathering->arena, query->from);
	if (!query->message)
		return gathering->result->mail_domain;
	field = header_get(&query->message->form->header, SPAN("From"));
	if (!field)
		return SPAN("");
	author_domain_find(gathering->arena, field->value, &author);
	return domain_of(gathering->arena, author.domain);
}

static void gather_domains(struct gathering *gathering)
{
	struct preflight *result = gathering->result;
	struct arena *arena = gathering->arena;
	const struct suffix_list *suffixes = gathering->facts->suffixes;

	result->mail_domain = domain_of(arena, gathering->query->mail_from);
	result->from_domain = author_of(gathering);
	result->is_foreign_from =
		result->mail_domain.len && result->from_domain.len &&
		dmarc_align(arena, suffixes, result->mail_domain,
			result->from_domain) == DMARC_NOT_ALIGNED;
}

static void gather_signatures(struct gathering *gathering)
{
	const struct preflight_query *query = gathering->query;
	struct dkim_query dkim = { .arena = gathering->arena,
		.answers = gathering->answers,
		.keys = query->keys,
		.now = (uint64_t)query->now };

	gathering->result->dkim.result = DKIM_NONE;
	gathering->result->arc.result = ARC_NONE;
	if (!query->message)
		return;
	if (dkim_check(&dkim, query->message->dkim, &gathering->result->dkim) ==
		DKIM_OPEN)
		gathering->is_open = true;
	if (arc_check(&dkim, query->message->dkim, &gathering->result->arc) ==
		ARC_OPEN)
		gathering->is_open = true;
}

/* An SPF record names addresses that receivers see, and no others. */
static size_t public_sources(
	const struct gathering *gathering, const struct ip **sources)
{
	const struct preflight_query *query = gathering->query;
	size_t most = preflight_source_count(query), count = 0;
	struct ip *seen = arena_take(gathering->arena, most * sizeof(*seen));

	for (size_t i = 0; i < most && i < query->source_count; i++)
		if (ip_kind_is_public(ip_kind(&query->sources[i])))
			seen[count++] = query->sources[i];
	*sources = seen;
	return count;
}

/* What the owner of the record should know, for all our addresses at once. */
static void gather_lint(struct gathering *gathering)
{
	struct spf_lint_query query = {
		.domain = gathering->result->mail_domain,
		.helo = SPAN(""),
		.cache = gathering->query->cache
	};
	struct spf_lint *notes;

	if (!query.domain.len)
		return;
	query.source_count = public_sources(gathering, &query.sources);
	notes = arena_new(gathering->arena, struct spf_lint);
	gathering->result->lint = notes;
	if (!spf_lint(gathering->arena, gathering->answers, &query, notes))
		gathering->is_open = true;
}

/* What mends itself by our own hands: records of the domain that is ours. */
static void gather_records(struct gathering *gathering)
{
	struct span domain = preflight_own_domain(gathering->result);
	struct own_records *records;

	if (!domain.len)
		return;
	records = arena_new(gathering->arena, struct own_records);
	gathering->result->records = records;
	if (!own_records(gathering->arena, gathering->answers, domain,
		    gathering->facts->suffixes, records))
		gathering->is_open = true;
}

static const struct answer *ask(
	struct gathering *gathering, struct span name, enum rr_type type)
{
	const struct answer *answer = answers_get(
		gathering->answers, name, type);

	gathering->is_open |= !answer;
	return answer;
}

/* Where an answer would go: the first address of Reply-To, or of From. */
static struct span answer_domain(const struct gathering *gathering)
{
	const struct preflight_message *message = gathering->query->message;
	const struct header_field *field;
	struct mailbox_list list;
	const char *why;

	if (!message)
		return gathering->result->from_domain;
	field = header_get(&message->form->header, SPAN("Reply-To"));
	if (!field ||
		!mailbox_list_parse(
			gathering->arena, field->value, &list, &why) ||
		!list.count)
		return gathering->result->from_domain;
	return domain_of(gathering->arena, list.mailboxes[0].domain);
}

/* RFC 5321 section 5.1: without MX, the domain's own addresses. */
static void gather_ways_back(struct gathering *gathering)
{
	struct preflight_facts *facts = gathering->facts;
	const struct preflight *result = gathering->result;

	facts->from_soa.state = facts->mail_soa.state = SOA_UNKNOWN;
	if (result->from_domain.len &&
		soa_check(gathering->arena, gathering->answers,
			result->from_domain, &facts->from_soa) == SOA_OPEN)
		gathering->is_open = true;
	if (result->mail_domain.len &&
		soa_check(gathering->arena, gathering->answers,
			result->mail_domain, &facts->mail_soa) == SOA_OPEN)
		gathering->is_open = true;
	facts->answer_domain = answer_domain(gathering);
	if (!facts->answer_domain.len)
		return;
	facts->mx = ask(gathering, facts->answer_domain, RR_MX);
	if (!facts->mx || facts->mx->kind != ANSWER_NONE)
		return;
	facts->a = ask(gathering, facts->answer_domain, RR_A);
	facts->aaaa = ask(gathering, facts->answer_domain, RR_AAAA);
}

/* ---- one source */

/*
 * Asked also while SPF is open, so that its own questions go out with it; and
 * by both RFCs, as receivers follow either.
 */
static void gather_dmarc(
	struct gathering *gathering, struct preflight_source *source)
{
	struct dmarc_query query = {
		.from_domain = gathering->result->from_domain,
		.rules = DMARC_RFC7489,
		.suffixes = gathering->facts->suffixes
	};

	source->dmarc.result = source->walked.result = DMARC_NONE;
	if (!query.from_domain.len)
		return;
	dmarc_identify(gathering->arena, &query,
		source->has_ip ? &source->spf : NULL,
		&gathering->result->dkim);
	if (dmarc_check(gathering->arena, gathering->answers, &query,
		    &source->dmarc) == DMARC_OPEN)
		gathering->is_open = true;
	query.rules = DMARC_RFC9989;
	if (dmarc_check(gathering->arena, gathering->answers, &query,
		    &source->walked) == DMARC_OPEN)
		gathering->is_open = true;
}

static void gather_spf(
	struct gathering *gathering, struct preflight_source *source)
{
	const struct preflight_query *query = gathering->query;
	struct spf_query spf = { .ip = source->ip,
		.helo = query->helo,
		.mail_from = query->mail_from,
		.receiver = SPAN(""),
		.now = query->now,
		.cache = query->cache,
		.is_traced = query->is_traced };

	source->spf.result = SPF_NONE;
	source->spf.domain = SPAN("");
	if (!source->has_ip || (!query->mail_from.len && !query->helo.len))
		return;
	if (spf_check(gathering->arena, gathering->answers, &spf,
		    &source->spf) == SPF_OPEN)
		gathering->is_open = true;
	/* What it means while it is open may be anything. */
	if (source->spf.result == SPF_OPEN)
		source->spf.domain = gathering->result->mail_domain;
}

static const struct dnsbl_check *gather_lists(
	struct gathering *gathering, const struct preflight_source *source)
{
	const struct preflight_query *query = gathering->query;
	struct dnsbl_check *lists = arena_take(
		gathering->arena, (query->zone_count + 1) * sizeof(*lists));

	for (size_t i = 0; i < query->zone_count; i++) {
		struct dnsbl_query one = { .ip = source->ip,
			.zone = query->zones[i],
			.is_prefix = true };

		if (dnsbl_check(gathering->arena, gathering->answers, &one,
			    &lists[i]) == DNSBL_OPEN)
			gathering->is_open = true;
	}
	return lists;
}

/* The same reverse names, by another way. */
static void gather_elsewhere(
	struct gathering *gathering, struct preflight_source *source)
{
	struct answers *theirs = gathering->query->elsewhere;
	struct preflight_view *view;

	if (!theirs)
		return;
	view = arena_new(gathering->arena, struct preflight_view);
	source->elsewhere = view;
	view->views = fcrdns_differ(gathering->arena, gathering->answers,
		theirs, &source->ip, &view->why);
	if (fcrdns_facts(gathering->arena, theirs, &source->ip,
		    &view->reverse) == FCRDNS_OPEN ||
		view->views == FCRDNS_VIEWS_OPEN)
		gathering->is_open = true;
}

static struct span ptr_name_of(const struct fcrdns_facts *reverse)
{
	if (reverse->confirmed)
		return reverse->confirmed->name;
	return reverse->count ? reverse->names[0].name : SPAN("");
}

/* What only has a meaning where there is an address. */
static void gather_address(struct gathering *gathering,
	struct preflight_source *source, struct preflight_facts *facts)
{
	struct span helo = gathering->query->helo;

	if (!source->has_ip)
		return;
	source->fcrdns = fcrdns_facts(gathering->arena, gathering->answers,
		&source->ip, &facts->reverse);
	gathering->is_open |= source->fcrdns == FCRDNS_OPEN;
	source->ptr_name = ptr_name_of(&facts->reverse);
	gather_elsewhere(gathering, source);
	facts->lists = gather_lists(gathering, source);
	if (helo.len &&
		ehlo_name_check(gathering->arena, gathering->answers, helo,
			&source->ip, &facts->helo) == EHLO_NAME_OPEN)
		gathering->is_open = true;
}

static void gather_source(struct gathering *gathering,
	struct preflight_source *source, struct preflight_facts *facts)
{
	facts->source = source;
	source->ptr_name = SPAN("");
	gather_spf(gathering, source);
	gather_dmarc(gathering, source);
	gather_address(gathering, source, facts);
}

bool preflight_gather(struct arena *arena, struct answers *answers,
	const struct preflight_query *query, struct preflight *result,
	struct preflight_facts *facts)
{
	struct preflight_facts same = { .arena = arena,
		.query = query,
		.preflight = result,
		.suffixes = query->suffixes ? query->suffixes
					    : suffix_list_own() };
	struct gathering gathering = { .arena = arena,
		.answers = answers,
		.query = query,
		.result = result,
		.facts = &same };

	gather_domains(&gathering);
	gather_signatures(&gathering);
	gather_lint(&gathering);
	gather_records(&gathering);
	gather_ways_back(&gathering);
	for (size_t i = 0; i < result->source_count; i++) {
		struct preflight_source *source = &result->sources[i];

		source->has_ip = query->source_count != 0;
		if (source->has_ip)
			source->ip = query->sources[i];
		facts[i] = same;
		gather_source(&gathering, source, &facts[i]);
	}
	return !gathering.is_open;
}
