#include "probe/policy/author_domain.h"

#include "probe/mail/mailbox_list.h"

/*
 * The rough reading, for what the grammar refused.  A piece of the field is
 * skipped when it is a quoted string or a comment that ends; every other byte
 * that cannot stand in an address ends a word.  A word with an "@" inside is
 * an address, and one in angle brackets goes before the bare ones of the same
 * mailbox.
 */
struct scan {
	struct author_domain *author;
	struct span text;
	size_t word;       /* where the present word began */
	bool is_angle;     /* behind a "<" */
	struct span bare;  /* an address seen outside of angle brackets */
	unsigned unclosed; /* opening marks without their closing ones */
};

/*
 * How far a closing mark is looked for: a line of RFC 5322 and no more, and
 * how often in vain, or a field of nothing but opening marks would be read
 * over and over.
 */
enum { LOOK_AHEAD_MAX = 998, UNCLOSED_MAX = 64 };

/* The index behind a closing mark; `from` itself when it is missing. */
static size_t behind_quoted(struct span text, size_t from)
{
	text = span_part(text, 0, from + LOOK_AHEAD_MAX);
	for (size_t i = from + 1; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			return i + 1;
	}
	return from;
}

static size_t behind_comment(struct span text, size_t from)
{
	size_t depth = 0;

	text = span_part(text, 0, from + LOOK_AHEAD_MAX);
	for (size_t i = from; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '(')
			depth++;
		else if (text.at[i] == ')' && --depth == 0)
			return i + 1;
	}
	return from;
}

static struct span domain_of(struct span word)
{
	size_t at = word.len;

	while (at > 0 && word.at[at - 1] != '@')
		at--;
	return at > 1 ? span_part(word, at, word.len) : SPAN("");
}

static void take_address(struct scan *scan, struct span domain)
{
	if (scan->author->addresses++ == 0)
		scan->author->domain = domain;
	scan->bare = SPAN("");
}

static void end_word(struct scan *scan, size_t end)
{
	struct span domain = domain_of(
		span_part(scan->text, scan->word, end - scan->word));

	if (domain.len && scan->is_angle)
		take_address(scan, domain);
	else if (domain.len && !scan->bare.len)
		scan->bare = domain;
	scan->word = end + 1;
}

static void end_mailbox(struct scan *scan)
{
	if (scan->bare.len)
		take_address(scan, scan->bare);
	scan->is_angle = false;
}

static void take_mark(struct scan *scan, size_t at)
{
	switch (scan->text.at[at]) {
	case '<':
		end_word(scan, at);
		scan->is_angle = true;
		break;
	case '>':
		end_word(scan, at);
		scan->is_angle = false;
		break;
	case ',':
	case ';':
		end_word(scan, at);
		end_mailbox(scan);
		break;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ':':
		end_word(scan, at);
		break;
	}
}

/* A quoted string is part of a word only right before an "@". */
static size_t skip_quoted(struct scan *scan, size_t at)
{
	size_t behind = at;

	if (scan->unclosed < UNCLOSED_MAX)
		behind = behind_quoted(scan->text, at);
	if (behind == at) {
		scan->unclosed++;
		return at + 1;
	}
	if (behind == scan->text.len || scan->text.at[behind] != '@')
		scan->word = behind;
	return behind;
}

static size_t skip_comment(struct scan *scan, size_t at)
{
	size_t behind = at;

	if (scan->unclosed < UNCLOSED_MAX)
		behind = behind_comment(scan->text, at);
	end_word(scan, at);
	if (behind == at) {
		scan->unclosed++;
		return at + 1;
	}
	scan->word = behind;
	return behind;
}

static bool is_in_literal(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == ':' || c == '.' ||
	       c == '-';
}

/* The brackets of an address literal hold colons: RFC 5321 section 4.1.3. */
static size_t skip_literal(struct scan *scan, size_t at)
{
	struct span rest = span_part(scan->text, at + 1, LOOK_AHEAD_MAX);
	size_t len = 0;

	while (len < rest.len && is_in_literal(rest.at[len]))
		len++;
	return len < rest.len && rest.at[len] == ']' ? at + len + 2 : at + 1;
}

static void scan_roughly(struct scan *scan)
{
	size_t at = 0;

	while (at < scan->text.len) {
		char c = scan->text.at[at];

		if (c == '"')
			at = skip_quoted(scan, at);
		else if (c == '(')
			at = skip_comment(scan, at);
		else if (c == '[')
			at = skip_literal(scan, at);
		else
			take_mark(scan, at++);
	}
	end_word(scan, scan->text.len);
	end_mailbox(scan);
}

void author_domain_find(
	struct arena *arena, struct span from, struct author_domain *author)
{
	struct scan scan = { .author = author, .text = from };
	struct mailbox_list list;

	*author = (struct author_domain){ .why = "" };
	if (mailbox_list_parse(arena, from, &list, &author->why)) {
		author->is_well_formed = list.count > 0;
		author->addresses = list.count;
		if (list.count)
			author->domain = list.mailboxes[0].domain;
		return;
	}
	scan_roughly(&scan);
}
