#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct connection *publishers;
static int publisher_count;
static uint64_t total;
static uint64_t due_deliveries;
static int *subscribers; /* by channel */

static void count_subscribers(void) {
    subscribers = calloc((size_t)options.channels, sizeof *subscribers);
    if (subscribers == NULL) fail("no memory");
    int64_t subscriptions = (int64_t)options.connections * options.per_connection;
    for (int64_t i = 0; i < subscriptions; i++) subscribers[i % options.channels]++;
}

void publishers_open(void) {
    publisher_count = options.peer->publisher_per_channel ? options.channels : 1;
    publishers = open_all(publisher_count, PUBLISHER, options.peer->publisher_per_channel ? 1 : 0, false);
    count_subscribers();
}

void publishers_close(void) {
    close_all(publishers, publisher_count);
    free(subscribers);
}

const struct buffer *publisher_greeting(void) { return &publishers[0].text; }

/* A JSON string of options.bytes bytes, so that every server takes it as it is. */
static const char *payload(int channel, uint32_t number, int64_t due) {
    static char text[4096];
    int length = snprintf(text, sizeof text, "\"~%05x%08x%012llx", (unsigned)channel, (unsigned)number,
                          (unsigned long long)due);
    memset(text + length, 'x', (size_t)(options.bytes - length - 1));
    memcpy(text + options.bytes - 1, "\"", 2);
    return text;
}

void publish(int64_t due) {
    int channel = (int)(total % (uint64_t)options.channels);
    uint32_t number = (uint32_t)(total / (uint64_t)options.channels);
    struct connection *publisher = &publishers[publisher_count == 1 ? 0 : channel];
    static struct buffer text;
    text.length = 0;
    options.peer->publish(&text, channel, payload(channel, number, due));
    frame_to(&publisher->out, options.peer->binary ? 2 : 1, text.bytes, text.length);
    total++;
    due_deliveries += (uint64_t)subscribers[channel];
}

void publishers_send(void) {
    for (int i = 0; i < publisher_count; i++)
        if (publishers[i].out.length > 0 && !publishers[i].wants_write) send_out(&publishers[i]);
}

uint64_t published(void) { return total; }

uint64_t deliveries_due(void) { return due_deliveries; }
