internal import ConfigurationFiles
internal import Glibc
internal import Images
internal import LinuxSystem
internal import Policies
internal import RunModel
internal import ServerSettings

/// What of Nestbox itself is in its place.
enum InstallationChecks {
    static func findings(_ directories: DirectoryOptions) -> [Finding] {
        [root(), capabilities()] + executables()
            + [policies(directories.found), state(directories.found), images(directories.found)]
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
            let directory = warden.split(separator: "/").dropLast().joined(separator: "/")
            let initPath = "/\(directory)/nestbox-init"
            return [
                Finding("nestbox-warden", true, found: warden, consequence: "", remedy: ""),
                Finding(
                    "nestbox-init", Installation.isExecutable(initPath), found: initPath,
                    consequence: "no sandbox can be made", remedy: "install it beside nestbox-warden"),
            ]
        }
    }

    private static func policies(_ directories: DirectorySettings) -> Finding {
        let place = directories.policies.joined(separator: ", ")
        let set: PolicySet
        do throws(ConfigurationError) {
            set = try PolicySet.usable(directories: directories.policies)
        } catch {
            return Finding(
                "policies", false, found: first(error), consequence: "nothing can be run",
                remedy: "nestbox policy check")
        }
        let images = try? ImageLibrary.usable(directories: directories.images)
        let unknown = images.flatMap { set.unknownImages(among: $0.names) }
        let count = Table.count(set.policies.count, "policy", "policies")
        guard let error = set.diagnostics ?? unknown else {
            return Finding("policies", true, found: "\(count) in \(place)", consequence: "", remedy: "")
        }
        let broken = set.broken.keys.sorted()
        return Finding(
            "policies", false, found: "\(count) in \(place); \(first(error))", otherwise: .degraded,
            consequence: broken.isEmpty
                ? "a policy is for an image that is not there"
                : "out of use because of errors: \(broken.joined(separator: ", "))",
            remedy: "nestbox policy check")
    }

    /// The first error, and how many more there are.
    private static func first(_ error: ConfigurationError) -> String {
        let more = error.diagnostics.count + error.omitted - 1
        return (error.diagnostics.first.map(\.description) ?? "") + (more > 0 ? " and \(more) more" : "")
    }

    private static func state(_ directories: DirectorySettings) -> Finding {
        // The directory is made by the first build: until then its parent tells.
        var path = directories.state
        while path != "/", !Installation.isDirectory(path) {
            path = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
        }
        let (free, inodes) = room(path)
        let isRoomy = free >= 2_147_483_648 && inodes >= 100_000
        return Finding(
            "state directory", isRoomy,
            found:
                "\(directories.state), \(Summary.bytes(free)) and \(inodes == .max ? "any number of" : "\(inodes)") files free",
            otherwise: .degraded,
            consequence: "images may not fit: one takes 100 MiB to 1 GiB, and ten thousands of files",
            remedy: "make room, or use --state")
    }

    /// Bytes and files that are free; some file systems do not count files.
    private static func room(_ directory: String) -> (bytes: Int64, files: Int64) {
        do {
            let directory = try Files.open(directory, flags: O_RDONLY | O_DIRECTORY)
            let space = try Files.space(of: directory.number)
            return (space.freeBytes, space.inodes == 0 ? .max : space.freeInodes)
        } catch {
            return (0, 0)
        }
    }

    private static func images(_ directories: DirectorySettings) -> Finding {
        let library: ImageLibrary
        do throws(ConfigurationError) {
            library = try ImageLibrary.usable(directories: directories.images)
        } catch {
            return Finding(
                "images", false, found: first(error), consequence: "nothing can be run",
                remedy: "fix the image's file; 'nestbox image list' shows every error")
        }
        let statuses = ImageStore(state: directories.state).list(library.images)
        var usable: [String] = []
        var unusable: [String] = []
        var unbuilt = 0
        for status in statuses {
            switch status.state {
            case .ready, .built: usable.append(status.name)
            case .missing, .building, .interrupted: unbuilt += 1
            case .unusable: unusable.append(status.name)
            }
        }
        var found = usable.isEmpty ? "none can be used" : "usable: \(usable.joined(separator: ", "))"
        // An operator need not build all of them: those that were never built are no fault.
        if unbuilt > 0 { found += "; not built: \(unbuilt)" }
        let broken = library.broken.keys.sorted() + unusable
        if !broken.isEmpty { found += "; out of use: \(broken.joined(separator: ", "))" }
        if usable.isEmpty {
            let one = library.images.contains { $0.name == "python" } ? "python" : library.images.first?.name ?? "NAME"
            return Finding(
                "images", false, found: found, consequence: "nothing can be run",
                remedy: "nestbox image build \(one), some minutes; 'nestbox image list' shows the others")
        }
        return Finding(
            "images", broken.isEmpty, found: found, otherwise: .degraded,
            consequence: "programs of \(broken.joined(separator: ", ")) cannot be run",
            remedy: "'nestbox image list' says what is wrong with each")
    }
}
