package io.anabranch.cli;

import io.anabranch.config.Config;
import io.anabranch.http.HubServer;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code serve}: the hub, until it is told to stop. */
@Command(
        name = "serve",
        description = {
            "Run the hub until it is told to stop (Ctrl-C, SIGTERM). This is what happens without"
                    + " a command, too."
        },
        footer = {
            "  java -jar anabranch.jar serve --config conf/production.yaml",
            "  java -jar anabranch.jar serve --set http.port=0"
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    /** What an end may take after the connections are gone, in ms. */
    private static final long CLOSE_WITHIN_MS = 4_000;

    @ParentCommand private Main main;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return serve(main.loadConfig(), spec.commandLine().getOut());
    }

    static int serve(Config config, PrintWriter out) {
        if (config.logging().json()) {
            LogOutput.useJson();
        }
        HubServer server = start(config);
        LOG.info("listening on {}", HubOptions.address(config.http(), server.port()));
        if (config.development()) {
            out.println(Banner.of(config, server.port()));
        }
        waitForTheEnd(server, config.http().drainMs() + CLOSE_WITHIN_MS);
        return ExitCode.OK;
    }

    private static HubServer start(Config config) {
        try {
            return HubServer.start(config).toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw explained(config, e.getCause());
        }
    }

    private static RuntimeException explained(Config config, @Nullable Throwable failure) {
        if (failure instanceof IOException) {
            String why = String.valueOf(failure.getMessage()).replaceFirst("^bind\\(.*\\): ", "");
            return new Failure(
                    "cannot listen on "
                            + HubOptions.address(config.http(), config.http().port())
                            + ": "
                            + why
                            + " (another port: --set http.port=8081)");
        }
        return failure instanceof RuntimeException unchecked
                ? unchecked
                : new Failure("the hub does not start: " + failure);
    }

    /** Returns when the shutdown hook has closed the hub; the process ends by that hook. */
    private static void waitForTheEnd(HubServer server, long closeWithinMs) {
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    close(server.close(), closeWithinMs);
                                    closed.countDown();
                                },
                                "shutdown"));
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Future<Void> closing, long withinMs) {
        try {
            closing.toCompletionStage().toCompletableFuture().get(withinMs, TimeUnit.MILLISECONDS);
            LOG.info("stopped");
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("not everything was closed: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
