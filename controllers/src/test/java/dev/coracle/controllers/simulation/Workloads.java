package dev.coracle.controllers.simulation;

import static dev.coracle.machinery.object.Resources.DAEMON_SETS;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.JOBS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.POD_DISRUPTION_BUDGETS;
import static dev.coracle.machinery.object.Resources.REPLICA_SETS;
import static dev.coracle.machinery.object.Resources.STATEFUL_SETS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The workloads there are. Each has the label {@code app} with its name. */
final class Workloads {
    private Workloads() {}

    static List<Workload> all() {
        return List.of(new Rollout(), new Guarded(), new Ordered(), new Daemons(), new Work(false), new Work(true));
    }

    private static String template(String app, int image) {
        return "'template': {'metadata': {'labels': {'app': '" + app
                + "'}}, 'spec': {'terminationGracePeriodSeconds': 5, 'containers': [{'name': 'c', 'image': 'i:" + image
                + "'}]}}";
    }

    private static String selector(String app) {
        return "'selector': {'matchLabels': {'app': '" + app + "'}}";
    }

    private static boolean available(Unstructured pod) {
        return !pod.isDeleting() && Pods.isReady(pod);
    }

    private static long available(List<Unstructured> pods) {
        return pods.stream().filter(Workloads::available).count();
    }

    private static String image(Unstructured pod) {
        return pod.objects("spec", "containers").getFirst().string("image");
    }

    /** A Deployment that is scaled and updated while it is being updated. */
    static final class Rollout implements Workload {
        private int replicas;
        private int surge;
        private int unavailable;
        private int version = 1;
        /** The least and most that were wanted. */
        private int least;

        private int most;
        /** So many were available at once, and may be counted on. */
        private long reached;

        @Override
        public void begin(Simulation s) {
            replicas = 2 + s.random().nextInt(4);
            surge = s.random().nextInt(3);
            unavailable = surge == 0 ? 1 + s.random().nextInt(2) : s.random().nextInt(3);
            least = replicas;
            most = replicas;
            s.create(
                    DEPLOYMENTS,
                    "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web'}, 'spec': {'replicas': "
                            + replicas + ", 'strategy': {'rollingUpdate': {'maxSurge': " + surge
                            + ", 'maxUnavailable': " + unavailable + "}}, " + selector("web") + ", "
                            + template("web", 1) + "}}");
        }

        @Override
        public void disturb(Simulation s) {
            if (s.random().nextInt(3) > 0) {
                version++;
                s.patch(
                        DEPLOYMENTS,
                        "web",
                        "{'spec': {'template': {'spec': {'containers': [{'name': 'c', 'image': 'i:" + version
                                + "'}]}}}}");
            } else {
                replicas = s.random().nextInt(10) == 0 ? 0 : 2 + s.random().nextInt(4);
                least = Math.min(least, replicas);
                most = Math.max(most, replicas);
                s.patch(DEPLOYMENTS, "web", "{'spec': {'replicas': " + replicas + "}}");
            }
        }

        @Override
        public void look(Simulation s) {
            long wanted = s.list(REPLICA_SETS, "app=web").stream()
                    .filter(r -> r.controllerOf().isPresent())
                    .mapToLong(r -> r.integer(0, "spec", "replicas"))
                    .sum();
            assertThat(wanted).as("replicas that the sets want, with surge").isLessThanOrEqualTo(most + surge);
            long available = available(s.list(PODS, "app=web"));
            if (available >= replicas) {
                reached = Math.max(reached, available);
            }
            if (reached >= least) {
                assertThat(available).as("available pods, of " + told(s)).isGreaterThanOrEqualTo(least - unavailable);
            }
        }

        private String told(Simulation s) {
            return replicas + " +" + surge + " -" + unavailable + ", sets "
                    + s.list(REPLICA_SETS, "app=web").stream()
                            .map(r -> r.name() + " " + r.get("spec", "replicas") + " "
                                    + r.get("status", "availableReplicas"))
                            .toList()
                    + ", pods "
                    + s.list(PODS, "app=web").stream()
                            .map(p -> p.name() + (p.isDeleting() ? " going" : available(p) ? " ready" : ""))
                            .toList();
        }

        @Override
        public void converged(Simulation s) {
            List<Unstructured> pods = s.list(PODS, "app=web");
            assertThat(pods).as("pods of the Deployment").hasSize(replicas).allMatch(Workloads::available);
            assertThat(pods).allMatch(p -> image(p).equals("i:" + version));
            Unstructured status = s.get(DEPLOYMENTS, "web").object("status");
            assertThat(status.integer(0, "availableReplicas")).isEqualTo(replicas);
            assertThat(status.integer(0, "updatedReplicas")).isEqualTo(replicas);
            assertThat(status.integer(0, "observedGeneration"))
                    .isEqualTo(s.get(DEPLOYMENTS, "web").generation());
            assertThat(s.list(REPLICA_SETS, "app=web"))
                    .filteredOn(r -> r.integer(0, "spec", "replicas") > 0)
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    /** A Deployment whose pods somebody evicts as far as its budget lets him. */
    static final class Guarded implements Workload {
        private static final int REPLICAS = 4;
        private static final int LEAST = 3;
        private boolean reached;

        @Override
        public void begin(Simulation s) {
            s.create(
                    DEPLOYMENTS,
                    "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'guarded'}, 'spec': {"
                            + "'replicas': " + REPLICAS + ", " + selector("guarded") + ", " + template("guarded", 1)
                            + "}}");
            s.create(
                    POD_DISRUPTION_BUDGETS,
                    "{'apiVersion': 'policy/v1', 'kind': 'PodDisruptionBudget', 'metadata': {'name': 'guarded'},"
                            + " 'spec': {'minAvailable': " + LEAST + ", " + selector("guarded") + "}}");
        }

        @Override
        public void disturb(Simulation s) {
            for (Unstructured pod : s.list(PODS, "app=guarded")) {
                try {
                    s.client()
                            .post(
                                    PODS,
                                    "default",
                                    pod.name(),
                                    "eviction",
                                    Unstructured.parse("{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\"}"));
                } catch (StatusException e) {
                    assertThat(e.code()).isIn(404, 409, 429);
                }
                look(s);
            }
        }

        @Override
        public void look(Simulation s) {
            long available = available(s.list(PODS, "app=guarded"));
            reached |= available >= REPLICAS;
            if (reached) {
                assertThat(available).as("pods that the budget keeps").isGreaterThanOrEqualTo(LEAST);
            }
        }

        @Override
        public void converged(Simulation s) {
            assertThat(s.list(PODS, "app=guarded")).hasSize(REPLICAS).allMatch(Workloads::available);
            Unstructured status = s.get(POD_DISRUPTION_BUDGETS, "guarded").object("status");
            assertThat(status.integer(0, "currentHealthy")).isEqualTo(REPLICAS);
            assertThat(status.integer(0, "disruptionsAllowed")).isEqualTo(REPLICAS - LEAST);
            assertThat(status.object("disruptedPods").map()).isEmpty();
        }
    }

    /** A StatefulSet that is scaled and updated. */
    static final class Ordered implements Workload {
        private int replicas;
        private int version = 1;
        private boolean reached;

        @Override
        public void begin(Simulation s) {
            replicas = 1 + s.random().nextInt(4);
            s.create(
                    STATEFUL_SETS,
                    "{'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'metadata': {'name': 'db'}, 'spec': {'replicas': "
                            + replicas + ", 'serviceName': 'db', " + selector("db") + ", " + template("db", 1) + "}}");
        }

        @Override
        public void disturb(Simulation s) {
            reached = false;
            if (s.random().nextBoolean()) {
                version++;
                s.patch(
                        STATEFUL_SETS,
                        "db",
                        "{'spec': {'template': {'spec': {'containers': [{'name': 'c', 'image': 'i:" + version
                                + "'}]}}}}");
            } else {
                replicas = 1 + s.random().nextInt(4);
                s.patch(STATEFUL_SETS, "db", "{'spec': {'replicas': " + replicas + "}}");
            }
        }

        private static int ordinal(String name) {
            return Integer.parseInt(name.substring("db-".length()));
        }

        @Override
        public void before(Simulation s, String what, GroupVersionResource resource, String name) {
            if (!resource.equals(PODS) || !name.startsWith("db-") || !what.equals("create")) {
                return;
            }
            List<Unstructured> pods = s.list(PODS, "app=db");
            for (int i = 0; i < ordinal(name); i++) {
                String before = "db-" + i;
                assertThat(pods)
                        .as("db-" + i + " is ready before " + name + " comes")
                        .anyMatch(p -> p.name().equals(before) && available(p));
            }
        }

        @Override
        public void look(Simulation s) {
            List<Unstructured> pods = s.list(PODS, "app=db");
            long gone = LongStream.range(0, replicas)
                    .filter(i -> pods.stream().noneMatch(p -> p.name().equals("db-" + i) && available(p)))
                    .count();
            reached |= gone == 0;
            if (reached) {
                assertThat(gone).as("members that are away at once").isLessThanOrEqualTo(1);
            }
        }

        @Override
        public void converged(Simulation s) {
            List<Unstructured> pods = s.list(PODS, "app=db");
            assertThat(pods)
                    .extracting(Unstructured::name)
                    .containsExactlyInAnyOrderElementsOf(LongStream.range(0, replicas)
                            .mapToObj(i -> "db-" + i)
                            .toList());
            assertThat(pods).allMatch(p -> available(p) && image(p).equals("i:" + version));
            Unstructured status = s.get(STATEFUL_SETS, "db").object("status");
            assertThat(status.integer(0, "readyReplicas")).isEqualTo(replicas);
            assertThat(status.integer(0, "updatedReplicas")).isEqualTo(replicas);
            assertThat(status.string("currentRevision")).isEqualTo(status.string("updateRevision"));
        }
    }

    /** A DaemonSet that is updated. */
    static final class Daemons implements Workload {
        private int version = 1;
        private boolean reached;

        @Override
        public void begin(Simulation s) {
            s.create(
                    DAEMON_SETS,
                    "{'apiVersion': 'apps/v1', 'kind': 'DaemonSet', 'metadata': {'name': 'agent'}, 'spec': {"
                            + selector("agent") + ", " + template("agent", 1) + "}}");
        }

        @Override
        public void disturb(Simulation s) {
            version++;
            s.patch(
                    DAEMON_SETS,
                    "agent",
                    "{'spec': {'template': {'spec': {'containers': [{'name': 'c', 'image': 'i:" + version + "'}]}}}}");
        }

        @Override
        public void look(Simulation s) {
            List<Unstructured> pods = s.list(PODS, "app=agent");
            Set<String> nodes = pods.stream()
                    .filter(Workloads::available)
                    .map(p -> p.string("spec", "nodeName"))
                    .collect(Collectors.toSet());
            reached |= nodes.size() == Nodes.NAMES.size();
            if (reached) {
                assertThat(nodes)
                        .as("nodes whose daemon is available")
                        .hasSizeGreaterThanOrEqualTo(Nodes.NAMES.size() - 1);
            }
        }

        @Override
        public void converged(Simulation s) {
            List<Unstructured> pods = s.list(PODS, "app=agent");
            assertThat(pods)
                    .extracting(p -> p.string("spec", "nodeName"))
                    .containsExactlyInAnyOrderElementsOf(Nodes.NAMES);
            assertThat(pods).allMatch(p -> available(p) && image(p).equals("i:" + version));
            Unstructured status = s.get(DAEMON_SETS, "agent").object("status");
            assertThat(status.integer(0, "numberAvailable")).isEqualTo(Nodes.NAMES.size());
            assertThat(status.integer(0, "updatedNumberScheduled")).isEqualTo(Nodes.NAMES.size());
        }
    }

    /** A Job, some of whose pods fail. */
    static final class Work implements Workload {
        private final boolean indexed;
        private final String name;
        private int completions;
        private int parallelism;

        Work(boolean indexed) {
            this.indexed = indexed;
            this.name = indexed ? "shards" : "work";
        }

        @Override
        public void begin(Simulation s) {
            completions = 1 + s.random().nextInt(6);
            parallelism = 1 + s.random().nextInt(4);
            s.create(
                    JOBS,
                    "{'apiVersion': 'batch/v1', 'kind': 'Job', 'metadata': {'name': '" + name + "'}, 'spec': {"
                            + "'completionMode': '" + (indexed ? "Indexed" : "NonIndexed") + "', 'completions': "
                            + completions + ", 'parallelism': " + parallelism
                            + ", 'backoffLimit': 100, 'template': {'metadata': {'labels': {'app': '" + name
                            + "'}}, 'spec': {'restartPolicy': 'Never', 'terminationGracePeriodSeconds': 5,"
                            + " 'containers': [{'name': 'c', 'image': 'i'}]}}}}");
        }

        @Override
        public void disturb(Simulation s) {
            boolean suspend = s.random().nextBoolean() && !done(s);
            s.patch(JOBS, name, "{'spec': {'suspend': " + suspend + "}}");
        }

        private boolean done(Simulation s) {
            return s.get(JOBS, name).objects("status", "conditions").stream()
                    .anyMatch(c -> c.string("type").equals("Complete"));
        }

        private List<Unstructured> succeeded(Simulation s) {
            return s.nodes().succeeded.values().stream()
                    .filter(p -> name.equals(p.labels().get("app")))
                    .toList();
        }

        private static String index(Unstructured pod) {
            return pod.annotations().getOrDefault("batch.kubernetes.io/job-completion-index", "");
        }

        @Override
        public void look(Simulation s) {
            List<Unstructured> active =
                    s.list(PODS, "app=" + name).stream().filter(Pods::isActive).toList();
            assertThat(active).as("pods at once").hasSizeLessThanOrEqualTo(parallelism);
            Unstructured status = s.get(JOBS, name).object("status");
            Set<String> indexes = new HashSet<>();
            succeeded(s).forEach(p -> indexes.add(index(p)));
            assertThat(status.integer(0, "succeeded"))
                    .as("completions that were counted")
                    .isLessThanOrEqualTo(indexed ? indexes.size() : succeeded(s).size());
            if (indexed) {
                assertThat(active).extracting(Work::index).doesNotHaveDuplicates();
            }
        }

        @Override
        public void converged(Simulation s) {
            s.patch(JOBS, name, "{'spec': {'suspend': false}}");
            s.rest();
            Unstructured job = s.get(JOBS, name);
            assertThat(done(s)).as("complete: " + job.object("status")).isTrue();
            // A pod whose creation was done and answered with a failure is one too many: it counts once, or not at all.
            assertThat(job.integer(0, "status", "succeeded"))
                    .as("completions, of " + completions + ": " + job.object("status"))
                    .isBetween((long) completions, (long)
                            (indexed ? completions : succeeded(s).size()));
            assertThat(job.integer(0, "status", "active")).isZero();
            assertThat(job.object("status", "uncountedTerminatedPods").map()).isEmpty();
            assertThat(s.list(PODS, "app=" + name))
                    .as("pods that wait to be counted")
                    .allMatch(p -> p.finalizers().isEmpty());
            if (indexed) {
                String all = completions == 1 ? "0" : completions == 2 ? "0,1" : "0-" + (completions - 1);
                assertThat(job.string("status", "completedIndexes")).isEqualTo(all);
            }
        }
    }
}
