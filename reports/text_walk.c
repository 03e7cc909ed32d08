#include "reports/text_walk.h"

#include <time.h>

#include "probe/base/escape.h"
#include "probe/facts/mtu_trial.h"

enum { NAME_COLUMNS = 15, TIME_COLUMNS = 10 };

static const struct mark no_mark = { "", TONE_PLAIN };

/* One fact: its name, then its text at a fixed column. */
static void fact(struct screen *screen, const char *name, struct span text)
{
	screen_paragraph(screen, 3, (struct mark){ name, TONE_DIM },
		NAME_COLUMNS, text);
}

static struct span join(struct screen *screen, struct span text,
	struct span more)
{
	return arena_print(screen->arena, "%.*s%s%.*s", SPAN_ARG(text),
		text.len && more.len ? ", " : "", SPAN_ARG(more));
}

/* All of them in one line, for wrapping. */
static struct span list_text(struct screen *screen, const struct span *list,
	size_t count)
{
	struct span *safe = arena_take(screen->arena, count * sizeof(*safe));
	size_t room = 1, at = 0;
	char *text;

	for (size_t i = 0; i < count; i++) {
		safe[i] = screen_safe(screen, list[i]);
		room += safe[i].len + 2;
	}
	text = arena_take(screen->arena, room);
	for (size_t i = 0; i < count; i++) {
		memcpy(text + at, ", ", i ? 2 : 0);
		at += i ? 2 : 0;
		memcpy(text + at, safe[i].at, safe[i].len);
		at += safe[i].len;
	}
	return (struct span){ text, at };
}

/* ---- the transcript */

static void put_event(struct screen *screen, uint64_t at_ns, const char *sign,
	struct span text)
{
	struct span when = screen_time(screen, at_ns);
	size_t columns = escape_columns(when);

	if (columns < TIME_COLUMNS)
		when = arena_print(screen->arena, "%*s%.*s",
			(int)(TIME_COLUMNS - columns), "", SPAN_ARG(when));
	screen_paragraph(screen, 0,
		(struct mark){ arena_print(screen->arena, "%.*s %s",
			SPAN_ARG(when), sign).at, TONE_PLAIN },
		TIME_COLUMNS + 3, text);
}

static void put_said(struct screen *screen, const struct event *event)
{
	struct span line = event->said;

	if (event->stage == STAGE_DOT) {
		put_event(screen, event->at_ns, ">",
			arena_print(screen->arena,
				"(the message, %zu octets)",
				event->message_size));
		return;
	}
	while (line.len && (line.at[line.len - 1] == '\n' ||
				   line.at[line.len - 1] == '\r'))
		line.len--;
	put_event(screen, event->at_ns, ">", screen_safe(screen, line));
}

static void put_heard(struct screen *screen, const struct event *event)
{
	const struct reply *reply = event->heard;

	for (size_t i = 0; i < reply->line_count; i++)
		put_event(screen, event->at_ns, "<",
			arena_print(screen->arena, "%u%c%.*s", reply->code,
				i + 1 == reply->line_count ? ' ' : '-',
				SPAN_ARG(screen_safe(screen,
					reply->lines[i]))));
}

static struct span fault_text(struct screen *screen,
	const struct fault *fault)
{
	struct span why = screen_safe(screen, fault->why);

	return arena_print(screen->arena, "%s%s%.*s",
		failure_word(fault->failure), why.len ? ": " : "",
		SPAN_ARG(why));
}

static void put_event_of(struct screen *screen, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONNECTED:
		put_event(screen, event->at_ns, "*", SPAN("connected"));
		return;
	case EVENT_SAID:
		put_said(screen, event);
		return;
	case EVENT_HEARD:
		put_heard(screen, event);
		return;
	case EVENT_TLS:
		put_event(screen, event->at_ns, "*",
			event->tls ? SPAN("TLS is up") : SPAN("no TLS"));
		return;
	case EVENT_FAULT:
		put_event(screen, event->at_ns, "!",
			fault_text(screen, event->fault));
		return;
	case EVENT_CLOSED:
		put_event(screen, event->at_ns, "*", SPAN("closed"));
		return;
	}
}

/* ---- TLS */

/* A certificate may claim a year that no calendar has. */
static struct span date_text(struct screen *screen, int64_t second)
{
	time_t time = (time_t)second;
	struct tm date;

	if (!gmtime_r(&time, &date) || date.tm_year > 9999 - 1900 ||
		date.tm_year < -1900)
		return SPAN("never");
	return arena_print(screen->arena, "%04d-%02d-%02d",
		date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

static struct span digest_text(struct screen *screen,
	const uint8_t bytes[static 32])
{
	return escape_hex(screen->arena,
		(struct span){ (const char *)bytes, 32 });
}

static void put_certificate(struct screen *screen,
	const struct certificate *certificate)
{
	struct arena *arena = screen->arena;

	fact(screen, "certificate", screen_safe(screen, certificate->subject));
	fact(screen, "  issuer", screen_safe(screen, certificate->issuer));
	if (certificate->name_count)
		fact(screen, "  names",
			list_text(screen, certificate->names,
				certificate->name_count));
	fact(screen, "  valid", arena_print(arena, "%.*s to %.*s",
		SPAN_ARG(date_text(screen, certificate->not_before)),
		SPAN_ARG(date_text(screen, certificate->not_after))));
	fact(screen, "  key", arena_print(arena, "%.*s %u bits, signed %.*s",
		SPAN_ARG(screen_safe(screen, certificate->key_type)),
		certificate->key_bits,
		SPAN_ARG(screen_safe(screen, certificate->signature))));
	fact(screen, "  sha256", digest_text(screen, certificate->sha256));
	fact(screen, "  spki", digest_text(screen, certificate->spki_sha256));
}

static struct span trust_text(struct screen *screen,
	const struct session *tls)
{
	struct span text = tls->is_trusted ? SPAN("trusted") :
					     SPAN("not trusted");
	struct span name = screen_safe(screen, tls->checked_name);

	text = join(screen, text, screen_safe(screen, tls->verify_why));
	if (name.len)
		text = join(screen, text, arena_print(screen->arena,
			"%s for %.*s", tls->name_matches ? "made" : "not made",
			SPAN_ARG(name)));
	if (tls->is_expired)
		text = join(screen, text, SPAN("out of date"));
	return tls->is_self_signed ? join(screen, text, SPAN("self-signed")) :
				     text;
}

static void put_tls(struct screen *screen, const struct session *tls)
{
	struct span text = screen_safe(screen, tls->version);

	text = join(screen, text, screen_safe(screen, tls->cipher));
	text = join(screen, text, arena_print(screen->arena, "%u bits",
		tls->cipher_bits));
	text = join(screen, text, screen_safe(screen, tls->group));
	text = join(screen, text, screen_safe(screen, tls->peer_signature));
	text = join(screen, text, arena_print(screen->arena, "handshake %.*s",
		SPAN_ARG(screen_time(screen,
			(uint64_t)tls->handshake_us * 1000))));
	fact(screen, "TLS", text);
	if (tls->sni.len)
		fact(screen, "asked for", screen_safe(screen, tls->sni));
	fact(screen, "trust", trust_text(screen, tls));
	for (size_t i = 0; i < tls->chain_count; i++)
		put_certificate(screen, &tls->chain[i]);
}

/* ---- DANE */

static struct span tlsa_fact_text(struct screen *screen,
	const struct tlsa_fact *fact)
{
	struct span text = tlsa_text(screen->arena, &fact->tlsa);

	if (fact->is_match)
		text = join(screen, text, SPAN("matches"));
	if (fact->use != TLSA_USABLE)
		text = join(screen, text, span_of(tlsa_use_why(fact->use)));
	return join(screen, text, screen_safe(screen, fact->hint));
}

static void put_dane(struct screen *screen, const struct dane *dane,
	const struct tlsa_verdict *verdict)
{
	struct span text = span_of(dane_word(dane->state));

	text = join(screen, text, screen_safe(screen, dane->base));
	text = join(screen, text, screen_safe(screen, dane->why));
	if (!verdict) {
		fact(screen, "DANE", text);
		return;
	}
	text = join(screen, text, span_of(tlsa_result_word(verdict->result)));
	text = join(screen, text, screen_safe(screen, verdict->why));
	fact(screen, "DANE", text);
	for (size_t i = 0; i < verdict->count; i++)
		fact(screen, "  TLSA",
			tlsa_fact_text(screen, &verdict->records[i]));
}

/* ---- TCP */

static void put_tcp(struct screen *screen, const struct tcp_facts *tcp)
{
	struct arena *arena = screen->arena;

	fact(screen, "TCP", arena_print(arena,
		"round trip %.*s, varies by %.*s; sent again %u; "
		"MSS %u out, %u in; path MTU %u",
		SPAN_ARG(screen_time(screen, (uint64_t)tcp->rtt_us * 1000)),
		SPAN_ARG(screen_time(screen,
			(uint64_t)tcp->rtt_var_us * 1000)),
		tcp->retransmits, tcp->send_mss, tcp->receive_mss,
		tcp->path_mtu));
	if (tcp->unacked || tcp->unsent || tcp->backoff)
		fact(screen, "", arena_print(arena,
			"%u segments not acknowledged, %u octets not sent, "
			"timer doubled %u times", tcp->unacked, tcp->unsent,
			tcp->backoff));
}

static void put_mtu_trial(
	struct screen *screen, const struct mtu_trial *trial)
{
	static const char *const words[] = {
		[MTU_NOT_KNOWN] = "a second connection told nothing",
		[MTU_SOUND] = "full segments get through, both ways",
		[MTU_SOUND_TO_US] = "full segments get through to us; ours "
				    "were not tried without TLS 1.3",
		[MTU_LOST_TO_US] = "full segments towards us are lost, small "
				   "ones get through",
		[MTU_LOST_FROM_US] = "full segments from us are lost, small "
				     "ones get through",
		[MTU_SMALL_LOST_TOO] = "small segments hang as full ones do",
	};

	fact(screen, "path MTU", span_of(words[mtu_trial_answer(trial)]));
}

/* ---- a walk */

static struct span title(struct screen *screen, const struct visit *visit)
{
	const struct source *source = &visit->source;
	char to[IP_TEXT_MAX], from[IP_TEXT_MAX];
	struct span text = arena_print(screen->arena, "%s to %.*s [%s]:%u",
		family_word(visit->path->family),
		SPAN_ARG(screen_safe(screen, visit->path->host)),
		ip_print(&visit->path->remote, to),
		(unsigned)visit->path->port);

	if (!source->is_known)
		return text;
	text = arena_print(screen->arena, "%.*s from [%s]:%u (%s)",
		SPAN_ARG(text), ip_print(&source->ip, from),
		(unsigned)source->port, ip_kind_word(source->kind));
	if (!source->interface.len)
		return text;
	return arena_print(screen->arena, "%.*s on %.*s", SPAN_ARG(text),
		SPAN_ARG(screen_safe(screen, source->interface)));
}

void text_walk(struct screen *screen, const struct visit *visit)
{
	const struct transcript *transcript = &visit->transcript;

	if (visit->state != VISIT_WALKED)
		return;
	screen_paragraph(screen, 1, no_mark, 1, title(screen, visit));
	for (size_t i = 0; i < transcript->count; i++)
		put_event_of(screen, &transcript->events[i]);
	if (visit->has_ehlo && visit->ehlo.has_echo)
		fact(screen, "seen as",
			ip_text(screen->arena, &visit->ehlo.echo));
	if (visit->tls)
		put_tls(screen, visit->tls);
	if (visit->path->dane)
		put_dane(screen, visit->path->dane,
			visit->tls ? visit->tls->tlsa : NULL);
	if (visit->tcp.is_known)
		put_tcp(screen, &visit->tcp);
	if (visit->mtu_trial)
		put_mtu_trial(screen, visit->mtu_trial);
	if (visit->token.len)
		fact(screen, "token", screen_safe(screen, visit->token));
}

/* ---- the DNS */

/* "found, secure, TTL 300, 12 ms, from 192.0.2.53" */
static struct span manner_text(struct screen *screen,
	const struct answer *answer)
{
	struct arena *arena = screen->arena;
	struct span text = span_of(answer_word(answer->kind));

	if (answer->secure)
		text = join(screen, text, SPAN("secure"));
	if (answer->kind == ANSWER_DATA)
		text = join(screen, text,
			arena_print(arena, "TTL %u", (unsigned)answer->ttl));
	if (answer->rtt_us)
		text = join(screen, text, screen_time(screen,
			(uint64_t)answer->rtt_us * 1000));
	if (answer->server.len)
		text = join(screen, text, arena_print(arena, "from %.*s",
			SPAN_ARG(screen_safe(screen, answer->server))));
	if (answer->canonical.len)
		text = join(screen, text, arena_print(arena,
			"an alias of %.*s",
			SPAN_ARG(screen_safe(screen, answer->canonical))));
	return join(screen, text, screen_safe(screen, answer->why));
}

static void put_question(struct screen *screen,
	const struct question *question)
{
	const struct answer *answer = question->answer;
	struct span text = arena_print(screen->arena, "%.*s: %.*s",
		SPAN_ARG(screen_safe(screen, question->name)),
		SPAN_ARG(manner_text(screen, answer)));

	fact(screen, rr_type_word(question->type), text);
	if (answer->value_count)
		fact(screen, "",
			list_text(screen, answer->values,
				answer->value_count));
}

void text_dns(struct screen *screen, const struct outcome *outcome)
{
	const struct question *question = NULL;

	if (outcome->answers)
		question = answers_first(outcome->answers);
	if (question)
		fputs(" the DNS\n", screen->out);
	for (; question; question = question->next)
		if (question->answer)
			put_question(screen, question);
}

void text_left_out(struct screen *screen, const struct outcome *outcome)
{
	char room[IP_TEXT_MAX];
	bool is_first = true;

	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];

		if (!path->left_out.len)
			continue;
		if (is_first)
			fputs(" left out\n", screen->out);
		is_first = false;
		screen_paragraph(screen, 3, no_mark, 3,
			arena_print(screen->arena, "%u %.*s %s: %.*s",
				path->preference,
				SPAN_ARG(screen_safe(screen, path->host)),
				ip_print(&path->remote, room),
				SPAN_ARG(screen_safe(screen,
					path->left_out))));
	}
}
