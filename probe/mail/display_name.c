#include "probe/mail/display_name.h"

#include "probe/base/utf8.h"

/* White heavy, heavy, plain, in a ballot box, light, in a bold box. */
static const uint32_t check_marks[] = { 0x2705, 0x2714, 0x2713, 0x2611, 0x1f5f8,
	0x1f5f9 };

/* Zero width, and the marks, embeddings and isolates that turn direction. */
static bool is_invisible(uint32_t point)
{
	return (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x202a && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x2069) || point == 0xfeff ||
	       point == 0x00ad || point == 0x061c;
}

static bool is_check_mark(uint32_t point)
{
	for (size_t i = 0; i < COUNT_OF(check_marks); i++)
		if (point == check_marks[i])
			return true;
	return false;
}

static unsigned symbols(struct span name)
{
	unsigned oddities = 0;

	while (name.len) {
		uint32_t point = 0;
		size_t len = utf8_take(name, &point);

		if (len && is_check_mark(point))
			oddities |= DISPLAY_CHECK_MARK;
		if (len && is_invisible(point))
			oddities |= DISPLAY_INVISIBLE;
		name = span_part(name, len ? len : 1, name.len);
	}
	return oddities;
}

/* "user (2)": a bracket with nothing but digits at the end. */
static bool ends_like_a_thread(struct span name)
{
	size_t at = name.len;

	if (at < 4 || name.at[--at] != ')' || !ascii_is_digit(name.at[at - 1]))
		return false;
	while (at && ascii_is_digit(name.at[at - 1]))
		at--;
	return at > 1 && name.at[at - 1] == '(' && name.at[at - 2] == ' ';
}

static bool is_part_of_name(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (unsigned char)c >= 0x80;
}

/* Something, an @, and a name with a dot inside behind it. */
static bool holds_address(struct span name)
{
	size_t at = span_find(name, '@'), len = 0, dot;
	struct span host = span_part(name, at + 1, name.len);

	while (len < host.len &&
		(is_part_of_name(host.at[len]) || host.at[len] == '.' ||
			host.at[len] == '-'))
		len++;
	host.len = len;
	dot = span_find(host, '.');
	return at > 0 && is_part_of_name(name.at[at - 1]) && dot > 0 &&
	       dot + 1 < host.len;
}

unsigned display_name_oddities(struct span name, struct span own)
{
	unsigned oddities = symbols(name);

	name = span_trim(name);
	if (ends_like_a_thread(name))
		oddities |= DISPLAY_THREAD;
	if (span_is_nocase(name, own))
		return oddities;
	if (span_find_nocase(name, SPAN("@gmail.com")) < name.len)
		oddities |= DISPLAY_GMAIL;
	if (holds_address(name))
		oddities |= DISPLAY_ADDRESS;
	return oddities;
}

bool subject_is_answer(struct span subject)
{
	static const char *const marks[] = { "re:", "fwd:", "fw:", "aw:", "wg:",
		"antw:", "sv:", "vs:", "tr:", "rv:" };

	subject = span_trim(subject);
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (span_starts_nocase(subject, span_of(marks[i])))
			return true;
	return false;
}
