package io.anabranch.adapter;

import io.anabranch.message.ChannelPattern;
import io.anabranch.stream.Encoding;
import io.anabranch.stream.Start;
import io.anabranch.stream.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event stream that somebody may have.
 *
 * @param conflateMs of each channel at most one message in that time, in ms; 0 for all
 * @param view what of its channels it shows
 * @param client the client's own id; null when it gave none
 */
public record StreamRequest(
        List<ChannelPattern> channels,
        Start start,
        int conflateMs,
        Encoding.Form form,
        View view,
        @Nullable String client,
        Listener listener) {
    public StreamRequest {
        channels = List.copyOf(channels);
    }

    /** The same from another place on. */
    public StreamRequest from(Start start) {
        return new StreamRequest(channels, start, conflateMs, form, view, client, listener);
    }

    /** Hears of the stream, on its event loop. */
    public interface Listener {
        Listener NONE =
                new Listener() {
                    @Override
                    public void began(String session) {}

                    @Override
                    public void ended(String session) {}
                };

        /**
         * @param session the connection's id
         */
        void began(String session);

        /** Called once for each that began. */
        void ended(String session);
    }
}
