#include "probe/base/nearest.h"

enum { LETTERS_MAX = 40, FAR = 1000 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters must change to make one of the other; two that changed
 * places are one change, as they are one slip of the fingers.
 */
static size_t distance(struct span a, struct span b)
{
	size_t rows[LETTERS_MAX + 1][LETTERS_MAX + 1];

	if (a.len > LETTERS_MAX || b.len > LETTERS_MAX)
		return FAR;
	for (size_t i = 0; i <= a.len; i++)
		rows[i][0] = i;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++)
		for (size_t j = 1; j <= b.len; j++) {
			char x = ascii_lower(a.at[i - 1]);
			char y = ascii_lower(b.at[j - 1]);
			size_t best = rows[i - 1][j - 1] + (x != y);

			best = least(best, rows[i - 1][j] + 1);
			best = least(best, rows[i][j - 1] + 1);
			if (i > 1 && j > 1 && x != y &&
				x == ascii_lower(b.at[j - 2]) &&
				y == ascii_lower(a.at[i - 2]))
				best = least(best, rows[i - 2][j - 2] + 1);
			rows[i][j] = best;
		}
	return rows[a.len][b.len];
}

struct nearest nearest_begin(struct span word)
{
	return (struct nearest){
		.word = word, .best = SPAN(""), .distance = word.len < 4 ? 2 : 3
	};
}

/* Of two as near, the first. */
void nearest_offer(struct nearest *nearest, struct span candidate)
{
	size_t far;

	/* A word of one letter is near to every other. */
	if (nearest->word.len < 2 || candidate.len < 2)
		return;
	far = distance(nearest->word, candidate);
	if (far >= nearest->distance || far >= candidate.len)
		return;
	nearest->distance = far;
	nearest->best = candidate;
}
