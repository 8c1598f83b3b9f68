package dev.coracle.controllers;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;

/** What every controller is given. */
public record ControllerContext(
        Client client, Informers informers, Environment environment, ControllersConfig config) {}
