#include "probe/policy/mta_sts.h"

#include "probe/base/utf8.h"
#include "probe/dns/name.h"

/* What both grammars call a name: (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" /
 * "-" / "."). */
static bool is_key(struct span text)
{
	if (!text.len || text.len > MTA_STS_KEY_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (ascii_is_alpha(c) || ascii_is_digit(c))
			continue;
		if (i == 0 || (c != '_' && c != '-' && c != '.'))
			return false;
	}
	return true;
}

/* ---- the record */

static bool is_id(struct span text)
{
	if (!text.len || text.len > MTA_STS_ID_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alpha(text.at[i]) && !ascii_is_digit(text.at[i]))
			return false;
	return true;
}

/* 1*(%x21-3A / %x3C / %x3E-7E): what is to be seen, but no ";" and no "=". */
static bool is_record_value(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c <= ' ' || c > '~' || c == ';' || c == '=')
			return false;
	}
	return text.len != 0;
}

static bool take_field(struct arena *arena, struct span field, struct span *id,
	struct span *why)
{
	struct span value = field;
	struct span key = span_cut(&value, '=');
	bool is_first_id = span_is(key, SPAN("id")) && !id->len;

	if (key.len == field.len || !is_key(key)) {
		*why = SPAN("a field of the record is not NAME=VALUE");
		return false;
	}
	if (is_first_id && !is_id(value)) {
		*why = SPAN("the id is not 1 to 32 letters and digits");
		return false;
	}
	if (is_first_id)
		*id = value;
	if (is_record_value(value))
		return true;
	*why = arena_print(arena, "%.*s= is empty, or holds a space or \"=\"",
		SPAN_ARG(key));
	return false;
}

/* The next field; false at the end.  White space stands only around a
 * semicolon, so what is behind the last field belongs to it. */
static bool next_field(struct span *rest, struct span *field)
{
	bool is_last = span_find(*rest, ';') == rest->len;
	struct span piece = span_cut(rest, ';');

	*field = span_trim(piece);
	if (is_last && field->len)
		field->len = (size_t)(piece.at + piece.len - field->at);
	return !is_last || field->len;
}

static bool is_of_version(struct span text)
{
	struct span version = span_cut(&text, ';');

	return version.len && version.at[0] == 'v' &&
	       span_is(span_trim(version), SPAN("v=STSv1"));
}

/*
 *	sts-text-record = sts-version 1*(sts-field-delim sts-field)
 *	                  [sts-field-delim]
 *	sts-field-delim = *WSP ";" *WSP
 *	sts-version     = %s"v=STSv1"
 *	sts-field       = %s"id=" 1*32(ALPHA / DIGIT) / name "=" value
 *
 * RFC 8461, 3.1.  Of a field that is there twice, the first counts (3.2).
 */
bool mta_sts_record_parse(struct arena *arena, struct span text,
	struct span *id, struct span *why)
{
	struct span rest = text, field;

	*id = *why = SPAN("");
	if (!is_of_version(text)) {
		*why = SPAN("the record does not begin with \"v=STSv1;\"");
		return false;
	}
	span_cut(&rest, ';');
	while (next_field(&rest, &field))
		if (!take_field(arena, field, id, why))
			return false;
	if (!id->len)
		*why = SPAN("the record has no id");
	return id->len != 0;
}

/* ---- the policy file */

enum key {
	KEY_VERSION,
	KEY_MODE,
	KEY_MAX_AGE,
	KEY_MX,
	KEY_OTHER,
};

static const char *const key_words[] = { "version", "mode", "max_age", "mx" };

struct policy_reading {
	struct arena *arena;
	struct mta_sts_policy *policy;
	struct span *patterns;
	size_t room;
	unsigned line;
	unsigned seen; /* a bit for each key */
	struct span *why;
};

static bool wrong(struct policy_reading *reading, const char *what)
{
	*reading->why = arena_print(
		reading->arena, "line %u: %s", reading->line, what);
	return false;
}

/* RFC 5321's Domain, which has no dot at its end. */
static bool is_domain(struct arena *arena, struct span text)
{
	struct span name;
	const char *why;

	return text.len && text.at[text.len - 1] != '.' &&
	       span_find(text, '\\') == text.len &&
	       name_normalise(arena, text, &name, &why) &&
	       name_host_check(name, &why) == HOST_FIT;
}

static bool take_mx(struct policy_reading *reading, struct span value)
{
	struct mta_sts_policy *policy = reading->policy;
	bool is_wild = span_starts_nocase(value, SPAN("*."));
	struct span domain = span_part(value, is_wild ? 2 : 0, value.len);

	if (!is_domain(reading->arena, domain))
		return wrong(reading, "mx is no host name, nor *. and a name");
	reading->patterns = arena_grow(reading->arena, reading->patterns,
		policy->pattern_count, &reading->room, sizeof(value));
	reading->patterns[policy->pattern_count++] = value;
	policy->patterns = reading->patterns;
	return true;
}

static bool take_mode(struct policy_reading *reading, struct span value)
{
	for (unsigned i = MTA_STS_MODE_NONE; i <= MTA_STS_ENFORCE; i++) {
		reading->policy->mode = (enum mta_sts_mode)i;
		if (span_is(value,
			    span_of(mta_sts_mode_word((enum mta_sts_mode)i))))
			return true;
	}
	return wrong(reading, "mode is not enforce, testing or none");
}

static bool take_max_age(struct policy_reading *reading, struct span value)
{
	unsigned long number;

	if (value.len > 10 || !span_number(value, MTA_STS_AGE_MAX, &number))
		return wrong(reading,
			"max_age is no number of seconds up to 31557600");
	reading->policy->max_age = (uint32_t)number;
	return true;
}

static bool take_known(
	struct policy_reading *reading, enum key key, struct span value)
{
	bool is_first = !(reading->seen & 1u << key);

	reading->seen |= 1u << key;
	if (!is_first && key != KEY_MX)
		return true; /* the first one counts: RFC 8461, 3.2 */
	switch (key) {
	case KEY_VERSION:
		return span_is(value, SPAN("STSv1")) ||
		       wrong(reading, "version is not STSv1");
	case KEY_MODE:
		return take_mode(reading, value);
	case KEY_MAX_AGE:
		return take_max_age(reading, value);
	case KEY_MX:
		return take_mx(reading, value);
	case KEY_OTHER:
		return true;
	}
	return false;
}

static enum key key_of(struct span text)
{
	for (unsigned i = KEY_VERSION; i < KEY_OTHER; i++)
		if (span_is(text, span_of(key_words[i])))
			return (enum key)i;
	return KEY_OTHER;
}

/* Visible signs, with single spaces or more between them; UTF-8 too. */
static bool is_policy_value(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return text.len && utf8_is_whole(text);
}

static bool take_line(struct policy_reading *reading, struct span line)
{
	struct span value = line;
	struct span key = span_cut(&value, ':');

	if (!span_trim(line).len) {
		reading->policy->oddity = arena_print(
			reading->arena, "line %u is empty", reading->line);
		return true;
	}
	if (key.len == line.len)
		return wrong(reading, "it is not KEY: VALUE");
	if (!is_key(key))
		return wrong(reading, "the key is not letters, digits and "
				      "_ - . without spaces around it");
	value = span_trim(value);
	if (!value.len)
		return wrong(reading, "there is no value behind the key");
	if (!is_policy_value(value))
		return wrong(reading, "the value has a control character in "
				      "it, or is not UTF-8");
	return take_known(reading, key_of(key), value);
}

static bool is_complete(struct policy_reading *reading)
{
	for (unsigned i = KEY_VERSION; i <= KEY_MAX_AGE; i++) {
		if (reading->seen & 1u << i)
			continue;
		*reading->why = arena_print(
			reading->arena, "the policy has no %s", key_words[i]);
		return false;
	}
	if (reading->policy->pattern_count ||
		reading->policy->mode == MTA_STS_MODE_NONE)
		return true;
	*reading->why = SPAN("the policy has no mx");
	return false;
}

/*
 *	sts-policy-record = sts-policy-field *WSP
 *	                    *(sts-policy-term sts-policy-field *WSP)
 *	                    [sts-policy-term]
 *	sts-policy-field  = key ":" *WSP value
 *	sts-policy-term   = LF / CRLF
 *
 * RFC 8461, 3.2: version, mode and max_age once, mx once or more except in
 * mode none, in any order, with keys that we do not know among them.
 */
bool mta_sts_policy_parse(struct arena *arena, struct span body,
	struct mta_sts_policy *policy, struct span *why)
{
	struct policy_reading reading = {
		.arena = arena, .policy = policy, .why = why
	};

	*policy = (struct mta_sts_policy){ .oddity = SPAN("") };
	*why = SPAN("");
	if (body.len > MTA_STS_POLICY_MAX) {
		*why = SPAN("the policy is larger than 64 KB");
		return false;
	}
	while (body.len) {
		struct span line = span_cut(&body, '\n');

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		reading.line++;
		if (!take_line(&reading, line))
			return false;
	}
	return is_complete(&reading);
}

/* ---- does it hold this mail exchanger? */

bool mta_sts_match(struct span pattern, struct span mx)
{
	pattern = name_without_dot(pattern);
	mx = name_without_dot(mx);
	if (!span_starts_nocase(pattern, SPAN("*.")))
		return mx.len && span_is_nocase(pattern, mx);
	if (span_find(mx, '.') == 0)
		return false;
	return span_is_nocase(span_part(pattern, 1, pattern.len),
		span_part(mx, span_find(mx, '.'), mx.len));
}

bool mta_sts_lists(const struct mta_sts_policy *policy, struct span mx)
{
	for (size_t i = 0; i < policy->pattern_count; i++)
		if (mta_sts_match(policy->patterns[i], mx))
			return true;
	return false;
}

/* ---- what the domain asks of senders */

static enum mta_sts_state conclude(
	struct mta_sts *sts, enum mta_sts_state state, struct span why)
{
	sts->state = state;
	sts->why = why;
	return state;
}

static struct span why_of(
	struct arena *arena, struct span name, const struct answer *answer)
{
	if (answer->why.len)
		return answer->why;
	return arena_print(
		arena, "%.*s: %s", SPAN_ARG(name), answer_word(answer->kind));
}

/*
 * RFC 8461, 3.1: records that do not begin with the version are somebody
 * else's; of the others there must be one.  One that was meant to be ours and
 * is not tells more than that there is none.
 */
static enum mta_sts_state read_records(struct arena *arena, struct mta_sts *sts)
{
	const struct answer *answer = sts->record;
	struct span ours = SPAN(""), why;
	size_t count = 0, meant = 0;

	for (size_t i = 0; i < answer->value_count; i++) {
		struct span text = answer->values[i];

		meant += span_starts_nocase(span_trim(text), SPAN("v=STS"));
		if (!is_of_version(text))
			continue;
		ours = text;
		count++;
	}
	if (count > 1)
		return conclude(sts, MTA_STS_RECORD_BAD,
			arena_print(arena,
				"%zu records begin with v=STSv1; "
				"only one may",
				count));
	if (!count && !meant)
		return conclude(sts, MTA_STS_NONE, SPAN(""));
	if (!count)
		return conclude(sts, MTA_STS_RECORD_BAD,
			SPAN("the record does not begin with \"v=STSv1;\""));
	if (!mta_sts_record_parse(arena, ours, &sts->id, &why))
		return conclude(sts, MTA_STS_RECORD_BAD, why);
	return MTA_STS_FOUND;
}

/* The resolver reaches the web server by these, so they come first. */
static enum mta_sts_state find_host(
	struct arena *arena, struct answers *answers, struct mta_sts *sts)
{
	const struct answer *six = answers_get(answers, sts->host, RR_AAAA);
	const struct answer *four = answers_get(answers, sts->host, RR_A);

	if (!six || !four)
		return conclude(sts, MTA_STS_OPEN, SPAN(""));
	if (six->kind == ANSWER_DATA || four->kind == ANSWER_DATA)
		return MTA_STS_FOUND;
	if (answer_failed(six))
		return conclude(
			sts, MTA_STS_UNKNOWN, why_of(arena, sts->host, six));
	if (answer_failed(four))
		return conclude(
			sts, MTA_STS_UNKNOWN, why_of(arena, sts->host, four));
	return conclude(sts, MTA_STS_FETCH_FAILED,
		arena_print(arena, "%.*s has no address", SPAN_ARG(sts->host)));
}

static enum mta_sts_state read_file(struct arena *arena, struct mta_sts *sts)
{
	struct span body = SPAN(""), why;

	if (sts->file->kind == ANSWER_UNSAVED)
		return conclude(sts, MTA_STS_UNKNOWN,
			SPAN("the policy is not in the saved answers"));
	if (sts->file->kind != ANSWER_DATA)
		return conclude(sts, MTA_STS_FETCH_FAILED,
			why_of(arena, sts->host, sts->file));
	if (sts->file->value_count)
		body = sts->file->values[0];
	if (!mta_sts_policy_parse(arena, body, &sts->policy, &why))
		return conclude(sts, MTA_STS_POLICY_BAD, why);
	return conclude(sts, MTA_STS_FOUND, SPAN(""));
}

enum mta_sts_state mta_sts_check(struct arena *arena, struct answers *answers,
	struct span domain, struct mta_sts *sts)
{
	struct span name = arena_print(
		arena, "_mta-sts.%.*s", SPAN_ARG(domain));

	*sts = (struct mta_sts){ .why = SPAN(""),
		.id = SPAN(""),
		.host = SPAN(""),
		.policy.oddity = SPAN("") };
	sts->record = answers_get(answers, name, RR_TXT);
	if (!sts->record)
		return conclude(sts, MTA_STS_OPEN, SPAN(""));
	if (answer_failed(sts->record))
		return conclude(
			sts, MTA_STS_UNKNOWN, why_of(arena, name, sts->record));
	if (sts->record->kind != ANSWER_DATA)
		return conclude(sts, MTA_STS_NONE, SPAN(""));
	if (read_records(arena, sts) != MTA_STS_FOUND)
		return sts->state;
	sts->host = arena_print(arena, "mta-sts.%.*s", SPAN_ARG(domain));
	if (find_host(arena, answers, sts) != MTA_STS_FOUND)
		return sts->state;
	sts->file = answers_get(answers, sts->host, RR_POLICY);
	if (!sts->file)
		return conclude(sts, MTA_STS_OPEN, SPAN(""));
	return read_file(arena, sts);
}

const char *mta_sts_word(enum mta_sts_state state)
{
	switch (state) {
	case MTA_STS_OPEN:
		return "open";
	case MTA_STS_UNKNOWN:
		return "unknown";
	case MTA_STS_NONE:
		return "none";
	case MTA_STS_RECORD_BAD:
		return "record-bad";
	case MTA_STS_FETCH_FAILED:
		return "fetch-failed";
	case MTA_STS_POLICY_BAD:
		return "policy-bad";
	case MTA_STS_FOUND:
		return "found";
	}
	return "";
}

const char *mta_sts_mode_word(enum mta_sts_mode mode)
{
	switch (mode) {
	case MTA_STS_MODE_NONE:
		return "none";
	case MTA_STS_TESTING:
		return "testing";
	case MTA_STS_ENFORCE:
		return "enforce";
	}
	return "";
}
