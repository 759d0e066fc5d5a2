import Testing

@testable import ServerSettings

@Suite("Settings that could be passed over")
struct CheckedSettingTests {
    @Test("a comma in the value of a flag is part of it: no error is hidden behind one, no directory lost")
    func commas() throws {
        let fixture = try SettingsFixture()
        for flag in ["--auth=required,", "--auth=required,off", "--listen=0.0.0.0:80,x", "--max-body=1MiB,2MiB"] {
            #expect(try fixture.diagnostics([flag]).count == 1, "\(flag)")
        }
        #expect(try fixture.settings(["--user=a,b"]).access.user == "a,b")
    }

    @Test("one client may have three quarters of the running places, unless something else is set")
    func derived() throws {
        let fixture = try SettingsFixture()
        let settings = try fixture.settings(["--max-running-runs=50"])
        #expect(settings.limits.runningPerClient == 38)
        #expect(
            settings.row("max_running_per_client")
                == .init(
                    name: "max_running_per_client", value: "38", source: .standard))
        #expect(
            try fixture.settings(["--max-running-runs=50", "--max-running-per-client=4"])
                .limits.runningPerClient == 4)
        for (runs, client) in [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (4096, 3072)] {
            #expect(try fixture.settings(["--max-running-runs=\(runs)"]).limits.runningPerClient == client)
        }
        // One error, not two.
        #expect(try fixture.diagnostics(["--max-running-runs=0"]).count == 1)
    }

    @Test("the access log is a place that can be found again, and test runs can be turned off")
    func logsAndTests() throws {
        let fixture = try SettingsFixture()
        let file = "/var/log/nestbox/access.log"
        let good: [(String, ServerSettings.Log.Requests)] = [
            ("stderr", .standardError), ("off", .off), (file, .file(file)),
        ]
        for (text, expected) in good {
            #expect(try fixture.settings(["--access-log", text]).log.requests == expected)
        }
        for bad in ["access.log", "stdout"] {
            #expect(try fixture.diagnostics(["--access-log=\(bad)"]).first?.contains("access_log") == true, "\(bad)")
        }
        #expect(try fixture.settings(["--test-run-interval", "0"]).timeouts.testRun == nil)
        #expect(try fixture.settings().timeouts.testRun == 60_000_000_000)
        #expect(try fixture.diagnostics(["--queue-timeout=0"]).count == 1)
    }

    @Test("the file of keys is shown where it is")
    func keys() throws {
        let fixture = try SettingsFixture()
        let settings = try fixture.settings(["--state", fixture.path + "/other"])
        #expect(settings.paths.keys == fixture.path + "/other/keys.json")
        #expect(settings.row("keys")?.value == settings.paths.keys)
        #expect(try fixture.settings(["--keys=/k"]).paths.keys == "/k")
    }

    @Test("machines of any size have good defaults", arguments: [-1, 0, 1, 2048, 2049, .max])
    func processors(count: Int) throws {
        let fixture = try SettingsFixture()
        var paths = fixture.paths
        paths.processors = count
        let settings = try ServerSettings(
            arguments: ["--config", fixture.file], environment: [:], paths: paths)
        #expect((1...4096).contains(settings.limits.running))
        #expect((1...settings.limits.running).contains(settings.limits.runningPerClient))
    }

    @Test(
        "trusted proxies are addresses and blocks",
        arguments: [
            "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "*", "proxy.example", "::1/129", "[::1]",
            "10.0.0.1:80", "::ffff:10.0.0.0/104", "10.0.0.0/+8",
        ])
    func blocks(text: String) throws {
        let lines = try SettingsFixture().diagnostics(["--trusted-proxies=\(text)"])
        #expect(lines.count == 1 && lines.first?.contains("--trusted-proxies") == true)
    }

    @Test(
        "names of hosts are what a Host header can say",
        arguments: [
            "https://example.org", "*", "a b", "[::1", "[x]", "a:b", "a:99999", "a:", ":80", "größe.example", "*.a:80",
        ])
    func hosts(text: String) throws {
        #expect(try SettingsFixture().diagnostics(["--allowed-hosts=\(text)"]).count == 1)
        let good = "localhost,127.0.0.1,[::1],[::1]:8080,example.org:8080,*.example.org,A_b.example"
        #expect(try SettingsFixture().settings(["--allowed-hosts", good]).access.allowedHosts.count == 7)
    }

    @Test("good blocks are taken")
    func goodBlocks() throws {
        let list = "10.0.0.0/8,192.0.2.1,fd00::/8,::1,0.0.0.0/0"
        #expect(try SettingsFixture().settings(["--trusted-proxies", list]).access.trustedProxies.count == 5)
    }

    @Test("a state directory that is a file, and empty names, are errors with their place")
    func state() throws {
        let fixture = try SettingsFixture()
        #expect(try fixture.diagnostics(["--state", fixture.file]).contains { $0.contains("state (--state)") })
        #expect(try fixture.diagnostics(yaml: "user: \"\"\n").contains { $0.contains("user (\(fixture.file):1)") })
        #expect(try fixture.diagnostics(yaml: "state: \"\"\n").contains { $0.contains("state (\(fixture.file):1)") })
        #expect(try fixture.diagnostics(["--state", fixture.path + "/not-yet"]).isEmpty)
    }

    @Test("errors of addresses, origins and directories say where they are")
    func places() throws {
        let fixture = try SettingsFixture()
        let lines = try fixture.diagnostics(
            ["--listen=x", "--web=/nonexistent"], environment: ["NESTBOX_CORS_ORIGINS": "*"])
        for words in ["listen (--listen)", "web (--web)", "cors_origins ($NESTBOX_CORS_ORIGINS)"] {
            #expect(lines.contains { $0.hasPrefix(words) }, "\(words) in \(lines)")
        }
        #expect(lines.count == 3)
    }

    @Test("a file of comments alone is good", arguments: ["", "\n", "# listen: 127.0.0.1:8080\n", "---\n"])
    func comments(text: String) throws {
        #expect(try SettingsFixture().diagnostics(yaml: text).isEmpty)
    }

    @Test(
        "a setting without a value is an error: null is no name of a user, a file or a directory",
        arguments: ["user:", "keys: ~", "state: null", "cors_origins:", "log_level: Null"])
    func nothing(line: String) throws {
        let fixture = try SettingsFixture()
        let lines = try fixture.diagnostics(yaml: line + "\n")
        #expect(lines.count == 1 && lines.first?.hasPrefix("\(fixture.file):1: ") == true, "\(lines)")
    }

    @Test("compile results get a bounded share of memory, or none")
    func compileCache() throws {
        let fixture = try SettingsFixture()
        #expect(try fixture.settings().limits.compileCache == 256 << 20)
        #expect(try fixture.settings(["--compile-cache=0"]).limits.compileCache == nil)
        #expect(try fixture.settings(yaml: "compile_cache: 1GiB\n").limits.compileCache == 1 << 30)
        for bad in ["-1", "00", "1", "63KiB", "65GiB", "off", "0MiB"] {
            let lines = try fixture.diagnostics(["--compile-cache=\(bad)"])
            #expect(lines.count == 1 && lines.first?.contains("0, or a size") == true, "\(bad): \(lines)")
        }
        // Only where nothing is a choice.
        #expect(try fixture.diagnostics(["--run-buffer=0"]).count == 1)
    }

    @Test("the variable that hands over a warden is known")
    func warden() throws {
        #expect(try SettingsFixture().settings(environment: ["NESTBOX_WARDEN_FD": "3"]).notes.isEmpty)
    }
}
