#include "internal.h"

int nestbox_control_send(int control, uint32_t type, const struct nestbox_failure *failure, const int64_t *value,
                         const void *text, size_t length, const int *descriptors, size_t count) {
    // pid 1 is single-threaded, so one buffer does; it is too large for a stack under the program's limits.
    static char packet[sizeof(struct nestbox_message) + 4096];
    struct nestbox_message header = {.type = type, .length = (uint32_t)length};
    if (length > 4096) return -EMSGSIZE;
    if (failure) header.failure = *failure;
    if (value) memcpy(header.value, value, sizeof header.value);
    memcpy(packet, &header, sizeof header);
    if (length) memcpy(packet + sizeof header, text, length);
    return nestbox_send(control, packet, sizeof header + length, descriptors, count, 0);
}

_Noreturn void nestbox_fail(int control, uint32_t stage, uint32_t index, int error, const char *object) {
    struct nestbox_failure failure = {stage, index, error};
    nestbox_control_send(control, NESTBOX_FAILED, &failure, NULL, object, object ? strnlen(object, 1024) : 0, NULL, 0);
    _exit(125);
}

int nestbox_strings(const char **cursor, const char *end, uint32_t count, const char **into) {
    for (uint32_t i = 0; i < count; i++) {
        const char *terminator = memchr(*cursor, 0, (size_t)(end - *cursor));
        if (!terminator) return -EINVAL;
        into[i] = *cursor;
        *cursor = terminator + 1;
    }
    into[count] = NULL;
    return 0;
}
