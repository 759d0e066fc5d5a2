// A program process that waits for its job: the last thing it does before it is the program.
#include "internal.h"

static char packet[sizeof(struct nestbox_job) + NESTBOX_MAXIMUM_TEXT];
static const char *strings[NESTBOX_MAXIMUM_STRINGS + 2];
static struct nestbox_order order;

_Noreturn void nestbox_program_fail(int socket, uint32_t stage, uint32_t index, int error) {
    struct nestbox_failure failure = {stage, index, error};
    if (write(socket, &failure, sizeof failure) < 0) _exit(124);
    _exit(125);
}

const struct nestbox_order *nestbox_receive_order(int socket) {
    ssize_t received = read(socket, packet, sizeof packet);
    if (received == 0) _exit(0); // given up
    if (received < (ssize_t)sizeof(struct nestbox_job))
        nestbox_program_fail(socket, NESTBOX_STAGE_job, 0, received < 0 ? errno : EPROTO);
    struct nestbox_job header;
    memcpy(&header, packet, sizeof header);
    const char *cursor = packet + sizeof header, *end = packet + received;
    if (header.arguments == 0 || header.arguments > 512 || header.environment > 512)
        nestbox_program_fail(socket, NESTBOX_STAGE_job, 1, EPROTO);
    const char **environment = strings + header.arguments + 1;
    if (nestbox_strings(&cursor, end, header.arguments, strings) < 0 ||
        nestbox_strings(&cursor, end, header.environment, environment) < 0)
        nestbox_program_fail(socket, NESTBOX_STAGE_job, 2, EPROTO);
    order = (struct nestbox_order){header.arguments, header.environment, strings, environment};
    return &order;
}

_Noreturn void nestbox_re_execute(const struct nestbox_order *started) {
    // What the interpreter ignores would be ignored by the next one too.
    nestbox_reset_signals();
    nestbox_execute((char *const *)started->argument, (char *const *)started->variable);
    _exit(127);
}

void nestbox_tell_parked(int socket, int observer) {
    struct nestbox_failure parked = {0, (uint32_t)observer, 0};
    if (write(socket, &parked, sizeof parked) < 0) nestbox_program_fail(socket, NESTBOX_STAGE_job, 3, errno);
}

const struct nestbox_order *nestbox_park(int socket) {
    nestbox_tell_parked(socket, 0);
    const struct nestbox_order *job = nestbox_receive_order(socket);
    // pid 1 reads the end of the stream as the start of the program.
    close(socket);
    return job;
}
