package io.anabranch.log.nats;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down what the broker complains of. What follows from it is done elsewhere. */
final class BrokerErrors implements ErrorListener {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerErrors.class);

    @Override
    public void errorOccurred(Connection connection, String error) {
        LOG.warn("the broker says: {}", error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception e) {
        LOG.debug("the connection to the broker failed", e);
    }
}
