#include "probe/judge/delivery_join_reply.h"

/* A reply word for word, without what does not count. */
struct words {
	struct span rest; /* of the reply */
	struct span word; /* not given yet */
};

static bool is_digits(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.at[i]))
			return false;
	return text.len != 0;
}

/* RFC 3463 section 2. */
static bool is_status(struct span word)
{
	struct span class = span_cut(&word, '.');
	struct span subject = span_cut(&word, '.');

	return class.len == 1 && class.at[0] >= '2' && class.at[0] <= '5' &&
	       is_digits(subject) && subject.len <= 3 && is_digits(word) &&
	       word.len <= 3;
}

/* "550", "550-", "550-5.7.1", "5.7.1", and "550-word" without its code. */
static struct span without_code(struct span word)
{
	struct span rest;

	if (word.len >= 3 && word.at[0] >= '2' && word.at[0] <= '5' &&
		is_digits(span_part(word, 0, 3)) &&
		(word.len == 3 || word.at[3] == '-'))
		word = span_part(word, 4, word.len);
	rest = word;
	if (rest.len && rest.at[rest.len - 1] == ':')
		rest.len--;
	return is_status(rest) ? SPAN("") : word;
}

static struct span past_blanks(struct span text)
{
	size_t blanks = 0;

	while (blanks < text.len && ascii_is_space(text.at[blanks]))
		blanks++;
	return span_part(text, blanks, text.len);
}

/* "(in reply to RCPT TO command)", folded anywhere. */
static bool is_added(struct span word, struct span rest)
{
	return word.len == 3 && word.at[0] == '(' &&
	       span_is_nocase(word, SPAN("(in")) &&
	       span_starts_nocase(past_blanks(rest), SPAN("reply"));
}

static void next_word(struct words *words)
{
	struct span rest = past_blanks(words->rest), word;
	size_t len = 0;

	while (len < rest.len && !ascii_is_space(rest.at[len]))
		len++;
	word = span_part(rest, 0, len);
	words->rest = span_part(rest, len, rest.len);
	if (is_added(word, words->rest))
		words->rest = words->word = SPAN("");
	else
		words->word = without_code(word);
}

/* -1: it is over. */
static int next_octet(struct words *words)
{
	unsigned char octet;

	while (!words->word.len) {
		if (!words->rest.len)
			return -1;
		next_word(words);
	}
	octet = (unsigned char)ascii_lower(words->word.at[0]);
	words->word = span_part(words->word, 1, words->word.len);
	return octet < ' ' || octet > '~' ? '?' : octet;
}

enum reply_kinship reply_kinship(struct span a, struct span b)
{
	struct words one = { .rest = a }, other = { .rest = b };
	int of_one = next_octet(&one), of_other = next_octet(&other);
	size_t alike = 0;

	if (of_one < 0 || of_other < 0)
		return REPLY_UNTOLD;
	while (of_one >= 0 && of_one == of_other) {
		of_one = next_octet(&one);
		of_other = next_octet(&other);
		alike++;
	}
	if (of_one < 0 && of_other < 0)
		return REPLY_SAME;
	if ((of_one < 0 || of_other < 0) && alike >= REPLY_BEGINS_MIN)
		return REPLY_BEGINS;
	return REPLY_OTHER;
}
