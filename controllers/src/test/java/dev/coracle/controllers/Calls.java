package dev.coracle.controllers;

import dev.coracle.client.Client;
import dev.coracle.machinery.object.StatusException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** A client some of whose calls are refused, for tests. */
public final class Calls {
    private Calls() {}

    /** @param which calls, by the method's name and its arguments */
    public static Client refusing(
            Client client, BiPredicate<String, Object[]> which, Supplier<StatusException> refusal) {
        return answering(client, (call, arguments) -> {
            if (which.test(call, arguments)) {
                throw refusal.get();
            }
            return Optional.empty();
        });
    }

    /** @param answer of a call, by the method's name and its arguments; empty for what the client itself says */
    public static Client answering(Client client, BiFunction<String, Object[], Optional<?>> answer) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, arguments) -> {
                    Optional<?> given =
                            arguments == null ? Optional.empty() : answer.apply(method.getName(), arguments);
                    if (given.isPresent()) {
                        return given.get();
                    }
                    try {
                        return method.invoke(client, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
