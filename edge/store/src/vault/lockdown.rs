//! What the vault's process gives up once it listens: memory on the swap disk, core dumps, new rights, the network, other
//! programs, and all system calls that it does not need.
//! Files, account and limits of the process are left to its unit (`deploy/caseline-vault.service`).

use super::files::VaultFault;
use rustix::mm::MlockAllFlags;
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

/// Memory that the vault may want to lock: four slow indexes at once, the set of an import, and itself.
const LOCKED_BYTES_MIN: u64 = 512 << 20;

/// Locks all memory, also what comes later, as it is used. Otherwise a key could be written to the swap disk.
///
/// # Errors
/// When the process may not lock enough, with what to do.
pub fn lock_memory() -> Result<(), VaultFault> {
    let limit = rustix::process::getrlimit(Resource::Memlock).current;
    // With CAP_IPC_LOCK there is no limit; then the call tells.
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let is_low = limit.is_some_and(|bytes| bytes < LOCKED_BYTES_MIN) && !may_lock_beyond_limit();
    let refused = |why: String| VaultFault::Refused {
        what: format!(
            "memory cannot be locked ({why}): set LimitMEMLOCK=infinity in the unit (`ulimit -l unlimited` in a shell), \
             or start it with --memory-may-swap where the machine has no swap or an encrypted one"
        ),
    };
    if is_low {
        return Err(refused(format!("the limit is {} kB", limit.unwrap_or_default() / 1_024)));
    }
    rustix::mm::mlockall(flags).map_err(|error| refused(error.to_string()))
}

/// No core dump, no look into the memory by other processes of the account, no rights but those it has.
///
/// # Errors
/// When the kernel refuses.
pub fn keep_to_itself() -> Result<(), VaultFault> {
    let done = (|| {
        rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        rustix::thread::set_no_new_privs(true)
    })();
    done.map_err(|error| failed("giving up core dumps and new rights", error.into()))
}

/// Leaves the process and its threads to come the system calls in `ALLOWED`; `KILLED` end it.
///
/// Two filters. What only an attacker would call (another program, a socket, somebody else's memory) kills the process:
/// the unit starts it again, and the kernel's log has the call. All else that is not allowed is answered with `ENOSYS`,
/// as by a kernel without it: a library of a newer version then takes its older way, and no caller loses the line to an
/// update of libc.
///
/// # Errors
/// When the kernel has no filters for system calls, or the machine is of another kind.
pub fn leave_few_system_calls() -> Result<(), VaultFault> {
    let doing = "leaving the vault few system calls";
    let other = |error: &dyn std::fmt::Display| failed(doing, std::io::Error::other(error.to_string()));
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(|error| other(&error))?;
    let killed = KILLED.iter().map(|call| (*call, Vec::new())).collect();
    let killing = SeccompFilter::new(killed, SeccompAction::Allow, SeccompAction::KillProcess, arch);
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let allowing = SeccompFilter::new(allowed().map_err(|error| other(&error))?, unknown, SeccompAction::Allow, arch);
    for filter in [killing, allowing] {
        let filter: seccompiler::BpfProgram = filter.and_then(TryInto::try_into).map_err(|error| other(&error))?;
        seccompiler::apply_filter(&filter).map_err(|error| other(&error))?;
    }
    Ok(())
}

/// Calls that end the process: other programs, network, others' memory, other file systems, the kernel itself.
const KILLED: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_io_uring_setup,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_mount,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_memfd_create,
    libc::SYS_personality,
];

/// Calls that the vault needs: its connections, its files, memory that runs nothing, threads, time and chance.
const ALLOWED: &[i64] = &[
    libc::SYS_accept4,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_getsockopt,
    libc::SYS_shutdown,
    libc::SYS_close,
    libc::SYS_openat,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_lseek,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_ftruncate,
    libc::SYS_flock,
    libc::SYS_fcntl,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_unlinkat,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_tgkill,
    libc::SYS_ppoll,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// The same by their older names, which libc still uses on x86.
#[cfg(target_arch = "x86_64")]
const ALLOWED_OLDER: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_rename,
    libc::SYS_unlink,
    libc::SYS_readlink,
    libc::SYS_poll,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_OLDER: &[i64] = &[];

fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(ALLOWED_OLDER).map(|call| (*call, Vec::new())).collect();
    let only = |argument, operator, value| {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operator, value)?;
        Ok::<_, seccompiler::BackendError>(vec![SeccompRule::new(vec![condition])?])
    };
    // Memory is never made to run.
    let runs = libc::PROT_EXEC as u64;
    rules.insert(libc::SYS_mmap, only(2, SeccompCmpOp::MaskedEq(runs), 0)?);
    rules.insert(libc::SYS_mprotect, only(2, SeccompCmpOp::MaskedEq(runs), 0)?);
    // Threads, and no other processes. `clone3` has its flags in memory where no filter sees them: libc falls back.
    let thread = libc::CLONE_THREAD as u64;
    rules.insert(libc::SYS_clone, only(0, SeccompCmpOp::MaskedEq(thread), thread)?);
    Ok(rules)
}

fn may_lock_beyond_limit() -> bool {
    /// `CAP_IPC_LOCK` (linux/capability.h).
    const IPC_LOCK: u32 = 14;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|row| row.strip_prefix("CapEff:"));
    effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & (1 << IPC_LOCK) != 0)
}

fn failed(doing: &'static str, source: std::io::Error) -> VaultFault {
    VaultFault::File { doing, source }
}
