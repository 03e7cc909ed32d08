#include "probe/signer.h"

const struct message *signer_sign(struct arena *arena,
	const struct signer *signer, const struct message *message,
	int64_t wall_ms, const char **why)
{
	struct dkim_signing signing = { .secret = signer->secret,
		.domain = signer->domain,
		.selector = signer->selector,
		.identity = SPAN(""),
		.header_canon = CANON_RELAXED,
		.body_canon = CANON_RELAXED,
		.time = (uint64_t)(wall_ms / 1000) };
	struct span field;

	if (!dkim_sign(
		    arena, &signing, message_text(arena, message), &field, why))
		return NULL;
	return message_with_field(arena, message, field);
}

bool signer_check(
	struct arena *arena, const struct signer *signer, const char **why)
{
	const struct message *least = message_from(
		arena, SPAN("From: <mxprobe@example.org>\r\n\r\n"));

	return signer_sign(arena, signer, least, 0, why) != NULL;
}
