#include "probe/tls/tls_tap.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "probe/tls/certificate.h"
#include "probe/tls/record_key.h"
#include "probe/tls/tls_hello.h"

/*
 * Records come one after the other, each behind a header that says its length.
 * Up to the hellos they are in clear.  Then
 *
 *      TLS 1.2  each side's key begins behind its ChangeCipherSpec;
 *      TLS 1.3  each side has a key for the rest of its handshake, and another
 *               from its Finished on.
 *
 * Where a handshake secret is missing, the key for what follows is tried on each
 * record until it opens one: it is its first.
 */
enum record_kind {
	RECORD_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
};

enum { ALERT_CLOSE_NOTIFY = 0 };

enum handshake_kind {
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2,
	HANDSHAKE_CERTIFICATE = 11,
	HANDSHAKE_FINISHED = 20,
	HANDSHAKE_KEY_UPDATE = 24,
};

enum { HEADER = 5, TLS12 = 0x0303, TLS13 = 0x0304 };

enum phase {
	PHASE_CLEAR,     /* nothing is encrypted yet */
	PHASE_HANDSHAKE, /* TLS 1.3, up to its Finished */
	PHASE_DATA,
};

struct bytes {
	uint8_t *at;
	size_t len, room;
};

struct tap_side {
	enum phase phase;
	struct bytes record;  /* under way */
	struct bytes message; /* a handshake message, of clear text */
	size_t left;          /* of a record that is passed over */
	bool is_lost;         /* records cannot be told any more */
	bool is_broken;       /* octets of this record are missing */
	struct record_key handshake, data;
	bool tried_handshake, tried_data; /* to make those keys */
};

struct tls_tap {
	struct arena *arena;
	const struct key_log *log;
	struct tls_sight sight;
	struct tap_side sides[2]; /* of the client and the server */
	uint8_t client_random[TLS_RANDOM_LEN], server_random[TLS_RANDOM_LEN];
	const struct record_suite *suite;
	struct bytes plain; /* what was opened in this call */
	struct bytes room;  /* one record, opened */
};

struct tls_tap *tls_tap_open(struct arena *arena, const struct key_log *log)
{
	struct tls_tap *tap = arena_new(arena, struct tls_tap);

	tap->arena = arena;
	tap->log = log;
	return tap;
}

static void release(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ .at = NULL };
}

void tls_tap_close(struct tls_tap *tap)
{
	for (size_t i = 0; i < 2; i++) {
		release(&tap->sides[i].record);
		release(&tap->sides[i].message);
		record_key_close(&tap->sides[i].handshake);
		record_key_close(&tap->sides[i].data);
	}
	release(&tap->plain);
	release(&tap->room);
}

const struct tls_sight *tls_tap_sight(const struct tls_tap *tap)
{
	return &tap->sight;
}

size_t tls_tap_size(const struct tls_tap *tap)
{
	size_t size = tap->plain.room + tap->room.room;

	for (size_t i = 0; i < 2; i++)
		size += tap->sides[i].record.room + tap->sides[i].message.room;
	return size;
}

static void need_room(struct bytes *bytes, size_t len)
{
	size_t room = bytes->room ? bytes->room : 512;

	if (len <= bytes->room)
		return;
	while (room < len)
		room *= 2;
	bytes->at = realloc(bytes->at, room);
	if (!bytes->at)
		abort();
	bytes->room = room;
}

static void add_bytes(struct bytes *bytes, const void *at, size_t len)
{
	need_room(bytes, bytes->len + len);
	if (len)
		memcpy(bytes->at + bytes->len, at, len);
	bytes->len += len;
}

static struct span span_of_bytes(const struct bytes *bytes)
{
	return (struct span){ (const char *)bytes->at, bytes->len };
}

/* ---- keys */

static struct span secret(const struct tls_tap *tap, enum key_label label)
{
	if (!tap->log || !tap->sight.has_client_hello)
		return (struct span){ NULL, 0 };
	return key_log_find(tap->log, tap->client_random, label);
}

/* The key of this side for its handshake or its data; false: none is known. */
static bool has_key13(struct tls_tap *tap, bool is_server, bool for_data)
{
	struct tap_side *side = &tap->sides[is_server];
	struct record_key *key = for_data ? &side->data : &side->handshake;
	bool *was_tried = for_data ? &side->tried_data : &side->tried_handshake;
	enum key_label label = for_data ? (is_server ? KEY_SERVER_TRAFFIC
						     : KEY_CLIENT_TRAFFIC)
					: (is_server ? KEY_SERVER_HANDSHAKE
						     : KEY_CLIENT_HANDSHAKE);
	struct span bytes;

	if (key->suite)
		return true;
	if (*was_tried || !tap->suite || !tap->suite->is_tls13)
		return false;
	bytes = secret(tap, label);
	if (!bytes.len)
		return false;
	*was_tried = true;
	if (!record_key_from_secret(key, tap->suite, bytes)) {
		record_key_close(key);
		return false;
	}
	tap->sight.has_secrets = true;
	return true;
}

static bool has_key12(struct tls_tap *tap, bool is_server)
{
	struct record_key keys[2] = { { .suite = NULL }, { .suite = NULL } };
	struct tap_side *side = &tap->sides[is_server];
	struct span master;

	if (side->data.suite)
		return true;
	if (side->tried_data || !tap->suite || tap->suite->is_tls13)
		return false;
	master = secret(tap, KEY_MASTER);
	if (!master.len)
		return false;
	side->tried_data = true;
	if (record_keys_from_master(keys, tap->suite, master,
		    tap->client_random, tap->server_random)) {
		side->data = keys[is_server];
		keys[is_server].ctx = NULL;
		tap->sight.has_secrets = true;
	}
	record_key_close(&keys[0]);
	record_key_close(&keys[1]);
	return side->data.suite != NULL;
}

/* Could a record of this side be opened, now or later? */
static bool may_open(const struct tls_tap *tap, bool is_server)
{
	const struct tap_side *side = &tap->sides[is_server];

	if (side->phase == PHASE_CLEAR || side->data.suite ||
		side->handshake.suite)
		return true;
	if (!tap->suite)
		return false;
	return secret(tap, tap->suite->is_tls13
				   ? (is_server ? KEY_SERVER_TRAFFIC
						: KEY_CLIENT_TRAFFIC)
				   : KEY_MASTER)
		       .len > 0;
}

/* ---- handshake messages */

static void take_client_hello(struct tls_tap *tap, struct span text)
{
	struct tls_hello hello;

	if (!tls_hello_client(text, &hello))
		return;
	memcpy(tap->client_random, hello.random, TLS_RANDOM_LEN);
	tap->sight.has_client_hello = true;
	tap->sight.offered = hello.version;
	tap->sight.sni = arena_copy(tap->arena, hello.sni);
}

static void take_server_hello(struct tls_tap *tap, struct span text)
{
	struct tls_hello hello;

	if (!tls_hello_server(text, &hello) || hello.is_retry)
		return;
	memcpy(tap->server_random, hello.random, TLS_RANDOM_LEN);
	tap->sight.has_server_hello = true;
	tap->sight.version = hello.version;
	tap->sight.suite = hello.suite;
	tap->suite = record_suite_find(hello.suite);
	if (hello.version != TLS13)
		return;
	tap->sides[0].phase = PHASE_HANDSHAKE;
	tap->sides[1].phase = PHASE_HANDSHAKE;
}

static bool read_certificate(
	struct tls_tap *tap, struct span der, struct certificate *certificate)
{
	const unsigned char *at = (const unsigned char *)der.at;
	X509 *x509 = d2i_X509(NULL, &at, (long)der.len);

	ERR_clear_error();
	if (!x509)
		return false;
	certificate_read(tap->arena, x509, EVP_sha256(), certificate);
	X509_free(x509);
	return true;
}

/* TLS 1.3 has a context before the list, and extensions behind each. */
static void take_certificates(struct tls_tap *tap, struct span text)
{
	bool is_13 = tap->sight.version == TLS13;
	struct certificate *chain;
	struct span list, der, skipped;

	if (tap->sight.chain || (is_13 && !tls_take_vector(&text, 1, &skipped)))
		return;
	if (!tls_take_vector(&text, 3, &list))
		return;
	chain = arena_take(tap->arena, SESSION_CHAIN_MAX * sizeof(*chain));
	while (tap->sight.chain_count < SESSION_CHAIN_MAX &&
		tls_take_vector(&list, 3, &der)) {
		if (is_13 && !tls_take_vector(&list, 2, &skipped))
			break;
		if (!read_certificate(tap, der, &chain[tap->sight.chain_count]))
			break;
		tap->sight.chain_count++;
	}
	if (tap->sight.chain_count)
		tap->sight.chain = chain;
}

static void take_message(
	struct tls_tap *tap, bool is_server, unsigned kind, struct span text)
{
	struct tap_side *side = &tap->sides[is_server];

	switch (kind) {
	case HANDSHAKE_CLIENT_HELLO:
		if (!is_server)
			take_client_hello(tap, text);
		break;
	case HANDSHAKE_SERVER_HELLO:
		if (is_server)
			take_server_hello(tap, text);
		break;
	case HANDSHAKE_CERTIFICATE:
		if (is_server)
			take_certificates(tap, text);
		break;
	case HANDSHAKE_FINISHED:
		if (side->phase == PHASE_HANDSHAKE)
			side->phase = PHASE_DATA;
		break;
	case HANDSHAKE_KEY_UPDATE:
		if (side->phase == PHASE_DATA && side->data.suite &&
			side->data.suite->is_tls13 &&
			!record_key_update(&side->data))
			record_key_close(&side->data);
		break;
	}
}

/* kind u8, length u24, text; a message may be spread over records. */
static void take_handshake(
	struct tls_tap *tap, bool is_server, struct span piece)
{
	struct bytes *held = &tap->sides[is_server].message;

	add_bytes(held, piece.at, piece.len);
	for (;;) {
		struct span rest = span_of_bytes(held), text;
		size_t kind;

		if (!tls_take(&rest, 1, &kind) ||
			!tls_take_vector(&rest, 3, &text))
			break;
		take_message(tap, is_server, (unsigned)kind, text);
		memmove(held->at, rest.at, rest.len);
		held->len = rest.len;
	}
	if (held->len > TLS_HANDSHAKE_MAX || !held->len)
		release(held);
}

static void take_alert(struct tls_tap *tap, bool is_server, struct span text)
{
	if (text.len < 2)
		return;
	tap->sight.has_alert[is_server] = true;
	tap->sight.alert[is_server] = (uint8_t)text.at[1];
	tap->sight.has_closed[is_server] |= text.at[1] == ALERT_CLOSE_NOTIFY;
}

/* ---- records */

static void take_plain(
	struct tls_tap *tap, bool is_server, unsigned kind, struct span text)
{
	switch (kind) {
	case RECORD_HANDSHAKE:
		take_handshake(tap, is_server, text);
		break;
	case RECORD_ALERT:
		take_alert(tap, is_server, text);
		break;
	case RECORD_DATA:
		if (tap->sides[is_server].phase == PHASE_DATA)
			add_bytes(&tap->plain, text.at, text.len);
		break;
	}
}

/* The kind stands behind the text, and zeros behind it (RFC 8446 5.2). */
static void take_inner(struct tls_tap *tap, bool is_server, int len)
{
	struct span text = { (const char *)tap->room.at,
		len > 0 ? (size_t)len : 0 };

	while (text.len && text.at[text.len - 1] == 0)
		text.len--;
	if (!text.len)
		return;
	text.len--;
	take_plain(tap, is_server, (uint8_t)text.at[text.len], text);
}

static void take_record13(
	struct tls_tap *tap, bool is_server, struct span record)
{
	struct tap_side *side = &tap->sides[is_server];
	int len = -1;

	if ((uint8_t)record.at[0] != RECORD_DATA)
		return;
	if (side->phase == PHASE_HANDSHAKE && has_key13(tap, is_server, false))
		len = record_key_open(&side->handshake, record, tap->room.at);
	if (len < 0 && has_key13(tap, is_server, true)) {
		len = record_key_open(&side->data, record, tap->room.at);
		if (len >= 0)
			side->phase = PHASE_DATA;
	}
	if (side->phase == PHASE_DATA)
		record_key_close(&side->handshake);
	take_inner(tap, is_server, len);
}

static void take_record12(
	struct tls_tap *tap, bool is_server, struct span record)
{
	struct tap_side *side = &tap->sides[is_server];
	int len;

	if (!has_key12(tap, is_server))
		return;
	len = record_key_open(&side->data, record, tap->room.at);
	if (len >= 0)
		take_plain(tap, is_server, (uint8_t)record.at[0],
			(struct span){
				(const char *)tap->room.at, (size_t)len });
}

static void take_record(struct tls_tap *tap, bool is_server, struct span record)
{
	struct tap_side *side = &tap->sides[is_server];
	unsigned kind = (uint8_t)record.at[0];

	need_room(&tap->room, record.len);
	if (side->phase != PHASE_CLEAR && kind == RECORD_DATA)
		tap->sight.was_finished = true;
	if (tap->sight.version == TLS13 && side->phase != PHASE_CLEAR) {
		take_record13(tap, is_server, record);
	} else if (side->phase == PHASE_DATA) {
		take_record12(tap, is_server, record);
	} else if (kind == RECORD_CIPHER_SPEC) {
		if (tap->sight.version && tap->sight.version != TLS13)
			side->phase = PHASE_DATA;
	} else {
		take_plain(tap, is_server, kind,
			span_part(record, HEADER, record.len));
	}
}

/* A record that no key opens is not even gathered. */
static void begin_record(struct tls_tap *tap, bool is_server, size_t len)
{
	struct tap_side *side = &tap->sides[is_server];

	if (len > TLS_RECORD_MAX || side->record.at[1] != 3) {
		side->is_lost = true;
		return;
	}
	if (may_open(tap, is_server))
		return;
	if (side->record.at[0] == RECORD_DATA)
		tap->sight.was_finished = true;
	side->left = len - HEADER;
	release(&side->record);
}

/* Takes octets of the record under way; false: more are needed. */
static bool gather(struct tls_tap *tap, bool is_server, struct span *bytes)
{
	struct tap_side *side = &tap->sides[is_server];
	size_t want = HEADER, len;

	if (side->record.len >= HEADER)
		want += (size_t)side->record.at[3] << 8 | side->record.at[4];
	len = want - side->record.len;
	len = len < bytes->len ? len : bytes->len;
	add_bytes(&side->record, bytes->at, len);
	*bytes = span_part(*bytes, len, bytes->len);
	if (side->record.len < want)
		return false;
	if (want > HEADER)
		return true;
	len = HEADER + ((size_t)side->record.at[3] << 8 | side->record.at[4]);
	begin_record(tap, is_server, len);
	return len == HEADER && side->record.len == HEADER;
}

static void end_record(struct tls_tap *tap, bool is_server)
{
	struct tap_side *side = &tap->sides[is_server];

	if (side->is_broken) { /* it counts all the same */
		side->handshake.sequence++;
		side->data.sequence++;
	} else {
		take_record(tap, is_server, span_of_bytes(&side->record));
	}
	side->is_broken = false;
	side->record.len = 0;
}

/* A hole within one record loses that record; a larger one, all that follow. */
static void take_missing(struct tls_tap *tap, bool is_server, uint64_t missing)
{
	struct tap_side *side = &tap->sides[is_server];
	size_t want = 0;

	if (side->left) {
		if (missing <= side->left)
			side->left -= (size_t)missing;
		else
			side->is_lost = true;
		return;
	}
	if (side->record.len >= HEADER)
		want = HEADER +
		       ((size_t)side->record.at[3] << 8 | side->record.at[4]) -
		       side->record.len;
	if (!want || missing > want) {
		side->is_lost = true;
		return;
	}
	side->is_broken = true;
	need_room(&side->record, side->record.len + (size_t)missing);
	memset(side->record.at + side->record.len, 0, (size_t)missing);
	side->record.len += (size_t)missing;
	if (missing == want)
		end_record(tap, is_server);
}

struct span tls_tap_feed(struct tls_tap *tap, bool is_server, struct span bytes,
	uint64_t missing)
{
	struct tap_side *side = &tap->sides[is_server];

	tap->plain.len = 0;
	if (missing && !side->is_lost)
		take_missing(tap, is_server, missing);
	while (bytes.len && !side->is_lost) {
		if (side->left) {
			size_t len = bytes.len < side->left ? bytes.len
							    : side->left;

			side->left -= len;
			bytes = span_part(bytes, len, bytes.len);
		} else if (gather(tap, is_server, &bytes)) {
			end_record(tap, is_server);
		}
	}
	if (side->is_lost)
		release(&side->record);
	return span_of_bytes(&tap->plain);
}
