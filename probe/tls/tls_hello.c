#include "probe/tls/tls_hello.h"

enum extension {
	EXTENSION_SNI = 0,
	EXTENSION_VERSIONS = 43,
};
enum { VERSION_MAX = 0x0304, VERSION_MIN = 0x0300 };

/* SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a,
	0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
	0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
	0x33, 0x9c };

bool tls_take(struct span *text, size_t octets, size_t *number)
{
	if (text->len < octets)
		return false;
	*number = 0;
	for (size_t i = 0; i < octets; i++)
		*number = *number << 8 | (uint8_t)text->at[i];
	*text = span_part(*text, octets, text->len);
	return true;
}

bool tls_take_vector(struct span *text, size_t octets, struct span *vector)
{
	size_t len;

	if (!tls_take(text, octets, &len) || len > text->len)
		return false;
	*vector = span_part(*text, 0, len);
	*text = span_part(*text, len, text->len);
	return true;
}

static bool take_random(struct span *text, struct tls_hello *hello)
{
	if (text->len < sizeof(hello->random))
		return false;
	memcpy(hello->random, text->at, sizeof(hello->random));
	*text = span_part(*text, sizeof(hello->random), text->len);
	return true;
}

/* type u8, name<u16>; RFC 6066 section 3 */
static void take_sni(struct span body, struct tls_hello *hello)
{
	struct span list, name;
	size_t kind;

	if (tls_take_vector(&body, 2, &list) && tls_take(&list, 1, &kind) &&
		kind == 0 && tls_take_vector(&list, 2, &name))
		hello->sni = span_part(name, 0, 255);
}

/* Reserved numbers, 0x?a?a, are there to confuse (RFC 8701). */
static void take_versions(struct span body, struct tls_hello *hello)
{
	struct span list;
	size_t version, newest = 0;

	if (!tls_take_vector(&body, 1, &list))
		return;
	while (tls_take(&list, 2, &version))
		if (version >= VERSION_MIN && version <= VERSION_MAX &&
			version > newest)
			newest = version;
	if (newest)
		hello->version = (unsigned)newest;
}

static void take_extensions(
	struct span text, struct tls_hello *hello, bool is_server)
{
	struct span list, body;
	size_t kind, version;

	if (!tls_take_vector(&text, 2, &list))
		return;
	while (tls_take(&list, 2, &kind) && tls_take_vector(&list, 2, &body)) {
		if (kind == EXTENSION_SNI && !is_server)
			take_sni(body, hello);
		if (kind == EXTENSION_VERSIONS && !is_server)
			take_versions(body, hello);
		if (kind == EXTENSION_VERSIONS && is_server &&
			tls_take(&body, 2, &version))
			hello->version = (unsigned)version;
	}
}

bool tls_hello_client(struct span text, struct tls_hello *hello)
{
	struct span skipped;
	size_t version;

	*hello = (struct tls_hello){ .version = 0 };
	if (!tls_take(&text, 2, &version) || !take_random(&text, hello) ||
		!tls_take_vector(&text, 1, &hello->session_id) ||
		!tls_take_vector(&text, 2, &skipped) ||
		!tls_take_vector(&text, 1, &skipped))
		return false;
	hello->version = (unsigned)version;
	take_extensions(text, hello, false);
	return true;
}

bool tls_hello_server(struct span text, struct tls_hello *hello)
{
	size_t version, suite, compression;

	*hello = (struct tls_hello){ .version = 0 };
	if (!tls_take(&text, 2, &version) || !take_random(&text, hello) ||
		!tls_take_vector(&text, 1, &hello->session_id) ||
		!tls_take(&text, 2, &suite) ||
		!tls_take(&text, 1, &compression))
		return false;
	hello->version = (unsigned)version;
	hello->suite = (unsigned)suite;
	hello->is_retry = memcmp(hello->random, retry_random,
				  sizeof(retry_random)) == 0;
	take_extensions(text, hello, true);
	return true;
}
