/* Runs a command under the seccomp filter of a sandbox, as the sandbox would
 * install it: before anything of feign's, so that feign's filter is the inner one.
 *
 *   outer nix CMD...      what Nix's builder gets (libstore's Linux derivation
 *                         builder, setupSeccomp): no suid or sgid, no attributes
 *   outer docker CMD...   the calls that Docker's default profile refuses to a
 *                         process without capabilities
 *   outer old CMD...      a kernel as old as Linux 4.14, as far as a filter can
 *                         make it one: calls and options that came later are
 *                         not there
 *   outer older CMD...    the same without statx(2), as before Linux 4.11
 *   outer nochown CMD...  chown and its like, as other sandboxes have it
 *   outer apparmor CMD... user namespaces without power: what AppArmor refuses in
 *                         them where kernel.apparmor_restrict_unprivileged_userns
 *                         is set (Ubuntu since 23.10)
 *   outer nochroot CMD... of this, only other root directories and namespaces
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A call that is refused with an errno: always, when an argument has one of the
 * bits of a mask, or when it is a value; or all calls from a number on, but for
 * those that PASS before. Numbers are those of amd64 and i386; -1
 * where there is none. The headers of the machine may be older than the calls. */
enum test { ALWAYS, BITS, VALUE, SINCE, PASS };
struct rule {
    int nr[2];
    int err;
    enum test test;
    int arg;
    uint32_t operand;
};

#define SUID_SGID 06000

static const struct rule nix[] = {
    {{90, 15}, EPERM, BITS, 1, SUID_SGID},   /* chmod */
    {{91, 94}, EPERM, BITS, 1, SUID_SGID},   /* fchmod */
    {{268, 306}, EPERM, BITS, 2, SUID_SGID}, /* fchmodat */
    {{452, 452}, EPERM, BITS, 2, SUID_SGID}, /* fchmodat2 */
    {{188, 226}, ENOTSUP},                   /* setxattr */
    {{189, 227}, ENOTSUP},                   /* lsetxattr */
    {{190, 228}, ENOTSUP},                   /* fsetxattr */
    {{191, 229}, ENOTSUP},                   /* getxattr */
    {{192, 230}, ENOTSUP},                   /* lgetxattr */
    {{193, 231}, ENOTSUP},                   /* fgetxattr */
    {{194, 232}, ENOTSUP},                   /* listxattr */
    {{195, 233}, ENOTSUP},                   /* llistxattr */
    {{196, 234}, ENOTSUP},                   /* flistxattr */
    {{463, 463}, ENOTSUP},                   /* setxattrat */
    {{464, 464}, ENOTSUP},                   /* getxattrat */
    {{465, 465}, ENOTSUP},                   /* listxattrat */
    {{0, 0}, 0},
};

#define ADDR_NO_RANDOMIZE 0x0040000

static const struct rule docker[] = {
    {{135, 136}, EPERM, BITS, 0, ADDR_NO_RANDOMIZE}, /* personality */
    {{56, 120}, EPERM, BITS, 0, 0x7e020000},         /* clone: CLONE_NEW* */
    {{435, 435}, ENOSYS},                            /* clone3: its flags cannot be seen */
    {{272, 310}, EPERM},                             /* unshare */
    {{308, 346}, EPERM},                             /* setns */
    {{165, 21}, EPERM},                              /* mount */
    {{166, 52}, EPERM},                              /* umount2 */
    {{155, 217}, EPERM},                             /* pivot_root */
    {{428, 428}, EPERM},                             /* open_tree */
    {{429, 429}, EPERM},                             /* move_mount */
    {{430, 430}, EPERM},                             /* fsopen */
    {{442, 442}, EPERM},                             /* mount_setattr */
    {{170, 74}, EPERM},                              /* sethostname */
    {{171, 121}, EPERM},                             /* setdomainname */
    {{169, 88}, EPERM},                              /* reboot */
    {{167, 87}, EPERM},                              /* swapon */
    {{168, 115}, EPERM},                             /* swapoff */
    {{163, 51}, EPERM},                              /* acct */
    {{175, 128}, EPERM},                             /* init_module */
    {{313, 350}, EPERM},                             /* finit_module */
    {{176, 129}, EPERM},                             /* delete_module */
    {{246, 283}, EPERM},                             /* kexec_load */
    {{164, 79}, EPERM},                              /* settimeofday */
    {{227, 264}, EPERM},                             /* clock_settime */
    {{179, 131}, EPERM},                             /* quotactl */
    {{303, 341}, EPERM},                             /* name_to_handle_at */
    {{304, 342}, EPERM},                             /* open_by_handle_at */
    {{321, 357}, EPERM},                             /* bpf */
    {{298, 336}, EPERM},                             /* perf_event_open */
    {{323, 374}, EPERM},                             /* userfaultfd */
    {{425, 425}, EPERM},                             /* io_uring_setup */
    {{438, 438}, EPERM},                             /* pidfd_getfd */
    {{248, 286}, EPERM},                             /* add_key */
    {{249, 287}, EPERM},                             /* request_key */
    {{250, 288}, EPERM},                             /* keyctl */
    {{0, 0}, 0},
};

static const struct rule nochown[] = {
    {{92, 212}, EPERM},  /* chown */
    {{-1, 182}, EPERM},  /* chown, with ids of 16 bits */
    {{94, 198}, EPERM},  /* lchown */
    {{-1, 16}, EPERM},   /* lchown, with ids of 16 bits */
    {{93, 207}, EPERM},  /* fchown */
    {{-1, 95}, EPERM},   /* fchown, with ids of 16 bits */
    {{260, 298}, EPERM}, /* fchownat */
    {{0, 0}, 0},
};

#define NOCHROOT                         \
    {{161, 61}, EPERM},  /* chroot */     \
    {{155, 217}, EPERM}, /* pivot_root */ \
    {{308, 346}, EPERM}, /* setns */

static const struct rule nochroot[] = {NOCHROOT {{0, 0}, 0}};

static const struct rule apparmor[] = {
    NOCHROOT
    {{165, 21}, EACCES},  /* mount */
    {{166, 52}, EACCES},  /* umount2 */
    {{428, 428}, EPERM},  /* open_tree */
    {{429, 429}, EPERM},  /* move_mount */
    {{430, 430}, EPERM},  /* fsopen */
    {{442, 442}, EPERM},  /* mount_setattr */
    {{170, 74}, EPERM},   /* sethostname */
    {{171, 121}, EPERM},  /* setdomainname */
    {{0, 0}, 0},
};

#define PTRACE_GET_SYSCALL_INFO 0x420e
#define NEWER_SECCOMP_FLAGS 0xfffffffc /* than TSYNC and LOG */

#define OLD                                                                                  \
    {{101, 26}, EIO, VALUE, 0, PTRACE_GET_SYSCALL_INFO}, /* ptrace; 5.3 */                   \
    {{317, 354}, EINVAL, BITS, 1, NEWER_SECCOMP_FLAGS},  /* seccomp; 4.17 */                 \
    {{-1, 409}, 0, PASS},                                /* timer_settime64, futex_time64: */ \
    {{-1, 422}, 0, PASS},                                /* Go's runtime goes by uname(2) */ \
    {{333, 385}, ENOSYS, SINCE},                                                             \
    {{0, 0}, 0},

static const struct rule old[] = {OLD};

static const struct rule older[] = {
    {{332, 383}, ENOSYS}, /* statx */
    OLD};

static struct sock_filter code[512];
static unsigned short len;

static void emit(uint16_t op, uint32_t k, uint8_t jt, uint8_t jf)
{
    if (len < sizeof code / sizeof *code)
        code[len++] = (struct sock_filter){op, jt, jf, k};
}

static void load(uint32_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }

/* The rules for one architecture; those of the other one are jumped over. */
static void compile(const struct rule *rules, int abi, uint32_t arch)
{
    load(offsetof(struct seccomp_data, arch));
    emit(BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
    unsigned short skip = len;
    emit(BPF_JMP | BPF_JA, 0, 0, 0);
    for (const struct rule *r = rules; r->err || r->test == PASS; r++) {
        int tests = r->test == BITS || r->test == VALUE;

        load(offsetof(struct seccomp_data, nr));
        emit(BPF_JMP | (r->test == SINCE ? BPF_JGE : BPF_JEQ) | BPF_K, r->nr[abi], 0, tests ? 3 : 1);
        if (tests) {
            load(offsetof(struct seccomp_data, args[r->arg])); /* little endian: the low half */
            emit(BPF_JMP | (r->test == BITS ? BPF_JSET : BPF_JEQ) | BPF_K, r->operand, 0, 1);
        }
        emit(BPF_RET | BPF_K, r->test == PASS ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | r->err, 0, 0);
    }
    emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    code[skip].k = len - skip - 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        const struct rule *rules;
    } filters[] = {{"nix", nix}, {"docker", docker}, {"nochown", nochown}, {"old", old}, {"older", older},
                 {"apparmor", apparmor}, {"nochroot", nochroot}};
    const struct rule *rules = NULL;

    for (size_t i = 0; argc > 2 && i < sizeof filters / sizeof *filters; i++)
        if (!strcmp(argv[1], filters[i].name))
            rules = filters[i].rules;
    if (!rules) {
        fprintf(stderr, "usage: outer nix|docker|nochown|old|older|apparmor|nochroot CMD...\n");
        return 2;
    }
    compile(rules, 0, AUDIT_ARCH_X86_64);
    compile(rules, 1, AUDIT_ARCH_I386);
    emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    struct sock_fprog prog = {len, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
        perror("outer: seccomp");
        return 1;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
