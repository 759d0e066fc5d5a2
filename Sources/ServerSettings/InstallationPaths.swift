/// The directories of an installation: the defaults of the settings that depend on it.
package struct InstallationPaths: Sendable {
    package var policies: String
    package var images: String
    /// The directory of examples, which may be absent.
    package var examples: String
    /// The directory whose `policies/`, `images/` and `examples/` replace the installed ones.
    package var overlay: String
    /// The directory of image roots and keys.
    package var state: String
    /// The directory of the page and the contract.
    package var web: String
    /// Processors of this machine, from which defaults are derived.
    package var processors: Int

    package init(
        policies: String, images: String, examples: String, overlay: String = "/etc/nestbox", state: String,
        web: String, processors: Int
    ) {
        self.policies = policies
        self.images = images
        self.examples = examples
        self.overlay = overlay
        self.state = state
        self.web = web
        self.processors = processors
    }
}
