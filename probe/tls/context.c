#include "probe/tls/context.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <sys/uio.h>
#include <unistd.h>

#include "probe/base/note.h"

/* The reason that lies deepest: "No such file", not "system lib". */
static const char *openssl_reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *reason;

	if (ERR_SYSTEM_ERROR(code))
		return strerror(ERR_GET_REASON(code));
	reason = ERR_reason_error_string(code);
	return reason ? reason : "no certificate in it";
}

static bool load_file(
	SSL_CTX *ssl, struct arena *arena, const char *path, struct span *why)
{
	if (!path)
		return true;
	ERR_clear_error();
	if (SSL_CTX_load_verify_file(ssl, path) == 1)
		return true;
	*why = arena_print(arena, "cannot read trust anchors from %s: %s", path,
		openssl_reason());
	return false;
}

/* OpenSSL reads a directory only when it looks for an issuer. */
static bool load_dir(
	SSL_CTX *ssl, struct arena *arena, const char *path, struct span *why)
{
	if (!path)
		return true;
	if (access(path, R_OK | X_OK) == 0 &&
		SSL_CTX_load_verify_dir(ssl, path) == 1)
		return true;
	*why = arena_print(arena, "cannot read trust anchors in %s: %s", path,
		strerror(errno));
	return false;
}

static bool load_anchors(struct tls_context *context, struct arena *arena,
	const struct tls_setup *setup, struct span *why)
{
	context->lacks_anchors = !setup->ca_file && !setup->ca_dir &&
				 !setup->authority;
	if (setup->authority &&
		!throwaway_is_trusted(setup->authority, context->ssl)) {
		*why = SPAN("OpenSSL cannot be used");
		return false;
	}
	return load_file(context->ssl, arena, setup->ca_file, why) &&
	       load_dir(context->ssl, arena, setup->ca_dir, why);
}

/* One line is one write, so that two programs may share the file. */
static void on_secret(const SSL *ssl, const char *line)
{
	struct tls_context *context = SSL_CTX_get_app_data(
		SSL_get_SSL_CTX(ssl));
	size_t len = strlen(line);
	char newline[] = "\n";
	struct iovec parts[] = {
		{ (void *)(uintptr_t)line, len },
		{ newline, 1 },
	};

	if (context->secret_told)
		context->secret_told(context->secret_receiver, span_of(line));
	if (context->keylog < 0 ||
		writev(context->keylog, parts, 2) == (ssize_t)len + 1)
		return;
	note("the key log is not complete: %s", strerror(errno));
	close(context->keylog);
	context->keylog = -1;
}

static bool open_keylog(struct tls_context *context, struct arena *arena,
	const struct tls_setup *setup, struct span *why)
{
	const char *path = setup->keylog;

	context->keylog = -1;
	context->secret_told = setup->secret_told;
	context->secret_receiver = setup->secret_receiver;
	if (path || setup->secret_told)
		SSL_CTX_set_keylog_callback(context->ssl, on_secret);
	if (!path)
		return true;
	context->keylog = open(path,
		O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (context->keylog < 0) {
		*why = arena_print(arena, "cannot open the key log %s: %s",
			path, strerror(errno));
		return false;
	}
	return true;
}

/* Whatever is found is a fact and no reason to end the handshake. */
static int on_chain(X509_STORE_CTX *store, void *known)
{
	proof_take(known, store);
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/*
 * A resumed session shows no certificate, so none is ever resumed.  Idle
 * sessions shall not hold OpenSSL's record buffers: there may be thousands.
 */
static bool set_up(struct tls_context *context)
{
	SSL_CTX *ssl = context->ssl;

	if (!ssl || !context->wire)
		return false;
	SSL_CTX_set_app_data(ssl, context);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(ssl, on_chain, &context->known);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	return SSL_CTX_dane_enable(ssl) == 1 &&
	       SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1;
}

struct tls_context *tls_context_open(
	struct arena *arena, const struct tls_setup *setup, struct span *why)
{
	struct tls_context *context = arena_new(arena, struct tls_context);
	bool is_known = known_chains_open(&context->known, arena);

	context->ssl = SSL_CTX_new(TLS_client_method());
	context->wire = wire_method_new();
	context->keylog = -1;
	if (!is_known || !set_up(context))
		*why = SPAN("OpenSSL cannot be used");
	else if (load_anchors(context, arena, setup, why) &&
		 open_keylog(context, arena, setup, why))
		return context;
	tls_context_close(context);
	ERR_clear_error();
	return NULL;
}

void tls_context_close(struct tls_context *context)
{
	if (context->keylog >= 0)
		close(context->keylog);
	SSL_CTX_free(context->ssl);
	BIO_meth_free(context->wire);
	known_chains_close(&context->known);
}

/* A system without anchors is told by the verdicts. */
static void load_system_anchors(struct tls_context *context)
{
	if (!context->lacks_anchors)
		return;
	context->lacks_anchors = false;
	SSL_CTX_set_default_verify_paths(context->ssl);
}

static SSL *on_wire(struct tls_context *context, struct wire *wire)
{
	SSL *ssl;
	BIO *bio;

	ERR_clear_error();
	ssl = SSL_new(context->ssl);
	bio = wire_bio(context->wire, wire);
	if (!ssl || !bio) {
		SSL_free(ssl);
		BIO_free(bio);
		return NULL;
	}
	SSL_set_bio(ssl, bio, bio);
	return ssl;
}

SSL *tls_context_connect(
	struct tls_context *context, struct wire *wire, struct proof *proof)
{
	SSL *ssl;

	load_system_anchors(context);
	ssl = on_wire(context, wire);
	if (!ssl)
		return NULL;
	SSL_set_app_data(ssl, proof);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* ---- the other end */

static bool set_up_server(SSL_CTX *ssl, X509 *certificate, EVP_PKEY *key)
{
	if (!ssl)
		return false;
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	return SSL_CTX_set_num_tickets(ssl, 0) == 1 &&
	       SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_use_certificate(ssl, certificate) == 1 &&
	       SSL_CTX_use_PrivateKey(ssl, key) == 1;
}

struct tls_context *tls_context_open_server(
	struct arena *arena, X509 *certificate, EVP_PKEY *key)
{
	struct tls_context *context = arena_new(arena, struct tls_context);
	bool is_known = known_chains_open(&context->known, arena);

	context->ssl = SSL_CTX_new(TLS_server_method());
	context->wire = wire_method_new();
	context->keylog = -1;
	if (is_known && context->wire &&
		set_up_server(context->ssl, certificate, key))
		return context;
	tls_context_close(context);
	return NULL;
}

SSL *tls_context_accept(struct tls_context *context, struct wire *wire)
{
	SSL *ssl = on_wire(context, wire);

	if (ssl)
		SSL_set_accept_state(ssl);
	return ssl;
}
