package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.MergePatch;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The definitions of widely used operators, shortened to the features that each uses: what their users do with them, over
 * the wire. Each file below {@code operators} has a definition, an object of it, and what is to be seen of it.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(
        strings = {
            "certificate",
            "application",
            "prometheus",
            "cluster",
            "kafka",
            "virtualservice",
            "service",
            "pipeline",
            "externalsecret",
            "httproute",
            "object"
        })
class OperatorsStoryTest {
    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private static SecureServer server;
    private static SecureServer.Caller admin;

    @Parameter
    private String file;

    @BeforeAll
    static void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    /** What a file says. */
    private record Told(Unstructured definition, Unstructured object, Unstructured seen) {
        String plural() {
            return definition.string("spec", "names", "plural");
        }

        String in(String apiVersion) {
            boolean namespaced = definition.string("spec", "scope").equals("Namespaced");
            return "/apis/" + apiVersion + (namespaced ? "/namespaces/default/" : "/") + plural();
        }

        String path() {
            return in(object.apiVersion());
        }
    }

    @SuppressWarnings("unchecked")
    private Told told() throws Exception {
        try (InputStream in = OperatorsStoryTest.class.getResourceAsStream("operators/" + file + ".yaml")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<Unstructured> all = Yaml.parseAll(text).stream()
                    .map(o -> new Unstructured((Map<String, Object>) o))
                    .toList();
            return new Told(all.get(0), all.get(1), all.get(2));
        }
    }

    private static Unstructured ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return Unstructured.parse(answer.body());
    }

    private static Unstructured apply(String path, Unstructured o, String more) throws Exception {
        return ok(admin.send(
                "PATCH",
                path + "/" + o.name() + "?fieldManager=ci&force=true" + more,
                "application/apply-patch+yaml",
                Json.string(o.map())));
    }

    /** Everything that was sent is there as it was sent. */
    private static void contains(@Nullable Object whole, @Nullable Object part, String path) {
        switch (part) {
            case Map<?, ?> fields -> {
                assertThat(whole).as(path).isInstanceOf(Map.class);
                fields.forEach((k, v) -> contains(((Map<?, ?>) whole).get(k), v, path + "." + k));
            }
            case List<?> elements -> {
                assertThat(whole).as(path).isInstanceOf(List.class).asList().hasSameSizeAs(elements);
                for (int i = 0; i < elements.size(); i++) {
                    contains(((List<?>) whole).get(i), elements.get(i), path + "[" + i + "]");
                }
            }
            case null, default -> assertThat(whole).as(path).isEqualTo(part);
        }
    }

    /** Its kind is served and its object there, by whichever test comes first. */
    private Told made() throws Exception {
        Told told = told();
        apply(DEFINITIONS, told.definition, "&fieldValidation=Strict");
        await().until(() -> admin.get(told.path()).statusCode() == 200);
        apply(told.path(), told.object, "&fieldValidation=Strict");
        if (told.seen.has("status")) {
            Unstructured status = told.object.copy();
            status.map().remove("spec");
            status.set(told.seen.object("status").map(), "status");
            ok(admin.send(
                    "PATCH",
                    told.path() + "/good/status?fieldManager=controller",
                    "application/merge-patch+json",
                    Json.string(Map.of("status", told.seen.object("status").map()))));
        }
        return told;
    }

    @Test
    void whatIsAppliedAgainIsAsItWas() throws Exception {
        Told told = made();
        Unstructured definition = ok(admin.get(DEFINITIONS + "/" + told.definition.name()));
        contains(definition.map(), told.definition.map(), "");
        assertThat(apply(DEFINITIONS, told.definition, "").resourceVersion()).isEqualTo(definition.resourceVersion());
        assertThat(ok(admin.send(
                                "PATCH",
                                DEFINITIONS + "/" + told.definition.name(),
                                "application/merge-patch+json",
                                Json.string(told.definition.map())))
                        .resourceVersion())
                .isEqualTo(definition.resourceVersion());
        assertThat(definition.objects("status", "conditions"))
                .extracting(c -> c.string("type") + "=" + c.string("status"))
                .containsExactlyInAnyOrder("NamesAccepted=True", "Established=True");

        Unstructured object = ok(admin.get(told.path() + "/good"));
        contains(object.map(), told.object.map(), "");
        assertThat(apply(told.path(), told.object, "").resourceVersion()).isEqualTo(object.resourceVersion());
        Unstructured read = object.copy();
        assertThat(ok(admin.send("PUT", told.path() + "/good", "application/json", Json.string(read.map())))
                        .resourceVersion())
                .isEqualTo(object.resourceVersion());
    }

    @Test
    void discoveryKnowsItByAllItsNames() throws Exception {
        Told told = made();
        for (Unstructured version : told.definition.objects("spec", "versions")) {
            String group = told.definition.string("spec", "group") + "/" + version.string("name");
            Unstructured resource = ok(admin.get("/apis/" + group)).objects("resources").stream()
                    .filter(r -> r.string("name").equals(told.plural()))
                    .findFirst()
                    .orElseThrow();
            Unstructured names = told.definition.object("spec", "names");
            assertThat(resource.string("singularName")).isEqualTo(names.string("singular"));
            assertThat(resource.stringList("shortNames")).isEqualTo(names.stringList("shortNames"));
            assertThat(resource.stringList("categories")).isEqualTo(names.stringList("categories"));
        }
        if (told.seen.has("warned")) {
            Unstructured twin = told.object.copy().set("twin", "metadata", "name");
            assertThat(admin.post(told.path() + "?dryRun=All", Json.string(twin.map()))
                            .headers()
                            .allValues("warning"))
                    .containsExactly(header(told.seen.string("warned")));
        }
        if (told.seen.has("other")) {
            String other = told.definition.string("spec", "group") + "/" + told.seen.string("other");
            HttpResponse<String> answer = admin.get(told.in(other) + "/good");
            Unstructured object = ok(answer);
            assertThat(object.apiVersion()).isEqualTo(other);
            contains(object.object("spec").map(), told.object.object("spec").map(), "spec");
            assertThat(answer.headers().allValues("warning"))
                    .containsExactlyElementsOf(
                            told.seen.has("warns") ? List.of(header(told.seen.string("warns"))) : List.of());
        }
    }

    private static String header(String warning) {
        return "299 - \"" + warning.replace("\"", "\\\"") + "\"";
    }

    @Test
    void itsFieldsCanBeExplained() throws Exception {
        Told told = made();
        String gv = told.object.apiVersion();
        await().until(() -> admin.get("/openapi/v3/apis/" + gv).body().contains(told.object.kind()));
        Unstructured schemas = ok(admin.get("/openapi/v3/apis/" + gv)).object("components", "schemas");
        Unstructured kind = schemas.map().keySet().stream()
                .map(schemas::object)
                .filter(s -> s.objects("x-kubernetes-group-version-kind").stream()
                        .anyMatch(k -> k.string("kind").equals(told.object.kind())))
                .findFirst()
                .orElseThrow();
        for (String path : told.seen.stringList("fields")) {
            Unstructured at = kind;
            for (String step : path.split("\\.")) {
                at = whole(schemas, at);
                at = whole(schemas, at.has("items") ? at.object("items") : at);
                assertThat(at.object("properties").map()).as(path).containsKey(step);
                at = at.object("properties", step);
            }
        }
    }

    /** What a reference, alone or in an allOf of one, stands for. */
    private static Unstructured whole(Unstructured schemas, Unstructured schema) {
        Unstructured one =
                schema.objects("allOf").size() == 1 ? schema.objects("allOf").getFirst() : schema;
        String ref = one.string("$ref");
        return ref.isEmpty() ? schema : schemas.object(ref.substring(ref.lastIndexOf('/') + 1));
    }

    @Test
    void whatIsNotSaidIsFilledIn() throws Exception {
        Told told = made();
        Unstructured object = ok(admin.get(told.path() + "/good"));
        contains(object.map(), told.seen.object("filled").map(), "");
        if (told.seen.has("scale")) {
            Unstructured scale = ok(admin.get(told.path() + "/good/scale"));
            contains(scale.map(), told.seen.object("scale").map(), "scale");
        }
    }

    @Test
    void itsTableHasItsColumns() throws Exception {
        Told told = made();
        Unstructured table = ok(admin.get(told.path(), "Accept", TABLE));
        Map<String, Object> row = new LinkedHashMap<>();
        List<?> cells = (List<?>)
                Objects.requireNonNull(table.objects("rows").getFirst().get("cells"));
        List<Unstructured> columns = table.objects("columnDefinitions");
        for (int i = 0; i < columns.size(); i++) {
            row.put(columns.get(i).string("name"), cells.get(i));
        }
        Map<String, Object> wanted = new LinkedHashMap<>(Map.of("Name", "good"));
        wanted.putAll(told.seen.object("columns").map());
        assertThat(row.keySet()).containsExactlyElementsOf(wanted.keySet());
        wanted.forEach((name, cell) -> {
            if (!"*".equals(cell)) {
                assertThat(row.get(name)).as(name).isEqualTo(cell);
            }
        });
    }

    @Test
    void itIsFoundByItsFields() throws Exception {
        Told told = made();
        for (String selector : told.seen.stringList("selected")) {
            assertThat(found(told, selector)).as(selector).containsExactly("good");
        }
        for (String selector : told.seen.stringList("passed")) {
            assertThat(found(told, selector)).as(selector).isEmpty();
        }
        HttpResponse<String> unknown = admin.get(told.path() + "?fieldSelector=spec.nothing%3Da");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(Unstructured.parse(unknown.body()).string("message"))
                .isEqualTo("field label not supported: spec.nothing");
    }

    private static List<String> found(Told told, String selector) throws Exception {
        String query = URLEncoder.encode(selector, StandardCharsets.UTF_8);
        return ok(admin.get(told.path() + "?fieldSelector=" + query)).objects("items").stream()
                .map(Unstructured::name)
                .toList();
    }

    @Test
    void whatIsWrongIsRefusedInUpstreamsWords() throws Exception {
        Told told = made();
        String invalid = told.object.kind() + "." + told.definition.string("spec", "group") + " \"%s\" is invalid: ";
        List<String> answers = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (Unstructured bad : told.seen.objects("refused")) {
            Unstructured o = told.object.copy();
            o.set("bad", "metadata", "name");
            Unstructured changed = new Unstructured(merged(o, bad));
            answers.add(message(admin.post(told.path(), Json.string(changed.map()))));
            wanted.add(invalid.formatted("bad") + says(bad));
        }
        for (Unstructured bad : told.seen.objects("unchangeable")) {
            answers.add(message(admin.send(
                    "PATCH",
                    told.path() + "/good",
                    "application/merge-patch+json",
                    Json.string(bad.object("change").map()))));
            wanted.add(invalid.formatted("good") + says(bad));
        }
        assertThat(answers).containsExactlyElementsOf(wanted);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> merged(Unstructured o, Unstructured bad) {
        return (Map<String, Object>)
                MergePatch.apply(o.map(), bad.object("change").map());
    }

    private static String message(HttpResponse<String> answer) {
        return answer.statusCode() == 422 ? Unstructured.parse(answer.body()).string("message") : answer.body();
    }

    /** One finding, or several. */
    private static String says(Unstructured bad) {
        List<String> all =
                bad.has("says") && bad.string("says").isEmpty() ? bad.stringList("says") : List.of(bad.string("says"));
        return all.size() == 1 ? all.getFirst() : "[" + String.join(", ", all) + "]";
    }
}
