package io.anabranch.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a connection asks of its client and tells it. */
interface ConnectionListener {
    Link createLink(Transport kind);

    void stateChanged(HubState state);

    void transportChanged(Optional<Transport> transport);

    void serving(Link link);

    void report(Throwable failure);

    void connectionClosed(@Nullable HubException error);
}
