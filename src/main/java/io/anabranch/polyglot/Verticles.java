package io.anabranch.polyglot;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The verticles beside the hub: deploys them, stops those that run away, and knows how each is. In
 * development a script is started anew when its file changes.
 */
public final class Verticles {
    private final Vertx vertx;
    private final Map<String, Supervised> supervised = new LinkedHashMap<>();
    private final Set<ScriptVerticle> running = ConcurrentHashMap.newKeySet();

    private final boolean reloads;

    /**
     * @param reloads whether scripts are started anew when their files change
     */
    public Verticles(Vertx vertx, List<VerticleOptions> verticles, boolean reloads) {
        this.vertx = vertx;
        this.reloads = reloads;
        ClassLoader classes = Verticles.class.getClassLoader();
        for (VerticleOptions options : verticles) {
            String name = chosen(options, classes);
            supervised.put(name, new Supervised(vertx, name, options, running));
        }
    }

    private static String chosen(VerticleOptions options, ClassLoader classes) {
        String otherwise = options.otherwise();
        boolean isThere =
                ScriptLanguage.of(options.name())
                        .map(language -> language.isInstalled(classes))
                        .orElse(true);
        return isThere || otherwise == null ? options.name() : otherwise;
    }

    /**
     * Deploys them all at once. Completes when each runs or has failed; fails when one has failed
     * that is required.
     */
    public Future<Void> deploy() {
        for (ScriptLanguage language : ScriptLanguage.values()) {
            vertx.registerVerticleFactory(
                    new ScriptFactory(language, this::limits, this::supervisor));
        }
        List<Supervised> scripts =
                supervised.values().stream().filter(Supervised::isScript).toList();
        return watch(scripts).compose(unused -> deployAll());
    }

    private Future<?> watch(List<Supervised> scripts) {
        return scripts.isEmpty()
                ? Future.succeededFuture()
                : vertx.deployVerticle(new ScriptWatch(running, reloads ? scripts : List.of()));
    }

    private Future<Void> deployAll() {
        return Future.join(supervised.values().stream().map(Supervised::deploy).toList())
                .mapEmpty();
    }

    /** How each is, in the order of the configuration. By any thread. */
    public List<VerticleState> states() {
        return supervised.values().stream().map(Supervised::state).toList();
    }

    private VerticleOptions.Limits limits(String name) {
        Supervised known = supervised.get(name);
        return known == null ? VerticleOptions.Limits.STANDARD : known.options().limits();
    }

    /** One that a verticle deployed by itself is looked after as well. */
    private ScriptVerticle.Supervisor supervisor(String name) {
        Supervised known = supervised.get(name);
        return known == null
                ? new Supervised(vertx, name, VerticleOptions.of(name), running)
                : known;
    }

    /** How a script is deployed: on a thread of its own. */
    static DeploymentOptions scriptOptions(VerticleOptions options) {
        return new DeploymentOptions()
                .setConfig(options.config())
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("verticle " + options.name())
                .setWorkerPoolSize(1);
    }
}
