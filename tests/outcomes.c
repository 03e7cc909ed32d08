#include "tests/outcomes.h"

#include <assert.h>
#include <stdlib.h>

#include "probe/smtp/reply_parser.h"

/* ---- bricks */

static struct ip sample_ip(const char *text)
{
	struct ip ip;

	if (!ip_parse(span_of(text), &ip))
		abort();
	return ip;
}

static struct sample *sample_open(struct arena *arena, const char *domain)
{
	struct sample *sample = arena_new(arena, struct sample);
	struct outcome *outcome = &sample->outcome;

	sample->arena = arena;
	sample->target = (struct target){ .text = span_of(domain),
		.domain = span_of(domain),
		.domain_shown = span_of(domain),
		.port = 25 };
	for (size_t i = 0; i < SAMPLE_ROOM; i++)
		sample->visit_list[i] = &sample->visits[i];
	*outcome = (struct outcome){ .target = &sample->target,
		.answers = answers_open(arena),
		.mx_asked = true,
		.exchangers = sample->exchangers,
		.paths = sample->paths,
		.visits = sample->visit_list,
		.wanted = { true, true },
		.goal = STAGE_TLS };
	sample->judgement = (struct judgement){ .visits = sample->judged,
		.findings = sample->findings,
		.comparison = COMPARE_SAME };
	return sample;
}

static void sample_exchanger(struct sample *sample, unsigned preference,
	const char *host)
{
	size_t at = sample->outcome.exchanger_count++;

	sample->exchangers[at] = (struct exchanger){ .preference = preference,
		.host = span_of(host),
		.a_count = 1,
		.aaaa_count = 1 };
}

static struct path *sample_path(struct sample *sample, unsigned preference,
	const char *host, const char *remote)
{
	struct path *path = &sample->paths[sample->outcome.path_count++];

	*path = (struct path){ .domain = sample->target.domain,
		.host = span_of(host),
		.preference = preference,
		.remote = sample_ip(remote),
		.port = 25 };
	path->family = path->remote.family;
	return path;
}

static struct visit *sample_visit(struct sample *sample,
	const struct path *path, const char *source)
{
	size_t at = sample->outcome.visit_count++;
	struct visit *visit = &sample->visits[at];

	sample->judgement.visit_count = at + 1;
	*visit = (struct visit){ .path = path,
		.state = VISIT_WALKED,
		.wall_ms = 1795000385123,
		.last = STAGE_CONNECT,
		.ehlo_name = SPAN("probe.example.org") };
	if (source)
		visit->source = (struct source){ .is_known = true,
			.ip = sample_ip(source),
			.port = 40025,
			.interface = SPAN("eth0") };
	visit->source.kind = ip_kind(&visit->source.ip);
	sample->judged[at] = (struct visit_judgement){ .visit = visit };
	return visit;
}

static struct event *sample_event(struct sample *sample, struct visit *visit,
	uint64_t us, enum event_kind kind, enum stage stage)
{
	visit->last = stage;
	visit->ended_ns = visit->began_ns + us * 1000;
	return transcript_add(&visit->transcript, sample->arena, us * 1000,
		kind, stage);
}

static const struct reply *sample_reply(struct sample *sample,
	struct span bytes)
{
	struct reply_parser parser;
	const struct reply *reply = NULL;
	const char *why = "";

	reply_parser_init(&parser, sample->arena);
	if (reply_parse(&parser, &bytes, &reply, &why) != PARSE_DONE)
		abort();
	return reply;
}

static void sample_connect(struct sample *sample, struct visit *visit,
	uint64_t us)
{
	sample_event(sample, visit, us, EVENT_CONNECTED, STAGE_CONNECT);
	visit->reached[STAGE_CONNECT] = true;
}

static void sample_say(struct sample *sample, struct visit *visit,
	enum stage stage, const char *line)
{
	uint64_t us = visit->ended_ns / 1000 + 10;
	struct event *event =
		sample_event(sample, visit, us, EVENT_SAID, stage);

	event->said = span_of(line);
	if (stage == STAGE_DOT)
		event->message_size = 1234;
}

/* 17 ms later. */
static const struct reply *sample_hear(struct sample *sample,
	struct visit *visit, enum stage stage, struct span bytes)
{
	const struct reply *reply = sample_reply(sample, bytes);
	uint64_t us = visit->ended_ns / 1000 + 17000;

	sample_event(sample, visit, us, EVENT_HEARD, stage)->heard = reply;
	visit->reached[stage] = reply->code < 400;
	return reply;
}

static struct fault *sample_fault(struct sample *sample, struct visit *visit,
	enum failure failure, enum stage stage, const char *why)
{
	struct fault *fault = arena_new(sample->arena, struct fault);
	uint64_t us = visit->ended_ns / 1000;

	*fault = (struct fault){ .failure = failure,
		.stage = stage,
		.why = span_of(why) };
	sample_event(sample, visit, us, EVENT_FAULT, stage)->fault = fault;
	visit->reached[stage] = false;
	visit->fault = fault;
	return fault;
}

static void sample_refuse(struct sample *sample, struct visit *visit,
	enum stage stage, struct span bytes)
{
	const struct reply *reply = sample_hear(sample, visit, stage, bytes);

	sample_fault(sample, visit,
		reply->code < 500 ? FAILURE_SMTP_4XX : FAILURE_SMTP_5XX, stage,
		"the server refused")->reply = reply;
}

static struct finding *sample_finding(struct sample *sample, const char *id,
	enum severity severity, const char *title)
{
	size_t at = sample->judgement.finding_count++;

	sample->findings[at] = (struct finding){ .id = span_of(id),
		.severity = severity,
		.blame = BLAME_OURS,
		.title = span_of(title) };
	return &sample->findings[at];
}

/* ---- walks */

static const struct step sample_steps[] = {
	{ .verb = STEP_CONNECT },
	{ .verb = STEP_BANNER },
	{ .verb = STEP_EHLO, .argument = { "probe.example.org", 17 } },
	{ .verb = STEP_STARTTLS },
	{ .verb = STEP_EHLO, .argument = { "probe.example.org", 17 } },
	{ .verb = STEP_MAIL, .argument = { "probe@example.org", 17 } },
	{ .verb = STEP_RCPT, .argument = { "me@gmail.com", 12 } },
	{ .verb = STEP_DATA },
	{ .verb = STEP_DOT },
	{ .verb = STEP_QUIT },
};
static const struct scenario sample_delivery = {
	.steps = sample_steps, .step_count = COUNT_OF(sample_steps),
};

/* The same without an envelope: to the EHLO inside TLS, and goodbye. */
static const struct step sample_short_steps[] = {
	{ .verb = STEP_CONNECT },
	{ .verb = STEP_BANNER },
	{ .verb = STEP_EHLO },
	{ .verb = STEP_STARTTLS },
	{ .verb = STEP_EHLO },
	{ .verb = STEP_QUIT },
};
static const struct scenario sample_greeting = {
	.steps = sample_short_steps,
	.step_count = COUNT_OF(sample_short_steps),
};

static const struct session *sample_session(struct sample *sample,
	const char *name)
{
	struct session *tls = arena_new(sample->arena, struct session);
	struct certificate *leaf = arena_new(sample->arena, struct certificate);
	struct span *names = arena_take(sample->arena, 2 * sizeof(*names));

	names[0] = span_of(name);
	names[1] = SPAN("*.example");
	*leaf = (struct certificate){ .subject = SPAN("CN=mx.google.com"),
		.issuer = SPAN("CN=WR2,O=Trust Services,C=US"),
		.names = names,
		.name_count = 2,
		.not_before = 1790000000,
		.not_after = 1797776000,
		.key_type = SPAN("EC"),
		.key_bits = 256,
		.signature = SPAN("ecdsa-with-SHA256"),
		.sha256 = { 0xab, 1 },
		.spki_sha256 = { 0xcd, 2 } };
	*tls = (struct session){ .version = SPAN("TLSv1.3"),
		.cipher = SPAN("TLS_AES_256_GCM_SHA384"),
		.cipher_bits = 256,
		.group = SPAN("x25519"),
		.peer_signature = SPAN("ECDSA-SHA256"),
		.sni = span_of(name),
		.chain = leaf,
		.chain_count = 1,
		.checked_name = span_of(name),
		.name_matches = true,
		.is_trusted = true,
		.handshake_us = 21000 };
	return tls;
}

static void sample_ehlo(struct sample *sample, struct visit *visit)
{
	const struct reply *reply;

	sample_say(sample, visit, STAGE_EHLO, "EHLO probe.example.org\r\n");
	reply = sample_hear(sample, visit, STAGE_EHLO,
		SPAN("250-mx.google.com at your service\r\n"
		     "250-SIZE 157286400\r\n250-STARTTLS\r\n"
		     "250 ENHANCEDSTATUSCODES\r\n"));
	ehlo_parse(sample->arena, reply, &visit->ehlo);
	visit->has_ehlo = true;
}

/* As far as the EHLO inside TLS. */
static void sample_greet(struct sample *sample, struct visit *visit)
{
	const struct session *tls =
		sample_session(sample, "mx.gmail-like.example");
	uint64_t us;

	visit->scenario = &sample_greeting;
	sample_connect(sample, visit, visit->path->family == FAMILY_IPV4 ?
		18000 : 17000);
	sample_hear(sample, visit, STAGE_BANNER,
		SPAN("220 mx.google.com ESMTP ready\r\n"));
	sample_ehlo(sample, visit);
	sample_say(sample, visit, STAGE_STARTTLS, "STARTTLS\r\n");
	sample_hear(sample, visit, STAGE_STARTTLS,
		SPAN("220 2.0.0 Ready to start TLS\r\n"));
	us = visit->ended_ns / 1000 + 21000;
	sample_event(sample, visit, us, EVENT_TLS, STAGE_TLS)->tls = tls;
	visit->reached[STAGE_TLS] = true;
	visit->tls = tls;
	sample_ehlo(sample, visit);
}

/* What a sender that honours DANE found: a record that fits, or not. */
static void sample_dane(struct sample *sample, size_t at,
	struct span text, bool fits)
{
	struct visit *visit = &sample->visits[at];
	struct path *path = &sample->paths[at];
	struct dane *dane = arena_new(sample->arena, struct dane);
	struct span *records = arena_new(sample->arena, struct span);
	struct session *tls = arena_new(sample->arena, struct session);
	struct tlsa_verdict *verdict = arena_new(
		sample->arena, struct tlsa_verdict);
	struct tlsa_fact *fact = arena_new(sample->arena, struct tlsa_fact);

	path->dane = dane;
	*records = fits ? SPAN("3 1 1 cd02") : text;
	*dane = (struct dane){ .state = DANE_BINDING,
		.base = path->host,
		.records = records,
		.count = 1,
		.why = fits ? SPAN("") : text };
	*fact = (struct tlsa_fact){ .tlsa = { 3, 1, 1, SPAN("\xcd\x02") },
		.is_match = fits,
		.fits_at = fits ? 0 : -1,
		.hint = fits ? SPAN("") : text };
	*verdict = (struct tlsa_verdict){
		.result = fits ? TLSA_MATCHES : TLSA_NO_MATCH,
		.code = fits ? 0 : 65,
		.depth = fits ? 0 : -1,
		.records = fact,
		.count = 1,
		.publish = SPAN("3 1 1 cd02"),
		.why = fits ? SPAN("") : text
	};
	*tls = *visit->tls;
	tls->tlsa = verdict;
	visit->tls = tls;
}

static void sample_end(struct sample *sample, struct visit *visit)
{
	sample_say(sample, visit, STAGE_QUIT, "QUIT\r\n");
	sample_hear(sample, visit, STAGE_QUIT, SPAN("221 2.0.0 bye\r\n"));
	sample_event(sample, visit, visit->ended_ns / 1000, EVENT_CLOSED,
		STAGE_QUIT);
	visit->tcp = (struct tcp_facts){ .is_known = true,
		.rtt_us = 17200,
		.rtt_var_us = 800,
		.send_mss = 1440,
		.receive_mss = 1440,
		.path_mtu = 1500,
		.acked = 2345 };
}

/* As far as the 354. */
static void sample_envelope(struct sample *sample, struct visit *visit)
{
	visit->scenario = &sample_delivery;
	sample_say(sample, visit, STAGE_MAIL,
		"MAIL FROM:<probe@example.org>\r\n");
	sample_hear(sample, visit, STAGE_MAIL, SPAN("250 2.1.0 OK\r\n"));
	sample_say(sample, visit, STAGE_RCPT, "RCPT TO:<me@gmail.com>\r\n");
	sample_hear(sample, visit, STAGE_RCPT, SPAN("250 2.1.5 OK\r\n"));
	sample_say(sample, visit, STAGE_DATA, "DATA\r\n");
	sample_hear(sample, visit, STAGE_DATA, SPAN("354 Go ahead\r\n"));
	sample_say(sample, visit, STAGE_DOT, "");
}

/* ---- whole samples */

#define SAMPLE_HOST "mx.gmail-like.example"

static const struct codebook_row sample_row = {
	.id = { "google.not-authorized", 21 },
	.provider = { "google", 6 },
	.policy = { "ip-range", 8 },
};

static struct span sample_refusal(void)
{
	return SPAN("550-5.7.1 [2001:db8:25::25] The IP you're using to send "
		"mail is not\r\n"
		"550-5.7.1 authorized to send email directly to our servers. "
		"Please use the SMTP\r\n"
		"550-5.7.1 relay at your service provider instead. For more "
		"information, go to\r\n"
		"550 5.7.1  https://support.google.com/mail/"
		"?p=NotAuthorizedError m18-20020a17 - gsmtp\r\n");
}

static void sample_answers(struct sample *sample)
{
	static const struct span mx[] = { { "10 " SAMPLE_HOST, 24 } };
	static const struct answer found = { .kind = ANSWER_DATA,
		.secure = true,
		.values = mx,
		.value_count = 1,
		.ttl = 300,
		.rtt_us = 12000,
		.server = { "192.0.2.53", 10 } };
	static const struct answer failed = { .kind = ANSWER_SERVFAIL,
		.why = { "signature expired", 17 } };

	answers_put(sample->outcome.answers, sample->target.domain, RR_MX,
		&found);
	answers_put(sample->outcome.answers, SPAN(SAMPLE_HOST), RR_TLSA,
		&failed);
}

static void sample_demo_findings(struct sample *sample)
{
	static const struct evidence for_it[] = {
		{ { "the same message was accepted over IPv4", 39 }, NULL },
		{ { "the reply names our own address", 31 }, NULL },
	};
	static const struct evidence against[] = {
		{ { "PTR and forward match pass on IPv6: ruled out", 45 },
			NULL },
	};
	struct finding *cause = sample_finding(sample,
		"google.not-authorized", SEVERITY_FAIL,
		"policy on the IP range");

	cause->policy = SPAN("ip-range");
	cause->has_family = true;
	cause->family = FAMILY_IPV6;
	cause->stage = STAGE_DOT;
	cause->meaning = SPAN("Google takes no mail from this range.");
	cause->remedy = SPAN("ask the provider of 2001:db8:25::/48 to have "
		"the range cleared, or send to Google over IPv4 only (Postfix "
		"master.cf: smtp ... -o inet_protocols=ipv4)");
	cause->reference = SPAN("https://support.google.com/mail/answer/81126");
	cause->for_it = for_it;
	cause->for_count = COUNT_OF(for_it);
	cause->against = against;
	cause->against_count = COUNT_OF(against);
	sample_finding(sample, "mx.one-network", SEVERITY_INFO,
		"both exchangers are in one network")->stage =
		STAGE_RESOLVE;
}

static void sample_ptr(struct visit *visit, const char *name)
{
	visit->fcrdns = FCRDNS_CONFIRMED;
	visit->ptr_name = span_of(name);
}

/* Accepted over IPv4; over IPv6 refused at the end of DATA. */
static struct sample *sample_demo(struct arena *arena)
{
	struct sample *sample = sample_open(arena, "gmail.com");
	struct judgement *judgement = &sample->judgement;
	struct visit *old, *new;

	sample_exchanger(sample, 10, SAMPLE_HOST);
	sample_exchanger(sample, 20, "alt1.gmail-like.example");
	old = sample_visit(sample, sample_path(sample, 10, SAMPLE_HOST,
		"198.51.100.25"), "203.0.113.25");
	new = sample_visit(sample, sample_path(sample, 10, SAMPLE_HOST,
		"2001:db8:100::25"), "2001:db8:25::25");
	sample_path(sample, 20, "alt1.gmail-like.example",
		"198.51.100.26")->left_out = SPAN("not the best MX (--mx all)");
	sample_answers(sample);
	sample_greet(sample, old);
	sample_envelope(sample, old);
	sample_hear(sample, old, STAGE_DOT,
		SPAN("250 2.0.0 OK 1795000385 m18-20020a17 - gsmtp\r\n"));
	old->token = SPAN("m18-20020a17");
	sample_end(sample, old);
	sample_ptr(old, "mail4.example.org");
	sample_greet(sample, new);
	sample_envelope(sample, new);
	sample_refuse(sample, new, STAGE_DOT, sample_refusal());
	sample_end(sample, new);
	new->last = STAGE_DOT;
	sample_ptr(new, "mail6.example.org");
	sample->outcome.goal = STAGE_DOT;
	sample->judged[1].verdict = VERDICT_FAIL;
	sample->judged[1].row = &sample_row;
	judgement->verdict = VERDICT_FAIL;
	judgement->families[FAMILY_IPV6] = VERDICT_FAIL;
	judgement->comparison = COMPARE_FAMILY_SPECIFIC;
	judgement->is_parted = true;
	judgement->parted = STAGE_DOT;
	judgement->worse = FAMILY_IPV6;
	sample_demo_findings(sample);
	return sample;
}

/* Green as far as it went; this host has no IPv6. */
static struct sample *sample_no_ipv6(struct arena *arena)
{
	struct sample *sample = sample_open(arena, "xn--bcher-kva.example");
	struct judgement *judgement = &sample->judgement;
	struct visit *old, *new;

	sample->target.text = SPAN("b\xc3\xbc" "cher.example");
	sample->target.domain_shown = SPAN("b\xc3\xbc" "cher.example");
	sample_exchanger(sample, 10, SAMPLE_HOST);
	old = sample_visit(sample, sample_path(sample, 10, SAMPLE_HOST,
		"198.51.100.25"), "10.1.2.3");
	new = sample_visit(sample, sample_path(sample, 10, SAMPLE_HOST,
		"2001:db8:100::25"), NULL);
	sample_greet(sample, old);
	sample_end(sample, old);
	old->fcrdns = FCRDNS_NO_NAME;
	new->state = VISIT_NOT_APPLICABLE;
	new->why_not = SPAN("no IPv6 route");
	sample->judged[1].verdict = VERDICT_NA;
	judgement->families[FAMILY_IPV6] = VERDICT_NA;
	judgement->family_why[FAMILY_IPV6] = SPAN("no IPv6 route");
	judgement->comparison = COMPARE_INCONCLUSIVE;
	judgement->comparison_why = SPAN("only IPv4 got an answer");
	judgement->stopped_before_data = true;
	return sample;
}

/* Only IPv6 was asked for, from a temporary ULA; the banner never came. */
static struct sample *sample_only_ipv6(struct arena *arena)
{
	struct sample *sample = sample_open(arena, "slow.example");
	struct judgement *judgement = &sample->judgement;
	struct visit *visit;

	sample->outcome.wanted[FAMILY_IPV4] = false;
	sample_exchanger(sample, 0, "slow.example");
	sample->exchangers[0].is_implicit = true;
	visit = sample_visit(sample, sample_path(sample, 0, "slow.example",
		"2001:db8:9::1"), "fd00::25");
	visit->source.is_temporary = true;
	visit->source.is_deprecated = true;
	visit->scenario = &sample_greeting;
	sample_connect(sample, visit, 180);
	sample_fault(sample, visit, FAILURE_TIMEOUT, STAGE_BANNER,
		"no banner within 40 s");
	sample->judged[0].verdict = VERDICT_FAIL;
	judgement->verdict = VERDICT_FAIL;
	judgement->families[FAMILY_IPV6] = VERDICT_FAIL;
	judgement->comparison = COMPARE_INCONCLUSIVE;
	return sample;
}

/* No path at all. */
static struct sample *sample_no_dns(struct arena *arena,
	enum failure failure, enum verdict verdict)
{
	struct sample *sample = sample_open(arena, "lost.example");
	struct fault *fault = arena_new(arena, struct fault);

	*fault = (struct fault){ .failure = failure,
		.stage = STAGE_RESOLVE,
		.why = SPAN("MX lost.example, asked of 192.0.2.53") };
	sample->outcome.fault = fault;
	sample->judgement.verdict = verdict;
	sample->judgement.families[FAMILY_IPV4] = verdict;
	sample->judgement.families[FAMILY_IPV6] = verdict;
	sample->judgement.comparison = COMPARE_INCONCLUSIVE;
	return sample;
}

#define HOSTILE "\x1b[2J\x1b]0;owned\x07 \xe2\x80\xae" "evil\xc2\x9b" "31m \xff"

/* Every byte that a peer may choose is meant to do harm. */
static struct sample *sample_hostile(struct arena *arena)
{
	static const struct span values[] = {
		{ HOSTILE "\0tail", sizeof(HOSTILE "\0tail") - 1 },
	};
	static const struct answer answer = { .kind = ANSWER_DATA,
		.values = values,
		.value_count = 1,
		.why = { HOSTILE, sizeof(HOSTILE) - 1 } };
	struct sample *sample = sample_open(arena, "hostile.example");
	struct visit *old, *new;
	struct finding *finding;

	sample_exchanger(sample, 10, HOSTILE);
	old = sample_visit(sample, sample_path(sample, 10, HOSTILE,
		"198.51.100.66"), "203.0.113.25");
	new = sample_visit(sample, sample_path(sample, 10, HOSTILE,
		"2001:db8:66::66"), "2001:db8:25::25");
	old->scenario = new->scenario = &sample_greeting;
	answers_put(sample->outcome.answers, SPAN("hostile.example"), RR_TXT,
		&answer);
	sample_connect(sample, old, 900);
	sample_refuse(sample, old, STAGE_BANNER,
		SPAN("554-5.7.1 " HOSTILE "\r\n554 5.7.1 a\0b\rc\n"));
	sample_ptr(old, HOSTILE);
	sample_connect(sample, new, 12345678);
	sample_fault(sample, new, FAILURE_SMTP_SYNTAX, STAGE_BANNER,
		"the banner is not a reply: " HOSTILE)->garbled =
		SPAN("SSH-2.0 " HOSTILE "\0\r\n");
	sample->judged[0].verdict = VERDICT_FAIL;
	sample->judged[1].verdict = VERDICT_FAIL;
	sample->judgement.verdict = VERDICT_FAIL;
	sample->judgement.families[FAMILY_IPV4] = VERDICT_FAIL;
	sample->judgement.families[FAMILY_IPV6] = VERDICT_FAIL;
	finding = sample_finding(sample, "smtp.refused", SEVERITY_FAIL,
		HOSTILE);
	finding->remedy = SPAN(HOSTILE);
	finding->stage = STAGE_BANNER;
	new->tls = sample_session(sample, HOSTILE);
	sample_dane(sample, 1, SPAN(HOSTILE), false);
	return sample;
}

/* --mx all: three hosts, one of them with two addresses of a family. */
static struct sample *sample_hosts(struct arena *arena)
{
	static const char *const hosts[] = { "mx1.example", "mx2.example",
		"mx3.example" };
	struct sample *sample = sample_open(arena, "many.example");
	struct judgement *judgement = &sample->judgement;
	struct visit *visit;
	struct fault *fault;

	for (unsigned i = 0; i < COUNT_OF(hosts); i++)
		sample_exchanger(sample, 10 + i, hosts[i]);
	sample->exchangers[2].aaaa = ANSWER_NONE;
	sample->exchangers[2].aaaa_count = 0;
	sample_greet(sample, sample_visit(sample, sample_path(sample, 10,
		hosts[0], "198.51.100.1"), "203.0.113.25"));
	sample_greet(sample, sample_visit(sample, sample_path(sample, 10,
		hosts[0], "2001:db8:1::1"), "2001:db8:25::25"));
	sample_greet(sample, sample_visit(sample, sample_path(sample, 10,
		hosts[0], "198.51.100.2"), "203.0.113.25"));
	sample_dane(sample, 0, SPAN(""), true);
	sample_dane(sample, 1,
		SPAN("no TLSA record fits the certificate that the server "
		     "sent"), false);
	visit = sample_visit(sample, sample_path(sample, 11, hosts[1],
		"198.51.100.3"), NULL);
	fault = sample_fault(sample, visit, FAILURE_ADMIN_PROHIBITED,
		STAGE_CONNECT, "a firewall on the way forbids it");
	fault->icmp = (struct icmp_error){ .is_known = true,
		.type = 3,
		.code = 13,
		.has_offender = true,
		.offender = sample_ip("192.0.2.254") };
	sample->judged[3].verdict = VERDICT_FAIL;
	visit = sample_visit(sample, sample_path(sample, 11, hosts[1],
		"2001:db8:2::1"), "2001:db8:25::25");
	sample_greet(sample, visit);
	sample_visit(sample, sample_path(sample, 12, hosts[2],
		"198.51.100.4"), NULL)->state = VISIT_PLANNED;
	sample->judged[5].verdict = VERDICT_UNKNOWN;
	sample->outcome.visits[0]->path = &sample->paths[0];
	judgement->verdict = VERDICT_WARN;
	judgement->families[FAMILY_IPV4] = VERDICT_WARN;
	judgement->comparison = COMPARE_HOST_SPECIFIC;
	judgement->comparison_why = SPAN("mx2.example differs from the rest");
	sample_finding(sample, "path.prohibited", SEVERITY_WARN,
		"a firewall forbids port 25")->blame = BLAME_PATH;
	sample_finding(sample, "mx.loopback", SEVERITY_WARN,
		"an MX leads to a loopback address")->confidence = SUSPECTED;
	return sample;
}

#define LONG_WORD "https://postmaster.example/why/abcdefghijklmnopqrstuvwxyz/" \
	"0123456789/ABCDEFGHIJKLMNOPQRSTUVWXYZ/0123456789/abcdefghijklm/end"

/* In clear and put off with a long word; a certificate for another name. */
static struct sample *sample_put_off(struct arena *arena)
{
	struct sample *sample = sample_open(arena, "put-off.example");
	struct session *tls;
	struct visit *old, *new;

	sample_exchanger(sample, 10, "mx.put-off.example");
	old = sample_visit(sample, sample_path(sample, 10,
		"mx.put-off.example", "198.51.100.7"), "203.0.113.25");
	old->scenario = &sample_delivery;
	sample_connect(sample, old, 18000);
	sample_hear(sample, old, STAGE_BANNER, SPAN("220 mx.example\r\n"));
	sample_say(sample, old, STAGE_EHLO, "HELO probe.example.org\r\n");
	sample_hear(sample, old, STAGE_EHLO, SPAN("250 mx.example\r\n"));
	old->used_helo = old->has_ehlo = true;
	sample_say(sample, old, STAGE_MAIL, "MAIL FROM:<>\r\n");
	sample_hear(sample, old, STAGE_MAIL, SPAN("250 OK\r\n"));
	sample_say(sample, old, STAGE_RCPT, "RCPT TO:<a@b.example>\r\n");
	sample_refuse(sample, old, STAGE_RCPT,
		SPAN("451 4.7.1 Greylisted, see " LONG_WORD "\r\n"));
	old->fcrdns = FCRDNS_NOT_CONFIRMED;
	old->ptr_name = SPAN("mail4.example.org");
	new = sample_visit(sample, sample_path(sample, 10,
		"mx.put-off.example", "2001:db8:7::7"), "2001:db8:25::25");
	sample_greet(sample, new);
	new->scenario = &sample_delivery;
	tls = arena_new(arena, struct session);
	*tls = *new->tls;
	tls->name_matches = tls->is_trusted = false;
	tls->is_expired = true;
	tls->verify_code = 10;
	tls->verify_why = SPAN("certificate has expired");
	new->tls = tls;
	sample_fault(sample, new, FAILURE_TLS_VERIFY, STAGE_TLS,
		"the certificate has expired");
	new->fcrdns = FCRDNS_UNKNOWN;
	sample->judged[0].verdict = VERDICT_UNKNOWN;
	sample->judged[1].verdict = VERDICT_FAIL;
	sample->judgement.verdict = VERDICT_FAIL;
	sample->judgement.families[FAMILY_IPV4] = VERDICT_UNKNOWN;
	sample->judgement.families[FAMILY_IPV6] = VERDICT_FAIL;
	return sample;
}
