package dev.coracle.bench.load;

/** What can be asked for, in the order in which it is measured: what is deleted must have been created. */
enum Operation {
    CREATE,
    GET,
    LIST,
    WATCH,
    PATCH,
    DELETE;

    /** Of all but {@link #WATCH}, which is no request with an end. */
    Lanes.Calls calls(Server server) {
        return switch (this) {
            case CREATE -> server::create;
            case GET -> server::get;
            case LIST -> server::list;
            case PATCH -> server::patch;
            case DELETE -> server::delete;
            case WATCH -> throw new IllegalStateException("a watch is not asked again and again");
        };
    }
}
