extension Setting {
    /// All settings, in the order in which people look for them.
    ///
    /// - Parameter places: where this installation has its folders.
    package static func all(_ places: SettingPlaces) -> [Setting] {
        [
            Setting(
                name: "listen", kind: .text, standard: "127.0.0.1:8080", help: "Address and port; [::1]:8080 for IPv6."),
            Setting(name: "policies", kind: .text, standard: places.policies, help: "The folder of policies."),
            Setting(name: "images", kind: .text, standard: places.images, help: "The folder of images."),
            Setting(
                name: "overlay", kind: .text, standard: places.overlay,
                help: "The folder whose policies/ and images/ replace those Nestbox came with, by name."),
            Setting(name: "state", kind: .text, standard: places.state, help: "Where image roots and keys are kept."),
            Setting(name: "web", kind: .text, standard: places.web, help: "The folder of the page and the contract."),
            Setting(name: "user", kind: .text, standard: "nestbox", help: "Whom nestboxd becomes when root starts it."),
            Setting(
                name: "keys", kind: .text, standard: "", help: "The file of API keys; <state>/keys.json by default."),
            Setting(
                name: "auth", kind: .choice(["auto", "required", "off"]), standard: "auto",
                help: "API keys: auto asks for them unless on loopback."),
            Setting(
                name: "insecure_no_auth", kind: .flag, standard: "false",
                help: "Allows auth off on an address that others can reach."),
            Setting(name: "tls_certificate", kind: .text, standard: "", help: "PEM file of the certificate chain."),
            Setting(name: "tls_key", kind: .text, standard: "", help: "PEM file of its private key."),
            Setting(name: "allowed_hosts", kind: .list, standard: "", help: "Host names this service answers to."),
            Setting(name: "cors_origins", kind: .list, standard: "", help: "Origins whose pages may use the API."),
            Setting(
                name: "websocket_origins", kind: .list, standard: "", help: "Foreign origins that may open sockets."),
            Setting(
                name: "embed_origins", kind: .list, standard: "", help: "Origins whose pages may show ours in a frame."),
            Setting(name: "trusted_proxies", kind: .list, standard: "", help: "Blocks whose X-Forwarded-For counts."),
            Setting(
                name: "max_running_runs", kind: .count(1...4096),
                standard: "\(min(max(places.processors, 1), 2048) * 2)",
                help: "Runs at once; two per processor by default."),
            Setting(name: "max_queued_runs", kind: .count(0...100_000), standard: "256", help: "Runs that may wait."),
            Setting(
                name: "max_running_per_client", kind: .count(1...4096), standard: "",
                help: "Runs at once of one key or address; three quarters of max_running_runs by default."),
            Setting(
                name: "running_share", kind: .count(1...100), standard: "50",
                help: "Percent of the running places one key or address may hold while others wait."),
            Setting(
                name: "max_queued_per_client", kind: .count(0...100_000), standard: "64",
                help: "Waiting runs of one key or address."),
            Setting(
                name: "rate_per_minute", kind: .count(1...1_000_000), standard: "600",
                help: "Requests per minute of one key or address."),
            Setting(
                name: "rate_burst", kind: .count(1...1_000_000), standard: "120",
                help: "Requests at once of one of them."),
            Setting(
                name: "ws_messages_per_second", kind: .count(1...100_000), standard: "200",
                help: "Messages per second of one WebSocket."),
            Setting(name: "max_connections", kind: .count(1...1_000_000), standard: "4096", help: "Open connections."),
            Setting(
                name: "max_connections_per_address", kind: .count(1...1_000_000), standard: "",
                help: "Open connections of one address; a quarter of max_connections by default."),
            Setting(name: "max_body", kind: .bytes, standard: "8MiB", help: "Size of a request body."),
            Setting(name: "max_message", kind: .bytes, standard: "8MiB", help: "Size of a WebSocket message."),
            Setting(
                name: "body_memory", kind: .bytes, standard: "256MiB",
                help: "Memory of all bodies and messages that are on their way."),
            Setting(
                name: "websocket_compression", kind: .flag, standard: "true",
                help: "Compression of WebSocket messages, where clients offer it."),
            Setting(name: "header_timeout", kind: .duration, standard: "10s", help: "Time for the head of a request."),
            Setting(
                name: "body_timeout", kind: .duration, standard: "30s",
                help: "Time for a body, and a second more per body_rate bytes of it."),
            Setting(
                name: "body_rate", kind: .count(1...1_000_000_000), standard: "65536",
                help: "Bytes per second at which a body must come at least."),
            Setting(name: "idle_timeout", kind: .duration, standard: "60s", help: "Silence that ends a connection."),
            Setting(
                name: "send_timeout", kind: .duration, standard: "30s", help: "Time for a reader to take something."),
            Setting(
                name: "pool_sandboxes", kind: .count(0...4096), standard: "256",
                help: "Sandboxes parked or being prepared; 0 for none."),
            Setting(
                name: "pool_memory", kind: .bytes, standard: "1GiB", help: "Memory of parked sandboxes, estimated."),
            Setting(name: "run_buffer", kind: .bytes, standard: "4MiB", help: "Events kept in memory per run."),
            Setting(name: "artifact_bytes", kind: .bytes, standard: "32MiB", help: "Artifacts kept in memory per run."),
            Setting(
                name: "compile_cache", kind: .bytesOrNone, standard: "256MiB",
                help: "Memory of what compile steps made; 0 keeps nothing."),
            Setting(
                name: "finished_runs", kind: .count(1...1_000_000), standard: "1000",
                help: "Finished runs that are kept."),
            Setting(name: "finished_bytes", kind: .bytes, standard: "256MiB", help: "Memory of finished runs."),
            Setting(name: "finished_for", kind: .duration, standard: "10m", help: "How long finished runs are kept."),
            Setting(
                name: "queue_timeout", kind: .duration, standard: "10m", help: "How long a run may wait for a place."),
            Setting(
                name: "start_timeout", kind: .duration, standard: "60s",
                help: "Time for a run's sandbox to be made and its program to start."),
            Setting(
                name: "test_run_interval", kind: .durationOrNone, standard: "60s",
                help: "Time without a run that worked, after which a tiny one is made to see; 0 for never."),
            Setting(name: "shutdown_grace", kind: .duration, standard: "20s", help: "Time for runs to end on SIGTERM."),
            Setting(
                name: "log_level", kind: .choice(["trace", "debug", "info", "notice", "warning", "error"]),
                standard: "info", help: "The least that is logged."),
            Setting(
                name: "log_format", kind: .choice(["json", "text"]), standard: "json",
                help: "One JSON object per line, or text."),
            Setting(
                name: "access_log", kind: .text, standard: "stderr",
                help: "Where a record of each request goes: stderr, off, or a file, opened again on SIGHUP."),
        ]
    }
}

/// What only the executable knows.
package struct SettingPlaces: Sendable {
    package var policies: String
    package var images: String
    package var overlay: String
    package var state: String
    package var web: String
    package var processors: Int

    package init(
        policies: String, images: String, overlay: String = "/etc/nestbox", state: String, web: String, processors: Int
    ) {
        self.policies = policies
        self.images = images
        self.overlay = overlay
        self.state = state
        self.web = web
        self.processors = processors
    }
}
