#include "reports/inbound/mta_config_lines.h"

/*
 * The main section, then "begin routers", "begin transports" and others, which
 * hold instances ("name:") with options.  An option is "name = value", or for a
 * truth "name", "no_name" and "not_name".  Lines of the preprocessor (".ifdef")
 * are not followed: what is in any branch counts.
 *
 * What is expanded for each message ("${...}") cannot be told here.
 */
struct part {
	struct span section; /* empty: the main one */
	struct span instance;
	struct span driver;
};

/* name = value; a truth without one is "yes", or "no" with its prefix. */
static void cut_option(struct span line, struct span *name, struct span *value)
{
	size_t equals = span_find(line, '=');

	*name = span_trim(span_part(line, 0, equals));
	*value = span_trim(span_part(line, equals + 1, line.len));
	if (equals < line.len)
		return;
	*value = SPAN("yes");
	if (span_starts_nocase(*name, SPAN("no_"))) {
		*name = span_part(*name, 3, name->len);
		*value = SPAN("no");
	} else if (span_starts_nocase(*name, SPAN("not_"))) {
		*name = span_part(*name, 4, name->len);
		*value = SPAN("no");
	}
}

static bool is_expanded(struct span value)
{
	return span_find(value, '$') < value.len;
}

/* Anything but an empty string, "0", "no" and "false" is true. */
static bool is_true(struct span value)
{
	return value.len && !span_is(value, SPAN("0")) &&
	       !span_is_nocase(value, SPAN("no")) &&
	       !span_is_nocase(value, SPAN("false"));
}

static void forbid_ipv6(struct mta_reading *reading, struct span why)
{
	reading->config->uses[FAMILY_IPV6] = false;
	reading->config->uses_why = why;
}

/* A name, perhaps with "*" before it; not a list's name, a lookup, a pattern. */
static bool is_plain(struct span pattern)
{
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.at[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
			c != '.' && c != '_' && !(c == '*' && i == 0))
			return false;
	}
	return pattern.len > 0;
}

/* dns_ipv4_lookup: a list of domains, parted by ":" or by what "<" names. */
static void take_ipv4_hosts(
	struct mta_reading *reading, struct span value, unsigned line)
{
	char parts[2] = ":";
	struct span rest = value;

	if (rest.len > 1 && rest.at[0] == '<') {
		parts[0] = rest.at[1];
		rest = span_part(rest, 2, rest.len);
	}
	while (rest.len) {
		struct span item = mta_word_cut(&rest, parts);
		struct mta_exception exception = { .pattern = item,
			.is_host = true,
			.only = FAMILY_IPV4,
			.line = line };

		if (!item.len)
			continue;
		if (item.at[0] == '!') {
			exception.is_negated = true;
			exception.pattern = span_part(item, 1, item.len);
		}
		if (!is_plain(exception.pattern))
			mta_doubt(reading,
				"dns_ipv4_lookup has %.*s, which cannot be "
				"told here.",
				SPAN_ARG(item));
		else
			mta_exception_found(reading, &exception);
	}
}

static void read_main(struct mta_reading *reading, struct span name,
	struct span value, unsigned line)
{
	bool is_disabled = false;

	if (span_is(name, SPAN("disable_ipv6"))) {
		mta_setting_found(reading, name, value, line);
		mta_take_bool(reading, name, value, &is_disabled);
		if (is_disabled)
			forbid_ipv6(reading, SPAN("disable_ipv6"));
	} else if (span_is(name, SPAN("dns_ipv4_lookup")) && value.len) {
		mta_setting_found(reading, name, value, line);
		take_ipv4_hosts(reading, value, line);
	}
}

/* Of a dnslookup router; where several differ, the first one counts. */
static void read_router(struct mta_reading *reading, const struct part *part,
	struct span name, struct span value, unsigned line)
{
	bool is_only = span_is(name, SPAN("ipv4_only"));

	if (!is_only && !span_is(name, SPAN("ipv4_prefer")))
		return;
	mta_setting_found(reading, name, value, line);
	if (is_expanded(value)) {
		mta_doubt(reading,
			"The router %.*s has %.*s = %.*s, which is worked out "
			"for each message.",
			SPAN_ARG(part->instance), SPAN_ARG(name),
			SPAN_ARG(value));
		return;
	}
	if (!is_true(value))
		return;
	if (is_only)
		forbid_ipv6(reading,
			arena_print(reading->arena, "ipv4_only of router %.*s",
				SPAN_ARG(part->instance)));
	else
		reading->config->prefers = MTA_PREFERS_IPV4;
}

static void read_transport(struct mta_reading *reading, struct span name,
	struct span value, unsigned line)
{
	if (span_is(name, SPAN("hosts_max_try"))) {
		mta_setting_found(reading, name, value, line);
		mta_take_number(
			reading, name, value, &reading->config->address_limit);
	}
}

/* A smart host is a manualroute router for all that is not local. */
static void read_manualroute(struct mta_reading *reading, struct span name,
	struct span value, unsigned line)
{
	struct span rest = value, pattern = mta_word_cut(&rest, "");

	if (!span_is(name, SPAN("route_list")) || reading->config->relay.len ||
		!span_is(pattern, SPAN("*")))
		return;
	mta_setting_found(reading, name, value, line);
	reading->config->relay = mta_word_cut(&rest, "");
}

static void read_instance(struct mta_reading *reading, struct part *part,
	struct span line, unsigned number)
{
	struct span name, value;

	if (line.at[line.len - 1] == ':' && span_find(line, '=') == line.len) {
		part->instance = span_part(line, 0, line.len - 1);
		part->driver = (struct span){ 0 };
		return;
	}
	cut_option(line, &name, &value);
	if (span_is(name, SPAN("driver")))
		part->driver = value;
	else if (span_is(part->section, SPAN("transports")))
		read_transport(reading, name, value, number);
	else if (!span_is(part->section, SPAN("routers")))
		return;
	else if (span_is(part->driver, SPAN("dnslookup")))
		read_router(reading, part, name, value, number);
	else if (span_is(part->driver, SPAN("manualroute")))
		read_manualroute(reading, name, value, number);
}

void mta_read_exim(struct mta_reading *reading)
{
	struct part part = { 0 };
	struct span line;
	unsigned number;

	while (mta_line_next(reading, true, &line, &number)) {
		struct span name, value;

		if (line.at[0] == '#' || line.at[0] == '.')
			continue;
		if (span_starts_nocase(line, SPAN("begin "))) {
			part.section = span_trim(span_part(line, 6, line.len));
			part.instance = part.driver = (struct span){ 0 };
			continue;
		}
		if (part.section.len) {
			read_instance(reading, &part, line, number);
			continue;
		}
		cut_option(line, &name, &value);
		read_main(reading, name, value, number);
	}
}
