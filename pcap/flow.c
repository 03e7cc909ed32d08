#include "pcap/flow.h"

#include <stdlib.h>
#include <sys/random.h>

enum { BUCKETS = 32 * 1024, SPARE_MAX = 1024 };

void flow_table_open(struct flow_table *table)
{
	*table = (struct flow_table){ .bucket_count = BUCKETS };
	table->buckets = calloc(BUCKETS, sizeof(*table->buckets));
	if (!table->buckets)
		abort();
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) !=
		sizeof(table->seed))
		table->seed = (uintptr_t)table->buckets;
}

/* ---- keys */

bool flow_key_of(struct flow_key *key, const struct ends *ends)
{
	int order = memcmp(ends->from, ends->to, 16);
	bool from_is_a = order < 0 ||
			 (order == 0 && ends->from_port <= ends->to_port);

	memcpy(key->a, from_is_a ? ends->from : ends->to, 16);
	memcpy(key->b, from_is_a ? ends->to : ends->from, 16);
	key->a_port = from_is_a ? ends->from_port : ends->to_port;
	key->b_port = from_is_a ? ends->to_port : ends->from_port;
	key->family = ends->family;
	return from_is_a;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)(hash ^ word) * 0x9e3779b97f4a7c15u;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_key(
	const struct flow_table *table, const struct flow_key *key)
{
	uint64_t words[sizeof(*key) / 8], hash = table->seed;

	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < COUNT_OF(words); i++)
		hash = mix(hash, words[i] + table->seed);
	return hash;
}

static struct flow **bucket(struct flow_table *table, uint64_t hash)
{
	return &table->buckets[hash & (table->bucket_count - 1)];
}

struct flow *flow_find(struct flow_table *table, const struct flow_key *key)
{
	uint64_t hash = hash_key(table, key);
	struct flow *flow = *bucket(table, hash);

	while (flow && (flow->hash != hash ||
			       memcmp(&flow->key, key, sizeof(*key)) != 0))
		flow = flow->next;
	return flow;
}

/* ---- lists */

static void leave_list(struct flow_table *table, struct flow *flow)
{
	struct flow_list *list = &table->lists[flow->kind];

	if (flow->older)
		flow->older->newer = flow->newer;
	else
		list->oldest = flow->newer;
	if (flow->newer)
		flow->newer->older = flow->older;
	else
		list->newest = flow->older;
	list->count--;
}

static void join_list(
	struct flow_table *table, struct flow *flow, enum flow_kind kind)
{
	struct flow_list *list = &table->lists[kind];

	flow->kind = kind;
	flow->older = list->newest;
	flow->newer = NULL;
	if (list->newest)
		list->newest->newer = flow;
	else
		list->oldest = flow;
	list->newest = flow;
	list->count++;
}

static void leave_bucket(struct flow_table *table, struct flow *flow)
{
	struct flow **place = bucket(table, flow->hash);

	while (*place != flow)
		place = &(*place)->next;
	*place = flow->next;
}

void flow_move(struct flow_table *table, struct flow *flow, enum flow_kind kind)
{
	if (kind == flow->kind && !flow->newer)
		return;
	leave_list(table, flow);
	if (kind == FLOW_READY && flow->kind != FLOW_READY)
		leave_bucket(table, flow);
	join_list(table, flow, kind);
}

struct flow *flow_new(struct flow_table *table, const struct flow_key *key)
{
	struct flow *flow = table->spare;
	struct flow **place;

	if (flow) {
		table->spare = flow->next;
		table->spare_count--;
	} else {
		flow = malloc(sizeof(*flow));
		if (!flow)
			abort();
	}
	memset(flow, 0, sizeof(*flow));
	flow->key = *key;
	flow->hash = hash_key(table, key);
	stream_init(&flow->stream, &table->held_all);
	place = bucket(table, flow->hash);
	flow->next = *place;
	*place = flow;
	join_list(table, flow, FLOW_HALF);
	return flow;
}

void flow_empty(struct flow *flow)
{
	stream_close(&flow->stream);
	if (flow->conversation)
		conversation_close(flow->conversation);
	if (flow->arena)
		arena_close(flow->arena);
	free(flow->cause);
	free(flow->server_name);
	flow->server_name = NULL;
	flow->arena = NULL;
	flow->conversation = NULL;
	flow->cause = NULL;
}

void flow_free(struct flow_table *table, struct flow *flow)
{
	flow_empty(flow);
	leave_list(table, flow);
	if (flow->kind != FLOW_READY)
		leave_bucket(table, flow);
	if (table->spare_count >= SPARE_MAX) {
		free(flow);
		return;
	}
	flow->next = table->spare;
	table->spare = flow;
	table->spare_count++;
}

void flow_table_close(struct flow_table *table)
{
	for (int i = 0; i < FLOW_KINDS; i++)
		while (table->lists[i].oldest)
			flow_free(table, table->lists[i].oldest);
	while (table->spare) {
		struct flow *flow = table->spare;

		table->spare = flow->next;
		free(flow);
	}
	free(table->buckets);
}
