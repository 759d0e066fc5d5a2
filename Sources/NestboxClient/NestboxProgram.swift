/// A program to run, as the API takes it; docs/api.md has what each field means.
public struct NestboxProgram: Sendable {
    /// A file below /box.
    public struct File: Sendable {
        /// Relative to /box.
        public var name: String
        /// What is in it, as `encoding` says.
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
    /// What lies beside it.
    public var files: [File] = []
    /// The name of the main file; the language's own without.
    public var main: String?
    /// Added to the compiler's; the language says which are allowed.
    public var compilerOptions: [String] = []
    /// What the program reads at once; without it, what it is sent while it runs.
    public var stdin: String?
    /// Its arguments.
    public var args: [String] = []
    /// Added to its environment.
    public var env: [String: String] = [:]
    /// A policy by name; the language's own without.
    public var policy: String?
    /// With units: `["cpu": "2s"]`.
    public var limits: [String: String] = [:]
    /// `none`, or `loopback`: a network of its own with nobody else in it; the policy's own without.
    public var network: String?
    /// Globs below /box of files to hand out at the end; the language's own without.
    public var artifacts: [String]?
    /// `off` compiles even what the service has compiled before; `on` without.
    public var cache: String?
    /// `line`: output comes as it is written, which is the default; `full`: when the language's own buffer is full.
    public var buffering: String?
    /// `syntax` has the program compiled or parsed, and not run.
    public var check: String?

    /// A program with nothing but its text.
    public init(language: String, code: String? = nil) {
        self.language = language
        self.code = code
    }
}
