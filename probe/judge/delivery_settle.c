#include "probe/judge/delivery_settle.h"

/* ---- whose server it is */

static bool shares_host(
	const struct delivery_row *a, const struct delivery_row *b)
{
	for (size_t i = 0; i < a->hosts.count; i++) {
		const struct delivery_party *host = &a->hosts.at[i];

		for (size_t j = 0; j < b->hosts.count; j++) {
			const struct delivery_party *other = &b->hosts.at[j];

			if (ip_is(&host->ip, &other->ip) ||
				(host->name.len && span_is_nocase(host->name,
							   other->name)))
				return true;
		}
	}
	return false;
}

static bool is_same_destination(
	const struct delivery_row *a, const struct delivery_row *b)
{
	return a->is_provider == b->is_provider &&
	       span_is(a->destination, b->destination);
}

/* NULL: nobody's, or that of several. */
static struct delivery_row *owner_of(
	const struct delivery_table *table, const struct delivery_row *row)
{
	struct delivery_row *owner = NULL;

	for (size_t i = 0; i < table->row_count; i++) {
		struct delivery_row *other = table->rows[i];

		if (other->is_server || other->is_overflow ||
			!shares_host(row, other))
			continue;
		if (owner && !is_same_destination(owner, other))
			return NULL;
		owner = other;
	}
	return owner;
}

static struct delivery_row *row_of_family(const struct delivery_table *table,
	const struct delivery_row *owner, const struct delivery_row *row)
{
	for (size_t i = 0; i < table->row_count; i++) {
		struct delivery_row *other = table->rows[i];

		if (other != row && other->has_family == row->has_family &&
			other->family == row->family &&
			is_same_destination(other, owner))
			return other;
	}
	return NULL;
}

/* ---- two rows become one */

static void join_periods(
	struct delivery_period *into, const struct delivery_period *from)
{
	if (!from->has_time)
		return;
	if (!into->has_time || from->first_ms < into->first_ms)
		into->first_ms = from->first_ms;
	if (!into->has_time || from->last_ms > into->last_ms)
		into->last_ms = from->last_ms;
	into->has_time = true;
}

static struct delivery_cause *same_cause(
	struct delivery_row *row, const struct delivery_cause *cause)
{
	for (size_t i = 0; i < row->cause_count; i++)
		if (span_is(row->causes[i]->id, cause->id) &&
			row->causes[i]->fault == cause->fault &&
			span_is(row->causes[i]->policy, cause->policy))
			return row->causes[i];
	return NULL;
}

static void add_counts(
	struct delivery_cause *into, const struct delivery_cause *from)
{
	into->refused += from->refused;
	into->deferred += from->deferred;
	into->unknown += from->unknown;
	into->agreed += from->agreed;
	for (int i = 0; i < WITNESS_KINDS; i++)
		into->witnessed[i] += from->witnessed[i];
	for (int i = 0; i < STAGE_COUNT; i++)
		into->stages[i] += from->stages[i];
	if (from->first.has_time &&
		(!into->first.has_time ||
			from->first.time_ms < into->first.time_ms))
		into->first = from->first;
	join_periods(&into->seen, &from->seen);
	next_tries_join(into->next_tries, from->next_tries);
}

static void join_causes(
	struct delivery_row *into, const struct delivery_row *from)
{
	for (size_t i = 0; i < from->cause_count; i++) {
		struct delivery_cause *cause = from->causes[i];
		struct delivery_cause *same = same_cause(into, cause);

		if (same) {
			add_counts(same, cause);
			into->broken += cause->unknown;
		} else if (into->cause_count == DELIVERY_CAUSES_MAX) {
			into->other_causes += cause->refused + cause->deferred +
					      cause->unknown;
		} else {
			into->causes[into->cause_count++] = cause;
			into->broken += cause->unknown;
		}
	}
	into->other_causes += from->other_causes;
}

static void join_rows(struct delivery_table *table, struct delivery_row *into,
	const struct delivery_row *from)
{
	into->accepted += from->accepted;
	into->deferred += from->deferred;
	into->refused += from->refused;
	into->unknown += from->unknown;
	join_periods(&into->seen, &from->seen);
	change_series_join(&into->changes, &from->changes);
	join_causes(into, from);
	delivery_parties_join(table->arena, &into->hosts, &from->hosts);
	delivery_parties_join(table->arena, &into->sources, &from->sources);
	next_tries_join(&into->other_tries, &from->other_tries);
}

static void settle(struct delivery_table *table, size_t *place)
{
	struct delivery_row *row = table->rows[*place];
	struct delivery_row *owner = owner_of(table, row), *same;

	if (!owner)
		return;
	same = row_of_family(table, owner, row);
	if (same) {
		join_rows(table, same, row);
		delivery_table_drop(table, *place);
		--*place;
	} else {
		delivery_table_rename(table, row, owner);
	}
}

void delivery_table_settle(struct delivery_table *table)
{
	size_t looked_at = 0;

	for (size_t i = 0; i < table->row_count; i++) {
		if (!table->rows[i]->is_server)
			continue;
		if (looked_at++ == DELIVERY_SETTLE_MAX)
			return;
		settle(table, &i);
	}
}
