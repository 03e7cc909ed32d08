#include "reports/html_lane.h"

#include "probe/base/escape.h"

struct making {
	struct arena *arena; /* of the lane */
	const struct result_row *row;
	const struct visit *visit;
	struct lane *lane;
};

const char *lane_fact_word(enum lane_fact fact)
{
	static const char *const words[] = {
		[LANE_SOURCE] = "Our address",
		[LANE_EHLO] = "Our name",
		[LANE_PTR] = "PTR and back",
		[LANE_SPF] = "SPF",
		[LANE_DKIM] = "DKIM",
		[LANE_DMARC] = "DMARC",
		[LANE_SERVER] = "Server",
		[LANE_ANNOUNCES] = "Announces",
		[LANE_TLS] = "TLS",
		[LANE_CERTIFICATE] = "Certificate",
		[LANE_DANE] = "DANE",
		[LANE_TCP] = "TCP",
	};

	return words[fact];
}

static struct span shown(const struct making *making, struct span text)
{
	return row_shown(making->arena, making->row, text);
}

/* ---- the dialogue */

/* Not within a character of UTF-8, nor within a \xHH. */
static struct span cut(struct arena *arena, struct span safe)
{
	size_t len = LANE_TEXT_MAX;

	if (safe.len <= len)
		return safe;
	while (len && ((unsigned char)safe.at[len] & 0xc0) == 0x80)
		len--;
	for (size_t back = 1; back < 4 && back <= len; back++)
		if (safe.at[len - back] == '\\') {
			len -= back;
			break;
		}
	return arena_print(
		arena, "%.*s\xe2\x80\xa6", SPAN_ARG(span_part(safe, 0, len)));
}

static struct span heard_text(
	const struct making *making, const struct reply *reply)
{
	struct span line = html_reply_line(
		making->arena, making->row, reply, 0);

	line = cut(making->arena, line);
	if (reply->line_count < 2)
		return line;
	return arena_print(making->arena, "%.*s (+%zu)", SPAN_ARG(line),
		reply->line_count - 1);
}

static struct span tls_version(
	const struct making *making, const struct session *tls)
{
	struct span version = tls ? shown(making, tls->version) : SPAN("");

	if (span_starts_nocase(version, SPAN("TLSv")))
		version = arena_print(making->arena, "TLS %.*s",
			SPAN_ARG(span_part(version, 4, version.len)));
	return version;
}

static struct span tls_text(
	const struct making *making, const struct session *tls)
{
	if (!tls)
		return SPAN("no TLS");
	return arena_print(making->arena, "%.*s is up",
		SPAN_ARG(tls_version(making, tls)));
}

static struct span event_text(
	const struct making *making, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONNECTED:
		return SPAN("TCP is up");
	case EVENT_SAID:
		return cut(making->arena,
			html_said(making->arena, making->row, event));
	case EVENT_HEARD:
		return heard_text(making, event->heard);
	case EVENT_TLS:
		return tls_text(making, event->tls);
	case EVENT_FAULT:
		return cut(making->arena,
			html_fault(making->arena, making->row, event->fault));
	case EVENT_CLOSED:
		break;
	}
	return SPAN("closed");
}

static bool event_is_bad(const struct event *event)
{
	if (event->kind == EVENT_FAULT)
		return true;
	if (event->kind == EVENT_TLS)
		return !event->tls;
	return event->kind == EVENT_HEARD && event->heard->code >= 400;
}

static void take_events(const struct making *making)
{
	const struct transcript *transcript = &making->visit->transcript;
	size_t count = transcript->count < LANE_EVENTS_MAX ? transcript->count
							   : LANE_EVENTS_MAX;
	struct lane *lane = making->lane;

	lane->left_out = transcript->count - count;
	lane->count = count;
	lane->events = arena_take(
		making->arena, (count + 1) * sizeof(*lane->events));
	for (size_t i = 0; i < count; i++) {
		const struct event *event = &transcript->events[i];

		lane->events[i] = (struct lane_event){ .us = event->at_ns /
							     1000,
			.kind = event->kind,
			.stage = event->stage,
			.is_bad = event_is_bad(event),
			.text = event_text(making, event) };
	}
}

/* ---- who we were */

static struct span source_text(const struct making *making)
{
	const struct source *source = &making->visit->source;
	struct span interface = shown(making, source->interface);

	if (!source->is_known)
		return SPAN("");
	return arena_print(making->arena, "%.*s (%s%s%s%s%.*s)",
		SPAN_ARG(ip_text(making->arena, &source->ip)),
		ip_kind_word(source->kind),
		source->is_temporary ? ", temporary" : "",
		source->is_deprecated ? ", deprecated" : "",
		interface.len ? ", " : "", SPAN_ARG(interface));
}

static struct span ptr_text(const struct making *making)
{
	const struct visit *visit = making->visit;
	struct span name = shown(making, visit->ptr_name);

	switch (visit->fcrdns) {
	case FCRDNS_OPEN:
		break;
	case FCRDNS_CONFIRMED:
		return arena_print(
			making->arena, "%.*s, and back", SPAN_ARG(name));
	case FCRDNS_NO_NAME:
		return SPAN("our address has no name");
	case FCRDNS_NOT_CONFIRMED:
		return arena_print(making->arena,
			"%.*s, which does not point back", SPAN_ARG(name));
	case FCRDNS_UNKNOWN:
		return SPAN("unknown: the DNS did not tell");
	}
	return SPAN("");
}

static struct span spf_text(const struct making *making)
{
	const struct identity *identity = making->visit->identity;
	const struct spf_check *spf = &identity->spf;
	struct span term = shown(making, spf->term);

	if (!identity->has_spf)
		return SPAN("");
	if (spf->result == SPF_OPEN)
		return SPAN("unknown");
	return arena_print(making->arena, "%s for %.*s%s%.*s",
		spf_result_word(spf->result),
		SPAN_ARG(shown(making, spf->domain)), term.len ? ", by " : "",
		SPAN_ARG(term));
}

static struct span dkim_text(const struct making *making)
{
	const struct identity *identity = making->visit->identity;
	const struct dkim_checks *dkim = &identity->dkim;
	struct span text;

	if (!identity->message)
		return SPAN("");
	if (dkim->result == DKIM_OPEN)
		return SPAN("unknown");
	text = span_of(dkim_result_word(dkim->result));
	for (size_t i = 0; i < dkim->count && i < 4; i++)
		text = arena_print(making->arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? ", " : ": ",
			SPAN_ARG(shown(
				making, dkim->checks[i].signature->domain)));
	return text;
}

static struct span dmarc_text(const struct making *making)
{
	const struct identity *identity = making->visit->identity;
	const struct dmarc_check *dmarc = &identity->dmarc;

	if (!identity->has_dmarc)
		return SPAN("");
	if (dmarc->result == DMARC_OPEN)
		return SPAN("unknown");
	return arena_print(making->arena, "%s for %.*s%s%s",
		dmarc_result_word(dmarc->result),
		SPAN_ARG(shown(making, dmarc->from_domain)),
		dmarc->record ? ", policy " : "",
		dmarc->record ? dmarc_policy_word(dmarc->published) : "");
}

static void take_ours(const struct making *making)
{
	struct span *facts = making->lane->facts;

	facts[LANE_SOURCE] = source_text(making);
	facts[LANE_EHLO] = shown(making, making->visit->ehlo_name);
	facts[LANE_PTR] = ptr_text(making);
	if (!making->visit->identity)
		return;
	facts[LANE_SPF] = spf_text(making);
	facts[LANE_DKIM] = dkim_text(making);
	facts[LANE_DMARC] = dmarc_text(making);
}

/* ---- who they were */

static struct span announced(const struct making *making)
{
	const struct ehlo *ehlo = &making->visit->ehlo;
	struct span text = SPAN("");

	if (!making->visit->has_ehlo)
		return text;
	for (size_t i = 0; i < ehlo->keyword_count && i < 24; i++)
		text = arena_print(making->arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? " " : "",
			SPAN_ARG(cut(making->arena,
				shown(making, ehlo->keywords[i].word))));
	return text;
}

static struct span session_text(const struct making *making)
{
	const struct session *tls = making->visit->tls;
	struct span why;

	if (!tls)
		return making->visit->has_ehlo ? SPAN("in clear") : SPAN("");
	why = shown(making, tls->verify_why);
	return arena_print(making->arena, "%.*s, %.*s, %s, %s%s%.*s",
		SPAN_ARG(tls_version(making, tls)),
		SPAN_ARG(shown(making, tls->cipher)),
		tls->name_matches ? "name ok" : "wrong name",
		tls->is_trusted ? "trusted" : "not trusted",
		why.len ? ": " : "", SPAN_ARG(why));
}

static struct span certificate_text(const struct making *making)
{
	const struct session *tls = making->visit->tls;
	const struct certificate *leaf;

	if (!tls || !tls->chain_count)
		return SPAN("");
	leaf = &tls->chain[0];
	return arena_print(making->arena, "%.*s, by %.*s, %.*s %u, until %.*s",
		SPAN_ARG(cut(making->arena, shown(making, leaf->subject))),
		SPAN_ARG(cut(making->arena, shown(making, leaf->issuer))),
		SPAN_ARG(shown(making, leaf->key_type)), leaf->key_bits,
		SPAN_ARG(html_day(making->arena, leaf->not_after)));
}

static struct span dane_text(const struct making *making)
{
	const struct dane *dane = making->visit->path->dane;
	const struct session *tls = making->visit->tls;

	if (!dane)
		return SPAN("");
	if (tls && tls->tlsa)
		return arena_print(making->arena, "%s, %s",
			dane_word(dane->state),
			tls->tlsa->result == TLSA_NO_MATCH
				? "no record matches"
				: tlsa_result_word(tls->tlsa->result));
	return span_of(dane_word(dane->state));
}

static struct span tcp_text(const struct making *making)
{
	const struct tcp_facts *tcp = &making->visit->tcp;

	if (!tcp->is_known)
		return SPAN("");
	return arena_print(making->arena,
		"%.*s round trip, path MTU %u, %u retransmitted",
		SPAN_ARG(html_time(making->arena, tcp->rtt_us)), tcp->path_mtu,
		tcp->retransmits);
}

static void take_theirs(const struct making *making)
{
	struct span *facts = making->lane->facts;

	facts[LANE_SERVER] = arena_print(making->arena, "%.*s, %.*s port %u",
		SPAN_ARG(making->lane->host), SPAN_ARG(making->lane->remote),
		making->visit->path->port);
	facts[LANE_ANNOUNCES] = announced(making);
	facts[LANE_TLS] = session_text(making);
	facts[LANE_CERTIFICATE] = certificate_text(making);
	facts[LANE_DANE] = dane_text(making);
	facts[LANE_TCP] = tcp_text(making);
}

struct lane *lane_of(struct arena *arena, const struct result_row *row,
	const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;
	struct lane *lane = arena_new(arena, struct lane);
	struct making making = {
		.arena = arena, .row = row, .visit = visit, .lane = lane
	};

	lane->family = visit->path->family;
	lane->host = cut(arena, shown(&making, visit->path->host));
	lane->remote = ip_text(arena, &visit->path->remote);
	lane->badge = badge_of_verdict(judged->verdict);
	if (visit->state != VISIT_WALKED) {
		lane->why_not = shown(&making, visit->why_not);
		if (!lane->why_not.len)
			lane->why_not = SPAN("it was not begun");
		return lane;
	}
	lane->took_us = (visit->ended_ns - visit->began_ns) / 1000;
	take_events(&making);
	take_ours(&making);
	take_theirs(&making);
	return lane;
}
