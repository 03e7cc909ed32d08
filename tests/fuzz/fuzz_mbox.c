/*
 * A mailbox: its first byte says how long the pieces are in which it comes.
 * Claims: however it comes, the same mails come out, in the same lines; each
 * is within the limit; none of their octets is made up.
 */
#include <stdint.h>

#include "reports/inbound/mailbox_file.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MBOX_FUZZ_MAX = 512 };

struct mbox_seen {
	struct span all; /* the mails, parted by their lines */
	size_t octets, mails;
	uint64_t line;
};

static void mbox_see(struct arena *arena, struct mbox_seen *seen,
	const struct mbox_mail *mail)
{
	MUST(mail->bytes.len <= MBOX_FUZZ_MAX);
	MUST(mail->line > seen->line);
	MUST(mail->line == 1 || seen->mails > 0);
	seen->line = mail->line;
	seen->mails++;
	seen->octets += mail->bytes.len;
	seen->all = arena_print(arena, "%.*s%llu %d %zu", SPAN_ARG(seen->all),
		(unsigned long long)mail->line, mail->is_cut, mail->bytes.len);
}

static struct mbox_seen mbox_in_pieces(
	struct arena *arena, struct span stream, size_t len)
{
	struct mbox_seen seen = { .mails = 0 };
	struct mbox_split split;
	struct mbox_mail mail;

	mbox_split_open(&split, MBOX_FUZZ_MAX);
	for (size_t at = 0; at < stream.len; at += len) {
		struct span piece = span_part(stream, at, len);

		while (mbox_split_take(&split, &piece, &mail))
			mbox_see(arena, &seen, &mail);
		MUST(piece.len == 0);
	}
	if (mbox_split_end(&split, &mail))
		mbox_see(arena, &seen, &mail);
	mbox_split_close(&split);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span stream = { (const char *)bytes, size };
	struct mbox_seen whole, cut;
	size_t len;

	if (size == 0) {
		arena_close(arena);
		return 0;
	}
	len = (size_t)bytes[0] + 1;
	stream = span_part(stream, 1, size);
	mailbox_is_one(stream);
	whole = mbox_in_pieces(arena, stream, size);
	cut = mbox_in_pieces(arena, stream, len);
	MUST(whole.mails == cut.mails);
	MUST(whole.octets <= stream.len);
	MUST(span_is(whole.all, cut.all));
	arena_close(arena);
	return 0;
}
