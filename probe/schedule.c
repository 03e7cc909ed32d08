#include "probe/schedule.h"

#include <stdlib.h>
#include <unistd.h>

#include "probe/base/file.h"

enum { HOST_MAX = 256 };

/* FNV-1a with 64 bits: spreads, and keeps no secret. */
static uint64_t mix(uint64_t sum, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.at[i]) * 0x100000001b3;
	return (sum ^ 0xff) * 0x100000001b3;
}

static uint64_t delay_of(
	uint64_t jitter_ms, struct span scenario, struct span host)
{
	uint64_t sum = mix(mix(0xcbf29ce484222325, host), scenario);

	/* The low bits of this sum follow the last octet too closely. */
	return (sum >> 16) % (jitter_ms + 1);
}

/* A scenario that comes with the program is no file. */
static struct span place_of(struct arena *arena, struct span file)
{
	char *place = realpath(arena_copy(arena, file).at, NULL);
	struct span kept = arena_copy(arena, place ? span_of(place) : file);

	free(place);
	return kept;
}

bool schedule_of(struct arena *arena, struct span file,
	const struct matrix *matrix, struct span host,
	struct schedule *schedule)
{
	*schedule = (struct schedule){ .scenario = place_of(arena, file),
		.every_ms = matrix->every_ms,
		.delay_ms = delay_of(matrix->jitter_ms, matrix->name, host) };
	return matrix->every_ms != 0;
}

struct span schedule_host(struct arena *arena)
{
	char name[HOST_MAX] = "";
	struct span id, why;

	if (file_read(arena, "/etc/machine-id", HOST_MAX, &id, &why) &&
		span_trim(id).len)
		return id;
	if (gethostname(name, sizeof(name) - 1) == 0 && name[0])
		return arena_copy(arena, span_of(name));
	return SPAN("host");
}
