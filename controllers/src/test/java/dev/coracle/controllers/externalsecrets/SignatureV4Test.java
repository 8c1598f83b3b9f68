package dev.coracle.controllers.externalsecrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Signatures that AWS publishes for these requests, in its test suite for Signature Version 4. */
class SignatureV4Test {
    private static final Instant NOW = Instant.parse("2015-08-30T12:36:00Z");
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String TOKEN =
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA"
                    + "eMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT"
                    + "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yj"
                    + "c8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    private static String signature(String method, Map<String, String> headers, String body, String token) {
        Map<String, String> signed = new SignatureV4(
                        "us-east-1", "service", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
                .sign(method, "example.amazonaws.com", "/", headers, body.getBytes(StandardCharsets.UTF_8), NOW);
        assertThat(signed).containsEntry("X-Amz-Date", "20150830T123600Z");
        String authorization = signed.getOrDefault("Authorization", "");
        assertThat(authorization)
                .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ");
        return authorization.substring(authorization.indexOf("SignedHeaders="));
    }

    @Test
    void getVanilla() {
        assertThat(signature("GET", Map.of(), "", ""))
                .isEqualTo("SignedHeaders=host;x-amz-date, "
                        + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    }

    @Test
    void postVanilla() {
        assertThat(signature("POST", Map.of(), "", ""))
                .isEqualTo("SignedHeaders=host;x-amz-date, "
                        + "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    }

    @Test
    void getHeaderValueTrim() {
        assertThat(signature("GET", Map.of("My-Header1", " value1", "My-Header2", " \"a   b   c\""), "", ""))
                .isEqualTo("SignedHeaders=host;my-header1;my-header2;x-amz-date, "
                        + "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    }

    @Test
    void postForm() {
        assertThat(signature("POST", Map.of("Content-Type", FORM), "Param1=value1", ""))
                .isEqualTo("SignedHeaders=content-type;host;x-amz-date, "
                        + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
    }

    @Test
    void postWithTheTokenOfASession() {
        assertThat(signature("POST", Map.of(), "", TOKEN))
                .isEqualTo("SignedHeaders=host;x-amz-date;x-amz-security-token, "
                        + "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
    }
}
