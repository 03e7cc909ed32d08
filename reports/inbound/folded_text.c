#include "reports/inbound/folded_text.h"

static unsigned pair_of(const char *at)
{
	return ((unsigned char)at[0] * 67u + (unsigned char)at[1]) %
	       FOLDED_PAIRS;
}

static void note_pairs(struct folded_text *folded)
{
	memset(folded->pairs, 0, sizeof(folded->pairs));
	for (size_t i = 0; i + 1 < folded->len; i++) {
		unsigned pair = pair_of(folded->room + i);

		folded->pairs[pair / 8] |= (unsigned char)(1u << pair % 8);
	}
}

static bool may_have(const struct folded_text *folded, const char *phrase)
{
	for (size_t i = 0; phrase[i] && phrase[i + 1]; i++) {
		unsigned pair = pair_of(phrase + i);

		if (!(folded->pairs[pair / 8] & 1u << pair % 8))
			return false;
	}
	return true;
}

void folded_text_read(struct folded_text *folded, struct span text)
{
	size_t len = 0;
	bool is_blank = true;

	text = span_part(text, 0, FOLDED_TEXT_MAX);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool was_blank = is_blank;

		is_blank = ascii_is_space(c);
		if (!is_blank)
			folded->room[len++] = ascii_lower(c);
		else if (!was_blank)
			folded->room[len++] = ' ';
	}
	folded->len = len;
	note_pairs(folded);
}

void folded_text_read_in_place(struct folded_text *folded, struct span text)
{
	text = span_part(text, 0, FOLDED_TEXT_MAX);
	for (size_t i = 0; i < text.len; i++)
		folded->room[i] = ascii_is_space(text.at[i])
					  ? ' '
					  : ascii_lower(text.at[i]);
	folded->len = text.len;
	note_pairs(folded);
}

size_t folded_text_find(
	const struct folded_text *folded, const char *phrase, size_t from)
{
	const char *found;

	if (from >= folded->len || !may_have(folded, phrase))
		return folded->len;
	found = memmem(folded->room + from, folded->len - from, phrase,
		strlen(phrase));
	return found ? (size_t)(found - folded->room) : folded->len;
}

bool folded_text_has(const struct folded_text *folded,
	const char *const *phrases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (folded_text_find(folded, phrases[i], 0) < folded->len)
			return true;
	return false;
}
