package io.anabranch.polyglot;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.PolyglotException.StackFrame;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/**
 * A script in a language of GraalVM. It reaches nothing of the JVM, of files, processes and the
 * network: the bridge to the event bus is all that it is handed. What it prints goes to the log.
 */
abstract class GraalScript implements Script {
    private static final Duration INTERRUPTION = Duration.ofSeconds(1);

    private final ScriptSource source;
    private final VerticleOptions.Limits limits;
    private final Context context;

    /** One for all scripts: it keeps what they can share. Made when the first script is. */
    private static final class Shared {
        static final Engine ENGINE =
                Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
    }

    /**
     * @param options beside those that every script has
     */
    GraalScript(
            String language,
            ScriptSource source,
            ScriptHost host,
            VerticleOptions.Limits limits,
            Context.Builder options) {
        this.source = source;
        this.limits = limits;
        options.engine(Shared.ENGINE)
                .allowHostAccess(HostAccess.EXPLICIT)
                .out(new LogLines(host::log))
                .err(new LogLines(host::warn));
        if (limits.statements() > 0) {
            options.resourceLimits(
                    ResourceLimits.newBuilder().statementLimit(limits.statements(), null).build());
        }
        this.context = options.build();
        context.initialize(language);
    }

    final Context context() {
        return context;
    }

    final ScriptSource source() {
        return source;
    }

    /** What the language's idiom of the event bus is made with, a resource beside this class. */
    static Source prelude(String language, String resource) {
        try (InputStream in = GraalScript.class.getResourceAsStream(resource)) {
            String text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return Source.newBuilder(language, text, resource).buildLiteral();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void refill() {
        if (limits.statements() > 0) {
            context.resetLimits();
        }
    }

    /** What a function of the script came to: at once, or when the promise that it gave is kept. */
    static Future<?> settled(Value result) {
        if (!result.canInvokeMember("then")) {
            return Future.succeededFuture();
        }
        Promise<Void> settled = Promise.promise();
        ProxyExecutable kept =
                values -> {
                    settled.complete();
                    return null;
                };
        ProxyExecutable broken =
                values -> {
                    settled.fail(values.length > 0 ? values[0].toString() : "rejected");
                    return null;
                };
        Value unused = result.invokeMember("then", kept, broken);
        return settled.future();
    }

    @Override
    public void interrupt() {
        try {
            context.interrupt(INTERRUPTION);
        } catch (TimeoutException e) {
            context.close(true);
        }
    }

    @Override
    public void close() {
        context.close(true);
    }

    @Override
    public ScriptFailure explain(Throwable failure) {
        if (!(failure instanceof PolyglotException polyglot)) {
            return new ScriptFailure(source.name() + ": " + failure.getMessage(), false);
        }
        OptionalInt line = line(polyglot);
        String place = source.name() + (line.isPresent() ? ":" + line.getAsInt() : "");
        if (polyglot.isResourceExhausted()) {
            String reason =
                    place
                            + ": a turn executed more than "
                            + limits.statements()
                            + " statements (limits.statements)";
            return new ScriptFailure(reason, true);
        }
        boolean isBrokenOff = polyglot.isCancelled() || polyglot.isInterrupted();
        String reason = isBrokenOff ? "broken off" : reason(polyglot);
        return new ScriptFailure(place + ": " + reason, isBrokenOff || polyglot.isExit());
    }

    private String reason(PolyglotException failure) {
        String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        // Of a syntax error the place is in the message, too.
        return message.replaceFirst("\\Q" + source.name() + "\\E:[0-9:]+ ?", "");
    }

    /** Where in this file it happened. */
    OptionalInt line(PolyglotException failure) {
        List<@Nullable SourceSection> places = new ArrayList<>();
        for (StackFrame frame : failure.getPolyglotStackTrace()) {
            places.add(frame.isGuestFrame() ? frame.getSourceLocation() : null);
        }
        places.add(failure.getSourceLocation());
        return places.stream()
                .flatMap(Stream::ofNullable)
                .filter(place -> place.getSource().getName().equals(source.name()))
                .mapToInt(SourceSection::getStartLine)
                .findFirst();
    }
}
