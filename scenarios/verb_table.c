#include "scenarios/verb_table.h"

#include <assert.h>

#define IN(room) (1u << (room))

enum {
	IN_REPLY = IN(ROOM_AT_REPLY) | IN(ROOM_AT_EHLO) | IN(ROOM_AT_TLS),
};

#define REFUSAL                                                                \
	"[CODE] [STATUS] [reason REASON] [known TEXT [ticket TEXT] until "     \
	"DATE]"

static const struct scenario_verb verbs[] = {
	/* clang-format off */
	{ VERB_MXPROBE, "mxprobe", IN(ROOM_FILE), "NUMBER", .once = true,
	  .manual = "The first line of every file: the version of the language, which is 1." },
	{ VERB_INCLUDE, "include", IN(ROOM_FILE), "FILE",
	  .manual = "Reads another file here. Its name is relative to this file." },
	{ VERB_SCENARIO, "scenario", IN(ROOM_FILE), "TEXT", .once = true,
	  .opens = true, .inside = ROOM_SCENARIO,
	  .manual = "Names the whole; without it, it is called like its file." },
	{ VERB_VAR, "var", IN(ROOM_FILE), "NAME = ( secret ( env ENV | file FILE ) | env ENV or TEXT | TEXT )",
	  .manual = "From here on, ${NAME} stands for the text; with env, for what run finds in the environment, if it is there. A secret is read when it is needed, and never printed." },
	{ VERB_OWNS, "owns", IN(ROOM_FILE), "MAILBOX,...",
	  .manual = "These mailboxes are yours: only to them is a message ever sent." },
	{ VERB_PATH, "path", IN(ROOM_FILE), "NAME", .opens = true, .inside = ROOM_PATH,
	  .manual = "A way out of this host. Where it names a source for one family only, it has only that family; where it names none, the kernel chooses for both." },
	{ VERB_LIMIT, "limit", IN(ROOM_FILE), "destination DOMAIN", .opens = true,
	  .inside = ROOM_LIMIT,
	  .manual = "How much may be asked of the hosts under a domain." },
	{ VERB_IDENTITY, "identity", IN(ROOM_FILE), "PATH", .opens = true,
	  .inside = ROOM_IDENTITY,
	  .manual = "What receivers are to find out about us, for each family of the path." },
	{ VERB_PROBE, "probe", IN(ROOM_FILE), "NAME", .opens = true, .inside = ROOM_PROBE,
	  .manual = "Walks a dialogue in every cell of targets, families and paths. A probe with a step data walks only with --deliver." },
	{ VERB_COMPARE, "compare", IN(ROOM_FILE), "FAMILY FAMILY of PROBE", .opens = true,
	  .inside = ROOM_COMPARE,
	  .manual = "Holds the cells of a probe that differ in nothing but the family against each other." },
	{ VERB_BASELINE, "baseline", IN(ROOM_FILE), "NAME", .opens = true,
	  .inside = ROOM_BASELINE,
	  .manual = "What is kept of each run, and told when it changes." },
	{ VERB_ON, "on", IN(ROOM_FILE), "failure", .once = true, .opens = true,
	  .inside = ROOM_FAILURE,
	  .manual = "What is done when an expectation is not met." },
	{ VERB_SERVER, "server", IN(ROOM_FILE),
	  "NAME on ( loopback4 | loopback6 | loopback ) [in TWIN]",
	  .opens = true, .inside = ROOM_SERVER,
	  .manual = "A scripted server for run --rehearse, on one loopback or on both. In a twin, it stands in place of the others that stand for the same target and family." },
	{ VERB_TWIN, "twin", IN(ROOM_FILE), "NAME", .opens = true, .inside = ROOM_TWIN,
	  .manual = "A rehearsal in which something goes wrong on purpose, and what must come of it." },
	{ VERB_DNS, "dns", IN(ROOM_FILE),
	  "[in TWIN] DOMAIN TYPE ( none | failed | TEXT... )",
	  .manual = "What the DNS says in a rehearsal, a text for each record; where nothing is said, the servers and paths decide. A run does not look at it." },

	{ VERB_TAGS, "tags", IN(ROOM_SCENARIO), "TAG,...", .once = true,
	  .manual = "Words to choose scenarios by." },
	{ VERB_EVERY, "every", IN(ROOM_SCENARIO), "DURATION [jitter DURATION]", .once = true,
	  .manual = "How often it is due." },
	{ VERB_REQUIRE, "require", IN(ROOM_SCENARIO), "( family FAMILY | env ENV | deliver )",
	  .manual = "Where this host lacks it, the scenario is skipped." },

	{ VERB_SOURCE4, "source4", IN(ROOM_PATH), "IPV4", .once = true,
	  .manual = "The source address over IPv4." },
	{ VERB_SOURCE6, "source6", IN(ROOM_PATH), "IPV6", .once = true,
	  .manual = "The source address over IPv6." },
	{ VERB_INTERFACE, "interface", IN(ROOM_PATH), "INTERFACE", .once = true,
	  .manual = "Leaves through this interface." },
	{ VERB_EHLO_NAME, "ehlo", IN(ROOM_PATH), "HOST", .once = true,
	  .manual = "Our name in EHLO, over both families." },
	{ VERB_EHLO_NAME4, "ehlo4", IN(ROOM_PATH), "HOST", .once = true,
	  .manual = "Our name over IPv4." },
	{ VERB_EHLO_NAME6, "ehlo6", IN(ROOM_PATH), "HOST", .once = true,
	  .manual = "Our name over IPv6." },
	{ VERB_TRANSIENT, "transient", IN(ROOM_PATH), "( refuse | allow )", .once = true,
	  .manual = "refuse: the cell fails if the kernel took a temporary address (RFC 8981)." },

	{ VERB_CONNECTIONS, "connections", IN(ROOM_LIMIT), "NUMBER", .once = true,
	  .manual = "At once." },
	{ VERB_PAUSE, "pause", IN(ROOM_LIMIT), "DURATION", .once = true,
	  .manual = "Between two connections." },
	{ VERB_PER_DAY, "per-day", IN(ROOM_LIMIT), "NUMBER", .once = true,
	  .manual = "Connections in 24 hours, over all runs." },

	{ VERB_FCRDNS, "fcrdns", IN(ROOM_IDENTITY), "", .once = true,
	  .manual = "The source address has a PTR whose name leads back to it." },
	{ VERB_SPF, "spf", IN(ROOM_IDENTITY), "MAILBOX [=> {of-spf},...]",
	  .manual = "SPF of this MAIL FROM; pass is expected where nothing is said." },
	{ VERB_DKIM, "dkim", IN(ROOM_IDENTITY), "DOMAIN SELECTOR [bits OPERATOR NUMBER]",
	  .manual = "The key is published, and is of this size." },
	{ VERB_DMARC, "dmarc", IN(ROOM_IDENTITY), "DOMAIN [aligned ( any | spf | dkim | both )]",
	  .manual = "The domain has a DMARC record, and what passes is aligned with it." },

	{ VERB_TARGET, "target", IN(ROOM_PROBE), "{target},...",
	  .manual = "Where to: an axis of the matrix." },
	{ VERB_FAMILY, "family", IN(ROOM_PROBE), "FAMILY,...", .once = true,
	  .manual = "Over which families: an axis of the matrix; both where nothing is said." },
	{ VERB_USE_PATH, "path", IN(ROOM_PROBE), "PATH,...", .once = true,
	  .manual = "By which ways out: an axis of the matrix; the kernel's where nothing is said." },
	{ VERB_STEP, "step", IN(ROOM_PROBE), "{step}",
	  .manual = "What to do next, and what is expected of it. Steps that must come before are added." },
	{ VERB_WHEN, "when", IN(ROOM_PROBE), "{condition},... : step {step}",
	  .manual = "In the cells that meet all conditions, this step stands for the other of the same name. The first that fits is taken." },
	{ VERB_VERDICT, "verdict", IN(ROOM_PROBE), "( pass | warn | fail | unknown ),...", .once = true,
	  .manual = "What the judge is to say of each cell." },
	{ VERB_PIPELINING, "pipelining", IN(ROOM_PROBE), "( offered | always )", .once = true,
	  .manual = "Says MAIL, RCPT and DATA in one go (RFC 2920) where the server offers it; always: also where it does not, as bad clients do. That is for servers of your own." },

	{ VERB_SAME, "same", IN(ROOM_COMPARE),
	  "( reply-class | reply | banner | ehlo-keywords | cert-key | tls-version ),...",
	  .once = true, .manual = "What must not differ." },
	{ VERB_RATIO, "connect", IN(ROOM_COMPARE), "ratio OPERATOR RATIO [floor DURATION]",
	  .once = true,
	  .manual = "The slower connect by the faster one; nothing below the floor counts as slow." },
	{ VERB_COMPARISON, "verdict", IN(ROOM_COMPARE),
	  "( same | family-specific | host-specific | source-specific | inconclusive )",
	  .once = true, .manual = "How the families compare." },

	{ VERB_WATCH, "watch", IN(ROOM_BASELINE),
	  "( verdict | reply | ehlo-keywords | cert-key | cert-issuer | mx-set ),...",
	  .once = true, .manual = "What is kept of a run." },
	{ VERB_CONFIRM, "confirm", IN(ROOM_BASELINE), "NUMBER", .once = true,
	  .manual = "A change is told when so many runs have seen it." },

	{ VERB_ISOLATE, "isolate", IN(ROOM_FAILURE),
	  "( family | source | ehlo | mx | tls | mail-from ),... [max NUMBER connections]",
	  .once = true,
	  .manual = "Changes one thing at a time until it is clear which makes the difference." },
	{ VERB_PCAP, "pcap", IN(ROOM_FAILURE), "[keys]", .once = true,
	  .manual = "Keeps the packets, and the keys of TLS with them." },

	{ VERB_EXPECT, "expect", IN(ROOM_TWIN),
	  "( pass | fixed | known | unknown | fail | n/a ) of "
	  "( identity PATH | compare PROBE | PROBE ) [over FAMILY] [to TEXT]",
	  .manual = "What these rows come to in the twin; to names a domain, host or address. Every other row comes to what it comes to without the twin." },

	{ VERB_FOR, "for", IN(ROOM_SERVER), "( mx DOMAIN | host HOST | address ADDRESS ),...",
	  .once = true,
	  .manual = "The targets that it stands for; all that no other server names, where nothing is said. Several that stand for the mail exchangers of one domain under different names are several exchangers, the first the best." },
	{ VERB_CALLED, "called", IN(ROOM_SERVER), "HOST", .once = true,
	  .manual = "Its name, also in its certificate and as a mail exchanger. Servers of one name are one host with several addresses." },
	{ VERB_LIKE, "like", IN(ROOM_SERVER), "SERVER", .once = true,
	  .manual = "What is not said here is as that server has it." },
	{ VERB_SAY_BANNER, "banner", IN(ROOM_SERVER), "TEXT...", .once = true,
	  .manual = "Its greeting with the code, a text for each line." },
	{ VERB_SAY_EHLO, "ehlo", IN(ROOM_SERVER), "( nothing | {offer},... )", .once = true,
	  .manual = "What it offers: PIPELINING, SIZE, 8BITMIME, ENHANCEDSTATUSCODES and STARTTLS where nothing is said." },
	{ VERB_CERTIFICATE, "certificate", IN(ROOM_SERVER),
	  "( good | expired | other-name | self-signed | days NUMBER )", .once = true,
	  .manual = "The one it shows, made for this rehearsal: good and of an authority that the rehearsal trusts where nothing is said." },
	{ VERB_AFTER, "after", IN(ROOM_SERVER),
	  "( connect | early | banner | ehlo | starttls | mail | rcpt | pipelining | data | dot | quit ) "
	  "[of TEXT] ( reply TEXT... | close | reset | hang | delay DURATION )",
	  .manual = "What it does at this stage instead of agreeing, or, with delay, before it answers. A reply has its code, a text for each line. connect is before the banner, banner behind it; early: somebody has talked before the banner, for which it then waits 300ms; pipelining: commands came in one go, and it does not offer that; dot: the end of the message; of: only where the command has this text in it, such as a mailbox." },

	{ VERB_MX, "mx", IN(ROOM_TARGET),
	  "DOMAIN [( best | all | first NUMBER )] [port PORT] [only ADDRESS]",
	  .manual = "The mail exchangers of a domain; best where nothing is said." },
	{ VERB_HOST, "host", IN(ROOM_TARGET), "HOST [port PORT]",
	  .manual = "This host, whatever the MX records say." },
	{ VERB_ADDRESS, "address", IN(ROOM_TARGET), "ADDRESS [port PORT]",
	  .manual = "This address; no DNS is asked." },

	{ VERB_DO_CONNECT, "connect", IN(ROOM_STEP), "[=> {at-connect},...]",
	  .manual = "TCP is established." },
	{ VERB_DO_BANNER, "banner", IN(ROOM_STEP), "[=> {at-reply},...]",
	  .manual = "The server greets." },
	{ VERB_DO_EHLO, "ehlo", IN(ROOM_STEP), "[early] [=> {at-ehlo},...]",
	  .manual = "EHLO, with the name of the path; early: before the server has greeted, as bad clients do. That is for servers of your own." },
	{ VERB_DO_STARTTLS, "starttls", IN(ROOM_STEP),
	  "[( may | encrypt | dane | secure | none )] [=> {at-tls},...]",
	  .manual = "STARTTLS and the handshake; encrypt where the step is written without a word, may where there is no such step." },
	{ VERB_DO_MAIL, "mail", IN(ROOM_STEP), "MAILBOX [=> {at-reply},...]",
	  .manual = "MAIL FROM; <> is the null sender." },
	{ VERB_DO_RCPT, "rcpt", IN(ROOM_STEP), "MAILBOX [=> {at-reply},...]",
	  .manual = "RCPT TO." },
	{ VERB_DO_DATA, "data", IN(ROOM_STEP), "[( file FILE | size SIZE )] [=> {at-reply},...]",
	  .manual = "DATA, the message and its last dot; a message of our own where no file is named, of at least this size, at most 10M. The recipient must be one that owns names." },
	{ VERB_DO_QUIT, "quit", IN(ROOM_STEP), "[=> {at-reply},...]",
	  .manual = "QUIT, which is also said where it is not written." },

	{ VERB_IF_FAMILY, "family", IN(ROOM_CONDITION), "FAMILY", .once = true,
	  .manual = "Cells of this family." },
	{ VERB_IF_PATH, "path", IN(ROOM_CONDITION), "PATH", .once = true,
	  .manual = "Cells of this path." },
	{ VERB_IF_TARGET, "target", IN(ROOM_CONDITION), "TEXT", .once = true,
	  .manual = "Cells of this domain, host or address." },

	{ VERB_WITHIN, "within", IN(ROOM_AT_CONNECT) | IN_REPLY, "DURATION", .once = true,
	  .manual = "The stage takes no longer." },
	{ VERB_ACCEPT, "accept", IN_REPLY, "", .once = true,
	  .manual = "The server says yes." },
	{ VERB_REJECT, "reject", IN_REPLY, REFUSAL, .once = true,
	  .manual = "The server says 5xx, in this way. With known ... until it is a rejection that you know of: red again from that date on." },
	{ VERB_DEFER, "defer", IN_REPLY, REFUSAL, .once = true,
	  .manual = "The server says 4xx, in this way." },
	{ VERB_CODE, NULL, IN_REPLY, "CODE [STATUS]", .once = true,
	  .manual = "The server says exactly this code." },
	{ VERB_TEXT, "text", IN_REPLY, "REGEX",
	  .manual = "The words of the reply fit; /.../i whatever their case." },
	{ VERB_HAS, "has", IN(ROOM_AT_EHLO), "KEYWORD [OPERATOR SIZE]",
	  .manual = "The server announces it, with such a number." },
	{ VERB_LACKS, "lacks", IN(ROOM_AT_EHLO), "KEYWORD",
	  .manual = "The server does not announce it." },
	{ VERB_TLS, "tls", IN(ROOM_AT_TLS), "OPERATOR VERSION", .once = true,
	  .manual = "The version that was agreed on." },
	{ VERB_CERT, "cert", IN(ROOM_AT_TLS), "( name-ok | trusted | days OPERATOR NUMBER )",
	  .manual = "The certificate names the host; leads to a root we trust; is good for so many days." },

	{ VERB_SPF_RESULT, NULL, IN(ROOM_OF_SPF), "( pass | neutral | softfail | fail | none )",
	  .once = true, .manual = "The result." },
	{ VERB_LOOKUPS, "lookups", IN(ROOM_OF_SPF), "OPERATOR NUMBER", .once = true,
	  .manual = "Terms that ask the DNS (RFC 7208 section 4.6.4)." },
	{ VERB_VOID, "void", IN(ROOM_OF_SPF), "OPERATOR NUMBER", .once = true,
	  .manual = "Lookups that find nothing." },
	{ VERB_OFFER, NULL, IN(ROOM_OFFER), "KEYWORD [TEXT...]",
	  .manual = "An EHLO keyword and what stands behind it." },
	/* clang-format on */
};

static const struct room_row {
	const char *word, *phrase;
} rooms[] = {
	[ROOM_FILE] = { "file", "at the beginning of a line" },
	[ROOM_SCENARIO] = { "scenario", "under scenario" },
	[ROOM_PATH] = { "path", "under path" },
	[ROOM_LIMIT] = { "limit", "under limit" },
	[ROOM_IDENTITY] = { "identity", "under identity" },
	[ROOM_PROBE] = { "probe", "under probe" },
	[ROOM_COMPARE] = { "compare", "under compare" },
	[ROOM_BASELINE] = { "baseline", "under baseline" },
	[ROOM_FAILURE] = { "failure", "under on failure" },
	[ROOM_TWIN] = { "twin", "under twin" },
	[ROOM_SERVER] = { "server", "under server" },
	[ROOM_TARGET] = { "target", "behind target" },
	[ROOM_STEP] = { "step", "behind step" },
	[ROOM_CONDITION] = { "condition", "behind when" },
	[ROOM_AT_CONNECT] = { "at-connect", "behind the => of step connect" },
	[ROOM_AT_REPLY] = { "at-reply", "behind the => of a step" },
	[ROOM_AT_EHLO] = { "at-ehlo", "behind the => of step ehlo" },
	[ROOM_AT_TLS] = { "at-tls", "behind the => of step starttls" },
	[ROOM_OF_SPF] = { "of-spf", "behind the => of spf" },
	[ROOM_OFFER] = { "offer", "behind ehlo of a server" },
};

const struct scenario_verb *verb_at(size_t i)
{
	return i < COUNT_OF(verbs) ? &verbs[i] : NULL;
}

bool verb_stands_in(const struct scenario_verb *verb, enum verb_room room)
{
	return (verb->rooms & IN(room)) != 0;
}

const struct scenario_verb *verb_find(enum verb_room room, struct span word)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (verbs[i].word && verb_stands_in(&verbs[i], room) &&
			span_is(word, span_of(verbs[i].word)))
			return &verbs[i];
	return NULL;
}

const char *verb_room_phrase(enum verb_room room)
{
	return rooms[room].phrase;
}

const char *verb_room_word(enum verb_room room)
{
	return rooms[room].word;
}

bool verb_room_of(struct span word, enum verb_room *room)
{
	for (size_t i = 0; i < COUNT_OF(rooms); i++)
		if (span_is(word, span_of(rooms[i].word))) {
			*room = (enum verb_room)i;
			return true;
		}
	return false;
}

/* ---- forms */

/* The length of "[...]", "(...)" or "{...}", with what is nested in it. */
static size_t bracketed_len(struct span form)
{
	size_t depth = 0;

	for (size_t i = 0; i < form.len; i++) {
		if (strchr("[({", form.at[i]))
			depth++;
		if (strchr("])}", form.at[i]) && --depth == 0)
			return i + 1;
	}
	assert(depth == 0); /* the table closes its brackets */
	return form.len;
}

static size_t word_len(struct span form)
{
	size_t len = 0;

	while (len < form.len && form.at[len] != ' ' && form.at[len] != ',' &&
		!(form.at[len] == '.' && len + 1 < form.len &&
			form.at[len + 1] == '.'))
		len++;
	return len;
}

static void read_item(struct form_item *item, struct span word)
{
	struct span inner = span_part(word, 1, word.len - 2);
	bool is_known = true;

	item->text = span_trim(inner);
	switch (word.at[0]) {
	case '[':
		item->kind = FORM_MAYBE;
		break;
	case '(':
		item->kind = FORM_CHOICE;
		break;
	case '{':
		item->kind = FORM_CLAUSE;
		is_known = verb_room_of(inner, &item->room);
		break;
	default:
		item->text = word;
		item->kind = value_kind_of(word, &item->value) ? FORM_VALUE
							       : FORM_WORD;
		break;
	}
	assert(is_known);
	(void)is_known;
}

bool form_next(struct span *form, struct form_item *item)
{
	size_t len;

	*form = span_trim(*form);
	*item = (struct form_item){ .kind = FORM_WORD };
	if (!form->len)
		return false;
	len = strchr("[({", form->at[0]) ? bracketed_len(*form)
					 : word_len(*form);
	read_item(item, span_part(*form, 0, len));
	*form = span_part(*form, len, form->len);
	item->by_commas = span_starts_nocase(*form, SPAN(",..."));
	item->repeats = item->by_commas ||
			span_starts_nocase(*form, SPAN("..."));
	if (item->repeats)
		*form = span_part(*form, item->by_commas ? 4 : 3, form->len);
	return true;
}

struct span form_alternative(struct span *forms)
{
	struct span all = *forms, one;
	size_t at = 0;

	while (at < all.len && all.at[at] != '|')
		at += strchr("[({", all.at[at])
			      ? bracketed_len(span_part(all, at, all.len))
			      : 1;
	one = span_trim(span_part(all, 0, at));
	*forms = span_part(all, at + 1, all.len);
	return one;
}
