// Headers of archives, and the bounds of what is done about them. Archives may come from a folder that somebody has copied: each
// field is checked.
#include "archive.h"
#include <stdio.h>
#include <time.h>

/// POSIX.1-1988, "ustar".
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, target[100], magic[6], version[2], user[32],
        group[32], major[8], minor[8], prefix[155], unused[12];
};

_Static_assert(sizeof(struct header) == NESTBOX_BLOCK, "laid out by POSIX");

static unsigned sum(const struct header *header) {
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned total = 8 * ' ';
    for (size_t i = 0; i < NESTBOX_BLOCK; i++)
        if (i < offsetof(struct header, checksum) || i >= offsetof(struct header, type)) total += bytes[i];
    return total;
}

int nestbox_member_write(const struct nestbox_member *member, char block[NESTBOX_BLOCK]) {
    struct header header = {.type = member->type};
    size_t length = strlen(member->path), split = 0;
    if (length > sizeof header.name) {
        // The first slash that leaves a name which has room, and a prefix that has.
        for (size_t i = length - sizeof header.name - 1; i < length && i <= sizeof header.prefix; i++)
            if (member->path[i] == '/' && i > 0) {
                split = i;
                break;
            }
        if (split == 0 || split + 1 == length) return -ENAMETOOLONG;
        memcpy(header.prefix, member->path, split);
        memcpy(header.name, member->path + split + 1, length - split - 1);
    } else {
        memcpy(header.name, member->path, length);
    }
    memcpy(header.target, member->target, strnlen(member->target, sizeof header.target));
    snprintf(header.mode, sizeof header.mode, "%07o", (unsigned)(member->mode & 0777));
    snprintf(header.uid, sizeof header.uid, "%07o", NESTBOX_PROGRAM_ID);
    snprintf(header.gid, sizeof header.gid, "%07o", NESTBOX_PROGRAM_ID);
    snprintf(header.size, sizeof header.size, "%011llo", (unsigned long long)member->size & 077777777777);
    long long modified = member->modified < 0 ? 0 : member->modified;
    snprintf(header.mtime, sizeof header.mtime, "%011llo", (unsigned long long)modified & 077777777777);
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    snprintf(header.checksum, sizeof header.checksum, "%06o", sum(&header));
    header.checksum[7] = ' ';
    memcpy(block, &header, sizeof header);
    return 0;
}

/// Octal digits, then NULs or spaces. -1 for anything else.
static int64_t number(const char *field, size_t length) {
    int64_t value = 0;
    size_t i = 0;
    for (; i < length && field[i] >= '0' && field[i] <= '7'; i++) value = value * 8 + (field[i] - '0');
    if (i == 0) return -1;
    for (; i < length; i++)
        if (field[i] != 0 && field[i] != ' ') return -1;
    return value;
}

/// Whether each component is a name.
static int is_clean(const char *path) {
    for (const char *part = path;;) {
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.')) return 0;
        if (part[length] == 0) return 1;
        part += length + 1;
    }
}

int nestbox_member_read(const char block[NESTBOX_BLOCK], struct nestbox_member *member) {
    struct header header;
    memcpy(&header, block, sizeof header);
    static const char nothing[NESTBOX_BLOCK];
    if (memcmp(block, nothing, sizeof nothing) == 0) return 0;
    if (memcmp(header.magic, "ustar", 5) != 0 || number(header.checksum, sizeof header.checksum) != (int64_t)sum(&header))
        return -EBADMSG;
    *member = (struct nestbox_member){.type = header.type ? header.type : '0'};
    int64_t mode = number(header.mode, sizeof header.mode), size = number(header.size, sizeof header.size);
    member->modified = number(header.mtime, sizeof header.mtime);
    if (mode < 0 || size < 0 || member->modified < 0) return -EBADMSG;
    member->mode = (mode_t)mode & 0777;
    member->size = (uint64_t)size;
    size_t prefix = strnlen(header.prefix, sizeof header.prefix), name = strnlen(header.name, sizeof header.name);
    if (prefix + 1 + name > NESTBOX_ARCHIVE_PATH) return -EBADMSG;
    memcpy(member->path, header.prefix, prefix);
    if (prefix) member->path[prefix++] = '/';
    memcpy(member->path + prefix, header.name, name);
    // A directory may be written with a slash behind it.
    if (member->type == '5' && name > 1 && member->path[prefix + name - 1] == '/') member->path[prefix + name - 1] = 0;
    memcpy(member->target, header.target, strnlen(header.target, sizeof header.target));
    int isKnown = member->type == '0' || member->type == '5' || (member->type == '2' && member->target[0] != 0);
    if (!isKnown || (member->type != '0' && member->size != 0) || !is_clean(member->path)) return -EBADMSG;
    return 1;
}

/// How long one order may take: by the clock, and of processor time, which is charged to nobody's limit. Nanoseconds.
static const int64_t MAXIMUM_TIME = 5000000000, MAXIMUM_CPU = 2000000000;

static int64_t cpu_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct nestbox_effort nestbox_effort_begin(void) {
    return (struct nestbox_effort){.until = nestbox_monotonic() + MAXIMUM_TIME, .cpu_until = cpu_time() + MAXIMUM_CPU};
}

int nestbox_effort_spent(struct nestbox_effort *effort) {
    if (effort->visits++ > NESTBOX_ARCHIVE_VISITS) return 1;
    return effort->visits % 16 == 0 && (nestbox_monotonic() > effort->until || cpu_time() > effort->cpu_until);
}

int nestbox_write_all(int file, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0) return -errno;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}
