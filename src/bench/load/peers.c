/* What each server is told, as its own documentation has it. */
#include "load.h"

#include <string.h>

static int channel_of(const struct connection *c, int i) { return (c->first + i) % options.channels; }

static void query(struct buffer *to, const struct connection *c) {
    print_to(to, options.sse && c->role == SUBSCRIBER ? "/sse?" : "/ws?");
    for (int i = 0; i < c->count; i++) print_to(to, "channel=%s%d&", options.prefix, channel_of(c, i));
    if (*options.after != 0 && c->role == SUBSCRIBER) print_to(to, "after=%s&", options.after);
}

/* Over WebSocket, frames name the channels: there may be more than fit into a URL. */
static void anabranch_path(struct buffer *to, const struct connection *c) {
    if (options.sse && c->role == SUBSCRIBER)
        query(to, c);
    else
        print_to(to, "/ws?");
}

static void anabranch_greet(struct buffer *to, const struct connection *c) {
    for (int i = 0; i < c->count; i++) {
        struct buffer frame = {0};
        print_to(&frame, "{\"type\":\"subscribe\",\"ref\":%d,\"channel\":\"", i);
        if (c->role == BYSTANDER)
            print_to(&frame, "idle.%d.*\"", c->first + i);
        else
            print_to(&frame, "%s%d\"", options.prefix, channel_of(c, i));
        if (*options.after != 0) print_to(&frame, ",\"after\":\"%s\"", options.after);
        print_to(&frame, "}");
        frame_to(to, 1, frame.bytes, frame.length);
        free_buffer(&frame);
    }
}

static void anabranch_publish(struct buffer *to, int channel, const char *payload) {
    print_to(to, "{\"type\":\"publish\",\"channel\":\"%s%d\",\"data\":%s}", options.prefix, channel, payload);
}

static void bare_publish(struct buffer *to, int channel, const char *payload) {
    print_to(to, "%s%d %s", options.prefix, channel, payload);
}

static void nchan_path(struct buffer *to, const struct connection *c) {
    const char *location = c->role == PUBLISHER ? "pub" : "sub";
    print_to(to, "/%s/%s%d?", location, options.prefix, channel_of(c, 0));
}

static void nchan_publish(struct buffer *to, int channel, const char *payload) {
    (void)channel; /* the URL named it */
    print_to(to, "%s", payload);
}

static void nats_path(struct buffer *to, const struct connection *c) {
    (void)c;
    print_to(to, "/?");
}

static void nats_greet(struct buffer *to, const struct connection *c) {
    struct buffer text = {0};
    print_to(&text, "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\"}\r\n");
    for (int i = 0; i < c->count; i++)
        print_to(&text, "SUB %s%d %d\r\n", options.prefix, channel_of(c, i), i + 1);
    print_to(&text, "PING\r\n");
    frame_to(to, 2, text.bytes, text.length);
    free_buffer(&text);
}

static void nats_publish(struct buffer *to, int channel, const char *payload) {
    print_to(to, "PUB %s%d %zu\r\n%s\r\n", options.prefix, channel, strlen(payload), payload);
}

static void socketio_path(struct buffer *to, const struct connection *c) {
    print_to(to, "/socket.io/?EIO=4&transport=websocket&");
    for (int i = 0; i < c->count; i++) print_to(to, "channel=%s%d&", options.prefix, channel_of(c, i));
}

static void socketio_greet(struct buffer *to, const struct connection *c) {
    (void)c;
    frame_to(to, 1, "40", 2);
}

static void socketio_publish(struct buffer *to, int channel, const char *payload) {
    print_to(to, "42[\"publish\",\"%s%d\",%s]", options.prefix, channel, payload);
}

static const struct peer PEERS[] = {
    {.name = "anabranch",
     .ready_by_channel = true,
     .ready_websocket = "\"type\":\"ok\"",
     .ready_sse = "id:",
     .ready_publisher = "\"type\":\"ready\"",
     .path = anabranch_path,
     .greet = anabranch_greet,
     .publish = anabranch_publish},
    {.name = "bare", .path = query, .publish = bare_publish},
    {.name = "nchan", .publisher_per_channel = true, .path = nchan_path, .publish = nchan_publish},
    {.name = "nats",
     .binary = true,
     .ready_websocket = "PONG",
     .ready_publisher = "PONG",
     .sign = "PING\r\n",
     .answer = "PONG\r\n",
     .path = nats_path,
     .greet = nats_greet,
     .publish = nats_publish},
    {.name = "socket.io",
     .ready_websocket = "40{",
     .ready_publisher = "40{",
     .sign = "2",
     .answer = "3",
     .path = socketio_path,
     .greet = socketio_greet,
     .publish = socketio_publish},
};

const struct peer *peer_named(const char *name) {
    for (size_t i = 0; i < sizeof PEERS / sizeof *PEERS; i++)
        if (strcmp(PEERS[i].name, name) == 0) return &PEERS[i];
    fail("--peer %s (expected: anabranch, bare, nchan, nats or socket.io)", name);
}
