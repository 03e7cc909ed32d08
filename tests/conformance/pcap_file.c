/*
 * A capture as a whole: how many sessions, of which families and modes, what is
 * wrong with the file, and what its `must` asks for beyond that.  A must is a
 * sentence; those that the sessions themselves do not show are known here by
 * their words.
 */
#include "tests/conformance/pcap_file.h"

#include <stdio.h>
#include <stdlib.h>

struct pcap_file {
	FILE *in;
	struct sessions *sessions;
	struct span input;
	bool is_over;
	char room[64 * 1024];
};

struct pcap_file *pcap_file_open(
	const struct suite_question *question, const struct sessions_wish *wish)
{
	struct span path = question_text(question, "path");
	struct pcap_file *file = calloc(1, sizeof(*file));

	if (!file)
		abort();
	if (!question_has(question, "id")) /* else it is as it stands */
		path = arena_print(question->arena, "%s/%.*s", question->folder,
			SPAN_ARG(path));
	file->in = fopen(path.at, "rb");
	if (!file->in) {
		free(file);
		return NULL;
	}
	file->sessions = sessions_open(wish);
	return file;
}

void pcap_file_close(struct pcap_file *file)
{
	fclose(file->in);
	sessions_close(file->sessions);
	free(file);
}

const struct sessions *pcap_file_sessions(const struct pcap_file *file)
{
	return file->sessions;
}

static void read_more(struct pcap_file *file)
{
	size_t len;

	if (sessions_read(file->sessions, &file->input) == CAPTURE_PACKET)
		return;
	len = fread(file->room, 1, sizeof(file->room), file->in);
	file->input = (struct span){ file->room, len };
	if (len)
		return;
	file->is_over = true;
	sessions_end(file->sessions);
}

const struct session_record *pcap_file_next(struct pcap_file *file)
{
	for (;;) {
		const struct session_record *record = sessions_next(
			file->sessions);

		if (record || file->is_over)
			return record;
		read_more(file);
	}
}

/* ---- what was found in it */

struct census {
	size_t sessions;
	size_t refusals;
	size_t without_dialogue; /* nothing complete was said */
	uint64_t conflicts, missing, wrong_replies, in_clear;
	bool families[FAMILY_COUNT];
	unsigned modes; /* bits */
	struct session_totals totals;
	bool is_bad, is_cut, has_time, has_why;
	size_t peak; /* octets of memory it took */
};

/* One who said four octets, or nothing: truth has no such sessions. */
static bool has_dialogue(const struct session_record *record)
{
	for (size_t i = 0; i < record->talk_count; i++)
		if (record->talks[i].is_complete ||
			record->talks[i].kind == TALK_HOLE)
			return true;
	return false;
}

static void count_talks(
	struct census *census, const struct session_record *record)
{
	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];

		census->wrong_replies += talk->why != NULL ||
					 talk->kind == TALK_JUNK;
		if (talk->kind == TALK_BODY)
			census->missing += talk->body.missing;
		if (talk->kind == TALK_REPLY)
			census->refusals += talk->reply->code >= 400;
	}
	for (int i = 0; i < SIDE_COUNT; i++)
		census->conflicts += record->stream->sides[i].conflicts;
	census->in_clear += record->starttls.in_clear;
}

static void count(struct census *census, const struct session_record *record)
{
	if (!has_dialogue(record) && record->talk_count)
		census->without_dialogue++;
	else
		census->sessions++;
	census->families[record->family] = true;
	census->modes |= 1u << record->mode;
	census->has_time |= record->has_time;
	count_talks(census, record);
}

/* Of this process, since the peak was last forgotten. */
static size_t peak_memory(void)
{
	char line[128];
	unsigned long kilobytes = 0;
	FILE *in = fopen("/proc/self/status", "r");

	while (in && fgets(line, sizeof(line), in))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kilobytes = strtoul(line + 6, NULL, 10);
	if (in)
		fclose(in);
	return kilobytes * 1024;
}

static void forget_peak(void)
{
	FILE *out = fopen("/proc/self/clear_refs", "w");

	if (!out)
		return;
	fputs("5", out);
	fclose(out);
}

static bool take_census(struct suite_question *question, struct census *census)
{
	struct pcap_file *file = pcap_file_open(question, NULL);
	const struct session_record *record;
	const struct capture_file *capture;
	size_t before;

	if (!file)
		return false;
	forget_peak();
	before = peak_memory();
	while ((record = pcap_file_next(file)))
		count(census, record);
	capture = sessions_file(file->sessions);
	census->peak = peak_memory() - before;
	census->totals = *sessions_totals(file->sessions);
	census->is_bad = capture->is_bad;
	census->is_cut = capture->is_cut;
	census->has_why = capture->why[0] != '\0';
	pcap_file_close(file);
	return true;
}

/* ---- musts */

enum { MEMORY_MAX = 64 * 1024 * 1024 };

static bool tells_conflict(const struct census *census)
{
	return census->conflicts > 0;
}

static bool counts_broken(const struct census *census)
{
	return census->totals.broken > 0;
}

static bool is_bounded(const struct census *census)
{
	return census->peak < MEMORY_MAX;
}

static bool sums_half_open(const struct census *census)
{
	return census->totals.half_open > 0;
}

static bool tells_cut(const struct census *census)
{
	return (census->is_cut || census->is_bad) && census->has_why;
}

static bool has_no_time(const struct census *census)
{
	return !census->has_time;
}

static bool has_holes(const struct census *census)
{
	return census->missing > 0;
}

static bool tells_injection(const struct census *census)
{
	return census->in_clear > 0;
}

static bool tells_wrong_reply(const struct census *census)
{
	return census->wrong_replies > 0;
}

static const struct must {
	const char *words;
	bool (*is_met)(const struct census *census);
} musts[] = {
	{ "segments disagree", tells_conflict },
	{ "malformed packets counted", counts_broken },
	{ "bounded memory", is_bounded },
	{ "do not allocate", is_bounded },
	{ "MiB buffer", is_bounded },
	{ "half-open ones summed up", sums_half_open },
	{ "report truncation", tells_cut },
	{ "stop there, report", tells_cut },
	{ "stop and report; no endless", tells_cut },
	{ "latencies unknown", has_no_time },
	{ "body has holes", has_holes },
	{ "sent in clear after STARTTLS", tells_injection },
	{ "protocol error", tells_wrong_reply },
	{ "report as malformed", tells_wrong_reply },
};

static const char *missed_must(
	const struct suite_question *question, const struct census *census)
{
	const json_t *list = json_object_get(question->line, "must");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		for (size_t k = 0; text && k < COUNT_OF(musts); k++)
			if (strstr(text, musts[k].words) &&
				!musts[k].is_met(census))
				return text;
	}
	return NULL;
}

/* ---- the verdict */

static bool is_family_set(
	const struct suite_question *question, const struct census *census)
{
	const json_t *list = json_object_get(question->line, "families");
	bool wanted[FAMILY_COUNT] = { false };

	for (size_t i = 0; i < json_array_size(list); i++)
		wanted[json_integer_value(json_array_get(list, i)) == 6
				? FAMILY_IPV6
				: FAMILY_IPV4] = true;
	return wanted[0] == census->families[0] &&
	       wanted[1] == census->families[1];
}

static enum verdict judge_census(
	struct suite_question *question, const struct census *census)
{
	size_t sessions = (size_t)question_number(question, "sessions");
	const char *missed;

	if (question_bool(question, "optional") && !census->sessions)
		return VERDICT_NOT_SCORED;
	if (census->sessions != sessions)
		return question_fail(
			question, "%zu sessions", census->sessions);
	if (census->without_dialogue !=
		(size_t)question_number(question, "partial_greetings"))
		return question_fail(question, "%zu said nothing whole",
			census->without_dialogue);
	if (question_has(question, "half_open") &&
		(json_int_t)census->totals.half_open !=
			question_number(question, "half_open"))
		return question_fail(question, "%llu half open",
			(unsigned long long)census->totals.half_open);
	if (!is_family_set(question, census))
		return question_fail(question, "the families");
	if (question_has(question, "read_error") != tells_cut(census))
		return question_fail(question, "whether the file is whole");
	missed = missed_must(question, census);
	if (missed)
		return question_fail(question, "not met: %s", missed);
	return VERDICT_PASS;
}

enum verdict pcap_judge_file(struct suite_question *question)
{
	struct census census = { .sessions = 0 };

	if (!take_census(question, &census))
		return question_fail(question, "the file cannot be read");
	return judge_census(question, &census);
}
