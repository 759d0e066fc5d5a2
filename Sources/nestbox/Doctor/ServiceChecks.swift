internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import ServerSettings

/// What the service needs beyond runs: settings, its user, its directories, descriptors, its address. `nestbox run` works without.
enum ServiceChecks {
    static func findings() -> [Finding] {
        let settings: ServerSettings
        do throws(SettingsError) {
            settings = try ServerSettings(
                arguments: [], environment: ProcessInfo.processInfo.environment, paths: Installation.paths)
        } catch {
            let more = error.diagnostics.count > 1 ? " and \(error.diagnostics.count - 1) more" : ""
            return [
                Finding(
                    "settings", false, found: (error.diagnostics.first ?? "") + more, otherwise: .degraded,
                    consequence: "the service does not start", remedy: "nestbox config show names all of them")
            ]
        }
        return [
            Finding("settings", true, found: "as they should be", consequence: "", remedy: ""),
            user(settings.access.user), descriptors(), address(settings), keys(settings),
            configuration(settings), directories(settings),
        ]
    }

    private static func user(_ name: String) -> Finding {
        let entry = getpwnam(name)
        let isRoot = entry.map { $0.pointee.pw_uid == 0 || $0.pointee.pw_gid == 0 } ?? false
        return Finding(
            "user of the service", entry != nil && !isRoot,
            found: entry.map { "\(name), uid \($0.pointee.pw_uid)" } ?? "no user \(name)", otherwise: .degraded,
            consequence: isRoot ? "the service must not be root, and does not start" : "the service does not start",
            remedy: "adduser --system --group --no-create-home nestbox, or another one as `user` in the settings")
    }

    /// What the units give; a plain root shell often has as many.
    static let enoughDescriptors: rlim_t = 65_536

    private static func descriptors() -> Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Finding(
            "open descriptors", limit.rlim_max >= enoughDescriptors, found: "at most \(limit.rlim_max)",
            otherwise: .degraded,
            consequence: "a service that is started here accepts fewer connections than max_connections",
            remedy: "ulimit -Hn 524288, or LimitNOFILE= of the unit")
    }

    private static func address(_ settings: ServerSettings) -> Finding {
        let address = settings.listen.address
        let text = address.host.contains(":") ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
        let problem = ListenProbe.problem(host: address.host, port: address.port)
        let isOurs = problem == EADDRINUSE && ListenProbe.serviceRuns
        let found =
            problem == 0
            ? "\(text) is free" : isOurs ? "\(text), where nestboxd runs" : "\(text): \(errnoDescription(problem))"
        return Finding(
            "address", problem == 0 || isOurs, found: found, otherwise: .degraded,
            consequence: "the service does not start",
            remedy: problem == EACCES
                ? "a port above 1023, or nestboxd.socket" : "end what listens there (ss -ltnp), or change `listen`")
    }

    private static func keys(_ settings: ServerSettings) -> Finding {
        let isThere = access(settings.paths.keys, F_OK) == 0
        return Finding(
            "API keys", isThere || !settings.asksForKeys,
            found: settings.asksForKeys
                ? (isThere ? settings.paths.keys : "asked for, and \(settings.paths.keys) is not there")
                : "not asked for", otherwise: .degraded, consequence: "nobody can use the service",
            remedy: "nestbox key create NAME")
    }

    /// Whoever can write rules decides what foreign code may do.
    private static func configuration(_ settings: ServerSettings) -> Finding {
        let places = settings.paths.policyDirectories + settings.paths.imageDirectories + ["/etc/nestbox"]
        let open = places.filter { path in
            guard let status = status(path) else { return false }
            return status.st_uid != 0 || status.st_mode & 0o022 != 0
        }
        return Finding(
            "configuration", open.isEmpty,
            found: open.isEmpty
                ? "root's alone to write" : "others may write \(Array(Set(open)).sorted().joined(separator: ", "))",
            otherwise: .degraded, consequence: "whoever can write there decides what foreign code may do",
            remedy: "chown root:root and chmod go-w these directories")
    }

    /// What the service writes has to be its user's, the state directory itself root's: the roots of images are there.
    private static func directories(_ settings: ServerSettings) -> Finding {
        var wrong: [String] = []
        if let state = status(settings.paths.state), state.st_uid != 0 || state.st_mode & 0o022 != 0 {
            wrong.append("\(settings.paths.state) is not root's alone to write")
        }
        if let entry = getpwnam(settings.access.user) {
            let sessions = settings.paths.sessions == "off" ? [] : [settings.paths.sessions]
            for path in ["generations", "tenants"].map({ settings.paths.state + "/" + $0 }) + sessions {
                if let status = status(path), status.st_uid != entry.pointee.pw_uid {
                    wrong.append("\(path) is not \(settings.access.user)'s")
                }
            }
            if let log = settings.log.audit {
                let directory = log.split(separator: "/").dropLast().joined(separator: "/")
                if status("/" + directory) == nil { wrong.append("/\(directory) is not there, for the audit log") }
            }
        }
        return Finding(
            "directories", wrong.isEmpty,
            found: wrong.isEmpty ? "owned as they should be" : wrong.joined(separator: ", "),
            otherwise: .degraded,
            consequence: "the service cannot keep generations, sessions or its audit log, or its roots are not trusted",
            remedy: "chown them, or start the service once: it makes those that are missing")
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return stat(path, &found) == 0 ? found : nil
    }
}
