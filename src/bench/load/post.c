/* Publishes over HTTP: on each keep-alive connection one request after the other. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct poster {
    int fd;
    char request[1024];
    size_t request_length;
    char answer[4096];
    size_t answer_length;
    int64_t sent_at;
};

static uint64_t answered;

static void post(struct poster *p) {
    p->answer_length = 0;
    p->sent_at = now_us();
    if (send(p->fd, p->request, p->request_length, MSG_NOSIGNAL) != (ssize_t)p->request_length)
        fail("send: %s", strerror(errno));
}

static void open_poster(struct poster *p, int number) {
    bool nchan = options.peer->publisher_per_channel;
    char *data = malloc((size_t)options.bytes + 1);
    if (data == NULL) fail("no memory");
    memset(data, 'x', (size_t)options.bytes);
    data[0] = data[options.bytes - 1] = '"';
    data[options.bytes] = 0;
    p->request_length = (size_t)snprintf(
        p->request, sizeof p->request,
        "POST /%s%s%d%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        "Content-Length: %d\r\n\r\n%s",
        nchan ? "pub/" : "api/v1/channels/", options.prefix, number % options.channels,
        nchan ? "" : "/messages", options.port, options.bytes, data);
    free(data);
    if (p->request_length >= sizeof p->request) fail("--bytes %d (expected: less)", options.bytes);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect: %s", strerror(errno));
}

/* Whether the answer is whole. One that is no success ends the run. */
static bool take_answer(struct poster *p) {
    size_t space = sizeof p->answer - 1 - p->answer_length;
    ssize_t n = recv(p->fd, p->answer + p->answer_length, space, 0);
    if (n <= 0) fail("the server closed a connection%s%s", n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
    p->answer_length += (size_t)n;
    p->answer[p->answer_length] = 0;
    const char *end = strstr(p->answer, "\r\n\r\n");
    if (end == NULL) return false;
    const char *length = strcasestr(p->answer, "\r\ncontent-length:");
    if (strncmp(p->answer, "HTTP/1.1 20", 11) != 0 || length == NULL || length > end)
        fail("the server answered (expected: success, with a Content-Length):\n%s", p->answer);
    return p->answer_length >= (size_t)(end + 4 - p->answer) + strtoul(length + 17, NULL, 10);
}

static void post_until(int epoll, int64_t until, bool measured) {
    struct epoll_event events[64];
    while (now_us() < until) {
        int count = epoll_wait(epoll, events, 64, 100);
        for (int i = 0; i < count; i++) {
            struct poster *p = events[i].data.ptr;
            if (!take_answer(p)) continue;
            if (measured) latency_add(now_us() - p->sent_at);
            answered++;
            post(p);
        }
    }
}

void run_post(void) {
    int epoll = epoll_create1(0);
    struct poster *posters = calloc((size_t)options.connections, sizeof *posters);
    if (epoll < 0 || posters == NULL) fail("epoll_create1: %s", strerror(errno));
    for (int i = 0; i < options.connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &posters[i]};
        open_poster(&posters[i], i);
        epoll_ctl(epoll, EPOLL_CTL_ADD, posters[i].fd, &event);
        post(&posters[i]);
    }
    post_until(epoll, now_us() + (int64_t)(options.warmup * 1e6), false);
    uint64_t before = answered;
    int64_t start = now_us(), cpu = servers_cpu_us(), own = own_cpu_us();
    post_until(epoll, start + (int64_t)(options.seconds * 1e6), true);
    double seconds = (double)(now_us() - start) / 1e6;
    double posts = (double)(answered - before);
    printf("seconds=%.3f\nposts_per_second=%.0f\nserver_cpu_us_per_post=%.3f\nload_cpu_share=%.3f\n", seconds,
           posts / seconds, (double)(servers_cpu_us() - cpu) / posts,
           (double)(own_cpu_us() - own) / 1e6 / seconds);
    printf("p50_ms=%.3f\np99_ms=%.3f\n", (double)latency_quantile(0.5) / 1e3, (double)latency_quantile(0.99) / 1e3);
    for (int i = 0; i < options.connections; i++) close(posters[i].fd);
    free(posters);
    close(epoll);
}
