package import SandboxSpec

/// How an image holds a living interpreter: the driver, which speaks with the service, and the command that starts it.
package struct SessionRecipe: Sendable, Equatable {
    /// The most bytes of all files together: they travel with the job, beside arguments and environment.
    package static let maximumBytes = 40_960
    /// The most files besides the driver.
    package static let maximumFiles = 8

    /// What the driver is called in /box; also the file at whose first look a booted or forked interpreter waits.
    package let script: String
    /// The driver, and what else is to be there when it starts, as they were when the description was read.
    package let files: [InlineFile]
    /// The command, in /box.
    package let run: [String]
    /// `KEY=VALUE` strings that win over the image's own.
    package let environment: [String]
    package let warm: WarmRecipe

    package init(
        script: String, files: [InlineFile], run: [String], environment: [String], warm: WarmRecipe
    ) {
        self.script = script
        self.files = files
        self.run = run
        self.environment = environment
        self.warm = warm
    }
}
