#include "probe/judge/probe_command.h"

/* ---- names */

static bool is_plain(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-';
}

static bool is_label(struct span label)
{
	if (!label.len || label.len > 63 || label.at[0] == '-' ||
		label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_plain(label.at[i]))
			return false;
	return true;
}

/* RFC 5321 section 4.1.2; of two labels or more, so that it is no word of ours,
 * and no address. */
static bool is_name(struct span name)
{
	struct span label = SPAN("");
	size_t labels = 0;

	if (!name.len || name.len > 253 || name.at[name.len - 1] == '.')
		return false;
	for (; name.len; labels++) {
		label = span_cut(&name, '.');
		if (!is_label(label))
			return false;
	}
	return labels > 1 && !ascii_is_digit(label.at[label.len - 1]);
}

static struct span without_dot(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

static bool is_safe(char c)
{
	return is_plain(c) || c == '.' || c == '_' || c == '@' || c == ':' ||
	       c == '/' || c == '%' || c == '+' || c == ',';
}

struct span shell_word(struct arena *arena, struct span word)
{
	struct span quoted = SPAN("'");
	size_t safe = 0;

	while (safe < word.len && is_safe(word.at[safe]))
		safe++;
	if (word.len && safe == word.len)
		return word;
	while (word.len) {
		size_t part = span_find(word, '\'');

		quoted = arena_print(arena, "%.*s%.*s%s", SPAN_ARG(quoted),
			SPAN_ARG(span_part(word, 0, part)),
			part < word.len ? "'\\''" : "");
		word = span_part(word, part + 1, word.len);
	}
	return arena_print(arena, "%.*s'", SPAN_ARG(quoted));
}

/* ---- how far */

/* It is about the mailbox or about what was sent, or no server said it. */
static bool is_beyond_probes(struct span policy)
{
	static const char *const words[] = { "mailbox-unknown", "mailbox-full",
		"mailbox-disabled", "mailbox-moved", "mailbox-restricted",
		"content-virus", "size", "loop", "sender-account", "suppressed",
		"not-a-bounce" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_is(policy, span_of(words[i])))
			return true;
	return false;
}

static enum stage stage_of(const struct probe_wish *wish)
{
	if (wish->has_stage)
		return wish->stage;
	return span_is(wish->policy, SPAN("greylist")) ? STAGE_RCPT : STAGE_DOT;
}

/* MAIL FROM is needed from here on. */
static struct span envelope(
	struct arena *arena, const struct probe_wish *wish, enum stage stage)
{
	struct span sender = without_dot(wish->sender_domain);
	struct span domain = without_dot(wish->domain);
	struct span from = SPAN("'<>'");

	if (is_name(sender))
		from = arena_print(arena, "postmaster@%.*s", SPAN_ARG(sender));
	if (stage == STAGE_MAIL || !is_name(domain))
		return arena_print(
			arena, " -f %.*s --quit-after mail", SPAN_ARG(from));
	return arena_print(arena, " -f %.*s -t %s@%.*s%s", SPAN_ARG(from),
		PROBE_MAILBOX, SPAN_ARG(domain),
		stage == STAGE_RCPT ? " --quit-after rcpt" : " --deliver");
}

static struct span ending(
	struct arena *arena, const struct probe_wish *wish, enum stage stage)
{
	switch (stage) {
	case STAGE_RESOLVE:
		return SPAN(" --dry-run");
	case STAGE_CONNECT:
	case STAGE_BANNER:
		return SPAN(" --quit-after banner");
	case STAGE_EHLO:
		return SPAN(" --quit-after ehlo");
	case STAGE_STARTTLS:
	case STAGE_TLS:
		return SPAN(" --quit-after tls");
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_DATA:
	case STAGE_DOT:
	case STAGE_QUIT:
		break;
	}
	return envelope(arena, wish, stage);
}

/* How far packets get is what a trace tells, hop by hop. */
static bool wants_trace(enum path_fault fault)
{
	return fault == PATH_NO_ANSWER || fault == PATH_PROHIBITED ||
	       fault == PATH_UNREACHABLE || fault == PATH_REFUSED;
}

/* Empty: there is none that can be used. */
static struct span target_of(struct arena *arena, const struct probe_wish *wish)
{
	struct span domain = without_dot(wish->domain);
	struct span host = without_dot(wish->host);
	char room[IP_TEXT_MAX];

	if (wish->domain.len)
		return is_name(domain) ? domain : SPAN("");
	if (is_name(host))
		return arena_print(arena, "%.*s:25", SPAN_ARG(host));
	if (!wish->has_server)
		return SPAN("");
	return shell_word(arena,
		arena_print(arena, "[%s]", ip_print(&wish->server, room)));
}

struct span probe_command(struct arena *arena, const struct probe_wish *wish)
{
	struct span target = target_of(arena, wish);
	struct span source = SPAN("");
	enum stage stage = stage_of(wish);
	char room[IP_TEXT_MAX];

	if (!target.len || is_beyond_probes(wish->policy))
		return SPAN("");
	if (wish->has_source)
		source = arena_print(
			arena, " -b %s", ip_print(&wish->source, room));
	if (span_is(wish->policy, SPAN("dns")))
		stage = STAGE_RESOLVE;
	if (wants_trace(wish->fault))
		return arena_print(arena, "mxprobe trace %.*s%.*s",
			SPAN_ARG(target), SPAN_ARG(source));
	return arena_print(arena, "mxprobe %.*s%.*s%.*s", SPAN_ARG(target),
		SPAN_ARG(source), SPAN_ARG(ending(arena, wish, stage)));
}
