package io.anabranch.http;

import io.anabranch.config.Config;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a new certificate shown when its files have changed. Looks at the contents, since that is all
 * that holds for files that are replaced, linked to, or mounted. Files that no server can show
 * change nothing, and are told of once; connections stay as they are.
 */
final class CertificateWatch extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final Config.Tls files;
    private final Function<Certificate, Future<?>> show;
    private Certificate shown;
    private @Nullable String complaint;
    private Future<?> looked = Future.succeededFuture();

    /**
     * @param shown what the servers show now
     * @param show makes them show another for new connections
     */
    CertificateWatch(Config.Tls files, Certificate shown, Function<Certificate, Future<?>> show) {
        this.files = files;
        this.shown = shown;
        this.show = show;
    }

    @Override
    public Future<?> start() {
        lookLater();
        return Future.succeededFuture();
    }

    /** When nothing of it is under way any more. */
    @Override
    public Future<?> stop() {
        return looked.otherwiseEmpty();
    }

    private void lookLater() {
        vertx.setTimer(files.reloadMs(), timer -> look());
    }

    private void look() {
        looked =
                vertx.executeBlocking(() -> Certificate.read(vertx, files))
                        .compose(this::take)
                        .onSuccess(unused -> complaint = null)
                        .onFailure(this::complain)
                        .onComplete(unused -> lookLater());
    }

    private Future<?> take(Certificate read) {
        if (read.equals(shown)) {
            return Future.succeededFuture();
        }
        return show.apply(read)
                .onSuccess(
                        unused -> {
                            shown = read;
                            LOG.info("new connections get the new certificate in {}", files.cert());
                        });
    }

    private void complain(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (!message.equals(complaint)) {
            LOG.warn("{}; the certificate of before stays", message);
            complaint = message;
        }
    }
}
