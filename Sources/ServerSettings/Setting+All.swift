extension Setting {
    /// All settings, in the order of the documentation.
    ///
    /// - Parameter paths: where this installation has its directories.
    package static func all(_ paths: InstallationPaths) -> [Setting] {
        directories(paths) + access + admission(paths) + connections + memory + sessions + workspaces + times + logs
            + traces
    }

    /// Where it listens, and where its files are.
    private static func directories(_ paths: InstallationPaths) -> [Setting] {
        [
            Setting(
                "listen", \.listen.address, .address, standard: "127.0.0.1:8080",
                help: "Address and port; [::1]:8080 for IPv6."),
            Setting("policies", \.paths.policies, .text, standard: paths.policies, help: "The directory of policies."),
            Setting("images", \.paths.images, .text, standard: paths.images, help: "The directory of images."),
            Setting("examples", \.paths.examples, .text, standard: paths.examples, help: "The directory of examples."),
            Setting(
                "overlay", \.paths.overlay, .text, standard: paths.overlay,
                help: "The directory whose policies/, images/ and examples/ replace the installed ones, by name."),
            Setting(
                "state", \.paths.state, .text, standard: paths.state, help: "The directory of image roots and keys."),
            Setting(
                "web", \.paths.web, .text, standard: paths.web, help: "The directory of the page and the contract."),
        ]
    }

    /// Who may use it.
    private static var access: [Setting] {
        [
            Setting(
                "user", \.access.user, .user, standard: "nestbox",
                help: "The user nestboxd becomes when root starts it."),
            Setting(
                "keys", \.paths.keys, .text, derived: { $0.paths.state.isEmpty ? nil : $0.paths.state + "/keys.json" },
                help: "The file of API keys; <state>/keys.json by default."),
            Setting(
                "auth", \.access.auth, .choice, standard: "auto",
                help: "API keys: auto requires them unless on loopback."),
            Setting(
                "insecure_no_auth", \.access.isInsecure, .flag, standard: "false",
                help: "Allows auth off on an address that others can reach."),
            Setting("tls_certificate", \.listen.certificate, .text, help: "PEM file of the certificate chain."),
            Setting("tls_key", \.listen.key, .text, help: "PEM file of its private key."),
            Setting("allowed_hosts", \.access.allowedHosts, .hosts, help: "Host names this service answers to."),
            Setting("cors_origins", \.access.corsOrigins, .origins, help: "Origins whose pages may use the API."),
            Setting(
                "websocket_origins", \.access.webSocketOrigins, .origins, help: "Foreign origins that may open sockets."
            ),
            Setting(
                "embed_origins", \.access.embedOrigins, .origins,
                help: "Origins whose pages may show the playground in a frame."),
            Setting(
                "trusted_proxies", \.access.trustedProxies, .blocks,
                help: "Address blocks of trusted proxies (X-Forwarded-For)."),
            Setting(
                "egress_proxy", \.access.egressProxy, .proxy,
                help: "The proxy by which programs with egress reach the world, http://HOST:PORT; directly by default."),
        ]
    }

    /// How much it admits.
    private static func admission(_ paths: InstallationPaths) -> [Setting] {
        [
            Setting(
                "max_running_runs", \.limits.running, .count(1...4096),
                standard: "\(min(max(paths.processors, 1), 2048) * 2)",
                help: "Concurrent runs; two per processor by default."),
            Setting(
                "max_queued_runs", \.limits.queued, .count(0...100_000), standard: "256", help: "Runs that may wait."),
            // However many runs one client submits, another client finds a free place.
            Setting(
                "max_running_per_client", \.limits.runningPerClient, .count(1...4096),
                derived: { String(max($0.limits.running - max($0.limits.running / 4, 1), 1)) },
                help: "Concurrent runs of one key or address; three quarters of max_running_runs by default."),
            Setting(
                "running_share", \.limits.runningShare, .count(1...100), standard: "50",
                help: "Percent of max_running_runs that one key or address may hold while others wait."),
            Setting(
                "max_queued_per_client", \.limits.queuedPerClient, .count(0...100_000), standard: "64",
                help: "Waiting runs of one key or address."),
            Setting(
                "rate_per_minute", \.limits.requestsPerMinute, .count(1...1_000_000), standard: "600",
                help: "Requests per minute of one key or address."),
            Setting(
                "rate_burst", \.limits.requestBurst, .count(1...1_000_000), standard: "120",
                help: "Requests in a burst of one key or address."),
            Setting(
                "example_rate_per_minute", \.limits.examplesPerMinute, .count(1...1_000_000), standard: "60",
                help: "Examples that one key or address may run per minute; twice as many in a burst."),
            Setting(
                "metric_tenants", \.limits.metricTenants, .count(0...250), standard: "50",
                help: "Tenants that metrics name; the others are one, other."),
            Setting(
                "ws_messages_per_second", \.limits.messagesPerSecond, .count(1...100_000), standard: "200",
                help: "Messages per second of one WebSocket."),
        ]
    }

    /// Its connections, and the bodies and messages on them.
    private static var connections: [Setting] {
        [
            Setting(
                "max_connections", \.limits.connections, .count(1...1_000_000), standard: "4096",
                help: "Open connections."),
            // The connections of one client leave room for others.
            Setting(
                "max_connections_per_address", \.limits.connectionsPerAddress, .count(1...1_000_000),
                derived: { String(max($0.limits.connections / 4, 1)) },
                help: "Open connections of one address; a quarter of max_connections by default."),
            Setting(
                "max_egress_connections", \.limits.egressConnections, .count(1...100_000), standard: "256",
                help: "Connections of all programs to the outside."),
            Setting("max_body", \.limits.body, .bytes, standard: "8MiB", help: "Size of a request body."),
            Setting("max_message", \.limits.message, .bytes, standard: "8MiB", help: "Size of a WebSocket message."),
            Setting(
                "body_memory", \.limits.bodyMemory, .bytes, standard: "256MiB",
                help: "Memory of all incomplete bodies and messages together."),
            Setting(
                "websocket_compression", \.listen.compressesMessages, .flag, standard: "true",
                help: "Compression of WebSocket messages, where clients offer it."),
            Setting(
                "header_timeout", \.timeouts.header, .duration, standard: "10s", help: "Time for the head of a request."
            ),
            Setting(
                "body_timeout", \.timeouts.body, .duration, standard: "30s",
                help: "Time for a body, and a second more per body_rate bytes of it."),
            Setting(
                "body_rate", \.timeouts.bodyRate, .count(1...1_000_000_000), standard: "65536",
                help: "The minimum rate of a body, in bytes per second."),
            Setting(
                "idle_timeout", \.timeouts.idle, .duration, standard: "60s", help: "Silence that ends a connection."),
            Setting(
                "send_timeout", \.timeouts.send, .duration, standard: "30s",
                help: "Time for a reader to read something."),
        ]
    }

    /// What it keeps.
    private static var memory: [Setting] {
        [
            Setting(
                "pool_sandboxes", \.limits.parkedSandboxes, .count(0...4096), standard: "256",
                help: "Sandboxes parked or being prepared; 0 for none."),
            Setting(
                "pool_memory", \.limits.parkedMemory, .bytes, standard: "1GiB",
                help: "Memory of parked sandboxes, estimated."),
            Setting("run_buffer", \.limits.runBuffer, .bytes, standard: "4MiB", help: "Events kept in memory per run."),
            Setting(
                "artifact_bytes", \.limits.artifacts, .bytes, standard: "32MiB",
                help: "Artifacts kept in memory per run."),
            Setting(
                "compile_cache", \.limits.compileCache, .bytesOrNone, standard: "256MiB",
                help: "Memory of cached results of compile steps; 0 keeps nothing."),
            Setting(
                "finished_runs", \.limits.finishedRuns, .count(1...1_000_000), standard: "1000",
                help: "Finished runs that are kept."),
            Setting(
                "finished_bytes", \.limits.finishedMemory, .bytes, standard: "256MiB", help: "Memory of finished runs."),
            Setting(
                "finished_for", \.timeouts.finished, .duration, standard: "10m",
                help: "How long finished runs are kept."),
        ]
    }

    /// Its live sessions.
    private static var sessions: [Setting] {
        [
            Setting(
                "max_sessions", \.limits.sessions, .count(0...4096), standard: "32",
                help: "Live sessions; 0 for none."),
            // However many sessions one owner has, another one finds a free place.
            Setting(
                "max_sessions_per_owner", \.limits.sessionsPerOwner, .count(0...4096),
                derived: { String($0.limits.sessions - $0.limits.sessions / 4) },
                help: "Live sessions of one key; three quarters of max_sessions by default."),
            Setting(
                "session_history", \.limits.sessionHistory, .bytes, standard: "4MiB",
                help: "Events kept in memory per session, however much its policy allows."),
            Setting(
                "ended_sessions", \.limits.endedSessions, .count(1...100_000), standard: "200",
                help: "Ended sessions that are kept."),
            Setting(
                "ended_session_bytes", \.limits.endedSessionMemory, .bytes, standard: "128MiB",
                help: "Memory of ended sessions."),
            Setting(
                "ended_sessions_for", \.timeouts.endedSessions, .duration, standard: "1h",
                help: "How long ended sessions are kept."),
            Setting(
                "session_store", \.paths.sessions, .text,
                derived: { $0.paths.state.isEmpty ? nil : $0.paths.state + "/sessions" },
                help: "The directory of stored sessions, or off; <state>/sessions by default."),
            Setting(
                "stored_sessions_per_owner", \.limits.storedSessionsPerOwner, .count(1...4096), standard: "16",
                help: "Stored sessions of one key."),
        ]
    }

    /// Its workspaces.
    private static var workspaces: [Setting] {
        [
            Setting(
                "max_workspaces", \.limits.workspaces, .count(0...1024), standard: "16",
                help: "Running workspaces; 0 for none."),
            Setting(
                "max_workspaces_per_owner", \.limits.workspacesPerOwner, .count(0...1024),
                derived: { String($0.limits.workspaces - $0.limits.workspaces / 4) },
                help: "Running workspaces of one key; three quarters of max_workspaces by default."),
            Setting(
                "workspace_image", \.paths.workspaceImage, .text, standard: "python",
                help: "The image of workspaces that name none."),
            Setting(
                "workspace_store", \.paths.workspaces, .text,
                derived: { $0.paths.state.isEmpty ? nil : $0.paths.state + "/workspaces" },
                help: "The directory of stored workspaces, or off; <state>/workspaces by default."),
            Setting(
                "stored_workspaces_per_owner", \.limits.storedWorkspacesPerOwner, .count(1...4096), standard: "32",
                help: "Workspaces of one key, running or stored."),
        ]
    }

    /// How long operations may take.
    private static var times: [Setting] {
        [
            Setting(
                "queue_timeout", \.timeouts.queue, .duration, standard: "10m",
                help: "How long a run may wait to be admitted."),
            Setting(
                "start_timeout", \.timeouts.start, .duration, standard: "60s",
                help: "Time for a run's sandbox to be created and its program to start."),
            Setting(
                "test_run_interval", \.timeouts.testRun, .durationOrNone, standard: "60s",
                help: "Time without a successful run after which a test run is made; 0 for never."),
            Setting(
                "shutdown_grace", \.timeouts.shutdown, .duration, standard: "20s",
                help: "Time for runs to end on SIGTERM."),
        ]
    }

    /// What it logs.
    private static var logs: [Setting] {
        [
            Setting("log_level", \.log.level, .choice, standard: "info", help: "The lowest level that is logged."),
            Setting("log_format", \.log.format, .choice, standard: "json", help: "One JSON object per line, or text."),
            Setting(
                "access_log", \.log.requests, .requests, standard: "stderr",
                help: "Where request records go: stderr, off, or a file, reopened on SIGHUP."),
            Setting(
                "audit_log", \.log.audit, .fileOrOff, standard: "off",
                help: "The file of the audit log, continued in a new one on SIGHUP; or off."),
            Setting(
                "audit_sync", \.log.auditSync, .choice, standard: "always",
                help: "When an audit record is on the disk: always before its action, or within a second."),
        ]
    }

    /// Which spans it sends, and where.
    private static var traces: [Setting] {
        [
            Setting(
                "traces_endpoint", \.traces.endpoint, .endpoint, standard: "off",
                help: "The collector that spans are sent to by OTLP/HTTP, http://HOST:4318; or off."),
            Setting(
                "traces_headers", \.traces.headers, .fileOrOff, standard: "off",
                help: "A file with headers for the collector, NAME: VALUE a line; or off."),
            Setting(
                "traces_ratio", \.traces.ratio, .ratio, standard: "1",
                help: "The part of traces that begin here which is sent, 0 to 1; callers decide about theirs."),
        ]
    }
}
