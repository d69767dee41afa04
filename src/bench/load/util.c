#include "load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SUB_BUCKETS 64
#define POWERS 40

static uint64_t buckets[POWERS * SUB_BUCKETS];
static uint64_t bucket_total;

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void reserve(struct buffer *b, size_t more) {
    if (b->length + more <= b->capacity) return;
    b->capacity = (b->length + more) * 2;
    b->bytes = realloc(b->bytes, b->capacity);
    if (b->bytes == NULL) fail("no memory");
}

void append(struct buffer *to, const void *bytes, size_t length) {
    reserve(to, length);
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
}

void free_buffer(struct buffer *b) {
    free(b->bytes);
    *b = (struct buffer){0};
}

void print_to(struct buffer *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char text[4096];
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) fail("too long: %.40s", text);
    append(to, text, (size_t)length);
}

/* A client's frame (RFC 6455, section 5.2). The masking key is 0: what is sent costs no more to unmask. */
void frame_to(struct buffer *to, int opcode, const void *payload, size_t length) {
    uint8_t head[14] = {(uint8_t)(0x80 | opcode)};
    size_t size = 2;
    if (length < 126) {
        head[1] = (uint8_t)(0x80 | length);
    } else if (length < 65536) {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
        size = 4;
    } else {
        fail("a frame of %zu bytes (expected: less than 65536)", length);
    }
    append(to, head, size + 4);
    append(to, payload, length);
}

/* Latencies are kept in buckets of 1/64 of a power of two: 1.6 % at most away from the true value. */
void latency_add(int64_t us) {
    uint64_t value = us < 1 ? 1 : (uint64_t)us;
    int power = 63 - __builtin_clzll(value);
    int shift = power > 6 ? power - 6 : 0;
    size_t bucket = (size_t)shift * SUB_BUCKETS + (value >> shift);
    if (bucket >= POWERS * SUB_BUCKETS) bucket = POWERS * SUB_BUCKETS - 1;
    buckets[bucket]++;
    bucket_total++;
}

int64_t latency_quantile(double quantile) {
    uint64_t rank = (uint64_t)(quantile * (double)bucket_total);
    uint64_t below = 0;
    for (size_t i = 0; i < POWERS * SUB_BUCKETS; i++) {
        below += buckets[i];
        if (below > rank) {
            size_t shift = i < 2 * SUB_BUCKETS ? 0 : i / SUB_BUCKETS - 1;
            return (int64_t)((i - shift * SUB_BUCKETS) << shift);
        }
    }
    return 0;
}

/* User and system time of one process, of all its threads: fields 14 and 15 of /proc/PID/stat. */
static int64_t cpu_us(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("no process %d: has the server ended?", pid);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    const char *behind_name = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (behind_name == NULL
        || sscanf(behind_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system)
               != 2)
        fail("cannot read %s", path);
    return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
}

int64_t servers_cpu_us(void) {
    int64_t sum = 0;
    for (int i = 0; i < options.pid_count; i++) sum += cpu_us(options.pids[i]);
    return sum;
}

int64_t servers_resident_kib(void) {
    int64_t sum = 0;
    for (int i = 0; i < options.pid_count; i++) {
        char path[64], line[256];
        long kib = 0;
        snprintf(path, sizeof path, "/proc/%d/status", options.pids[i]);
        FILE *file = fopen(path, "r");
        if (file == NULL) fail("no process %d: has the server ended?", options.pids[i]);
        while (fgets(line, sizeof line, file) != NULL)
            if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
        fclose(file);
        sum += kib;
    }
    return sum;
}

int64_t own_cpu_us(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000LL + use.ru_utime.tv_usec
           + use.ru_stime.tv_usec;
}
