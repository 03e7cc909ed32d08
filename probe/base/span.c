#include "probe/base/span.h"

bool span_is_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	return true;
}

bool span_starts_nocase(struct span text, struct span start)
{
	return text.len >= start.len &&
	       span_is_nocase(span_part(text, 0, start.len), start);
}

bool span_ends_nocase(struct span text, struct span end)
{
	return text.len >= end.len &&
	       span_is_nocase(
		       span_part(text, text.len - end.len, end.len), end);
}

size_t span_find_nocase(struct span text, struct span needle)
{
	char first = needle.len ? ascii_lower(needle.at[0]) : '\0';

	for (size_t at = 0; at + needle.len <= text.len; at++) {
		if (needle.len && ascii_lower(text.at[at]) != first)
			continue;
		if (span_is_nocase(span_part(text, at, needle.len), needle))
			return at;
	}
	return text.len;
}

struct span span_trim(struct span text)
{
	while (text.len && ascii_is_blank(text.at[0]))
		text = span_part(text, 1, text.len);
	while (text.len && ascii_is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool span_number(struct span text, unsigned long max, unsigned long *number)
{
	unsigned long sum = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned long digit;

		if (!ascii_is_digit(text.at[i]))
			return false;
		digit = (unsigned long)(text.at[i] - '0');
		if (digit > max || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}
