package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl create deployment|job|cronjob}. */
final class WorkloadObjects {
    private static final GroupVersionResource CRON_JOBS = new GroupVersionResource("batch", "v1", "cronjobs");

    private WorkloadObjects() {}

    static Unstructured deployment(Flags.Line line, String name, List<String> command) {
        List<String> images = line.all("image");
        if (images.isEmpty()) {
            throw new Failure("required flag(s) \"image\" not set");
        }
        if (images.size() > 1 && !command.isEmpty()) {
            throw new Failure("cannot specify multiple --image options and command");
        }
        Map<String, Object> labels = new LinkedHashMap<>(Map.of("app", name));
        Unstructured d = Unstructured.of("apps/v1", "Deployment", "", name)
                .set(labels, "metadata", "labels")
                .set(line.number("replicas", 1), "spec", "replicas")
                .set(labels, "spec", "selector", "matchLabels")
                .set(labels, "spec", "template", "metadata", "labels");
        for (String image : images) {
            String base = image.substring(image.lastIndexOf('/') + 1).replaceFirst("[:@].*", "");
            Unstructured c = container(base, image, command);
            if (line.has("port")) {
                c.add(new LinkedHashMap<>(Map.of("containerPort", line.number("port", 0))), "ports");
            }
            d.add(c, "spec", "template", "spec", "containers");
        }
        return d;
    }

    private static Unstructured container(String name, String image, List<String> command) {
        Unstructured c =
                new Unstructured(new LinkedHashMap<>()).set(image, "image").set(name, "name");
        return command.isEmpty() ? c : c.set(command, "command");
    }

    static Unstructured job(Session session, Flags.Line line, String name, List<String> command) {
        String from = line.get("from");
        String image = line.get("image");
        if (from.isEmpty() == image.isEmpty()) {
            throw new Failure("either --image or --from must be specified");
        }
        if (from.isEmpty()) {
            return Unstructured.of("batch/v1", "Job", "", name)
                    .add(container(name, image, command), "spec", "template", "spec", "containers")
                    .set("Never", "spec", "template", "spec", "restartPolicy");
        }
        if (!command.isEmpty()) {
            throw new Failure("cannot specify --from and command");
        }
        String[] parts = from.split("/", 2);
        if (parts.length != 2
                || !List.of("cronjob", "cronjobs", "cj", "cronjob.batch").contains(parts[0])) {
            throw new Failure("from must be an existing cronjob");
        }
        return once(
                session.client().get(CRON_JOBS, session.namespace(), parts[1]).object(), name);
    }

    /** What a CronJob would make, made by hand: it belongs to the CronJob all the same. */
    private static Unstructured once(Unstructured cronJob, String name) {
        Unstructured template = cronJob.object("spec", "jobTemplate");
        Unstructured job = Unstructured.of("batch/v1", "Job", "", name);
        Map<String, Object> annotations =
                new LinkedHashMap<>(template.object("metadata", "annotations").map());
        annotations.put("cronjob.kubernetes.io/instantiate", "manual");
        job.set(annotations, "metadata", "annotations");
        if (template.has("metadata", "labels")) {
            job.set(template.get("metadata", "labels"), "metadata", "labels");
        }
        Map<String, Object> owner = new LinkedHashMap<>();
        owner.put("apiVersion", "batch/v1");
        owner.put("controller", true);
        owner.put("kind", "CronJob");
        owner.put("name", cronJob.name());
        owner.put("uid", cronJob.uid());
        return job.add(owner, "metadata", "ownerReferences").set(template.get("spec"), "spec");
    }

    static Unstructured cronJob(Flags.Line line, String name, List<String> command) {
        if (line.get("image").isEmpty()) {
            throw new Failure("required flag(s) \"image\" not set");
        }
        if (line.get("schedule").isEmpty()) {
            throw new Failure("required flag(s) \"schedule\" not set");
        }
        Unstructured pod = new Unstructured(new LinkedHashMap<>())
                .add(container(name, line.get("image"), command), "containers")
                .set(line.get("restart", "OnFailure"), "restartPolicy");
        return Unstructured.of("batch/v1", "CronJob", "", name)
                .set(name, "spec", "jobTemplate", "metadata", "name")
                .set(pod.map(), "spec", "jobTemplate", "spec", "template", "spec")
                .set(line.get("schedule"), "spec", "schedule");
    }
}
