#include "probe/judge/delivery_table.h"

#include <stdlib.h>

#include "probe/judge/delivery_destination.h"

static uint64_t total_of(const struct delivery_row *row)
{
	return row->accepted + row->deferred + row->refused + row->unknown;
}

/* Sessions that broke count as much as refusals: their mail did not arrive. */
static uint64_t lost_of(const struct delivery_row *row)
{
	uint64_t lost = row->refused;

	for (size_t i = 0; i < row->cause_count; i++)
		if (row->causes[i]->fault != PATH_NO_FAULT)
			lost += row->causes[i]->deferred +
				row->causes[i]->unknown;
	return lost;
}

static void weigh_overflow(
	const struct delivery_table *table, struct delivery_row *row)
{
	row->group_lost = row->group_total = 0;
	row->other = NULL;
	if (row->has_family)
		row->other = table->overflow[row->family == FAMILY_IPV4
						     ? FAMILY_IPV6
						     : FAMILY_IPV4];
	for (size_t i = 0; i <= FAMILY_COUNT; i++) {
		if (!table->overflow[i])
			continue;
		row->group_lost += table->overflow[i]->lost;
		row->group_total += total_of(table->overflow[i]);
	}
}

static bool is_other_family(
	const struct delivery_row *row, const struct delivery_row *other)
{
	return row->has_family && other->has_family &&
	       other->family != row->family &&
	       other->is_server == row->is_server;
}

static void weigh_group(
	const struct delivery_table *table, struct delivery_row *row)
{
	struct delivery_row *other;

	row->group_lost = row->lost;
	row->group_total = total_of(row);
	row->other = NULL;
	other = table->buckets[delivery_row_bucket(row)];
	for (; other; other = other->next) {
		if (other == row || other->is_provider != row->is_provider ||
			!span_is(other->destination, row->destination))
			continue;
		row->group_lost += other->lost;
		row->group_total += total_of(other);
		if (is_other_family(row, other))
			row->other = other;
	}
}

static void weigh(const struct delivery_table *table, struct delivery_row *row)
{
	if (row->is_overflow)
		weigh_overflow(table, row);
	else
		weigh_group(table, row);
	row->has_change = change_series_find(&row->changes, &row->change);
}

static int by_name(
	const struct delivery_row *left, const struct delivery_row *right)
{
	size_t shorter = left->destination.len < right->destination.len
				 ? left->destination.len
				 : right->destination.len;
	int order = shorter ? memcmp(left->destination.at,
				      right->destination.at, shorter)
			    : 0;

	if (order)
		return order;
	if (left->destination.len != right->destination.len)
		return left->destination.len < right->destination.len ? -1 : 1;
	return (int)left->is_provider - (int)right->is_provider;
}

static int by_weight(const void *a, const void *b)
{
	const struct delivery_row *left = *(struct delivery_row *const *)a;
	const struct delivery_row *right = *(struct delivery_row *const *)b;
	int order;

	if (left->group_lost != right->group_lost)
		return left->group_lost < right->group_lost ? 1 : -1;
	if (left->group_total != right->group_total)
		return left->group_total < right->group_total ? 1 : -1;
	order = by_name(left, right);
	if (order)
		return order;
	if (left->lost != right->lost)
		return left->lost < right->lost ? 1 : -1;
	if (total_of(left) != total_of(right))
		return total_of(left) < total_of(right) ? 1 : -1;
	return (int)(left->has_family + left->family) -
	       (int)(right->has_family + right->family);
}

void delivery_table_sort(struct delivery_table *table)
{
	for (size_t i = 0; i < table->row_count; i++) {
		delivery_table_fetch_after(table, i);
		table->rows[i]->lost = lost_of(table->rows[i]);
	}
	for (size_t i = 0; i < table->row_count; i++)
		weigh(table, table->rows[i]);
	if (table->row_count)
		qsort(table->rows, table->row_count, sizeof(*table->rows),
			by_weight);
}

/* ---- rows that turn out to be another's */

static struct delivery_row **bucket_for(
	struct delivery_table *table, const struct delivery_row *row)
{
	return &table->buckets[delivery_row_bucket(row)];
}

static void take_out(struct delivery_table *table, struct delivery_row *row)
{
	struct delivery_row **next = bucket_for(table, row);

	while (*next && *next != row)
		next = &(*next)->next;
	if (*next)
		*next = row->next;
}

void delivery_table_drop(struct delivery_table *table, size_t place)
{
	take_out(table, table->rows[place]);
	delivery_table_forget(table, table->rows[place]);
	table->row_count--;
	memmove(table->rows + place, table->rows + place + 1,
		(table->row_count - place) * sizeof(*table->rows));
}

void delivery_table_rename(struct delivery_table *table,
	struct delivery_row *row, const struct delivery_row *other)
{
	struct delivery_row **bucket;

	take_out(table, row);
	delivery_table_forget(table, row);
	row->destination = other->destination;
	row->is_provider = other->is_provider;
	row->is_server = false;
	bucket = bucket_for(table, row);
	row->next = *bucket;
	*bucket = row;
}
