#include "probe/judge/delivery_table.h"

#include "probe/base/hash.h"
#include "probe/judge/delivery_destination.h"

void delivery_table_open(
	struct delivery_table *table, const struct codebook *codebook)
{
	*table = (struct delivery_table){ .arena = arena_open(),
		.codebook = codebook };
	next_try_open(&table->next_try, table->arena);
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

static bool is_row_of(const struct delivery_row *row,
	const struct delivery_destination *destination,
	const struct delivery *delivery)
{
	struct span name = { destination->name, destination->len };

	return row->has_family == delivery->has_family &&
	       (!row->has_family || row->family == delivery->family) &&
	       row->is_provider == destination->is_provider &&
	       row->is_server == destination->is_server &&
	       span_is(row->destination, name);
}

/* The name stands behind its row, where the processor finds both at once. */
static struct delivery_row *new_row(
	struct delivery_table *table, struct span destination)
{
	struct delivery_row *row = arena_take(
		table->arena, sizeof(*row) + destination.len + 1);
	char *name = (char *)(row + 1);

	if (destination.len)
		memcpy(name, destination.at, destination.len);
	row->destination = (struct span){ name, destination.len };
	row->hosts.at = &row->first_host;
	row->hosts.room = 1;
	table->rows = arena_grow(table->arena, table->rows, table->row_count,
		&table->row_room, sizeof(*table->rows));
	change_series_open(&row->changes, table->arena,
		table->row_count < DELIVERY_FINE_ROWS ? CHANGE_BINS_MAX
						      : DELIVERY_COARSE_BINS);
	return table->rows[table->row_count++] = row;
}

static struct delivery_row *overflow_row(
	struct delivery_table *table, const struct delivery *delivery)
{
	struct delivery_row **row = &table->overflow[FAMILY_COUNT];

	if (delivery->has_family)
		row = &table->overflow[delivery->family];
	if (*row)
		return *row;
	*row = new_row(table, SPAN("all others"));
	(*row)->is_overflow = true;
	(*row)->has_family = delivery->has_family;
	(*row)->family = delivery->family;
	change_series_open(&(*row)->changes, table->arena, CHANGE_BINS_MAX);
	return *row;
}

/* Of all that decides which row it is; 0: it is found by other things. */
static uint64_t key_of(const struct delivery *delivery)
{
	struct span domain = delivery_domain_of(delivery->recipient);
	uint64_t key = delivery->has_family * 2u + (unsigned)delivery->family;

	if (!domain.len)
		return 0;
	key = hash_mix(hash_mix(key, domain), delivery->relay_host);
	return key ? key : 1;
}

static uint64_t *foreseen_place(struct delivery_table *table, uint64_t key)
{
	return &table->foreseen[key % DELIVERY_FORESEEN];
}

/* The low bits of a key say where it is, and these make room for the row. */
enum { FORESEEN_ROW = 0xffff };

/* NULL: there is none. */
static struct delivery_row *foreseen_row(
	const struct delivery_table *table, uint64_t foreseen)
{
	size_t number = foreseen & FORESEEN_ROW;

	return number ? table->foreseen_rows[number - 1] : NULL;
}

static void fetch(const void *memory, size_t len)
{
	enum { LINE = 64 };

	for (size_t at = 0; at < len; at += LINE)
		__builtin_prefetch((const char *)memory + at);
}

/* What stands before the rarer things, and the name behind them. */
static void fetch_row(const struct delivery_row *row)
{
	fetch(row, offsetof(struct delivery_row, other_tries));
	__builtin_prefetch(row + 1);
}

/* Of a cause: by what it is told apart, and its counts. */
enum { CAUSE_HEAD = 128 };

/* Where a row that is here keeps the rest. */
static void fetch_rest(
	const struct delivery_row *row, const struct delivery *delivery)
{
	change_series_fetch(&row->changes);
	if (delivery->result != DELIVERY_ACCEPTED)
		for (size_t i = 0; i < row->cause_count; i++)
			fetch(row->causes[i], CAUSE_HEAD);
}

void delivery_table_foresee(struct delivery_table *table,
	const struct delivery *deliveries, size_t count)
{
	const struct delivery_row *rows[DELIVERY_FORESEEN_MAX];

	if (count > DELIVERY_FORESEEN_MAX)
		count = DELIVERY_FORESEEN_MAX;
	for (size_t i = 0; i < count; i++) {
		uint64_t key = key_of(&deliveries[i]);

		rows[i] = foreseen_row(table, *foreseen_place(table, key));
		if (rows[i])
			fetch_row(rows[i]);
		next_try_foresee(&table->next_try, &deliveries[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (rows[i])
			fetch_rest(rows[i], &deliveries[i]);
}

void delivery_table_fetch_after(
	const struct delivery_table *table, size_t place)
{
	const struct delivery_row *next;

	if (place + 2 < table->row_count)
		fetch(table->rows[place + 2], sizeof(*next));
	if (place + 1 >= table->row_count)
		return;
	next = table->rows[place + 1];
	fetch(next->hosts.at, next->hosts.count * sizeof(*next->hosts.at));
	for (size_t i = 0; i < next->cause_count; i++)
		fetch(next->causes[i], CAUSE_HEAD);
}

static struct delivery_row *known_row(struct delivery_table *table,
	const struct delivery_destination *destination,
	const struct delivery *delivery)
{
	unsigned bucket = delivery_destination_bucket(destination);
	struct delivery_row *row;

	for (row = table->buckets[bucket]; row; row = row->next)
		if (is_row_of(row, destination, delivery))
			return row;
	if (table->row_count >= DELIVERY_ROWS_MAX)
		return overflow_row(table, delivery);
	row = new_row(
		table, (struct span){ destination->name, destination->len });
	row->is_provider = destination->is_provider;
	row->is_server = destination->is_server;
	row->has_family = delivery->has_family;
	row->family = delivery->family;
	if (table->foreseen_count < DELIVERY_ROWS_MAX) {
		table->foreseen_rows[table->foreseen_count++] = row;
		row->foreseen = table->foreseen_count;
	}
	row->next = table->buckets[bucket];
	return table->buckets[bucket] = row;
}

static struct delivery_row *row_for(
	struct delivery_table *table, const struct delivery *delivery)
{
	uint64_t key = key_of(delivery);
	uint64_t *foreseen = foreseen_place(table, key);
	struct delivery_row *row = foreseen_row(table, *foreseen);
	struct delivery_destination destination;

	if (key && row && ((*foreseen ^ key) & ~(uint64_t)FORESEEN_ROW) == 0)
		return row;
	delivery_destination_find(table->codebook, delivery, &destination);
	row = known_row(table, &destination, delivery);
	if (row->foreseen)
		*foreseen = (key & ~(uint64_t)FORESEEN_ROW) | row->foreseen;
	return row;
}

void delivery_table_forget(
	struct delivery_table *table, const struct delivery_row *row)
{
	for (size_t i = 0; i < DELIVERY_FORESEEN; i++)
		if (row->foreseen &&
			(table->foreseen[i] & FORESEEN_ROW) == row->foreseen)
			table->foreseen[i] = 0;
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

/* Words of others are kept while there is room for them. */
static struct span keep(
	struct delivery_table *table, struct span words, size_t most)
{
	words = span_part(words, 0, most);
	if (!words.len || table->words + words.len > DELIVERY_WORDS_MAX)
		return SPAN("");
	table->words += words.len;
	return arena_copy(table->arena, words);
}

/* Thousands of deliveries stand in one file after another. */
static struct span keep_file(struct delivery_table *table, struct span file)
{
	if (!span_is(table->file, file))
		table->file = keep(table, file, file.len);
	return table->file;
}

static void mark_first(struct delivery_table *table,
	struct delivery_cause *cause, const struct joined_delivery *joined)
{
	const struct delivery *delivery = &joined->delivery;
	struct delivery_spot *first = &cause->first;

	if (first->witness_count &&
		(!delivery->has_time || !first->has_time ||
			delivery->time_ms >= first->time_ms))
		return;
	first->has_time = delivery->has_time;
	first->time_ms = delivery->time_ms;
	first->witness_count = joined->witness_count;
	for (size_t i = 0; i < joined->witness_count; i++) {
		first->witnesses[i] = joined->witnesses[i];
		first->witnesses[i].file = keep_file(
			table, joined->witnesses[i].file);
		first->witnesses[i].dialect = SPAN("");
	}
}

static void learn(struct delivery_table *table, struct delivery_cause *cause,
	const struct delivery *delivery)
{
	if (!cause->code && delivery->code) {
		cause->code = delivery->code;
		memcpy(cause->status, delivery->status, sizeof(cause->status));
	}
	if (!cause->text.len)
		cause->text = keep(table, delivery->text, DELIVERY_TEXT_MAX);
	if (!cause->domain.len)
		cause->domain = keep(table,
			delivery_domain_of(delivery->recipient),
			DELIVERY_NAME_MAX);
	if (!cause->sender_domain.len)
		cause->sender_domain = keep(table,
			delivery_domain_of(delivery->sender),
			DELIVERY_NAME_MAX);
	if (!cause->host.len)
		cause->host = keep(
			table, delivery->relay_host, DELIVERY_NAME_MAX);
	if (!cause->has_source && delivery->has_source) {
		cause->has_source = true;
		cause->source = delivery->source;
	}
}

/* It stays where it is, whatever comes behind it: a cause is large. */
static struct delivery_cause *new_cause(
	struct delivery_table *table, struct delivery_row *row)
{
	struct delivery_cause *cause = arena_new(
		table->arena, struct delivery_cause);

	table->cause_count++;
	return row->causes[row->cause_count++] = cause;
}

static struct delivery_cause *cause_for(struct delivery_table *table,
	struct delivery_row *row, const struct codebook_answer *answer,
	enum path_fault fault)
{
	struct span id = answer->row ? answer->row->id : SPAN("");
	struct delivery_cause *cause;

	for (size_t i = 0; i < row->cause_count; i++) {
		cause = row->causes[i];
		if (cause->row == answer->row && cause->fault == fault &&
			span_is(cause->policy, answer->policy))
			return cause;
	}
	if (row->cause_count == DELIVERY_CAUSES_MAX ||
		table->cause_count == DELIVERY_ALL_CAUSES_MAX)
		return NULL;
	cause = new_cause(table, row);
	*cause = (struct delivery_cause){ .row = answer->row,
		.next_tries = arena_new(table->arena, struct next_tries),
		.id = id,
		.policy = answer->policy,
		.meaning = answer->meaning,
		.fault = fault };
	return cause;
}

static bool is_agreed(const struct joined_delivery *joined)
{
	for (size_t i = 1; i < joined->witness_count; i++)
		if (joined->witnesses[i].kind != joined->witnesses[0].kind)
			return true;
	return false;
}

static void add_cause(struct delivery_table *table,
	const struct joined_delivery *joined, struct delivery_place *place)
{
	const struct delivery *delivery = &joined->delivery;
	struct codebook_answer answer = delivery_meaning(
		table->codebook, delivery);
	struct delivery_cause *cause = cause_for(
		table, place->row, &answer, path_fault_of(delivery));

	place->cause = cause;
	if (!cause) {
		place->row->other_causes++;
		return;
	}
	place->is_first = !cause->first.witness_count;
	if (delivery_is_refused(delivery))
		cause->refused++;
	else if (delivery->result == DELIVERY_DEFERRED)
		cause->deferred++;
	else {
		cause->unknown++;
		place->row->broken++;
	}
	if (delivery->has_stage)
		cause->stages[delivery->stage]++;
	for (size_t i = 0; i < joined->witness_count; i++)
		cause->witnessed[joined->witnesses[i].kind]++;
	cause->agreed += is_agreed(joined);
	see(&cause->seen, delivery);
	mark_first(table, cause, joined);
	learn(table, cause, delivery);
}

/* ---- their hosts and our addresses */

static struct delivery_party *add_party(struct delivery_table *table,
	struct delivery_parties *parties, const struct ip *ip,
	const struct delivery *delivery)
{
	struct delivery_party *party = delivery_party_of(
		table->arena, parties, ip);

	if (!party)
		return NULL;
	if (delivery_is_refused(delivery))
		party->refused++;
	else if (delivery->result == DELIVERY_ACCEPTED)
		party->accepted++;
	else
		party->deferred++;
	return party;
}

static void add_parties(struct delivery_table *table, struct delivery_row *row,
	const struct delivery *delivery)
{
	struct delivery_party *host;

	if (delivery->has_source)
		add_party(table, &row->sources, &delivery->source, delivery);
	if (!delivery->has_relay)
		return;
	host = add_party(table, &row->hosts, &delivery->relay, delivery);
	if (host && !host->name.len)
		host->name = keep(
			table, delivery->relay_host, DELIVERY_NAME_MAX);
}

/* ---- one more */

static bool is_told(const struct delivery *delivery)
{
	return delivery->result != DELIVERY_UNKNOWN ||
	       path_fault_of(delivery) != PATH_NO_FAULT;
}

static void count(struct delivery_table *table, struct delivery_row *row,
	const struct delivery *delivery)
{
	table->total++;
	see(&row->seen, delivery);
	if (delivery_is_refused(delivery)) {
		row->refused++;
		table->refused++;
	} else if (delivery->result == DELIVERY_ACCEPTED) {
		row->accepted++;
	} else if (delivery->result == DELIVERY_DEFERRED) {
		row->deferred++;
	} else {
		row->unknown++;
	}
	if (is_told(delivery) && delivery->has_time)
		change_series_add(&row->changes, delivery->time_ms,
			delivery->result != DELIVERY_ACCEPTED);
}

struct delivery_place delivery_table_join(
	struct delivery_table *table, const struct joined_delivery *joined)
{
	const struct delivery *delivery = &joined->delivery;
	struct delivery_place place = { .row = NULL };

	if (span_is(delivery->relay_host, SPAN("local")) &&
		!delivery->has_relay) {
		table->local++;
		return place;
	}
	place.row = row_for(table, delivery);
	for (size_t i = 0; i < joined->witness_count; i++)
		table->of_witness[joined->witnesses[i].kind]++;
	count(table, place.row, delivery);
	if (!is_told(delivery))
		return place;
	add_parties(table, place.row, delivery);
	if (delivery->result != DELIVERY_ACCEPTED)
		add_cause(table, joined, &place);
	next_try_add(&table->next_try, delivery,
		place.cause ? place.cause->next_tries
			    : &place.row->other_tries);
	return place;
}

void delivery_table_add(
	struct delivery_table *table, const struct delivery *delivery)
{
	struct joined_delivery alone = { .delivery = *delivery,
		.witnesses = { { .kind = delivery->witness,
			.file = delivery->file,
			.position = delivery->position,
			.dialect = delivery->dialect } },
		.witness_count = 1 };

	delivery_table_join(table, &alone);
}
