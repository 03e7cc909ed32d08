#include "probe/dns/answers.h"

#include "probe/dns/name.h"

struct entry {
	struct question question;
	struct entry *chain; /* the next in the same bucket */
	uint32_t hash;
};

enum { BUCKETS_FIRST = 16 };

struct answers {
	struct arena *arena;
	struct question *first;
	struct question **end; /* where the next one is hung */
	struct entry **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
};

struct answers *answers_open(struct arena *arena)
{
	struct answers *answers = arena_new(arena, struct answers);

	answers->arena = arena;
	answers->end = &answers->first;
	answers->bucket_count = BUCKETS_FIRST;
	answers->buckets = arena_take(
		arena, BUCKETS_FIRST * sizeof(*answers->buckets));
	return answers;
}

struct arena *answers_arena(const struct answers *answers)
{
	return answers->arena;
}

/* FNV-1a. */
static uint32_t hash_of(struct span name, enum rr_type type)
{
	uint32_t hash = 2166136261u ^ (uint32_t)type;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 16777619u;
	return hash;
}

static struct entry **bucket_of(const struct answers *answers, uint32_t hash)
{
	return &answers->buckets[hash & (answers->bucket_count - 1)];
}

static struct entry *find(
	const struct answers *answers, struct span name, enum rr_type type)
{
	uint32_t hash = hash_of(name, type);
	struct entry *entry = *bucket_of(answers, hash);

	for (; entry; entry = entry->chain)
		if (entry->hash == hash && entry->question.type == type &&
			span_is(entry->question.name, name))
			return entry;
	return NULL;
}

static void chain(struct answers *answers, struct entry *entry)
{
	struct entry **bucket = bucket_of(answers, entry->hash);

	entry->chain = *bucket;
	*bucket = entry;
}

static void make_room(struct answers *answers)
{
	if (answers->count < answers->bucket_count)
		return;
	answers->bucket_count *= 2;
	answers->buckets = arena_take(answers->arena,
		answers->bucket_count * sizeof(*answers->buckets));
	for (struct question *q = answers->first; q; q = q->next)
		chain(answers, OWNER_OF(q, struct entry, question));
}

static struct question *add(
	struct answers *answers, struct span name, enum rr_type type)
{
	struct entry *entry;

	make_room(answers);
	entry = arena_new(answers->arena, struct entry);
	entry->hash = hash_of(name, type);
	entry->question.name = arena_copy(answers->arena, name);
	entry->question.type = type;
	*answers->end = &entry->question;
	answers->end = &entry->question.next;
	answers->count++;
	chain(answers, entry);
	return &entry->question;
}

static const struct answer *no_such_name(struct arena *arena, const char *why)
{
	struct answer *answer = arena_new(arena, struct answer);

	answer->kind = ANSWER_NO_NAME;
	answer->why = span_of(why);
	return answer;
}

const struct answer *answers_get(
	struct answers *answers, struct span name, enum rr_type type)
{
	char room[NAME_TEXT_MAX];
	const char *why;
	struct span normal = { room, name_print(name, room, &why) };
	struct entry *entry;

	if (!normal.len)
		return no_such_name(answers->arena, why);
	entry = find(answers, normal, type);
	if (entry)
		return entry->question.answer;
	add(answers, normal, type);
	return NULL;
}

const struct answer *answers_known(
	const struct answers *answers, struct span name, enum rr_type type)
{
	char room[NAME_TEXT_MAX];
	const char *why;
	struct span normal = { room, name_print(name, room, &why) };
	struct entry *entry = normal.len ? find(answers, normal, type) : NULL;

	return entry ? entry->question.answer : NULL;
}

void answers_put(struct answers *answers, struct span name, enum rr_type type,
	const struct answer *answer)
{
	char room[NAME_TEXT_MAX];
	const char *why;
	struct span normal = { room, name_print(name, room, &why) };
	struct entry *entry;
	struct question *question;

	if (!normal.len)
		return;
	entry = find(answers, normal, type);
	question = entry ? &entry->question : add(answers, normal, type);
	question_settle(question, answer);
}

struct question *answers_first(struct answers *answers)
{
	return answers->first;
}

static struct question *first_open(struct question *question)
{
	while (question && question->answer)
		question = question->next;
	return question;
}

struct question *answers_open_question(struct answers *answers)
{
	return first_open(answers->first);
}

struct question *question_next_open(struct question *question)
{
	return first_open(question->next);
}

void question_settle(struct question *question, const struct answer *answer)
{
	question->answer = answer;
}

const char *answer_word(enum answer_kind kind)
{
	switch (kind) {
	case ANSWER_DATA:
		return "found";
	case ANSWER_NONE:
		return "no-data";
	case ANSWER_NO_NAME:
		return "nxdomain";
	case ANSWER_SERVFAIL:
		return "servfail";
	case ANSWER_TIMEOUT:
		return "timeout";
	case ANSWER_REFUSED:
		return "refused";
	case ANSWER_UNREACHABLE:
		return "unreachable";
	case ANSWER_MALFORMED:
		return "malformed";
	case ANSWER_UNTRUSTED:
		return "untrusted";
	case ANSWER_UNSAVED:
		return "unsaved";
	}
	return "";
}

const char *rr_type_word(enum rr_type type)
{
	switch (type) {
	case RR_A:
		return "A";
	case RR_CNAME:
		return "CNAME";
	case RR_SOA:
		return "SOA";
	case RR_PTR:
		return "PTR";
	case RR_MX:
		return "MX";
	case RR_TXT:
		return "TXT";
	case RR_AAAA:
		return "AAAA";
	case RR_TLSA:
		return "TLSA";
	case RR_POLICY:
		return "POLICY";
	}
	return "";
}

bool answer_kind_parse(struct span word, enum answer_kind *kind)
{
	for (unsigned i = ANSWER_DATA; i <= ANSWER_UNSAVED; i++) {
		*kind = (enum answer_kind)i;
		if (span_is(word, span_of(answer_word(*kind))))
			return true;
	}
	return false;
}

bool rr_type_parse(struct span word, enum rr_type *type)
{
	static const enum rr_type all[] = { RR_A, RR_CNAME, RR_SOA, RR_PTR,
		RR_MX, RR_TXT, RR_AAAA, RR_TLSA, RR_POLICY };

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		*type = all[i];
		if (span_is_nocase(word, span_of(rr_type_word(*type))))
			return true;
	}
	return false;
}

bool answer_mx(struct span value, unsigned *preference, struct span *host)
{
	struct span rest = value;
	unsigned long number;

	if (!span_number(span_cut(&rest, ' '), 65535, &number) || !rest.len ||
		span_find(rest, ' ') < rest.len)
		return false;
	*preference = (unsigned)number;
	*host = rest;
	return true;
}
