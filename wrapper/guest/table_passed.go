package guest

import "github.com/feign-build/feign/ptlib"

// passedRows are the calls that the real kernel answers right, grouped by why.
func passedRows() []Row {
	return flat(
		passDescriptors(), passFiles(), passMemory(), passProcesses(), passTime(), passSignals(), passSockets(), passMachine(),
	)
}

func passDescriptors() []Row {
	return flat(
		pass("descriptors", "reads and writes what was opened; who may open was decided then",
			ptlib.SysRead, ptlib.SysWrite, ptlib.SysReadv, ptlib.SysWritev, ptlib.SysPread64, ptlib.SysPwrite64,
			ptlib.SysPreadv, ptlib.SysPwritev, ptlib.SysPreadv2, ptlib.SysPwritev2, ptlib.SysLseek, ptlib.SysLlseek,
			ptlib.SysSendfile, ptlib.SysSendfile64, ptlib.SysSplice, ptlib.SysTee, ptlib.SysVmsplice, ptlib.SysCopyFileRange,
			ptlib.SysReadahead, ptlib.SysFadvise64, ptlib.SysFadvise6464, ptlib.SysArmFadvise6464, ptlib.SysCachestat),
		pass("descriptors", "the number of a descriptor says nothing of its file",
			ptlib.SysClose, ptlib.SysCloseRange, ptlib.SysDup, ptlib.SysDup2, ptlib.SysDup3,
			ptlib.SysFcntl, ptlib.SysFcntl64, ptlib.SysFlock, ptlib.SysEventfd, ptlib.SysEventfd2,
			ptlib.SysMemfdSecret),
		pass("descriptors", "cloning a range shares content and nothing else; flags that only root may set (immutable) are "+
			"refused by the kernel as to root in a container", ptlib.SysIoctl),
		pass("descriptors", "changes a size or flushes; the descriptor was opened for it",
			ptlib.SysFtruncate, ptlib.SysFtruncate64, ptlib.SysFallocate, ptlib.SysFsync, ptlib.SysFdatasync,
			ptlib.SysSync, ptlib.SysSyncfs, ptlib.SysSyncFileRange, ptlib.SysArmSyncFileRange, ptlib.SysMsync),
		pass("descriptors", "waits",
			ptlib.SysPoll, ptlib.SysPpoll, ptlib.SysPpollTime64, ptlib.SysSelect, ptlib.SysNewselect, ptlib.SysPselect6,
			ptlib.SysPselect6Time64, ptlib.SysEpollCreate, ptlib.SysEpollCreate1, ptlib.SysEpollCtl, ptlib.SysEpollCtlOld,
			ptlib.SysEpollWait, ptlib.SysEpollWaitOld, ptlib.SysEpollPwait, ptlib.SysEpollPwait2),
		pass("descriptors", "asynchronous reads and writes of what was opened; unlike io_uring it opens nothing",
			ptlib.SysIoSetup, ptlib.SysIoDestroy, ptlib.SysIoSubmit, ptlib.SysIoCancel, ptlib.SysIoGetevents,
			ptlib.SysIoPgetevents, ptlib.SysIoPgeteventsTime64),
	)
}

func passFiles() []Row {
	return flat(
		pass("files", "tells of file systems, not of files", ptlib.SysFstatfs, ptlib.SysFstatfs64, ptlib.SysUstat,
			ptlib.SysSysfs, ptlib.SysStatmount, ptlib.SysListmount, ptlib.SysQuotactl, ptlib.SysQuotactlFd),
		pass("files", "the old form has no types of entries", ptlib.SysReaddir),
		pass("files", "opens a path as O_PATH does; the kernel refuses to clone the mount", ptlib.SysOpenTree),
		pass("files", "a handle of a file that is there; only opening by it is for root", ptlib.SysNameToHandleAt),
		pass("files", "tells what happens to files, without owners", ptlib.SysInotifyInit, ptlib.SysInotifyInit1,
			ptlib.SysInotifyRmWatch, ptlib.SysFanotifyInit, ptlib.SysFanotifyMark),
		pass("files", "restricts the action itself", ptlib.SysLandlockCreateRuleset, ptlib.SysLandlockAddRule,
			ptlib.SysLandlockRestrictSelf),
	)
}

func passMemory() []Row {
	return flat(
		pass("memory", "the process's own memory",
			ptlib.SysBrk, ptlib.SysMmap, ptlib.SysMmap2, ptlib.SysMunmap, ptlib.SysMremap, ptlib.SysMprotect, ptlib.SysMadvise,
			ptlib.SysMincore, ptlib.SysMseal, ptlib.SysRemapFilePages, ptlib.SysPkeyAlloc, ptlib.SysPkeyFree,
			ptlib.SysPkeyMprotect, ptlib.SysMapShadowStack, ptlib.SysUserfaultfd),
		pass("memory", "limited by RLIMIT_MEMLOCK, with errors that programs handle",
			ptlib.SysMlock, ptlib.SysMlock2, ptlib.SysMlockall, ptlib.SysMunlock, ptlib.SysMunlockall),
		pass("memory", "where memory lies does not show in what a build makes",
			ptlib.SysMbind, ptlib.SysGetMempolicy, ptlib.SysSetMempolicy, ptlib.SysSetMempolicyHomeNode,
			ptlib.SysMigratePages, ptlib.SysMovePages),
		pass("memory", "of another process of the same real user", ptlib.SysProcessMadvise, ptlib.SysProcessMrelease),
		pass("memory", "shared by processes of the action; the objects have the real owner",
			ptlib.SysShmget, ptlib.SysShmat, ptlib.SysShmdt, ptlib.SysShmctl, ptlib.SysSemget, ptlib.SysSemop,
			ptlib.SysSemtimedop, ptlib.SysSemtimedopTime64, ptlib.SysSemctl, ptlib.SysMsgget, ptlib.SysMsgsnd, ptlib.SysMsgrcv,
			ptlib.SysMsgctl, ptlib.SysIpc, ptlib.SysMqOpen, ptlib.SysMqUnlink, ptlib.SysMqTimedsend,
			ptlib.SysMqTimedsendTime64, ptlib.SysMqTimedreceive, ptlib.SysMqTimedreceiveTime64, ptlib.SysMqNotify,
			ptlib.SysMqGetsetattr),
	)
}

func passProcesses() []Row {
	return flat(
		pass("processes", "children are traced from birth, with their parent's identity", ptlib.SysFork, ptlib.SysVfork),
		pass("processes", "ends a thread or waits for a process",
			ptlib.SysExit, ptlib.SysExitGroup, ptlib.SysWait4, ptlib.SysWaitid, ptlib.SysWaitpid),
		pass("processes", "process ids, groups and sessions are real",
			ptlib.SysGetpid, ptlib.SysGetppid, ptlib.SysGettid, ptlib.SysGetpgid, ptlib.SysGetpgrp, ptlib.SysGetsid,
			ptlib.SysSetpgid, ptlib.SysSetsid, ptlib.SysSetTidAddress),
		pass("processes", "descriptors of processes, which anybody may have", ptlib.SysPidfdOpen),
		pass("processes", "threads wait for each other",
			ptlib.SysFutex, ptlib.SysFutexTime64, ptlib.SysFutexWaitv, ptlib.SysFutexWait, ptlib.SysFutexWake,
			ptlib.SysFutexRequeue, ptlib.SysGetRobustList, ptlib.SysSetRobustList, ptlib.SysRseq,
			ptlib.SysRseqSliceYield, ptlib.SysMembarrier),
		pass("processes", "state of the processor",
			ptlib.SysArchPrctl, ptlib.SysModifyLdt, ptlib.SysSetThreadArea, ptlib.SysGetThreadArea, ptlib.SysVm86,
			ptlib.SysVm86old, ptlib.SysPersonality, ptlib.SysRiscvFlushIcache, ptlib.SysRiscvHwprobe, ptlib.SysGetcpu),
		pass("processes", "scheduling that needs no privilege",
			ptlib.SysSchedYield, ptlib.SysSchedGetaffinity, ptlib.SysSchedGetparam,
			ptlib.SysSchedGetscheduler, ptlib.SysSchedGetattr, ptlib.SysSchedGetPriorityMax,
			ptlib.SysSchedGetPriorityMin, ptlib.SysSchedRrGetInterval, ptlib.SysSchedRrGetIntervalTime64,
			ptlib.SysIoprioGet),
		pass("processes", "usage and limits, read only",
			ptlib.SysGetrlimit, ptlib.SysUgetrlimit, ptlib.SysGetrusage, ptlib.SysTimes),
		pass("processes", "a process has one tracer, and that is feign: attaching and PTRACE_TRACEME fail with EPERM; "+
			"[hermetic] refuse can make it fail with ENOSYS", ptlib.SysPtrace),
		pass("processes", "keys are the real user's; [hermetic] refuse can make it fail with ENOSYS",
			ptlib.SysKeyctl, ptlib.SysAddKey, ptlib.SysRequestKey),
		pass("processes", "security modules have their own say about the real process",
			ptlib.SysLsmGetSelfAttr, ptlib.SysLsmSetSelfAttr, ptlib.SysLsmListModules),
		pass("processes", "tells of namespaces", ptlib.SysListns),
	)
}

func passTime() []Row {
	return flat(
		pass("time", "the clock is read",
			ptlib.SysTime, ptlib.SysFtime, ptlib.SysGettimeofday, ptlib.SysClockGettime, ptlib.SysClockGettime64,
			ptlib.SysClockGetres, ptlib.SysClockGetresTime64),
		pass("time", "read without privilege; the kernel refuses to set as to root in a container",
			ptlib.SysAdjtimex, ptlib.SysClockAdjtime, ptlib.SysClockAdjtime64),
		pass("time", "sleeps and timers",
			ptlib.SysNanosleep, ptlib.SysClockNanosleep, ptlib.SysClockNanosleepTime64, ptlib.SysAlarm, ptlib.SysPause,
			ptlib.SysGetitimer, ptlib.SysSetitimer, ptlib.SysTimerCreate, ptlib.SysTimerDelete, ptlib.SysTimerSettime,
			ptlib.SysTimerSettime64, ptlib.SysTimerGettime, ptlib.SysTimerGettime64, ptlib.SysTimerGetoverrun,
			ptlib.SysTimerfdCreate, ptlib.SysTimerfdSettime, ptlib.SysTimerfdSettime64, ptlib.SysTimerfdGettime,
			ptlib.SysTimerfdGettime64),
	)
}

func passSignals() []Row {
	return flat(
		pass("signals", "handlers and masks are the thread's own",
			ptlib.SysRtSigaction, ptlib.SysRtSigprocmask, ptlib.SysRtSigpending, ptlib.SysRtSigsuspend, ptlib.SysRtSigreturn,
			ptlib.SysRtSigtimedwait, ptlib.SysRtSigtimedwaitTime64, ptlib.SysSigaction, ptlib.SysSigprocmask,
			ptlib.SysSigpending, ptlib.SysSigsuspend, ptlib.SysSigreturn, ptlib.SysSigaltstack, ptlib.SysSignal,
			ptlib.SysSgetmask, ptlib.SysSsetmask, ptlib.SysSignalfd, ptlib.SysSignalfd4, ptlib.SysRestartSyscall),
	)
}

func passSockets() []Row {
	return pass("sockets", "what can be reached was decided when the socket was made, bound or connected",
		ptlib.SysAccept, ptlib.SysAccept4, ptlib.SysGetsockname, ptlib.SysGetpeername,
		ptlib.SysSend, ptlib.SysRecv, ptlib.SysRecvfrom, ptlib.SysShutdown)
}

func passMachine() []Row {
	return flat(
		pass("machine", "tells of the machine", ptlib.SysSysinfo, ptlib.SysGetrandom),
		pass("machine", "the kernel's log; where it is for root alone the kernel refuses, as in a container", ptlib.SysSyslog),
		pass("machine", "the kernel refuses what an ordinary user may not; [hermetic] refuse makes it fail with ENOSYS",
			ptlib.SysBpf, ptlib.SysPerfEventOpen),
		pass("machine", "instruction that the kernel itself put into a program; no other call of it succeeds", ptlib.SysUprobe, ptlib.SysUretprobe),
		pass("gone", "no kernel that is supported has it: ENOSYS, or EPERM and EINVAL for a few",
			ptlib.SysAfsSyscall, ptlib.SysBdflush, ptlib.SysBreak, ptlib.SysCreateModule, ptlib.SysGetKernelSyms,
			ptlib.SysGetpmsg, ptlib.SysGtty, ptlib.SysIdle, ptlib.SysLock, ptlib.SysLookupDcookie, ptlib.SysMpx,
			ptlib.SysNfsservctl, ptlib.SysPciconfigIobase, ptlib.SysPciconfigRead, ptlib.SysPciconfigWrite, ptlib.SysProf,
			ptlib.SysProfil, ptlib.SysPutpmsg, ptlib.SysQueryModule, ptlib.SysSecurity, ptlib.SysStty, ptlib.SysSysctl,
			ptlib.SysTuxcall, ptlib.SysUlimit, ptlib.SysUselib, ptlib.SysVserver),
	)
}
