/*
 * A capture file, whole and in pieces: the same packets come out, no packet is
 * larger than the limit, what is given out lies in what was read, and the end
 * says the same about it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pcap/capture_file.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* All that was given out, in one number. */
static uint64_t capture_sum(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ at[i]) * 1099511628211u;
	return (sum ^ len) * 1099511628211u;
}

static uint64_t capture_take(const struct capture_file *file,
	enum capture_got got, uint64_t sum)
{
	const struct captured_packet *packet = &file->packet;

	sum = capture_sum(sum, &got, sizeof(got));
	switch (got) {
	case CAPTURE_MORE:
		break;
	case CAPTURE_PACKET:
		MUST(packet->bytes.len <= CAPTURE_PACKET_MAX);
		MUST(packet->original_len >= packet->bytes.len);
		MUST(packet->frame == file->packets);
		sum = capture_sum(sum, packet->bytes.at, packet->bytes.len);
		sum = capture_sum(sum, packet->comment.at,
			packet->comment.len);
		sum = capture_sum(sum, &packet->time_ns, 8);
		break;
	case CAPTURE_SECRETS:
		sum = capture_sum(sum, file->secrets.at, file->secrets.len);
		break;
	case CAPTURE_NAME:
		sum = capture_sum(sum, file->name.at, file->name.len);
		break;
	case CAPTURE_BAD:
		MUST(file->is_bad && file->why[0]);
		break;
	}
	return sum;
}

static uint64_t capture_read(const uint8_t *bytes, size_t size, size_t piece)
{
	struct capture_file file;
	uint64_t sum = 0;

	capture_file_init(&file);
	for (size_t at = 0; at < size; at += piece) {
		size_t len = size - at < piece ? size - at : piece;
		struct span input = { (const char *)bytes + at, len };
		enum capture_got got;

		while ((got = capture_file_next(&file, &input)) !=
			CAPTURE_MORE)
			sum = capture_take(&file, got, sum);
		MUST(input.len == 0 || file.to_skip || !file.is_bad);
	}
	capture_file_end(&file);
	MUST(!file.is_cut || file.why[0]);
	sum = capture_sum(sum, &file.is_cut, sizeof(file.is_cut));
	sum = capture_sum(sum, &file.packets, sizeof(file.packets));
	capture_file_close(&file);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint64_t whole = capture_read(bytes, size, size ? size : 1);

	MUST(capture_read(bytes, size, 1) == whole);
	MUST(capture_read(bytes, size, 2 + size % 61) == whole);
	return 0;
}
