#include "probe/dns/answers.h"

#include "probe/dns/name.h"

struct entry {
	struct question question;
	struct entry *chain; /* the next in the same bucket */
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

static uint64_t word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* The high half of a product depends on every bit, the low half does not. */
static uint64_t mixed(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

/* Eight bytes at a time; the last eight may overlap those before them. */
static uint32_t hash_of(struct span name, enum rr_type type)
{
	uint64_t hash = mixed(name.len, (uint64_t)type);
	size_t at = 0;

	if (name.len < sizeof(uint64_t)) {
		for (; at < name.len; at++)
			hash = mixed(hash, (unsigned char)name.at[at]);
		return (uint32_t)hash;
	}
	for (; at + sizeof(uint64_t) < name.len; at += sizeof(uint64_t))
		hash = mixed(hash, word_at(name.at + at));
	return (uint32_t)mixed(
		hash, word_at(name.at + name.len - sizeof(uint64_t)));
}

static struct entry **bucket_of(const struct answers *answers, uint32_t hash)
{
	return &answers->buckets[hash & (answers->bucket_count - 1)];
}

/* What is asked for, in the form names are kept in. */
struct sought {
	char room[NAME_TEXT_MAX];
	struct span name;
	enum rr_type type;
	uint32_t hash;
	const char *why; /* the name is none; NULL: it is one */
};

static struct entry *find(
	const struct answers *answers, const struct sought *sought)
{
	struct entry *entry = *bucket_of(answers, sought->hash);

	for (; entry; entry = entry->chain)
		if (entry->question.hash == sought->hash &&
			entry->question.type == sought->type &&
			span_is(entry->question.name, sought->name))
			return entry;
	return NULL;
}

/*
 * Nearly all names come in the form they are kept in, and most are known: a
 * name is brought into that form only when it was not found as it is.
 */
static struct entry *seek(const struct answers *answers, struct span name,
	enum rr_type type, struct sought *sought)
{
	struct entry *entry;
	size_t len;

	sought->name = name;
	sought->type = type;
	sought->hash = hash_of(name, type);
	sought->why = NULL;
	entry = find(answers, sought);
	if (entry)
		return entry;
	len = name_print(name, sought->room, &sought->why);
	sought->name = (struct span){ sought->room, len };
	if (!len || span_is(sought->name, name))
		return NULL;
	sought->hash = hash_of(sought->name, type);
	return find(answers, sought);
}

static void chain(struct answers *answers, struct entry *entry)
{
	struct entry **bucket = bucket_of(answers, entry->question.hash);

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
	struct answers *answers, const struct sought *sought)
{
	struct entry *entry;

	make_room(answers);
	entry = arena_new(answers->arena, struct entry);
	entry->question.name = arena_copy(answers->arena, sought->name);
	entry->question.type = sought->type;
	entry->question.hash = sought->hash;
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
	struct sought sought;
	struct entry *entry = seek(answers, name, type, &sought);

	if (entry)
		return entry->question.answer;
	if (!sought.name.len)
		return no_such_name(answers->arena, sought.why);
	add(answers, &sought);
	return NULL;
}

const struct answer *answers_known(
	const struct answers *answers, struct span name, enum rr_type type)
{
	struct sought sought;
	struct entry *entry = seek(answers, name, type, &sought);

	return entry ? entry->question.answer : NULL;
}

void answers_put(struct answers *answers, struct span name, enum rr_type type,
	const struct answer *answer)
{
	struct sought sought;
	struct entry *entry = seek(answers, name, type, &sought);

	if (entry)
		question_settle(&entry->question, answer);
	else if (sought.name.len)
		question_settle(add(answers, &sought), answer);
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
