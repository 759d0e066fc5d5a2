// The other side of seccomp user notification (seccomp_unotify(2)): an observer answers calls of observed programs.
// All return 0 or more, or -errno. As in nestbox_system.h, no libc header is included.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A call that waits for its answer.
struct nestbox_observed_call {
    uint64_t id;
    int32_t pid; ///< of the thread, in the observer's pid namespace; 0 when it is not visible there
    uint32_t number;
    uint64_t arguments[6];
};

/// The next call; blocks when there is none. -ENOENT when its thread has died meanwhile.
int nestbox_observer_receive(int listener, struct nestbox_observed_call *_Nonnull call);

/// Ends the wait of a call: it returns -error, or, with `goes_on`, the kernel carries it out. -ENOENT when its thread has died.
int nestbox_observer_answer(int listener, uint64_t id, int error, int goes_on);

/// Whether a call still waits, so that its pid is still that of its thread: 1 or 0.
int nestbox_observer_waits(int listener, uint64_t id);

/// Reads memory of another process (process_vm_readv(2)). How many bytes, or -errno.
int64_t nestbox_read_memory(int pid, uint64_t address, void *_Nonnull bytes, size_t count);

/// Makes the calling thread look at files as this user and group (setfsuid(2)); nothing else changes. -EPERM if it did not take.
int nestbox_look_as(uint32_t user, uint32_t group);

/// Whether the calling thread may access an open file, which may be O_PATH: 0 or -errno. `mode` as in access(2).
int nestbox_may_access(int fd, int mode);

/// Whether a file lies on a mount that is read-only: 1 or 0.
int nestbox_is_read_only(int fd);
