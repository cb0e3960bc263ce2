/* A process tree that does everything at once which is hard on a tracer: fork,
 * vfork, clone, posix_spawn, threads, exec from a thread that is not the leader,
 * orphans, zombies, stops, timers that interrupt calls, SIGKILL at any moment;
 * and while it does, files change owner, and each looks whether it has the owner
 * that it was given.
 *
 *   tree SEED DEPTH     the seed chooses what is done; ends with 0 when all was right
 *   tree threads N      so many threads at once that have files of their own
 *   tree leaf N         a program to execute: ends with N
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static const char *self;
static unsigned long seed;

static unsigned rnd(unsigned n)
{
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(seed >> 33) % n;
}

/* Says what went wrong; the status goes up the tree. */
static int wrong(const char *what)
{
    fprintf(stderr, "tree: %s: %s\n", what, strerror(errno));
    return 1;
}

static int has_status(pid_t pid, int want, const char *what)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return wrong(what);
    if (status != want) {
        fprintf(stderr, "tree: %s: status %#x, want %#x\n", what, status, want);
        return 1;
    }
    return 0;
}

#define EXITED(n) ((n) << 8)

/* A child that ends only when its parent ends it, or is itself killed: by the
 * SIGTERM of a round, which waits until the child is prepared for that. */
static pid_t fork_dependent(void)
{
    sigset_t term, old;
    int ready[2];
    char c = 0;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    if (pipe2(ready, O_CLOEXEC) || sigprocmask(SIG_BLOCK, &term, &old))
        return -1;
    pid_t pid = fork();
    if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) || write(ready[1], &c, 1) != 1))
        _exit(97);
    if (pid > 0 && read(ready[0], &c, 1) != 1)
        pid = -1;
    close(ready[0]);
    close(ready[1]);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return pid;
}

/* Gives a file of one's own an owner, and looks at it in three ways. */
static int lie(unsigned uid)
{
    static _Thread_local char name[64];
    struct stat a, b, c;
    int bad = 0;

    snprintf(name, sizeof name, "f.%d.%lx", getpid(), (unsigned long)pthread_self());
    unlink(name);
    int fd = open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || chown(name, uid, uid + 1) || fchmod(fd, 04711) || stat(name, &a) || fstat(fd, &b) || lstat(name, &c))
        bad = wrong("a file's owner");
    else if (a.st_uid != uid || b.st_gid != uid + 1 || c.st_mode != (S_IFREG | 04711))
        bad = wrong("the lie is not told");
    if (fd >= 0)
        close(fd);
    if (unlink(name))
        bad |= wrong("unlink");
    return bad;
}

static int device(void)
{
    char name[64];
    struct stat st;

    snprintf(name, sizeof name, "d.%d", getpid());
    unlink(name);
    int bad = mknod(name, S_IFCHR | 0600, makedev(1, 3)) || stat(name, &st) || !S_ISCHR(st.st_mode) ||
              st.st_rdev != makedev(1, 3);
    return (unlink(name) || bad) ? wrong("device") : 0;
}

static void *lie_thread(void *arg)
{
    long bad = 0;
    for (int i = 0; i < 5; i++)
        bad |= lie(100 + (unsigned)(long)arg);
    return (void *)bad;
}

#define MAX_THREADS 1000

static int n_threads(int n)
{
    static pthread_t t[MAX_THREADS];
    int bad = 0;

    if (n > MAX_THREADS)
        n = MAX_THREADS;
    for (int i = 0; i < n; i++)
        if (pthread_create(&t[i], NULL, lie_thread, (void *)(long)i))
            return wrong("pthread_create");
    for (int i = 0; i < n; i++) {
        void *result;
        pthread_join(t[i], &result);
        bad |= result != NULL;
    }
    return bad;
}

static int threads(void) { return n_threads(1 + (int)rnd(8)); }

static void *look_for_ever(void *arg)
{
    struct stat st;
    for (;;)
        stat(".", &st);
    return arg;
}

static void *exec_leaf(void *arg)
{
    execl(self, self, "leaf", (char *)arg, (char *)NULL);
    _exit(99);
}

/* The leader dies of it, and the thread gets its id: de_thread(), fs/exec.c. */
static int exec_of_thread(void)
{
    pid_t pid = fork_dependent();
    if (pid == 0) {
        pthread_t t;
        pthread_create(&t, NULL, look_for_ever, NULL);
        pthread_create(&t, NULL, exec_leaf, "7");
        for (;;)
            pause();
    }
    return has_status(pid, EXITED(7), "exec of a thread");
}

static int exit_of_threads(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t t;
        for (int i = 0; i < 4; i++)
            pthread_create(&t, NULL, look_for_ever, NULL);
        usleep(rnd(300));
        exit(5);
    }
    return has_status(pid, EXITED(5), "exit_group with threads in calls");
}

static int vforked(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execl(self, self, "leaf", "3", (char *)NULL);
        _exit(98);
    }
    return has_status(pid, EXITED(3), "vfork and exec");
}

static int spawned(void)
{
    char *argv[] = {(char *)self, "leaf", "4", NULL};
    pid_t pid;
    if (posix_spawn(&pid, self, NULL, NULL, argv, environ))
        return wrong("posix_spawn");
    return has_status(pid, EXITED(4), "posix_spawn");
}

static int clone_child(void *arg)
{
    struct stat st;
    *(volatile int *)arg = 1;
    return stat(".", &st) ? 1 : 6;
}

/* Shares the memory, but is a process: neither thread nor vfork. */
static int cloned(void)
{
    char *stack = malloc(64 << 10);
    volatile int seen = 0;
    pid_t pid = clone(clone_child, stack + (64 << 10), CLONE_VM | SIGCHLD, (void *)&seen);
    int bad = has_status(pid, EXITED(6), "clone with shared memory");
    free(stack);
    return bad | !seen;
}

/* An orphan outlives its parent, and is heard of by the end of a pipe. */
static int orphan(void)
{
    int p[2];
    char c;

    if (pipe2(p, O_CLOEXEC))
        return wrong("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() == 0) {
            usleep(rnd(500));
            c = lie(200) ? 'x' : 'k';
            if (write(p[1], &c, 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(p[1]);
    int bad = has_status(pid, EXITED(0), "parent of an orphan");
    if (read(p[0], &c, 1) != 1 || c != 'k')
        bad = wrong("orphan");
    close(p[0]);
    return bad;
}

static int zombie(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid < 0; /* nobody waits for it: it stays until its parent ends */
}

static int killed(void)
{
    pid_t pid = fork_dependent();
    if (pid == 0) {
        pthread_t t;
        if (rnd(2))
            pthread_create(&t, NULL, look_for_ever, NULL);
        for (;;)
            if (rnd(4) == 0)
                chmod("/nowhere", 04755);
            else
                access(".", R_OK), look_for_ever(NULL);
    }
    usleep(rnd(400));
    if (kill(pid, SIGKILL))
        return wrong("kill");
    return has_status(pid, SIGKILL, "SIGKILL");
}

static int stopped(void)
{
    int status;
    pid_t pid = fork_dependent();
    if (pid == 0)
        look_for_ever(NULL);
    usleep(rnd(300));
    for (int i = 0; i < 3; i++) {
        if (kill(pid, SIGSTOP) || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
            return wrong("SIGSTOP");
        if (kill(pid, SIGCONT) || waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status))
            return wrong("SIGCONT");
    }
    kill(pid, SIGTERM);
    return has_status(pid, SIGTERM, "SIGTERM");
}

static volatile sig_atomic_t ticks;

static void tick(int signo)
{
    struct stat st;
    (void)signo;
    ticks++;
    stat(".", &st); /* async-signal-safe, and a stop within a stop's signal */
}

/* A timer interrupts calls that are told lies, and a read that waits. */
static int interrupted(void)
{
    struct sigaction sa = {.sa_handler = tick, .sa_flags = SA_RESTART};
    struct itimerval on = {{0, 300}, {0, 300}}, off = {{0, 0}, {0, 0}};
    int p[2], bad = 0;
    char c;

    if (pipe2(p, O_CLOEXEC))
        return wrong("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        usleep(3000);
        _exit(write(p[1], "k", 1) != 1);
    }
    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &on, NULL);
    for (int i = 0; i < 20; i++)
        bad |= lie(300);
    if (read(p[0], &c, 1) != 1)
        bad = wrong("read that is restarted");
    setitimer(ITIMER_REAL, &off, NULL);
    close(p[0]);
    close(p[1]);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return bad | (ticks == 0);
}

static int deep(int depth);

static int (*const actions[])(void) = {
    device,  threads, exec_of_thread, exit_of_threads, vforked, spawned,
    cloned,  orphan,  zombie,         killed,          stopped, interrupted,
};

/* A node of the tree: a few things, and children that do the same, all at once. */
static int node(int depth)
{
    int bad = 0, n = 0;
    pid_t child[3];

    if (depth > 0)
        for (unsigned i = 1 + rnd(2); i > 0; i--) {
            seed += 77;
            child[n] = fork();
            if (child[n] == 0)
                _exit(deep(depth - 1));
            n++;
        }
    for (int i = 0; i < 2; i++)
        bad |= actions[rnd(sizeof actions / sizeof *actions)]();
    bad |= lie(1000 + (unsigned)depth);
    while (n > 0)
        bad |= has_status(child[--n], EXITED(0), "a branch");
    return bad;
}

static int deep(int depth)
{
    seed ^= (unsigned long)depth << 40;
    return node(depth);
}

int main(int argc, char **argv)
{
    self = "/proc/self/exe";
    if (argc == 3 && !strcmp(argv[1], "leaf"))
        return atoi(argv[2]);
    if (argc != 3) {
        fprintf(stderr, "usage: tree SEED DEPTH | threads N | leaf N\n");
        return 2;
    }
    if (!strcmp(argv[1], "threads"))
        return n_threads(atoi(argv[2]));
    seed = strtoul(argv[1], NULL, 10);
    rnd(1);
    if (getuid() != 0)
        return wrong("not root");
    return node(atoi(argv[2]));
}
