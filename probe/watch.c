#include "probe/watch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "probe/base/arena.h"

enum { SIGNALS = 3 };

/* Its folder is watched: the file itself is another when it is made anew. */
struct watched_file {
	uv_fs_event_t event;
	const char *base; /* its name there */
};

struct watch {
	struct arena *arena; /* of the names */
	uv_loop_t loop;
	struct watched_file files[WATCH_FILES_MAX];
	size_t file_count;
	uv_poll_t input;
	bool has_input;
	uv_timer_t rest;
	uv_signal_t signals[SIGNALS];
	bool reads_again, ends;
};

static void on_signal(uv_signal_t *signal, int number)
{
	struct watch *watch = signal->data;

	if (number == SIGHUP)
		watch->reads_again = true;
	else
		watch->ends = true;
	uv_stop(&watch->loop);
}

static void on_rested(uv_timer_t *rest)
{
	uv_stop(rest->loop);
}

struct watch *watch_open(void)
{
	static const int numbers[SIGNALS] = { SIGHUP, SIGTERM, SIGINT };
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch || uv_loop_init(&watch->loop) != 0)
		abort();
	watch->arena = arena_open();
	uv_timer_init(&watch->loop, &watch->rest);
	for (int i = 0; i < SIGNALS; i++) {
		uv_signal_init(&watch->loop, &watch->signals[i]);
		watch->signals[i].data = watch;
		uv_signal_start(&watch->signals[i], on_signal, numbers[i]);
	}
	return watch;
}

void watch_close(struct watch *watch)
{
	uv_close((uv_handle_t *)&watch->rest, NULL);
	for (int i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&watch->signals[i], NULL);
	for (size_t i = 0; i < watch->file_count; i++)
		uv_close((uv_handle_t *)&watch->files[i].event, NULL);
	if (watch->has_input)
		uv_close((uv_handle_t *)&watch->input, NULL);
	uv_run(&watch->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&watch->loop) != 0)
		abort();
	arena_close(watch->arena);
	free(watch);
}

/* ---- what else ends a rest */

static void on_change(
	uv_fs_event_t *event, const char *base, int events, int status)
{
	const struct watched_file *file = event->data;

	(void)events;
	(void)status;
	if (!base || strcmp(base, file->base) == 0)
		uv_stop(event->loop);
}

void watch_file(struct watch *watch, const char *name)
{
	struct watched_file *file = &watch->files[watch->file_count];
	const char *slash = strrchr(name, '/');
	size_t folder = slash ? (size_t)(slash - name) + 1 : 0;

	if (watch->file_count == WATCH_FILES_MAX ||
		uv_fs_event_init(&watch->loop, &file->event) != 0)
		return;
	watch->file_count++;
	file->event.data = file;
	file->base = arena_copy(watch->arena, span_of(name + folder)).at;
	uv_fs_event_start(&file->event, on_change,
		folder ? arena_copy(watch->arena, (struct span){ name, folder })
				 .at
		       : ".",
		0);
}

static void on_input(uv_poll_t *input, int status, int events)
{
	(void)status;
	(void)events;
	uv_stop(input->loop);
}

/* A file in its place is always read at once, and cannot be watched. */
void watch_input(struct watch *watch, bool ends_rest)
{
	if (!watch->has_input && ends_rest)
		watch->has_input = uv_poll_init(&watch->loop, &watch->input,
					   STDIN_FILENO) == 0;
	if (watch->has_input && ends_rest)
		uv_poll_start(
			&watch->input, UV_READABLE | UV_DISCONNECT, on_input);
	else if (watch->has_input)
		uv_poll_stop(&watch->input);
}

/* ---- */

enum watch_call watch_rest(struct watch *watch, uint64_t ms)
{
	bool reads_again;

	/* A run has a loop of its own; this one has stood still. */
	uv_update_time(&watch->loop);
	uv_run(&watch->loop, UV_RUN_NOWAIT);
	if (ms && !watch->ends && !watch->reads_again) {
		uv_timer_start(&watch->rest, on_rested, ms, 0);
		uv_run(&watch->loop, UV_RUN_DEFAULT);
		uv_timer_stop(&watch->rest);
	}
	if (watch->ends)
		return WATCH_ENDS;
	reads_again = watch->reads_again;
	watch->reads_again = false;
	return reads_again ? WATCH_READS_AGAIN : WATCH_GOES_ON;
}
