#include "probe/judge/volume.h"

#include <stdlib.h>

#include "probe/base/clock.h"
#include "probe/judge/delivery_destination.h"
#include "probe/policy/org_domain.h"

void volume_open(struct volume *volume, struct arena *arena)
{
	*volume = (struct volume){ .arena = arena };
}

/* ---- receivers */

static const struct {
	const char *word, *title;
	uint64_t limit;
} receivers[VOLUME_RECEIVERS] = {
	[VOLUME_GMAIL] = { "gmail", "personal Gmail accounts",
		VOLUME_GMAIL_LIMIT },
	[VOLUME_YAHOO] = { "yahoo", "Yahoo", 0 },
	[VOLUME_MICROSOFT] = { "microsoft", "Microsoft's consumer mailboxes",
		VOLUME_MICROSOFT_LIMIT },
};

const char *volume_receiver_word(enum volume_receiver receiver)
{
	return receivers[receiver].word;
}

const char *volume_receiver_title(enum volume_receiver receiver)
{
	return receivers[receiver].title;
}

uint64_t volume_limit(enum volume_receiver receiver)
{
	return receivers[receiver].limit;
}

static bool is_any_of(
	struct span domain, const struct span *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (domain.len == names[i].len &&
			span_is_nocase(domain, names[i]))
			return true;
	return false;
}

/* Domains that others let these receivers serve are not personal ones, but for
 * Yahoo, who asks the same of all that it hosts. */
static bool find_receiver(struct span domain, struct span provider,
	enum volume_receiver *receiver)
{
	static const struct span gmail[] = { { "gmail.com", 9 },
		{ "googlemail.com", 14 } };
	static const struct span microsoft[] = { { "outlook.com", 11 },
		{ "hotmail.com", 11 }, { "live.com", 8 }, { "msn.com", 7 },
		{ "passport.com", 12 } };

	*receiver = VOLUME_GMAIL;
	if (is_any_of(domain, gmail, sizeof(gmail) / sizeof(*gmail)))
		return true;
	*receiver = VOLUME_MICROSOFT;
	if (is_any_of(
		    domain, microsoft, sizeof(microsoft) / sizeof(*microsoft)))
		return true;
	*receiver = VOLUME_YAHOO;
	return span_is(provider, SPAN("yahoo")) ||
	       span_is(provider, SPAN("aol"));
}

/* ---- cells */

static struct span organisation_of(struct volume *volume, struct span domain)
{
	struct span last = { volume->last_domain, volume->last_domain_len };
	struct arena *arena;
	struct span found;

	if (!domain.len || domain.len > VOLUME_NAME_MAX)
		return SPAN("");
	if (!span_is(last, domain)) {
		arena = arena_open();
		found = org_domain(arena, suffix_list_own(), domain);
		found = span_part(found, 0, VOLUME_NAME_MAX);
		memcpy(volume->last_domain, domain.at, domain.len);
		volume->last_domain_len = domain.len;
		if (found.len)
			memcpy(volume->last_organisation, found.at, found.len);
		volume->last_organisation_len = found.len;
		arena_close(arena);
	}
	return (struct span){ volume->last_organisation,
		volume->last_organisation_len };
}

static unsigned bucket_of(const struct volume_cell *cell)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < cell->domain.len; i++)
		hash = (hash ^ (unsigned char)cell->domain.at[i]) * 16777619u;
	hash = (hash ^ (uint32_t)cell->day) * 16777619u;
	hash = (hash ^ (uint32_t)cell->receiver) * 16777619u;
	return (hash ^ hash >> 16) % VOLUME_BUCKETS;
}

/* NULL: there are too many. */
static struct volume_cell *cell_of(
	struct volume *volume, const struct volume_cell *wanted)
{
	struct volume_cell **bucket = &volume->buckets[bucket_of(wanted)];
	struct volume_cell *cell;

	for (cell = *bucket; cell; cell = cell->next)
		if (cell->receiver == wanted->receiver &&
			cell->day == wanted->day &&
			span_is(cell->domain, wanted->domain))
			return cell;
	if (volume->count == VOLUME_CELLS_MAX)
		return NULL;
	cell = arena_new(volume->arena, struct volume_cell);
	*cell = *wanted;
	cell->domain = arena_copy(volume->arena, wanted->domain);
	cell->next = *bucket;
	*bucket = cell;
	volume->cells = arena_grow(volume->arena, volume->cells, volume->count,
		&volume->room, sizeof(*volume->cells));
	volume->cells[volume->count++] = cell;
	return cell;
}

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static int64_t day_of(int64_t time_ms)
{
	return time_ms / DAY_MS - (time_ms % DAY_MS < 0);
}

void volume_add(struct volume *volume, const struct delivery *delivery,
	struct span provider)
{
	struct volume_cell wanted = { .day = day_of(delivery->time_ms) };
	bool has_from = delivery->from_domain.len != 0;
	struct volume_cell *cell;

	if (delivery->result != DELIVERY_ACCEPTED ||
		!find_receiver(delivery_domain_of(delivery->recipient),
			provider, &wanted.receiver))
		return;
	if (!delivery->has_time) {
		volume->undated++;
		return;
	}
	wanted.domain = organisation_of(
		volume, has_from ? delivery->from_domain
				 : delivery_domain_of(delivery->sender));
	if (!wanted.domain.len) {
		volume->senderless++;
		return;
	}
	cell = cell_of(volume, &wanted);
	if (!cell) {
		volume->others++;
		return;
	}
	cell->accepted++;
	cell->by_mail_from += !has_from;
}

/* ---- what is told */

static int by_count(const void *a, const void *b)
{
	const struct volume_cell *left = *(struct volume_cell *const *)a;
	const struct volume_cell *right = *(struct volume_cell *const *)b;
	size_t shorter = left->domain.len < right->domain.len
				 ? left->domain.len
				 : right->domain.len;
	int order;

	if (left->accepted != right->accepted)
		return left->accepted < right->accepted ? 1 : -1;
	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	order = memcmp(left->domain.at, right->domain.at, shorter);
	if (order || left->domain.len != right->domain.len)
		return order ? order
			     : (left->domain.len < right->domain.len ? -1 : 1);
	return (int)left->receiver - (int)right->receiver;
}

void volume_sort(struct volume *volume)
{
	if (volume->count)
		qsort(volume->cells, volume->count, sizeof(*volume->cells),
			by_count);
}

bool volume_is_near(const struct volume_cell *cell)
{
	uint64_t limit = volume_limit(cell->receiver);

	return limit && cell->accepted >= limit * VOLUME_NEAR_PERCENT / 100;
}

/* "More than" the limit is what they say. */
bool volume_is_over(const struct volume_cell *cell)
{
	uint64_t limit = volume_limit(cell->receiver);

	return limit && cell->accepted > limit;
}

struct span volume_day_text(struct arena *arena, int64_t day)
{
	return span_part(clock_text(arena, day * DAY_MS), 0, 10);
}
