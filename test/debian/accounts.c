// What the small tools of a musl system do with accounts, by the calls of the C library: adduser, addgroup, chown and id.
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *what)
{
	printf("%s: error %d\n", what, errno);
	return 1;
}

// replace writes a file again with a line more, beside it, and renames.
static int replace(const char *path, const char *line)
{
	char name[100], buf[4096];
	struct stat s;
	snprintf(name, sizeof(name), "%s+", path);
	FILE *in = fopen(path, "r"), *out = fopen(name, "w");
	if (!in || !out || fstat(fileno(in), &s))
		return fail(path);
	if (fchmod(fileno(out), s.st_mode & 07777) || fchown(fileno(out), s.st_uid, s.st_gid))
		return fail(name);
	while (fgets(buf, sizeof(buf), in))
		fputs(buf, out);
	fprintf(out, "%s\n", line);
	fclose(in);
	if (fclose(out) || rename(name, path))
		return fail(path);
	return 0;
}

static int addgroup(const char *name, const char *gid)
{
	char line[200];
	if (getgrnam(name)) {
		printf("group %s is there\n", name);
		return 1;
	}
	snprintf(line, sizeof(line), "%s:x:%s:", name, gid);
	return replace("/etc/group", line);
}

static int adduser(const char *name, const char *uid, const char *group, const char *home)
{
	char line[300];
	struct group *g = getgrnam(group);
	if (!g || getpwnam(name) || lckpwdf()) // musl's lckpwdf always succeeds
		return fail(name);
	snprintf(line, sizeof(line), "%s:x:%s:%u::%s:/sbin/nologin", name, uid, g->gr_gid, home);
	if (replace("/etc/passwd", line))
		return 1;
	snprintf(line, sizeof(line), "%s:!::0:::::", name);
	if (replace("/etc/shadow", line))
		return 1;
	ulckpwdf();
	struct passwd *p = getpwnam(name);
	if (!p || mkdir(home, 0750) || chown(home, p->pw_uid, p->pw_gid))
		return fail(home);
	return 0;
}

static int chown_by_name(const char *user, const char *group, const char *path)
{
	struct passwd *p = getpwnam(user);
	struct group *g = getgrnam(group);
	if (!p || !g || lchown(path, p->pw_uid, g->gr_gid))
		return fail(path);
	return 0;
}

static int id(const char *name)
{
	struct passwd *p = getpwnam(name);
	if (!p)
		return fail(name);
	gid_t groups[20];
	int n = 20;
	getgrouplist(name, p->pw_gid, groups, &n);
	printf("%s %u:%u %s", p->pw_name, p->pw_uid, p->pw_gid, p->pw_dir);
	for (int i = 0; i < n; i++) {
		struct group *g = getgrgid(groups[i]);
		printf(" %s", g ? g->gr_name : "?");
	}
	struct spwd *s = getspnam(name);
	printf(" %s\n", s ? s->sp_pwdp : "no shadow");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "addgroup"))
		return addgroup(argv[2], argv[3]);
	if (argc == 6 && !strcmp(argv[1], "adduser"))
		return adduser(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 5 && !strcmp(argv[1], "chown"))
		return chown_by_name(argv[2], argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "id"))
		return id(argv[2]);
	return 2;
}
