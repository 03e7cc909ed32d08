#include "reports/inbound/xml_mend.h"

#include "probe/base/utf8.h"

static bool is_name_start(char c)
{
	return ascii_is_alpha(c) || c == '_' || c == ':';
}

static bool is_name(char c)
{
	return is_name_start(c) || ascii_is_digit(c) || c == '-' || c == '.';
}

/* Does markup begin here?  "<a>", "</a>", "<a b='c'>", "<!", "<?". */
static bool is_markup(struct span text)
{
	size_t at = 1;

	if (text.len < 2)
		return false;
	if (text.at[1] == '!' || text.at[1] == '?')
		return true;
	if (text.at[1] == '/')
		at++;
	if (at >= text.len || !is_name_start(text.at[at]))
		return false;
	while (at < text.len && is_name(text.at[at]))
		at++;
	return at < text.len &&
	       (ascii_is_space(text.at[at]) || text.at[at] == '>' ||
		       text.at[at] == '/');
}

/* "&amp;", "&#8217;": anything else is an ampersand that nobody wrote out. */
static bool is_reference(struct span text)
{
	size_t at = 1;

	while (at < text.len && at < 12 && text.at[at] != ';' &&
		(is_name(text.at[at]) || text.at[at] == '#'))
		at++;
	return at > 1 && at < text.len && text.at[at] == ';';
}

struct span xml_mend(struct span rest)
{
	uint32_t point;

	if (rest.at[0] == '<' && !is_markup(rest))
		return SPAN("&lt;");
	if (rest.at[0] == '&' && !is_reference(rest))
		return SPAN("&amp;");
	if ((unsigned char)rest.at[0] >= 0x80 && !utf8_take(rest, &point))
		return SPAN("\xef\xbf\xbd");
	if ((unsigned char)rest.at[0] < 0x20 && !ascii_is_space(rest.at[0]))
		return SPAN("\xef\xbf\xbd");
	return SPAN("");
}
