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

/* Up to the end of the year 9999. */
static const int64_t plain_until_ms = INT64_C(253402300800000);

/* In the calendar that was extended to the past, years begin with March, so that
 * a leap day is the last of a year; an era is 400 of them. */
static void plain_date(
	int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	unsigned era, of_era, years, of_year, from_march;

	days += 719468;
	era = (unsigned)(days / 146097);
	of_era = (unsigned)(days % 146097);
	years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
		365;
	of_year = of_era - (365 * years + years / 4 - years / 100);
	from_march = (5 * of_year + 2) / 153;
	*day = of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = era * 400 + years + (*month <= 2);
}

static void put_digits(char *at, unsigned number, unsigned count)
{
	for (unsigned i = count; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
}

static struct span plain_text(struct arena *arena, int64_t wall_ms)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";
	unsigned of_day = (unsigned)(wall_ms % 86400000);
	unsigned year, month, day;
	char *text = arena_take(arena, sizeof(form));

	plain_date(wall_ms / 86400000, &year, &month, &day);
	memcpy(text, form, sizeof(form));
	put_digits(text, year, 4);
	put_digits(text + 5, month, 2);
	put_digits(text + 8, day, 2);
	put_digits(text + 11, of_day / 3600000, 2);
	put_digits(text + 14, of_day / 60000 % 60, 2);
	put_digits(text + 17, of_day / 1000 % 60, 2);
	put_digits(text + 20, of_day % 1000, 3);
	return (struct span){ text, sizeof(form) - 1 };
}

/* Records and logs have a time in each line, so most are written by hand. */
struct span clock_text(struct arena *arena, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	int rest = (int)(wall_ms % 1000);
	struct tm date;
	char room[32];

	if (wall_ms >= 0 && wall_ms < plain_until_ms)
		return plain_text(arena, wall_ms);
	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &date);
	strftime(room, sizeof(room), "%Y-%m-%dT%H:%M:%S", &date);
	return arena_print(arena, "%s.%03dZ", room, rest);
}
