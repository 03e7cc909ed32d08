#include "probe/base/clock.h"

#include <time.h>

static int frozen;
static int64_t frozen_at_ms;

uint64_t clock_now_ns(void)
{
	struct timespec now;

	if (frozen)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_wall_ms(void)
{
	struct timespec now;

	if (frozen)
		return frozen_at_ms;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_freeze(int64_t wall_ms)
{
	frozen = 1;
	frozen_at_ms = wall_ms;
}

int clock_is_frozen(void)
{
	return frozen;
}

struct span clock_text(struct arena *arena, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	int rest = (int)(wall_ms % 1000);
	struct tm date;
	char room[32];

	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &date);
	strftime(room, sizeof(room), "%Y-%m-%dT%H:%M:%S", &date);
	return arena_print(arena, "%s.%03dZ", room, rest);
}
