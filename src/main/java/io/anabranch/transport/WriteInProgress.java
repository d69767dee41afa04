package io.anabranch.transport;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;

/**
 * io_uring has the kernel write in its own time, and Netty closes a channel only when that write
 * has come to its end: with a reader that has stopped, never.
 */
final class WriteInProgress {
    private WriteInProgress() {}

    /** Has the kernel give up what it is writing, so that the channel closes when it is told to. */
    static void end(Channel channel) {
        if (!(channel instanceof IoUringSocketChannel uring)) {
            return;
        }
        try {
            ((Socket) uring.fd()).shutdown(false, true);
        } catch (IOException e) {
            // The other end was faster: what was being written has failed by itself.
            return;
        }
    }
}
