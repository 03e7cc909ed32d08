#include "reports/inbound/log_reader.h"

#include "probe/base/hash.h"

enum { QUEUE_ID_MAX = 32 };

void log_reader_begin(const struct log_reader *reader,
	const struct log_line *line, struct span dialect,
	struct delivery *delivery)
{
	*delivery = (struct delivery){ .witness = WITNESS_LOG,
		.file = reader->file,
		.position = reader->position,
		.dialect = dialect,
		.has_time = line->has_stamp,
		.time_ms = line->stamp.ms,
		.guesses_year = line->stamp.guesses_year,
		.guesses_zone = line->has_stamp && line->stamp.guesses_zone,
		.result = DELIVERY_UNKNOWN };
}

/* Whether the next one is a digit or a letter cannot be foreseen: they are
 * looked up, and no branch decides. */
static inline bool is_alphanumeric(char c)
{
	/* clang-format off */
	static const bool are[256] = {
		['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
		['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
#define BOTH(small, large) [small] = 1, [large] = 1,
		BOTH('a', 'A') BOTH('b', 'B') BOTH('c', 'C') BOTH('d', 'D')
		BOTH('e', 'E') BOTH('f', 'F') BOTH('g', 'G') BOTH('h', 'H')
		BOTH('i', 'I') BOTH('j', 'J') BOTH('k', 'K') BOTH('l', 'L')
		BOTH('m', 'M') BOTH('n', 'N') BOTH('o', 'O') BOTH('p', 'P')
		BOTH('q', 'Q') BOTH('r', 'R') BOTH('s', 'S') BOTH('t', 'T')
		BOTH('u', 'U') BOTH('v', 'V') BOTH('w', 'W') BOTH('x', 'X')
		BOTH('y', 'Y') BOTH('z', 'Z')
#undef BOTH
	};
	/* clang-format on */

	return are[(unsigned char)c];
}

bool log_queue_id_take(struct span *body, size_t len_min, struct span *queue_id)
{
	const char *at = body->at;
	size_t max = body->len < QUEUE_ID_MAX ? body->len : QUEUE_ID_MAX;
	size_t len = 0;

	while (len < max && is_alphanumeric(at[len]))
		len++;
	if (len < len_min || len + 1 >= body->len || at[len] != ':' ||
		at[len + 1] != ' ')
		return false;
	*queue_id = (struct span){ at, len };
	*body = log_past(*body, len + 2);
	return true;
}

static void put(struct log_reader *reader, const struct delivery *delivery)
{
	reader->given = arena_grow(reader->arena, reader->given,
		reader->given_count, &reader->given_room,
		sizeof(*reader->given));
	reader->given[reader->given_count++] = *delivery;
}

/* A refusal may quote the address that the server saw: ours. */
static void take_quoted(struct delivery *delivery)
{
	struct ip quoted;

	if (!log_quoted_ip(delivery->text, &quoted) ||
		(delivery->has_relay && ip_is(&quoted, &delivery->relay)))
		return;
	delivery->has_source = true;
	delivery->source = quoted;
}

/* What a full memory has to say is copied: the next lines may push it out. */
static struct span keep_known(struct log_reader *reader, struct span value)
{
	if (!value.at || !log_memory_is_full(reader->memory))
		return value;
	return arena_copy(reader->arena, value);
}

static void remember(struct log_reader *reader, struct delivery *delivery)
{
	struct log_known known = log_memory_find(
		reader->memory, delivery->queue_id);

	if (!delivery->has_sender && known.of[LOG_FACT_SENDER].at) {
		delivery->has_sender = true;
		delivery->sender = keep_known(
			reader, known.of[LOG_FACT_SENDER]);
	}
	if (!delivery->message_id.len)
		delivery->message_id = keep_known(
			reader, known.of[LOG_FACT_MESSAGE_ID]);
}

/* A log may tell the family by our own address only. */
static void complete(struct log_reader *reader, struct delivery *delivery)
{
	if (!delivery->has_source && delivery->code >= 400)
		take_quoted(delivery);
	if (!delivery->has_family && delivery->has_source) {
		delivery->has_family = true;
		delivery->family = delivery->source.family;
	}
	if (delivery->queue_id.len)
		remember(reader, delivery);
}

void log_reader_give(struct log_reader *reader, const struct delivery *delivery)
{
	put(reader, delivery);
	complete(reader, &reader->given[reader->given_count - 1]);
}

/* Nobody claimed it, and its place is needed, or the log has ended. */
static void release(struct log_reader *reader, struct log_trouble *trouble)
{
	struct delivery facts = trouble->facts;

	if (!trouble->is_kept)
		return;
	log_trouble_drop(&reader->troubles, trouble);
	if (trouble->is_hint || trouble->was_claimed)
		return;
	facts.queue_id = arena_copy(reader->arena, facts.queue_id);
	facts.relay_host = arena_copy(reader->arena, facts.relay_host);
	facts.text = arena_copy(reader->arena, facts.text);
	log_reader_give(reader, &facts);
}

void log_reader_trouble(struct log_reader *reader, struct span key,
	const struct delivery *delivery, bool is_hint)
{
	release(reader, log_trouble_next(&reader->troubles));
	log_trouble_keep(&reader->troubles, key, delivery, is_hint);
}

void log_reader_release(struct log_reader *reader, struct span key)
{
	for (size_t i = 0; i < LOG_TROUBLES_MAX && reader->troubles.count;
		i++) {
		struct log_trouble *trouble =
			&reader->troubles.ring[(reader->troubles.next + i) %
					       LOG_TROUBLES_MAX];

		if (!key.len ||
			log_trouble_of(&reader->troubles, i, key) == trouble)
			release(reader, trouble);
	}
}

static struct span domain_of(struct span recipient)
{
	const char *at = recipient.len
				 ? memrchr(recipient.at, '@', recipient.len)
				 : NULL;

	if (!at)
		return (struct span){ 0 };
	return span_part(
		recipient, (size_t)(at - recipient.at) + 1, recipient.len);
}

/*
 * May the trouble be of a delivery to this recipient?  Not if it was another
 * message's, or was claimed for another domain before: one attempt serves one
 * destination.
 */
static bool may_claim(
	const struct log_trouble *trouble, const struct delivery *delivery)
{
	const struct delivery *facts = &trouble->facts;
	struct span domain = domain_of(delivery->recipient);

	if (facts->queue_id.len &&
		!span_is(facts->queue_id, delivery->queue_id))
		return false;
	/* Exim's processes are not told apart, but their hosts may be. */
	if (span_is(facts->dialect, SPAN("exim")) && facts->relay_host.len &&
		delivery->relay_host.len &&
		!span_is_nocase(facts->relay_host, delivery->relay_host))
		return false;
	return !trouble->was_claimed ||
	       span_is_nocase(
		       (struct span){ trouble->domain, trouble->domain_len },
		       domain);
}

/* Are both lines of one attempt? */
static bool is_same_attempt(
	const struct delivery *trouble, const struct delivery *delivery)
{
	if (delivery->result == DELIVERY_ACCEPTED)
		return false;
	if (trouble->has_relay && delivery->has_relay)
		return ip_is(&trouble->relay, &delivery->relay);
	if (trouble->relay_host.len && delivery->relay_host.len)
		return span_is_nocase(
			trouble->relay_host, delivery->relay_host);
	return delivery->text.len && log_has(trouble->text, delivery->text);
}

static void put_into(struct delivery *delivery, const struct delivery *trouble)
{
	if (!delivery->has_relay && trouble->has_relay) {
		delivery->has_relay = true;
		delivery->relay = trouble->relay;
		delivery->relay_port = trouble->relay_port;
		delivery->has_family = true;
		delivery->family = trouble->family;
	}
	if (!delivery->relay_host.len)
		delivery->relay_host = trouble->relay_host;
	if (!delivery->has_stage && trouble->has_stage) {
		delivery->has_stage = true;
		delivery->stage = trouble->stage;
	}
	if (!delivery->text.len)
		delivery->text = trouble->text;
}

/* A recipient known again by a sum: to be wrong costs one attempt untold. */
static uint64_t claimer_of(const struct delivery *delivery)
{
	return hash_mix(0, delivery->recipient);
}

static void claim(struct log_trouble *trouble, const struct delivery *delivery)
{
	struct span domain = domain_of(delivery->recipient);

	if (!trouble->was_claimed)
		trouble->claimer = claimer_of(delivery);
	trouble->was_claimed = true;
	if (!trouble->facts.queue_id.len && delivery->queue_id.len &&
		delivery->queue_id.len <= sizeof(trouble->queue_id)) {
		memcpy(trouble->queue_id, delivery->queue_id.at,
			delivery->queue_id.len);
		trouble->facts.queue_id = (struct span){ trouble->queue_id,
			delivery->queue_id.len };
	}
	trouble->domain_len = domain.len < sizeof(trouble->domain)
				      ? domain.len
				      : sizeof(trouble->domain);
	if (trouble->domain_len)
		memcpy(trouble->domain, domain.at, trouble->domain_len);
}

static void give_claimed(struct log_reader *reader,
	const struct log_trouble *trouble, const struct delivery *delivery)
{
	struct delivery attempt = trouble->facts;

	attempt.queue_id = delivery->queue_id;
	attempt.recipient = delivery->recipient;
	attempt.original_recipient = delivery->original_recipient;
	attempt.sender = delivery->sender;
	attempt.has_sender = delivery->has_sender;
	attempt.message_id = delivery->message_id;
	log_reader_give(reader, &attempt);
}

/* Was it for a message before this one, or for its first recipient's attempt
 * before this one?  Then it is told already. */
static bool is_over(
	const struct log_trouble *trouble, const struct delivery *delivery)
{
	if (!trouble->was_claimed)
		return false;
	return trouble->claimer == claimer_of(delivery) ||
	       !span_is(trouble->facts.queue_id, delivery->queue_id);
}

/* The i-th trouble of this key, if it can be of this delivery. */
static struct log_trouble *claimable(struct log_troubles *troubles, size_t i,
	struct span key, const struct delivery *delivery)
{
	struct log_trouble *trouble = log_trouble_of(troubles, i, key);

	if (!trouble || trouble->is_hint)
		return NULL;
	if (is_over(trouble, delivery)) {
		log_trouble_drop(troubles, trouble);
		return NULL;
	}
	return may_claim(trouble, delivery) ? trouble : NULL;
}

void log_reader_claim(
	struct log_reader *reader, struct span key, struct delivery *delivery)
{
	struct log_troubles *troubles = &reader->troubles;
	struct log_trouble *trouble;
	size_t i;

	/* The last attempt is the one that both lines may tell of. */
	for (i = LOG_TROUBLES_MAX; troubles->count && i-- > 0;) {
		trouble = claimable(troubles, i, key, delivery);
		if (!trouble)
			continue;
		if (is_same_attempt(&trouble->facts, delivery))
			put_into(delivery, &trouble->facts);
		break;
	}
	for (i = 0; troubles->count && i < LOG_TROUBLES_MAX; i++) {
		trouble = claimable(troubles, i, key, delivery);
		if (!trouble)
			continue;
		claim(trouble, delivery);
		if (!is_same_attempt(&trouble->facts, delivery))
			give_claimed(reader, trouble, delivery);
	}
	log_reader_give(reader, delivery);
}
