#include "reports/inbound/log_line.h"

/* Programs that say nothing. */

/* The text has that many octets. */
static inline bool begins_silent(
	const struct log_silent *silent, const char *text)
{
	uint64_t apart = 0, word;

	for (size_t i = 0; i < LOG_SILENT_WORDS; i++) {
		memcpy(&word, text + i * sizeof(word), sizeof(word));
		apart |= (silent->text[i] ^ word) & silent->mask[i];
	}
	return !apart;
}

/* The one that the text begins with; NULL: none. */
static inline const struct log_silent *silent_of(
	const struct log_heads *heads, const char *text)
{
	size_t count = heads->silent_count < LOG_SILENT_MAX
			       ? heads->silent_count
			       : LOG_SILENT_MAX;

	for (size_t i = 0; i < count; i++)
		if (begins_silent(&heads->silent[i], text))
			return &heads->silent[i];
	return NULL;
}

void log_line_silence(struct log_heads *heads, const struct log_line *line)
{
	struct log_silent silent = { .len = line->program.len + 1 };

	if (!heads->len || !line->process.len ||
		silent.len > sizeof(silent.text))
		return;
	memcpy(silent.text, line->program.at, silent.len);
	memset(silent.mask, 0xff, silent.len);
	if (!silent_of(heads, (const char *)silent.text))
		heads->silent[heads->silent_count++ % LOG_SILENT_MAX] = silent;
}

/* 1*DIGIT "]: " */
static bool is_process(struct span text)
{
	size_t len = 0;

	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	return len && len + 3 <= text.len &&
	       memcmp(text.at + len, "]: ", 3) == 0;
}

bool log_line_is_silent(const struct log_heads *heads, struct span text)
{
	const struct log_silent *silent;
	struct span rest;

	if (!heads->silent_count || !heads->len ||
		text.len < heads->len + sizeof(silent->text) ||
		memcmp(text.at, heads->head, heads->len) != 0)
		return false;
	rest = span_part(text, heads->len, text.len);
	silent = silent_of(heads, rest.at);
	return silent && is_process(span_part(rest, silent->len, rest.len));
}
