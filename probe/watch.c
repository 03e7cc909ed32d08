#include "probe/watch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

enum { SIGNALS = 3 };

struct watch {
	uv_loop_t loop;
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
	uv_run(&watch->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&watch->loop) != 0)
		abort();
	free(watch);
}

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
