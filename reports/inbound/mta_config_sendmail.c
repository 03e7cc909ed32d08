#include "reports/inbound/mta_config_lines.h"

/*
 * sendmail.cf: "DS" begins the line of the smart host.  sendmail.mc has it as
 * define(`SMART_HOST', `host').  There is no setting for the family of the
 * address that mail is sent to: ClientPortOptions is about our own.
 */
static void take_relay(
	struct mta_reading *reading, struct span value, unsigned line)
{
	value = span_trim(value);
	if (!value.len)
		return;
	mta_setting_found(reading, SPAN("SMART_HOST"), value, line);
	reading->config->relay = value;
}

/* define(`NAME', `VALUE') with m4's quotes. */
static bool take_define(struct span line, struct span name, struct span *value)
{
	struct span rest = line, word;

	if (!span_starts_nocase(rest, SPAN("define(")))
		return false;
	rest = span_part(rest, 7, rest.len);
	word = mta_word_cut(&rest, "`',");
	if (!span_is(word, name))
		return false;
	*value = mta_word_cut(&rest, "`',)");
	return true;
}

void mta_read_sendmail(struct mta_reading *reading)
{
	struct span line, value;
	unsigned number;

	while (mta_line_next(reading, false, &line, &number)) {
		if (span_part(line, 0, 2).len == 2 && line.at[0] == 'D' &&
			line.at[1] == 'S')
			take_relay(
				reading, span_part(line, 2, line.len), number);
		else if (take_define(line, SPAN("SMART_HOST"), &value))
			take_relay(reading, value, number);
	}
}
