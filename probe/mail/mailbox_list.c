#include "probe/mail/mailbox_list.h"

#include "probe/mail/token.h"

/*
 *      address-list = (address *("," address)) / obs-addr-list
 *      address      = mailbox / group
 *      mailbox      = name-addr / addr-spec
 *      name-addr    = [display-name] angle-addr
 *      angle-addr   = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]
 *      group        = display-name ":" [group-list] ";" [CFWS]
 *      display-name = phrase
 *      addr-spec    = local-part "@" domain
 *      obs-route    = *(CFWS / ",") "@" domain *("," ["@" domain]) ":"
 *
 * RFC 5322 sections 3.4 and 4.4.  What stands first may be a display name, a
 * group's name or a local part: only the byte behind it tells, so the words
 * are gathered first, and are both.
 */
struct reading {
	struct arena *arena;
	struct tokens tokens;
	char *phrases, *locals; /* each with room for the whole value */
	size_t phrases_used, locals_used;
	struct mailbox_list *list;
	struct mailbox *mailboxes;
	size_t room;
	bool is_in_group;
};

/* Words and dots as they came: a phrase, or a local part. */
struct words {
	struct span phrase; /* blanks between words became one space */
	struct span local;  /* blanks gone */
	size_t count;       /* of words */
	bool has_dot;
	bool has_stray_dot;    /* first, last, or two in a row */
	bool has_two_in_a_row; /* words without a dot: not a local part */
};

static bool refuse(struct reading *reading, const char *why)
{
	reading->tokens.why = why;
	return false;
}

static bool is_8bit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return true;
	return false;
}

/* One atom or quoted string; empty and true when there is neither. */
static bool take_word(struct tokens *tokens, struct span *word, bool *is_word)
{
	*is_word = true;
	if (tokens_next(tokens) == '"')
		return tokens_quoted(tokens, word);
	*word = tokens_atom(tokens);
	*is_word = word->len != 0;
	return true;
}

static size_t append(char *to, struct span word)
{
	memcpy(to, word.at, word.len);
	return word.len;
}

static void write_word(
	struct reading *reading, struct words *words, struct span word)
{
	char *phrase = reading->phrases + reading->phrases_used;
	char *local = reading->locals + reading->locals_used;

	reading->phrases_used += append(phrase, word);
	reading->locals_used += append(local, word);
	words->phrase.len += word.len;
	words->local.len += word.len;
}

static void write_space(struct reading *reading, struct words *words)
{
	if (!words->phrase.len)
		return;
	reading->phrases[reading->phrases_used++] = ' ';
	words->phrase.len++;
}

static bool take_words(struct reading *reading, struct words *words)
{
	struct tokens *tokens = &reading->tokens;
	bool after_dot = true, is_spaced = false, is_word;
	struct span word;

	*words = (struct words){
		.phrase = { reading->phrases + reading->phrases_used, 0 },
		.local = { reading->locals + reading->locals_used, 0 },
	};
	for (;;) {
		if (!tokens_skip(tokens, &is_spaced))
			return false;
		is_word = !tokens_take(tokens, '.');
		word = SPAN(".");
		if (is_word && !take_word(tokens, &word, &is_word))
			return false;
		if (!word.len && !is_word)
			break;
		if (is_spaced)
			write_space(reading, words);
		write_word(reading, words, word);
		words->has_dot |= !is_word;
		words->has_stray_dot |= !is_word && after_dot;
		words->has_two_in_a_row |= is_word && words->count &&
					   !after_dot;
		words->count += is_word;
		after_dot = !is_word;
	}
	words->has_stray_dot |= after_dot;
	return true;
}

static bool add(struct reading *reading, const struct mailbox *mailbox)
{
	struct mailbox_list *list = reading->list;

	if (list->count == MAILBOX_LIST_MAX)
		return refuse(reading, "it has too many addresses");
	reading->mailboxes = arena_grow(reading->arena, reading->mailboxes,
		list->count, &reading->room, sizeof(*mailbox));
	reading->mailboxes[list->count++] = *mailbox;
	list->mailboxes = reading->mailboxes;
	list->is_8bit |= is_8bit(mailbox->name) || is_8bit(mailbox->local) ||
			 is_8bit(mailbox->domain);
	return true;
}

/* The words before the @ are there; the domain follows. */
static bool take_domain(struct reading *reading, const struct words *words,
	struct mailbox *mailbox)
{
	if (!words->count)
		return refuse(reading, "there is no user name before the @");
	if (words->has_two_in_a_row)
		return refuse(reading, "the user name is two words");
	reading->list->is_obsolete |= words->has_stray_dot;
	mailbox->local = words->local;
	return tokens_domain(&reading->tokens, &mailbox->domain);
}

/* "@one,@two:" was how a path was told; nobody follows it (RFC 5322 4.4). */
static bool skip_route(struct reading *reading)
{
	struct tokens *tokens = &reading->tokens;
	struct span domain;

	if (tokens_next(tokens) != '@' && tokens_next(tokens) != ',')
		return true;
	reading->list->is_obsolete = true;
	while (!tokens_take(tokens, ':')) {
		if (tokens_take(tokens, '@')) {
			if (!tokens_domain(tokens, &domain))
				return false;
		} else if (!tokens_take(tokens, ',')) {
			return refuse(
				reading, "there is no user name before the @");
		}
		if (!tokens_skip(tokens, NULL))
			return false;
	}
	return true;
}

static bool take_angle(struct reading *reading, struct mailbox *mailbox)
{
	struct tokens *tokens = &reading->tokens;
	struct words words;

	if (!tokens_skip(tokens, NULL) || !skip_route(reading) ||
		!take_words(reading, &words))
		return false;
	if (!words.count && tokens_next(tokens) == '>')
		return refuse(reading, "there is nothing between < and >");
	if (!tokens_take(tokens, '@'))
		return refuse(reading, words.count
					       ? "there is no @ in the address"
					       : "there is no user name "
						 "before the @");
	if (!take_domain(reading, &words, mailbox))
		return false;
	if (!tokens_take(tokens, '>'))
		return refuse(reading, "the > behind the address is missing");
	return tokens_skip(tokens, NULL);
}

static bool begin_group(struct reading *reading, const struct words *words)
{
	if (reading->is_in_group)
		return refuse(reading, "a group stands inside a group");
	if (!words->count)
		return refuse(reading, "a group has no name");
	reading->is_in_group = true;
	reading->list->group_count++;
	return true;
}

static bool take_address(struct reading *reading)
{
	struct tokens *tokens = &reading->tokens;
	struct mailbox mailbox = { .name = SPAN("") };
	struct words words;

	mailbox.is_in_group = reading->is_in_group;
	tokens->comment = SPAN("");
	if (!take_words(reading, &words))
		return false;
	if (tokens_take(tokens, '@')) {
		if (!take_domain(reading, &words, &mailbox))
			return false;
		mailbox.name = tokens->comment;
		return add(reading, &mailbox);
	}
	if (tokens_take(tokens, '<')) {
		reading->list->is_obsolete |= words.has_dot;
		mailbox.name = words.phrase;
		return take_angle(reading, &mailbox) && add(reading, &mailbox);
	}
	if (tokens_take(tokens, ':'))
		return begin_group(reading, &words);
	return refuse(reading,
		words.count ? "there is no @ in the address"
			    : "a character stands where an address should");
}

/*
 * One turn: an address, and what parts it from the next.  The name of a group
 * has its members right behind it.
 */
static bool take_element(struct reading *reading)
{
	struct tokens *tokens = &reading->tokens;
	char next = tokens_next(tokens);
	size_t groups = reading->list->group_count;

	if (next == ',') {
		reading->list->is_obsolete = true;
	} else if (next != ';' || !reading->is_in_group) {
		if (!take_address(reading))
			return false;
		if (reading->list->group_count != groups)
			return true;
	}
	if (!tokens_skip(tokens, NULL))
		return false;
	if (reading->is_in_group && tokens_take(tokens, ';')) {
		reading->is_in_group = false;
		if (!tokens_skip(tokens, NULL))
			return false;
	}
	if (tokens_are_over(tokens))
		return true;
	if (!tokens_take(tokens, ','))
		return refuse(
			reading, "a comma is missing between two addresses");
	if (!tokens_skip(tokens, NULL))
		return false;
	reading->list->is_obsolete |= tokens_are_over(tokens);
	return true;
}

bool mailbox_list_parse(struct arena *arena, struct span value,
	struct mailbox_list *list, const char **why)
{
	struct reading reading = { .arena = arena, .list = list };
	struct tokens *tokens = &reading.tokens;
	bool is_well;

	*list = (struct mailbox_list){ 0 };
	tokens_init(tokens, arena, value);
	reading.phrases = arena_take(arena, value.len + 1);
	reading.locals = arena_take(arena, value.len + 1);
	is_well = tokens_skip(tokens, NULL);
	while (is_well && !tokens_are_over(tokens))
		is_well = take_element(&reading) && tokens_skip(tokens, NULL);
	if (is_well && reading.is_in_group)
		is_well = refuse(&reading, "a group is not closed with ;");
	if (is_well && !list->count && !list->group_count)
		is_well = refuse(&reading, "there is no address");
	*why = tokens->why;
	return is_well;
}
