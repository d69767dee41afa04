package io.anabranch.polyglot;

import io.vertx.core.Future;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * A script in JavaScript: one ES module, which may await at its top level and may export {@code
 * stop}.
 */
final class JavaScript extends GraalScript {
    private static final String LANGUAGE = "js";
    private static final String MODULE = "application/javascript+module";
    private static final Source PRELUDE = prelude(LANGUAGE, "prelude.js");

    private @Nullable Value exports;

    JavaScript(ScriptSource source, ScriptHost host, VerticleOptions.Limits limits) {
        super(LANGUAGE, source, host, limits, options());
        context().eval(PRELUDE).executeVoid(new GraalBridge(host));
    }

    private static Context.Builder options() {
        return Context.newBuilder(LANGUAGE)
                .allowExperimentalOptions(true)
                .option("js.esm-eval-returns-exports", "true")
                .option("js.unhandled-rejections", "throw")
                .option("js.load", "false");
    }

    @Override
    public void run() {
        exports =
                context()
                        .eval(
                                Source.newBuilder(LANGUAGE, source().text(), source().name())
                                        .mimeType(MODULE)
                                        .buildLiteral());
    }

    @Override
    public Future<?> stop() {
        Value module = exports;
        return module != null && module.canInvokeMember("stop")
                ? settled(module.invokeMember("stop"))
                : Future.succeededFuture();
    }
}
