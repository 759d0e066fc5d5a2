/// Checks that concern several values: settings that contradict each other, or the machine.
struct SettingCheck {
    let settings: ServerSettings
    /// By name.
    let found: [String: SettingLayers.Found]

    /// One line for each error.
    func contradictions() -> [String] {
        var diagnostics: [String] = []
        func add(_ name: String, _ value: String? = nil, allowed: String) {
            let found = found[name] ?? SettingLayers.Found(text: "", list: [], source: .standard)
            diagnostics.append(ServerSettings.diagnostic(name, found.source, value ?? found.text, allowed))
        }
        let (listen, paths, limits) = (settings.listen, settings.paths, settings.limits)
        if listen.certificate.isEmpty != listen.key.isEmpty {
            diagnostics.append("tls_certificate and tls_key: found one of them, allowed both or none")
        }
        if settings.access.auth == .off, !listen.address.isLoopback, !settings.access.isInsecure {
            add("auth", allowed: "with insecure_no_auth: true only, since others can reach \(listen.address.host)")
        }
        for (name, path) in [("policies", paths.policies), ("images", paths.images), ("web", paths.web)]
        where !SettingValue.isDirectory(path) {
            add(name, allowed: "a directory that is there")
        }
        if found["examples"]?.source != .standard, !SettingValue.isDirectory(paths.examples) {
            add("examples", allowed: "a directory that is there")
        }
        if paths.state.isEmpty || (SettingValue.isThere(paths.state) && !SettingValue.isDirectory(paths.state)) {
            add("state", allowed: "a directory")
        }
        if found["overlay"]?.source != .standard, !SettingValue.isDirectory(paths.overlay) {
            add("overlay", allowed: "a directory that is there")
        }
        for (name, size) in [("max_body", limits.body), ("max_message", limits.message)] where size > limits.bodyMemory
        {
            add("body_memory", allowed: "at least \(name), which is \(found[name]?.text ?? "")")
        }
        return diagnostics
    }

    /// The directories of policies, images or examples, the last one on top.
    func directories(_ name: String) -> [String] {
        DirectorySettings.layers(name, found[name], found["overlay"])
    }
}
