#include "probe/judge/setting_change.h"

bool change_can_matter(
	const struct isolation_question *question, enum varied varied)
{
	switch (varied) {
	case VARIED_FAMILY:
	case VARIED_SOURCE:
	case VARIED_MX:
		break;
	case VARIED_EHLO:
		return question->stage >= STAGE_EHLO;
	case VARIED_TLS:
		return question->stage >= STAGE_STARTTLS;
	case VARIED_MAIL_FROM:
		return question->stage >= STAGE_MAIL;
	}
	return true;
}

/* ---- differences */

static bool source_differs(const struct isolation_question *question,
	const struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;
	enum family family = setting->family;

	if (!setting->has_source)
		return false;
	if (family == failing->family)
		return failing->has_source &&
		       !ip_is(&setting->source, &failing->source);
	return question->has_home[family] &&
	       !ip_is(&setting->source, &question->home[family]);
}

unsigned isolation_difference(const struct isolation_question *question,
	const struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;
	bool is_family = setting->family != failing->family;
	unsigned mask = 0;

	if (is_family)
		mask |= change_bit(VARIED_FAMILY);
	if (source_differs(question, setting))
		mask |= change_bit(VARIED_SOURCE);
	if (!span_is_nocase(setting->ehlo, failing->ehlo))
		mask |= change_bit(VARIED_EHLO);
	if (!span_is_nocase(setting->host, failing->host) ||
		(!is_family && !ip_is(&setting->remote, &failing->remote)))
		mask |= change_bit(VARIED_MX);
	if (setting->has_tls != failing->has_tls)
		mask |= change_bit(VARIED_TLS);
	if (!span_is(setting->mail_from, failing->mail_from))
		mask |= change_bit(VARIED_MAIL_FROM);
	return mask;
}

unsigned change_telling(const struct isolation_question *question,
	const struct setting *setting, bool *is_fit)
{
	unsigned mask = isolation_difference(question, setting);

	*is_fit = true;
	for (unsigned i = 0; i < VARIED_COUNT; i++) {
		if (!change_can_matter(question, (enum varied)i))
			mask &= ~change_bit((enum varied)i);
		if ((mask & change_bit((enum varied)i)) && !question->varies[i])
			*is_fit = false;
	}
	return mask;
}

bool setting_is(const struct setting *a, const struct setting *b)
{
	return a->family == b->family && ip_is(&a->remote, &b->remote) &&
	       span_is_nocase(a->host, b->host) &&
	       span_is_nocase(a->ehlo, b->ehlo) && a->has_tls == b->has_tls &&
	       span_is(a->mail_from, b->mail_from) &&
	       (!a->has_source || !b->has_source ||
		       ip_is(&a->source, &b->source));
}

/* ---- from what failed towards another setting */

static bool remote_of(const struct isolation_question *question,
	struct span host, enum family family, struct ip *remote)
{
	for (size_t i = 0; i < question->host_count; i++) {
		const struct isolation_host *one = &question->hosts[i];

		if (!span_is_nocase(one->name, host) || !one->has[family])
			continue;
		*remote = one->remote[family];
		return true;
	}
	return false;
}

static bool place_source(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	if (mask & change_bit(VARIED_SOURCE)) {
		setting->has_source = to->has_source;
		setting->source = to->source;
		return to->source.family == setting->family;
	}
	if (!(mask & change_bit(VARIED_FAMILY)))
		return true;
	setting->has_source = question->has_home[setting->family];
	setting->source = question->home[setting->family];
	return true;
}

static bool place_remote(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	if (mask & change_bit(VARIED_MX))
		setting->host = to->host;
	if (span_is_nocase(setting->host, to->host) &&
		setting->family == to->family &&
		(mask & (change_bit(VARIED_MX) | change_bit(VARIED_FAMILY)))) {
		setting->remote = to->remote;
		return true;
	}
	if (span_is_nocase(setting->host, failing->host) &&
		setting->family == failing->family)
		return true;
	return remote_of(
		question, setting->host, setting->family, &setting->remote);
}

bool change_apply(const struct isolation_question *question,
	const struct setting *to, unsigned mask, struct setting *setting)
{
	*setting = question->failing.setting;
	if (mask & change_bit(VARIED_FAMILY))
		setting->family = to->family;
	if (mask & change_bit(VARIED_EHLO))
		setting->ehlo = to->ehlo;
	if (mask & change_bit(VARIED_TLS))
		setting->has_tls = to->has_tls;
	if (mask & change_bit(VARIED_MAIL_FROM))
		setting->mail_from = to->mail_from;
	return place_source(question, to, mask, setting) &&
	       place_remote(question, to, mask, setting);
}

/* ---- what there is to change one thing to */

static bool nth_source(const struct isolation_question *question, size_t n,
	struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	/* Which one the kernel took is not known: what is another? */
	if (!failing->has_source)
		return false;
	for (size_t i = 0; i < question->source_count; i++) {
		const struct ip *ip = &question->sources[i];

		if (ip->family != failing->family ||
			ip_is(ip, &failing->source))
			continue;
		if (n-- > 0)
			continue;
		setting->has_source = true;
		setting->source = *ip;
		return true;
	}
	return false;
}

static bool nth_host(const struct isolation_question *question, size_t n,
	struct setting *setting)
{
	const struct setting *failing = &question->failing.setting;

	for (size_t i = 0; i < question->host_count; i++) {
		const struct isolation_host *host = &question->hosts[i];

		if (!host->has[failing->family] ||
			span_is_nocase(host->name, failing->host))
			continue;
		if (n-- > 0)
			continue;
		setting->host = host->name;
		setting->remote = host->remote[failing->family];
		return true;
	}
	return false;
}

/* The n-th text that is not the one in use. */
static bool nth_text(
	const struct span *texts, size_t count, size_t n, struct span *text)
{
	for (size_t i = 0; i < count; i++) {
		if (span_is_nocase(texts[i], *text))
			continue;
		if (n-- > 0)
			continue;
		*text = texts[i];
		return true;
	}
	return false;
}

static bool other_family(
	const struct isolation_question *question, struct setting *setting)
{
	enum family other = setting->family == FAMILY_IPV4 ? FAMILY_IPV6
							   : FAMILY_IPV4;

	setting->family = other;
	setting->has_source = question->has_home[other];
	setting->source = question->home[other];
	return remote_of(question, setting->host, other, &setting->remote);
}

bool change_choice(const struct isolation_question *question,
	enum varied varied, size_t n, struct setting *setting)
{
	*setting = question->failing.setting;
	switch (varied) {
	case VARIED_FAMILY:
		return n == 0 && other_family(question, setting);
	case VARIED_SOURCE:
		return nth_source(question, n, setting);
	case VARIED_EHLO:
		return nth_text(question->names, question->name_count, n,
			&setting->ehlo);
	case VARIED_MX:
		return nth_host(question, n, setting);
	case VARIED_TLS:
		if (n > 0 || !setting->has_tls || question->was_in_clear)
			return false;
		setting->has_tls = false;
		return true;
	case VARIED_MAIL_FROM:
		break;
	}
	return nth_text(question->senders, question->sender_count, n,
		&setting->mail_from);
}
