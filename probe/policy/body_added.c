#include "probe/policy/body_added.h"

#include "probe/policy/body_parts.h"

static void hit_lines(struct body_search *search, const char *id, size_t lines,
	const char *where)
{
	const char *noun = lines == 1 ? "line" : "lines";
	const char *pronoun = lines == 1 ? "it" : "them";

	body_search_hit(search, id, DEPARTS_ON_THE_WAY, "RFC 6376 section 5.3",
		arena_print(search->arena,
			"bh= fits the body without %zu %s %s; a list or "
			"gateway put %s there: %s",
			lines, noun, where, pronoun,
			departs_ending(DEPARTS_ON_THE_WAY)));
}

/*
 * The body up to each of its last lines, in one pass: the state of the hash is
 * copied at each line end.  l= does not count here: a footer behind what it
 * covers does no harm.
 */
void body_added_footer(struct body_search *search)
{
	size_t total = body_line_count(search->body.bytes), line = 0, cut = 0;
	struct span rest = search->body.bytes;
	struct body_form form;

	if (!body_search_may_work(search))
		return;
	body_form_open(&form, search->declared, BODY_UNCOUNTED, search->digest);
	while (rest.len) {
		struct body_hash hash;

		if (total - line <= BODY_FOOTER_LINES) {
			body_form_so_far(&form, &hash);
			if (body_search_claims(search, &hash))
				cut = total - line;
		}
		body_form_line(&form, body_line(search->declared, &rest));
		line++;
	}
	body_form_close(&form);
	if (cut)
		hit_lines(search, "footer-added", cut, "at its end");
}

static bool may_search(struct body_search *search, size_t octets)
{
	if (search->budget < octets)
		return false;
	search->budget -= octets;
	return true;
}

void body_added_banner(struct body_search *search)
{
	struct span rest = search->body.bytes;

	for (size_t line = 1; line <= BODY_BANNER_LINES && rest.len; line++) {
		body_line(0, &rest);
		if (!may_search(search, rest.len))
			return;
		if (body_search_fits(search, rest, search->declared)) {
			hit_lines(search, "banner-added", line, "at its top");
			return;
		}
	}
}

/* The body without what stands between two places. */
static bool fits_without(struct body_search *search, size_t from, size_t to)
{
	struct span body = search->body.bytes;
	char *room = arena_take(search->scratch, body.len);
	bool is_it;

	memcpy(room, body.at, from);
	memcpy(room + from, body.at + to, body.len - to);
	is_it = body_search_fits(search,
		(struct span){ room, body.len - (to - from) },
		search->declared);
	arena_empty(search->scratch);
	return is_it;
}

/* Where the last lines began, by their number modulo this. */
enum { STARTS = BODY_BANNER_LINES + 1 };

/* A footer at the end of a part: lines before a boundary. */
static bool try_part(
	struct body_search *search, const size_t *starts, size_t line)
{
	struct span body = search->body.bytes;

	for (size_t cut = 1; cut <= BODY_BANNER_LINES && cut <= line; cut++) {
		if (!may_search(search, body.len))
			return false;
		if (!fits_without(search, starts[(line - cut) % STARTS],
			    starts[line % STARTS]))
			continue;
		hit_lines(
			search, "footer-in-part", cut, "at the end of a part");
		return true;
	}
	return false;
}

void body_added_in_parts(struct body_search *search)
{
	struct span rest = search->body.bytes;
	size_t starts[STARTS];
	size_t line = 0;

	if (!search->body.boundary.len)
		return;
	while (rest.len) {
		starts[line % STARTS] = search->body.bytes.len - rest.len;
		if (body_boundary(&search->body, body_line(0, &rest)) !=
				BODY_NO_BOUNDARY &&
			try_part(search, starts, line))
			return;
		line++;
	}
}
