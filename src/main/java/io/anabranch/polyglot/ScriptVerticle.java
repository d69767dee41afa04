package io.anabranch.polyglot;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A script as a verticle, with a thread of its own: what it does there, it does one thing after the
 * other and in nobody's way.
 */
final class ScriptVerticle extends VerticleBase {
    private final String name;
    private final ClassLoader classes;
    private final ScriptLanguage language;
    private final VerticleOptions.Limits limits;
    private final Supervisor supervisor;
    private final Turns turns;
    private volatile @Nullable Script script;
    private boolean over;

    /** Who is told of what goes wrong while it runs, and looks after the time it takes. */
    interface Supervisor {
        void starts(ScriptVerticle verticle);

        void stopped(ScriptVerticle verticle);

        void failed(ScriptFailure failure);
    }

    ScriptVerticle(
            String name,
            ClassLoader classes,
            ScriptLanguage language,
            VerticleOptions.Limits limits,
            Supervisor supervisor) {
        this.name = name;
        this.classes = classes;
        this.language = language;
        this.limits = limits;
        this.supervisor = supervisor;
        this.turns = new Turns(limits.turnMs());
    }

    @Override
    public Future<?> start() throws IOException {
        if (!context.isWorkerContext()) {
            return Future.failedFuture(
                    new ScriptFailure(
                            name + ": deployed on an event loop (expected: ThreadingModel.WORKER)",
                            true));
        }
        ScriptHost host = new ScriptHost(vertx, name, config(), this::turn);
        Script loaded = language.load(ScriptSource.read(name, classes), host, limits);
        script = loaded;
        supervisor.starts(this);
        ScriptFailure failure = attempt(loaded, loaded::run);
        if (failure == null) {
            return Future.succeededFuture();
        }
        end(loaded);
        return Future.failedFuture(failure);
    }

    @Override
    public Future<?> stop() {
        Script running = script;
        if (running == null || over) {
            return Future.succeededFuture();
        }
        Promise<Void> ended = Promise.promise();
        stop(running)
                .timeout(limits.turnMs(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> supervisor.failed(explained(running, failure)))
                .onComplete(unused -> endLater(running, ended));
        return ended.future();
    }

    /** Not from within the script, which may be what says that it has stopped. */
    private void endLater(Script running, Promise<Void> ended) {
        context.runOnContext(
                unused -> {
                    end(running);
                    ended.complete();
                });
    }

    private Future<?> stop(Script running) {
        turns.begin();
        try {
            running.refill();
            return running.stop();
        } catch (Throwable failure) {
            return Future.failedFuture(failure);
        } finally {
            turns.end();
        }
    }

    private void end(Script ending) {
        over = true;
        supervisor.stopped(this);
        ending.close();
    }

    /** One call of the script; what it fails with goes to the supervisor. */
    private void turn(Runnable work) {
        Script running = script;
        if (running == null || over) {
            return;
        }
        ScriptFailure failure = attempt(running, work);
        if (failure != null) {
            over |= failure.isFatal();
            supervisor.failed(failure);
            if (over) {
                end(running);
            }
        }
    }

    private @Nullable ScriptFailure attempt(Script running, Runnable work) {
        turns.begin();
        try {
            running.refill();
            work.run();
            return null;
        } catch (Throwable failure) {
            return explained(running, failure);
        } finally {
            turns.end();
        }
    }

    private ScriptFailure explained(Script running, Throwable failure) {
        ScriptFailure explained = running.explain(failure);
        return turns.wereLate()
                ? new ScriptFailure(
                        explained.reason()
                                + ": a turn took more than "
                                + turns.limitMs()
                                + " ms (limits.time)",
                        true)
                : explained;
    }

    /**
     * Whether a turn is in progress that takes too long. Who is told so calls {@link #interrupt}.
     * By any thread.
     */
    boolean isLate() {
        return turns.findLate();
    }

    /** Breaks off the turn in progress. By any thread; blocks. */
    void interrupt() {
        Script running = script;
        try {
            if (running != null) {
                running.interrupt();
                turns.interruptThread();
            }
        } finally {
            turns.tried();
        }
    }
}
