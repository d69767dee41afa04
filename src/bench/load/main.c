#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LONGEST_SECONDS 120 /* no run takes longer: whoever waits for it may rely on that */

static const char USAGE[] =
    "usage: load fanout|idle|catchup|post --peer NAME --port PORT --pids PID,… [OPTIONS]\n"
    "  --sse                 reads event streams (WebSocket)\n"
    "  --connections N       1000\n"
    "  --channels N          1; the subscriptions of the connections go round them\n"
    "  --per-connection N    1: channels of a connection\n"
    "  --patterns N          0: patterns that nothing matches, on connections of their own (Anabranch)\n"
    "  --rate R              50 messages a second on all channels together\n"
    "  --burst N             1: messages that are published at a time\n"
    "  --in-flight N         messages that may be on their way; then publishing waits (1 s of the rate)\n"
    "  --messages N          1000: what a client catches up with\n"
    "  --bytes N             200: a payload, of 40 to 4000\n"
    "  --warmup S            2\n"
    "  --seconds S           5\n";

struct options options = {.connections = 1000,
                          .channels = 1,
                          .per_connection = 1,
                          .rate = 50,
                          .burst = 1,
                          .bytes = 200,
                          .messages = 1000,
                          .warmup = 2,
                          .seconds = 5};

_Noreturn static void usage(void) {
    fputs(USAGE, stderr);
    exit(2);
}

static double number(const char *name, double least, double most) {
    char *end;
    double value = strtod(optarg, &end);
    if (*end != 0 || value < least || value > most) {
        fprintf(stderr, "load: --%s %s (expected: %g to %g)\n", name, optarg, least, most);
        exit(2);
    }
    return value;
}

static void pids(char *list) {
    for (char *pid = strtok(list, ","); pid != NULL; pid = strtok(NULL, ",")) {
        if (options.pid_count == MAX_PIDS) fail("--pids: more than %d", MAX_PIDS);
        options.pids[options.pid_count++] = atoi(pid);
    }
}

static void parse(int argc, char **argv) {
    static const struct option LONG[] = {
        {"peer", 1, NULL, 'p'},       {"port", 1, NULL, 'P'},           {"pids", 1, NULL, 'i'},
        {"sse", 0, NULL, 's'},        {"connections", 1, NULL, 'n'},    {"channels", 1, NULL, 'c'},
        {"rate", 1, NULL, 'r'},       {"per-connection", 1, NULL, 'k'}, {"patterns", 1, NULL, 't'},
        {"burst", 1, NULL, 'b'},      {"in-flight", 1, NULL, 'f'},      {"messages", 1, NULL, 'm'},
        {"bytes", 1, NULL, 'B'},      {"warmup", 1, NULL, 'w'},         {"seconds", 1, NULL, 'S'},
        {0}};
    int option, index = 0;
    while ((option = getopt_long(argc, argv, "", LONG, &index)) != -1) {
        const char *name = LONG[index].name;
        switch (option) {
        case 'p': options.peer = peer_named(optarg); break;
        case 'P': options.port = (int)number(name, 1, 65535); break;
        case 'i': pids(optarg); break;
        case 's': options.sse = true; break;
        case 'n': options.connections = (int)number(name, 1, 20000); break;
        case 'c': options.channels = (int)number(name, 1, 0xfffff); break;
        case 'k': options.per_connection = (int)number(name, 1, 100000); break;
        case 't': options.patterns = (int)number(name, 0, 1000000); break;
        case 'r': options.rate = number(name, 0.1, 1e7); break;
        case 'b': options.burst = (int)number(name, 1, 10000); break;
        case 'f': options.in_flight = (int)number(name, 1, 1e9); break;
        case 'm': options.messages = (int)number(name, 1, 1e6); break;
        case 'B': options.bytes = (int)number(name, 40, 4000); break;
        case 'w': options.warmup = number(name, 0, 60); break;
        case 'S': options.seconds = number(name, 0.1, 60); break;
        default: usage();
        }
    }
    if (options.peer == NULL || options.port == 0) usage();
    if (options.in_flight == 0) options.in_flight = options.rate < 100 ? 100 : (int)options.rate;
}

static void raise_file_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
    if (argc < 2) usage();
    parse(argc - 1, argv + 1);
    /* Channels of its own: what another run published is no business of this one. */
    snprintf(options.prefix, sizeof options.prefix, "b%d.", (int)getpid());
    raise_file_limit();
    loop_begin();
    alarm(LONGEST_SECONDS);
    if (strcmp(argv[1], "fanout") == 0)
        run_fanout();
    else if (strcmp(argv[1], "idle") == 0)
        run_idle();
    else if (strcmp(argv[1], "catchup") == 0)
        run_catchup();
    else if (strcmp(argv[1], "post") == 0)
        run_post();
    else
        usage();
    return 0;
}
