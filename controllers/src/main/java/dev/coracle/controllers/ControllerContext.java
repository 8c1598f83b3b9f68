package dev.coracle.controllers;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;

/** What every controller is given. */
public record ControllerContext(Client client, Informers informers, Environment environment, ControllersConfig config) {
    /** Tells in the name of a component: {@code replicaset-controller}. */
    EventRecorder events(String component) {
        return new ApiEventRecorder(client, environment, component, "");
    }
}
