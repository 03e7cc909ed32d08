#include "pcap/pcapng_writer.h"

#include <errno.h>
#include <stdlib.h>

/* The block types, draft-ietf-opsawg-pcapng section 4 and 10. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECRETS = 0x0a,
	OCTET_ORDER = 0x1a2b3c4d,
	SECRETS_TLS = 0x544c534b,
};

enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_SYSTEM = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	INTERFACE_FILTER = 11,
	PACKET_FLAGS = 2,
	STATISTICS_BEGAN = 2,
	STATISTICS_ENDED = 3,
	STATISTICS_TAKEN = 4,
	STATISTICS_INTERFACE_DROPS = 5,
	STATISTICS_SYSTEM_DROPS = 7,
	NAME_END = 0,
	NAME_IPV4 = 1,
	NAME_IPV6 = 2,
};

/* ---- octets of the block under way */

static void add(struct pcapng_writer *writer, const void *bytes, size_t len)
{
	if (writer->len + len > writer->room) {
		writer->room = (writer->len + len) * 2;
		writer->block = realloc(writer->block, writer->room);
		if (!writer->block)
			abort();
	}
	if (len)
		memcpy(writer->block + writer->len, bytes, len);
	writer->len += len;
}

static void add_span(struct pcapng_writer *writer, struct span bytes)
{
	add(writer, bytes.at, bytes.len);
}

static void add_u8(struct pcapng_writer *writer, uint8_t value)
{
	add(writer, &value, sizeof(value));
}

static void add_u16(struct pcapng_writer *writer, size_t value)
{
	uint16_t number = (uint16_t)value;

	add(writer, &number, sizeof(number));
}

static void add_u32(struct pcapng_writer *writer, size_t value)
{
	uint32_t number = (uint32_t)value;

	add(writer, &number, sizeof(number));
}

static void add_u64(struct pcapng_writer *writer, uint64_t value)
{
	add(writer, &value, sizeof(value));
}

/* The high half first, whatever the byte order. */
static void add_time(struct pcapng_writer *writer, int64_t time_ns)
{
	add_u32(writer, (uint64_t)time_ns >> 32);
	add_u32(writer, (uint64_t)time_ns & 0xffffffff);
}

/* To a multiple of four. */
static void pad(struct pcapng_writer *writer)
{
	static const char zeros[4];

	add(writer, zeros, -writer->len & 3);
}

static void option_begin(
	struct pcapng_writer *writer, unsigned code, size_t len)
{
	add_u16(writer, code);
	add_u16(writer, len);
}

static void option(
	struct pcapng_writer *writer, unsigned code, struct span value)
{
	if (!value.len)
		return;
	value = span_part(value, 0, PCAPNG_OPTION_MAX);
	option_begin(writer, code, value.len);
	add_span(writer, value);
	pad(writer);
}

static void option_u64(
	struct pcapng_writer *writer, unsigned code, uint64_t value)
{
	option_begin(writer, code, sizeof(value));
	add_u64(writer, value);
}

static void option_time(
	struct pcapng_writer *writer, unsigned code, int64_t time_ns)
{
	option_begin(writer, code, 8);
	add_time(writer, time_ns);
}

static void options_end(struct pcapng_writer *writer)
{
	option_begin(writer, OPTION_END, 0);
}

/* ---- the block itself */

static void block_begin(struct pcapng_writer *writer, uint32_t type)
{
	writer->len = 0;
	add_u32(writer, type);
	add_u32(writer, 0); /* its length, which block_end() knows */
}

static void block_end(struct pcapng_writer *writer)
{
	uint32_t len;

	pad(writer);
	len = (uint32_t)writer->len + 4;
	add(writer, &len, sizeof(len));
	memcpy(writer->block + 4, &len, sizeof(len));
	if (writer->is_broken || fwrite(writer->block, 1, writer->len,
					 writer->to) == writer->len)
		return;
	writer->is_broken = true;
	writer->error = errno;
}

/* ---- kinds of blocks */

/* Cut where no character of UTF-8 is torn. */
static struct span cut_comment(struct span *rest)
{
	struct span piece = span_part(*rest, 0, PCAPNG_OPTION_MAX);

	while (piece.len < rest->len && piece.len > PCAPNG_OPTION_MAX - 4 &&
		((unsigned char)rest->at[piece.len] & 0xc0) == 0x80)
		piece.len--;
	*rest = span_part(*rest, piece.len, rest->len);
	return piece;
}

void pcapng_begin(struct pcapng_writer *writer, FILE *to,
	const struct pcapng_section *section)
{
	*writer = (struct pcapng_writer){ .to = to };
	block_begin(writer, BLOCK_SECTION);
	add_u32(writer, OCTET_ORDER);
	add_u16(writer, 1);
	add_u16(writer, 0);
	add_u64(writer, UINT64_MAX); /* its length is not told */
	option(writer, SECTION_SYSTEM, section->system);
	option(writer, SECTION_APPLICATION, section->application);
	for (size_t i = 0; i < section->comment_count; i++) {
		struct span rest = section->comments[i];

		while (rest.len)
			option(writer, OPTION_COMMENT, cut_comment(&rest));
	}
	options_end(writer);
	block_end(writer);
}

/* The filter is of kind 0: text for libpcap. */
static void option_filter(struct pcapng_writer *writer, struct span filter)
{
	if (!filter.len)
		return;
	filter = span_part(filter, 0, PCAPNG_OPTION_MAX - 1);
	option_begin(writer, INTERFACE_FILTER, filter.len + 1);
	add_u8(writer, 0);
	add_span(writer, filter);
	pad(writer);
}

unsigned pcapng_interface(
	struct pcapng_writer *writer, const struct pcapng_interface *interface)
{
	block_begin(writer, BLOCK_INTERFACE);
	add_u16(writer, interface->link_type);
	add_u16(writer, 0);
	add_u32(writer, interface->snap_len);
	option(writer, INTERFACE_NAME, interface->name);
	option(writer, INTERFACE_RESOLUTION, (struct span){ "\x09", 1 });
	option_filter(writer, interface->filter);
	options_end(writer);
	block_end(writer);
	return writer->interfaces++;
}

void pcapng_names(struct pcapng_writer *writer, const struct pcapng_name *names,
	size_t count)
{
	if (!count)
		return;
	block_begin(writer, BLOCK_NAMES);
	for (size_t i = 0; i < count; i++) {
		bool is_four = names[i].ip.family == FAMILY_IPV4;
		size_t octets = is_four ? 4 : 16;

		option_begin(writer, is_four ? NAME_IPV4 : NAME_IPV6,
			octets + names[i].name.len + 1);
		add(writer, names[i].ip.bytes, octets);
		add_span(writer, names[i].name);
		add_u8(writer, 0);
		pad(writer);
	}
	option_begin(writer, NAME_END, 0);
	block_end(writer);
}

void pcapng_secrets(struct pcapng_writer *writer, struct span lines)
{
	if (!lines.len)
		return;
	block_begin(writer, BLOCK_SECRETS);
	add_u32(writer, SECRETS_TLS);
	add_u32(writer, lines.len);
	add_span(writer, lines);
	block_end(writer);
}

void pcapng_packet(
	struct pcapng_writer *writer, const struct pcapng_packet *packet)
{
	block_begin(writer, BLOCK_PACKET);
	add_u32(writer, packet->interface);
	add_time(writer, packet->time_ns);
	add_u32(writer, packet->bytes.len);
	add_u32(writer, packet->original_len);
	add_span(writer, packet->bytes);
	pad(writer);
	option(writer, OPTION_COMMENT, packet->comment);
	if (packet->direction != PCAPNG_UNTOLD) {
		option_begin(writer, PACKET_FLAGS, 4);
		add_u32(writer, packet->direction);
	}
	if (packet->comment.len || packet->direction != PCAPNG_UNTOLD)
		options_end(writer);
	block_end(writer);
}

void pcapng_statistics(struct pcapng_writer *writer,
	const struct pcapng_statistics *statistics)
{
	block_begin(writer, BLOCK_STATISTICS);
	add_u32(writer, statistics->interface);
	add_time(writer, statistics->ended_ns);
	option_time(writer, STATISTICS_BEGAN, statistics->began_ns);
	option_time(writer, STATISTICS_ENDED, statistics->ended_ns);
	option_u64(writer, STATISTICS_TAKEN, statistics->taken);
	option_u64(writer, STATISTICS_INTERFACE_DROPS,
		statistics->dropped_by_interface);
	option_u64(writer, STATISTICS_SYSTEM_DROPS, statistics->dropped);
	options_end(writer);
	block_end(writer);
}

bool pcapng_end(struct pcapng_writer *writer)
{
	if (!writer->is_broken && fflush(writer->to) != 0) {
		writer->is_broken = true;
		writer->error = errno;
	}
	free(writer->block);
	writer->block = NULL;
	return !writer->is_broken;
}
