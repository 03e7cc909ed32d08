#include "reports/text_rows.h"

#include "probe/base/escape.h"
#include "probe/facts/mtu_trial.h"

/* clang-format off */
static const struct {
	const char *label;
	enum stage first, last;
} rows[] = {
	[ROW_CONNECT]   = { "connect",      STAGE_CONNECT,  STAGE_CONNECT },
	[ROW_GREETING]  = { "banner, EHLO", STAGE_BANNER,   STAGE_EHLO },
	[ROW_TLS]       = { "STARTTLS",     STAGE_STARTTLS, STAGE_TLS },
	[ROW_LARGE]     = { "large packets", STAGE_QUIT,    STAGE_RESOLVE },
	[ROW_ENVELOPE]  = { "MAIL, RCPT",   STAGE_MAIL,     STAGE_RCPT },
	[ROW_MESSAGE]   = { "message",      STAGE_DATA,     STAGE_DOT },
	[ROW_PTR]       = { "PTR and back", STAGE_QUIT,     STAGE_RESOLVE },
	[ROW_SENDER]    = { "sender",       STAGE_QUIT,     STAGE_RESOLVE },
};
/* clang-format on */

const char *row_label(enum row row)
{
	return rows[row].label;
}

/* ---- was it wanted, was it begun */

static bool holds(enum row row, enum stage stage)
{
	return stage >= rows[row].first && stage <= rows[row].last;
}

static enum row row_of_step(enum step_verb verb)
{
	switch (verb) {
	case STEP_CONNECT:
		return ROW_CONNECT;
	case STEP_BANNER:
	case STEP_EHLO:
		return ROW_GREETING;
	case STEP_STARTTLS:
		return ROW_TLS;
	case STEP_MAIL:
	case STEP_RCPT:
		return ROW_ENVELOPE;
	case STEP_DATA:
	case STEP_DOT:
		return ROW_MESSAGE;
	case STEP_QUIT:
		return ROW_CONNECT;     /* has no row: nobody waits for it */
	}
	return ROW_CONNECT;
}

static bool is_planned(enum row row, const struct visit *visit)
{
	if (!visit->scenario)
		return false;
	for (size_t i = 0; i < visit->scenario->step_count; i++)
		if (row_of_step(visit->scenario->steps[i].verb) == row)
			return true;
	return false;
}

static bool is_begun(enum row row, const struct visit *visit)
{
	if (visit->fault && holds(row, visit->fault->stage))
		return true;
	for (size_t i = 0; i < visit->transcript.count; i++)
		if (holds(row, visit->transcript.events[i].stage))
			return true;
	return false;
}

bool row_concerns(enum row row, const struct visit *visit)
{
	if (row == ROW_PTR)
		return visit->fcrdns != FCRDNS_OPEN;
	if (row == ROW_SENDER)
		return visit->identity != NULL;
	if (row == ROW_LARGE)
		return visit->mtu_trial != NULL;
	return is_planned(row, visit) || is_begun(row, visit);
}

/* ---- what went wrong */

struct span reply_number(struct screen *screen, const struct reply *reply)
{
	if (!reply_has_status(reply))
		return arena_print(screen->arena, "%u", reply->code);
	return arena_print(screen->arena, "%u %u.%u.%u", reply->code,
		reply->status.class, reply->status.subject,
		reply->status.detail);
}

enum { REPLY_SHORT = 60 };      /* columns; the whole stands below */

/* The first words of a reply; "..." says that there are more. */
static struct span reply_begin(struct screen *screen,
	const struct reply *reply)
{
	struct span text = screen_safe(screen, reply_text(reply, 0));
	struct lines lines = screen_wrap(screen, text, REPLY_SHORT);
	bool has_more = lines.count > 1 || reply->line_count > 1;

	return arena_print(screen->arena, "%.*s%s", SPAN_ARG(lines.at[0]),
		has_more ? " ..." : "");
}

static struct span refusal(struct screen *screen,
	const struct visit_judgement *judged)
{
	const struct reply *reply = judged->visit->fault->reply;
	struct span number = reply_number(screen, reply), text;

	text = judged->row ? screen_safe(screen, judged->row->id) :
			     reply_begin(screen, reply);
	return arena_print(screen->arena, "%.*s %.*s", SPAN_ARG(number),
		SPAN_ARG(text));
}

static struct mark fault_mark(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_FAIL:
		return (struct mark){ "FAIL", TONE_BAD };
	case VERDICT_UNKNOWN:
		return (struct mark){ "unknown", TONE_WARN };
	case VERDICT_PASS:
	case VERDICT_WARN:
	case VERDICT_NA:
		return (struct mark){ "warn", TONE_WARN };
	}
	return (struct mark){ "", TONE_PLAIN };
}

static struct cell fault_cell(struct screen *screen,
	const struct visit_judgement *judged)
{
	const struct fault *fault = judged->visit->fault;
	struct cell cell = { .mark = fault_mark(judged->verdict) };
	struct span why = screen_safe(screen, fault->why);

	if (fault->reply)
		cell.text = refusal(screen, judged);
	else
		cell.text = arena_print(screen->arena, "%s%s%.*s",
			failure_word(fault->failure), why.len ? ": " : "",
			SPAN_ARG(why));
	return cell;
}

/* ---- what went well */

static struct span reply_cell(struct screen *screen,
	const struct visit *visit, enum stage stage)
{
	const struct reply *reply =
		transcript_reply(&visit->transcript, stage);

	return reply ? reply_number(screen, reply) : SPAN("");
}

static struct span greeting_cell(struct screen *screen,
	const struct visit *visit)
{
	const struct reply *banner =
		transcript_reply(&visit->transcript, STAGE_BANNER);
	struct span rest, name;

	if (!banner)
		return SPAN("");
	rest = reply_text(banner, 0);
	name = screen_safe(screen, span_cut(&rest, ' '));
	return arena_print(screen->arena, "%u %.*s%s", banner->code,
		SPAN_ARG(name), visit->used_helo ? ", knows only HELO" : "");
}

static bool insists_on_dane(const struct visit *visit)
{
	const struct scenario *scenario = visit->scenario;

	for (size_t i = 0; scenario && i < scenario->step_count; i++)
		if (scenario->steps[i].tls == STEP_TLS_DANE)
			return true;
	return false;
}

/* What a sender that honours DANE finds; a domain without it goes unnamed. */
static const char *dane_text(const struct visit *visit)
{
	const struct tlsa_verdict *verdict = visit->tls->tlsa;

	if (!verdict)
		return insists_on_dane(visit) ? ", no DANE" : "";
	switch (verdict->result) {
	case TLSA_ALL_UNUSABLE:
		return ", DANE unusable";
	case TLSA_MATCHES:
		return ", DANE ok";
	case TLSA_NO_MATCH:
	case TLSA_INVALID:
		return ", DANE fails";
	}
	return "";
}

static struct span tls_cell(struct screen *screen, const struct visit *visit)
{
	const struct session *tls = visit->tls;
	struct span version;

	if (!tls)
		return SPAN("");
	version = screen_safe(screen, tls->version);
	if (span_starts_nocase(version, SPAN("TLSv")))
		version = arena_print(screen->arena, "TLS %.*s",
			SPAN_ARG(span_part(version, 4, version.len)));
	return arena_print(screen->arena, "%.*s%s%s%s%s%s", SPAN_ARG(version),
		!tls->checked_name.len ? "" :
			tls->name_matches ? ", name ok" : ", wrong name",
		tls->is_expired ? ", expired" : "",
		tls->is_self_signed ? ", self-signed" : "",
		tls->is_trusted || tls->is_self_signed ? "" : ", not trusted",
		dane_text(visit));
}

static struct span good_text(struct screen *screen, enum row row,
	const struct visit *visit)
{
	switch (row) {
	case ROW_CONNECT:
		return screen_time(screen,
			visit_stage_ns(visit, STAGE_CONNECT));
	case ROW_GREETING:
		return greeting_cell(screen, visit);
	case ROW_TLS:
		return tls_cell(screen, visit);
	case ROW_ENVELOPE:
		return reply_cell(screen, visit,
			visit->reached[STAGE_RCPT] ? STAGE_RCPT : STAGE_MAIL);
	case ROW_MESSAGE:
		return reply_cell(screen, visit,
			visit->reached[STAGE_DOT] ? STAGE_DOT : STAGE_DATA);
	case ROW_LARGE:
	case ROW_PTR:
	case ROW_SENDER:
		break;
	}
	return SPAN("");
}

/* What a second connection found out, which --mtu-trial always asks for. */
static struct cell large_cell(const struct visit *visit)
{
	if (!visit->mtu_trial)
		return (struct cell){ { "-", TONE_DIM }, SPAN("") };
	switch (mtu_trial_answer(visit->mtu_trial)) {
	case MTU_NOT_KNOWN:
		break;
	case MTU_SOUND:
		return (struct cell){ { "ok", TONE_GOOD },
			SPAN("pass both ways") };
	case MTU_SOUND_TO_US:
		return (struct cell){ { "ok", TONE_GOOD },
			SPAN("pass towards us; ours need TLS 1.3") };
	case MTU_LOST_TO_US:
		return (struct cell){ { "FAIL", TONE_BAD },
			SPAN("lost towards us") };
	case MTU_LOST_FROM_US:
		return (struct cell){ { "FAIL", TONE_BAD },
			SPAN("lost from us") };
	case MTU_SMALL_LOST_TOO:
		return (struct cell){ { "unknown", TONE_WARN },
			SPAN("small ones hang, too") };
	}
	return (struct cell){ { "unknown", TONE_WARN },
		SPAN("a second connection told nothing") };
}

static struct cell ptr_cell(struct screen *screen, const struct visit *visit)
{
	struct span name = screen_safe(screen, visit->ptr_name);

	switch (visit->fcrdns) {
	case FCRDNS_OPEN:
		return (struct cell){ { "-", TONE_DIM }, SPAN("") };
	case FCRDNS_CONFIRMED:
		return (struct cell){ { "ok", TONE_GOOD }, name };
	case FCRDNS_NO_NAME:
		return (struct cell){ { "warn", TONE_WARN },
			SPAN("our address has no name (PTR)") };
	case FCRDNS_NOT_CONFIRMED:
		return (struct cell){ { "warn", TONE_WARN },
			arena_print(screen->arena,
				"%.*s does not point back",
				SPAN_ARG(name)) };
	case FCRDNS_UNKNOWN:
		return (struct cell){ { "unknown", TONE_WARN },
			SPAN("the DNS did not tell") };
	}
	return (struct cell){ { "", TONE_PLAIN }, SPAN("") };
}

/* ---- what we found out about ourselves */

static const char *spf_word(const struct identity *identity)
{
	return identity->spf.result == SPF_OPEN
		? "unknown" : spf_result_word(identity->spf.result);
}

static const char *dkim_word(const struct identity *identity)
{
	return identity->dkim.result == DKIM_OPEN
		? "unknown" : dkim_result_word(identity->dkim.result);
}

static const char *dmarc_word(const struct identity *identity)
{
	return identity->dmarc.result == DMARC_OPEN
		? "unknown" : dmarc_result_word(identity->dmarc.result);
}

/* "SPF pass, DKIM none, DMARC pass": what there was to look at. */
static struct span sender_text(struct screen *screen,
	const struct identity *identity)
{
	struct span text = arena_print(screen->arena, "SPF %s",
		spf_word(identity));

	if (identity->message)
		text = arena_print(screen->arena, "%.*s, DKIM %s",
			SPAN_ARG(text), dkim_word(identity));
	if (identity->has_dmarc)
		text = arena_print(screen->arena, "%.*s, DMARC %s",
			SPAN_ARG(text), dmarc_word(identity));
	return text;
}

/* How a receiver that checks would look at it. */
static struct mark sender_mark(const struct identity *identity)
{
	enum spf_result spf = identity->spf.result;

	if (identity->has_dmarc && identity->dmarc.result == DMARC_FAIL)
		return (struct mark){ "warn", TONE_WARN };
	if (spf == SPF_PASS ||
		(identity->message && identity->dkim.result == DKIM_PASS))
		return (struct mark){ "ok", TONE_GOOD };
	if (spf == SPF_NONE && identity->is_helo)
		return (struct mark){ "-", TONE_DIM };
	if (spf == SPF_OPEN || spf == SPF_TEMPERROR)
		return (struct mark){ "unknown", TONE_WARN };
	return (struct mark){ "warn", TONE_WARN };
}

static struct cell sender_cell(struct screen *screen,
	const struct visit *visit)
{
	const struct identity *identity = visit->identity;

	if (!identity)
		return (struct cell){ { "-", TONE_DIM }, SPAN("") };
	return (struct cell){ sender_mark(identity),
		sender_text(screen, identity) };
}

/* The walk went past this row without a word. */
static bool is_passed(enum row row, const struct visit *visit)
{
	return !visit->fault || visit->fault->stage > rows[row].last;
}

static bool is_without_tls(enum row row, const struct visit *visit)
{
	return row == ROW_TLS && visit->has_ehlo && !visit->ehlo.starttls &&
		is_planned(row, visit) && is_passed(row, visit);
}

struct cell row_cell(struct screen *screen, enum row row,
	const struct visit_judgement *judged)
{
	const struct visit *visit = judged->visit;

	if (row == ROW_PTR)
		return ptr_cell(screen, visit);
	if (row == ROW_SENDER)
		return sender_cell(screen, visit);
	if (row == ROW_LARGE)
		return large_cell(visit);
	if (visit->fault && holds(row, visit->fault->stage))
		return fault_cell(screen, judged);
	if (row == ROW_TLS && is_begun(row, visit) && !visit->tls)
		return (struct cell){ { "warn", TONE_WARN },
			arena_print(screen->arena, "%.*s: in clear",
				SPAN_ARG(reply_cell(screen, visit,
					STAGE_STARTTLS))) };
	if (is_begun(row, visit))
		return (struct cell){ { "ok", TONE_GOOD },
			good_text(screen, row, visit) };
	if (is_without_tls(row, visit))
		return (struct cell){ { "warn", TONE_WARN },
			SPAN("not offered: in clear") };
	return (struct cell){ { "-", TONE_DIM },
		is_planned(row, visit) && !is_passed(row, visit) ?
			SPAN("not reached") : SPAN("") };
}
