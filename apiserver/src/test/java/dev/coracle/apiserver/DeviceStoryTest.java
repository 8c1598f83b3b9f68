package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.DEVICE_CLASSES;
import static dev.coracle.machinery.object.Resources.NAMESPACES;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.RESOURCE_CLAIMS;
import static dev.coracle.machinery.object.Resources.RESOURCE_CLAIM_TEMPLATES;
import static dev.coracle.machinery.object.Resources.RESOURCE_SLICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.ProtobufReader;
import dev.coracle.machinery.schema.ProtobufWriter;
import dev.coracle.machinery.schema.Schemas;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What drivers offer, what is claimed of it, and how a pod names its claims. */
class DeviceStoryTest {
    private static final String LABEL_RULE = "a lowercase RFC 1123 label must consist of lower case alphanumeric"
            + " characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
            + " regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private final Cluster cluster = new Cluster();
    private final ProtobufWriter writer = new ProtobufWriter(Schemas.builtIn());
    private final ProtobufReader reader = new ProtobufReader(Schemas.builtIn());

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured make(GroupVersionResource resource, String kind, String name, String spec) {
        return cluster.create(
                resource,
                "{apiVersion: resource.k8s.io/v1, kind: " + kind + ", metadata: {name: " + name + "}, spec: " + spec
                        + "}");
    }

    private Unstructured claim(String name, String devices) {
        return make(RESOURCE_CLAIMS, "ResourceClaim", name, "{devices: " + devices + "}");
    }

    private Unstructured slice(String name, String spec) {
        return make(RESOURCE_SLICES, "ResourceSlice", name, spec);
    }

    private List<String> whyNoClaim(String devices) {
        return messages(() -> claim("bad", devices));
    }

    private List<String> whyNoSlice(String spec) {
        return messages(
                () -> slice("bad", "{driver: d.example, pool: {name: p, resourceSliceCount: 1}, " + spec + "}"));
    }

    private static List<String> messages(org.assertj.core.api.ThrowableAssert.ThrowingCallable what) {
        var e = refused(what);
        assertThat(e.code()).as(e.getMessage()).isEqualTo(422);
        return e.details().objects("causes").stream()
                .map(c -> c.string("field") + ": " + c.string("message"))
                .toList();
    }

    private void travels(Unstructured o) {
        assertThat(reader.read(writer.write(o.map()).joined())).isEqualTo(o.map());
    }

    private Unstructured status(Unstructured claim, String status) {
        Unstructured next = claim.copy().set(Cluster.yaml(status).map(), "status");
        return cluster.admin.update(RESOURCE_CLAIMS, next, WriteOptions.STATUS).object();
    }

    @Test
    void aClassChoosesDevicesByExpressions() {
        Unstructured c = make(DEVICE_CLASSES, "DeviceClass", "gpu", """
                {selectors: [{cel: {expression: 'device.driver == "gpu.example.com" &&
                   device.attributes["gpu.example.com"].model == "a100" &&
                   device.capacity["gpu.example.com"].memory.compareTo(quantity("10Gi")) >= 0'}},
                  {cel: {expression: 'cel.bind(a, device.attributes["x.example"], a.one && a.two)'}}],
                 config: [{opaque: {driver: gpu.example.com, parameters: {sharing: none}}}],
                 extendedResourceName: example.com/gpu}
                """);
        assertThat(c.generation()).isEqualTo(1);
        travels(c);
        Unstructured changed =
                cluster.put(DEVICE_CLASSES, c.copy().set("example.com/other", "spec", "extendedResourceName"));
        assertThat(changed.generation()).isEqualTo(2);
        assertThat(messages(() -> make(DEVICE_CLASSES, "DeviceClass", "bad", """
                {selectors: [{}, {cel: {expression: device.drive}}, {cel: {expression: '1'}}],
                 config: [{}, {opaque: {driver: '', parameters: [1]}}], extendedResourceName: cpu}
                """)))
                .containsExactly(
                        "spec.selectors[0].cel: Required value",
                        "spec.selectors[1].cel.expression: Invalid value: \"device.drive\": compilation failed: ERROR:"
                                + " <input>:1:7: undefined field 'drive'\n | device.drive\n | ......^",
                        "spec.selectors[2].cel.expression: Invalid value: \"1\": must evaluate to bool or the unknown type,"
                                + " not int",
                        "spec.config[0].opaque: Required value",
                        "spec.config[1].opaque.driver: Required value",
                        "spec.config[1].opaque.parameters: Invalid value: \"<value omitted>\": must be a valid JSON object",
                        "spec.extendedResourceName: Invalid value: \"cpu\": must be a valid extended resource name");
    }

    /** Of what may take the scheduler forever nothing is stored. */
    @Test
    void anExpressionThatCouldCostTooMuchIsRefused() {
        String ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
        String loops = "true";
        for (int i = 0; i < 7; i++) {
            loops = ten + ".all(x" + i + ", " + loops + ")";
        }
        String facts = "device.attributes.all(d, device.attributes[d].all(a, device.attributes[d][a] != 7))";
        String deep = facts;
        for (int i = 0; i < 4; i++) {
            deep = "device.capacity.exists(c" + i + ", " + deep + ")";
        }
        String bound = "cel.bind(v, device.attributes, v.all(a, v.all(b, v.all(c, v.all(d, a + b + c + d != \"\")))))";
        for (String expression : List.of(loops, deep, bound)) {
            assertThat(messages(() -> make(DEVICE_CLASSES, "DeviceClass", "bad", selector(expression))))
                    .as(expression)
                    .containsExactly("spec.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit");
        }
        assertThat(make(DEVICE_CLASSES, "DeviceClass", "good", selector(facts)).name())
                .isEqualTo("good");
    }

    private static String selector(String expression) {
        return "{selectors: [{cel: {expression: '" + expression + "'}}]}";
    }

    @Test
    void aClaimSaysLittleAndMeansMuch() {
        Unstructured c = claim("one", """
                {requests: [{name: gpu, exactly: {deviceClassName: gpu, tolerations: [{key: a, value: b}],
                   capacity: {requests: {memory: 1024Mi}}}},
                  {name: net, firstAvailable: [{name: fast, deviceClassName: net, count: 2},
                   {name: all, deviceClassName: net, allocationMode: All}]}],
                 constraints: [{requests: [gpu, net/fast], matchAttribute: example.com/numa}],
                 config: [{requests: [net], opaque: {driver: net.example, parameters: {a: 1}}}]}
                """);
        List<Unstructured> requests = c.objects("spec", "devices", "requests");
        assertThat(requests.getFirst().object("exactly")).isEqualTo(Cluster.yaml("""
                {deviceClassName: gpu, allocationMode: ExactCount, count: 1,
                 tolerations: [{key: a, operator: Equal, value: b}], capacity: {requests: {memory: 1Gi}}}
                """));
        assertThat(requests.get(1).objects("firstAvailable"))
                .extracting(r -> r.string("allocationMode") + " " + r.integer(0, "count"))
                .containsExactly("ExactCount 2", "All 0");
        assertThat(c.has("status")).isFalse();
        assertThat(c.generation()).as("its spec never changes").isZero();
        travels(c);
        assertThat(messages(() -> cluster.put(RESOURCE_CLAIMS, c.copy().remove("spec", "devices", "config"))))
                .singleElement()
                .asString()
                .startsWith("spec: Invalid value: {")
                .endsWith("field is immutable");
    }

    @Test
    void whatIsAskedOfDevicesMustMakeSense() {
        assertThat(whyNoClaim(
                        "{requests: [{name: A}, {name: b, exactly: {deviceClassName: c}, firstAvailable: [{name: x,"
                                + " deviceClassName: c}]}, {name: c, exactly: {deviceClassName: ''}}, {name: c, exactly:"
                                + " {deviceClassName: c}}]}"))
                .containsExactly(
                        "spec.devices.requests[0].name: Invalid value: \"A\": " + LABEL_RULE,
                        "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is"
                                + " required",
                        "spec.devices.requests[1]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is"
                                + " required, but multiple fields are set",
                        "spec.devices.requests[2].exactly.deviceClassName: Required value",
                        "spec.devices.requests[3]: Duplicate value: \"c\"");
        assertThat(whyNoClaim("{requests: [{name: a, exactly: {deviceClassName: c, allocationMode: All, count: 2}},"
                        + " {name: b, exactly: {deviceClassName: c, count: -1}},"
                        + " {name: c, exactly: {deviceClassName: c, allocationMode: Some}},"
                        + " {name: d, exactly: {deviceClassName: c, tolerations: [{operator: Exists, value: v},"
                        + " {operator: Like}, {key: k, effect: Never}]}}]}"))
                .containsExactly(
                        "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when"
                                + " allocationMode is 'All'",
                        "spec.devices.requests[1].exactly.count: Invalid value: -1: must be greater than zero",
                        "spec.devices.requests[2].exactly.allocationMode: Unsupported value: \"Some\": supported values:"
                                + " \"All\", \"ExactCount\"",
                        "spec.devices.requests[3].exactly.tolerations[0].value: Invalid value: \"v\": must be empty for"
                                + " operator `Exists`",
                        "spec.devices.requests[3].exactly.tolerations[1].operator: Unsupported value: \"Like\": supported"
                                + " values: \"Equal\", \"Exists\"",
                        "spec.devices.requests[3].exactly.tolerations[2].effect: Unsupported value: \"Never\": supported"
                                + " values: \"NoExecute\", \"NoSchedule\", \"None\"");
        assertThat(
                        whyNoClaim(
                                "{requests: [{name: a, exactly: {deviceClassName: c}}], constraints: [{requests: [b, a, a]},"
                                        + " {matchAttribute: numa}, {distinctAttribute: d.example/1}], config: [{requests: [a/b/c]}]}"))
                .containsExactly(
                        "spec.devices.constraints[0].requests[0]: Invalid value: \"b\": must be the name of a request in the"
                                + " claim or the name of a request and a subrequest separated by '/'",
                        "spec.devices.constraints[0].requests[2]: Duplicate value: \"a\"",
                        "spec.devices.constraints[0]: Required value: exactly one of \"matchAttribute\" or"
                                + " \"distinctAttribute\" is required, but multiple fields are set",
                        "spec.devices.constraints[1].matchAttribute: Invalid value: \"numa\": a fully qualified name must be"
                                + " a domain and a name separated by a slash",
                        "spec.devices.constraints[2].distinctAttribute: Invalid value: \"1\": a valid C identifier must"
                                + " start with alphabetic character or '_', followed by a string of alphanumeric characters"
                                + " or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is"
                                + " '[A-Za-z_][A-Za-z0-9_]*')",
                        "spec.devices.config[0].requests[0]: Invalid value: \"a/b/c\": must be the name of a request in the"
                                + " claim or the name of a request and a subrequest separated by '/'",
                        "spec.devices.config[0].opaque: Required value");
        String many = "{name: a, exactly: {deviceClassName: c}},".repeat(33);
        assertThat(whyNoClaim("{requests: [" + many + "]}"))
                .containsExactly("spec.devices.requests: Too many: 33: must have at most 32 items");
    }

    @Test
    void aClaimIsAllocatedOnceReservedAndReportedOn() {
        Unstructured c = claim("one", "{requests: [{name: gpu, exactly: {deviceClassName: gpu}}]}");
        String allocation =
                "allocation: {devices: {results: [{request: gpu, driver: d.example, pool: p, device: g0}]}}";
        assertThat(messages(() -> status(c, "{reservedFor: [{resource: pods, name: a, uid: u}]}")))
                .containsExactly("status.reservedFor: Forbidden: may not be specified when `allocated` is not set");
        assertThat(messages(() -> status(c, """
                {allocation: {devices: {results: [{request: cpu, driver: '', pool: '', device: G, shareID: x}],
                  config: [{source: FromAbove, opaque: {driver: d.example, parameters: {}}}]},
                  nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Like}]}]}},
                 reservedFor: [{resource: pods, uid: u}, {resource: pods, name: a, uid: u}]}
                """)))
                .containsExactly(
                        "status.reservedFor[0].name: Required value",
                        "status.reservedFor[1]: Duplicate value: \"u\"",
                        "status.allocation.devices.results[0].request: Invalid value: \"cpu\": must be the name of a request"
                                + " in the claim or the name of a request and a subrequest separated by '/'",
                        "status.allocation.devices.results[0].driver: Required value",
                        "status.allocation.devices.results[0].pool: Required value",
                        "status.allocation.devices.results[0].device: Invalid value: \"G\": " + LABEL_RULE,
                        "status.allocation.devices.results[0].shareID: Invalid value: \"x\": error validating uid: invalid"
                                + " UUID length: 1",
                        "status.allocation.devices.config[0].source: Unsupported value: \"FromAbove\": supported values:"
                                + " \"FromClaim\", \"FromClass\"",
                        "status.allocation.nodeSelector.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value:"
                                + " \"Like\": not a valid selector operator");
        Unstructured given = status(c, "{" + allocation + ", reservedFor: [{resource: pods, name: a, uid: u}]}");
        assertThat(messages(() -> status(given, "{" + allocation.replace("g0", "g1") + "}")))
                .singleElement()
                .asString()
                .startsWith("status.allocation: Invalid value: {")
                .endsWith("field is immutable");
        String reported = ", devices: [{driver: d.example, pool: p, device: %s, networkData: {ips: [%s]}}]}";
        assertThat(messages(() -> status(given, "{" + allocation + reported.formatted("g7", "10.0.0.1"))))
                .containsExactly(
                        "status.devices[0]: Invalid value: \"d.example/p/g7\": must be an allocated device in the claim",
                        "status.devices[0].networkData.ips[0]: Invalid value: \"10.0.0.1\": must be a valid address in CIDR"
                                + " form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
        Unstructured told = status(given, "{" + allocation + reported.formatted("g0", "10.0.0.1/24"));
        travels(told);
        // What was told of a device goes with it.
        Unstructured gone = status(told, "{devices: [{driver: d.example, pool: p, device: g0}]}");
        assertThat(gone.objects("status", "devices")).isEmpty();
    }

    @Test
    void aTemplateIsJudgedAsTheClaimsThatAreMadeOfIt() {
        Unstructured t = make(RESOURCE_CLAIM_TEMPLATES, "ResourceClaimTemplate", "t", """
                {metadata: {labels: {a: b}}, spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu}}]}}}
                """);
        assertThat(t.objects("spec", "spec", "devices", "requests").getFirst().integer(0, "exactly", "count"))
                .isEqualTo(1);
        travels(t);
        assertThat(messages(() ->
                        cluster.put(RESOURCE_CLAIM_TEMPLATES, t.copy().set("c", "spec", "metadata", "labels", "a"))))
                .singleElement()
                .asString()
                .startsWith("spec: Invalid value: {")
                .endsWith("field is immutable");
        assertThat(messages(() -> make(
                        RESOURCE_CLAIM_TEMPLATES,
                        "ResourceClaimTemplate",
                        "bad",
                        "{metadata: {annotations: {'a/b/c': x}}, spec: {devices: {requests: [{name: gpu}]}}}")))
                .hasSize(2)
                .anyMatch(m -> m.startsWith("spec.metadata.annotations: Invalid value: \"a/b/c\""))
                .contains(
                        "spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is"
                                + " required");
    }

    @Test
    void aSliceTellsWhatIsThere() {
        Unstructured s = slice("s", """
                {driver: d.example, nodeName: n1, pool: {name: n1, generation: 0, resourceSliceCount: 1}, devices: [
                 {name: g0, attributes: {model: {string: a100}, other.example/numa: {int: 0}, v: {version: 1.2.3-rc.1},
                   healthy: {bool: false}}, capacity: {memory: {value: 1024Mi}}, taints: [{key: a, effect: NoSchedule}]},
                 {name: g1, allowMultipleAllocations: true, capacity: {memory: {value: 10Gi, requestPolicy:
                   {default: 1Gi, validRange: {min: 1Gi, max: 4096Mi, step: 1Gi}}}},
                  bindingConditions: [d.example/ready], bindingFailureConditions: [d.example/failed]}]}
                """);
        Unstructured device = s.objects("spec", "devices").getFirst();
        assertThat(device.string("capacity", "memory", "value")).isEqualTo("1Gi");
        assertThat(device.objects("taints").getFirst().get("timeAdded"))
                .isEqualTo(s.get("metadata", "creationTimestamp"));
        assertThat(s.objects("spec", "devices")
                        .get(1)
                        .string("capacity", "memory", "requestPolicy", "validRange", "max"))
                .isEqualTo("4Gi");
        assertThat(s.generation()).isEqualTo(1);
        travels(s);
        slice("t", "{driver: e.example, allNodes: true, pool: {name: t, resourceSliceCount: 1}}");
        assertThat(named("spec.nodeName=n1")).containsExactly("s");
        assertThat(named("spec.driver=e.example")).containsExactly("t");
        assertThat(messages(() -> cluster.put(
                        RESOURCE_SLICES,
                        s.copy()
                                .set("n2", "spec", "nodeName")
                                .set("e.example", "spec", "driver")
                                .set("q", "spec", "pool", "name"))))
                .containsExactly(
                        "spec.pool.name: Invalid value: \"q\": field is immutable",
                        "spec.driver: Invalid value: \"e.example\": field is immutable",
                        "spec.nodeName: Invalid value: \"n2\": field is immutable");
        Unstructured next = cluster.put(RESOURCE_SLICES, s.copy().set(1L, "spec", "pool", "generation"));
        assertThat(next.generation()).isEqualTo(2);
    }

    private List<String> named(String field) {
        return cluster.admin.list(RESOURCE_SLICES, "", ListOptions.fields(field)).items().stream()
                .map(r -> r.object().name())
                .toList();
    }

    @Test
    void whatADriverOffersMustBeFoundAndCounted() {
        assertThat(messages(
                        () -> slice("bad", "{driver: '', pool: {name: '', generation: -1, resourceSliceCount: 0}}")))
                .containsExactly(
                        "spec.driver: Required value",
                        "spec.pool.name: Required value",
                        "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero",
                        "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero",
                        "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`,"
                                + " `perDeviceNodeSelection` is required");
        assertThat(
                        whyNoSlice(
                                "nodeName: 'n', allNodes: true, perDeviceNodeSelection: false, nodeSelector: {nodeSelectorTerms: []}"))
                .containsExactly(
                        "spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term",
                        "spec.nodeSelector.nodeSelectorTerms: Invalid value: []: must have exactly one node selector term",
                        "spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true",
                        "spec: Invalid value: \"{`nodeName`, `nodeSelector`, `allNodes`}\": exactly one of `nodeName`,"
                                + " `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are"
                                + " set");
        assertThat(whyNoSlice(
                        "allNodes: true, devices: [{name: a, nodeName: 'n', attributes: {a: {}, b: {int: 1, bool: true},"
                                + " c: {version: one}, d/: {int: 1}}}, {name: a, bindingConditions: [x, x],"
                                + " taints: [{key: '', effect: Often}, {key: k}]}]"))
                .containsExactlyInAnyOrder(
                        "spec.devices[0].attributes[a]: Invalid value: \"\": exactly one value must be specified",
                        "spec.devices[0].attributes[b]: Invalid value: {\"int\":1,\"bool\":true}: exactly one value must be"
                                + " specified",
                        "spec.devices[0].attributes[c].version: Invalid value: \"one\": must be a string compatible with"
                                + " semver.org spec 2.0.0",
                        "spec.devices[0].attributes: Invalid value: \"\": the name must not be empty",
                        "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if"
                                + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
                        "spec.devices[1].taints[0].key: Invalid value: \"\": name part must be non-empty",
                        "spec.devices[1].taints[0].key: Invalid value: \"\": name part must consist of alphanumeric"
                                + " characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g."
                                + " 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
                                + " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                        "spec.devices[1].taints[0].effect: Unsupported value: \"Often\": supported values: \"NoExecute\","
                                + " \"NoSchedule\", \"None\"",
                        "spec.devices[1].taints[1].effect: Required value",
                        "spec.devices[1].bindingConditions[1]: Duplicate value: \"x\"",
                        "spec.devices[1].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required"
                                + " to use bindingConditions",
                        "spec.devices[1]: Duplicate value: \"a\"");
        assertThat(whyNoSlice("perDeviceNodeSelection: true, devices: [{name: a}, {name: b, allNodes: true,"
                        + " consumesCounters: [{counterSet: '', counters: {}}]}]"))
                .containsExactly(
                        "spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is"
                                + " required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
                        "spec.devices[1].consumesCounters[0].counterSet: Required value",
                        "spec.devices[1].consumesCounters[0].counters: Required value");
        assertThat(whyNoSlice(
                        "allNodes: true, sharedCounters: [{name: s, counters: {a: {value: 1}}}], devices: [{name: a}]"))
                .containsExactly("spec: Invalid value: \"\": only one of `sharedCounters` or `devices` is allowed");
        String tainted = "{name: a, taints: [{key: k, effect: None}]},".repeat(65);
        assertThat(whyNoSlice("allNodes: true, devices: [" + tainted + "]"))
                .containsExactly("spec.devices: Too many: 65: must have at most 64 items");
    }

    @Test
    void howMuchOfADeviceMayBeAskedForFitsIntoIt() {
        String capacity = "allNodes: true, devices: [{name: a, allowMultipleAllocations: %s, capacity: {m: {value: 10,"
                + " requestPolicy: {%s}}}}]";
        String at = "spec.devices[0].capacity[m].requestPolicy";
        assertThat(whyNoSlice(capacity.formatted(false, "default: 1")))
                .containsExactly(at + ": Forbidden: allowMultipleAllocations must be true");
        assertThat(whyNoSlice(capacity.formatted(true, "validValues: [1, 2]")))
                .containsExactly(at + ".default: Required value: required when validValues is defined");
        assertThat(whyNoSlice(capacity.formatted(true, "default: 3, validValues: [2, 1, 1, 20]")))
                .containsExactly(
                        at + ".validValues[1]: Invalid value: \"1\": values must be sorted in ascending order",
                        at + ".validValues[3]: Invalid value: \"20\": option is larger than capacity value: 10",
                        at + ".validValues[2]: Duplicate value: \"1\"",
                        at
                                + ".validValues: Invalid value: \"3\": default value is not valid according to the requestPolicy");
        assertThat(whyNoSlice(capacity.formatted(true, "default: 4, validRange: {min: 1, max: 20, step: 2}")))
                .containsExactly(
                        at + ".validRange.max: Invalid value: \"20\": max is larger than capacity value: 10",
                        at
                                + ".validRange.step: Invalid value: \"4\": value is not a multiple of a given step (2) from (1)",
                        at
                                + ".validRange.step: Invalid value: \"20\": value is not a multiple of a given step (2) from (1)");
        assertThat(whyNoSlice(capacity.formatted(true, "default: 4, validRange: {min: 1, step: 0}")))
                .as("a step of nothing would divide by nothing")
                .containsExactly(at + ".validRange.step: Invalid value: \"0\": must be greater than zero");
    }

    @Test
    void onlyWhereTheNamespaceAllowsItDoAdministratorsGetAtDevicesInUse() {
        String devices = "{requests: [{name: a, exactly: {deviceClassName: c, adminAccess: true}}]}";
        assertThat(whyNoClaim(devices))
                .containsExactly(
                        "spec.devices.requests[0].exactly.adminAccess: Forbidden: admin access to devices requires"
                                + " the `resource.kubernetes.io/admin-access: true` label on the containing namespace");
        assertThat(messages(() -> make(
                        RESOURCE_CLAIM_TEMPLATES, "ResourceClaimTemplate", "t", "{spec: {devices: " + devices + "}}")))
                .hasSize(1);
        Unstructured plain = claim("plain", "{requests: [{name: a, exactly: {deviceClassName: c}}]}");
        String granted = "{allocation: {devices: {results: [{request: a, driver: d.example, pool: p, device: g,"
                + " adminAccess: true}]}}}";
        assertThat(messages(() -> status(plain, granted)))
                .singleElement()
                .asString()
                .startsWith("status.allocation.devices.results[0].adminAccess: Forbidden: admin access");
        Unstructured namespace = cluster.admin.get(NAMESPACES, "", "default").object();
        cluster.put(NAMESPACES, namespace.set("true", "metadata", "labels", "resource.kubernetes.io/admin-access"));
        assertThat(claim("good", devices).name()).isEqualTo("good");
        assertThat(status(plain, granted).has("status", "allocation")).isTrue();
    }

    private Unstructured pod(String name, String claims, String used) {
        return cluster.create(
                PODS,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}, spec: {resourceClaims: " + claims
                        + ", containers: [{name: c, image: i, resources: {claims: " + used + "}}]}}");
    }

    @Test
    void aPodNamesItsClaimsAndItsContainersNameThem() {
        Unstructured p = pod(
                "good",
                "[{name: a, resourceClaimName: one}, {name: b, resourceClaimTemplateName: t}]",
                "[{name: a}, {name: b, request: x}, {name: b, request: 'y'}]");
        travels(p);
        assertThat(messages(() -> pod(
                        "bad",
                        "[{name: A, resourceClaimName: one}, {name: b}, {name: b, resourceClaimName: x,"
                                + " resourceClaimTemplateName: 'y'}, {resourceClaimName: X_}]",
                        "[{name: b}, {name: b}, {name: z}, {name: b, request: R}]")))
                .contains(
                        "spec.resourceClaims[0].name: Invalid value: \"A\": " + LABEL_RULE,
                        "spec.resourceClaims[1]: Invalid value: {\"name\":\"b\"}: must specify one of: `resourceClaimName`,"
                                + " `resourceClaimTemplateName`",
                        "spec.resourceClaims[2].name: Duplicate value: \"b\"",
                        "spec.resourceClaims[3].name: Required value",
                        "spec.containers[0].resources.claims[1]: Duplicate value: \"b\"",
                        "spec.containers[0].resources.claims[2]: Not found: \"z\": must be one of the names in"
                                + " pod.spec.resourceClaims: A, b",
                        "spec.containers[0].resources.claims[3].request: Invalid value: \"R\": " + LABEL_RULE)
                .anyMatch(m -> m.startsWith("spec.resourceClaims[2]: Invalid value: ")
                        && m.endsWith(
                                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"))
                .anyMatch(m -> m.startsWith("spec.resourceClaims[3].resourceClaimName: Invalid value: \"X_\""));
        assertThat(messages(() -> pod("none", "[]", "[{name: z}]")))
                .containsExactly("spec.containers[0].resources.claims[0]: Not found: \"z\": must be one of the names in"
                        + " pod.spec.resourceClaims which is empty");
        String longest = "x".repeat(63) + ("." + "x".repeat(63)).repeat(2) + "." + "x".repeat(58);
        assertThat(messages(() -> pod(longest, "[{name: abc, resourceClaimTemplateName: t}]", "[]")))
                .containsExactly("spec.resourceClaims[0].name: Invalid value: \"" + longest
                        + "-abc\": final ResourceClaim name: must be no more than 253 bytes");
        Unstructured said = p.copy()
                .set(
                        List.of(Cluster.yaml("{name: other, resourceClaimName: x}")
                                .map()),
                        "status",
                        "resourceClaimStatuses");
        assertThat(messages(() -> cluster.admin.update(PODS, said, WriteOptions.STATUS)))
                .containsExactly(
                        "status.resourceClaimStatuses[0].name: Invalid value: \"other\": must match the name of an"
                                + " entry in `spec.resourceClaims`");
    }
}
