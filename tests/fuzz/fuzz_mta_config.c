#include <stdint.h>

#include "probe/judge/mta_order.h"
#include "reports/inbound/mta_config_file.h"
#include "tests/fuzz/must.h"

/*
 * The first octet chooses the mail server, the rest is its configuration.  What
 * is made of it keeps to its limits, and each address has one place in the
 * order.
 */
static void mta_config_check(const struct mta_config *config)
{
	MUST(config->uses[FAMILY_IPV4] || config->uses[FAMILY_IPV6]);
	MUST(config->setting_count <= MTA_SETTINGS_MAX);
	MUST(config->exception_count <= MTA_EXCEPTIONS_MAX);
	MUST(config->doubt_count <= MTA_DOUBTS_MAX);
	for (size_t i = 0; i < config->setting_count; i++)
		MUST(config->settings[i].line > 0);
	for (size_t i = 0; i < config->exception_count; i++)
		MUST(config->exceptions[i].pattern.len > 0 ||
			!config->exceptions[i].is_host);
}

static void mta_config_check_order(
	const struct mta_config *config, const struct mta_order *order)
{
	size_t last = 0, tried = 0;

	for (size_t i = 0; i < order->count; i++) {
		const struct mta_try *try = &order->tries[i];

		if (try->turn) {
			MUST(tried == i && try->turn >= last);
			MUST(config->uses[try->path->family]);
			last = try->turn;
			tried++;
		} else {
			MUST(try->why.len > 0);
		}
		for (size_t k = 0; k < i; k++)
			MUST(order->tries[k].path != try->path);
	}
	MUST(!config->relay.len || tried == 0);
	for (size_t i = 0; i < MTA_FAILURE_COUNT; i++)
		MUST(order->reactions[i].why.len > 0);
}

static void mta_config_paths(struct path paths[static 8])
{
	for (size_t i = 0; i < 8; i++) {
		paths[i] = (struct path){
			.domain = SPAN("a.example"),
			.host = i < 4 ? SPAN("mx1.a.example")
				      : SPAN("mx2.a.example"),
			.preference = i < 4 ? 10 : 20,
			.family = i % 2 ? FAMILY_IPV6 : FAMILY_IPV4,
		};
		paths[i].remote.family = paths[i].family;
		paths[i].remote.bytes[0] = (uint8_t)(i + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct mta_config config;
	struct mta_order order;
	struct path paths[8];
	enum mta mta = len ? (enum mta)(bytes[0] % MTA_COUNT) : MTA_POSTFIX;
	struct span text = { (const char *)bytes, len };

	mta_config_paths(paths);
	mta_config_read(
		arena, mta, SPAN("file"), span_part(text, 1, len), &config);
	mta_config_check(&config);
	mta_order_make(arena, &config, SPAN("a.example"), paths, 8, &order);
	MUST(order.count == 8);
	mta_config_check_order(&config, &order);
	arena_close(arena);
	return 0;
}
