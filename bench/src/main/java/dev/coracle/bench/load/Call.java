package dev.coracle.bench.load;

/** @param type the body's media type; {@code ""} with no body */
record Call(String method, String path, String type, byte[] body) {
    private static final byte[] NOTHING = new byte[0];

    static Call get(String path) {
        return new Call("GET", path, "", NOTHING);
    }
}
