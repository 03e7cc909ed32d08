#include "probe/policy/preflight.h"

#include "probe/mail/message.h"
#include "probe/mail/reader.h"
#include "probe/policy/preflight_gather.h"

/*
 * First everything is asked that the lines could want (preflight_gather.h);
 * while something is open, nothing is written.  Then each line is written from
 * the facts, and the forecasts from the lines.
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

static const struct aside_row {
	const char *title;
	enum check check;
	preflight_writer *write;
} asides[] = {
	[ASIDE_SPF_RECORDS] = { "SPF records", CHECK_SPF, aside_spf_records },
	[ASIDE_TREE_WALK] = { "by RFC 9989", CHECK_DMARC_POLICY,
		aside_tree_walk },
	[ASIDE_ELSEWHERE] = { "seen elsewhere", CHECK_FCRDNS, aside_elsewhere },
};

_Static_assert(COUNT_OF(asides) == ASIDE_COUNT, "an aside, a row");

const char *preflight_aside_title(enum preflight_aside aside)
{
	return asides[aside].title;
}

enum check preflight_aside_check(enum preflight_aside aside)
{
	return asides[aside].check;
}

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

struct preflight_line preflight_no_source(void)
{
	return preflight_na(SPAN("this host has no address to send from"));
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

static void write_source(const struct preflight_facts *facts,
	struct preflight *result, struct preflight_source *source)
{
	const struct preflight_query *query = facts->query;

	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		source->lines[i] = writers[i](facts);
		source->lines[i].is_asked = is_asked(query, (enum check)i);
	}
	for (unsigned i = 0; i < ASIDE_COUNT; i++)
		source->asides[i] = asides[i].write(facts);
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
		if (line->is_asked && line->status > result->worst)
			result->worst = line->status;
	}
}

bool preflight(struct arena *arena, struct answers *answers,
	const struct preflight_query *query, struct preflight *result)
{
	size_t count = preflight_source_count(query);
	struct preflight_facts *facts = arena_take(
		arena, count * sizeof(*facts));

	*result = (struct preflight){ .source_count = count,
		.story = SPAN("") };
	result->sources = arena_take(arena, count * sizeof(*result->sources));
	if (!preflight_gather(arena, answers, query, result, facts))
		return false;
	preflight_find_changes(arena, query, result);
	for (size_t i = 0; i < count; i++)
		write_source(&facts[i], result, &result->sources[i]);
	result->story = preflight_story(&facts[0]);
	return true;
}
