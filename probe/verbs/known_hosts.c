#include "probe/verbs/known_hosts.h"

#include "probe/base/escape.h"
#include "probe/base/note.h"

struct known_hosts {
	const struct options *options;
	bool *is_met;  /* of each known host */
	bool has_seen; /* a target with its exchangers */
};

struct known_hosts *known_hosts_open(
	struct arena *arena, const struct options *options)
{
	struct known_hosts *hosts = arena_new(arena, struct known_hosts);

	hosts->options = options;
	hosts->is_met = arena_take(
		arena, (options->known_count + 1) * sizeof(*hosts->is_met));
	return hosts;
}

static bool is_met(
	const struct known_host *known, const struct outcome *outcome)
{
	if (known->port != outcome->target->port)
		return false;
	if (span_is(outcome->target->host, known->host))
		return true;
	for (size_t i = 0; i < outcome->exchanger_count; i++)
		if (span_is(outcome->exchangers[i].host, known->host))
			return true;
	return false;
}

void known_hosts_see(struct known_hosts *hosts, const struct outcome *outcome)
{
	const struct options *options = hosts->options;

	if (!outcome->exchanger_count)
		return;
	hosts->has_seen = true;
	for (size_t i = 0; i < options->known_count; i++)
		hosts->is_met[i] |= is_met(&options->known[i], outcome);
}

/* Both addresses of one host are told of once. */
static bool is_told(const struct options *options, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (options->known[i].port == options->known[at].port &&
			span_is(options->known[i].host,
				options->known[at].host))
			return true;
	return false;
}

void known_hosts_tell(struct arena *arena, const struct known_hosts *hosts)
{
	const struct options *options = hosts->options;

	for (size_t i = 0; hosts->has_seen && i < options->known_count; i++) {
		const struct known_host *known = &options->known[i];

		if (!hosts->is_met[i] && !is_told(options, i))
			note("--resolve %s:%u: no exchanger is called so on "
			     "that port, and it changed nothing",
				escape_text(arena, known->host).at,
				(unsigned)known->port);
	}
}
