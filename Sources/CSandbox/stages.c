#include "nestbox_sandbox.h"

const char *nestbox_stage_name(uint32_t stage) {
    static const char *const names[] = {
#define X(name) #name,
        NESTBOX_STAGES(X)
#undef X
    };
    return stage < NESTBOX_STAGE_COUNT ? names[stage] : "unknown";
}
