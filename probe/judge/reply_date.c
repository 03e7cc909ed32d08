#include "probe/judge/reply_date.h"

#include "probe/judge/reply_piece.h"

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri",
	"sat", "sun", NULL };
static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
	"jul", "aug", "sep", "oct", "nov", "dec", NULL };

struct span reply_date_bare(struct span word)
{
	while (word.len && piece_set_has(SPAN(",.;)]"), word.at[word.len - 1]))
		word.len--;
	while (word.len && piece_set_has(SPAN("(["), word.at[0]))
		word = span_part(word, 1, word.len);
	return word;
}

static bool is_day(struct span word)
{
	return word.len <= 2 && piece_digits(word) == word.len && word.len;
}

static bool is_year(struct span word)
{
	return word.len == 4 && piece_digits(word) == 4;
}

static bool is_zone(struct span word)
{
	static const char *const zones[] = { "utc", "gmt", "cet", "cest", "est",
		"edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "jst", NULL };

	return piece_is_one_of(word, zones) ||
	       (word.len == 5 && piece_set_has(SPAN("+-"), word.at[0]) &&
		       piece_is_time(word));
}

/*
 * How many words are a date: "Sat, 21 Nov 2026 17:03:05 +0000 (UTC)" (RFC 5322
 * section 3.3), "Sat Nov 21 17:03:05 2026" (asctime); 0: it is none.
 */
size_t reply_date_words(const struct span *words, size_t count)
{
	size_t at = 0;

	if (at < count && piece_is_one_of(reply_date_bare(words[at]), weekdays))
		at++;
	if (at + 1 >= count)
		return 0;
	if (!(is_day(reply_date_bare(words[at])) &&
		    piece_is_one_of(reply_date_bare(words[at + 1]), months)) &&
		!(piece_is_one_of(reply_date_bare(words[at]), months) &&
			is_day(reply_date_bare(words[at + 1]))))
		return 0;
	at += 2;
	while (at < count &&
		(is_year(reply_date_bare(words[at])) ||
			piece_is_time(reply_date_bare(words[at])) ||
			is_zone(reply_date_bare(words[at]))))
		at++;
	return at;
}
