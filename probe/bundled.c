#include "probe/bundled.h"

#include "probe/base/nearest.h"

/* clang-format off */
static const char gmail[] = {
#include "scenarios/gmail.mxp.inc"
};
static const char ipv6[] = {
#include "scenarios/ipv6.mxp.inc"
};
static const char manners[] = {
#include "scenarios/manners.mxp.inc"
};
static const char microsoft[] = {
#include "scenarios/microsoft.mxp.inc"
};
static const char own_mx[] = {
#include "scenarios/own-mx.mxp.inc"
};
static const char path_mtu[] = {
#include "scenarios/path-mtu.mxp.inc"
};
static const char receiver[] = {
#include "scenarios/receiver.mxp.inc"
};
static const char yahoo[] = {
#include "scenarios/yahoo.mxp.inc"
};
/* clang-format on */

static const struct {
	const char *name;
	struct span text;
} list[] = {
	{ "gmail", { gmail, sizeof(gmail) } },
	{ "yahoo", { yahoo, sizeof(yahoo) } },
	{ "microsoft", { microsoft, sizeof(microsoft) } },
	{ "receiver", { receiver, sizeof(receiver) } },
	{ "own-mx", { own_mx, sizeof(own_mx) } },
	{ "ipv6", { ipv6, sizeof(ipv6) } },
	{ "path-mtu", { path_mtu, sizeof(path_mtu) } },
	{ "manners", { manners, sizeof(manners) } },
};

bool bundled_find(struct span name, struct span *text)
{
	for (size_t i = 0; i < COUNT_OF(list); i++)
		if (span_is(name, span_of(list[i].name))) {
			*text = list[i].text;
			return true;
		}
	return false;
}

struct span bundled_nearest(struct span name)
{
	struct nearest nearest = nearest_begin(name);

	for (size_t i = 0; i < COUNT_OF(list); i++)
		nearest_offer(&nearest, span_of(list[i].name));
	return nearest.best;
}

/* The sentence that the comment on top begins with. */
static struct span title(struct arena *arena, struct span text)
{
	struct span line, all = SPAN("");

	(void)span_cut(&text, '\n');
	for (;;) {
		line = span_cut(&text, '\n');
		if (line.len < 2 || line.at[0] != '#')
			return all;
		line = span_trim(span_part(line, 1, line.len));
		all = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(all),
			all.len ? " " : "", SPAN_ARG(line));
		if (span_find(all, '?') < all.len)
			return span_part(all, 0, span_find(all, '?') + 1);
	}
}

struct span bundled_list(struct arena *arena)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < COUNT_OF(list); i++)
		all = arena_print(arena, "%.*s%-10s %.*s\n", SPAN_ARG(all),
			list[i].name, SPAN_ARG(title(arena, list[i].text)));
	return all;
}
