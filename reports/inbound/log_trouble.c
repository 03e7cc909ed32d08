#include "reports/inbound/log_trouble.h"

static struct span keep_text(char *room, size_t size, struct span text)
{
	size_t len = text.len < size ? text.len : size;

	if (len)
		memcpy(room, text.at, len);
	return (struct span){ room, len };
}

struct log_trouble *log_trouble_next(struct log_troubles *troubles)
{
	return &troubles->ring[troubles->next];
}

void log_trouble_keep(struct log_troubles *troubles, struct span key,
	const struct delivery *facts, bool is_hint)
{
	struct log_trouble *trouble = log_trouble_next(troubles);

	log_trouble_drop(troubles, trouble);
	trouble->facts = *facts;
	trouble->is_kept = true;
	trouble->is_hint = is_hint;
	trouble->was_claimed = false;
	trouble->domain_len = 0;
	trouble->key_len =
		keep_text(trouble->key, sizeof(trouble->key), key).len;
	trouble->machine_len = keep_text(
		trouble->machine, sizeof(trouble->machine), troubles->machine)
				       .len;
	trouble->facts.queue_id = keep_text(
		trouble->queue_id, sizeof(trouble->queue_id), facts->queue_id);
	trouble->facts.relay_host = keep_text(
		trouble->host, sizeof(trouble->host), facts->relay_host);
	trouble->facts.text = keep_text(
		trouble->text, sizeof(trouble->text), facts->text);
	troubles->count++;
	troubles->next = (troubles->next + 1) % LOG_TROUBLES_MAX;
}

static bool is_of_machine(
	const struct log_trouble *trouble, struct span machine)
{
	return span_is((struct span){ trouble->machine, trouble->machine_len },
		span_part(machine, 0, sizeof(trouble->machine)));
}

struct log_trouble *log_trouble_of(
	struct log_troubles *troubles, size_t i, struct span key)
{
	struct log_trouble *trouble =
		&troubles->ring[(troubles->next + i) % LOG_TROUBLES_MAX];

	if (!trouble->is_kept ||
		!span_is(
			(struct span){ trouble->key, trouble->key_len }, key) ||
		!is_of_machine(trouble, troubles->machine))
		return NULL;
	return trouble;
}

struct log_trouble *log_trouble_newest(
	struct log_troubles *troubles, struct span key)
{
	for (size_t i = LOG_TROUBLES_MAX; i-- > 0 && troubles->count;) {
		struct log_trouble *trouble = log_trouble_of(troubles, i, key);

		if (trouble)
			return trouble;
	}
	return NULL;
}

void log_trouble_drop(
	struct log_troubles *troubles, struct log_trouble *trouble)
{
	if (trouble->is_kept)
		troubles->count--;
	trouble->is_kept = false;
}
