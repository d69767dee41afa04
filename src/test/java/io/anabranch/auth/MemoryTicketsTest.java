package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryTicketsTest {
    private final AtomicLong now = new AtomicLong(-5_000);
    private final AtomicLong wall = new AtomicLong(1_000_000);
    private final MemoryTickets tickets = new MemoryTickets(3, now::get, wall::get);
    private final Principal alice =
            new Principal("alice", Permissions.NONE, 4_102_444_800_000L, 0, "t1");

    @Test
    void standForTheirPrincipalOnce() {
        String ticket = tickets.issue(alice).result();

        assertThat(tickets.redeem(ticket).result()).isSameAs(alice);
        assertRefused(ticket);
    }

    @Test
    void endAfterThirtySeconds() {
        String inTime = tickets.issue(alice).result();
        String late = tickets.issue(alice).result();

        now.addAndGet(29_999);
        assertThat(tickets.redeem(inTime).result()).isSameAs(alice);
        now.addAndGet(1);
        assertRefused(late);
    }

    @Test
    void endWithTheirToken() {
        Principal bob = new Principal("bob", Permissions.NONE, 1_000_500, 0, "t2");
        String inTime = tickets.issue(bob).result();
        String late = tickets.issue(bob).result();

        wall.addAndGet(499);
        assertThat(tickets.redeem(inTime).result()).isSameAs(bob);
        wall.addAndGet(1);
        assertRefused(late);
    }

    @Test
    void areRefusedWhenTheyWereNeverIssued() {
        assertRefused("");
        assertRefused("A".repeat(43));
    }

    @Test
    void areBoundedInNumberUntilTheyExpire() {
        for (int i = 0; i < 3; i++) {
            tickets.issue(alice).result();
        }

        assertThat(tickets.issue(alice).cause())
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
        now.addAndGet(30_000);
        assertThat(tickets.redeem(tickets.issue(alice).result()).result()).isSameAs(alice);
    }

    @Test
    void areLongAndNeverTheSame() {
        Tickets many = new MemoryTickets();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            seen.add(many.issue(alice).result());
        }

        assertThat(seen).hasSize(1_000).allMatch(ticket -> ticket.matches("[A-Za-z0-9_-]{43}"));
    }

    @Test
    void areRedeemedByOneOfManyThreads() throws InterruptedException {
        Tickets shared = new MemoryTickets();
        String ticket = shared.issue(alice).result();
        AtomicInteger redeemed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            threads.execute(
                    () -> {
                        boolean got = shared.redeem(ticket).succeeded();
                        (got ? redeemed : refused).incrementAndGet();
                    });
        }
        threads.shutdown();

        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(redeemed).hasValue(1);
        assertThat(refused).hasValue(7);
    }

    private void assertRefused(String ticket) {
        assertThat(tickets.redeem(ticket).cause())
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAUTHORIZED));
    }
}
