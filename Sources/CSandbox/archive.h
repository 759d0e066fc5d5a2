// The archives in which files of /box go out of a sandbox and come into one: tar (POSIX.1-1988 ustar), with regular files,
// directories and symbolic links only, and paths of at most 255 bytes.
#pragma once
#include "internal.h"
#include <linux/openat2.h>

enum {
    NESTBOX_BLOCK = 512,
    /// Of a path in an archive, without its NUL; and of directories in one another.
    NESTBOX_ARCHIVE_PATH = 255,
    NESTBOX_ARCHIVE_DEPTH = 32,
    /// Entries that are looked at for one order, whatever they are.
    NESTBOX_ARCHIVE_VISITS = 100000,
    NESTBOX_BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
};

/// One member of an archive.
struct nestbox_member {
    char type; ///< '0' file, '5' directory, '2' symbolic link
    mode_t mode;
    uint64_t size;
    int64_t modified;
    char path[NESTBOX_ARCHIVE_PATH + 1];
    char target[101];
};

/// Writes the header of a member. 0, or -ENAMETOOLONG for a path that has no place in one.
int nestbox_member_write(const struct nestbox_member *member, char block[NESTBOX_BLOCK]);

/// Reads one. 1; 0 for the end of an archive; -EBADMSG for anything that is no member, or is of another type, or has a path that
/// is absolute, or has a component that is empty, `.` or `..`.
int nestbox_member_read(const char block[NESTBOX_BLOCK], struct nestbox_member *member);

/// A bound of the work that one order may cause: entries, and time by the clock and of the processor.
struct nestbox_effort {
    uint32_t visits;
    int64_t until, cpu_until;
};

struct nestbox_effort nestbox_effort_begin(void);

/// Counts one entry. Whether it has been enough.
int nestbox_effort_spent(struct nestbox_effort *effort);

int nestbox_write_all(int file, const char *bytes, size_t count);

/// What an order about files came to; the answer to it.
struct nestbox_files_result {
    int error; ///< an errno, or 0
    uint64_t files, bytes, skipped;
};

/// Writes an archive of /box, or of what is at `path` in it, to `file`.
struct nestbox_files_result nestbox_pack(const char *path, int64_t flags, uint64_t maximum_bytes, uint64_t maximum_files,
                                         int file);

/// Writes what is in an archive to /box.
struct nestbox_files_result nestbox_unpack(int64_t flags, int file);

/// Renames. Links are renamed themselves, and followed nowhere.
struct nestbox_files_result nestbox_move(const char *from, const char *to, int64_t flags);

/// Opens a regular file of /box for reading. The descriptor, or -errno.
int nestbox_open_file(const char *path);

/// Removes what is at `path` in /box, a directory with all that is in it.
struct nestbox_files_result nestbox_remove(const char *path);
