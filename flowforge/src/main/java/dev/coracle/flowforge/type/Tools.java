package dev.coracle.flowforge.type;

import dev.coracle.machinery.env.Environment;
import java.net.http.HttpClient;

/** What {@link Work} needs of the world. */
public record Tools(Environment environment, HttpClient http) {}
