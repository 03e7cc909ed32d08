#include "pcap/capture_block.h"

#include <stdlib.h>

/*
 *      block  = type u32, length u32, body, length u32
 *      option = code u16, length u16, value, padding to four octets
 *
 * (draft-ietf-opsawg-pcapng.)
 */
enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OLD = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECRETS = 10,
};
#define BLOCK_SECTION 0x0a0d0d0au
#define SECRETS_TLS   0x544c534bu

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_RESOLUTION = 9,      /* if_tsresol */
	OPTION_OFFSET = 14,         /* if_tsoffset */
	OPTION_INTERFACE_DROPS = 5, /* isb_ifdrop */
	OPTION_SYSTEM_DROPS = 7,    /* isb_osdrop */
};

enum name_kind { NAME_END = 0, NAME_IPV4 = 1, NAME_IPV6 = 2 };
enum { RESOLUTION_MICRO = 6, OPTION_HEAD = 4 };

uint32_t capture_u32(const struct capture_file *file, const char *at)
{
	const uint8_t *byte = (const uint8_t *)at;
	uint32_t little = (uint32_t)byte[0] | (uint32_t)byte[1] << 8 |
			  (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;

	return file->is_big_endian ? __builtin_bswap32(little) : little;
}

uint16_t capture_u16(const struct capture_file *file, const char *at)
{
	const uint8_t *byte = (const uint8_t *)at;

	if (file->is_big_endian)
		return (uint16_t)(byte[0] << 8 | byte[1]);
	return (uint16_t)(byte[1] << 8 | byte[0]);
}

static uint64_t capture_u64(const struct capture_file *file, const char *at)
{
	uint64_t first = capture_u32(file, at);
	uint64_t second = capture_u32(file, at + 4);

	return file->is_big_endian ? first << 32 | second
				   : second << 32 | first;
}

bool capture_block_is_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_PACKET_SIMPLE ||
	       type == BLOCK_PACKET_OLD;
}

/* Cuts the next option off; false at their end, or where they are broken. */
static bool next_option(const struct capture_file *file, struct span *options,
	unsigned *code, struct span *value)
{
	size_t len;

	if (options->len < OPTION_HEAD)
		return false;
	*code = capture_u16(file, options->at);
	len = capture_u16(file, options->at + 2);
	if (*code == OPTION_END || len > options->len - OPTION_HEAD)
		return false;
	*value = span_part(*options, OPTION_HEAD, len);
	*options = span_part(
		*options, OPTION_HEAD + ((len + 3) & ~(size_t)3), options->len);
	return true;
}

static enum capture_got senseless(struct capture_file *file)
{
	file->bad_blocks++;
	return CAPTURE_MORE;
}

/* ---- interfaces */

static void read_interface_options(const struct capture_file *file,
	struct capture_interface *interface, struct span options)
{
	struct span value;
	unsigned code;

	while (next_option(file, &options, &code, &value)) {
		if (code == OPTION_RESOLUTION && value.len >= 1)
			interface->resolution = (uint8_t)value.at[0];
		if (code == OPTION_OFFSET && value.len >= 8)
			interface->offset_s = (int64_t)capture_u64(
				file, value.at);
	}
}

static enum capture_got take_interface(
	struct capture_file *file, struct span body)
{
	struct capture_interface *interface;

	if (body.len < 8 || file->interface_count == CAPTURE_INTERFACES_MAX)
		return senseless(file);
	if (file->interface_count == file->interface_room) {
		size_t room = file->interface_room * 2 + 4;

		file->interfaces = realloc(
			file->interfaces, room * sizeof(*file->interfaces));
		if (!file->interfaces)
			abort();
		file->interface_room = room;
	}
	interface = &file->interfaces[file->interface_count++];
	*interface = (struct capture_interface){
		.link_type = capture_u16(file, body.at),
		.snap_len = capture_u32(file, body.at + 4),
		.resolution = RESOLUTION_MICRO,
	};
	read_interface_options(file, interface, span_part(body, 8, body.len));
	return CAPTURE_MORE;
}

/* ---- packets */

static uint64_t power(uint64_t base, unsigned exponent)
{
	uint64_t result = 1;

	while (exponent--)
		result *= base;
	return result;
}

/* Units of the interface to nanoseconds since 1970; what no clock could show
 * comes out as some time, but is never undefined. */
static int64_t to_ns(const struct capture_interface *interface, uint64_t units)
{
	unsigned exponent = interface->resolution & 0x7f;
	uint64_t each_second, seconds, rest;

	if (interface->resolution == RESOLUTION_MICRO)
		return (int64_t)(units * 1000 +
				 (uint64_t)interface->offset_s * 1000000000);
	if (interface->resolution & 0x80)
		each_second = exponent < 64 ? (uint64_t)1 << exponent : 0;
	else
		each_second = exponent < 20 ? power(10, exponent) : 0;
	if (!each_second)
		return 0;
	seconds = units / each_second + (uint64_t)interface->offset_s;
	rest = units % each_second;
	if (each_second > 1000000000 && (interface->resolution & 0x80) == 0)
		rest /= each_second / 1000000000;
	else if (each_second > (uint64_t)1 << 34)
		rest = (rest >> (exponent - 34)) * 1000000000 >> 34;
	else
		rest = rest * 1000000000 / each_second;
	return (int64_t)(seconds * 1000000000 + rest);
}

static struct span first_comment(
	const struct capture_file *file, struct span options)
{
	struct span value;
	unsigned code;

	while (next_option(file, &options, &code, &value))
		if (code == OPTION_COMMENT)
			return value;
	return (struct span){ NULL, 0 };
}

/* Where in the body of a block of packets things stand. */
struct packet_layout {
	size_t interface, time, captured, original, bytes;
	bool has_short_interface; /* 16 bits */
};

static const struct packet_layout layout_now = {
	.interface = 0, .time = 4, .captured = 12, .original = 16, .bytes = 20
};
static const struct packet_layout layout_old = { .interface = 0,
	.time = 4,
	.captured = 12,
	.original = 16,
	.bytes = 20,
	.has_short_interface = true };

static enum capture_got take_packet(struct capture_file *file, struct span body,
	const struct packet_layout *layout)
{
	const struct capture_interface *interface;
	size_t which, len, original;
	uint64_t units;

	file->packets++;
	if (body.len < layout->bytes)
		return senseless(file);
	which = layout->has_short_interface
			? capture_u16(file, body.at + layout->interface)
			: capture_u32(file, body.at + layout->interface);
	len = capture_u32(file, body.at + layout->captured);
	original = capture_u32(file, body.at + layout->original);
	if (which >= file->interface_count || len > body.len - layout->bytes)
		return senseless(file);
	interface = &file->interfaces[which];
	units = (uint64_t)capture_u32(file, body.at + layout->time) << 32 |
		capture_u32(file, body.at + layout->time + 4);
	file->packet = (struct captured_packet){
		.frame = file->packets,
		.has_time = true,
		.time_ns = to_ns(interface, units),
		.link_type = interface->link_type,
		.interface = (unsigned)which,
		.bytes = span_part(body, layout->bytes, len),
		.original_len = original > len ? original : len,
		.comment = first_comment(
			file, span_part(body,
				      layout->bytes + ((len + 3) & ~(size_t)3),
				      body.len)),
	};
	return CAPTURE_PACKET;
}

/* Of the first interface, without a time or options. */
static enum capture_got take_simple(struct capture_file *file, struct span body)
{
	size_t original, len;

	file->packets++;
	if (body.len < 4 || !file->interface_count)
		return senseless(file);
	original = capture_u32(file, body.at);
	len = original < body.len - 4 ? original : body.len - 4;
	if (file->interfaces[0].snap_len && len > file->interfaces[0].snap_len)
		len = file->interfaces[0].snap_len;
	file->packet = (struct captured_packet){
		.frame = file->packets,
		.link_type = file->interfaces[0].link_type,
		.bytes = span_part(body, 4, len),
		.original_len = original,
	};
	return CAPTURE_PACKET;
}

/* ---- the others */

static enum capture_got take_secrets(
	struct capture_file *file, struct span body)
{
	size_t len;

	if (body.len < 8)
		return senseless(file);
	len = capture_u32(file, body.at + 4);
	if (len > body.len - 8)
		return senseless(file);
	if (capture_u32(file, body.at) != SECRETS_TLS)
		return CAPTURE_MORE;
	file->secrets = span_part(body, 8, len);
	file->has_secrets = true;
	return CAPTURE_SECRETS;
}

static enum capture_got take_statistics(
	struct capture_file *file, struct span body)
{
	struct span options = span_part(body, 12, body.len), value;
	unsigned code;

	while (next_option(file, &options, &code, &value))
		if ((code == OPTION_INTERFACE_DROPS ||
			    code == OPTION_SYSTEM_DROPS) &&
			value.len >= 8)
			file->drops += capture_u64(file, value.at);
	return CAPTURE_MORE;
}

/* name = kind u16, length u16, address and NUL-ended names, padding */
enum capture_got capture_block_next_name(struct capture_file *file)
{
	struct span value;
	unsigned kind;

	while (next_option(file, &file->names, &kind, &value)) {
		size_t size = kind == NAME_IPV6 ? 16 : 4;

		if ((kind != NAME_IPV4 && kind != NAME_IPV6) ||
			value.len <= size)
			continue;
		file->name_of = (struct ip){
			.family = kind == NAME_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4
		};
		memcpy(file->name_of.bytes, value.at, size);
		value = span_part(value, size, value.len);
		file->name = span_part(value, 0, span_find(value, '\0'));
		return CAPTURE_NAME;
	}
	file->names = (struct span){ NULL, 0 };
	return CAPTURE_MORE;
}

enum capture_got capture_block_take(
	struct capture_file *file, struct span block)
{
	uint32_t type = capture_u32(file, block.at);
	struct span body = span_part(block, 8, block.len - 12);

	switch (type) {
	case BLOCK_SECTION:
		file->sections++;
		file->interface_count = 0;
		return CAPTURE_MORE;
	case BLOCK_INTERFACE:
		return take_interface(file, body);
	case BLOCK_PACKET:
		return take_packet(file, body, &layout_now);
	case BLOCK_PACKET_OLD:
		return take_packet(file, body, &layout_old);
	case BLOCK_PACKET_SIMPLE:
		return take_simple(file, body);
	case BLOCK_NAMES:
		file->names = body;
		return capture_block_next_name(file);
	case BLOCK_STATISTICS:
		return take_statistics(file, body);
	case BLOCK_SECRETS:
		return take_secrets(file, body);
	}
	file->skipped_blocks++;
	return CAPTURE_MORE;
}
