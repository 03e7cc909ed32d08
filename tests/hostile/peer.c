#include "tests/hostile/peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

enum { GOODBYE_MS = 1000 };

int64_t peer_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void peer_init(struct peer *peer, int fd, int stop, int64_t deadline_ms)
{
	int one = 1;

	memset(peer, 0, sizeof(*peer));
	peer->bytes = peer->buffer;
	peer->fd = fd;
	peer->stop = stop;
	peer->deadline_ms = deadline_ms;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* True when one of `events` is there in time. */
static bool waited(struct peer *peer, short events, int64_t until_ms)
{
	struct pollfd polled[2] = {
		{ .fd = peer->fd, .events = events },
		{ .fd = peer->stop, .events = POLLIN },
	};
	int64_t left;

	if (until_ms > peer->deadline_ms)
		until_ms = peer->deadline_ms;
	while ((left = until_ms - peer_now_ms()) > 0) {
		if (poll(polled, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (polled[1].revents)
			return false;
		if (polled[0].revents)
			return true;
	}
	peer->is_late = peer_now_ms() >= peer->deadline_ms;
	return false;
}

/* After an OpenSSL call that did not succeed: is it worth another try? */
static bool tls_may_go_on(struct peer *peer, int result)
{
	switch (SSL_get_error(peer->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return waited(peer, POLLIN, peer->deadline_ms);
	case SSL_ERROR_WANT_WRITE:
		return waited(peer, POLLOUT, peer->deadline_ms);
	case SSL_ERROR_SYSCALL:
		peer->is_reset = peer->is_reset || errno == ECONNRESET;
		return false;
	default:
		return false;
	}
}

bool peer_shake(struct peer *peer, SSL_CTX *context, bool is_server)
{
	int result;

	peer->tls = SSL_new(context);
	if (!peer->tls || !SSL_set_fd(peer->tls, peer->fd))
		return false;
	do {
		result = is_server ? SSL_accept(peer->tls) :
				     SSL_connect(peer->tls);
	} while (result != 1 && tls_may_go_on(peer, result));
	return result == 1;
}

static size_t write_some(struct peer *peer, const char *bytes, size_t len)
{
	ssize_t sent;
	size_t written;
	int result;

	if (peer->tls) {
		do {
			result = SSL_write_ex(peer->tls, bytes, len, &written);
		} while (result != 1 && tls_may_go_on(peer, result));
		return result == 1 ? written : 0;
	}
	do {
		sent = send(peer->fd, bytes, len, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EAGAIN &&
		waited(peer, POLLOUT, peer->deadline_ms));
	/* The kernel tells a reset once: a read after it sees a plain end. */
	if (sent < 0 && errno == ECONNRESET)
		peer->is_reset = true;
	return sent > 0 ? (size_t)sent : 0;
}

bool peer_say(struct peer *peer, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t sent = write_some(peer, bytes, len);

		if (sent == 0)
			return false;
		bytes += sent;
		len -= sent;
	}
	return true;
}

/* Appends what there is to the buffer, waiting for at least one byte. */
static bool read_some(struct peer *peer)
{
	char *free = peer->buffer + peer->len;
	size_t room = sizeof(peer->buffer) - peer->len, got = 0;
	ssize_t result;

	memmove(peer->buffer, peer->bytes, peer->len);
	peer->bytes = peer->buffer;
	if (peer->tls) {
		int done;

		do {
			done = SSL_read_ex(peer->tls, free, room, &got);
		} while (done != 1 && tls_may_go_on(peer, done));
		peer->len += got;
		return done == 1;
	}
	do {
		result = recv(peer->fd, free, room, 0);
	} while (result < 0 && errno == EAGAIN &&
		waited(peer, POLLIN, peer->deadline_ms));
	if (result < 0 && errno == ECONNRESET)
		peer->is_reset = true;
	if (result <= 0)
		return false;
	peer->len += (size_t)result;
	return true;
}

static void take(struct peer *peer, size_t len)
{
	peer->bytes += len;
	peer->len -= len;
}

size_t peer_hear(struct peer *peer, char *room, size_t room_len)
{
	size_t heard = 0, kept = 0;

	for (;;) {
		char *end = memchr(peer->bytes, '\n', peer->len);
		size_t len = end ? (size_t)(end - peer->bytes) + 1 : peer->len;
		size_t fits = room_len - 1 - kept;

		if (fits > len)
			fits = len;
		memcpy(room + kept, peer->bytes, fits);
		kept += fits;
		heard += len;
		room[kept] = '\0';
		take(peer, len);
		if (end || heard >= PEER_LINE_MAX)
			return heard;
		if (!read_some(peer))
			return 0;
	}
}

bool peer_skip(struct peer *peer, size_t count)
{
	while (peer->len < count) {
		count -= peer->len;
		peer->len = 0;
		if (!read_some(peer))
			return false;
	}
	take(peer, count);
	return true;
}

bool peer_say_beneath(struct peer *peer, const char *bytes, size_t len)
{
	return send(peer->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

bool peer_update_keys(struct peer *peer)
{
	return peer->tls &&
		SSL_key_update(peer->tls, SSL_KEY_UPDATE_REQUESTED) &&
		SSL_do_handshake(peer->tls) == 1;
}

bool peer_pause(struct peer *peer, int64_t ms)
{
	int64_t until = peer_now_ms() + ms;

	waited(peer, POLLRDHUP, until);
	return peer_now_ms() >= until;
}

static void leave(struct peer *peer)
{
	SSL_free(peer->tls);
	peer->tls = NULL;
	close(peer->fd);
	peer->fd = -1;
}

void peer_goodbye(struct peer *peer)
{
	if (peer->tls)
		SSL_shutdown(peer->tls);
	SSL_free(peer->tls);
	peer->tls = NULL;
	shutdown(peer->fd, SHUT_WR);
	peer->deadline_ms = peer_now_ms() + GOODBYE_MS;
	do
		peer->len = 0;
	while (read_some(peer));
	leave(peer);
}

/* FIN first: what came in unread would make close() a RST alone. */
void peer_close(struct peer *peer)
{
	shutdown(peer->fd, SHUT_WR);
	leave(peer);
}

void peer_reset(struct peer *peer)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	leave(peer);
}
