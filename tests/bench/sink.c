/*
 * sink [-t CERTIFICATE KEY] [-H COUNT] PORT
 *
 * The SMTP server every client of the bench talks to: one thread, one epoll,
 * and nothing but what a dialogue needs.  Postfix's smtp-sink costs more than
 * the fastest client, so with it every client would seem equally fast.
 *
 * It listens on PORT of 127.0.0.1 and of ::1 and accepts every sender,
 * recipient and message.  With -t it offers STARTTLS, without resumption, so
 * that each handshake is a full one.  With -H it answers QUIT only when COUNT
 * sessions have said it, so that COUNT sessions really are open at once.
 *
 * XCOUNT is the bench's own command.  It answers what was served so far and
 * the CPU seconds that took:
 *
 *	250 dialogues 5000 messages 0 handshakes 0 releases 0 cpu 0.412345
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_OCTETS  1024 /* RFC 5321 asks for 512; body lines for 1000 */
#define REPLIES_MAX      8192
#define EVENTS_AT_ONCE   512
#define ACCEPTS_AT_ONCE  64
#define LISTENERS        2
#define BACKLOG          16384

struct session {
	int fd;
	bool is_listener;
	bool is_shaking;    /* the TLS handshake has begun and is not over */
	bool is_in_message; /* after DATA, before the lone dot */
	bool is_held;
	size_t place;       /* in held[], while held */
	SSL *tls;
	size_t len;
	char line[LINE_MAX_OCTETS];
};

enum after { AFTER_GO_ON, AFTER_MESSAGE, AFTER_TLS, AFTER_QUIT, AFTER_COUNT };

static int epoll_fd;
static SSL_CTX *tls_context;

static struct session **held;
static size_t held_count;
static size_t held_wanted;

static struct {
	unsigned long dialogues;
	unsigned long messages;
	unsigned long handshakes;
	unsigned long releases;
} served;

/* What one read provokes is sent in one write. */
static char replies[REPLIES_MAX];
static size_t replies_len;

static void die(const char *what)
{
	fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void die_of_tls(const char *what)
{
	fprintf(stderr, "sink: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(2);
}

static bool flush(struct session *session)
{
	int len = (int)replies_len;

	replies_len = 0;
	if (!len)
		return true;
	if (session->tls)
		return SSL_write(session->tls, replies, len) == len;
	return send(session->fd, replies, (size_t)len, MSG_NOSIGNAL) == len;
}

static bool answer(struct session *session, const char *text)
{
	size_t len = strlen(text);

	if (replies_len + len > sizeof(replies) && !flush(session))
		return false;
	memcpy(replies + replies_len, text, len);
	replies_len += len;
	return true;
}

static void leave_hold(struct session *session)
{
	if (!session->is_held)
		return;
	session->is_held = false;
	held[session->place] = held[--held_count];
	held[session->place]->place = session->place;
}

static void hang_up(struct session *session)
{
	leave_hold(session);
	SSL_free(session->tls);
	close(session->fd);
	free(session);
}

/*
 * The rest of this epoll round may still name a released session, so it is
 * not freed here: it gets our FIN, and goes when the client's arrives.  The
 * FIN is first from our side so that TIME_WAIT does not use up the client's
 * ports.
 */
static void release_held(void)
{
	while (held_count) {
		struct session *session = held[held_count - 1];

		leave_hold(session);
		replies_len = 0;
		answer(session, "221 2.0.0 Bye\r\n");
		flush(session);
		if (session->tls)
			SSL_shutdown(session->tls);
		shutdown(session->fd, SHUT_WR);
		served.dialogues++;
	}
	served.releases++;
}

static bool quit(struct session *session)
{
	if (held_wanted && !session->is_held) {
		flush(session);
		session->is_held = true;
		session->place = held_count;
		held[held_count++] = session;
		if (held_count == held_wanted)
			release_held();
		return true;
	}
	served.dialogues++;
	answer(session, "221 2.0.0 Bye\r\n");
	flush(session);
	if (session->tls)
		SSL_shutdown(session->tls);
	return false;
}

static bool start_tls(struct session *session)
{
	if (!tls_context || session->tls)
		return answer(session, "502 5.5.1 Not offered\r\n");
	answer(session, "220 2.0.0 Ready\r\n");
	if (!flush(session))
		return false;
	session->tls = SSL_new(tls_context);
	session->is_shaking = true;
	return session->tls && SSL_set_fd(session->tls, session->fd) == 1;
}

static bool count(struct session *session)
{
	struct rusage usage;
	double cpu;
	char text[160];

	getrusage(RUSAGE_SELF, &usage);
	cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	snprintf(text, sizeof(text),
		"250 dialogues %lu messages %lu handshakes %lu "
		"releases %lu cpu %.6f\r\n",
		served.dialogues, served.messages, served.handshakes,
		served.releases, cpu);
	return answer(session, text);
}

static bool greet(struct session *session)
{
	answer(session, "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n");
	if (tls_context && !session->tls)
		answer(session, "250-STARTTLS\r\n");
	return answer(session,
		"250-ENHANCEDSTATUSCODES\r\n250 SIZE 10240000\r\n");
}

static const struct command {
	const char *verb;
	enum after after;
	const char *reply;
} commands[] = {
	{ "MAIL", AFTER_GO_ON, "250 2.1.0 Ok\r\n" },
	{ "RCPT", AFTER_GO_ON, "250 2.1.5 Ok\r\n" },
	{ "DATA", AFTER_MESSAGE, "354 End with a lone dot\r\n" },
	{ "HELO", AFTER_GO_ON, "250 sink.example\r\n" },
	{ "RSET", AFTER_GO_ON, "250 2.0.0 Ok\r\n" },
	{ "NOOP", AFTER_GO_ON, "250 2.0.0 Ok\r\n" },
	{ "STARTTLS", AFTER_TLS, NULL },
	{ "QUIT", AFTER_QUIT, NULL },
	{ "XCOUNT", AFTER_COUNT, NULL },
};

static const struct command *command_find(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		size_t verb = strlen(commands[i].verb);

		if (len >= verb && !strncasecmp(line, commands[i].verb, verb))
			return &commands[i];
	}
	return NULL;
}

static bool take_command(struct session *session, const char *line, size_t len)
{
	const struct command *command;

	if (len >= 4 && !strncasecmp(line, "EHLO", 4))
		return greet(session);
	command = command_find(line, len);
	if (!command)
		return answer(session, "500 5.5.2 Not understood\r\n");
	switch (command->after) {
	case AFTER_GO_ON:
		break;
	case AFTER_MESSAGE:
		session->is_in_message = true;
		break;
	case AFTER_TLS:
		return start_tls(session);
	case AFTER_QUIT:
		return quit(session);
	case AFTER_COUNT:
		return count(session);
	}
	return answer(session, command->reply);
}

static bool take_line(struct session *session, const char *line, size_t len)
{
	if (len && line[len - 1] == '\r')
		len--;
	if (!session->is_in_message)
		return take_command(session, line, len);
	if (len != 1 || line[0] != '.')
		return true;
	session->is_in_message = false;
	served.messages++;
	return answer(session, "250 2.0.0 Ok\r\n");
}

/* Whatever follows STARTTLS in clear is thrown away (RFC 3207, section 4.2). */
static bool take_lines(struct session *session)
{
	char *line = session->line;
	char *end = line + session->len;
	char *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		if (!take_line(session, line, (size_t)(newline - line)))
			return false;
		line = newline + 1;
		if (session->is_shaking)
			line = end;
	}
	session->len = (size_t)(end - line);
	if (session->len == sizeof(session->line))
		session->len = 0;
	memmove(session->line, line, session->len);
	return flush(session);
}

/* -1: over; 0: nothing more for now; 1: there is something to look at. */
static int read_some(struct session *session)
{
	size_t room = sizeof(session->line) - session->len;
	char *at = session->line + session->len;
	ssize_t got;

	if (session->tls) {
		got = SSL_read(session->tls, at, (int)room);
		if (got <= 0 &&
		    SSL_get_error(session->tls, (int)got) == SSL_ERROR_WANT_READ)
			return 0;
	} else {
		got = recv(session->fd, at, room, 0);
		if (got < 0 && errno == EAGAIN)
			return 0;
	}
	if (got <= 0)
		return -1;
	session->len += (size_t)got;
	return 1;
}

static int shake_hands(struct session *session)
{
	int result = SSL_accept(session->tls);
	int error;

	if (result == 1) {
		session->is_shaking = false;
		served.handshakes++;
		return 1;
	}
	error = SSL_get_error(session->tls, result);
	return error == SSL_ERROR_WANT_READ ? 0 : -1;
}

static bool serve(struct session *session)
{
	int result;

	if (session->is_shaking) {
		result = shake_hands(session);
		if (result <= 0)
			return result == 0;
	}
	do {
		result = read_some(session);
		if (result <= 0)
			return result == 0;
		if (!take_lines(session))
			return false;
	} while (session->tls && !session->is_shaking);
	return true;
}

static void watch(struct session *session)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.ptr = session;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, session->fd, &event) != 0)
		die("epoll_ctl");
}

static void session_open(int fd)
{
	struct session *session = malloc(sizeof(*session));
	int on = 1;

	if (!session)
		die("malloc");
	memset(session, 0, offsetof(struct session, line));
	session->fd = fd;
	replies_len = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	watch(session);
	answer(session, "220 sink.example ESMTP\r\n");
	flush(session);
}

static void accept_some(const struct session *listener)
{
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK);

		if (fd < 0)
			return;
		session_open(fd);
	}
}

static bool listener_open(struct session *listener, int family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr *address = (struct sockaddr *)&v4;
	socklen_t len = sizeof(v4);
	int on = 1;

	v4.sin_port = v6.sin6_port = htons(port);
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	listener->is_listener = true;
	listener->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return false;
	if (family == AF_INET6) {
		address = (struct sockaddr *)&v6;
		len = sizeof(v6);
		setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
			sizeof(on));
	}
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener->fd, address, len) != 0 ||
	    listen(listener->fd, BACKLOG) != 0)
		return false;
	watch(listener);
	return true;
}

/* A machine may lack one family; the bench notices, and says so. */
static void listen_on(struct session *listeners, uint16_t port)
{
	bool has_v4, has_v6;

	epoll_fd = epoll_create1(0);
	if (epoll_fd < 0)
		die("epoll_create1");
	has_v4 = listener_open(&listeners[0], AF_INET, port);
	has_v6 = listener_open(&listeners[1], AF_INET6, port);
	if (!has_v4 && !has_v6)
		die("cannot listen");
}

static void tls_open(const char *certificate, const char *key)
{
	tls_context = SSL_CTX_new(TLS_server_method());
	if (!tls_context)
		die_of_tls("no TLS");
	SSL_CTX_set_options(tls_context, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(tls_context, 0);
	SSL_CTX_set_session_cache_mode(tls_context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(tls_context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(
		    tls_context, key, SSL_FILETYPE_PEM) != 1)
		die_of_tls("the certificate or its key cannot be used");
}

static void hold_open(const char *number)
{
	held_wanted = strtoul(number, NULL, 10);
	held = calloc(held_wanted ? held_wanted : 1, sizeof(struct session *));
	if (!held)
		die("calloc");
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void attend(struct session *session)
{
	if (session->is_listener) {
		accept_some(session);
		return;
	}
	replies_len = 0;
	if (session->tls)
		ERR_clear_error(); /* Or another session's error is ours. */
	if (!serve(session))
		hang_up(session);
}

static uint16_t options_parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "t:H:")) != -1) {
		if (option == 't' && optind < argc)
			tls_open(optarg, argv[optind++]);
		else if (option == 'H')
			hold_open(optarg);
		else
			return 0;
	}
	if (argc - optind != 1)
		return 0;
	return (uint16_t)strtoul(argv[optind], NULL, 10);
}

int main(int argc, char **argv)
{
	struct session listeners[LISTENERS] = { 0 };
	struct epoll_event events[EVENTS_AT_ONCE];
	uint16_t port = options_parse(argc, argv);

	if (!port) {
		fprintf(stderr, "sink [-t CERTIFICATE KEY] [-H COUNT] PORT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL. */
	raise_file_limit();
	listen_on(listeners, port);
	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, -1);

		if (n < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++)
			attend(events[i].data.ptr);
	}
}
