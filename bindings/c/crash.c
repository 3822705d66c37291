/* A planted crash in the library that is the first argument: a method is called on an object that is none. What was on
 * the stack is said as offsets in the library, in hex, the innermost first; `symbols.zip` turns them into lines. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *library;

static void crashed(int signal) {
    void *stack[64];
    int depth = backtrace(stack, 64);
    for (int i = 0; i < depth; i++) {
        Dl_info at;
        if (dladdr(stack[i], &at) && strcmp(at.dli_fname, library) == 0)
            printf("%lx\n", (unsigned long)((uintptr_t)stack[i] - (uintptr_t)at.dli_fbase));
    }
    fflush(stdout);
    _exit(signal == SIGSEGV ? 0 : 1);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    library = words[1];
    void *opened = dlopen(library, RTLD_NOW);
    if (!opened) return fputs(dlerror(), stderr), 2;
    void (*press)(uint64_t, void *) = (void (*)(uint64_t, void *))dlsym(opened, "uniffi_satchel_ffi_fn_method_stop_press");
    if (!press) return fputs("no such method\n", stderr), 2;
    void *warm[1];
    backtrace(warm, 1); /* loads what it needs: not in a handler */
    signal(SIGSEGV, crashed);
    signal(SIGBUS, crashed);
    uint8_t status[64] = {0};
    press(0x7f0000000010, status);
    return 1;
}
