package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code kubectl set subject rolebinding readers --user=eve --serviceaccount=shop:robot}: adds who is not there yet. */
final class SubjectSetting implements Setting {
    private static final String GROUP = "rbac.authorization.k8s.io";

    @Override
    public String name() {
        return "subject";
    }

    @Override
    public String done() {
        return "subjects updated";
    }

    @Override
    public String[] flags() {
        return new String[] {"selector,l", "user*", "group*", "serviceaccount*"};
    }

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) {
        List<Unstructured> wanted = new ArrayList<>();
        line.all("user").forEach(u -> wanted.add(subject("User", u)));
        line.all("group").forEach(g -> wanted.add(subject("Group", g)));
        for (String account : line.all("serviceaccount")) {
            String[] parts = account.split(":", -1);
            if (parts.length != 2 || parts[1].isEmpty()) {
                throw new Failure("serviceaccount must be <namespace>:<name>");
            }
            wanted.add(new Unstructured(new LinkedHashMap<>())
                    .set("ServiceAccount", "kind")
                    .set(parts[1], "name")
                    .set(parts[0], "namespace"));
        }
        if (wanted.isEmpty()) {
            throw new Failure("you must specify at least one value of user, group or serviceaccount");
        }
        return new Wish(arguments, o -> change(o, wanted));
    }

    private static Unstructured subject(String kind, String name) {
        return new Unstructured(new LinkedHashMap<>())
                .set(GROUP, "apiGroup")
                .set(kind, "kind")
                .set(name, "name");
    }

    private static void change(Unstructured binding, List<Unstructured> wanted) {
        if (!binding.apiVersion().startsWith(GROUP + "/") || !binding.kind().endsWith("Binding")) {
            throw new IllegalArgumentException("setting subjects is only supported for RoleBinding/ClusterRoleBinding");
        }
        List<Unstructured> there = binding.objects("subjects");
        wanted.stream().filter(w -> !there.contains(w)).forEach(w -> binding.add(w, "subjects"));
    }
}
