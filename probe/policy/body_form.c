#include "probe/policy/body_form.h"

#include <assert.h>

struct span body_line(unsigned rules, struct span *rest)
{
	struct span line = *rest;
	size_t at = 0;

	while (at < rest->len) {
		const char *end = memchr(rest->at + at, '\n', rest->len - at);

		if (!end)
			break;
		at = (size_t)(end - rest->at) + 1;
		if (!(rules & BODY_LF_IS_TEXT) || (at > 1 && end[-1] == '\r')) {
			line.len = at;
			break;
		}
	}
	*rest = span_part(*rest, line.len, rest->len);
	return line;
}

size_t body_line_count(struct span rest)
{
	size_t lines = 0;

	for (; rest.len; lines++)
		body_line(0, &rest);
	return lines;
}

void body_form_open(struct body_form *form, unsigned rules, uint64_t counted,
	const char *hash)
{
	const EVP_MD *digest = EVP_get_digestbyname(hash);

	form->state = EVP_MD_CTX_new();
	form->branch = EVP_MD_CTX_new();
	form->rules = rules;
	form->room = counted;
	form->empty_lines = 0;
	form->held = 0;
	form->has_text = false;
	assert(digest && form->state && form->branch);
	EVP_DigestInit_ex(form->state, digest, NULL);
}

void body_form_close(struct body_form *form)
{
	EVP_MD_CTX_free(form->state);
	EVP_MD_CTX_free(form->branch);
}

static void flush(struct body_form *form)
{
	EVP_DigestUpdate(form->state, form->octets, form->held);
	form->held = 0;
}

static void put(struct body_form *form, struct span octets)
{
	if (octets.len > form->room)
		octets.len = (size_t)form->room;
	form->room -= form->room == BODY_UNCOUNTED ? 0 : octets.len;
	if (octets.len > BODY_FORM_ROOM - form->held)
		flush(form);
	if (octets.len > BODY_FORM_ROOM) {
		EVP_DigestUpdate(form->state, octets.at, octets.len);
		return;
	}
	if (octets.len)
		memcpy(form->octets + form->held, octets.at, octets.len);
	form->held += octets.len;
}

static void put_end(struct body_form *form)
{
	put(form, form->rules & BODY_LF ? SPAN("\n") : SPAN("\r\n"));
}

static bool is_white(unsigned rules, char c)
{
	return c == ' ' || (c == '\t' && !(rules & BODY_TAB_IS_TEXT));
}

static struct span strip(unsigned rules, struct span text)
{
	while (text.len && is_white(rules, text.at[text.len - 1]))
		text.len--;
	return text;
}

static void put_reduced(struct body_form *form, struct span text)
{
	unsigned rules = form->rules;
	size_t from = 0, at = 0;

	while (at < text.len) {
		if (!is_white(rules, text.at[at])) {
			at++;
			continue;
		}
		put(form, span_part(text, from, at - from));
		put(form, SPAN(" "));
		while (at < text.len && is_white(rules, text.at[at])) {
			at++;
			if (rules & BODY_TAB_TO_SPACE)
				break;
		}
		from = at;
	}
	put(form, span_part(text, from, text.len));
}

static void put_text(struct body_form *form, struct span text)
{
	if (form->rules & (BODY_REDUCE | BODY_TAB_TO_SPACE))
		put_reduced(form, text);
	else
		put(form, text);
}

/* *end: how many octets of the line are its end. */
static struct span line_text(unsigned rules, struct span line, size_t *end)
{
	*end = 0;
	if (!line.len || line.at[line.len - 1] != '\n')
		return line;
	if (line.len > 1 && line.at[line.len - 2] == '\r')
		*end = 2;
	else if (!(rules & BODY_LF_IS_TEXT))
		*end = 1;
	line.len -= *end;
	return line;
}

void body_form_line(struct body_form *form, struct span line)
{
	size_t end;
	struct span text = line_text(form->rules, line, &end);
	bool is_empty = text.len == 0;

	if (form->rules & BODY_STRIP &&
		(end || !(form->rules & BODY_LAST_UNSTRIPPED)))
		text = strip(form->rules, text);
	if (!(form->rules & BODY_EMPTY_LINES_FIRST))
		is_empty = text.len == 0;
	if (is_empty && !(form->rules & BODY_KEEP_EMPTY_LINES)) {
		form->empty_lines += end != 0;
		return;
	}
	for (; form->empty_lines; form->empty_lines--)
		put_end(form);
	put_text(form, text);
	if (end || !(form->rules & BODY_END_NOT_ADDED))
		put_end(form);
	form->has_text = true;
}

/* The end is cut by never having been put: the last piece is still held. */
static void put_last(struct body_form *form)
{
	size_t end = form->rules & BODY_LF ? 1 : 2;

	if (!form->has_text && !(form->rules & BODY_EMPTY_IS_NOTHING))
		put_end(form);
	if (form->rules & BODY_END_CUT && form->held >= end)
		form->held -= end;
	if (form->rules & BODY_END_DOUBLED)
		put_end(form);
	flush(form);
}

void body_form_end(struct body_form *form, struct body_hash *hash)
{
	unsigned len = 0;

	put_last(form);
	EVP_DigestFinal_ex(form->state, hash->octets, &len);
	hash->len = len;
}

void body_form_so_far(struct body_form *form, struct body_hash *hash)
{
	unsigned len = 0;

	flush(form);
	EVP_MD_CTX_copy_ex(form->branch, form->state);
	if (!form->has_text && !(form->rules & BODY_EMPTY_IS_NOTHING))
		EVP_DigestUpdate(form->branch, "\r\n", 2);
	EVP_DigestFinal_ex(form->branch, hash->octets, &len);
	hash->len = len;
}

void body_form_hash(struct span body, unsigned rules, uint64_t counted,
	const char *name, struct body_hash *hash)
{
	struct body_form form;

	body_form_open(&form, rules, counted, name);
	while (body.len)
		body_form_line(&form, body_line(rules, &body));
	body_form_end(&form, hash);
	body_form_close(&form);
}

bool body_hash_is(const struct body_hash *hash, struct span octets)
{
	return span_is(
		(struct span){ (const char *)hash->octets, hash->len }, octets);
}
