package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.function.UnaryOperator;

/**
 * How a version that is served becomes the one that is stored, and back.
 *
 * @param storage what the objects are stored as
 * @param toStorage given an object of the version served that may be changed; what is to be stored
 * @param fromStorage given a stored object that may be changed; what is to be served
 * @param rule of what is stored by way of the version served, beyond what is demanded of everything stored
 */
public record Conversion(
        GroupVersionResource storage,
        UnaryOperator<Unstructured> toStorage,
        UnaryOperator<Unstructured> fromStorage,
        Rule rule) {
    public Conversion(
            GroupVersionResource storage,
            UnaryOperator<Unstructured> toStorage,
            UnaryOperator<Unstructured> fromStorage) {
        this(storage, toStorage, fromStorage, Rule.NONE);
    }

    /** Of versions that differ in nothing but their name. */
    public static Conversion byName(GroupVersionResource served, GroupVersionResource storage) {
        return new Conversion(
                storage, o -> o.set(storage.apiVersion(), "apiVersion"), o -> o.set(served.apiVersion(), "apiVersion"));
    }
}
