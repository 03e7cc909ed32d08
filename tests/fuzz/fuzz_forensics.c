/*
 * A message with signatures that do not fit: whatever the body and the header
 * are, the search ends, and says only what it has found.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probe/mail/reader.h"
#include "probe/policy/body_forensics.h"
#include "probe/policy/dkim_sign.h"
#include "probe/policy/header_forensics.h"
#include "tests/fuzz/must.h"

#define FORENSICS_SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void forensics_check_hits(const struct deviation *hits, size_t count)
{
	MUST(count <= DEVIATIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		MUST(hits[i].id && hits[i].id[0]);
		MUST(hits[i].section &&
			strncmp(hits[i].section, "RFC ", 4) == 0);
		MUST(hits[i].says.len > 0);
	}
}

static void forensics_body(struct arena *arena,
	const struct dkim_message *message, struct span body,
	const struct dkim_check *check)
{
	struct body_forensics found;

	body_forensics(arena, &message->header, body, check->signature, &found);
	forensics_check_hits(found.hits, found.hit_count);
	MUST(!found.fits || found.hit_count == 0);
	MUST(!found.is_too_large);
	if (check->body == DKIM_FITS)
		MUST(found.fits);
	if (check->body == DKIM_DIFFERS)
		MUST(!found.fits);
}

static void forensics_header(struct arena *arena,
	const struct dkim_message *message, const struct dkim_check *check)
{
	struct header_forensics found;

	header_forensics(arena, &message->header, check, &found);
	forensics_check_hits(found.hits, found.hit_count);
	MUST(found.fits == (found.says.len == 0));
	MUST(!found.fits || found.hit_count == 0);
	MUST(found.tried <= HEADER_TRIES_MAX);
	if (check->header == DKIM_FITS)
		MUST(found.fits);
	if (check->header == DKIM_DIFFERS)
		MUST(!found.fits);
}

/* The key is the one that the seeds were signed with. */
static void forensics_check(struct arena *arena,
	const struct dkim_message *message, struct dkim_keys *keys,
	struct dkim_checks *checks)
{
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(
		SPAN(FORENSICS_SEED), &why);
	struct span record = dkim_secret_record(arena, secret);
	const struct answer key = {
		.kind = ANSWER_DATA, .values = &record, .value_count = 1
	};
	const struct dkim_query query = { arena, answers_open(arena), keys,
		1700000000 };

	while (dkim_check(&query, message, checks) == DKIM_OPEN) {
		struct question *question = answers_open_question(
			query.answers);

		MUST(question != NULL);
		for (; question; question = question_next_open(question))
			question_settle(question, &key);
	}
	dkim_secret_close(secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size };
	struct arena *arena = arena_open();
	struct dkim_keys *keys = dkim_keys_open();
	const struct dkim_message *message = dkim_message_of(arena, text);
	struct dkim_checks checks;
	struct header header;
	struct span body = mail_split(arena, text, &header);

	forensics_check(arena, message, keys, &checks);
	for (size_t i = 0; i < checks.count && i < 2; i++) {
		forensics_body(arena, message, body, &checks.checks[i]);
		forensics_header(arena, message, &checks.checks[i]);
	}
	dkim_keys_close(keys);
	arena_close(arena);
	return 0;
}
