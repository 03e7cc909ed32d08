#include "reports/markup.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_put(FILE *out, struct span safe)
{
	size_t from = 0;

	for (size_t i = 0; i < safe.len; i++) {
		const char *instead = entity(safe.at[i]);

		if (!instead)
			continue;
		fwrite(safe.at + from, 1, i - from, out);
		fputs(instead, out);
		from = i + 1;
	}
	if (from < safe.len)
		fwrite(safe.at + from, 1, safe.len - from, out);
}

/* "\x1b\x5b": as many octets as stand beside each other. */
static size_t octets_len(struct span text)
{
	size_t len = 0;

	while (len + 3 < text.len && text.at[len] == '\\' &&
		text.at[len + 1] == 'x')
		len += 4;
	return len;
}

void markup_show(FILE *out, struct span safe)
{
	while (safe.len) {
		size_t plain = span_find(safe, '\\'), octets;

		markup_put(out, span_part(safe, 0, plain));
		safe = span_part(safe, plain, safe.len);
		octets = octets_len(safe);
		if (octets)
			fprintf(out, "<span class=\"octet\">%.*s</span>",
				SPAN_ARG(span_part(safe, 0, octets)));
		else if (safe.len)
			fputc(safe.at[octets++], out);
		safe = span_part(safe, octets, safe.len);
	}
}
