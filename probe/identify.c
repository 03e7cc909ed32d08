#include "probe/identify.h"

#include "probe/mail/mailbox_list.h"
#include "probe/policy/dmarc_identifiers.h"

static bool has_identity(const struct visit *visit)
{
	return visit->state == VISIT_WALKED && visit->source.is_known &&
	       ip_kind_is_public(visit->source.kind);
}

/* RFC 7489 section 6.6.1: DMARC is about a From with one address. */
static struct span author_domain(
	struct arena *arena, const struct header *header)
{
	const struct header_field *from = header_get(header, SPAN("From"));
	struct mailbox_list list;
	const char *why;

	if (!from || header_count(header, SPAN("From")) != 1 ||
		!mailbox_list_parse(arena, from->value, &list, &why) ||
		list.count != 1)
		return SPAN("");
	return list.mailboxes[0].domain;
}

/* Its header is kept.  The body may be large, and is not: each visit has a
 * message of its own. */
static const struct dkim_message *read_message(
	struct arena *arena, const struct message *message)
{
	struct arena *scratch = arena_open();
	struct dkim_reader *reader = dkim_reader_open(arena);
	const struct dkim_message *read;

	dkim_reader_take(reader, message_text(scratch, message));
	read = dkim_reader_end(reader);
	arena_close(scratch);
	return read;
}

static struct identity *identity_of(
	const struct identify *how, struct visit *visit)
{
	struct identity *identity = visit->identity;

	if (identity)
		return identity;
	identity = arena_new(how->arena, struct identity);
	identity->has_spf = how->options->has_from;
	identity->is_helo = how->options->from.len == 0;
	identity->from_domain = SPAN("");
	if (visit->message) {
		identity->message = read_message(how->arena, visit->message);
		identity->from_domain = author_domain(
			how->arena, &identity->message->header);
	}
	identity->has_dmarc = identity->from_domain.len > 0;
	visit->identity = identity;
	return identity;
}

static bool look_at_spf(const struct identify *how, const struct visit *visit,
	struct identity *identity)
{
	struct spf_query query = { .ip = visit->source.ip,
		.helo = visit->ehlo_name,
		.mail_from = how->options->from,
		.receiver = visit->path->host,
		.now = how->now,
		.is_traced = true };

	return spf_check(how->arena, how->answers, &query, &identity->spf) !=
	       SPF_OPEN;
}

static bool look_at_dkim(const struct identify *how, struct identity *identity)
{
	struct dkim_query query = { .arena = how->arena,
		.answers = how->answers,
		.keys = how->keys,
		.now = (uint64_t)how->now };

	return dkim_check(&query, identity->message, &identity->dkim) !=
	       DKIM_OPEN;
}

static bool look_at_dmarc(const struct identify *how, struct identity *identity)
{
	struct dmarc_query query = { .from_domain = identity->from_domain,
		.rules = DMARC_RFC7489 };

	dmarc_identify(how->arena, &query,
		identity->has_spf ? &identity->spf : NULL, &identity->dkim);
	return dmarc_check(how->arena, how->answers, &query,
		       &identity->dmarc) != DMARC_OPEN;
}

bool identify_visit(const struct identify *how, struct visit *visit)
{
	struct identity *identity;
	bool is_settled;

	if (!has_identity(visit))
		return true;
	visit->fcrdns = fcrdns_check(
		how->arena, how->answers, &visit->source.ip, &visit->ptr_name);
	is_settled = visit->fcrdns != FCRDNS_OPEN;
	if (!how->options->has_from)
		return is_settled;
	identity = identity_of(how, visit);
	is_settled &= look_at_spf(how, visit, identity);
	if (identity->message)
		is_settled &= look_at_dkim(how, identity);
	/* It needs what the others found out, and first asks what it can. */
	if (identity->has_dmarc)
		is_settled &= look_at_dmarc(how, identity);
	return is_settled;
}

static bool wants_repairs(const struct visit *visit)
{
	return visit->identity && visit->identity->has_spf &&
	       visit->identity->spf.result != SPF_PASS &&
	       !(visit->identity->is_helo &&
		       visit->identity->spf.result == SPF_NONE) &&
	       visit->identity->spf.result != SPF_OPEN &&
	       visit->identity->spf.result != SPF_TEMPERROR;
}

bool identify_repairs(const struct identify *how, struct outcome *outcome)
{
	struct ip *sources = arena_take(
		how->arena, (outcome->visit_count + 1) * sizeof(*sources));
	struct spf_lint_query query = {
		.sources = sources, .domain = SPAN(""), .helo = SPAN("")
	};
	struct spf_lint *lint;

	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct visit *visit = outcome->visits[i];

		if (has_identity(visit))
			sources[query.source_count++] = visit->source.ip;
		if (wants_repairs(visit))
			query.domain = visit->identity->spf.domain;
	}
	if (!query.domain.len)
		return true;
	lint = arena_new(how->arena, struct spf_lint);
	if (!spf_lint(how->arena, how->answers, &query, lint))
		return false;
	outcome->spf_lint = lint;
	return true;
}
