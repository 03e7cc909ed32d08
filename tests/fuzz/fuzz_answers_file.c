#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/dns/answers_file.h"
#include "tests/fuzz/must.h"

/*
 * The input is an answers file without its first line.  What was read, saved
 * and read again is the same, without an error; and a file cut after a line
 * has no error that the whole did not have.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Asks all the file can be asked for, by the names at its lines' starts. */
static struct answers *answers_file_replay(
	struct arena *arena, struct span text, size_t *errors_total)
{
	struct answers_file_errors errors;
	struct answers *answers = answers_open(arena);
	struct saved_answers *saved = answers_file_load(
		arena, SPAN("f"), text, &errors);

	MUST(saved != NULL);
	MUST(errors.count <= ANSWERS_FILE_ERRORS_MAX);
	MUST(errors.count <= errors.total);
	*errors_total = errors.total;
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		struct span name = span_cut(&line, ' '), word;
		enum rr_type type;

		line = span_trim(line);
		word = span_cut(&line, ' ');
		if (rr_type_parse(word, &type))
			(void)!answers_get(answers, name, type);
	}
	saved_answers_settle(saved, answers);
	MUST(!answers_open_question(answers));
	return answers;
}

static struct span answers_file_saved_text(struct arena *arena, struct answers *answers)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	struct span copy;

	MUST(file != NULL);
	answers_file_begin(file);
	answers_file_save(file, answers);
	fclose(file);
	copy = arena_copy(arena, (struct span){ text, len });
	free(text);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char first[] = "mxprobe-answers 1\n";
	struct arena *arena = arena_open();
	size_t errors, fewer, none, head = sizeof(first) - 1;
	char *room = arena_take(arena, head + len + 1);
	struct span text = { room, head + len }, once, twice;

	memcpy(room, first, head);
	if (len)
		memcpy(room + head, bytes, len);
	once = answers_file_saved_text(arena, answers_file_replay(arena, text, &errors));
	twice = answers_file_saved_text(arena, answers_file_replay(arena, once, &none));
	MUST(none == 0);
	MUST(span_is(once, twice));
	while (text.len > head && text.at[text.len - 1] != '\n')
		text.len--;
	(void)answers_file_replay(arena, text, &fewer);
	MUST(fewer <= errors);
	arena_close(arena);
	return 0;
}
