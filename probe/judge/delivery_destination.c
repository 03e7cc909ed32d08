#include "probe/judge/delivery_destination.h"

#include "probe/base/hash.h"

struct span delivery_domain_of(struct span mailbox)
{
	const char *at = mailbox.len ? memrchr(mailbox.at, '@', mailbox.len)
				     : NULL;

	if (!at)
		return SPAN("");
	at++;
	return (struct span){ at, mailbox.len - (size_t)(at - mailbox.at) };
}

static void name_it(struct delivery_destination *destination, struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	destination->len = name.len < sizeof(destination->name)
				   ? name.len
				   : sizeof(destination->name);
	for (size_t i = 0; i < destination->len; i++)
		destination->name[i] = ascii_lower(name.at[i]);
}

void delivery_destination_find(const struct codebook *codebook,
	const struct delivery *delivery,
	struct delivery_destination *destination)
{
	struct span domain = delivery_domain_of(delivery->recipient);
	struct span host = delivery->relay_host;
	const struct codebook_provider *provider = NULL;
	char room[IP_TEXT_MAX];

	if (host.len)
		provider = codebook_provider_of_host(codebook, host);
	if (!provider && domain.len)
		provider = codebook_provider_of_domain(codebook, domain);
	destination->is_provider = provider != NULL;
	destination->is_server = !provider && !domain.len;
	if (provider)
		name_it(destination, provider->id);
	else if (domain.len)
		name_it(destination, domain);
	else if (host.len)
		name_it(destination, host);
	else if (delivery->has_relay)
		name_it(destination, span_of(ip_print(&delivery->relay, room)));
	else
		name_it(destination, SPAN("unknown"));
}

/* The rows are bounded, so that chosen names cost little. */
unsigned delivery_destination_bucket(
	const struct delivery_destination *destination)
{
	struct span name = { destination->name, destination->len };

	return (unsigned)(hash_mix(0, name) % DELIVERY_BUCKETS);
}

unsigned delivery_row_bucket(const struct delivery_row *row)
{
	struct delivery_destination destination;

	name_it(&destination, row->destination);
	return delivery_destination_bucket(&destination);
}
