#include "reports/inbound/zone_database.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/nearest.h"

enum {
	NAME_MAX_LEN = 64,    /* octets of a name; none has half of it */
	DEPTH_MAX = 3,        /* America/Indiana/Knox */
	NAMES_MAX = 10000,    /* there are 600 */
	ABBREVIATION_MAX = 5, /* octets of "CHAST" */
};

const char *zone_database_folder(void)
{
	const char *folder = getenv("TZDIR");

	return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/* Without a dot there is no way out of the folder, nor to its tables. */
static bool is_name(struct span name)
{
	if (!name.len || name.len > NAME_MAX_LEN || name.at[0] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
			!memchr("/_+-", c, 4))
			return false;
	}
	return true;
}

bool zone_database_has(struct span name)
{
	struct arena *arena = arena_open();
	char magic[4] = "";
	FILE *file = NULL;
	size_t len = 0;

	if (is_name(name))
		file = fopen(arena_print(arena, "%s/%.*s",
				     zone_database_folder(), SPAN_ARG(name))
				     .at,
			"r");
	if (file) {
		len = fread(magic, 1, sizeof(magic), file);
		fclose(file);
	}
	arena_close(arena);
	return len == sizeof(magic) && memcmp(magic, "TZif", len) == 0;
}

/* ---- what was likely meant */

struct names {
	struct arena *arena;
	struct span *all;
	size_t count, room;
};

static struct span joined(
	struct arena *arena, struct span folder, const char *name)
{
	return arena_print(arena, "%.*s%s%s", SPAN_ARG(folder),
		folder.len ? "/" : "", name);
}

/*
 * Of zones and of folders of them, the names begin with a capital; those of
 * the tables beside them, and of copies of the whole, do not.  Etc/GMT+9 is
 * behind UTC: whoever did not write that has not meant it.
 */
static bool is_zones(const char *name)
{
	return name[0] >= 'A' && name[0] <= 'Z' && strcmp(name, "Etc") != 0 &&
	       strchr(name, '.') == NULL;
}

static void gather(struct names *names, struct span folder, unsigned depth)
{
	DIR *dir = opendir(arena_print(names->arena, "%s/%.*s",
		zone_database_folder(), SPAN_ARG(folder))
				   .at);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && names->count < NAMES_MAX) {
		struct span name;

		if (!is_zones(entry->d_name))
			continue;
		name = joined(names->arena, folder, entry->d_name);
		if (zone_database_has(name)) {
			names->all = arena_grow(names->arena, names->all,
				names->count, &names->room, sizeof(name));
			names->all[names->count++] = name;
		} else if (depth < DEPTH_MAX) {
			gather(names, name, depth + 1);
		}
	}
	if (dir)
		closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	return strcmp(one->at, other->at);
}

/* "Tokyo" of Asia/Tokyo. */
static struct span place_of(struct span name)
{
	const char *slash = memrchr(name.at, '/', name.len);

	return slash ? span_part(name, (size_t)(slash - name.at) + 1, name.len)
		     : name;
}

/* One letter makes another of it, and hours of difference. */
static bool is_abbreviation(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] < 'A' || name.at[i] > 'Z')
			return false;
	return name.len <= ABBREVIATION_MAX;
}

/* "new york" */
static struct span without_blanks(struct arena *arena, struct span name)
{
	char *copy = arena_take(arena, name.len);

	for (size_t i = 0; i < name.len; i++)
		copy[i] = name.at[i] == ' ' ? '_' : name.at[i];
	return (struct span){ copy, name.len };
}

struct span zone_database_nearest(struct arena *arena, struct span name)
{
	struct names names = { .arena = arena };
	struct nearest nearest;
	struct span best = SPAN("");

	if (!name.len || name.len > NAME_MAX_LEN || is_abbreviation(name))
		return best;
	nearest = nearest_begin(without_blanks(arena, name));
	gather(&names, SPAN(""), 1);
	if (names.count)
		qsort(names.all, names.count, sizeof(*names.all), by_name);
	for (size_t i = 0; i < names.count; i++) {
		struct span place = place_of(names.all[i]);

		nearest_offer(&nearest, names.all[i]);
		nearest_offer(&nearest, place);
		if (nearest.best.at == names.all[i].at ||
			nearest.best.at == place.at)
			best = names.all[i];
	}
	return best;
}
