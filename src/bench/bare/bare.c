/*
 * The least that a fan-out can do: one thread, one epoll, and one send for each message and connection.
 *
 * GET /sse?channel=NAME& and GET /ws?channel=NAME& (RFC 6455) subscribe to one channel; on /ws without a
 * channel each text frame "NAME PAYLOAD" is published. Not a server for use: it trusts its clients.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_BYTES 32
#define INPUT_BYTES 65536
#define CHANNEL_SLOTS 4096

struct client {
    int fd;
    bool open;
    bool upgraded;
    bool wants_write;
    struct channel *channel; /* NULL: a publisher, or not known yet */
    size_t place;            /* in the channel's list */
    uint8_t *input;          /* what is not whole yet */
    size_t input_length;
    uint8_t *pending; /* what the socket did not take */
    size_t pending_length;
};

struct channel {
    char name[NAME_BYTES];
    uint64_t number;
    struct client **websockets, **streams;
    size_t websocket_count, stream_count;
};

static int epoll;
static struct channel *channels[CHANNEL_SLOTS];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *grown(void *old, size_t size) {
    void *bytes = realloc(old, size);
    if (bytes == NULL) die("realloc");
    return bytes;
}

static struct channel *channel_named(const char *name, size_t length) {
    if (length >= NAME_BYTES) length = NAME_BYTES - 1;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    for (size_t i = 0; i < CHANNEL_SLOTS; i++) {
        struct channel **slot = &channels[(hash + i) % CHANNEL_SLOTS];
        if (*slot == NULL) {
            *slot = grown(NULL, sizeof **slot);
            memset(*slot, 0, sizeof **slot);
            memcpy((*slot)->name, name, length);
        }
        if (strncmp((*slot)->name, name, length) == 0 && (*slot)->name[length] == 0) return *slot;
    }
    fprintf(stderr, "bare: more than %d channels\n", CHANNEL_SLOTS);
    exit(1);
}

/* SHA-1 (RFC 3174) of less than 120 bytes: two blocks are enough for a handshake. */
static uint32_t rotated(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void sha1_block(uint32_t h[5], const uint8_t *block) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        w[i] = i < 16 ? (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16
                            | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3]
                      : rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotated(a, 5) + f + e + w[i];
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

static void sha1(const char *text, size_t length, uint8_t digest[20]) {
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t blocks[128] = {0};
    size_t size = length < 56 ? 64 : 128;
    memcpy(blocks, text, length);
    blocks[length] = 0x80;
    blocks[size - 2] = (uint8_t)(length * 8 >> 8);
    blocks[size - 1] = (uint8_t)(length * 8);
    for (size_t i = 0; i < size; i += 64) sha1_block(h, blocks + i);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t digest[20], char out[29]) {
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t in[21] = {0};
    memcpy(in, digest, 20);
    for (int i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)in[3 * i] << 16 | (uint32_t)in[3 * i + 1] << 8 | in[3 * i + 2];
        for (int j = 0; j < 4; j++) out[4 * i + j] = ALPHABET[three >> (18 - 6 * j) & 63];
    }
    memcpy(out + 27, "=", 2);
}

static void watch(struct client *c, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (c->wants_write ? EPOLLOUT : 0u), .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void leave(struct client *c) {
    struct client ***list = c->upgraded ? &c->channel->websockets : &c->channel->streams;
    size_t *count = c->upgraded ? &c->channel->websocket_count : &c->channel->stream_count;
    struct client *last = (*list)[--*count];
    (*list)[c->place] = last;
    last->place = c->place;
}

static void end(struct client *c) {
    if (!c->open) return;
    if (c->channel != NULL) leave(c);
    close(c->fd);
    free(c->input);
    free(c->pending);
    c->open = false; /* its event may be in this turn's list still: freed is only what it holds */
    c->input = c->pending = NULL;
}

static void keep_rest(struct client *c, const uint8_t *bytes, size_t length) {
    c->pending = grown(c->pending, c->pending_length + length);
    memcpy(c->pending + c->pending_length, bytes, length);
    c->pending_length += length;
    if (c->wants_write) return;
    c->wants_write = true;
    watch(c, EPOLL_CTL_MOD);
}

static void put(struct client *c, const uint8_t *bytes, size_t length) {
    ssize_t n = 0;
    if (c->pending_length == 0) n = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return; /* reading will tell that it is closed */
    if (n < 0) n = 0;
    if ((size_t)n < length) keep_rest(c, bytes + n, length - (size_t)n);
}

static void writable(struct client *c) {
    ssize_t n = send(c->fd, c->pending, c->pending_length, MSG_NOSIGNAL);
    if (n < 0) return;
    c->pending_length -= (size_t)n;
    memmove(c->pending, c->pending + n, c->pending_length);
    if (c->pending_length > 0) return;
    free(c->pending);
    c->pending = NULL;
    c->wants_write = false;
    watch(c, EPOLL_CTL_MOD);
}

static void deliver(struct channel *channel, const uint8_t *payload, size_t length) {
    static uint8_t bytes[INPUT_BYTES + 64];
    size_t head = length < 126 ? 2 : 4;
    bytes[0] = 0x81;
    bytes[1] = (uint8_t)(length < 126 ? length : 126);
    if (head == 4) bytes[2] = (uint8_t)(length >> 8), bytes[3] = (uint8_t)length;
    memcpy(bytes + head, payload, length);
    for (size_t i = 0; i < channel->websocket_count; i++) put(channel->websockets[i], bytes, head + length);
    size_t before = (size_t)sprintf((char *)bytes, "id: %llu\ndata: ", (unsigned long long)++channel->number);
    memcpy(bytes + before, payload, length);
    memcpy(bytes + before + length, "\n\n", 2);
    for (size_t i = 0; i < channel->stream_count; i++) put(channel->streams[i], bytes, before + length + 2);
}

static void publish(uint8_t *text, size_t length) {
    uint8_t *space = memchr(text, ' ', length);
    if (space == NULL) return;
    size_t name = (size_t)(space - text);
    deliver(channel_named((char *)text, name), space + 1, length - name - 1);
}

/* Takes one frame of a publisher; says how long it is, or 0 while it is not whole. */
static size_t take_frame(struct client *c, uint8_t *bytes, size_t length) {
    if (length < 2) return 0;
    size_t payload = bytes[1] & 127, head = 6;
    if (payload == 126) {
        if (length < 4) return 0;
        payload = (size_t)bytes[2] << 8 | bytes[3];
        head = 8;
    }
    if (length < head + payload) return 0;
    uint8_t *text = bytes + head;
    for (size_t i = 0; i < payload; i++) text[i] ^= bytes[head - 4 + (i & 3)];
    if ((bytes[0] & 15) == 8)
        end(c);
    else
        publish(text, payload);
    return head + payload;
}

static void join(struct client *c, const char *name, size_t length) {
    c->channel = channel_named(name, length);
    struct client ***list = c->upgraded ? &c->channel->websockets : &c->channel->streams;
    size_t *count = c->upgraded ? &c->channel->websocket_count : &c->channel->stream_count;
    if ((*count & (*count - 1)) == 0) *list = grown(*list, (*count == 0 ? 1 : 2 * *count) * sizeof **list);
    c->place = *count;
    (*list)[(*count)++] = c;
}

static size_t take_request(struct client *c, uint8_t *bytes, size_t length) {
    uint8_t *last = memmem(bytes, length, "\r\n\r\n", 4);
    if (last == NULL) return 0;
    *last = 0;
    char *text = (char *)bytes, answer[256];
    char *key = strcasestr(text, "\r\nSec-WebSocket-Key: ");
    c->upgraded = key != NULL;
    if (c->upgraded) {
        char joined[64], accept[29];
        uint8_t digest[20];
        snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 21);
        sha1(joined, strlen(joined), digest);
        base64(digest, accept);
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Accept: %s\r\n\r\n",
                 accept);
    } else {
        strcpy(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n");
    }
    char *name = strstr(text, "?channel=");
    if (name != NULL) join(c, name + 9, strcspn(name + 9, "& "));
    put(c, (uint8_t *)answer, strlen(answer));
    return (size_t)(last + 4 - bytes);
}

static void readable(struct client *c) {
    static uint8_t input[INPUT_BYTES + 1];
    memcpy(input, c->input, c->input_length);
    ssize_t n = recv(c->fd, input + c->input_length, INPUT_BYTES - c->input_length, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        end(c);
        return;
    }
    size_t length = c->input_length + (size_t)n, at = 0;
    while (c->open && at < length) {
        bool publishes = c->upgraded && c->channel == NULL;
        size_t taken = publishes       ? take_frame(c, input + at, length - at)
                       : c->channel != NULL ? length - at
                                            : take_request(c, input + at, length - at);
        if (taken == 0) break;
        at += taken;
    }
    if (!c->open) return;
    c->input_length = length - at;
    if (c->input_length > 0 && c->input == NULL) c->input = grown(NULL, INPUT_BYTES);
    memmove(c->input_length > 0 ? c->input : input, input + at, c->input_length);
}

static void accepted(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct client *c = grown(NULL, sizeof *c);
        *c = (struct client){.fd = fd, .open = true};
        watch(c, EPOLL_CTL_ADD);
    }
}

static int listening(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0) die("listen");
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: bare PORT\n", stderr);
        return 2;
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = listening(atoi(argv[1]));
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            struct client *c = events[i].data.ptr;
            if (c == NULL) {
                accepted(listener);
                continue;
            }
            if (c->open && events[i].events & EPOLLOUT) writable(c);
            if (c->open && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(c);
        }
    }
}
