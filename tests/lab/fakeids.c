/*
 * A shim (LD_PRELOAD) for a user namespace with one uid, as any user may make:
 * it lets a mail server believe that it changed user.  Setting an id, groups
 * or an owner does nothing and succeeds; asking for an id tells what was set;
 * a regular file of ours looks as if it belonged to whoever we play.
 *
 *	cc -shared -fPIC -O2 -o fakeids.so fakeids.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NOBODY 65534 /* the machine's files, seen from the namespace */

struct played {
	unsigned real, effective, saved;
};

static struct played user, group;

static unsigned unless_kept(unsigned wanted, unsigned present)
{
	return wanted == (unsigned)-1 ? present : wanted;
}

static int play(
	struct played *who, unsigned real, unsigned effective, unsigned saved)
{
	who->real = unless_kept(real, who->real);
	who->effective = unless_kept(effective, who->effective);
	who->saved = unless_kept(saved, who->saved);
	return 0;
}

static int tell(const struct played *who, unsigned *real, unsigned *effective,
	unsigned *saved)
{
	*real = who->real;
	*effective = who->effective;
	*saved = who->saved;
	return 0;
}

/* Only root changes all three at once. */
int setuid(uid_t id)
{
	unsigned others = user.effective == 0 ? id : (unsigned)-1;

	return play(&user, others, id, others);
}

int setgid(gid_t id)
{
	return play(&group, id, id, id);
}

int seteuid(uid_t id)
{
	return play(&user, -1, id, -1);
}

int setegid(gid_t id)
{
	return play(&group, -1, id, -1);
}

int setreuid(uid_t real, uid_t effective)
{
	return play(&user, real, effective, effective);
}

int setregid(gid_t real, gid_t effective)
{
	return play(&group, real, effective, effective);
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return play(&user, real, effective, saved);
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return play(&group, real, effective, saved);
}

int getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	return tell(&user, real, effective, saved);
}

int getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
	return tell(&group, real, effective, saved);
}

uid_t getuid(void)
{
	return user.real;
}

uid_t geteuid(void)
{
	return user.effective;
}

gid_t getgid(void)
{
	return group.real;
}

gid_t getegid(void)
{
	return group.effective;
}

int setgroups(size_t count, const gid_t *groups)
{
	(void)count;
	(void)groups;
	return 0;
}

int initgroups(const char *name, gid_t id)
{
	(void)name;
	(void)id;
	return 0;
}

int getgroups(int count, gid_t *groups)
{
	if (count > 0)
		groups[0] = group.effective;
	return 1;
}

int chown(const char *path, uid_t uid, gid_t gid)
{
	(void)path;
	(void)uid;
	(void)gid;
	return 0;
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	return chown(path, uid, gid);
}

int fchown(int file, uid_t uid, gid_t gid)
{
	(void)file;
	return chown("", uid, gid);
}

int fchownat(int directory, const char *path, uid_t uid, gid_t gid, int flags)
{
	(void)directory;
	(void)flags;
	return chown(path, uid, gid);
}

static int owned(int result, struct stat *found)
{
	if (result != 0)
		return result;
	if (user.effective != 0) {
		if (found->st_uid == 0 && S_ISREG(found->st_mode))
			found->st_uid = user.effective;
		if (found->st_gid == 0)
			found->st_gid = group.effective;
	}
	if (found->st_uid == NOBODY) {
		found->st_uid = 0;
		found->st_gid = 0;
	}
	return 0;
}

/* The C library's own function of that name, looked up once. */
#define REAL(name)                                                             \
	static __typeof__(&name) real;                                         \
	if (!real)                                                             \
	real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int stat(const char *path, struct stat *found)
{
	REAL(stat);
	return owned(real(path, found), found);
}

int lstat(const char *path, struct stat *found)
{
	REAL(lstat);
	return owned(real(path, found), found);
}

int fstat(int file, struct stat *found)
{
	REAL(fstat);
	return owned(real(file, found), found);
}

int fstatat(int directory, const char *path, struct stat *found, int flags)
{
	REAL(fstatat);
	return owned(real(directory, path, found, flags), found);
}
