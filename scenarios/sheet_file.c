#include "scenarios/sheet_file.h"

#include "probe/base/file.h"
#include "scenarios/lexer.h"

struct span name_from(struct arena *arena, struct span from, struct span name)
{
	size_t len = from.len;

	while (len > 0 && from.at[len - 1] != '/')
		len--;
	if (!len || (name.len && name.at[0] == '/'))
		return arena_copy(arena, name);
	return arena_print(
		arena, "%.*s%.*s", (int)len, from.at, SPAN_ARG(name));
}

bool sheet_read_file(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why)
{
	(void)owner;
	*why = SPAN("its name has a NUL in it");
	if (span_find(name, '\0') < name.len)
		return false;
	return file_read(
		arena, arena_copy(arena, name).at, LEXER_TEXT_MAX, bytes, why);
}
