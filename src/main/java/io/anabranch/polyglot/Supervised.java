package io.anabranch.polyglot;

import io.anabranch.message.Refusal;
import io.anabranch.polyglot.VerticleState.Status;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One verticle and how it is. By any thread. */
final class Supervised implements ScriptVerticle.Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervised.class);

    private final Vertx vertx;
    private final String name;
    private final VerticleOptions options;
    private final Set<ScriptVerticle> running;
    private final Optional<ScriptLanguage> language;
    private VerticleState state;
    private volatile @Nullable String deployment;
    private @Nullable FileTime seen;

    /**
     * @param running where scripts that run are, to be watched
     */
    Supervised(Vertx vertx, String name, VerticleOptions options, Set<ScriptVerticle> running) {
        this.vertx = vertx;
        this.name = name;
        this.options = options;
        this.running = running;
        this.language = ScriptLanguage.of(name);
        this.state =
                new VerticleState(
                        name,
                        language.map(ScriptLanguage::label).orElse("Java"),
                        Status.STARTING,
                        System.currentTimeMillis(),
                        0,
                        0,
                        null);
    }

    boolean isScript() {
        return language.isPresent();
    }

    VerticleOptions options() {
        return options;
    }

    synchronized VerticleState state() {
        return state;
    }

    /** Completes when it runs or has failed; fails when it has and is required. */
    Future<Void> deploy() {
        becomes(Status.STARTING, null);
        // Looked at before it is read: whatever changes from here on is seen by the next look.
        return vertx.executeBlocking(this::hasChanged, false)
                .otherwise(false)
                .compose(unused -> vertx.deployVerticle(name, deploymentOptions()))
                .onSuccess(this::deployed)
                .<Void>mapEmpty()
                .recover(this::notDeployed);
    }

    private DeploymentOptions deploymentOptions() {
        return isScript()
                ? Verticles.scriptOptions(options)
                : new DeploymentOptions().setConfig(options.config());
    }

    private void deployed(String id) {
        deployment = id;
        becomes(Status.RUNNING, null);
        LOG.info("verticle {} runs", name);
    }

    private Future<Void> notDeployed(Throwable failure) {
        String reason = reason(failure);
        becomes(Status.FAILED, reason);
        if (options.required()) {
            return Future.failedFuture(
                    new Refusal(
                            Refusal.Reason.INTERNAL,
                            "verticle " + name + " is required, and does not run: " + reason));
        }
        LOG.error("verticle {} does not run: {}", name, reason);
        return Future.succeededFuture();
    }

    private String reason(Throwable failure) {
        return failure instanceof ScriptFailure script ? script.reason() : failure.toString();
    }

    /** Stops it, if it runs, and starts it anew. */
    Future<Void> redeploy() {
        LOG.info("verticle {} has changed", name);
        return undeploy().compose(unused -> deploy()).otherwiseEmpty();
    }

    private Future<Void> undeploy() {
        String id = deployment;
        deployment = null;
        return id == null ? Future.succeededFuture() : vertx.undeploy(id).otherwiseEmpty();
    }

    /** Whether the file is another than when it was last asked. Blocks. */
    synchronized boolean hasChanged() throws IOException {
        FileTime before = seen;
        try {
            seen = Files.getLastModifiedTime(Path.of(name));
        } catch (NoSuchFileException e) {
            // On the class path, or away while it is replaced.
            return false;
        }
        return before != null && !before.equals(seen);
    }

    @Override
    public void starts(ScriptVerticle verticle) {
        running.add(verticle);
    }

    @Override
    public void stopped(ScriptVerticle verticle) {
        running.remove(verticle);
    }

    @Override
    public void failed(ScriptFailure failure) {
        LOG.error("verticle {} failed: {}", name, failure.reason());
        if (failure.isFatal()) {
            becomes(Status.FAILED, failure.reason());
            LOG.error("verticle {} is stopped", name);
            undeploy();
        } else {
            countFailure(failure.reason());
        }
    }

    private synchronized void countFailure(String reason) {
        state =
                new VerticleState(
                        state.name(),
                        state.language(),
                        state.status(),
                        state.sinceMs(),
                        state.starts(),
                        state.failures() + 1,
                        reason);
    }

    private synchronized void becomes(Status status, @Nullable String failure) {
        boolean starts = status == Status.STARTING;
        state =
                new VerticleState(
                        state.name(),
                        state.language(),
                        status,
                        System.currentTimeMillis(),
                        state.starts() + (starts ? 1 : 0),
                        starts ? 0 : state.failures(),
                        failure);
    }
}
