#include "probe/smtp/status.h"

/* One to three digits; 0 when there are none, or more. */
static size_t take_number(struct span text, unsigned *number)
{
	size_t len = 0;

	*number = 0;
	while (len < text.len && ascii_is_digit(text.at[len])) {
		if (len == 3)
			return 0;
		*number = *number * 10 + (unsigned)(text.at[len] - '0');
		len++;
	}
	return len;
}

size_t status_take(struct span line, unsigned class, unsigned part[static 3])
{
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t len;

		if (i > 0 && (at == line.len || line.at[at++] != '.'))
			return 0;
		len = take_number(span_part(line, at, line.len), &part[i]);
		if (!len)
			return 0;
		at += len;
	}
	if (at < line.len && line.at[at] != ' ')
		return 0;
	/* 5.x.x on a 250 is noise, and a 354 has none: RFC 2034 section 3. */
	return part[0] == class && class != 3 ? at : 0;
}
