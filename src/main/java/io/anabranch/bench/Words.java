package io.anabranch.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Numbers and settings as people read them, the same in all reports. */
final class Words {
    private static final double MICROS_PER_MS = 1_000;

    private Words() {}

    static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    /** Three digits, or all of those before the point. */
    static String number(double number) {
        String format = number >= 100 ? "%,.0f" : number >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, number);
    }

    static String millis(double micros) {
        return number(micros / MICROS_PER_MS) + " ms";
    }

    /** {@code 99.9} rather than {@code 99.90}. */
    static String percentile(double percentile) {
        return Double.toString(percentile).replaceAll("\\.0$", "");
    }

    static String seconds(long ms) {
        return percentile(ms / 1_000.0) + " s";
    }

    static String kib(double bytes) {
        return number(bytes / 1_024) + " KiB";
    }

    static String mib(double bytes) {
        return number(bytes / (1 << 20)) + " MiB";
    }

    /** What an idle connection takes of the hub's memory. */
    static String idle(Report.HubCost cost) {
        double bytes = cost.residentBytesPerConnection();
        return bytes <= 0 ? "– (its heap did not grow)" : kib(bytes);
    }

    static String name(Transport transport) {
        return transport == Transport.SSE ? "SSE" : "WebSocket";
    }

    static Map<String, String> settings(Settings settings) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("connections", count(settings.connections()));
        words.put("transport", settings.transports().toString());
        words.put("channels", channels(settings));
        if (settings.conflateMs() > 0) {
            words.put("conflate", settings.conflateMs() + " ms");
        }
        words.put("rate", count(settings.rate()) + " messages/s");
        words.put("payload", count(settings.payloadBytes()) + " bytes");
        words.put("publishers", count(settings.publishers()) + " by " + settings.publish().word());
        words.put("duration", seconds(settings.durationMs()));
        words.put("warm-up", seconds(settings.warmupMs()));
        words.put("connect rate", count(settings.connectRate()) + "/s");
        words.put("threads", count(settings.threads()));
        words.put("seed", Long.toString(settings.seed()));
        return words;
    }

    private static String channels(Settings settings) {
        String names =
                settings.channels() == 1
                        ? settings.channel(0)
                        : settings.channel(0) + " to " + settings.channel(settings.channels() - 1);
        return count(settings.channels())
                + " ("
                + names
                + (settings.pattern() ? ", each reader has all" : "")
                + ")";
    }

    static String machine(Report.Machine machine) {
        return machine.cores()
                + (machine.cores() == 1 ? " core, " : " cores, ")
                + machine.system()
                + ", Java "
                + machine.java();
    }
}
