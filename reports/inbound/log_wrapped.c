#include "reports/inbound/log_wrapped.h"

#include "reports/inbound/log_words.h"

static bool starts(struct span text, struct span start)
{
	return text.len >= start.len &&
	       memcmp(text.at, start.at, start.len) == 0;
}

struct span log_wrapped_object(struct span text)
{
	enum { RECORD_SEPARATOR = 0x1e }; /* RFC 7464 2.2 */
	size_t at = 0;

	if (text.len && text.at[0] == RECORD_SEPARATOR)
		text = span_part(text, 1, text.len);
	if (text.len && text.at[0] == '{')
		return text;
	while (at < text.len && at < LOG_FOREIGN_MAX &&
		!ascii_is_blank(text.at[at]))
		at++;
	text = log_past_blanks(span_part(text, at, text.len));
	return text.len && text.at[0] == '{' ? text : (struct span){ 0 };
}

struct span log_wrapped_stamped(struct span text)
{
	enum { MARK = 7, FLAG = 2, DATE = 10 };

	if (text.len < DATE)
		return (struct span){ 0 };
	if (starts(text, SPAN("stdout ")) || starts(text, SPAN("stderr "))) {
		text = span_part(text, MARK, text.len);
		return span_part(text, text.at[1] == ' ' ? FLAG : 0, text.len);
	}
	if ((text.at[4] == '-' && text.at[7] == '-') || text.at[3] == ' ')
		return text;
	return (struct span){ 0 };
}

bool log_wrapped_is_line(struct span body)
{
	enum { DATE = 10 };
	size_t end;

	if (body.len < DATE || body.at[0] == '[')
		return false;
	if (ascii_is_digit(body.at[0]))
		return body.at[4] == '-' && body.at[7] == '-';
	if (body.at[3] == ' ' && (body.at[6] == ' ' || body.at[5] == ' '))
		return true;
	end = span_find(body, ' ');
	return end > 2 && body.at[end - 1] == ':' && body.at[end - 2] == ']';
}

/* "[pod/mail-0/postfix] ", "[12345.678901] " */
static struct span past_brackets(struct span text)
{
	size_t end = span_find(span_part(text, 0, LOG_FOREIGN_MAX), ']') + 1;

	return end < text.len && text.at[end] == ' '
		       ? log_past_blanks(span_part(text, end, text.len))
		       : (struct span){ 0 };
}

/* "mail-1  | ": the one word of it makes it a container's name. */
static struct span past_service(struct span text)
{
	log_cut_word(&text);
	if (text.len < 2 || text.at[0] != '|' || text.at[1] != ' ')
		return (struct span){ 0 };
	return log_past_blanks(span_part(text, 1, text.len));
}

struct span log_wrapped_host(struct span text)
{
	struct span rest = text;

	return past_service(text).len ? log_cut_word(&rest)
				      : (struct span){ 0 };
}

/* Somebody has moved the line to the right, or quoted it. */
static struct span past_quoting(struct span text)
{
	while (text.len && (ascii_is_blank(text.at[0]) || text.at[0] == '>'))
		text = span_part(text, 1, text.len);
	return text;
}

/* The count of octets, where syslog came by TCP (RFC 6587 3.4.1). */
static struct span past_count(struct span text)
{
	size_t len = log_digits(text);

	return starts(span_part(text, len, text.len), SPAN(" <"))
		       ? span_part(text, len + 1, text.len)
		       : (struct span){ 0 };
}

struct span log_wrapped_unstamped(struct span text)
{
	if (!text.len)
		return text;
	if (text.at[0] == '[')
		return past_brackets(text);
	if (ascii_is_blank(text.at[0]) || text.at[0] == '>')
		return past_quoting(text);
	if (ascii_is_digit(text.at[0]))
		return past_count(text);
	return past_service(text);
}
