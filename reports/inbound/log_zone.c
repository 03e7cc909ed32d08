#include "reports/inbound/log_zone.h"

#include <stdlib.h>
#include <time.h>

#include "probe/base/escape.h"
#include "reports/inbound/zone_database.h"

enum {
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 60 * MINUTE_MS,
	MOVED_MS = 180 * MINUTE_MS, /* at once, at most */
	HELD_UP_MS = 5 * MINUTE_MS,
	HOURS_MAX = 14,       /* Kiritimati; it is 12 the other way */
	ABBREVIATION_MIN = 3, /* letters, of a rule in TZ */
};

/* ---- times */

/* By the rules.  Years that time_t cannot hold are in no log. */
static int64_t ahead_at(int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm date;

	return localtime_r(&seconds, &date) ? (int64_t)date.tm_gmtoff * 1000
					    : 0;
}

/* The lines of a log come in order, but for some that were held up on their
 * way; so a clock that is back by more has been moved. */
static bool is_second(const struct log_zone *zone, int64_t early, int64_t late)
{
	return zone->last_ms > early + HELD_UP_MS &&
	       zone->last_ms <= late + HELD_UP_MS;
}

/*
 * No zone is a day away from UTC, so that what holds a day before and a day
 * after has the answer.  Where both are the same, the clock is not moved
 * between them, and this is kept; but not for the hours before a move, as the
 * clock may show them again.
 */
static int64_t time_by_rules(struct log_zone *zone, int64_t clock_ms)
{
	int64_t before = ahead_at(clock_ms - DAY_MS);
	int64_t after = ahead_at(clock_ms + DAY_MS);
	int64_t early = clock_ms - before, late = clock_ms - after;
	bool is_late;

	if (before == after) {
		zone->ahead_ms = before;
		zone->from_ms = clock_ms - DAY_MS + before + MOVED_MS;
		zone->until_ms = clock_ms + DAY_MS + before - MOVED_MS;
		return early;
	}
	/* Of an hour that comes twice both are right, and `early` is the first
	 * of them; of one that is left out, none. */
	is_late = ahead_at(late) == after &&
		  (ahead_at(early) != before || is_second(zone, early, late));
	zone->last_ms = is_late ? late : early;
	return zone->last_ms;
}

int64_t log_zone_time(struct log_zone *zone, int64_t clock_ms)
{
	if (zone->has_rules &&
		(clock_ms < zone->from_ms || clock_ms >= zone->until_ms))
		return time_by_rules(zone, clock_ms);
	return clock_ms - zone->ahead_ms;
}

int64_t log_zone_clock(const struct log_zone *zone, int64_t time_ms)
{
	return time_ms + (zone->has_rules ? ahead_at(time_ms) : zone->ahead_ms);
}

/* ---- names */

/* ( "+" / "-" ) 1*2DIGIT [ [ ":" ] 2DIGIT ] */
static bool hours_of(struct span text, int64_t *ahead_ms)
{
	struct span minutes = span_part(text, 3, text.len);
	unsigned long hour, minute = 0;

	if (!text.len || (text.at[0] != '+' && text.at[0] != '-'))
		return false;
	if (minutes.len && minutes.at[0] == ':')
		minutes = span_part(minutes, 1, minutes.len);
	if (!span_number(span_part(text, 1, 2), HOURS_MAX, &hour))
		return false;
	if (text.len > 3 &&
		(minutes.len != 2 || !span_number(minutes, 59, &minute)))
		return false;
	if (hour == HOURS_MAX && minute)
		return false;
	*ahead_ms = (int64_t)(hour * 60 + minute) * MINUTE_MS;
	if (text.at[0] == '-')
		*ahead_ms = -*ahead_ms;
	return true;
}

static bool is_utc(struct span name)
{
	return span_is_nocase(name, SPAN("UTC")) ||
	       span_is_nocase(name, SPAN("GMT")) ||
	       span_is_nocase(name, SPAN("Z"));
}

/* std offset, as in "CET-1CEST,M3.5.0,M10.5.0/3": POSIX.1-2017, 8.3. */
static bool is_rule(struct span text)
{
	size_t at = 0;

	if (text.len && text.at[0] == '<')
		return span_find(text, '>') < text.len;
	while (at < text.len && ascii_is_alpha(text.at[at]))
		at++;
	if (at < ABBREVIATION_MIN || at == text.len)
		return false;
	return text.at[at] == '+' || text.at[at] == '-' ||
	       ascii_is_digit(text.at[at]);
}

static struct span folder(struct arena *arena)
{
	return escape_text(arena, span_of(zone_database_folder()));
}

/* Without TZ it is what the administrator has set; a path is the user's own
 * business. */
static bool is_local_known(struct arena *arena, struct span *why)
{
	const char *name = getenv("TZ");
	struct span text = span_of(name ? name : "");

	if (text.len && text.at[0] == ':')
		text = span_part(text, 1, text.len);
	if (!text.len || text.at[0] == '/' || is_utc(text) || is_rule(text) ||
		zone_database_has(text))
		return true;
	*why = arena_print(arena,
		"TZ is \"%.*s\", and there is no such time zone in %.*s",
		SPAN_ARG(escape_text(arena, text)), SPAN_ARG(folder(arena)));
	return false;
}

static bool take_rules(struct arena *arena, struct span name)
{
	if (!zone_database_has(name))
		return false;
	return setenv("TZ", arena_print(arena, ":%.*s", SPAN_ARG(name)).at,
		       1) == 0;
}

/* "UTC+9" is ahead of UTC to some, and behind it to POSIX. */
static struct span likely(struct arena *arena, struct span name)
{
	struct span hours = span_part(name, 3, name.len);
	int64_t ahead_ms;

	if (is_utc(span_part(name, 0, 3)) && hours_of(hours, &ahead_ms))
		return hours;
	return zone_database_nearest(arena, name);
}

static void tell_wrong(struct arena *arena, struct span name, struct span *why)
{
	struct span meant = likely(arena, name);

	*why = SPAN("there is no such time zone: +09:00 is wanted, UTC, local, "
		    "or a place as Asia/Tokyo");
	if (meant.len)
		*why = arena_print(arena,
			"there is no such time zone (did you mean %.*s?)",
			SPAN_ARG(meant));
	else if (!zone_database_has(SPAN("UTC")))
		*why = arena_print(arena,
			"there are no time zones in %.*s: +09:00 is wanted, or "
			"UTC",
			SPAN_ARG(folder(arena)));
}

bool log_zone_find(struct arena *arena, struct span name, struct log_zone *zone,
	struct span *why)
{
	*zone = (struct log_zone){ 0 };
	if (is_utc(name) || hours_of(name, &zone->ahead_ms))
		return true;
	if (span_is_nocase(name, SPAN("local"))) {
		if (!is_local_known(arena, why))
			return false;
	} else if (!take_rules(arena, name)) {
		tell_wrong(arena, name, why);
		return false;
	}
	tzset();
	zone->has_rules = true;
	return true;
}
