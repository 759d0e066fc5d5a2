internal import ConfigurationFiles
internal import Images
internal import Policies

/// The files of images and policies that are in force, found as a full catalog finds them, and not read.
struct CatalogSources {
    /// By name.
    let images: [(name: String, directory: String)]
    let policies: [String]
    let groups: [String]
    let networks: [String]
    /// A line for each file: its path, and what changes when the file does.
    let lines: [String]
    /// Whether another change of any of them would show in the lines.
    let isSettled: Bool

    /// - Returns: nil when something cannot be found out; then a full catalog says what.
    init?(images imageDirectories: [String], policies policyDirectories: [String]) {
        do throws(ConfigurationError) {
            images = try ImageLibrary.places(in: imageDirectories)
            (policies, groups, networks) = try PolicySet.files(in: policyDirectories)
        } catch {
            return nil
        }
        var lines: [String] = []
        var isSettled = true
        for path in images.map({ $0.directory + "/image.yaml" }) + policies + groups + networks {
            guard let stamp = FileStamp(path), CatalogIndex.isField(path) else { return nil }
            lines.append("\(path)\t\(stamp)")
            isSettled = isSettled && stamp.isSettled
        }
        self.lines = lines
        self.isSettled = isSettled
    }
}
