package guest

import (
	"strings"
	"testing"

	"github.com/feign-build/feign/ptlib"
)

// pathless are the calls that name no file by a path, or fail for every action. A call that is neither here nor in pathCalls
// has to be decided about.
const pathless = `
_llseek _newselect _sysctl accept accept4 acct add_key adjtimex afs_syscall alarm arch_prctl arm_fadvise64_64
arm_sync_file_range bdflush bind bpf break brk cachestat capget capset clock_adjtime clock_adjtime64 clock_getres
clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 clock_settime clock_settime64
clone clone3 close close_range connect copy_file_range create_module delete_module dup dup2 dup3 epoll_create
epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 exit
exit_group fadvise64 fadvise64_64 fallocate fanotify_init fchdir fchmod fchown fchown16 fcntl fcntl64 fdatasync
fgetxattr finit_module flistxattr flock fork fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64
fstatfs fstatfs64 fsync ftime ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake
get_kernel_syms get_mempolicy get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid16
geteuid geteuid16 getgid getgid16 getgroups getgroups16 getitimer getpeername getpgid getpgrp getpid getpmsg getppid
getpriority getrandom getresgid getresgid16 getresuid getresuid16 getrlimit getrusage getsid getsockname getsockopt
gettid gettimeofday getuid getuid16 gtty idle init_module inotify_init inotify_init1 inotify_rm_watch io_cancel
io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit io_uring_enter io_uring_register
io_uring_setup ioctl ioperm iopl ioprio_get ioprio_set ipc kcmp kexec_file_load kexec_load keyctl kill
landlock_add_rule landlock_create_ruleset landlock_restrict_self listen listmount listns lock lookup_dcookie lseek
lsm_get_self_attr lsm_list_modules lsm_set_self_attr madvise map_shadow_stack mbind membarrier memfd_create
memfd_secret migrate_pages mincore mlock mlock2 mlockall mmap mmap2 modify_ldt mount_setattr move_mount move_pages
mprotect mpx mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep nfsservctl nice oldfstat
oldolduname olduname open_by_handle_at open_tree_attr pause pciconfig_iobase pciconfig_read pciconfig_write
perf_event_open personality pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect
poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_madvise process_mrelease process_vm_readv
process_vm_writev prof profil pselect6 pselect6_time64 ptrace putpmsg pwrite64 pwritev pwritev2 query_module
quotactl_fd read readahead readdir readv reboot recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages
request_key restart_syscall riscv_flush_icache riscv_hwprobe rseq rseq_slice_yield rt_sigaction rt_sigpending
rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
sched_yield seccomp security select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg
sendmsg sendto set_mempolicy set_mempolicy_home_node set_robust_list set_thread_area set_tid_address setdomainname
setfsgid setfsgid16 setfsuid setfsuid16 setgid setgid16 setgroups setgroups16 sethostname setitimer setns setpgid
setpriority setregid setregid16 setresgid setresgid16 setresuid setresuid16 setreuid setreuid16 setrlimit setsid
setsockopt settimeofday setuid setuid16 sgetmask shmat shmctl shmdt shmget shutdown sigaction sigaltstack signal
signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend socket socketcall socketpair splice ssetmask statmount
stime stty swapoff swapon sync sync_file_range syncfs sysfs sysinfo syslog tee tgkill time timer_create timer_delete
timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill tuxcall ugetrlimit ulimit umask uname unshare uprobe
uretprobe userfaultfd ustat vfork vhangup vm86 vm86old vmsplice vserver wait4 waitid waitpid write writev
`

// Every call is either one whose paths are looked at, or known to have none.
func TestPathCallsAreWhole(t *testing.T) {
	none := make(map[string]bool)
	for name := range strings.FieldsSeq(pathless) {
		none[name] = true
	}
	for s := range ptlib.AllSys() {
		switch has := pathCalls[s] != nil; {
		case has && none[s.String()]:
			t.Errorf("%v: in pathCalls, and said to have no path", s)
		case !has && !none[s.String()]:
			t.Errorf("%v: does it have a path? (add it to pathCalls or to pathless)", s)
		}
		delete(none, s.String())
	}
	for name := range none {
		t.Errorf("%s: no such call", name)
	}
}

// What a further filter stops must have somebody who answers.
func TestPathRulesAreHandled(t *testing.T) {
	for _, r := range Table {
		if pathCalls[r.Sys] != nil && r.Decision == Refused {
			t.Errorf("%v: its paths are looked at, and it is refused", r.Sys)
		}
	}
	handled := make(map[ptlib.Sys]bool)
	for _, r := range Table {
		handled[r.Sys] = r.handle != nil
	}
	for _, r := range pathRules() {
		if pathCalls[r.Sys] == nil && !handled[r.Sys] && !isSocketCall(r.Sys) {
			t.Errorf("%v stops in a task that sees other files, and nobody answers", r.Sys)
		}
	}
}
