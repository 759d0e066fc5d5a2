internal import ArgumentParser
internal import Images
internal import Policies
internal import SandboxSpec

/// What the shell offers. Mistakes in files are no matter for completion: it offers what it can.
enum Completions {
    static var limits: [String] { LimitName.allCases.map { $0.rawValue + "=" } }

    static func languages() -> [String] {
        guard let places = try? Places.parse([]), let library = try? ImageLibrary(directory: places.imageFolder) else {
            return []
        }
        return library.images.flatMap { [$0.name] + $0.aliases }
    }

    static func images() -> [String] {
        guard let places = try? Places.parse([]), let library = try? ImageLibrary(directory: places.imageFolder) else {
            return []
        }
        return library.images.map(\.name)
    }

    static func policies() -> [String] {
        guard let places = try? Places.parse([]), let set = try? PolicySet.load(directory: places.policyFolder) else {
            return []
        }
        return set.policies.keys.sorted()
    }
}
