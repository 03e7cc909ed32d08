#ifndef MXP_NAME_H
#define MXP_NAME_H

#include <stdint.h>

#include "probe/base/arena.h"
#include "probe/base/span.h"

/*
 * A DNS name in the one form this program keeps names in: presentation form,
 * lower case, without the last dot; "." is the root.  A byte that is not
 * printable ASCII, and a dot or a backslash inside a label, is written \DDD
 * (RFC 1035, 5.1), so that two names are the same exactly when their texts
 * are, and a dot in the text always ends a label.
 */
enum {
	NAME_LABEL_MAX = 63,    /* RFC 1035, 2.3.4 */
	NAME_WIRE_MAX = 255,    /* RFC 1035, 2.3.4; with every length byte */
	NAME_TEXT_MAX = 4 * NAME_WIRE_MAX,
};

/*
 * Brings a name to that form.  Both return nothing (0, false) for what no DNS
 * message could hold, and say *why in words.  Bytes above 127 are taken as
 * bytes of a label, not as an internationalised name: see name_to_ascii().
 */
size_t name_print(struct span text, char room[static NAME_TEXT_MAX],
	const char **why) MXP_MUST_USE;
bool name_normalise(struct arena *arena, struct span text, struct span *name,
	const char **why) MXP_MUST_USE;

/*
 * What a person typed, internationalised or not (UTF-8, RFC 5891 by UTS 46
 * without its transitional part): the same form with A-labels.  A name that
 * is ASCII already is only normalised; its underscores stay.
 */
bool name_to_ascii(struct arena *arena, struct span text, struct span *name,
	const char **why) MXP_MUST_USE;

/*
 * For display: U-labels in UTF-8.  The name itself when it has no A-label, or
 * one that does not lead back to the same name.
 */
struct span name_to_unicode(struct arena *arena, struct span name);

/* Could a mail exchanger be called this?  All take a normalised name. */
enum name_host {
	HOST_FIT,               /* letters, digits, hyphens: RFC 1123, 2.1 */
	HOST_UNDERSCORE,        /* not allowed, but the Internet tolerates it */
	HOST_UNFIT,
};

enum name_host name_host_check(struct span name, const char **why);

/* The name is the zone's own, or below it; all are under ".". */
bool name_is_under(struct span name, struct span zone);

/* "example.com." as "example.com"; one dot at the most. */
static inline struct span name_without_dot(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

/* One label's bytes in that form; room for 4 characters a byte. */
size_t name_print_label(char *room, const uint8_t *label, size_t len);

/* As a message holds it; 0 when the name is not a normalised one. */
size_t name_to_wire(struct span name, uint8_t room[static NAME_WIRE_MAX]);

#endif
