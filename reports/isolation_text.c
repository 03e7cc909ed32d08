#include "reports/isolation_text.h"

#include "probe/base/escape.h"
#include "reports/isolation_account.h"

void isolation_text_screen(
	struct screen *screen, const struct isolation *isolation)
{
	static const struct mark none = { "", TONE_PLAIN };
	struct isolation_account account = { .arena = screen->arena,
		.isolation = isolation };
	struct span *lines;
	size_t count = account_lines(&account, &lines);

	screen_paragraph(screen, 0, none, 0, SPAN("isolation"));
	for (size_t i = 0; i < count; i++)
		screen_paragraph(
			screen, 2, none, 2, screen_safe(screen, lines[i]));
}

void isolation_text_row(FILE *out, const struct isolation *isolation,
	const struct variables *secrets)
{
	struct arena *arena = arena_open();
	struct isolation_account account = {
		.arena = arena, .isolation = isolation, .secrets = secrets
	};
	struct span *lines;
	size_t count = account_lines(&account, &lines);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "           %s%.*s\n", i ? "  " : "isolation: ",
			SPAN_ARG(escape_text(arena, lines[i])));
	arena_close(arena);
}
