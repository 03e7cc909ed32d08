#include "probe/walk/plan.h"

#include <stdlib.h>

struct plan {
	struct arena *arena;
	const struct plan_orders *orders;
	struct outcome *outcome;
	struct exchanger *exchangers;
	size_t exchanger_count;
	struct path *paths;
	size_t path_count, path_room;
	bool is_open;
	bool is_secure;              /* the MX answer came with AD */
	const struct answer *failed; /* an address look-up that failed */
};

enum failure failure_of_answer(enum answer_kind kind)
{
	switch (kind) {
	case ANSWER_DATA:
	case ANSWER_NONE:
		return FAILURE_DNS_NO_DATA;
	case ANSWER_NO_NAME:
		return FAILURE_DNS_NXDOMAIN;
	case ANSWER_SERVFAIL:
		return FAILURE_DNS_SERVFAIL;
	case ANSWER_TIMEOUT:
		return FAILURE_DNS_TIMEOUT;
	case ANSWER_REFUSED:
		return FAILURE_DNS_REFUSED;
	case ANSWER_UNREACHABLE:
		return FAILURE_DNS_UNREACHABLE;
	case ANSWER_MALFORMED:
	case ANSWER_UNTRUSTED:
		return FAILURE_DNS_MALFORMED;
	case ANSWER_UNSAVED:
		return FAILURE_DNS_UNSAVED;
	}
	return FAILURE_DNS_MALFORMED;
}

static void fault_set(struct plan *plan, enum failure failure, struct span why)
{
	struct fault *fault = arena_new(plan->arena, struct fault);

	fault->failure = failure;
	fault->stage = STAGE_RESOLVE;
	fault->why = why;
	plan->outcome->fault = fault;
}

static const char *answer_sentence(enum answer_kind kind)
{
	switch (kind) {
	case ANSWER_DATA:
		return "exists";
	case ANSWER_NONE:
		return "exists, but has no such record";
	case ANSWER_NO_NAME:
		return "does not exist (NXDOMAIN)";
	case ANSWER_SERVFAIL:
		return "could not be looked up: the resolver answers SERVFAIL";
	case ANSWER_TIMEOUT:
		return "could not be looked up in time";
	case ANSWER_REFUSED:
		return "could not be looked up: the resolver refuses";
	case ANSWER_UNREACHABLE:
		return "could not be looked up: no resolver can be reached";
	case ANSWER_MALFORMED:
		return "could not be looked up: the answer makes no sense";
	case ANSWER_UNTRUSTED:
		return "could not be looked up: the answer is not to be "
		       "trusted";
	case ANSWER_UNSAVED:
		return "is not in the saved answers";
	}
	return "";
}

static void fault_of_answer(
	struct plan *plan, struct span name, const struct answer *answer)
{
	const char *colon = answer->why.len ? ": " : "";

	fault_set(plan, failure_of_answer(answer->kind),
		arena_print(plan->arena, "%.*s %s%s%.*s", SPAN_ARG(name),
			answer_sentence(answer->kind), colon,
			SPAN_ARG(answer->why)));
}

/* ---- from exchangers to paths */

static bool is_planned(const struct plan *plan, const struct path *path)
{
	for (size_t i = 0; i < plan->path_count; i++)
		if (ip_is(&plan->paths[i].remote, &path->remote) &&
			span_is(plan->paths[i].host, path->host))
			return true;
	return false;
}

static void path_add(struct plan *plan, const struct path *path)
{
	if (plan->path_count == PLAN_PATHS_MAX || is_planned(plan, path))
		return;
	plan->paths = arena_grow(plan->arena, plan->paths, plan->path_count,
		&plan->path_room, sizeof(*path));
	plan->paths[plan->path_count++] = *path;
}

static struct path path_to(const struct plan *plan,
	const struct exchanger *exchanger, const struct ip *ip)
{
	const struct target *target = plan->outcome->target;

	return (struct path){ .domain = target->domain,
		.host = exchanger->host,
		.preference = exchanger->preference,
		.family = ip->family,
		.remote = *ip,
		.port = target->port,
		.left_out = SPAN("") };
}

static void note_kind(struct exchanger *exchanger, enum ip_kind kind)
{
	if (kind == IP_LOOPBACK || kind == IP_UNSPECIFIED)
		exchanger->is_loopback = true;
	else if (!ip_kind_is_public(kind))
		exchanger->is_private = true;
}

/* The addresses of one family of one exchanger. */
static void take_addresses(
	struct plan *plan, struct exchanger *exchanger, enum family family)
{
	const struct answer *answer = answers_get(plan->outcome->answers,
		exchanger->host, family == FAMILY_IPV4 ? RR_A : RR_AAAA);
	size_t count = 0;

	if (!answer) {
		plan->is_open = true;
		return;
	}
	if (answer_failed(answer))
		plan->failed = answer;
	if (answer->canonical.len)
		exchanger->canonical = answer->canonical;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct path path;
		struct ip ip;

		if (!ip_parse(answer->values[i], &ip) || ip.family != family)
			continue;
		note_kind(exchanger, ip_kind(&ip));
		path = path_to(plan, exchanger, &ip);
		path.secure = plan->is_secure && answer->secure;
		path_add(plan, &path);
		count++;
	}
	if (family == FAMILY_IPV4) {
		exchanger->a = answer->kind;
		exchanger->a_count = count;
	} else {
		exchanger->aaaa = answer->kind;
		exchanger->aaaa_count = count;
	}
}

static void take_exchanger(struct plan *plan, struct exchanger *exchanger)
{
	struct path path;
	struct ip ip;

	exchanger->a = exchanger->aaaa = ANSWER_NONE;
	exchanger->canonical = SPAN("");
	if (!ip_parse(exchanger->host, &ip)) {
		take_addresses(plan, exchanger, FAMILY_IPV4);
		take_addresses(plan, exchanger, FAMILY_IPV6);
		return;
	}
	exchanger->is_literal = true;
	note_kind(exchanger, ip_kind(&ip));
	path = path_to(plan, exchanger, &ip);
	path.left_out = SPAN("the MX record holds an address, where RFC 5321 "
			     "section 5.1 wants a name");
	path_add(plan, &path);
}

/* ---- from the domain to exchangers */

static int by_preference(const void *left, const void *right)
{
	const struct exchanger *a = left, *b = right;
	size_t len = a->host.len < b->host.len ? a->host.len : b->host.len;
	int order;

	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	order = len ? memcmp(a->host.at, b->host.at, len) : 0;
	if (order)
		return order;
	return a->host.len < b->host.len ? -1 : a->host.len > b->host.len;
}

static void exchanger_add(
	struct plan *plan, unsigned preference, struct span host)
{
	struct exchanger *exchanger;

	exchanger = &plan->exchangers[plan->exchanger_count++];
	exchanger->preference = preference;
	exchanger->host = host;
}

static bool is_root(struct span host)
{
	return host.len == 0 || span_is(host, SPAN("."));
}

static void take_mx(struct plan *plan, const struct answer *answer)
{
	unsigned preference;
	struct span host;
	size_t roots = 0;

	plan->is_secure = answer->secure;
	plan->exchangers = arena_take(
		plan->arena, answer->value_count * sizeof(*plan->exchangers));
	for (size_t i = 0; i < answer->value_count; i++) {
		if (!answer_mx(answer->values[i], &preference, &host))
			continue;
		if (is_root(host))
			roots++;
		else
			exchanger_add(plan, preference, host);
	}
	if (plan->exchanger_count) {
		qsort(plan->exchangers, plan->exchanger_count,
			sizeof(*plan->exchangers), by_preference);
		if (plan->exchanger_count > PLAN_EXCHANGERS_MAX)
			plan->exchanger_count = PLAN_EXCHANGERS_MAX;
		return;
	}
	if (roots)
		fault_set(plan, FAILURE_DNS_NULL_MX,
			arena_print(plan->arena,
				"%.*s takes no mail: its MX is \".\" (RFC "
				"7505)",
				SPAN_ARG(plan->outcome->target->domain)));
	else
		fault_set(plan, FAILURE_DNS_BAD_MX,
			arena_print(plan->arena,
				"no MX record of %.*s can be read",
				SPAN_ARG(plan->outcome->target->domain)));
}

static void take_domain(struct plan *plan)
{
	const struct target *target = plan->outcome->target;
	const struct answer *answer = answers_get(
		plan->outcome->answers, target->domain, RR_MX);

	plan->outcome->mx_asked = true;
	plan->outcome->mx_answer = ANSWER_NONE;
	if (!answer) {
		plan->is_open = true;
		return;
	}
	plan->outcome->mx_answer = answer->kind;
	if (answer->kind == ANSWER_DATA) {
		take_mx(plan, answer);
	} else if (answer->kind == ANSWER_NONE) {
		exchanger_add(plan, 0, target->domain);
		plan->exchangers[0].is_implicit = true;
		plan->is_secure = answer->secure;
	} else {
		fault_of_answer(plan, target->domain, answer);
	}
}

/* ---- what is walked */

static void leave_out(struct path *path, struct span why)
{
	if (!path->left_out.len)
		path->left_out = why;
}

static void leave_out_by_order(struct plan *plan)
{
	const struct plan_orders *orders = plan->orders;

	for (size_t i = 0; i < plan->path_count; i++) {
		struct path *path = &plan->paths[i];

		if (!orders->wanted[path->family])
			leave_out(path,
				path->family == FAMILY_IPV4
					? SPAN("only IPv6 was asked for")
					: SPAN("only IPv4 was asked for"));
		if (orders->has_only && !ip_is(&orders->only, &path->remote))
			leave_out(path, SPAN("not the address of --ip"));
	}
}

/* Where the address leads nobody but ourselves, or over the other family. */
static struct span why_unusable(const struct path *path)
{
	if (path_is_mapped(path))
		return SPAN("it is an IPv4 address in the form of an IPv6 one");
	switch (ip_kind(&path->remote)) {
	case IP_LOOPBACK:
		return SPAN("it is this host's loopback");
	case IP_UNSPECIFIED:
		return SPAN("it is the unspecified address, which leads to "
			    "this host");
	case IP_MULTICAST:
		return SPAN("it is a multicast address");
	case IP_GLOBAL:
	case IP_PRIVATE:
	case IP_SHARED:
	case IP_LINK_LOCAL:
	case IP_ULA:
	case IP_6TO4:
	case IP_TEREDO:
	case IP_MAPPED:
	case IP_RESERVED:
		break;
	}
	return SPAN("");
}

/* Not even for whoever insists: so resolvers answer of what they block. */
static bool is_nowhere(const struct path *path)
{
	enum ip_kind kind = ip_kind(&path->remote);

	return kind == IP_UNSPECIFIED || kind == IP_MULTICAST;
}

/* No sender delivers there, over whatever family; the user may insist. */
static void leave_out_unusable(struct plan *plan)
{
	const struct target *target = plan->outcome->target;
	bool insists = target->host.len || target->is_literal ||
		       plan->orders->has_only;
	size_t usable = plan->path_count;

	for (size_t i = 0; i < plan->path_count; i++) {
		struct path *path = &plan->paths[i];

		if (insists && !is_nowhere(path))
			continue;
		leave_out(path, why_unusable(path));
		usable -= path->left_out.len != 0;
	}
	if (plan->path_count && !usable && !plan->failed)
		fault_set(plan,
			target->host.len ? FAILURE_DNS_NO_DATA
					 : FAILURE_DNS_BAD_MX,
			arena_print(plan->arena,
				"no address of %.*s is of use: %.*s",
				SPAN_ARG(target->host.len ? target->host
							  : target->domain),
				SPAN_ARG(plan->paths[0].left_out)));
}

static bool is_first_of_host(const struct plan *plan, size_t i, bool walked)
{
	const struct path *path = &plan->paths[i];

	while (i-- > 0)
		if (plan->paths[i].family == path->family &&
			span_is(plan->paths[i].host, path->host) &&
			(!walked || !plan->paths[i].left_out.len))
			return false;
	return true;
}

/* A host is chosen when some wanted family has no chosen host yet. */
static bool host_adds_family(const struct plan *plan, struct span host,
	const bool covered[FAMILY_COUNT])
{
	for (size_t i = 0; i < plan->path_count; i++)
		if (!plan->paths[i].left_out.len &&
			!covered[plan->paths[i].family] &&
			span_is(plan->paths[i].host, host))
			return true;
	return false;
}

static void leave_out_worse_hosts(struct plan *plan)
{
	bool covered[FAMILY_COUNT] = { false };
	struct span chosen = SPAN("");
	bool is_in = false;

	for (size_t i = 0; i < plan->path_count; i++) {
		struct path *path = &plan->paths[i];

		if (i == 0 || !span_is(path->host, chosen)) {
			chosen = path->host;
			is_in = host_adds_family(plan, chosen, covered);
		}
		if (path->left_out.len)
			continue;
		if (!is_in)
			leave_out(path, SPAN("a better host has this family "
					     "(--mx all walks it)"));
		else
			covered[path->family] = true;
	}
}

static void leave_out_beyond(struct plan *plan)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < plan->path_count; i++) {
		if (i == 0 ||
			!span_is(plan->paths[i].host, plan->paths[i - 1].host))
			hosts++;
		if (hosts > plan->orders->first)
			leave_out(&plan->paths[i],
				SPAN("beyond the number given to --mx"));
	}
}

static void leave_out_further_addresses(struct plan *plan)
{
	for (size_t i = 0; i < plan->path_count; i++)
		if (!plan->paths[i].left_out.len &&
			!is_first_of_host(plan, i, true))
			leave_out(&plan->paths[i],
				SPAN("one address of each "
				     "host and family (--mx all walks it)"));
}

static void choose(struct plan *plan)
{
	leave_out_unusable(plan);
	leave_out_by_order(plan);
	switch (plan->orders->choice) {
	case MX_ALL:
		return;
	case MX_FIRST:
		leave_out_beyond(plan);
		break;
	case MX_BEST:
		leave_out_worse_hosts(plan);
		break;
	}
	leave_out_further_addresses(plan);
}

/* ---- what binds a sender there */

static const struct tlsa_set *set_of(
	struct arena *arena, const struct dane *dane)
{
	struct tlsa_set *set = arena_new(arena, struct tlsa_set);
	struct tlsa *records = arena_take(
		arena, dane->count * sizeof(*records));

	for (size_t i = 0; i < dane->count; i++)
		if (tlsa_parse(arena, dane->records[i], &records[set->count]))
			set->count++;
	set->records = records;
	set->names = dane->names;
	set->name_count = dane->name_count;
	return set;
}

static void take_dane(struct plan *plan, struct path *path)
{
	const struct target *target = plan->outcome->target;
	struct dane *dane = arena_new(plan->arena, struct dane);
	struct dane_ask ask = { .domain = target->host.len ? SPAN("")
							   : target->domain,
		.host = path->host,
		.port = path->port,
		.family = path->family,
		.insists = plan->orders->insists_on_dane };

	path->dane = dane;
	if (dane_check(plan->arena, plan->outcome->answers, &ask, dane) ==
		DANE_OPEN)
		plan->is_open = true;
	if (dane->state == DANE_BINDING)
		path->tlsa = set_of(plan->arena, dane);
}

static const struct mta_sts *take_sts(struct plan *plan)
{
	const struct target *target = plan->outcome->target;
	struct mta_sts *sts;

	sts = arena_new(plan->arena, struct mta_sts);
	if (mta_sts_check(plan->arena, plan->outcome->answers, target->domain,
		    sts) == MTA_STS_OPEN)
		plan->is_open = true;
	return sts;
}

static const struct tls_rpt_check *take_tls_rpt(struct plan *plan)
{
	struct tls_rpt_check *check = arena_new(
		plan->arena, struct tls_rpt_check);

	if (tls_rpt_check(plan->arena, plan->outcome->answers,
		    plan->outcome->target->domain, check) == TLS_RPT_OPEN)
		plan->is_open = true;
	return check;
}

static void take_policies(struct plan *plan)
{
	const struct target *target = plan->outcome->target;

	if (target->is_literal || plan->outcome->fault)
		return;
	if (plan->orders->asks_sts && !target->host.len) {
		plan->outcome->mta_sts = take_sts(plan);
		plan->outcome->tls_rpt = take_tls_rpt(plan);
	}
	for (size_t i = 0; i < plan->path_count; i++) {
		struct path *path = &plan->paths[i];

		path->sts = plan->outcome->mta_sts;
		if (plan->orders->asks_dane && !path->left_out.len)
			take_dane(plan, path);
	}
}

/* ---- */

static void take_literal(struct plan *plan)
{
	const struct target *target = plan->outcome->target;
	char room[IP_TEXT_MAX];
	struct path path = { .domain = target->domain,
		.family = target->literal.family,
		.remote = target->literal,
		.port = target->port,
		.left_out = SPAN("") };

	path.host = arena_copy(
		plan->arena, span_of(ip_print(&target->literal, room)));
	path_add(plan, &path);
}

static void fault_if_nowhere(struct plan *plan)
{
	const struct target *target = plan->outcome->target;
	struct span name = target->host.len ? target->host : target->domain;

	if (plan->path_count || plan->outcome->fault)
		return;
	if (plan->failed)
		fault_of_answer(plan,
			plan->exchanger_count == 1 ? plan->exchangers[0].host
						   : name,
			plan->failed);
	else if (target->host.len)
		fault_set(plan,
			plan->exchangers[0].a == ANSWER_NO_NAME
				? FAILURE_DNS_NXDOMAIN
				: FAILURE_DNS_NO_DATA,
			arena_print(plan->arena, "%.*s has no address",
				SPAN_ARG(name)));
	else if (plan->exchanger_count && plan->exchangers[0].is_implicit)
		fault_set(plan, FAILURE_DNS_NO_DATA,
			arena_print(plan->arena,
				"%.*s has neither MX nor address",
				SPAN_ARG(name)));
	else
		fault_set(plan, FAILURE_DNS_BAD_MX,
			arena_print(plan->arena,
				"no exchanger of %.*s has an address",
				SPAN_ARG(name)));
}

enum plan_state plan_make(struct arena *arena, const struct plan_orders *orders,
	struct outcome *outcome)
{
	struct plan plan = {
		.arena = arena, .orders = orders, .outcome = outcome
	};

	plan.exchangers = arena_new(arena, struct exchanger);
	outcome->fault = NULL;
	outcome->mx_asked = false;
	if (orders->target->is_literal)
		take_literal(&plan);
	else if (orders->target->host.len)
		exchanger_add(&plan, 0, orders->target->host);
	else
		take_domain(&plan);
	for (size_t i = 0; i < plan.exchanger_count; i++)
		take_exchanger(&plan, &plan.exchangers[i]);
	if (plan.is_open)
		return PLAN_OPEN;
	fault_if_nowhere(&plan);
	choose(&plan);
	take_policies(&plan);
	if (plan.is_open)
		return PLAN_OPEN;
	outcome->exchangers = plan.exchangers;
	outcome->exchanger_count = plan.exchanger_count;
	outcome->paths = plan.paths;
	outcome->path_count = plan.path_count;
	return PLAN_DONE;
}
