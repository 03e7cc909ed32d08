#include "reports/inbound/recipient_sites.h"

#include "reports/inbound/diagnostic.h"

struct choosing {
	struct arena *arena;
	const struct notice *notice;
	const struct free_known *known;
	struct recipient_site *sites;
	size_t count, room;
};

static bool is_among(struct span address, const struct span *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(address, list[i]))
			return true;
	return false;
}

bool free_known_has(const struct free_known *known, struct span address)
{
	return is_among(address, known->failed, known->failed_count) ||
	       is_among(address, known->addressed, known->addressed_count);
}

static bool is_sender(const struct choosing *choosing, struct span address)
{
	return span_is_nocase(address, choosing->known->sender);
}

/*
 * A reply that is wrapped may have a line that looks like a recipient's; it
 * is indented deeper than the first one.
 */
static bool is_deeper(const struct choosing *choosing, unsigned indent)
{
	for (size_t i = 0; i < choosing->count; i++) {
		const struct recipient_site *site = &choosing->sites[i];

		if (site->found.form > RECIPIENT_PHRASE &&
			!is_sender(choosing, site->found.address))
			return indent > site->indent;
	}
	return false;
}

/* The reason names the recipient again: no new one. */
static bool is_same_block(
	const struct choosing *choosing, const struct recipient_site *site)
{
	const struct recipient_site *last;

	if (!choosing->count)
		return false;
	last = &choosing->sites[choosing->count - 1];
	for (size_t i = last->line + 1; i < site->line; i++)
		if (choosing->notice->lines[i].kind != LINE_WORDS)
			return false;
	return span_is_nocase(last->found.address, site->found.address);
}

/* The one before it may have its reason below it, which is indented. */
static bool is_next_in_list(const struct choosing *choosing, size_t line)
{
	const struct notice_line *lines = choosing->notice->lines;
	const struct recipient_site *last;
	size_t i = line;

	if (!choosing->count)
		return false;
	last = &choosing->sites[choosing->count - 1];
	while (i > 0 && lines[i - 1].kind == LINE_WORDS &&
		lines[i - 1].indent > lines[line].indent)
		i--;
	return i > 0 && last->line == i - 1 && last->is_in_list;
}

/* Does a list begin above this line, or go on? */
static bool is_behind_lead(const struct choosing *choosing, size_t line)
{
	const struct notice_line *lines = choosing->notice->lines;

	while (line > 0 && lines[line - 1].kind == LINE_EMPTY)
		line--;
	if (line == 0 || lines[line - 1].kind == LINE_HEADING)
		return true;
	if (recipient_line_leads(lines[line - 1].text))
		return true;
	return is_next_in_list(choosing, line);
}

/* Some write ">>> " before the recipient; in a session a command follows. */
static bool is_session_line(struct span text)
{
	return (span_starts_nocase(text, SPAN(">>>")) &&
		       !mailbox_at(span_part(text, 4, text.len))) ||
	       span_starts_nocase(text, SPAN("<<<")) || reply_code_at(text);
}

static struct span without_arrow(struct span text)
{
	return span_starts_nocase(text, SPAN(">>> "))
		       ? span_part(text, 4, text.len)
		       : text;
}

/*
 * "4711:<user@example.org> : mx.example.org : 550 5.1.1 no": what else stands
 * around it, an address and a reply on one line belong together.
 */
static struct recipient_line beside_reply(struct span line)
{
	struct recipient_line found = { .form = RECIPIENT_NONE };
	size_t open = span_find(line, '<'), len;
	struct diagnostic diagnostic;

	line = span_part(line, open + 1, line.len);
	len = mailbox_at(line);
	if (!len || len >= line.len || line.at[len] != '>')
		return found;
	found.address = span_part(line, 0, len);
	found.rest = span_trim(span_part(line, len + 1, line.len));
	diagnostic_read_reply(found.rest, &diagnostic);
	if (diagnostic.code && diagnostic.status[0] == diagnostic.code / 100)
		found.form = RECIPIENT_LABEL;
	return found;
}

/* A field of the message, wrapped: below "Message-ID:" stands no recipient. */
static bool is_behind_field(const struct choosing *choosing, size_t line)
{
	static const char *const fields[] = { "message-id:", "from:", "sender:",
		"reply-to:", "references:", "return-path:" };
	struct span above = SPAN("");

	if (line)
		above = choosing->notice->lines[line - 1].text;
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_ends_nocase(above, span_of(fields[i])))
			return true;
	return false;
}

/* "Recipient: user@example.org", and right below it "Reason: ...". */
static bool is_before_reason(const struct choosing *choosing, size_t line)
{
	static const char *const words[] = { "reason", "error", "diagnos",
		"status", "cause", "grund", "fehler", "raison", "motiv" };
	const struct notice *notice = choosing->notice;

	if (line + 1 >= notice->count)
		return false;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_starts_nocase(
			    notice->lines[line + 1].text, span_of(words[i])))
			return true;
	return false;
}

static bool counts(
	const struct choosing *choosing, const struct recipient_site *site)
{
	return site->found.form != RECIPIENT_NONE &&
	       !is_deeper(choosing, site->indent) &&
	       !is_same_block(choosing, site) &&
	       !is_behind_field(choosing, site->line) &&
	       choosing->count < SITES_MAX;
}

static void add_site(struct choosing *choosing, struct recipient_site *site)
{
	site->is_in_list = is_behind_lead(choosing, site->line) ||
			   (site->found.form == RECIPIENT_LABEL &&
				   is_before_reason(choosing, site->line));
	choosing->sites = arena_grow(choosing->arena, choosing->sites,
		choosing->count, &choosing->room, sizeof(*site));
	choosing->sites[choosing->count++] = *site;
}

/* "a@example.org, b@example.org": what is left is the last. */
static struct span take_all_but_last(
	struct choosing *choosing, struct recipient_site site, struct span text)
{
	struct span address = recipient_line_cut(&text);

	while (address.len && choosing->count < SITES_MAX) {
		site.found = (struct recipient_line){ .form = RECIPIENT_ALONE,
			.address = address };
		if (counts(choosing, &site))
			add_site(choosing, &site);
		address = recipient_line_cut(&text);
	}
	return text;
}

static void find_sites(struct choosing *choosing)
{
	const struct notice *notice = choosing->notice;

	for (size_t i = 0; i < notice->count; i++) {
		const struct notice_line *line = &notice->lines[i];
		struct recipient_site site = { .line = i,
			.indent = line->indent };
		struct span text = line->text;

		if (line->kind == LINE_EMPTY || is_session_line(text) ||
			memchr(text.at, '@', text.len) == NULL)
			continue;
		text = take_all_but_last(choosing, site, without_arrow(text));
		site.found = recipient_line_read(text);
		if (site.found.form == RECIPIENT_NONE)
			site.found = beside_reply(text);
		if (counts(choosing, &site))
			add_site(choosing, &site);
	}
}

/* Drops what fails the test, unless nothing would be left. */
static void keep(struct choosing *choosing,
	bool (*test)(const struct choosing *, const struct recipient_site *))
{
	size_t kept = 0;
	bool is_any = false;

	for (size_t i = 0; i < choosing->count && !is_any; i++)
		is_any = test(choosing, &choosing->sites[i]);
	if (!is_any)
		return;
	for (size_t i = 0; i < choosing->count; i++)
		if (test(choosing, &choosing->sites[i]))
			choosing->sites[kept++] = choosing->sites[i];
	choosing->count = kept;
}

static bool is_not_sender(
	const struct choosing *choosing, const struct recipient_site *site)
{
	return !is_sender(choosing, site->found.address);
}

static bool is_failed(
	const struct choosing *choosing, const struct recipient_site *site)
{
	return is_among(site->found.address, choosing->known->failed,
		choosing->known->failed_count);
}

/* A line of its own to which nothing leads: "For help write to", and that. */
static bool is_not_stray(
	const struct choosing *choosing, const struct recipient_site *site)
{
	if (free_known_has(choosing->known, site->found.address))
		return true;
	return site->found.form == RECIPIENT_ALONE
		       ? site->is_in_list
		       : site->found.form > RECIPIENT_LABEL;
}

/* An address in a sentence counts only where no line is a recipient's own. */
static bool is_own_line(
	const struct choosing *choosing, const struct recipient_site *site)
{
	return site->found.form > RECIPIENT_PHRASE ||
	       free_known_has(choosing->known, site->found.address);
}

static bool is_no_label(
	const struct choosing *choosing, const struct recipient_site *site)
{
	return site->found.form > RECIPIENT_LABEL ||
	       free_known_has(choosing->known, site->found.address);
}

static bool is_not_postmaster(
	const struct choosing *choosing, const struct recipient_site *site)
{
	struct span address = site->found.address;

	return free_known_has(choosing->known, address) ||
	       (!span_starts_nocase(address, SPAN("postmaster@")) &&
		       !span_starts_nocase(address, SPAN("mailer-daemon@")));
}

void recipient_sites_find(struct arena *arena, const struct notice *notice,
	const struct free_known *known, struct recipient_sites *sites)
{
	struct choosing choosing = {
		.arena = arena, .notice = notice, .known = known
	};

	find_sites(&choosing);
	keep(&choosing, is_not_sender);
	keep(&choosing, is_not_postmaster);
	keep(&choosing, is_failed);
	keep(&choosing, is_not_stray);
	keep(&choosing, is_own_line);
	keep(&choosing, is_no_label);
	sites->sites = choosing.sites;
	sites->count = choosing.count;
}
