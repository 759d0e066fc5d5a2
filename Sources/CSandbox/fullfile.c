// Evidence of the file_size limit: the kernel counts no write(2) that it refuses with EFBIG, but it lets the one before fill
// the file to its limit. Looked for by pid 1 when the program is gone.
#include "internal.h"
#include <dirent.h>

enum { MAXIMUM_LOOKS = 4096, MAXIMUM_DEPTH = 8 };

static int look(int directory, uint64_t size, int *looks, int depth) {
    DIR *stream = directory < 0 ? NULL : fdopendir(directory);
    if (!stream) {
        if (directory >= 0) close(directory);
        return 0;
    }
    int found = 0;
    struct dirent *entry;
    while (!found && (entry = readdir(stream)) && (*looks)++ < MAXIMUM_LOOKS) {
        struct stat status;
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
        if (S_ISREG(status.st_mode)) found = (uint64_t)status.st_size == size;
        else if (S_ISDIR(status.st_mode) && depth < MAXIMUM_DEPTH)
            found = look(openat(dirfd(stream), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), size, looks,
                         depth + 1);
    }
    closedir(stream);
    return found;
}

int nestbox_has_file_of_size(uint64_t size) {
    static const char *const places[] = {"/box", "/tmp", "/dev/shm"};
    int looks = 0, found = 0;
    for (int i = 0; i < 3 && !found; i++)
        found = look(open(places[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), size, &looks, 0);
    return found;
}
