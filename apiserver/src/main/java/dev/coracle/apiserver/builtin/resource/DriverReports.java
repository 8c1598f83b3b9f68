package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules for what a driver tells of a device that a claim has. */
record DriverReports(Findings findings, ResourceNames names, Several several) {
    private static final int MOST_CONDITIONS = 8;
    private static final int LONGEST_DATA = 10 * 1024;
    private static final int LONGEST_INTERFACE = 256;
    private static final int LONGEST_HARDWARE = 128;
    private static final int MOST_ADDRESSES = 16;
    private static final int LONGEST_REASON = 1024;
    private static final int LONGEST_MESSAGE = 32 * 1024;
    private static final String REASON_TEXT = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
    private static final Pattern REASON = Pattern.compile(REASON_TEXT);

    DriverReports(Findings findings) {
        this(findings, new ResourceNames(findings), new Several(findings));
    }

    void check(Unstructured device, String path, Set<String> allocated) {
        names.driver(device.string("driver"), path + ".driver");
        names.pool(device.string("pool"), path + ".pool");
        names.label(device.string("device"), path + ".device");
        if (device.has("shareID")) {
            names.uid(device.string("shareID"), path + ".shareID");
        }
        String which = AllocationRules.device(device);
        if (!allocated.contains(which)) {
            findings.invalid(path, which, "must be an allocated device in the claim");
        }
        List<Unstructured> conditions = device.objects("conditions");
        if (conditions.size() > MOST_CONDITIONS) {
            findings.tooMany(path + ".conditions", conditions.size(), MOST_CONDITIONS);
        }
        several.list(conditions, Several.ANY, path + ".conditions", this::condition);
        if (device.has("data")) {
            names.raw(device.get("data"), path + ".data", false, LONGEST_DATA);
        }
        network(device.object("networkData"), path + ".networkData");
    }

    private void condition(Unstructured c, String path) {
        findings.invalid(path + ".type", c.string("type"), Names.qualified(c.string("type")));
        String status = c.string("status");
        if (!List.of("True", "False", "Unknown").contains(status)) {
            findings.notSupported(path + ".status", status, "False", "True", "Unknown");
        }
        if (c.integer(0, "observedGeneration") < 0) {
            findings.invalid(
                    path + ".observedGeneration",
                    c.integer(0, "observedGeneration"),
                    "must be greater than or equal to zero");
        }
        if (!c.has("lastTransitionTime")) {
            findings.required(path + ".lastTransitionTime", "must be set");
        }
        String reason = c.string("reason");
        if (reason.isEmpty()) {
            findings.required(path + ".reason", "must be set");
        } else if (!REASON.matcher(reason).matches()) {
            findings.invalid(
                    path + ".reason",
                    reason,
                    "a condition reason must start with alphabetic character, optionally followed by a string of"
                            + " alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
                            + " (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or"
                            + " 'ReasonA:ReasonB', regex used for validation is '" + REASON_TEXT + "')");
        }
        if (ResourceNames.length(reason) > LONGEST_REASON) {
            findings.tooLong(path + ".reason", LONGEST_REASON);
        }
        if (ResourceNames.length(c.string("message")) > LONGEST_MESSAGE) {
            findings.tooLong(path + ".message", LONGEST_MESSAGE);
        }
    }

    private void network(Unstructured data, String path) {
        if (ResourceNames.length(data.string("interfaceName")) > LONGEST_INTERFACE) {
            findings.tooLong(path + ".interfaceName", LONGEST_INTERFACE);
        }
        if (ResourceNames.length(data.string("hardwareAddress")) > LONGEST_HARDWARE) {
            findings.tooLong(path + ".hardwareAddress", LONGEST_HARDWARE);
        }
        several.set(data.stringList("ips"), MOST_ADDRESSES, path + ".ips", this::interfaceAddress, ip -> ip);
    }

    /** {@code 10.1.2.3/24}: an address and how much of it is the network's. */
    private void interfaceAddress(String text, String path) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        InetAddress ip = Addresses.parse(address).orElse(null);
        String bits = slash < 0 ? "" : text.substring(slash + 1);
        if (ip == null || !bits.matches("0|[1-9]\\d{0,2}") || Integer.parseInt(bits) > 8 * ip.getAddress().length) {
            findings.invalid(path, text, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
        } else if (!ip.getHostAddress().equals(address) && ip.getAddress().length == 4) {
            findings.invalid(path, text, "must be in canonical form (\"" + ip.getHostAddress() + "/" + bits + "\")");
        }
    }
}
