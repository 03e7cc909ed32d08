/*
 * account [-t SECONDS] FILE COMMAND [ARGUMENT...]
 *
 * Runs COMMAND and writes the kernel's own accounting of that whole process
 * to FILE, in one line: wall, user and system seconds, and the peak resident
 * set in kB.  Exits as COMMAND did, or with 128 plus its signal.
 *
 * It is tiny on purpose.  A child inherits, through exec, the high-water mark
 * of whoever forked it, so an interpreter as the parent would show its own
 * size in every figure.
 *
 * Nothing started here outlives its parent: when the bench ends, however it
 * ends, this program is told to, and COMMAND is killed with it.  That is also
 * how -t works, which simply lets the alarm end this program.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* The parent may be gone before it is asked after: look once more. */
static void end_with(pid_t parent, int signal)
{
	prctl(PR_SET_PDEATHSIG, signal);
	if (getppid() != parent)
		_exit(127);
}

static pid_t start(char **command)
{
	pid_t self = getpid();
	pid_t child = fork();

	if (child != 0)
		return child;
	end_with(self, SIGKILL);
	execvp(command[0], command);
	fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static int write_account(const char *path, double wall,
	const struct rusage *usage)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	fprintf(file, "%.6f %.6f %.6f %ld\n", wall, seconds(usage->ru_utime),
		seconds(usage->ru_stime), usage->ru_maxrss);
	return fclose(file);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	unsigned limit = 0;
	double began;
	pid_t child;
	int option, status;

	while ((option = getopt(argc, argv, "+t:")) == 't')
		limit = (unsigned)strtoul(optarg, NULL, 10);
	if (option != -1 || argc - optind < 2) {
		fprintf(stderr, "account [-t SECONDS] FILE COMMAND...\n");
		return 2;
	}
	end_with(getppid(), SIGTERM);
	alarm(limit);
	began = now();
	child = start(argv + optind + 1);
	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		perror("account");
		return 127;
	}
	if (write_account(argv[optind], now() - began, &usage) != 0) {
		perror(argv[optind]);
		return 127;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
