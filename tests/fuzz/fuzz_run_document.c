/*
 * A file given to `mxprobe diff`.  What is taken has rows that differ in
 * nothing from themselves, and traits of one visible line.
 */
#include <stdint.h>

#include "probe/judge/difference.h"
#include "probe/store/run_document.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void run_document_trait(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		MUST((unsigned char)value.at[i] >= ' ' && value.at[i] != 0x7f);
}

static void run_document_rows(
	struct arena *arena, const struct recorded_run *run)
{
	struct difference_limits limits = DIFFERENCE_LIMITS;
	struct differences differences;

	for (size_t i = 0; i < run->row_count; i++)
		for (int j = 0; j < TRAIT_COUNT; j++)
			run_document_trait(run->rows[i].traits.of[j]);
	differences_find(arena, run, run, &limits, &differences);
	MUST(differences.count == 0);
	MUST(differences.rows == run->row_count);
	MUST(differences.worse == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size }, why;
	struct recorded_run run, again;

	if (run_document_read(arena, text, &run, &why)) {
		MUST(why.len == 0);
		run_document_rows(arena, &run);
		MUST(run_document_read(arena, text, &again, &why));
		MUST(again.row_count == run.row_count);
	} else {
		MUST(why.len > 0);
	}
	arena_close(arena);
	return 0;
}
