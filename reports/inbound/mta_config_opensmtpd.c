#include "reports/inbound/mta_config_lines.h"

/*
 * smtpd.conf, of which two kinds of lines count:
 *
 *	mta limit [for domain NAME] inet4       and "limit mta ..." before 6.4
 *	action NAME relay host URL ...
 */
static struct span unquoted(struct span word)
{
	if (word.len >= 2 && word.at[0] == '"' && word.at[word.len - 1] == '"')
		return span_part(word, 1, word.len - 2);
	return word;
}

static void take_family(struct mta_reading *reading, struct span domain,
	enum family family, unsigned line)
{
	struct mta_config *config = reading->config;

	if (domain.len) {
		mta_exception_found(
			reading, &(struct mta_exception){ .pattern = domain,
					 .only = family,
					 .line = line });
		return;
	}
	config->uses[FAMILY_IPV4] = family == FAMILY_IPV4;
	config->uses[FAMILY_IPV6] = family == FAMILY_IPV6;
	config->uses_why = family == FAMILY_IPV4 ? SPAN("mta limit inet4")
						 : SPAN("mta limit inet6");
}

/* [ for domain NAME ] and limits, of which inet4 and inet6 count. */
static void read_limit(
	struct mta_reading *reading, struct span rest, unsigned line)
{
	struct span all = span_trim(rest), domain = { 0 };

	while (rest.len) {
		struct span word = mta_word_cut(&rest, "{},");
		bool is_ipv4 = span_is(word, SPAN("inet4"));

		if (span_is(word, SPAN("domain")))
			domain = unquoted(mta_word_cut(&rest, "{},"));
		if (!is_ipv4 && !span_is(word, SPAN("inet6")))
			continue;
		mta_setting_found(reading, SPAN("mta limit"), all, line);
		take_family(reading, domain,
			is_ipv4 ? FAMILY_IPV4 : FAMILY_IPV6, line);
	}
}

/* NAME relay [ options ] host URL; the first one that relays counts. */
static void read_action(
	struct mta_reading *reading, struct span rest, unsigned line)
{
	struct span word;

	mta_word_cut(&rest, "");
	if (!span_is(mta_word_cut(&rest, ""), SPAN("relay")))
		return;
	while (rest.len) {
		word = mta_word_cut(&rest, "");
		if (!span_is(word, SPAN("host")))
			continue;
		word = unquoted(mta_word_cut(&rest, ""));
		if (reading->config->relay.len || !word.len)
			return;
		reading->config->relay = word;
		mta_setting_found(
			reading, SPAN("action relay host"), word, line);
		return;
	}
}

void mta_read_opensmtpd(struct mta_reading *reading)
{
	struct span line;
	unsigned number;

	while (mta_line_next(reading, true, &line, &number)) {
		struct span rest = line, first = mta_word_cut(&rest, "");
		struct span after = rest, second = mta_word_cut(&after, "");

		if (line.at[0] == '#')
			continue;
		if (span_is(first, SPAN("action")))
			read_action(reading, rest, number);
		else if ((span_is(first, SPAN("mta")) &&
				 span_is(second, SPAN("limit"))) ||
			 (span_is(first, SPAN("limit")) &&
				 span_is(second, SPAN("mta"))))
			read_limit(reading, after, number);
	}
}
