#include "probe/policy/preflight.h"

#include "probe/dns/name.h"
#include "probe/mail/message.h"
#include "probe/mail/reader.h"
#include "probe/policy/author_domain.h"
#include "probe/policy/preflight_facts.h"

/*
 * First everything is asked that the lines could want, for all sources in one
 * round; while something is open, nothing is written.  Then each line is
 * written from the facts, and the forecasts from the lines.
 */
static preflight_writer *const writers[] = {
	[CHECK_SPF] = line_spf,
	[CHECK_DKIM] = line_dkim,
	[CHECK_SPF_OR_DKIM] = line_spf_or_dkim,
	[CHECK_DMARC_RECORD] = line_dmarc_record,
	[CHECK_DMARC_ALIGNED] = line_dmarc_aligned,
	[CHECK_DMARC_POLICY] = line_dmarc_policy,
	[CHECK_DKIM_KEY_BITS] = line_dkim_key_bits,
	[CHECK_FCRDNS] = line_fcrdns,
	[CHECK_PTR_NOT_GENERIC] = line_ptr_not_generic,
	[CHECK_HELO] = line_helo,
	[CHECK_SOA] = line_soa,
	[CHECK_CAN_RECEIVE] = line_can_receive,
	[CHECK_DNSBL] = line_dnsbl,
	[CHECK_TLS] = line_tls,
	[CHECK_FORM] = line_form,
	[CHECK_SINGLE_HEADERS] = line_single_headers,
	[CHECK_FROM_COUNT] = line_from_count,
	[CHECK_MESSAGE_ID] = line_message_id,
	[CHECK_MIME] = line_mime,
	[CHECK_HEADER_SIZE] = line_header_size,
	[CHECK_FROM_IMPERSONATION] = line_from_impersonation,
	[CHECK_DISPLAY_NAME] = line_display_name,
	[CHECK_SUBJECT_HONEST] = line_subject_honest,
	[CHECK_SCRIPTS] = line_scripts,
	[CHECK_ONE_CLICK] = line_one_click,
	[CHECK_UNSUBSCRIBE] = line_unsubscribe,
	[CHECK_ARC] = line_arc,
	[CHECK_SPAM_RATE] = line_spam_rate,
};

_Static_assert(COUNT_OF(writers) == CHECK_COUNT, "a check, a writer");

const char *preflight_status_word(enum preflight_status status)
{
	static const char *const words[] = { "pass", "n/a", "warn", "unknown",
		"fail" };

	return words[status];
}

const struct preflight_message *preflight_message_of(
	struct arena *arena, struct span bytes, int64_t now)
{
	struct preflight_message *message = arena_new(
		arena, struct preflight_message);
	struct header header;

	message->form = form_of(arena, bytes, now);
	message->was_converted = message->form->has_local_ends;
	if (message->was_converted)
		bytes = message_text(arena, message_from(arena, bytes));
	message->dkim = dkim_message_of(arena, bytes);
	message->body = mail_split(arena, bytes, &header);
	unsubscribe_read(arena, &message->form->header, &message->unsubscribe);
	return message;
}

const struct profile_rule *preflight_rule(
	const struct profile *profile, enum check check)
{
	for (size_t i = 0; i < profile->rule_count; i++)
		if (profile->rules[i].check == check)
			return &profile->rules[i];
	return NULL;
}

/* ---- gathering */

static size_t source_count(const struct preflight_query *query)
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
	struct preflight_facts facts; /* what is the same for all sources */
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
	const struct suffix_list *suffixes = gathering->facts.suffixes;

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
	size_t most = source_count(query), count = 0;
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
	struct preflight_facts *facts = &gathering->facts;
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

static enum dmarc_outcome outcome_of_spf(enum spf_result result)
{
	if (result == SPF_PASS)
		return DMARC_METHOD_PASSED;
	return result == SPF_TEMPERROR ? DMARC_METHOD_UNSURE
				       : DMARC_METHOD_FAILED;
}

static enum dmarc_outcome outcome_of_dkim(enum dkim_result result)
{
	if (result == DKIM_PASS)
		return DMARC_METHOD_PASSED;
	return result == DKIM_TEMPERROR ? DMARC_METHOD_UNSURE
					: DMARC_METHOD_FAILED;
}

/* Passing signatures first: only so many are looked at. */
static size_t add_signatures(const struct dkim_checks *checks, bool is_passed,
	struct dmarc_identifier *identifiers, size_t count)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if ((check->result == DKIM_PASS) != is_passed ||
			count == DMARC_IDENTIFIERS_MAX)
			continue;
		identifiers[count++] = (struct dmarc_identifier){
			.method = DMARC_BY_DKIM,
			.outcome = outcome_of_dkim(check->result),
			.domain = check->signature->domain,
		};
	}
	return count;
}

/* Asked also while SPF is open, so that its own questions go out with it. */
static void gather_dmarc(
	struct gathering *gathering, struct preflight_source *source)
{
	struct dmarc_identifier *identifiers = arena_take(
		gathering->arena, DMARC_IDENTIFIERS_MAX * sizeof(*identifiers));
	struct dmarc_query query = {
		.from_domain = gathering->result->from_domain,
		.identifiers = identifiers,
		.identifier_count = 0,
		.rules = DMARC_RFC7489,
		.suffixes = gathering->facts.suffixes
	};

	source->dmarc.result = DMARC_NONE;
	if (!query.from_domain.len)
		return;
	if (source->has_ip)
		identifiers[query.identifier_count++] =
			(struct dmarc_identifier){ .method = DMARC_BY_SPF,
				.outcome = outcome_of_spf(source->spf.result),
				.domain = source->spf.domain };
	for (int is_passed = 1; is_passed >= 0; is_passed--)
		query.identifier_count = add_signatures(
			&gathering->result->dkim, is_passed, identifiers,
			query.identifier_count);
	if (dmarc_check(gathering->arena, gathering->answers, &query,
		    &source->dmarc) == DMARC_OPEN)
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
	if (facts->reverse.count)
		source->ptr_name = facts->reverse.names[0].name;
	if (facts->reverse.confirmed)
		source->ptr_name = facts->reverse.confirmed->name;
	facts->lists = gather_lists(gathering, source);
	if (helo.len &&
		ehlo_name_check(gathering->arena, gathering->answers, helo,
			&source->ip, &facts->helo) == EHLO_NAME_OPEN)
		gathering->is_open = true;
}

static void gather_source(struct gathering *gathering,
	struct preflight_source *source, struct preflight_facts *facts)
{
	*facts = gathering->facts;
	facts->source = source;
	source->ptr_name = SPAN("");
	gather_spf(gathering, source);
	gather_dmarc(gathering, source);
	gather_address(gathering, source, facts);
}

/* ---- writing */

struct preflight_line preflight_say(
	enum preflight_status status, struct span evidence, struct span fix)
{
	return (struct preflight_line){
		.status = status, .evidence = evidence, .fix = fix
	};
}

struct preflight_line preflight_well(struct span evidence)
{
	return preflight_say(PREFLIGHT_PASS, evidence, SPAN(""));
}

struct preflight_line preflight_na(struct span evidence)
{
	return preflight_say(PREFLIGHT_NA, evidence, SPAN(""));
}

struct preflight_line preflight_no_message(void)
{
	struct preflight_line line = preflight_na(SPAN("no message was given"));

	line.wants_message = true;
	return line;
}

static const struct profile_rule *any_rule(const struct preflight_query *query,
	enum check check, enum rule_severity severity)
{
	for (size_t i = 0; i < query->profile_count; i++) {
		const struct profile *profile = query->profiles[i];

		for (size_t j = 0; j < profile->rule_count; j++)
			if (profile->rules[j].check == check &&
				profile->rules[j].severity == severity)
				return &profile->rules[j];
	}
	return NULL;
}

/*
 * The EHLO name is RFC 5321's business (4.1.1.1), whoever receives; and who
 * asks for one of two wants to see both.
 */
static bool is_asked(const struct preflight_query *query, enum check check)
{
	bool is_half = check == CHECK_SPF || check == CHECK_DKIM;

	return (check == CHECK_HELO && query->helo.len) ||
	       (is_half && any_rule(query, CHECK_SPF_OR_DKIM, RULE_REQUIRED)) ||
	       any_rule(query, check, RULE_REQUIRED) ||
	       any_rule(query, check, RULE_RECOMMENDED);
}

/* What breaking this rule brings; a wish that is not met costs less. */
static enum consequence consequence_of(
	const struct profile_rule *rule, const struct preflight_line *line)
{
	bool is_wish = rule->severity == RULE_RECOMMENDED;

	if (line->status == PREFLIGHT_WARN)
		return rule->check == CHECK_DMARC_POLICY ? CONSEQUENCE_SPAM
							 : CONSEQUENCE_NONE;
	if (line->status != PREFLIGHT_FAIL)
		return CONSEQUENCE_NONE;
	if (is_wish && rule->consequence > CONSEQUENCE_SPAM)
		return CONSEQUENCE_SPAM;
	return rule->consequence;
}

static void forecast(const struct preflight_source *source,
	const struct profile *profile, struct preflight_forecast *forecast)
{
	*forecast = (struct preflight_forecast){ .profile = profile,
		.why = SPAN("") };
	for (size_t i = 0; i < profile->rule_count; i++) {
		const struct profile_rule *rule = &profile->rules[i];
		const struct preflight_line *line = &source->lines[rule->check];
		enum consequence consequence = consequence_of(rule, line);

		if (line->status == PREFLIGHT_FAIL)
			forecast->broken_count++;
		if (rule->severity == RULE_REQUIRED &&
			(line->status == PREFLIGHT_UNKNOWN ||
				line->wants_message))
			forecast->is_unknown = true;
		if (consequence <= forecast->consequence)
			continue;
		forecast->consequence = consequence;
		forecast->rule = rule;
		forecast->why = line->evidence;
	}
}

static void write_source(struct gathering *gathering,
	struct preflight_source *source, const struct preflight_facts *facts)
{
	const struct preflight_query *query = gathering->query;

	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		source->lines[i] = writers[i](facts);
		source->lines[i].is_asked = is_asked(query, (enum check)i);
	}
	for (size_t i = 0;
		i < query->profile_count && i < PREFLIGHT_PROFILES_MAX; i++)
		forecast(source, query->profiles[i],
			&source->forecasts[source->forecast_count++]);
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		struct preflight_line *line = &source->lines[i];

		/* Nobody's demand: it is told, and the mail goes through. */
		if (line->status == PREFLIGHT_FAIL &&
			!any_rule(query, (enum check)i, RULE_REQUIRED))
			line->status = PREFLIGHT_WARN;
		if (line->is_asked && line->status > gathering->result->worst)
			gathering->result->worst = line->status;
	}
}

bool preflight(struct arena *arena, struct answers *answers,
	const struct preflight_query *query, struct preflight *result)
{
	struct gathering gathering = { .arena = arena,
		.answers = answers,
		.query = query,
		.result = result };
	size_t count = source_count(query);
	struct preflight_source *sources = arena_take(
		arena, count * sizeof(*sources));
	struct preflight_facts *facts = arena_take(
		arena, count * sizeof(*facts));

	*result = (struct preflight){ .sources = sources,
		.source_count = count };
	gathering.facts = (struct preflight_facts){ .arena = arena,
		.query = query,
		.preflight = result,
		.suffixes = query->suffixes ? query->suffixes
					    : suffix_list_own() };
	gather_domains(&gathering);
	gather_signatures(&gathering);
	gather_lint(&gathering);
	gather_ways_back(&gathering);
	for (size_t i = 0; i < count; i++) {
		sources[i].has_ip = query->source_count != 0;
		if (sources[i].has_ip)
			sources[i].ip = query->sources[i];
		gather_source(&gathering, &sources[i], &facts[i]);
	}
	if (gathering.is_open)
		return false;
	gathering.facts.dkim = preflight_dkim(&facts[0]);
	for (size_t i = 0; i < count; i++) {
		facts[i].dkim = gathering.facts.dkim;
		write_source(&gathering, &sources[i], &facts[i]);
	}
	return true;
}
