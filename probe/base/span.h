#ifndef MXP_SPAN_H
#define MXP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A span is a run of bytes that somebody else owns.  It is passed by value,
 * is never NUL-terminated by promise, and lives as long as the arena it
 * points into.  An empty span may have a NULL pointer.
 */
struct span {
	const char *at;
	size_t len;
};

#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

/* For "%.*s": the width as printf wants it, then the bytes. */
#define SPAN_ARG(span) (int)(span).len, (span).at ? (span).at : ""

static inline struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static inline bool span_is(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ASCII only, and never by locale: the protocols we speak know no other. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* The value of a hexadecimal digit in either case, or -1. */
static inline int ascii_hex_digit(char c)
{
	char low = ascii_lower(c);

	if (ascii_is_digit(c))
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static inline bool ascii_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The same with the CR and LF of a fold. */
static inline bool ascii_is_space(char c)
{
	return ascii_is_blank(c) || c == '\r' || c == '\n';
}

/* A line without the CR LF, or the LF alone, at its end. */
static inline struct span span_line_text(struct span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool span_is_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span text, struct span start);
bool span_ends_nocase(struct span text, struct span end);

/* Where needle begins in text; text.len when it is not there. */
static inline size_t span_find(struct span text, char needle)
{
	const char *found = text.len ? memchr(text.at, needle, text.len) : NULL;

	return found ? (size_t)(found - text.at) : text.len;
}

size_t span_find_nocase(struct span text, struct span needle);

/* The part from `from` on, `len` bytes at most; never outside. */
static inline struct span span_part(struct span text, size_t from, size_t len)
{
	if (from >= text.len)
		return (struct span){ text.at ? text.at + text.len : NULL, 0 };
	if (len > text.len - from)
		len = text.len - from;
	return (struct span){ text.at + from, len };
}

/* Without spaces and tabs at both ends. */
struct span span_trim(struct span text);

/*
 * Cuts the first line or word off *rest: up to `at`, which is dropped.
 * Without `at` in it, all of *rest is taken and *rest becomes empty.
 */
static inline struct span span_cut(struct span *rest, char at)
{
	struct span first = { rest->at, span_find(*rest, at) };

	*rest = span_part(*rest, first.len, rest->len);
	if (rest->len) {
		rest->at++;
		rest->len--;
	}
	return first;
}

/* A whole decimal number no greater than max; false for anything else. */
bool span_number(struct span text, unsigned long max, unsigned long *number);

#endif
