package io.anabranch.log.nats;

import io.nats.client.Message;

/**
 * What stands at one place of the stream, without the message itself.
 *
 * @param time when it was published, in ms since 1970 UTC
 * @param cut up to where retention has removed a channel's messages, where it records that
 */
record Entry(long seq, long time, long cut, String subject) {
    /**
     * @param stored when the broker stored it, in ms since 1970 UTC
     */
    static Entry of(Message found, long seq, long stored) {
        return new Entry(
                seq,
                Codec.time(found.getHeaders(), stored),
                Codec.number(found.getHeaders(), Codec.CUT),
                found.getSubject());
    }
}
