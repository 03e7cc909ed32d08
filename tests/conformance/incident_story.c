#include "tests/conformance/incident_story.h"

static size_t family_of(const json_t *line)
{
	if (explained_is(line, "family", "ipv6"))
		return STORY_IPV6;
	return explained_is(line, "family", "ipv4") ? STORY_IPV4
						    : STORY_NEITHER;
}

/* The other recipient's host is in every capture. */
static bool is_its_host(const struct story *log, struct span address)
{
	bool is_ipv6 = span_find(address, ':') < address.len;
	bool has_family = false;

	if (span_is(address, SPAN("198.51.100.34")))
		return false;
	for (size_t i = 0; log && i < log->address_count; i++) {
		struct span known = log->addresses[i];

		if (span_is(known, address))
			return true;
		has_family |= is_ipv6 == (span_find(known, ':') < known.len);
	}
	return !has_family;
}

/* Neither the other recipient nor the bounces that the sender was sent. */
static bool is_its_recipient(struct span recipient)
{
	return !span_ends_nocase(recipient, SPAN("@yahoojp-like.example")) &&
	       !span_starts_nocase(recipient, SPAN("entry@")) &&
	       !span_is(recipient, SPAN("root@eg.sender.example"));
}

static size_t witnesses_of_line(const json_t *line)
{
	const json_t *all = json_object_get(line, "witnesses");

	return json_is_array(all) ? json_array_size(all) : 1;
}

static void add_delivery(
	struct story *story, const json_t *line, const struct story *log)
{
	struct span address = explained_text(line, "address");
	struct span result = explained_text(line, "result");
	bool is_accepted = span_is(result, SPAN("accepted"));
	size_t family = family_of(line);

	if (explained_is(line, "host", "local") ||
		!is_its_recipient(explained_text(line, "recipient")) ||
		!is_its_host(log, address))
		return;
	if (witnesses_of_line(line) > story->most_witnesses)
		story->most_witnesses = witnesses_of_line(line);
	if (address.len && story->address_count < STORY_ADDRESSES_MAX)
		story->addresses[story->address_count++] = address;
	if (explained_text(line, "recipient").len)
		story->end = result;
	if (family != STORY_NEITHER)
		story->is_tried[family] = true;
	if (span_is(result, SPAN("unknown")))
		return;
	story->accepted[family] += is_accepted;
	story->failed[family] += !is_accepted;
	if (is_accepted || story->has_failure)
		return;
	story->has_failure = true;
	story->stage = explained_text(line, "stage");
	story->policy = explained_text(line, "policy");
}

static void add_session(
	struct story *story, const json_t *line, const struct story *log)
{
	const json_t *server = json_object_get(line, "server");
	const json_t *path = json_object_get(line, "path");
	size_t family = family_of(line);

	if (family == STORY_NEITHER ||
		!is_its_host(log, explained_text(server, "address")))
		return;
	story->is_tried[family] = true;
	story->has_hidden |= json_is_true(json_object_get(line, "is_hidden"));
	if (!story->path[family].len)
		story->path[family] = explained_text(path, "cause");
}

struct story story_of(
	const struct explained *explained, const struct story *log)
{
	struct story story = { 0 };

	for (size_t i = 0; i < json_array_size(explained->lines); i++) {
		const json_t *line = json_array_get(explained->lines, i);

		if (explained_is(line, "kind", "delivery"))
			add_delivery(&story, line, log);
		else if (explained_is(line, "kind", "session"))
			add_session(&story, line, log);
	}
	return story;
}

const json_t *story_finding(const struct explained *explained)
{
	const json_t *first = NULL;

	for (size_t i = 0; i < json_array_size(explained->lines); i++) {
		const json_t *line = json_array_get(explained->lines, i);

		if (!explained_is(line, "kind", "finding") ||
			explained_is(
				line, "destination", "yahoojp-like.example"))
			continue;
		if (explained_is(line, "family", "ipv6"))
			return line;
		if (!first)
			first = line;
	}
	return first;
}

bool story_has_limit(const struct explained *explained, const char *id)
{
	for (size_t i = 0; i < json_array_size(explained->lines); i++) {
		const json_t *line = json_array_get(explained->lines, i);

		if (explained_is(line, "kind", "limit") &&
			explained_is(line, "id", id))
			return true;
	}
	return false;
}

struct story_rate story_rate_of(
	const struct explained *explained, const char *family)
{
	struct story_rate rate = { 0 };

	for (size_t i = 0; i < json_array_size(explained->lines); i++) {
		const json_t *line = json_array_get(explained->lines, i);

		if (!explained_is(line, "kind", "destination") ||
			!explained_is(line, "family", family))
			continue;
		rate.accepted += explained_number(line, "accepted");
		rate.deferred += explained_number(line, "deferred");
		rate.refused += explained_number(line, "refused");
	}
	return rate;
}
