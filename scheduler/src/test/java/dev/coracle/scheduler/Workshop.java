package dev.coracle.scheduler;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Short words for devices and for who claims them. */
record Workshop(Town town) {
    /** A class of devices that a driver calls its own. */
    void deviceClass(String name, String spec) {
        town.create(
                Resources.DEVICE_CLASSES,
                "",
                "{'apiVersion':'resource.k8s.io/v1','kind':'DeviceClass','metadata':{'name':'" + name + "'},'spec':{"
                        + spec + "}}");
    }

    static String cel(String expression) {
        return "'selectors':[{'cel':{'expression':'"
                + expression.replace("'", "\\'").replace("\\'", "\\\"") + "'}}]";
    }

    /** @param devices JSON objects */
    void slice(String node, String... devices) {
        slice(node, node, 1, 1, "'nodeName':'" + node + "'", devices);
    }

    void slice(String name, String pool, int generation, int count, String place, String... devices) {
        town.create(
                Resources.RESOURCE_SLICES,
                "",
                "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceSlice','metadata':{'name':'" + name
                        + "'},'spec':{'driver':'gpu.example','pool':{'name':'" + pool + "','generation':" + generation
                        + ",'resourceSliceCount':" + count + "}," + place + ",'devices':[" + String.join(",", devices)
                        + "]}}");
    }

    static String device(String name, String more) {
        return "{'name':'" + name + "'" + more + "}";
    }

    static String[] devices(int count) {
        return IntStream.range(0, count).mapToObj(i -> device("g" + i, "")).toArray(String[]::new);
    }

    static String model(String model) {
        return ",'attributes':{'model':{'string':'" + model + "'}}";
    }

    /** @param more of the request, with a comma before it */
    static String request(String name, String more) {
        return "{'name':'" + name + "','exactly':{'deviceClassName':'gpu'" + more + "}}";
    }

    /** @param devices JSON members of {@code spec.devices} beside the requests, with a comma before them */
    void claim(String name, String requests, String devices) {
        town.create(
                Resources.RESOURCE_CLAIMS,
                "default",
                "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaim','metadata':{'name':'" + name
                        + "'},'spec':{'devices':{'requests':[" + requests + "]" + devices + "}}}");
    }

    void pod(String name, String claim) {
        pod(name, claim, "");
    }

    void pod(String name, String claim, String spec) {
        town.pod(name, "'app':'t'", "'resourceClaims':[{'name':'gpu','resourceClaimName':'" + claim + "'}]," + spec);
    }

    /** A pod with a claim of one device for itself alone. */
    void podWithClaim(String name) {
        claim(name, request("gpu", ""), "");
        pod(name, name);
    }

    /** What a controller does that makes the claims of pods. */
    void make(String pod, String claim) {
        Unstructured owner = town.pod(pod);
        town.create(
                Resources.RESOURCE_CLAIMS,
                "default",
                "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaim','metadata':{'name':'" + claim
                        + "','ownerReferences':[{'apiVersion':'v1','kind':'Pod','name':'" + pod + "','uid':'"
                        + owner.uid()
                        + "','controller':true}]},'spec':{'devices':{'requests':[" + request("gpu", "") + "]}}}");
        town.client.patch(
                Resources.PODS,
                "default",
                pod,
                Patch.merge(Town.tree(
                        "{'status':{'resourceClaimStatuses':[{'name':'gpu','resourceClaimName':'" + claim + "'}]}}")),
                WriteOptions.STATUS);
    }

    /** What a controller does when the pods of a claim have ended. */
    void free(String claim) {
        status(claim, "{'allocation':null,'reservedFor':null}");
    }

    void status(String claim, String status) {
        town.client.patch(
                Resources.RESOURCE_CLAIMS,
                "default",
                claim,
                Patch.merge(Town.tree("{'status':" + status + "}")),
                WriteOptions.STATUS);
    }

    Unstructured claim(String name) {
        return town.client.get(Resources.RESOURCE_CLAIMS, "default", name).object();
    }

    /** {@code request=pool/device} of each that a claim has. */
    List<String> has(String claim) {
        return claim(claim).objects("status", "allocation", "devices", "results").stream()
                .map(r -> r.string("request") + "=" + r.string("pool") + "/" + r.string("device"))
                .toList();
    }

    List<String> reserved(String claim) {
        return claim(claim).objects("status", "reservedFor").stream()
                .map(r -> r.string("name"))
                .collect(Collectors.toList());
    }
}
