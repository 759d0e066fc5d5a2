import Testing

@testable import ServerSettings

@Suite("Where a setting comes from")
struct PrecedenceTests {
    /// Another value than the default, for every setting.
    private static func sample(_ setting: Setting, _ fixture: SettingsFixture) -> String {
        switch (setting.name, setting.kind) {
        case ("listen", _): "127.0.0.2:81"
        case ("policies", _), ("images", _), ("examples", _), ("overlay", _), ("web", _), ("state", _):
            fixture.path + "/other"
        case ("trusted_proxies", _): "10.0.0.0/8"
        case ("allowed_hosts", _): "nestbox.example.org"
        case ("egress_proxy", _): "http://proxy.example.org:3128"
        case ("traces_endpoint", _): "http://127.0.0.1:4318"
        case ("traces_ratio", _): "0.5"
        // No less than the default of one body.
        case ("body_memory", _): "300MiB"
        case (_, .list): "https://example.org"
        case (_, .text): fixture.path + "/some"
        case (_, .choice(let words)): words.first { $0 != setting.standard } ?? ""
        case (_, .flag): "true"
        case (_, .count): "7"
        case (_, .bytes), (_, .bytesOrNone): "3MiB"
        case (_, .duration), (_, .durationOrNone): "7s"
        }
    }

    @Test("every setting has a flag, a variable and a line in the file, and each of them counts")
    func all() throws {
        let fixture = try SettingsFixture()
        for setting in Setting.all(fixture.paths) {
            let value = Self.sample(setting, fixture)
            // Both or none.
            let pair = ["tls_certificate", "tls_key"].filter { $0 != setting.name && setting.name.hasPrefix("tls") }
            let also = pair.isEmpty ? "{}\n" : pair.map { "\($0): /some\n" }.joined()
            let flag = try fixture.settings(["\(setting.flag)=\(value)"], yaml: also).row(setting.name)
            #expect(flag == .init(name: setting.name, value: value, source: .flag(setting.flag)))
            let variable = try fixture.settings(environment: [setting.variable: value], yaml: also).row(setting.name)
            #expect(variable == .init(name: setting.name, value: value, source: .variable(setting.variable)))
            let text = setting.kind == .list ? "[\"\(value)\"]" : "\"\(value)\""
            let file = try fixture.settings(yaml: "# first\n\(setting.name): \(text)\n\(pair.isEmpty ? "" : also)").row(
                setting.name)
            #expect(file == .init(name: setting.name, value: value, source: .file(fixture.file, line: 2)))
        }
    }

    @Test("flags win over variables, those over the file, that over the default")
    func order() throws {
        let fixture = try SettingsFixture()
        let (yaml, variable) = ("log_level: error\n", ["NESTBOX_LOG_LEVEL": "debug"])
        let all = try fixture.settings(["--log-level", "trace"], environment: variable, yaml: yaml)
        #expect(all.log.level == .trace && all.row("log_level")?.source.description == "--log-level")
        let two = try fixture.settings(environment: variable, yaml: yaml)
        #expect(two.log.level == .debug && two.row("log_level")?.source.description == "$NESTBOX_LOG_LEVEL")
        let one = try fixture.settings(yaml: yaml)
        #expect(one.log.level == .error && one.row("log_level")?.source.description == "\(fixture.file):1")
        let none = try fixture.settings(yaml: "{}\n")
        #expect(none.log.level == .info && none.row("log_level")?.source.description == "default")
    }

    @Test("defaults are good as they are, and there is a row for each in order")
    func defaults() throws {
        let fixture = try SettingsFixture()
        let settings = try fixture.settings()
        #expect(settings.rows.map(\.name) == Setting.all(fixture.paths).map(\.name))
        #expect(settings.rows.allSatisfy { $0.source == .standard })
        #expect(
            settings.listen.address.host == "127.0.0.1" && settings.listen.address.port == 8080
                && settings.listen.address.isLoopback)
        #expect(!settings.asksForKeys && !settings.listen.isTLS)
        #expect(settings.paths.keys == fixture.path + "/state/keys.json")
        #expect(settings.limits.running == 6 && settings.limits.body == 8_388_608)
        #expect(settings.timeouts.finished == 600_000_000_000)
        #expect(settings.notes.isEmpty)
    }

    @Test("an empty variable is none")
    func emptyVariable() throws {
        let settings = try SettingsFixture().settings(environment: ["NESTBOX_LISTEN": "", "NESTBOX_MAX_BODY": ""])
        #expect(settings.row("listen")?.source == .standard && settings.row("max_body")?.source == .standard)
    }

    @Test("lists are lists in the file, and separated by commas elsewhere; flags may be repeated")
    func lists() throws {
        let fixture = try SettingsFixture()
        let both = ["https://a.example", "http://b.example:81"]
        let joined = both.joined(separator: ",")
        #expect(try fixture.settings(["--cors-origins", joined]).access.corsOrigins == both)
        #expect(try fixture.settings(both.map { "--cors-origins=\($0)" }).access.corsOrigins == both)
        #expect(try fixture.settings(environment: ["NESTBOX_CORS_ORIGINS": joined]).access.corsOrigins == both)
        let yaml = "cors_origins:\n  - \(both[0])\n  - \(both[1])\n"
        #expect(try fixture.settings(yaml: yaml).access.corsOrigins == both)
        #expect(try fixture.settings(yaml: "cors_origins: []\n").access.corsOrigins.isEmpty)
    }

    @Test("--config names the file, over the variable; a flag alone is true")
    func config() throws {
        let fixture = try SettingsFixture()
        try fixture.write("log_level: error\n")
        let settings = try fixture.settings(
            ["--config", fixture.file, "--insecure-no-auth", "--listen", "0.0.0.0:80", "--auth=off"],
            environment: ["NESTBOX_CONFIG": "/nonexistent"])
        #expect(settings.log.level == .error && !settings.asksForKeys)
    }
}
