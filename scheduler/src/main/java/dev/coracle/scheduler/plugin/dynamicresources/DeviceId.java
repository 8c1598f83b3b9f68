package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;

/** Which device it is, among all. */
record DeviceId(String driver, String pool, String device) {
    /** Of one that a claim has. */
    static DeviceId of(Unstructured result) {
        return new DeviceId(result.string("driver"), result.string("pool"), result.string("device"));
    }

    @Override
    public String toString() {
        return driver + "/" + pool + "/" + device;
    }
}
