#include "probe/judge/delivery_table.h"

#include <stdlib.h>

void delivery_table_open(
	struct delivery_table *table, const struct codebook *codebook)
{
	*table = (struct delivery_table){ .arena = arena_open(),
		.codebook = codebook };
}

void delivery_table_close(struct delivery_table *table)
{
	arena_close(table->arena);
}

bool delivery_is_refused(const struct delivery *delivery)
{
	switch (delivery->result) {
	case DELIVERY_REFUSED:
	case DELIVERY_EXPIRED:
		return true;
	case DELIVERY_DEFERRED:
		return delivery->code / 100 == 5;
	case DELIVERY_ACCEPTED:
	case DELIVERY_UNKNOWN:
		break;
	}
	return false;
}

/* ---- which row */

static struct span domain_of(struct span mailbox)
{
	size_t at = mailbox.len;

	while (at && mailbox.at[at - 1] != '@')
		at--;
	return at ? span_part(mailbox, at, mailbox.len) : SPAN("");
}

struct destination {
	char name[DELIVERY_NAME_MAX];
	size_t len;
	bool is_provider;
};

static void name_it(struct destination *destination, struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	destination->len = name.len < sizeof(destination->name)
				   ? name.len
				   : sizeof(destination->name);
	for (size_t i = 0; i < destination->len; i++)
		destination->name[i] = ascii_lower(name.at[i]);
}

static void destination_of(const struct codebook *codebook,
	const struct delivery *delivery, struct destination *destination)
{
	struct span domain = domain_of(delivery->recipient);
	struct span host = delivery->relay_host;
	const struct codebook_provider *provider = NULL;
	char room[IP_TEXT_MAX];

	if (host.len)
		provider = codebook_provider_of_host(codebook, host);
	if (!provider && domain.len)
		provider = codebook_provider_of_domain(codebook, domain);
	destination->is_provider = provider != NULL;
	if (provider)
		name_it(destination, provider->id);
	else if (domain.len)
		name_it(destination, domain);
	else if (host.len)
		name_it(destination, host);
	else if (delivery->has_relay)
		name_it(destination, span_of(ip_print(&delivery->relay, room)));
	else
		name_it(destination, SPAN("unknown"));
}

/* FNV-1a: the rows are bounded, so chosen names cost little. */
static unsigned bucket_of(const struct destination *destination)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < destination->len; i++)
		hash = (hash ^ (unsigned char)destination->name[i]) * 16777619u;
	return hash % DELIVERY_BUCKETS;
}

static bool is_row_of(const struct delivery_row *row,
	const struct destination *destination, const struct delivery *delivery)
{
	struct span name = { destination->name, destination->len };

	return row->has_family == delivery->has_family &&
	       (!row->has_family || row->family == delivery->family) &&
	       row->is_provider == destination->is_provider &&
	       span_is(row->destination, name);
}

static struct delivery_row *new_row(struct delivery_table *table)
{
	table->rows = arena_grow(table->arena, table->rows, table->row_count,
		&table->row_room, sizeof(*table->rows));
	return table->rows[table->row_count++] = arena_new(
		       table->arena, struct delivery_row);
}

static struct delivery_row *overflow_row(struct delivery_table *table)
{
	if (!table->overflow) {
		table->overflow = new_row(table);
		table->overflow->destination = SPAN("all others");
	}
	return table->overflow;
}

static struct delivery_row *row_for(
	struct delivery_table *table, const struct delivery *delivery)
{
	struct destination destination;
	struct delivery_row **bucket, *row;

	destination_of(table->codebook, delivery, &destination);
	bucket = &table->buckets[bucket_of(&destination)];
	for (row = *bucket; row; row = row->next)
		if (is_row_of(row, &destination, delivery))
			return row;
	if (table->row_count >= DELIVERY_ROWS_MAX)
		return overflow_row(table);
	row = new_row(table);
	row->destination = arena_copy(table->arena,
		(struct span){ destination.name, destination.len });
	row->is_provider = destination.is_provider;
	row->has_family = delivery->has_family;
	row->family = delivery->family;
	row->next = *bucket;
	return *bucket = row;
}

/* ---- what is counted */

static void see(struct delivery_period *seen, const struct delivery *delivery)
{
	if (!delivery->has_time)
		return;
	if (!seen->has_time || delivery->time_ms < seen->first_ms)
		seen->first_ms = delivery->time_ms;
	if (!seen->has_time || delivery->time_ms > seen->last_ms)
		seen->last_ms = delivery->time_ms;
	seen->has_time = true;
}

static struct delivery_cause *cause_for(
	struct delivery_row *row, const struct codebook_answer *answer)
{
	struct span id = answer->row ? answer->row->id : SPAN("");
	struct delivery_cause *cause = row->causes;

	for (size_t i = 0; i < row->cause_count; i++, cause++)
		if (span_is(cause->id, id) &&
			span_is(cause->policy, answer->policy))
			return cause;
	if (row->cause_count == DELIVERY_CAUSES_MAX)
		return NULL;
	row->cause_count++;
	*cause = (struct delivery_cause){
		.id = id, .policy = answer->policy, .meaning = answer->meaning
	};
	return cause;
}

static void add_cause(struct delivery_table *table, struct delivery_row *row,
	const struct delivery *delivery)
{
	struct codebook_answer answer = delivery_meaning(
		table->codebook, delivery);
	struct delivery_cause *cause = cause_for(row, &answer);

	if (!cause) {
		row->other_causes++;
		return;
	}
	if (delivery_is_refused(delivery))
		cause->refused++;
	else
		cause->deferred++;
	see(&cause->seen, delivery);
}

void delivery_table_add(
	struct delivery_table *table, const struct delivery *delivery)
{
	struct delivery_row *row;

	if (span_is(delivery->relay_host, SPAN("local")) &&
		!delivery->has_relay) {
		table->local++;
		return;
	}
	row = row_for(table, delivery);
	table->of_witness[delivery->witness]++;
	see(&row->seen, delivery);
	if (delivery_is_refused(delivery)) {
		row->refused++;
		table->refused++;
	} else if (delivery->result == DELIVERY_ACCEPTED) {
		row->accepted++;
		return;
	} else if (delivery->result == DELIVERY_DEFERRED) {
		row->deferred++;
	} else {
		row->unknown++;
		return;
	}
	add_cause(table, row, delivery);
}

/* ---- order */

static uint64_t all_of(const struct delivery_row *row)
{
	return row->accepted + row->deferred + row->refused + row->unknown;
}

static int by_weight(const void *a, const void *b)
{
	const struct delivery_row *left = *(struct delivery_row *const *)a;
	const struct delivery_row *right = *(struct delivery_row *const *)b;
	size_t shorter = left->destination.len < right->destination.len
				 ? left->destination.len
				 : right->destination.len;
	int order;

	if (left->refused != right->refused)
		return left->refused < right->refused ? 1 : -1;
	if (all_of(left) != all_of(right))
		return all_of(left) < all_of(right) ? 1 : -1;
	order = memcmp(left->destination.at, right->destination.at, shorter);
	if (order)
		return order;
	if (left->destination.len != right->destination.len)
		return left->destination.len < right->destination.len ? -1 : 1;
	return (int)(left->has_family + left->family) -
	       (int)(right->has_family + right->family);
}

void delivery_table_sort(struct delivery_table *table)
{
	if (table->row_count)
		qsort(table->rows, table->row_count, sizeof(*table->rows),
			by_weight);
}
