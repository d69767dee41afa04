package io.anabranch.polyglot;

import groovy.lang.Binding;
import groovy.lang.GroovyShell;
import groovy.transform.ThreadInterrupt;
import io.vertx.core.Future;
import java.io.PrintStream;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.runtime.InvokerHelper;
import org.codehaus.groovy.syntax.SyntaxException;

/**
 * A script in Groovy, which may define {@code stop()}. It is code of the JVM like a Java class, and
 * may do all that one may; its loops end where its thread is interrupted.
 */
final class GroovyScript implements Script {
    private final ScriptSource source;
    private final groovy.lang.Script script;

    GroovyScript(ScriptSource source, ScriptHost host) {
        this.source = source;
        this.script = compiled();
        Binding names = script.getBinding();
        names.setVariable("vertx", new GroovyVertx(host));
        names.setVariable("config", Plain.ofJson(host.config()));
        names.setVariable(
                "out", new PrintStream(new LogLines(host::log), true, StandardCharsets.UTF_8));
    }

    private groovy.lang.Script compiled() {
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.addCompilationCustomizers(
                new ASTTransformationCustomizer(ThreadInterrupt.class));
        GroovyShell shell =
                new GroovyShell(GroovyScript.class.getClassLoader(), new Binding(), configuration);
        try {
            return shell.parse(source.text(), source.name());
        } catch (MultipleCompilationErrorsException e) {
            throw explain(e);
        }
    }

    @Override
    public void run() {
        script.run();
    }

    @Override
    public Future<?> stop() {
        if (InvokerHelper.getMetaClass(script).respondsTo(script, "stop").isEmpty()) {
            return Future.succeededFuture();
        }
        return script.invokeMethod("stop", null) instanceof Future<?> stopped
                ? stopped
                : Future.succeededFuture();
    }

    @Override
    public void close() {
        InvokerHelper.removeClass(script.getClass());
    }

    @Override
    public ScriptFailure explain(Throwable failure) {
        if (failure instanceof MultipleCompilationErrorsException errors
                && errors.getErrorCollector().getError(0) instanceof SyntaxErrorMessage first) {
            SyntaxException cause = first.getCause();
            return new ScriptFailure(
                    source.name() + ":" + cause.getLine() + ": " + cause.getOriginalMessage(),
                    true);
        }
        // A closure that stands for an interface has its checked exceptions wrapped.
        Throwable cause =
                failure instanceof UndeclaredThrowableException wrapper
                        ? wrapper.getUndeclaredThrowable()
                        : failure;
        boolean isBrokenOff = cause instanceof InterruptedException;
        String reason = isBrokenOff ? "broken off" : firstLine(cause.toString());
        return new ScriptFailure(place(cause) + ": " + reason, isBrokenOff);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private String place(Throwable failure) {
        String file = String.valueOf(Path.of(source.name()).getFileName());
        for (StackTraceElement element : failure.getStackTrace()) {
            String at = element.getFileName();
            boolean isHere = source.name().equals(at) || file.equals(at);
            if (isHere && element.getLineNumber() > 0) {
                return source.name() + ":" + element.getLineNumber();
            }
        }
        return source.name();
    }
}
