#include "reports/inbound/mta_config_lines.h"

/*
 * main.cf: NAME "=" VALUE; a line that begins with a blank goes on with the one
 * before it, "#" begins a comment line, and the last setting of a name counts.
 * A value of "$OTHER" is that of another name.
 */
struct row {
	struct span name, value;
	unsigned line;
};

struct rows {
	struct row *at;
	size_t count, room;
};

enum { ROWS_MAX = 4096, REFERENCES_MAX = 8 };

static void rows_add(
	struct mta_reading *reading, struct rows *rows, struct row row)
{
	if (rows->count >= ROWS_MAX)
		return;
	rows->at = arena_grow(reading->arena, rows->at, rows->count,
		&rows->room, sizeof(*rows->at));
	rows->at[rows->count++] = row;
}

static bool is_blank_or_comment(struct span line)
{
	line = span_trim(line);
	return !line.len || line.at[0] == '#';
}

/* A setting with the lines that go on with it: one piece of the text. */
static struct span whole_value(struct mta_reading *reading, struct span first)
{
	struct span value = first;

	while (reading->rest.len && ascii_is_blank(reading->rest.at[0])) {
		struct span line = span_cut(&reading->rest, '\n');

		reading->line++;
		value.len = (size_t)(line.at + line.len - value.at);
	}
	while (value.len && ascii_is_space(value.at[value.len - 1]))
		value.len--;
	return span_trim(value);
}

static void read_rows(struct mta_reading *reading, struct rows *rows)
{
	while (reading->rest.len) {
		struct span line = span_cut(&reading->rest, '\n');
		size_t equals = span_find(line, '=');
		struct row row = { .line = ++reading->line };

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (is_blank_or_comment(line) || equals == line.len)
			continue;
		row.name = span_trim(span_part(line, 0, equals));
		row.value = whole_value(
			reading, span_part(line, equals + 1, line.len));
		rows_add(reading, rows, row);
	}
}

static const struct row *last_of(const struct rows *rows, struct span name)
{
	for (size_t i = rows->count; i-- > 0;)
		if (span_is(rows->at[i].name, name))
			return &rows->at[i];
	return NULL;
}

/* "$name", "${name}", "$(name)" and nothing else. */
static struct span reference_of(struct span value)
{
	if (value.len < 2 || value.at[0] != '$')
		return (struct span){ 0 };
	value = span_part(value, 1, value.len);
	if (value.len > 2 && (value.at[0] == '{' || value.at[0] == '('))
		value = span_part(value, 1, value.len - 2);
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_alpha(value.at[i]) &&
			!ascii_is_digit(value.at[i]) && value.at[i] != '_')
			return (struct span){ 0 };
	return value;
}

/* False: not set, so that the default holds. */
static bool value_of(struct mta_reading *reading, const struct rows *rows,
	struct span name, struct span *value)
{
	const struct row *set = last_of(rows, name), *row = set;

	for (int i = 0; row && i < REFERENCES_MAX; i++) {
		struct span other = reference_of(row->value);

		if (!other.len) {
			*value = row->value;
			mta_setting_found(reading, name, *value, set->line);
			return true;
		}
		row = last_of(rows, other);
	}
	return false;
}

/* "all", or words of "ipv4" and "ipv6". */
static void take_protocols(struct mta_reading *reading, struct span value)
{
	struct mta_config *config = reading->config;
	struct span rest = value;
	bool uses[FAMILY_COUNT] = { false, false };

	while (rest.len) {
		struct span word = mta_word_cut(&rest, ",");

		if (span_is_nocase(word, SPAN("all")))
			uses[FAMILY_IPV4] = uses[FAMILY_IPV6] = true;
		else if (span_is_nocase(word, SPAN("ipv4")))
			uses[FAMILY_IPV4] = true;
		else if (span_is_nocase(word, SPAN("ipv6")))
			uses[FAMILY_IPV6] = true;
		else if (word.len)
			mta_doubt(reading,
				"inet_protocols = %.*s is none of all, ipv4 "
				"and ipv6.",
				SPAN_ARG(word));
	}
	if (!uses[FAMILY_IPV4] && !uses[FAMILY_IPV6])
		return;
	memcpy(config->uses, uses, sizeof(uses));
	if (!uses[FAMILY_IPV4] || !uses[FAMILY_IPV6])
		config->uses_why = arena_print(reading->arena,
			"inet_protocols = %.*s", SPAN_ARG(value));
}

static void take_preference(struct mta_reading *reading, struct span value)
{
	if (span_is_nocase(value, SPAN("ipv4")))
		reading->config->prefers = MTA_PREFERS_IPV4;
	else if (span_is_nocase(value, SPAN("ipv6")))
		reading->config->prefers = MTA_PREFERS_IPV6;
	else if (span_is_nocase(value, SPAN("any")))
		reading->config->prefers = MTA_PREFERS_NEITHER;
	else
		mta_doubt(reading,
			"smtp_address_preference = %.*s is none of any, ipv4 "
			"and ipv6.",
			SPAN_ARG(value));
}

void mta_read_postfix(struct mta_reading *reading)
{
	struct mta_config *config = reading->config;
	struct rows rows = { 0 };
	struct span value;

	read_rows(reading, &rows);
#define GET(name) value_of(reading, &rows, SPAN(name), &value)
	if (GET("inet_protocols"))
		take_protocols(reading, value);
	if (GET("smtp_address_preference"))
		take_preference(reading, value);
	if (GET("smtp_randomize_addresses"))
		mta_take_bool(reading, SPAN("smtp_randomize_addresses"), value,
			&config->randomizes);
	if (GET("smtp_balance_inet_protocols"))
		mta_take_bool(reading, SPAN("smtp_balance_inet_protocols"),
			value, &config->balances);
	if (GET("smtp_mx_address_limit"))
		mta_take_number(reading, SPAN("smtp_mx_address_limit"), value,
			&config->address_limit);
	if (GET("smtp_mx_session_limit"))
		mta_take_number(reading, SPAN("smtp_mx_session_limit"), value,
			&config->session_limit);
	if (GET("smtp_skip_5xx_greeting"))
		mta_take_bool(reading, SPAN("smtp_skip_5xx_greeting"), value,
			&config->skips_5xx_greeting);
	if (GET("relayhost"))
		config->relay = value;
	if (GET("transport_maps"))
		config->transport_maps = value;
#undef GET
	if (config->transport_maps.len)
		mta_doubt(reading,
			"transport_maps = %.*s may send a destination another "
			"way; the table was not read.",
			SPAN_ARG(config->transport_maps));
}
