package io.anabranch.mercure;

import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Publishes by form, as publishers of Mercure do, and makes their tokens. */
final class Publish {
    static final String PATH = "/.well-known/mercure";

    private Publish() {}

    /** An update that must be accepted; gives its id. */
    static String update(TestHub hub, String... namesAndValues) throws Exception {
        HttpResponse<String> response = form(hub, token(hub, "publish", "*"), namesAndValues);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    static HttpResponse<String> form(TestHub hub, String token, String... namesAndValues)
            throws Exception {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            pairs.add(namesAndValues[i] + "=" + encoded(namesAndValues[i + 1]));
        }
        return new Rest(hub, token)
                .send(PATH, "application/x-www-form-urlencoded", String.join("&", pairs));
    }

    /** A token whose claim {@code mercure} has selectors under one key. */
    static String token(TestHub hub, String key, String... selectors) throws Exception {
        JsonObject claim = new JsonObject().put(key, new JsonArray(List.of(selectors)));
        return hub.tokenOf(new JsonObject().put("sub", "mercury").put("mercure", claim));
    }

    /** Where a subscriber goes. */
    static String topics(String... topics) {
        List<String> parameters = new ArrayList<>();
        for (String topic : topics) {
            parameters.add("topic=" + encoded(topic));
        }
        return PATH + "?" + String.join("&", parameters);
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
