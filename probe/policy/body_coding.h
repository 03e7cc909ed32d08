#ifndef MXP_BODY_CODING_H
#define MXP_BODY_CODING_H

#include "probe/policy/body_change.h"

/* Changes of the transfer encoding and of the charset. */
body_undo body_decode_base64, body_encode_base64, body_decode_quoted,
	body_encode_quoted, body_from_latin1, body_to_latin1;

#endif
