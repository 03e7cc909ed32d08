#include "probe/judge/next_try.h"

#include "probe/base/hash.h"

struct attempt {
	bool is_there;
	bool has_time, has_family, has_ip;
	int64_t time_ms;
	enum family family;
	struct ip ip;
};

struct next_try_message {
	uint64_t key; /* 0: free */
	struct attempt failed, accepted;
	struct next_tries *tries; /* of the failed one */
	bool failed_over[FAMILY_COUNT];
	bool is_counted, is_counted_as_both;
};

struct next_try_accepted {
	uint64_t key; /* 0: free */
	struct attempt attempt;
};

/* A set holds WAYS of those whose keys fall into it. */
enum { WAYS = 4 };

void next_try_open(struct next_try *next, struct arena *arena)
{
	*next = (struct next_try){ .arena = arena };
}

void next_tries_join(struct next_tries *tries, const struct next_tries *others)
{
	tries->messages += others->messages;
	tries->other_family += others->other_family;
	tries->other_host += others->other_host;
	tries->same_host += others->same_host;
	tries->failed_both += others->failed_both;
	if (!others->has_example ||
		(tries->has_example && tries->example_ms <= others->example_ms))
		return;
	tries->has_example = true;
	tries->example_ms = others->example_ms;
	tries->example_wait_ms = others->example_wait_ms;
	tries->example_is_other_family = others->example_is_other_family;
	tries->example_is_same_host = others->example_is_same_host;
}

/* ---- which message */

static uint64_t key_of(const struct delivery *delivery)
{
	uint64_t hash = hash_mix(1, delivery->recipient);

	if (delivery->queue_id.len)
		hash = hash_mix(hash, delivery->queue_id);
	else if (delivery->message_id.len)
		hash = hash_mix(hash ^ 1, delivery->message_id);
	else if (delivery->recipient.len &&
		 delivery->witness == WITNESS_CAPTURE)
		hash = hash_mix(hash ^ 2, delivery->sender);
	else
		return 0;
	return hash ? hash : 1;
}

static uint32_t tag_of(uint64_t key)
{
	return (uint32_t)(key >> 32);
}

/* WAYS: it is not in the set. */
static size_t way_of(const struct next_try *next, size_t first, uint64_t key)
{
	size_t way = 0;

	while (way < WAYS && (next->tags[first + way] != tag_of(key) ||
				     next->messages[first + way].key != key))
		way++;
	return way;
}

static void take_messages(struct next_try *next)
{
	next->messages = arena_take(
		next->arena, NEXT_TRY_MESSAGES * sizeof(*next->messages));
	next->tags = arena_take(
		next->arena, NEXT_TRY_MESSAGES * sizeof(*next->tags));
}

/* The failed message of this key, or NULL. */
static struct next_try_message *message_of(
	const struct next_try *next, uint64_t key)
{
	size_t first = key % (NEXT_TRY_MESSAGES / WAYS) * WAYS, way;

	if (!next->messages)
		return NULL;
	way = way_of(next, first, key);
	return way < WAYS ? &next->messages[first + way] : NULL;
}

/* The same, in front of its set; the last one there falls out for a new one. */
static struct next_try_message *message_for(struct next_try *next, uint64_t key)
{
	size_t first = key % (NEXT_TRY_MESSAGES / WAYS) * WAYS, way;
	struct next_try_message *set, found = { .key = key };
	uint32_t *tags;

	if (!next->messages)
		take_messages(next);
	set = next->messages + first;
	tags = next->tags + first;
	way = way_of(next, first, key);
	if (way < WAYS)
		found = set[way];
	else
		way = WAYS - 1;
	memmove(set + 1, set, way * sizeof(*set));
	memmove(tags + 1, tags, way * sizeof(*tags));
	set[0] = found;
	tags[0] = tag_of(key);
	return set;
}

static struct next_try_accepted *accepted_set(
	struct next_try *next, uint64_t key)
{
	if (!next->accepted)
		next->accepted = arena_take(next->arena,
			NEXT_TRY_ACCEPTED * sizeof(*next->accepted));
	return next->accepted + key % (NEXT_TRY_ACCEPTED / WAYS) * WAYS;
}

static void keep_accepted(
	struct next_try *next, uint64_t key, const struct attempt *attempt)
{
	struct next_try_accepted *set = accepted_set(next, key);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].key == key)
			return;
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = (struct next_try_accepted){ key, *attempt };
}

static struct attempt kept_accepted(struct next_try *next, uint64_t key)
{
	struct next_try_accepted *set = accepted_set(next, key);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].key == key)
			return set[i].attempt;
	return (struct attempt){ .is_there = false };
}

/* ---- what came of it */

/* Broken clocks are as far apart as numbers go. */
static int64_t apart_ms(int64_t later_ms, int64_t earlier_ms)
{
	if (earlier_ms < 0 && later_ms > INT64_MAX + earlier_ms)
		return INT64_MAX;
	if (earlier_ms > 0 && later_ms < INT64_MIN + earlier_ms)
		return INT64_MIN;
	return later_ms - earlier_ms;
}

static struct attempt attempt_of(const struct delivery *delivery)
{
	return (struct attempt){ .is_there = true,
		.has_time = delivery->has_time,
		.time_ms = delivery->time_ms,
		.has_family = delivery->has_family,
		.family = delivery->family,
		.has_ip = delivery->has_relay,
		.ip = delivery->relay };
}

static bool is_earlier(const struct attempt *a, const struct attempt *b)
{
	return a->has_time && b->has_time && a->time_ms < b->time_ms;
}

static void show(struct next_tries *tries,
	const struct next_try_message *message, bool is_other_family,
	bool is_same_host)
{
	const struct attempt *accepted = &message->accepted;

	if (!accepted->has_time || !message->failed.has_time ||
		(tries->has_example && tries->example_ms <= accepted->time_ms))
		return;
	tries->has_example = true;
	tries->example_ms = accepted->time_ms;
	tries->example_wait_ms = apart_ms(
		accepted->time_ms, message->failed.time_ms);
	tries->example_is_other_family = is_other_family;
	tries->example_is_same_host = is_same_host;
}

static void count_acceptance(struct next_try_message *message)
{
	const struct attempt *failed = &message->failed;
	const struct attempt *accepted = &message->accepted;
	struct next_tries *tries = message->tries;

	if (message->is_counted || !failed->is_there || !accepted->is_there ||
		is_earlier(accepted, failed))
		return;
	if (!failed->has_family || !accepted->has_family)
		return;
	message->is_counted = true;
	if (failed->family != accepted->family) {
		tries->other_family++;
		show(tries, message, true, false);
	} else if (!failed->has_ip || !accepted->has_ip) {
		return;
	} else if (ip_is(&failed->ip, &accepted->ip)) {
		tries->same_host++;
		show(tries, message, false, true);
	} else {
		tries->other_host++;
		show(tries, message, false, false);
	}
}

static void count_failure(struct next_try_message *message,
	const struct attempt *attempt, struct next_tries *tries)
{
	bool is_first = !message->failed.is_there;

	if (is_first || (is_earlier(attempt, &message->failed) &&
				!message->is_counted)) {
		if (!is_first)
			message->tries->messages--;
		tries->messages++;
		message->tries = tries;
		message->failed = *attempt;
	}
	if (!attempt->has_family)
		return;
	message->failed_over[attempt->family] = true;
	if (message->is_counted_as_both || !message->failed_over[FAMILY_IPV4] ||
		!message->failed_over[FAMILY_IPV6])
		return;
	message->is_counted_as_both = true;
	message->tries->failed_both++;
}

/* A capture tells messages of one sender and recipient apart by time alone. */
static bool is_far(const struct delivery *delivery, const struct attempt *other)
{
	int64_t apart = apart_ms(delivery->time_ms, other->time_ms);

	if (!other->is_there || delivery->queue_id.len ||
		delivery->message_id.len)
		return false;
	return !other->has_time || !delivery->has_time ||
	       apart < -NEXT_TRY_NEAR_MS || apart > NEXT_TRY_NEAR_MS;
}

static void add_failure(struct next_try *next, uint64_t key,
	const struct delivery *delivery, struct next_tries *tries)
{
	struct next_try_message *message = message_for(next, key);
	struct attempt attempt = attempt_of(delivery);

	if (is_far(delivery, &message->failed))
		*message = (struct next_try_message){ .key = key };
	if (!message->accepted.is_there) {
		message->accepted = kept_accepted(next, key);
		if (is_far(delivery, &message->accepted))
			message->accepted.is_there = false;
	}
	count_failure(message, &attempt, tries);
	count_acceptance(message);
}

static void add_success(
	struct next_try *next, uint64_t key, const struct delivery *delivery)
{
	struct next_try_message *message = message_of(next, key);
	struct attempt attempt = attempt_of(delivery);

	if (!message || is_far(delivery, &message->failed)) {
		keep_accepted(next, key, &attempt);
		return;
	}
	if (!message->accepted.is_there)
		message->accepted = attempt;
	count_acceptance(message);
}

static void fetch(const void *memory, size_t len)
{
	enum { LINE = 64 };

	for (size_t at = 0; at < len; at += LINE)
		__builtin_prefetch((const char *)memory + at);
}

void next_try_foresee(
	const struct next_try *next, const struct delivery *delivery)
{
	uint64_t key = key_of(delivery);
	size_t failed = key % (NEXT_TRY_MESSAGES / WAYS) * WAYS;
	size_t accepted = key % (NEXT_TRY_ACCEPTED / WAYS) * WAYS;

	if (next->messages) {
		__builtin_prefetch(&next->tags[failed]);
		if (delivery->result != DELIVERY_ACCEPTED)
			fetch(&next->messages[failed],
				WAYS * sizeof(*next->messages));
	}
	if (next->accepted)
		fetch(&next->accepted[accepted],
			WAYS * sizeof(*next->accepted));
}

void next_try_add(struct next_try *next, const struct delivery *delivery,
	struct next_tries *tries)
{
	uint64_t key = key_of(delivery);

	if (!key)
		return;
	if (delivery->result == DELIVERY_ACCEPTED)
		add_success(next, key, delivery);
	else
		add_failure(next, key, delivery, tries);
}
