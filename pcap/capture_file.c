#include "pcap/capture_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "pcap/capture_block.h"

/*
 * A pcap file is a header of 24 octets and records; the magic number tells the
 * order of octets, the unit of time and the length of a record's header.  A
 * pcapng file is blocks: type, length, body, length again; each section says
 * its own order of octets.
 */
enum {
	PCAP_HEADER = 24,
	PCAP_RECORD = 16,
	PCAP_RECORD_LONG = 24, /* Kuznetsov's patch of old Linux */
	BLOCK_MIN = 12,
	BLOCK_HEAD = 12, /* with the byte order of a section */
};

void capture_file_init(struct capture_file *file)
{
	*file = (struct capture_file){ .format = CAPTURE_UNKNOWN };
}

void capture_file_close(struct capture_file *file)
{
	free(file->held);
	free(file->interfaces);
	file->held = NULL;
	file->interfaces = NULL;
}

static enum capture_got bad(struct capture_file *file)
{
	file->is_bad = true;
	return CAPTURE_BAD;
}

/* Room for a block of this length; there is no way on without it. */
static void hold_room(struct capture_file *file, size_t len)
{
	size_t room = file->held_room ? file->held_room : 2048;

	if (len <= file->held_room)
		return;
	while (room < len)
		room *= 2;
	file->held = realloc(file->held, room);
	if (!file->held)
		abort();
	file->held_room = room;
}

/*
 * The next `len` octets in one piece: straight from the input, or gathered.
 * False: not all of them are here yet.
 */
static bool in_one_piece(struct capture_file *file, struct span *input,
	size_t len, const char **piece)
{
	size_t missing = len > file->held_len ? len - file->held_len : 0;

	if (file->held_len == 0 && input->len >= len) {
		*piece = input->at;
		return true;
	}
	if (missing > input->len)
		missing = input->len;
	hold_room(file, len);
	if (missing)
		memcpy(file->held + file->held_len, input->at, missing);
	file->held_len += missing;
	file->octets += missing;
	*input = span_part(*input, missing, input->len);
	*piece = file->held;
	return file->held_len >= len;
}

/* What was in one piece is used. */
static void used(struct capture_file *file, struct span *input, size_t len)
{
	if (file->held_len) {
		file->held_len = 0;
		return;
	}
	file->octets += len;
	*input = span_part(*input, len, input->len);
}

/* ---- pcap */

struct magic {
	const char *bytes;
	bool is_big_endian, is_nano;
	unsigned record_header;
};

/* clang-format off */
static const struct magic magics[] = {
	{ "\xd4\xc3\xb2\xa1", false, false, PCAP_RECORD },
	{ "\xa1\xb2\xc3\xd4", true,  false, PCAP_RECORD },
	{ "\x4d\x3c\xb2\xa1", false, true,  PCAP_RECORD },
	{ "\xa1\xb2\x3c\x4d", true,  true,  PCAP_RECORD },
	{ "\x34\xcd\xb2\xa1", false, false, PCAP_RECORD_LONG },
	{ "\xa1\xb2\xcd\x34", true,  false, PCAP_RECORD_LONG },
};
/* clang-format on */

static const struct magic *find_magic(const char *at)
{
	for (size_t i = 0; i < COUNT_OF(magics); i++)
		if (memcmp(magics[i].bytes, at, 4) == 0)
			return &magics[i];
	return NULL;
}

static enum capture_got begin_pcap(struct capture_file *file,
	struct span *input, const struct magic *magic)
{
	const char *at;

	if (!in_one_piece(file, input, PCAP_HEADER, &at))
		return CAPTURE_MORE;
	file->format = CAPTURE_PCAP;
	file->is_big_endian = magic->is_big_endian;
	file->is_nano = magic->is_nano;
	file->record_header = magic->record_header;
	/* The upper half may tell of frame check sequences. */
	file->link_type = capture_u32(file, at + 20) & 0xffff;
	used(file, input, PCAP_HEADER);
	return capture_file_next(file, input);
}

static enum capture_got begin(struct capture_file *file, struct span *input)
{
	const struct magic *magic;
	const char *at;

	if (!in_one_piece(file, input, 4, &at))
		return CAPTURE_MORE;
	if (memcmp(at, "\n\r\r\n", 4) == 0) {
		file->format = CAPTURE_PCAPNG;
		return capture_file_next(file, input);
	}
	magic = find_magic(at);
	if (magic)
		return begin_pcap(file, input, magic);
	snprintf(file->why, sizeof(file->why),
		"this is neither a pcap nor a pcapng file");
	return bad(file);
}

static void take_record(struct capture_file *file, const char *at, size_t len)
{
	uint32_t fraction = capture_u32(file, at + 4);
	size_t original = capture_u32(file, at + 12);

	file->packets++;
	file->packet = (struct captured_packet){
		.frame = file->packets,
		.has_time = true,
		.time_ns = (int64_t)capture_u32(file, at) * 1000000000 +
			   (int64_t)fraction * (file->is_nano ? 1 : 1000),
		.link_type = file->link_type,
		.bytes = { at + file->record_header, len },
		.original_len = original > len ? original : len,
	};
}

static enum capture_got next_record(
	struct capture_file *file, struct span *input)
{
	const char *at;
	size_t len;

	if (!in_one_piece(file, input, file->record_header, &at))
		return CAPTURE_MORE;
	len = capture_u32(file, at + 8);
	if (len > CAPTURE_PACKET_MAX) {
		snprintf(file->why, sizeof(file->why),
			"packet %llu claims to have %zu octets",
			(unsigned long long)file->packets + 1, len);
		return bad(file);
	}
	if (!in_one_piece(file, input, file->record_header + len, &at))
		return CAPTURE_MORE;
	take_record(file, at, len);
	used(file, input, file->record_header + len);
	return CAPTURE_PACKET;
}

/* ---- pcapng */

static void skip(struct capture_file *file, struct span *input)
{
	size_t len = input->len < file->to_skip ? input->len
						: (size_t)file->to_skip;

	*input = span_part(*input, len, input->len);
	file->octets += len;
	file->to_skip -= len;
}

/* A section may be of another order of octets than the one before it. */
static bool set_order(struct capture_file *file, const char *at)
{
	if (memcmp(at, "\n\r\r\n", 4) != 0)
		return true;
	if (memcmp(at + 8, "\x1a\x2b\x3c\x4d", 4) == 0)
		file->is_big_endian = true;
	else if (memcmp(at + 8, "\x4d\x3c\x2b\x1a", 4) == 0)
		file->is_big_endian = false;
	else
		return false;
	return true;
}

static enum capture_got broken_block(struct capture_file *file, uint32_t len)
{
	snprintf(file->why, sizeof(file->why),
		"the block behind packet %llu, at octet %llu, claims to have "
		"%lu octets",
		(unsigned long long)file->packets,
		(unsigned long long)(file->octets - file->held_len),
		(unsigned long)len);
	return bad(file);
}

static enum capture_got next_block(
	struct capture_file *file, struct span *input)
{
	enum capture_got got;
	const char *at;
	uint32_t len;

	if (!in_one_piece(file, input, BLOCK_HEAD, &at))
		return CAPTURE_MORE;
	if (!set_order(file, at)) {
		snprintf(file->why, sizeof(file->why),
			"a section of the file has no known byte order");
		return bad(file);
	}
	len = capture_u32(file, at + 4);
	if (len < BLOCK_MIN)
		return broken_block(file, len);
	len = len > UINT32_MAX - 3 ? len : (len + 3) & ~(uint32_t)3;
	if (len > CAPTURE_BLOCK_MAX) {
		if (capture_block_is_packet(capture_u32(file, at)))
			return broken_block(file, len);
		file->skipped_blocks++;
		file->to_skip = len - file->held_len;
		file->held_len = 0;
		return CAPTURE_MORE;
	}
	if (!in_one_piece(file, input, len, &at))
		return CAPTURE_MORE;
	got = capture_block_take(file, (struct span){ at, len });
	used(file, input, len);
	return got;
}

/* One block after the other, until one has something to tell. */
static enum capture_got next_telling_block(
	struct capture_file *file, struct span *input)
{
	enum capture_got got = CAPTURE_MORE;

	while (got == CAPTURE_MORE && (input->len || file->names.len)) {
		if (file->names.len)
			got = capture_block_next_name(file);
		else if (file->to_skip)
			skip(file, input);
		else
			got = next_block(file, input);
	}
	return got;
}

enum capture_got capture_file_next(
	struct capture_file *file, struct span *input)
{
	if (file->is_bad) {
		*input = span_part(*input, input->len, 0);
		return CAPTURE_MORE;
	}
	switch (file->format) {
	case CAPTURE_UNKNOWN:
		return begin(file, input);
	case CAPTURE_PCAP:
		return next_record(file, input);
	case CAPTURE_PCAPNG:
		return next_telling_block(file, input);
	}
	return CAPTURE_BAD;
}

static void say_cut_record(struct capture_file *file)
{
	unsigned long long frame = (unsigned long long)file->packets + 1;
	size_t head = file->record_header;

	if (file->held_len < head)
		snprintf(file->why, sizeof(file->why),
			"the file is cut in the header of packet %llu", frame);
	else
		snprintf(file->why, sizeof(file->why),
			"the file is cut in packet %llu: %zu of %lu octets are "
			"there",
			frame, file->held_len - head,
			(unsigned long)capture_u32(file, file->held + 8));
}

void capture_file_end(struct capture_file *file)
{
	if (file->is_bad || (!file->held_len && !file->to_skip &&
				    file->format != CAPTURE_UNKNOWN))
		return;
	file->is_cut = true;
	switch (file->format) {
	case CAPTURE_UNKNOWN:
		snprintf(file->why, sizeof(file->why), "%s",
			file->held_len ? "the file is cut in its header"
				       : "the file is empty");
		break;
	case CAPTURE_PCAP:
		say_cut_record(file);
		break;
	case CAPTURE_PCAPNG:
		snprintf(file->why, sizeof(file->why),
			"the file is cut in the block behind packet %llu",
			(unsigned long long)file->packets);
		break;
	}
}
