#include "reports/json_member.h"

#include "probe/base/clock.h"
#include "reports/json_visit.h"

void json_put_time(struct json_writer *json, struct arena *arena,
	const char *key, bool has_time, int64_t wall_ms)
{
	if (has_time)
		writer_put(json, key, clock_text(arena, wall_ms));
	else
		writer_put_nothing(json, key);
}

void json_put_ip(struct json_writer *json, const char *key, const struct ip *ip)
{
	char room[IP_TEXT_MAX];

	if (ip)
		writer_put(json, key, span_of(ip_print(ip, room)));
	else
		writer_put_nothing(json, key);
}

void json_put_family(
	struct json_writer *json, bool has_family, enum family family)
{
	if (has_family)
		writer_put_word(json, "family", json_family(family));
	else
		writer_put_nothing(json, "family");
}

void json_put_number(struct json_writer *json, const char *key, unsigned number)
{
	if (number)
		writer_put_count(json, key, number);
	else
		writer_put_nothing(json, key);
}

void json_put_status(struct json_writer *json, const unsigned status[3])
{
	char room[48];

	if (!status[0]) {
		writer_put_nothing(json, "status");
		return;
	}
	snprintf(room, sizeof(room), "%u.%u.%u", status[0], status[1],
		status[2]);
	writer_put_word(json, "status", room);
}

void json_put_evidence(struct json_writer *json, const char *key,
	const struct evidence *evidence, size_t count)
{
	writer_key(json, key);
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++)
		writer_string(json, evidence[i].text);
	writer_end_array(json);
}

void json_put_texts(struct json_writer *json, const char *key,
	const struct span *texts, size_t count)
{
	writer_key(json, key);
	writer_begin_array(json);
	for (size_t i = 0; i < count; i++)
		writer_string(json, texts[i]);
	writer_end_array(json);
}
