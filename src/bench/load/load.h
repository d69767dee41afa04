/* What puts load on a server and counts what comes back: one thread, one epoll. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A marker stands in each payload: ~, channel (5 hex digits), number on it (8), due time in us (12). */
#define MARK_BYTES 26
#define MAX_PIDS 16

struct buffer {
    char *bytes;
    size_t length;
    size_t capacity;
};

/* A bystander subscribes to patterns that nothing matches. */
enum role { SUBSCRIBER, PUBLISHER, BYSTANDER };

struct peer;

struct options {
    const struct peer *peer;
    bool sse;
    int port;
    int connections;
    int channels;
    int per_connection;
    int patterns;
    int bytes;
    int burst;
    int in_flight;
    int messages;
    double rate;
    double warmup;
    double seconds;
    pid_t pids[MAX_PIDS];
    int pid_count;
    char prefix[16];
    char after[64]; /* the cursor that subscribers resume from, or empty; Anabranch alone */
};

struct connection;

/* How a server is spoken to. Text is appended to the buffer; what is framed is said to be. */
struct peer {
    const char *name;
    bool binary;                /* WebSocket frames from the client */
    bool publisher_per_channel; /* as the URL names the channel */
    bool ready_by_channel;      /* over WebSocket subscribers are told for each channel */
    /* What the server says, by role and transport, when a connection is set up. NULL: its HTTP answer. */
    const char *ready_websocket;
    const char *ready_sse;
    const char *ready_publisher;
    const char *sign; /* the server's sign of life that wants an answer, or NULL */
    const char *answer;
    void (*path)(struct buffer *, const struct connection *);
    void (*greet)(struct buffer *, const struct connection *); /* whole frames; or NULL */
    void (*publish)(struct buffer *, int channel, const char *payload); /* one frame's payload */
};

enum stage { CONNECTING, HELD, HEAD, GREETING, LIVE };

struct connection {
    int fd;
    enum stage stage;
    enum role role;
    bool held; /* sends no request before it is told to */
    bool wants_write;
    int first; /* of its channels */
    int count;
    int awaited; /* signs that it is set up */
    uint32_t *next; /* the number that comes next, by channel */
    struct buffer out;
    struct buffer text; /* what came before it was live */
    size_t seen;        /* of text */
    uint64_t left;      /* of the frame's payload */
    uint8_t opcode;
    uint8_t head_length;
    uint8_t head[10];
    bool is_brief; /* the whole payload is kept */
    uint8_t brief_length;
    uint8_t brief[125];
    uint8_t mark_length;
    uint8_t mark[MARK_BYTES];
};

struct tally {
    uint64_t delivered;
    uint64_t lost;
    uint64_t repeated;
    int64_t from; /* latencies count for what was due from here to there, us */
    int64_t until;
};

extern struct options options;
extern struct tally tally;

/* util.c */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t now_us(void); /* all times are of the monotonic clock */
void free_buffer(struct buffer *b);
void append(struct buffer *to, const void *bytes, size_t length);
/* At most 4095 bytes. */
void print_to(struct buffer *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
void frame_to(struct buffer *to, int opcode, const void *payload, size_t length);
void latency_add(int64_t us);
int64_t latency_quantile(double quantile); /* 0 when there is none */
int64_t servers_cpu_us(void);
int64_t servers_resident_kib(void);
int64_t own_cpu_us(void);

/* peers.c */
const struct peer *peer_named(const char *name);

/* connection.c */
void loop_begin(void);
void loop_turn(int64_t until); /* waits for events until then at most, and handles them */
/* Opens that many, each with so many channels, and waits until all are live, or connected when held. */
struct connection *open_all(int number, enum role role, int per_connection, bool held);
void close_all(struct connection *connections, int number);
void request(struct connection *c); /* of one that was held */
void send_frame(struct connection *c, int opcode, const void *payload, size_t length);
void send_out(struct connection *c);
void becomes_live(struct connection *c);

/* scan.c */
void take(struct connection *c, const uint8_t *bytes, size_t length);

/* runs.c: each prints its figures as lines of name=value. */
void run_fanout(void);
void run_idle(void);
void run_catchup(void);
void run_post(void);

/* publish.c: over WebSocket, to channels 0, 1, … and again from 0. */
void publishers_open(void);
void publishers_close(void);
/* What the server said when the first publisher connected. */
const struct buffer *publisher_greeting(void);
void publish(int64_t due);
void publishers_send(void);
uint64_t published(void);
/* How often what was published is to be delivered, all in all. */
uint64_t deliveries_due(void);

#endif
