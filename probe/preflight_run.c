#include "probe/preflight_run.h"

#include <uv.h>

#include "probe/net/resolver.h"
#include "probe/net/source.h"

/* SPF goes from record to record ten times, and CNAMEs lie between. */
enum { ROUNDS_MAX = 48 };

struct settling {
	uv_loop_t loop;
	struct resolver *resolver;
	struct resolver_round round;
};

/* ---- who sends */

static struct span address_of(
	struct arena *arena, const struct mailbox *mailbox)
{
	return arena_print(arena, "%.*s@%.*s", SPAN_ARG(mailbox->local),
		SPAN_ARG(mailbox->domain));
}

/*
 * Where it was delivered from, if a mailbox kept it (RFC 5321 section 4.4);
 * else from whom it says it is.
 */
static struct span sender_of_message(
	struct arena *arena, const struct preflight_message *message)
{
	const struct header_field *path = header_get(
		&message->form->header, SPAN("Return-Path"));
	struct mailbox_list list;
	const char *why;

	if (path && span_is(span_trim(path->value), SPAN("<>")))
		return SPAN("");
	if (path && mailbox_list_parse(arena, path->value, &list, &why) &&
		list.count == 1)
		return address_of(arena, &list.mailboxes[0]);
	if (message->form->from.count)
		return address_of(arena, &message->form->from.mailboxes[0]);
	return SPAN("");
}

static void take_sender(struct arena *arena, const struct options *options,
	struct preflight_query *query)
{
	const struct preflight_options *own = &options->preflight;

	query->from = own->from;
	if (!query->from.len && !query->message)
		query->from = own->domain;
	if (own->has_mail_from)
		query->mail_from = own->mail_from;
	else if (own->domain.len)
		query->mail_from = own->domain;
	else if (query->message)
		query->mail_from = sender_of_message(arena, query->message);
	else
		query->mail_from = own->from;
	query->helo = own->helo.len ? own->helo : options->ehlo[FAMILY_IPV4];
}

static void take_sources(struct arena *arena, const struct options *options,
	struct preflight_query *query)
{
	struct ip *ips;

	query->sources = options->preflight.sources;
	query->source_count = options->preflight.source_count;
	if (query->source_count)
		return;
	query->source_count = source_list_usable(
		source_list_open(arena), arena, &ips);
	query->sources = ips;
}

/* ---- who receives */

static void take_profiles(struct arena *arena,
	const struct preflight_options *options, struct preflight_query *query)
{
	const struct profile **profiles = arena_take(
		arena, PREFLIGHT_PROFILES_MAX * sizeof(*profiles));
	const char *name;

	for (size_t i = 0; i < options->profile_count; i++)
		profiles[query->profile_count++] = profile_embedded(
			arena, options->profiles[i]);
	for (size_t i = 0;
		!options->profile_count && (name = profile_name_at(i)); i++)
		profiles[query->profile_count++] = profile_embedded(
			arena, span_of(name));
	query->profiles = profiles;
}

/* ---- settling */

static void on_settled(struct resolver_round *round)
{
	(void)round;
}

static bool open_network(struct arena *arena, const struct options *options,
	struct settling *settling, struct span *why)
{
	struct resolver_setup setup = { .trust_ad = options->trusts_ad };

	if (options->dns.len)
		setup.servers = arena_copy(arena, options->dns).at;
	if (uv_loop_init(&settling->loop) != 0) {
		*why = SPAN("there is no event loop to be had");
		return false;
	}
	settling->resolver = resolver_open(arena, &settling->loop, &setup, why);
	if (settling->resolver)
		return true;
	uv_run(&settling->loop, UV_RUN_DEFAULT);
	uv_loop_close(&settling->loop);
	return false;
}

static void close_network(struct settling *settling)
{
	resolver_close(settling->resolver);
	uv_run(&settling->loop, UV_RUN_DEFAULT);
	uv_loop_close(&settling->loop);
}

/* A round is over when the loop has run dry. */
static void settle(const struct preflight_orders *orders,
	struct settling *settling, struct answers *answers)
{
	if (orders->saved) {
		saved_answers_settle(orders->saved, answers);
		return;
	}
	resolver_settle(
		settling->resolver, &settling->round, answers, on_settled);
	uv_run(&settling->loop, UV_RUN_DEFAULT);
}

static bool answer_all(struct arena *arena,
	const struct preflight_orders *orders, struct preflight_run *run,
	struct span *why)
{
	struct settling settling = { .resolver = NULL };
	bool is_done = false;

	if (!orders->saved &&
		!open_network(arena, orders->options, &settling, why))
		return false;
	for (unsigned i = 0; i < ROUNDS_MAX && !is_done; i++) {
		is_done = preflight(
			arena, run->answers, &run->query, &run->result);
		if (!is_done)
			settle(orders, &settling, run->answers);
	}
	if (!is_done)
		*why = SPAN("the DNS leads from name to name without end");
	if (settling.resolver)
		close_network(&settling);
	return is_done;
}

struct preflight_run *preflight_run_open(struct arena *arena,
	const struct preflight_orders *orders, struct span *why)
{
	struct preflight_run *run = arena_new(arena, struct preflight_run);
	const struct options *options = orders->options;
	struct preflight_query *query = &run->query;

	*query = (struct preflight_query){ .now = orders->now,
		.zones = options->preflight.zones,
		.zone_count = options->preflight.zone_count,
		.is_traced = options->verbose || options->preflight.only_spf };
	if (orders->has_message)
		query->message = preflight_message_of(
			arena, orders->message, orders->now);
	take_sender(arena, options, query);
	take_sources(arena, options, query);
	take_profiles(arena, &options->preflight, query);
	query->keys = dkim_keys_open();
	query->cache = spf_cache_open();
	run->answers = answers_open(arena);
	if (answer_all(arena, orders, run, why))
		return run;
	preflight_run_close(run);
	return NULL;
}

void preflight_run_close(struct preflight_run *run)
{
	dkim_keys_close(run->query.keys);
	spf_cache_close(run->query.cache);
}
