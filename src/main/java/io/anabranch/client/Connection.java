package io.anabranch.client;

import io.anabranch.client.Timers.Name;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses, watches and changes transports. Knows links only by what all of them have, and nothing
 * of channels.
 *
 * <p>At any time at most one link is active and serves; others are candidates. One takes over when
 * there is no active link, when that one fell silent, when it replaces one of its kind, or, a
 * WebSocket beside a serving stream, when it has answered for five seconds and caught up. The old
 * link is closed after the new one serves, never before.
 */
final class Connection implements Link.Events {
    private final List<Transport> kinds;
    private final TokenSource tokens;
    private final ConnectionListener listener;
    private final Map<Transport, Link> candidates = new EnumMap<>(Transport.class);
    private final Deque<Transport> untried = new ArrayDeque<>();
    private final Timers timers;
    private final SilenceWatch silence;
    private final List<Promise<Void>> waiters = new ArrayList<>();

    private volatile HubState state = HubState.CONNECTING;
    private volatile @Nullable Link active;
    private @Nullable Transport remembered;
    private int attempts;
    private int probes;
    private long retryAfterMs;
    private boolean suspect;

    /**
     * @param kinds those allowed, best first
     */
    Connection(
            Vertx vertx, List<Transport> kinds, TokenSource tokens, ConnectionListener listener) {
        this.timers = new Timers(vertx);
        this.silence = new SilenceWatch(timers, this::suspectActive);
        this.kinds = kinds;
        this.tokens = tokens;
        this.listener = listener;
    }

    HubState state() {
        return state;
    }

    @Nullable Link active() {
        return active;
    }

    void start() {
        if (state != HubState.CLOSED) {
            seek(remembered);
        }
    }

    /** Closes for good; {@code error} says why, when it was not the caller's wish. */
    void close(@Nullable HubException error) {
        if (state == HubState.CLOSED) {
            return;
        }
        timers.close();
        dropCandidates(link -> true);
        dropActive();
        setState(HubState.CLOSED);
        HubException reason = error == null ? HubException.closed() : error;
        waiters.forEach(waiter -> waiter.fail(reason));
        listener.connectionClosed(error);
    }

    /** Completes when a link serves; fails when there will be none any more. */
    Future<Void> whenOpen() {
        if (state == HubState.OPEN) {
            return Future.succeededFuture();
        }
        if (state == HubState.CLOSED) {
            return Future.failedFuture(HubException.closed());
        }
        Promise<Void> waiter = Promise.promise();
        waiters.add(waiter);
        return waiter.future();
    }

    /** The set of subscriptions has changed. */
    void sync() {
        Link serving = active;
        if (serving != null) {
            serving.sync();
        }
        List.copyOf(candidates.values()).forEach(Link::sync);
    }

    /** Opens another link of the same kind, which takes over. */
    void reopen(Link link) {
        if (link == active) {
            attempt(link.kind());
        }
    }

    // ---- finding a link

    /** Opens the link that comes first at once, the next when that fails or takes too long. */
    private void seek(@Nullable Transport first) {
        retryAfterMs = 0;
        if (active == null) {
            setState(HubState.CONNECTING);
        }
        untried.clear();
        kinds.stream().sorted(Comparator.comparing(kind -> kind != first)).forEach(untried::add);
        tryNext();
        // Nobody waits for a slow WebSocket. A slow stream may be one that a proxy holds back.
        if (!untried.isEmpty()) {
            boolean stream = untried.peek() == Transport.SSE;
            long headStart = stream ? Timing.HEAD_START : Timing.ANSWER_WITHIN;
            timers.after(Name.HEAD_START, headStart, this::tryNext);
        }
    }

    private boolean tryNext() {
        timers.cancel(Name.HEAD_START);
        Transport kind = untried.poll();
        if (kind != null) {
            attempt(kind);
        }
        return kind != null;
    }

    private void attempt(Transport kind) {
        if (!candidates.containsKey(kind) && state != HubState.CLOSED) {
            Link link = listener.createLink(kind);
            candidates.put(kind, link);
            link.open();
        }
    }

    private boolean isCandidate(Link link) {
        return candidates.get(link.kind()) == link;
    }

    private int rank(Link link) {
        return kinds.indexOf(link.kind());
    }

    @Override
    public void ready(Link link) {
        if (!isCandidate(link)) {
            return;
        }
        Link serving = active;
        if (serving == null || suspect || serving.kind() == link.kind()) {
            serve(link);
        } else if (rank(link) < rank(serving)) {
            // A better link has to answer for a while before it carries anything.
            long untilAsked = Timing.STEADY - Timing.ANSWER_WITHIN;
            timers.after(Name.TRIAL, untilAsked, () -> askCandidate(link));
        } else {
            dropCandidate(link);
        }
    }

    private void askCandidate(Link link) {
        long askedAt = Timing.now();
        link.ping();
        timers.after(
                Name.TRIAL,
                Timing.ANSWER_WITHIN,
                () -> {
                    if (link.heardAt() < askedAt) {
                        link.fail(silent(link));
                        return;
                    }
                    // From the first answer on it reads from the cursors, until it has caught up.
                    link.join();
                    if (isCandidate(link)) {
                        askCandidate(link);
                    }
                });
    }

    @Override
    public void caughtUp(Link link) {
        if (isCandidate(link) && link.isReady()) {
            serve(link);
        }
    }

    private void serve(Link link) {
        Link old = active;
        timers.cancel(Name.HEAD_START);
        forget(link);
        dropCandidates(other -> rank(other) >= rank(link));
        active = link;
        suspect = false;
        link.join();
        if (old != null) {
            old.close();
        }
        timers.after(Name.STEADY, Timing.STEADY, () -> steady(link));
        silence.watch(link);
        scheduleProbe();
        // Told last: a listener may close everything.
        listener.serving(link);
        if (old == null || old.kind() != link.kind()) {
            listener.transportChanged(Optional.of(link.kind()));
        }
        open();
    }

    private void open() {
        setState(HubState.OPEN);
        List<Promise<Void>> waiting = List.copyOf(waiters);
        waiters.clear();
        waiting.forEach(Promise::complete);
    }

    private void steady(Link link) {
        attempts = 0;
        probes = rank(link) == 0 ? 0 : probes;
        tokens.accepted();
        remembered = link.kind();
    }

    /** While a lesser link serves, the best one is tried from time to time. */
    private void scheduleProbe() {
        Transport best = kinds.get(0);
        Link serving = active;
        if (serving == null || serving.kind() == best || candidates.containsKey(best)) {
            return;
        }
        if (!timers.has(Name.PROBE)) {
            timers.after(
                    Name.PROBE,
                    Timing.Backoff.PROBE.wait(probes),
                    () -> {
                        // Counted when made: a stream that is cut often must not put off the first.
                        probes++;
                        attempt(best);
                    });
        }
    }

    // ---- watching it

    /** The active link fell silent: it stays, but another is opened. */
    private void suspectActive(Link link) {
        if (suspect) {
            return;
        }
        suspect = true;
        // Told only where no other is ready at once: then nothing goes either way for a while.
        timers.after(Name.SILENCE, Timing.HEAD_START, this::stillSilent);
        listener.report(silent(link));
        Optional<Link> ready = readyCandidate();
        if (ready.isPresent()) {
            serve(ready.get());
        } else {
            seek(kinds.stream().filter(kind -> kind != link.kind()).findFirst().orElse(null));
        }
    }

    private void stillSilent() {
        if (suspect) {
            setState(HubState.CONNECTING);
        }
    }

    @Override
    public void heard(Link link) {
        if (link == active && suspect) {
            suspect = false;
            open();
        }
    }

    private static HubException silent(Link link) {
        return new HubException(0, "silent", "nothing arrives over " + link.kind() + " any more");
    }

    // ---- losing it

    @Override
    public void down(Link link, HubException error) {
        if (link == active) {
            activeDown(link, error);
        } else if (isCandidate(link)) {
            candidateDown(link, error);
        }
    }

    private void activeDown(Link link, HubException error) {
        dropActive();
        Optional<Link> ready = readyCandidate();
        if (ready.isEmpty() && endsHere(link, error)) {
            close(error);
            return;
        }
        listener.report(error);
        if (ready.isPresent()) {
            serve(ready.get());
        } else if (error.status() == 401) {
            seek(link.kind());
        } else if (error.status() == 0 && rank(link) + 1 < kinds.size()) {
            seek(kinds.get(rank(link) + 1));
        } else {
            await(error.retryAfterMs());
        }
    }

    private void candidateDown(Link link, HubException error) {
        forget(link);
        if (endsHere(link, error)) {
            close(error);
            return;
        }
        listener.report(error);
        retryAfterMs = Math.max(retryAfterMs, error.retryAfterMs());
        if (error.status() == 401) {
            attempt(link.kind());
        } else if (active != null && !suspect) {
            scheduleProbe();
        } else if (!tryNext() && candidates.isEmpty()) {
            dropActive();
            await(retryAfterMs);
        }
    }

    /** Whether coming back would be refused again. A new token is worth one attempt. */
    private boolean endsHere(Link link, HubException error) {
        return error.status() == 401 ? !tokens.refused(link.token) : error.isFinal();
    }

    private void await(long retryAfter) {
        dropCandidates(link -> true);
        setState(HubState.WAITING);
        long wait = retryAfter + Timing.Backoff.RECONNECT.wait(attempts++);
        timers.after(Name.WAIT, wait, () -> seek(remembered));
    }

    // ---- small change

    private Optional<Link> readyCandidate() {
        return candidates.values().stream().filter(Link::isReady).findFirst();
    }

    private void dropCandidates(Predicate<Link> condition) {
        List.copyOf(candidates.values()).stream().filter(condition).forEach(this::dropCandidate);
    }

    private void dropCandidate(Link link) {
        forget(link);
        link.close();
    }

    private void forget(Link link) {
        candidates.remove(link.kind());
        if (rank(link) == 0) {
            timers.cancel(Name.TRIAL);
        }
    }

    private void dropActive() {
        Link link = active;
        if (link == null) {
            return;
        }
        active = null;
        suspect = false;
        silence.stop();
        timers.cancel(Name.STEADY);
        timers.cancel(Name.PROBE);
        link.close();
        listener.transportChanged(Optional.empty());
    }

    private void setState(HubState next) {
        if (state != next && state != HubState.CLOSED) {
            state = next;
            listener.stateChanged(next);
        }
    }
}
