package io.anabranch.http;

import io.anabranch.auth.Revocation;
import io.anabranch.auth.Revocation.Claim;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Revocations as {@code /api/v1/revocations} takes and gives them. */
final class RevocationRequest {
    private static final int MAX_VALUE = 1_024;
    private static final long NOT_GIVEN = 0;

    private RevocationRequest() {}

    /**
     * Reads {@code {"sub"}} or {@code {"jti"}}, with {@code issuedBefore} and {@code until}.
     *
     * @param now ms since 1970 UTC: what {@code issuedBefore} is, when it is not given
     * @param maxLifeMs how long a token may be good, in ms; 0 for any time, and then a revocation
     *     without {@code until} stays until it is lifted
     * @throws Refusal {@code bad_request} for the first value that is no good
     */
    static Revocation parse(ByteBuffer json, long now, long maxLifeMs) {
        Members body = Members.parse("body", json);
        Target target = target(body.text("sub"), body.text("jti"));
        long issuedBefore = body.time("issuedBefore", NOT_GIVEN);
        if (target.claim() == Claim.JTI && issuedBefore != NOT_GIVEN) {
            throw Refusal.badValue("issuedBefore", issuedBefore, "none beside jti, only sub");
        }
        long lastIssued = issuedBefore == NOT_GIVEN ? now : issuedBefore;
        long until = body.time("until", NOT_GIVEN);
        if (until != NOT_GIVEN && until <= now) {
            throw Refusal.badValue("until", until, "later than now, " + now);
        }
        return new Revocation(
                target,
                target.claim() == Claim.SUB ? lastIssued : Revocation.ALL,
                now,
                until == NOT_GIVEN ? until(lastIssued, maxLifeMs) : until);
    }

    private static Target target(@Nullable String sub, @Nullable String jti) {
        if ((sub == null) == (jti == null)) {
            throw Refusal.badRequest(
                    "sub, jti: "
                            + (sub == null ? "neither" : "both")
                            + " (expected: one of them, as the token has it)");
        }
        Target target =
                sub == null
                        ? new Target(Claim.JTI, String.valueOf(jti))
                        : new Target(Claim.SUB, sub);
        String value = target.value();
        if (value.isEmpty() || value.length() > MAX_VALUE) {
            throw Refusal.badValue(
                    target.claim().label(), value, "1 to " + MAX_VALUE + " characters");
        }
        return target;
    }

    private static long until(long lastIssued, long maxLifeMs) {
        return maxLifeMs == 0 ? Revocation.UNTIL_LIFTED : lastIssued + maxLifeMs;
    }

    static JsonObject toJson(Revocation revocation) {
        Target target = revocation.target();
        JsonObject json =
                new JsonObject()
                        .put("id", target.id())
                        .put(target.claim().label(), target.value())
                        .put("since", revocation.sinceMs());
        if (revocation.issuedBeforeMs() != Revocation.ALL) {
            json.put("issuedBefore", revocation.issuedBeforeMs());
        }
        return revocation.untilMs() == Revocation.UNTIL_LIFTED
                ? json
                : json.put("until", revocation.untilMs());
    }
}
