package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;

/**
 * What the cluster has while external secrets are turned on: the kinds. Where they are there already they are left as they
 * are; when it is turned off they stay, and with them the objects and the Secrets that are theirs.
 */
public final class Furniture {
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private Furniture() {}

    /** @param client of one who may make kinds */
    public static void put(Client client) {
        for (Unstructured o : Definitions.all()) {
            if (Live.find(client, DEFINITIONS, "", o.name()).isEmpty()) {
                client.create(DEFINITIONS, "", o, WriteOptions.DEFAULT);
            }
        }
    }
}
