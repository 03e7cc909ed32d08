#include "probe/judge/mta_change.h"

/* Is it so already? */
static bool is_needed(const struct mta_order *order, enum family only)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->tries[i].turn &&
			order->tries[i].path->family != only)
			return true;
	return false;
}

static bool has_family(const struct mta_order *order, enum family family)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->tries[i].path->family == family)
			return true;
	return false;
}

/* A service of its own, and a line of the transport table that leads there. */
static struct span postfix_steps(
	struct arena *arena, const struct mta_order *order, char digit)
{
	const struct mta_config *config = order->config;
	bool has_maps = config->transport_maps.len > 0;

	return arena_print(arena,
		"# /etc/postfix/master.cf\n"
		"smtp%c  unix  -  -  y  -  -  smtp\n"
		"    -o inet_protocols=ipv%c -o syslog_name=postfix/smtp%c\n"
		"# /etc/postfix/transport%s\n"
		"%.*s  smtp%c:\n"
		"%s"
		"# then\n"
		"postmap /etc/postfix/transport && postfix reload\n",
		digit, digit, digit,
		has_maps ? ", or the table of your transport_maps" : "",
		SPAN_ARG(order->domain), digit,
		has_maps ? ""
			 : "# /etc/postfix/main.cf\n"
			   "transport_maps = hash:/etc/postfix/transport\n");
}

/* A router before the one that would take the domain otherwise. */
static struct span exim_steps(
	struct arena *arena, const struct mta_order *order, enum family only)
{
	return arena_print(arena,
		"# begin routers: before the router that takes all domains\n"
		"only_ipv%c:\n"
		"  driver = dnslookup\n"
		"  domains = %.*s\n"
		"  transport = remote_smtp\n"
		"  %s\n"
		"  no_more\n",
		only == FAMILY_IPV4 ? '4' : '6', SPAN_ARG(order->domain),
		only == FAMILY_IPV4 ? "ipv4_only = yes"
				    : "ignore_target_hosts = <; 0.0.0.0/0");
}

static struct span sendmail_steps(
	struct arena *arena, const struct mta_order *order, enum family only)
{
	struct span steps = arena_print(arena,
		"# your own zone: a name with %s records only, of the "
		"destination's exchangers\n",
		only == FAMILY_IPV4 ? "A" : "AAAA");

	for (size_t i = 0; i < order->count; i++) {
		const struct path *path = order->tries[i].path;

		if (path->family == only)
			steps = arena_print(arena, "%.*sonly%c  IN  %s  %.*s\n",
				SPAN_ARG(steps),
				only == FAMILY_IPV4 ? '4' : '6',
				only == FAMILY_IPV4 ? "A" : "AAAA",
				SPAN_ARG(ip_text(arena, &path->remote)));
	}
	return arena_print(arena,
		"%.*s# /etc/mail/mailertable\n"
		"%.*s  esmtp:[only%c.your-domain.example]\n"
		"# then\n"
		"makemap hash /etc/mail/mailertable < /etc/mail/mailertable\n",
		SPAN_ARG(steps), SPAN_ARG(order->domain),
		only == FAMILY_IPV4 ? '4' : '6');
}

static struct span opensmtpd_steps(
	struct arena *arena, const struct mta_order *order, enum family only)
{
	return arena_print(arena,
		"# smtpd.conf\n"
		"mta limit for domain \"%.*s\" inet%c\n"
		"# then\n"
		"smtpd -n && rcctl restart smtpd\n",
		SPAN_ARG(order->domain), only == FAMILY_IPV4 ? '4' : '6');
}

static void find(struct arena *arena, struct mta_order *order, enum family only)
{
	struct mta_change *change = &order->only[only];

	change->is_possible = true;
	switch (order->mta) {
	case MTA_POSTFIX:
		change->steps = postfix_steps(
			arena, order, only == FAMILY_IPV4 ? '4' : '6');
		break;
	case MTA_SENDMAIL:
		change->steps = sendmail_steps(arena, order, only);
		change->note = SPAN(
			"Sendmail has no setting for it, so the addresses "
			"have to be kept up to date by hand; and the "
			"server's certificate bears another name.");
		break;
	case MTA_EXIM:
		change->steps = exim_steps(arena, order, only);
		if (only == FAMILY_IPV4)
			change->note = SPAN("ipv4_only is there since Exim "
					    "4.91.");
		break;
	case MTA_OPENSMTPD:
		change->steps = opensmtpd_steps(arena, order, only);
		break;
	}
}

void mta_change_find(struct arena *arena, struct mta_order *order)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		enum family only = (enum family)i;
		struct mta_change *change = &order->only[only];

		change->is_needed = is_needed(order, only);
		if (order->config->relay.len) {
			change->note = arena_print(arena,
				"All mail goes to %.*s, which decides.",
				SPAN_ARG(order->config->relay));
			continue;
		}
		if (!has_family(order, only)) {
			change->note = arena_print(arena,
				"%.*s has no %s address.",
				SPAN_ARG(order->domain), family_word(only));
			continue;
		}
		find(arena, order, only);
	}
}
