#include "probe/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "probe/base/escape.h"
#include "probe/task.h"

enum { COLUMNS_USUAL = 80 };

void progress_clear(struct run *run)
{
	if (!run->orders->shows_progress)
		return;
	fputs("\r", stderr);
	if (run->progress_lines > 1)
		fprintf(stderr, "\033[%uA", run->progress_lines - 1);
	fputs("\033[J", stderr);
	fflush(stderr);
	run->progress_lines = 0;
}

static struct span pause_text(struct arena *arena, const struct turn *turn)
{
	return arena_print(arena, "%.*s over %s: %s",
		SPAN_ARG(turn->visit->path->host),
		family_word(turn->visit->path->family),
		turn->waits_for_others ? "another mxprobe is connected"
				       : "a pause between two connections");
}

static struct span waiting_text(struct arena *arena, const struct run *run)
{
	const struct turn *turn;

	TAILQ_FOREACH(turn, &run->walking, entry)
	{
		struct span text = walker_waits_for(arena, &turn->walker);

		if (text.len)
			return text;
	}
	turn = TAILQ_FIRST(&run->waiting);
	return turn ? pause_text(arena, turn) : SPAN("asking the DNS");
}

/* The walks of one task: the first that waits for something says what. */
static struct span walk_text(
	struct arena *arena, const struct run *run, const struct task *task)
{
	const struct turn *turn;

	TAILQ_FOREACH(turn, &run->walking, entry)
	{
		struct span text = SPAN("");

		if (turn->task == task)
			text = walker_waits_for(arena, &turn->walker);
		if (text.len)
			return text;
	}
	TAILQ_FOREACH(turn, &run->waiting, entry)
	{
		if (turn->task == task)
			return pause_text(arena, turn);
	}
	return SPAN("walking");
}

static struct span task_text(
	struct arena *arena, const struct run *run, const struct task *task)
{
	if (task->is_done)
		return SPAN("done, and told after those before it");
	if (task->is_resolving)
		return SPAN("asking the DNS");
	return walk_text(arena, run, task);
}

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col
		       ? size.ws_col
		       : COLUMNS_USUAL;
}

/* A line that is too long would wrap, and could not be taken back. */
static void put_line(struct span text)
{
	struct span part = span_part(text, 0, columns() - 1);

	/* No octet of half a character. */
	while (part.len < text.len && part.len &&
		((unsigned char)text.at[part.len] & 0xc0) == 0x80)
		part.len--;
	fprintf(stderr, "%.*s", SPAN_ARG(part));
}

static void show_errands(struct arena *arena, struct run *run)
{
	const struct task *task;

	put_line(arena_print(arena, "%zu of %zu cells ended", run->done_count,
		run->orders->errand_count));
	run->progress_lines = 1;
	TAILQ_FOREACH(task, &run->tasks, entry)
	{
		if (run->progress_lines > PROGRESS_LINES_MAX)
			return;
		fputc('\n', stderr);
		put_line(escape_text(
			arena, arena_print(arena, "  %.*s: %.*s",
				       SPAN_ARG(task->errand->name),
				       SPAN_ARG(task_text(arena, run, task)))));
		run->progress_lines++;
	}
}

static void show_targets(struct arena *arena, struct run *run)
{
	size_t total = run_target_count(run);
	struct span text = waiting_text(arena, run);

	if (total > 1)
		text = arena_print(arena, "%zu of %zu targets; %.*s",
			run->done_count, total, SPAN_ARG(text));
	put_line(escape_text(arena, text));
	run->progress_lines = 1;
}

void progress_show(struct run *run)
{
	struct arena *arena = arena_open();

	progress_clear(run);
	if (run->orders->errand_count)
		show_errands(arena, run);
	else
		show_targets(arena, run);
	fflush(stderr);
	arena_close(arena);
}
