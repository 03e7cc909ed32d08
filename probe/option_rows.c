#include "probe/option_rows.h"

#include "probe/ad_hoc.h"
#include "probe/dns/name.h"
#include "probe/judge/isolation.h"
#include "probe/option_values.h"
#include "probe/report_options.h"

enum { MX_FIRST_MAX = 64 };

static bool set_four(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->wanted[FAMILY_IPV4] = true;
	return true;
}

static bool set_six(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->wanted[FAMILY_IPV6] = true;
	return true;
}

static bool bind_one(struct reading *reading, const struct ip *ip)
{
	reading->options->binds[ip->family] = true;
	reading->options->bind_to[ip->family] = *ip;
	return true;
}

static bool set_source(
	struct reading *reading, struct span value, const char **why)
{
	struct ip ip;

	*why = "an IPv4 or IPv6 address of this host is wanted";
	return ip_parse(value, &ip) && bind_one(reading, &ip);
}

static bool set_source4(
	struct reading *reading, struct span value, const char **why)
{
	struct ip ip;

	*why = "an IPv4 address of this host is wanted";
	return ip_parse(value, &ip) && ip.family == FAMILY_IPV4 &&
	       bind_one(reading, &ip);
}

static bool set_source6(
	struct reading *reading, struct span value, const char **why)
{
	struct ip ip;

	*why = "an IPv6 address of this host is wanted";
	return ip_parse(value, &ip) && ip.family == FAMILY_IPV6 &&
	       bind_one(reading, &ip);
}

static bool set_interface(
	struct reading *reading, struct span value, const char **why)
{
	*why = "the name of an interface is wanted, such as eth0";
	reading->options->interface = option_text(reading->arena, value);
	return value.len > 0 && value.len < 16 && option_is_one_word(value);
}

static bool ehlo_name(struct reading *reading, struct span value,
	struct span *name, const char **why)
{
	*why = "a host name or an address literal is wanted";
	if (!option_is_one_word(value) || value.len > 255)
		return false;
	*name = arena_copy(reading->arena, value);
	return value.at[0] == '[' ||
	       name_to_ascii(reading->arena, value, name, why);
}

static bool set_ehlo(
	struct reading *reading, struct span value, const char **why)
{
	struct span *names = reading->options->ehlo;

	if (!ehlo_name(reading, value, &names[FAMILY_IPV4], why))
		return false;
	names[FAMILY_IPV6] = names[FAMILY_IPV4];
	return true;
}

static bool set_ehlo4(
	struct reading *reading, struct span value, const char **why)
{
	return ehlo_name(
		reading, value, &reading->options->ehlo[FAMILY_IPV4], why);
}

static bool set_ehlo6(
	struct reading *reading, struct span value, const char **why)
{
	return ehlo_name(
		reading, value, &reading->options->ehlo[FAMILY_IPV6], why);
}

static bool mailbox(struct reading *reading, struct span value, struct span *to,
	const char **why)
{
	struct span domain;

	if (value.len > 2 && value.at[0] == '<' &&
		value.at[value.len - 1] == '>')
		value = span_part(value, 1, value.len - 2);
	return ad_hoc_mailbox(reading->arena, value, to, &domain, why);
}

static bool set_from(
	struct reading *reading, struct span value, const char **why)
{
	reading->options->has_from = true;
	reading->options->from = SPAN("");
	if (value.len == 0 || span_is(value, SPAN("<>")))
		return true;
	return mailbox(reading, value, &reading->options->from, why);
}

static bool set_to(struct reading *reading, struct span value, const char **why)
{
	return mailbox(reading, value, &reading->options->to, why);
}

static bool set_server(
	struct reading *reading, struct span value, const char **why)
{
	*why = "HOST, HOST:PORT, ADDRESS or [ADDRESS]:PORT is wanted";
	reading->options->server = arena_copy(reading->arena, value);
	return option_is_one_word(value);
}

static bool set_port(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a port from 1 to 65535 is wanted";
	return option_port(value, &reading->options->port);
}

static bool set_mx(struct reading *reading, struct span value, const char **why)
{
	static const char *const words[] = { "best", "all" };
	struct options *options = reading->options;
	int word = option_word(value, words, COUNT_OF(words));

	*why = "best, all or a number of hosts is wanted";
	options->mx_choice = word == 0   ? MX_BEST
			     : word == 1 ? MX_ALL
					 : MX_FIRST;
	return word >= 0 ||
	       option_whole(value, 1, MX_FIRST_MAX, &options->mx_first);
}

static bool set_only(
	struct reading *reading, struct span value, const char **why)
{
	*why = "an address is wanted";
	reading->options->has_only = true;
	return ip_parse(value, &reading->options->only);
}

/* HOST:PORT:ADDR, the address with or without brackets. */
static bool set_resolve(
	struct reading *reading, struct span value, const char **why)
{
	struct options *options = reading->options;
	struct known_host known = { .host = SPAN("") };
	struct span host, port;

	host = span_cut(&value, ':');
	port = span_cut(&value, ':');
	if (value.len > 2 && value.at[0] == '[' &&
		value.at[value.len - 1] == ']')
		value = span_part(value, 1, value.len - 2);
	if (!name_to_ascii(reading->arena, host, &known.host, why))
		return false;
	*why = "HOST:PORT:ADDRESS is wanted";
	if (!option_port(port, &known.port) || !ip_parse(value, &known.ip))
		return false;
	options->known = arena_grow(reading->arena, options->known,
		options->known_count, &options->known_room, sizeof(known));
	options->known[options->known_count++] = known;
	return true;
}

/* Servers are read where they are used; here they are only gathered. */
static bool set_dns(
	struct reading *reading, struct span value, const char **why)
{
	struct span before = reading->options->dns;

	*why = "ADDRESS or ADDRESS:PORT is wanted";
	reading->options->dns = arena_print(reading->arena, "%.*s%s%.*s",
		SPAN_ARG(before), before.len ? "," : "", SPAN_ARG(value));
	return option_is_one_word(value);
}

static bool set_answers(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->answers_file, why);
}

static bool set_save_answers(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(reading->arena, value,
		&reading->options->save_answers_file, why);
}

static bool set_quit_after(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a stage is wanted: connect, banner, ehlo, tls, mail, rcpt, "
	       "data or dot";
	for (unsigned i = STAGE_CONNECT; i < STAGE_QUIT; i++) {
		if (i == STAGE_STARTTLS ||
			!span_is(value, span_of(stage_word((enum stage)i))))
			continue;
		reading->options->quit_after = (enum stage)i;
		reading->options->has_quit_after = true;
		return true;
	}
	return false;
}

static bool set_deliver(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->deliver = true;
}

static bool set_pipelining(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->pipelines = true;
}

static bool set_message(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->message_file, why);
}

static bool set_dkim_key(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->dkim_key_file, why);
}

/* A selector may have several labels: RFC 6376 section 3.1. */
static bool set_dkim_selector(
	struct reading *reading, struct span value, const char **why)
{
	return name_to_ascii(
		reading->arena, value, &reading->options->dkim_selector, why);
}

static bool set_dkim_domain(
	struct reading *reading, struct span value, const char **why)
{
	return name_to_ascii(
		reading->arena, value, &reading->options->dkim_domain, why);
}

static bool set_trust_ad(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->trusts_ad = true;
}

static bool set_tls(
	struct reading *reading, struct span value, const char **why)
{
	static const char *const words[] = { "none", "may", "encrypt", "dane",
		"secure" };
	int word = option_word(value, words, COUNT_OF(words));

	*why = "none, may, encrypt, dane or secure is wanted";
	if (word < 0)
		return false;
	reading->options->tls = (enum option_tls)word;
	return true;
}

static bool set_sni(
	struct reading *reading, struct span value, const char **why)
{
	return name_to_ascii(
		reading->arena, value, &reading->options->sni, why);
}

static bool set_ca_file(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->ca_file, why);
}

static bool set_ca_dir(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->ca_dir, why);
}

static bool set_keylog(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->keylog, why);
}

static bool set_pcap(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a file is wanted, and not standard output";
	return !span_is(value, SPAN("-")) &&
	       option_file(reading->arena, value, &reading->options->pcap_file,
		       why);
}

static bool set_redact(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->redacts = true;
}

static bool set_connect_timeout(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->patience.connect, why);
}

static bool set_banner_timeout(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->patience.banner, why);
}

static bool set_command_timeout(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->patience.command, why);
}

static bool set_tls_timeout(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->patience.tls, why);
}

static bool set_data_timeout(
	struct reading *reading, struct span value, const char **why)
{
	struct patience *patience = &reading->options->patience;

	if (!option_timeout(value, &patience->dot, why))
		return false;
	patience->data = patience->dot;
	return true;
}

static bool set_max_time(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->patience.total, why);
}

static bool set_targets(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->targets_file, why);
}

static bool set_parallel(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a number from 1 to 16384 is wanted";
	return option_whole(
		value, 1, OPTIONS_PARALLEL_MAX, &reading->options->parallel);
}

static bool set_pause(
	struct reading *reading, struct span value, const char **why)
{
	return option_duration(value, &reading->options->pause_ms, why);
}

static bool set_repeat(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a number from 1 to 100000000 is wanted";
	return option_whole(value, 1, 100000000, &reading->options->repeat);
}

static bool set_isolate(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->isolates = true;
}

static bool set_isolate_max(
	struct reading *reading, struct span value, const char **why)
{
	*why = "a number from 1 to 32 is wanted";
	reading->options->isolates = true;
	return option_whole(value, 1, ISOLATION_CONNECTIONS_MAX,
		&reading->options->isolate_max);
}

static bool set_mtu_trial(
	struct reading *reading, struct span value, const char **why)
{
	static const char *const words[] = { "hang", "always", "never" };
	int word = option_word(value, words, COUNT_OF(words));

	*why = "hang, always or never is wanted";
	if (word < 0)
		return false;
	reading->options->mtu_trial = (enum option_mtu_trial)word;
	return true;
}

static bool set_own_server(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->i_run_this_server = true;
}

static bool set_codebook(
	struct reading *reading, struct span value, const char **why)
{
	return option_file(
		reading->arena, value, &reading->options->codebook_file, why);
}

bool option_history(
	struct reading *reading, struct span value, const char **why)
{
	reading->options->no_history = false;
	return option_file(
		reading->arena, value, &reading->options->history_file, why);
}

static bool set_no_history(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->no_history = true;
}

static bool set_json(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->format = FORMAT_JSON;
	return true;
}

static bool set_jsonl(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	reading->options->format = FORMAT_JSONL;
	return true;
}

static bool set_color(
	struct reading *reading, struct span value, const char **why)
{
	static const char *const words[] = { "auto", "always", "never" };
	int word = option_word(value, words, COUNT_OF(words));

	*why = "auto, always or never is wanted";
	if (word < 0)
		return false;
	reading->options->color = (enum option_color)word;
	return true;
}

static bool set_dry_run(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->dry_run = true;
}

/* NAME, or NAME:FILE of its configuration. */
static bool set_mta(
	struct reading *reading, struct span value, const char **why)
{
	struct options *options = reading->options;
	struct span file = value, name = span_cut(&file, ':');

	*why = "postfix, sendmail, exim or opensmtpd is wanted, and perhaps "
	       ":FILE behind it";
	if (!mta_find(name, &options->mta))
		return false;
	if (file.len)
		options->mta_config_file = arena_copy(reading->arena, file).at;
	options->asks_mta = true;
	return options->dry_run = true;
}

static bool set_print_scenario(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->prints_scenario = true;
}

static bool set_quiet(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->quiet = true;
}

static bool set_verbose(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->verbose = true;
}

/* ---- the table */

const struct option_row option_rows[] = {
	/* clang-format off */
	{ '4', "ipv4", NULL, set_four, "IPv4 only", "Which family, from where" },
	{ '6', "ipv6", NULL, set_six, "IPv6 only (default: both, side by side)", NULL },
	{ 'b', "source", "ADDR", set_source, "use this source address for its family", NULL },
	{ 0, "source4", "ADDR", set_source4, "source address for IPv4", NULL },
	{ 0, "source6", "ADDR", set_source6, "source address for IPv6", NULL },
	{ 0, "interface", "NAME", set_interface, "leave through this interface", NULL },
	{ 0, "ehlo", "NAME", set_ehlo, "our name (default: host name, else [address])", NULL },
	{ 0, "ehlo4", "NAME", set_ehlo4, "our name over IPv4", NULL },
	{ 0, "ehlo6", "NAME", set_ehlo6, "our name over IPv6", NULL },

	{ 's', "server", "HOST[:PORT]", set_server, "this server instead of the domain's MX", "Where to" },
	{ 'p', "port", "PORT", set_port, "port (default 25)", NULL },
	{ 0, "mx", "WHICH", set_mx, "best (default), all, or the first N hosts", NULL },
	{ 0, "ip", "ADDR", set_only, "only this address of the exchangers", NULL },
	{ 0, "resolve", "HOST:PORT:ADDR", set_resolve, "take ADDR for HOST, do not ask the DNS", NULL },
	{ 0, "dns", "ADDR[:PORT]", set_dns, "ask this resolver (repeat for more)", NULL },
	{ 0, "trust-ad", NULL, set_trust_ad, "believe DNSSEC of a resolver that is not local", NULL },
	{ 0, "answers", "FILE", set_answers, "take all DNS answers from FILE", NULL },
	{ 0, "save-answers", "FILE", set_save_answers, "write all DNS answers to FILE", NULL },

	{ 'f', "from", "MAILBOX", set_from, "go on to MAIL FROM (<> for the null sender)", "How far" },
	{ 't', "to", "MAILBOX", set_to, "go on to RCPT TO", NULL },
	{ 0, "deliver", NULL, set_deliver, "send a message: the -t mailbox is mine", NULL },
	{ 0, "message", "FILE", set_message, "this message instead of the built-in one", NULL },
	{ 0, "dkim-key", "FILE", set_dkim_key, "sign the message with this private key (PEM)", NULL },
	{ 0, "dkim-selector", "NAME", set_dkim_selector, "under this selector", NULL },
	{ 0, "dkim-domain", "DOMAIN", set_dkim_domain, "for this domain (default: that of -f)", NULL },
	{ 0, "pipelining", NULL, set_pipelining, "say MAIL, RCPT and DATA in one go, if it may", NULL },
	{ 0, "quit-after", "STAGE", set_quit_after, "connect, banner, ehlo, tls, mail, rcpt, data, dot", NULL },

	{ 0, "tls", "LEVEL", set_tls, "none, may (default), encrypt, dane, secure", "TLS" },
	{ 0, "sni", "NAME", set_sni, "ask for, and check, this name", NULL },
	{ 0, "ca-file", "FILE", set_ca_file, "trust these certificates (PEM)", NULL },
	{ 0, "ca-dir", "DIR", set_ca_dir, "trust the certificates in DIR", NULL },
	{ 0, "keylog", "FILE", set_keylog, "write TLS secrets (also SSLKEYLOGFILE)", NULL },

	{ 0, "pcap", "FILE", set_pcap, "keep the packets, with what decrypts TLS in them", "Evidence" },
	{ 0, "redact", NULL, set_redact, "in FILE, no TLS secrets and no mailbox names", NULL },

	{ 0, "connect-timeout", "TIME", set_connect_timeout, "TCP connection (10s)", "Patience: seconds, or 500ms, 2m" },
	{ 0, "banner-timeout", "TIME", set_banner_timeout, "banner (40s: greet pause)", NULL },
	{ 0, "command-timeout", "TIME", set_command_timeout, "each reply (30s)", NULL },
	{ 0, "tls-timeout", "TIME", set_tls_timeout, "TLS handshake (15s)", NULL },
	{ 0, "data-timeout", "TIME", set_data_timeout, "reply to DATA and to the message (60s, 120s)", NULL },
	{ 'm', "max-time", "TIME", set_max_time, "each walk in all (300s)", NULL },

	{ 0, "targets", "FILE", set_targets, "targets from FILE, one a line", "Many" },
	{ 0, "parallel", "N", set_parallel, "targets, and connections, at once (16)", NULL },
	{ 0, "pause", "TIME", set_pause, "between two connections to a host (1s)", NULL },
	{ 0, "repeat", "N", set_repeat, "walk N times, --parallel at once; only for", NULL },
	{ 0, "i-run-this-server", NULL, set_own_server, "it is yours: may be repeated, nothing is counted", NULL },
	{ 0, "isolate", NULL, set_isolate, "of what fails, find what makes the difference", NULL },
	{ 0, "isolate-max", "N", set_isolate_max, "with N more connections at most (4)", NULL },
	{ 0, "mtu-trial", "WHEN", set_mtu_trial, "small packets against large: hang, always, never", NULL },

	{ 0, "json", NULL, set_json, "one JSON document on standard output", "What is told" },
	{ 0, "jsonl", NULL, set_jsonl, "one JSON line for each target", NULL },
	{ 0, "report-junit", "FILE", set_report_junit, "also write JUnit's XML to FILE (-: stdout)", NULL },
	{ 0, "report-tap", "FILE", set_report_tap, "also write TAP", NULL },
	{ 0, "report-prometheus", "FILE", set_report_prometheus, "also write metrics for Prometheus", NULL },
	{ 0, "report-html", "FILE", set_report_html, "also write a page that needs no network", NULL },
	{ 0, "report-jsonl", "FILE", set_report_jsonl, "also write a JSON line for each row", NULL },
	{ 0, "exit-style", "STYLE", set_exit_style, "mxprobe (default), or nagios: 0 to 3 and a line", NULL },
	{ 0, "history", "FILE", option_history, "record the run in FILE (see mxprobe history)", NULL },
	{ 0, "no-history", NULL, set_no_history, "record nothing", NULL },
	{ 0, "codebook", "FILE", set_codebook, "what replies mean: a file, or a folder", NULL },
	{ 0, "color", "WHEN", set_color, "auto (default; NO_COLOR), always, never", NULL },
	{ 'n', "dry-run", NULL, set_dry_run, "show the plan, connect to nobody", NULL },
	{ 0, "mta", "NAME[:FILE]", set_mta, "what postfix, exim ... would do (implies -n)", NULL },
	{ 0, "print-scenario", NULL, set_print_scenario, "print this run as a file for mxprobe run", NULL },
	{ 'q', "quiet", NULL, set_quiet, "no progress, no report: exit status only", NULL },
	{ 'v', "verbose", NULL, set_verbose, "the whole dialogue, TLS, TCP and DNS", NULL },
	{ 'h', "help", NULL, NULL, "this text", NULL },
	{ 'V', "version", NULL, NULL, "version", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};
