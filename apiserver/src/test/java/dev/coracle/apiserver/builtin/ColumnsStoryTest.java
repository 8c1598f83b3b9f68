package dev.coracle.apiserver.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code kubectl get} shows of each kind, as upstream's printers do. */
class ColumnsStoryTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private static ResourceDefinition definition(String plural) {
        return BuiltIns.all().stream()
                .filter(d -> d.plural().equals(plural))
                .findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("unchecked")
    private static String row(String plural, boolean wide, String yaml) {
        Map<String, Object> map = (Map<String, Object>) Yaml.parseAll(yaml).getFirst();
        Unstructured o = new Unstructured(map);
        o.set("x", "metadata", "name").set("2026-11-27T11:00:00Z", "metadata", "creationTimestamp");
        return definition(plural).columns().stream()
                .filter(c -> wide || c.priority() == 0)
                .map(c -> String.valueOf(c.cell().of(o, NOW)))
                .collect(Collectors.joining(" | "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "pods; Name Ready Status Restarts Age +IP +Node +Nominated_Node +Readiness_Gates",
                "services; Name Type Cluster-IP External-IP Port(s) Age +Selector",
                "endpoints; Name Endpoints Age",
                "configmaps; Name Data Age",
                "secrets; Name Type Data Age",
                "events; Last_Seen Type Reason Object +Subobject +Source Message +First_Seen +Count +Name",
                "serviceaccounts; Name Secrets Age",
                "persistentvolumeclaims; Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age"
                        + " +VolumeMode",
                "persistentvolumes; Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass"
                        + " VolumeAttributesClass Reason Age +VolumeMode",
                "resourcequotas; Name Request Limit Age",
                "limitranges; Name Created_At",
                "nodes; Name Status Roles Age Version +Internal-IP +External-IP +OS-Image +Kernel-Version"
                        + " +Container-Runtime",
                "namespaces; Name Status Age",
                "deployments; Name Ready Up-to-date Available Age +Containers +Images +Selector",
                "replicationcontrollers; Name Desired Current Ready Age +Containers +Images +Selector",
                "horizontalpodautoscalers; Name Reference Targets MinPods MaxPods Replicas Age",
                "networkpolicies; Name Pod-Selector Age",
                "servicecidrs; Name CIDRs Age",
                "ipaddresses; Name ParentRef Age",
                "runtimeclasses; Name Handler Age",
                "csidrivers; Name AttachRequired PodInfoOnMount StorageCapacity TokenRequests RequiresRepublish Modes Age",
                "csinodes; Name Drivers Age",
                "csistoragecapacities; Name StorageClassName Capacity",
                "volumeattachments; Name Attacher PV Node Attached Age",
                "volumeattributesclasses; Name DriverName Age",
                "certificatesigningrequests; Name Age SignerName Requestor RequestedDuration Condition",
                "apiservices; Name Service Available Age",
                "flowschemas; Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL",
                "prioritylevelconfigurations; Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age",
                "podtemplates; Name Containers Images Pod_Labels",
                "controllerrevisions; Name Controller Revision Age",
                "replicasets; Name Desired Current Ready Age +Containers +Images +Selector",
                "statefulsets; Name Ready Age +Containers +Images",
                "daemonsets; Name Desired Current Ready Up-to-date Available Node_Selector Age +Containers +Images"
                        + " +Selector",
                "jobs; Name Status Completions Duration Age +Containers +Images +Selector",
                "cronjobs; Name Schedule Timezone Suspend Active Last_Schedule Age +Containers +Images +Selector",
                "poddisruptionbudgets; Name Min_Available Max_Unavailable Allowed_Disruptions Age",
                "endpointslices; Name AddressType Ports Endpoints Age",
                "ingresses; Name Class Hosts Address Ports Age",
                "ingressclasses; Name Controller Parameters Age",
                "storageclasses; Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age",
                "leases; Name Holder Age",
                "priorityclasses; Name Value Global-Default Age PreemptionPolicy",
                "roles; Name Created_At",
                "rolebindings; Name Role Age +Users +Groups +ServiceAccounts",
                "clusterrolebindings; Name Role Age +Users +Groups +ServiceAccounts",
            })
    void eachKindHasItsColumns(String plural, String headers) {
        assertThat(definition(plural).columns())
                .extracting(c -> (c.priority() > 0 ? "+" : "") + c.name().replace(' ', '_'))
                .containsExactly(headers.trim().split(" "));
    }

    @Test
    void numbersAreNumbersAndOneColumnIsTheName() {
        for (ResourceDefinition d : BuiltIns.all()) {
            Unstructured empty = Unstructured.of("v1", d.kind().kind());
            for (Column c : d.columns()) {
                Object cell = c.cell().of(empty, NOW);
                assertThat(cell)
                        .as(d.plural() + " " + c.name())
                        .isInstanceOf(c.type().equals("integer") ? Long.class : Object.class);
            }
            assertThat(d.columns())
                    .as(d.plural())
                    .filteredOn(c -> c.format().equals("name"))
                    .hasSize(1);
        }
    }

    @Test
    void aWorkloadsRowSaysHowFarItIs() {
        assertThat(row("deployments", true, """
                spec: {replicas: 3, selector: {matchLabels: {app: web}, matchExpressions: [{key: t, operator: In, values: [b, a]}]},
                       template: {spec: {containers: [{name: c, image: i:1}, {name: d, image: i:2}]}}}
                status: {readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1}
                """))
                .isEqualTo("x | 1/3 | 2 | 1 | 60m | c,d | i:1,i:2 | app=web,t in (a,b)");
        assertThat(row("statefulsets", false, "{spec: {replicas: 2}, status: {readyReplicas: 2}}"))
                .isEqualTo("x | 2/2 | 60m");
        assertThat(row("daemonsets", false, """
                spec: {template: {spec: {nodeSelector: {disk: ssd}}}}
                status: {desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1}
                """)).isEqualTo("x | 3 | 2 | 1 | 0 | 0 | disk=ssd | 60m");
    }

    @Test
    void aJobsRowTellsItsEnd() {
        assertThat(row("jobs", false, """
                spec: {completions: 3}
                status: {succeeded: 3, startTime: '2026-11-27T11:00:00Z', completionTime: '2026-11-27T11:00:42Z',
                         conditions: [{type: SuccessCriteriaMet, status: 'True'}, {type: Complete, status: 'True'}]}
                """)).isEqualTo("x | Complete | 3/3 | 42s | 60m");
        assertThat(row("jobs", false, "{spec: {parallelism: 2}, status: {startTime: '2026-11-27T11:55:00Z'}}"))
                .isEqualTo("x | Running | 0/1 of 2 | 5m | 60m");
        assertThat(row("cronjobs", false, "{spec: {schedule: '* * * * *', suspend: true}}"))
                .isEqualTo("x | * * * * * | <none> | True | 0 | <none> | 60m");
    }

    @Test
    void storageTellsWhoHasIt() {
        assertThat(row("persistentvolumes", true, """
                spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany], storageClassName: fast,
                       persistentVolumeReclaimPolicy: Delete, claimRef: {namespace: team, name: data}, volumeMode: Block}
                status: {phase: Bound}
                """))
                .isEqualTo("x | 1Gi | RWO,ROX | Delete | Bound | team/data | fast | <unset> |  | 60m | Block");
        assertThat(row("persistentvolumeclaims", false, "{spec: {storageClassName: fast}, status: {phase: Pending}}"))
                .isEqualTo("x | Pending |  |  |  | fast | <unset> | 60m");
        assertThat(row("storageclasses", false, """
                metadata: {annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}
                provisioner: a/b
                reclaimPolicy: Delete
                volumeBindingMode: Immediate
                """)).isEqualTo("x (default) | a/b | Delete | Immediate | false | 60m");
    }

    @Test
    void anAutoscalerTellsWhatIsAndWhatShouldBe() {
        assertThat(row("horizontalpodautoscalers", false, """
                spec: {maxReplicas: 5, minReplicas: 1, scaleTargetRef: {kind: Deployment, name: web},
                       metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}},
                                 {type: External, external: {target: {averageValue: '3'}}},
                                 {type: Pods, pods: {target: {averageValue: 100m}}}]}
                status: {currentReplicas: 2,
                         currentMetrics: [{type: Resource, resource: {current: {averageUtilization: 12}}}]}
                """))
                .isEqualTo("x | Deployment/web | cpu: 12%/80%, <unknown>/3 (avg) + 1 more... | 1 | 5 | 2 | 60m");
    }

    @Test
    void policiesTellWhatTheyAllow() {
        assertThat(row("poddisruptionbudgets", false, "{spec: {minAvailable: 50%}, status: {disruptionsAllowed: 1}}"))
                .isEqualTo("x | 50% | N/A | 1 | 60m");
        assertThat(row("resourcequotas", false, """
                status: {hard: {pods: '10', requests.cpu: '4', limits.cpu: '8'}, used: {pods: '3', limits.cpu: '2'}}
                """))
                .isEqualTo("x | pods: 3/10, requests.cpu: 0/4 | limits.cpu: 2/8 | 60m");
        assertThat(row("rolebindings", true, """
                roleRef: {kind: ClusterRole, name: view}
                subjects: [{kind: User, name: ann}, {kind: ServiceAccount, name: ci, namespace: ns}, {kind: User, name: bob}]
                """)).isEqualTo("x | ClusterRole/view | 60m | ann, bob |  | ns/ci");
    }

    @Test
    void theNetworkTellsWhoAnswers() {
        assertThat(row("endpointslices", false, """
                addressType: IPv4
                ports: [{port: 80}, {}]
                endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}, {addresses: [10.0.0.4]}]
                """))
                .isEqualTo("x | IPv4 | 80,* | 10.0.0.1,10.0.0.2,10.0.0.3 + 1 more... | 60m");
        assertThat(row("services", false, """
                spec: {type: ExternalName, externalName: db.example.org}
                """)).isEqualTo("x | ExternalName | <none> | db.example.org | <none> | 60m");
        assertThat(row("ingresses", false, """
                spec: {rules: [{host: a.b}, {}, {host: c.d}], tls: [{}]}
                status: {loadBalancer: {ingress: [{ip: 10.0.0.9}]}}
                """)).isEqualTo("x | <none> | a.b,c.d | 10.0.0.9 | 80, 443 | 60m");
    }

    private static final String INIT = """
            spec: {initContainers: [{name: side, restartPolicy: Always}, {name: init}], containers: [{name: c}]}
            status: {phase: Pending, conditions: [{type: Initialized, status: '%s'}],
                     initContainerStatuses: [
                       {name: side, started: true, ready: true, restartCount: 1, state: {running: {}}},
                       {name: init, restartCount: 4, state: %s,
                        lastState: {terminated: {exitCode: 1, finishedAt: '2026-11-27T11:59:30Z'}}}],
                     containerStatuses: [{name: c, restartCount: 2, ready: true, state: {running: {}}}]}
            """;

    @Test
    void aPodThatInitialisesTellsOfItsInitContainers() {
        assertThat(row("pods", false, INIT.formatted("False", "{waiting: {reason: CrashLoopBackOff}}")))
                .isEqualTo("x | 1/2 | Init:CrashLoopBackOff | 5 (30s ago) | 60m");
        assertThat(row("pods", false, INIT.formatted("False", "{running: {}}")))
                .isEqualTo("x | 1/2 | Init:1/2 | 5 (30s ago) | 60m");
        assertThat(row(
                        "pods",
                        false,
                        INIT.formatted("True", "{terminated: {exitCode: 0}}").replace("Pending", "Running")))
                .isEqualTo("x | 2/2 | Running | 3 | 60m");
    }

    @Test
    void aPodsStatusIsWhatKeepsItFromRunning() {
        assertThat(row("pods", true, """
                spec: {nodeName: 'n', readinessGates: [{conditionType: a/b}, {conditionType: c/d}], containers: [{name: c}]}
                status: {phase: Failed, podIP: 10.1.0.7, conditions: [{type: a/b, status: 'True'}],
                         containerStatuses: [{name: c, state: {terminated: {exitCode: 137, signal: 9}}}]}
                """)).isEqualTo("x | 0/1 | Signal:9 | 0 | 60m | 10.1.0.7 | n | <none> | 1/2");
        assertThat(row("pods", false, """
                spec: {schedulingGates: [{name: a}], containers: [{name: c}]}
                status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}
                """)).isEqualTo("x | 0/1 | SchedulingGated | 0 | 60m");
        assertThat(row("pods", false, """
                metadata: {deletionTimestamp: '2026-11-27T12:00:00Z'}
                spec: {containers: [{name: c}]}
                status: {phase: Running, containerStatuses: [{name: c, ready: true, state: {running: {}}}]}
                """)).isEqualTo("x | 1/1 | Terminating | 0 | 60m");
    }
}
