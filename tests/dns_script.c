#include "tests/dns_script.h"

#include <stdio.h>
#include <stdlib.h>

#include "probe/base/ip.h"
#include "probe/dns/name.h"
#include "probe/dns/record.h"

struct out {
	uint8_t bytes[65536];
	size_t len;
	bool has_empty_first;
};

static void out8(struct out *out, unsigned number)
{
	if (out->len < sizeof(out->bytes))
		out->bytes[out->len++] = (uint8_t)number;
}

static void out16(struct out *out, unsigned number)
{
	out8(out, number >> 8);
	out8(out, number & 0xff);
}

static void out_bytes(struct out *out, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out8(out, ((const uint8_t *)bytes)[i]);
}

static void out_name(struct out *out, const char *name)
{
	uint8_t wire[NAME_WIRE_MAX];

	out_bytes(out, wire, name_to_wire(span_of(name), wire));
}

static void out_value(struct out *out, enum rr_type type, const char *value)
{
	struct span text = span_of(value), host;
	unsigned preference = 0;
	struct ip ip;

	switch (type) {
	case RR_A:
	case RR_AAAA:
		if (ip_parse(text, &ip))
			out_bytes(out, ip.bytes, type == RR_A ? 4 : 16);
		break;
	case RR_MX:
		if (answer_mx(text, &preference, &host)) {
			out16(out, preference);
			out_name(out, host.at);
		}
		break;
	case RR_CNAME:
	case RR_PTR:
		out_name(out, value);
		break;
	case RR_TXT:
		out8(out, (unsigned)text.len);
		out_bytes(out, text.at, text.len);
		break;
	case RR_SOA:
	case RR_TLSA:
	case RR_POLICY:
		abort(); /* no script has needed them */
	}
}

static void out_record(struct out *out, const char *owner, enum rr_type type,
	uint32_t ttl, const char *value)
{
	size_t at, len;

	if (owner)
		out_name(out, owner);
	else
		out16(out, 0xc00c); /* the name asked for */
	out16(out, (unsigned)type);
	out16(out, 1);
	out16(out, ttl >> 16);
	out16(out, ttl & 0xffff);
	at = out->len;
	out16(out, 0);
	out_value(out, type, value);
	len = out->len - at - 2;
	out->bytes[at] = (uint8_t)(len >> 8);
	out->bytes[at + 1] = (uint8_t)len;
}

static unsigned out_answers(
	struct out *out, const struct dns_row *row, enum rr_type type)
{
	uint32_t ttl = row->ttl ? row->ttl : 300;
	unsigned copies = row->copies ? row->copies : 1, count = 0;

	if (row->cname) {
		out_record(out, NULL, RR_CNAME, ttl, row->cname);
		count++;
	}
	while (copies--) {
		for (size_t i = 0; i < COUNT_OF(row->values) && row->values[i];
			i++) {
			out_record(out, row->cname, type, ttl, row->values[i]);
			count++;
		}
	}
	return count;
}

static void out_opt(struct out *out, const struct dns_row *row)
{
	size_t text = row->ede_text ? strlen(row->ede_text) : 0;

	out8(out, 0);
	out16(out, 41);
	out16(out, 1232);
	out16(out, 0);
	out16(out, 0);
	out16(out, row->ede ? (unsigned)text + 6 : 0);
	if (!row->ede)
		return;
	out16(out, 15);
	out16(out, (unsigned)text + 2);
	out16(out, row->ede);
	out_bytes(out, row->ede_text, text);
}

static const struct dns_row *row_of(
	const struct dns_script *script, struct span name, enum rr_type type)
{
	static const struct dns_row no_row = { .rcode = 3 };

	for (size_t i = 0; i < script->row_count; i++) {
		const struct dns_row *row = &script->rows[i];
		struct span wanted = span_of(row->name);

		if (row->type && row->type != type)
			continue;
		if (span_is(wanted, name) ||
			(wanted.at[0] == '*' &&
				name_is_under(name,
					span_part(wanted, 2, wanted.len))))
			return row;
	}
	return &no_row;
}

static void out_response(struct out *out, const struct dns_row *row,
	struct span query, enum rr_type type)
{
	bool has_edns = query.at[11] != 0;
	bool wants_ad = query.at[3] & 0x20;
	size_t question = query.len - (has_edns ? 11 : 0);
	unsigned rcode = row->rcode, count = 0;
	bool is_old = row->hates_edns && has_edns;

	out->len = 0;
	out_bytes(out, query.at, question);
	if (is_old)
		rcode = 1;
	else if (!row->is_truncated)
		count = out_answers(out, row, type);
	if (has_edns && !row->hates_edns)
		out_opt(out, row);
	if (row->has_wrong_id)
		out->bytes[0] ^= 0x55;
	out->bytes[2] = row->is_truncated ? 0x83 : 0x81;
	out->bytes[3] = (uint8_t)(0x80 | rcode |
				  (row->is_secure && wants_ad ? 0x20u : 0));
	out->bytes[6] = (uint8_t)(count >> 8);
	out->bytes[7] = (uint8_t)count;
	out->bytes[11] = has_edns && !row->hates_edns;
}

/* False: say nothing. */
static bool play(struct dns_script *script, struct span query, bool is_tcp,
	struct out *out)
{
	struct arena *arena = arena_open();
	struct dns_row row;
	struct span name;
	unsigned type;
	bool is_known = record_question(arena, query, &name, &type);

	script->heard++;
	if (is_tcp)
		script->heard_tcp++;
	if (is_known) {
		row = *row_of(script, name, (enum rr_type)type);
		row.is_truncated = row.is_truncated && !is_tcp;
		out->has_empty_first = row.has_empty_first;
		out_response(out, &row, query, (enum rr_type)type);
		if (row.is_garbage) /* behind a question that c-ares wants */
			out->bytes[7] = 9;
		is_known = !row.is_silent &&
			   !(row.is_silent_over_tcp && is_tcp);
	}
	arena_close(arena);
	return is_known;
}

static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *room)
{
	struct dns_script *script = handle->data;

	(void)hint;
	*room = uv_buf_init(script->room, sizeof(script->room));
}

static void on_packet(uv_udp_t *udp, ssize_t len, const uv_buf_t *buf,
	const struct sockaddr *from, unsigned flags)
{
	static struct out out;
	uv_buf_t reply;

	(void)flags;
	if (len <= 0 || !from ||
		!play(udp->data, (struct span){ buf->base, (size_t)len }, false,
			&out))
		return;
	reply = uv_buf_init((char *)out.bytes, 0);
	if (out.has_empty_first)
		uv_udp_try_send(udp, &reply, 1, from);
	reply = uv_buf_init((char *)out.bytes, (unsigned)out.len);
	uv_udp_try_send(udp, &reply, 1, from);
}

static void on_gone(uv_handle_t *handle)
{
	free(handle);
}

/* c-ares sends a query in one piece, and so arrives one on loopback. */
static void on_bytes(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	static struct out out;
	char length[2];
	uv_buf_t reply[2];

	if (len < 0) {
		uv_close((uv_handle_t *)stream, on_gone);
		return;
	}
	if (len < 2 || !play(stream->data,
			       (struct span){ buf->base + 2, (size_t)len - 2 },
			       true, &out))
		return;
	length[0] = (char)(out.len >> 8);
	length[1] = (char)out.len;
	reply[0] = uv_buf_init(length, 2);
	reply[1] = uv_buf_init((char *)out.bytes, (unsigned)out.len);
	uv_try_write(stream, reply, 2);
}

static void on_caller(uv_stream_t *listener, int status)
{
	uv_tcp_t *tcp = calloc(1, sizeof(*tcp));

	if (!tcp || status < 0)
		abort();
	uv_tcp_init(listener->loop, tcp);
	tcp->data = listener->data;
	uv_accept(listener, (uv_stream_t *)tcp);
	uv_read_start((uv_stream_t *)tcp, on_room, on_bytes);
}

/* One port for both: that of UDP must be free for TCP too. */
static int bind_both(
	struct dns_script *script, uv_loop_t *loop, const struct ip *ip)
{
	struct sockaddr_storage storage;
	struct sockaddr *address = (struct sockaddr *)&storage;
	struct ip got;
	int len = sizeof(storage), status;

	uv_udp_init(loop, &script->udp);
	uv_tcp_init(loop, &script->tcp);
	script->udp.data = script->tcp.data = script;
	ip_to_sockaddr(ip, 0, &storage);
	status = uv_udp_bind(&script->udp, address, 0);
	if (status < 0)
		return status;
	uv_udp_getsockname(&script->udp, address, &len);
	if (!ip_from_sockaddr(address, &got, &script->port))
		abort();
	uv_tcp_bind(&script->tcp, address, 0);
	return uv_listen((uv_stream_t *)&script->tcp, 16, on_caller);
}

bool dns_script_open(struct dns_script *script, uv_loop_t *loop,
	const char *address, const struct dns_row *rows, size_t row_count)
{
	int size = 4 << 20, status;
	struct ip ip;

	if (!ip_parse(span_of(address), &ip))
		abort();
	memset(script, 0, sizeof(*script));
	for (int i = 0; (status = bind_both(script, loop, &ip)) < 0; i++) {
		dns_script_close(script);
		uv_run(loop, UV_RUN_NOWAIT);
		if (status != UV_EADDRINUSE || i == 20)
			return false;
	}
	uv_recv_buffer_size((uv_handle_t *)&script->udp, &size);
	uv_udp_recv_start(&script->udp, on_room, on_packet);
	snprintf(script->text, sizeof(script->text),
		ip.family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", address,
		script->port);
	script->rows = rows;
	script->row_count = row_count;
	return true;
}

void dns_script_close(struct dns_script *script)
{
	uv_close((uv_handle_t *)&script->udp, NULL);
	dns_script_close_tcp(script);
}

void dns_script_close_tcp(struct dns_script *script)
{
	if (!uv_is_closing((uv_handle_t *)&script->tcp))
		uv_close((uv_handle_t *)&script->tcp, NULL);
}
