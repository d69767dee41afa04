package io.anabranch.polyglot;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for turns of scripts that take too long, and in development for files that change. */
final class ScriptWatch extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(ScriptWatch.class);

    /** How often it is looked for turns that take too long, in ms. */
    private static final long LATE_EVERY_MS = 50;

    /** How often files are looked at for a change, in ms. */
    private static final long CHANGED_EVERY_MS = 300;

    private final Set<ScriptVerticle> running;
    private final List<Supervised> reloaded;
    private Future<?> looked = Future.succeededFuture();

    /**
     * @param running the scripts that run, which others write
     * @param reloaded those to be started anew when their files change
     */
    ScriptWatch(Set<ScriptVerticle> running, List<Supervised> reloaded) {
        this.running = running;
        this.reloaded = List.copyOf(reloaded);
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(LATE_EVERY_MS, timer -> interruptLate());
        if (!reloaded.isEmpty()) {
            lookLater();
        }
        return Future.succeededFuture();
    }

    /** When nothing of it is under way any more. */
    @Override
    public Future<?> stop() {
        return looked.otherwiseEmpty();
    }

    private void interruptLate() {
        for (ScriptVerticle verticle : running) {
            if (verticle.isLate()) {
                vertx.executeBlocking(
                                () -> {
                                    verticle.interrupt();
                                    return null;
                                },
                                false)
                        .onFailure(failure -> LOG.error("a script runs on", failure));
            }
        }
    }

    private void lookLater() {
        vertx.setTimer(CHANGED_EVERY_MS, timer -> look());
    }

    private void look() {
        looked =
                Future.join(reloaded.stream().map(this::reload).toList())
                        .onComplete(unused -> lookLater());
    }

    private Future<?> reload(Supervised script) {
        return vertx.executeBlocking(script::hasChanged, false)
                .compose(changed -> changed ? script.redeploy() : Future.succeededFuture());
    }
}
