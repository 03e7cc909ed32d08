/*
 * The first line is a byte that chooses the family and then an address's
 * bytes; the second the sender, the third the EHLO name; each of the others a
 * TXT record.  A zone made of these lines answers whatever is asked.
 *
 * An evaluation ends, holds the limits, and comes to the same with a cache
 * and without, traced or not; what the lint proposes is a record.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/policy/spf_lint.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
	FUZZ_SPF_LINES = 16,
	FUZZ_SPF_ROUNDS = 100,
	/* A term asks for eleven names at most, and twice at that with %{p};
	   the lint for both families. */
	FUZZ_SPF_QUESTIONS = 2000,
};

struct fuzz_spf {
	struct arena *arena;
	struct span lines[FUZZ_SPF_LINES];
	size_t count;
	struct spf_query query;
};

static uint32_t fuzz_spf_hash(const struct question *question)
{
	uint32_t hash = 2166136261u ^ (uint32_t)question->type;

	for (size_t i = 0; i < question->name.len; i++)
		hash = (hash ^ (unsigned char)question->name.at[i]) * 16777619u;
	return hash ^ hash >> 13;
}

static struct span fuzz_spf_value(const struct fuzz_spf *fuzz,
	const struct question *question, uint32_t hash)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.200",
		"127.0.0.2", "10.0.0.1" };
	static const char *const nibbles[] = { "2001:db8::1", "2001:db8::2",
		"::1", "fe80::1" };

	if (question->type == RR_A)
		return span_of(addresses[hash % 4]);
	if (question->type == RR_AAAA)
		return span_of(nibbles[hash % 4]);
	if (question->type == RR_MX)
		return arena_print(
			fuzz->arena, "%u m%u.example", hash % 7, hash % 31);
	if (question->type == RR_PTR)
		return arena_print(fuzz->arena, "p%u.example", hash % 31);
	return fuzz->count ? fuzz->lines[hash % fuzz->count] : SPAN("");
}

static const struct answer *fuzz_spf_answer(
	const struct fuzz_spf *fuzz, const struct question *question)
{
	static const enum answer_kind kinds[] = { ANSWER_NONE, ANSWER_NO_NAME,
		ANSWER_SERVFAIL, ANSWER_TIMEOUT };
	uint32_t hash = fuzz_spf_hash(question);
	struct answer *answer = arena_new(fuzz->arena, struct answer);
	struct span *values;

	if (hash % 8 == 0) {
		answer->kind = kinds[hash / 8 % 4];
		return answer;
	}
	answer->value_count = question->type == RR_TXT ? 1 + (hash / 8 % 8 == 0)
						       : 1 + hash / 8 % 12;
	values = arena_take(fuzz->arena, answer->value_count * sizeof(*values));
	for (size_t i = 0; i < answer->value_count; i++)
		values[i] = fuzz_spf_value(
			fuzz, question, hash / 64 + (uint32_t)i);
	answer->values = values;
	return answer;
}

/* The first line is the record of whoever is asked for first. */
static void fuzz_spf_settle_first(
	const struct fuzz_spf *fuzz, struct question *question)
{
	struct answer *answer = arena_new(fuzz->arena, struct answer);

	answer->values = fuzz->lines;
	answer->value_count = 1;
	question_settle(question, answer);
}

static void fuzz_spf_settle(
	const struct fuzz_spf *fuzz, struct answers *answers)
{
	struct question *question = answers_open_question(answers);

	MUST(question != NULL);
	if (question == answers_first(answers))
		fuzz_spf_settle_first(fuzz, question);
	question = answers_open_question(answers);
	for (; question; question = question_next_open(question))
		question_settle(question, fuzz_spf_answer(fuzz, question));
}

static size_t fuzz_spf_asked(struct answers *answers)
{
	size_t count = 0;

	for (struct question *q = answers_first(answers); q; q = q->next)
		count++;
	return count;
}

static void fuzz_spf_check(const struct fuzz_spf *fuzz, struct spf_check *check)
{
	struct answers *answers = answers_open(fuzz->arena);
	unsigned rounds = 0;

	while (spf_check(fuzz->arena, answers, &fuzz->query, check) ==
		SPF_OPEN) {
		MUST(rounds++ < FUZZ_SPF_ROUNDS);
		fuzz_spf_settle(fuzz, answers);
	}
	MUST(!answers_open_question(answers));
	MUST(fuzz_spf_asked(answers) < FUZZ_SPF_QUESTIONS);
}

static void fuzz_spf_limits(const struct spf_check *check)
{
	MUST(check->result >= SPF_NONE && check->result <= SPF_PERMERROR);
	MUST(check->lookups <= SPF_LOOKUPS_MAX + 1);
	MUST(check->void_count <= SPF_VOIDS_MAX + 1);
	if (check->lookups > SPF_LOOKUPS_MAX ||
		check->void_count > SPF_VOIDS_MAX)
		MUST(check->result == SPF_PERMERROR);
	MUST((check->result == SPF_NONE || check->result >= SPF_TEMPERROR) ==
		(check->why.len > 0));
	MUST(check->path_count <= SPF_LOOKUPS_MAX + 1);
	MUST(check->explanation.len <= SPF_EXPLANATION_MAX);
	if (check->explanation.len)
		MUST(check->result == SPF_FAIL);
}

static void fuzz_spf_same(const struct spf_check *a, const struct spf_check *b)
{
	MUST(a->result == b->result);
	MUST(span_is(a->term, b->term));
	MUST(span_is(a->term_domain, b->term_domain));
	MUST(span_is(a->why, b->why));
	MUST(span_is(a->explanation, b->explanation));
	MUST(a->path_count == b->path_count);
	MUST(a->lookups == b->lookups);
	MUST(a->void_count == b->void_count);
}

static void fuzz_spf_evaluate(struct fuzz_spf *fuzz)
{
	struct spf_cache *cache = spf_cache_open();
	struct spf_check plain, traced, cached;

	fuzz_spf_check(fuzz, &plain);
	fuzz_spf_limits(&plain);
	fuzz->query.is_traced = true;
	fuzz_spf_check(fuzz, &traced);
	fuzz_spf_same(&plain, &traced);
	fuzz->query.cache = cache;
	fuzz_spf_check(fuzz, &cached);
	spf_cache_close(cache);
	fuzz_spf_same(&plain, &cached);
}

static size_t fuzz_spf_wrong(struct arena *arena, struct span text)
{
	const struct spf_record *record = spf_record_compile(arena, text);
	size_t count = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		MUST(term->text.len > 0);
		MUST(term->text.at >= text.at + 6);
		MUST(term->text.at + term->text.len <= text.at + text.len);
		MUST((term->kind == SPF_BAD) == (term->why != NULL));
		count += term->kind == SPF_BAD;
	}
	MUST((count > 0) == (record->bad != NULL));
	return count;
}

static void fuzz_spf_notes(
	const struct fuzz_spf *fuzz, const struct spf_lint *lint)
{
	MUST(lint->count <= SPF_NOTES_MAX);
	for (size_t i = 0; i < lint->count; i++) {
		const struct spf_note *note = &lint->notes[i];

		MUST(note->id && note->text.len);
		MUST(note->families &&
			(note->families | SPF_FAMILIES) == SPF_FAMILIES);
		if (note->record.len) {
			MUST(spf_record_is(note->record));
			(void)fuzz_spf_wrong(fuzz->arena, note->record);
		}
	}
}

static void fuzz_spf_lint(const struct fuzz_spf *fuzz)
{
	struct answers *answers = answers_open(fuzz->arena);
	struct spf_lint_query query = { .domain = fuzz->query.mail_from,
		.helo = fuzz->query.helo,
		.sources = &fuzz->query.ip,
		.source_count = 1 };
	struct spf_lint *lint = arena_new(fuzz->arena, struct spf_lint);
	unsigned rounds = 0;

	while (!spf_lint(fuzz->arena, answers, &query, lint)) {
		MUST(rounds++ < FUZZ_SPF_ROUNDS);
		fuzz_spf_settle(fuzz, answers);
	}
	MUST(fuzz_spf_asked(answers) < FUZZ_SPF_QUESTIONS);
	fuzz_spf_notes(fuzz, lint);
}

static void fuzz_spf_read(struct fuzz_spf *fuzz, struct span text)
{
	struct span first = span_cut(&text, '\n');

	fuzz->query.mail_from = span_cut(&text, '\n');
	fuzz->query.helo = span_cut(&text, '\n');
	fuzz->query.ip.family = first.len && first.at[0] & 1 ? FAMILY_IPV6
							     : FAMILY_IPV4;
	for (size_t i = 0; i < 16 && i + 1 < first.len; i++)
		fuzz->query.ip.bytes[i] = (uint8_t)first.at[i + 1];
	while (text.len && fuzz->count < FUZZ_SPF_LINES)
		fuzz->lines[fuzz->count++] = span_cut(&text, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz_spf fuzz = { .arena = arena_open() };

	fuzz_spf_read(&fuzz, (struct span){ (const char *)bytes, size });
	for (size_t i = 0; i < fuzz.count; i++)
		if (spf_record_is(fuzz.lines[i]))
			(void)fuzz_spf_wrong(fuzz.arena, fuzz.lines[i]);
	fuzz_spf_evaluate(&fuzz);
	fuzz_spf_lint(&fuzz);
	arena_close(fuzz.arena);
	return 0;
}
