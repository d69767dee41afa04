/* Connections to the server, from the TCP handshake until they are closed. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_EVENTS 256
#define OPENING 128 /* how many may be on their way to being live at a time */
#define OPEN_SECONDS 60

static int epoll;
static int open_now; /* connected, or being so */
static int set_up;   /* live, or connected and held */
static uint8_t input[256 * 1024];

void loop_begin(void) {
    epoll = epoll_create1(0);
    if (epoll < 0) fail("epoll_create1: %s", strerror(errno));
}

static void watch(struct connection *c, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (c->wants_write ? EPOLLOUT : 0u), .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

static void want_write(struct connection *c, bool wants) {
    if (c->wants_write == wants) return;
    c->wants_write = wants;
    watch(c, EPOLL_CTL_MOD);
}

void send_out(struct connection *c) {
    size_t sent = 0;
    while (sent < c->out.length) {
        ssize_t n = send(c->fd, c->out.bytes + sent, c->out.length - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) fail("send: %s", strerror(errno));
        sent += (size_t)n;
    }
    c->out.length -= sent;
    if (sent > 0) memmove(c->out.bytes, c->out.bytes + sent, c->out.length);
    want_write(c, c->out.length > 0);
}

void send_frame(struct connection *c, int opcode, const void *payload, size_t length) {
    frame_to(&c->out, opcode, payload, length);
    send_out(c);
}

void request(struct connection *c) {
    print_to(&c->out, "GET ");
    options.peer->path(&c->out, c);
    print_to(&c->out, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", options.port);
    if (options.sse && c->role == SUBSCRIBER)
        print_to(&c->out, "Accept: text/event-stream\r\n\r\n");
    else
        print_to(&c->out, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    c->stage = HEAD;
    send_out(c);
}

void becomes_live(struct connection *c) {
    c->stage = LIVE;
    set_up++;
    if (c->role != PUBLISHER) free_buffer(&c->text);
}

static void connected(struct connection *c) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail("connect: %s", strerror(error));
    want_write(c, false);
    if (c->held) {
        c->stage = HELD;
        set_up++;
    } else {
        request(c);
    }
}

static void open_connection(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) fail("socket: %s (is ulimit -n high enough?)", strerror(errno));
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("connect: %s", strerror(errno));
    c->stage = CONNECTING;
    c->wants_write = true;
    watch(c, EPOLL_CTL_ADD);
    open_now++;
}

struct connection *open_all(int number, enum role role, int per_connection, bool held) {
    struct connection *all = calloc((size_t)number, sizeof *all);
    int64_t deadline = now_us() + OPEN_SECONDS * 1000000LL;
    int before = open_now;
    for (int i = 0; i < number; i++) {
        struct connection *c = &all[i];
        c->role = role;
        c->held = held;
        c->count = per_connection;
        c->first = (int)((int64_t)i * per_connection % (role == BYSTANDER ? INT32_MAX : options.channels));
        c->next = calloc((size_t)per_connection + 1, sizeof *c->next);
        if (c->next == NULL) fail("no memory");
        open_connection(c);
        while (open_now - set_up >= (i == number - 1 ? 1 : OPENING)) {
            if (now_us() > deadline)
                fail("%d of %d connections are set up after %d s", set_up - before, number, OPEN_SECONDS);
            loop_turn(deadline);
        }
    }
    return all;
}

void close_all(struct connection *connections, int number) {
    for (int i = 0; i < number; i++) {
        struct connection *c = &connections[i];
        close(c->fd);
        free_buffer(&c->out);
        free_buffer(&c->text);
        free(c->next);
    }
    open_now -= number;
    set_up -= number;
    free(connections);
}

static void readable(struct connection *c) {
    ssize_t n = recv(c->fd, input, sizeof input, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0)
        fail("the server closed a connection%s%s", n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
    take(c, input, (size_t)n);
}

void loop_turn(int64_t until) {
    struct epoll_event events[TURN_EVENTS];
    int64_t wait = until - now_us();
    if (wait < 0) wait = 0;
    struct timespec time = {.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
    int count = epoll_pwait2(epoll, events, TURN_EVENTS, &time, NULL);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (c->stage == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
            connected(c);
        } else {
            if (events[i].events & EPOLLOUT) send_out(c);
            if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(c);
        }
    }
}
