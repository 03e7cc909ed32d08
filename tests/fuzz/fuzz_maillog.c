#include <stdint.h>
#include <stdlib.h>

#include "reports/inbound/log_zone.h"
#include "reports/inbound/maillog.h"
#include "tests/fuzz/must.h"

/*
 * A log of any dialect.  However it is cut, the same is told of it; and what is
 * told agrees with itself.
 */
static uint64_t maillog_sum_span(uint64_t sum, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.at[i]) *
		      UINT64_C(0x100000001b3);
	return (sum ^ text.len) * UINT64_C(0x9e3779b97f4a7c15);
}

static void maillog_check(const struct delivery *one, size_t len)
{
	MUST(one->dialect.len > 0 && one->position > 0);
	MUST(!one->has_relay || one->has_family);
	MUST(!one->has_relay || one->family == one->relay.family);
	MUST(one->relay_port <= 65535);
	MUST(one->code == 0 || (one->code >= 200 && one->code < 600));
	MUST(one->status[0] <= 5);
	MUST(!one->lacks_reply ||
		(one->code == 0 && one->result == DELIVERY_REFUSED));
	MUST(!one->has_stage || (unsigned)one->stage < STAGE_COUNT);
	MUST(one->recipient.len <= len && one->sender.len <= len);
	/* A status may stand once more before each line of a reply. */
	MUST(one->text.len <= 2 * len + 1);
}

static uint64_t maillog_sum(uint64_t sum, const struct delivery *one)
{
	sum = maillog_sum_span(sum, one->queue_id);
	sum = maillog_sum_span(sum, one->message_id);
	sum = maillog_sum_span(sum, one->sender);
	sum = maillog_sum_span(sum, one->recipient);
	sum = maillog_sum_span(sum, one->original_recipient);
	sum = maillog_sum_span(sum, one->relay_host);
	sum = maillog_sum_span(sum, one->text);
	sum ^= (uint64_t)one->time_ms ^ one->position << 8 ^ one->code;
	return sum * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)one->result;
}

/* Those of several lines are looked at when all of them have been read. */
static uint64_t maillog_take(struct maillog *log, size_t len, uint64_t sum)
{
	const struct delivery *few;
	size_t count;

	while ((few = maillog_next_few(log, &count)) != NULL)
		for (size_t i = 0; i < count; i++) {
			maillog_check(&few[i], len);
			sum = maillog_sum(sum, &few[i]);
		}
	return sum;
}

/* With summer time, so that all of it is gone through. */
static const struct log_zone *maillog_zone(void)
{
	static struct log_zone zone;

	if (!zone.has_rules) {
		struct arena *arena = arena_open();
		struct span why;

		MUST(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1) == 0);
		MUST(log_zone_find(arena, SPAN("local"), &zone, &why));
		arena_close(arena);
	}
	return &zone;
}

static uint64_t maillog_read(struct span bytes, size_t piece)
{
	const struct maillog_orders orders = { .file = { "log", 3 },
		.now_ms = INT64_C(1772366400000),
		.zone = maillog_zone() };
	struct maillog *log = maillog_open(&orders);
	size_t len = bytes.len;
	uint64_t sum = 1;

	while (bytes.len) {
		maillog_feed(log, span_part(bytes, 0, piece));
		bytes = span_part(bytes, piece, bytes.len);
		sum = maillog_take(log, len, sum);
	}
	maillog_end(log);
	sum = maillog_take(log, len, sum);
	maillog_close(log);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span log = { (const char *)bytes, len };
	uint64_t whole = maillog_read(log, SIZE_MAX);

	MUST(maillog_read(log, 1) == whole);
	MUST(maillog_read(log, 7) == whole);
	return 0;
}
