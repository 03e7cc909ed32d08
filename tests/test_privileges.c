#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/base/privileges.h"

/* What /proc says of this process, of one line of its status. */
static int status_says(const char *line)
{
	char text[16 * 1024];
	FILE *file = fopen("/proc/self/status", "r");
	size_t len = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[len] = '\0';
	return strstr(text, line) != NULL;
}

/* In a process of its own: there is no way back. */
static void nothing_is_left_of_privileges(void **state)
{
	static const char *const lines[] = { "\nCapInh:\t0000000000000000\n",
		"\nCapPrm:\t0000000000000000\n",
		"\nCapEff:\t0000000000000000\n",
		"\nCapAmb:\t0000000000000000\n", "\nNoNewPrivs:\t1\n" };
	pid_t child = fork();
	int status, missing = 0;
	const char *why;

	(void)state;
	if (child == 0) {
		if (!privileges_drop(&why))
			_exit(100);
		for (size_t i = 0; i < COUNT_OF(lines); i++)
			missing += !status_says(lines[i]);
		/* Who has none can drop them all the same. */
		_exit(privileges_drop(&why) ? missing : 101);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Its calls of capset() fail, as in the sandbox of a systemd unit. */
static bool forbid_capset(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT_OF(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void who_has_none_may_be_forbidden_to_drop_them(void **state)
{
	pid_t child = fork();
	bool has_none;
	int status;
	const char *why = NULL;

	(void)state;
	if (child == 0) {
		if (!privileges_drop(&why))
			_exit(100);
		if (!forbid_capset())
			_exit(77);
		_exit(privileges_drop(&why) ? 0 : 101);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);

	/* Who has some, and keeps them, is told so. */
	has_none = status_says("\nCapPrm:\t0000000000000000\n");
	child = fork();
	if (child == 0) {
		if (!forbid_capset())
			_exit(77);
		_exit(privileges_drop(&why) == has_none && (has_none || why)
				? 0
				: 102);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_privileges),
		cmocka_unit_test(who_has_none_may_be_forbidden_to_drop_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
