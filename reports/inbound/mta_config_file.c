#include "reports/inbound/mta_config_file.h"

#include <stdarg.h>
#include <stdio.h>

#include "reports/inbound/mta_config_lines.h"

enum { DOUBT_ROOM = 512 };

static struct span cut_line(struct mta_reading *reading)
{
	struct span line = span_cut(&reading->rest, '\n');

	reading->line++;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool ends_with_backslash(struct span line)
{
	return line.len && line.at[line.len - 1] == '\\';
}

/* The parts of a joined line, with a blank between them. */
static struct span joined(struct mta_reading *reading, struct span first)
{
	struct mta_reading ahead = *reading;
	struct span line = first;
	size_t room = first.len + 1, len = 0;
	char *text;

	while (ahead.rest.len && ends_with_backslash(line)) {
		line = cut_line(&ahead);
		room += line.len + 1;
	}
	text = arena_take(reading->arena, room);
	line = first;
	for (;;) {
		bool goes_on = ends_with_backslash(line) && reading->rest.len;

		line.len -= ends_with_backslash(line);
		line = span_trim(line);
		if (line.len)
			memcpy(text + len, line.at, line.len);
		len += line.len;
		if (!goes_on)
			return (struct span){ text, len };
		text[len++] = ' ';
		line = cut_line(reading);
	}
}

bool mta_line_next(struct mta_reading *reading, bool joins, struct span *line,
	unsigned *number)
{
	while (reading->rest.len) {
		*line = cut_line(reading);
		*number = reading->line;
		if (joins && ends_with_backslash(*line))
			*line = joined(reading, *line);
		*line = span_trim(*line);
		if (line->len)
			return true;
	}
	return false;
}

void mta_setting_found(struct mta_reading *reading, struct span name,
	struct span value, unsigned line)
{
	struct mta_config *config = reading->config;

	if (config->setting_count >= MTA_SETTINGS_MAX)
		return;
	reading->settings = arena_grow(reading->arena, reading->settings,
		config->setting_count, &reading->setting_room,
		sizeof(*reading->settings));
	reading->settings[config->setting_count++] = (struct mta_setting){
		.name = name, .value = value, .line = line
	};
}

void mta_exception_found(
	struct mta_reading *reading, const struct mta_exception *exception)
{
	struct mta_config *config = reading->config;

	if (config->exception_count >= MTA_EXCEPTIONS_MAX)
		return;
	reading->exceptions = arena_grow(reading->arena, reading->exceptions,
		config->exception_count, &reading->exception_room,
		sizeof(*reading->exceptions));
	reading->exceptions[config->exception_count++] = *exception;
}

void mta_doubt(struct mta_reading *reading, const char *format, ...)
{
	struct mta_config *config = reading->config;
	char room[DOUBT_ROOM];
	va_list args;

	if (config->doubt_count >= MTA_DOUBTS_MAX)
		return;
	va_start(args, format);
	vsnprintf(room, sizeof(room), format, args);
	va_end(args);
	reading->doubts = arena_grow(reading->arena, reading->doubts,
		config->doubt_count, &reading->doubt_room,
		sizeof(*reading->doubts));
	reading->doubts[config->doubt_count++] = arena_copy(
		reading->arena, span_of(room));
}

void mta_take_bool(struct mta_reading *reading, struct span name,
	struct span value, bool *result)
{
	if (span_is_nocase(value, SPAN("yes")) ||
		span_is_nocase(value, SPAN("true")))
		*result = true;
	else if (span_is_nocase(value, SPAN("no")) ||
		 span_is_nocase(value, SPAN("false")))
		*result = false;
	else
		mta_doubt(reading, "%.*s = %.*s is neither yes nor no.",
			SPAN_ARG(name), SPAN_ARG(value));
}

void mta_take_number(struct mta_reading *reading, struct span name,
	struct span value, unsigned *result)
{
	unsigned long number;

	if (span_number(value, 1000000, &number))
		*result = (unsigned)number;
	else
		mta_doubt(reading, "%.*s = %.*s is no number.", SPAN_ARG(name),
			SPAN_ARG(value));
}

struct span mta_word_cut(struct span *rest, const char *ends)
{
	struct span word;
	size_t at = 0;

	while (rest->len &&
		(ascii_is_space(rest->at[0]) || strchr(ends, rest->at[0])))
		*rest = span_part(*rest, 1, rest->len);
	while (at < rest->len && !ascii_is_space(rest->at[at]) &&
		!strchr(ends, rest->at[at]))
		at++;
	word = span_part(*rest, 0, at);
	*rest = span_part(*rest, at, rest->len);
	return word;
}

void mta_config_read(struct arena *arena, enum mta mta, struct span file,
	struct span text, struct mta_config *config)
{
	struct mta_reading reading = {
		.arena = arena, .config = config, .rest = text
	};

	mta_config_init(config, mta);
	config->file = file;
	switch (mta) {
	case MTA_POSTFIX:
		mta_read_postfix(&reading);
		break;
	case MTA_EXIM:
		mta_read_exim(&reading);
		break;
	case MTA_SENDMAIL:
		mta_read_sendmail(&reading);
		break;
	case MTA_OPENSMTPD:
		mta_read_opensmtpd(&reading);
		break;
	}
	config->settings = reading.settings;
	config->exceptions = reading.exceptions;
	config->doubts = reading.doubts;
}
