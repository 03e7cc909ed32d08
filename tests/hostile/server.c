#include "tests/hostile/server.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "probe/base/attr.h"
#include "tests/hostile/peer.h"

enum {
	PLAY_MAX_MS = 30000,            /* no client is served longer */
	PORT_TRIES = 50,
	RECEIVE_BUFFER = 256 * 1024,    /* known: MESSAGE_BIG is far bigger */
};

/* What an ordinary mail server answers; HELO and EHLO stand apart. */
static const struct answer_row {
	const char *verb, *answer;
} ordinary[] = {
	{ "MAIL", "250 2.1.0 sender ok\r\n" },
	{ "RCPT", "250 2.1.5 recipient ok\r\n" },
	{ "RSET", "250 2.0.0 forgotten\r\n" },
	{ "NOOP", "250 2.0.0 nothing done\r\n" },
};
static const char unknown_verb[] = "500 5.5.1 command not known\r\n";
static const char hello[] = "250-" HOSTILE_HOST " at your service\r\n"
			    "250-SIZE 52428800\r\n"
			    "250-8BITMIME\r\n"
			    "250-ENHANCEDSTATUSCODES\r\n";

static bool say(struct peer *peer, const char *text)
{
	return peer_say(peer, text, strlen(text));
}

static bool hear(struct server_side *side, struct peer *peer,
	char line[static HEARD_LINE_MAX])
{
	size_t len = peer_hear(peer, line, HEARD_LINE_MAX);

	if (len == 0)
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	if (side->heard_count < HEARD_LINES_MAX)
		memcpy(side->heard[side->heard_count++], line, HEARD_LINE_MAX);
	return true;
}

/* The message is not for the log: only that its end was seen. */
static bool hear_message(struct peer *peer)
{
	char line[HEARD_LINE_MAX];

	while (peer_hear(peer, line, sizeof(line)) > 0)
		if (strcmp(line, ".\r\n") == 0)
			return true;
	return false;
}

static bool begins(const char *line, const char *start)
{
	return strncasecmp(line, start, strlen(start)) == 0;
}

static bool answer_hello(struct server_side *side, struct peer *peer)
{
	bool offers_tls = side->offers_tls && !peer->tls;

	return say(peer, hello) &&
		(!offers_tls || say(peer, "250-STARTTLS\r\n")) &&
		say(peer, "250 HELP\r\n");
}

static bool answer_well(struct server_side *side, struct peer *peer,
	const char *line)
{
	size_t i;

	if (begins(line, "EHLO "))
		return answer_hello(side, peer);
	if (begins(line, "HELO "))
		return say(peer, "250 " HOSTILE_HOST "\r\n");
	if (begins(line, "STARTTLS"))
		return say(peer, "220 2.0.0 go ahead\r\n") &&
			peer_shake(peer, side->contexts[CERTIFICATE_GOOD],
				true);
	if (begins(line, "DATA"))
		return say(peer, "354 end with a dot\r\n") &&
			hear_message(peer) &&
			say(peer, "250 2.0.0 queued as hostile-1\r\n");
	for (i = 0; i < COUNT_OF(ordinary); i++)
		if (begins(line, ordinary[i].verb))
			return say(peer, ordinary[i].answer);
	return say(peer, unknown_verb);
}

/* False when the client has said goodbye or left: the play is over. */
static bool serve_until(struct server_side *side, struct peer *peer,
	const char *verb)
{
	char line[HEARD_LINE_MAX];

	while (hear(side, peer, line)) {
		if (verb && begins(line, verb))
			return true;
		if (begins(line, "QUIT")) {
			(void)say(peer, "221 2.0.0 bye\r\n");
			return false;
		}
		if (!answer_well(side, peer, line))
			return false;
	}
	return false;
}

static bool drip(struct peer *peer, const struct act *act)
{
	size_t i;

	for (i = 0; i < act->len; i++)
		if (!peer_pause(peer, (int64_t)act->number) ||
			!peer_say(peer, act->text + i, 1))
			return false;
	return true;
}

static bool say_endlessly(struct peer *peer, const struct act *act)
{
	char many[PEER_BUFFER];
	size_t piece = sizeof(many) / act->len * act->len, said, i;

	for (i = 0; i < piece; i += act->len)
		memcpy(many + i, act->text, act->len);
	for (said = 0; said < act->number; said += piece) {
		if (piece > act->number - said)
			piece = act->number - said;
		if (!peer_say(peer, many, piece))
			return false;
	}
	return true;
}

static bool play_act(struct server_side *side, struct peer *peer,
	const struct act *act)
{
	char line[HEARD_LINE_MAX];

	switch (act->kind) {
	case ACT_WELL:
		return serve_until(side, peer, act->text);
	case ACT_SAY:
		return peer_say(peer, act->text, act->len);
	case ACT_DRIP:
		return drip(peer, act);
	case ACT_ENDLESS:
		return say_endlessly(peer, act);
	case ACT_HEAR:
		return hear(side, peer, line);
	case ACT_HEAR_SOME:
		return peer_skip(peer, act->number);
	case ACT_HEAR_MESSAGE:
		return hear_message(peer);
	case ACT_TLS:
		return peer_shake(peer, side->contexts[act->number], true);
	case ACT_SAY_BENEATH:
		return peer_say_beneath(peer, act->text, act->len);
	case ACT_UPDATE_KEYS:
		return peer_update_keys(peer);
	case ACT_PAUSE:
		return peer_pause(peer, (int64_t)act->number);
	case ACT_HANG:
		return peer_pause(peer, PLAY_MAX_MS);
	case ACT_CLOSE:
	case ACT_RESET:
	case ACT_END:
		return false;
	}
	return false;
}

static void play(struct server_side *side, int fd)
{
	const struct act *act = side->script->acts;
	struct peer peer;

	peer_init(&peer, fd, side->stop, peer_now_ms() + PLAY_MAX_MS);
	while (play_act(side, &peer, act))
		act++;
	if (act->kind == ACT_RESET)
		peer_reset(&peer);
	else if (act->kind == ACT_CLOSE)
		peer_close(&peer);
	else
		peer_goodbye(&peer);
}

static void *serve(void *argument)
{
	struct server_side *side = argument;
	struct pollfd polled[2] = {
		{ .fd = side->listener, .events = POLLIN },
		{ .fd = side->stop, .events = POLLIN },
	};

	while (poll(polled, 2, -1) > 0 && !polled[1].revents) {
		int fd = accept4(side->listener, NULL, NULL,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		side->clients++;
		play(side, fd);
	}
	return NULL;
}

/* A socket on the loopback; *port 0: any, and then which one. */
static int bound_socket(enum family family, unsigned *port)
{
	struct ip loopback = { .family = family };
	struct sockaddr_storage address;
	socklen_t len = family == FAMILY_IPV4 ? sizeof(struct sockaddr_in) :
						sizeof(struct sockaddr_in6);
	int fd, one = 1, buffer = RECEIVE_BUFFER;

	if (family == FAMILY_IPV4)
		memcpy(loopback.bytes, "\x7f\0\0\1", 4);
	else
		loopback.bytes[15] = 1;
	ip_to_sockaddr(&loopback, (uint16_t)*port, &address);
	fd = socket(address.ss_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (family == FAMILY_IPV6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
		getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
		close(fd);
		return -1;
	}
	*port = family == FAMILY_IPV4 ?
		ntohs(((struct sockaddr_in *)(void *)&address)->sin_port) :
		ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
	return fd;
}

/* The sockets are bound even if nobody listens, so that the port stays ours:
 * whoever connects is refused. */
static bool bind_both(struct server *server)
{
	int tries;

	for (tries = 0; tries < PORT_TRIES; tries++) {
		unsigned port = 0;
		int ipv4 = bound_socket(FAMILY_IPV4, &port);
		int ipv6 = ipv4 < 0 ? -1 : bound_socket(FAMILY_IPV6, &port);

		if (ipv6 >= 0) {
			server->sides[FAMILY_IPV4].listener = ipv4;
			server->sides[FAMILY_IPV6].listener = ipv6;
			server->port = port;
			return true;
		}
		if (ipv4 >= 0)
			close(ipv4);
	}
	return false;
}

bool server_open(struct server *server)
{
	size_t i;

	if (!bind_both(server))
		return false;
	if (pipe2(server->stop_pipe, O_CLOEXEC) != 0)
		return false;
	for (i = 0; i < FAMILY_COUNT; i++) {
		struct server_side *side = &server->sides[i];

		side->stop = server->stop_pipe[0];
		if (!side->script)
			continue;
		if (listen(side->listener, 16) != 0 ||
			pthread_create(&side->thread, NULL, serve, side) != 0)
			return false;
	}
	return true;
}

void server_close(struct server *server)
{
	size_t i;

	close(server->stop_pipe[1]);
	for (i = 0; i < FAMILY_COUNT; i++) {
		if (server->sides[i].script)
			pthread_join(server->sides[i].thread, NULL);
		close(server->sides[i].listener);
	}
	close(server->stop_pipe[0]);
}

bool server_side_heard(const struct server_side *side, const char *start)
{
	size_t i;

	for (i = 0; i < side->heard_count; i++)
		if (begins(side->heard[i], start))
			return true;
	return false;
}
