#include "probe/net/resolver_inside.h"

#include <assert.h>
#include <sys/random.h>

#include "probe/base/clock.h"
#include "probe/dns/query.h"

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

/* UDP passes, and TCP does not: a firewall that knows half of DNS. */
static const char *over_tcp(const struct asking *asking)
{
	return asking->was_truncated ? "the answer over UDP was truncated, and "
				       "over TCP: "
				     : "";
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
			arena_print(lookup->arena, "%sno answer within %u ms",
				over_tcp(asking), asking->server->timeout_ms));
		break;
	case HEARD_UNREACHABLE:
		hear_failure(lookup, ANSWER_UNREACHABLE,
			arena_print(lookup->arena, "%s%s", over_tcp(asking),
				asking->why));
		break;
	case HEARD_CLOSED:
		return;
	}
	lookup->heard.answer.server = asking->server->text;
	resolver_hop(resolver);
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
	resolver_hop(resolver);
}

void lookup_fetch(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	if (!resolver->fetcher) {
		lookup->heard.answer.kind = ANSWER_UNREACHABLE;
		lookup->heard.answer.why = SPAN("policies are not fetched");
		lookup_move(lookup, LOOKUP_ANSWERED);
		resolver_hop(resolver);
		return;
	}
	lookup_move(lookup, LOOKUP_ASKED);
	resolver->asked_count++;
	fetch_begin(&lookup->fetching->fetch, resolver->fetcher, on_fetched);
}

void lookup_ask(struct lookup *lookup)
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

void lookup_decide(struct lookup *lookup)
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
