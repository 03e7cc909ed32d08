#include "probe/net/resolver_inside.h"

#include <ares.h>
#include <stdio.h>

#include "probe/base/escape.h"

static struct span cut_word(struct span *line)
{
	size_t len = 0;

	*line = span_trim(*line);
	while (len < line->len && line->at[len] != ' ' && line->at[len] != '\t')
		len++;
	return len < line->len ? span_cut(line, line->at[len])
			       : span_cut(line, ' ');
}

bool resolver_conf_trusts_ad(struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		if (!span_is(cut_word(&line), SPAN("options")))
			continue;
		while (line.len)
			if (span_is(cut_word(&line), SPAN("trust-ad")))
				return true;
	}
	return false;
}

enum { CONF_ROOM = 16 * 1024 };

/* Empty where there is none. */
static struct span read_conf(char room[static CONF_ROOM])
{
	FILE *file = fopen("/etc/resolv.conf", "re");
	size_t len;

	if (!file)
		return SPAN("");
	len = fread(room, 1, CONF_ROOM, file);
	fclose(file);
	return (struct span){ room, len };
}

static bool system_trusts_ad(void)
{
	char room[CONF_ROOM];

	return resolver_conf_trusts_ad(read_conf(room));
}

static bool add_server(
	struct resolver *resolver, const struct nameserver *named)
{
	struct nameserver *server = &resolver->servers[resolver->server_count];

	if (resolver->server_count == RESOLVER_SERVERS_MAX)
		return false;
	server->ip = named->ip;
	server->zone = named->zone;
	server->port = named->port;
	resolver->server_count++;
	return true;
}

/* Separated by commas, blanks or both. */
bool resolver_servers_from_text(
	struct resolver *resolver, struct span text, struct span *why)
{
	while (text.len) {
		struct span word = span_cut(&text, ',');

		while ((word = span_trim(word)).len) {
			struct span one = cut_word(&word);
			struct nameserver named;

			if (!nameserver_parse(one, &named)) {
				one = escape_text(resolver->arena, one);
				*why = arena_print(resolver->arena,
					"\"%.*s\" is not a DNS server: "
					"expected an address, ADDR:PORT or "
					"[IPV6]:PORT",
					SPAN_ARG(one));
				return false;
			}
			if (!add_server(resolver, &named)) {
				*why = arena_print(resolver->arena,
					"more than %d DNS servers",
					RESOLVER_SERVERS_MAX);
				return false;
			}
		}
	}
	if (!resolver->server_count)
		*why = SPAN("no DNS server is named");
	return resolver->server_count != 0;
}

void resolver_servers_from_conf(struct resolver *resolver, struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		struct nameserver named;

		if (span_is(cut_word(&line), SPAN("nameserver")) &&
			nameserver_parse(cut_word(&line), &named))
			(void)add_server(resolver, &named);
	}
}

static int add_servers_of_ares(struct resolver *resolver)
{
	struct ares_addr_port_node *nodes = NULL, *node;
	ares_channel channel;
	int status = ares_init(&channel);

	if (status == ARES_SUCCESS) {
		status = ares_get_servers_ports(channel, &nodes);
		ares_destroy(channel);
	}
	for (node = nodes; node; node = node->next) {
		struct nameserver named = { .ip.family = FAMILY_IPV4 };

		if (node->family == AF_INET6)
			named.ip.family = FAMILY_IPV6;
		memcpy(named.ip.bytes, &node->addr,
			node->family == AF_INET ? 4 : 16);
		named.port = node->udp_port ? (uint16_t)node->udp_port : 53;
		(void)add_server(resolver, &named);
	}
	ares_free_data(nodes);
	return status;
}

/* c-ares leaves out a server with a zone.  Where resolv.conf names nobody, it
 * takes this host. */
bool resolver_servers_of_system(struct resolver *resolver, struct span *why)
{
	char room[CONF_ROOM];
	int status = ARES_SUCCESS;

	resolver_servers_from_conf(resolver, read_conf(room));
	if (!resolver->server_count)
		status = add_servers_of_ares(resolver);
	if (status != ARES_SUCCESS)
		*why = span_of(ares_strerror(status));
	else if (!resolver->server_count)
		*why = SPAN("the system names no DNS server");
	return resolver->server_count != 0;
}

void resolver_close_servers(struct resolver *resolver)
{
	while (resolver->server_count)
		nameserver_close(&resolver->servers[--resolver->server_count]);
}

bool resolver_open_servers(struct resolver *resolver,
	const struct resolver_setup *setup, struct span *why)
{
	bool trusts_all = setup->trust_ad ||
			  (!setup->servers && system_trusts_ad());
	size_t count = resolver->server_count;

	resolver->server_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct nameserver *server = &resolver->servers[i];
		const char *reason;

		server->is_trusted = trusts_all ||
				     ip_kind(&server->ip) == IP_LOOPBACK;
		server->timeout_ms = setup->timeout_ms ? setup->timeout_ms
						       : RESOLVER_TIMEOUT_MS;
		if (!nameserver_open(
			    server, resolver->arena, resolver->loop, &reason)) {
			*why = span_of(reason);
			resolver_close_servers(resolver);
			return false;
		}
		resolver->server_count++;
	}
	return true;
}
