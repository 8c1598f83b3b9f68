package dev.coracle.e2e.harness;

import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The API as a program without any library reaches it, with the administrator's certificate: curl. */
public final class RawApi {
    /** A status code and what came with it. */
    public record Reply(int code, Unstructured status) {
        public String reason() {
            return status.string("reason");
        }

        public String message() {
            return status.string("message");
        }

        /** {@code details.causes[*].field}. */
        public List<String> fields() {
            return status.objects("details", "causes").stream()
                    .map(c -> c.string("field"))
                    .toList();
        }
    }

    private final Path pki;
    private final String server;

    RawApi(Coracle coracle) {
        this.pki = coracle.paths().pki();
        this.server = "https://" + coracle.description().network().nodeIp(0) + ":6443";
    }

    public static RawApi of(Coracle coracle) {
        return new RawApi(coracle);
    }

    public Reply ask(String method, String path, String type, String body) {
        var result = Shell.run(
                Map.of(),
                body,
                List.of(
                        "curl",
                        "-sS",
                        "--cacert",
                        pki.resolve("ca.crt").toString(),
                        "--cert",
                        pki.resolve("admin.crt").toString(),
                        "--key",
                        pki.resolve("admin.key").toString(),
                        "-X",
                        method,
                        "-H",
                        "Content-Type: " + type,
                        "-w",
                        "\n%{http_code}",
                        "--data-binary",
                        "@-",
                        server + path));
        String out = result.ok();
        int cut = out.lastIndexOf('\n');
        return new Reply(Integer.parseInt(out.substring(cut + 1)), Unstructured.parse(out.substring(0, cut)));
    }

    public Reply post(String path, String json) {
        return ask("POST", path, "application/json", json);
    }
}
