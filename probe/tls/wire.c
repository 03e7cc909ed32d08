#include "probe/tls/wire.h"

static int on_read(BIO *bio, char *room, size_t room_len, size_t *got)
{
	struct wire *wire = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (wire->in.len == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	*got = wire->in.len < room_len ? wire->in.len : room_len;
	memcpy(room, wire->in.at, *got);
	wire->in = span_part(wire->in, *got, wire->in.len);
	return 1;
}

static int on_write(BIO *bio, const char *bytes, size_t len, size_t *taken)
{
	struct wire *wire = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	backlog_add(&wire->out, bytes, len);
	*taken = len;
	return 1;
}

/* OpenSSL flushes after each flight and asks for kernel TLS: yes, and no. */
static long on_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *wire_method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(
		BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");

	if (!method)
		return NULL;
	BIO_meth_set_read_ex(method, on_read);
	BIO_meth_set_write_ex(method, on_write);
	BIO_meth_set_ctrl(method, on_control);
	return method;
}

BIO *wire_bio(const BIO_METHOD *method, struct wire *wire)
{
	BIO *bio = BIO_new(method);

	if (!bio)
		return NULL;
	BIO_set_data(bio, wire);
	BIO_set_init(bio, 1);
	return bio;
}
