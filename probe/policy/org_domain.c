#include "probe/policy/org_domain.h"

#include <libpsl.h>
#include <sys/stat.h>

#include "probe/base/ip.h"
#include "probe/dns/name.h"

struct suffix_list {
	const psl_ctx_t *psl; /* NULL: a libpsl without any list */
	psl_ctx_t *ours;      /* the same, when it is to be freed */
	const char *file;
	int64_t date;
};

/*
 * psl_latest() does the same, but does not tell which of the two it took.
 */
static struct suffix_list choose_list(void)
{
	const char *file = psl_dist_filename();
	struct suffix_list list = { .psl = psl_builtin() };
	struct stat status;

	list.date = list.psl ? (int64_t)psl_builtin_file_time() : 0;
	list.file = list.psl ? "built into libpsl" : "none";
	if (!file || stat(file, &status) != 0 || status.st_mtime <= list.date)
		return list;
	list.ours = psl_load_file(file);
	if (!list.ours)
		return list;
	list.psl = list.ours;
	list.file = file;
	list.date = (int64_t)status.st_mtime;
	return list;
}

const struct suffix_list *suffix_list_own(void)
{
	static struct suffix_list own;

	if (!own.file)
		own = choose_list();
	return &own;
}

struct suffix_list *suffix_list_open(struct arena *arena, const char *file)
{
	psl_ctx_t *psl = psl_load_file(file);
	struct suffix_list *list;
	struct stat status;

	if (!psl)
		return NULL;
	list = arena_new(arena, struct suffix_list);
	list->psl = list->ours = psl;
	list->file = file;
	if (stat(file, &status) == 0)
		list->date = (int64_t)status.st_mtime;
	return list;
}

void suffix_list_close(struct suffix_list *list)
{
	if (list)
		psl_free(list->ours);
}

const char *suffix_list_file(const struct suffix_list *list)
{
	return list->file;
}

int64_t suffix_list_date(const struct suffix_list *list)
{
	return list->date;
}

struct span org_domain_plain(struct arena *arena, struct span domain)
{
	while (domain.len && domain.at[0] == '.')
		domain = span_part(domain, 1, domain.len);
	while (domain.len && domain.at[domain.len - 1] == '.')
		domain.len--;
	return arena_copy_lower(arena, domain);
}

static bool is_name(struct span domain)
{
	struct ip ip;

	return domain.len && domain.len <= NAME_TEXT_MAX &&
	       domain.at[0] != '[' && !memchr(domain.at, '\0', domain.len) &&
	       !ip_parse(domain, &ip);
}

/*
 * libpsl takes what it is given for a name in lower case without a last dot:
 * an address, too, would have its last two "labels" cut off.
 */
struct span org_domain(
	struct arena *arena, const struct suffix_list *list, struct span domain)
{
	struct span plain = org_domain_plain(arena, domain);
	const char *found;

	if (!list->psl || !is_name(plain))
		return plain;
	found = psl_registrable_domain(list->psl, plain.at);
	return found ? span_of(found) : plain;
}
