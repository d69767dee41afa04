package io.anabranch.http;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients apart by their addresses. What a header says of them counts where a trusted proxy
 * has written it, and then the nearest address that is no proxy's: whatever stands before it, the
 * client may have made up. {@code Forwarded} (RFC 7239) wins over {@code X-Forwarded-For}.
 */
final class Addresses {
    private static final Pattern FOR =
            Pattern.compile("(?i)(?:^|;)\\s*for=\"?(\\[[^\\]]*\\]|[^\";:]*)");

    private final List<IpSubnetFilterRule> proxies;

    /**
     * @param trustedProxies addresses, or blocks of them: {@code 10.0.0.0/8}
     */
    Addresses(List<String> trustedProxies) {
        this.proxies = trustedProxies.stream().map(Addresses::rule).toList();
    }

    private static IpSubnetFilterRule rule(String block) {
        int slash = block.indexOf('/');
        String address = slash < 0 ? block : block.substring(0, slash);
        int full = address.contains(":") ? 128 : 32;
        int bits = slash < 0 ? full : Integer.parseInt(block.substring(slash + 1));
        return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
    }

    /** The client's address; of IPv6 the network, of which one client has all 2^64 addresses. */
    String of(HttpServerRequest request) {
        String nearest = String.valueOf(request.remoteAddress().hostAddress());
        InetAddress address = parse(nearest);
        if (address == null) {
            return nearest;
        }
        List<String> before = proxies.isEmpty() ? List.of() : forwarded(request);
        for (int i = before.size() - 1; i >= 0 && isProxy(address); i--) {
            InetAddress next = parse(before.get(i));
            if (next == null) {
                break;
            }
            address = next;
        }
        return text(address);
    }

    /** The address of the other end, whomever it speaks for. */
    String ofPeer(HttpServerRequest request) {
        String peer = String.valueOf(request.remoteAddress().hostAddress());
        InetAddress address = parse(peer);
        return address == null ? peer : text(address);
    }

    private static List<String> forwarded(HttpServerRequest request) {
        List<String> found = new ArrayList<>();
        for (String header : request.headers().getAll("Forwarded")) {
            for (String hop : header.split(",")) {
                Matcher matcher = FOR.matcher(hop);
                found.add(matcher.find() ? matcher.group(1).trim() : "");
            }
        }
        if (found.isEmpty()) {
            for (String header : request.headers().getAll("X-Forwarded-For")) {
                Arrays.stream(header.split(",")).map(String::trim).forEach(found::add);
            }
        }
        return found;
    }

    private boolean isProxy(InetAddress address) {
        var socketAddress = new InetSocketAddress(address, 0);
        return proxies.stream().anyMatch(rule -> rule.matches(socketAddress));
    }

    /** Null for what is no address: no name is ever looked up. */
    private static @Nullable InetAddress parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static String text(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, 8, 16, (byte) 0);
        return NetUtil.bytesToIpAddress(network) + "/64";
    }
}
