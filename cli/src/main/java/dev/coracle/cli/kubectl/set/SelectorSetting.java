package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl set selector service/web app=web,tier=front}. */
final class SelectorSetting implements Setting {
    @Override
    public String name() {
        return "selector";
    }

    @Override
    public String done() {
        return "selector updated";
    }

    @Override
    public String[] flags() {
        return new String[] {"resource-version"};
    }

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) {
        List<String> resources = new ArrayList<>(arguments);
        String selector = resources.isEmpty() ? "" : resources.removeLast();
        if (!selector.contains("=") && !selector.contains(" in ")) {
            throw new Failure("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        }
        Map<String, String> labels = labels(selector);
        return new Wish(resources, o -> {
            if (!o.kind().equals("Service")) {
                throw new Failure("setting a selector is only supported for Services");
            }
            change(o, labels, line.get("resource-version"));
        });
    }

    private static void change(Unstructured service, Map<String, String> labels, String version) {
        if (!version.isEmpty()) {
            service.set(version, "metadata", "resourceVersion");
        }
        service.set(new LinkedHashMap<>(labels), "spec", "selector");
    }

    private static Map<String, String> labels(String selector) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String term : selector.split(",", -1)) {
            int equals = term.indexOf('=');
            if (equals <= 0 || term.charAt(equals - 1) == '!') {
                throw new Failure("invalid selector: only equality is supported: " + term);
            }
            labels.put(term.substring(0, equals), term.substring(equals + 1).replaceFirst("^=", ""));
        }
        try {
            LabelSelector.parse(selector);
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()));
        }
        return labels;
    }
}
