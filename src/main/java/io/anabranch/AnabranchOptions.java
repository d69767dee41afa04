package io.anabranch;

import io.anabranch.auth.Principal;
import io.anabranch.config.Config;
import io.anabranch.config.ConfigException;
import io.anabranch.config.Sections;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an embedded hub is to be like: the settings of the configuration file ({@code
 * docs/configuration.md}), by the same names and with the same defaults, and who the application
 * says that somebody is. What its own server and process decide ({@code http.port}, {@code
 * http.tls}, {@code management}, …) is refused. To be filled by one thread.
 */
public final class AnabranchOptions {
    private final Sections sections;
    private @Nullable Function<RoutingContext, Optional<Principal>> login;

    /** With the defaults, in which the log is a file, {@code data/anabranch.db}. */
    public AnabranchOptions() {
        this(new JsonObject());
    }

    /**
     * @param sections as the file has them, {@code {"log": {"type": "memory"}}}; copied
     */
    public AnabranchOptions(JsonObject sections) {
        this(new Sections(sections));
    }

    private AnabranchOptions(Sections sections) {
        this.sections = sections;
    }

    /**
     * Those of a file (YAML). Blocks: not for an event loop.
     *
     * @throws ConfigException when it cannot be read
     */
    public static AnabranchOptions ofFile(Path file) {
        return new AnabranchOptions(Sections.read(file));
    }

    /**
     * Sets one value. What is wrong with it is told when the hub is created.
     *
     * @param path such as {@code log.type} or {@code channels."chat:*".presence}
     * @param value as the file would have it: {@code "10s"}, {@code 64}, {@code true}, a list
     */
    public AnabranchOptions set(String path, Object value) {
        sections.set(path, value);
        return this;
    }

    /**
     * Lets the application say who sends a request, by its own means: its session, its {@code
     * ctx.user()}. Whom it does not know may still show a token of {@code auth}, or is what {@code
     * auth.anonymous} grants. With it {@code auth} needs no keys.
     *
     * @param login called on the request's event loop, which it must not block, once or more a
     *     request; what takes time is for a handler of the application's own, before the hub's
     */
    public AnabranchOptions login(Function<RoutingContext, Optional<Principal>> login) {
        this.login = login;
        return this;
    }

    @Nullable Function<RoutingContext, Optional<Principal>> login() {
        return login;
    }

    Config config() {
        return sections.config(login != null);
    }
}
