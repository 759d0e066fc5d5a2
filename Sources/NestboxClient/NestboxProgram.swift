/// A program to run, as the API takes it; docs/api.md has what each field means.
public struct NestboxProgram: Sendable {
    /// A file below /box.
    public struct File: Sendable {
        /// Relative to /box.
        public var name: String
        /// Its content, written in `encoding`.
        public var content: String
        /// `utf8` or `base64`.
        public var encoding: String
        /// Whether the program may execute it.
        public var executable: Bool

        /// A file of this name and content.
        public init(name: String, content: String, encoding: String = "utf8", executable: Bool = false) {
            self.name = name
            self.content = content
            self.encoding = encoding
            self.executable = executable
        }
    }

    /// Name or alias of a language of the service.
    public var language: String
    /// The program itself; without it, one of `files` has the language's own file name.
    public var code: String?
    /// Other files in /box.
    public var files: [File] = []
    /// The name of the main file; nil for the language's own.
    public var main: String?
    /// Additional options for the compiler, of those that the language allows.
    public var compilerOptions: [String] = []
    /// The whole input of the program; nil if the input is sent while the program runs.
    public var stdin: String?
    /// Its arguments.
    public var args: [String] = []
    /// Added to its environment.
    public var env: [String: String] = [:]
    /// A policy by name; nil for the language's own.
    public var policy: String?
    /// With units: `["cpu": "2s"]`.
    public var limits: [String: String] = [:]
    /// `none`; `loopback`: a network of its own, shared with no other sandbox; or `egress`: the outside, as far as the policy goes. Nil
    /// for the policy's own.
    public var network: String?
    /// The hosts outside that it wants to reach, of those that the policy allows: `["www.example.org:443"]`. Nil for all of them;
    /// anything else stands in the place of `network`.
    public var egress: [String]?
    /// Globs below /box of files to export at the end; nil for the language's own.
    public var artifacts: [String]?
    /// `off` compiles even what the service has compiled before; nil for `on`.
    public var cache: String?
    /// `line`: output is sent as it is written, which is the default; `full`: when the language's own buffer is full.
    public var buffering: String?
    /// `syntax` has the program compiled or parsed, and not run.
    public var check: String?

    /// A program that consists of its text only.
    public init(language: String, code: String? = nil) {
        self.language = language
        self.code = code
    }
}
