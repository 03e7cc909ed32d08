#include "pcap/path_cause.h"

enum {
	RESENT_ENOUGH = 3,   /* the timer has doubled twice */
	SILENCE_SECONDS = 3, /* less is a slow server */
};

/* clang-format off */
static const char *const words[CAUSE_COUNT] = {
	[CAUSE_NONE] = "none",
	[CAUSE_NO_ANSWER] = "no-answer",
	[CAUSE_REFUSED] = "refused",
	[CAUSE_PROHIBITED] = "prohibited",
	[CAUSE_UNREACHABLE] = "unreachable",
	[CAUSE_HALF_OPEN] = "half-open",
	[CAUSE_RESET] = "reset",
	[CAUSE_BLACK_HOLE] = "black-hole",
	[CAUSE_TOO_BIG] = "packet-too-big",
	[CAUSE_STALL] = "stall",
	[CAUSE_SERVER_SILENT] = "server-silent",
	[CAUSE_CLIENT_SILENT] = "client-silent",
};
/* clang-format on */

const char *cause_word(enum cause cause)
{
	return words[cause];
}

static uint64_t between(int64_t from, int64_t until)
{
	return until > from ? (uint64_t)until - (uint64_t)from : 0;
}

static void found(struct path_cause *cause, enum cause what, enum side sufferer,
	struct sighting evidence)
{
	cause->cause = what;
	cause->sufferer = sufferer;
	cause->evidence = evidence;
}

/* ---- the handshake */

/* Administratively: RFC 792 and RFC 1812 section 5.2.7.1; RFC 4443 section
 * 3.1, where 5 and 6 are filters too. */
static bool is_prohibited(const struct path_icmp *icmp)
{
	if (icmp->is_v6)
		return icmp->type == 1 &&
		       (icmp->code == 1 || icmp->code == 5 || icmp->code == 6);
	return icmp->type == 3 &&
	       (icmp->code == 9 || icmp->code == 10 || icmp->code == 13);
}

static bool is_unreachable(const struct path_icmp *icmp)
{
	if (icmp->is_v6)
		return icmp->type == 1 || icmp->type == 3;
	return (icmp->type == 3 && icmp->code != 4) || icmp->type == 11;
}

static const struct path_icmp *find_icmp(const struct path_cause *cause,
	bool (*is_it)(const struct path_icmp *icmp))
{
	for (size_t i = 0; i < cause->icmp_count; i++)
		if (is_it(&cause->icmp[i]))
			return &cause->icmp[i];
	return NULL;
}

static void find_unconnected(
	struct path_cause *cause, const struct stream *stream)
{
	const struct path_icmp *icmp = find_icmp(cause, is_prohibited);

	cause->resent = stream->syn_count ? stream->syn_count - 1 : 0;
	if (stream->is_reset && stream->reset_by == SIDE_SERVER) {
		found(cause, CAUSE_REFUSED, SIDE_CLIENT, stream->reset);
		return;
	}
	if (icmp) {
		found(cause, CAUSE_PROHIBITED, SIDE_CLIENT, icmp->seen);
		return;
	}
	icmp = find_icmp(cause, is_unreachable);
	if (icmp) {
		found(cause, CAUSE_UNREACHABLE, SIDE_CLIENT, icmp->seen);
		return;
	}
	found(cause, CAUSE_NO_ANSWER, SIDE_CLIENT, stream->syn);
	cause->also = stream->last;
	cause->waited_ns = between(stream->syn.time_ns, stream->last.time_ns);
}

/* ---- segments that do not arrive */

static bool is_too_big(const struct path_icmp *icmp)
{
	return icmp->is_v6 ? icmp->type == 2
			   : icmp->type == 3 && icmp->code == 4;
}

/*
 * The same segment again and again.  Is it its size?  Nothing as large has
 * passed, and since it was first sent something came back, so that the path is
 * there; or all that was sent since is large too.  A small segment that nothing
 * comes back for is a dead path.
 */
static bool is_size(
	const struct stream_side *side, const struct stream_side *peer)
{
	if (side->resent_len <= side->largest_acked ||
		side->resent_len <= STREAM_SMALL_MAX)
		return false;
	return peer->last.frame > side->stuck_since.frame ||
	       !side->small_sent.frame;
}

static bool find_stuck(
	struct path_cause *cause, const struct stream *stream, enum side which)
{
	const struct stream_side *side = &stream->sides[which];
	const struct stream_side *peer = &stream->sides[!which];
	const struct path_icmp *icmp = find_icmp(cause, is_too_big);

	if (side->resent_run < RESENT_ENOUGH)
		return false;
	if (!is_size(side, peer))
		found(cause, CAUSE_STALL, which, side->resent_first);
	else
		found(cause, icmp ? CAUSE_TOO_BIG : CAUSE_BLACK_HOLE, which,
			side->resent_first);
	cause->also = side->resent_last;
	cause->resent = side->resent_run;
	cause->segment = side->resent_len;
	cause->passed = side->largest_acked;
	cause->waited_ns = between(
		side->stuck_since.time_ns, side->resent_last.time_ns);
	return true;
}

/* ---- silence */

/* Whoever ends TLS hangs up, even if the other's FIN comes first. */
static struct sighting hung_up(const struct stream *stream,
	const struct path_wait *wait, enum side side)
{
	struct sighting fin = stream->fin[side];
	struct sighting tls = wait->tls_end[side];

	return tls.frame && (!fin.frame || tls.frame < fin.frame) ? tls : fin;
}

/* When the one who waited gave up; frame 0: it did not, or not first. */
static struct sighting gave_up(const struct stream *stream,
	const struct path_wait *wait, enum side asker)
{
	struct sighting end = hung_up(stream, wait, asker);
	struct sighting peer = hung_up(stream, wait, !asker);

	if (stream->is_reset && stream->reset_by == asker &&
		(!end.frame || stream->reset.frame < end.frame))
		end = stream->reset;
	if (peer.frame && (!end.frame || peer.frame < end.frame))
		end.frame = 0;
	return end;
}

static void find_silence(struct path_cause *cause, const struct stream *stream,
	const struct path_wait *wait)
{
	enum side asker = !wait->for_whom;
	struct sighting end = gave_up(stream, wait, asker);

	if (!wait->is_waiting)
		return;
	if (stream->is_reset && stream->reset_by == wait->for_whom &&
		!stream->fin[asker].frame) {
		found(cause, CAUSE_RESET, asker, stream->reset);
		return;
	}
	if (!end.frame && hung_up(stream, wait, wait->for_whom).frame)
		return; /* it hung up: that is no silence */
	cause->waited_ns = between(
		wait->since.time_ns, end.frame ? end.time_ns : wait->now_ns);
	if (cause->waited_ns < (uint64_t)SILENCE_SECONDS * 1000000000)
		return;
	found(cause,
		wait->for_whom == SIDE_SERVER ? CAUSE_SERVER_SILENT
					      : CAUSE_CLIENT_SILENT,
		wait->for_whom, wait->since);
	cause->also = end;
}

void path_cause_find(struct path_cause *cause, const struct stream *stream,
	const struct path_wait *wait)
{
	const struct stream_side *server = &stream->sides[SIDE_SERVER];

	if (stream->syn.frame && !stream->syn_ack.frame &&
		!stream->established.frame && !server->octets &&
		!stream->sides[SIDE_CLIENT].octets) {
		find_unconnected(cause, stream);
		return;
	}
	if (stream->syn_ack.frame && !stream->established.frame &&
		!server->octets && !stream->sides[SIDE_CLIENT].octets &&
		stream->syn.frame && !stream->is_reset) {
		found(cause, CAUSE_HALF_OPEN, SIDE_CLIENT, stream->syn_ack);
		return;
	}
	if (find_stuck(cause, stream, SIDE_CLIENT) ||
		find_stuck(cause, stream, SIDE_SERVER))
		return;
	find_silence(cause, stream, wait);
}

/* ---- in words */

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static const char *who(enum side side)
{
	return side == SIDE_CLIENT ? "client" : "server";
}

static struct span size_text(
	struct arena *arena, const struct path_cause *cause)
{
	return arena_print(arena,
		"The %s sent the same segment of %zu octets %u times again in "
		"%.1f s and had no acknowledgement; the largest that went "
		"through had %zu. Large packets are lost on this path%s.",
		who(cause->sufferer), cause->segment, cause->resent,
		seconds(cause->waited_ns), cause->passed,
		cause->cause == CAUSE_TOO_BIG
			? ", and the ICMP message that says so did not help"
			: ", and no ICMP message says so");
}

static struct span icmp_text(
	struct arena *arena, const struct path_cause *cause, const char *what)
{
	char room[IP_TEXT_MAX] = "";
	const struct path_icmp *icmp = NULL;

	for (size_t i = 0; i < cause->icmp_count; i++)
		if (cause->icmp[i].seen.frame == cause->evidence.frame)
			icmp = &cause->icmp[i];
	if (!icmp)
		return span_of("");
	return arena_print(arena, "%s answered the SYN with %s (%s %u/%u).",
		ip_print(&icmp->offender, room), what,
		icmp->is_v6 ? "ICMPv6" : "ICMP", icmp->type, icmp->code);
}

struct span cause_text(struct arena *arena, const struct path_cause *cause)
{
	switch (cause->cause) {
	case CAUSE_NONE:
		return span_of("");
	case CAUSE_NO_ANSWER:
		if (!cause->resent)
			return span_of("A SYN was sent, and nothing came "
				       "back.");
		return arena_print(arena,
			"The SYN was sent %u times in %.1f s, and nothing came "
			"back.",
			cause->resent + 1, seconds(cause->waited_ns));
	case CAUSE_REFUSED:
		return span_of("The SYN was answered with a reset.");
	case CAUSE_PROHIBITED:
		return icmp_text(arena, cause, "\"prohibited\"");
	case CAUSE_UNREACHABLE:
		return icmp_text(arena, cause, "\"unreachable\"");
	case CAUSE_HALF_OPEN:
		return span_of("The client never took up the connection that "
			       "the server accepted.");
	case CAUSE_RESET:
		return arena_print(arena,
			"The connection was reset while the %s waited for an "
			"answer.",
			who(cause->sufferer));
	case CAUSE_BLACK_HOLE:
	case CAUSE_TOO_BIG:
		return size_text(arena, cause);
	case CAUSE_STALL:
		return arena_print(arena,
			"The %s sent the same segment of %zu octets %u times "
			"again in %.1f s, and nothing came back any more.",
			who(cause->sufferer), cause->segment, cause->resent,
			seconds(cause->waited_ns));
	case CAUSE_SERVER_SILENT:
	case CAUSE_CLIENT_SILENT:
		return arena_print(arena,
			"It was the %s's turn, and it said nothing for %.1f s.",
			who(cause->sufferer), seconds(cause->waited_ns));
	}
	return span_of("");
}
