#include "probe/ledger.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_MAX = 256 + 2 };

struct entry {
	char key[KEY_MAX];
	bool is_busy;
	uint64_t free_at_ms;
};

struct ledger {
	unsigned pause_ms;
	struct entry *entries;
	size_t count, room;
};

struct ledger *ledger_open(unsigned pause_ms)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		abort();
	ledger->pause_ms = pause_ms;
	return ledger;
}

void ledger_close(struct ledger *ledger)
{
	free(ledger->entries);
	free(ledger);
}

/* An address and a host name never look the same: "@192.0.2.1", "mx.a". */
static void keys_of(const struct path *path, char keys[2][KEY_MAX])
{
	char room[IP_TEXT_MAX];

	snprintf(keys[0], KEY_MAX, "%.*s", SPAN_ARG(path->host));
	snprintf(keys[1], KEY_MAX, "@%s", ip_print(&path->remote, room));
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

bool ledger_take(struct ledger *ledger, const struct path *path,
	uint64_t now_ms, uint64_t *wait_ms)
{
	char keys[2][KEY_MAX];

	*wait_ms = 0;
	keys_of(path, keys);
	forget_rested(ledger, now_ms);
	for (size_t i = 0; i < 2; i++) {
		const struct entry *entry = find(ledger, keys[i]);

		if (!entry)
			continue;
		if (!entry->is_busy)
			*wait_ms = entry->free_at_ms - now_ms;
		return false;
	}
	for (size_t i = 0; i < 2; i++)
		entry_of(ledger, keys[i])->is_busy = true;
	return true;
}

void ledger_release(
	struct ledger *ledger, const struct path *path, uint64_t now_ms)
{
	char keys[2][KEY_MAX];

	keys_of(path, keys);
	for (size_t i = 0; i < 2; i++) {
		struct entry *entry = entry_of(ledger, keys[i]);

		entry->is_busy = false;
		entry->free_at_ms = now_ms + ledger->pause_ms;
	}
}
