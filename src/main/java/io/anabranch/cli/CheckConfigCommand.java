package io.anabranch.cli;

import io.anabranch.auth.Authenticator;
import io.anabranch.auth.KeyException;
import io.anabranch.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code check-config}: the configuration and its keys, without a hub. */
@Command(
        name = "check-config",
        description = {
            "Look for mistakes in the configuration, and load its keys, without starting.",
            "Lists everything that is wrong: the key, its value, what was expected."
        },
        footer = {"  java -jar anabranch.jar check-config --config conf/production.yaml"})
final class CheckConfigCommand implements Callable<Integer> {
    @ParentCommand private Main main;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        Config config = main.loadConfig();
        requireKeys(config);
        spec.commandLine().getOut().println(main.configFile() + ": " + summary(config));
        return ExitCode.OK;
    }

    private static String summary(Config config) {
        return "in order ("
                + config.auth().keys().size()
                + " keys, "
                + config.channels().size()
                + " channel rules, log "
                + config.log().type()
                + (config.development() ? ", development" : "")
                + ")";
    }

    private static void requireKeys(Config config) {
        Vertx vertx = Vertx.vertx();
        try {
            wait(Authenticator.create(vertx, config.auth()));
        } catch (CompletionException e) {
            throw e.getCause() instanceof KeyException wrongKey ? wrongKey : e;
        } finally {
            wait(vertx.close());
        }
    }

    private static void wait(Future<?> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
