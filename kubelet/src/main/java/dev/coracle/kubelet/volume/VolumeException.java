package dev.coracle.kubelet.volume;

/** A volume cannot be laid out; the message is shown in the pod's events. */
public final class VolumeException extends RuntimeException {
    public VolumeException(String message) {
        super(message);
    }

    static VolumeException of(String volume, String why) {
        return new VolumeException("MountVolume.SetUp failed for volume \"" + volume + "\" : " + why);
    }
}
