#include "reports/html_story.h"

#include "probe/base/escape.h"
#include "probe/judge/identity_check.h"

/* What is told of one row; the text of a page is not endless. */
enum { VISITS_MAX = 64, EVENTS_MAX = 400, LINES_MAX = 100 };

struct story {
	FILE *out;
	struct arena *arena;
	const struct result_row *row;
};

static void show(const struct story *story, struct span foreign)
{
	markup_show(story->out, row_shown(story->arena, story->row, foreign));
}

/* In a sentence of ours it may not turn the direction of writing. */
static void show_inline(const struct story *story, struct span foreign)
{
	fputs("<bdi>", story->out);
	show(story, foreign);
	fputs("</bdi>", story->out);
}

/* ---- what was not as expected */

static void put_miss(const struct story *story, const struct miss *miss)
{
	FILE *out = story->out;

	fprintf(out, "<tr><th scope=\"row\">%s", stage_word(miss->stage));
	if (miss->place.line) {
		fputs("<small><bdi>", out);
		markup_show(out, escape_text(story->arena, miss->place.file));
		fprintf(out, "</bdi>:%u:%u</small>", miss->place.line,
			miss->place.column);
	}
	fputs("</th><td>", out);
	show(story, miss->wanted);
	fputs("</td><td>", out);
	show(story, miss->found);
	fputs("</td></tr>\n", out);
}

static void put_misses(const struct story *story)
{
	const struct result_row *row = story->row;

	fprintf(story->out,
		"<table class=\"misses\"><caption>Not as expected%s%s"
		"</caption><thead><tr><th scope=\"col\">At</th>"
		"<th scope=\"col\">wanted</th><th scope=\"col\">found</th>"
		"</tr></thead><tbody>\n",
		row->has_family ? " over " : "",
		row->has_family ? family_word(row->family) : "");
	for (size_t i = 0; i < row->result->miss_count; i++)
		put_miss(story, &row->result->misses[i]);
	fputs("</tbody></table>\n", story->out);
}

void html_misses(FILE *out, struct arena *arena, const struct result_row *row)
{
	struct story story = { .out = out, .arena = arena, .row = row };

	if (row->result->miss_count) {
		put_misses(&story);
		return;
	}
	if (!row->result->why.len)
		return;
	fprintf(out, "<p class=\"why\">%s%s",
		row->has_family ? family_word(row->family) : "",
		row->has_family ? ": " : "");
	html_badge(out, badge_of(row));
	fputc(' ', out);
	show_inline(&story, row->result->why);
	fputs("</p>\n", out);
}

/* ---- our identity, as a scenario asks for it */

static void put_identity_fact(
	const struct story *story, const struct identity_fact *fact)
{
	static const struct badge badges[] = {
		[HELD] = { "\xe2\x9c\x93", "pass", "good" },
		[HELD_NOT] = { "\xe2\x9c\x95", "fail", "bad" },
		[HELD_UNKNOWN] = { "?", "unknown", "warn" },
	};

	fputs("<tr><td>", story->out);
	show(story, fact->line->text);
	fputs("</td><td>", story->out);
	html_badge(story->out, badges[fact->held]);
	fputs("</td><td>", story->out);
	show(story, fact->found);
	fputs("</td></tr>\n", story->out);
}

void html_identity(FILE *out, struct arena *arena, const struct result_row *row)
{
	struct story story = { .out = out, .arena = arena, .row = row };
	const struct identity_facts *identity = row->identity;

	if (!identity)
		return;
	fprintf(out, "<table class=\"misses\"><caption>As %.*s",
		SPAN_ARG(ip_text(arena, &identity->source)));
	if (identity->ptr_name.len) {
		fputs(", ", out);
		show_inline(&story, identity->ptr_name);
	}
	fputs("</caption><thead><tr><th scope=\"col\">Wanted</th>"
	      "<th scope=\"col\">held</th><th scope=\"col\">found</th>"
	      "</tr></thead><tbody>\n",
		out);
	for (size_t i = 0; i < identity->count; i++)
		put_identity_fact(&story, &identity->facts[i]);
	fputs("</tbody></table>\n", out);
}

/* ---- findings */

static const char *finding_class(enum severity severity)
{
	switch (severity) {
	case SEVERITY_INFO:
		return "na";
	case SEVERITY_WARN:
		return "warn";
	case SEVERITY_FAIL:
		break;
	}
	return "bad";
}

static const char *blame_phrase(enum blame blame)
{
	switch (blame) {
	case BLAME_OURS:
		return "on our side";
	case BLAME_PATH:
		return "on the way";
	case BLAME_THEIRS:
		return "on their side";
	case BLAME_UNKNOWN:
		break;
	}
	return "whose fault it is, is not known";
}

static void put_part(
	const struct story *story, const char *term, struct span text)
{
	if (!text.len)
		return;
	fprintf(story->out, "<dt>%s</dt><dd>", term);
	show(story, text);
	fputs("</dd>\n", story->out);
}

static void put_evidence(const struct story *story, const char *term,
	const struct evidence *evidence, size_t count)
{
	if (!count)
		return;
	fprintf(story->out, "<dt>%s</dt><dd><ul>", term);
	for (size_t i = 0; i < count; i++) {
		fputs("<li>", story->out);
		show(story, evidence[i].text);
		fputs("</li>", story->out);
	}
	fputs("</ul></dd>\n", story->out);
}

/* Only a page of the web becomes a link; nothing is fetched for it. */
static void put_reference(const struct story *story, struct span reference)
{
	struct span safe = row_shown(story->arena, story->row, reference);
	bool is_link = span_starts_nocase(safe, SPAN("https://"));

	if (!safe.len)
		return;
	fputs("<dt>More</dt><dd>", story->out);
	if (is_link) {
		fputs("<a rel=\"noreferrer\" href=\"", story->out);
		markup_put(story->out, safe);
		fputs("\">", story->out);
	}
	markup_show(story->out, safe);
	fputs(is_link ? "</a></dd>\n" : "</dd>\n", story->out);
}

static void put_finding(
	const struct story *story, const struct finding *finding)
{
	FILE *out = story->out;

	fprintf(out,
		"<li class=\"finding %s\"><h4><span class=\"grade\">%s"
		"</span> ",
		finding_class(finding->severity),
		severity_word(finding->severity));
	show_inline(story, finding->title);
	fputs("</h4>\n<p class=\"facts\"><code>", out);
	show(story, finding->id);
	fprintf(out, "</code>%s%s, %s, %s, %s</p>\n<dl>\n",
		finding->has_family ? ", " : "",
		finding->has_family ? family_word(finding->family) : "",
		stage_phrase(finding->stage), blame_phrase(finding->blame),
		confidence_word(finding->confidence));
	put_part(story, "Meaning", finding->meaning);
	put_evidence(story, "For it", finding->for_it, finding->for_count);
	put_evidence(
		story, "Against it", finding->against, finding->against_count);
	put_part(story, "Fix", finding->remedy);
	put_reference(story, finding->reference);
	fputs("</dl></li>\n", out);
}

void html_finding(FILE *out, struct arena *arena, const struct result_row *row,
	const struct finding *finding)
{
	struct story story = { .out = out, .arena = arena, .row = row };

	put_finding(&story, finding);
}

/* ---- the transcript */

static void begin_event(const struct story *story, const struct event *event,
	const char *class, const char *who)
{
	fprintf(story->out,
		"<tr class=\"%s\" data-event=\"%s\"><td class=\"at\">%.*s</td>"
		"<td class=\"who\">%s</td><td class=\"what\">",
		class, event_word(event->kind),
		SPAN_ARG(html_time(story->arena, event->at_ns / 1000)), who);
}

static void put_heard(const struct story *story, const struct event *event)
{
	const struct reply *reply = event->heard;

	begin_event(story, event, reply->code >= 400 ? "heard bad" : "heard",
		"they");
	for (size_t i = 0; i < reply->line_count && i < LINES_MAX; i++) {
		fputs("<div>", story->out);
		markup_show(story->out,
			html_reply_line(story->arena, story->row, reply, i));
		fputs("</div>", story->out);
	}
	if (reply->line_count > LINES_MAX)
		fprintf(story->out, "<div>(%zu more lines)</div>",
			reply->line_count - LINES_MAX);
}

static void put_fault(const struct story *story, const struct event *event)
{
	const struct fault *fault = event->fault;

	begin_event(story, event, "fault bad", "!");
	markup_show(story->out, html_fault(story->arena, story->row, fault));
	if (!fault->garbled.len)
		return;
	fputs("<div>", story->out);
	show(story, fault->garbled);
	fputs("</div>", story->out);
}

static void put_event(const struct story *story, const struct event *event)
{
	switch (event->kind) {
	case EVENT_CONNECTED:
		begin_event(story, event, "up", "\xc2\xb7");
		fputs("connected", story->out);
		break;
	case EVENT_SAID:
		begin_event(story, event, "said", "we");
		markup_show(
			story->out, html_said(story->arena, story->row, event));
		break;
	case EVENT_HEARD:
		put_heard(story, event);
		break;
	case EVENT_TLS:
		begin_event(story, event, "up", "\xc2\xb7");
		fputs(event->tls ? "TLS is up" : "no TLS", story->out);
		break;
	case EVENT_FAULT:
		put_fault(story, event);
		break;
	case EVENT_CLOSED:
		begin_event(story, event, "up", "\xc2\xb7");
		fputs("closed", story->out);
		break;
	}
	fputs("</td></tr>\n", story->out);
}

static void put_transcript(const struct story *story, const struct visit *visit)
{
	const struct transcript *transcript = &visit->transcript;
	FILE *out = story->out;

	fprintf(out, "<details class=\"talk\"><summary>%s with ",
		family_word(visit->path->family));
	show_inline(story, visit->path->host);
	fprintf(out,
		" <span class=\"ip\">%.*s</span></summary>\n<table "
		"class=\"talk\" data-family=\"%s\"><caption>All that was "
		"said</caption><thead><tr><th scope=\"col\">Time</th><th "
		"scope=\"col\">Who</th><th scope=\"col\">What</th></tr>"
		"</thead><tbody>\n",
		SPAN_ARG(ip_text(story->arena, &visit->path->remote)),
		family_word(visit->path->family));
	for (size_t i = 0; i < transcript->count && i < EVENTS_MAX; i++)
		put_event(story, &transcript->events[i]);
	fputs("</tbody></table></details>\n", out);
	if (transcript->count > EVENTS_MAX)
		fprintf(out, "<p>%zu more events are left out.</p>\n",
			transcript->count - EVENTS_MAX);
}

void html_transcripts(
	FILE *out, struct arena *arena, const struct result_row *row)
{
	struct story story = { .out = out, .arena = arena, .row = row };
	size_t told = 0;

	for (size_t i = 0; i < row->outcome->visit_count; i++) {
		const struct visit *visit = row->outcome->visits[i];

		if (!row_has_visit(row, visit) || !visit->transcript.count)
			continue;
		if (told++ >= VISITS_MAX)
			return;
		put_transcript(&story, visit);
	}
}
