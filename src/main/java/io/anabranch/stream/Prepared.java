package io.anabranch.stream;

import io.anabranch.hub.PresenceNews;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to the subscribers of one event loop, encoded once in each form that is asked
 * for. To be released when the last subscriber has its share.
 */
final class Prepared {
    private final Function<Encoding, ByteBuf> content;
    private final @Nullable ByteBuf[] buffers = new ByteBuf[Encoding.values().length];

    private @Nullable RuntimeException failure;

    private Prepared(Function<Encoding, ByteBuf> content) {
        this.content = content;
    }

    static Prepared of(List<Message> messages) {
        return new Prepared(encoding -> encode(encoding, messages));
    }

    static Prepared of(PresenceNews news) {
        return new Prepared(encoding -> encode(encoding, news.channel(), news.changes()));
    }

    /**
     * A share of the buffer in {@code encoding}, which the caller owns. What failed once fails
     * again with the same failure.
     */
    ByteBuf share(Encoding encoding) {
        if (failure != null) {
            throw failure;
        }
        ByteBuf buffer = buffers[encoding.ordinal()];
        if (buffer == null) {
            buffer = tryToEncode(encoding);
            buffers[encoding.ordinal()] = buffer;
        }
        return buffer.retainedDuplicate();
    }

    private ByteBuf tryToEncode(Encoding encoding) {
        try {
            return content.apply(encoding);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    void release() {
        for (ByteBuf buffer : buffers) {
            if (buffer != null) {
                buffer.release();
            }
        }
    }

    static ByteBuf encode(Encoding encoding, List<Message> messages) {
        int size = 0;
        for (Message message : messages) {
            size += message.size();
        }
        return encoding.buffer(
                size,
                out -> {
                    for (Message message : messages) {
                        encoding.writeMessage(message, out);
                    }
                });
    }

    static ByteBuf encode(Encoding encoding, Channel channel, List<PresenceNews.Change> changes) {
        return encoding.buffer(
                128 * changes.size(),
                out -> {
                    for (PresenceNews.Change change : changes) {
                        encoding.writeControl(Frames.presence(channel, change), null, out);
                    }
                });
    }
}
