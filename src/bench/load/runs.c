#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000LL
#define SETTLE (SECOND / 2)
#define QUIET (3 * SECOND) /* after which what has not come is lost */
#define BYSTANDER_PATTERNS 100
#define WARM_UP_CONNECTIONS 200

struct reading {
    int64_t time;
    int64_t server_cpu;
    int64_t own_cpu;
    uint64_t delivered;
    uint64_t published;
};

static struct reading read_all(void) {
    return (struct reading){now_us(), servers_cpu_us(), own_cpu_us(), tally.delivered, published()};
}

static void wait_for(int64_t us) {
    int64_t until = now_us() + us;
    while (now_us() < until) loop_turn(until);
}

/* Until all is delivered, or nothing has come for a while. */
static void drain(void) {
    uint64_t seen = tally.delivered;
    int64_t since = now_us();
    while (tally.delivered < deliveries_due() && now_us() < since + QUIET) {
        loop_turn(now_us() + SECOND / 10);
        if (tally.delivered != seen) {
            seen = tally.delivered;
            since = now_us();
        }
    }
}

static bool too_many_in_flight(void) {
    uint64_t under_way = deliveries_due() - tally.delivered - tally.lost;
    uint64_t one = (uint64_t)options.connections * (uint64_t)options.per_connection / (uint64_t)options.channels;
    return under_way >= (uint64_t)options.in_flight * (one == 0 ? 1 : one);
}

/* Publishes at the rate, in bursts, from one due time to the other; returns when the next one is due. */
static int64_t publish_between(int64_t from, int64_t until) {
    double between_bursts = 1e6 * options.burst / options.rate;
    int64_t due = from;
    uint64_t bursts = 0;
    while (now_us() < until) {
        while (due <= now_us() && due < until && !too_many_in_flight()) {
            for (int i = 0; i < options.burst; i++) publish(due);
            due = from + (int64_t)(between_bursts * (double)++bursts);
        }
        publishers_send();
        bool held_back = due <= now_us();
        int64_t next = held_back ? now_us() + SECOND / 1000 : due;
        loop_turn(next < until ? next : until);
    }
    return due;
}

static void print_latencies(void) {
    printf("p50_ms=%.3f\np99_ms=%.3f\nmax_ms=%.3f\n", (double)latency_quantile(0.5) / 1e3,
           (double)latency_quantile(0.99) / 1e3, (double)latency_quantile(1 - 1e-9) / 1e3);
}

static void print_window(struct reading a, struct reading b) {
    double seconds = (double)(b.time - a.time) / 1e6;
    double delivered = (double)(b.delivered - a.delivered);
    double cpu = (double)(b.server_cpu - a.server_cpu);
    printf("seconds=%.3f\n", seconds);
    printf("deliveries_per_second=%.0f\n", delivered / seconds);
    printf("published_per_second=%.0f\n", (double)(b.published - a.published) / seconds);
    printf("server_cpu_us_per_delivery=%.4f\n", delivered > 0 ? cpu / delivered : 0.0);
    printf("server_cpu_share=%.3f\n", cpu / 1e6 / seconds);
    printf("load_cpu_share=%.3f\n", (double)(b.own_cpu - a.own_cpu) / 1e6 / seconds);
}

static void print_losses(void) {
    printf("deliveries=%llu\nmissing=%llu\nrepeated=%llu\n", (unsigned long long)tally.delivered,
           (unsigned long long)(deliveries_due() - tally.delivered), (unsigned long long)tally.repeated);
}

void run_fanout(void) {
    int bystanders = (options.patterns + BYSTANDER_PATTERNS - 1) / BYSTANDER_PATTERNS;
    struct connection *watching =
        open_all(bystanders, BYSTANDER, options.patterns < BYSTANDER_PATTERNS ? options.patterns : BYSTANDER_PATTERNS, false);
    struct connection *readers = open_all(options.connections, SUBSCRIBER, options.per_connection, false);
    publishers_open();
    wait_for(SETTLE);
    int64_t start = now_us();
    int64_t measured_from = start + (int64_t)(options.warmup * 1e6);
    tally.from = measured_from;
    tally.until = measured_from + (int64_t)(options.seconds * 1e6);
    publish_between(start, measured_from);
    struct reading before = read_all();
    int64_t next_due = publish_between(measured_from, tally.until);
    struct reading after = read_all();
    int64_t behind = tally.until - next_due;
    drain();
    print_window(before, after);
    printf("behind_ms=%.1f\n", behind > 0 ? (double)behind / 1e3 : 0.0);
    print_latencies();
    print_losses();
    close_all(readers, options.connections);
    close_all(watching, bystanders);
    publishers_close();
}

void run_idle(void) {
    close_all(open_all(WARM_UP_CONNECTIONS, SUBSCRIBER, 1, false), WARM_UP_CONNECTIONS);
    wait_for(4 * SETTLE);
    int64_t before = servers_resident_kib();
    struct connection *readers = open_all(options.connections, SUBSCRIBER, 1, false);
    wait_for((int64_t)(options.seconds * 1e6));
    int64_t after = servers_resident_kib();
    printf("resident_before_kib=%lld\nresident_after_kib=%lld\nkib_per_connection=%.3f\n", (long long)before,
           (long long)after, (double)(after - before) / options.connections);
    close_all(readers, options.connections);
}

/* The cursor in {"type":"ready",…,"cursor":"…"}. */
static void resume_from_here(void) {
    const struct buffer *greeting = publisher_greeting();
    const char *key = "\"cursor\":\"";
    char *found = memmem(greeting->bytes, greeting->length, key, strlen(key));
    if (found == NULL || sscanf(found + strlen(key), "%63[^\"]", options.after) != 1)
        fail("no cursor in what the server said: %.*s", (int)greeting->length, greeting->bytes);
}

void run_catchup(void) {
    publishers_open();
    resume_from_here();
    int readers_wanted = options.connections;
    struct connection *witness = open_all(1, SUBSCRIBER, 1, false);
    for (int i = 0; i < options.messages; i++) {
        publish(now_us());
        publishers_send();
        while (tally.delivered + 50 < published()) loop_turn(now_us() + SECOND);
    }
    while (tally.delivered < published()) loop_turn(now_us() + SECOND);
    close_all(witness, 1);
    struct connection *readers = open_all(readers_wanted, SUBSCRIBER, 1, true);
    wait_for(SETTLE);
    tally.delivered = 0;
    struct reading before = read_all();
    for (int i = 0; i < readers_wanted; i++) request(&readers[i]);
    drain();
    struct reading after = read_all();
    print_window(before, after);
    print_losses();
    close_all(readers, readers_wanted);
    publishers_close();
}
