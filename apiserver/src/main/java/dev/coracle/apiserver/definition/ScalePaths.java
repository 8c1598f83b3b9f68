package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.function.Function;

/**
 * Where a kind keeps what its {@code Scale} shows.
 *
 * @param wanted where the number of replicas is that somebody wants
 * @param there where the number is that is there
 * @param selector the label selector of the replicas, as a query has it
 */
public record ScalePaths(List<String> wanted, List<String> there, Function<Unstructured, String> selector) {
    /** Of Deployments and their like. */
    public static final ScalePaths WORKLOAD = new ScalePaths(
            List.of("spec", "replicas"),
            List.of("status", "replicas"),
            o -> Columns.query(o.object("spec", "selector")));
}
