package io.anabranch.bridge;

/**
 * How the hub speaks to clients of the event bus bridge.
 *
 * @param path where they connect; the raw WebSocket is below it, at {@code /websocket}
 */
public record BridgeOptions(String path) {}
