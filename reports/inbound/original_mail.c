#include "reports/inbound/original_mail.h"

#include "probe/mail/mailbox_list.h"
#include "reports/inbound/delivery_status.h"

struct addresses {
	struct arena *arena;
	struct span *list;
	size_t count, room;
};

static void add(struct addresses *addresses, struct span address)
{
	if (addresses->count == ORIGINAL_ADDRESSED_MAX || !address.len)
		return;
	addresses->list = arena_grow(addresses->arena, addresses->list,
		addresses->count, &addresses->room, sizeof(address));
	addresses->list[addresses->count++] = address;
}

static void add_field(struct addresses *addresses, struct span value)
{
	struct mailbox_list list;
	const char *why;

	/* What came before a fault counts. */
	if (!mailbox_list_parse(addresses->arena, value, &list, &why) &&
		!list.count)
		return;
	for (size_t i = 0; i < list.count; i++)
		add(addresses, arena_print(addresses->arena, "%.*s@%.*s",
				       SPAN_ARG(list.mailboxes[i].local),
				       SPAN_ARG(list.mailboxes[i].domain)));
}

static struct span value_of(const struct header *header, struct span name)
{
	const struct header_field *field = header_get(header, name);

	return field ? field->value : SPAN("");
}

static struct span from_domain(struct arena *arena, struct span value)
{
	struct mailbox_list list;
	const char *why;

	if (!value.len ||
		(!mailbox_list_parse(arena, value, &list, &why) && !list.count))
		return SPAN("");
	return list.count ? list.mailboxes[0].domain : SPAN("");
}

void original_mail_read(struct arena *arena, struct span header_text,
	struct original_mail *original)
{
	struct addresses addresses = { .arena = arena };
	struct header header;
	struct span id;

	*original = (struct original_mail){ .is_there = false };
	header_parse(arena, header_text, &header);
	original->is_there = header.count > 1;
	add_field(&addresses, value_of(&header, SPAN("To")));
	add_field(&addresses, value_of(&header, SPAN("Cc")));
	add_field(&addresses, value_of(&header, SPAN("X-Original-To")));
	add_field(&addresses, value_of(&header, SPAN("Delivered-To")));
	original->addressed = addresses.list;
	original->addressed_count = addresses.count;
	original->return_path = dsn_address(
		header_unfold(arena, value_of(&header, SPAN("Return-Path"))));
	original->from_domain = from_domain(
		arena, value_of(&header, SPAN("From")));
	id = header_unfold(arena, value_of(&header, SPAN("Message-ID")));
	if (id.len && id.at[0] == '<')
		id = dsn_address(id);
	original->message_id = id;
}
