#include "probe/judge/codebook_rows.h"

/*
 * The domains of all providers, by hash.  It is taken from the last octet to the
 * first, so that one pass over a name has the hash of each domain that it is
 * under.
 */
struct place {
	struct span domain;
	const struct codebook_provider *provider;
};

struct domain_table {
	struct place *places;
	uint64_t *taken; /* a bit for each hash: few names have one, and the
			    places of all are more than a near cache has */
	size_t size;     /* a power of 2, at least twice the domains */
};

enum { LABELS_MAX = 128 };

static const size_t hash_of_nothing = 5381;

static size_t hash_add(size_t hash, char c)
{
	return hash * 33 + (unsigned char)ascii_lower(c);
}

static size_t hash_of(struct span domain)
{
	size_t hash = hash_of_nothing;

	for (size_t i = domain.len; i-- > 0;)
		hash = hash_add(hash, domain.at[i]);
	return hash;
}

static struct place *place_of(
	const struct domain_table *table, struct span domain, size_t hash)
{
	size_t at = hash;
	struct place *place;

	do {
		place = &table->places[at++ & (table->size - 1)];
	} while (place->provider && !span_is_nocase(place->domain, domain));
	return place;
}

static bool may_have(const struct domain_table *table, size_t hash)
{
	size_t at = hash & (table->size - 1);

	return table->taken[at / 64] >> at % 64 & 1;
}

static void add_domains(struct domain_table *table, struct span domains,
	const struct codebook_provider *provider)
{
	while (domains.len) {
		struct span domain = span_cut(&domains, ' ');
		size_t hash = hash_of(domain), at = hash & (table->size - 1);
		struct place *place = place_of(table, domain, hash);

		if (!domain.len || place->provider)
			continue;
		*place = (struct place){ domain, provider };
		table->taken[at / 64] |= UINT64_C(1) << at % 64;
	}
}

static struct domain_table *new_table(struct arena *arena, size_t octets)
{
	struct domain_table *table = arena_new(arena, struct domain_table);

	table->size = 16;
	while (table->size < octets)
		table->size *= 2;
	table->places = arena_take(arena, table->size * sizeof(*table->places));
	table->taken = arena_take(
		arena, (table->size / 64 + 1) * sizeof(*table->taken));
	return table;
}

/* A domain and its blank have two octets at least. */
void codebook_index_providers(struct arena *arena, struct codebook *codebook)
{
	size_t hosts = 2, domains = 2;

	for (size_t i = 0; i < codebook->provider_count; i++) {
		hosts += codebook->providers[i].hosts.len + 2;
		domains += codebook->providers[i].domains.len + 2;
	}
	codebook->hosts = new_table(arena, hosts);
	codebook->domains = new_table(arena, domains);
	for (size_t i = 0; i < codebook->provider_count; i++) {
		const struct codebook_provider *provider =
			&codebook->providers[i];

		add_domains(codebook->hosts, provider->hosts, provider);
		add_domains(codebook->domains, provider->domains, provider);
	}
}

/* The longest domain counts. */
static const struct codebook_provider *find(
	const struct domain_table *table, struct span name)
{
	const struct codebook_provider *provider = NULL;
	size_t hash = hash_of_nothing, labels = 0;

	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	for (size_t at = name.len; at-- > 0 && labels < LABELS_MAX;) {
		const struct place *place;

		hash = hash_add(hash, name.at[at]);
		if (at && name.at[at - 1] != '.')
			continue;
		labels++;
		if (!may_have(table, hash))
			continue;
		place = place_of(table, span_part(name, at, name.len), hash);
		if (place->provider)
			provider = place->provider;
	}
	return provider;
}

const struct codebook_provider *codebook_provider_of_host(
	const struct codebook *codebook, struct span host)
{
	return find(codebook->hosts, host);
}

const struct codebook_provider *codebook_provider_of_domain(
	const struct codebook *codebook, struct span domain)
{
	return find(codebook->domains, domain);
}

/* Is it one of the words, which are parted by blanks? */
static bool is_among(struct span words, struct span word)
{
	while (words.len)
		if (span_is_nocase(span_cut(&words, ' '), word))
			return true;
	return false;
}

const struct codebook_provider *codebook_provider(
	const struct codebook *codebook, struct span word)
{
	for (size_t i = 0; i < codebook->provider_count && word.len; i++)
		if (span_is_nocase(codebook->providers[i].id, word) ||
			is_among(codebook->providers[i].also, word))
			return &codebook->providers[i];
	return NULL;
}
