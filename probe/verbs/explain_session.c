#include "probe/verbs/explain_session.h"

#include <inttypes.h>

#include "probe/base/clock.h"
#include "probe/judge/delivery_meaning.h"
#include "probe/verbs/explain_dialogue.h"
#include "reports/json_visit.h"
#include "reports/screen.h"

static const struct mark no_mark = { "", TONE_PLAIN };

static const char *outcome_of(const struct session_telling *telling)
{
	size_t accepted = 0, refused = 0, deferred = 0;

	for (size_t i = 0; i < telling->delivery_count; i++) {
		enum delivery_result result = telling->deliveries[i].result;

		accepted += result == DELIVERY_ACCEPTED;
		refused += result == DELIVERY_REFUSED;
		deferred += result == DELIVERY_DEFERRED;
	}
	if (refused)
		return accepted ? "partly refused" : "refused";
	if (deferred)
		return accepted ? "partly deferred" : "deferred";
	if (accepted)
		return "accepted";
	if (telling->record->is_trial)
		return "MTU trial without mail";
	return telling->record->cause.cause != CAUSE_NONE ? "failed"
							  : "no delivery seen";
}

static bool is_hidden(const struct session_record *record)
{
	return record->tls && !record->tls->has_secrets &&
	       !record->starttls.is_decrypted && !record->mail_count &&
	       record->tls->has_server_hello;
}

static void tell_head(
	struct screen *screen, const struct session_telling *telling)
{
	const struct session_record *record = telling->record;
	char client[IP_TEXT_MAX], server[IP_TEXT_MAX];
	struct span name = screen_safe(screen, record->server_name);
	struct span began = SPAN("");

	if (record->has_time && record->stream)
		began = arena_print(screen->arena, " at %.*s",
			SPAN_ARG(clock_text(screen->arena,
				record->stream->first.time_ns / 1000000)));
	screen_paragraph(screen, 0, no_mark, 0,
		arena_print(screen->arena,
			"Session %" PRIu64 "%.*s, %s: %s port %u to %s%s%.*s%s "
			"port %u, %s, %s: %s",
			record->number, SPAN_ARG(began),
			family_word(record->family),
			ip_print(&record->client, client),
			(unsigned)record->client_port,
			ip_print(&record->server, server), name.len ? " (" : "",
			SPAN_ARG(name), name.len ? ")" : "",
			(unsigned)record->server_port,
			session_mode_word(record->mode),
			session_end_word(record->end), outcome_of(telling)));
}

static void tell_refusal(struct screen *screen,
	const struct session_telling *telling, const struct delivery *delivery)
{
	struct codebook_answer answer = delivery_meaning(
		telling->codebook, delivery);
	struct span id = answer.row ? answer.row->id : answer.policy;

	screen_paragraph(screen, 4, no_mark, 4,
		arena_print(screen->arena,
			"frame %" PRIu64 ", %s%s%.*s: %u %.*s",
			delivery->position, stage_word(delivery->stage),
			delivery->recipient.len ? " of " : "",
			SPAN_ARG(screen_safe(screen, delivery->recipient)),
			delivery->code,
			SPAN_ARG(explain_on_one_line(screen, delivery->text))));
	screen_paragraph(screen, 6, no_mark, 6,
		arena_print(screen->arena, "%.*s: %.*s",
			SPAN_ARG(screen_safe(screen, id)),
			SPAN_ARG(screen_safe(screen, answer.meaning))));
}

enum { REFUSALS_SHOWN = 8 };

static void tell_refusals(struct screen *screen,
	const struct session_telling *telling, bool is_full)
{
	size_t left = 0, shown = 0;

	for (size_t i = 0; i < telling->delivery_count; i++) {
		const struct delivery *delivery = &telling->deliveries[i];

		if (!delivery->code ||
			(delivery->result != DELIVERY_REFUSED &&
				delivery->result != DELIVERY_DEFERRED))
			continue;
		if (!is_full && shown == REFUSALS_SHOWN) {
			left++;
			continue;
		}
		shown++;
		tell_refusal(screen, telling, delivery);
	}
	if (left)
		screen_paragraph(screen, 4, no_mark, 4,
			arena_print(screen->arena,
				"%zu more recipients were refused", left));
}

/* Of the session itself, where no reply and no path decided: TLS that failed,
 * or a server that hung up. */
static const struct delivery *fault_of(const struct session_telling *telling)
{
	if (telling->record->cause.cause != CAUSE_NONE)
		return NULL;
	for (size_t i = 0; i < telling->delivery_count; i++)
		if (telling->deliveries[i].fault.len)
			return &telling->deliveries[i];
	return NULL;
}

static void tell_fault(
	struct screen *screen, const struct session_telling *telling)
{
	const struct delivery *lost = fault_of(telling);

	if (lost)
		screen_paragraph(screen, 4, no_mark, 4,
			arena_print(screen->arena, "frame %" PRIu64 ": %.*s",
				lost->position,
				SPAN_ARG(screen_safe(screen, lost->text))));
}

static struct span until_frame(
	struct screen *screen, const struct path_cause *cause)
{
	if (cause->also.frame <= cause->evidence.frame)
		return SPAN("");
	return arena_print(screen->arena, " to %" PRIu64, cause->also.frame);
}

static void tell_path(
	struct screen *screen, const struct session_record *record)
{
	const struct path_cause *cause = &record->cause;

	if (cause->cause != CAUSE_NONE)
		screen_paragraph(screen, 4, no_mark, 4,
			arena_print(screen->arena,
				"frame %" PRIu64 "%.*s: %.*s",
				cause->evidence.frame,
				SPAN_ARG(until_frame(screen, cause)),
				SPAN_ARG(cause_text(screen->arena, cause))));
	if (is_hidden(record))
		screen_paragraph(screen, 4, no_mark, 4,
			SPAN("What was said inside TLS cannot be read without "
			     "--keylog."));
}

void explain_session_text(FILE *out, const struct text_style *style,
	const struct session_telling *telling, bool is_full)
{
	struct screen screen;

	screen_open(&screen, out, style);
	tell_head(&screen, telling);
	tell_path(&screen, telling->record);
	tell_fault(&screen, telling);
	tell_refusals(&screen, telling, is_full);
	if (is_full)
		explain_dialogue(&screen, telling->record);
	screen_close(&screen);
}

static void put_end(struct json_writer *json, const char *key,
	const struct ip *ip, uint16_t port)
{
	char room[IP_TEXT_MAX];

	writer_key(json, key);
	writer_begin_object(json);
	writer_put(json, "address", span_of(ip_print(ip, room)));
	writer_put_count(json, "port", port);
	writer_end_object(json);
}

static void put_tls(struct json_writer *json, struct arena *arena,
	const struct session_record *record)
{
	const struct tls_sight *sight = record->tls;

	writer_key(json, "tls");
	if (!sight) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_maybe(json, "sni", sight->sni);
	writer_put_maybe(json, "version",
		sight->has_server_hello
			? span_of(tls_version_word(sight->version))
			: SPAN(""));
	writer_put_maybe(json, "cipher",
		sight->has_server_hello ? tls_suite_word(arena, sight->suite)
					: SPAN(""));
	writer_end_object(json);
}

void explain_session_json(struct json_writer *json, struct arena *arena,
	const struct session_telling *telling)
{
	const struct session_record *record = telling->record;
	const struct path_cause *cause = &record->cause;

	writer_put_count(json, "session", record->number);
	writer_put_word(json, "family", json_family(record->family));
	put_end(json, "client", &record->client, record->client_port);
	put_end(json, "server", &record->server, record->server_port);
	writer_put_maybe(json, "server_name", record->server_name);
	writer_put_word(json, "mode", session_mode_word(record->mode));
	writer_put_word(json, "end", session_end_word(record->end));
	writer_put_word(json, "outcome", outcome_of(telling));
	writer_put_claim(json, "is_hidden", is_hidden(record));
	put_tls(json, arena, record);
	writer_put_maybe(json, "fault",
		fault_of(telling) ? fault_of(telling)->fault : SPAN(""));
	writer_key(json, "path");
	if (cause->cause == CAUSE_NONE) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_word(json, "cause", cause_word(cause->cause));
	writer_put_count(json, "frame", cause->evidence.frame);
	writer_put(json, "text", cause_text(arena, cause));
	writer_end_object(json);
}
