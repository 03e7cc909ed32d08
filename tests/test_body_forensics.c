#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/body_change.h"
#include "probe/policy/body_forensics.h"

#define W10  "aaaaaaaaa "
#define W50  W10 W10 W10 W10 W10
#define X10  "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X900 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define X990 X900 X10 X10 X10 X10 X10 X10 X10 X10 X10

/*
 * hashed: the octets that the signer put into its hash, whatever it should
 * have put there.  id: what is found first; "" nothing.
 */
static const struct row {
	const char *name, *c, *l, *mime;
	const char *hashed, *body;
	const char *id;
	enum departs departs;
} rows[] = {
	/* clang-format off */
	{ .name = "relaxed, and an empty body as CRLF",
	  .c = "relaxed/relaxed", .hashed = "\r\n", .body = "",
	  .id = "relaxed-empty-as-crlf", .departs = DEPARTS_SIGNER },
	{ .name = "a blank line is as empty to relaxed",
	  .c = "relaxed/relaxed", .hashed = "\r\n", .body = " \r\n\r\n",
	  .id = "relaxed-empty-as-crlf", .departs = DEPARTS_SIGNER },
	{ .name = "simple, and an empty body as nothing",
	  .c = "simple/simple", .hashed = "", .body = "\r\n",
	  .id = "simple-empty-as-nothing", .departs = DEPARTS_SIGNER },
	{ .name = "the signer saw no body",
	  .c = "relaxed/relaxed", .hashed = "", .body = "text\r\n",
	  .id = "signed-empty-body", .departs = DEPARTS_UNKNOWN },
	{ .name = "the signer saw no body, simple",
	  .c = "simple/simple", .hashed = "\r\n", .body = "text\r\n",
	  .id = "signed-empty-body", .departs = DEPARTS_UNKNOWN },
	{ .name = "simple hashed under relaxed",
	  .c = "relaxed/relaxed", .hashed = "a  b\r\n", .body = "a  b\r\n",
	  .id = "canon-swapped", .departs = DEPARTS_SIGNER },
	{ .name = "relaxed hashed under simple",
	  .c = "relaxed/simple", .hashed = "a b\r\n", .body = "a  b \r\n",
	  .id = "canon-swapped", .departs = DEPARTS_SIGNER },
	{ .name = "no c= means simple",
	  .c = "", .hashed = "a b\r\n", .body = "a  b \r\n",
	  .id = "canon-swapped", .departs = DEPARTS_SIGNER },
	{ .name = "c=relaxed taken for relaxed/relaxed",
	  .c = "relaxed", .hashed = "a b\r\n", .body = "a  b \r\n",
	  .id = "half-c-misread", .departs = DEPARTS_SIGNER },
	{ .name = "empty lines at the end kept",
	  .c = "relaxed/relaxed", .hashed = "a b\r\n\r\n\r\n",
	  .body = "a  b\r\n\r\n \r\n",
	  .id = "trailing-lines-kept", .departs = DEPARTS_SIGNER },
	{ .name = "empty lines at the end kept, simple",
	  .c = "simple/simple", .hashed = "a\r\n\r\n", .body = "a\r\n\r\n",
	  .id = "trailing-lines-kept", .departs = DEPARTS_SIGNER },
	{ .name = "blank lines at the end kept",
	  .c = "relaxed/relaxed", .hashed = "a b\r\n\r\n\r\n",
	  .body = "a  b\r\n\r\n \r\n\r\n",
	  .id = "blank-lines-kept", .departs = DEPARTS_SIGNER },
	{ .name = "white space at line ends kept",
	  .c = "relaxed/relaxed", .hashed = "a b \r\n", .body = "a  b \t\r\n",
	  .id = "trailing-space-kept", .departs = DEPARTS_SIGNER },
	{ .name = "white space at an unended line kept",
	  .c = "relaxed/relaxed", .hashed = "x\r\na b \r\n",
	  .body = "x \r\na  b\t",
	  .id = "last-line-space-kept", .departs = DEPARTS_SIGNER },
	{ .name = "white space within lines kept",
	  .c = "relaxed/relaxed", .hashed = "a  b\r\n", .body = "a  b \r\n",
	  .id = "space-not-reduced", .departs = DEPARTS_SIGNER },
	{ .name = "tabs kept",
	  .c = "relaxed/relaxed", .hashed = "a\tb c\r\n",
	  .body = "a\tb  c\r\n",
	  .id = "tab-not-reduced", .departs = DEPARTS_SIGNER },
	{ .name = "tabs made spaces, one for one",
	  .c = "relaxed/relaxed", .hashed = "a  b\r\n", .body = "a\t\tb \r\n",
	  .id = "tab-as-one-space", .departs = DEPARTS_SIGNER },
	{ .name = "white space at line ends added, simple",
	  .c = "simple/simple", .hashed = "a  b\r\n", .body = "a  b \r\n",
	  .id = "trailing-space-added", .departs = DEPARTS_UNKNOWN },
	{ .name = "the last line unended",
	  .c = "relaxed/relaxed", .hashed = "a b\r\nc", .body = "a  b\r\nc",
	  .id = "last-end-missing", .departs = DEPARTS_SIGNER },
	{ .name = "the last CRLF cut",
	  .c = "relaxed/relaxed", .hashed = "a b\r\nc",
	  .body = "a  b\r\nc\r\n\r\n",
	  .id = "last-end-cut", .departs = DEPARTS_SIGNER },
	{ .name = "one CRLF too many",
	  .c = "relaxed/relaxed", .hashed = "a b\r\n\r\n", .body = "a  b\r\n",
	  .id = "last-end-doubled", .departs = DEPARTS_SIGNER },
	{ .name = "LF hashed as LF",
	  .c = "relaxed/relaxed", .hashed = "a b\nc\n",
	  .body = "a  b\r\nc\r\n",
	  .id = "lf-hashed", .departs = DEPARTS_SIGNER },
	{ .name = "a bare LF hashed as such",
	  .c = "simple/simple", .hashed = "a\nb\r\n", .body = "a\nb\r\n",
	  .id = "bare-lf-kept", .departs = DEPARTS_UNKNOWN },
	{ .name = "l= written and not obeyed",
	  .c = "relaxed/relaxed", .l = "3", .hashed = "a b c\r\n",
	  .body = "a  b c\r\n",
	  .id = "l-ignored", .departs = DEPARTS_SIGNER },
	{ .name = "l= counted before",
	  .c = "relaxed/relaxed", .l = "6", .hashed = "a b\r\n",
	  .body = "a  b\r\nccc\r\n",
	  .id = "l-counted-before", .departs = DEPARTS_SIGNER },
	{ .name = "the dots of SMTP left in",
	  .c = "simple/simple", .hashed = "a\r\n.b\r\n",
	  .body = "a\r\n..b\r\n",
	  .id = "dots-left-in", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "the dots of SMTP hashed",
	  .c = "simple/simple", .hashed = "a\r\n..b\r\n",
	  .body = "a\r\n.b\r\n",
	  .id = "dots-hashed", .departs = DEPARTS_SIGNER },
	{ .name = "From quoted by a mailbox",
	  .c = "relaxed/relaxed", .hashed = "From here\r\n",
	  .body = ">From here\r\n",
	  .id = "from-quoted", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a mailbox's From hashed",
	  .c = "relaxed/relaxed", .hashed = "x\r\n>From here\r\n",
	  .body = "x\r\nFrom here\r\n",
	  .id = "from-quote-hashed", .departs = DEPARTS_SIGNER },
	{ .name = "line ends doubled",
	  .c = "relaxed/relaxed", .hashed = "a\r\nb\r\n\r\nc\r\n",
	  .body = "a\r\n\r\nb\r\n\r\n\r\n\r\nc\r\n\r\n",
	  .id = "line-ends-doubled", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "CR doubled",
	  .c = "relaxed/relaxed", .hashed = "a\r\nb\r\n",
	  .body = "a\r\r\nb\r\r\n",
	  .id = "cr-doubled", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "the delimiter's space cut",
	  .c = "simple/simple", .hashed = "a\r\n-- \r\nme\r\n",
	  .body = "a\r\n--\r\nme\r\n",
	  .id = "delimiter-cut", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "the line between header and body hashed",
	  .c = "relaxed/relaxed", .hashed = "\r\na b\r\n",
	  .body = "a b\r\n",
	  .id = "separator-hashed", .departs = DEPARTS_SIGNER },
	{ .name = "an empty line added on top",
	  .c = "relaxed/relaxed", .hashed = "a b\r\n",
	  .body = "\r\na b\r\n",
	  .id = "first-empty-line-left-out", .departs = DEPARTS_UNKNOWN },
	{ .name = "UTF-8 made Latin-1",
	  .c = "relaxed/relaxed", .hashed = "caf\xc3\xa9\r\n",
	  .body = "caf\xe9\r\n",
	  .id = "utf8-made-latin1", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "Latin-1 made UTF-8",
	  .c = "relaxed/relaxed", .hashed = "caf\xe9\r\n",
	  .body = "caf\xc3\xa9\r\n",
	  .id = "latin1-made-utf8", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "text put into base64",
	  .c = "relaxed/relaxed",
	  .mime = "Content-Transfer-Encoding: base64\r\n",
	  .hashed = "hello\r\nthere\r\n",
	  .body = "aGVsbG8NCnRo\r\nZXJlDQo=\r\n",
	  .id = "made-base64", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "base64 decoded",
	  .c = "relaxed/relaxed",
	  .hashed = "aGVsbG8NCnRoZXJlDQo=\r\n",
	  .body = "hello\r\nthere\r\n",
	  .id = "base64-decoded", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "base64 in lines of 60 decoded",
	  .c = "relaxed/relaxed",
	  .hashed = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
		"eHh4eHh4\r\neHh4eHgNCg==\r\n",
	  .body = X10 X10 X10 X10 X10 "\r\n",
	  .id = "base64-decoded", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "text put into quoted-printable",
	  .c = "relaxed/relaxed",
	  .mime = "Content-Transfer-Encoding: Quoted-Printable\r\n",
	  .hashed = "caf\xc3\xa9 = x\r\n",
	  .body = "caf=C3=A9 =3D =\r\nx\r\n",
	  .id = "made-quoted-printable", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "quoted-printable decoded",
	  .c = "relaxed/relaxed",
	  .hashed = "caf=C3=A9 =3D x\r\n", .body = "caf\xc3\xa9 = x\r\n",
	  .id = "quoted-printable-decoded", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "lines wrapped at 72",
	  .c = "relaxed/relaxed",
	  .hashed = W50 W10 W10 W10 "end of it\r\nnext\r\n",
	  .body = W50 W10 "aaaaaaaaa\r\naaaaaaaaa end of it\r\nnext\r\n",
	  .id = "lines-wrapped", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "lines wrapped at 76, spaces left",
	  .c = "simple/simple",
	  .hashed = W50 W10 W10 W10 "end of it\r\nnext\r\n",
	  .body = W50 W10 W10 "\r\naaaaaaaaa end of it\r\nnext\r\n",
	  .id = "lines-wrapped", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a line cut at 998",
	  .c = "relaxed/relaxed",
	  .hashed = X990 "yyyyyyyyzz\r\nnext\r\n",
	  .body = X990 "yyyyyyyy\r\nzz\r\nnext\r\n",
	  .id = "lines-cut", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a line cut with Sendmail's mark",
	  .c = "relaxed/relaxed",
	  .hashed = X990 "zz\r\nnext\r\n",
	  .body = X990 "!\r\n zz\r\nnext\r\n",
	  .id = "lines-cut", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a list's footer",
	  .c = "relaxed/relaxed", .hashed = "a b\r\n\r\nc\r\n",
	  .body = "a  b\r\n\r\nc\r\n_____\r\nlist@example.org\r\n",
	  .id = "footer-added", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a footer inside l=",
	  .c = "relaxed/relaxed", .l = "20", .hashed = "a b\r\n\r\nc\r\n",
	  .body = "a  b\r\n\r\nc\r\n_____\r\nlist@example.org\r\n",
	  .id = "footer-added", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a banner",
	  .c = "relaxed/relaxed", .hashed = "a b\r\nc\r\n",
	  .body = "CAUTION: external\r\n\r\na  b\r\nc\r\n",
	  .id = "banner-added", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a footer in the first part",
	  .c = "relaxed/relaxed",
	  .mime = "Content-Type: multipart/mixed; boundary=\"=_x\"\r\n",
	  .hashed = "--=_x\r\n\r\none\r\n--=_x\r\n\r\ntwo\r\n--=_x--\r\n",
	  .body = "--=_x\r\n\r\none\r\n__\r\nlist\r\n--=_x\r\n\r\ntwo\r\n"
		"--=_x--\r\n",
	  .id = "footer-in-part", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a part added",
	  .c = "relaxed/relaxed",
	  .mime = "Content-Type: multipart/mixed; boundary=x\r\n",
	  .hashed = "--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--\r\n",
	  .body = "--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x\r\n\r\nfoot\r\n"
		"--x--\r\n",
	  .id = "part-added", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "wrapped in a multipart",
	  .c = "relaxed/relaxed",
	  .mime = "Content-Type: multipart/mixed;\r\n\tboundary=x\r\n",
	  .hashed = "one\r\n\r\nmore\r\n",
	  .body = "--x\r\nContent-Type: text/plain\r\n\r\none\r\n\r\nmore\r\n"
		"--x\r\n\r\nfoot\r\n--x--\r\n",
	  .id = "wrapped-in-multipart", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "a change under the other algorithm",
	  .c = "relaxed/relaxed", .hashed = "a  b\r\n.c\r\n",
	  .body = "a  b\r\n..c\r\n",
	  .id = "dots-left-in", .departs = DEPARTS_ON_THE_WAY },
	{ .name = "nothing that is known",
	  .c = "relaxed/relaxed", .hashed = "quite another\r\n",
	  .body = "text\r\nof this\r\n", .id = "" },
	/* clang-format on */
};

struct signing {
	const char *algorithm, *digest, *c, *l;
};

static struct span hash_base64(
	struct arena *arena, struct span text, const char *digest)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len;

	EVP_Digest(text.at, text.len, octets, &len,
		EVP_get_digestbyname(digest), NULL);
	return base64_encode(arena, (struct span){ (char *)octets, len });
}

/* What a signer that hashed these octets writes. */
static void investigate(struct arena *arena, const struct row *row,
	const char *algorithm, const char *digest, struct body_forensics *found)
{
	struct span bh = hash_base64(arena, span_of(row->hashed), digest);
	struct span text = arena_print(arena,
		"%sDKIM-Signature: v=1; a=%s; d=example.org; s=s;\r\n"
		"\th=from;%s%s%s%s bh=%.*s; b=AAAA\r\n\r\n",
		row->mime ? row->mime : "", algorithm, row->c[0] ? " c=" : "",
		row->c, row->c[0] ? ";" : "",
		row->l ? arena_print(arena, " l=%s;", row->l).at : "",
		SPAN_ARG(bh));
	struct dkim_signature signature;
	struct header header;

	header_parse(arena, text, &header);
	dkim_signature_parse(arena, DKIM_SIGNATURE,
		header_get(&header, SPAN("DKIM-Signature")), &signature);
	body_forensics(arena, &header, span_of(row->body), &signature, found);
}

static void check_row(
	const struct row *row, const char *algorithm, const char *digest)
{
	struct arena *arena = arena_open();
	struct body_forensics found;
	const struct deviation *first = &found.hits[0];

	investigate(arena, row, algorithm, digest, &found);
	if (found.fits)
		fail_msg("%s: bh= fits as it is", row->name);
	if (found.hit_count != 0 && !row->id[0])
		fail_msg("%s: %s", row->name, first->id);
	if (row->id[0] && !found.hit_count)
		fail_msg("%s: nothing found in %u", row->name, found.tried);
	if (row->id[0] && strcmp(first->id, row->id) != 0)
		fail_msg("%s: found %s", row->name, first->id);
	if (row->id[0]) {
		assert_int_equal(first->departs, row->departs);
		assert_true(first->says.len > 0);
		assert_non_null(strstr(first->section, "RFC "));
	}
	arena_close(arena);
}

static void each_deviation_is_found_by_its_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		check_row(&rows[i], "rsa-sha256", "SHA256");
		check_row(&rows[i], "ed25519-sha256", "SHA256");
		check_row(&rows[i], "rsa-sha1", "SHA1");
	}
}

static bool has_row(const char *id)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (strcmp(rows[i].id, id) == 0)
			return true;
	return false;
}

static void each_change_has_a_row_here(void **state)
{
	(void)state;
	for (size_t i = 0; i < body_change_count; i++)
		if (!has_row(body_changes[i].id))
			fail_msg("%s", body_changes[i].id);
}

static void an_empty_body_is_told_in_full(void **state)
{
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &rows[0], "rsa-sha256", "SHA256", &found);
	assert_true(span_is(found.claimed,
		SPAN("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")));
	assert_true(span_is(found.simple, found.claimed));
	assert_true(span_is(found.relaxed,
		SPAN("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")));
	assert_string_equal(found.hits[0].says.at,
		"bh= fits an empty body canonicalized as simple (one CRLF); "
		"under c=relaxed RFC 6376 section 3.4.4 gives "
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=: the signer, "
		"not the verifier, departs from the RFC");
	arena_close(arena);
}

static void how_many_lines_were_added_is_told(void **state)
{
	const struct row row = { .c = "relaxed/relaxed",
		.hashed = "a\r\n",
		.body = "a\r\n\r\n--\r\nb\r\n" };
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	assert_int_equal(found.hit_count, 1);
	/* The empty line before the footer is nobody's: it changes nothing. */
	assert_string_equal(found.hits[0].says.at,
		"bh= fits the body without 2 lines at its end; a list or "
		"gateway put them there: it was changed after it was signed");
	arena_close(arena);
}

static void a_right_hash_is_no_case(void **state)
{
	const struct row row = {
		.c = "relaxed/relaxed", .hashed = "a b\r\n", .body = "a  b\r\n"
	};
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	assert_true(found.fits);
	assert_int_equal(found.hit_count, 0);
	assert_int_equal(found.tried, 0);
	arena_close(arena);
}

static void a_sha1_where_sha256_is_said_is_found(void **state)
{
	const struct row row = {
		.c = "relaxed/relaxed", .hashed = "a b\r\n", .body = "a  b\r\n"
	};
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &row, "rsa-sha256", "SHA1", &found);
	assert_int_equal(found.hit_count, 1);
	assert_string_equal(found.hits[0].id, "other-digest");
	arena_close(arena);
}

static void what_is_no_hash_is_noted(void **state)
{
	const struct row row = {
		.c = "relaxed/relaxed", .hashed = "a b\r\n", .body = "a  b\r\n"
	};
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &row, "rsa-sha256", "SHA384", &found);
	assert_int_equal(found.hit_count, 0);
	assert_int_equal(found.tried, 0);
	assert_true(span_starts_nocase(found.note, SPAN("bh= has 48 octets")));
	arena_close(arena);
}

static void octets_that_l_counts_in_vain_are_noted(void **state)
{
	const struct row row = { .c = "relaxed/relaxed",
		.l = "100",
		.hashed = "a b c d\r\n",
		.body = "a  b\r\n" };
	struct arena *arena = arena_open();
	struct body_forensics found;

	(void)state;
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	assert_string_equal(found.note.at,
		"l= counts 100 octets and the body has 5: something was cut "
		"off");
	arena_close(arena);
}

static void a_body_over_the_limit_is_left_alone(void **state)
{
	struct arena *arena = arena_open();
	struct dkim_signature signature = { .body_length = CANON_WHOLE };
	struct header header = { 0 };
	struct body_forensics found;
	size_t len = BODY_FORENSICS_MAX + 1;

	(void)state;
	body_forensics(arena, &header,
		(struct span){ arena_take(arena, len), len }, &signature,
		&found);
	assert_true(found.is_too_large);
	assert_int_equal(found.tried, 0);
	arena_close(arena);
}

static void a_search_that_takes_too_long_is_cut_short(void **state)
{
	struct arena *arena = arena_open();
	char *body = arena_take(arena, BODY_FORENSICS_MAX + 1);
	const struct row row = {
		.c = "relaxed/relaxed", .body = body, .hashed = "another"
	};
	struct body_forensics found;

	(void)state;
	memset(body, '\n', BODY_FORENSICS_MAX);
	body[0] = 'a';
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	assert_true(found.is_cut_short);
	assert_int_equal(found.hit_count, 0);
	memset(body, 'a', BODY_FORENSICS_MAX / 8);
	body[BODY_FORENSICS_MAX / 8] = 0;
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	assert_false(found.is_cut_short);
	arena_close(arena);
}

/* A first line that is text, and so many after it. */
static size_t hits_with_footer(size_t lines)
{
	enum { LINE = 3, ROOM = LINE * (BODY_FOOTER_LINES + 2) };
	struct arena *arena = arena_open();
	char *body = arena_take(arena, ROOM + 1);
	struct row row = {
		.c = "relaxed/relaxed", .body = body, .hashed = "a\r\n"
	};
	struct body_forensics found;
	size_t hits;

	memcpy(body, "a\r\n", LINE);
	for (size_t i = 1; i <= lines; i++)
		memcpy(body + i * LINE, "x\r\n", LINE);
	investigate(arena, &row, "rsa-sha256", "SHA256", &found);
	hits = found.hit_count;
	arena_close(arena);
	return hits;
}

static void a_footer_is_looked_for_in_so_many_lines(void **state)
{
	(void)state;
	assert_int_equal(hits_with_footer(BODY_FOOTER_LINES), 1);
	assert_int_equal(hits_with_footer(BODY_FOOTER_LINES + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_deviation_is_found_by_its_hash),
		cmocka_unit_test(each_change_has_a_row_here),
		cmocka_unit_test(an_empty_body_is_told_in_full),
		cmocka_unit_test(how_many_lines_were_added_is_told),
		cmocka_unit_test(a_right_hash_is_no_case),
		cmocka_unit_test(a_sha1_where_sha256_is_said_is_found),
		cmocka_unit_test(what_is_no_hash_is_noted),
		cmocka_unit_test(octets_that_l_counts_in_vain_are_noted),
		cmocka_unit_test(a_body_over_the_limit_is_left_alone),
		cmocka_unit_test(a_search_that_takes_too_long_is_cut_short),
		cmocka_unit_test(a_footer_is_looked_for_in_so_many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
