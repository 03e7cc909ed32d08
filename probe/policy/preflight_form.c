#include "probe/policy/preflight_facts.h"

#include "probe/base/utf8.h"
#include "probe/dns/name.h"
#include "probe/mail/display_name.h"
#include "probe/mail/encoded_word.h"

/*
 * The lines about the message itself.  Each fault of its form belongs to one
 * line: the kinds that have a line of their own, and the rest.
 */
static enum check check_of(const struct form_fault *fault)
{
	switch (fault->kind) {
	case FORM_DUPLICATE:
		return CHECK_SINGLE_HEADERS;
	case FORM_FROM_SEVERAL:
	case FORM_FROM_GROUP:
	case FORM_SENDER_NEEDED:
		return CHECK_FROM_COUNT;
	case FORM_MISSING:
	case FORM_EMPTY:
	case FORM_MESSAGE_ID:
		return span_is_nocase(fault->field, SPAN("Message-ID"))
			       ? CHECK_MESSAGE_ID
			       : CHECK_FORM;
	case FORM_MIME_VERSION:
	case FORM_CONTENT_TYPE:
	case FORM_ENCODING:
	case FORM_BODY_8BIT:
		return CHECK_MIME;
	case FORM_HEADER_LARGE:
		return CHECK_HEADER_SIZE;
	case FORM_NOT_A_FIELD:
	case FORM_SPACE_BEFORE_COLON:
	case FORM_MBOX_LINE:
	case FORM_ADDRESS:
	case FORM_OBSOLETE_ADDRESS:
	case FORM_SENDER_SEVERAL:
	case FORM_DATE:
	case FORM_DATE_FAR:
	case FORM_DATE_ODD:
	case FORM_RAW_8BIT:
	case FORM_LINE_TOO_LONG:
	case FORM_LINE_LONG:
	case FORM_BARE_CR:
	case FORM_BARE_LF:
	case FORM_NUL:
	case FORM_NO_BODY:
		break;
	}
	return CHECK_FORM;
}

static struct span fault_text(
	struct arena *arena, const struct form_fault *fault)
{
	struct span place = SPAN("");

	if (fault->line && fault->count > 1)
		place = arena_print(arena, "line %llu and %llu more: ",
			(unsigned long long)fault->line,
			(unsigned long long)fault->count - 1);
	else if (fault->line)
		place = arena_print(
			arena, "line %llu: ", (unsigned long long)fault->line);
	return arena_print(arena, "%.*s%.*s (%s)", SPAN_ARG(place),
		SPAN_ARG(fault->why), form_kind_section(fault->kind));
}

enum { FAULTS_TOLD = 4 };

/* All faults of one line, the broken ones first. */
static struct preflight_line faults_line(
	const struct preflight_facts *facts, enum check check, const char *well)
{
	const struct preflight_message *message = facts->query->message;
	struct span text = SPAN("");
	size_t count = 0, broken = 0;

	if (!message)
		return preflight_no_message();
	for (unsigned weight = FORM_BROKEN; weight <= FORM_ODD; weight++)
		for (size_t i = 0; i < message->form->fault_count; i++) {
			const struct form_fault *fault =
				&message->form->faults[i];

			if (fault->weight != weight || check_of(fault) != check)
				continue;
			broken += weight == FORM_BROKEN;
			if (count++ >= FAULTS_TOLD)
				continue;
			text = arena_print(facts->arena, "%.*s%s%.*s",
				SPAN_ARG(text), text.len ? "; " : "",
				SPAN_ARG(fault_text(facts->arena, fault)));
		}
	if (!count)
		return preflight_well(span_of(well));
	if (count > FAULTS_TOLD)
		text = arena_print(facts->arena, "%.*s; and %zu more",
			SPAN_ARG(text), count - FAULTS_TOLD);
	return preflight_say(
		broken ? PREFLIGHT_FAIL : PREFLIGHT_WARN, text, SPAN(""));
}

static struct preflight_line with_fix(
	struct preflight_line line, struct span fix)
{
	if (line.status == PREFLIGHT_FAIL || line.status == PREFLIGHT_WARN)
		line.fix = fix;
	return line;
}

/* The file is a mailbox's, the message below its first line may be sound. */
static bool is_from_mailbox(const struct preflight_facts *facts)
{
	const struct form *form = facts->query->message->form;

	for (size_t i = 0; i < form->fault_count; i++)
		if (form->faults[i].kind == FORM_MBOX_LINE)
			return true;
	return false;
}

struct preflight_line line_form(const struct preflight_facts *facts)
{
	struct span fix = SPAN("mend the program that writes the message, at "
			       "the line told");

	if (facts->query->message && is_from_mailbox(facts))
		fix = SPAN("take the \"From \" line off: it is the mailbox "
			   "file's, and not sent; then mend what is left");
	return with_fix(
		faults_line(facts, CHECK_FORM, "no fault was found"), fix);
}

struct preflight_line line_single_headers(const struct preflight_facts *facts)
{
	return with_fix(faults_line(facts, CHECK_SINGLE_HEADERS,
				"none stands there twice"),
		SPAN("write each of these fields once; several addresses "
		     "stand in one field, with commas"));
}

struct preflight_line line_from_count(const struct preflight_facts *facts)
{
	const struct preflight_message *message = facts->query->message;

	if (message && !message->form->from.count &&
		!header_get(&message->form->header, SPAN("From")))
		return preflight_na(SPAN("there is no From field"));
	return with_fix(faults_line(facts, CHECK_FROM_COUNT, "it is one"),
		SPAN("leave one address in From, the others to Reply-To or "
		     "Cc"));
}

struct preflight_line line_message_id(const struct preflight_facts *facts)
{
	struct span domain = preflight_own_domain(facts->preflight);

	return with_fix(faults_line(facts, CHECK_MESSAGE_ID,
				"it is there, and well formed"),
		arena_print(facts->arena,
			"write \"Message-ID: <something-new@%.*s>\", another "
			"one for each message",
			SPAN_ARG(domain.len ? domain
					    : SPAN("your.own.domain"))));
}

struct preflight_line line_mime(const struct preflight_facts *facts)
{
	return with_fix(faults_line(facts, CHECK_MIME, "no fault was found"),
		SPAN("write MIME-Version, Content-Type and "
		     "Content-Transfer-Encoding as RFC 2045 has them"));
}

struct preflight_line line_header_size(const struct preflight_facts *facts)
{
	return with_fix(
		faults_line(facts, CHECK_HEADER_SIZE, "it is not large"),
		SPAN("take fields out of the header, or recipients out of To "
		     "and Cc"));
}

/* ---- pretence */

/* Domains whose owners turn away mail in their name from elsewhere. */
static const char *const guarded[] = { "gmail.com", "googlemail.com" };

struct preflight_line line_from_impersonation(
	const struct preflight_facts *facts)
{
	const struct dkim_checks *checks = &facts->preflight->dkim;
	struct span from = facts->preflight->from_domain;
	bool is_guarded = false, is_open = false;

	if (!from.len)
		return preflight_na(SPAN("there is no From domain to look at"));
	for (size_t i = 0; i < COUNT_OF(guarded); i++)
		is_guarded |= span_is(from, span_of(guarded[i]));
	if (!is_guarded)
		return preflight_well(arena_print(
			facts->arena, "From is in %.*s", SPAN_ARG(from)));
	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if (preflight_is_aligned(facts, check))
			return preflight_well(SPAN("Google has signed it"));
		is_open |= check->result == DKIM_TEMPERROR &&
			   preflight_is_authors(facts, check);
	}
	if (is_open)
		return preflight_say(PREFLIGHT_UNKNOWN,
			SPAN("the key that tells whether Google has signed it "
			     "could not be looked up"),
			SPAN(""));
	return preflight_say(PREFLIGHT_FAIL,
		arena_print(facts->arena,
			"From is in %.*s, and it is not Google that sends it",
			SPAN_ARG(from)),
		SPAN("write an address of your own domain into From, and the "
		     "other into Reply-To"));
}

static const struct display_fault {
	unsigned oddity;
	const char *why;
} display_faults[] = {
	{ DISPLAY_GMAIL, "it says \"@gmail.com\"" },
	{ DISPLAY_ADDRESS, "it holds an address that is not the one in From" },
	{ DISPLAY_THREAD, "it ends as a thread list shows it, \"(2)\"" },
	{ DISPLAY_CHECK_MARK, "it has a check mark, as if it were verified" },
	{ DISPLAY_INVISIBLE, "it has characters that nobody can see" },
};

struct preflight_line line_display_name(const struct preflight_facts *facts)
{
	const struct preflight_message *message = facts->query->message;
	const struct mailbox *mailbox;
	struct span name, own, why = SPAN("");
	unsigned oddities;

	if (!message)
		return preflight_no_message();
	if (!message->form->from.count)
		return preflight_na(SPAN("From has no address"));
	mailbox = &message->form->from.mailboxes[0];
	name = encoded_words_decode(facts->arena, mailbox->name);
	own = arena_print(facts->arena, "%.*s@%.*s", SPAN_ARG(mailbox->local),
		SPAN_ARG(mailbox->domain));
	oddities = display_name_oddities(name, own);
	for (size_t i = 0; i < COUNT_OF(display_faults); i++)
		if (oddities & display_faults[i].oddity)
			why = arena_print(facts->arena, "%.*s%s%s",
				SPAN_ARG(why), why.len ? "; " : "",
				display_faults[i].why);
	if (!why.len)
		return preflight_well(mailbox->name.len
					      ? SPAN("nothing in it deceives")
					      : SPAN("there is none"));
	return preflight_say(PREFLIGHT_FAIL, why,
		SPAN("let the display name be the sender's name, and nothing "
		     "else"));
}

struct preflight_line line_subject_honest(const struct preflight_facts *facts)
{
	const struct preflight_message *message = facts->query->message;

	if (!message)
		return preflight_no_message();
	if (message->form->is_answer ||
		!subject_is_answer(message->form->subject))
		return preflight_well(SPAN("the Subject claims nothing else"));
	return preflight_say(PREFLIGHT_FAIL,
		SPAN("the Subject begins like an answer's, and neither "
		     "In-Reply-To nor References says to what"),
		SPAN("take Re: or Fwd: out of the Subject, or write "
		     "In-Reply-To"));
}

/* ---- scripts */

enum script { SCRIPT_LATIN = 1, SCRIPT_GREEK = 2, SCRIPT_CYRILLIC = 4 };

static unsigned script_of(uint32_t point)
{
	if ((point >= 'a' && point <= 'z') || (point >= 0xc0 && point < 0x250))
		return SCRIPT_LATIN;
	if ((point >= 0x370 && point < 0x400) ||
		(point >= 0x1f00 && point < 0x2000))
		return SCRIPT_GREEK;
	if ((point >= 0x400 && point < 0x530) ||
		(point >= 0x2de0 && point < 0x2e00))
		return SCRIPT_CYRILLIC;
	return 0;
}

/*
 * One label with two of these scripts passes no restriction level of UTS 39
 * section 5.2 that receivers use; letters of others are not judged here.
 */
static bool is_mixed(struct span label)
{
	unsigned scripts = 0;

	while (label.len) {
		uint32_t point = 0;
		size_t len = utf8_take(label, &point);

		scripts |= len ? script_of(point) : 0;
		label = span_part(label, len ? len : 1, label.len);
	}
	return scripts & (scripts - 1);
}

static bool has_mixed_label(struct arena *arena, struct span domain)
{
	struct span shown = name_to_unicode(arena, domain);

	while (shown.len)
		if (is_mixed(span_cut(&shown, '.')))
			return true;
	return false;
}

struct preflight_line line_scripts(const struct preflight_facts *facts)
{
	const struct preflight *preflight = facts->preflight;
	const struct span domains[] = { preflight->from_domain,
		preflight->mail_domain, facts->answer_domain };

	for (size_t i = 0; i < COUNT_OF(domains); i++)
		if (has_mixed_label(facts->arena, domains[i]))
			return preflight_say(PREFLIGHT_FAIL,
				arena_print(facts->arena,
					"%.*s mixes letters of two scripts "
					"that look alike",
					SPAN_ARG(domains[i])),
				SPAN("send from a domain whose labels are of "
				     "one script each"));
	return preflight_well(SPAN("no label mixes Latin, Greek and Cyrillic"));
}

/* ---- the way out */

/* RFC 8058 section 4: both fields under a signature that is valid. */
static bool is_signed(
	const struct preflight_facts *facts, enum dkim_result result)
{
	const struct dkim_checks *checks = &facts->preflight->dkim;

	for (size_t i = 0; i < checks->count; i++) {
		const struct dkim_check *check = &checks->checks[i];

		if (check->result == result &&
			preflight_is_authors(facts, check) &&
			dkim_signature_covers(
				check->signature, SPAN("List-Unsubscribe")) &&
			dkim_signature_covers(check->signature,
				SPAN("List-Unsubscribe-Post")))
			return true;
	}
	return false;
}

static struct preflight_line not_a_mailing(void)
{
	return preflight_say(PREFLIGHT_WARN,
		SPAN("there is no List-Unsubscribe: fine for personal and "
		     "transactional mail only"),
		SPAN("for mailings, write \"List-Unsubscribe: <https://...>\" "
		     "and \"List-Unsubscribe-Post: "
		     "List-Unsubscribe=One-Click\", and sign both"));
}

struct preflight_line line_one_click(const struct preflight_facts *facts)
{
	const struct preflight_message *message = facts->query->message;

	if (!message)
		return preflight_no_message();
	if (!message->unsubscribe.field_count &&
		!message->unsubscribe.post_count)
		return not_a_mailing();
	if (!message->unsubscribe.is_one_click)
		return preflight_say(PREFLIGHT_FAIL,
			span_of(message->unsubscribe.why),
			SPAN("write \"List-Unsubscribe: <https://...>\" and "
			     "\"List-Unsubscribe-Post: "
			     "List-Unsubscribe=One-Click\""));
	if (is_signed(facts, DKIM_PASS))
		return preflight_well(
			SPAN("https, One-Click, and both are signed"));
	if (is_signed(facts, DKIM_TEMPERROR))
		return preflight_say(PREFLIGHT_UNKNOWN,
			SPAN("both fields are signed, and the key to that "
			     "could not be looked up"),
			SPAN(""));
	return preflight_say(PREFLIGHT_FAIL,
		SPAN("no passing signature of the From domain covers both "
		     "List-Unsubscribe and List-Unsubscribe-Post in its h= "
		     "(RFC 8058, 4)"),
		SPAN("add List-Unsubscribe and List-Unsubscribe-Post to what "
		     "the signer signs"));
}

struct preflight_line line_unsubscribe(const struct preflight_facts *facts)
{
	const struct preflight_message *message = facts->query->message;
	const struct unsubscribe *way;

	if (!message)
		return preflight_no_message();
	way = &message->unsubscribe;
	if (!way->field_count)
		return not_a_mailing();
	if (way->https.len && way->is_one_click)
		return preflight_well(SPAN("by one click"));
	if (way->mailto.len)
		return preflight_well(SPAN("by mail"));
	if (way->https.len)
		return preflight_well(SPAN("by an https page"));
	return preflight_say(PREFLIGHT_FAIL,
		SPAN("List-Unsubscribe has neither an https nor a mailto URI"),
		SPAN("write \"List-Unsubscribe: <https://...>, "
		     "<mailto:...>\""));
}
