internal import ArgumentParser
internal import Foundation
internal import Images
internal import Policies
internal import SandboxSpec
internal import ServerSettings

/// What the shell offers. Errors in files are no matter for completion: it offers what it can.
enum Completions {
    static var limits: [String] { LimitName.allCases.map { $0.rawValue + "=" } }

    private static var library: ImageLibrary? {
        guard let directories = try? DirectorySettings.find() else { return nil }
        return try? ImageLibrary.usable(directories: directories.images)
    }

    static func languages() -> [String] { (library?.images ?? []).flatMap { [$0.name] + $0.aliases } }

    static func images() -> [String] { (library?.images ?? []).map(\.name) }

    static func policies() -> [String] {
        guard let directories = try? DirectorySettings.find(),
            let set = try? PolicySet.usable(directories: directories.policies)
        else {
            return []
        }
        return set.policies.keys.sorted()
    }

    static func policiesAndFiles(_ prefix: String) -> [String] {
        policies() + files(prefix) { $0.hasSuffix(".yaml") }
    }

    /// `NAME=PATH`, whose path is completed once the name is there.
    static func namedFiles(_ prefix: String) -> [String] {
        guard let split = prefix.firstIndex(of: "=") else {
            return files(prefix) { _ in true }.filter { !$0.hasSuffix("/") }.map { path in
                "\(path.split(separator: "/").last ?? "")=\(path)"
            }
        }
        let name = prefix[...split]
        return files(String(prefix[prefix.index(after: split)...])) { _ in true }.map { name + $0 }
    }

    /// Paths that begin like this; directories end in a slash.
    private static func files(_ prefix: String, _ isWanted: (String) -> Bool) -> [String] {
        let cut = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let directory = String(prefix[..<cut])
        let beginning = prefix[cut...]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)) ?? []
        return names.filter { $0.hasPrefix(beginning) && (!$0.hasPrefix(".") || beginning.hasPrefix(".")) }.sorted()
            .compactMap { name in
                if Installation.isDirectory(directory + name) { return directory + name + "/" }
                return isWanted(name) ? directory + name : nil
            }
    }

    /// Flags of the service, or the values of the flag that was typed last.
    static func settings(after words: [String]) -> [String] {
        let settings = Setting.all(Installation.paths)
        if let last = words.dropLast().last, let setting = settings.first(where: { $0.flag == last }),
            case .choice(let values) = setting.kind
        {
            return values
        }
        return settings.map(\.flag) + ["--config", "--help"]
    }
}
