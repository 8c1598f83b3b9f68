package dev.coracle.controllers;

import java.nio.file.Path;
import java.time.Duration;

/**
 * @param volumes where provisioned local volumes lie
 * @param caCertificate what the root CA publisher puts into every namespace, PEM
 * @param nodeGrace how long a node may be silent before it is not ready; upstream's default is 50 s
 */
public record ControllersConfig(Path volumes, String caCertificate, Duration nodeGrace) {}
