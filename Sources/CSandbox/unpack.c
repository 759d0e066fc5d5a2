// From an archive to files; their removal and renaming. Programs may run meanwhile, and put links in the way: each step down is one
// component of a path, below /box, and follows nothing.
#include "archive.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>

static char buffer[65536];

/// The directory that a path is in, and its last component. A descriptor, or -errno.
///
/// - makes: it is made where it is missing.
static int open_parent(int box, const char *path, const char **leaf, int makes) {
    int directory = dup(box);
    if (directory < 0) return -errno;
    fcntl(directory, F_SETFD, FD_CLOEXEC);
    for (;;) {
        size_t length = strcspn(path, "/");
        if (path[length] == 0) {
            *leaf = path;
            return directory;
        }
        char name[NESTBOX_ARCHIVE_PATH + 1];
        memcpy(name, path, length);
        name[length] = 0;
        const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
        int next = nestbox_openat2(directory, name, flags, 0, NESTBOX_BENEATH);
        if (next == -ENOENT && makes) {
            if (mkdirat(directory, name, 0755) < 0 && errno != EEXIST) next = -errno;
            else if (fchownat(directory, name, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID, AT_SYMLINK_NOFOLLOW) < 0) next = -errno;
            else next = nestbox_openat2(directory, name, flags, 0, NESTBOX_BENEATH);
        }
        close(directory);
        if (next < 0) return next;
        directory = next;
        path += length + 1;
    }
}

/// Content of a file, which begins at an offset of the archive. 0, or -errno.
static int write_content(int archive, off_t offset, uint64_t size, int file, struct nestbox_effort *effort) {
    while (size > 0) {
        ssize_t count = pread(archive, buffer, size < sizeof buffer ? (size_t)size : sizeof buffer, offset);
        if (count < 0) return -errno;
        if (count == 0) return -EBADMSG; // cut off
        int result = nestbox_write_all(file, buffer, (size_t)count);
        if (result < 0) return result;
        offset += count;
        size -= (uint64_t)count;
        if (nestbox_effort_spent(effort)) return -ETIMEDOUT;
    }
    return 0;
}

static int make_file(int parent, const char *leaf, const struct nestbox_member *member, int archive, off_t offset,
                     struct nestbox_effort *effort) {
    // Under another name until it is whole: whoever opens the file finds the old one or the new one.
    static const char draft[] = ".nestbox-draft";
    if (unlinkat(parent, draft, 0) < 0 && errno != ENOENT) return -errno;
    int file = openat(parent, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    int result = write_content(archive, offset, member->size, file, effort);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = member->modified}};
    if (result == 0 && (fchown(file, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID) < 0 || fchmod(file, member->mode) < 0 ||
                        futimens(file, times) < 0))
        result = -errno;
    close(file);
    if (result == 0 && renameat(parent, draft, parent, leaf) < 0) result = -errno;
    if (result < 0) unlinkat(parent, draft, 0);
    return result;
}

static int make_other(int parent, const char *leaf, const struct nestbox_member *member) {
    int result;
    if (member->type == '5') {
        // Its owner can always write to it: what is in it comes after it.
        result = mkdirat(parent, leaf, member->mode | 0700);
        struct stat status;
        if (result < 0 && errno == EEXIST)
            return fstatat(parent, leaf, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode) ? 0 : -EEXIST;
    } else {
        if (unlinkat(parent, leaf, 0) < 0 && errno != ENOENT) return -errno;
        result = symlinkat(member->target, parent, leaf);
    }
    if (result < 0) return -errno;
    return fchownat(parent, leaf, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/// The directories that an archive has, or has something in: hashes of their paths, and 0. One that is not there may seem to be, and
/// stays, empty; when there is no room for all, all stay.
struct directories {
    uint64_t *hashes;
    size_t mask, count;
    int is_full;
};

enum { MOST_DIRECTORIES = 1 << 18 };

/// FNV-1a of a part of a path, never 0.
static uint64_t hash_of(const char *path, size_t length) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)path[i]) * 1099511628211u;
    return hash ? hash : 1;
}

/// Where a hash is, or has its place.
static uint64_t *place_of(const struct directories *all, uint64_t hash) {
    size_t index = hash & all->mask;
    while (all->hashes[index] && all->hashes[index] != hash) index = (index + 1) & all->mask;
    return &all->hashes[index];
}

/// Reads the headers of an archive once. 0, or -errno.
static int read_directories(int archive, struct directories *all, struct nestbox_effort *effort) {
    struct stat status;
    if (fstat(archive, &status) < 0) return -errno;
    size_t size = 64;
    while (size < (size_t)status.st_size / NESTBOX_BLOCK * 4 && size < MOST_DIRECTORIES) size *= 2;
    *all = (struct directories){.mask = size - 1};
    all->hashes = mmap(NULL, size * sizeof *all->hashes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all->hashes == MAP_FAILED) return -errno;
    char block[NESTBOX_BLOCK];
    static struct nestbox_member member;
    for (off_t offset = 0; !all->is_full;) {
        // Before anything has been removed.
        if (nestbox_effort_spent(effort)) return -ETIMEDOUT;
        if (pread(archive, block, sizeof block, offset) != sizeof block || nestbox_member_read(block, &member) <= 0) break;
        size_t length = strlen(member.path);
        if (member.type != '5')
            while (length > 0 && member.path[length] != '/') length--;
        // Its own directory, and those that this is in, as far as they are not known.
        while (length > 0) {
            uint64_t hash = hash_of(member.path, length), *place = place_of(all, hash);
            if (*place) break;
            *place = hash;
            if (++all->count > all->mask / 4 * 3) all->is_full = 1;
            for (length--; length > 0 && member.path[length] != '/';) length--;
        }
        offset += NESTBOX_BLOCK + (off_t)((member.size + NESTBOX_BLOCK - 1) / NESTBOX_BLOCK * NESTBOX_BLOCK);
    }
    return 0;
}

static int has_directory(const struct directories *all, const char *path) {
    return all->is_full || *place_of(all, hash_of(path, strlen(path))) != 0;
}

/// Removes what is in a directory, which is closed. Directories that an archive has stay where they are: they may be the working
/// directory of somebody.
///
/// - staying: those of an archive; NULL when none of them is to stay.
static int clear(int directory, char *path, const struct directories *staying, uint32_t depth,
                 struct nestbox_effort *effort) {
    DIR *stream = fdopendir(directory);
    if (!stream) {
        int error = errno;
        close(directory);
        return -error;
    }
    size_t base = strlen(path);
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(stream))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (nestbox_effort_spent(effort)) result = -ETIMEDOUT;
        else if (unlinkat(directory, name, 0) < 0 && errno != ENOENT) {
            if (errno != EISDIR && errno != EPERM) {
                result = -errno;
                break;
            }
            size_t length = strlen(name), separator = base > 0;
            // No archive has a path that is longer.
            int isNamed = staying && base + separator + length <= NESTBOX_ARCHIVE_PATH;
            if (isNamed) {
                if (separator) path[base] = '/';
                memcpy(path + base + separator, name, length + 1);
            }
            int stays = isNamed && has_directory(staying, path);
            int child = depth < 4 * NESTBOX_ARCHIVE_DEPTH
                            ? nestbox_openat2(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, NESTBOX_BENEATH)
                            : -ELOOP;
            result = child < 0 ? child : clear(child, path, isNamed ? staying : NULL, depth + 1, effort);
            if (result == 0 && !stays && unlinkat(directory, name, AT_REMOVEDIR) < 0 && errno != ENOENT) result = -errno;
            path[base] = 0;
        }
    }
    closedir(stream);
    return result;
}

static int open_box(void) { return open("/box", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

struct nestbox_files_result nestbox_unpack(int64_t flags, int archive) {
    static struct nestbox_files_result result;
    static struct nestbox_member member;
    result = (struct nestbox_files_result){0};
    struct nestbox_effort effort = nestbox_effort_begin();
    int box = open_box(), error = box < 0 ? -errno : 0;
    if (error == 0 && (flags & NESTBOX_FILES_REPLACE)) {
        char path[NESTBOX_ARCHIVE_PATH + 1] = "";
        struct directories staying = {.hashes = MAP_FAILED};
        error = read_directories(archive, &staying, &effort);
        int all = error == 0 ? open_box() : -1;
        if (error == 0) error = all < 0 ? -errno : clear(all, path, &staying, 1, &effort);
        if (staying.hashes != MAP_FAILED) munmap(staying.hashes, (staying.mask + 1) * sizeof *staying.hashes);
    }
    char block[NESTBOX_BLOCK];
    for (off_t offset = 0; error == 0;) {
        ssize_t count = pread(archive, block, sizeof block, offset);
        int kind = count == sizeof block ? nestbox_member_read(block, &member) : -EBADMSG;
        if (kind <= 0) {
            error = kind;
            break;
        }
        if (nestbox_effort_spent(&effort)) error = -ETIMEDOUT;
        offset += NESTBOX_BLOCK;
        const char *leaf = NULL;
        int parent = error == 0 ? open_parent(box, member.path, &leaf, 1) : error;
        if (parent < 0) error = parent;
        else {
            error = member.type == '0' ? make_file(parent, leaf, &member, archive, offset, &effort)
                                       : make_other(parent, leaf, &member);
            close(parent);
        }
        if (error == 0) {
            result.files++;
            result.bytes += member.size;
        }
        offset += (off_t)((member.size + NESTBOX_BLOCK - 1) / NESTBOX_BLOCK * NESTBOX_BLOCK);
    }
    if (box >= 0) close(box);
    result.error = -error;
    return result;
}

struct nestbox_files_result nestbox_remove(const char *path) {
    struct nestbox_files_result result = {0};
    struct nestbox_effort effort = nestbox_effort_begin();
    int box = open_box(), error = box < 0 ? -errno : 0;
    const char *leaf = strrchr(path, '/');
    size_t length = leaf ? (size_t)(leaf - path) : 0;
    char parent[NESTBOX_ARCHIVE_PATH + 1] = ".";
    leaf = leaf ? leaf + 1 : path;
    if (error == 0 && (path[0] == 0 || length > NESTBOX_ARCHIVE_PATH)) error = -EINVAL;
    if (error == 0 && length > 0) {
        memcpy(parent, path, length);
        parent[length] = 0;
    }
    int directory = error == 0 ? nestbox_openat2(box, parent, O_RDONLY | O_DIRECTORY, 0, NESTBOX_BENEATH) : error;
    if (directory < 0) error = directory;
    else if (unlinkat(directory, leaf, 0) < 0) {
        error = -errno;
        if (error == -EISDIR || error == -EPERM) {
            char unused[NESTBOX_ARCHIVE_PATH + 1] = "";
            int all = nestbox_openat2(directory, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, NESTBOX_BENEATH);
            error = all < 0 ? all : clear(all, unused, NULL, 1, &effort);
            if (error == 0 && unlinkat(directory, leaf, AT_REMOVEDIR) < 0) error = -errno;
        }
    }
    if (directory >= 0) close(directory);
    if (box >= 0) close(box);
    result.files = error == 0;
    result.error = -error;
    return result;
}

/// Whether a path has a place in an archive, as all paths of orders about files have to.
static int is_path(const char *path) {
    size_t length = strlen(path);
    return length > 0 && length <= NESTBOX_ARCHIVE_PATH && path[length - 1] != '/';
}

struct nestbox_files_result nestbox_move(const char *from, const char *to, int64_t flags) {
    struct nestbox_files_result result = {.error = EINVAL};
    if (!is_path(from) || !is_path(to)) return result;
    const char *old = NULL, *new = NULL;
    int box = open_box(), source = box < 0 ? -errno : open_parent(box, from, &old, 0);
    int target = source < 0 ? source : open_parent(box, to, &new, 1), error = target < 0 ? target : 0;
    unsigned how = flags & NESTBOX_FILES_REPLACE ? 0 : RENAME_NOREPLACE;
    if (error == 0 && syscall(SYS_renameat2, source, old, target, new, how) < 0) error = -errno;
    if (target >= 0) close(target);
    if (source >= 0) close(source);
    if (box >= 0) close(box);
    result.files = error == 0;
    result.error = -error;
    return result;
}

int nestbox_open_file(const char *path) {
    int box = open_box();
    if (box < 0) return -errno;
    // O_NONBLOCK: it may be a FIFO.
    int file = is_path(path) ? nestbox_openat2(box, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, NESTBOX_BENEATH)
                             : -EINVAL;
    close(box);
    struct stat status;
    if (file >= 0 && (fstat(file, &status) < 0 || !S_ISREG(status.st_mode))) {
        close(file);
        return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    }
    return file;
}
