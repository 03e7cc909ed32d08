#include "probe/net/resolver.h"

#include <ares.h>
#include <assert.h>
#include <stdio.h>
#include <sys/random.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/dns/query.h"
#include "probe/dns/record.h"
#include "probe/net/fetch.h"
#include "probe/net/nameserver.h"

/*
 * A lookup is one question on its way from server to server:
 *
 *	queued -> asked -> answered -> (asked again, or settled and kept)
 *
 * It stands in one of the resolver's lists, by its state.  Only the turn,
 * which a timer of no length starts, moves it on from "answered" or calls
 * done: c-ares may answer from inside of being asked.
 */
enum lookup_state {
	LOOKUP_QUEUED,
	LOOKUP_ASKED,
	LOOKUP_ANSWERED,
	LOOKUP_KEPT,
};

struct lookup {
	TAILQ_ENTRY(lookup) entry;
	LIST_ENTRY(lookup) bucket_entry;
	LIST_HEAD(, waiter) waiters;
	struct asking asking;
	struct fetching *fetching; /* RR_POLICY: in place of asking */
	struct resolver *resolver;
	struct arena *arena; /* its own: it holds the lookup too */
	struct span name;
	enum rr_type type;
	uint32_t hash; /* as the question's */
	enum lookup_state state;
	size_t first;   /* the server it began with */
	size_t turn;    /* servers asked so far, tries too */
	unsigned spent; /* a bit for each server not worth
					   another try */
	bool without_edns;
	bool was_lost;         /* some server was silent, or gone */
	struct response heard; /* the latest */
	struct answer best;    /* the most telling one so far */
	bool has_best;
	uint64_t expires_ms;
};

/* Apart from the lookup, since most are not for policies and are many. */
struct fetching {
	struct fetch fetch;
	struct lookup *lookup;
};

/* One open question of one round, in the arena of its answers. */
struct waiter {
	LIST_ENTRY(waiter) lookup_entry;
	struct waiter *next; /* of the same round */
	struct question *question;
	struct resolver_round *round;
	bool is_settled;
};

enum {
	BUCKETS = 1024,
	LOOKUP_ROOM = 2048, /* bytes: a lookup and an answer of usual size */
	IDS = 64, /* random ones fetched at once: a system call each is dear */
};

TAILQ_HEAD(lookup_list, lookup);
TAILQ_HEAD(round_list, resolver_round);

struct resolver {
	struct arena *arena;
	uv_loop_t *loop;
	uv_timer_t hop;
	struct nameserver servers[RESOLVER_SERVERS_MAX];
	size_t server_count;
	size_t preferred; /* answered when another did not */
	unsigned tries;
	size_t asked_count, kept_count;
	uint16_t ids[IDS]; /* random, not used yet */
	size_t id_count;
	struct lookup_list queued, asked, answered, kept;
	LIST_HEAD(, lookup) buckets[BUCKETS];
	struct round_list rounds, over;
	struct arena *spare[RESOLVER_WINDOW]; /* empty, for lookups to come */
	size_t spare_count;
	struct fetcher *fetcher; /* NULL: policies are not fetched */
	bool is_closing;
};

static void on_hop(uv_timer_t *hop);

static void hop(struct resolver *resolver)
{
	if (!resolver->is_closing &&
		!uv_is_active((uv_handle_t *)&resolver->hop))
		uv_timer_start(&resolver->hop, on_hop, 0, 0);
}

/* ---- answers to those who wait */

static const struct answer *copy_answer(
	struct arena *arena, const struct answer *answer)
{
	struct answer *copy = arena_new(arena, struct answer);
	struct span *values = arena_take(
		arena, answer->value_count * sizeof(*values));

	*copy = *answer;
	for (size_t i = 0; i < answer->value_count; i++)
		values[i] = arena_copy(arena, answer->values[i]);
	copy->values = values;
	copy->canonical = arena_copy(arena, answer->canonical);
	copy->server = arena_copy(arena, answer->server);
	copy->why = arena_copy(arena, answer->why);
	return copy;
}

static void round_over(struct resolver_round *round)
{
	struct resolver *resolver = round->resolver;

	round->is_over = true;
	TAILQ_REMOVE(&resolver->rounds, round, entry);
	TAILQ_INSERT_TAIL(&resolver->over, round, entry);
	hop(resolver);
}

static void settle_waiter(struct waiter *waiter, const struct answer *answer)
{
	struct resolver_round *round = waiter->round;

	waiter->is_settled = true;
	question_settle(waiter->question,
		copy_answer(answers_arena(round->answers), answer));
	if (--round->open == 0)
		round_over(round);
}

/* ---- lookups: found, made, kept, forgotten */

static struct lookup *lookup_find(
	struct resolver *resolver, const struct question *question)
{
	struct lookup *lookup = LIST_FIRST(
		&resolver->buckets[question->hash % BUCKETS]);

	for (; lookup; lookup = LIST_NEXT(lookup, bucket_entry))
		if (lookup->hash == question->hash &&
			lookup->type == question->type &&
			span_is(lookup->name, question->name))
			return lookup;
	return NULL;
}

static struct lookup_list *list_of(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	switch (lookup->state) {
	case LOOKUP_QUEUED:
		return &resolver->queued;
	case LOOKUP_ASKED:
		return &resolver->asked;
	case LOOKUP_ANSWERED:
		return &resolver->answered;
	case LOOKUP_KEPT:
		return &resolver->kept;
	}
	return NULL;
}

static void lookup_move(struct lookup *lookup, enum lookup_state state)
{
	TAILQ_REMOVE(list_of(lookup), lookup, entry);
	lookup->state = state;
	TAILQ_INSERT_TAIL(list_of(lookup), lookup, entry);
}

/*
 * Each question takes about as much memory as the one before it: the arenas go
 * round.  What is kept has one of its own size, and leaves none behind.
 */
static struct arena *lookup_arena(struct resolver *resolver)
{
	return resolver->spare_count ? resolver->spare[--resolver->spare_count]
				     : arena_open_with(LOOKUP_ROOM);
}

static void spare_arena(struct resolver *resolver, struct arena *arena)
{
	if (resolver->spare_count == COUNT_OF(resolver->spare)) {
		arena_close(arena);
		return;
	}
	arena_empty(arena);
	resolver->spare[resolver->spare_count++] = arena;
}

static struct lookup *lookup_new(struct resolver *resolver, struct arena *arena,
	enum lookup_state state, const struct question *question)
{
	struct lookup *lookup = arena_new(arena, struct lookup);

	lookup->arena = arena;
	lookup->resolver = resolver;
	lookup->name = arena_copy(arena, question->name);
	lookup->type = question->type;
	lookup->hash = question->hash;
	lookup->state = state;
	lookup->first = resolver->preferred;
	LIST_INIT(&lookup->waiters);
	LIST_INSERT_HEAD(&resolver->buckets[lookup->hash % BUCKETS], lookup,
		bucket_entry);
	TAILQ_INSERT_TAIL(list_of(lookup), lookup, entry);
	return lookup;
}

static void lookup_forget(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	TAILQ_REMOVE(list_of(lookup), lookup, entry);
	LIST_REMOVE(lookup, bucket_entry);
	if (lookup->state == LOOKUP_KEPT) {
		resolver->kept_count--;
		arena_close(lookup->arena);
		return;
	}
	spare_arena(resolver, lookup->arena);
}

static uint32_t keep_seconds(const struct lookup *lookup)
{
	const struct answer *answer = &lookup->best;
	size_t bytes = answer->why.len;

	for (size_t i = 0; i < answer->value_count; i++)
		bytes += answer->values[i].len;
	if (bytes > RESOLVER_CACHE_ANSWER_MAX)
		return 0;
	if (answer_failed(answer))
		return RESOLVER_FAILURE_TTL;
	if (lookup->type == RR_POLICY)
		return RESOLVER_POLICY_TTL;
	return answer->ttl < RESOLVER_CACHE_TTL_MAX ? answer->ttl
						    : RESOLVER_CACHE_TTL_MAX;
}

/* The lookup makes way for a fresh one that holds no more than the answer. */
static void keep(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	uint32_t seconds = keep_seconds(lookup);
	struct question question = {
		.name = lookup->name, .type = lookup->type, .hash = lookup->hash
	};
	struct lookup *kept;

	if (seconds) {
		kept = lookup_new(
			resolver, arena_open(), LOOKUP_KEPT, &question);
		kept->best = *copy_answer(kept->arena, &lookup->best);
		kept->expires_ms = uv_now(resolver->loop) + seconds * 1000u;
		resolver->kept_count++;
	}
	lookup_forget(lookup);
	if (resolver->kept_count > RESOLVER_CACHE_MAX)
		lookup_forget(TAILQ_FIRST(&resolver->kept));
}

static void lookup_settle(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	struct waiter *waiter;

	if (!answer_failed(&lookup->best) && lookup->was_lost)
		resolver->preferred = (size_t)(lookup->asking.server -
					       resolver->servers);
	while ((waiter = LIST_FIRST(&lookup->waiters))) {
		LIST_REMOVE(waiter, lookup_entry);
		settle_waiter(waiter, &lookup->best);
	}
	keep(lookup);
}

/* ---- from server to server */

static void hear_message(struct lookup *lookup, struct span message)
{
	struct nameserver *server = lookup->asking.server;
	struct answer *answer = &lookup->heard.answer;
	uint64_t waited_us;

	record_answer(lookup->arena, message, lookup->name, lookup->type,
		&lookup->heard);
	if (!server->is_trusted)
		answer->secure = false;
	if (clock_is_frozen())
		return;
	waited_us = (clock_now_ns() - lookup->asking.began_ns) / 1000;
	answer->rtt_us = (uint32_t)waited_us + 1;
}

static void hear_failure(
	struct lookup *lookup, enum answer_kind kind, struct span why)
{
	lookup->heard = (struct response){ .answer.kind = kind };
	lookup->heard.answer.why = why;
}

static void on_heard(
	struct asking *asking, enum heard heard, struct span message)
{
	struct lookup *lookup = OWNER_OF(asking, struct lookup, asking);
	struct resolver *resolver = lookup->resolver;

	resolver->asked_count--;
	lookup_move(lookup, LOOKUP_ANSWERED);
	switch (heard) {
	case HEARD_MESSAGE:
		hear_message(lookup, message);
		break;
	case HEARD_NOTHING:
		hear_failure(lookup, ANSWER_TIMEOUT,
			arena_print(lookup->arena, "no answer within %u ms",
				asking->server->timeout_ms));
		break;
	case HEARD_UNREACHABLE:
		hear_failure(lookup, ANSWER_UNREACHABLE,
			arena_copy(lookup->arena, span_of(asking->why)));
		break;
	case HEARD_CLOSED:
		return;
	}
	lookup->heard.answer.server = asking->server->text;
	hop(resolver);
}

static size_t server_at(const struct lookup *lookup)
{
	return (lookup->first + lookup->turn) % lookup->resolver->server_count;
}

/* An id that nobody off the path can guess. */
static uint16_t random_id(struct resolver *resolver)
{
	while (!resolver->id_count)
		if (getrandom(resolver->ids, sizeof(resolver->ids), 0) ==
			(ssize_t)sizeof(resolver->ids))
			resolver->id_count = COUNT_OF(resolver->ids);
	return resolver->ids[--resolver->id_count];
}

static void on_fetched(struct fetch *fetch)
{
	struct lookup *lookup = OWNER_OF(fetch, struct fetching, fetch)->lookup;
	struct resolver *resolver = lookup->resolver;

	resolver->asked_count--;
	lookup->heard = (struct response){ .answer = fetch->answer };
	lookup_move(lookup, LOOKUP_ANSWERED);
	hop(resolver);
}

static void lookup_fetch(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	if (!resolver->fetcher) {
		lookup->heard.answer.kind = ANSWER_UNREACHABLE;
		lookup->heard.answer.why = SPAN("policies are not fetched");
		lookup_move(lookup, LOOKUP_ANSWERED);
		hop(resolver);
		return;
	}
	lookup_move(lookup, LOOKUP_ASKED);
	resolver->asked_count++;
	fetch_begin(&lookup->fetching->fetch, resolver->fetcher, on_fetched);
}

static void lookup_ask(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;
	uint8_t room[QUERY_MAX];
	size_t len = query_print(room, lookup->name, lookup->type,
		random_id(resolver), !lookup->without_edns);

	assert(len); /* answers_get() takes only names that fit */
	lookup_move(lookup, LOOKUP_ASKED);
	resolver->asked_count++;
	lookup->asking.on_heard = on_heard;
	nameserver_ask(&resolver->servers[server_at(lookup)], &lookup->asking,
		(struct span){ (const char *)room, len });
}

/* False when every server has had its tries. */
static bool next_server(struct lookup *lookup)
{
	size_t turns = lookup->resolver->server_count * lookup->resolver->tries;

	while (++lookup->turn < turns)
		if (!(lookup->spent & 1u << server_at(lookup)))
			return true;
	return false;
}

/* A server that spoke tells more than silence, silence more than no road. */
static int telling(const struct answer *answer)
{
	switch (answer->kind) {
	case ANSWER_DATA:
	case ANSWER_NONE:
	case ANSWER_NO_NAME:
		return 6;
	case ANSWER_SERVFAIL:
		return answer->why.len ? 5 : 4;
	case ANSWER_REFUSED:
		return 3;
	case ANSWER_MALFORMED:
	case ANSWER_UNTRUSTED:
		return 2;
	case ANSWER_TIMEOUT:
		return 1;
	case ANSWER_UNREACHABLE:
	case ANSWER_UNSAVED:
		return 0;
	}
	return 0;
}

/* RFC 6891, 7: FORMERR without an OPT record is from before EDNS. */
static bool wants_no_edns(const struct lookup *lookup)
{
	return !lookup->without_edns && lookup->heard.rcode == 1 &&
	       lookup->heard.answer.kind == ANSWER_MALFORMED &&
	       !lookup->heard.has_edns;
}

/* The addresses were tried by the fetch: there is no one else to ask. */
static void fetch_decide(struct lookup *lookup)
{
	lookup->best = lookup->heard.answer;
	lookup->has_best = true;
	if (LIST_EMPTY(&lookup->waiters)) /* all cancelled */
		lookup_forget(lookup);
	else
		lookup_settle(lookup);
}

static void lookup_decide(struct lookup *lookup)
{
	const struct answer *heard = &lookup->heard.answer;
	bool is_lost = heard->kind == ANSWER_TIMEOUT ||
		       heard->kind == ANSWER_UNREACHABLE;

	if (lookup->type == RR_POLICY) {
		fetch_decide(lookup);
		return;
	}
	if (wants_no_edns(lookup)) {
		lookup->without_edns = true;
		lookup_ask(lookup);
		return;
	}
	if (!lookup->has_best || telling(heard) > telling(&lookup->best))
		lookup->best = *heard;
	lookup->has_best = true;
	lookup->was_lost |= is_lost;
	if (!is_lost)
		lookup->spent |= 1u << server_at(lookup);
	lookup->without_edns = false;
	if (!answer_failed(heard))
		lookup_settle(lookup);
	else if (LIST_EMPTY(&lookup->waiters)) /* all cancelled */
		lookup_forget(lookup);
	else if (next_server(lookup))
		lookup_ask(lookup);
	else
		lookup_settle(lookup);
}

/* ---- the turn */

static void begin_queued(struct resolver *resolver)
{
	struct lookup *lookup;

	while (resolver->asked_count < RESOLVER_WINDOW &&
		(lookup = TAILQ_FIRST(&resolver->queued))) {
		if (LIST_EMPTY(&lookup->waiters)) /* all cancelled */
			lookup_forget(lookup);
		else if (lookup->type == RR_POLICY)
			lookup_fetch(lookup);
		else
			lookup_ask(lookup);
	}
}

static void tell_over(struct resolver *resolver)
{
	struct resolver_round *round;

	while (!resolver->is_closing &&
		(round = TAILQ_FIRST(&resolver->over))) {
		TAILQ_REMOVE(&resolver->over, round, entry);
		round->done(round);
	}
}

static void flush_servers(struct resolver *resolver)
{
	for (size_t i = 0; i < resolver->server_count; i++)
		nameserver_flush(&resolver->servers[i]);
}

static void on_hop(uv_timer_t *timer)
{
	struct resolver *resolver = OWNER_OF(timer, struct resolver, hop);
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(&resolver->answered)))
		lookup_decide(lookup);
	begin_queued(resolver);
	flush_servers(resolver);
	tell_over(resolver);
}

/* ---- rounds */

static void settle_now(struct resolver_round *round, struct question *question,
	const struct answer *answer)
{
	question_settle(
		question, copy_answer(answers_arena(round->answers), answer));
}

/* From what is remembered; it has aged, and did not take any time. */
static bool settle_from_kept(struct resolver_round *round,
	struct question *question, struct lookup *lookup)
{
	uint64_t now = uv_now(round->resolver->loop);
	struct answer answer = lookup->best;

	if (lookup->expires_ms <= now) {
		lookup_forget(lookup);
		return false;
	}
	answer.rtt_us = 0;
	if (!answer_failed(&answer) && answer.ttl)
		answer.ttl = (uint32_t)((lookup->expires_ms - now) / 1000);
	settle_now(round, question, &answer);
	return true;
}

static void wait_for(struct resolver_round *round, struct question *question,
	struct lookup *lookup)
{
	struct waiter *waiter = arena_new(
		answers_arena(round->answers), struct waiter);

	waiter->question = question;
	waiter->round = round;
	waiter->next = round->waiters;
	round->waiters = waiter;
	round->open++;
	LIST_INSERT_HEAD(&lookup->waiters, waiter, lookup_entry);
}

static void prepare_fetch(struct lookup *lookup, const struct answers *answers)
{
	lookup->fetching = arena_new(lookup->arena, struct fetching);
	lookup->fetching->lookup = lookup;
	fetch_init(
		&lookup->fetching->fetch, lookup->arena, lookup->name, answers);
}

static void settle_question(
	struct resolver_round *round, struct question *question)
{
	static const char why[] = "onion names are not in the DNS (RFC 7686)";
	static const struct answer onion = { .kind = ANSWER_NO_NAME,
		.why = { why, sizeof(why) - 1 } };
	struct resolver *resolver = round->resolver;
	struct lookup *lookup = lookup_find(resolver, question);

	if (name_is_under(question->name, SPAN("onion"))) {
		settle_now(round, question, &onion);
		return;
	}
	if (lookup && lookup->state == LOOKUP_KEPT) {
		if (settle_from_kept(round, question, lookup))
			return;
		lookup = NULL;
	}
	if (!lookup) {
		lookup = lookup_new(resolver, lookup_arena(resolver),
			LOOKUP_QUEUED, question);
		if (question->type == RR_POLICY)
			prepare_fetch(lookup, round->answers);
	}
	wait_for(round, question, lookup);
}

void resolver_settle(struct resolver *resolver, struct resolver_round *round,
	struct answers *answers, void (*done)(struct resolver_round *round))
{
	struct question *question = answers_open_question(answers);

	assert(!resolver->is_closing);
	*round = (struct resolver_round){
		.resolver = resolver, .answers = answers, .done = done
	};
	TAILQ_INSERT_TAIL(&resolver->rounds, round, entry);
	for (; question; question = question_next_open(question))
		settle_question(round, question);
	if (!round->open)
		round_over(round);
	hop(resolver);
}

void resolver_cancel(struct resolver_round *round)
{
	static const struct answer interrupted = { .kind = ANSWER_TIMEOUT,
		.why = { "interrupted", 11 } };
	struct waiter *waiter = round->waiters;

	for (; waiter; waiter = waiter->next) {
		if (waiter->is_settled)
			continue;
		LIST_REMOVE(waiter, lookup_entry);
		settle_waiter(waiter, &interrupted);
	}
}

/* ---- open and close */

size_t resolver_server_count(const struct resolver *resolver)
{
	return resolver->server_count;
}

struct span resolver_server(const struct resolver *resolver, size_t at)
{
	return resolver->servers[at].text;
}

static struct span cut_word(struct span *line)
{
	size_t len = 0;

	*line = span_trim(*line);
	while (len < line->len && line->at[len] != ' ' && line->at[len] != '\t')
		len++;
	return len < line->len ? span_cut(line, line->at[len])
			       : span_cut(line, ' ');
}

bool resolver_conf_trusts_ad(struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		if (!span_is(cut_word(&line), SPAN("options")))
			continue;
		while (line.len)
			if (span_is(cut_word(&line), SPAN("trust-ad")))
				return true;
	}
	return false;
}

static bool system_trusts_ad(void)
{
	char room[16 * 1024];
	FILE *file = fopen("/etc/resolv.conf", "re");
	size_t len;

	if (!file)
		return false;
	len = fread(room, 1, sizeof(room), file);
	fclose(file);
	return resolver_conf_trusts_ad((struct span){ room, len });
}

static bool add_server(
	struct resolver *resolver, const struct ip *ip, uint16_t port)
{
	struct nameserver *server = &resolver->servers[resolver->server_count];

	if (resolver->server_count == RESOLVER_SERVERS_MAX)
		return false;
	server->ip = *ip;
	server->port = port;
	resolver->server_count++;
	return true;
}

/* Separated by commas, blanks or both. */
static bool servers_from_text(
	struct resolver *resolver, struct span text, struct span *why)
{
	while (text.len) {
		struct span word = span_cut(&text, ',');

		while ((word = span_trim(word)).len) {
			struct span one = cut_word(&word);
			struct ip ip;
			uint16_t port;

			if (!nameserver_parse(one, &ip, &port)) {
				one = escape_text(resolver->arena, one);
				*why = arena_print(resolver->arena,
					"\"%.*s\" is not a DNS server: "
					"expected an address, ADDR:PORT or "
					"[IPV6]:PORT",
					SPAN_ARG(one));
				return false;
			}
			if (!add_server(resolver, &ip, port)) {
				*why = arena_print(resolver->arena,
					"more than %d DNS servers",
					RESOLVER_SERVERS_MAX);
				return false;
			}
		}
	}
	if (!resolver->server_count)
		*why = SPAN("no DNS server is named");
	return resolver->server_count != 0;
}

/* What c-ares read: resolv.conf, or this host when that names nobody. */
static bool servers_of_system(struct resolver *resolver, struct span *why)
{
	struct ares_addr_port_node *nodes = NULL, *node;
	ares_channel channel;
	int status = ares_init(&channel);

	if (status == ARES_SUCCESS) {
		status = ares_get_servers_ports(channel, &nodes);
		ares_destroy(channel);
	}
	for (node = nodes; node; node = node->next) {
		struct ip ip = { .family = FAMILY_IPV4 };

		if (node->family == AF_INET6)
			ip.family = FAMILY_IPV6;
		memcpy(ip.bytes, &node->addr, node->family == AF_INET ? 4 : 16);
		(void)add_server(resolver, &ip,
			node->udp_port ? (uint16_t)node->udp_port : 53);
	}
	ares_free_data(nodes);
	if (status != ARES_SUCCESS)
		*why = span_of(ares_strerror(status));
	else if (!resolver->server_count)
		*why = SPAN("the system names no DNS server");
	return resolver->server_count != 0;
}

static void close_servers(struct resolver *resolver)
{
	while (resolver->server_count)
		nameserver_close(&resolver->servers[--resolver->server_count]);
}

static bool open_servers(struct resolver *resolver,
	const struct resolver_setup *setup, struct span *why)
{
	bool trusts_all = setup->trust_ad ||
			  (!setup->servers && system_trusts_ad());
	size_t count = resolver->server_count;

	resolver->server_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct nameserver *server = &resolver->servers[i];
		const char *reason;

		server->is_trusted = trusts_all ||
				     ip_kind(&server->ip) == IP_LOOPBACK;
		server->timeout_ms = setup->timeout_ms ? setup->timeout_ms
						       : RESOLVER_TIMEOUT_MS;
		if (!nameserver_open(
			    server, resolver->arena, resolver->loop, &reason)) {
			*why = span_of(reason);
			close_servers(resolver);
			return false;
		}
		resolver->server_count++;
	}
	return true;
}

struct resolver *resolver_open(struct arena *arena, uv_loop_t *loop,
	const struct resolver_setup *setup, struct span *why)
{
	struct resolver *resolver = arena_new(arena, struct resolver);
	bool is_good;

	resolver->arena = arena;
	resolver->loop = loop;
	resolver->tries = setup->tries ? setup->tries : RESOLVER_TRIES;
	TAILQ_INIT(&resolver->queued);
	TAILQ_INIT(&resolver->asked);
	TAILQ_INIT(&resolver->answered);
	TAILQ_INIT(&resolver->kept);
	TAILQ_INIT(&resolver->rounds);
	TAILQ_INIT(&resolver->over);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		*why = SPAN("c-ares does not start");
		return NULL;
	}
	is_good = setup->servers ? servers_from_text(resolver,
					   span_of(setup->servers), why)
				 : servers_of_system(resolver, why);
	if (!is_good || !open_servers(resolver, setup, why)) {
		ares_library_cleanup();
		return NULL;
	}
	uv_timer_init(loop, &resolver->hop);
	if (setup->fetch)
		resolver->fetcher = fetcher_open(arena, loop, setup->fetch);
	return resolver;
}

static void forget_all(struct lookup_list *list)
{
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(list)))
		lookup_forget(lookup);
}

void resolver_close(struct resolver *resolver)
{
	struct resolver_round *round;

	resolver->is_closing = true;
	while ((round = TAILQ_FIRST(&resolver->rounds)))
		resolver_cancel(round);
	close_servers(resolver);
	if (resolver->fetcher)
		fetcher_close(resolver->fetcher);
	uv_close((uv_handle_t *)&resolver->hop, NULL);
	forget_all(&resolver->queued);
	forget_all(&resolver->asked);
	forget_all(&resolver->answered);
	forget_all(&resolver->kept);
	while (resolver->spare_count)
		arena_close(resolver->spare[--resolver->spare_count]);
	ares_library_cleanup();
}
