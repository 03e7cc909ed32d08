#include "probe/net/datagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>

struct outgoing {
	struct mmsghdr messages[DATAGRAMS_BATCH];
	struct iovec parts[DATAGRAMS_BATCH];
	uint8_t room[DATAGRAMS_BATCH][DATAGRAMS_OUT_MAX];
	unsigned first, end; /* of those not sent yet */
};

struct incoming {
	struct mmsghdr messages[DATAGRAMS_BATCH];
	struct iovec parts[DATAGRAMS_BATCH];
	struct sockaddr_in6 from[DATAGRAMS_BATCH];
	uint8_t room[DATAGRAMS_BATCH][DATAGRAMS_IN_MAX];
	unsigned first, end; /* of those not taken yet */
	bool is_dry;         /* the kernel had no more than this batch */
};

struct datagrams {
	int fd;
	int failure; /* errno of a flush; 0: none to be told */
	struct outgoing out;
	struct incoming in;
};

struct datagrams *datagrams_new(struct arena *arena)
{
	struct datagrams *datagrams = arena_new(arena, struct datagrams);
	struct outgoing *out = &datagrams->out;
	struct incoming *in = &datagrams->in;

	for (size_t i = 0; i < DATAGRAMS_BATCH; i++) {
		out->parts[i].iov_base = out->room[i];
		out->messages[i].msg_hdr.msg_iov = &out->parts[i];
		out->messages[i].msg_hdr.msg_iovlen = 1;
		in->parts[i] = (struct iovec){ in->room[i], DATAGRAMS_IN_MAX };
		in->messages[i].msg_hdr.msg_iov = &in->parts[i];
		in->messages[i].msg_hdr.msg_iovlen = 1;
		in->messages[i].msg_hdr.msg_name = &in->from[i];
	}
	datagrams_begin(datagrams, -1);
	return datagrams;
}

void datagrams_begin(struct datagrams *datagrams, int fd)
{
	datagrams->fd = fd;
	datagrams->failure = 0;
	datagrams->out.first = datagrams->out.end = 0;
	datagrams->in.first = datagrams->in.end = 0;
	datagrams->in.is_dry = false;
}

/* ---- out */

static bool may_pass(int error)
{
	return error == EAGAIN || error == ENOBUFS;
}

bool datagrams_flush(struct datagrams *datagrams)
{
	struct outgoing *out = &datagrams->out;

	while (out->first < out->end) {
		int sent = sendmmsg(datagrams->fd, out->messages + out->first,
			out->end - out->first, MSG_NOSIGNAL);

		if (sent > 0) {
			out->first += (unsigned)sent;
		} else if (sent < 0 && may_pass(errno)) {
			return true;
		} else if (sent < 0 && errno != EINTR) {
			datagrams->failure = errno;
			break;
		}
	}
	out->first = out->end = 0;
	return datagrams->failure == 0;
}

static bool has_room(const struct outgoing *out)
{
	return out->end < DATAGRAMS_BATCH;
}

static size_t length_of(const struct iovec *parts, int count)
{
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += parts[i].iov_len;
	return len;
}

ssize_t datagrams_put(
	struct datagrams *datagrams, const struct iovec *parts, int count)
{
	struct outgoing *out = &datagrams->out;
	size_t len = 0;

	if (length_of(parts, count) > DATAGRAMS_OUT_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (!has_room(out) && !datagrams_flush(datagrams)) {
		errno = datagrams->failure;
		return -1;
	}
	if (!has_room(out)) {
		errno = EAGAIN;
		return -1;
	}
	for (int i = 0; i < count; i++) {
		memcpy(out->room[out->end] + len, parts[i].iov_base,
			parts[i].iov_len);
		len += parts[i].iov_len;
	}
	out->parts[out->end++].iov_len = len;
	return (ssize_t)len;
}

/* ---- in */

static bool fetch_batch(struct datagrams *datagrams)
{
	struct incoming *in = &datagrams->in;
	int got;

	for (size_t i = 0; i < DATAGRAMS_BATCH; i++)
		in->messages[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
	got = recvmmsg(datagrams->fd, in->messages, DATAGRAMS_BATCH, 0, NULL);
	if (got <= 0)
		return false;
	in->first = 0;
	in->end = (unsigned)got;
	in->is_dry = got < DATAGRAMS_BATCH;
	return true;
}

static ssize_t take_first(struct incoming *in, struct iovec room,
	struct sockaddr *from, socklen_t *from_len)
{
	const struct mmsghdr *message = &in->messages[in->first];
	size_t len = message->msg_len;
	socklen_t name_len = message->msg_hdr.msg_namelen;

	if (len > room.iov_len)
		len = room.iov_len;
	if (len)
		memcpy(room.iov_base, in->room[in->first], len);
	if (from) {
		memcpy(from, &in->from[in->first],
			name_len < *from_len ? name_len : *from_len);
		*from_len = name_len;
	}
	in->first++;
	return (ssize_t)len;
}

ssize_t datagrams_take(struct datagrams *datagrams, struct iovec room,
	struct sockaddr *from, socklen_t *from_len)
{
	struct incoming *in = &datagrams->in;

	if (datagrams->failure) {
		errno = datagrams->failure;
		datagrams->failure = 0;
		return -1;
	}
	if (in->first == in->end && in->is_dry) {
		in->is_dry = false;
		errno = EAGAIN;
		return -1;
	}
	if (in->first == in->end && !fetch_batch(datagrams))
		return -1;
	return take_first(in, room, from, from_len);
}
