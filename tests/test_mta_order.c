#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "probe/judge/mta_order.h"
#include "reports/inbound/mta_config_file.h"
#include "reports/mta_text.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

enum { PATHS_MAX = 16 };

static struct path paths[PATHS_MAX];
static size_t path_count;

/* "10 mx 2001:db8::1" */
static void add_path(struct span text)
{
	struct path *path = &paths[path_count++];
	unsigned long preference;

	assert_true(path_count <= PATHS_MAX);
	*path = (struct path){ .domain = SPAN("a.example") };
	assert_true(span_number(span_cut(&text, ' '), 65535, &preference));
	path->preference = (unsigned)preference;
	path->host = span_cut(&text, ' ');
	assert_true(ip_parse(text, &path->remote));
	path->family = path->remote.family;
	path->port = 25;
}

static void add_paths(const char *list)
{
	struct span rest = span_of(list);

	path_count = 0;
	while (rest.len)
		add_path(span_cut(&rest, ','));
}

static struct span told(const struct mta_order *order)
{
	struct span text = SPAN("");
	char room[IP_TEXT_MAX];

	for (size_t i = 0; i < order->count; i++)
		text = arena_print(arena, "%.*s%s%zu%s %s", SPAN_ARG(text),
			i ? ", " : "", order->tries[i].turn,
			order->tries[i].is_chance ? "?" : "",
			ip_print(&order->tries[i].path->remote, room));
	return text;
}

static struct mta_order order_of(enum mta mta, const char *text)
{
	struct mta_config *config = arena_new(arena, struct mta_config);
	struct mta_order order;

	mta_config_read(arena, mta, SPAN("the file"), span_of(text), config);
	mta_order_make(
		arena, config, SPAN("a.example"), paths, path_count, &order);
	return order;
}

#define TWO_HOSTS                                                              \
	"10 mx1 192.0.2.1,10 mx1 2001:db8::1,20 mx2 192.0.2.2,20 mx2 "         \
	"2001:db8::2"
#define EQUAL_HOSTS                                                            \
	"10 mx1 192.0.2.1,10 mx1 2001:db8::1,10 mx2 192.0.2.2,10 mx2 "         \
	"2001:db8::2"
#define MANY_IPV6                                                              \
	"10 mx1 2001:db8::1,10 mx1 2001:db8::2,10 mx1 2001:db8::3,"            \
	"10 mx1 2001:db8::4,10 mx1 2001:db8::5,20 mx2 192.0.2.1,20 mx2 "       \
	"192.0.2.2"

/* clang-format off */
static const struct {
	enum mta mta;
	const char *config, *paths, *order;
} orders[] = {
	{ MTA_POSTFIX, "", TWO_HOSTS,
	  "1 192.0.2.1, 1 2001:db8::1, 3 192.0.2.2, 3 2001:db8::2" },
	{ MTA_POSTFIX, "smtp_address_preference = ipv6\n", TWO_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 2001:db8::2, 4 192.0.2.2" },
	{ MTA_POSTFIX, "smtp_address_preference = ipv4\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 2001:db8::1, 3 192.0.2.2, 4 2001:db8::2" },
	/* All hosts of one preference are one list. */
	{ MTA_POSTFIX, "smtp_address_preference = ipv6\n", EQUAL_HOSTS,
	  "1 2001:db8::1, 1 2001:db8::2, 3 192.0.2.1, 3 192.0.2.2" },
	{ MTA_POSTFIX, "smtp_randomize_addresses = no\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 2001:db8::1, 3 192.0.2.2, 4 2001:db8::2" },
	{ MTA_POSTFIX, "inet_protocols = ipv4\nsmtp_address_preference = ipv6\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 192.0.2.2, 0 2001:db8::1, 0 2001:db8::2" },
	{ MTA_POSTFIX, "relayhost = x\n", TWO_HOSTS,
	  "0 192.0.2.1, 0 2001:db8::1, 0 192.0.2.2, 0 2001:db8::2" },
	/* Seven addresses, five of them may be tried: with the balance both
	 * IPv4 addresses are among them. */
	{ MTA_POSTFIX, "", MANY_IPV6,
	  "1? 2001:db8::1, 1? 2001:db8::2, 1? 2001:db8::3, 1? 2001:db8::4, "
	  "1? 2001:db8::5, 6 192.0.2.1, 6 192.0.2.2" },
	{ MTA_POSTFIX, "smtp_randomize_addresses = no\n", MANY_IPV6,
	  "1 2001:db8::1, 2 2001:db8::2, 3 2001:db8::3, 6 192.0.2.1, "
	  "7 192.0.2.2, 0 2001:db8::4, 0 2001:db8::5" },
	{ MTA_POSTFIX, "smtp_balance_inet_protocols = no\n", MANY_IPV6,
	  "1 2001:db8::1, 1 2001:db8::2, 1 2001:db8::3, 1 2001:db8::4, "
	  "1 2001:db8::5, 0 192.0.2.1, 0 192.0.2.2" },
	{ MTA_POSTFIX, "smtp_mx_address_limit = 0\n", MANY_IPV6,
	  "1 2001:db8::1, 1 2001:db8::2, 1 2001:db8::3, 1 2001:db8::4, "
	  "1 2001:db8::5, 6 192.0.2.1, 6 192.0.2.2" },
	{ MTA_POSTFIX, "smtp_address_preference = ipv6\nsmtp_mx_address_limit = 3\n",
	  TWO_HOSTS ",30 mx3 192.0.2.3,30 mx3 2001:db8::3",
	  "1 2001:db8::1, 2 192.0.2.1, 3 2001:db8::2, 0 192.0.2.2, "
	  "0 2001:db8::3, 0 192.0.2.3" },
	{ MTA_EXIM, "", TWO_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 2001:db8::2, 4 192.0.2.2" },
	/* Host by host, not family by family. */
	{ MTA_EXIM, "", EQUAL_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 2001:db8::2, 4 192.0.2.2" },
	{ MTA_EXIM, "begin routers\nr:\ndriver = dnslookup\nipv4_prefer = yes\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 2001:db8::1, 3 192.0.2.2, 4 2001:db8::2" },
	{ MTA_EXIM, "dns_ipv4_lookup = *mx2\n", TWO_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 192.0.2.2, 0 2001:db8::2" },
	{ MTA_EXIM, "dns_ipv4_lookup = !mx1 : *\n", TWO_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 192.0.2.2, 0 2001:db8::2" },
	{ MTA_EXIM, "disable_ipv6\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 192.0.2.2, 0 2001:db8::1, 0 2001:db8::2" },
	{ MTA_SENDMAIL, "", TWO_HOSTS,
	  "1 2001:db8::1, 2 192.0.2.1, 3 2001:db8::2, 4 192.0.2.2" },
	{ MTA_OPENSMTPD, "", TWO_HOSTS,
	  "1 192.0.2.1, 1 2001:db8::1, 3 192.0.2.2, 3 2001:db8::2" },
	{ MTA_OPENSMTPD, "mta limit for domain a.example inet4\n", TWO_HOSTS,
	  "1 192.0.2.1, 2 192.0.2.2, 0 2001:db8::1, 0 2001:db8::2" },
	{ MTA_OPENSMTPD, "mta limit for domain b.example inet4\n", TWO_HOSTS,
	  "1 192.0.2.1, 1 2001:db8::1, 3 192.0.2.2, 3 2001:db8::2" },
	{ MTA_POSTFIX, "", "", "" },
};
/* clang-format on */

static void addresses_come_in_the_order_of_the_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		struct mta_order order;

		add_paths(orders[i].paths);
		order = order_of(orders[i].mta, orders[i].config);
		assert_span(told(&order), orders[i].order);
	}
}

static void a_reason_names_the_setting(void **state)
{
	struct mta_order order;

	(void)state;
	add_paths(TWO_HOSTS);
	order = order_of(MTA_POSTFIX, "inet_protocols = ipv4\n");
	assert_span(order.tries[2].why, "inet_protocols = ipv4");
	order = order_of(MTA_POSTFIX, "smtp_address_preference = ipv6\n");
	assert_span(order.tries[0].why, "smtp_address_preference = ipv6");
	order = order_of(MTA_POSTFIX, "");
	assert_span(order.tries[0].why,
		"one of 2 of preference 10, drawn at random");
	order = order_of(MTA_EXIM, "dns_ipv4_lookup = *mx2\n");
	assert_span(
		order.tries[3].why, "the host *mx2 is over IPv4 only (line 1)");
	add_paths(EQUAL_HOSTS);
	order = order_of(MTA_SENDMAIL, "");
	assert_span(order.tries[0].why,
		"Sendmail tries a host's IPv6 addresses first; hosts of "
		"preference 10 come at random");
	add_paths(MANY_IPV6);
	order = order_of(MTA_POSTFIX, "smtp_randomize_addresses = no\n");
	assert_span(
		order.tries[6].why, "left out by smtp_mx_address_limit = 5");
}

/* What the real programs did with one host of both families. */
/* clang-format off */
static const struct {
	enum mta mta;
	enum mta_failure failure;
	enum mta_next next;
} seen[] = {
	{ MTA_POSTFIX, MTA_FAILS_REFUSED, MTA_BOUNCES },
	{ MTA_SENDMAIL, MTA_FAILS_REFUSED, MTA_BOUNCES },
	{ MTA_EXIM, MTA_FAILS_REFUSED, MTA_BOUNCES },
	{ MTA_POSTFIX, MTA_FAILS_CONNECT, MTA_TRIES_NEXT },
	{ MTA_SENDMAIL, MTA_FAILS_CONNECT, MTA_TRIES_NEXT },
	{ MTA_EXIM, MTA_FAILS_CONNECT, MTA_TRIES_NEXT },
	{ MTA_POSTFIX, MTA_FAILS_STALL, MTA_TRIES_NEXT },
	{ MTA_SENDMAIL, MTA_FAILS_STALL, MTA_DEFERS },
	{ MTA_POSTFIX, MTA_FAILS_DEFERRED, MTA_TRIES_NEXT },
	{ MTA_SENDMAIL, MTA_FAILS_DEFERRED, MTA_DEFERS },
	{ MTA_EXIM, MTA_FAILS_DEFERRED, MTA_TRIES_NEXT },
	{ MTA_POSTFIX, MTA_FAILS_GREETING, MTA_TRIES_NEXT },
	{ MTA_SENDMAIL, MTA_FAILS_GREETING, MTA_BOUNCES },
	{ MTA_EXIM, MTA_FAILS_GREETING, MTA_BOUNCES },
};
/* clang-format on */

static void a_failure_of_the_first_is_met_as_it_was_seen(void **state)
{
	(void)state;
	add_paths("10 mx1 192.0.2.1,10 mx1 2001:db8::1");
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		struct mta_order order = order_of(seen[i].mta,
			seen[i].mta == MTA_POSTFIX
				? "smtp_address_preference = ipv6\n"
				: "");
		const struct mta_reaction *reaction =
			&order.reactions[seen[i].failure];

		assert_int_equal(reaction->next, seen[i].next);
		assert_true(reaction->is_seen);
		assert_int_equal(
			reaction->then != NULL, seen[i].next == MTA_TRIES_NEXT);
		if (reaction->then)
			assert_int_equal(reaction->then->family, FAMILY_IPV4);
	}
}

static void postfix_settings_change_what_it_does(void **state)
{
	struct mta_order order;

	(void)state;
	add_paths(TWO_HOSTS);
	order = order_of(MTA_POSTFIX, "smtp_skip_5xx_greeting = no\n"
				      "smtp_mx_session_limit = 1\n");
	assert_int_equal(order.reactions[MTA_FAILS_GREETING].next, MTA_BOUNCES);
	assert_int_equal(order.reactions[MTA_FAILS_DEFERRED].next, MTA_DEFERS);
	add_paths("10 mx1 192.0.2.1");
	order = order_of(MTA_POSTFIX, "");
	assert_null(order.reactions[MTA_FAILS_CONNECT].then);
}

static void a_change_is_for_one_destination(void **state)
{
	(void)state;
	add_paths(TWO_HOSTS);
	for (size_t i = 0; i < MTA_COUNT; i++) {
		struct mta_order order = order_of((enum mta)i, "");

		for (size_t family = 0; family < FAMILY_COUNT; family++) {
			const struct mta_change *change = &order.only[family];

			assert_true(change->is_needed && change->is_possible);
			assert_true(
				span_find_nocase(change->steps,
					SPAN("a.example")) < change->steps.len);
			assert_int_equal(
				change->steps.at[change->steps.len - 1], '\n');
		}
	}
}

static void a_change_that_is_made_is_not_needed(void **state)
{
	struct mta_order order;

	(void)state;
	add_paths(TWO_HOSTS);
	order = order_of(
		MTA_OPENSMTPD, "mta limit for domain a.example inet4\n");
	assert_false(order.only[FAMILY_IPV4].is_needed);
	assert_true(order.only[FAMILY_IPV6].is_needed);
	order = order_of(MTA_POSTFIX, "relayhost = [x]\n");
	assert_false(order.only[FAMILY_IPV4].is_possible);
	assert_span(order.only[FAMILY_IPV4].note,
		"All mail goes to [x], which decides.");
	add_paths("10 mx1 192.0.2.1");
	order = order_of(MTA_POSTFIX, "");
	assert_false(order.only[FAMILY_IPV6].is_possible);
}

static const char wanted_text[] =
	"What Postfix would do for a.example, with the file:\n"
	" 1       IPv6 mx1 [2001:db8::1]: smtp_address_preference = ipv6\n"
	" 2       IPv4 mx1 [192.0.2.1]: smtp_address_preference = ipv6\n"
	"If the first address\n"
	"   refuses with 5xx: the message bounces. A 5xx is final; no other "
	"address is\n"
	"   asked.\n";

static void the_text_says_it_in_words(void **state)
{
	const struct text_style style = { .columns = 80 };
	struct mta_order order;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	add_paths("10 mx1 192.0.2.1,10 mx1 2001:db8::1");
	order = order_of(MTA_POSTFIX, "smtp_address_preference = ipv6\n"
				      "smtp_mx_address_limit = x\x1b[2J\n");
	mta_text(out, &style, &order);
	fclose(out);
	assert_true(len > sizeof(wanted_text));
	assert_span(
		((struct span){ text, sizeof(wanted_text) - 1 }), wanted_text);
	assert_non_null(strstr(text, "smtp4:\n"));
	assert_non_null(strstr(text, "is no number."));
	assert_null(strchr(text, '\x1b'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_in_the_order_of_the_server),
		cmocka_unit_test(a_reason_names_the_setting),
		cmocka_unit_test(a_failure_of_the_first_is_met_as_it_was_seen),
		cmocka_unit_test(postfix_settings_change_what_it_does),
		cmocka_unit_test(a_change_is_for_one_destination),
		cmocka_unit_test(a_change_that_is_made_is_not_needed),
		cmocka_unit_test(the_text_says_it_in_words),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
