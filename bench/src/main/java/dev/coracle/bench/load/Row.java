package dev.coracle.bench.load;

import java.util.List;

/** One operation at one concurrency: what each server did, the one that is measured first. */
record Row(Operation operation, int concurrency, List<Result> results) {
    record Result(String server, Measurement measured) {}
}
