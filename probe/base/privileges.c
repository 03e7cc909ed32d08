#include "probe/base/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whatever the kernel knows more of than our headers. */
enum { CAPABILITIES_MAX = 64 };

/*
 * The bounding set can be cut only by one who has CAP_SETPCAP.  Where that is
 * missing it is of no use either: with nothing permitted and no_new_privs,
 * nothing ever comes out of it.
 */
static void cut_bounding_set(void)
{
	for (unsigned long i = 0; i < CAPABILITIES_MAX; i++)
		if (prctl(PR_CAPBSET_DROP, i, 0UL, 0UL, 0UL) != 0)
			return;
}

/*
 * A sandbox may forbid capset() altogether, as the system calls do that systemd
 * calls privileged.  Who has nothing needs not give it up.
 */
static bool has_any(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct found[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, found) != 0)
		return true;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (found[i].effective || found[i].permitted ||
			found[i].inheritable)
			return true;
	return false;
}

bool privileges_drop(const char **why)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	cut_bounding_set();
	/* Where this fails, capset() below empties the set all the same. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0 &&
		syscall(SYS_capset, &head, none) == 0)
		return true;
	*why = strerror(errno);
	return prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1 &&
	       !has_any();
}
