#ifndef MXP_TESTS_TIME_ZONES_BY_HAND_H
#define MXP_TESTS_TIME_ZONES_BY_HAND_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probe/base/attr.h"
#include "reports/inbound/log_zone.h"
#include "tests/own_folder.h"

/*
 * A database of time zones in a folder that TZDIR names.  Each file (RFC 9636)
 * begins in 1901 and is all footer: a rule as in TZ, those of 2026.
 */
static const struct time_zone_by_hand {
	const char *name, *rule;
} time_zones_by_hand[] = {
	/* clang-format off */
	{ "UTC", "UTC0" },
	{ "Asia/Tokyo", "JST-9" },
	{ "Asia/Kathmandu", "<+0545>-5:45" },
	{ "Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3" },
	{ "America/New_York", "EST5EDT,M3.2.0,M11.1.0" },
	{ "America/St_Johns", "NST3:30NDT,M3.2.0,M11.1.0" },
	{ "America/Indiana/Knox", "CST6CDT,M3.2.0,M11.1.0" },
	{ "Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3" },
	{ "Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" },
	{ "Etc/GMT+9", "<-09>9" },
	/* clang-format on */
};

static void put_time_zone(const struct time_zone_by_hand *zone)
{
	static const char first[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				    "\0\0\0\0\0\0\0\0\0\0\0\0"
				    "\0\0\0\0\0\0\0\1\0\0\0\4"
				    "\0\0\0\0\0\0LMT";
	static const char second[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				     "\0\0\0\0\0\0\0\0\0\0\0\0"
				     "\0\0\0\1\0\0\0\1\0\0\0\4"
				     "\xff\xff\xff\xff\x80\0\0\0\0"
				     "\0\0\0\0\0\0LMT";
	FILE *file = fopen(in_folder(zone->name), "w");

	if (!file)
		abort();
	fwrite(first, 1, sizeof(first), file);
	fwrite(second, 1, sizeof(second), file);
	fprintf(file, "\n%s\n", zone->rule);
	fclose(file);
}

/* For the group of all tests; it opens their arena, too. */
static int make_time_zones(void **state)
{
	static const char *const folders[] = { "Asia", "Europe", "America",
		"America/Indiana", "Australia", "Etc" };

	if (open_arena(state) != 0 || make_folder(state) != 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		if (mkdir(in_folder(folders[i]), 0700) != 0)
			return -1;
	for (size_t i = 0; i < COUNT_OF(time_zones_by_hand); i++)
		put_time_zone(&time_zones_by_hand[i]);
	return setenv("TZDIR", folder, 1);
}

static int remove_time_zones(void **state)
{
	unsetenv("TZDIR");
	unsetenv("TZ");
	return remove_folder(state) != 0 || close_arena(state) != 0 ? -1 : 0;
}

static struct log_zone zone_of(const char *name)
{
	struct log_zone zone;
	struct span why;

	if (!log_zone_find(arena, span_of(name), &zone, &why))
		fail_msg("%s: %.*s", name, SPAN_ARG(why));
	return zone;
}

#endif
