#include "probe/dns/name.h"

#include <idn2.h>

/*
 *	name  = "." / label *( "." label ) [ "." ]
 *	label = 1*63( byte / escape )
 *	escape = "\" 3DIGIT / "\" byte-that-is-no-digit
 */
enum piece { PIECE_BYTE, PIECE_DOT, PIECE_BAD };

static enum piece take_escaped(struct span *rest, uint8_t *byte)
{
	unsigned long number;

	if (!rest->len)
		return PIECE_BAD;
	if (!ascii_is_digit(rest->at[0])) {
		*byte = (uint8_t)rest->at[0];
		*rest = span_part(*rest, 1, rest->len);
		return PIECE_BYTE;
	}
	if (rest->len < 3 || !span_number(span_part(*rest, 0, 3), 255, &number))
		return PIECE_BAD;
	*byte = (uint8_t)number;
	*rest = span_part(*rest, 3, rest->len);
	return PIECE_BYTE;
}

static enum piece take_piece(struct span *rest, uint8_t *byte)
{
	*byte = (uint8_t)rest->at[0];
	*rest = span_part(*rest, 1, rest->len);
	if (*byte == '.')
		return PIECE_DOT;
	return *byte == '\\' ? take_escaped(rest, byte) : PIECE_BYTE;
}

size_t name_print_label(char *room, const uint8_t *label, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = label[i];

		if (byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\') {
			room[at++] = ascii_lower((char)byte);
			continue;
		}
		room[at++] = '\\';
		room[at++] = (char)('0' + byte / 100);
		room[at++] = (char)('0' + byte / 10 % 10);
		room[at++] = (char)('0' + byte % 10);
	}
	return at;
}

/* Where a walk over the text of a name stands. */
struct printing {
	size_t wire;  /* bytes in a message, the root's with them */
	size_t label; /* bytes of the label so far */
	size_t text;
};

static const char *put_byte(struct printing *now, char *room, uint8_t byte)
{
	if (++now->label > NAME_LABEL_MAX)
		return "a label is longer than 63 bytes";
	now->wire += now->label == 1 ? 2 : 1;
	if (now->wire > NAME_WIRE_MAX)
		return "the name is longer than 255 bytes";
	now->text += name_print_label(room + now->text, &byte, 1);
	return NULL;
}

static const char *put_dot(struct printing *now, char *room, bool is_last)
{
	if (!now->label)
		return "a label is empty";
	now->label = 0;
	if (!is_last)
		room[now->text++] = '.';
	return NULL;
}

static bool is_plain(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* Nearly all names need no more than this; 0: one that does, or none. */
static size_t print_plain(struct span text, char *room)
{
	size_t label = 0;

	if (text.len > NAME_WIRE_MAX - 2)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '.' ? !label : !is_plain(c) || label == NAME_LABEL_MAX)
			return 0;
		label = c == '.' ? 0 : label + 1;
		room[i] = ascii_lower(c);
	}
	return label ? text.len : 0;
}

size_t name_print(
	struct span text, char room[static NAME_TEXT_MAX], const char **why)
{
	struct printing now = { .wire = 1 };
	struct span rest = text;
	const char *bad = text.len ? NULL : "the name is empty";
	size_t len = print_plain(text, room);

	if (len)
		return len;
	if (span_is(text, SPAN("."))) {
		room[0] = '.';
		return 1;
	}
	while (rest.len && !bad) {
		uint8_t byte;

		switch (take_piece(&rest, &byte)) {
		case PIECE_BYTE:
			bad = put_byte(&now, room, byte);
			break;
		case PIECE_DOT:
			bad = put_dot(&now, room, rest.len == 0);
			break;
		case PIECE_BAD:
			bad = "a backslash needs a character or three digits "
			      "up to 255 after it";
			break;
		}
	}
	if (bad)
		*why = bad;
	return bad ? 0 : now.text;
}

bool name_normalise(struct arena *arena, struct span text, struct span *name,
	const char **why)
{
	char room[NAME_TEXT_MAX];
	size_t len = name_print(text, room, why);

	if (len)
		*name = arena_copy(arena, (struct span){ room, len });
	return len != 0;
}

static bool is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > 0x7f)
			return false;
	return true;
}

/*
 * Without IDN2_USE_STD3_ASCII_RULES: they drop underscores without a word,
 * and _dmarc.example would become dmarc.example.
 */
enum { IDN_FLAGS = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT };

/* Full-width forms of the backslash are mapped to it: no escapes here. */
static bool convert(struct arena *arena, struct span text, struct span *name,
	const char **why)
{
	struct span copy = arena_copy(arena, text);
	char *ascii = NULL;
	int status = idn2_to_ascii_8z(copy.at, &ascii, IDN_FLAGS);
	bool good = false;

	if (status != IDN2_OK)
		*why = idn2_strerror(status);
	else if (strchr(ascii, '\\'))
		*why = "a backslash has no place in an internationalised name";
	else
		good = name_normalise(arena, span_of(ascii), name, why);
	idn2_free(ascii);
	return good;
}

bool name_to_ascii(struct arena *arena, struct span text, struct span *name,
	const char **why)
{
	if (is_ascii(text))
		return name_normalise(arena, text, name, why);
	if (text.len > NAME_TEXT_MAX) {
		*why = "the name is longer than 255 bytes";
		return false;
	}
	if (span_find(text, '\0') < text.len) {
		*why = "the name has a NUL in it";
		return false;
	}
	return convert(arena, text, name, why);
}

struct span name_to_unicode(struct arena *arena, struct span name)
{
	struct span copy, unicode, back;
	char *text = NULL;
	const char *why;

	if (span_find_nocase(name, SPAN("xn--")) == name.len ||
		span_find(name, '\\') < name.len)
		return name;
	copy = arena_copy(arena, name);
	if (idn2_to_unicode_8z8z(copy.at, &text, IDN_FLAGS) != IDN2_OK)
		return name;
	unicode = arena_copy(arena, span_of(text));
	idn2_free(text);
	if (!name_to_ascii(arena, unicode, &back, &why) || !span_is(back, name))
		return name;
	return unicode;
}

static bool is_number(struct span label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_digit(label.at[i]))
			return false;
	return true;
}

static enum name_host label_check(struct span label, const char **why)
{
	enum name_host fit = HOST_FIT;

	for (size_t i = 0; i < label.len; i++) {
		char c = label.at[i];

		if (c == '_') {
			*why = "an underscore has no place in a host name";
			fit = HOST_UNDERSCORE;
		} else if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
			   c != '-') {
			*why = "a host name is letters, digits and hyphens";
			return HOST_UNFIT;
		}
	}
	if (label.at[0] == '-' || label.at[label.len - 1] == '-') {
		*why = "a label of a host name begins or ends with a hyphen";
		return HOST_UNFIT;
	}
	return fit;
}

enum name_host name_host_check(struct span name, const char **why)
{
	enum name_host fit = HOST_FIT;
	struct span rest = name, label = name;

	if (span_is(name, SPAN(".")) || !name.len) {
		*why = "the root is no host";
		return HOST_UNFIT;
	}
	while (rest.len) {
		enum name_host one;

		label = span_cut(&rest, '.');
		if (!label.len) {
			*why = "a label is empty";
			return HOST_UNFIT;
		}
		one = label_check(label, why);
		if (one > fit)
			fit = one;
		if (fit == HOST_UNFIT)
			return fit;
	}
	if (is_number(label)) {
		*why = "a host name does not end in a number; an address is "
		       "no name";
		return HOST_UNFIT;
	}
	return fit;
}

bool name_is_under(struct span name, struct span zone)
{
	size_t above;

	if (span_is(zone, SPAN(".")) || span_is(name, zone))
		return true;
	if (!zone.len || name.len < zone.len + 2)
		return false;
	above = name.len - zone.len;
	return name.at[above - 1] == '.' &&
	       span_is(span_part(name, above, zone.len), zone);
}

static bool put_wire(uint8_t *room, size_t *at, size_t *length_at, uint8_t byte)
{
	if (*at + 2 > NAME_WIRE_MAX || room[*length_at] == NAME_LABEL_MAX)
		return false;
	room[(*at)++] = byte;
	room[*length_at]++;
	return true;
}

size_t name_to_wire(struct span name, uint8_t room[static NAME_WIRE_MAX])
{
	size_t at = 1, length_at = 0;
	struct span rest = name;

	room[0] = 0;
	if (span_is(name, SPAN(".")))
		return 1;
	while (rest.len) {
		uint8_t byte;

		switch (take_piece(&rest, &byte)) {
		case PIECE_BYTE:
			if (!put_wire(room, &at, &length_at, byte))
				return 0;
			break;
		case PIECE_DOT:
			if (!room[length_at] || at + 2 > NAME_WIRE_MAX)
				return 0;
			length_at = at;
			room[at++] = 0;
			break;
		case PIECE_BAD:
			return 0;
		}
	}
	if (!room[length_at])
		return 0;
	room[at++] = 0;
	return at;
}
