#include "probe/verb.h"

#include "probe/ad_hoc.h"
#include "probe/base/nearest.h"
#include "probe/dns/name.h"
#include "probe/option_values.h"
#include "probe/policy/preflight.h"

/*
 * The options of `mxprobe preflight`, and those of the walk that mean the same
 * there.
 */
static struct preflight_options *ours(struct reading *reading)
{
	return &reading->options->preflight;
}

/* user@domain, or a bare domain; the root has no mail. */
static bool sender(struct reading *reading, struct span value,
	struct span *text, const char **why)
{
	struct span domain;

	if (span_find(value, '@') < value.len)
		return ad_hoc_mailbox(
			reading->arena, value, text, &domain, why);
	*why = "a domain, a mailbox or a message is wanted";
	if (span_is(value, SPAN(".")) || span_is(value, SPAN("..")))
		return false;
	return name_to_ascii(reading->arena, value, text, why) &&
	       name_host_check(*text, why) != HOST_UNFIT;
}

static bool set_mail_from(
	struct reading *reading, struct span value, const char **why)
{
	struct preflight_options *options = ours(reading);

	options->has_mail_from = true;
	options->mail_from = SPAN("");
	if (!value.len || span_is(value, SPAN("<>")))
		return true;
	return sender(reading, value, &options->mail_from, why);
}

static bool set_from(
	struct reading *reading, struct span value, const char **why)
{
	return sender(reading, value, &ours(reading)->from, why);
}

static bool set_helo(
	struct reading *reading, struct span value, const char **why)
{
	struct preflight_options *options = ours(reading);

	options->helo = arena_copy(reading->arena, value);
	*why = "a host name or an address literal is wanted";
	if (!option_is_one_word(value))
		return false;
	if (value.at[0] == '[')
		return value.at[value.len - 1] == ']';
	return name_to_ascii(reading->arena, value, &options->helo, why);
}

static bool set_ip(struct reading *reading, struct span value, const char **why)
{
	struct preflight_options *options = ours(reading);
	struct ip ip;

	*why = "an IPv4 or IPv6 address is wanted";
	if (!ip_parse(value, &ip))
		return false;
	*why = "these are too many addresses";
	if (options->source_count == PREFLIGHT_SOURCES_MAX)
		return false;
	options->sources = arena_grow(reading->arena, options->sources,
		options->source_count, &options->source_room, sizeof(ip));
	options->sources[options->source_count++] = ip;
	return true;
}

static bool set_spf_ip(
	struct reading *reading, struct span value, const char **why)
{
	ours(reading)->only_spf = true;
	return set_ip(reading, value, why);
}

static bool is_profile(struct span word)
{
	const char *name;

	for (size_t i = 0; (name = profile_name_at(i)); i++)
		if (span_is_nocase(word, span_of(name)))
			return true;
	return false;
}

/* "gogle": the names that exist, and the one that was meant. */
static const char *no_profile(struct arena *arena, struct span word)
{
	struct nearest nearest = nearest_begin(word);
	struct span all = SPAN(""), meant = SPAN("");
	const char *name;

	for (size_t i = 0; (name = profile_name_at(i)); i++) {
		all = arena_print(arena, "%.*s%s%s", SPAN_ARG(all),
			all.len ? ", " : "", name);
		nearest_offer(&nearest, span_of(name));
	}
	if (nearest.best.len)
		meant = arena_print(
			arena, " (did you mean %.*s?)", SPAN_ARG(nearest.best));
	return arena_print(arena, "wanted are some of %.*s%.*s", SPAN_ARG(all),
		SPAN_ARG(meant))
		.at;
}

/* One that is named twice is looked at once. */
static bool has_profile(
	const struct preflight_options *options, struct span word)
{
	for (size_t i = 0; i < options->profile_count; i++)
		if (span_is_nocase(options->profiles[i], word))
			return true;
	return false;
}

static bool set_profile(
	struct reading *reading, struct span value, const char **why)
{
	struct preflight_options *options = ours(reading);

	do {
		struct span word = span_trim(span_cut(&value, ','));

		if (!is_profile(word)) {
			*why = no_profile(reading->arena, word);
			return false;
		}
		if (has_profile(options, word))
			continue;
		options->profiles = arena_grow(reading->arena,
			options->profiles, options->profile_count,
			&options->profile_room, sizeof(word));
		options->profiles[options->profile_count++] = word;
	} while (value.len);
	return true;
}

static bool set_dnsbl(
	struct reading *reading, struct span value, const char **why)
{
	struct preflight_options *options = ours(reading);
	struct span zone;

	if (!name_to_ascii(reading->arena, value, &zone, why))
		return false;
	*why = "these are too many lists";
	if (options->zone_count == PREFLIGHT_ZONES_MAX)
		return false;
	options->zones = arena_grow(reading->arena, options->zones,
		options->zone_count, &options->zone_room, sizeof(zone));
	options->zones[options->zone_count++] = zone;
	return true;
}

/* As --dns: read where it is used. */
static bool set_other_dns(
	struct reading *reading, struct span value, const char **why)
{
	struct span *servers = &ours(reading)->other_dns;

	*why = "ADDRESS or ADDRESS:PORT is wanted";
	*servers = arena_print(reading->arena, "%.*s%s%.*s", SPAN_ARG(*servers),
		servers->len ? "," : "", SPAN_ARG(value));
	return value.len && span_find(value, ' ') == value.len;
}

static bool set_other_answers(
	struct reading *reading, struct span value, const char **why)
{
	*why = "the name of a file is wanted";
	ours(reading)->other_answers_file =
		arena_copy(reading->arena, value).at;
	return value.len != 0;
}

/* A file has a slash, or ends in .eml; "-" is standard input. */
static bool is_file(struct span word)
{
	return span_find(word, '/') < word.len || span_is(word, SPAN("-")) ||
	       span_ends_nocase(word, SPAN(".eml"));
}

static bool take_operand(
	struct reading *reading, struct span word, const char **why)
{
	struct preflight_options *options = ours(reading);

	*why = "one DOMAIN and one MESSAGE.eml are taken";
	if (is_file(word)) {
		if (options->message_file)
			return false;
		options->message_file = arena_copy(reading->arena, word).at;
		return true;
	}
	if (options->domain.len)
		return false;
	return sender(reading, word, &options->domain, why);
}

static void check(struct reading *reading)
{
	const struct options *options = reading->options;
	const struct preflight_options *own = &options->preflight;

	if (!own->domain.len && !own->message_file && !own->mail_from.len &&
		!own->from.len)
		reading_wrong(reading, SPAN("preflight"),
			"a domain, a message or --envelope-from is wanted "
			"(mxprobe preflight --help)");
	if (own->other_dns.len && own->other_answers_file)
		reading_wrong(reading, SPAN("--other-answers"),
			"nobody is asked when these are given: leave "
			"--other-dns out");
	else if (own->other_dns.len && options->answers_file)
		reading_wrong(reading, SPAN("--other-dns"),
			"nobody is asked with --answers: give --other-answers");
	if (options->answers_file && options->save_answers_file)
		reading_wrong(reading, SPAN("--save-answers"),
			"there is nothing to save with --answers");
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "ip", "ADDR", set_ip, "sent from here (repeat; default: this host's)", "Who sends" },
	{ 0, "envelope-from", "MAILBOX", set_mail_from, "MAIL FROM (<>: null; default: the From)", NULL },
	{ 0, "header-from", "MAILBOX", set_from, "the From, without a message or instead of its", NULL },
	{ 0, "helo", "NAME", set_helo, "our name in EHLO (default: the host's)", NULL },
	{ 0, "spf-ip", "ADDR", set_spf_ip, "SPF alone from here, with each of its steps", NULL },

	{ 0, "profile", "NAME", set_profile, "its rules; see mxprobe(1) (default: all)", "Who receives" },
	{ 0, "dnsbl", "ZONE", set_dnsbl, "ask this block list (repeat; default: none)", NULL },
	{ 0, "other-dns", "ADDR[:PORT]", set_other_dns, "another resolver's view of PTR and back", NULL },
	{ 0, "other-answers", "FILE", set_other_answers, "the same view, saved on another host", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "dns", "trust-ad", "answers",
	"save-answers", "ca-file", "ca-dir", "json", "color", "quiet",
	"verbose", "help", "version", NULL };

static const struct own_help helps[] = {
	{ "verbose", "also the steps of SPF, and what all agree on" },
	{ NULL, NULL },
};

const struct verb_row verb_preflight = {
	.word = "preflight",
	.verb = VERB_PREFLIGHT,
	.usage = "usage: mxprobe preflight [options] [DOMAIN] [MESSAGE.eml]\n\n"
		 "Would this sender and this message pass, from each of this "
		 "host's addresses?\nWithout a message it is a what-if.\n",
	.rows = rows,
	.shared = shared,
	.helps = helps,
	.ending = "Exit status: 0 nothing fails, 1 a check fails, 2 usage, 3 a "
		  "file does not\nparse, 4 could not be decided.  More: "
		  "mxprobe(1).\n",
	.operand = take_operand,
	.check = check,
};
