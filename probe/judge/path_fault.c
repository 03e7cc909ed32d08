#include "probe/judge/path_fault.h"

#include "probe/facts/delivery.h"

/* ---- the words of systems, mail servers and captures */

static const struct {
	const char *words;
	enum path_fault fault;
} phrases[] = {
	/* clang-format off */
	{ "black hole",                 PATH_BLACK_HOLE },
	{ "largest that passed",        PATH_BLACK_HOLE },
	{ "too big",                    PATH_BLACK_HOLE },
	{ "permission denied",          PATH_PROHIBITED },
	{ "prohibited",                 PATH_PROHIBITED },
	{ "connection refused",         PATH_REFUSED },
	{ "syn was answered with a reset", PATH_REFUSED },
	{ "no route to host",           PATH_UNREACHABLE },
	{ "unreachable",                PATH_UNREACHABLE },
	{ "host is down",               PATH_UNREACHABLE },
	{ "lost connection",            PATH_CLOSED },
	{ "closed connection",          PATH_CLOSED },
	{ "connection closed",          PATH_CLOSED },
	{ "connection reset",           PATH_CLOSED },
	{ "connection was reset",       PATH_CLOSED },
	{ "connection died",            PATH_CLOSED },
	{ "broken pipe",                PATH_CLOSED },
	{ "remote host closed",         PATH_CLOSED },
	{ "same segment",               PATH_STALL },
	{ "timed out",                  PATH_SILENT },
	{ "timeout",                    PATH_SILENT },
	{ "nothing came back",          PATH_SILENT },
	{ "said nothing",               PATH_SILENT },
	{ "ssl_connect error",          PATH_TLS },
	{ "(ssl_connect):",             PATH_TLS },
	{ "(gnutls_handshake):",        PATH_TLS },
	{ "tls handshake failed",       PATH_TLS },
	/* clang-format on */
};

enum { PHRASES = sizeof(phrases) / sizeof(*phrases) };

static bool begins_with(struct span text, const char *words)
{
	size_t at = 0;

	while (words[at] && at < text.len &&
		ascii_lower(text.at[at]) == words[at])
		at++;
	return !words[at];
}

/* Which two letters begin a phrase: a bit for each.  Few others share one. */
struct beginnings {
	uint32_t of[32];
};

static struct beginnings list_beginnings(void)
{
	struct beginnings beginnings = { 0 };

	for (size_t i = 0; i < PHRASES; i++)
		beginnings.of[phrases[i].words[0] & 31] |=
			UINT32_C(1) << (phrases[i].words[1] & 31);
	return beginnings;
}

/* The first of the list that begins the text, before `best`; else `best`. */
static size_t first_beginning(struct span text, size_t best)
{
	char initial = ascii_lower(text.at[0]);

	for (size_t i = 0; i < best; i++)
		if (phrases[i].words[0] == initial &&
			begins_with(text, phrases[i].words))
			return i;
	return best;
}

/* The first of the list that is in it, wherever it stands. */
static enum path_fault by_words(struct span text)
{
	struct beginnings beginnings = list_beginnings();
	size_t best = PHRASES;

	for (; text.len > 1; text = span_part(text, 1, text.len))
		if (beginnings.of[text.at[0] & 31] >> (text.at[1] & 31) & 1)
			best = first_beginning(text, best);
	return best < PHRASES ? phrases[best].fault : PATH_NO_FAULT;
}

/* Too long a wait is another thing at each stage. */
static enum path_fault waited(const struct delivery *delivery)
{
	if (!delivery->has_stage)
		return PATH_SILENT;
	if (delivery->stage <= STAGE_CONNECT)
		return PATH_NO_ANSWER;
	return delivery->stage == STAGE_DATA || delivery->stage == STAGE_DOT
		       ? PATH_STALL
		       : PATH_SILENT;
}

/* What packets show is plain: pcap/path_cause.h has these words. */
static const struct {
	const char *word;
	enum path_fault fault;
} seen[] = {
	/* clang-format off */
	{ "no-answer",          PATH_NO_ANSWER },
	{ "refused",            PATH_REFUSED },
	{ "prohibited",         PATH_PROHIBITED },
	{ "unreachable",        PATH_UNREACHABLE },
	{ "half-open",          PATH_CLOSED },
	{ "reset",              PATH_CLOSED },
	{ "hung-up",            PATH_CLOSED },
	{ "black-hole",         PATH_BLACK_HOLE },
	{ "packet-too-big",     PATH_BLACK_HOLE },
	{ "stall",              PATH_STALL },
	{ "server-silent",      PATH_SILENT },
	{ "tls-handshake",      PATH_TLS },
	/* clang-format on */
};

static enum path_fault by_packets(const struct delivery *delivery)
{
	if (!delivery->fault.len)
		return PATH_NO_FAULT;
	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++)
		if (span_is(delivery->fault, span_of(seen[i].word)))
			return seen[i].fault;
	return PATH_NO_FAULT;
}

enum path_fault path_fault_of(const struct delivery *delivery)
{
	enum path_fault fault;

	if (delivery->code || delivery->result == DELIVERY_ACCEPTED ||
		(delivery->has_stage && delivery->stage == STAGE_RESOLVE))
		return PATH_NO_FAULT;
	fault = by_packets(delivery);
	if (fault != PATH_NO_FAULT)
		return fault;
	fault = by_words(delivery->text);
	return fault == PATH_SILENT ? waited(delivery) : fault;
}

/* ---- our words for them */

static const struct {
	const char *word, *phrase;
	const char *id, *title, *meaning, *remedy, *reference;
	enum blame blame;
} faults[PATH_FAULT_COUNT] = {
	[PATH_NO_FAULT] = { .word = "none", .phrase = "nothing" },
	[PATH_REFUSED] = { .word = "refused",
		.phrase = "the connection was refused",
		.id = "family.refused",
		.title = "the host is there and refuses the connection",
		.meaning = "No mail server listens at this address, or a "
			   "filter answers for it.",
		.remedy = "try the command below from here and from another "
			  "network: if only this network is refused, a filter "
			  "on the way answers for the server",
		.reference = "RFC 9293 section 3.5.2",
		.blame = BLAME_UNKNOWN },
	[PATH_NO_ANSWER] = { .word = "no-answer",
		.phrase = "the SYN was not answered",
		.id = "family.unreachable",
		.title = "the address is advertised and does not answer",
		.meaning = "Packets to port 25 of this address are lost, here "
			   "or there.",
		.remedy = "try from another network: if it answers there, ask "
			  "your own provider whether it drops port 25 for this "
			  "family; if not, tell the domain's postmaster",
		.reference = "RFC 5321 section 4.5.4.1",
		.blame = BLAME_UNKNOWN },
	[PATH_PROHIBITED] = { .word = "prohibited",
		.phrase = "a filter forbade the connection",
		.id = "family.prohibited",
		.title = "a filter on the way forbids the connection",
		.remedy = "ask who runs the machine that sent the ICMP error "
			  "to let TCP port 25 pass",
		.reference = "RFC 4443 section 3.1, RFC 1812 section 5.2.7.1",
		.blame = BLAME_PATH },
	[PATH_UNREACHABLE] = { .word = "unreachable",
		.phrase = "there was no route to it",
		.id = "family.unreachable",
		.title = "there is no route to the address",
		.meaning = "A router, or this host itself, knows no way there.",
		.remedy = "look at the routes of this family on this host, "
			  "then how far packets get (mxprobe trace)",
		.reference = "RFC 4443 section 3.1",
		.blame = BLAME_PATH },
	[PATH_SILENT] = { .word = "silent",
		.phrase = "no answer came in time",
		.id = "server.silent",
		.title = "no answer came in time",
		.meaning = "It was waited for as long as the mail server "
			   "waits.",
		.remedy = "run the command below: it tells at which step the "
			  "answer is missing, and over which family",
		.reference = "RFC 5321 section 4.5.3.2",
		.blame = BLAME_UNKNOWN },
	[PATH_STALL] = { .word = "stall",
		.phrase = "it stalled while the message was sent",
		.id = "path.stall",
		.title = "the connection stalls while the message is sent",
		.meaning = "Either large packets are lost on the way (a path "
			   "with a smaller MTU whose Packet Too Big is "
			   "filtered), or the server does not answer.",
		.remedy = "capture it (mxprobe --pcap, or tcpdump port 25): "
			  "packets tell the two apart; against lost ones "
			  "clamp the TCP MSS to the path (nft: tcp option "
			  "maxseg size set rt mtu)",
		.reference = "RFC 2923 section 2.1, RFC 5321 section 4.5.3.2",
		.blame = BLAME_UNKNOWN },
	[PATH_BLACK_HOLE] = { .word = "black-hole",
		.phrase = "large packets were lost on the way",
		.id = "path.mtu-black-hole",
		.title = "large packets are lost on the way",
		.meaning = "Small packets were answered, then full ones were "
			   "sent again and again and never acknowledged: the "
			   "signature of a path with a smaller MTU.",
		.remedy = "allow ICMP Packet Too Big on the way, or clamp the "
			  "TCP MSS to the path (nft: tcp option maxseg size "
			  "set rt mtu)",
		.reference = "RFC 8201 section 3, RFC 2923 section 2.1",
		.blame = BLAME_PATH },
	[PATH_CLOSED] = { .word = "closed",
		.phrase = "the connection ended without an answer",
		.id = "server.closed",
		.title = "the connection ended without an answer",
		.meaning = "A server that hangs up says 421 first; a filter "
			   "or a crash does not.",
		.remedy = "look at the server's log for this connection, and "
			  "at filters between that look into SMTP",
		.reference = "RFC 5321 section 3.8",
		.blame = BLAME_UNKNOWN },
	[PATH_TLS] = { .word = "tls-handshake",
		.phrase = "the TLS handshake failed",
		.id = "tls.handshake",
		.title = "the TLS handshake fails",
		.meaning = "STARTTLS was accepted, and no TLS came of it.",
		.remedy = "run the command below: it tells what the handshake "
			  "fails on; until it is mended, a mail server that "
			  "needs no TLS may send in clear",
		.reference = "RFC 3207 section 4.1",
		.blame = BLAME_THEIRS },
};

const char *path_fault_word(enum path_fault fault)
{
	return faults[fault].word;
}

const char *path_fault_phrase(enum path_fault fault)
{
	return faults[fault].phrase;
}

static struct span text_of(const char *text)
{
	return text ? span_of(text) : SPAN("");
}

void path_fault_describe(enum path_fault fault, struct finding *finding)
{
	finding->id = text_of(faults[fault].id);
	finding->severity = SEVERITY_FAIL;
	finding->blame = faults[fault].blame;
	finding->title = text_of(faults[fault].title);
	finding->meaning = text_of(faults[fault].meaning);
	finding->remedy = text_of(faults[fault].remedy);
	finding->reference = text_of(faults[fault].reference);
}
