/* The facade from C, through UniFFI's own calls: opens a book in the folder that is the first argument and saves one
 * prospect. For machines on which no other side runs (32 bits), and to stand beside another SQLite in one program
 * (-DBESIDE_SQLITE): then the book is encrypted or refused, never plain.
 *
 * Says `saved` and ends with 0, or `refused N` (the error's number, in the order of SatchelError) and ends with 3. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "SatchelFFI.h"

#ifdef BESIDE_SQLITE
const char *sqlite3_libversion(void);
#endif

static RustBuffer bytes(const void *data, size_t length) {
    RustCallStatus status = {0};
    return ffi_satchel_ffi_rustbuffer_from_bytes((ForeignBytes){(int32_t)length, data}, &status);
}

static RustBuffer text(const char *words) { return bytes(words, strlen(words)); }

static uint8_t *number(uint8_t *at, uint32_t n) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = (uint8_t)(n >> shift);
    return at;
}

/* A vault that forgets with its process. */
static RustBuffer kept;

static void vault_free(uint64_t handle) { (void)handle; }
static uint64_t vault_clone(uint64_t handle) { return handle; }

static void vault_load(uint64_t handle, RustBuffer name, RustBuffer *out, RustCallStatus *status) {
    (void)handle, (void)name, (void)status;
    if (kept.len == 0) {
        *out = bytes("\0", 1); /* nothing */
        return;
    }
    uint8_t *some = malloc(kept.len + 1);
    some[0] = 1;
    memcpy(some + 1, kept.data, kept.len); /* its length first, as it came */
    *out = bytes(some, kept.len + 1);
    free(some);
}

static void vault_store(uint64_t handle, RustBuffer name, RustBuffer secret, RustBuffer *out, RustCallStatus *status) {
    (void)handle, (void)name, (void)status;
    kept = secret;
    uint8_t receipt[4];
    number(receipt, 1);
    *out = bytes(receipt, sizeof receipt);
}

/* A future is polled until it is ready; its continuation may come from any thread. */
static atomic_int woken;

static void wake(uint64_t data, int8_t how) {
    (void)data;
    atomic_store(&woken, how == 0 ? 2 : 1);
}

static void ready(uint64_t future, void (*poll)(uint64_t, UniffiRustFutureContinuationCallback, uint64_t)) {
    for (int turn = 0; turn < 1000; turn++) {
        atomic_store(&woken, 0);
        poll(future, wake, 0);
        for (int ms = 0; atomic_load(&woken) == 0; ms++) {
            if (ms > 60000) break;
            usleep(1000);
        }
        if (atomic_load(&woken) == 2) return;
    }
    puts("never ready");
    exit(1);
}

static void landed(const RustCallStatus *status) {
    if (status->code == 0) return;
    printf("refused %d\n", status->code == 1 && status->errorBuf.len >= 4 ? status->errorBuf.data[3] : -1);
    exit(3);
}

/* One change: the name in English. */
static RustBuffer changes(void) {
    RustCallStatus status = {0};
    RustBuffer name_en = uniffi_satchel_ffi_fn_func_field_by_name(text("name_en"), &status);
    const char *name = "PLAIN-7f31 Sok Dara";
    uint8_t packed[64], *at = number(packed, 1);
    at = number(at, 1); /* FieldChange.Text */
    memcpy(at, name_en.data + 1, 4);
    at = number(at + 4, (uint32_t)strlen(name));
    memcpy(at, name, strlen(name));
    return bytes(packed, (size_t)(at - packed) + strlen(name));
}

int main(int count, char **words) {
    if (count != 2) return 2;
#ifdef BESIDE_SQLITE
    printf("beside SQLite %s\n", sqlite3_libversion());
#endif
    static const UniffiVTableCallbackInterfaceKeyVault vault = {vault_free, vault_clone, vault_load, vault_store};
    uniffi_satchel_ffi_fn_init_callback_vtable_keyvault(&vault);
    const char *profile = "{\"name\": \"smoke\", \"prospect\": {\"base_url\": \"https://bank.example/api/\"}}";

    RustCallStatus status = {0};
    uint64_t opening = uniffi_satchel_ffi_fn_constructor_satchel_open(text(words[1]), text("smoke"), text(profile), 1, bytes("\0", 1));
    ready(opening, ffi_satchel_ffi_rust_future_poll_u64);
    uint64_t book = ffi_satchel_ffi_rust_future_complete_u64(opening, &status);
    landed(&status);

    uint64_t adding = uniffi_satchel_ffi_fn_method_satchel_add(book, changes(), bytes("\0", 1));
    ready(adding, ffi_satchel_ffi_rust_future_poll_rust_buffer);
    ffi_satchel_ffi_rust_future_complete_rust_buffer(adding, &status);
    landed(&status);
    puts("saved");
    return 0;
}
