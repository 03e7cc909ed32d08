#include "probe/verbs/explain_word.h"

#include <unistd.h>

#include "probe/base/escape.h"
#include "probe/base/nearest.h"
#include "probe/base/note.h"
#include "probe/judge/finding_page.h"

/* Empty: it names a file, or there is not one word alone. */
static struct span word_of(const struct program *program)
{
	const struct explain_options *options = &program->options.explain;

	if (options->name_count != 1 || access(options->names[0], F_OK) == 0)
		return SPAN("");
	return span_of(options->names[0]);
}

const struct codebook_row *explain_word_row(const struct program *program)
{
	struct span word = word_of(program);

	return word.len ? codebook_row_of_id(program->codebook, word) : NULL;
}

struct span explain_word_finding(const struct program *program)
{
	struct span word = word_of(program);

	return word.len && finding_page_has(word) ? word : SPAN("");
}

/* A code (RFC 5321 section 4.2), or a status alone (RFC 3463), as logs have it.
 * An address has three dots. */
static bool begins_as_reply(struct span text)
{
	size_t at = 0, dots = 0;

	if (!text.len || text.at[0] < '2' || text.at[0] > '5')
		return false;
	for (; at < text.len; at++) {
		if (!ascii_is_digit(text.at[at]) && text.at[at] != '.')
			break;
		dots += text.at[at] == '.';
	}
	if (dots ? dots != 2 || text.at[1] != '.' : at != 3)
		return false;
	return at == text.len || text.at[at] == ' ' || text.at[at] == '-';
}

struct span explain_word_reply(
	struct arena *arena, const struct program *program)
{
	const struct explain_options *options = &program->options.explain;
	struct span reply = SPAN("");

	if (!options->name_count ||
		!begins_as_reply(span_of(options->names[0])))
		return reply;
	for (size_t i = 0; i < options->name_count; i++) {
		if (access(options->names[i], F_OK) == 0)
			return SPAN("");
		reply = arena_print(arena, "%.*s%s%s", SPAN_ARG(reply),
			reply.len ? " " : "", options->names[i]);
	}
	return reply;
}

/* "google.nothing": others begin as it does, up to the dot. */
static bool has_kin(const struct codebook *codebook, struct span word)
{
	size_t dot = span_find(word, '.');

	for (size_t i = 0; dot < word.len && i < codebook_row_count(codebook);
		i++)
		if (span_starts_nocase(codebook_row(codebook, i)->id,
			    span_part(word, 0, dot + 1)))
			return true;
	return false;
}

static struct span id_meant(const struct codebook *codebook, struct span word)
{
	struct nearest nearest = nearest_begin(word);
	struct finding page;

	for (size_t n = 0; finding_page_at(n, &page); n++)
		nearest_offer(&nearest, page.id);
	for (size_t i = 0; i < codebook_row_count(codebook); i++)
		nearest_offer(&nearest, codebook_row(codebook, i)->id);
	return nearest.best;
}

bool explain_word_is_wrong(struct arena *arena, const struct program *program)
{
	struct span word = word_of(program), safe, meant;

	if (!word.len || span_find(word, '/') < word.len ||
		explain_word_reply(arena, program).len)
		return false;
	safe = escape_text(arena, word);
	if (codebook_provider(program->codebook, word)) {
		note("%.*s: no file has this name (mxprobe explain --list "
		     "%.*s shows what this provider says)",
			SPAN_ARG(safe), SPAN_ARG(safe));
		return true;
	}
	meant = id_meant(program->codebook, word);
	if (meant.len)
		note("%.*s: no file and no id of the codebook has this name; "
		     "did you mean %.*s?",
			SPAN_ARG(safe), SPAN_ARG(meant));
	else if (has_kin(program->codebook, word))
		note("%.*s: no file and no id of the codebook has this name "
		     "(mxprobe explain --list PROVIDER shows all)",
			SPAN_ARG(safe));
	else
		return false;
	return true;
}
