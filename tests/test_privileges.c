#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_privileges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
