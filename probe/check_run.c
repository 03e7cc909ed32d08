#include "probe/check_run.h"

#include <stdlib.h>

#include "probe/base/file.h"
#include "probe/judge/pattern_match.h"
#include "scenarios/meaning.h"
#include "probe/base/nearest.h"
#include "scenarios/parser.h"

static bool knows_reason(const void *owner, struct span name, struct span *hint)
{
	const struct codebook *codebook = owner;
	struct nearest nearest = nearest_begin(name);

	for (size_t i = 0; i < codebook_row_count(codebook); i++) {
		struct span id = codebook_row(codebook, i)->id;

		if (span_is(id, name))
			return true;
		nearest_offer(&nearest, id);
	}
	*hint = nearest.best;
	return false;
}

static void make_matrix(struct arena *arena, struct check_result *result)
{
	struct place place = { .file = result->file, .line = 1, .column = 1 };

	result->matrix = matrix_make(arena, result->sheet);
	if (!result->matrix->is_cut)
		return;
	complain(&result->complaints, &place,
		SPAN("its probes have more than 10000 cells"), SPAN(""));
	result->matrix = NULL;
}

enum { SECRET_MAX = 4096 };

/* The first line of the file, or the variable; neither may be empty. */
static bool read_secret(void *owner, struct arena *arena,
	const struct variable *variable, struct span *text, struct span *why)
{
	const char *name = arena_copy(arena, variable->text).at;
	const char *value;
	struct span rest;

	(void)owner;
	if (variable->kind == VARIABLE_ENV) {
		value = getenv(name);
		*text = value ? arena_copy(arena, span_of(value)) : SPAN("");
		*why = SPAN("the environment has no such variable, or an "
			    "empty one");
		return text->len != 0 && text->len <= SECRET_MAX;
	}
	if (!file_read(arena, name, SECRET_MAX, &rest, why)) {
		*why = arena_print(
			arena, "it cannot be read: %.*s", SPAN_ARG(*why));
		return false;
	}
	*text = span_cut(&rest, '\n');
	if (text->len && text->at[text->len - 1] == '\r')
		text->len--;
	*why = SPAN("its file begins with an empty line");
	return text->len != 0;
}

static void check(struct arena *arena, const struct codebook *codebook,
	struct span text, secret_reader *reveal, struct check_result *result)
{
	struct reading_orders reading = { .arena = arena,
		.complaints = &result->complaints,
		.variables = &result->variables,
		.read = sheet_read_file,
		.reveal = reveal };
	struct meaning_orders meaning = { .arena = arena,
		.complaints = &result->complaints,
		.knows_reason = knows_reason,
		.knows_pattern = pattern_check,
		.owner = codebook };

	result->sheet = sheet_parse(&reading, result->file, text);
	meaning_check(&meaning, result->sheet);
	if (!result->complaints.total)
		make_matrix(arena, result);
	complaints_sort(&result->complaints);
}

static void begin(
	struct arena *arena, struct span file, struct check_result *result)
{
	*result = (struct check_result){ .file = file,
		.complaints = { .arena = arena },
		.variables = { .arena = arena } };
}

void check_text(struct arena *arena, const struct codebook *codebook,
	struct span file, struct span text, struct check_result *result)
{
	begin(arena, file, result);
	check(arena, codebook, text, NULL, result);
}

void check_text_for_run(struct arena *arena, const struct codebook *codebook,
	struct span file, struct span text, struct check_result *result)
{
	begin(arena, file, result);
	check(arena, codebook, text, read_secret, result);
}

/* A mailbox, which is what most secrets are. */
static bool make_up_secret(void *owner, struct arena *arena,
	const struct variable *variable, struct span *text, struct span *why)
{
	if (variable->has_default)
		return read_secret(owner, arena, variable, text, why);
	if (!read_secret(owner, arena, variable, text, why))
		*text = SPAN("secret@rehearsal.invalid");
	return true;
}

void check_text_for_rehearsal(struct arena *arena,
	const struct codebook *codebook, struct span file, struct span text,
	struct check_result *result)
{
	begin(arena, file, result);
	check(arena, codebook, text, make_up_secret, result);
}
