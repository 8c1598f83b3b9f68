package dev.coracle.apiserver.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An {@code Accept} header's clauses, what is wanted most first; those that nothing sets apart in the header's order. */
record Accept(List<Clause> clauses) {
    /** @param parameters without {@code q} */
    record Clause(String type, String subtype, double q, Map<String, String> parameters) {
        boolean matches(String mediaType) {
            return subtype.equals("*")
                    ? type.equals("*") || mediaType.startsWith(type + "/")
                    : mediaType.equals(type + "/" + subtype);
        }

        String parameter(String name) {
            return parameters.getOrDefault(name, "");
        }

        private boolean before(Clause other) {
            return q > other.q
                    || !type.equals("*") && other.type.equals("*")
                    || !subtype.equals("*") && other.subtype.equals("*");
        }
    }

    static Accept of(String header) {
        List<Clause> sorted = new ArrayList<>();
        for (String text : header.split(",")) {
            Clause clause = clause(text);
            if (clause.type.isEmpty() || clause.subtype.isEmpty()) {
                continue;
            }
            sorted.add(clause);
            // The order is not transitive, so that it depends on the way of sorting: this one is upstream's.
            for (int i = sorted.size() - 1; i > 0 && sorted.get(i).before(sorted.get(i - 1)); i--) {
                Collections.swap(sorted, i, i - 1);
            }
        }
        return new Accept(sorted);
    }

    private static Clause clause(String text) {
        String[] parts = text.split(";");
        String[] type = parts[0].strip().split("/", 2);
        Map<String, String> parameters = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            parameters.put(pair[0].strip(), pair.length > 1 ? pair[1].strip() : "");
        }
        String q = parameters.remove("q");
        String subtype = type.length > 1 ? type[1] : type[0].equals("*") ? "*" : "";
        return new Clause(type[0], subtype, q == null ? 1 : number(q), parameters);
    }

    private static double number(String q) {
        try {
            return Double.parseDouble(q);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
