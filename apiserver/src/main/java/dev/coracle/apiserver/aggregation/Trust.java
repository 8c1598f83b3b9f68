package dev.coracle.apiserver.aggregation;

/**
 * Whose certificates are good.
 *
 * @param bundle authorities, PEM in base64; {@code ""} for those of this machine
 * @param anyone whether nobody's is looked at
 */
record Trust(String bundle, boolean anyone) {
    static final Trust ANYONE = new Trust("", true);
}
