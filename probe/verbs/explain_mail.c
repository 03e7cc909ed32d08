#include "probe/verbs/explain_delivery.h"
#include "probe/verbs/witness.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/mailbox_file.h"

static void take_deliveries(struct explanation *explanation, struct span file,
	uint64_t line, const struct inbound_message *message)
{
	for (size_t i = 0; i < message->delivery_count; i++) {
		struct delivery delivery = message->deliveries[i];

		delivery.file = file;
		delivery.position = line;
		explain_delivery(explanation, &delivery);
	}
}

static void explain_mail(struct explanation *explanation, struct span file,
	const struct mbox_mail *mail)
{
	struct arena *arena = arena_open();
	struct inbound_message message;
	size_t reports = 0;

	inbound_message_read(arena, mail->bytes, &message);
	take_deliveries(explanation, file, mail->line, &message);
	if (message.kind == INBOUND_FEEDBACK) {
		reports = report_collection_add_failure(
			explanation->reports, file, &message.feedback);
		explanation->complaints += !reports;
	} else if (!message.delivery_count) {
		reports = report_collection_add(
			explanation->reports, file, mail->bytes);
		explanation->mails += !reports;
	}
	explanation->report_count += reports;
	explanation->has_told = true;
	arena_close(arena);
}

void explain_mails(struct witness *source)
{
	struct mbox_split split;
	struct mbox_mail mail;
	struct span piece;

	mbox_split_open(&split, 0);
	while (witness_read(source, &piece))
		while (mbox_split_take(&split, &piece, &mail))
			explain_mail(source->explanation, source->name, &mail);
	if (mbox_split_end(&split, &mail))
		explain_mail(source->explanation, source->name, &mail);
	mbox_split_close(&split);
}

void explain_mailbox(struct explanation *explanation, const char *name)
{
	struct mailbox *mailbox = mailbox_open(name);
	enum mailbox_state state;
	struct mailbox_mail mail;

	while ((state = mailbox_next(mailbox, &mail)) != MAILBOX_END) {
		if (state == MAILBOX_BAD)
			explain_unreadable(explanation, mail.file, mail.why);
		else
			explain_mail(explanation, mail.file, &mail.mail);
	}
	mailbox_close(mailbox);
}
