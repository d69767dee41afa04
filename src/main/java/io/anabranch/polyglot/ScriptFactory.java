package io.anabranch.polyglot;

import io.vertx.core.Deployable;
import io.vertx.core.Promise;
import io.vertx.core.spi.VerticleFactory;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** Makes verticles of the files of one language, by their ending or {@code js:file}. */
final class ScriptFactory implements VerticleFactory {
    private final ScriptLanguage language;
    private final Function<String, VerticleOptions.Limits> limits;
    private final Function<String, ScriptVerticle.Supervisor> supervisors;

    /**
     * @param limits of a verticle, by its name
     * @param supervisors of a verticle, by its name
     */
    ScriptFactory(
            ScriptLanguage language,
            Function<String, VerticleOptions.Limits> limits,
            Function<String, ScriptVerticle.Supervisor> supervisors) {
        this.language = language;
        this.limits = limits;
        this.supervisors = supervisors;
    }

    @Override
    public String prefix() {
        return language.suffix();
    }

    @Override
    public void createVerticle2(
            String identifier,
            ClassLoader classes,
            Promise<Callable<? extends Deployable>> promise) {
        String name = VerticleFactory.removePrefix(identifier);
        promise.complete(
                () ->
                        new ScriptVerticle(
                                name,
                                classes,
                                language,
                                limits.apply(name),
                                supervisors.apply(name)));
    }
}
