#include "probe/policy/profile.h"

#include <assert.h>

/*
 * The file, a line at a time; blanks part words.
 *
 *	file     = "mxprobe-profile 1" *( empty / comment / head / rule )
 *	head     = "profile" name / "title" text / "extends" name /
 *	           "page" uri / "seen" YYYY-MM-DD
 *	rule     = "rule" id ( "all" / "bulk" ) ( "required" / "recommended" )
 *	           check ( "none" / "spam" / "deferred" / "refused" )
 *	           reply text
 *	reply    = DQUOTE text DQUOTE / "-"
 *
 * "page" and "seen" hold for the rules below them.
 */
struct parser {
	struct arena *arena;
	struct span file;
	unsigned line;
	struct span errors;
	unsigned error_count;
	struct profile *profile;
	struct profile_rule *rules;
	size_t room;
	struct span page, seen;
	bool has_head;
};

static const char *const severity_words[] = { "required", "recommended" };
static const char *const consequence_words[] = { "none", "spam", "deferred",
	"refused" };
static const char *const scope_words[] = { "all", "bulk" };

const char *rule_severity_word(enum rule_severity severity)
{
	return severity_words[severity];
}

const char *consequence_word(enum consequence consequence)
{
	return consequence_words[consequence];
}

static void wrong(struct parser *parser, const char *what, struct span word)
{
	if (parser->error_count++ >= PROFILE_ERRORS_MAX)
		return;
	parser->errors = arena_print(parser->arena, "%.*s%.*s:%u: %s%s%.*s%s\n",
		SPAN_ARG(parser->errors), SPAN_ARG(parser->file), parser->line,
		what, word.len ? ", not \"" : "", SPAN_ARG(word),
		word.len ? "\"" : "");
}

static struct span cut_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	word = span_cut(rest, ' ');
	*rest = span_trim(*rest);
	return word;
}

/* The number of a word in a list, or 0 and an error that says `what`. */
static unsigned word_in(struct parser *parser, struct span *rest,
	const char *const *words, size_t count, const char *what)
{
	struct span word = cut_word(rest);

	for (unsigned i = 0; i < count; i++)
		if (span_is(word, span_of(words[i])))
			return i;
	wrong(parser, what, word);
	return 0;
}

static struct span cut_reply(struct parser *parser, struct span *rest)
{
	struct span reply;

	if (rest->len && rest->at[0] == '"') {
		*rest = span_part(*rest, 1, rest->len);
		if (span_find(*rest, '"') == rest->len)
			wrong(parser, "a quote is not closed", SPAN(""));
		reply = span_cut(rest, '"');
		*rest = span_trim(*rest);
		return reply;
	}
	reply = cut_word(rest);
	if (!span_is(reply, SPAN("-")))
		wrong(parser, "a reply in quotes or - is wanted", reply);
	return SPAN("");
}

static bool is_date(struct span text)
{
	static const char form[] = "dddd-dd-dd";

	if (text.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (form[i] == 'd' ? !ascii_is_digit(text.at[i])
				   : text.at[i] != form[i])
			return false;
	return true;
}

static void take_rule(struct parser *parser, struct span rest)
{
	struct profile *profile = parser->profile;
	struct profile_rule rule = { .page = parser->page,
		.seen = parser->seen };
	struct span word;

	rule.id = cut_word(&rest);
	rule.is_bulk = word_in(parser, &rest, scope_words,
			       COUNT_OF(scope_words),
			       "all or bulk is wanted") == 1;
	rule.severity = (enum rule_severity)word_in(parser, &rest,
		severity_words, COUNT_OF(severity_words),
		"required or recommended is wanted");
	word = cut_word(&rest);
	if (!check_parse(word, &rule.check))
		wrong(parser, "the word of a check is wanted", word);
	rule.consequence = (enum consequence)word_in(parser, &rest,
		consequence_words, COUNT_OF(consequence_words),
		"none, spam, deferred or refused is wanted");
	rule.reply = cut_reply(parser, &rest);
	rule.title = rest;
	if (!rest.len)
		wrong(parser, "a rule has no title", SPAN(""));
	if (!rule.page.len || !rule.seen.len)
		wrong(parser, "page and seen stand above the first rule",
			SPAN(""));
	if (profile->rule_count == PROFILE_RULES_MAX) {
		wrong(parser, "these are too many rules", SPAN(""));
		return;
	}
	parser->rules = arena_grow(parser->arena, parser->rules,
		profile->rule_count, &parser->room, sizeof(rule));
	parser->rules[profile->rule_count++] = rule;
}

static void take_line(struct parser *parser, struct span line)
{
	struct profile *profile = parser->profile;
	struct span key, shown;

	line = span_trim(line);
	shown = line;
	key = cut_word(&line);
	if (!key.len || key.at[0] == '#')
		return;
	if (!parser->has_head) {
		parser->has_head = true;
		if (!span_is(shown, SPAN("mxprobe-profile 1")))
			wrong(parser, "\"mxprobe-profile 1\" is wanted first",
				shown);
	} else if (span_is(key, SPAN("rule"))) {
		take_rule(parser, line);
	} else if (span_is(key, SPAN("profile"))) {
		profile->name = line;
	} else if (span_is(key, SPAN("title"))) {
		profile->title = line;
	} else if (span_is(key, SPAN("extends"))) {
		profile->base = line;
	} else if (span_is(key, SPAN("page"))) {
		parser->page = line;
	} else if (span_is(key, SPAN("seen"))) {
		parser->seen = line;
		if (!is_date(line))
			wrong(parser, "a date is wanted", line);
	} else {
		wrong(parser, "a key is wanted", key);
	}
}

const struct profile *profile_parse(struct arena *arena, struct span file,
	struct span text, struct span *errors)
{
	struct parser parser = { .arena = arena,
		.file = file,
		.errors = SPAN(""),
		.profile = arena_new(arena, struct profile),
		.page = SPAN(""),
		.seen = SPAN("") };

	while (text.len) {
		parser.line++;
		take_line(&parser, span_cut(&text, '\n'));
	}
	if (!parser.profile->name.len)
		wrong(&parser, "the profile has no name", SPAN(""));
	if (!parser.profile->title.len)
		wrong(&parser, "the profile has no title", SPAN(""));
	parser.profile->rules = parser.rules;
	*errors = parser.errors;
	return parser.error_count ? NULL : parser.profile;
}

/* ---- those that are built in */

static const char google[] = {
#include "probe/policy/profiles/google.txt.inc"
};
static const char google_bulk[] = {
#include "probe/policy/profiles/google-bulk.txt.inc"
};
static const char yahoo[] = {
#include "probe/policy/profiles/yahoo.txt.inc"
};
static const char yahoo_bulk[] = {
#include "probe/policy/profiles/yahoo-bulk.txt.inc"
};
static const char microsoft_bulk[] = {
#include "probe/policy/profiles/microsoft-bulk.txt.inc"
};
static const char apple_bulk[] = {
#include "probe/policy/profiles/apple-bulk.txt.inc"
};

static const struct embedded {
	const char *name;
	struct span text;
} files[] = {
	{ "google", { google, sizeof(google) } },
	{ "google-bulk", { google_bulk, sizeof(google_bulk) } },
	{ "yahoo", { yahoo, sizeof(yahoo) } },
	{ "yahoo-bulk", { yahoo_bulk, sizeof(yahoo_bulk) } },
	{ "microsoft-bulk", { microsoft_bulk, sizeof(microsoft_bulk) } },
	{ "apple-bulk", { apple_bulk, sizeof(apple_bulk) } },
};

const char *profile_name_at(size_t index)
{
	return index < COUNT_OF(files) ? files[index].name : NULL;
}

/* The rules of the base, and behind them its own. */
static const struct profile *joined(struct arena *arena,
	const struct profile *base, const struct profile *own)
{
	struct profile *both = arena_new(arena, struct profile);
	struct profile_rule *rules = arena_take(arena,
		(base->rule_count + own->rule_count + 1) * sizeof(*rules));

	*both = *own;
	for (size_t i = 0; i < base->rule_count; i++)
		rules[i] = base->rules[i];
	for (size_t i = 0; i < own->rule_count; i++)
		rules[base->rule_count + i] = own->rules[i];
	both->rules = rules;
	both->rule_count = base->rule_count + own->rule_count;
	return both;
}

static const struct profile *embedded_alone(
	struct arena *arena, struct span name)
{
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		const struct profile *profile;
		struct span errors;

		if (!span_is_nocase(name, span_of(files[i].name)))
			continue;
		profile = profile_parse(
			arena, span_of(files[i].name), files[i].text, &errors);
		assert(profile);
		return profile;
	}
	return NULL;
}

const struct profile *profile_embedded(struct arena *arena, struct span name)
{
	const struct profile *own = embedded_alone(arena, name);
	const struct profile *base;

	if (!own || !own->base.len)
		return own;
	base = embedded_alone(arena, own->base);
	assert(base);
	return joined(arena, base, own);
}
