internal import ArgumentParser
internal import Foundation
internal import ServerSettings

extension DirectorySettings {
    /// What this command line, the environment and the settings of the service say.
    ///
    /// - Throws: `ValidationError` that names what is wrong.
    static func find(
        policies: String? = nil, images: String? = nil, examples: String? = nil, overlay: String? = nil,
        state: String? = nil
    ) throws -> DirectorySettings {
        let options = [
            "policies": policies, "images": images, "examples": examples, "overlay": overlay, "state": state,
        ]
        do throws(SettingsError) {
            return try DirectorySettings(
                options: options.compactMapValues { $0 }, environment: ProcessInfo.processInfo.environment,
                paths: Installation.paths)
        } catch {
            throw ValidationError(error.diagnostics.joined(separator: "; "))
        }
    }
}

/// A group of options that says where directories are.
protocol DirectoryOptionGroup: ParsableArguments {
    func find() throws -> DirectorySettings
}

extension DirectoryOptionGroup {
    /// What `find` says. The parser called `validate` before, which throws what is wrong; the defaults stand in for that.
    var found: DirectorySettings {
        do { return try find() } catch { return DirectorySettings(defaults: Installation.paths) }
    }

    func validate() throws { _ = try find() }
}

struct PoliciesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory of policies.", discussion: "Default: $NESTBOX_POLICIES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var policies: String?
}

struct ImagesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory of images.", discussion: "Default: $NESTBOX_IMAGES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var images: String?
}

struct OverlayOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory whose policies/, images/ and examples/ replace those Nestbox came with, by name.",
            discussion: "Default: $NESTBOX_OVERLAY, or /etc/nestbox.", valueName: "dir"), completion: .directory)
    var overlay: String?
}

struct StateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where built image roots are kept.", discussion: "Default: $NESTBOX_STATE, or /var/lib/nestbox.",
            valueName: "dir"), completion: .directory)
    var state: String?
}

/// Of commands that run programs.
struct DirectoryOptions: DirectoryOptionGroup {
    @OptionGroup(title: "Directories") var policies: PoliciesOption
    @OptionGroup(title: "Directories") var images: ImagesOption
    @OptionGroup(title: "Directories") var overlay: OverlayOption
    @OptionGroup(title: "Directories") var state: StateOption

    var stateDirectory: String { found.state }

    func find() throws -> DirectorySettings {
        try DirectorySettings.find(
            policies: policies.policies, images: images.images, overlay: overlay.overlay, state: state.state)
    }
}

/// Of commands about images.
struct ImageDirectoryOptions: DirectoryOptionGroup {
    @OptionGroup(title: "Directories") var images: ImagesOption
    @OptionGroup(title: "Directories") var overlay: OverlayOption
    @OptionGroup(title: "Directories") var state: StateOption

    func find() throws -> DirectorySettings {
        try DirectorySettings.find(images: images.images, overlay: overlay.overlay, state: state.state)
    }
}

struct ExamplesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory of examples.", discussion: "Default: $NESTBOX_EXAMPLES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var examples: String?
}

/// Of commands about examples.
struct ExampleDirectoryOptions: DirectoryOptionGroup {
    @OptionGroup(title: "Directories") var examples: ExamplesOption
    @OptionGroup(title: "Directories") var overlay: OverlayOption

    func find() throws -> DirectorySettings {
        try DirectorySettings.find(examples: examples.examples, overlay: overlay.overlay)
    }
}

/// Of commands about policies, which name images.
struct PolicyDirectoryOptions: DirectoryOptionGroup {
    @OptionGroup(title: "Directories") var policies: PoliciesOption
    @OptionGroup(title: "Directories") var images: ImagesOption
    @OptionGroup(title: "Directories") var overlay: OverlayOption

    func find() throws -> DirectorySettings {
        try DirectorySettings.find(policies: policies.policies, images: images.images, overlay: overlay.overlay)
    }
}
