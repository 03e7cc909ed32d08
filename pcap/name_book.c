#include "pcap/name_book.h"

#include <stdlib.h>
#include <sys/random.h>

#include "probe/dns/record.h"

struct named {
	struct ip ip;
	uint64_t told; /* when; 0: nothing is here */
	bool is_of_file;
	uint8_t len;
	char name[NAME_BOOK_NAME_MAX];
};

struct name_book {
	struct named sets[NAME_BOOK_SETS][NAME_BOOK_WAYS];
	uint64_t seed; /* none but us may choose collisions */
	uint64_t told;
	struct arena *arena; /* of one answer */
};

struct name_book *name_book_open(void)
{
	struct name_book *book = calloc(1, sizeof(*book));

	if (!book)
		abort();
	if (getrandom(&book->seed, sizeof(book->seed), GRND_NONBLOCK) < 0)
		book->seed = (uint64_t)(uintptr_t)book;
	book->arena = arena_open();
	return book;
}

void name_book_close(struct name_book *book)
{
	arena_close(book->arena);
	free(book);
}

static size_t set_of(const struct name_book *book, const struct ip *ip)
{
	size_t len = ip->family == FAMILY_IPV6 ? 16 : 4;
	uint64_t hash = book->seed;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ ip->bytes[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash & (NAME_BOOK_SETS - 1);
}

/* Its own place, else an empty one, else that of the oldest answer. */
static struct named *place_for(struct name_book *book, const struct ip *ip)
{
	struct named *set = book->sets[set_of(book, ip)];
	struct named *oldest = &set[0];

	for (size_t i = 0; i < NAME_BOOK_WAYS; i++) {
		struct named *named = &set[i];

		if (named->told && ip_is(&named->ip, ip))
			return named;
		if (oldest->is_of_file != named->is_of_file
				? oldest->is_of_file
				: named->told < oldest->told)
			oldest = named;
	}
	return oldest;
}

static void put(struct name_book *book, const struct ip *ip, struct span name,
	bool is_of_file)
{
	struct named *named;

	if (!name.len || name.len > NAME_BOOK_NAME_MAX)
		return;
	named = place_for(book, ip);
	if (named->is_of_file && !is_of_file)
		return;
	named->ip = *ip;
	named->told = ++book->told;
	named->is_of_file = is_of_file;
	named->len = (uint8_t)name.len;
	memcpy(named->name, name.at, name.len);
}

void name_book_add(
	struct name_book *book, const struct ip *ip, struct span name)
{
	put(book, ip, name, true);
}

struct span name_book_find(const struct name_book *book, const struct ip *ip)
{
	const struct named *set = book->sets[set_of(book, ip)];

	for (size_t i = 0; i < NAME_BOOK_WAYS; i++)
		if (set[i].told && ip_is(&set[i].ip, ip))
			return (struct span){ set[i].name, set[i].len };
	return SPAN("");
}

/* ---- answers */

enum { DNS_PORT = 53, DNS_HEADER = 12, DNS_IS_ANSWER = 0x80 };

static bool is_answer(const struct packet *packet)
{
	return packet->ends.from_port == DNS_PORT &&
	       packet->payload.len > DNS_HEADER &&
	       ((uint8_t)packet->payload.at[2] & DNS_IS_ANSWER);
}

void name_book_hear(struct name_book *book, const struct packet *packet)
{
	struct response response;
	struct span name;
	unsigned type;

	if (!is_answer(packet))
		return;
	arena_empty(book->arena);
	if (!record_question(book->arena, packet->payload, &name, &type) ||
		(type != RR_A && type != RR_AAAA))
		return;
	record_answer(book->arena, packet->payload, name, (enum rr_type)type,
		&response);
	if (response.answer.kind != ANSWER_DATA)
		return;
	for (size_t i = 0; i < response.answer.value_count; i++) {
		struct ip ip;

		if (ip_parse(response.answer.values[i], &ip))
			put(book, &ip, name, false);
	}
}
