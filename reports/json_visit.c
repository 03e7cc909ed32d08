#include "reports/json_visit.h"

#include <time.h>

#include "probe/base/clock.h"
#include "reports/json_identity.h"
#include "reports/json_tcp.h"

const char *json_family(enum family family)
{
	return family == FAMILY_IPV4 ? "ipv4" : "ipv6";
}

static void put_ip(struct json_writer *json, const char *key,
	const struct ip *ip)
{
	char room[IP_TEXT_MAX];

	writer_put_word(json, key, ip_print(ip, room));
}

static void put_hex(struct json_writer *json, const char *key,
	struct span bytes)
{
	writer_key(json, key);
	writer_hex(json, bytes);
}

/* ---- replies and faults */

/* clang-format off */
static const struct oddity {
	unsigned bit;
	const char *word;
} oddities[] = {
	{ REPLY_BARE_LF,        "bare-lf" },
	{ REPLY_BARE_CR,        "bare-cr" },
	{ REPLY_CONTROL,        "control" },
	{ REPLY_8BIT,           "8bit" },
	{ REPLY_NOT_UTF8,       "not-utf8" },
	{ REPLY_LONG_LINE,      "long-line" },
	{ REPLY_STATUS_VARIES,  "status-varies" },
};
/* clang-format on */

static void put_oddities(struct json_writer *json, const struct reply *reply)
{
	writer_key(json, "oddities");
	writer_begin_array(json);
	for (size_t i = 0; i < COUNT_OF(oddities); i++)
		if (reply->oddities & oddities[i].bit)
			writer_word(json, oddities[i].word);
	writer_end_array(json);
}

static void put_status(struct json_writer *json, const struct reply *reply)
{
	char room[48];

	if (!reply_has_status(reply)) {
		writer_put_nothing(json, "status");
		return;
	}
	snprintf(room, sizeof(room), "%u.%u.%u", reply->status.class,
		reply->status.subject, reply->status.detail);
	writer_put_word(json, "status", room);
}

/* Members, not an object: an event has them beside its own. */
static void put_reply(struct json_writer *json, const struct reply *reply)
{
	bool is_exact = true;

	writer_put_count(json, "code", reply->code);
	put_status(json, reply);
	writer_key(json, "lines");
	writer_begin_array(json);
	for (size_t i = 0; i < reply->line_count; i++)
		is_exact &= writer_string(json, reply->lines[i]);
	writer_end_array(json);
	put_oddities(json, reply);
	if (!is_exact)
		put_hex(json, "hex", reply->bytes);
}

static void put_icmp(struct json_writer *json, const struct icmp_error *icmp)
{
	if (!icmp->is_known) {
		writer_put_nothing(json, "icmp");
		return;
	}
	writer_key(json, "icmp");
	writer_begin_object(json);
	writer_put_count(json, "type", icmp->type);
	writer_put_count(json, "code", icmp->code);
	if (icmp->has_offender)
		put_ip(json, "offender", &icmp->offender);
	else
		writer_put_nothing(json, "offender");
	writer_end_object(json);
}

/* The stage stands beside these: an event and a fault both have one. */
static void put_fault(struct json_writer *json, const struct fault *fault)
{
	writer_put_word(json, "failure", failure_word(fault->failure));
	writer_put(json, "why", fault->why);
	if (fault->reply) {
		writer_key(json, "reply");
		writer_begin_object(json);
		put_reply(json, fault->reply);
		writer_end_object(json);
	} else {
		writer_put_nothing(json, "reply");
	}
	if (fault->garbled.len)
		put_hex(json, "garbled", fault->garbled);
	else
		writer_put_nothing(json, "garbled");
	put_icmp(json, &fault->icmp);
}

void json_fault(struct json_writer *json, const struct fault *fault)
{
	if (!fault) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_word(json, "stage", stage_word(fault->stage));
	put_fault(json, fault);
	writer_end_object(json);
}

/* ---- who met whom */

static void put_date(struct json_writer *json, const char *key,
	int64_t wall_ms)
{
	struct arena *arena = arena_open();

	writer_put(json, key, clock_text(arena, wall_ms));
	arena_close(arena);
}

static void put_path(struct json_writer *json, const struct path *path)
{
	writer_put(json, "host", path->host);
	writer_put_count(json, "preference", path->preference);
	writer_put_word(json, "family", json_family(path->family));
	put_ip(json, "address", &path->remote);
	writer_put_count(json, "port", path->port);
}

static void put_source(struct json_writer *json, const struct source *source)
{
	if (!source->is_known) {
		writer_put_nothing(json, "source");
		return;
	}
	writer_key(json, "source");
	writer_begin_object(json);
	put_ip(json, "address", &source->ip);
	writer_put_count(json, "port", source->port);
	writer_put_word(json, "kind", ip_kind_word(source->kind));
	writer_put_claim(json, "deprecated", source->is_deprecated);
	writer_put_claim(json, "temporary", source->is_temporary);
	writer_put(json, "interface", source->interface);
	writer_end_object(json);
}

/* ---- how it went */

static bool is_begun(const struct visit *visit, enum stage stage)
{
	const struct transcript *transcript = &visit->transcript;

	if (visit->state != VISIT_WALKED)
		return false;
	if (visit->reached[stage] || visit->last == stage)
		return true;
	for (size_t i = 0; i < transcript->count; i++)
		if (transcript->events[i].stage == stage)
			return true;
	return false;
}

static void put_stages(struct json_writer *json, const struct visit *visit)
{
	writer_key(json, "stages");
	writer_begin_object(json);
	for (int i = STAGE_CONNECT; i < STAGE_COUNT; i++) {
		enum stage stage = (enum stage)i;

		if (!is_begun(visit, stage))
			continue;
		writer_key(json, stage_word(stage));
		writer_begin_object(json);
		writer_put_claim(json, "ok", visit->reached[stage]);
		writer_put_count(json, "us",
			visit_stage_ns(visit, stage) / 1000);
		writer_end_object(json);
	}
	writer_end_object(json);
	writer_put_word(json, "last_stage", stage_word(visit->last));
}

static void put_meaning(struct json_writer *json,
	const struct codebook_row *row)
{
	if (!row) {
		writer_put_nothing(json, "meaning");
		return;
	}
	writer_key(json, "meaning");
	writer_begin_object(json);
	writer_put(json, "id", row->id);
	writer_put(json, "policy", row->policy);
	writer_put(json, "provider", row->provider);
	writer_end_object(json);
}

static void put_keywords(struct json_writer *json, const struct ehlo *ehlo)
{
	writer_key(json, "keywords");
	writer_begin_array(json);
	for (size_t i = 0; i < ehlo->keyword_count; i++) {
		writer_begin_object(json);
		writer_put(json, "word", ehlo->keywords[i].word);
		writer_put(json, "parameters", ehlo->keywords[i].parameters);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_ehlo(struct json_writer *json, const struct visit *visit)
{
	const struct ehlo *ehlo = &visit->ehlo;

	if (!visit->has_ehlo) {
		writer_put_nothing(json, "ehlo");
		return;
	}
	writer_key(json, "ehlo");
	writer_begin_object(json);
	writer_put(json, "domain", ehlo->domain);
	writer_put(json, "greeting", ehlo->greeting);
	if (ehlo->has_echo)
		put_ip(json, "echo", &ehlo->echo);
	else
		writer_put_nothing(json, "echo");
	put_keywords(json, ehlo);
	writer_end_object(json);
}

/* ---- TLS and TCP */

/* A certificate may claim any year; what no calendar has is written 0. */
static void put_second(struct json_writer *json, const char *key,
	int64_t second)
{
	time_t time = (time_t)second;
	struct tm date;
	char room[64];

	if (!gmtime_r(&time, &date) || date.tm_year > 9999 - 1900 ||
		date.tm_year < -1900)
		gmtime_r(&(time_t){ 0 }, &date);
	snprintf(room, sizeof(room), "%04d-%02d-%02dT%02d:%02d:%02dZ",
		date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
		date.tm_hour, date.tm_min, date.tm_sec);
	writer_put_word(json, key, room);
}

static struct span digest(const uint8_t bytes[static 32])
{
	return (struct span){ (const char *)bytes, 32 };
}

static void put_certificate(struct json_writer *json,
	const struct certificate *certificate)
{
	writer_begin_object(json);
	writer_put(json, "subject", certificate->subject);
	writer_put(json, "issuer", certificate->issuer);
	writer_key(json, "names");
	writer_begin_array(json);
	for (size_t i = 0; i < certificate->name_count; i++)
		writer_string(json, certificate->names[i]);
	writer_end_array(json);
	put_second(json, "not_before", certificate->not_before);
	put_second(json, "not_after", certificate->not_after);
	writer_put(json, "key_type", certificate->key_type);
	writer_put_count(json, "key_bits", certificate->key_bits);
	writer_put(json, "signature", certificate->signature);
	put_hex(json, "sha256", digest(certificate->sha256));
	put_hex(json, "spki_sha256", digest(certificate->spki_sha256));
	writer_end_object(json);
}

static void put_trust(struct json_writer *json, const struct session *tls)
{
	writer_put(json, "checked_name", tls->checked_name);
	writer_put_claim(json, "name_matches", tls->name_matches);
	writer_put_claim(json, "trusted", tls->is_trusted);
	writer_put_claim(json, "expired", tls->is_expired);
	writer_put_claim(json, "self_signed", tls->is_self_signed);
	writer_key(json, "verify_code");
	writer_whole(json, tls->verify_code);
	writer_put(json, "verify_why", tls->verify_why);
}

static void put_tls(struct json_writer *json, const struct session *tls)
{
	if (!tls) {
		writer_put_nothing(json, "tls");
		return;
	}
	writer_key(json, "tls");
	writer_begin_object(json);
	writer_put(json, "version", tls->version);
	writer_put(json, "cipher", tls->cipher);
	writer_put_count(json, "bits", tls->cipher_bits);
	writer_put(json, "group", tls->group);
	writer_put(json, "peer_signature", tls->peer_signature);
	writer_put(json, "sni", tls->sni);
	put_trust(json, tls);
	writer_put_count(json, "handshake_us", tls->handshake_us);
	writer_key(json, "chain");
	writer_begin_array(json);
	for (size_t i = 0; i < tls->chain_count; i++)
		put_certificate(json, &tls->chain[i]);
	writer_end_array(json);
	writer_end_object(json);
}

/* ---- DANE */

/* Which certificate of the chain; -1: none of them. */
static void put_depth(struct json_writer *json, int depth)
{
	if (depth < 0)
		writer_put_nothing(json, "certificate");
	else
		writer_put_count(json, "certificate", (unsigned)depth);
}

static void put_tlsa(struct json_writer *json, struct arena *arena,
	const struct tlsa_fact *fact)
{
	writer_begin_object(json);
	writer_put(json, "record", tlsa_text(arena, &fact->tlsa));
	writer_put_word(json, "use", tlsa_use_word(fact->use));
	writer_put_claim(json, "matches", fact->is_match);
	put_depth(json, fact->fits_at);
	writer_put_maybe(json, "hint", fact->hint);
	writer_end_object(json);
}

static void put_tlsa_verdict(struct json_writer *json,
	const struct tlsa_verdict *verdict)
{
	struct arena *arena = arena_open();

	writer_key(json, "verdict");
	writer_begin_object(json);
	writer_put_word(json, "result", tlsa_result_word(verdict->result));
	writer_key(json, "code");
	writer_whole(json, verdict->code);
	put_depth(json, verdict->depth);
	writer_put_maybe(json, "why", verdict->why);
	writer_put_maybe(json, "publish", verdict->publish);
	writer_key(json, "records");
	writer_begin_array(json);
	for (size_t i = 0; i < verdict->count; i++)
		put_tlsa(json, arena, &verdict->records[i]);
	writer_end_array(json);
	writer_end_object(json);
	arena_close(arena);
}

static void put_dane(struct json_writer *json, const struct visit *visit)
{
	const struct dane *dane = visit->path->dane;

	if (!dane) {
		writer_put_nothing(json, "dane");
		return;
	}
	writer_key(json, "dane");
	writer_begin_object(json);
	writer_put_word(json, "state", dane_word(dane->state));
	writer_put(json, "base", dane->base);
	writer_put_maybe(json, "why", dane->why);
	writer_key(json, "records");
	writer_begin_array(json);
	for (size_t i = 0; i < dane->count; i++)
		writer_string(json, dane->records[i]);
	writer_end_array(json);
	if (visit->tls && visit->tls->tlsa)
		put_tlsa_verdict(json, visit->tls->tlsa);
	else
		writer_put_nothing(json, "verdict");
	writer_end_object(json);
}

/* ---- what was said */

static void put_particulars(struct json_writer *json,
	const struct event *event)
{
	switch (event->kind) {
	case EVENT_SAID:
		writer_put(json, "text", span_line_text(event->said));
		if (event->stage == STAGE_DOT)
			writer_put_count(json, "message_size",
				event->message_size);
		return;
	case EVENT_HEARD:
		put_reply(json, event->heard);
		return;
	case EVENT_FAULT:
		put_fault(json, event->fault);
		return;
	case EVENT_CONNECTED:
	case EVENT_TLS:
	case EVENT_CLOSED:
		return;
	}
}

static void put_transcript(struct json_writer *json,
	const struct transcript *transcript)
{
	writer_key(json, "transcript");
	writer_begin_array(json);
	for (size_t i = 0; i < transcript->count; i++) {
		const struct event *event = &transcript->events[i];

		writer_begin_object(json);
		writer_put_count(json, "us", event->at_ns / 1000);
		writer_put_word(json, "event", event_word(event->kind));
		writer_put_word(json, "stage", stage_word(event->stage));
		put_particulars(json, event);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_course(struct json_writer *json, const struct visit *visit)
{
	bool is_walked = visit->state == VISIT_WALKED;

	if (is_walked)
		put_date(json, "started", visit->wall_ms);
	else
		writer_put_nothing(json, "started");
	writer_put_count(json, "duration_us",
		is_walked ? (visit->ended_ns - visit->began_ns) / 1000 : 0);
	put_source(json, &visit->source);
	writer_key(json, "identity");
	json_identity(json, visit);
	writer_put(json, "ehlo_name", visit->ehlo_name);
	writer_put_claim(json, "used_helo", visit->used_helo);
	put_stages(json, visit);
}

void json_visit(struct json_writer *json,
	const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;

	writer_begin_object(json);
	writer_put_word(json, "type", "visit");
	put_path(json, visit->path);
	writer_put_word(json, "state", visit_state_word(visit->state));
	writer_put_maybe(json, "why_not", visit->why_not);
	writer_put_word(json, "verdict", verdict_word(judged->verdict));
	put_course(json, visit);
	writer_key(json, "fault");
	json_fault(json, visit->fault);
	put_meaning(json, judged->row);
	put_ehlo(json, visit);
	put_tls(json, visit->tls);
	put_dane(json, visit);
	writer_key(json, "tcp");
	json_tcp(json, &visit->tcp);
	if (visit->mtu_trial) {
		writer_key(json, "mtu_trial");
		json_mtu_trial(json, visit->mtu_trial);
	}
	writer_put_maybe(json, "token", visit->token);
	put_transcript(json, &visit->transcript);
	writer_end_object(json);
}
