/*
 * FAULT.pcap      what a sender captured of a path with that fault
 *
 * The name of a file says what was done to the path, and to which family; the
 * cause has to come from the packets.  "pmtu" is a smaller MTU that the router
 * tells of, as it should: the mail arrives.
 */
#include "tests/conformance/pcap_file.h"

static const struct fault_row {
	const char *fault;
	enum cause cause;
} rows[] = {
	{ "none", CAUSE_NONE },
	{ "drop", CAUSE_NO_ANSWER },
	{ "rst", CAUSE_REFUSED },
	{ "adm", CAUSE_PROHIBITED },
	{ "unreach", CAUSE_UNREACHABLE },
	{ "ptbhole", CAUSE_BLACK_HOLE },
	{ "pmtu", CAUSE_NONE },
	{ "stall", CAUSE_STALL },
};

static const struct fault_row *find_row(struct span name, char *family)
{
	name = span_part(name, 0, span_find(name, '.'));
	*family = name.len ? name.at[name.len - 1] : '\0';
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span fault = span_of(rows[i].fault);

		if (span_is(span_part(name, 0, fault.len), fault))
			return &rows[i];
	}
	return NULL;
}

/* What is left of the test before began before this file did. */
static bool is_asked_for(const struct session_record *record, char family)
{
	if (!record->stream->syn.frame)
		return false;
	return (family != '4' || record->family == FAMILY_IPV4) &&
	       (family != '6' || record->family == FAMILY_IPV6);
}

static enum verdict compare(struct suite_question *question,
	const struct fault_row *row, char family)
{
	struct pcap_file *file = pcap_file_open(question, NULL);
	const struct session_record *record;
	enum cause cause = CAUSE_NONE;
	bool is_told = false;

	if (!file)
		return question_fail(question, "it cannot be read");
	while ((record = pcap_file_next(file))) {
		if (!is_asked_for(record, family))
			continue;
		is_told = true;
		cause = record->cause.cause;
	}
	pcap_file_close(file);
	if (is_told && cause == row->cause)
		return VERDICT_PASS;
	return question_fail(question, "the cause is %s",
		is_told ? cause_word(cause) : "not told");
}

static enum verdict judge(struct suite_question *question)
{
	const struct fault_row *row;
	char family;

	row = find_row(question_text(question, "id"), &family);
	return row ? compare(question, row, family) : VERDICT_NOT_SCORED;
}

const struct suite suite_faults = {
	.name = "incident/faults",
	.judge = judge,
	.files = "*.pcap",
};
