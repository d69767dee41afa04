/*
 * What a server sends: WebSocket frames are taken apart as far as needed to answer signs of life;
 * messages are found by the marker in their payload, whatever the server wraps around it.
 */
#include "load.h"

#include <string.h>

struct tally tally;

static uint64_t hex(const uint8_t *digits, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; i++) {
        uint8_t d = digits[i];
        value = value << 4 | (uint64_t)((d & 15) + (d > '9' ? 9 : 0));
    }
    return value;
}

static void message(struct connection *c, const uint8_t *mark, int64_t now) {
    int channel = (int)hex(mark + 1, 5);
    uint32_t number = (uint32_t)hex(mark + 6, 8);
    int64_t due = (int64_t)hex(mark + 14, 12);
    int index = channel - c->first;
    if (index < 0) index += options.channels;
    if (index < 0 || index >= c->count)
        fail("a message of channel %d came to a subscriber of %d to %d", channel, c->first,
             c->first + c->count - 1);
    if (number < c->next[index]) {
        tally.repeated++;
        return;
    }
    tally.delivered++;
    tally.lost += number - c->next[index];
    c->next[index] = number + 1;
    if (due >= tally.from && due < tally.until) latency_add(now - due);
}

static void find_messages(struct connection *c, const uint8_t *p, size_t length) {
    const uint8_t *end = p + length;
    int64_t now = now_us();
    while (p < end) {
        if (c->mark_length == 0) {
            p = memchr(p, '~', (size_t)(end - p));
            if (p == NULL) return;
            if (end - p >= MARK_BYTES) {
                message(c, p, now);
                p += MARK_BYTES;
                continue;
            }
        }
        size_t missing = (size_t)(MARK_BYTES - c->mark_length);
        size_t part = missing < (size_t)(end - p) ? missing : (size_t)(end - p);
        memcpy(c->mark + c->mark_length, p, part);
        c->mark_length = (uint8_t)(c->mark_length + part);
        p += part;
        if (c->mark_length == MARK_BYTES) {
            message(c, c->mark, now);
            c->mark_length = 0;
        }
    }
}

static const char *sign_of_readiness(const struct connection *c) {
    if (c->role == PUBLISHER) return options.peer->ready_publisher;
    return options.sse && c->role == SUBSCRIBER ? options.peer->ready_sse : options.peer->ready_websocket;
}

static void greeting(struct connection *c, const uint8_t *bytes, size_t length) {
    append(&c->text, bytes, length);
    const char *sign = sign_of_readiness(c);
    char *found;
    while ((found = memmem(c->text.bytes + c->seen, c->text.length - c->seen, sign, strlen(sign))) != NULL) {
        c->seen = (size_t)(found - c->text.bytes) + strlen(sign);
        if (--c->awaited == 0) {
            find_messages(c, (uint8_t *)c->text.bytes + c->seen, c->text.length - c->seen);
            becomes_live(c);
            return;
        }
    }
}

static void content(struct connection *c, const uint8_t *bytes, size_t length) {
    if (c->stage == GREETING)
        greeting(c, bytes, length);
    else
        find_messages(c, bytes, length);
}

static void frame_ends(struct connection *c) {
    const char *sign = options.peer->sign;
    if (c->opcode == 8) {
        fail("the server closed a WebSocket: %.*s", c->brief_length > 2 ? c->brief_length - 2 : 0,
             (char *)c->brief + 2);
    } else if (c->opcode == 9) {
        send_frame(c, 10, c->brief, c->brief_length);
    } else if (sign != NULL && c->is_brief && c->brief_length == strlen(sign)
               && memcmp(c->brief, sign, c->brief_length) == 0) {
        send_frame(c, options.peer->binary ? 2 : 1, options.peer->answer, strlen(options.peer->answer));
    }
    c->head_length = 0;
    c->brief_length = 0;
}

/* Whether the frame's head is whole (RFC 6455, section 5.2); then what is left of the frame is known. */
static bool head_is_whole(struct connection *c) {
    if (c->head_length < 2) return false;
    int length = c->head[1] & 127;
    int extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (c->head_length < 2 + extra) return false;
    c->opcode = c->head[0] & 15;
    c->left = extra == 0 ? (uint64_t)length : 0;
    for (int i = 0; i < extra; i++) c->left = c->left << 8 | c->head[2 + i];
    c->is_brief = c->left <= sizeof c->brief;
    return true;
}

static void take_frames(struct connection *c, const uint8_t *p, size_t length) {
    const uint8_t *end = p + length;
    while (p < end) {
        if (c->left == 0) {
            c->head[c->head_length++] = *p++;
            if (head_is_whole(c) && c->left == 0) frame_ends(c);
            continue;
        }
        size_t part = c->left < (uint64_t)(end - p) ? (size_t)c->left : (size_t)(end - p);
        if (c->is_brief) {
            memcpy(c->brief + c->brief_length, p, part);
            c->brief_length = (uint8_t)(c->brief_length + part);
        }
        if (c->opcode < 8) content(c, p, part);
        p += part;
        c->left -= part;
        if (c->left == 0) frame_ends(c);
    }
}

static bool is_sse(const struct connection *c) { return options.sse && c->role == SUBSCRIBER; }

/* Looks for the end of the HTTP answer's head; says how many of the bytes belong to it. */
static size_t take_head(struct connection *c, const uint8_t *bytes, size_t length) {
    size_t before = c->text.length;
    append(&c->text, bytes, length);
    const char *end = memmem(c->text.bytes, c->text.length, "\r\n\r\n", 4);
    if (end == NULL) return length;
    size_t head = (size_t)(end - c->text.bytes) + 4;
    const char *status = is_sse(c) ? "HTTP/1.1 200" : "HTTP/1.1 101";
    const char *accept = is_sse(c) ? "text/event-stream" : "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    if (memcmp(c->text.bytes, status, strlen(status)) != 0
        || memmem(c->text.bytes, head, accept, strlen(accept)) == NULL)
        fail("the server answered (expected: %s and %s):\n%.*s", status, accept, (int)c->text.length,
             c->text.bytes);
    c->text.length = 0;
    if (sign_of_readiness(c) == NULL) {
        becomes_live(c);
        return head - before;
    }
    c->stage = GREETING;
    c->awaited = c->role != PUBLISHER && !is_sse(c) && options.peer->ready_by_channel ? c->count : 1;
    if (!is_sse(c) && options.peer->greet != NULL) {
        options.peer->greet(&c->out, c);
        send_out(c);
    }
    return head - before;
}

void take(struct connection *c, const uint8_t *bytes, size_t length) {
    if (c->stage == HEAD) {
        size_t head = take_head(c, bytes, length);
        bytes += head;
        length -= head;
    }
    if (length == 0) return;
    if (is_sse(c))
        content(c, bytes, length);
    else
        take_frames(c, bytes, length);
}
