internal import ArgumentParser
internal import Daemon
internal import Foundation
internal import ServerSettings

/// Where Nestbox keeps its things, as this command line, the environment and the settings of the service say.
struct Folders {
    /// The last one on top.
    let policies: [String]
    /// The last one on top.
    let images: [String]
    let state: String

    /// - Throws: `ValidationError` that names what is wrong.
    init(policies: String? = nil, images: String? = nil, overlay: String? = nil, state: String? = nil) throws {
        let options = ["policies": policies, "images": images, "overlay": overlay, "state": state]
        do throws(ServerSettings.Mistakes) {
            let settings = try FolderSettings(
                options: options.compactMapValues { $0 }, environment: ProcessInfo.processInfo.environment,
                places: Installation.places)
            self.policies = settings.policies
            self.images = settings.images
            self.state = settings.state
        } catch {
            throw ValidationError(error.lines.joined(separator: "; "))
        }
    }

    /// Those that hold without any option, when the settings cannot be understood.
    private init() {
        let places = Installation.places
        policies = [places.policies]
        images = [places.images]
        state = places.state
    }

    /// What `make` finds; it was asked before, when the command line was checked, and had no complaint.
    static func checked(_ make: () throws -> Folders) -> Folders {
        do { return try make() } catch { return Folders() }
    }
}

/// A group of options that says where things are.
protocol FolderOptions: ParsableArguments {
    func find() throws -> Folders
}

extension FolderOptions {
    var folders: Folders { Folders.checked(find) }

    func validate() throws { _ = try find() }
}

struct PoliciesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of policies.", discussion: "Default: $NESTBOX_POLICIES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var policies: String?
}

struct ImagesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of images.", discussion: "Default: $NESTBOX_IMAGES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var images: String?
}

struct OverlayOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder whose policies/ and images/ replace those Nestbox came with, by name.",
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
struct Places: FolderOptions {
    @OptionGroup(title: "Places") var policies: PoliciesOption
    @OptionGroup(title: "Places") var images: ImagesOption
    @OptionGroup(title: "Places") var overlay: OverlayOption
    @OptionGroup(title: "Places") var state: StateOption

    var stateFolder: String { folders.state }

    func find() throws -> Folders {
        try Folders(
            policies: policies.policies, images: images.images, overlay: overlay.overlay, state: state.state)
    }
}

/// Of commands about images.
struct ImagePlaces: FolderOptions {
    @OptionGroup(title: "Places") var images: ImagesOption
    @OptionGroup(title: "Places") var overlay: OverlayOption
    @OptionGroup(title: "Places") var state: StateOption

    func find() throws -> Folders {
        try Folders(images: images.images, overlay: overlay.overlay, state: state.state)
    }
}

/// Of commands about policies, which name images.
struct PolicyPlaces: FolderOptions {
    @OptionGroup(title: "Places") var policies: PoliciesOption
    @OptionGroup(title: "Places") var images: ImagesOption
    @OptionGroup(title: "Places") var overlay: OverlayOption

    func find() throws -> Folders {
        try Folders(policies: policies.policies, images: images.images, overlay: overlay.overlay)
    }
}
