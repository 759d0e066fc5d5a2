extension ServerSettings {
    /// Files and directories of the service.
    package struct Paths: Sendable {
        var policies = ""
        var images = ""
        var examples = ""
        var overlay = ""
        /// The directories of policies, the last one on top.
        package internal(set) var policyDirectories: [String] = []
        /// The directories of images, the last one on top.
        package internal(set) var imageDirectories: [String] = []
        /// The directories of examples, the last one on top; they may be absent.
        package internal(set) var exampleDirectories: [String] = []
        /// The directory of image roots and keys.
        package internal(set) var state = ""
        /// The directory of the page and the contract.
        package internal(set) var web = ""
        /// The directory of stored sessions, or `off`.
        package internal(set) var sessions = ""
        /// The directory of stored workspaces, or `off`.
        package internal(set) var workspaces = ""
        /// The image of workspaces that name none.
        package internal(set) var workspaceImage = ""
        /// The file of API keys.
        package internal(set) var keys = ""
    }
}
