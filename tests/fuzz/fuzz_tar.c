/*
 * A tar archive: its first byte says how long the pieces are in which it comes.
 * Headers are summed again, since hardly a changed one would be one else.
 * Claims: however it comes, the same members come out; what is in one is as
 * long as it says, unless the tar ends before; nothing comes from elsewhere.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/inbound/tar_reader.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct tar_seen {
	size_t members, octets;
	uint64_t sum; /* of all that was told */
	enum tar_got end;
};

static void tar_sum_header(char *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

static void tar_add_up(struct tar_seen *seen, const void *at, size_t len)
{
	const unsigned char *octets = at;

	for (size_t i = 0; i < len; i++)
		seen->sum = (seen->sum ^ octets[i]) * 0x100000001b3;
}

static void tar_see(struct tar_seen *seen, const struct tar_reader *reader,
	enum tar_got got, uint64_t *left)
{
	const struct tar_member *member = &reader->member;

	switch (got) {
	case TAR_MEMBER:
		MUST(*left == 0);
		MUST(member->name_len <= TAR_NAME_MAX);
		MUST(member->written_ms >= 0);
		MUST(reader->left == member->size);
		*left = member->size;
		seen->members++;
		tar_add_up(seen, member->name, member->name_len);
		tar_add_up(seen, &member->size, sizeof(member->size));
		tar_add_up(seen, &member->written_ms, sizeof(int64_t));
		tar_add_up(seen, &member->is_file, sizeof(bool));
		return;
	case TAR_OCTETS:
		MUST(reader->octets.len > 0 && reader->octets.len <= *left);
		*left -= reader->octets.len;
		MUST(reader->left == *left);
		seen->octets += reader->octets.len;
		tar_add_up(seen, reader->octets.at, reader->octets.len);
		return;
	case TAR_BAD:
		MUST(reader->why != NULL);
		break;
	case TAR_MORE:
	case TAR_END:
		break;
	}
	seen->end = got;
}

static struct tar_seen tar_in_pieces(
	struct tar_reader *reader, struct span tar, size_t len)
{
	struct tar_seen seen = { .end = TAR_MORE };
	uint64_t left = 0;

	tar_reader_init(reader);
	for (size_t at = 0; at < tar.len && seen.end == TAR_MORE; at += len) {
		struct span piece = span_part(tar, at, len);
		const char *end = piece.at + piece.len;
		enum tar_got got = TAR_MEMBER;

		while (got == TAR_MEMBER || got == TAR_OCTETS) {
			got = tar_reader_next(reader, &piece);
			MUST(piece.at + piece.len == end);
			tar_see(&seen, reader, got, &left);
		}
		MUST(got != TAR_MORE || !piece.len);
	}
	if (seen.end == TAR_MORE)
		tar_see(&seen, reader, tar_reader_end(reader), &left);
	MUST(seen.end == TAR_BAD || left == 0);
	MUST(seen.octets <= tar.len);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct tar_reader *reader = malloc(sizeof(*reader));
	struct tar_seen whole, cut;
	struct span tar;
	char *copy;

	MUST(reader != NULL);
	if (!size) {
		free(reader);
		return 0;
	}
	copy = malloc(size);
	MUST(copy != NULL);
	memcpy(copy, bytes + 1, size - 1);
	for (size_t at = 0; at + TAR_BLOCK < size; at += TAR_BLOCK)
		if (memcmp(copy + at + 257, "ustar", 5) == 0)
			tar_sum_header(copy + at);
	tar = (struct span){ copy, size - 1 };
	whole = tar_in_pieces(reader, tar, size);
	cut = tar_in_pieces(reader, tar, 1 + (size_t)bytes[0]);
	MUST(whole.members == cut.members && whole.octets == cut.octets);
	MUST(whole.sum == cut.sum && whole.end == cut.end);
	free(copy);
	free(reader);
	return 0;
}
