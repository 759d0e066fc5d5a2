/// How an image holds a living interpreter: the driver, which speaks with the service, and the command that starts it.
package struct SessionRecipe: Sendable, Equatable {
    /// The longest driver: it travels with the job, beside arguments and environment.
    package static let maximumDriverBytes = 40_960

    /// What the driver is called in /box; also the file at whose first look a booted or forked interpreter waits.
    package let file: String
    /// The driver's text, as it was when the description was read.
    package let driver: [UInt8]
    /// The command, in /box.
    package let run: [String]
    /// `KEY=VALUE` strings that win over the image's own.
    package let environment: [String]
    package let warm: WarmRecipe

    package init(file: String, driver: [UInt8], run: [String], environment: [String], warm: WarmRecipe) {
        self.file = file
        self.driver = driver
        self.run = run
        self.environment = environment
        self.warm = warm
    }
}
