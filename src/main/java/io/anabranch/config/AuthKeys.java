package io.anabranch.config;

import static io.anabranch.config.Schema.Key.NOT_SET;
import static io.anabranch.config.ValueType.channelPattern;
import static io.anabranch.config.ValueType.cookieName;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.keysAddress;
import static io.anabranch.config.ValueType.listOf;
import static io.anabranch.config.ValueType.oneOf;
import static io.anabranch.config.ValueType.secret;
import static io.anabranch.config.ValueType.text;

import io.anabranch.config.Schema.Key;
import java.util.List;

/** What the configuration says of who may do what: {@code auth}. */
final class AuthKeys {
    static final List<Key> ALL =
            List.of(
                    new Key(
                            "auth.keys[].id",
                            text("a name"),
                            NOT_SET,
                            "What a token's kid may name. Required."),
                    new Key(
                            "auth.keys[].algorithm",
                            oneOf("HS256", "RS256", "ES256", "EdDSA"),
                            NOT_SET,
                            "The one algorithm that this key is good for. Required."),
                    new Key(
                            "auth.keys[].secret",
                            secret(),
                            NOT_SET,
                            "For HS256: the secret that signs and verifies tokens."),
                    new Key(
                            "auth.keys[].publicKey",
                            text("a PEM file"),
                            NOT_SET,
                            "For the others: the public key that verifies tokens."),
                    new Key(
                            "auth.jwks.url",
                            keysAddress(),
                            NOT_SET,
                            "Where an issuer publishes its keys (RFC 7517)."),
                    new Key(
                            "auth.jwks.refresh",
                            duration("1s", "30d"),
                            "10m",
                            "How often those keys are read again."),
                    new Key(
                            "auth.issuer",
                            text("a name"),
                            NOT_SET,
                            "What a token's iss must be; any, when not set."),
                    new Key(
                            "auth.audience",
                            text("a name"),
                            NOT_SET,
                            "What a token's aud must be or hold; any, when not set."),
                    new Key(
                            "auth.tokenType",
                            text("a media type"),
                            NOT_SET,
                            "What a token's typ must be, such as at+jwt (RFC 9068); any, when not"
                                    + " set."),
                    new Key(
                            "auth.leeway",
                            duration("0s", "1m"),
                            "5s",
                            "How far ahead an issuer's clock may be, for nbf. exp is exact."),
                    new Key(
                            "auth.maxTokenLife",
                            duration("0s", "36500d"),
                            "0s",
                            "How long after iat, which is then required, a token may be good. 0"
                                    + " for any time."),
                    new Key(
                            "auth.cookie",
                            cookieName(),
                            NOT_SET,
                            "The cookie that may carry a token; none, when not set."),
                    new Key(
                            "auth.anonymous.subscribe",
                            listOf(channelPattern()),
                            List.of(),
                            "What clients without a token may subscribe to."),
                    new Key(
                            "auth.anonymous.publish",
                            listOf(channelPattern()),
                            List.of(),
                            "Where clients without a token may publish."),
                    new Key(
                            "auth.anonymous.presence",
                            listOf(channelPattern()),
                            List.of(),
                            "Whose presence clients without a token may see."),
                    new Key(
                            "auth.anonymous.call",
                            listOf(channelPattern()),
                            List.of(),
                            "Which services clients without a token may call."));

    private AuthKeys() {}
}
