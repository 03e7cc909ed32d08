/*
 * bounces_ours FOLDER TIMES: each mail of the folder read, and each delivery
 * asked of the codebook.  Prints how many mails, recipients and meanings there
 * were.
 */
#include <stdio.h>
#include <stdlib.h>

#include "probe/judge/delivery_meaning.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/mailbox_file.h"

struct totals {
	size_t mails, recipients, known;
};

static void read_mail(const struct codebook *codebook, struct arena *arena,
	struct span bytes, struct totals *totals)
{
	struct inbound_message message;

	inbound_message_read(arena, bytes, &message);
	totals->mails++;
	for (size_t i = 0; i < message.delivery_count; i++) {
		struct codebook_answer answer = delivery_meaning(
			codebook, &message.deliveries[i]);

		totals->recipients++;
		totals->known += !span_is(answer.policy, SPAN("unknown"));
	}
}

static void read_folder(const char *name, const struct codebook *codebook,
	struct totals *totals)
{
	struct mailbox *mailbox = mailbox_open(name);
	struct arena *arena = arena_open_with(64 * 1024);
	enum mailbox_state state;
	struct mailbox_mail mail;

	while ((state = mailbox_next(mailbox, &mail)) != MAILBOX_END) {
		if (state == MAILBOX_BAD)
			exit(1);
		read_mail(codebook, arena, mail.mail.bytes, totals);
		arena_empty(arena);
	}
	arena_close(arena);
	mailbox_close(mailbox);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_open();
	const struct codebook *codebook = codebook_embedded(arena);
	struct totals totals = { 0 };
	int times = argc == 3 ? atoi(argv[2]) : 0;

	if (times < 1)
		return 2;
	for (int i = 0; i < times; i++)
		read_folder(argv[1], codebook, &totals);
	printf("%zu mails, %zu recipients, %zu known\n", totals.mails,
		totals.recipients, totals.known);
	arena_close(arena);
	return 0;
}
