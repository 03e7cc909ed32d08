#include "probe/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/ledger_claim.h"

enum { KEY_MAX = 256 + 2 };

struct entry {
	char key[KEY_MAX];
	bool is_busy;
	int64_t visit; /* in the shared file; 0: not there */
	uint64_t free_at_ms;
};

struct ledger {
	unsigned pause_ms;
	struct entry *entries;
	size_t count, room;
	bool is_shared, is_open;
	bool has_taken, has_refused;
	const char *name;    /* of the file, or NULL */
	struct arena *arena; /* the name, when it is the usual one */
	struct ledger_file file;
};

struct ledger *ledger_open(unsigned pause_ms)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		abort();
	ledger->pause_ms = pause_ms;
	ledger->arena = arena_open();
	return ledger;
}

/* ---- what is shared */

int64_t ledger_wall_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ledger_share(struct ledger *ledger, const char *file)
{
	ledger->is_shared = true;
	ledger->name = file;
}

static void keep_to_ourselves(struct ledger *ledger, struct span why)
{
	note("politeness: %.*s (only this process is counted)",
		SPAN_ARG(escape_text(ledger->arena, why)));
	if (ledger->is_open)
		ledger_file_close(&ledger->file, ledger_wall_ms());
	ledger->is_shared = ledger->is_open = false;
}

struct ledger_file *ledger_shared(struct ledger *ledger)
{
	struct span why;

	if (!ledger->is_shared || ledger->is_open)
		return ledger->is_shared ? &ledger->file : NULL;
	if ((!ledger->name &&
		    !ledger_file_usual(ledger->arena, &ledger->name, &why)) ||
		!ledger_file_open(
			ledger->arena, ledger->name, &ledger->file, &why)) {
		keep_to_ourselves(ledger, why);
		return NULL;
	}
	ledger->is_open = true;
	return &ledger->file;
}

/* A file that failed stays failed. */
static void see_failure(struct ledger *ledger)
{
	struct span why;

	if (ledger->is_open &&
		database_failed(ledger->arena, ledger->file.database, &why))
		keep_to_ourselves(ledger, why);
}

void ledger_close(struct ledger *ledger)
{
	if (ledger->is_open)
		ledger_file_close(&ledger->file, ledger_wall_ms());
	arena_close(ledger->arena);
	free(ledger->entries);
	free(ledger);
}

/* ---- what this process knows by itself */

/*
 * No two kinds of key look the same: "mx.a", "@192.0.2.1", and "%mx.a" for
 * what was asked of the shared file and may not be yet.
 */
static void keys_of(const struct path *path, char keys[3][KEY_MAX])
{
	char room[IP_TEXT_MAX];

	snprintf(keys[0], KEY_MAX, "%.*s", SPAN_ARG(path->host));
	snprintf(keys[1], KEY_MAX, "@%s", ip_print(&path->remote, room));
	snprintf(keys[2], KEY_MAX, "%%%.*s", SPAN_ARG(path->host));
}

static struct entry *find(struct ledger *ledger, const char *key)
{
	for (size_t i = 0; i < ledger->count; i++)
		if (strcmp(ledger->entries[i].key, key) == 0)
			return &ledger->entries[i];
	return NULL;
}

static void forget_rested(struct ledger *ledger, uint64_t now_ms)
{
	for (size_t i = 0; i < ledger->count;) {
		struct entry *entry = &ledger->entries[i];

		if (entry->is_busy || entry->free_at_ms > now_ms)
			i++;
		else
			*entry = ledger->entries[--ledger->count];
	}
}

static struct entry *entry_of(struct ledger *ledger, const char *key)
{
	struct entry *entry = find(ledger, key);

	if (entry)
		return entry;
	if (ledger->count == ledger->room) {
		ledger->room = ledger->room ? ledger->room * 2 : 32;
		ledger->entries = realloc(
			ledger->entries, ledger->room * sizeof(*entry));
		if (!ledger->entries)
			abort();
	}
	entry = &ledger->entries[ledger->count++];
	*entry = (struct entry){ .is_busy = false };
	memcpy(entry->key, key, strlen(key) + 1);
	return entry;
}

static bool is_free_here(struct ledger *ledger, char keys[3][KEY_MAX],
	uint64_t now_ms, uint64_t *wait_ms)
{
	*wait_ms = 0;
	forget_rested(ledger, now_ms);
	for (size_t i = 0; i < 3; i++) {
		const struct entry *entry = find(ledger, keys[i]);

		if (!entry)
			continue;
		if (!entry->is_busy && entry->free_at_ms != UINT64_MAX)
			*wait_ms = entry->free_at_ms - now_ms;
		return false;
	}
	return true;
}

/* ---- what the others say */

static bool is_shared_path(const struct ledger *ledger, const struct path *path,
	const struct ledger_terms *terms)
{
	return ledger->is_shared &&
	       (terms->limit_count ||
		       (!terms->is_ours &&
			       ip_kind(&path->remote) != IP_LOOPBACK));
}

static enum ledger_answer answer_of(
	const struct ledger_word *word, uint64_t *wait_ms)
{
	*wait_ms = 0;
	switch (word->state) {
	case LEDGER_FREE:
		return LEDGER_TAKEN;
	case LEDGER_BUSY:
		*wait_ms = word->waits_for_others ? LEDGER_LOOK_AGAIN_MS : 0;
		return LEDGER_WAITS;
	case LEDGER_PAUSES:
		*wait_ms = (uint64_t)(word->until_ms - ledger_wall_ms());
		if ((int64_t)*wait_ms < 1)
			*wait_ms = 1;
		return LEDGER_WAITS;
	case LEDGER_RESTS:
	case LEDGER_SPENT:
		break;
	}
	return LEDGER_REFUSES;
}

static enum ledger_answer take_shared(struct ledger *ledger,
	const struct path *path, const struct ledger_terms *terms,
	int64_t *visit, struct ledger_reply *reply)
{
	struct ledger_file *file = ledger_shared(ledger);
	enum ledger_answer answer = LEDGER_TAKEN;
	struct ledger_claim claim;
	struct arena *arena;

	if (!file)
		return LEDGER_TAKEN;
	arena = arena_open();
	ledger_claim_of(arena, path, terms, ledger->pause_ms, &claim);
	if (claim.limit_count) {
		*visit = ledger_store_take(
			file, &claim, ledger_wall_ms(), &reply->word);
		answer = answer_of(&reply->word, &reply->wait_ms);
	}
	arena_close(arena);
	see_failure(ledger);
	return ledger->is_shared ? answer : LEDGER_TAKEN;
}

enum ledger_answer ledger_take(struct ledger *ledger, const struct path *path,
	const struct ledger_terms *terms, uint64_t now_ms,
	struct ledger_reply *reply)
{
	char keys[3][KEY_MAX];
	enum ledger_answer answer = LEDGER_TAKEN;
	int64_t visit = 0;

	*reply = (struct ledger_reply){ .word = { .state = LEDGER_FREE } };
	keys_of(path, keys);
	if (!is_free_here(ledger, keys, now_ms, &reply->wait_ms))
		return LEDGER_WAITS;
	if (is_shared_path(ledger, path, terms))
		answer = take_shared(ledger, path, terms, &visit, reply);
	if (answer == LEDGER_WAITS)
		entry_of(ledger, keys[2])->free_at_ms =
			reply->wait_ms ? now_ms + reply->wait_ms : UINT64_MAX;
	ledger->has_refused |= answer == LEDGER_REFUSES;
	if (answer != LEDGER_TAKEN)
		return answer;
	ledger->has_taken = true;
	for (size_t i = 0; i < 2; i++)
		entry_of(ledger, keys[i])->is_busy = true;
	entry_of(ledger, keys[0])->visit = visit;
	return LEDGER_TAKEN;
}

/* ---- the end of a visit */

static const struct reply *flood_reply(const struct visit *visit)
{
	for (size_t i = 0; i < visit->transcript.count; i++) {
		const struct event *event = &visit->transcript.events[i];
		const struct reply *reply = event->heard;

		if (event->kind == EVENT_HEARD && reply_is_not_now(reply) &&
			reply->status.class == 4 &&
			reply->status.subject == 7 &&
			reply->status.detail == 28)
			return reply;
	}
	return NULL;
}

/* X.7.28, mail flood detected: Google asks for ten minutes of rest. */
static void hear(struct ledger *ledger, const struct visit *visit)
{
	const struct reply *reply = flood_reply(visit);
	struct arena *arena;
	struct span organisation;
	int64_t now_ms = ledger_wall_ms();

	if (!reply)
		return;
	arena = arena_open();
	organisation = ledger_organisation(arena, visit->path->host);
	ledger_store_rest(&ledger->file, organisation,
		arena_print(arena,
			"%.*s asked for a rest (%u 4.7.28), which is ten "
			"minutes",
			SPAN_ARG(organisation), reply->code),
		now_ms, now_ms + LEDGER_REST_MS);
	arena_close(arena);
}

/* What waited for one of us to end may be asked for again. */
static void forget_answers(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->count;)
		if (ledger->entries[i].key[0] == '%')
			ledger->entries[i] = ledger->entries[--ledger->count];
		else
			i++;
}

void ledger_release(
	struct ledger *ledger, const struct visit *visit, uint64_t now_ms)
{
	char keys[3][KEY_MAX];
	int64_t shared;

	keys_of(visit->path, keys);
	shared = entry_of(ledger, keys[0])->visit;
	if (shared && ledger->is_open) {
		hear(ledger, visit);
		ledger_store_release(&ledger->file, shared, ledger_wall_ms());
		see_failure(ledger);
		forget_answers(ledger);
	}
	for (size_t i = 0; i < 2; i++) {
		struct entry *entry = entry_of(ledger, keys[i]);

		entry->is_busy = false;
		entry->visit = 0;
		entry->free_at_ms = now_ms + ledger->pause_ms;
	}
}

bool ledger_only_refused(const struct ledger *ledger)
{
	return ledger->has_refused && !ledger->has_taken;
}

void ledger_look(struct ledger *ledger, const struct path *path,
	const struct ledger_terms *terms, struct ledger_word *word)
{
	struct ledger_file *file;
	struct ledger_claim claim;
	struct arena *arena;

	*word = (struct ledger_word){ .state = LEDGER_FREE };
	file = is_shared_path(ledger, path, terms) ? ledger_shared(ledger)
						   : NULL;
	if (!file)
		return;
	arena = arena_open();
	ledger_claim_of(arena, path, terms, ledger->pause_ms, &claim);
	if (!ledger_store_look(file, &claim, ledger_wall_ms(), word))
		see_failure(ledger);
	arena_close(arena);
}
