/*
 * bare_client [-6] [-n TOTAL] [-c PARALLEL] [-A CA] DIALOGUE PORT
 *
 * The physical limit: a client that leads a dialogue and does nothing else.
 * It keeps no reply, takes no time and writes no record, so that what it
 * costs is what the kernel (and, with TLS, OpenSSL) costs.  Whatever another
 * client needs beyond this is its own work.
 *
 * It talks to PORT of 127.0.0.1, or of ::1 with -6, and to nobody else.
 *
 *	ehlo      banner, EHLO, QUIT
 *	probe     banner, EHLO, MAIL, RCPT, QUIT
 *	data      the same with DATA and a message of 1 KB before QUIT
 *	piped     data, with what RFC 2920 lets go together sent together
 *	tls       banner, EHLO, STARTTLS, TLS 1.3 verified against CA, EHLO, QUIT
 *	hold      ehlo, all TOTAL at once: for a sink that holds them (-H)
 *	holdtls   tls in the same way, with the buffers released while idle
 *
 * Prints one line; exits with 1 if any dialogue failed.
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
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLIES_MAX    512
#define EVENTS_AT_ONCE 256
#define STALL_MS       20000
#define MESSAGE_OCTETS 1024

#define EHLO "EHLO probe.example\r\n"
#define MAIL "MAIL FROM:<a@probe.example>\r\n"
#define RCPT "RCPT TO:<b@sink.example>\r\n"
#define QUIT "QUIT\r\n"

static char sink_name[] = "sink.example"; /* OpenSSL's macro wants it so. */

/* Not lines to send: what stands in for them is told by the address. */
static const char message_here[] = "(message)";
static const char message_and_quit[] = "(message, QUIT)";
static const char handshake_here[] = "(handshake)";

static const char *const ehlo[] = { EHLO, QUIT, NULL };
static const char *const probe[] = { EHLO, MAIL, RCPT, QUIT, NULL };
static const char *const data[] = {
	EHLO, MAIL, RCPT, "DATA\r\n", message_here, QUIT, NULL
};
static const char *const piped[] = {
	EHLO, MAIL RCPT "DATA\r\n", message_and_quit, NULL
};
static const char *const tls[] = {
	EHLO, "STARTTLS\r\n", handshake_here, EHLO, QUIT, NULL
};

static const struct dialogue {
	const char *name;
	const char *const *steps;
	bool is_all_at_once;
} dialogues[] = {
	{ "ehlo", ehlo, false },
	{ "probe", probe, false },
	{ "data", data, false },
	{ "piped", piped, false },
	{ "tls", tls, false },
	{ "hold", ehlo, true },
	{ "holdtls", tls, true },
};

struct session {
	int fd;
	bool is_shaking; /* the TLS handshake has begun and is not over */
	SSL *tls;
	const char *const *step; /* the next to take */
	unsigned owed;           /* replies */
	size_t len;
	char replies[REPLIES_MAX];
};

static int epoll_fd;
static SSL_CTX *tls_context;
static const struct dialogue *dialogue;
static struct sockaddr_storage address;
static socklen_t address_len;
static char message[MESSAGE_OCTETS + 3 + 1];
static char with_quit[sizeof(message) + sizeof(QUIT)];
static unsigned long total = 1000;
static unsigned long parallel = 100;
static unsigned long started;
static unsigned long done;
static unsigned long failed;

static void die(const char *what)
{
	fprintf(stderr, "bare_client: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void die_of_tls(const char *what)
{
	fprintf(stderr, "bare_client: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(2);
}

static void session_start(struct session *session)
{
	struct epoll_event event = { .events = EPOLLIN };
	int on = 1;

	started++;
	memset(session, 0, offsetof(struct session, replies));
	session->step = dialogue->steps;
	session->owed = 1; /* the banner */
	session->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (session->fd < 0)
		die("socket");
	setsockopt(session->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(session->fd, (struct sockaddr *)&address, address_len) &&
	    errno != EINPROGRESS)
		die("connect");
	event.data.ptr = session;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, session->fd, &event) != 0)
		die("epoll_ctl");
}

static void session_end(struct session *session, bool is_well)
{
	if (is_well)
		done++;
	else
		failed++;
	SSL_free(session->tls);
	close(session->fd);
	if (started < total)
		session_start(session);
}

static bool say(struct session *session, const char *text)
{
	size_t len = strlen(text);

	if (session->tls)
		return SSL_write(session->tls, text, (int)len) == (int)len;
	return send(session->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static unsigned lines_of(const char *text)
{
	unsigned count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

static bool say_next(struct session *session)
{
	const char *text = *session->step++;

	session->owed = text == message_and_quit ? 2
			: text == message_here   ? 1
						 : lines_of(text);
	return say(session, text == message_here       ? message
			    : text == message_and_quit ? with_quit
						       : text);
}

/* Once the handshake is over the next line goes out without a wait. */
static bool shake_hands(struct session *session)
{
	int result = SSL_connect(session->tls);

	if (result != 1)
		return SSL_get_error(session->tls, result) ==
			SSL_ERROR_WANT_READ;
	session->is_shaking = false;
	return say_next(session);
}

static bool start_tls(struct session *session)
{
	session->step++;
	session->tls = SSL_new(tls_context);
	if (!session->tls || SSL_set_fd(session->tls, session->fd) != 1 ||
	    SSL_set1_host(session->tls, sink_name) != 1 ||
	    SSL_set_tlsext_host_name(session->tls, sink_name) != 1)
		die_of_tls("no TLS session");
	session->is_shaking = true;
	return shake_hands(session);
}

static bool is_yes(const char *line)
{
	return line[0] == '2' || line[0] == '3';
}

/*
 * All that is in the buffer are the replies that are owed, and they are whole
 * when the last line of the last is: digits and a space, up to LF.
 */
static bool are_whole(const struct session *session, bool *are_well)
{
	const char *at = session->replies, *end = at + session->len, *stop;
	unsigned whole = 0;

	*are_well = true;
	for (; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
		if (stop - at < 4 || at[3] == '-')
			continue;
		*are_well &= is_yes(at);
		whole++;
	}
	return at == end && whole == session->owed;
}

/* -1: over; 0: nothing yet; 1: something was read. */
static int read_some(struct session *session)
{
	size_t room = sizeof(session->replies) - session->len;
	char *at = session->replies + session->len;
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

static void fail(struct session *session)
{
	if (!failed)
		ERR_print_errors_fp(stderr);
	ERR_clear_error();
	session_end(session, false);
}

/*
 * One read a reply: epoll tells of the next one, so nobody has to ask the
 * kernel twice to hear that there is nothing more.
 */
static void attend(struct session *session)
{
	bool is_well;
	int result;

	if (session->is_shaking) {
		if (!shake_hands(session))
			fail(session);
		return;
	}
	result = read_some(session);
	if (result < 0)
		fail(session);
	if (result <= 0 || !are_whole(session, &is_well))
		return;
	session->len = 0;
	if (!is_well || !*session->step) {
		session_end(session, is_well);
		return;
	}
	is_well = *session->step == handshake_here ? start_tls(session) :
						     say_next(session);
	if (!is_well)
		fail(session);
}

static void address_set(bool is_v6, uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;

	if (is_v6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		v6->sin6_addr = in6addr_loopback;
		address_len = sizeof(*v6);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address_len = sizeof(*v4);
	}
}

/* Lines of 64 octets, and the lone dot after them. */
static void message_fill(void)
{
	memset(message, 'x', MESSAGE_OCTETS);
	for (size_t i = 62; i < MESSAGE_OCTETS; i += 64)
		memcpy(message + i, "\r\n", 2);
	memcpy(message + MESSAGE_OCTETS, ".\r\n", 4);
	strcat(strcpy(with_quit, message), QUIT);
}

/*
 * Idle sessions give their buffers back only where memory is what is looked
 * at: it costs a little CPU, and the limit of that is the other dialogue.
 */
static void tls_open(const char *authority)
{
	tls_context = SSL_CTX_new(TLS_client_method());
	if (!tls_context ||
	    SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_load_verify_locations(tls_context, authority, NULL) != 1)
		die_of_tls("the certificate authority cannot be used");
	SSL_CTX_set_session_cache_mode(tls_context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(tls_context, SSL_VERIFY_PEER, NULL);
	if (dialogue->is_all_at_once)
		SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS);
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(void)
{
	struct session *sessions = calloc(parallel, sizeof(*sessions));
	struct epoll_event events[EVENTS_AT_ONCE];

	epoll_fd = epoll_create1(0);
	if (!sessions || epoll_fd < 0)
		die("start");
	for (unsigned long i = 0; i < parallel; i++)
		session_start(&sessions[i]);
	while (done + failed < total) {
		int n = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, STALL_MS);

		if (n == 0) {
			fprintf(stderr, "bare_client: nothing moves\n");
			exit(1);
		}
		for (int i = 0; i < n; i++)
			attend(events[i].data.ptr);
	}
	free(sessions);
	close(epoll_fd);
}

static void report(double wall)
{
	struct rusage usage;
	double cpu;

	getrusage(RUSAGE_SELF, &usage);
	cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("%s done %lu failed %lu rate %.0f/s CPU %.4f s/1000 "
	       "peak %ld kB\n",
		dialogue->name, done, failed, (double)done / wall,
		cpu * 1000 / (double)total, usage.ru_maxrss);
}

static const struct dialogue *dialogue_find(const char *name)
{
	for (size_t i = 0; i < sizeof(dialogues) / sizeof(*dialogues); i++)
		if (!strcmp(name, dialogues[i].name))
			return &dialogues[i];
	return NULL;
}

static bool options_parse(int argc, char **argv)
{
	const char *authority = NULL;
	bool is_v6 = false;
	int option;

	while ((option = getopt(argc, argv, "6n:c:A:")) != -1) {
		if (option == '6')
			is_v6 = true;
		else if (option == 'n')
			total = strtoul(optarg, NULL, 10);
		else if (option == 'c')
			parallel = strtoul(optarg, NULL, 10);
		else if (option == 'A')
			authority = optarg;
		else
			return false;
	}
	if (argc - optind != 2 || !total || !parallel)
		return false;
	dialogue = dialogue_find(argv[optind]);
	if (!dialogue || (dialogue->steps == tls && !authority))
		return false;
	address_set(is_v6, (uint16_t)strtoul(argv[optind + 1], NULL, 10));
	if (dialogue->is_all_at_once || parallel > total)
		parallel = total;
	if (authority)
		tls_open(authority);
	return true;
}

int main(int argc, char **argv)
{
	double began;

	if (!options_parse(argc, argv)) {
		fprintf(stderr, "bare_client [-6] [-n TOTAL] [-c PARALLEL] "
				"[-A CA] DIALOGUE PORT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL. */
	raise_file_limit();
	message_fill();
	began = now();
	run();
	report(now() - began);
	return failed ? 1 : 0;
}
