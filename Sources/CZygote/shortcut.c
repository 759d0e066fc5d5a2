// Returning early from a function further up the stack, by what its unwind tables say of its caller (the x86-64 psABI and
// libgcc's interface to them).
#include "library.h"
#include <dlfcn.h>
#include <stdint.h>

struct _Unwind_Context;

static struct {
    int (*backtrace)(int (*)(struct _Unwind_Context *, void *), void *);
    uintptr_t (*start)(struct _Unwind_Context *);
    uintptr_t (*get)(struct _Unwind_Context *, int);
    uintptr_t (*frame)(struct _Unwind_Context *);
    uintptr_t (*address)(struct _Unwind_Context *);
} unwind;

/// What a caller needs to go on.
struct caller {
    uintptr_t function;
    int is_next; ///< the frame just seen is the function's
    uintptr_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
};

int prepare_early_return(void) {
#if defined(__x86_64__)
    void *library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return -1;
    *(void **)&unwind.backtrace = dlsym(library, "_Unwind_Backtrace");
    *(void **)&unwind.start = dlsym(library, "_Unwind_GetRegionStart");
    *(void **)&unwind.get = dlsym(library, "_Unwind_GetGR");
    *(void **)&unwind.frame = dlsym(library, "_Unwind_GetCFA");
    *(void **)&unwind.address = dlsym(library, "_Unwind_GetIP");
    return unwind.backtrace && unwind.start && unwind.get && unwind.frame && unwind.address ? 0 : -1;
#else
    return -1;
#endif
}

#if defined(__x86_64__)
static int look_at_frame(struct _Unwind_Context *context, void *argument) {
    enum { NO_REASON = 0, STOP = 5, RBX = 3, RBP = 6, R12 = 12, R13 = 13, R14 = 14, R15 = 15 };
    struct caller *caller = argument;
    if (!caller->is_next) {
        caller->is_next = unwind.start(context) == caller->function;
        return NO_REASON;
    }
    caller->rbx = unwind.get(context, RBX);
    caller->rbp = unwind.get(context, RBP);
    caller->r12 = unwind.get(context, R12);
    caller->r13 = unwind.get(context, R13);
    caller->r14 = unwind.get(context, R14);
    caller->r15 = unwind.get(context, R15);
    caller->rsp = unwind.frame(context);
    caller->rip = unwind.address(context);
    return STOP;
}
#endif

void return_early(void *function, int result) {
#if defined(__x86_64__)
    struct caller caller = {.function = (uintptr_t)function};
    if (!unwind.backtrace) return;
    unwind.backtrace(look_at_frame, &caller);
    if (!caller.rip) return; // the function is not among our callers
    __asm__ volatile("movq 16(%0), %%rbx\n\t"
                     "movq 32(%0), %%r12\n\t"
                     "movq 40(%0), %%r13\n\t"
                     "movq 48(%0), %%r14\n\t"
                     "movq 56(%0), %%r15\n\t"
                     "movq 64(%0), %%rsp\n\t"
                     "movq 24(%0), %%rbp\n\t"
                     "jmpq *72(%0)\n\t"
                     :
                     : "c"(&caller), "a"((uintptr_t)(unsigned)result)
                     : "memory");
    __builtin_unreachable();
#else
    (void)function;
    (void)result;
#endif
}
