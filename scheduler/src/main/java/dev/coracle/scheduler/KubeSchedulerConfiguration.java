package dev.coracle.scheduler;

import dev.coracle.client.election.LeaderElection;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.config.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How the scheduler decides, as {@code kube-scheduler --config} takes it. What concerns only how that program runs (its
 * connection, profiling) may be there and is passed over; extenders are refused.
 *
 * @param firstBackoff of a pod that was tried in vain; it doubles with each attempt
 * @param election in which it takes part, if the configuration asks for one. Without {@code leaderElection} it does not:
 *     a single scheduler has nobody to be elected against
 */
public record KubeSchedulerConfiguration(
        List<ProfileSettings> profiles,
        Duration firstBackoff,
        Duration lastBackoff,
        Optional<LeaderElection> election) {
    /** The Lease of schedulers that are not told another. */
    public static final LeaderElection ELECTION = LeaderElection.of("kube-system", "kube-scheduler");

    static final String API_VERSION = "kubescheduler.config.k8s.io/v1";
    private static final String KIND = "KubeSchedulerConfiguration";

    public static final KubeSchedulerConfiguration DEFAULT =
            parse("{apiVersion: " + API_VERSION + ", kind: " + KIND + "}");

    /**
     * The pods of one {@code schedulerName}, and how they are decided about.
     *
     * @param percentageOfNodes of which one that fits is sought before the best is taken; 0 for fewer the more there are
     * @param factories how each plugin is made, by name
     */
    record ProfileSettings(
            String schedulerName, long percentageOfNodes, PluginSets sets, Map<String, Registry.Factory> factories) {}

    /** @throws IllegalArgumentException that tells each field that is unknown or wrong, with its path */
    public static KubeSchedulerConfiguration parse(String yaml) {
        List<Object> documents = Yaml.parseStrictly(yaml);
        if (documents.size() != 1) {
            throw new IllegalArgumentException("must be one document of kind " + KIND + ", not " + documents.size());
        }
        Problems problems = new Problems();
        Fields fields = Fields.of("", documents.getFirst(), problems);
        String version = fields.text("apiVersion", "");
        String kind = fields.text("kind", "");
        if (!version.equals(API_VERSION) || !kind.equals(KIND)) {
            throw new IllegalArgumentException("no kind \"" + kind + "\" is registered for version \"" + version
                    + "\", want " + KIND + " of " + API_VERSION);
        }
        long percentage = percentage(fields, 0);
        var read = new KubeSchedulerConfiguration(
                profiles(fields, percentage),
                Duration.ofSeconds(
                        fields.within("podInitialBackoffSeconds", 1, 1, Integer.MAX_VALUE, "must be greater than 0")),
                Duration.ofSeconds(fields.integer("podMaxBackoffSeconds", 10)),
                fields.has("leaderElection") ? election(fields.object("leaderElection")) : Optional.empty());
        if (read.lastBackoff.compareTo(read.firstBackoff) < 0) {
            problems.invalid(
                    "podMaxBackoffSeconds",
                    read.lastBackoff.toSeconds(),
                    "must be greater than or equal to PodInitialBackoffSeconds");
        }
        fields.within("parallelism", 16, 1, Integer.MAX_VALUE, "should be an integer value greater than zero");
        if (!fields.objects("extenders").isEmpty()) {
            problems.forbidden("extenders", "this scheduler calls no extenders");
        }
        ignoreHowItRuns(fields);
        fields.end();
        problems.raise();
        return read;
    }

    private static void ignoreHowItRuns(Fields fields) {
        fields.ignore("enableProfiling", "enableContentionProfiling", "delayCacheUntilActive");
        Fields connection = fields.object("clientConnection");
        connection.ignore("kubeconfig", "acceptContentTypes", "contentType", "qps", "burst");
        connection.end();
    }

    private static Optional<LeaderElection> election(Fields fields) {
        Problems problems = fields.problems();
        boolean elect = fields.bool("leaderElect", true);
        Duration lease = fields.duration("leaseDuration", ELECTION.leaseDuration());
        Duration deadline = fields.duration("renewDeadline", ELECTION.renewDeadline());
        Duration retry = fields.duration("retryPeriod", ELECTION.retryPeriod());
        String lock = fields.text("resourceLock", "leases");
        String name = fields.text("resourceName", ELECTION.name());
        String namespace = fields.text("resourceNamespace", ELECTION.namespace());
        fields.end();
        if (!elect) {
            return Optional.empty();
        }
        Map<String, Duration> times = new LinkedHashMap<>();
        times.put("leaseDuration", lease);
        times.put("renewDeadline", deadline);
        times.put("retryPeriod", retry);
        boolean sound = true;
        for (Map.Entry<String, Duration> t : times.entrySet()) {
            if (!t.getValue().isPositive()) {
                problems.invalid(fields.path(t.getKey()), t.getValue().toSeconds() + "s", "must be greater than zero");
                sound = false;
            }
        }
        if (!lock.equals("leases")) {
            problems.invalid(fields.path("resourceLock"), lock, "resourceLock value must be \"leases\"");
            sound = false;
        }
        try {
            return sound ? Optional.of(new LeaderElection(namespace, name, lease, deadline, retry)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            problems.invalid(fields.path("leaseDuration"), lease.toSeconds() + "s", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** The same decisions, made only while leading, unless it says itself what to fight for. */
    public KubeSchedulerConfiguration elected() {
        return election.isPresent()
                ? this
                : new KubeSchedulerConfiguration(profiles, firstBackoff, lastBackoff, Optional.of(ELECTION));
    }

    private static long percentage(Fields fields, long fallback) {
        String field = "percentageOfNodesToScore";
        return fields.has(field) ? fields.within(field, 0, 0, 100, "not in valid range [0-100]") : fallback;
    }

    private static List<ProfileSettings> profiles(Fields fields, long percentage) {
        List<Fields> list = fields.objects("profiles");
        if (list.isEmpty()) {
            list = List.of(Fields.of("profiles[0]", Map.of(), fields.problems()));
        }
        List<ProfileSettings> profiles = new ArrayList<>();
        Map<String, Integer> names = new HashMap<>();
        for (Fields f : list) {
            // Only a single profile may go without a name.
            String name = f.text("schedulerName", list.size() == 1 ? "default-scheduler" : "");
            if (name.isEmpty()) {
                f.problems().required(f.path("schedulerName"), "");
            }
            Integer other = names.putIfAbsent(name, profiles.size());
            if (other != null) {
                f.problems().duplicate(f.path("schedulerName"), "profiles[" + other + "].schedulerName");
            }
            PluginSets sets = PluginSets.of(f.object("plugins"));
            need(f, name, sets);
            profiles.add(new ProfileSettings(name, percentage(f, percentage), sets, factories(f)));
            f.end();
        }
        return List.copyOf(profiles);
    }

    private static void need(Fields f, String profile, PluginSets sets) {
        int sorts = Objects.requireNonNull(sets.at().get(Point.QUEUE_SORT)).size();
        if (sorts != 1) {
            f.problems()
                    .invalid(
                            f.path("plugins.queueSort"),
                            sorts,
                            "only one queue sort plugin required for profile with scheduler name \"" + profile
                                    + "\", but got " + sorts);
        }
        if (Objects.requireNonNull(sets.at().get(Point.BIND)).isEmpty()) {
            f.problems()
                    .invalid(
                            f.path("plugins.bind"),
                            0,
                            "at least one bind plugin is needed for profile with scheduler name \"" + profile + "\"");
        }
    }

    private static Map<String, Registry.Factory> factories(Fields profile) {
        Problems problems = profile.problems();
        Map<String, Registry.Factory> factories = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Fields f : profile.objects("pluginConfig")) {
            String name = f.text("name", "");
            if (!seen.add(name)) {
                problems.duplicate(f.path("name"), name);
            }
            Registry.Row row = Registry.of(name).orElse(null);
            if (PluginSets.isRemoved(name)) {
                problems.invalid(f.path("name"), name, PluginSets.removed());
                f.ignore("args");
            } else if (row == null) {
                problems.invalid(f.path("name"), name, "plugin \"" + name + "\" does not exist");
                f.ignore("args");
            } else {
                factories.put(name, args(row, f.object("args")));
            }
            f.end();
        }
        for (Registry.Row r : Registry.ROWS) {
            factories.computeIfAbsent(r.name(), n -> r.args().apply(Fields.of("args", Map.of(), problems)));
        }
        return Map.copyOf(factories);
    }

    private static Registry.Factory args(Registry.Row row, Fields args) {
        String kind = row.name() + "Args";
        String version = args.text("apiVersion", API_VERSION);
        if (!version.equals(API_VERSION)) {
            args.problems().unsupported(args.path("apiVersion"), version, List.of(API_VERSION));
        }
        String given = args.text("kind", kind);
        if (!given.equals(kind)) {
            args.problems().invalid(args.path("kind"), given, "has to match plugin args " + kind);
        }
        Registry.Factory factory = row.args().apply(args);
        args.end();
        return factory;
    }
}
