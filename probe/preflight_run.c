#include "probe/preflight_run.h"

#include <stdio.h>
#include <unistd.h>

#include <uv.h>

#include "probe/net/fetch.h"
#include "probe/net/resolver.h"
#include "probe/net/source.h"

/* SPF goes from record to record ten times, and CNAMEs lie between. */
enum { ROUNDS_MAX = 48 };

/* One who answers: saved answers, or else a resolver on the loop of all. */
struct side {
	struct settling *settling;
	const struct saved_answers *saved;
	struct resolver *resolver;
	struct resolver_round round;
	struct answers *answers; /* NULL: nobody is asked */
};

enum { SIDE_OURS, SIDE_ELSEWHERE, SIDES };

struct settling {
	uv_loop_t loop;
	uv_signal_t interrupt, terminate;
	bool has_loop, is_interrupted;
	unsigned rounds_open;
	struct side sides[SIDES];
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

/* Otherwise the loop runs dry; who is impatient does not wait for that. */
static void on_settled(struct resolver_round *round)
{
	struct settling *settling =
		OWNER_OF(round, struct side, round)->settling;

	settling->rounds_open--;
	if (settling->is_interrupted && !settling->rounds_open)
		uv_stop(&settling->loop);
}

/* What is still open stays unknown, and the rest is told. */
static void cancel_rounds(struct settling *settling)
{
	for (unsigned i = 0; i < SIDES; i++)
		if (settling->sides[i].resolver)
			resolver_cancel(&settling->sides[i].round);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct settling *settling = signal->data;

	if (settling->is_interrupted)
		_exit(128 + number);
	settling->is_interrupted = true;
	if (settling->rounds_open)
		cancel_rounds(settling);
}

static void watch_signal(
	struct settling *settling, uv_signal_t *signal, int number)
{
	uv_signal_init(&settling->loop, signal);
	signal->data = settling;
	uv_signal_start(signal, on_signal, number);
	/* The loop runs dry when a round is over. */
	uv_unref((uv_handle_t *)signal);
}

static bool open_loop(struct settling *settling, struct span *why)
{
	if (settling->has_loop)
		return true;
	*why = SPAN("there is no event loop to be had");
	settling->has_loop = uv_loop_init(&settling->loop) == 0;
	if (!settling->has_loop)
		return false;
	watch_signal(settling, &settling->interrupt, SIGINT);
	watch_signal(settling, &settling->terminate, SIGTERM);
	return true;
}

/* The policy of MTA-STS is fetched by our own side only. */
static bool open_side(struct arena *arena, const struct options *options,
	struct settling *settling, unsigned at, struct span *why)
{
	struct fetch_orders fetch = { .ca_file = options->ca_file,
		.ca_dir = options->ca_dir,
		.wanted = { true, true } };
	struct resolver_setup setup = { .trust_ad = options->trusts_ad,
		.fetch = at == SIDE_OURS ? &fetch : NULL };
	struct span servers = at == SIDE_OURS ? options->dns
					      : options->preflight.other_dns;
	struct side *side = &settling->sides[at];

	if (!side->answers || side->saved)
		return true;
	if (!open_loop(settling, why))
		return false;
	if (servers.len)
		setup.servers = arena_copy(arena, servers).at;
	side->resolver = resolver_open(arena, &settling->loop, &setup, why);
	return side->resolver != NULL;
}

static void close_sides(struct settling *settling)
{
	for (unsigned i = 0; i < SIDES; i++)
		if (settling->sides[i].resolver)
			resolver_close(settling->sides[i].resolver);
	if (!settling->has_loop)
		return;
	uv_close((uv_handle_t *)&settling->interrupt, NULL);
	uv_close((uv_handle_t *)&settling->terminate, NULL);
	uv_run(&settling->loop, UV_RUN_DEFAULT);
	uv_loop_close(&settling->loop);
}

/* A round is over when the loop has run dry. */
static void settle(struct settling *settling)
{
	for (unsigned i = 0; i < SIDES; i++) {
		struct side *side = &settling->sides[i];

		if (side->saved && side->answers)
			saved_answers_settle(side->saved, side->answers);
		if (side->saved || !side->resolver)
			continue;
		side->settling = settling;
		settling->rounds_open++;
		resolver_settle(side->resolver, &side->round, side->answers,
			on_settled);
	}
	if (!settling->has_loop)
		return;
	if (settling->is_interrupted)
		cancel_rounds(settling);
	uv_run(&settling->loop, UV_RUN_DEFAULT);
}

static bool ask_all(struct arena *arena, struct settling *settling,
	struct preflight_run *run, struct span *why)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		if (preflight(arena, run->answers, &run->query, &run->result))
			return true;
		settle(settling);
	}
	*why = SPAN("the DNS leads from name to name without end");
	return false;
}

static bool answer_all(struct arena *arena,
	const struct preflight_orders *orders, struct preflight_run *run,
	struct span *why)
{
	struct settling settling = {
		.sides[SIDE_OURS] = { .saved = orders->saved,
			.answers = run->answers },
		.sides[SIDE_ELSEWHERE] = { .saved = orders->saved_elsewhere,
			.answers = run->query.elsewhere },
	};
	bool is_done = true;

	for (unsigned i = 0; i < SIDES; i++)
		is_done = is_done &&
			  open_side(arena, orders->options, &settling, i, why);
	if (orders->shows_progress && settling.has_loop)
		fputs("\r\033[Kasking the DNS", stderr);
	is_done = is_done && ask_all(arena, &settling, run, why);
	if (orders->shows_progress && settling.has_loop)
		fputs("\r\033[K", stderr);
	close_sides(&settling);
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
	if (options->preflight.other_dns.len || orders->saved_elsewhere)
		query->elsewhere = answers_open(arena);
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
