#include "probe/judge/codebook_match.h"

#include "probe/judge/wording.h"

/*
 *	match     = code status *8( piece )   without a piece, the status
 *	                                      has to have its "="
 *	code      = "550" / "5" / "4" / "-"               "-": any
 *	status    = "-" / [ "=" ] class "." number "." detail
 *	                     "=": a reply without a status does not fit
 *	class     = "5" / "4" / "x"                       "x": either
 *	detail    = number / number "-" number / "x"
 *	piece     = [ "~" number ] ( word / NAME ) / "!" ( word / NAME )
 *	                     "~": so many octets at most behind the one before
 *	                     "!": must not stand anywhere
 *	word      = DQUOTE text DQUOTE                    anywhere
 *	          / "'" text "'"                          not inside of a word
 *	set       = NAME 1*word
 *	NAME      = 1*( A-Z / "-" )
 */
struct span codebook_next_word(struct span *rest)
{
	struct span word;
	size_t len = 0;

	*rest = span_trim(*rest);
	while (len < rest->len && !ascii_is_blank(rest->at[len]))
		len++;
	word = span_part(*rest, 0, len);
	*rest = span_trim(span_part(*rest, len, rest->len));
	return word;
}

static bool read_code(struct span word, unsigned *code)
{
	unsigned long number = 0;

	*code = 0;
	if (span_is(word, SPAN("-")))
		return true;
	if (!span_number(word, 599, &number) ||
		(number >= 10 ? number / 100 : number) < 4)
		return false;
	*code = (unsigned)number;
	return number == 4 || number == 5 || word.len == 3;
}

static bool read_number(struct span word, unsigned *number)
{
	unsigned long read = 0;

	if (!span_number(word, 999, &read))
		return false;
	*number = (unsigned)read;
	return true;
}

static bool read_detail(struct span word, struct codebook_status *status)
{
	struct span rest = word;

	if (span_is(word, SPAN("x"))) {
		status->last = 999;
		return true;
	}
	if (!read_number(span_cut(&rest, '-'), &status->detail))
		return false;
	status->last = status->detail;
	if (rest.len)
		return read_number(rest, &status->last) &&
		       status->last > status->detail;
	return word.at[word.len - 1] != '-';
}

static bool read_status(struct span word, struct codebook_status *status)
{
	struct span class;

	*status = (struct codebook_status){ 0 };
	if (span_is(word, SPAN("-")))
		return true;
	status->is_given = true;
	if (word.len && word.at[0] == '=') {
		status->is_needed = true;
		word = span_part(word, 1, word.len);
	}
	class = span_cut(&word, '.');
	if (!span_is(class, SPAN("x")) &&
		(!read_number(class, &status->class) ||
			(status->class != 4 && status->class != 5)))
		return false;
	return read_number(span_cut(&word, '.'), &status->subject) &&
	       word.len && read_detail(word, status);
}

/* One word in its quotation marks off *rest. */
static bool read_word(
	struct arena *arena, struct span *rest, struct codebook_word *word)
{
	char room[WORDING_MAX];
	size_t len;
	char mark;

	*rest = span_trim(*rest);
	if (rest->len < 3 || (rest->at[0] != '"' && rest->at[0] != '\''))
		return false;
	mark = rest->at[0];
	*rest = span_part(*rest, 1, rest->len);
	len = span_find(*rest, mark);
	if (len == rest->len)
		return false;
	word->is_whole = mark == '\'';
	word->text = arena_copy(
		arena, wording_of_text(room, span_part(*rest, 0, len)));
	*rest = span_trim(span_part(*rest, len + 1, rest->len));
	return word->text.len != 0;
}

static bool is_name(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if ((word.at[i] < 'A' || word.at[i] > 'Z') && word.at[i] != '-')
			return false;
	return word.len != 0;
}

static struct codebook_set *set_of(
	const struct codebook *codebook, struct span name)
{
	for (size_t i = 0; i < codebook->set_count; i++)
		if (span_is(codebook->sets[i].name, name))
			return &codebook->sets[i];
	return NULL;
}

static const char *read_words(struct arena *arena,
	const struct codebook *codebook, struct span *rest,
	struct codebook_piece *piece)
{
	struct codebook_word *word;
	const struct codebook_set *set;

	if (rest->len && (rest->at[0] == '"' || rest->at[0] == '\'')) {
		word = arena_new(arena, struct codebook_word);
		piece->words = word;
		piece->word_count = 1;
		return read_word(arena, rest, word)
			       ? NULL
			       : "expected a piece in quotation marks";
	}
	set = set_of(codebook, codebook_next_word(rest));
	if (!set)
		return "expected a piece in quotation marks or a set's name";
	piece->words = set->words;
	piece->word_count = set->count;
	return NULL;
}

static const char *read_piece(struct arena *arena,
	const struct codebook *codebook, struct span *rest,
	struct codebook_piece *piece)
{
	*piece = (struct codebook_piece){ 0 };
	if (rest->at[0] == '~') {
		struct span number = codebook_next_word(rest);

		if (!read_number(span_part(number, 1, number.len), &piece->gap))
			return "expected a number of octets behind ~";
		if (!rest->len)
			return "expected a piece behind it";
	} else if (rest->at[0] == '!') {
		*rest = span_trim(span_part(*rest, 1, rest->len));
		piece->is_absent = true;
	}
	return read_words(arena, codebook, rest, piece);
}

/* The first of those in order must not have a gap, and one must be there. */
static const char *check_pieces(const struct codebook_match *match)
{
	bool has_one = false;

	for (size_t i = 0; i < match->piece_count; i++) {
		if (!match->pieces[i].is_absent && !has_one &&
			match->pieces[i].gap)
			return "expected a piece before ~";
		has_one |= !match->pieces[i].is_absent;
	}
	if (!match->piece_count && match->status.is_needed)
		return NULL;
	return has_one ? NULL : "expected 1 to 8 pieces in quotation marks";
}

static const char *read_pieces(struct arena *arena,
	const struct codebook *codebook, struct span *rest,
	struct codebook_match *match)
{
	struct codebook_piece pieces[CODEBOOK_PIECES_MAX], *kept;

	while (rest->len) {
		const char *what;

		if (match->piece_count == CODEBOOK_PIECES_MAX)
			return "expected 8 pieces at most";
		what = read_piece(
			arena, codebook, rest, &pieces[match->piece_count++]);
		if (what)
			return what;
	}
	kept = arena_take(arena, (match->piece_count + 1) * sizeof(*kept));
	memcpy(kept, pieces, match->piece_count * sizeof(*kept));
	match->pieces = kept;
	return check_pieces(match);
}

const char *codebook_match_read(struct arena *arena,
	const struct codebook *codebook, struct span rest,
	struct codebook_match *match, struct span *wrong)
{
	const char *what;

	*match = (struct codebook_match){ 0 };
	*wrong = codebook_next_word(&rest);
	if (!read_code(*wrong, &match->code))
		return "expected a code: 550, 5, 4 or -";
	*wrong = codebook_next_word(&rest);
	if (!read_status(*wrong, &match->status))
		return "expected a status: 5.7.1, 5.7.1-9, 5.7.x, x.7.1 or -";
	*wrong = rest;
	what = read_pieces(arena, codebook, &rest, match);
	return what;
}

static struct codebook_set *new_set(
	struct arena *arena, struct codebook *codebook, struct span name)
{
	codebook->sets = arena_grow(arena, codebook->sets, codebook->set_count,
		&codebook->set_room, sizeof(*codebook->sets));
	codebook->sets[codebook->set_count] =
		(struct codebook_set){ .name = name };
	return &codebook->sets[codebook->set_count++];
}

const char *codebook_set_read(struct arena *arena, struct codebook *codebook,
	struct span rest, struct span *wrong)
{
	struct span name = codebook_next_word(&rest);
	struct codebook_set *set = set_of(codebook, name);

	*wrong = name;
	if (!is_name(name))
		return "expected a name of A-Z and -";
	if (!set && codebook->set_count == CODEBOOK_SETS_MAX)
		return "expected 256 sets at most";
	if (!set)
		set = new_set(arena, codebook, name);
	do {
		struct codebook_word word;

		*wrong = rest;
		if (!read_word(arena, &rest, &word))
			return "expected words in quotation marks";
		if (set->count == CODEBOOK_WORDS_MAX)
			return "expected 64 words at most";
		set->words = arena_grow(arena, set->words, set->count,
			&set->room, sizeof(word));
		set->words[set->count++] = word;
	} while (rest.len);
	return NULL;
}
