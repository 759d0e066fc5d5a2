internal import Daemon
internal import Glibc
internal import Images
internal import LinuxSystem
internal import Policies
internal import RunModel

/// What of Nestbox itself is in its place.
enum InstallationChecks {
    static func findings(_ places: Places) -> [Finding] {
        [root(), capabilities()] + executables() + [policies(places), state(places), images(places)]
    }

    private static func root() -> Finding {
        Finding(
            "root", geteuid() == 0, found: "uid \(geteuid())",
            consequence: "no warden can be started: it writes id maps of unique host uids and makes cgroups",
            remedy: "run nestbox with sudo")
    }

    /// What the warden needs, by number (linux/capability.h).
    private static let needed: [(name: String, bit: UInt64)] = [
        ("chown", 0), ("dac_override", 1), ("kill", 5), ("setgid", 6), ("setuid", 7), ("setpcap", 8),
        ("sys_admin", 21),
    ]

    private static func capabilities() -> Finding {
        let line = KernelChecks.text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let mask = line.flatMap { $0.split(separator: "\t").last }.flatMap { UInt64($0, radix: 16) } ?? 0
        let missing = needed.filter { mask & (1 << $0.bit) == 0 }.map { "CAP_\($0.name.uppercased())" }
        return Finding(
            "capabilities", missing.isEmpty,
            found: missing.isEmpty ? "all that are needed" : "without \(missing.joined(separator: " "))",
            consequence: "the warden cannot make sandboxes",
            remedy: geteuid() == 0 ? "start this container with these capabilities" : "run nestbox with sudo")
    }

    private static func executables() -> [Finding] {
        switch Installation.warden() {
        case .failure(let missing):
            return [
                Finding(
                    "nestbox-warden", false, found: "not in \(missing.tried.joined(separator: ", "))",
                    consequence: "nothing can be run", remedy: "install it, or set NESTBOX_WARDEN to its path")
            ]
        case .success(let warden):
            let folder = warden.split(separator: "/").dropLast().joined(separator: "/")
            let initPath = "/\(folder)/nestbox-init"
            return [
                Finding("nestbox-warden", true, found: warden, consequence: "", remedy: ""),
                Finding(
                    "nestbox-init", Installation.isExecutable(initPath), found: initPath,
                    consequence: "no sandbox can be made", remedy: "install it beside nestbox-warden"),
            ]
        }
    }

    private static func policies(_ places: Places) -> Finding {
        do throws(ConfigurationError) {
            let count = try PolicySet.load(directory: places.policyFolder).policies.count
            return Finding(
                "policies", true, found: "\(count) in \(places.policyFolder)", consequence: "", remedy: "")
        } catch {
            return Finding(
                "policies", false, found: "\(error.mistakes.count + error.omitted) mistakes in \(places.policyFolder)",
                consequence: "nothing can be run", remedy: "nestbox policy check")
        }
    }

    private static func state(_ places: Places) -> Finding {
        // The folder is made by the first build: until then its parent tells.
        var path = places.stateFolder
        while path != "/", !Installation.isFolder(path) {
            path = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
        }
        let free = freeBytes(path)
        let isRoomy = free >= 2_147_483_648
        return Finding(
            "state folder", isRoomy, found: "\(places.stateFolder), \(Summary.bytes(free)) free", otherwise: .degraded,
            consequence: "images may not fit: one takes 100 MiB to 1 GiB", remedy: "make room, or use --state")
    }

    private static func freeBytes(_ folder: String) -> Int64 {
        do {
            let directory = try Files.open(folder, flags: O_RDONLY | O_DIRECTORY)
            return try Files.space(of: directory.number).freeBytes
        } catch {
            return 0
        }
    }

    private static func images(_ places: Places) -> Finding {
        let library: ImageLibrary
        do throws(APIError) {
            library = try Catalog.images(places)
        } catch {
            let first = error.message.split(separator: "\n").first.map(String.init) ?? error.message
            return Finding(
                "images", false, found: first, consequence: "nothing can be run", remedy: "mend the images' files")
        }
        let statuses = ImageStore(state: places.stateFolder).list(library.images)
        var usable: [String] = []
        var others: [String] = []
        for status in statuses {
            switch status.state {
            case .ready, .built: usable.append(status.name)
            case .missing, .building, .interrupted, .unusable: others.append("\(status.name) \(status.state.word)")
            }
        }
        var found = usable.isEmpty ? "none usable" : "usable: \(usable.joined(separator: ", "))"
        if !others.isEmpty { found += "; \(others.joined(separator: ", "))" }
        var finding = Finding(
            "images", !usable.isEmpty, found: found, consequence: "nothing can be run",
            remedy: "nestbox image build --all")
        if finding.status == .ok, !others.isEmpty {
            finding.status = .degraded
            finding.consequence = "programs of the other languages cannot be run"
            finding.remedy = "nestbox image build --all"
        }
        return finding
    }
}
