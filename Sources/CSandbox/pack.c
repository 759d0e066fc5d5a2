// From files to an archive. Programs may run meanwhile, and change what is read: nothing is followed, and what a header says is
// what comes behind it.
#include "archive.h"
#include <dirent.h>

struct pack {
    int file;
    int64_t flags;
    uint64_t maximum_bytes, maximum_files;
    struct nestbox_effort effort;
    struct nestbox_files_result result;
    struct nestbox_member member;
};

static char buffer[65536];

static void fail(struct pack *pack, int error) {
    if (pack->result.error == 0) pack->result.error = error;
}

/// Exactly as many bytes as the header has said: what is missing by now is zeros.
static void copy(struct pack *pack, int source, uint64_t size) {
    uint64_t left = size, padding = (NESTBOX_BLOCK - size % NESTBOX_BLOCK) % NESTBOX_BLOCK;
    while (left > 0 && pack->result.error == 0) {
        ssize_t count = read(source, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer);
        if (count <= 0) {
            count = left < sizeof buffer ? (ssize_t)left : (ssize_t)sizeof buffer;
            memset(buffer, 0, (size_t)count);
        }
        left -= (uint64_t)count;
        fail(pack, -nestbox_write_all(pack->file, buffer, (size_t)count));
        if (nestbox_effort_spent(&pack->effort)) fail(pack, ETIMEDOUT);
    }
    memset(buffer, 0, (size_t)padding);
    if (pack->result.error == 0) fail(pack, -nestbox_write_all(pack->file, buffer, (size_t)padding));
}

/// The member at `name` of a directory, whose path is in place.
static void add(struct pack *pack, int directory, const char *name, const struct stat *seen) {
    struct nestbox_member *member = &pack->member;
    struct stat status = *seen;
    int source = -1;
    memset(member->target, 0, sizeof member->target);
    if (S_ISREG(status.st_mode)) {
        // O_NONBLOCK: by now it may be a FIFO.
        source = nestbox_openat2(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, NESTBOX_BENEATH);
        if (source < 0 || fstat(source, &status) < 0 || !S_ISREG(status.st_mode)) {
            if (source >= 0) close(source);
            pack->result.skipped++;
            return;
        }
        member->type = '0';
    } else if (S_ISDIR(status.st_mode)) {
        member->type = '5';
    } else if (S_ISLNK(status.st_mode)) {
        int link = nestbox_openat2(directory, name, O_PATH | O_NOFOLLOW, 0, NESTBOX_BENEATH);
        ssize_t length = link < 0 ? -1 : readlinkat(link, "", member->target, sizeof member->target);
        if (link >= 0) close(link);
        member->type = length > 0 && (size_t)length < sizeof member->target ? '2' : 0;
    } else {
        member->type = 0;
    }
    member->mode = status.st_mode & 0777;
    member->size = member->type == '0' ? (uint64_t)status.st_size : 0;
    member->modified = status.st_mtim.tv_sec;
    char block[NESTBOX_BLOCK];
    int fits = member->type != 0 && pack->result.files < pack->maximum_files &&
               member->size <= pack->maximum_bytes - pack->result.bytes && nestbox_member_write(member, block) == 0;
    if (fits) {
        pack->result.files++;
        if (!(pack->flags & NESTBOX_FILES_LIST)) pack->result.bytes += member->size;
        fail(pack, -nestbox_write_all(pack->file, block, sizeof block));
        if (source >= 0 && !(pack->flags & NESTBOX_FILES_LIST)) copy(pack, source, member->size);
    } else {
        pack->result.skipped++;
    }
    if (source >= 0) close(source);
}

/// All that is in a directory, which is closed.
static void walk(struct pack *pack, int directory, uint32_t depth) {
    DIR *stream = fdopendir(directory);
    if (!stream) {
        close(directory);
        pack->result.skipped++;
        return;
    }
    char *path = pack->member.path;
    size_t base = strlen(path);
    struct dirent *entry;
    while (pack->result.error == 0 && (entry = readdir(stream))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (nestbox_effort_spent(&pack->effort)) {
            fail(pack, ETIMEDOUT);
            break;
        }
        size_t length = strlen(name), separator = base > 0;
        struct stat status;
        if (base + separator + length > NESTBOX_ARCHIVE_PATH || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
            pack->result.skipped++;
            continue;
        }
        if (separator) path[base] = '/';
        memcpy(path + base + separator, name, length + 1);
        add(pack, directory, name, &status);
        if (S_ISDIR(status.st_mode) && !(pack->flags & NESTBOX_FILES_SHALLOW)) {
            int child = depth < NESTBOX_ARCHIVE_DEPTH ? openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                                      : -1;
            if (child >= 0) walk(pack, child, depth + 1);
            else pack->result.skipped++;
        }
        path[base] = 0;
    }
    closedir(stream);
}

struct nestbox_files_result nestbox_pack(const char *path, int64_t flags, uint64_t maximum_bytes, uint64_t maximum_files,
                                         int file) {
    static struct pack pack;
    pack = (struct pack){.file = file, .flags = flags, .maximum_bytes = maximum_bytes, .maximum_files = maximum_files};
    pack.effort = nestbox_effort_begin();
    if (flags & NESTBOX_FILES_FREEZE) kill(-1, SIGSTOP);
    int box = open("/box", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (box < 0) {
        fail(&pack, errno);
        return pack.result;
    }
    if (path[0] == 0) {
        walk(&pack, box, 1);
    } else {
        struct stat status;
        int place = nestbox_openat2(box, path, O_PATH | O_NOFOLLOW, 0, NESTBOX_BENEATH);
        if (place < 0) fail(&pack, -place);
        else if (strlen(path) > NESTBOX_ARCHIVE_PATH) fail(&pack, ENAMETOOLONG);
        else if (fstat(place, &status) < 0) fail(&pack, errno);
        else {
            memcpy(pack.member.path, path, strlen(path) + 1);
            if (S_ISDIR(status.st_mode)) {
                int directory = nestbox_openat2(box, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, NESTBOX_BENEATH);
                if (directory < 0) fail(&pack, -directory);
                else walk(&pack, directory, 1);
            } else {
                add(&pack, box, path, &status);
            }
        }
        if (place >= 0) close(place);
        close(box);
    }
    memset(buffer, 0, 2 * NESTBOX_BLOCK);
    if (pack.result.error == 0) fail(&pack, -nestbox_write_all(file, buffer, 2 * NESTBOX_BLOCK));
    return pack.result;
}
