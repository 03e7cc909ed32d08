#include "probe/judge/delivery_kept.h"

#include <stdlib.h>

#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_join_reply.h"
#include "probe/judge/delivery_likeness.h"

enum { QUARTER_MS = 15 * 60 * 1000 };

void kept_open(struct kept_deliveries *kept)
{
	*kept = (struct kept_deliveries){ .arena = arena_open() };
}

void kept_close(struct kept_deliveries *kept)
{
	arena_close(kept->arena);
}

void kept_empty(struct kept_deliveries *kept)
{
	kept_close(kept);
	kept_open(kept);
}

/* ---- copies */

static const size_t span_places[] = {
	offsetof(struct delivery, file),
	offsetof(struct delivery, dialect),
	offsetof(struct delivery, queue_id),
	offsetof(struct delivery, message_id),
	offsetof(struct delivery, sender),
	offsetof(struct delivery, recipient),
	offsetof(struct delivery, original_recipient),
	offsetof(struct delivery, from_domain),
	offsetof(struct delivery, relay_host),
	offsetof(struct delivery, text),
	offsetof(struct delivery, fault),
};

size_t delivery_octets(const struct delivery *delivery)
{
	size_t octets = 0;

	for (size_t i = 0; i < COUNT_OF(span_places); i++) {
		struct span span;

		memcpy(&span, (const char *)delivery + span_places[i],
			sizeof(span));
		octets += span.len;
	}
	return octets;
}

void delivery_copy(
	struct delivery *copy, const struct delivery *delivery, char *room)
{
	*copy = *delivery;
	for (size_t i = 0; i < COUNT_OF(span_places); i++) {
		struct span span;

		memcpy(&span, (char *)copy + span_places[i], sizeof(span));
		if (span.len)
			memcpy(room, span.at, span.len);
		span.at = room;
		room += span.len;
		memcpy((char *)copy + span_places[i], &span, sizeof(span));
	}
}

/* ---- keys */

enum key {
	KEY_RECIPIENT = 1,
	KEY_QUEUE_ID,
	KEY_MESSAGE_ID,
	KEY_ADDRESS,     /* of one without recipient */
	KEY_ADDRESS_TOO, /* of one with recipient */
	KEY_PATH,        /* of a capture: both addresses */
};

/* FNV-1a.  What has the same hash is looked at in vain, and no more than
 * KEPT_LOOKED_AT_MAX of it. */
static uint32_t hash_of(enum key key, struct span text)
{
	uint32_t hash = 2166136261u ^ (uint32_t)key;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)ascii_lower(text.at[i])) *
		       16777619u;
	return hash;
}

uint32_t kept_hash(struct span queue_id)
{
	return queue_id.len ? hash_of(KEY_QUEUE_ID, queue_id) : 0;
}

struct keys {
	uint32_t at[KEPT_KEYS_MAX];
	size_t count;
};

static void add_key(struct keys *keys, enum key key, struct span text)
{
	if (text.len)
		keys->at[keys->count++] = hash_of(key, text);
}

static void add_address(
	struct keys *keys, enum key key, const struct delivery *delivery)
{
	char room[IP_TEXT_MAX];

	if (delivery->has_relay)
		add_key(keys, key, span_of(ip_print(&delivery->relay, room)));
}

static void add_path(struct keys *keys, const struct delivery *delivery)
{
	char room[2 * IP_TEXT_MAX];
	size_t len;

	if (delivery->witness != WITNESS_CAPTURE || !delivery->has_relay ||
		!delivery->has_source)
		return;
	ip_print(&delivery->relay, room);
	len = strlen(room);
	ip_print(&delivery->source, room + len);
	add_key(keys, KEY_PATH, span_of(room));
}

static struct keys keys_of(const struct delivery *delivery)
{
	struct keys keys = { .count = 0 };

	add_key(&keys, KEY_RECIPIENT, delivery->recipient);
	if (!span_is_nocase(delivery->original_recipient, delivery->recipient))
		add_key(&keys, KEY_RECIPIENT, delivery->original_recipient);
	add_key(&keys, KEY_QUEUE_ID, delivery->queue_id);
	add_key(&keys, KEY_MESSAGE_ID, delivery->message_id);
	return keys;
}

/* ---- the index */

void kept_add(struct kept_deliveries *kept, const struct delivery *delivery)
{
	struct delivery_kept *one = arena_new(
		kept->arena, struct delivery_kept);
	size_t octets = delivery_octets(delivery);
	struct keys keys = keys_of(delivery);

	delivery_copy(&one->delivery, delivery,
		arena_take(kept->arena, octets ? octets : 1));
	kept->octets += octets + sizeof(*one);
	add_address(&keys,
		delivery->recipient.len ? KEY_ADDRESS_TOO : KEY_ADDRESS,
		delivery);
	add_path(&keys, delivery);
	kept->deliveries = arena_grow(kept->arena, kept->deliveries,
		kept->count, &kept->room, sizeof(*kept->deliveries));
	for (size_t i = 0; i < keys.count; i++) {
		kept->entries = arena_grow(kept->arena, kept->entries,
			kept->entry_count, &kept->entry_room,
			sizeof(*kept->entries));
		kept->entries[kept->entry_count++] = (struct kept_entry){
			.hash = keys.at[i],
			.place = (uint32_t)kept->count,
			.time_ms = delivery->has_time ? delivery->time_ms
						      : INT64_MIN,
		};
	}
	kept->deliveries[kept->count++] = one;
	if (delivery->witness == WITNESS_BOUNCE)
		kept->has_bounces = true;
	else
		kept->has_captures = true;
	kept->is_sorted = false;
}

int kept_order(const struct delivery_kept *a, const struct delivery_kept *b)
{
	struct span left = a->delivery.file, right = b->delivery.file;
	size_t shorter = left.len < right.len ? left.len : right.len;
	int order = shorter ? memcmp(left.at, right.at, shorter) : 0;

	if (order)
		return order;
	if (left.len != right.len)
		return left.len < right.len ? -1 : 1;
	return (a->delivery.position > b->delivery.position) -
	       (a->delivery.position < b->delivery.position);
}

static int by_key(const void *a, const void *b)
{
	const struct kept_entry *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	if (left->time_ms != right->time_ms)
		return left->time_ms < right->time_ms ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

/* ---- what has come twice */

static unsigned worth_of(const struct delivery *delivery)
{
	return (delivery->recipient.len ? 4u : 0) + (delivery->code ? 2u : 0) +
	       (delivery->text.len ? 1u : 0);
}

/* Of a message that waits and then fails there are two bounces. */
static bool is_same_bounce(const struct delivery *a, const struct delivery *b)
{
	bool is_linked = (a->message_id.len &&
				 span_is(a->message_id, b->message_id)) ||
			 (a->queue_id.len && span_is(a->queue_id, b->queue_id));

	return is_linked && a->result == b->result &&
	       reply_kinship(a->text, b->text) != REPLY_OTHER;
}

/* A frame has its time once, whoever wrote it down. */
static bool is_same_session(const struct delivery *a, const struct delivery *b)
{
	return a->has_relay && b->has_relay && a->has_source && b->has_source &&
	       ip_is(&a->source, &b->source) && !span_is(a->file, b->file);
}

static bool is_twice(
	const struct delivery_kept *a, const struct delivery_kept *b)
{
	const struct delivery *one = &a->delivery, *other = &b->delivery;

	if (one->witness != other->witness || !one->has_time ||
		!other->has_time || one->time_ms != other->time_ms ||
		delivery_contradicts(one, other))
		return false;
	return one->witness == WITNESS_BOUNCE ? is_same_bounce(one, other)
					      : is_same_session(one, other);
}

static bool tells_more(
	const struct delivery_kept *a, const struct delivery_kept *b)
{
	unsigned left = worth_of(&a->delivery), right = worth_of(&b->delivery);
	bool left_goes_on = a->taker || a->is_told;
	bool right_goes_on = b->taker || b->is_told;

	if (left_goes_on != right_goes_on)
		return left_goes_on;
	return left != right ? left > right : kept_order(a, b) <= 0;
}

static void drop_twice(struct kept_deliveries *kept, struct delivery_kept *a,
	struct delivery_kept *b)
{
	if (a == b || a->is_dropped || b->is_dropped || !is_twice(a, b))
		return;
	kept->dropped++;
	if (tells_more(a, b))
		b->is_dropped = true;
	else
		a->is_dropped = true;
}

void kept_settle(struct kept_deliveries *kept)
{
	const struct kept_entry *entries = kept->entries;

	if (kept->is_sorted || !kept->count)
		return;
	kept->is_sorted = true;
	qsort(kept->entries, kept->entry_count, sizeof(*entries), by_key);
	for (size_t i = 0; i < kept->entry_count; i++)
		for (size_t j = i + 1;
			j < kept->entry_count && j - i <= KEPT_TWICE_MAX &&
			entries[j].hash == entries[i].hash &&
			entries[j].time_ms == entries[i].time_ms;
			j++)
			drop_twice(kept, kept->deliveries[entries[i].place],
				kept->deliveries[entries[j].place]);
}

/* The first entry that is not before this key and time. */
static size_t place_of(
	const struct kept_deliveries *kept, uint32_t hash, int64_t time_ms)
{
	size_t low = 0, high = kept->entry_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct kept_entry *entry = &kept->entries[middle];

		if (entry->hash < hash ||
			(entry->hash == hash && entry->time_ms < time_ms))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- looking */

struct look {
	struct kept_deliveries *kept;
	void (*visit)(void *visitor, struct delivery_kept *kept);
	void *visitor;
	uint32_t hash;
	size_t left; /* to be looked at */
};

static bool look_at(struct look *look, size_t place)
{
	const struct kept_entry *entry;

	if (!look->left || place >= look->kept->entry_count)
		return false;
	entry = &look->kept->entries[place];
	if (entry->hash != look->hash)
		return false;
	look->left--;
	look->visit(look->visitor, look->kept->deliveries[entry->place]);
	return true;
}

/* From the time on, and then back from it, as many each way. */
static void look_around(struct look *look, int64_t time_ms, size_t each_way)
{
	size_t middle = place_of(look->kept, look->hash, time_ms);

	for (size_t i = 0; i < each_way; i++)
		if (!look_at(look, middle + i))
			break;
	for (size_t i = 0; i < each_way && i < middle; i++)
		if (!look_at(look, middle - 1 - i))
			break;
}

static int64_t zone_time(int64_t time_ms, int zone)
{
	int64_t ahead = (int64_t)zone * QUARTER_MS;

	if (time_ms > INT64_MAX / 2 || time_ms < INT64_MIN / 2)
		return time_ms;
	return time_ms - ahead;
}

/* Too many for all of them. */
static void look_by_time(
	struct look *look, const struct delivery *delivery, int zone)
{
	if (!delivery->has_time) {
		look_around(look, INT64_MAX, look->left);
		return;
	}
	look_around(look, delivery->time_ms, KEPT_LOOKED_AT_MAX / 8);
	if (zone)
		look_around(look, zone_time(delivery->time_ms, zone),
			KEPT_LOOKED_AT_MAX / 8);
	for (int i = -JOIN_ZONES; i <= JOIN_ZONES && look->left; i++)
		look_around(look, zone_time(delivery->time_ms, i), 1);
}

static void look_for(struct look *look, uint32_t hash,
	const struct delivery *delivery, int zone)
{
	size_t first = place_of(look->kept, hash, INT64_MIN);

	look->hash = hash;
	look->left = KEPT_LOOKED_AT_MAX;
	if (first + KEPT_LOOKED_AT_MAX < look->kept->entry_count &&
		look->kept->entries[first + KEPT_LOOKED_AT_MAX].hash == hash) {
		look_by_time(look, delivery, zone);
		return;
	}
	while (look_at(look, first))
		first++;
}

void kept_visit(struct kept_deliveries *kept, const struct delivery *delivery,
	int zone, void (*visit)(void *visitor, struct delivery_kept *kept),
	void *visitor)
{
	struct look look = { .kept = kept, .visit = visit, .visitor = visitor };
	struct keys keys;

	if (!kept->count)
		return;
	kept_settle(kept);
	keys = keys_of(delivery);
	add_address(&keys, KEY_ADDRESS, delivery);
	for (size_t i = 0; i < keys.count; i++)
		look_for(&look, keys.at[i], delivery, zone);
	if (!delivery->recipient.len) {
		keys.count = 0;
		add_address(&keys, KEY_ADDRESS_TOO, delivery);
		for (size_t i = 0; i < keys.count; i++)
			look_for(&look, keys.at[i], delivery, zone);
	}
}
