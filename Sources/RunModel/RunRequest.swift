/// A program as a client hands it in, whichever way it comes: nothing in it has been checked yet; the planner does that.
package struct RunRequest: Sendable, Equatable {
    /// A file to be written under /box before the program starts.
    package struct File: Sendable, Equatable {
        package var path: String
        package var content: [UInt8]
        package var executable: Bool

        package init(path: String, content: [UInt8], executable: Bool = false) {
            self.path = path
            self.content = content
            self.executable = executable
        }
    }

    /// A language by its name or an alias.
    package var language: String
    /// A policy by name; the one named like the language's image when absent.
    package var policy: String?
    /// The program text, which becomes the main file; without it, one of `files` is that.
    package var code: [UInt8]?
    package var files: [File]
    /// Which file is the main one, relative to /box; the image's own file name when absent.
    package var main: String?
    /// Added to the compiler's; the image says which are allowed.
    package var compilerOptions: [String]
    package var arguments: [String]
    package var environment: [String: String]
    /// Wanted limits of the run step, with units: `["cpu": "2s"]`.
    package var limits: [String: String]
    /// The wanted network; the policy's own when absent.
    package var network: NetworkRequest?
    /// Globs, relative to /box, of the files to export at the end; the image's own when absent.
    package var artifacts: [String]?
    /// When what the program prints is to come.
    package var buffering: OutputBuffering
    /// What is to be found out about the program in place of running it.
    package var check: RequestedCheck?

    package init(
        language: String, policy: String? = nil, code: [UInt8]? = nil, files: [File] = [], main: String? = nil,
        compilerOptions: [String] = [], arguments: [String] = [], environment: [String: String] = [:],
        limits: [String: String] = [:], network: NetworkRequest? = nil, artifacts: [String]? = nil,
        buffering: OutputBuffering = .line, check: RequestedCheck? = nil
    ) {
        self.language = language
        self.policy = policy
        self.code = code
        self.files = files
        self.main = main
        self.compilerOptions = compilerOptions
        self.arguments = arguments
        self.environment = environment
        self.limits = limits
        self.network = network
        self.artifacts = artifacts
        self.buffering = buffering
        self.check = check
    }

    /// The most files one request may carry, the main one included.
    package static let maximumFiles = 256
    /// The longest name of an environment variable, and of its value, in bytes.
    package static let maximumEnvironmentNameBytes = 255
}
