#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/net/datagrams.h"

/* Two sockets of this host, connected to one another; the first is read and
   written through the datagrams. */
struct pair {
	struct arena *arena;
	struct datagrams *datagrams;
	int ours, theirs;
	struct sockaddr_in their_name;
};

static int bound(struct sockaddr_in *name)
{
	socklen_t len = sizeof(*name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	*name = (struct sockaddr_in){ .sin_family = AF_INET };
	name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)name, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)name, &len), 0);
	return fd;
}

static void begin(struct pair *pair)
{
	struct sockaddr_in our_name;

	pair->ours = bound(&our_name);
	pair->theirs = bound(&pair->their_name);
	assert_int_equal(
		connect(pair->ours, (struct sockaddr *)&pair->their_name,
			sizeof(our_name)),
		0);
	assert_int_equal(connect(pair->theirs, (struct sockaddr *)&our_name,
				 sizeof(our_name)),
		0);
	pair->arena = arena_open();
	pair->datagrams = datagrams_new(pair->arena);
	datagrams_begin(pair->datagrams, pair->ours);
}

/* One that is full before it has taken a whole batch. */
static void begin_narrow(struct pair *pair)
{
	int ends[2], size = 1;

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	assert_int_equal(
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)),
		0);
	pair->ours = ends[0];
	pair->theirs = ends[1];
	pair->arena = arena_open();
	pair->datagrams = datagrams_new(pair->arena);
	datagrams_begin(pair->datagrams, pair->ours);
}

static void end(struct pair *pair)
{
	close(pair->ours);
	close(pair->theirs);
	arena_close(pair->arena);
}

static ssize_t put(struct pair *pair, const char *text)
{
	struct iovec parts[2] = {
		{ (void *)(uintptr_t)text, strlen(text) / 2 },
		{ (void *)(uintptr_t)(text + strlen(text) / 2),
			strlen(text) - strlen(text) / 2 },
	};

	return datagrams_put(pair->datagrams, parts, 2);
}

static void put_number(struct pair *pair, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "number %d", number);
	assert_int_equal(put(pair, text), strlen(text));
}

static void assert_their_next(struct pair *pair, int number)
{
	char text[16], room[64];
	ssize_t len = recv(pair->theirs, room, sizeof(room), 0);

	snprintf(text, sizeof(text), "number %d", number);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(room, text, strlen(text));
}

static void assert_nothing_there(struct pair *pair)
{
	char room[64];

	assert_int_equal(recv(pair->theirs, room, sizeof(room), 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static ssize_t take(struct pair *pair, char *room, size_t size)
{
	return datagrams_take(
		pair->datagrams, (struct iovec){ room, size }, NULL, NULL);
}

static void assert_taken(struct pair *pair, const char *text)
{
	char room[64];
	ssize_t len = take(pair, room, sizeof(room));

	assert_int_equal(len, strlen(text));
	assert_memory_equal(room, text, strlen(text));
}

static void assert_take_fails(struct pair *pair, int error)
{
	char room[64];

	assert_int_equal(take(pair, room, sizeof(room)), -1);
	assert_int_equal(errno, error);
}

static void what_is_put_leaves_with_the_flush(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	put_number(&pair, 1);
	put_number(&pair, 2);
	assert_nothing_there(&pair);
	assert_true(datagrams_flush(pair.datagrams));
	assert_their_next(&pair, 1);
	assert_their_next(&pair, 2);
	assert_true(datagrams_flush(pair.datagrams));
	assert_nothing_there(&pair);
	end(&pair);
}

static void a_batch_that_is_full_leaves_by_itself(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	for (int i = 0; i <= DATAGRAMS_BATCH; i++)
		put_number(&pair, i);
	for (int i = 0; i < DATAGRAMS_BATCH; i++)
		assert_their_next(&pair, i);
	assert_nothing_there(&pair);
	assert_true(datagrams_flush(pair.datagrams));
	assert_their_next(&pair, DATAGRAMS_BATCH);
	end(&pair);
}

static void what_the_kernel_has_no_room_for_waits(void **state)
{
	struct pair pair;
	int taken = 0;
	char room[64];

	(void)state;
	begin_narrow(&pair);
	for (int i = 0; i < DATAGRAMS_BATCH; i++)
		put_number(&pair, i);
	assert_int_equal(put(&pair, "one more"), -1);
	assert_int_equal(errno, EAGAIN);
	while (taken < DATAGRAMS_BATCH) {
		int before = taken;

		assert_true(datagrams_flush(pair.datagrams));
		while (recv(pair.theirs, room, sizeof(room), MSG_PEEK) >= 0)
			assert_their_next(&pair, taken++);
		assert_true(taken > before);
	}
	put_number(&pair, 99);
	assert_true(datagrams_flush(pair.datagrams));
	assert_their_next(&pair, 99);
	end(&pair);
}

static void what_is_too_large_is_not_put(void **state)
{
	char large[DATAGRAMS_OUT_MAX + 2];
	struct pair pair;

	(void)state;
	begin(&pair);
	memset(large, 'x', sizeof(large));
	large[DATAGRAMS_OUT_MAX + 1] = '\0';
	assert_int_equal(put(&pair, large), -1);
	assert_int_equal(errno, EMSGSIZE);
	large[DATAGRAMS_OUT_MAX] = '\0';
	assert_int_equal(put(&pair, large), DATAGRAMS_OUT_MAX);
	assert_true(datagrams_flush(pair.datagrams));
	assert_int_equal(
		recv(pair.theirs, large, sizeof(large), 0), DATAGRAMS_OUT_MAX);
	end(&pair);
}

static void more_than_a_batch_is_taken_in_order(void **state)
{
	enum { COUNT = 2 * DATAGRAMS_BATCH + 3 };
	struct pair pair;
	char text[16];

	(void)state;
	begin(&pair);
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		assert_true(send(pair.theirs, text, strlen(text), 0) > 0);
	}
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		assert_taken(&pair, text);
	}
	assert_take_fails(&pair, EAGAIN);
	assert_take_fails(&pair, EAGAIN);
	end(&pair);
}

static void after_a_pause_the_kernel_is_asked_again(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	assert_take_fails(&pair, EAGAIN);
	assert_int_equal(send(pair.theirs, "a", 1, 0), 1);
	assert_taken(&pair, "a");
	assert_int_equal(send(pair.theirs, "b", 1, 0), 1);
	assert_take_fails(&pair, EAGAIN);
	assert_taken(&pair, "b");
	end(&pair);
}

static void an_empty_one_and_one_too_long_are_datagrams_too(void **state)
{
	static char huge[DATAGRAMS_IN_MAX + 100];
	static char room[sizeof(huge)];
	struct pair pair;

	(void)state;
	begin(&pair);
	assert_int_equal(send(pair.theirs, "", 0, 0), 0);
	assert_int_equal(send(pair.theirs, "abcdef", 6, 0), 6);
	assert_int_equal(
		send(pair.theirs, huge, sizeof(huge), 0), sizeof(huge));
	assert_int_equal(send(pair.theirs, "last", 4, 0), 4);
	assert_taken(&pair, "");
	assert_int_equal(take(&pair, room, 3), 3);
	assert_memory_equal(room, "abc", 3);
	assert_int_equal(take(&pair, room, sizeof(room)), DATAGRAMS_IN_MAX);
	assert_taken(&pair, "last");
	end(&pair);
}

static void who_sent_it_is_told(void **state)
{
	struct sockaddr_storage from = { 0 };
	socklen_t from_len = sizeof(from);
	char room[8];
	struct pair pair;

	(void)state;
	begin(&pair);
	assert_int_equal(send(pair.theirs, "a", 1, 0), 1);
	assert_int_equal(datagrams_take(pair.datagrams,
				 (struct iovec){ room, sizeof(room) },
				 (struct sockaddr *)&from, &from_len),
		1);
	assert_int_equal(from_len, sizeof(pair.their_name));
	assert_memory_equal(&from, &pair.their_name, from_len);
	end(&pair);
}

/* The first tells the kernel that nobody is there, the second is refused. */
static void what_would_not_leave_is_told_once(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	close(pair.theirs);
	put_number(&pair, 1);
	assert_true(datagrams_flush(pair.datagrams));
	put_number(&pair, 2);
	assert_false(datagrams_flush(pair.datagrams));
	assert_take_fails(&pair, ECONNREFUSED);
	assert_take_fails(&pair, EAGAIN);
	assert_true(datagrams_flush(pair.datagrams));
	pair.theirs = bound(&pair.their_name);
	end(&pair);
}

static void another_socket_begins_empty(void **state)
{
	struct pair pair, other;

	(void)state;
	begin(&pair);
	begin(&other);
	put_number(&pair, 1);
	assert_int_equal(send(pair.theirs, "a", 1, 0), 1);
	assert_int_equal(send(pair.theirs, "b", 1, 0), 1);
	assert_taken(&pair, "a");
	datagrams_begin(pair.datagrams, other.ours);
	assert_true(datagrams_flush(pair.datagrams));
	assert_nothing_there(&pair);
	assert_nothing_there(&other);
	assert_take_fails(&pair, EAGAIN);
	end(&other);
	end(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_leaves_with_the_flush),
		cmocka_unit_test(a_batch_that_is_full_leaves_by_itself),
		cmocka_unit_test(what_the_kernel_has_no_room_for_waits),
		cmocka_unit_test(what_is_too_large_is_not_put),
		cmocka_unit_test(more_than_a_batch_is_taken_in_order),
		cmocka_unit_test(after_a_pause_the_kernel_is_asked_again),
		cmocka_unit_test(
			an_empty_one_and_one_too_long_are_datagrams_too),
		cmocka_unit_test(who_sent_it_is_told),
		cmocka_unit_test(what_would_not_leave_is_told_once),
		cmocka_unit_test(another_socket_begins_empty),
	};

	return cmocka_run_group_tests_name("datagrams", tests, NULL, NULL);
}
