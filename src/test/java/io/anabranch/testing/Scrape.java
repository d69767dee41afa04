package io.anabranch.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** What a hub's metrics say now. */
public final class Scrape {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Scrape() {}

    /** The sum over all series of that name whose labels contain {@code label}. */
    public static double sum(TestHub hub, String name, String label) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + hub.managementPort() + "/metrics");
        return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.matches(name + "(\\{.*)? .*") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
