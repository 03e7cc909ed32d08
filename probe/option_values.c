#include "probe/option_values.h"

bool option_duration(struct span value, unsigned *ms, const char **why)
{
	unsigned long whole, part = 0, unit = 1000;
	struct span text = value, fraction;

	*why = "a duration is wanted, such as 10, 1.5s, 500ms or 2m";
	if (span_ends_nocase(text, SPAN("ms"))) {
		unit = 1;
		text.len -= 2;
	} else if (span_ends_nocase(text, SPAN("s"))) {
		text.len--;
	} else if (span_ends_nocase(text, SPAN("m"))) {
		unit = 60000;
		text.len--;
	}
	fraction = text;
	text = span_cut(&fraction, '.');
	if (!span_number(text, 86400000 / unit, &whole))
		return false;
	if (fraction.len > 3 ||
		(fraction.len && !span_number(fraction, 999, &part)))
		return false;
	for (size_t i = fraction.len; i < 3; i++)
		part *= 10;
	*ms = (unsigned)(whole * unit + part * unit / 1000);
	return true;
}

/* Nobody answers in no time: that would be told as a fault of theirs. */
bool option_timeout(struct span value, unsigned *ms, const char **why)
{
	if (!option_duration(value, ms, why))
		return false;
	*why = "more than 0 is wanted, or nobody has time to answer";
	return *ms > 0;
}

bool option_whole(
	struct span value, unsigned least, unsigned most, unsigned *number)
{
	unsigned long parsed;

	if (!span_number(value, most, &parsed) || parsed < least)
		return false;
	*number = (unsigned)parsed;
	return true;
}

bool option_port(struct span value, uint16_t *port)
{
	unsigned number;

	if (!option_whole(value, 1, 65535, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* One of a few words: its number, or -1. */
int option_word(struct span value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(value, span_of(words[i])))
			return (int)i;
	return -1;
}

/* A line end in an argument would be a command of its own on the wire. */
bool option_is_one_word(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] <= ' ' || value.at[i] == 0x7f)
			return false;
	return value.len != 0;
}

const char *option_text(struct arena *arena, struct span value)
{
	return arena_copy(arena, value).at;
}

bool option_file(struct arena *arena, struct span value, const char **name,
	const char **why)
{
	*why = "the name of a file is wanted";
	*name = option_text(arena, value);
	return value.len != 0;
}
