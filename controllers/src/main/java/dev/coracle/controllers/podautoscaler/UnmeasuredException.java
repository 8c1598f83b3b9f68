package dev.coracle.controllers.podautoscaler;

/** Why nothing can be said of how many replicas there should be, in words for the autoscaler's conditions. */
final class UnmeasuredException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnmeasuredException(String why) {
        super(why);
    }

    String why() {
        return String.valueOf(getMessage());
    }

    /** The same, with where it was met before it. */
    UnmeasuredException at(String where) {
        return new UnmeasuredException(where + ": " + why());
    }
}
