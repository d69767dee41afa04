package io.anabranch.polyglot;

import io.vertx.core.Future;
import java.util.OptionalInt;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/** A script in Python, which may define {@code stop}. */
final class PythonScript extends GraalScript {
    private static final String LANGUAGE = "python";
    private static final Source PRELUDE = prelude(LANGUAGE, "prelude.py");

    PythonScript(ScriptSource source, ScriptHost host, VerticleOptions.Limits limits) {
        super(LANGUAGE, source, host, limits, Context.newBuilder(LANGUAGE));
        context().eval(PRELUDE);
        names().getMember("_install").executeVoid(new GraalBridge(host));
    }

    private Value names() {
        return context().getBindings(LANGUAGE);
    }

    @Override
    public void run() {
        Value unused =
                context()
                        .eval(
                                Source.newBuilder(LANGUAGE, source().text(), source().name())
                                        .buildLiteral());
    }

    @Override
    public Future<?> stop() {
        Value run = names().getMember("_stop");
        return settled(run.execute());
    }

    /** By the traceback: the stack frames know no more than where a function begins. */
    @Override
    OptionalInt line(PolyglotException failure) {
        Value error = failure.getGuestObject();
        Value trace = error == null ? null : member(error, "__traceback__");
        OptionalInt line = OptionalInt.empty();
        while (trace != null && !trace.isNull()) {
            Value file = trace.getMember("tb_frame").getMember("f_code").getMember("co_filename");
            if (file.asString().equals(source().name())) {
                line = OptionalInt.of(trace.getMember("tb_lineno").asInt());
            }
            trace = member(trace, "tb_next");
        }
        return line.isPresent() ? line : super.line(failure);
    }

    private static @Nullable Value member(Value value, String name) {
        return value.hasMember(name) ? value.getMember(name) : null;
    }
}
