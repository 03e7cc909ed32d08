#include "tests/hostile/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/peer.h"

struct stream {
	int fd;
	char *bytes;
	size_t len, room;
};

/*
 * The child gets the default SIGPIPE back, which this program ignores: a
 * server that hangs up while it is spoken to must not end the prober.
 */
static void become(char *const arguments[], int out, int err)
{
	int nothing = open("/dev/null", O_RDONLY);

	signal(SIGPIPE, SIG_DFL);
	dup2(nothing, 0);
	dup2(out, 1);
	dup2(err, 2);
	execv(arguments[0], arguments);
	_exit(127);
}

static bool grow(struct stream *stream)
{
	size_t room = stream->room ? stream->room * 2 : 16 * 1024;
	char *bytes = realloc(stream->bytes, room);

	if (!bytes)
		return false;
	stream->bytes = bytes;
	stream->room = room;
	return true;
}

/* False at the end, and when there is more than anybody should print. */
static bool read_stream(struct stream *stream)
{
	ssize_t got;

	if (stream->room - stream->len < 2 && !grow(stream))
		return false;
	got = read(stream->fd, stream->bytes + stream->len,
		stream->room - stream->len - 1);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	stream->len += (size_t)got;
	stream->bytes[stream->len] = '\0';
	return got > 0 && stream->len < CHILD_OUTPUT_MAX;
}

/* Until both ends of output are closed; false when that takes too long. */
static bool read_both(struct stream streams[2], int64_t deadline_ms)
{
	struct pollfd polled[2] = {
		{ .fd = streams[0].fd, .events = POLLIN },
		{ .fd = streams[1].fd, .events = POLLIN },
	};
	int64_t left;
	int i;

	while (polled[0].fd >= 0 || polled[1].fd >= 0) {
		left = deadline_ms - peer_now_ms();
		if (left <= 0)
			return false;
		if (poll(polled, 2, (int)left) < 0 && errno != EINTR)
			return false;
		for (i = 0; i < 2; i++)
			if (polled[i].revents && !read_stream(&streams[i]))
				polled[i].fd = -1;
	}
	return streams[0].len < CHILD_OUTPUT_MAX &&
		streams[1].len < CHILD_OUTPUT_MAX;
}

/* Waits for the child itself: it may close its output and live on. */
static void reap(struct child *child, pid_t pid, int64_t deadline_ms)
{
	struct rusage usage;
	int status = 0;

	while (wait4(pid, &status, WNOHANG, &usage) == 0) {
		if (peer_now_ms() >= deadline_ms || child->was_killed) {
			child->was_killed = true;
			kill(pid, SIGKILL);
			wait4(pid, &status, 0, &usage);
			break;
		}
		poll(NULL, 0, 2);
	}
	child->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	child->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	child->peak_kib = usage.ru_maxrss;
}

bool child_run(struct child *child, char *const arguments[], long deadline_ms)
{
	struct stream streams[2] = { { .fd = -1 }, { .fd = -1 } };
	int64_t began = peer_now_ms(), deadline = began + deadline_ms;
	int out[2], err[2];
	pid_t pid;

	*child = (struct child){ .exit_status = -1 };
	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	if (pipe2(err, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0)
		become(arguments, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	streams[0].fd = out[0];
	streams[1].fd = err[0];
	if (pid > 0 && grow(&streams[0]) && grow(&streams[1])) {
		streams[0].bytes[0] = streams[1].bytes[0] = '\0';
		child->was_killed = !read_both(streams, deadline);
		reap(child, pid, deadline);
	}
	close(out[0]);
	close(err[0]);
	child->took_ms = (long)(peer_now_ms() - began);
	child->out = streams[0].bytes;
	child->out_len = streams[0].len;
	child->err = streams[1].bytes;
	child->err_len = streams[1].len;
	return pid > 0 && child->out && child->err;
}

void child_free(struct child *child)
{
	free(child->out);
	free(child->err);
}
