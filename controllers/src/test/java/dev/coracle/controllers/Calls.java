package dev.coracle.controllers;

import dev.coracle.client.Client;
import dev.coracle.machinery.object.StatusException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** A client some of whose calls are refused, for tests. */
public final class Calls {
    private Calls() {}

    /** @param which calls, by the method's name and its arguments */
    public static Client refusing(
            Client client, BiPredicate<String, Object[]> which, Supplier<StatusException> refusal) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, arguments) -> {
                    if (arguments != null && which.test(method.getName(), arguments)) {
                        throw refusal.get();
                    }
                    try {
                        return method.invoke(client, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
