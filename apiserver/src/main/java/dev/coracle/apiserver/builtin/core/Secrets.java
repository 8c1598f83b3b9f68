package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Configuration that not everybody may read. */
public final class Secrets {
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("", "v1", "Secret", "secrets")
            .defaults(Secrets::complete)
            .rules((findings, o, old) -> new DataRules(findings).check(o, old))
            .selectable("type")
            .columns(
                    NAME,
                    text("Type", "type"),
                    text("Data", o -> (long) o.object("data").map().size()),
                    AGE)
            .build();

    private Secrets() {}

    private static void complete(Unstructured o) {
        absent(o, "Opaque", "type");
        o.strings("stringData")
                .forEach((k, v) ->
                        o.set(Base64.getEncoder().encodeToString(v.getBytes(StandardCharsets.UTF_8)), "data", k));
        o.remove("stringData");
        o.strings("data").forEach((k, v) -> decodable(v));
    }

    /** As upstream's decoder, which reads values into bytes. */
    private static void decodable(String value) {
        try {
            Base64.getDecoder().decode(value.replaceAll("[\\r\\n]", ""));
        } catch (IllegalArgumentException e) {
            int at = 0;
            while (at < value.length() && BASE64.indexOf(value.charAt(at)) >= 0) {
                at++;
            }
            throw StatusException.badRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64"
                    + " data at input byte " + Math.min(at, Math.max(0, value.length() - 1)));
        }
    }
}
